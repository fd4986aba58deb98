//! What the vendors' own clients sent when they were run, to the letter (`bodies/`), becomes facts.
//!
//! Each client was told the same story in its own words: ann is identified, exports a report for
//! acme, an old event is told with its time, a group, an alias.

use std::collections::BTreeMap;

use firsthand_model::Time;
use serde::Deserialize;

use super::support::{Call, gzip, post, report};

/// Shortly after all of it was sent.
const ARRIVAL: &str = "2026-11-22T03:58:30Z";

/// A request as a client made it.
#[derive(Deserialize)]
struct Sent {
    path: String,
    headers: BTreeMap<String, String>,
    gzip: bool,
    body: String,
}

impl Sent {
    fn call(&self) -> Call {
        let body =
            if self.gzip { gzip(self.body.as_bytes()) } else { self.body.clone().into_bytes() };
        let names = [
            "content-type",
            "content-encoding",
            "authorization",
            "posthog-sdk-info",
            "posthog-attempt",
            "posthog-request-id",
            "posthog-request-timestamp",
        ];
        let arrival: Time = ARRIVAL.parse().unwrap();
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
    for request in &sent {
        let received = request.call().received();
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
    snowplows_client_for_node_is_understood = "snowplow-node",
    snowplows_client_for_python_is_understood = "snowplow-python",
}
