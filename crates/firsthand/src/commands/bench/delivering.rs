//! Messages that go out: how many a second, beside a loop that only makes the calls.
//!
//! Both call the same receiver on this machine, as many at once, with the same bodies. Ours also
//! reads each message from the store, signs it, and has written down durably what came of it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use firsthand_deliver::http::Network;
use firsthand_deliver::webhook::{self, Webhook, WebhookSettings};
use firsthand_deliver::{Way, Worker};
use firsthand_model::message::{Outgoing, WebhookCall};
use firsthand_model::{Json, Text};
use firsthand_store::{Commit, Delivery, DeliveryState, Log, SqliteOptions, SqliteStore};

use super::company::Place;
use super::report::{Figure, Report, Row};
use crate::clock;
use crate::output::Output;

const MESSAGES: u64 = 10_000;
const CHANNELS: u64 = 20;
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
    Ok(())
}

/// Sends by the worker; messages a second.
fn deliver(folder: &std::path::Path) -> anyhow::Result<f64> {
    std::fs::create_dir_all(folder)?;
    let path = folder.join(format!("outbox-{}.db", clock::now().micros()));
    let store = Arc::new(SqliteStore::open(&path, &SqliteOptions::default())?);
    let receiver = Receiver::start()?;
    let network = Network::new()?;
    let name = |number: u64| format!("receiver {number}");
    let mut ways = Vec::new();
    for number in 0..CHANNELS {
        let settings = WebhookSettings {
            url: receiver.url.clone(),
            secrets: vec![SECRET.to_owned()],
            allow_private: true,
        };
        let channel = Arc::new(Webhook::new(&settings, &network)?);
        ways.push(Way { name: name(number).into(), channel, per_minute: None });
    }
    let payload = serde_json::to_vec(&Outgoing::Webhook(call()))?;
    let now = clock::now();
    let message = |number: u64| Delivery {
        id: Text::new(format!("dlv_{number}")),
        lead: None,
        account: None,
        channel: name(number % CHANNELS).into(),
        queued_at: now,
        due_at: now,
        payload: payload.clone(),
        state: DeliveryState::Pending,
        attempts: 0,
        error: None,
    };
    let deliveries = (0..MESSAGES).map(message).collect();
    store.commit(&Commit { deliveries, ..Commit::default() })?;
    let begin = Instant::now();
    let worker = Worker::start(Arc::clone(&store) as _, ways, Arc::new(clock::now))?;
    while worker.lanes().iter().map(|it| it.counts.sent).sum::<u64>() < MESSAGES {
        if begin.elapsed() > PATIENCE {
            bail!("the messages were not sent within {} seconds", PATIENCE.as_secs());
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    let took = begin.elapsed();
    worker.stop();
    std::fs::remove_file(&path).ok();
    Ok(MESSAGES as f64 / took.as_secs_f64())
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
                let (url, body) = (receiver.url.clone(), body.clone());
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

/// A server that takes everything.
struct Receiver {
    url: String,
}

impl Receiver {
    fn start() -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").context("no port is free")?;
        let url = format!("http://{}/hook", listener.local_addr()?);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                std::thread::spawn(move || take(stream));
            }
        });
        Ok(Self { url })
    }
}

/// Answers each call of a connection with 200.
fn take(stream: TcpStream) -> Option<()> {
    let mut out = stream.try_clone().ok()?;
    out.set_nodelay(true).ok()?;
    let mut lines = BufReader::new(stream);
    let (mut line, mut body) = (String::new(), Vec::new());
    loop {
        let mut length = 0;
        loop {
            line.clear();
            if lines.read_line(&mut line).ok()? == 0 {
                return None;
            }
            let Some((name, value)) = line.trim_end().split_once(':') else {
                if line.trim_end().is_empty() {
                    break;
                }
                continue;
            };
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse().ok()?;
            }
        }
        body.resize(length, 0);
        lines.read_exact(&mut body).ok()?;
        out.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").ok()?;
    }
}
