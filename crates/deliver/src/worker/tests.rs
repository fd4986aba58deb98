//! What the worker promises, with channels made for it and a store in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use async_trait::async_trait;
use firsthand_model::message::{Outgoing, WebhookCall};
use firsthand_model::{Json, Span, Text, Time};
use firsthand_store::contract::sample;
use firsthand_store::{
    Commit, Deliveries, Delivery, DeliveryFilter, DeliveryState, Log, PageRequest, SqliteStore,
};

use super::{Way, Worker};
use crate::{Again, Channel, Limits, Message, Outcome, Schedule, Scope, Tried};

/// A channel that does as it is told.
struct Fake {
    limits: Limits,
    tell: Box<dyn Fn(&Message) -> Outcome + Send + Sync>,
    hangs: AtomicBool,
    under_way: AtomicUsize,
    most_under_way: AtomicUsize,
    heard: Mutex<Vec<(Text, Instant)>>,
}

impl Fake {
    fn new(tell: impl Fn(&Message) -> Outcome + Send + Sync + 'static) -> Arc<Self> {
        Self::with(1, Duration::ZERO, tell)
    }

    fn with(
        batch: usize,
        spacing: Duration,
        tell: impl Fn(&Message) -> Outcome + Send + Sync + 'static,
    ) -> Arc<Self> {
        let schedule = Schedule(vec![Duration::from_millis(5); 3]);
        let limits = Limits { batch, calls: 4, spacing, schedule, age_max: Span::DAY };
        Arc::new(Self {
            limits,
            tell: Box::new(tell),
            hangs: AtomicBool::new(false),
            under_way: AtomicUsize::new(0),
            most_under_way: AtomicUsize::new(0),
            heard: Mutex::default(),
        })
    }

    fn heard(&self) -> Vec<Text> {
        self.heard.lock().unwrap().iter().map(|(key, _)| key.clone()).collect()
    }
}

#[async_trait]
impl Channel for Fake {
    fn limits(&self) -> Limits {
        self.limits.clone()
    }

    fn destination(&self, outgoing: &Outgoing) -> Option<Text> {
        let Outgoing::Webhook(call) = outgoing else { return None };
        Some(call.event.clone())
    }

    async fn send(&self, messages: &[Message]) -> Vec<Tried> {
        let now = self.under_way.fetch_add(1, Ordering::SeqCst) + 1;
        self.most_under_way.fetch_max(now, Ordering::SeqCst);
        let keys = messages.iter().map(|it| (it.key.clone(), Instant::now()));
        self.heard.lock().unwrap().extend(keys);
        tokio::task::yield_now().await;
        if self.hangs.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
        self.under_way.fetch_sub(1, Ordering::SeqCst);
        let tried = messages.iter().map(|it| Tried {
            note: (it.key == "elsewhere").then(|| "sent to another".to_owned()),
            ..Tried::unsent((self.tell)(it))
        });
        tried.collect()
    }
}

fn now() -> Time {
    #[expect(clippy::disallowed_methods, reason = "the worker's clock, which its caller gives it")]
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    Time(i64::try_from(since.as_micros()).unwrap())
}

fn message(id: &str, channel: &str, to: &str) -> Delivery {
    let call =
        WebhookCall { event: to.into(), at: now(), data: Json::parse("{}".to_owned()).unwrap() };
    let payload = serde_json::to_vec(&Outgoing::Webhook(call)).unwrap();
    Delivery { channel: channel.into(), payload, ..sample::delivery(id, "acme", now()) }
}

/// A worker with its store.
struct World {
    store: Arc<SqliteStore>,
    worker: Worker,
}

impl World {
    fn new(ways: Vec<(&str, Arc<Fake>, Option<u32>)>, waiting: Vec<Delivery>) -> Self {
        let store = Arc::new(SqliteStore::in_memory().unwrap());
        store.commit(&Commit { deliveries: waiting, ..Commit::default() }).unwrap();
        let ways = ways.into_iter().map(|(name, fake, per_minute)| Way {
            name: name.into(),
            channel: fake,
            per_minute,
        });
        let worker = Worker::start(store.clone(), ways.collect(), Arc::new(now)).unwrap();
        Self { store, worker }
    }

    fn add(&self, deliveries: Vec<Delivery>) {
        let channels: BTreeSet<Text> = deliveries.iter().map(|it| it.channel.clone()).collect();
        self.store.commit(&Commit { deliveries, ..Commit::default() }).unwrap();
        self.worker.wake(channels.iter().map(Text::as_str));
    }

    fn states(&self) -> BTreeMap<String, DeliveryState> {
        let page = PageRequest::first(1_000);
        let all = self.store.deliveries(&DeliveryFilter::default(), &page).unwrap().rows;
        all.into_iter().map(|it| (it.id.to_string(), it.state)).collect()
    }

