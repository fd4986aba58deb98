//! The story that the product is for, told on the running server from the first limit to the first
//! bill, through the doors that everybody uses. Only its clock is ours, so that days pass at once.

mod outside;

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use firsthand_model::{Span, Text};
use firsthand_store::Keys;
use firsthand_web::backend::Scope;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use self::outside::{Calendar, PATIENCE, Slack, listen, send, signed, until};
use super::running::{Running, open_store};
use crate::output::{Format, Output};
use crate::people;
use crate::project::Folder;

const STRIPE_SECRET: &str = "whsec_ours";
const SLACK_SECRET: &str = "slack-signs";
const IN_APP_SECRET: &str = "a-secret-of-the-product-of-32-bytes!";

/// Postbox, whose free plan has room for 10,000 contacts.
fn settings(slack: SocketAddr) -> String {
    format!(
        r##"
project: Postbox
url: https://postbox.example
sources:
  app: {{ key: a-write-key }}
  billing:
    stripe: {{ secret: {STRIPE_SECRET}, account: metadata.account_id, plans: {{ price_pro: pro }} }}
plans:
  free: {{ title: Free, price: 0, limits: {{ contacts: 10000 }}, next: pro }}
  pro: {{ title: Pro, price: 49 }}
meters:
  contacts: {{ kind: sum, add: '"Contacts imported"', value: contacts, unit: contacts }}
outcomes:
  paid: {{ on: '"Subscription started"', value: amount }}
definitions:
  outgrowing-free:
    title: Free team about to outgrow its contacts
    track: product
    when: account.plan = "free" and usage(contacts) >= 80% of limit(contacts)
    why: "{{{{ usage.contacts }}}} of {{{{ limit.contacts }}}} contacts are in use."
channels:
  product: {{ in_app: {{ secret: {IN_APP_SECRET} }} }}
  sales:
    slack:
      token: xoxb-ours
      channel: "#leads"
      base_url: http://{slack}/api
      signing_secret: {SLACK_SECRET}
leads:
  owners: {{ mara: {{ email: mara@postbox.example, slack: U1 }} }}
plays:
  room-to-grow:
    track: product
    definitions: outgrowing-free
    holdout: 50%
    steps:
      - by: product
      - {{ wait: 2d, unless: [clicked, converted], by: sales, to: owner }}
      - {{ wait: 1d, by: product }}
"##
    )
}

/// The server, and what the story does with it.
struct Story {
    at: SocketAddr,
    calendar: Calendar,
    token: String,
    slack: Slack,
}

impl Story {
    /// Starts the server on a project of its own.
    fn begin(folder: &Path) -> Self {
        let (slack, calendar) = (Slack::open(), Calendar::default());
        std::fs::write(folder.join("firsthand.yaml"), settings(slack.at)).unwrap();
        let found = Folder::find(Some(folder)).unwrap();
        let store = open_store(&found.store()).unwrap();
        let scopes = vec![Text::new_static(Scope::Admin.word())];
        let (key, token) = people::new_key("story", scopes, "test", None, calendar.now()).unwrap();
        store.add_key(&key).unwrap();
        drop(store);
        let at = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let running = Running::new(at, calendar.clock());
        std::thread::spawn(move || {
            running.run(&found, Output::new(Format::People, Some(false))).unwrap();
        });
        let story = Self { at, calendar, token, slack };
        until("the server decides", || {
            std::net::TcpStream::connect(at).ok()?;
            (send(at, "GET /health/ready", &[], "").0 == 200).then_some(())
        });
        story
    }

    /// What the API answers.
    fn api(&self, path: &str) -> Value {
        let token = format!("Authorization: Bearer {}", self.token);
        let (status, body) = send(self.at, &format!("GET /api/v1/{path}"), &[token], "");
        assert_eq!(status, 200, "{path}: {body}");
        serde_json::from_str(&body).unwrap()
    }

    fn items(&self, path: &str) -> Vec<Value> {
        self.api(path)["items"].as_array().unwrap().clone()
    }

