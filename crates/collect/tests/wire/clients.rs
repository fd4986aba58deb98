//! What the vendors' own clients sent when they were run, to the letter (`bodies/`), becomes facts.
//!
//! Each client was told the same story in its own words: ann is identified, exports a report for
//! acme, a group, an alias; where the client can, an old event is told with its time.

use std::collections::BTreeMap;

use firsthand_model::Time;
use serde::Deserialize;

use super::support::{Call, gzip, header, post, report};

/// Shortly after all of it was sent, by the clients for servers and by those for browsers.
const ARRIVAL: &str = "2026-11-22T03:58:30Z";
const ARRIVAL_OF_BROWSERS: &str = "2026-11-22T04:20:30Z";

/// A request as a client made it.
#[derive(Deserialize)]
struct Sent {
    path: String,
    headers: BTreeMap<String, String>,
    gzip: bool,
    body: String,
}

impl Sent {
    fn call(&self, arrival: &str) -> Call {
        let body =
            if self.gzip { gzip(self.body.as_bytes()) } else { self.body.clone().into_bytes() };
        let names = [
            "content-type",
            "content-encoding",
            "authorization",
            "anonymousid",
            "sentat",
            "origin",
            "posthog-sdk-info",
            "posthog-attempt",
            "posthog-request-id",
            "posthog-request-timestamp",
        ];
        let arrival: Time = arrival.parse().unwrap();
        names.into_iter().fold(post(&self.path, body).at(arrival), |call, name| {
            match self.headers.get(name) {
                Some(value) => call.header(name, value),
                None => call,
            }
        })
    }
}

#[track_caller]
fn check(client: &str, requests: &str) {
    let sent: Vec<Sent> = serde_json::from_str(requests).unwrap();
    let mut facts = String::new();
    let is_browser = client.contains("browser");
    let arrival = if is_browser { ARRIVAL_OF_BROWSERS } else { ARRIVAL };
    for request in &sent {
        let received = request.call(arrival).received();
        let allowed = header(&received.answer, "access-control-allow-origin");
        assert_eq!(allowed, is_browser.then_some("http://app.example"));
        assert_eq!((received.answer.status, received.rejects.len()), (200, 0), "{client}");
        facts.push_str(&report(&received));
    }
    insta::assert_snapshot!(client, facts);
}

macro_rules! clients {
    ($($test:ident = $client:literal,)+) => {
        $(#[test]
        fn $test() {
            check($client, include_str!(concat!("bodies/", $client, ".json")));
        })+
    };
}

clients! {
    segments_client_for_node_is_understood = "segment-node",
    segments_client_for_python_is_understood = "segment-python",
    rudderstacks_client_for_node_is_understood = "rudder-node",
    rudderstacks_client_for_python_is_understood = "rudder-python",
    posthogs_client_for_node_is_understood = "posthog-node",
    posthogs_client_for_python_is_understood = "posthog-python",
    posthogs_client_for_python_is_understood_in_its_newer_form = "posthog-v1-python",
    segments_browser_is_understood = "segment-browser",
    segments_browser_is_understood_where_it_gathers_calls = "segment-browser-batching",
    rudderstacks_browser_is_understood = "rudder-browser",
    posthogs_browser_is_understood = "posthog-browser",
    snowplows_client_for_node_is_understood = "snowplow-node",
    snowplows_client_for_python_is_understood = "snowplow-python",
}
