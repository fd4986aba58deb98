//! Reports of a running server are those of the command, and soon know what has just come in.

use std::time::Duration;

use serde_json::{Value, json};

use crate::server::{Server, firsthand, post, project};

const SETTINGS: &str = r#"
project: reported
start: { event: '"Signed up"' }
sources:
  app: { key: a-write-key }
outcomes:
  paid: { subject: account, on: '"Subscription started"', value: amount }
plays:
  grow: { track: product, holdout: 50%, steps: [] }
---
definition: busy
track: product
when: count("Report exported") >= 2
"#;

/// Ten firms that signed up long ago; every second of them was busy, and three of those have paid.
fn facts() -> Value {
    let mut facts = Vec::new();
    for firm in 0..10 {
        let mut say = |id: &str, time: &str, event: &str| {
            facts.push(json!({
                "id": format!("{firm}-{id}"), "time": time, "event": event,
                "person": format!("ann-{firm}"), "account": format!("firm-{firm}"),
            }));
        };
        say("up", "2026-01-02T09:00:00Z", "Signed up");
        if firm % 2 == 0 {
            say("one", "2026-01-03T09:00:00Z", "Report exported");
            say("two", "2026-01-04T09:00:00Z", "Report exported");
        }
        if [0, 2, 4].contains(&firm) {
            say("paid", "2026-01-09T09:00:00Z", "Subscription started");
        }
        say("later", "2026-06-01T09:00:00Z", "Page viewed");
    }
    Value::Array(facts)
}

/// The group's accounts, and how many of how many bought.
fn group(report: &Value, name: &str) -> (u64, u64, u64) {
    let groups = report["groups"].as_array().unwrap();
    let it = groups.iter().find(|it| it["group"] == name).unwrap();
    let number = |it: &Value| it.as_u64().unwrap();
    (number(&it["entered"]), number(&it["converted"]["count"]), number(&it["converted"]["of"]))
}

#[test]
fn what_came_in_counts_soon_and_the_command_tells_the_same() {
    let folder = tempfile::tempdir().unwrap();
    project(folder.path(), SETTINGS);
    let token = firsthand(folder.path(), &["key", "add", "test"]).trim().to_owned();
    let server = Server::start(folder.path());
    server.ready();
    assert_eq!(post(server.at, "/v1/facts", &facts().to_string()), Some(200));
    // The log's facts come into the history because somebody asks.
    let mut report = Value::Null;
    for _ in 0..600 {
        let (status, body) = server.get("/api/v1/reports/lifecycle", Some(&token));
        assert!([200, 503].contains(&status), "{status}: {body}");
        report = serde_json::from_str(&body).unwrap();
        if report["accounts"] == 10 {
            break;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(report["accounts"], 10, "{report}");
    // Facts were known when they came, long after they happened: nobody was found in time, as it
    // would have been live.
    assert_eq!(group(&report, "neither"), (10, 3, 10), "{report}");
    let (status, backtests) = server.get("/api/v1/reports/backtests", Some(&token));
    assert_eq!(status, 200, "{backtests}");
    let backtests: Value = serde_json::from_str(&backtests).unwrap();
    assert_eq!(backtests["items"][0]["definition"], "busy");
    let (status, effects) = server.get("/api/v1/reports/holdouts", Some(&token));
    assert_eq!(status, 200, "{effects}");
    let (_, table) = server.get("/api/v1/reports/lifecycle.csv", Some(&token));
    assert!(table.starts_with("part,name,figure,count,of,value,low,high\n"), "{table}");
    server.stop();
    let told = firsthand(folder.path(), &["funnel", "--json"]);
    let told: Value = serde_json::from_str(&told).unwrap();
    for name in ["product", "neither"] {
        assert_eq!(group(&told, name), group(&report, name), "{name}");
    }
    assert_eq!(firsthand(folder.path(), &["funnel", "--csv"]), table);
}