    /// A team's product tells of its plan, and of contacts that somebody imported.
    fn imports(&self, account: &str, person: &str, contacts: u32) {
        let body = json!({ "batch": [
            { "type": "group", "userId": person, "groupId": account, "traits": { "plan": "free" } },
            { "type": "track", "userId": person, "event": "Contacts imported",
              "context": { "groupId": account }, "properties": { "contacts": contacts } },
        ] });
        let key = "X-Write-Key: a-write-key".to_owned();
        let (status, answer) = send(self.at, "POST /v1/batch", &[key], &body.to_string());
        assert_eq!(status, 200, "{answer}");
    }

    /// What a person's page is told, from now on.
    fn page_of(&self, person: &str) -> Receiver<Value> {
        let part = |it: &Value| BASE64_URL_SAFE_NO_PAD.encode(it.to_string());
        let exp = self.calendar.now().micros() / 1_000_000 + 600;
        let (head, claims) = (json!({"alg": "HS256"}), json!({"sub": person, "exp": exp}));
        let text = format!("{}.{}", part(&head), part(&claims));
        let mut mac = Hmac::<Sha256>::new_from_slice(IN_APP_SECRET.as_bytes()).unwrap();
        mac.update(text.as_bytes());
        let token =
            format!("{text}.{}", BASE64_URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()));
        listen(self.at, "/api/v1/in-app/stream", &token)
    }

    fn lead_of(&self, account: &str) -> Option<Value> {
        self.items(&format!("leads?account={account}")).into_iter().next()
    }

    fn status_of(&self, account: &str) -> String {
        let lead = self.lead_of(account).expect("there is a lead");
        lead["status"].as_str().unwrap().to_owned()
    }

    /// A member of Slack presses a button of a message.
    fn press(&self, member: &str, button: &Value, message: &Value) {
        let payload = json!({
            "type": "block_actions",
            "user": { "id": member, "username": "mara" },
            "actions": [{ "action_id": button["action_id"], "type": "button", "value": button["value"] }],
            "message": { "text": message["text"], "blocks": message["blocks"] },
        });
        let body = form_urlencoded::Serializer::new(String::new())
            .append_pair("payload", &payload.to_string())
            .finish();
        let at = self.calendar.now().micros() / 1_000_000;
        let headers = [
            format!("X-Slack-Request-Timestamp: {at}"),
            format!("X-Slack-Signature: v0={}", signed(SLACK_SECRET, &format!("v0:{at}:{body}"))),
        ];
        let line = "POST /channels/slack/interactive";
        assert_eq!(send(self.at, line, &headers, &body).0, 200);
    }

    /// Stripe tells that an account's subscription has started.
    fn subscribes(&self, account: &str) {
        let at = self.calendar.now().micros() / 1_000_000;
        let price = json!({ "id": "price_pro", "unit_amount": 4_900, "currency": "usd",
            "recurring": { "interval": "month", "interval_count": 1 } });
        let body = json!({
            "id": "evt_1", "object": "event", "created": at, "type": "customer.subscription.created",
            "data": { "object": {
                "id": "sub_1", "object": "subscription", "status": "active", "customer": "cus_1",
                "metadata": { "account_id": account },
                "items": { "object": "list", "data": [{ "quantity": 1, "price": price }] },
            } },
        })
        .to_string();
        let signature = signed(STRIPE_SECRET, &format!("{at}.{body}"));
        let header = format!("Stripe-Signature: t={at},v1={signature}");
        let (status, answer) = send(self.at, "POST /webhooks/billing", &[header], &body);
        assert_eq!(status, 200, "{answer}");
    }
}

/// The buttons of a message in Slack, by their names.
fn button<'m>(message: &'m Value, action: &str) -> &'m Value {
    let blocks = message["blocks"].as_array().unwrap();
    let mut elements = blocks.iter().filter_map(|it| it["elements"].as_array()).flatten();
    elements.find(|it| it["action_id"] == action).expect("the message has the button")
}

