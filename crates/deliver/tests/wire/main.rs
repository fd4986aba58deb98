//! The worker over real sockets: what receivers get, whatever happens to either side.

mod crash;
mod hubspot;
mod load;
mod receiver;
mod slack;
mod webhook;

use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use firsthand_deliver::http::Network;
use firsthand_deliver::webhook::{Webhook, WebhookSettings};
use firsthand_deliver::{Way, Worker};
use firsthand_model::message::{Outgoing, WebhookCall};
use firsthand_model::{Json, Time};
use firsthand_store::contract::sample;
use firsthand_store::{
    Commit, Deliveries, Delivery, DeliveryFilter, DeliveryState, Log, PageRequest, SqliteOptions,
    SqliteStore,
};

const KEY: &[u8] = b"a secret of thirty-two letters..";

fn now() -> Time {
    #[expect(clippy::disallowed_methods, reason = "the worker's clock, which its caller gives it")]
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    Time(i64::try_from(since.as_micros()).unwrap())
}

fn open(folder: &Path) -> Arc<SqliteStore> {
    let options = SqliteOptions::default();
    Arc::new(SqliteStore::open(&folder.join("store.db"), &options).unwrap())
}

/// A webhook to a receiver on this machine.
fn way(network: &Network, name: &str, port: u16) -> Way {
    let settings = WebhookSettings {
        url: format!("http://127.0.0.1:{port}/{name}"),
        secrets: vec![format!("whsec_{}", STANDARD.encode(KEY))],
        allow_private: true,
    };
    let channel = Arc::new(Webhook::new(&settings, network).unwrap());
    Way { name: name.into(), channel, per_minute: None }
}

/// Starts sending to a receiver on this machine, by a channel for each name.
fn start<'n>(
    store: &Arc<SqliteStore>,
    port: u16,
    names: impl IntoIterator<Item = &'n str>,
) -> Worker {
    let network = Network::new().unwrap();
    let ways = names.into_iter().map(|it| way(&network, it, port)).collect();
    Worker::start(Arc::clone(store) as _, ways, Arc::new(now)).unwrap()
}

fn message(id: &str, channel: &str) -> Delivery {
    let data = Json::parse(r#"{"account":"acme"}"#.to_owned()).unwrap();
    let call = WebhookCall { event: "lead.opened".into(), at: now(), data };
    let payload = serde_json::to_vec(&Outgoing::Webhook(call)).unwrap();
    Delivery { channel: channel.into(), payload, ..sample::delivery(id, "acme", now()) }
}

fn enqueue(store: &SqliteStore, deliveries: Vec<Delivery>) {
    store.commit(&Commit { deliveries, ..Commit::default() }).unwrap();
}

/// How many messages are in a state.
fn count(store: &SqliteStore, state: DeliveryState) -> u64 {
    let counts = store.count_deliveries().unwrap();
    counts.into_iter().filter(|it| it.state == state).map(|it| it.deliveries).sum()
}

/// All messages, the newest first.
fn all(store: &SqliteStore) -> Vec<Delivery> {
    store.deliveries(&DeliveryFilter::default(), &PageRequest::first(1_000)).unwrap().rows
}

/// Waits until something is so.
fn until(what: &str, mut so: impl FnMut() -> bool) {
    let began = std::time::Instant::now();
    while !so() {
        assert!(began.elapsed().as_secs() < 60, "never: {what}");
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
}
