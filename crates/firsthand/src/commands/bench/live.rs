//! The running server: how many events it takes, and how soon it decides.
//!
//! A server of its own is started over a project of its own, on this machine; the clients that
//! send to it run beside it and share its cores. Each batch is one HTTP call, answered once it is
//! durable.

use std::io::{BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use firsthand_engine::measures::LATENCY_BOUNDS;
use firsthand_model::Time;
use firsthand_model::config::SETTINGS_FILE;
use firsthand_simulate::PROJECT;

use super::company::{DEFINITIONS, DEFINITIONS_FILE, Place, empty_project};
use super::report::{Figure, Report, Row, Target};
use super::server::{Server, answer};
use crate::clock;
use crate::commands::init::write_new;
use crate::output::Output;

const KEY: &str = "bench";
const SOURCES: &str = "\nsources:\n  bench: { key: bench }\n";
const BATCH: u64 = 100;
/// Connections kept open: enough that one is always heard while others wait for the disk.
const CLIENTS: u32 = 16;
/// How long each part is measured.
const MEASURED: Duration = Duration::from_secs(10);
/// How often the late lane is looked at.
const WATCHED_EVERY: Duration = Duration::from_millis(250);
/// How long it may take to catch up.
const CAUGHT_UP_WITHIN: Duration = Duration::from_mins(2);
/// The metric of the late lane.
const LATE: &str = "firsthand_facts_late";
/// Events a second at which latency is measured.
const STEADY_RATE: u64 = 20_000;
/// Accounts and people that do something.
const ACCOUNTS: u64 = 2_000;
const PEOPLE_PER_ACCOUNT: u64 = 5;
const EVENTS: [&str; 8] = [
    "Report exported",
    "Campaign sent",
    "Signed in",
    "Template edited",
    "Report viewed",
    "Segment created",
    "Limit warning shown",
    "Teammate invited",
];

/// Measures it.
pub fn measure(place: &Place, report: &mut Report, output: Output) -> anyhow::Result<()> {
    let few = project(place, "live-few")?;
    most(&Server::start(&few)?, "the company's own definitions", report, output)?;
    let all = project(place, "live")?;
    write_new(&all, &[(DEFINITIONS_FILE, DEFINITIONS)])?;
    let server = Server::start(&all)?;
    most(&server, "these and 20 more", report, output)?;
    for late in [0, 5] {
        output.note(&format!("sending {STEADY_RATE} events a second, {late} % of them late"));
        let before = server.decisions()?;
        let steady = send(&server, Some(STEADY_RATE), late)?;
        let after = server.decisions()?;
        let emptied = (late > 0).then(|| until_nothing_is_late(&server)).transpose()?;
        let of: Vec<f64> =
            after.iter().zip(&before).map(|(after, before)| after - before).collect();
        let named = if late == 0 { String::new() } else { format!(", {late} % of events late") };
        let rate = Figure::PerSecond(steady.rate, "events/s");
        report.push(Row::new(format!("steady rate{named}"), rate));
        for (share, target) in [(0.5, None), (0.99, Some(0.05))] {
            let what = format!("accepted to committed, p{:.0}{named}", share * 100.0);
            let row = Row::new(what, Figure::Seconds(quantile(&of, share)));
            report.push(match target {
                Some(most) => row.target(Target::Below(Figure::Seconds(most))),
                None => row,
            });
        }
        let answered = Figure::Seconds(steady.answered_p99);
        report.push(Row::new(format!("answered, p99{named}"), answered));
        if let Some(emptied) = emptied {
            let late = Figure::Count(steady.late, "facts");
            report.push(Row::new("late facts that waited, at most", late));
            report.push(Row::new("until none waited any more", Figure::Seconds(emptied)));
        }
    }
    Ok(())
}

/// A project of the company, with a source to send to.
fn project(place: &Place, name: &str) -> anyhow::Result<PathBuf> {
    let with_source = |(name, text): &(&str, &str)| {
        // The settings are the first document of their file.
        let end = text.find("\n---").unwrap_or(text.len());
        let source = if *name == SETTINGS_FILE { SOURCES } else { "" };
        ((*name).to_owned(), format!("{}{source}{}", &text[..end], &text[end..]))
    };
    let files: Vec<(String, String)> = PROJECT.iter().map(with_source).collect();
    let files: Vec<(&str, &str)> =
        files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    empty_project(place, name, &files)
}

/// How many events a server takes that judges some definitions.
fn most(
    server: &Server,
    definitions: &str,
    report: &mut Report,
    output: Output,
) -> anyhow::Result<()> {
    output.note(&format!("sending as fast as the server answers: {definitions}"));
    let rate = Figure::PerSecond(send(server, None, 0)?.rate, "events/s");
    let row =
        Row::new(format!("events over HTTP, durable, in batches of 100: {definitions}"), rate);
    report.push(row.target(Target::AtLeast(Figure::PerSecond(100_000.0, "events/s"))));
    Ok(())
}

/// How long it takes until the late lane is empty, in seconds.
fn until_nothing_is_late(server: &Server) -> anyhow::Result<f64> {
    let begin = Instant::now();
    while server.metric(LATE)? > 0 {
        if begin.elapsed() > CAUGHT_UP_WITHIN {
            bail!("late facts still wait after {} s", CAUGHT_UP_WITHIN.as_secs());
        }
        std::thread::sleep(WATCHED_EVERY);
    }
    Ok(begin.elapsed().as_secs_f64())
}

/// What a run of the clients came to.
struct Sent {
    rate: f64,
    answered_p99: f64,
    /// The most late facts that were seen to wait.
    late: u64,
}

/// Sends batches from all clients, at most so many events a second.
fn send(server: &Server, rate: Option<u64>, late_percent: u64) -> anyhow::Result<Sent> {
    let (at, mut late) = (server.at, 0);
    let (over, sent) = (AtomicBool::new(false), AtomicU64::new(0));
    let begin = Instant::now();
    let mut took: Vec<Duration> = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|turn| {
                let (over, sent) = (&over, &sent);
                scope.spawn(move || -> anyhow::Result<Vec<Duration>> {
                    let mut client = Client::connect(at, turn.into(), late_percent)?;
                    let apart =
                        rate.map(|rate| Duration::from_nanos(1_000_000_000 * BATCH / rate.max(1)));
                    // One after the other, not all of them at once.
                    let (mut took, mut next) =
                        (Vec::new(), begin + apart.unwrap_or_default() * turn);
                    while !over.load(Ordering::Relaxed) {
                        if let Some(apart) = apart {
                            std::thread::sleep(next.saturating_duration_since(Instant::now()));
                            next += apart * CLIENTS;
                        }
                        let begin = Instant::now();
                        client.send()?;
                        took.push(begin.elapsed());
                        sent.fetch_add(BATCH, Ordering::Relaxed);
                    }
                    Ok(took)
                })
            })
            .collect();
        let mut watch = || {
            while begin.elapsed() < MEASURED {
                std::thread::sleep(WATCHED_EVERY);
                late = server.metric(LATE)?.max(late);
            }
            anyhow::Ok(())
        };
        let watched = watch();
        over.store(true, Ordering::Relaxed);
        let mut all = Vec::new();
        for client in clients {
            match client.join() {
                Ok(took) => all.extend(took?),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        watched.map(|()| all)
    })?;
    let rate = sent.load(Ordering::Relaxed) as f64 / begin.elapsed().as_secs_f64();
    took.sort_unstable();
    let p99 = took.get(took.len() * 99 / 100).copied().unwrap_or_default();
    Ok(Sent { rate, answered_p99: p99.as_secs_f64(), late })
}

