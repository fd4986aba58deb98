//! Webhooks, by the Standard Webhooks specification.
//!
//! The body is the same in every try, and so is `webhook-id`; the timestamp is that of the try. It
//! is signed with every secret in force, so that a receiver can go over from one to the next.

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use firsthand_model::message::{Outgoing, WebhookCall};
use firsthand_model::{Span, Time};
use hmac::{Hmac, KeyInit, Mac};
use reqwest::header::HeaderName;
use reqwest::{Method, StatusCode, Url};
use serde_json::{Value, json};
use sha2::Sha256;
use std::time::Duration;

use crate::channel::wrong_kind;
use crate::http::{Answer, Call, CallError, Http, Network, Reach};
use crate::{Channel, Limits, Message, Outcome, Schedule, SetupError, Tried, mask};

/// Largest body that is sent, in bytes; the specification advises 20 kB.
pub const BODY_BYTES_MAX: usize = 64 << 10;
/// How many calls to one receiver are under way at once.
const CALLS_MAX: usize = 8;
/// Secrets are of so many bytes.
const SECRET_BYTES: std::ops::RangeInclusive<usize> = 24..=64;
const SECRET_PREFIX: &str = "whsec_";

/// One receiver of webhooks.
#[derive(Clone)]
pub struct WebhookSettings {
    /// Its address.
    pub url: String,
    /// The secrets in force, each `whsec_` and base64, the newest first.
    pub secrets: Vec<String>,
    /// Whether the address may lead into a private network, and be without TLS.
    pub allow_private: bool,
}

/// Sends webhooks to one receiver.
pub struct Webhook {
    http: Http,
    url: Url,
    secrets: Vec<Vec<u8>>,
}

impl Webhook {
    /// Sets the channel up.
    ///
    /// # Errors
    /// Where the address or a secret is none.
    pub fn new(settings: &WebhookSettings, network: &Network) -> Result<Self, SetupError> {
        let reach = if settings.allow_private { Reach::Anywhere } else { Reach::Public };
        let http = network.to(reach);
        let url = http.url(&settings.url)?;
        let secrets =
            settings.secrets.iter().map(|it| secret(it)).collect::<Result<Vec<_>, _>>()?;
        if secrets.is_empty() {
            return Err(SetupError::BadSecret);
        }
        Ok(Self { http, url, secrets })
    }

    fn request(&self, message: &Message, body: Vec<u8>) -> Call {
        let timestamp = message.now.micros().div_euclid(Span::SECOND.0);
        let signatures = sign(&self.secrets, &message.key, timestamp, &body);
        Call::json(Method::POST, self.url.clone(), body)
            .header(HeaderName::from_static("webhook-id"), &message.key)
            .header(HeaderName::from_static("webhook-timestamp"), &timestamp.to_string())
            .header(HeaderName::from_static("webhook-signature"), &signatures)
    }

    async fn try_one(&self, message: &Message) -> Tried {
        let Outgoing::Webhook(call) = &message.outgoing else { return wrong_kind("a webhook") };
        let body = body(call);
        let shown = format!("POST {} {}", mask::url(&self.url, false), mask::json(&body));
        let body = body.to_string().into_bytes();
        if body.len() > BODY_BYTES_MAX {
            let reason = format!("it is larger than {BODY_BYTES_MAX} bytes");
            return Tried::unsent(Outcome::Dead(reason));
        }
        let answered = self.http.call(self.request(message, body)).await;
        let (outcome, answer) = match answered {
            Ok(answer) => {
                let told = format!("{} {}", answer.status.as_u16(), mask::text(&answer.text()));
                (judge(&answer, message.now), told.trim_end().to_owned())
            }
            Err(error) => (failed(&error), error.to_string()),
        };
        Tried { outcome, request: Some(shown), answer: Some(answer), note: None }
    }
}

#[async_trait]
impl Channel for Webhook {
    fn limits(&self) -> Limits {
        Limits {
            batch: 1,
            calls: CALLS_MAX,
            spacing: Duration::ZERO,
            schedule: Schedule::webhook(),
            age_max: Span::DAY.times(5),
        }
    }

    async fn send(&self, messages: &[Message]) -> Vec<Tried> {
        let mut tried = Vec::with_capacity(messages.len());
        for message in messages {
            tried.push(self.try_one(message).await);
        }
        tried
    }
}

/// The body of a call: what happened, when, and what is told about it.
pub fn body(call: &WebhookCall) -> Value {
    let data: Value = serde_json::from_str(call.data.as_str()).unwrap_or_default();
    json!({ "type": call.event, "timestamp": call.at.to_string(), "data": data })
}

/// The signatures of a call, one for each secret, parted by blanks.
fn sign(secrets: &[Vec<u8>], id: &str, timestamp: i64, body: &[u8]) -> String {
    let signatures = secrets.iter().map(|secret| {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("keys may be of any length");
        mac.update(format!("{id}.{timestamp}.").as_bytes());
        mac.update(body);
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    });
    signatures.collect::<Vec<_>>().join(" ")
}

fn secret(written: &str) -> Result<Vec<u8>, SetupError> {
    let encoded = written.trim().strip_prefix(SECRET_PREFIX).ok_or(SetupError::BadSecret)?;
    let bytes = STANDARD.decode(encoded).map_err(|_| SetupError::BadSecret)?;
    if SECRET_BYTES.contains(&bytes.len()) { Ok(bytes) } else { Err(SetupError::BadSecret) }
}

/// What an answer means: only 2xx is success, 410 wants nothing more, all else is tried again.
fn judge(answer: &Answer, now: Time) -> Outcome {
    let code = answer.status.as_u16();
    match answer.status {
        status if status.is_success() => Outcome::Sent,
        StatusCode::GONE => Outcome::Gone("the receiver answered 410: it wants no more".to_owned()),
        status if status.is_redirection() => {
            Outcome::again(format!("answered {code}: redirects are not followed"))
        }
        status if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
            Outcome::broken(format!("answered {code}"), answer.retry_after(now))
        }
        _ => Outcome::again(format!("answered {code}")),
    }
}

fn failed(error: &CallError) -> Outcome {
    match error {
        CallError::Private => Outcome::Dead(error.to_string()),
        CallError::Late | CallError::Broken(_) => Outcome::broken(error.to_string(), None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification's own libraries.
    #[test]
    fn it_is_signed_as_the_specification_says() {
        let secret = secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let body = br#"{"test": 2432232314}"#;
        assert_eq!(
            sign(&[secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        );
    }

    #[test]
    fn each_secret_in_force_signs() {
        let secrets = [vec![1; 24], vec![2; 24]];
        let both = sign(&secrets, "m", 1, b"{}");
        let alone: Vec<_> =
            secrets.iter().map(|it| sign(std::slice::from_ref(it), "m", 1, b"{}")).collect();
        assert_eq!(both, alone.join(" "));
    }

    #[test]
    fn what_is_no_secret_is_refused() {
        for written in ["", "abc", "whsec_", "whsec_AAAA", "whsec_?!"] {
            assert!(secret(written).is_err(), "{written}");
        }
    }
}
