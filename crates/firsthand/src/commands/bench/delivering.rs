//! Messages that go out: how many a second, beside a loop that only makes the calls.
//!
//! Both call the same receiver on this machine, as many at once, with the same bodies. Ours also
//! reads each message from the store, signs it, and has written down durably what came of it.
//!
//! Then a thousand receivers, two messages each: how late they come while one receiver hangs and
//! another fails, both with long queues, beside how late without these two.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::bail;
use firsthand_deliver::http::Network;
use firsthand_deliver::webhook::{self, Webhook, WebhookSettings};
use firsthand_deliver::{Way, Worker};
use firsthand_model::message::{Outgoing, WebhookCall};
use firsthand_model::{Json, Text};
use firsthand_store::{Commit, Delivery, DeliveryState, Log, SqliteOptions, SqliteStore};

use super::company::Place;
use super::receiver::Receiver;
use super::report::{Figure, Report, Row};
use crate::clock;
use crate::output::Output;

const MESSAGES: u64 = 10_000;
const CHANNELS: u64 = 20;
/// Receivers of which one hangs and one fails, messages for each of the others, and for those two.
const CROWD: u64 = 1_000;
const CROWD_EACH: u64 = 2;
const BAD_EACH: u64 = 100;
/// Calls under way at once, of each channel.
const CALLS: u64 = 8;
/// How long all of it may take.
const PATIENCE: Duration = Duration::from_mins(2);
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// Measures it.
pub fn measure(
    place: &Place,
    runs: usize,
    report: &mut Report,
    output: Output,
) -> anyhow::Result<()> {
    let (mut ours, mut bare) = (0.0_f64, 0.0_f64);
    for run in 0..runs.max(1) {
        output.note(&format!("sending {MESSAGES} webhooks to {CHANNELS} receivers"));
        ours = ours.max(deliver(&place.path(&format!("deliver-{run}")))?);
        bare = bare.max(calls_alone()?);
    }
    let rate = |rate| Figure::PerSecond(rate, "messages/s");
    report.push(
        Row::new("webhooks sent, signed and written down", rate(ours))
            .faster_than("bare reqwest loop", rate(bare)),
    );
    output.note(&format!("{CROWD} receivers, one that hangs and one that fails"));
    let place = place.path("deliver-crowd");
    let (with, without) = (delay_p99(&place, true)?, delay_p99(&place, false)?);
    let others = CROWD - 2;
    report.push(
        Row::new(
            format!("p99 delay of {others} receivers, beside one that hangs and one that fails"),
            Figure::Seconds(with),
        )
        .times("without these two", Figure::Seconds(without)),
    );
    Ok(())
}

/// How late 99 of 100 messages come at most, in seconds, of all receivers but the two bad ones.
fn delay_p99(folder: &Path, bad: bool) -> anyhow::Result<f64> {
    let receiver = Receiver::start()?;
    let path = |number: u64| match number {
        0 if bad => "/hang".to_owned(),
        1 if bad => "/fail".to_owned(),
        _ => format!("/{number}"),
    };
    let paths: Vec<String> = (0..CROWD).map(path).collect();
    let mut messages = Vec::new();
    for _ in 0..if bad { BAD_EACH } else { 0 } {
        messages.extend([0, 1]);
    }
    for _ in 0..CROWD_EACH {
        messages.extend(2..CROWD);
    }
    let worker = Sending::begin(folder, &receiver, &paths, &messages)?;
    let wanted = usize::try_from((CROWD - 2) * CROWD_EACH)?;
    while receiver.taken_at().len() < wanted {
        worker.look()?;
    }
    let mut delays: Vec<f64> =
        receiver.taken_at().iter().map(|it| (*it - worker.begun).as_secs_f64()).collect();
    delays.sort_unstable_by(f64::total_cmp);
    // What hangs would hold up the end as well; nobody waits for it.
    std::thread::spawn(move || drop(worker));
    Ok(delays[delays.len() * 99 / 100])
}

/// A worker over an outbox of its own that sends.
struct Sending {
    worker: Worker,
    begun: Instant,
    path: PathBuf,
}

