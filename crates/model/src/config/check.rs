//! References inside the plain configuration: plans and meters that others name.
//!
//! What texts in the language refer to is for the crate `rules` to check.

use super::Project;
use super::read::Reader;
use crate::Text;
use crate::diagnostic::{Problem, SourceText, codes, nearest};

/// What a value of the configuration can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Referent {
    Plan,
    Meter,
}

/// Notes every reference to something that nobody defined.
pub(super) fn references(reader: &Reader<'_>, project: &Project) {
    for (referent, name) in reader.references() {
        let known: Vec<&str> = match referent {
            Referent::Plan => project.plans.keys().map(Text::as_str).collect(),
            Referent::Meter => project.meters.keys().map(Text::as_str).collect(),
        };
        // Plan ids come from the data, where letter case wavers.
        let found = known.iter().any(|it| match referent {
            Referent::Plan => it.to_lowercase() == name.text.to_lowercase(),
            Referent::Meter => *it == name.text,
        });
        if !found && !reader.is_broken(&name.text) {
            unknown(reader, referent, &name, &known);
        }
    }
}

fn unknown(reader: &Reader<'_>, referent: Referent, name: &SourceText, known: &[&str]) {
    let (what, define) = match referent {
        Referent::Plan => ("plan", "Define it under `plans`, or remove it here."),
        Referent::Meter => ("meter", "Define it under `meters`, or remove it here."),
    };
    let help = match nearest(&name.text, known.iter().copied()) {
        Some(near) => format!("Did you mean `{near}`?"),
        None => define.to_owned(),
    };
    let message = format!("unknown {what} `{}`", name.text);
    let problem = Problem::error(codes::UNKNOWN_NAME, 0..name.text.len(), message);
    reader.note(name.locate(problem.with_help(help)));
}
