//! Starting a server over recorded history: how long until it decides, from the history alone and
//! from what the last server left, and what it remembers.

use std::time::Instant;

use super::Sizes;
use super::company::{self, Place};
use super::report::{Figure, Report, Row, Target};
use super::server::Server;
use crate::output::{Output, counted};

/// Seconds within which a start is to be over, whatever its history up to 100 million events.
const STARTED_WITHIN: f64 = 15.0;

/// Measures it.
pub fn measure(
    place: &Place,
    sizes: Sizes,
    report: &mut Report,
    output: Output,
) -> anyhow::Result<()> {
    let events = counted(sizes.events, "event");
    let project = company::project(place, sizes.events, sizes.threads, output)?;
    output.note(&format!("starting a server over {events}"));
    // The first start publishes the definitions.
    drop(Server::start(&project)?);
    let timed = |what: &str| -> anyhow::Result<(Server, Row)> {
        let begin = Instant::now();
        let server = Server::start(&project)?;
        let took = Figure::Seconds(begin.elapsed().as_secs_f64());
        Ok((server, Row::new(format!("start over {events}, {what}"), took)))
    };
    let (server, row) = timed("the plug was pulled")?;
    report.push(row);
    let begin = Instant::now();
    server.end()?;
    let took = Figure::Seconds(begin.elapsed().as_secs_f64());
    report.push(Row::new("an end in order, the state written down", took));
    let (server, row) = timed("the last server ended in order")?;
    report.push(row.target(Target::Below(Figure::Seconds(STARTED_WITHIN))));
    if let Some(memory) = server.resident_bytes() {
        let accounts = server.metric("firsthand_accounts")?.max(1);
        report.push(Row::new("memory of the server after it", Figure::Memory(memory)));
        report.push(Row::new("the same, an account", Figure::Bytes(memory / accounts)));
    }
    Ok(())
}
