//! The simulator: how fast, and whether its bytes depend on the number of threads.

use std::io;
use std::time::Instant;

use super::report::{Figure, Report, Row, Target};
use super::{Sizes, child};
use crate::output::Output;

/// Measures it.
pub fn measure(sizes: Sizes, report: &mut Report, output: Output) -> anyhow::Result<()> {
    let run = |threads: usize| -> anyhow::Result<(Figure, blake3::Hash)> {
        output.note(&format!("simulating with threads: {threads}"));
        let mut simulate = child::this_program(threads)?;
        simulate.args(["simulate", "--events", &sizes.events.to_string(), "-"]);
        let start = Instant::now();
        let hash = child::run(&mut simulate, |mut stdout| {
            let mut hasher = blake3::Hasher::new();
            io::copy(&mut stdout, &mut hasher)?;
            Ok(hasher.finalize())
        })?;
        let rate = sizes.events as f64 / start.elapsed().as_secs_f64();
        Ok((Figure::PerSecond(rate, "events/s"), hash))
    };
    let ((one, hash), (many, hash_of_many)) = (run(1)?, run(sizes.threads.max(2))?);
    report.push(
        Row::new("simulation, and its bytes", many)
            .faster_than("on 1 thread", one)
            .target(Target::Same(hash == hash_of_many)),
    );
    Ok(())
}
