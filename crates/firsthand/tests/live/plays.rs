//! What plays would send, what they have sent, and who is who, as a running server tells it.

use std::time::Duration;

use serde_json::{Value, json};

use crate::server::{Server, firsthand, post, project};

const SETTINGS: &str = r#"
project: played
url: https://firsthand.example
start: { event: '"Signed up"' }
sources:
  app: { key: a-write-key }
channels:
  product: { in_app: {} }
  mail: { email: { smtp: "smtp://127.0.0.1:9", from: a@acme.example }, enabled: false }
  crm: { webhook: { url: "https://localhost:9/hook", secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", events: [play.step] } }
messages:
  room: { title: 'Room for {{ account.name | default("you") }}', in: { zh-Hant: { title: "更多空間" } } }
  bold: { title: "Think big" }
plays:
  grow:
    track: product
    steps:
      - { by: crm }
      - { by: product, variants: { room: 50%, bold: 50% } }
      - { wait: 2d, unless: seen, by: mail, message: room }
---
definition: busy
track: product
when: count("Report exported") >= 3
"#;

/// A server with a lead of the account `acme`, whose play has begun.
fn played() -> (tempfile::TempDir, Server, String) {
    let folder = tempfile::tempdir().unwrap();
    project(folder.path(), SETTINGS);
    let token = firsthand(folder.path(), &["key", "add", "test"]).trim().to_owned();
    let server = Server::start(folder.path());
    server.ready();
    let event =
        |id: &str, name: &str| json!({"id": id, "event": name, "person": "ann", "account": "acme"});
    let mut facts = vec![event("f0", "Signed up")];
    facts.extend((1..4).map(|it| event(&format!("f{it}"), "Report exported")));
    assert_eq!(post(server.at, "/v1/facts", &Value::Array(facts).to_string()), Some(200));
    (folder, server, token)
}

/// What a path answers once it is so.
fn once(server: &Server, token: &str, path: &str, is_so: impl Fn(&Value) -> bool) -> Value {
    let mut told = Value::Null;
    for _ in 0..400 {
        let (status, body) = server.get(path, Some(token));
        assert_eq!(status, 200, "{path}: {body}");
        told = serde_json::from_str(&body).unwrap();
        if is_so(&told) {
            return told;
        }
        std::thread::sleep(Duration::from_millis(25));
    }
    panic!("{path}: {told}");
}

fn has_items(page: &Value) -> bool {
    page["items"].as_array().is_some_and(|it| !it.is_empty())
}

#[test]
fn a_preview_tells_what_each_step_would_send_and_sends_nothing() {
    let (_folder, server, token) = played();
    once(&server, &token, "/api/v1/leads", has_items);
    let before = server.all("/api/v1/deliveries", &token).len();
    let preview = once(&server, &token, "/api/v1/plays/grow/preview", has_items);
    let [lead] = preview["items"].as_array().unwrap().as_slice() else { panic!("{preview}") };
    assert_eq!(lead["account"], "acme");
    let messages = lead["messages"].as_array().unwrap();
    let told = |it: &Value| (it["channel"].clone(), it["verdict"].clone(), it["reason"].clone());
    assert_eq!(told(&messages[0]), (json!("crm"), json!("goes"), Value::Null));
    assert_eq!(messages[1]["message"]["kind"], "in-app");
    assert_eq!(told(&messages[2]), (json!("mail"), json!("not"), json!("channel_off")));
    assert_eq!(messages[2]["wait_s"], 2 * 86_400);

    // An account without a lead is told as if one opened now.
    let more = json!([{"id": "b", "event": "Signed up", "person": "bob", "account": "beta"}]);
    assert_eq!(post(server.at, "/v1/facts", &more.to_string()), Some(200));
    let of_beta = once(&server, &token, "/api/v1/plays/grow/preview?account=beta", has_items);
    assert_eq!(of_beta["items"][0]["lead"], Value::Null);
    assert_eq!(of_beta["items"][0]["messages"][1]["receiver"], "bob");

    let samples = once(&server, &token, "/api/v1/plays/grow/samples", has_items);
    let named = |it: &Value| format!("{} {} {}", it["step"], it["name"], it["language"]);
    let named: Vec<String> = samples["items"].as_array().unwrap().iter().map(named).collect();
    assert_eq!(
        named,
        [
            "0 null null",
            r#"1 "room" "en""#,
            r#"1 "room" "zh-Hant""#,
            r#"1 "bold" "en""#,
            r#"2 "room" "en""#,
            r#"2 "room" "zh-Hant""#
        ]
    );
    let none = once(&server, &token, "/api/v1/plays/grow/preview?account=nobody", |_| true);
    assert!(!has_items(&none));
    assert_eq!(server.get("/api/v1/plays/none/preview", Some(&token)).0, 404);
    assert_eq!(server.all("/api/v1/deliveries", &token).len(), before, "nothing was sent");
    server.stop();
}

#[test]
fn a_play_tells_where_its_runs_stand_and_what_it_gave_up_is_sent_again() {
    let (_folder, server, token) = played();
    let stands = |it: &Value| it["at_steps"][2]["here"] == 1;
    let play = once(&server, &token, "/api/v1/plays/grow", stands);
    assert_eq!(play["play"]["steps"][2]["unless"], json!(["seen"]));
    assert_eq!(play["play"]["steps"][2]["enabled"], false);
    assert_eq!(play["reactions"]["runs"], 1);
    let variants = play["variants"].as_array().unwrap();
    let got = variants.iter().map(|it| it["reactions"]["runs"].as_u64().unwrap()).sum::<u64>();
    assert_eq!((variants.len(), got), (2, 1), "one account gets one of two");
    let runs = once(&server, &token, "/api/v1/play-runs?play=grow&state=running", has_items);
    assert_eq!(runs["items"][0]["step"], 2);

    // A call into one's own network is refused, and given up at once.
    let dead = "/api/v1/deliveries?state=dead&play=grow";
    let dead = once(&server, &token, dead, has_items)["items"][0].clone();
    assert_eq!((&dead["channel"], &dead["play"]), (&json!("crm"), &json!("grow")));
    let shown = once(&server, &token, "/api/v1/deliveries?channel=product", has_items);
    assert_eq!(shown["items"][0]["receiver"], "ann");
    let other = once(&server, &token, "/api/v1/deliveries?play=other", |_| true);
    assert!(!has_items(&other));
    let again = format!("/api/v1/deliveries/{}/resend", dead["id"].as_str().unwrap());
    assert_eq!(server.post(&again, &token, "").0, 200);
    server.stop();
}

#[test]
fn what_is_striking_about_who_is_who_is_found() {
    let (_folder, server, token) = played();
    let calls = [
        r#"{"userId": "ann", "anonymousId": "tablet", "traits": {"email": "ann@corp.example"}}"#,
        r#"{"userId": "bob", "anonymousId": "tablet", "traits": {"email": "bob@corp.example"}}"#,
        r#"{"userId": "null", "anonymousId": "phone"}"#,
    ];
    for body in calls {
        assert_eq!(post(server.at, "/v1/identify", body), Some(200));
    }
    let found = once(&server, &token, "/api/v1/identity", |_| true);
    assert_eq!(found["shared_devices"]["examples"][0]["id"], "tablet");
    assert_eq!(found["shared_devices"]["examples"][0]["names"], json!(["ann", "bob"]));
    assert_eq!(found["unmatched_domains"]["examples"][0]["id"], "corp.example");
    assert_eq!(found["junk_ids"]["examples"][0]["id"], "null");
    assert_eq!((&found["persons"], &found["with_account"]), (&json!(2), &json!(1)));
    server.stop();
}
