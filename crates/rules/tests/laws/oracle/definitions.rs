//! Random definitions of a part of the language, and their text.

use std::fmt::Display;

use firsthand_model::Span;
use proptest::prelude::*;

use super::STEP;

/// Steps of six hours.
pub type Steps = i64;

#[derive(Clone, Debug)]
pub struct Definition {
    pub when: Condition,
    pub stay: Option<Condition>,
    pub unless: Option<Condition>,
    pub holds_for: Steps,
    pub grace: Steps,
}

#[derive(Clone, Debug)]
pub enum Condition {
    Compare(Number, Op, i64),
    /// `growth(count(E, last W)) >= p%`.
    Growth(&'static str, Steps, i64),
    SinceLast(&'static str, Op, Steps),
    SinceFirst(&'static str, Op, Steps),
    Sequence(Vec<&'static str>, Option<Steps>, Vec<Window>),
    For(Box<Condition>, Steps),
    Was(Box<Condition>, Steps),
    And(Vec<Condition>),
    Or(Vec<Condition>),
    Not(Box<Condition>),
    AtLeast(usize, Vec<Condition>),
}

#[derive(Clone, Debug)]
pub enum Number {
    Of(Measure, &'static str, Vec<Window>),
    Ago(Box<Number>, Steps),
    /// `streak(day, count(E) >= c)`.
    Streak(&'static str, i64),
    /// `number of day with (count(E) >= c) in last n dates`.
    Days(&'static str, i64, i64),
    /// `number of k with (count(E, last W) op c)`.
    Keys(&'static str, Steps, Op, i64),
    /// `number of member with (count(E, last W) op c)`.
    Members(&'static str, Steps, Op, i64),
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Measure {
    Count,
    People,
    Days,
    Distinct,
    Sum,
    Average,
    Least,
    Greatest,
}

#[derive(Clone, Copy, Debug)]
pub enum Window {
    Last(Steps),
    Dates(i64),
    First(Steps),
    AfterFirst(Steps, &'static str),
    BeforeFirst(&'static str),
    BeforeLast(Steps, &'static str),
    SinceLast(&'static str),
    ThisDay,
    LastFullDays(i64),
    LastFullWeek,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Op {
    AtLeast,
    Above,
    AtMost,
    Below,
    Equal,
    Other,
}

impl Definition {
    pub fn text(&self) -> String {
        let (holds_for, grace) = (length(self.holds_for), length(self.grace));
        let mut lines = vec![
            "definition: d".to_owned(),
            format!("when: '{}'", self.when),
            format!("holds_for: {holds_for}"),
            format!("grace: {grace}"),
        ];
        lines.extend(self.stay.iter().map(|it| format!("stay: '{it}'")));
        lines.extend(self.unless.iter().map(|it| format!("unless: '{it}'")));
        lines.join("\n")
    }
}

fn length(steps: Steps) -> String {
    format!("{}h", STEP.0 / Span::HOUR.0 * steps)
}

fn joined(of: &[impl Display], by: &str) -> String {
    of.iter().map(|it| format!("({it})")).collect::<Vec<_>>().join(by)
}

fn windows(of: &[Window]) -> String {
    of.iter().flat_map(|it| [", ".to_owned(), it.to_string()]).collect()
}

impl Display for Condition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Compare(number, op, than) => write!(f, "{number} {op} {than}"),
            Self::Growth(of, w, than) => {
                write!(f, "growth(count(\"{of}\", last {})) >= {than}%", length(*w))
            }
            Self::SinceLast(of, op, than) => {
                write!(f, "since(last \"{of}\") {op} {}", length(*than))
            }
            Self::SinceFirst(of, op, than) => {
                write!(f, "since(first \"{of}\") {op} {}", length(*than))
            }
            Self::Sequence(steps, within, over) => {
                let steps = steps.iter().map(|it| format!("\"{it}\"")).collect::<Vec<_>>();
                let within = within.map_or(String::new(), |it| format!(" within {}", length(it)));
                write!(f, "seen({}{within}{})", steps.join(" then "), windows(over))
            }
            Self::For(of, long) => write!(f, "({of}) for {}", length(*long)),
            Self::Was(of, w) => write!(f, "was ({of}, last {})", length(*w)),
            Self::And(of) => f.write_str(&joined(of, " and ")),
            Self::Or(of) => f.write_str(&joined(of, " or ")),
            Self::Not(of) => write!(f, "not ({of})"),
            Self::AtLeast(k, of) => write!(f, "at least {k} of ({})", joined(of, ", ")),
        }
    }
}

impl Display for Number {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Of(measure, of, over) => {
                let over = windows(over);
                let name = match measure {
                    Measure::Count => return write!(f, "count(\"{of}\"{over})"),
                    Measure::People => return write!(f, "people(\"{of}\"{over})"),
                    Measure::Days => return write!(f, "days(\"{of}\"{over})"),
                    Measure::Distinct => "distinct(k",
                    Measure::Sum => "sum(n",
                    Measure::Average => "avg(n",
                    Measure::Least => "min(n",
                    Measure::Greatest => "max(n",
                };
                write!(f, "{name}, \"{of}\"{over})")
            }
            Self::Ago(of, back) => write!(f, "({of}) {} ago", length(*back)),
            Self::Streak(of, least) => write!(f, "streak(day, count(\"{of}\") >= {least})"),
            Self::Days(of, least, dates) => {
                write!(f, "number of day with (count(\"{of}\") >= {least}) in last {dates} dates")
            }
            Self::Keys(of, w, op, than) => {
                write!(f, "number of k with (count(\"{of}\", last {}) {op} {than})", length(*w))
            }
            Self::Members(of, w, op, than) => {
                write!(
                    f,
                    "number of member with (count(\"{of}\", last {}) {op} {than})",
                    length(*w)
                )
            }
        }
    }
}

impl Display for Window {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Last(w) => write!(f, "last {}", length(*w)),
            Self::Dates(n) => write!(f, "last {n} dates"),
            Self::First(w) => write!(f, "first {}", length(*w)),
            Self::AfterFirst(w, of) => write!(f, "{} after first \"{of}\"", length(*w)),
            Self::BeforeFirst(of) => write!(f, "before first \"{of}\""),
            Self::BeforeLast(w, of) => write!(f, "{} before last \"{of}\"", length(*w)),
            Self::SinceLast(of) => write!(f, "since last \"{of}\""),
            Self::ThisDay => f.write_str("this day"),
            Self::LastFullDays(n) => write!(f, "last {n} full days"),
            Self::LastFullWeek => f.write_str("last full week"),
        }
    }
}

impl Display for Op {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::AtLeast => ">=",
            Self::Above => ">",
            Self::AtMost => "<=",
            Self::Below => "<",
            Self::Equal => "=",
            Self::Other => "!=",
        })
    }
}

fn any_event() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["A", "A", "B"])
}

fn any_op() -> impl Strategy<Value = Op> {
    use Op::{Above, AtLeast, AtMost, Below, Equal, Other};
    prop::sample::select(vec![AtLeast, AtLeast, AtLeast, Above, AtMost, Below, Equal, Other])
}

fn any_window() -> impl Strategy<Value = Window> {
    let other = || prop::sample::select(vec!["B", "C"]);
    prop_oneof![
        3 => (1..32_i64).prop_map(Window::Last),
        1 => (1..6_i64).prop_map(Window::Dates),
        2 => (1..40_i64).prop_map(Window::First),
        2 => (1..32_i64, other()).prop_map(|(w, of)| Window::AfterFirst(w, of)),
        1 => other().prop_map(Window::BeforeFirst),
        1 => (1..32_i64, other()).prop_map(|(w, of)| Window::BeforeLast(w, of)),
        1 => other().prop_map(Window::SinceLast),
        1 => Just(Window::ThisDay),
        3 => (1..4_i64).prop_map(Window::LastFullDays),
        1 => Just(Window::LastFullWeek),
    ]
}

fn any_windows() -> impl Strategy<Value = Vec<Window>> {
    prop_oneof![
        1 => Just(Vec::new()),
        6 => any_window().prop_map(|it| vec![it]),
        4 => prop::collection::vec(any_window(), 2),
    ]
}

fn any_number() -> impl Strategy<Value = Number> {
    use Measure::{Average, Count, Days, Distinct, Greatest, Least, People, Sum};
    let measures = vec![Count, Count, People, Days, Distinct, Sum, Average, Least, Greatest];
    let measure = (prop::sample::select(measures), any_event(), any_windows())
        .prop_map(|(measure, of, over)| Number::Of(measure, of, over))
        .boxed();
    let each = || (any_event(), 1..32_i64, any_op(), 0..3_i64);
    prop_oneof![
        6 => measure.clone(),
        1 => (measure, 1..20_i64).prop_map(|(of, back)| Number::Ago(Box::new(of), back)),
        1 => (any_event(), 1..3_i64).prop_map(|(of, least)| Number::Streak(of, least)),
        1 => (any_event(), 1..3_i64, 1..6_i64).prop_map(|(of, c, n)| Number::Days(of, c, n)),
        1 => each().prop_map(|(of, w, op, than)| Number::Keys(of, w, op, than)),
        1 => each().prop_map(|(of, w, op, than)| Number::Members(of, w, op, than)),
    ]
}

fn any_condition() -> impl Strategy<Value = Condition> {
    let steps = prop::collection::vec(any_event(), 2..4);
    let within = prop::option::of(1..24_i64);
    let leaf = prop_oneof![
        8 => (any_number(), any_op(), 0..5_i64).prop_map(|(it, op, than)| Condition::Compare(it, op, than)),
        1 => (any_event(), 2..20_i64, prop::sample::select(vec![-50, 0, 40, 100_i64]))
            .prop_map(|(of, w, than)| Condition::Growth(of, w, than)),
        1 => (any_event(), any_op(), 1..20_i64).prop_map(|(of, op, than)| Condition::SinceLast(of, op, than)),
        1 => (any_event(), any_op(), 1..20_i64).prop_map(|(of, op, than)| Condition::SinceFirst(of, op, than)),
        2 => (steps, within, any_windows()).prop_map(|(of, within, over)| Condition::Sequence(of, within, over)),
    ];
    leaf.prop_recursive(2, 6, 3, |inner| {
        let several = || prop::collection::vec(inner.clone(), 2..4);
        prop_oneof![
            1 => (inner.clone(), 1..16_i64).prop_map(|(of, long)| Condition::For(Box::new(of), long)),
            1 => (inner.clone(), 1..24_i64).prop_map(|(of, w)| Condition::Was(Box::new(of), w)),
            1 => inner.clone().prop_map(|of| Condition::Not(Box::new(of))),
            2 => several().prop_map(Condition::And),
            2 => several().prop_map(Condition::Or),
            1 => (1..3_usize, several()).prop_map(|(k, of)| Condition::AtLeast(k, of)),
        ]
    })
}

pub fn any_definition() -> impl Strategy<Value = Definition> {
    let rare = || prop::option::weighted(0.15, any_condition());
    let wait = || prop_oneof![4 => Just(0_i64), 1 => 1..12_i64];
    (any_condition(), rare(), rare(), wait(), wait()).prop_map(
        |(when, stay, unless, holds_for, grace)| Definition {
            when,
            stay,
            unless,
            holds_for,
            grace,
        },
    )
}
