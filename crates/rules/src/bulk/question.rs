//! Definitions judged by when what they ask turns, instant after instant only where it does.
//!
//! Most gates ask for conjunctions of comparisons. Each comparison is a [`Question`]: when its
//! answer turns is worked out for the whole life at once, from the series of the measure. A
//! [`Judgement`] then goes through the turns and lets the gate itself ([`Gate::turn`]) decide.

use firsthand_model::Time;

use super::Life;
use crate::eval::gate::{Gate, GateState};
use crate::eval::kept::Series;
use crate::eval::value::Value;
use crate::lang::ast::Comparison;

/// An answer of three: `None` is unknown.
pub(super) type Answer = Option<bool>;
/// Each answer, and from when on.
pub(super) type Answers = Vec<(i64, Answer)>;
/// What a node of the remaining graph said, and from when on.
pub(super) type Watched = Vec<(i64, Value)>;

/// Something that a gate asks.
#[derive(Clone, Debug)]
pub(super) enum Question {
    /// What a watched node of the remaining graph says, by its slot.
    Watched(u32),
    /// How a series compares with something.
    Crossing { series: u32, op: Comparison, with: Threshold },
}

/// What a series is compared with.
#[derive(Clone, Debug)]
pub(super) enum Threshold {
    Still(Value),
    /// What a watched node says, and the least that this can be, if that is known.
    Watched(u32, Option<Value>),
}

impl Threshold {
    /// What a series must pass at least.
    pub fn least(&self) -> Option<&Value> {
        match self {
            Self::Still(value) => Some(value),
            Self::Watched(_, least) => least.as_ref(),
        }
    }
}

impl Question {
    /// The slot of the watched node that it asks, if it asks one.
    pub fn slot(&self) -> Option<u32> {
        match self {
            Self::Watched(slot) | Self::Crossing { with: Threshold::Watched(slot, _), .. } => {
                Some(*slot)
            }
            Self::Crossing { with: Threshold::Still(_), .. } => None,
        }
    }

    /// The series that it asks.
    pub fn series(&self) -> Option<u32> {
        match self {
            Self::Watched(_) => None,
            Self::Crossing { series, .. } => Some(*series),
        }
    }

    /// Whether it may be true at any time, as far as its series tells.
    pub fn may_be_true(&self, kept: &[Series]) -> bool {
        match self {
            Self::Watched(_) => true,
            Self::Crossing { series, op, with } => {
                with.least().is_none_or(|it| kept[*series as usize].ever(*op, it))
            }
        }
    }

    /// Works out its answers over a life; those of a series and a node must be known.
    pub fn answer(&self, series: &[Series], watched: &[Watched], answers: &mut Answers) {
        answers.clear();
        let mut put = |at, answer| {
            if answers.last().is_none_or(|(_, last)| *last != answer) {
                answers.push((at, answer));
            }
        };
        match self {
            Self::Watched(slot) => {
                for (at, value) in &watched[*slot as usize] {
                    let answer = if let Value::Bool(it) = value { Some(*it) } else { None };
                    put(*at, answer);
                }
            }
            Self::Crossing { series: of, op, with: Threshold::Still(threshold) } => {
                series[*of as usize].answers(*op, threshold, (i64::MIN, i64::MAX), put);
            }
            Self::Crossing { series: of, op, with: Threshold::Watched(slot, _) } => {
                let stands = &watched[*slot as usize];
                for (place, (from, threshold)) in stands.iter().enumerate() {
                    let to = stands.get(place + 1).map_or(i64::MAX, |it| it.0);
                    series[*of as usize].answers(*op, threshold, (*from, to), &mut put);
                }
            }
        }
    }
}

/// A condition over questions, by their number.
#[derive(Clone, Debug)]
pub(super) enum Condition {
    Ask(u32),
    Not(Box<Self>),
    All(Box<[Self]>),
    Any(Box<[Self]>),
    AtLeast(u32, Box<[Self]>),
}

