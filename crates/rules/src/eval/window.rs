//! Windows: which stretch of time counts at an instant, and when that next changes.
//!
//! Several windows mean their overlap. A window that slides tells how long after an event the
//! event falls out, so that the flip is exact; a calendar window changes at its next midnight.

use firsthand_model::time::{Period, add_months};
use firsthand_model::{Calendar, Date, Span, Time};

use super::expr::{Expr, Ref, Scope};

/// The overlap of some stretches; `ever` if there are none.
#[derive(Clone, Debug, Default)]
pub struct Window {
    /// The stretches.
    pub parts: Vec<Part>,
}

/// One stretch of time, as of an instant t.
#[derive(Clone, Debug)]
pub enum Part {
    /// (t - length - ago, t - ago].
    Sliding {
        /// How long.
        length: Span,
        /// How long ago it ended.
        ago: Span,
    },
    /// The dates up to today's: so many days, months or years.
    Dates {
        /// How many.
        count: i32,
        /// Of what.
        unit: Period,
        /// By how many of them it is moved back.
        ago: i32,
    },
    /// A calendar period: the running one (`full` 0), or the last full ones.
    Calendar {
        /// Which.
        unit: Period,
        /// How many full ones; 0 for the running one.
        full: i32,
        /// By how many it is moved back.
        ago: i32,
    },
    /// A billing period, counted from the anchor's day of the month.
    Billing {
        /// The anchor's instant.
        anchor: Expr,
        /// How many full ones; 0 for the running one.
        full: i32,
        /// By how many it is moved back.
        ago: i32,
    },
    /// Relative to a moment: from `from` after it to before `to` after it.
    Moment {
        /// The moment's instant.
        at: Expr,
        /// Offset of the beginning; `None` reaches back for ever.
        from: Option<Span>,
        /// Offset of the end; `None` has no end.
        to: Option<Span>,
        /// Whether the moment may move once it is set.
        moves: Moves,
    },
}

/// Whether a moment may move once it is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moves {
    /// It stays: a date, the first event of a kind.
    Never,
    /// It moves on: the last event of a kind.
    Forward,
    /// It goes where it likes: a trait.
    Anyhow,
}

/// What a window is at an instant.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a question of its own")]
pub struct Bounds {
    /// Whether it can be told; if not, all that hangs on it is unknown.
    pub known: bool,
    /// The first instant inside.
    pub from: Time,
    /// Whether `from` merely follows an instant that is just outside (a sliding window).
    pub after: bool,
    /// The first instant no longer inside; beyond now where the window is still running.
    pub to: Time,
    /// Whether it hangs on moments alone and has an end that is still to come.
    pub open: bool,
    /// Whether no event to come can ever be inside: it ended at a moment that stays where it is.
    pub closed: bool,
    /// What happened before this instant will never be inside again.
    pub gone_before: Time,
    /// The next instant at which time alone changes the bounds by a step.
    pub next: Time,
    /// An event falls out this long after it happened.
    pub leaves_after: Option<Span>,
    /// An event comes in this long after it happened.
    pub enters_after: Option<Span>,
}

impl Window {
    /// Whether everything up to now counts.
    pub fn is_ever(&self) -> bool {
        self.parts.is_empty()
    }

    /// Whether it lies between moments, and behind the instant of its bounds: it changes only if
    /// these move.
    pub(crate) fn is_over(&self, bounds: &Bounds, now: Time) -> bool {
        let of_moments = || self.parts.iter().all(|it| matches!(it, Part::Moment { .. }));
        bounds.known && bounds.to <= now && !self.is_ever() && of_moments()
    }

    /// Calls `change` with each reference to a node.
    pub fn change_references(&mut self, change: &mut dyn FnMut(&mut Ref)) {
        for part in &mut self.parts {
            if let Part::Moment { at, .. } | Part::Billing { anchor: at, .. } = part {
                at.change_references(change);
            }
        }
    }

