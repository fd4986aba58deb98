//! A rep presses a button in Slack, and what goes out is told by the API.

use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::server::{Server, exchange, firsthand, post, project};

const SECRET: &str = "slack's secret";
const SETTINGS: &str = r#"
project: pressed
start: { event: '"Signed up"' }
sources:
  app: { key: a-write-key }
channels:
  sales:
    slack: { webhook: "https://hooks.slack.com/services/T/B/x", signing_secret: "slack's secret" }
leads:
  owners:
    mara: { slack: U1 }
---
definition: busy
track: product
when: count("Report exported") >= 3
"#;

/// Presses as Slack does. Without an address to answer to, so that nothing is sent anywhere.
fn press(server: &Server, member: &str, action: &str, lead: &str) -> u16 {
    let payload = json!({
        "type": "block_actions",
        "user": {"id": member, "username": "somebody"},
        "actions": [{"action_id": action, "type": "button", "value": lead}],
        "message": {"text": "qualified", "blocks": []},
    });
    let body = form_urlencoded::Serializer::new(String::new())
        .append_pair("payload", &payload.to_string())
        .finish();
    let at = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs();
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(format!("v0:{at}:{body}").as_bytes());
    let signature = blake3::Hash::from_bytes(mac.finalize().into_bytes().into()).to_hex();
    let request = format!(
        "POST /channels/slack/interactive HTTP/1.1\r\nHost: x\r\nX-Slack-Request-Timestamp: {at}\r\n\
         X-Slack-Signature: v0={signature}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    exchange(server.at, &request).unwrap().0
}

#[test]
fn a_button_acts_on_the_lead_as_the_rep_who_pressed_it() {
    let folder = tempfile::tempdir().unwrap();
    project(folder.path(), SETTINGS);
    let token = firsthand(folder.path(), &["key", "add", "test"]);
    let token = token.trim();
    let server = Server::start(folder.path());
    server.ready();
    let event =
        |id: &str, name: &str| json!({"id": id, "event": name, "user": "u1", "account": "acme"});
    let mut facts = vec![event("f0", "Signed up")];
    facts.extend((1..4).map(|it| event(&format!("f{it}"), "Report exported")));
    assert_eq!(post(server.at, "/v1/facts", &Value::Array(facts).to_string()), Some(200));
    let lead = (0..200).find_map(|_| {
        std::thread::sleep(Duration::from_millis(20));
        server.all("/api/v1/leads", token).into_iter().next()
    });
    let lead = lead.expect("a lead was opened")["id"].as_str().unwrap().to_owned();
    let status = || {
        let (_, body) = server.get(&format!("/api/v1/leads/{lead}"), Some(token));
        let told: Value = serde_json::from_str(&body).unwrap();
        let told = &told["lead"];
        let word = |name: &str| told[name].as_str().map(str::to_owned);
        (word("status").unwrap(), word("owner"))
    };
    assert_eq!(press(&server, "U9", "lead_accept", &lead), 200);
    assert_eq!(status().0, "open", "a stranger's press changes nothing");
    assert_eq!(press(&server, "U1", "lead_accept", &lead), 200);
    assert_eq!(status(), ("accepted".to_owned(), Some("mara".to_owned())));
    assert_eq!(press(&server, "U1", "lead_reject", &lead), 200);
    assert_eq!(status().0, "rejected");
    assert_eq!(press(&server, "U1", "lead_accept", "lead_of_nobody"), 200, "told in the message");

    let channels = server.all("/api/v1/channels", token);
    assert_eq!((&channels[0]["name"], &channels[0]["kind"]), (&json!("sales"), &json!("slack")));
    assert_eq!(channels[0]["enabled"], json!(true));
    for list in ["deliveries", "plays", "suppressed", "holdouts"] {
        let found = server.all(&format!("/api/v1/{list}"), token);
        assert_eq!(found, Vec::<Value>::new(), "{list}");
    }
}