impl Condition {
    /// What it says, given the answers: three-valued as [`crate::eval::expr::Expr`] is.
    fn says(&self, answer: &impl Fn(u32) -> Answer) -> Answer {
        match self {
            Self::Ask(question) => answer(*question),
            Self::Not(of) => of.says(answer).map(|it| !it),
            Self::All(of) => {
                let mut all = Some(true);
                for it in of {
                    match it.says(answer) {
                        Some(true) => {}
                        Some(false) => return Some(false),
                        None => all = None,
                    }
                }
                all
            }
            Self::Any(of) => {
                let mut any = Some(false);
                for it in of {
                    match it.says(answer) {
                        Some(false) => {}
                        Some(true) => return Some(true),
                        None => any = None,
                    }
                }
                any
            }
            Self::AtLeast(needed, of) => {
                let (mut met, mut unknown) = (0, 0);
                for it in of {
                    match it.says(answer) {
                        Some(true) => met += 1,
                        Some(false) => {}
                        None => unknown += 1,
                    }
                }
                match (met >= *needed, met + unknown < *needed) {
                    (true, _) => Some(true),
                    (_, true) => Some(false),
                    _ => None,
                }
            }
        }
    }

    /// Whether it may ever be true, given which questions may.
    pub fn may_be_true(&self, may: &impl Fn(u32) -> bool) -> bool {
        match self {
            Self::Ask(question) => may(*question),
            Self::All(of) => of.iter().all(|it| it.may_be_true(may)),
            Self::Any(of) => of.iter().any(|it| it.may_be_true(may)),
            Self::AtLeast(needed, of) => {
                let may = of.iter().filter(|it| it.may_be_true(may)).count();
                may >= usize::try_from(*needed).unwrap_or(usize::MAX)
            }
            Self::Not(_) => true,
        }
    }

    /// Calls `visit` with the questions without which it is never true.
    pub fn musts(&self, visit: &mut impl FnMut(u32)) {
        match self {
            Self::Ask(question) => visit(*question),
            Self::All(of) => of.iter().for_each(|it| it.musts(visit)),
            _ => {}
        }
    }
}

/// A definition whose gate asks questions only.
#[derive(Clone, Debug)]
pub(super) struct Judgement {
    /// How it waits.
    pub gate: Gate,
    pub when: Condition,
    pub stay: Option<Condition>,
    pub unless: Option<Condition>,
    /// The numbers of what it asks.
    pub questions: Vec<u32>,
}

/// Where each question of a gate stands; kept to be used again.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// For each question, its answer now, and the number of the next.
    now: Vec<(Answer, usize)>,
}

impl Judgement {
    /// When it held: entered and left, up to the end of a life. The answers to its questions must
    /// be known.
    pub fn held(
        &self,
        answers: &[Answers],
        places: &mut Places,
        life: Life,
    ) -> Vec<(Time, Option<Time>)> {
        let mut held: Vec<(Time, Option<Time>)> = Vec::new();
        let now = &mut places.now;
        if now.len() < answers.len() {
            now.resize(answers.len(), (None, 0));
        }
        self.questions.iter().for_each(|it| now[*it as usize] = (None, 0));
        let mut state = GateState::Out(None);
        let mut at = life.birth.0;
        loop {
            let mut next = i64::MAX;
            for question in &self.questions {
                let (answer, place) = &mut now[*question as usize];
                let of = &answers[*question as usize][..];
                while let Some((_, says)) = of.get(*place).filter(|it| it.0 <= at) {
                    *answer = *says;
                    *place += 1;
                }
                next = next.min(of.get(*place).map_or(i64::MAX, |it| it.0));
            }
            let answer = |it: u32| now[it as usize].0;
            let is_true = |of: &Condition| of.says(&answer) == Some(true);
            let when = is_true(&self.when);
            let shut = self.unless.as_ref().is_some_and(is_true);
            let inside = matches!(state, GateState::In(_));
            let kept = when || (inside && self.stay.as_ref().is_some_and(is_true));
            let wake = self.gate.turn(&mut state, Time(at), when, shut, kept);
            match (inside, matches!(state, GateState::In(_))) {
                (false, true) => held.push((Time(at), None)),
                (true, false) => {
                    if let Some((_, left)) = held.last_mut() {
                        *left = Some(Time(at));
                    }
                }
                _ => {}
            }
            at = next.min(wake.0);
            if at > life.until.0 || at == i64::MAX {
                return held;
            }
        }
    }
}
