//! Evidence as it is read: each condition with what was observed and needed.
//!
//! Evidence comes as JSON, as `explain` and the ledger tell it: conditions joined by `all`, `any`,
//! `at_least` and `not`. On the page it is one list with headings where not all of it is needed.

use serde_json::Value;

use super::texts::{Texts, fill};

/// Deepest nesting that is drawn; definitions are not written deeper.
const DEPTH_MAX: u8 = 12;

/// A line of a list of evidence.
pub(crate) enum Line {
    /// What is needed of the lines that follow.
    Heading(String),
    /// A condition.
    Condition(Condition),
}

/// A condition with what was observed.
pub(crate) struct Condition {
    /// `met`, `unmet` or `unknown`: the mark that is drawn.
    pub mark: &'static str,
    /// The mark in words.
    pub mark_word: &'static str,
    /// The icon on the mark.
    pub icon: &'static str,
    pub words: String,
    pub code: String,
    pub observed: String,
    pub needed: String,
}

/// The lines of some conditions.
pub(crate) fn lines(t: &'static Texts, conditions: &Value) -> Vec<Line> {
    let mut lines = Vec::new();
    walk(t, conditions, false, DEPTH_MAX, &mut lines);
    lines
}

/// How many of the conditions are met, and of how many.
pub(crate) fn met_of(lines: &[Line]) -> (usize, usize) {
    let conditions = || lines.iter().filter_map(Line::condition);
    (conditions().filter(|it| it.mark == "met").count(), conditions().count())
}

impl Line {
    pub fn condition(&self) -> Option<&Condition> {
        match self {
            Self::Condition(it) => Some(it),
            Self::Heading(_) => None,
        }
    }

    pub fn heading(&self) -> Option<&str> {
        match self {
            Self::Heading(it) => Some(it),
            Self::Condition(_) => None,
        }
    }
}

fn walk(t: &'static Texts, value: &Value, negated: bool, depth: u8, to: &mut Vec<Line>) {
    if depth == 0 {
        return;
    }
    let each = |of: &Value, negated: bool, to: &mut Vec<Line>| match of {
        Value::Array(all) => all.iter().for_each(|it| walk(t, it, negated, depth - 1, to)),
        one => walk(t, one, negated, depth - 1, to),
    };
    let l = &t.leads;
    if let Some(of) = value.get("all") {
        each(of, negated, to);
    } else if let Some(of) = value.get("any") {
        to.push(Line::Heading(l.one_of.to_owned()));
        each(of, negated, to);
    } else if let Some(Value::Array(pair)) = value.get("at_least")
        && let [count, of] = pair.as_slice()
    {
        to.push(Line::Heading(fill(l.some_of, &[("n", &count.to_string())])));
        each(of, negated, to);
    } else if let Some(of) = value.get("not") {
        each(of, !negated, to);
    } else if let Some(of) = value.get("one") {
        to.extend(condition(t, of, negated).map(Line::Condition));
    }
}

fn condition(t: &'static Texts, value: &Value, negated: bool) -> Option<Condition> {
    let text = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (l, code) = (&t.leads, text("condition"));
    if code.is_empty() {
        return None;
    }
    let met = match (value.get("met").and_then(Value::as_str), negated) {
        (Some("met"), false) | (Some("not_met"), true) => Some(true),
        (Some("met"), true) | (Some("not_met"), false) => Some(false),
        _ => None,
    };
    let (mark, mark_word, icon) = match met {
        Some(true) => ("met", l.met, "check"),
        Some(false) => ("unmet", l.unmet, "minus"),
        None => ("unknown", l.unknown_mark, "question"),
    };
    let mut words = text("words");
    if let Some(gap) = value.get("gap").and_then(Value::as_str).filter(|_| !negated) {
        // The words of what is missing tell the gap already.
        if !words.contains(gap) {
            words = format!("{words} ({gap})");
        }
    }
    let needed = text("needed");
    let needed = if needed.is_empty() { needed } else { fill(l.needed, &[("n", &needed)]) };
    let code = if negated { format!("not {code}") } else { code };
    Some(Condition { mark, mark_word, icon, words, code, observed: text("observed"), needed })
}

#[cfg(test)]
mod tests {
    use super::super::texts::Language;
    use super::*;
    use serde_json::json;

    #[test]
    fn conditions_are_told_in_order_with_what_is_needed_of_them() {
        let one = |code: &str, met: &str| {
            json!({"one": {"condition": code, "met": met, "observed": "1", "needed": "2",
                           "gap": "1 more", "words": code}})
        };
        let all = json!({"all": [
            one("a", "met"),
            {"any": [one("b", "not_met"), one("c", "unknown")]},
            {"not": one("d", "not_met")},
        ]});
        let lines = lines(Language::English.texts(), &all);
        let told: Vec<String> = lines
            .iter()
            .map(|it| match it {
                Line::Heading(text) => text.clone(),
                Line::Condition(it) => format!("{}{}, {}", it.mark_word, it.code, it.needed),
            })
            .collect();
        assert_eq!(
            told,
            [
                "Met: a, 2 needed",
                "One of these is enough",
                "Not met: b, 2 needed",
                "Unknown: c, 2 needed",
                "Met: not d, 2 needed",
            ]
        );
        assert_eq!(met_of(&lines), (2, 4));
        assert_eq!(lines[0].condition().unwrap().words, "a (1 more)");
    }
}
