//! Names that nothing reads (W510).
//!
//! Definitions and outcomes are read by people, so they are never unused.

use std::collections::BTreeSet;

use firsthand_model::Text as Name;
use firsthand_model::config::Project;
use firsthand_model::diagnostic::{SourceText, codes};

use super::Notes;
use super::texts::Text;
use crate::lang::ast::{EventName, Expr, Moment};
use crate::lang::walk::{Part, parts};

/// Holds all names that are defined against all that are read.
pub(super) fn check(project: &Project, texts: &[Text<'_>], notes: &mut Notes) {
    let read = read(project, texts);
    let mut unused = |kind: &str, name: &Name, declared: &SourceText, use_it: String| {
        if !read.contains(&(kind, name.clone())) {
            let message = format!("nothing reads the {kind} `{name}`");
            let help = format!("Read it with `{use_it}`, or remove it.");
            notes.warn(declared, codes::UNUSED, &(0..declared.text.len()), message, help);
        }
    };
    for (name, it) in &project.constants {
        unused("constant", name, &it.declared, format!("@{name}"));
    }
    for (name, it) in &project.meters {
        unused("meter", name, &it.declared, format!("usage({name})"));
    }
    for (name, it) in &project.scores {
        unused("score", name, &it.declared, format!("score({name})"));
    }
    for (name, it) in &project.grades {
        unused("grade", name, &it.declared, format!("grade({name})"));
    }
    for (name, entries) in &project.events.groups {
        // A group keeps no place of its own; its name stands before its first entry.
        if let Some(declared) = entries.first().and_then(|first| key_before(first, name)) {
            unused("event group", name, &declared, format!("count({name})"));
        }
    }
}

/// Everything that is read somewhere, by kind and name.
fn read(project: &Project, texts: &[Text<'_>]) -> BTreeSet<(&'static str, Name)> {
    let mut read = BTreeSet::new();
    for text in texts {
        parts(text.root(), &mut |part| {
            let found = match part {
                Part::Name(EventName::Group(name), _) => ("event group", name),
                Part::Moment(Moment::Constant(name), _) | Part::Expr(Expr::Constant(name), _) => {
                    ("constant", name)
                }
                Part::Expr(Expr::Meter(_, name), _) => ("meter", name),
                Part::Expr(Expr::Score(name, _), _) => ("score", name),
                Part::Expr(Expr::Grade(name), _) => ("grade", name),
                _ => return,
            };
            read.insert((found.0, found.1.clone()));
        });
    }
    // Limits of plans and reasons for people read meters too.
    for terms in project.plans.values().flat_map(|it| &it.terms) {
        read.extend(terms.limits.keys().map(|it| ("meter", it.clone())));
    }
    for why in project.definitions.values().filter_map(|it| it.why.as_ref()) {
        let named = |it: &&Name| {
            ["usage.", "limit."].iter().any(|of| why.text.contains(&format!("{of}{it}")))
        };
        read.extend(project.meters.keys().filter(named).map(|it| ("meter", it.clone())));
    }
    read
}

/// The key above or before an entry, as a text at its own place.
fn key_before(entry: &SourceText, name: &str) -> Option<SourceText> {
    let before = entry.file.text.get(..entry.file_offset(0))?;
    let at = before.rfind(&format!("{name}:"))?;
    Some(SourceText { text: name.into(), file: entry.file.clone(), anchors: [(0, at)].into() })
}
