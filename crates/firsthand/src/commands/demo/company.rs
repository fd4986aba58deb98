//! The company of the demo: what was recorded of it, and its project.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::Path;

use firsthand_model::fact::Body;
use firsthand_model::{Date, Fact, Span, Text, Time};
use firsthand_simulate::{CAST, Mess, Options, PROJECT, Size, World};

use crate::commands::init::write_new;
use crate::output::{Output, counted};

/// Which of all worlds it is. Of a few it is one in which every list has somebody in it, and
/// nothing else is to be read into it.
const SEED: u64 = 85;
/// Firms beside those that are written out.
const FIRMS: u64 = 600;
/// The day on which the visitor comes: the Thursday on which one of those that are written out
/// qualifies, about an hour after.
const TODAY: i64 = 360;
const HOUR: i64 = 8;
/// How much is recorded: what lies behind today is still to come.
const DAYS: i64 = 392;
/// For how long everything has happened on a server; before that it was imported.
const ON_A_SERVER: Span = Span(7 * 13 * Span::DAY.0);

/// The sources and their keys: the product, its website, and its billing.
pub const SOURCES: [(&str, &str); 3] = [
    ("app", "demo-key-of-the-app"),
    ("website", "demo-key-of-the-website"),
    ("billing", "demo-key-of-billing"),
];

/// What stands in the settings of the simulated company, and what in those of the demo.
const CHANGES: [(&str, &str); 3] = [
    (
        "# This is the project of the simulated company. Change a line, then run `firsthand check`.\n",
        "# This is the project of `firsthand demo`, which sends nothing: its receivers are simulated.\n\
         # To run it with `firsthand serve`, switch channels off that have nobody to send to.\n",
    ),
    (
        "# Who works on leads. Nobody is written to: the one channel that is on shows messages inside the\n\
         # product; the others are there to be looked at. Take `enabled: false` away to use them.\n",
        "# Who works on leads, and by which channels they and the customers are told.\n",
    ),
    ("    enabled: false\n", ""),
];

/// What was recorded, until today and beyond.
pub struct Company {
    /// In order of time, each from its source.
    pub facts: Vec<Fact>,
    /// When the visitor comes.
    pub now: Time,
}

impl Company {
    /// The company as it is on the Thursday before.
    pub fn of(today: Time) -> Self {
        let thursday = last_thursday(today);
        let first_day = Date(i32::try_from(thursday - TODAY).unwrap_or_default());
        let mut facts = facts(FIRMS, first_day, DAYS);
        for fact in &mut facts {
            fact.source = source_of(fact);
        }
        let now = Time(thursday * Span::DAY.0) + Span::HOUR.times(HOUR);
        Self { facts, now }
    }

    /// From when on everything happened on a server.
    pub fn live_from(&self) -> Time {
        self.now - ON_A_SERVER
    }

    /// The facts of a time, its end left out.
    pub fn between(&self, from: Time, to: Time) -> &[Fact] {
        let at = |time: Time| self.facts.partition_point(|it| it.time < time);
        &self.facts[at(from)..at(to)]
    }

    /// Says whom one is going to see.
    pub fn tell(&self, output: Output) -> anyhow::Result<()> {
        output.say(&format!(
            "Postbox sells e-mail marketing, free up to 10,000 contacts. Its year: {} of {}; the last \
             quarter as a server saw it, with simulated reps and readers.",
            counted(self.between(Time::MIN, self.now).len() as u64, "fact"),
            counted(FIRMS + CAST as u64, "firm"),
        ))?;
        Ok(())
    }
}

/// Writes the project into a folder in which there is none.
///
/// # Errors
/// Where there is one, or the folder cannot be written.
pub fn write_project(dir: &Path, listen: SocketAddr) -> anyhow::Result<()> {
    let written = PROJECT.iter().map(|(path, text)| {
        let is_settings = *path == firsthand_model::config::SETTINGS_FILE;
        (*path, if is_settings { settings(text, listen) } else { (*text).to_owned() })
    });
    let files: Vec<(&str, String)> = written.collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, &**text)).collect();
    write_new(dir, &files)
}

/// The last Thursday, today included, in days since 1970; that began on one.
fn last_thursday(today: Time) -> i64 {
    let day = today.0.div_euclid(Span::DAY.0);
    day - day.rem_euclid(7)
}

/// The settings of the simulated company with sources, and with all channels on.
fn settings(text: &str, listen: SocketAddr) -> String {
    let mut text = text.to_owned();
    for (from, to) in CHANGES {
        debug_assert!(text.contains(from), "the project has no {from:?} any more");
        text = text.replace(from, to);
    }
    let sources = SOURCES.map(|(name, key)| format!("  {name}: {{key: {key}}}\n")).concat();
    format!("{text}\nurl: http://{listen}\n\nsources:\n{sources}")
}

/// Where a fact would have come from.
fn source_of(fact: &Fact) -> Text {
    let [app, website, billing] = SOURCES.map(|(name, _)| name);
    Text::new_static(match &fact.body {
        Body::Record { .. } => billing,
        _ if fact.who.user.is_none() && fact.who.account.is_none() => website,
        _ => app,
    })
}

/// Everything recorded of so many firms and of those that are written out, in order of time.
pub fn facts(firms: u64, first_day: Date, days: i64) -> Vec<Fact> {
    let size = Size::Companies(firms);
    let mess = Mess::default();
    let world = World::new(Options { seed: SEED, size, first_day, days, mess });
    let mut facts = world.cast();
    let made = world.stream(
        |it| it.facts,
        |it| {
            facts.extend(it);
            Ok::<(), Infallible>(())
        },
    );
    let Ok(_) = made;
    facts.sort_by(|one, other| (one.time, &one.id).cmp(&(other.time, &other.id)));
    facts
}

#[cfg(test)]
mod tests {
    use firsthand_model::diagnostic::Severity;

    use super::*;
    use crate::project::Folder;

    #[test]
    fn the_project_of_the_demo_is_sound_and_tells_everybody() {
        let dir = tempfile::tempdir().unwrap();
        write_project(dir.path(), "127.0.0.1:8787".parse().unwrap()).unwrap();
        let loaded = Folder::find(Some(dir.path())).unwrap().load();
        let errors = loaded.diagnostics.iter().filter(|it| it.problem.severity == Severity::Error);
        assert_eq!(errors.count(), 0, "{:?}", loaded.diagnostics);
        assert!(loaded.project.channels.values().all(|it| it.enabled));
        assert_eq!(loaded.project.sources.len(), SOURCES.len());
    }

    #[test]
    fn the_visitor_comes_on_a_thursday_within_the_last_week() {
        // 2026-11-19 was a Thursday.
        let thursday = 20_776;
        for days in 0..7 {
            let today = Time((thursday + days) * Span::DAY.0 + Span::HOUR.0 * 23);
            assert_eq!(last_thursday(today), thursday);
        }
    }
}
