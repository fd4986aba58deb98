//! Lets browsers on other sites send.
//!
//! A write key is public on every page that has it, so the site is no secret worth guarding: any
//! origin may send, and nothing is answered that a page could not know.

use firsthand_model::config::Protocol;

use super::answer::Answer;
use super::request::Request;
use super::route::Route;

/// What the vendors' browser clients send, for a browser that does not say what it asks for.
const HEADERS: &str = "authorization, anonymousid, content-type, content-encoding, sentat, \
                       x-write-key, posthog-sdk-info, posthog-attempt, posthog-request-id, \
                       posthog-request-timestamp";

/// How long a browser may remember the answer to its question.
const REMEMBER_S: u32 = 86_400;

/// Answers a browser that asks whether it may send.
pub(super) fn preflight(request: &Request<'_>) -> Answer {
    let mut answer = Answer::empty(204);
    let asked = request.header("access-control-request-headers").filter(|it| is_plain(it));
    let headers = &mut answer.headers;
    headers.push(("access-control-allow-methods", "GET, POST, OPTIONS".to_owned()));
    headers.push(("access-control-allow-headers", asked.unwrap_or(HEADERS).to_owned()));
    headers.push(("access-control-max-age", REMEMBER_S.to_string()));
    answer
}

/// Lets the page that asked read the answer.
pub(super) fn allow(answer: &mut Answer, origin: Option<&str>, route: Option<&Route<'_>>) {
    let Some(origin) = origin.filter(|it| is_plain(it)) else {
        return;
    };
    let headers = &mut answer.headers;
    headers.push(("access-control-allow-origin", origin.to_owned()));
    headers.push(("vary", "Origin".to_owned()));
    headers.push(("access-control-expose-headers", "Retry-After".to_owned()));
    // These two send cookies, of which none is read here.
    if route.is_some_and(|it| matches!(it.protocol(), Protocol::PostHog | Protocol::Snowplow)) {
        headers.push(("access-control-allow-credentials", "true".to_owned()));
    }
}

/// Whether a text can stand in a header of ours.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|it| (b' '..=b'~').contains(&it))
}
