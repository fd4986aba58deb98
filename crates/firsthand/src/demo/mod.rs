//! The demonstration's company: **Postbox**, which sells e-mail marketing to small and middling
//! firms, free up to 10,000 contacts.
//!
//! A year of some 300 firms, from one seed: sign-ups, trials, work, content, bills and deals, as
//! [`facts`]; and the project that a team at Postbox would write, as [`FILES`]. Nothing here is
//! random at run time and nothing uses floating point, so everybody sees the same year.

mod cast;
mod chance;
mod firm;
mod life;
mod names;
mod tape;

use std::collections::BTreeSet;

use firsthand_model::{Fact, Span, Time};

use chance::Chance;
use firm::Firm;

pub use cast::{NEIGHBOUR, QUALIFIED};

/// The project's files: path and text.
pub const FILES: &[(&str, &str)] = &[
    ("firsthand.yaml", include_str!("../../demo/firsthand.yaml")),
    (
        "definitions/activated-trial.yaml",
        include_str!("../../demo/definitions/activated-trial.yaml"),
    ),
    ("definitions/content-lead.yaml", include_str!("../../demo/definitions/content-lead.yaml")),
    (
        "definitions/outgrowing-free.yaml",
        include_str!("../../demo/definitions/outgrowing-free.yaml"),
    ),
    (
        "definitions/ready-to-expand.yaml",
        include_str!("../../demo/definitions/ready-to-expand.yaml"),
    ),
    (".gitignore", include_str!("../../starter/gitignore")),
];

/// The source that the facts name.
pub const SOURCE: &str = "postbox";
/// How many firms the world has.
pub const FIRMS: usize = 302;
/// How long the recorded year is.
const DAYS: i64 = 364;
/// A Monday: 2025-09-01T00:00:00Z.
const FIRST_DAY: Time = Time(1_756_684_800_000_000);
/// Which year it is, of all that could have been.
const SEED: u64 = 80;

/// An instant by the day of the world and the second of that day.
const fn instant(day: i64, second: i64) -> Time {
    Time(FIRST_DAY.0 + Span::DAY.0 * day + Span::SECOND.0 * second)
}

/// Everything recorded, in order of time.
pub fn facts() -> Vec<Fact> {
    let world = Chance::from_seed(SEED);
    let mut taken: BTreeSet<_> = [QUALIFIED.into(), NEIGHBOUR.into()].into();
    let mut facts: Vec<Fact> = cast::tapes().into_iter().flat_map(tape::Tape::into_facts).collect();
    let mut number = 0;
    while taken.len() < FIRMS {
        number += 1;
        let mut chance = world.fork(number);
        let firm = Firm::draw(taken.len(), &mut chance);
        if taken.insert(firm.id.clone()) {
            facts.extend(life::play(&firm, &mut chance).into_facts());
        }
    }
    // What was planned for the days after the last is not recorded.
    let end = instant(DAYS, 0);
    facts.retain(|it| it.time < end);
    facts.sort_by(|a, b| (a.time, &a.id).cmp(&(b.time, &b.id)));
    facts
}

#[cfg(test)]
mod tests;
