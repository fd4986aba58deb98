//! Slack: by the Web API with a bot's token, or by an incoming webhook.

mod fit;

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use firsthand_model::message::{Outgoing, SlackMessage, SlackTarget};
use firsthand_model::{Span, Text, Time};
use reqwest::{Method, Url};
use serde_json::{Value, json};

use crate::channel::wrong_kind;
use crate::http::{Answer, Call, CallError, Http, Network, Reach};
use crate::{Again, Channel, Limits, Message, Outcome, Schedule, Scope, SetupError, Tried, mask};

/// Slack takes about one message a second for each of its channels.
const SPACING: Duration = Duration::from_secs(1);
/// How many calls are under way at once.
const CALLS_MAX: usize = 4;
/// How long it is believed who has an address; and that nobody has.
const MEMBER_KNOWN: Span = Span::DAY;
const NOBODY_KNOWN: Span = Span::MINUTE.times(10);
/// Addresses that are remembered.
const MEMBERS_MAX: usize = 10_000;
/// The host of the addresses that Slack gives out for pressed buttons and incoming webhooks.
const HOOKS_HOST: &str = "hooks.slack.com";

/// How to reach Slack.
#[derive(Clone)]
pub struct SlackSettings {
    /// The token of the app's bot.
    pub token: Option<String>,
    /// The address of an incoming webhook.
    pub webhook: Option<String>,
    /// The channel that gets what is for somebody whom nobody in the workspace is.
    pub fallback: Option<Text>,
    /// Where Slack's API is: `https://slack.com/api`.
    pub base_url: String,
}

/// Sends messages to one workspace.
pub struct Slack {
    http: Http,
    token: Option<String>,
    webhook: Option<Url>,
    fallback: Option<Text>,
    base_url: Url,
    members: Mutex<HashMap<Text, Member>>,
}

/// Who has an address.
#[derive(Clone)]
struct Member {
    id: Option<Text>,
    until: Time,
}

impl Slack {
    /// Sets the channel up.
    ///
    /// # Errors
    /// Where an address is none, or there is neither token nor webhook.
    pub fn new(settings: &SlackSettings, network: &Network) -> Result<Self, SetupError> {
        let http = network.to(Reach::Anywhere);
        if settings.token.is_none() && settings.webhook.is_none() {
            return Err(SetupError::NoWay);
        }
        // What is joined to it goes below it, not beside it.
        let base_url = http.url(&format!("{}/", settings.base_url.trim_end_matches('/')))?;
        Ok(Self {
            token: settings.token.clone(),
            webhook: settings.webhook.as_deref().map(|it| http.url(it)).transpose()?,
            fallback: settings.fallback.clone(),
            members: Mutex::new(HashMap::new()),
            base_url,
            http,
        })
    }

    async fn try_one(&self, message: &Message) -> Tried {
        let Outgoing::Slack(slack) = &message.outgoing else { return wrong_kind("Slack") };
        let to = match self.target(&slack.to, message.now).await {
            Ok(to) => to,
            Err(outcome) => return Tried::unsent(outcome),
        };
        let mut body = body(slack, &to, &message.key);
        let mut note = None;
        if let (To::Instead(room), SlackTarget::Member(address)) = (&to, &slack.to) {
            fit::address(&mut body, address);
            let whom = mask::address(address);
            note = Some(format!("nobody in the workspace has the address {whom}: sent to {room}"));
        }
        let (call, shown) = match &to {
            To::Room(_) | To::Instead(_) => {
                let url = self.base_url.join("chat.postMessage").unwrap_or(self.base_url.clone());
                let shown = mask::url(&url, false);
                let call = Call::json(Method::POST, url, body.to_string().into_bytes());
                (call.bearer(self.token.as_deref().unwrap_or_default()), shown)
            }
            To::Hook(url) => {
                let shown = mask::url(url, true);
                (Call::json(Method::POST, url.clone(), body.to_string().into_bytes()), shown)
            }
        };
        let request = format!("POST {shown} {}", mask::json(&body));
        let (outcome, answer) = match self.http.call(call).await {
            Ok(answer) => {
                let outcome = match to {
                    To::Room(_) | To::Instead(_) => of_api(&answer, message.now),
                    To::Hook(_) => of_hook(&answer, message.now),
                };
                // What was posted is repeated to us: of a success only the fact is kept.
                let told = match outcome {
                    Outcome::Sent => answer.status.as_u16().to_string(),
                    _ => format!("{} {}", answer.status.as_u16(), mask::text(&answer.text())),
                };
                (outcome, told)
            }
            Err(error) => (failed(&error), error.to_string()),
        };
        Tried { outcome, request: Some(request), answer: Some(answer), note }
    }

