//! What the data has never shown: events (W501) here, properties and values in
//! [`values`](super::values), lengths of history in [`history`](super::history).

use std::collections::BTreeSet;
use std::ops::Range;

use firsthand_model::Text as Name;
use firsthand_model::config::{Meter, Project};
use firsthand_model::diagnostic::{SourceText, codes, nearest};
use firsthand_model::seen::{NAMES_MAX, Seen, SeenEvent};

use super::Notes;
use super::shown::{listed, times};
use super::texts::Text;
use crate::compile::names::{Class, Classes, fits};
use crate::lang::ast::{At, EventName, Events, Expr, Key};
use crate::lang::print;
use crate::lang::walk::{Part, children, parts};

/// Holds every text against what the data has shown.
pub(super) fn check(project: &Project, seen: &Seen, texts: &[Text<'_>], notes: &mut Notes) {
    let classes = Classes::new(&project.events);
    for text in texts {
        let mut look = Look {
            project,
            seen,
            classes: &classes,
            text,
            notes: &mut *notes,
            guarded: guarded(text),
        };
        let at = text.at.as_ref().map(|it| look.met_by(&it.node));
        look.part(text.root(), at.as_deref());
    }
    let events = &project.events;
    let lists = [&events.marketing, &events.records, &events.ignore];
    for name in events.groups.values().chain(lists).flatten() {
        let met = seen.events.keys().any(|it| fits(&name.text, it));
        if !met {
            unknown_event(project, seen, name, &(0..name.text.len()), &name.text, notes);
        }
    }
    for meter in project.meters.values() {
        check_meter(seen, &classes, project, meter, notes);
    }
}

/// One text, held against the data.
pub(super) struct Look<'a, 'p> {
    pub project: &'a Project,
    pub seen: &'a Seen,
    pub classes: &'a Classes,
    pub text: &'a Text<'p>,
    pub notes: &'a mut Notes,
    /// The values whose being unknown the text itself asks about.
    pub guarded: BTreeSet<String>,
}

/// The events that a part is about, with their names; `None` outside of any event.
pub(super) type Met<'s> = Vec<(&'s Name, &'s SeenEvent)>;

impl<'a> Look<'a, '_> {
    fn part(&mut self, part: Part<'_>, at: Option<&[(&'a Name, &'a SeenEvent)]>) {
        match part {
            Part::Name(EventName::Name(name), span) => self.event_name(name, span),
            Part::Events(events @ Events::Named { names, filter }, _) => {
                for name in names {
                    self.part(Part::name(name), None);
                }
                if let Some(filter) = filter {
                    let met = self.met_by(events);
                    self.part(Part::expr(filter), Some(&met));
                }
                return;
            }
            Part::Expr(Expr::Aggregate { of, events, windows, .. }, _) => {
                let met = self.met_by(&events.node);
                for it in of {
                    self.part(Part::expr(it), Some(&met));
                }
                self.part(Part::events(events), None);
                for it in windows {
                    self.part(Part::window(it), None);
                }
                return;
            }
            Part::Expr(Expr::Each { key: Key::Property(path), inner, .. }, span) => {
                let met = self.met_inside(Part::expr(inner));
                let key = span.start..inner.span.start;
                let key = super::shown::word_in(&self.text.source.text, &key, path);
                self.property(path, &key, &met);
            }
            Part::Window(window, span) => self.window(window, span),
            Part::Moment(crate::lang::ast::Moment::Trait(owner, path), span) => {
                self.trait_name(*owner, path, span);
            }
            Part::Expr(expr, span) => self.expr(expr, span, at),
            _ => {}
        }
        let inside = match part {
            // Conditions of derived events and for-eaches are judged outside of any event.
            Part::Events(..) | Part::Expr(Expr::Each { .. }, _) => None,
            _ => at,
        };
        children(part, &mut |child| self.part(child, inside));
    }

    fn event_name(&mut self, name: &Name, span: &Range<usize>) {
        if !self.seen.events.keys().any(|it| fits(name, it)) {
            unknown_event(self.project, self.seen, self.text.source, span, name, self.notes);
        }
    }

    /// The events that were received of some that are named.
    pub fn met_by(&self, events: &Events) -> Met<'a> {
        let Events::Named { names, .. } = events else { return Vec::new() };
        met_by(self.project, self.seen, self.classes, names)
    }

    /// The events that were received of all that are named inside a part.
    fn met_inside(&self, part: Part<'_>) -> Met<'a> {
        let mut met: Met<'a> = Vec::new();
        parts(part, &mut |part| {
            if let Part::Events(events, _) = part {
                met.extend(self.met_by(events));
            }
        });
        met.sort_by_key(|(name, _)| *name);
        met.dedup_by_key(|(name, _)| *name);
        met
    }
}

