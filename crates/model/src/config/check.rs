//! References inside the plain configuration: plans, meters, channels, owners and so on that others
//! name.
//!
//! What texts in the language refer to is for the crate `rules` to check.

use std::collections::BTreeMap;

use super::read::Reader;
use super::{Project, play};
use crate::Text;
use crate::diagnostic::{Problem, SourceText, codes, nearest};
use crate::fact::Kind;

/// What a value of the configuration can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Referent {
    Plan,
    Meter,
    Channel,
    Message,
    Owner,
    /// Any definition.
    Definition,
    /// A definition on accounts.
    Segment,
    /// A definition on persons, where words for other people stand as well.
    People,
    /// A definition on accounts, where words for what has happened stand as well.
    StepCondition,
}

impl Referent {
    /// What it is called, and what to do where there is none.
    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Plan => ("plan", "Define it under `plans`, or remove it here."),
            Self::Meter => ("meter", "Define it under `meters`, or remove it here."),
            Self::Channel => ("channel", "Define it under `channels`, or remove it here."),
            Self::Message => ("message", "Write it under `messages`, or remove it here."),
            Self::Owner => (
                "owner",
                "Name somebody under `leads: owners:`, or write `crm owner`, `territory` or \
                 `round robin` where that is meant.",
            ),
            Self::Definition | Self::Segment => {
                ("definition", "Define it under `definitions/`, or remove it here.")
            }
            Self::People => (
                "receiver",
                "Write `most active`, `everyone`, `qualified`, `owner`, `team`, or the name of a \
                 definition on persons.",
            ),
            Self::StepCondition => (
                "condition",
                "Write `seen`, `clicked`, `dismissed`, `converted`, `answered`, `qualified`, or \
                 the name of a definition.",
            ),
        }
    }

    /// All names that are known where such a one is wanted.
    fn known(self, project: &Project) -> Vec<&str> {
        match self {
            Self::Plan => names(&project.plans),
            Self::Meter => names(&project.meters),
            Self::Channel => names(&project.channels),
            Self::Message => names(&project.messages),
            Self::Owner => names(&project.leads.owners),
            Self::Definition => names(&project.definitions),
            Self::Segment => definitions(project, Kind::Account).collect(),
            Self::People => {
                let words = ["most active", "everyone", "qualified", "owner", "team"];
                words.into_iter().chain(definitions(project, Kind::Person)).collect()
            }
            Self::StepCondition => {
                let words = play::condition_words().map(|it| -> &str { it });
                words.chain(definitions(project, Kind::Account)).collect()
            }
        }
    }
}

fn definitions(project: &Project, of: Kind) -> impl Iterator<Item = &str> {
    project.definitions.values().filter(move |it| it.subject == of).map(|it| it.name.as_str())
}

fn names<T>(all: &BTreeMap<Text, T>) -> Vec<&str> {
    all.keys().map(Text::as_str).collect()
}

/// Notes every reference to something that nobody defined.
pub(super) fn references(reader: &Reader<'_>, project: &Project) {
    for (referent, name) in reader.references() {
        let known = referent.known(project);
        // Plan ids come from the data, where letter case wavers.
        let found = known.iter().any(|it| match referent {
            Referent::Plan => it.to_lowercase() == name.text.to_lowercase(),
            _ => *it == name.text,
        });
        if !found
            && !reader.is_broken(&name.text)
            && !of_other_kind(reader, project, referent, &name)
        {
            unknown(reader, referent, &name, &known);
        }
    }
}

/// Notes a definition on the wrong kind of subject; whether it was one.
fn of_other_kind(
    reader: &Reader<'_>,
    project: &Project,
    referent: Referent,
    name: &SourceText,
) -> bool {
    let wanted = match referent {
        Referent::Segment | Referent::StepCondition => "accounts",
        Referent::People => "persons",
        _ => return false,
    };
    let Some(definition) = project.definitions.get(&name.text) else { return false };
    let found = if definition.subject == Kind::Account { "accounts" } else { "persons" };
    let message = format!("`{}` judges {found}, and one on {wanted} is wanted here", name.text);
    let help = format!("Name a definition on {wanted}.");
    let problem = Problem::error(codes::WRONG_SUBJECT, 0..name.text.len(), message);
    reader.note(name.locate(problem.with_help(help)));
    true
}

fn unknown(reader: &Reader<'_>, referent: Referent, name: &SourceText, known: &[&str]) {
    let (what, define) = referent.words();
    let help = match nearest(&name.text, known.iter().copied()) {
        Some(near) => format!("Did you mean `{near}`?"),
        None => define.to_owned(),
    };
    let message = format!("unknown {what} `{}`", name.text);
    let problem = Problem::error(codes::UNKNOWN_NAME, 0..name.text.len(), message);
    reader.note(name.locate(problem.with_help(help)));
}
