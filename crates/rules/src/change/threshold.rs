//! The numbers of a definition that can be moved like a slider, and the conditions that it takes
//! one by one: what a preview tries out.

use std::fmt;
use std::ops::Range;

use firsthand_model::Decimal;
use firsthand_model::config::Definition;
use firsthand_model::diagnostic::SourceText;

use super::Clause;
use crate::lang::ast::{At, Comparison, Events, Expr, Length, LengthUnit, Unit};
use crate::lang::walk::{Part, children};
use crate::lang::{parse, print};

/// A number that a definition compares something with.
#[derive(Clone, Debug, PartialEq)]
pub struct Threshold {
    /// In which part of the definition.
    pub clause: Clause,
    /// The number's bytes in the text of that part.
    pub span: Range<usize>,
    /// The number.
    pub number: Number,
    /// What is compared with it, in canonical form: `usage(contacts)`.
    pub value: String,
    /// Of what the number is a share, in canonical form: `limit(contacts)`.
    pub share_of: Option<String>,
    /// The whole comparison, in canonical form.
    pub condition: String,
    /// Whether more is asked for as the number grows.
    pub at_least: bool,
    /// Whether the comparison is asked of the subject itself, at the instant of judging: not of
    /// its members, its weeks or an earlier instant.
    pub direct: bool,
    /// The comparison's bytes in the text.
    whole: Range<usize>,
}

/// A number as it is written.
#[derive(Clone, Debug, PartialEq)]
pub enum Number {
    /// `3`.
    Plain(Decimal),
    /// `80%`.
    Percent(Decimal),
    /// `20 USD`, `3 MB`.
    Amount(Decimal, Unit),
    /// `14d`.
    Length(Length),
}

impl Number {
    /// The figure without its unit.
    pub fn figure(&self) -> Decimal {
        match self {
            Self::Plain(it) | Self::Percent(it) | Self::Amount(it, _) => *it,
            Self::Length(it) => Decimal::from_raw(i128::from(it.count) * Decimal::ONE.raw()),
        }
    }

    /// The same with another figure; `None` where there is none such: a duration is whole.
    #[must_use]
    pub fn with(&self, figure: Decimal) -> Option<Self> {
        Some(match self {
            Self::Plain(_) => Self::Plain(figure),
            Self::Percent(_) => Self::Percent(figure),
            Self::Amount(_, unit) => Self::Amount(figure, unit.clone()),
            Self::Length(length) => {
                let whole = figure.raw() % Decimal::ONE.raw() == 0;
                let count = u32::try_from(figure.raw() / Decimal::ONE.raw()).ok();
                Self::Length(Length { count: count.filter(|it| whole && *it > 0)?, ..*length })
            }
        })
    }

    /// Whether only whole figures make sense: of durations; of plain numbers that are whole now.
    pub fn is_whole(&self) -> bool {
        match self {
            Self::Length(_) => true,
            Self::Plain(it) => it.raw() % Decimal::ONE.raw() == 0,
            Self::Percent(_) | Self::Amount(..) => false,
        }
    }
}

impl fmt::Display for Number {
    /// As the language writes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let expr = match self {
            Self::Plain(it) => Expr::Number(*it),
            Self::Percent(it) => Expr::Percent(*it),
            Self::Amount(it, unit) => Expr::Amount(*it, unit.clone()),
            Self::Length(it) => Expr::Length(*it),
        };
        f.write_str(&print::expr(&expr))
    }
}

impl Threshold {
    /// The text of its part of the definition with another number in its place.
    pub fn text_with(&self, text: &str, number: &Number) -> String {
        format!("{}{number}{}", &text[..self.span.start], &text[self.span.end..])
    }

    /// The comparison alone, with another number.
    pub fn condition_with(&self, text: &str, number: &Number) -> String {
        let (before, behind) =
            (&text[self.whole.start..self.span.start], &text[self.span.end..self.whole.end]);
        format!("{before}{number}{behind}")
    }
}

/// Every number that `when`, `stay` and `unless` compare something with, in the order of the text.
/// Conditions on single events (`where …`) and the lengths of windows are none.
pub fn thresholds(definition: &Definition) -> Vec<Threshold> {
    let mut found = Vec::new();
    for clause in Clause::ALL {
        let Some(text) = clause.text(definition) else { continue };
        let Ok(tree) = parse::condition(&text.text) else { continue };
        visit(clause, Part::expr(&tree), true, &mut found);
    }
    found
}

/// The conditions that are all needed, each as it is written; one if it is no `and`.
pub fn conjuncts(text: &SourceText) -> Vec<String> {
    let Ok(tree) = parse::condition(&text.text) else { return Vec::new() };
    let all = match &tree.node {
        Expr::And(all) => all.iter().collect(),
        _ => vec![&tree],
    };
    all.into_iter().map(|it| text.text[it.span.clone()].to_owned()).collect()
}

