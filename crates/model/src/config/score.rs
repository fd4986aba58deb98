//! Scores: points that are earned, held and worn off.

use std::collections::BTreeMap;

use super::keys::{Key, Section, Takes};
use super::names::check_name;
use super::read::{Fields, Slot};
use super::value::{Count, Plain, pick};
use crate::diagnostic::{SourceText, codes, nearest};
use crate::fact::Kind;
use crate::time::Period;
use crate::{Decimal, Span, Text};

/// Points.
#[derive(Clone, Debug)]
pub struct Score {
    /// Its name.
    pub name: Text,
    /// Whose points.
    pub subject: Kind,
    /// Outside it the score is unknown, in the language.
    pub when: Option<SourceText>,
    /// Upper bound of the total.
    pub cap: Option<Decimal>,
    /// Lower bound of the total.
    pub floor: Option<Decimal>,
    /// Parts with bounds of their own.
    pub groups: BTreeMap<Text, Bounds>,
    /// The rules, in order.
    pub rules: Vec<ScoreRule>,
    /// Where it was declared.
    pub declared: SourceText,
}

/// Bounds of a part of a score, applied when it is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bounds {
    /// Upper bound.
    pub cap: Option<Decimal>,
    /// Lower bound.
    pub floor: Option<Decimal>,
}

/// One rule of a score.
#[derive(Clone, Debug)]
pub struct ScoreRule {
    /// What it does and when.
    pub act: ScoreAct,
    /// The part it belongs to.
    pub group: Option<Text>,
    /// Where it was declared.
    pub declared: SourceText,
}

/// What a rule of a score does.
#[derive(Clone, Debug)]
pub enum ScoreAct {
    /// `each:` every such event earns points.
    Each {
        /// The events, in the language.
        each: SourceText,
        /// The condition at the event, in the language.
        when: Option<SourceText>,
        /// A number or expression, in the language.
        points: SourceText,
        /// How often it may earn.
        at_most: Option<AtMost>,
        /// How its points wear off.
        fades: Option<Fade>,
    },
    /// `while:` points as long as a condition holds.
    While {
        /// The condition, in the language.
        condition: SourceText,
        /// A number or expression, in the language.
        points: SourceText,
    },
    /// Points added as they are now.
    Now {
        /// A number or expression, in the language.
        points: SourceText,
    },
    /// `on:` replaces what events have earned so far.
    Set {
        /// The events, in the language.
        on: SourceText,
        /// The new amount, in the language; `it` is the present one.
        set: SourceText,
    },
}

/// How often a rule may earn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AtMost {
    /// Once ever.
    Once,
    /// So many times a calendar period.
    PerPeriod(u32, Period),
    /// So many times within a sliding duration.
    PerSpan(u32, Span),
    /// So many times for each value of a property.
    PerProperty(u32, Text),
}

/// How points wear off, at midnights, in whole thousandths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fade {
    /// The curve.
    pub curve: FadeCurve,
    /// Only days without any product event count.
    pub while_idle: bool,
}

/// The curve of a fade.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FadeCurve {
    /// Halves every such many days.
    HalfLife(Span),
    /// Goes to nothing in a straight line.
    Linear(Span),
    /// Loses an amount each span.
    Amount(Decimal, Span),
    /// Loses a share (in percent) of what is left each span; a month is 30 days.
    Percent(Decimal, Span),
}

impl Plain for AtMost {
    fn read(text: &str) -> Option<Self> {
        let Some((count, per)) = text.split_once(" per ") else {
            return text.eq_ignore_ascii_case("once").then_some(Self::Once);
        };
        let count = if count.eq_ignore_ascii_case("once") { 1 } else { Count::read(count)?.0 };
        let per = per.trim();
        if let Some(period) = period(per) {
            return Some(Self::PerPeriod(count, period));
        }
        if per.starts_with(|it: char| it.is_ascii_digit()) {
            let span = Span::read(per).filter(|it| *it > Span::ZERO)?;
            return Some(Self::PerSpan(count, span));
        }
        let property = !per.is_empty() && !per.contains(char::is_whitespace);
        property.then(|| Self::PerProperty(count, per.into()))
    }
}

fn period(text: &str) -> Option<Period> {
    let all = [
        ("day", Period::Day),
        ("week", Period::Week),
        ("month", Period::Month),
        ("year", Period::Year),
    ];
    pick(text, &all)
}

/// A fade, or that there is none.
struct FadeOrNever(Option<Fade>);

