//! P4, P5: the plug is pulled at random instants, and nothing acknowledged is lost or doubled.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};

use crate::server::{Server, WRITE_KEY, firsthand, post, project};

const ROUNDS: u64 = 50;
const CLIENTS: u64 = 3;

fn settings() -> String {
    format!(
        r#"
project: killed
start: {{ event: '"Signed up"' }}
sources:
  app: {{ key: {WRITE_KEY} }}
---
definition: busy
track: product
when: count("Report exported") >= 3
---
definition: a-team
track: expansion
when: people("Report exported") >= 2 and seen("Invited")
"#
    )
}

/// Chance that is the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % below
    }
}

/// One batch of facts with ids of its own.
fn batch(first: u64, dice: &mut Dice) -> (Vec<String>, String) {
    let (mut ids, mut facts) = (Vec::new(), Vec::new());
    for number in first..first + 1 + dice.roll(12) {
        let id = format!("f{number}");
        let event = ["Signed up", "Report exported", "Report exported", "Invited"];
        facts.push(json!({
            "id": id,
            "event": event[usize::try_from(dice.roll(4)).unwrap()],
            "user": format!("u{}", dice.roll(40)),
            "account": format!("a{}", dice.roll(15)),
        }));
        ids.push(id);
    }
    (ids, Value::Array(facts).to_string())
}

#[test]
fn nothing_acknowledged_is_lost_or_doubled_when_the_plug_is_pulled() {
    let folder = tempfile::tempdir().unwrap();
    project(folder.path(), &settings());
    let keys = firsthand(folder.path(), &["key", "add", "test", "--json"]);
    let keys: Value = serde_json::from_str(&keys).unwrap();
    let token = keys[0]["token"].as_str().unwrap();

    let acknowledged = Arc::new(Mutex::new(BTreeSet::new()));
    let sent = Arc::new(Mutex::new(BTreeSet::new()));
    let numbers = Arc::new(AtomicU64::new(0));
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    for round in 0..ROUNDS {
        let server = Server::start(folder.path());
        // Some rounds end while the state is still being rebuilt.
        if round % 7 != 3 {
            server.ready();
        }
        let over = Arc::new(AtomicBool::new(false));
        let clients: Vec<_> = (0..CLIENTS)
            .map(|client| {
                let (over, at) = (Arc::clone(&over), server.at);
                let (acknowledged, sent) = (Arc::clone(&acknowledged), Arc::clone(&sent));
                let numbers = Arc::clone(&numbers);
                std::thread::spawn(move || {
                    let mut dice = Dice(1 + round * CLIENTS + client);
                    while !over.load(Ordering::Relaxed) {
                        let first = numbers.fetch_add(100, Ordering::Relaxed);
                        let (ids, body) = batch(first, &mut dice);
                        sent.lock().unwrap().extend(ids.iter().cloned());
                        // A client whose answer is lost sends the same again.
                        for _ in 0..2 {
                            if post(at, "/v1/facts", &body) == Some(200) {
                                acknowledged.lock().unwrap().extend(ids.iter().cloned());
                                break;
                            }
                        }
                    }
                })
            })
            .collect();
        std::thread::sleep(Duration::from_millis(20 + dice.roll(150)));
        server.kill();
        over.store(true, Ordering::Relaxed);
        for client in clients {
            client.join().unwrap();
        }
    }

    let server = Server::start(folder.path());
    server.ready();
    let (_, status) = server.get("/api/v1/status", Some(token));
    assert!(!status.contains("difference"), "{status}");
    let ledger = server.all("/api/v1/ledger", token);
    let leads = server.all("/api/v1/leads", token);
    server.stop();

    let exported = firsthand(folder.path(), &["export"]);
    let exported: Vec<Value> =
        exported.lines().map(|it| serde_json::from_str(it).unwrap()).collect();
    let stored: Vec<&str> = exported
        .iter()
        .map(|it| it["id"].as_str().unwrap())
        .filter(|it| it.starts_with('f'))
        .collect();
    let once: BTreeSet<String> = stored.iter().map(|it| (*it).to_owned()).collect();
    assert_eq!(once.len(), stored.len(), "a fact is in the history twice");
    let acknowledged = acknowledged.lock().unwrap();
    let lost: Vec<_> = acknowledged.difference(&once).collect();
    assert!(lost.is_empty(), "{} acknowledged facts are lost: {lost:?}", lost.len());
    let made_up: Vec<_> = once.iter().filter(|it| !sent.lock().unwrap().contains(*it)).collect();
    assert!(made_up.is_empty(), "{made_up:?}");
    assert!(acknowledged.len() > 1_000, "only {} facts came through", acknowledged.len());

    // The ledger, folded: these definitions are never left.
    let mut folded: BTreeMap<(String, String), String> = BTreeMap::new();
    for line in &ledger {
        let key = (text(&line["definition"]), text(&line["subject"]["id"]));
        match line["change"].as_str().unwrap() {
            "entered" => {
                let twice = folded.insert(key, text(&line["held_at"]));
                assert_eq!(twice, None, "{line} was told twice");
            }
            "revised" => _ = folded.insert(key, text(&line["held_at"])),
            "retracted" => _ = folded.remove(&key),
            other => panic!("{other}"),
        }
    }
    let replay = firsthand(folder.path(), &["replay", "--json"]);
    let replay: Vec<Value> = serde_json::from_str(&replay).unwrap();
    let replayed: BTreeMap<(String, String), String> = replay
        .iter()
        .map(|it| ((text(&it["definition"]), text(&it["subject"])), text(&it["entered"])))
        .collect();
    assert!(!replayed.is_empty());
    assert_eq!(folded, replayed, "the folded ledger is the replay");

    let mut of = BTreeSet::new();
    for lead in &leads {
        let key = (text(&lead["account"]), text(&lead["track"]));
        assert!(of.insert(key.clone()), "two leads of {key:?}");
    }
    assert_eq!(of.len(), replayed.len(), "a lead for each qualification of these definitions");
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}