#[test]
fn a_free_team_at_its_limit_is_shown_a_banner_its_rep_is_told_and_it_is_won_and_its_twin_is_counted()
 {
    let folder = tempfile::tempdir().unwrap();
    let story = Story::begin(folder.path());
    let leads = listen(story.at, "/api/v1/leads/events", &story.token);
    let page = story.page_of("zoe");
    let told = |what: &str| page.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("{what}"));
    assert_eq!(told("the page is told what there is")["items"], json!([]));

    // The team passes 80 % of its limit: whoever has the page open sees the banner at once.
    story.imports("acme", "zoe", 8_140);
    let since = Instant::now();
    let banner = told("the banner comes by itself")["items"][0].clone();
    let delay = since.elapsed();
    assert_eq!(banner["form"], "banner");
    assert_eq!(
        (&banner["usage"]["used"], &banner["usage"]["limit"]),
        (&json!("8,140"), &json!("10,000"))
    );
    // The page asks by itself only every 20 seconds; a busy machine is given some time.
    assert!(delay < Duration::from_secs(5), "{delay:?}");
    // Its twin does the same, and is held out.
    story.imports("twin", "bea", 8_140);
    until("the twin is counted", || {
        story.items("holdouts").into_iter().find(|it| it["account"] == "twin")
    });

    // Nobody upgrades in two days: the owner gets one message, with the reasons.
    assert_eq!(story.slack.posted(), [] as [Value; 0]);
    story.calendar.pass(Span::DAY.times(2));
    let message = until("the owner is told", || story.slack.posted().into_iter().next());
    assert_eq!(message["channel"], "U1");
    let words = message["blocks"].to_string();
    assert!(words.contains("8,140 of 10,000 contacts are in use."), "{words}");

    // She presses accept: the lead is hers, and the offer goes from the page.
    assert_eq!(story.status_of("acme"), "open");
    story.press("U1", button(&message, "lead_accept"), &message);
    assert_eq!(story.status_of("acme"), "accepted");
    assert_eq!(story.lead_of("acme").unwrap()["owner"], "mara");
    assert_eq!(told("the offer is called back")["items"], json!([]));
    // Another offer would be due a day later; it waits while she works.
    story.calendar.pass(Span::DAY.times(2));
    story.imports("acme", "zoe", 10);
    until("the offer waits for the rep", || {
        let meter = story.api("accounts/acme/usage")["meters"][0]["used"].as_f64();
        (meter == Some(8_150.0)).then_some(())
    });
    let offers = |story: &Story| {
        let all = story.items("deliveries?channel=product");
        all.iter().map(|it| it["state"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(offers(&story), ["cancelled"]);

    // Stripe tells time by the second; it is another one by now.
    story.calendar.pass(Span::HOUR);
    // The subscription starts: the lead is won, the account a customer, the play is over.
    story.subscribes("acme");
    until("the lead is won", || (story.status_of("acme") == "won").then_some(()));
    assert_eq!(story.api("accounts/acme")["account"]["stage"], "customer");
    story.calendar.pass(Span::DAY.times(10));
    story.imports("other", "kai", 1);
    until("ten days have passed", || {
        let seen = story.api("accounts/other")["account"]["last_seen_at"].is_string();
        seen.then_some(())
    });
    assert_eq!(story.slack.posted().len(), 1, "one message, and no more");
    assert_eq!(offers(&story), ["cancelled"]);

    // Of the twin nobody was told anything; it is measured.
    let deliveries = story.items("deliveries");
    assert!(deliveries.iter().all(|it| it["account"] == "acme"), "{deliveries:?}");
    let arms: Vec<(String, bool)> = story
        .items("holdouts")
        .iter()
        .map(|it| (it["account"].as_str().unwrap().to_owned(), it["held_out"] == json!(true)))
        .collect();
    assert_eq!(arms, [("twin".to_owned(), true), ("acme".to_owned(), false)]);
    assert_eq!(story.lead_of("twin"), None, "nobody finds it among the leads");
    let twin = &story.items("leads?held_out=true")[0];
    assert_eq!((&twin["account"], &twin["owner"]), (&json!("twin"), &Value::Null));
    let account = story.api("accounts/twin");
    assert_eq!(
        (&account["account"]["stage"], &account["people_count"]),
        (&json!("pql"), &json!(1))
    );
    let heard: Vec<Value> = leads.try_iter().collect();
    assert!(heard.iter().all(|it| it["lead"]["account"] == "acme"), "{heard:?}");
    let statuses: Vec<&str> =
        heard.iter().map(|it| it["lead"]["status"].as_str().unwrap()).collect();
    assert_eq!(statuses.last(), Some(&"won"), "{statuses:?}");
    let play = &story.items("plays")[0];
    assert_eq!((&play["stopped"], &play["held_out"]), (&json!(1), &json!(1)));
}
