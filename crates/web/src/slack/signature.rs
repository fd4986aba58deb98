//! Whether Slack sent it, and just now (signature version 0), and not a second time.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use axum::http::HeaderMap;
use firsthand_model::{Span, Text, Time};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::backend::SlackSecret;

/// How old a press may be; also how far Slack's clock may be ahead.
const AGE_MAX: Span = Span::MINUTE.times(5);
/// Most presses that are remembered. More than these in five minutes are refused.
const REMEMBERED_MAX: usize = 10_000;

/// Why a press is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum SignatureError {
    #[error("the call is not signed by Slack")]
    Unsigned,
    #[error("the call is older than five minutes")]
    Old,
    #[error("the call came before")]
    Repeated,
    #[error("too many calls came in five minutes")]
    TooMany,
}

/// The calls of the last minutes, by their signature.
#[derive(Default)]
pub(crate) struct Presses {
    seen: Mutex<HashMap<[u8; 32], Time>>,
}

impl Presses {
    /// The channel whose secret signed the call.
    pub(super) fn check(
        &self,
        headers: &HeaderMap,
        body: &[u8],
        secrets: &[SlackSecret],
        now: Time,
    ) -> Result<Text, SignatureError> {
        let header = |name: &str| headers.get(name).and_then(|it| it.to_str().ok());
        let at = header("x-slack-request-timestamp").ok_or(SignatureError::Unsigned)?;
        let signature = header("x-slack-signature").and_then(|it| it.strip_prefix("v0="));
        let signature = signature.and_then(bytes).ok_or(SignatureError::Unsigned)?;
        let seconds = at.parse::<i64>().map_err(|_| SignatureError::Unsigned)?;
        let signed_by = |it: &&SlackSecret| {
            let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(it.secret.bytes()) else {
                return false;
            };
            for part in [b"v0:", at.as_bytes(), b":", body] {
                mac.update(part);
            }
            mac.verify_slice(&signature).is_ok()
        };
        let secret = secrets.iter().find(signed_by).ok_or(SignatureError::Unsigned)?;
        let sent_at = Time(seconds.saturating_mul(1_000_000));
        if sent_at + AGE_MAX < now || sent_at > now + AGE_MAX {
            return Err(SignatureError::Old);
        }
        self.remember(signature, now)?;
        Ok(secret.channel.clone())
    }

    fn remember(&self, signature: [u8; 32], now: Time) -> Result<(), SignatureError> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.contains_key(&signature) {
            return Err(SignatureError::Repeated);
        }
        if seen.len() >= REMEMBERED_MAX {
            // Twice, because a call may have been ahead of us.
            seen.retain(|_, at| *at + AGE_MAX + AGE_MAX > now);
            if seen.len() >= REMEMBERED_MAX {
                return Err(SignatureError::TooMany);
            }
        }
        seen.insert(signature, now);
        Ok(())
    }
}

/// The bytes that so many hexadecimal digits are.
fn bytes(digits: &str) -> Option<[u8; 32]> {
    blake3::Hash::from_hex(digits).ok().map(|it| *it.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::SigningSecret;

    /// The example of Slack's own documentation ("Verifying requests from Slack").
    const SECRET: &str = "8f742231b10e8888abcd99yyyzzz85a5";
    const AT: &str = "1531420618";
    const SIGNATURE: &str = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503";
    const BODY: &str = "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&\
                        channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&\
                        user_name=roadrunner&command=%2Fwebhook-collect&text=&\
                        response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F\
                        397700885554%2F96rGlfmibIGlgcZRskXaIFfN&\
                        trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";

    fn check(
        presses: &Presses,
        at: &str,
        signature: &str,
        body: &str,
        now: i64,
    ) -> Result<Text, SignatureError> {
        let mut headers = HeaderMap::new();
        headers.insert("x-slack-request-timestamp", at.parse().unwrap());
        headers.insert("x-slack-signature", signature.parse().unwrap());
        let secret = |channel: &str, text: &str| SlackSecret {
            channel: channel.into(),
            secret: SigningSecret::new(text),
        };
        let secrets = [secret("other", "another"), secret("sales", SECRET)];
        presses.check(&headers, body.as_bytes(), &secrets, Time(now * 1_000_000))
    }

    #[test]
    fn the_example_of_slack_is_taken_once() {
        let presses = Presses::default();
        let now = 1_531_420_618;
        assert_eq!(check(&presses, AT, SIGNATURE, BODY, now).as_deref(), Ok("sales"));
        let again = check(&presses, AT, SIGNATURE, BODY, now + 1);
        assert_eq!(again, Err(SignatureError::Repeated));
    }

    #[test]
    fn what_is_old_changed_or_unsigned_is_refused() {
        let presses = Presses::default();
        let now = 1_531_420_618;
        for late in [301, -301] {
            assert_eq!(check(&presses, AT, SIGNATURE, BODY, now + late), Err(SignatureError::Old));
        }
        let later = (now + 1).to_string();
        let other = SIGNATURE.replace('a', "b");
        for (at, signature, body) in [
            (AT, SIGNATURE, "payload={}"),
            (&*later, SIGNATURE, BODY),
            (AT, &*other, BODY),
            (AT, &SIGNATURE[3..], BODY),
            (AT, "v0=", BODY),
            ("soon", SIGNATURE, BODY),
        ] {
            let refused = check(&presses, at, signature, body, now);
            assert_eq!(refused, Err(SignatureError::Unsigned), "{at} {signature}");
        }
        assert!(check(&presses, AT, SIGNATURE, BODY, now).is_ok(), "none of it was remembered");
    }

    #[test]
    fn so_many_are_remembered_and_then_the_old_ones_forgotten() {
        let presses = Presses::default();
        let number = |it: usize| *blake3::hash(&it.to_le_bytes()).as_bytes();
        for it in 0..REMEMBERED_MAX {
            presses.remember(number(it), Time(0)).unwrap();
        }
        let more = number(REMEMBERED_MAX);
        assert_eq!(presses.remember(more, Time(1)), Err(SignatureError::TooMany));
        let later = Time(0) + AGE_MAX + AGE_MAX;
        assert_eq!(presses.remember(more, later), Ok(()));
    }
}
