//! Buttons pressed in Slack.

use std::time::{Duration, Instant};

use firsthand_model::message::LeadButton;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;
use sha2::Sha256;

use crate::client::Reply;
use crate::fake::inbox::SECRET;
use crate::{Server, fake, told};

const PATH: &str = "/channels/slack/interactive";

fn press(lead: &str, action: &str) -> String {
    let payload = json!({
        "type": "block_actions",
        "user": {"id": "U1", "name": "kim"},
        "actions": [{"action_id": action, "type": "button", "value": lead}],
        "message": {"text": "qualified", "blocks": []},
        "response_url": "https://hooks.slack.com/actions/T/1/x",
    });
    form_urlencoded::Serializer::new(String::new())
        .append_pair("payload", &payload.to_string())
        .finish()
}

/// Sends it as Slack does, so many seconds after now.
async fn send(server: &Server, body: &str, after: i64, secret: &str) -> Reply {
    let at = fake::now().micros() / 1_000_000 + after;
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(format!("v0:{at}:{body}").as_bytes());
    let signature = blake3::Hash::from_bytes(mac.finalize().into_bytes().into()).to_hex();
    let headers = [
        format!("x-slack-request-timestamp: {at}"),
        format!("x-slack-signature: v0={signature}"),
        "content-type: application/x-www-form-urlencoded".to_owned(),
    ];
    let headers = headers.iter().map(String::as_str).collect::<Vec<_>>();
    server.send("POST", PATH, &headers, body).await
}

#[tokio::test]
async fn a_signed_press_reaches_the_backend_once() {
    let server = Server::start().await;
    let body = press("lead_01", "lead_accept");
    let reply = send(&server, &body, 0, SECRET).await;
    assert_eq!((reply.status, reply.text()), (200, ""));
    let repeated = send(&server, &body, 0, SECRET).await;
    assert_eq!(told(&repeated), (409, "repeated".to_owned(), None));
    let presses = server.fake.presses.lock().unwrap();
    let [press] = presses.as_slice() else { panic!("{presses:?}") };
    assert_eq!((press.button, &*press.lead, &*press.member), (LeadButton::Accept, "lead_01", "U1"));
    assert_eq!(press.channel, "sales");
}

#[tokio::test]
async fn what_slack_did_not_sign_or_long_ago_is_refused() {
    let server = Server::start().await;
    let body = press("lead_01", "lead_accept");
    for (after, secret) in [(0, "guessed"), (-301, SECRET), (301, SECRET)] {
        assert_eq!(told(&send(&server, &body, after, secret).await).0, 401);
    }
    let unsigned = server.send("POST", PATH, &[], &body).await;
    assert_eq!(told(&unsigned).0, 401);
    assert!(server.fake.presses.lock().unwrap().is_empty());
}

#[tokio::test]
async fn what_is_no_button_of_ours_is_thanked_for() {
    let server = Server::start().await;
    let reply = send(&server, &press("lead_01", "open_page"), 0, SECRET).await;
    assert_eq!((reply.status, reply.body.len()), (200, 0));
    assert_eq!(told(&send(&server, "payload=%7B", 1, SECRET).await).0, 422);
    assert_eq!(told(&send(&server, "x=1", 2, SECRET).await).2.as_deref(), Some("payload"));
    assert!(server.fake.presses.lock().unwrap().is_empty());
}

#[tokio::test]
async fn slack_is_answered_in_time_and_what_was_begun_is_finished() {
    let server = Server::start().await;
    *server.fake.press_takes.lock().unwrap() = Duration::from_millis(2_900);
    let began = Instant::now();
    let reply = send(&server, &press("lead_01", "lead_snooze"), 0, SECRET).await;
    assert_eq!(reply.status, 200);
    assert!(began.elapsed() < Duration::from_secs(3));
    let done = async {
        while server.fake.presses.lock().unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), done).await.expect("it is finished");
}

#[tokio::test]
async fn where_the_backend_cannot_slack_is_told() {
    let server = Server::start().await;
    let reply = send(&server, &press("busy", "lead_accept"), 0, SECRET).await;
    assert_eq!(told(&reply).0, 503);
}