fn visit(clause: Clause, part: Part<'_>, direct: bool, found: &mut Vec<Threshold>) {
    let mut direct = direct;
    match part {
        Part::Expr(expr, whole) => {
            let mut note = |value: &At<Expr>, number: &At<Expr>, at_least| {
                let Some((number, span, share_of)) = number_of(number) else { return };
                found.push(Threshold {
                    clause,
                    span,
                    number,
                    value: print::expr(&value.node),
                    share_of,
                    condition: print::expr(expr),
                    at_least,
                    direct,
                    whole: whole.clone(),
                });
            };
            match expr {
                Expr::Compare(op, left, right) => {
                    let lower = match op {
                        Comparison::Greater | Comparison::GreaterOrEqual => Some(true),
                        Comparison::Less | Comparison::LessOrEqual => Some(false),
                        Comparison::Equal | Comparison::NotEqual => None,
                    };
                    if let Some(lower) = lower {
                        note(left, right, lower);
                        note(right, left, !lower);
                    }
                }
                Expr::Between(value, low, high) => {
                    note(value, low, true);
                    note(value, high, false);
                }
                _ => {}
            }
            direct &= matches!(expr, Expr::And(_) | Expr::Or(_) | Expr::AtLeast(..));
        }
        Part::Events(Events::Named { .. }, _) => return,
        _ => direct = false,
    }
    children(part, &mut |child| visit(clause, child, direct, found));
}

/// A number that is written out, with its bytes, and of what it is a share.
fn number_of(at: &At<Expr>) -> Option<(Number, Range<usize>, Option<String>)> {
    let number = match &at.node {
        Expr::Number(it) => Number::Plain(*it),
        Expr::Percent(it) => Number::Percent(*it),
        Expr::Amount(it, unit) => Number::Amount(*it, unit.clone()),
        // Calendar units have no length to draw a scale by.
        Expr::Length(it) => match it.unit {
            LengthUnit::Dates | LengthUnit::Months | LengthUnit::Years => return None,
            _ => Number::Length(*it),
        },
        Expr::Share(share, of) => {
            let (number, span, _) = number_of(share)?;
            return Some((number, span, Some(print::expr(&of.node))));
        }
        _ => return None,
    };
    Some((number, at.span.clone(), None))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(when: &str) -> Vec<Threshold> {
        let yaml = format!("definition: a\nwhen: |\n  {when}\n");
        let file = firsthand_model::diagnostic::SourceFile { name: "a.yaml".into(), text: yaml };
        let loaded =
            firsthand_model::config::Project::from_files(&[std::sync::Arc::new(file)], &|_| {
                Err(std::io::ErrorKind::NotFound.into())
            });
        thresholds(&loaded.project.definitions["a"])
    }

    fn shown(when: &str) -> Vec<String> {
        let one = |it: Threshold| {
            let of = it.share_of.map(|of| format!(" of {of}")).unwrap_or_default();
            let side = if it.at_least { "at least" } else { "at most" };
            let where_ = if it.direct { "" } else { ", inside" };
            format!("{} {side} {}{of}{where_}", it.value, it.number)
        };
        of(when).into_iter().map(one).collect()
    }

    #[test]
    fn numbers_that_something_is_compared_with_are_found() {
        let when = "usage(contacts) >= 80% of limit(contacts) and 3 <= count(\"A\", last 7d)";
        let wanted =
            ["usage(contacts) at least 80% of limit(contacts)", "count(\"A\", last 7d) at least 3"];
        assert_eq!(shown(when), wanted);
        let when = "trial_left between 2d and 7d or not (account.employees < 50)";
        let wanted = [
            "trial_left at least 2d",
            "trial_left at most 7d",
            "account.employees at most 50, inside",
        ];
        assert_eq!(shown(when), wanted);
    }

    #[test]
    fn numbers_of_events_windows_and_equalities_are_none() {
        let when = "count(\"A\" where size > 3, last 7d) = 2 and account.plan = \"free\"";
        assert_eq!(shown(when), [""; 0]);
    }

    #[test]
    fn what_is_asked_of_members_or_of_another_time_is_told_apart() {
        let when = "any member has (count(any) >= 3) and was (count(any) >= 5, last 30d)";
        let wanted = ["count(any) at least 3, inside", "count(any) at least 5, inside"];
        assert_eq!(shown(when), wanted);
    }

    #[test]
    fn another_number_takes_its_place() {
        let when = "days(any)>=3 and usage(contacts) >= 80% of limit(contacts)\n";
        let found = of(when);
        let four = found[0].number.with("4".parse().unwrap()).unwrap();
        let text = "days(any)>=4 and usage(contacts) >= 80% of limit(contacts)\n";
        assert_eq!(found[0].text_with(when, &four), text);
        assert_eq!(found[0].condition_with(when, &four), "days(any)>=4");
        let less = found[1].number.with("72.5".parse().unwrap()).unwrap();
        let condition = "usage(contacts) >= 72.5% of limit(contacts)";
        assert_eq!(found[1].condition_with(when, &less), condition);
        assert!(of("trial_left <= 7d")[0].number.with("1.5".parse().unwrap()).is_none());
    }

    #[test]
    fn what_is_all_needed_is_taken_apart_as_it_is_written() {
        let parts = |text: &str| conjuncts(&SourceText::inline("a", text));
        assert_eq!(parts("seen(any)\n and (days(any) >= 2 or never(\"A\"))").len(), 2);
        assert_eq!(parts("seen(any) or seen(\"A\")").len(), 1);
    }
}
