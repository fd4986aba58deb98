//! What is to be changed into what: one comparison, read from the text that was given.

use std::ops::Range;

use firsthand_model::diagnostic::{Problem, codes, nearest};

use super::site::{Compared, Sense, Site, compared};
use super::{Clause, Effect};
use crate::lang::ast::{Aggregate, At, Expr};
use crate::lang::{parse, print};

/// The comparison that was given.
pub(super) struct Wanted<'t> {
    /// The part of definitions that is meant, if one was named.
    pub clause: Option<Clause>,
    /// All of it, in canonical form.
    pub shown: String,
    /// The value that it compares, in canonical form.
    pub value: String,
    /// Where that stands in the text.
    pub value_span: Range<usize>,
    sense: Sense,
    tree: At<Expr>,
    text: &'t str,
}

impl<'t> Wanted<'t> {
    /// Reads a text such as `people(core, last 7d) >= 4` or `stay: trial_left <= 5d`.
    pub fn read(text: &'t str) -> Result<Self, Vec<Problem>> {
        let (clause, from) = clause(text).map_err(|it| vec![it])?;
        let moved = |span: Range<usize>| span.start + from..span.end + from;
        let mut tree = parse::condition(&text[from..]).map_err(|problems| {
            let moved =
                problems.into_iter().map(|it| Problem { span: moved(it.span.clone()), ..it });
            moved.collect::<Vec<_>>()
        })?;
        tree.span = moved(tree.span);
        let Some(Compared { value, sense }) = compared(&tree.node) else {
            return Err(vec![no_comparison(&tree)]);
        };
        let value_span = moved(value.span.clone());
        let (shown, value) = (print::expr(&tree.node), print::expr(&value.node));
        Ok(Self { clause, shown, value, value_span, sense, tree, text })
    }

    /// The comparison as it was written.
    pub fn written(&self) -> &'t str {
        &self.text[self.span()]
    }

    /// Where the comparison stands in the text.
    pub fn span(&self) -> Range<usize> {
        self.tree.span.clone()
    }

    /// Whether it needs parentheses wherever a comparison needs none.
    pub const fn is_negated(&self) -> bool {
        matches!(self.tree.node, Expr::Not(_))
    }

    /// Those comparisons of the value that are meant: if they are of different senses, those of
    /// the same.
    pub fn meant(&self, mut sites: Vec<Site>) -> Vec<Site> {
        if sites.iter().any(|it| it.sense == self.sense) {
            sites.retain(|it| it.sense == self.sense);
        }
        sites
    }

    /// What becomes of a comparison that is meant.
    pub fn effect_on(&self, site: &Site) -> Effect {
        if site.shown == self.shown {
            return Effect::AsBefore;
        }
        let new = self.shown.strip_prefix(self.value.as_str());
        match new.filter(|_| site.shown.starts_with(&self.value)) {
            Some(new) => Effect::TakenAs(new.trim_start().to_owned()),
            None => Effect::TakenAs(self.shown.clone()),
        }
    }
}

/// The part of definitions that a text begins with, if it does, and where the rest begins.
fn clause(text: &str) -> Result<(Option<Clause>, usize), Problem> {
    // No condition begins with a word and a colon.
    let Some((word, _)) = text.split_once(':') else { return Ok((None, 0)) };
    let (from, to) = (word.len() - word.trim_start().len(), word.trim_end().len());
    let name = word.trim();
    if name.is_empty() || !name.chars().all(|it| it.is_alphanumeric() || matches!(it, '_' | '-')) {
        return Ok((None, 0));
    }
    let words = Clause::ALL.map(Clause::word);
    if let Some(place) = words.iter().position(|it| *it == name) {
        return Ok((Some(Clause::ALL[place]), word.len() + 1));
    }
    let help = match nearest(name, words) {
        Some(near) => format!("Did you mean `{near}:`?"),
        None => "Begin with `when:`, `stay:` or `unless:`, or with the comparison.".to_owned(),
    };
    let message = format!("`{name}` is no condition of a definition");
    Err(Problem::error(codes::WRONG_PLACE, from..to, message).with_help(help))
}

/// Says why something is no comparison, and what to give instead.
fn no_comparison(tree: &At<Expr>) -> Problem {
    let shown = print::expr(&tree.node);
    let (message, help) = match &tree.node {
        Expr::And(_) | Expr::Or(_) => {
            ("these are several conditions", "Give each comparison by itself.".to_owned())
        }
        Expr::Aggregate { kind: Aggregate::Seen | Aggregate::Never, of, events, windows } => {
            let (of, events, windows) = (of.clone(), events.clone(), windows.clone());
            let count = Expr::Aggregate { kind: Aggregate::Count, of, events, windows };
            let help = format!(
                "Say `{} >= 1` in the definition: its number can be changed.",
                print::expr(&count)
            );
            ("this compares nothing", help)
        }
        Expr::Sequence { .. } | Expr::Qualified(_) | Expr::IsKnown(_) | Expr::IsUnknown(_) => {
            ("this compares nothing", "Give a comparison, such as `trial_left <= 5d`.".to_owned())
        }
        node if is_condition(node) => (
            "this is more than a comparison",
            "Give the comparison inside it by itself; it is found where it stands.".to_owned(),
        ),
        _ => ("this is a value alone", format!("Say what it is compared with: `{shown} >= 1`.")),
    };
    Problem::error(codes::WRONG_PLACE, tree.span.clone(), message).with_help(help)
}

/// Whether this is a condition with others inside.
const fn is_condition(expr: &Expr) -> bool {
    use crate::lang::ast::Quantifier::{Any, Every};
    matches!(
        expr,
        Expr::Not(_)
            | Expr::Was(..)
            | Expr::For(..)
            | Expr::AtLeast(..)
            | Expr::Each { over: Any | Every, .. }
            | Expr::Ago(..)
            | Expr::AtMoment(..)
            | Expr::OfAccount(_)
            | Expr::If { .. }
    )
}