    /// Where the window lies at the scope's instant.
    pub fn bounds(&self, scope: &Scope<'_>) -> Bounds {
        let now = scope.now;
        let mut bounds = Bounds {
            known: true,
            from: Time::MIN,
            after: false,
            to: Time(now.0 + 1),
            open: false,
            closed: false,
            gone_before: Time::MIN,
            next: Time::MAX,
            leaves_after: None,
            enters_after: None,
        };
        let (mut hangs, mut end) = (!self.parts.is_empty(), Time::MAX);
        for part in &self.parts {
            match part {
                Part::Sliding { length, ago } => {
                    hangs = false;
                    let leaves = length.saturating_add(*ago);
                    bounds.begin(now - leaves + Span(1), Begin::After);
                    bounds.to = bounds.to.min(now - *ago + Span(1));
                    bounds.leaves_after =
                        Some(bounds.leaves_after.map_or(leaves, |it| it.min(leaves)));
                    if ago.0 > 0 {
                        bounds.enters_after =
                            Some(bounds.enters_after.map_or(*ago, |it| it.max(*ago)));
                    }
                }
                Part::Dates { count, unit, ago } => {
                    hangs = false;
                    let today = scope.calendar.date(now);
                    let last = back(scope.calendar, today, *unit, *ago);
                    let first = back(scope.calendar, last, *unit, *count);
                    bounds.begin(scope.calendar.start_of(Date(first.0 + 1)), Begin::At);
                    if *ago > 0 {
                        bounds.to = bounds.to.min(scope.calendar.start_of(Date(last.0 + 1)));
                    }
                    bounds.next = bounds.next.min(scope.calendar.start_of(Date(today.0 + 1)));
                }
                Part::Calendar { unit, full, ago } => {
                    hangs = false;
                    let calendar = scope.calendar;
                    let this = calendar.period_start(*unit, calendar.date(now));
                    let from = calendar.period_add(*unit, this, -full - ago);
                    let to = calendar.period_add(*unit, from, (*full).max(1));
                    bounds.begin(calendar.start_of(from), Begin::At);
                    bounds.to = bounds.to.min(calendar.start_of(to));
                    let next = calendar.period_add(*unit, this, 1);
                    bounds.next = bounds.next.min(calendar.start_of(next));
                }
                Part::Billing { anchor, full, ago } => {
                    hangs = false;
                    let Some(anchor) = anchor.eval(scope, &mut bounds.next).as_time() else {
                        bounds.known = false;
                        continue;
                    };
                    let calendar = scope.calendar;
                    let index = billing_index(calendar, anchor, now);
                    let from = billing_start(calendar, anchor, index - full - ago);
                    bounds.begin(from, Begin::Moving);
                    let end = index - full - ago + (*full).max(1);
                    bounds.to = bounds.to.min(billing_start(calendar, anchor, end));
                    bounds.next = bounds.next.min(billing_start(calendar, anchor, index + 1));
                }
                Part::Moment { at, from, to, moves } => {
                    let Some(moment) = at.eval(scope, &mut bounds.next).as_time() else {
                        bounds.known = false;
                        continue;
                    };
                    if let Some(from) = from {
                        let begin = moment + *from;
                        let moving = *moves == Moves::Anyhow;
                        bounds.begin(begin, if moving { Begin::Moving } else { Begin::At });
                        if begin > now {
                            bounds.next = bounds.next.min(begin);
                        }
                        if moment > now {
                            bounds.next = bounds.next.min(moment);
                            // After a moment still to come there is nothing to tell yet.
                            bounds.known &= from.0 < 0;
                        }
                    }
                    if let Some(to) = to {
                        end = end.min(moment + *to);
                        bounds.closed |= *moves == Moves::Never && moment + *to <= now;
                    }
                }
            }
        }
        if end > now {
            bounds.next = bounds.next.min(end);
        }
        bounds.open = hangs && end < Time::MAX && end > now;
        bounds.to = bounds.to.min(end);
        bounds
    }
}

/// How a stretch begins.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Begin {
    /// At an instant, or at a later one when asked again later.
    At,
    /// The same, just after an instant that is outside.
    After,
    /// At an instant that may also be an earlier one when asked again.
    Moving,
}

impl Bounds {
    fn begin(&mut self, from: Time, how: Begin) {
        if from > self.from {
            (self.from, self.after) = (from, how == Begin::After);
        }
        if how != Begin::Moving {
            self.gone_before = self.gone_before.max(from);
        }
    }

    /// Whether an instant lies inside.
    pub fn holds(&self, at: Time) -> bool {
        self.from <= at && at < self.to
    }

    /// Whether a stretch [from, to) has a part inside.
    pub fn touches(&self, from: Time, to: Time) -> bool {
        let begin = if self.after { self.from - Span(1) } else { self.from };
        from < self.to && to > begin
    }
}

/// The date so many days, weeks, months or years before.
fn back(calendar: &Calendar, date: Date, unit: Period, count: i32) -> Date {
    calendar.period_add(unit, date, -count)
}

/// The start of the billing period `index` months after the anchor's (T9).
fn billing_start(calendar: &Calendar, anchor: Time, index: i32) -> Time {
    calendar.start_of(add_months(calendar.date(anchor), index))
}

/// How many whole months after the anchor the billing period of an instant begins.
fn billing_index(calendar: &Calendar, anchor: Time, now: Time) -> i32 {
    let (from, to) = (calendar.date(anchor).civil(), calendar.date(now).civil());
    let months = |(year, month, _): (i16, i8, i8)| i32::from(year) * 12 + i32::from(month);
    let index = months(to) - months(from);
    if billing_start(calendar, anchor, index) > now { index - 1 } else { index }
}