fn met_by<'s>(
    project: &Project,
    seen: &'s Seen,
    classes: &Classes,
    names: &[At<EventName>],
) -> Met<'s> {
    let is_meant = |received: &Name| {
        names.iter().any(|name| match &name.node {
            EventName::Name(glob) => fits(glob, received),
            EventName::Group(group) => project
                .events
                .groups
                .get(group)
                .is_some_and(|globs| globs.iter().any(|it| fits(&it.text, received))),
            EventName::Any => classes.class(received, false) == Class::Product,
            EventName::AnyMarketing => classes.class(received, false) == Class::Marketing,
        })
    };
    seen.events.iter().filter(|(received, _)| is_meant(received)).collect()
}

fn unknown_event(
    project: &Project,
    seen: &Seen,
    source: &SourceText,
    span: &Range<usize>,
    name: &str,
    notes: &mut Notes,
) {
    // Where not all names are remembered, nobody can say that one never came.
    if seen.events.len() >= NAMES_MAX {
        return;
    }
    let date = |event: &SeenEvent| project.calendar.date(event.first);
    let help = match nearest(name, seen.events.keys().map(Name::as_str)) {
        Some(near) => {
            let event = &seen.events[near];
            format!("Did you mean `{near}`, seen {} since {}?", times(event.count), date(event))
        }
        None if seen.events.is_empty() => "No events have been received at all.".to_owned(),
        None => {
            let mut often = seen.events.iter().collect::<Vec<_>>();
            often.sort_by_key(|(_, event)| std::cmp::Reverse(event.count));
            let often = listed(often.into_iter().map(|(name, _)| name.as_str()));
            format!("Check the spelling; what has been received is {often}.")
        }
    };
    let message = if name.contains('*') {
        format!("no event received so far fits `{name}`")
    } else {
        format!("the event `{name}` has never been received")
    };
    notes.warn(source, codes::UNKNOWN_EVENT, span, message, help);
}

/// A meter names its properties by keys of the configuration, which keep no place of their own.
fn check_meter(
    seen: &Seen,
    classes: &Classes,
    project: &Project,
    meter: &Meter,
    notes: &mut Notes,
) {
    let Ok(add) = crate::lang::parse::events(&meter.add.text) else { return };
    let Events::Named { names, .. } = &add.node else { return };
    let met = met_by(project, seen, classes, names);
    for path in meter.value.iter().chain(&meter.key) {
        if let Some((message, help)) = super::values::unknown_property(path, &met) {
            let message = format!("the meter reads a property that is not there: {message}");
            let span = 0..meter.declared.text.len();
            notes.warn(&meter.declared, codes::UNKNOWN_PROPERTY, &span, message, help);
        }
    }
}

/// The values of a text that it asks to be known or unknown, or gives a default.
fn guarded(text: &Text<'_>) -> BTreeSet<String> {
    let mut guarded = BTreeSet::new();
    parts(text.root(), &mut |part| {
        if let Part::Expr(Expr::IsKnown(of) | Expr::IsUnknown(of), _) = part {
            guarded.insert(print::expr(&of.node));
        }
    });
    guarded
}