impl Sending {
    /// Queues a message for each of the receivers' numbers in `messages`, and lets them go.
    fn begin(
        folder: &Path,
        receiver: &Receiver,
        paths: &[String],
        messages: &[u64],
    ) -> anyhow::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let path = folder.join(format!("outbox-{}.db", clock::now().micros()));
        let store = Arc::new(SqliteStore::open(&path, &SqliteOptions::default())?);
        let network = Network::new()?;
        let name = |number: u64| Text::new(format!("receiver {number}"));
        let mut ways = Vec::new();
        for (number, path) in (0..).zip(paths) {
            let settings = WebhookSettings {
                url: format!("{}{path}", receiver.url),
                secrets: vec![SECRET.to_owned()],
                allow_private: true,
            };
            let channel = Arc::new(Webhook::new(&settings, &network)?);
            ways.push(Way { name: name(number), channel, per_minute: None });
        }
        let payload = serde_json::to_vec(&Outgoing::Webhook(call()))?;
        let now = clock::now();
        let message = |(number, of): (usize, &u64)| Delivery {
            id: Text::new(format!("dlv_{number}")),
            lead: None,
            account: None,
            channel: name(*of),
            queued_at: now,
            due_at: now,
            payload: payload.clone(),
            state: DeliveryState::Pending,
            attempts: 0,
            error: None,
        };
        let deliveries = messages.iter().enumerate().map(message).collect();
        store.commit(&Commit { deliveries, ..Commit::default() })?;
        let begun = Instant::now();
        let worker = Worker::start(store, ways, Arc::new(clock::now))?;
        Ok(Self { worker, begun, path })
    }

    /// How many were sent.
    fn sent(&self) -> u64 {
        self.worker.lanes().iter().map(|it| it.counts.sent).sum()
    }

    /// Waits for a moment.
    ///
    /// # Errors
    /// If it has taken too long already.
    fn look(&self) -> anyhow::Result<()> {
        if self.begun.elapsed() > PATIENCE {
            bail!("the messages were not sent within {} seconds", PATIENCE.as_secs());
        }
        std::thread::sleep(Duration::from_millis(1));
        Ok(())
    }
}

impl Drop for Sending {
    fn drop(&mut self) {
        self.worker.stop();
        std::fs::remove_file(&self.path).ok();
    }
}

/// Sends by the worker; messages a second.
fn deliver(folder: &Path) -> anyhow::Result<f64> {
    let receiver = Receiver::start()?;
    let paths: Vec<String> = (0..CHANNELS).map(|it| format!("/{it}")).collect();
    let messages: Vec<u64> = (0..MESSAGES).map(|it| it % CHANNELS).collect();
    let worker = Sending::begin(folder, &receiver, &paths, &messages)?;
    while worker.sent() < MESSAGES {
        worker.look()?;
    }
    Ok(MESSAGES as f64 / worker.begun.elapsed().as_secs_f64())
}

/// Makes the same calls and nothing else; calls a second.
fn calls_alone() -> anyhow::Result<f64> {
    let receiver = Receiver::start()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let client = reqwest::Client::builder().no_proxy().build()?;
    let body = webhook::body(&call()).to_string();
    let left = Arc::new(AtomicU64::new(MESSAGES));
    let begin = Instant::now();
    runtime.block_on(async {
        let loops: Vec<_> = (0..CHANNELS * CALLS)
            .map(|_| {
                let (client, left) = (client.clone(), Arc::clone(&left));
                let (url, body) = (format!("{}/hook", receiver.url), body.clone());
                tokio::spawn(async move {
                    let one_less = |it: u64| it.checked_sub(1);
                    while left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less).is_ok()
                    {
                        let sent = client.post(&url).body(body.clone()).send().await?;
                        sent.bytes().await?;
                    }
                    Ok::<_, reqwest::Error>(())
                })
            })
            .collect();
        for it in loops {
            it.await??;
        }
        anyhow::Ok(())
    })?;
    Ok(MESSAGES as f64 / begin.elapsed().as_secs_f64())
}

fn call() -> WebhookCall {
    let data = r#"{"lead":"lead_1","account":"acme","track":"product","reasons":["8,140 of 10,000 contacts"]}"#;
    let data = Json::parse(data.to_owned()).expect("it is written above");
    WebhookCall { event: "lead.opened".into(), at: clock::now(), data }
}