impl Plain for FadeOrNever {
    fn read(text: &str) -> Option<Self> {
        if text == "never" {
            return Some(Self(None));
        }
        let (text, while_idle) = match text.strip_suffix(" while idle") {
            Some(before) => (before.trim_end(), true),
            None => (text, false),
        };
        let curve = if let Some(span) = text.strip_prefix("half life ") {
            FadeCurve::HalfLife(whole_days(span)?)
        } else if let Some(span) = text.strip_prefix("linear ") {
            FadeCurve::Linear(whole_days(span)?)
        } else {
            let (amount, span) = text.split_once(" per ")?;
            let (number, percent) = match amount.trim().strip_suffix('%') {
                Some(number) => (number.trim_end(), true),
                None => (amount.trim(), false),
            };
            let number = Decimal::read(number).filter(|it| *it > Decimal::ZERO)?;
            if percent && number > Decimal::from(100_u64) {
                return None;
            }
            let span = match period(span.trim()) {
                Some(Period::Day) => Span::DAY,
                Some(Period::Week) => Span::WEEK,
                Some(Period::Month) => Span::DAY.times(30),
                Some(Period::Year) => Span::DAY.times(365),
                None => whole_days(span)?,
            };
            if percent { FadeCurve::Percent(number, span) } else { FadeCurve::Amount(number, span) }
        };
        Some(Self(Some(Fade { curve, while_idle })))
    }
}

/// Points fade at midnights, so a part of a day would never be seen.
fn whole_days(text: &str) -> Option<Span> {
    Span::read(text.trim()).filter(|it| *it > Span::ZERO && it.0 % Span::DAY.0 == 0)
}

const CAP: Key = Key::optional("cap", Takes::Number, "The most it can be when it is read.");
const FLOOR: Key = Key::optional("floor", Takes::Number, "The least it can be when it is read.");

pub(super) static SCORE: Section = Section {
    name: "a score",
    doc: "Points, read as `score(name)`.",
    keys: &[
        super::definition::SUBJECT,
        Key::optional(
            "when",
            Takes::Condition,
            "Outside this condition the score is unknown, not 0.",
        ),
        CAP,
        FLOOR,
        Key::optional(
            "groups",
            Takes::Map("parts of the score", &Takes::Section(&BOUNDS)),
            "Parts with their own `cap` or `floor`, read as `score(name, part)`.",
        ),
        Key::required("rules", Takes::List(&Takes::Section(&RULE)), "How points come and go."),
    ],
};

static BOUNDS: Section =
    Section { name: "a part of a score", doc: "Bounds of a part of a score.", keys: &[CAP, FLOOR] };

static RULE: Section = Section {
    name: "a rule of a score",
    doc: "One way in which points come or go. It has one of `each`, `while` and `on`; with none of \
          them the points are added as they are now.",
    keys: &[
        Key::optional("each", Takes::Events, "Every such event earns the points."),
        Key::optional("if", Takes::Condition, "With `each`: only events at which this is true."),
        Key::optional("while", Takes::Condition, "The points are there as long as this holds."),
        Key::optional("points", Takes::Value, "How many: a number or a value in the language."),
        Key::optional("at_most", Takes::AtMost, "With `each`: how often it may earn."),
        Key::or("fades", Takes::Fade, "never", "With `each`: how the points wear off."),
        Key::optional(
            "on",
            Takes::Events,
            "Such an event replaces what events have earned so far …",
        ),
        Key::optional("set", Takes::Value, "… by this; `it` is the present amount."),
        Key::optional("group", Takes::Reference("a part of the score"), "The part it belongs to."),
    ],
};

pub(super) fn read(name: &SourceText, fields: &Fields<'_>) -> Option<Score> {
    let mut groups = BTreeMap::new();
    for (part, slot) in fields.entries("groups") {
        check_name(fields.reader, "a part of a score", &part);
        if let Some(fields) = slot.fields() {
            groups.insert(part.text, read_bounds(&fields));
        }
    }
    let Bounds { cap, floor } = read_bounds(fields);
    Some(Score {
        name: name.text.clone(),
        subject: fields.value("subject").unwrap_or(Kind::Account),
        when: fields.source("when"),
        cap,
        floor,
        declared: name.clone(),
        rules: read_rules(&fields.get("rules")?, &groups),
        groups,
    })
}

fn read_rules(slot: &Slot<'_>, groups: &BTreeMap<Text, Bounds>) -> Vec<ScoreRule> {
    slot.items().iter().filter_map(|it| read_rule(it, groups)).collect()
}

fn read_bounds(fields: &Fields<'_>) -> Bounds {
    let bounds = Bounds { cap: fields.value("cap"), floor: fields.value("floor") };
    if bounds.cap.zip(bounds.floor).is_some_and(|(cap, floor)| cap < floor) {
        let help = "Exchange them: `floor` is the least, `cap` the most.";
        fields.error(codes::WRONG_VALUE, "a `cap` below the `floor`", help);
    }
    bounds
}

