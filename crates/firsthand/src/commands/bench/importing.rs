//! Imports: how fast, and whether memory grows with the file.

use firsthand_simulate::PROJECT;

use super::Sizes;
use super::company::{self, Place};
use super::report::{Figure, Report, Row, Target};
use super::task::{Imported, Task};
use crate::output::{Output, counted};

/// Facts a second.
const PER_SECOND: f64 = 500_000.0;
/// The smaller of two files is one such part of the larger.
const PART: u64 = 5;
/// Memory for the larger is at most so many times that for the smaller.
const MEMORY_TIMES: f64 = 1.5;
/// The shapes, each with its name for people.
const SHAPES: [(&str, &str); 2] = [("own", "own shape"), ("segment", "Segment's shape")];

/// Measures them, each in a process of its own.
pub fn measure(
    place: &Place,
    sizes: Sizes,
    report: &mut Report,
    output: Output,
) -> anyhow::Result<()> {
    for (shape, name) in SHAPES {
        let import = |events: u64| -> anyhow::Result<Imported> {
            output.note(&format!("importing {} in {name}", counted(events, "event")));
            let made = company::file(place, events, shape, sizes.threads)?;
            let project = company::empty_project(place, "importing", PROJECT)?;
            let task =
                Task::Import { project: project.clone(), file: made.join(company::EVENTS_FILE) };
            let imported = task.ask(sizes.threads)?;
            company::remove(&project)?;
            place.done_with(&made)?;
            Ok(imported)
        };
        let (part, whole) = (import((sizes.events / PART).max(1))?, import(sizes.events)?);
        let rate = Figure::PerSecond(whole.facts as f64 / whole.seconds, "facts/s");
        report.push(
            Row::new(format!("import of NDJSON, {name}"), rate)
                .target(Target::AtLeast(Figure::PerSecond(PER_SECOND, "facts/s"))),
        );
        if let (Some(of_part), Some(of_whole)) = (part.peak_bytes, whole.peak_bytes) {
            report.push(
                Row::new(format!("import of NDJSON, {name}, memory"), Figure::Memory(of_whole))
                    .times("a fifth of the file", Figure::Memory(of_part))
                    .target(Target::WithinTimes(MEMORY_TIMES)),
            );
        }
    }
    Ok(())
}
