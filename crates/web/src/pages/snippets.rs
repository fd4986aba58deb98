//! How each client is pointed at the server: lines to copy, with the server's address in them.
//!
//! A key is never among them: it may stand in the environment, and is known to whoever set it up.

use axum::http::{HeaderMap, header};

/// What stands in the place of the source's write key.
const KEY: &str = "WRITE_KEY";

/// Lines to copy.
pub(super) struct Snippet {
    /// The client.
    pub client: &'static str,
    /// The lines, with the address in them.
    pub lines: String,
}

/// The clients of each protocol: the protocol, the client, and the lines, in which `{url}` and
/// `{name}` stand for the server's address and the source's name.
const CLIENTS: &[(&str, &str, &str)] = &[
    (
        "segment",
        "Segment, Node",
        r#"import { Analytics } from "@segment/analytics-node";

const analytics = new Analytics({ writeKey: "WRITE_KEY", host: "{url}" });
analytics.track({
  userId: "ana",
  event: "Report exported",
  properties: { format: "pdf" },
  context: { groupId: "acme" },
});"#,
    ),
    (
        "segment",
        "Segment, Python",
        r#"from segment.analytics.client import Client

analytics = Client("WRITE_KEY", host="{url}")
analytics.track("ana", "Report exported", {"format": "pdf"}, context={"groupId": "acme"})"#,
    ),
    (
        "segment",
        "Segment, browser",
        r#"import { AnalyticsBrowser } from "@segment/analytics-next";

const analytics = AnalyticsBrowser.load({ writeKey: "WRITE_KEY", cdnURL: "{url}" });
analytics.identify("ana", { email: "ana@acme.example" });
analytics.group("acme", { plan: "free" });
analytics.track("Report exported", { format: "pdf" });"#,
    ),
    (
        "segment",
        "RudderStack, Node",
        r#"import RudderAnalytics from "@rudderstack/rudder-sdk-node";

const analytics = new RudderAnalytics("WRITE_KEY", { dataPlaneUrl: "{url}" });
analytics.track({ userId: "ana", event: "Report exported", context: { groupId: "acme" } });"#,
    ),
    (
        "segment",
        "RudderStack, browser",
        r#"import { RudderAnalytics } from "@rudderstack/analytics-js";

const analytics = new RudderAnalytics();
analytics.load("WRITE_KEY", "{url}", { configUrl: "{url}" });
analytics.track("Report exported", { format: "pdf" });"#,
    ),
    (
        "posthog",
        "PostHog, Node",
        r#"import { PostHog } from "posthog-node";

const posthog = new PostHog("WRITE_KEY", { host: "{url}" });
posthog.capture({
  distinctId: "ana",
  event: "Report exported",
  properties: { format: "pdf" },
  groups: { company: "acme" },
});"#,
    ),
    (
        "posthog",
        "PostHog, Python",
        r#"from posthog import Posthog

posthog = Posthog("WRITE_KEY", host="{url}")
posthog.capture("Report exported", distinct_id="ana", groups={"company": "acme"})"#,
    ),
    (
        "posthog",
        "PostHog, browser",
        r#"import posthog from "posthog-js";

posthog.init("WRITE_KEY", { api_host: "{url}", disable_surveys: true });
posthog.group("company", "acme");
posthog.capture("Report exported", { format: "pdf" });"#,
    ),
    (
        "snowplow",
        "Snowplow, browser",
        r#"import { newTracker, trackStructEvent } from "@snowplow/browser-tracker";

newTracker("firsthand", "{url}", { appId: "{name}" });
trackStructEvent({ category: "reports", action: "Report exported" });"#,
    ),
    (
        "cloudevents",
        "CloudEvents, curl",
        r#"curl {url}/v1/cloudevents -H "X-Write-Key: WRITE_KEY" \
  -H "Content-Type: application/cloudevents+json" -d '
  {"specversion": "1.0", "id": "e1", "source": "/reports", "type": "Report exported",
   "subject": "ana", "accountid": "acme", "data": {"format": "pdf"}}'"#,
    ),
    (
        "facts",
        "curl",
        r#"curl {url}/v1/facts -H "X-Write-Key: WRITE_KEY" -d '
  {"id": "e1", "event": "Report exported", "person": "ana", "account": "acme", "properties": {"format": "pdf"}}
  {"id": "t1", "traits": {"plan": "free"}, "account": "acme"}'"#,
    ),
    ("stripe", "Stripe", "{url}/webhooks/{name}"),
];

/// Messages inside the product need no write key, but the address.
const IN_APP: &str =
    r#"<script src="{url}/firsthand.js" data-token-url="/firsthand-token" async></script>"#;

/// The lines for every client that speaks one of these protocols.
pub(super) fn snippets(url: &str, source: &str, protocols: &[String]) -> Vec<Snippet> {
    let spoken = CLIENTS.iter().filter(|it| protocols.iter().any(|spoken| spoken == it.0));
    let snippet = |&(_, client, lines): &(&str, &'static str, &str)| Snippet {
        client,
        lines: lines.replace("{url}", url).replace("{name}", source),
    };
    spoken.map(snippet).collect()
}

/// The line that shows messages inside the product.
pub(super) fn in_app(url: &str) -> String {
    IN_APP.replace("{url}", url)
}

/// The place of the key in the lines.
pub(super) const fn key() -> &'static str {
    KEY
}

/// The address under which somebody reached the server. Behind a proxy that does TLS the server
/// itself hears plain HTTP: only on this machine is that the address as well.
pub(super) fn address(headers: &HeaderMap) -> String {
    let host = headers.get(header::HOST).and_then(|it| it.to_str().ok());
    let plain = |it: &char| it.is_ascii_alphanumeric() || matches!(it, '.' | '-' | ':' | '[' | ']');
    let host = host.filter(|it| !it.is_empty() && it.chars().all(|sign| plain(&sign)));
    let host = host.unwrap_or("firsthand.example.com");
    let bare = host.rsplit_once(':').map_or(host, |it| it.0);
    let here = matches!(bare, "localhost" | "127.0.0.1" | "[::1]");
    format!("{}://{host}", if here { "http" } else { "https" })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(host: &str) -> HeaderMap {
        [(header::HOST, host.parse().unwrap())].into_iter().collect()
    }

    #[test]
    fn the_address_is_the_one_that_was_asked_for() {
        assert_eq!(address(&headers("127.0.0.1:8787")), "http://127.0.0.1:8787");
        assert_eq!(address(&headers("events.acme.com")), "https://events.acme.com");
        assert_eq!(address(&headers("x\"><b>")), "https://firsthand.example.com");
    }

    #[test]
    fn only_clients_that_the_source_understands_are_shown() {
        let all = snippets("https://e.example", "web", &["posthog".to_owned(), "facts".to_owned()]);
        let clients: Vec<&str> = all.iter().map(|it| it.client).collect();
        assert_eq!(clients, ["PostHog, Node", "PostHog, Python", "PostHog, browser", "curl"]);
        for it in all {
            assert!(
                it.lines.contains("https://e.example") && it.lines.contains(KEY),
                "{}",
                it.lines
            );
        }
    }
}
