//! The replay: against other engines, many definitions against one, and what it takes.

use std::collections::BTreeSet;
use std::path::Path;

use super::Sizes;
use super::company::{self, Place};
use super::entries::{self, Entry};
use super::report::{Figure, Report, Row, Target};
use super::task::{Kept, Replayed, Task};
use super::yardstick::{Engine, PYTHON, Query, Yardsticks};
use crate::output::Output;

/// How many times faster than another engine's best.
const TIMES_FASTER: f64 = 20.0;
/// Twenty definitions cost less than so many times one.
const TOGETHER_TIMES: f64 = 3.0;
/// What the definition has instead of one of its comparisons.
const CHANGED: &str = "people(core, last 7d) >= 4";
/// A changed threshold is judged anew in less.
const CHANGED_SECONDS: f64 = 0.3;

/// Measures it.
pub fn measure(
    place: &Place,
    sizes: Sizes,
    report: &mut Report,
    output: Output,
) -> anyhow::Result<()> {
    let Sizes { events, threads, runs } = sizes;
    let project = company::project(place, events, threads, output)?;
    let names = company::definitions();
    let own = Place::temporary()?;
    let found = own.path("entries.csv");

    output.note("replaying");
    let replay = |definitions: &[String], change: Option<&str>, from_kept, entries: &Path| {
        let task = Task::Replay {
            project: project.clone(),
            definitions: definitions.to_vec(),
            change: change.map(str::to_owned),
            from_kept,
            runs,
            entries: Some(entries.to_owned()),
        };
        task.ask::<Replayed>(threads)
    };
    let one = replay(&names[..1], None, false, &found)?;
    let ours = Figure::Seconds(one.seconds);
    against_engines(&one, &entries::read(&found)?, &project, sizes, report, output)?;

    output.note(&format!("replaying {} definitions", names.len()));
    let all = replay(&names, None, false, &found)?;
    let together = format!("replay of {} definitions together", names.len());
    report.push(
        Row::new(together, Figure::Seconds(all.seconds))
            .times("replay of one", ours)
            .target(Target::BelowTimes(TOGETHER_TIMES)),
    );
    let rate = Figure::PerSecond(one.facts as f64 / one.seconds, "facts/s");
    report.push(Row::new("replay of one definition", rate));
    for (what, replayed) in
        [("replay of one definition, memory", &one), ("replay of all, memory", &all)]
    {
        report.push_if(what, replayed.peak_bytes.map(Figure::Memory));
    }

    output.note("changing a threshold");
    let (found_from_kept, change) = (own.path("from-kept.csv"), Some(CHANGED));
    let anew = replay(&names[..1], change, false, &found)?;
    let from_kept = replay(&names[..1], change, true, &found_from_kept)?;
    report.push(
        Row::new("a changed threshold, from kept timelines", Figure::Seconds(from_kept.seconds))
            .faster_than("the same from events", Figure::Seconds(anew.seconds))
            .target(Target::Below(Figure::Seconds(CHANGED_SECONDS))),
    );
    let (ours, theirs) = (entries::read(&found_from_kept)?, entries::read(&found)?);
    compare(&ours, &theirs, "the same from events", report, output);

    output.note("keeping the state of every account");
    let definition = names[0].clone();
    let kept: Kept = Task::Keep { project: project.clone(), definition }.ask(threads)?;
    let leaf = |bytes: u64| Figure::Bytes(bytes.div_ceil((kept.accounts * kept.leaves).max(1)));
    report.push(Row::new("state of one account and leaf, saved", leaf(kept.saved_bytes)));
    report.push_if("state of one account and leaf, in memory", kept.resident_bytes.map(leaf));
    Ok(())
}

/// Holds entries against those that they must be the same as.
fn compare(
    ours: &BTreeSet<Entry>,
    theirs: &BTreeSet<Entry>,
    name: &str,
    report: &mut Report,
    output: Output,
) {
    let difference = entries::difference(ours, theirs, name);
    report.push(
        Row::new("what it finds", Figure::Count(ours.len() as u64, "entries"))
            .times(name, Figure::Count(theirs.len() as u64, "entries"))
            .target(Target::Same(difference.is_none())),
    );
    if let Some(words) = difference {
        output.note(&words);
    }
}

/// Holds the replay against each engine that is at hand.
fn against_engines(
    one: &Replayed,
    found: &BTreeSet<Entry>,
    project: &Path,
    sizes: Sizes,
    report: &mut Report,
    output: Output,
) -> anyhow::Result<()> {
    let history = project.join("data").join("history");
    let (yardsticks, ours) = (Yardsticks::new()?, Figure::Seconds(one.seconds));
    let ask = |engine: Engine, query| {
        output.note(&format!("asking {}", engine.name()));
        // What is not the best is asked once: it takes long, and nothing hangs on it.
        let runs = if query == Query::Plain { 1 } else { sizes.runs };
        yardsticks.ask(engine, query, &history, sizes.threads, runs)
    };
    let missing = |engine: Engine| format!("{}: not installed for {PYTHON}", engine.name());
    for engine in Engine::ALL {
        let row = Row::new("replay of one definition", ours);
        let Some(answer) = ask(engine, Query::Definition)? else {
            report.push(row.without(missing(engine)));
            continue;
        };
        let row =
            row.faster_than(format!("{}, best SQL", answer.name), Figure::Seconds(answer.seconds));
        report.push(row.target(Target::Times(TIMES_FASTER)));
        compare(found, &answer.entries, engine.name(), report, output);
    }
    let row = Row::new("replay of one definition", ours);
    match ask(Engine::DuckDb, Query::Plain)? {
        None => report.push(row.without(missing(Engine::DuckDb))),
        Some(answer) => {
            let name = format!("{}, SQL as one writes it", answer.name);
            report.push(row.faster_than(name, Figure::Seconds(answer.seconds)));
            compare(found, &answer.entries, Engine::DuckDb.name(), report, output);
        }
    }
    let row = Row::new("replay of one definition", ours);
    report.push(match ask(Engine::DuckDb, Query::Aggregate)? {
        None => row.without(missing(Engine::DuckDb)),
        Some(answer) => row
            .faster_than("DuckDB, count, max and count distinct", Figure::Seconds(answer.seconds))
            .target(Target::Times(1.0)),
    });
    Ok(())
}