    /// Waits until something is so.
    fn until(&self, what: &str, so: impl Fn(&Self) -> bool) {
        let began = Instant::now();
        while !so(self) {
            assert!(
                began.elapsed() < Duration::from_secs(20),
                "never: {what}: {:?}",
                self.states()
            );
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    fn until_none_is_pending(&self) {
        self.until("none is pending", |it| {
            it.states().values().all(|it| *it != DeliveryState::Pending)
        });
    }
}

fn many(channel: &str, count: usize) -> Vec<Delivery> {
    (0..count).map(|it| message(&format!("{channel} {it}"), channel, "x")).collect()
}

#[test]
fn what_waits_at_the_start_and_what_comes_later_is_sent_once() {
    let fake = Fake::new(|_| Outcome::Sent);
    let world = World::new(vec![("hook", fake.clone(), None)], many("hook", 300));
    world.add(vec![message("late", "hook", "x")]);
    world.until_none_is_pending();
    let heard = fake.heard();
    let once: BTreeSet<_> = heard.iter().collect();
    assert_eq!((heard.len(), once.len()), (301, 301));
    assert!(fake.most_under_way.load(Ordering::SeqCst) <= 4, "never more calls than allowed");
    assert_eq!(world.worker.lanes()[0].counts.sent, 301);
}

#[test]
fn a_channel_that_hangs_holds_up_itself_alone() {
    let (good, bad) = (Fake::new(|_| Outcome::Sent), Fake::new(|_| Outcome::Sent));
    bad.hangs.store(true, Ordering::SeqCst);
    let ways = vec![("good", good, None), ("bad", bad, None)];
    let waiting = [many("bad", 300), many("good", 300)].concat();
    let world = World::new(ways, waiting);
    world.until("the others are sent", |it| {
        it.states().values().filter(|it| **it == DeliveryState::Sent).count() == 300
    });
    assert!(
        world.states().iter().all(|(id, it)| id.starts_with("bad") || *it == DeliveryState::Sent)
    );
}

#[test]
fn what_is_to_be_known_of_a_message_that_was_sent_stands_with_the_try() {
    let fake = Fake::new(|_| Outcome::Sent);
    let waiting = vec![message("elsewhere", "hook", "x")];
    let world = World::new(vec![("hook", fake, None)], waiting);
    world.until_none_is_pending();
    let (sent, attempts) = world.store.delivery("elsewhere").unwrap().unwrap();
    assert_eq!((sent.state, sent.error), (DeliveryState::Sent, None), "it is no failure");
    assert_eq!(attempts[0].reason.as_deref(), Some("sent to another"));
}

#[test]
fn a_failure_is_tried_again_as_the_schedule_says_and_then_given_up() {
    let fake = Fake::new(|it| {
        if it.key == "passes" && it.attempts == 2 { Outcome::Sent } else { Outcome::again("no") }
    });
    let waiting = vec![message("passes", "hook", "x"), message("fails", "hook", "x")];
    let world = World::new(vec![("hook", fake.clone(), None)], waiting);
    world.until_none_is_pending();
    let (passed, attempts) = world.store.delivery("passes").unwrap().unwrap();
    assert_eq!((passed.state, passed.attempts, attempts.len()), (DeliveryState::Sent, 3, 3));
    let (failed, attempts) = world.store.delivery("fails").unwrap().unwrap();
    assert_eq!((failed.state, attempts.len()), (DeliveryState::Dead, 4));
    assert_eq!(failed.error.as_deref(), Some("given up after 4 tries: no"));
    assert!(world.store.resend_delivery("fails", now()).unwrap());
    world.worker.wake_all();
    world.until("it was tried again from the beginning", |it| {
        it.store.delivery("fails").unwrap().unwrap().1.len() == 8
    });
}

#[test]
fn a_channel_that_fails_is_left_alone_for_a_while() {
    let fake = Fake::new(|_| Outcome::broken("down", None));
    let world = World::new(vec![("hook", fake.clone(), None)], many("hook", 200));
    world.until("it is paused", |it| it.worker.lanes()[0].paused_until.is_some());
    let lane = &world.worker.lanes()[0];
    assert!((5..=9).contains(&lane.failures), "{lane:?}");
    world.worker.stop();
    assert!(fake.heard().len() <= 9, "{} tries", fake.heard().len());
    assert!(world.states().values().all(|it| *it == DeliveryState::Pending));
}

#[test]
fn a_receiver_that_wants_no_more_gets_no_more_until_somebody_says_so() {
    let fake = Fake::new(|it| match it.key.as_str() {
        "hook 0" => Outcome::Gone("answered 410".to_owned()),
        _ => Outcome::Sent,
    });
    let world = World::new(vec![("hook", fake.clone(), None)], many("hook", 1));
    world.until_none_is_pending();
    world.until("it is disabled", |it| it.worker.lanes()[0].disabled.is_some());
    assert_eq!(world.store.disabled_channels().unwrap()[0].reason, "answered 410");
    world.add(vec![message("next", "hook", "x")]);
    assert_eq!(world.states()["next"], DeliveryState::Pending);
    assert!(world.worker.enable("hook").unwrap());
    world.until_none_is_pending();
    assert_eq!(world.states()["next"], DeliveryState::Sent);
    assert_eq!(fake.heard(), ["hook 0", "next"]);
}

#[test]
fn messages_to_one_destination_keep_apart() {
    let spacing = Duration::from_millis(40);
    let fake = Fake::with(1, spacing, |_| Outcome::Sent);
    let mut waiting: Vec<_> =
        (0..4).map(|it| message(&format!("sales {it}"), "slack", "#sales")).collect();
    waiting.push(message("team", "slack", "#team"));
    let began = Instant::now();
    let world = World::new(vec![("slack", fake.clone(), None)], waiting);
    world.until_none_is_pending();
    let heard = fake.heard.lock().unwrap();
    let last = heard.iter().filter(|(key, _)| key.starts_with("sales")).map(|(_, at)| *at).max();
    assert!(last.unwrap() - began >= spacing * 3, "the fourth went after three spacings");
    assert_eq!(world.worker.lanes()[0].counts.put_off, 3, "the other room did not wait");
}

#[test]
fn a_destination_that_asks_to_go_slower_costs_no_try_and_holds_up_no_other() {
    let fake = Fake::with(1, Duration::from_millis(1), |it| {
        let Outgoing::Webhook(call) = &it.outgoing else { panic!("{it:?}") };
        match call.event.as_str() {
            "#busy" => Outcome::Again(Again {
                reason: "slower".to_owned(),
                after: Some(Duration::from_hours(1)),
                scope: Scope::Destination,
            }),
            _ => Outcome::Sent,
        }
    });
    let waiting = vec![message("busy", "slack", "#busy"), message("free", "slack", "#free")];
    let world = World::new(vec![("slack", fake, None)], waiting);
    world.until("the other is sent", |it| it.states()["free"] == DeliveryState::Sent);
    world.until("it was put off", |it| {
        it.store.delivery("busy").unwrap().unwrap().0.due_at > now() + Span::MINUTE
    });
    assert_eq!(world.store.delivery("busy").unwrap().unwrap().0.attempts, 0);
}

#[test]
fn messages_go_in_batches_and_each_row_has_its_own_end() {
    let fake = Fake::with(10, Duration::ZERO, |it| {
        if it.key.ends_with('3') { Outcome::Dead("bad row".to_owned()) } else { Outcome::Sent }
    });
    let world = World::new(vec![("crm", fake, None)], many("crm", 40));
    world.until_none_is_pending();
    let dead: Vec<_> = world
        .states()
        .into_iter()
        .filter(|(_, it)| *it == DeliveryState::Dead)
        .map(|(id, _)| id)
        .collect();
    assert_eq!(dead, ["crm 13", "crm 23", "crm 3", "crm 33"]);
}

#[test]
fn what_is_no_message_and_what_a_mistake_swallows_is_given_up() {
    let fake = Fake::new(|it| {
        assert_ne!(it.key, "panics", "as it should in this test");
        Outcome::Sent
    });
    let waiting = vec![
        Delivery { payload: b"no JSON".to_vec(), ..message("garbled", "hook", "x") },
        message("panics", "hook", "x"),
        message("fine", "hook", "x"),
    ];
    let world = World::new(vec![("hook", fake, None)], waiting);
    world.until_none_is_pending();
    let states = world.states();
    assert_eq!(states["garbled"], DeliveryState::Dead);
    assert_eq!(states["panics"], DeliveryState::Dead);
    assert_eq!(states["fine"], DeliveryState::Sent);
}

#[test]
fn what_waited_for_too_long_is_not_sent_any_more() {
    let fake = Fake::new(|_| Outcome::Sent);
    let old = Delivery { queued_at: now() - Span::DAY.times(2), ..message("old", "hook", "x") };
    let world =
        World::new(vec![("hook", fake.clone(), None)], vec![old, message("new", "hook", "x")]);
    world.until_none_is_pending();
    assert_eq!(world.states()["old"], DeliveryState::Dead);
    assert_eq!(fake.heard(), ["new"]);
}

#[test]
fn a_stop_waits_for_calls_under_way_and_begins_none() {
    let fake = Fake::new(|_| Outcome::Sent);
    let world = World::new(vec![("hook", fake.clone(), Some(600))], many("hook", 50));
    world.until("some are sent", |_| fake.heard().len() > 2);
    world.worker.stop();
    let heard = fake.heard();
    let sent = world.states().into_iter().filter(|(_, it)| *it == DeliveryState::Sent);
    let sent: BTreeSet<String> = sent.map(|(id, _)| id).collect();
    assert_eq!(sent, heard.iter().map(ToString::to_string).collect(), "each call is written down");
    assert!(sent.len() < 50, "600 a minute are ten a second");
}
