//! Slack over the wire: who gets what is for an owner.

use firsthand_deliver::http::Network;
use firsthand_deliver::slack::{Slack, SlackSettings};
use firsthand_deliver::{Channel, Message, Outcome};
use firsthand_model::Time;
use firsthand_model::message::{Outgoing, SlackMessage, SlackTarget};
use serde_json::{Value, json};

use crate::receiver::{Receiver, with_body};

fn slack(port: u16, fallback: Option<&str>) -> Slack {
    let settings = SlackSettings {
        token: Some("xoxb".to_owned()),
        webhook: None,
        fallback: fallback.map(Into::into),
        base_url: format!("http://127.0.0.1:{port}/api"),
    };
    Slack::new(&settings, &Network::new().unwrap()).unwrap()
}

fn message(owner: &str) -> Message {
    let blocks = json!([{ "type": "header" }, { "type": "divider" }]).to_string();
    let to = SlackTarget::Member(owner.into());
    let outgoing = Outgoing::Slack(SlackMessage { to, text: "Acme".to_owned(), blocks });
    Message { key: "m1".into(), attempts: 0, now: Time(0), outgoing }
}

#[tokio::test]
async fn what_is_for_an_owner_whom_no_address_finds_goes_to_the_team_and_says_for_whom() {
    let workspace = Receiver::start(|call, _| {
        let known = call.path.ends_with("email=ann%40ours.example");
        Some(with_body(
            "200 OK",
            match call.path.split('?').next() {
                Some("api/users.lookupByEmail") if !known => {
                    r#"{"ok":false,"error":"users_not_found"}"#
                }
                Some("api/users.lookupByEmail") => r#"{"ok":true,"user":{"id":"U0ANN"}}"#,
                _ => r#"{"ok":true}"#,
            },
        ))
    });
    let posted = || {
        let calls = workspace.calls().into_iter().filter(|it| it.path.ends_with("postMessage"));
        calls.map(|it| serde_json::from_slice(&it.body).unwrap()).collect::<Vec<Value>>()
    };
    let team = slack(workspace.port, Some("#leads"));
    let tried = team.send(&[message("ann@ours.example"), message("old@ours.example")]).await;
    assert!(tried.iter().all(|it| it.outcome == Outcome::Sent), "{tried:?}");
    assert_eq!(tried[0].note, None);
    let note = tried[1].note.as_deref().unwrap();
    assert!(note.starts_with("nobody in the workspace has the address "), "{note}");
    assert!(note.ends_with(": sent to #leads") && !note.contains("old@"), "{note}");
    let [direct, instead] = posted().try_into().unwrap();
    assert_eq!((&direct["channel"], &direct["text"]), (&json!("U0ANN"), &json!("Acme")));
    assert_eq!(instead["channel"], "#leads");
    assert_eq!(instead["text"], "→ old@ours.example: Acme");
    assert_eq!(instead["blocks"][1]["elements"][0]["text"], "→ old@ours.example");
    assert_eq!(instead["blocks"][2]["type"], "divider");
    // Without a channel there is nobody to take it.
    let alone = slack(workspace.port, None).send(&[message("old@ours.example")]).await;
    assert!(matches!(&alone[0].outcome, Outcome::Dead(why) if why.contains("nobody")), "{alone:?}");
    assert_eq!(posted().len(), 2);
}