    async fn target(&self, target: &SlackTarget, now: Time) -> Result<To, Outcome> {
        let with_token = || match self.token {
            Some(_) => Ok(()),
            None => Err(Outcome::Dead("the channel has no token, only a webhook".to_owned())),
        };
        match target {
            SlackTarget::Channel(room) => with_token().map(|()| To::Room(room.clone())),
            SlackTarget::Member(address) => {
                with_token()?;
                match (self.member(address, now).await?, &self.fallback) {
                    (Some(member), _) => Ok(To::Room(member)),
                    (None, Some(room)) => Ok(To::Instead(room.clone())),
                    (None, None) => {
                        let whom = mask::address(address);
                        let reason = format!("nobody in the workspace has the address {whom}");
                        Err(Outcome::Dead(reason))
                    }
                }
            }
            SlackTarget::Webhook => match &self.webhook {
                Some(url) => Ok(To::Hook(url.clone())),
                None => Err(Outcome::Dead("the channel has no incoming webhook".to_owned())),
            },
            SlackTarget::Pressed(url) => self.pressed(url).map(To::Hook),
        }
    }

    /// The address that Slack gave for a pressed button. It came over the wire: only Slack's own
    /// hosts are called.
    fn pressed(&self, url: &str) -> Result<Url, Outcome> {
        let url = Url::parse(url).ok();
        let ours = url.filter(|it| {
            it.host_str() == Some(HOOKS_HOST) && it.scheme() == "https"
                || it.origin() == self.base_url.origin()
        });
        ours.ok_or_else(|| Outcome::Dead("the address to answer to is not Slack's".to_owned()))
    }

    /// Who has an address, if anybody has.
    async fn member(&self, address: &Text, now: Time) -> Result<Option<Text>, Outcome> {
        let known = {
            let members = self.members.lock().unwrap_or_else(PoisonError::into_inner);
            members.get(address).filter(|it| it.until > now).cloned()
        };
        if let Some(known) = known {
            return Ok(known.id);
        }
        let mut url = self.base_url.join("users.lookupByEmail").unwrap_or(self.base_url.clone());
        url.query_pairs_mut().append_pair("email", address);
        let call = Call::get(url).bearer(self.token.as_deref().unwrap_or_default());
        let answer = self.http.call(call).await.map_err(|it| failed(&it))?;
        let told = answer.json();
        let id = told["user"]["id"].as_str().map(Text::new);
        if id.is_none() && told["error"] != "users_not_found" {
            return Err(match of_api(&answer, now) {
                Outcome::Sent => Outcome::again("Slack did not say who has the address"),
                other => other,
            });
        }
        let until = now + if id.is_some() { MEMBER_KNOWN } else { NOBODY_KNOWN };
        let mut members = self.members.lock().unwrap_or_else(PoisonError::into_inner);
        if members.len() >= MEMBERS_MAX {
            members.clear();
        }
        members.insert(address.clone(), Member { id: id.clone(), until });
        Ok(id)
    }
}

/// Where a message really goes.
enum To {
    /// A channel or a member of Slack, by id or name.
    Room(Text),
    /// The channel that gets it, as nobody has the address that it is for.
    Instead(Text),
    /// An address that takes messages for one place.
    Hook(Url),
}

#[async_trait]
impl Channel for Slack {
    fn limits(&self) -> Limits {
        Limits {
            batch: 1,
            calls: CALLS_MAX,
            spacing: SPACING,
            schedule: Schedule::service(),
            age_max: Span::DAY.times(2),
        }
    }

    fn destination(&self, outgoing: &Outgoing) -> Option<Text> {
        let Outgoing::Slack(slack) = outgoing else { return None };
        Some(match &slack.to {
            SlackTarget::Channel(room) => room.clone(),
            SlackTarget::Member(address) => address.clone(),
            SlackTarget::Webhook => "webhook".into(),
            // Each press is answered to an address of its own.
            SlackTarget::Pressed(_) => return None,
        })
    }

    async fn send(&self, messages: &[Message]) -> Vec<Tried> {
        let mut tried = Vec::with_capacity(messages.len());
        for message in messages {
            tried.push(self.try_one(message).await);
        }
        tried
    }
}

/// The body of a call, within Slack's limits.
fn body(slack: &SlackMessage, to: &To, key: &str) -> Value {
    let mut body = json!({
        "text": fit::text(&slack.text),
        "blocks": fit::blocks(slack.blocks.as_str()),
    });
    match (to, &slack.to) {
        (To::Room(room) | To::Instead(room), _) => {
            body["channel"] = json!(room);
            body["unfurl_links"] = json!(false);
            // By this a repetition can be told.
            body["metadata"] =
                json!({ "event_type": "firsthand_delivery", "event_payload": { "key": key } });
        }
        (To::Hook(_), SlackTarget::Pressed(_)) => body["replace_original"] = json!(true),
        (To::Hook(_), _) => {}
    }
    body
}