fn read_rule(slot: &Slot<'_>, groups: &BTreeMap<Text, Bounds>) -> Option<ScoreRule> {
    let fields = slot.fields()?;
    let group = fields.get("group").and_then(|it| read_group(&it, groups));
    let act = read_act(&fields)?;
    Some(ScoreRule { act, group, declared: fields.beginning() })
}

fn read_act(fields: &Fields<'_>) -> Option<ScoreAct> {
    let triggers: Vec<_> =
        ["each", "while", "on"].into_iter().filter(|it| fields.has(it)).collect();
    if let [first, others @ ..] = triggers.as_slice() {
        let why = format!("has no place beside `{first}`");
        fields.refuse(others, &why, "Make two rules of it.");
    }
    let trigger = triggers.first().copied().unwrap_or("points");
    let foreign: &[&str] = match trigger {
        "each" => &["set"],
        "on" => &["points", "if", "at_most", "fades"],
        _ => &["if", "at_most", "fades", "set"],
    };
    let why = format!("has no place in a rule with `{trigger}`");
    fields.refuse(
        foreign,
        &why,
        "Remove it; `if`, `at_most` and `fades` go with `each`, `set` with `on`.",
    );

    let needed = if trigger == "on" { "set" } else { "points" };
    if !fields.has(needed) {
        let message = format!("a rule with `{trigger}` needs `{needed}`");
        let message =
            if triggers.is_empty() { "a rule needs `points`".to_owned() } else { message };
        let help = format!("Add `{needed}:` with a number or a value in the language.");
        fields.error(codes::MISSING_KEY, message, help);
    }
    let amount = fields.source(needed);
    match trigger {
        "each" => Some(ScoreAct::Each {
            when: fields.source("if"),
            at_most: fields.value("at_most"),
            fades: fields.value::<FadeOrNever>("fades").and_then(|it| it.0),
            each: fields.source("each")?,
            points: amount?,
        }),
        "while" => Some(ScoreAct::While { condition: fields.source("while")?, points: amount? }),
        "on" => Some(ScoreAct::Set { on: fields.source("on")?, set: amount? }),
        _ => Some(ScoreAct::Now { points: amount? }),
    }
}

/// A part needs no declaration, unless others have one: then it is more likely misspelt.
fn read_group(slot: &Slot<'_>, groups: &BTreeMap<Text, Bounds>) -> Option<Text> {
    let group = slot.text()?;
    if !groups.is_empty() && !groups.contains_key(&group) {
        let help = match nearest(&group, groups.keys().map(Text::as_str)) {
            Some(near) => format!("Did you mean `{near}`?"),
            None => format!("Declare it under `groups`, if only as `{group}: {{}}`."),
        };
        slot.error(codes::UNKNOWN_NAME, format!("unknown part `{group}` of this score"), help);
    }
    Some(group)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fades_read_as_they_are_said() {
        let day = |n| Span::DAY.times(n);
        let number = |n: u64| Decimal::from(n);
        for (text, curve, while_idle) in [
            ("half life 14d", FadeCurve::HalfLife(day(14)), false),
            ("linear 90d while idle", FadeCurve::Linear(day(90)), true),
            ("5 per week", FadeCurve::Amount(number(5), day(7)), false),
            ("50% per month", FadeCurve::Percent(number(50), day(30)), false),
            ("10 % per 3d while idle", FadeCurve::Percent(number(10), day(3)), true),
        ] {
            let read = FadeOrNever::read(text).and_then(|it| it.0);
            assert_eq!(read, Some(Fade { curve, while_idle }), "{text}");
        }
        assert!(FadeOrNever::read("never").is_some_and(|it| it.0.is_none()));
        for text in ["", "half life 12h", "linear 0d", "120% per week", "-5 per week", "slowly"] {
            assert!(FadeOrNever::read(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_rule_may_be_held_to_so_many_a_period_a_span_or_a_property() {
        for (text, read) in [
            ("once", AtMost::Once),
            ("once per day", AtMost::PerPeriod(1, Period::Day)),
            ("3 per month", AtMost::PerPeriod(3, Period::Month)),
            ("2 per 90d", AtMost::PerSpan(2, Span::DAY.times(90))),
            ("1 per project_id", AtMost::PerProperty(1, "project_id".into())),
        ] {
            assert_eq!(AtMost::read(text), Some(read), "{text}");
        }
        for text in
            ["", "twice", "0 per day", "1.5 per day", "3 per", "3 per two words", "1 per 0d"]
        {
            assert_eq!(AtMost::read(text), None, "{text}");
        }
    }
}
