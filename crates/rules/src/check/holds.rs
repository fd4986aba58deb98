//! Conditions that can never hold (W504) and conditions that always hold (W505).
//!
//! Only what is certain is said: comparisons with fixed numbers and texts, joined by `and` or
//! `or`, on values that are written alike.

use std::collections::BTreeMap;
use std::ops::Range;

use firsthand_model::config::Project;
use firsthand_model::diagnostic::{codes, nearest};
use firsthand_model::fact::Kind;
use firsthand_model::{Decimal, Text as Name};

use super::Notes;
use super::band::{Band, cover};
use super::range::range;
use super::shown::{quoted, word_in};
use super::test::{Asks, Fixed, Test, compares, fixed, test};
use super::texts::Text;
use super::windows;
use crate::eval::value::same_text;
use crate::lang::ast::{At, Comparison, Expr, Field, Key, WEEKDAYS};
use crate::lang::walk::{Part, children};

/// Looks at every condition of every text.
pub(super) fn check(project: &Project, texts: &[Text<'_>], notes: &mut Notes) {
    for text in texts {
        let mut look = Look { project, text, notes: &mut *notes };
        look.part(text.root(), text.subject);
    }
}

struct Look<'a, 'p> {
    project: &'p Project,
    text: &'a Text<'p>,
    notes: &'a mut Notes,
}

impl Look<'_, '_> {
    fn part(&mut self, part: Part<'_>, subject: Kind) {
        if let Some(found) = windows::empty(part) {
            self.never(&found.span, found.message, found.help);
        }
        let mut inside = subject;
        if let Part::Expr(expr, span) = part {
            let tree = At::new(expr.clone(), span.clone());
            self.expr(&tree, subject);
            match expr {
                Expr::OfAccount(_) | Expr::Each { key: Key::Sibling, .. } => inside = Kind::Account,
                Expr::Each { key: Key::Member, .. } | Expr::Rank(_) => inside = Kind::Person,
                _ => {}
            }
        }
        if let Part::Expr(Expr::Not(negated), _) = part
            && test(self.project, negated).is_some()
        {
            // It was judged as one with its negation.
            children(Part::expr(negated), &mut |child| self.part(child, inside));
        } else {
            children(part, &mut |child| self.part(child, inside));
        }
    }

    fn expr(&mut self, tree: &At<Expr>, subject: Kind) {
        match &tree.node {
            Expr::And(of) => self.all_of(&conjuncts(of), subject),
            Expr::Or(of) => self.any_of(of, subject),
            Expr::Between(_, low, high) => self.between(tree, low, high),
            Expr::Compare(op, left, right) => self.sides(tree, *op, left, right),
            Expr::AtLeast(needed, of) => self.at_least(tree, *needed, of.len()),
            _ => {}
        }
        if let Some(test) = test(self.project, tree) {
            self.single(&test, subject);
        }
    }

    fn at_least(&mut self, tree: &At<Expr>, needed: u32, of: usize) {
        let words = format!("at least {needed}");
        let span = tree.span.start..(tree.span.start + words.len()).min(tree.span.end);
        let help = format!("Ask for at least 1 to {of} of them.");
        if needed == 0 {
            self.always(&span, "`at least 0` always holds".to_owned(), help);
        } else if needed as usize > of {
            self.never(&span, format!("`{words}` of {of} conditions can never hold"), help);
        }
    }

    /// A comparison of two fixed things, or of a thing with itself.
    fn sides(&mut self, tree: &At<Expr>, op: Comparison, left: &At<Expr>, right: &At<Expr>) {
        let both = (fixed(self.project, left), fixed(self.project, right));
        let holds = match both {
            (Some(Fixed::Number(a)), Some(Fixed::Number(b))) => compares(op, a, b),
            (Some(Fixed::Text(a)), Some(Fixed::Text(b))) => match op {
                Comparison::Equal => same_text(&a, &b),
                Comparison::NotEqual => !same_text(&a, &b),
                _ => return,
            },
            (None, None) if left == right => compares(op, 0, 0),
            _ => return,
        };
        let written = self.quote(&tree.span);
        let help = "Compare something that can change, such as a count or a trait.";
        if holds {
            self.always(&tree.span, format!("{written} always holds"), help);
        } else {
            self.never(&tree.span, format!("{written} can never hold"), help);
        }
    }

    fn between(&mut self, tree: &At<Expr>, low: &At<Expr>, high: &At<Expr>) {
        let ends = (fixed(self.project, low), fixed(self.project, high));
        if let (Some(Fixed::Number(a)), Some(Fixed::Number(b))) = ends
            && a > b
        {
            let message = format!("nothing lies {}", self.quote(&(low.span.start..high.span.end)))
                .replacen('`', "`between ", 1);
            let help = "Write the smaller end first.";
            self.never(&tree.span, message, help);
        }
    }

    /// One comparison against what its value can be at all.
    fn single(&mut self, test: &Test<'_>, subject: Kind) {
        let written = self.quote(&test.whole.span);
        match &test.asks {
            Asks::Band(band) if !band.is_empty() => {
                let range = range(self.project, subject, test.value);
                let asked = if range.whole { band.whole() } else { *band };
                let value = self.quote(&test.value.span);
                if asked.and(range.band).is_empty() {
                    let help = if range.band.and(*band).is_empty() {
                        format!("{value} is {}.", bounds(&test.value.node, range.band))
                    } else {
                        format!("{value} is always a whole number.")
                    };
                    self.never(&test.whole.span, format!("{written} can never hold"), help);
                } else if asked.holds(range.band) && range.band != Band::ALL {
                    let known = if range.known { "" } else { " wherever it is known" };
                    let message = format!("{written} always holds");
                    let help =
                        format!("{value} is {}{known}.", bounds(&test.value.node, range.band));
                    self.always(&test.whole.span, message, help);
                }
            }
            Asks::OneOf(texts) | Asks::NoneOf(texts) => self.weekday(test, texts),
            _ => {}
        }
    }

    /// `weekday = "Munday"`.
    fn weekday(&mut self, test: &Test<'_>, texts: &[Name]) {
        if test.value.node != Expr::Field(Field::Weekday) {
            return;
        }
        let names = WEEKDAYS.map(firsthand_model::time::Weekday::name);
        for text in texts.iter().filter(|text| !names.iter().any(|it| same_text(it, text))) {
            let span = word_in(&self.text.source.text, &test.whole.span, text);
            let begins = |it: &&&str| text.len() > 1 && it.starts_with(&text.to_lowercase());
            let near = names.iter().find(begins).copied().or_else(|| nearest(text, names));
            let help = match near {
                Some(near) => format!("Did you mean `{near}`?"),
                None => "The days are `monday` to `sunday`.".to_owned(),
            };
            self.never(&span, format!("no day of the week is called `{text}`"), help);
        }
    }

    /// Comparisons joined by `and` that shut each other out.
    fn all_of(&mut self, conditions: &[&At<Expr>], subject: Kind) {
        for tests in self.by_value(conditions) {
            let whole = range(self.project, subject, tests[0].value).whole;
            for (place, later) in tests.iter().enumerate() {
                let Some(earlier) = tests[..place].iter().find(|it| exclude(it, later, whole))
                else {
                    continue;
                };
                let (a, b) = (self.quote(&earlier.whole.span), self.quote(&later.whole.span));
                let help = match (&earlier.asks, &later.asks) {
                    (Asks::OneOf(_), Asks::OneOf(_)) => {
                        "A value is one text at a time; use `or`, or `in (…)`."
                    }
                    _ => "Use `or`, or change one of the two.",
                };
                self.never(&later.whole.span, format!("{a} and {b} can never both hold"), help);
                break;
            }
        }
    }

    /// Comparisons joined by `or` of which one always holds.
    fn any_of(&mut self, conditions: &[At<Expr>], subject: Kind) {
        let conditions = conditions.iter().collect::<Vec<_>>();
        for tests in self.by_value(&conditions) {
            let value = range(self.project, subject, tests[0].value);
            let band = |test: &Test<'_>| match test.asks {
                Asks::Band(band) => Some(if value.whole { band.whole() } else { band }),
                _ => None,
            };
            let bands = tests.iter().filter_map(band).collect::<Vec<_>>();
            // One that holds always on its own has been told already.
            let alone = bands.iter().any(|band| band.holds(value.band));
            let numbers = tests.len() > 1 && !alone && cover(&bands, value.band, value.whole);
            let texts = tests.iter().enumerate().any(|(place, later)| {
                tests[..place].iter().any(|earlier| leave_nothing_out(earlier, later))
            });
            if !numbers && !texts {
                continue;
            }
            let first = self.quote(&tests[0].whole.span);
            let last = tests[tests.len() - 1].whole;
            let written = self.quote(&last.span);
            let help = if texts {
                "Use `and`, or `not in (…)`.".to_owned()
            } else {
                format!("Use `and`, or ask `{} is known`.", tests[0].key)
            };
            self.always(&last.span, format!("{first} or {written} always holds"), help);
        }
    }

    /// The tests among some conditions, those of one value together, in the order of the text.
    fn by_value<'t>(&self, conditions: &[&'t At<Expr>]) -> Vec<Vec<Test<'t>>> {
        let mut by_value: BTreeMap<String, Vec<Test<'t>>> = BTreeMap::new();
        for test in conditions.iter().filter_map(|it| test(self.project, it)) {
            by_value.entry(test.key.clone()).or_default().push(test);
        }
        by_value.into_values().collect()
    }

    fn quote(&self, span: &Range<usize>) -> String {
        quoted(&self.text.source.text, span)
    }

    fn never(&mut self, span: &Range<usize>, message: String, help: impl Into<String>) {
        self.notes.warn(self.text.source, codes::NEVER_TRUE, span, message, help);
    }

    fn always(&mut self, span: &Range<usize>, message: String, help: impl Into<String>) {
        self.notes.warn(self.text.source, codes::ALWAYS_TRUE, span, message, help);
    }
}