/// What an answer of the Web API means: 200, and the word in the body says whether it was done.
fn of_api(answer: &Answer, now: Time) -> Outcome {
    let told = answer.json();
    if answer.status.is_success() && told["ok"] == true {
        return Outcome::Sent;
    }
    let code = answer.status.as_u16();
    let Some(word) = told["error"].as_str().filter(|_| code != 429) else {
        return of_status(answer, now);
    };
    let reason = format!("Slack answered `{}`", mask::text(word));
    match word {
        "ratelimited" | "rate_limited" | "message_limit_exceeded" => slower(answer, now),
        "internal_error" | "fatal_error" | "service_unavailable" | "request_timeout"
        | "team_added_to_org" | "accesslimited"
        // About the app, not the message: somebody has to put it right.
        | "invalid_auth" | "not_authed" | "account_inactive" | "token_revoked" | "token_expired"
        | "missing_scope" | "no_permission" | "org_login_required" | "ekm_access_denied"
        | "access_denied" | "not_allowed_token_type" => Outcome::broken(reason, None),
        _ => Outcome::Dead(reason),
    }
}

/// What an answer of an incoming webhook means: the status, and a word as the body.
fn of_hook(answer: &Answer, now: Time) -> Outcome {
    if answer.status.is_success() {
        return Outcome::Sent;
    }
    if answer.status.is_client_error() && answer.status.as_u16() != 429 {
        let word = mask::text(answer.text().trim());
        return Outcome::Dead(format!("Slack answered {} `{word}`", answer.status.as_u16()));
    }
    of_status(answer, now)
}

fn of_status(answer: &Answer, now: Time) -> Outcome {
    match answer.status.as_u16() {
        429 => slower(answer, now),
        code if answer.status.is_client_error() => Outcome::Dead(format!("Slack answered {code}")),
        code => Outcome::broken(format!("Slack answered {code}"), answer.retry_after(now)),
    }
}

/// Too much for one channel of Slack: the others go on.
fn slower(answer: &Answer, now: Time) -> Outcome {
    Outcome::Again(Again {
        reason: "Slack asks to go slower".to_owned(),
        after: answer.retry_after(now),
        scope: Scope::Destination,
    })
}

fn failed(error: &CallError) -> Outcome {
    Outcome::broken(error.to_string(), None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use reqwest::StatusCode;
    use reqwest::header::{HeaderMap, RETRY_AFTER};

    fn answer(status: u16, body: &str) -> Answer {
        let mut headers = HeaderMap::new();
        if status == 429 {
            headers.insert(RETRY_AFTER, "30".parse().unwrap());
        }
        let status = StatusCode::from_u16(status).unwrap();
        Answer { status, headers, body: Bytes::from(body.to_owned()) }
    }

    #[test]
    fn the_word_in_the_answer_decides_not_the_status() {
        let of = |status, body| of_api(&answer(status, body), Time(0));
        assert_eq!(of(200, r#"{"ok":true,"ts":"1.2"}"#), Outcome::Sent);
        assert!(matches!(of(200, r#"{"ok":false,"error":"channel_not_found"}"#), Outcome::Dead(_)));
        let broken = of(200, r#"{"ok":false,"error":"invalid_auth"}"#);
        assert!(matches!(broken, Outcome::Again(Again { scope: Scope::Channel, .. })));
        let slower = of(429, r#"{"ok":false,"error":"ratelimited"}"#);
        let Outcome::Again(again) = slower else { panic!("{slower:?}") };
        assert_eq!((again.after, again.scope), (Some(Duration::from_secs(30)), Scope::Destination));
        assert!(matches!(of(503, "busy"), Outcome::Again(_)));
    }

    #[test]
    fn a_webhook_answers_by_status() {
        let of = |status, body| of_hook(&answer(status, body), Time(0));
        assert_eq!(of(200, "ok"), Outcome::Sent);
        assert_eq!(of(404, "no_service"), Outcome::Dead("Slack answered 404 `no_service`".into()));
        assert!(matches!(of(500, "rollup_error"), Outcome::Again(_)));
        assert!(matches!(of(429, ""), Outcome::Again(Again { scope: Scope::Destination, .. })));
    }

    #[tokio::test]
    async fn an_answer_to_a_button_goes_to_slack_alone() {
        let settings = SlackSettings {
            token: Some("xoxb".to_owned()),
            webhook: None,
            fallback: None,
            base_url: "http://127.0.0.1:9/api".to_owned(),
        };
        let slack = Slack::new(&settings, &Network::new().unwrap()).unwrap();
        assert!(slack.pressed("https://hooks.slack.com/actions/T/1/x").is_ok());
        for url in ["http://hooks.slack.com/x", "https://hooks.slack.com.evil.example/", "x"] {
            assert!(slack.pressed(url).is_err(), "{url}");
        }
    }
}