/// One connection that is kept.
struct Client {
    stream: BufReader<TcpStream>,
    name: u64,
    late_percent: u64,
    number: u64,
    body: String,
    request: String,
}

impl Client {
    fn connect(at: SocketAddr, name: u64, late_percent: u64) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(at).context("the server cannot be reached")?;
        stream.set_nodelay(true)?;
        let stream = BufReader::new(stream);
        let number = u64::try_from(clock::now().micros()).unwrap_or(0);
        Ok(Self { stream, name, late_percent, number, body: String::new(), request: String::new() })
    }

    fn send(&mut self) -> anyhow::Result<()> {
        use std::fmt::Write as _;
        let now = clock::now();
        self.body.clear();
        self.body.push_str(r#"{"batch":["#);
        for index in 0..BATCH {
            self.number += 1;
            // Spread over accounts as a hash would be, and the same in every run but for the ids.
            // What is done, by whom, and how late hang on digits of their own.
            let mixed = (self.number ^ self.name << 40).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 16;
            let account = mixed % ACCOUNTS;
            let person = account * PEOPLE_PER_ACCOUNT + mixed / ACCOUNTS % PEOPLE_PER_ACCOUNT;
            let rest = mixed / (ACCOUNTS * PEOPLE_PER_ACCOUNT);
            let event = EVENTS[usize::try_from(rest % 8).unwrap_or(0)];
            let late = rest / 8 % 100 < self.late_percent;
            // From minutes to days.
            let behind = if late { 60_000_000_i64 << (rest / 800 % 13) } else { 0 };
            let time = Time(now.0 - behind);
            let comma = if index == 0 { "" } else { "," };
            write!(
                self.body,
                r#"{comma}{{"type":"track","messageId":"{}-{}","userId":"u{person}","event":"{event}","timestamp":"{time}","context":{{"groupId":"a{account}"}},"properties":{{"format":"pdf","rows":{}}}}}"#,
                self.name,
                self.number,
                mixed % 500,
            )?;
        }
        self.body.push_str("]}");
        self.request.clear();
        write!(
            self.request,
            "POST /v1/batch HTTP/1.1\r\nHost: bench\r\nX-Write-Key: {KEY}\r\nContent-Length: {}\r\n\r\n",
            self.body.len()
        )?;
        let stream = self.stream.get_mut();
        stream.write_all(self.request.as_bytes())?;
        stream.write_all(self.body.as_bytes())?;
        let (status, _) = answer(&mut self.stream)?;
        if status != 200 {
            bail!("the server answered {status}");
        }
        Ok(())
    }
}

/// The smallest bound below which a share of all lies.
fn quantile(counts: &[f64], share: f64) -> f64 {
    let all: f64 = counts.iter().sum();
    let mut below = 0.0;
    for (count, bound) in counts.iter().zip(LATENCY_BOUNDS) {
        below += count;
        if below >= share * all {
            return bound;
        }
    }
    f64::INFINITY
}