/// All conditions joined by `and`, those in parentheses too.
fn conjuncts(of: &[At<Expr>]) -> Vec<&At<Expr>> {
    let mut all = Vec::new();
    for it in of {
        match &it.node {
            Expr::And(inner) => all.extend(conjuncts(inner)),
            _ => all.push(it),
        }
    }
    all
}

/// Whether two tests of one value can never both be met.
fn exclude(a: &Test<'_>, b: &Test<'_>, whole: bool) -> bool {
    let among = |some: &[Name], text: &Name| some.iter().any(|it| same_text(it, text));
    match (&a.asks, &b.asks) {
        (Asks::Band(a), Asks::Band(b)) => {
            let both = a.and(*b);
            // One that is empty on its own has been told already.
            !a.is_empty() && !b.is_empty() && if whole { both.whole() } else { both }.is_empty()
        }
        (Asks::Band(band), Asks::NotNumber(it)) | (Asks::NotNumber(it), Asks::Band(band)) => {
            *band == Band::between(*it, *it)
        }
        (Asks::OneOf(a), Asks::OneOf(b)) => !a.iter().any(|it| among(b, it)),
        (Asks::OneOf(some), Asks::NoneOf(none)) | (Asks::NoneOf(none), Asks::OneOf(some)) => {
            some.iter().all(|it| among(none, it))
        }
        _ => false,
    }
}

/// Whether of two tests of one value one is always met: it cannot be both of two texts.
fn leave_nothing_out(a: &Test<'_>, b: &Test<'_>) -> bool {
    match (&a.asks, &b.asks) {
        (Asks::NoneOf(a), Asks::NoneOf(b)) => {
            !a.iter().any(|it| b.iter().any(|other| same_text(it, other)))
        }
        (Asks::NotNumber(a), Asks::NotNumber(b)) => a != b,
        _ => false,
    }
}

/// What a value can be, in words.
fn bounds(value: &Expr, band: Band) -> String {
    let share = matches!(value, Expr::Percentile(..) | Expr::Growth(..));
    let end = |at: i128| {
        if share {
            format!("{}%", Decimal::from_raw(at * 100))
        } else {
            Decimal::from_raw(at).to_string()
        }
    };
    match (band.low, band.high) {
        (Some(low), Some(high)) => {
            format!("never below {} and never above {}", end(low.at), end(high.at))
        }
        (Some(low), None) => format!("never below {}", end(low.at)),
        (None, Some(high)) => format!("never above {}", end(high.at)),
        (None, None) => "any number".to_owned(),
    }
}
