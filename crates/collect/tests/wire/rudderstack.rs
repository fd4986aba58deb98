//! RudderStack: where it differs from Segment.

use super::support::{body, get, gzip, lines, post};

/// As `@rudderstack/rudder-sdk-node` sends it: packed JSON that calls itself a form.
const NODE: &str = r#"{"batch":[{"userId":"ann","event":"Report exported","properties":{"format":"pdf"},"context":{"traits":{"role":"admin"},"library":{"name":"analytics-node","version":"2.1.0"}},"channel":"server","originalTimestamp":"2026-05-04T09:58:00.000Z","sentAt":"2026-05-04T09:59:00.000Z","messageId":"m1","type":"track","integrations":{"All":true}},
{"userId":"bob","traits":{"role":"owner"},"context":{"traits":{"role":"owner"}},"timestamp":"2026-05-01T00:00:00.000Z","originalTimestamp":"2026-05-04T09:58:00.000Z","sentAt":"2026-05-04T09:59:00.000Z","messageId":"m2","type":"identify"}],"sentAt":"2026-05-04T09:59:00.000Z"}"#;

#[test]
fn json_that_calls_itself_a_form_is_read_for_what_it_is() {
    let call = post("/v1/batch", gzip(NODE.as_bytes()))
        .key()
        .header("content-type", "application/x-www-form-urlencoded")
        .header("content-encoding", "gzip");
    insta::assert_snapshot!(lines(&call.facts()), @r#"
    {"id":"m1","source":"web","time":"2026-05-04T09:58:00Z","known_at":"2026-05-04T10:00:00Z","person":"ann","event":"Report exported","properties":{"format":"pdf"}}
    {"id":"m2","source":"web","time":"2026-05-01T00:00:00Z","known_at":"2026-05-04T10:00:00Z","person":"bob","of":"person","traits":{"role":"owner"}}
    "#);
}

/// Its client for Python says traits only in the context.
#[test]
fn traits_in_the_context_alone_are_traits() {
    let body = r#"{"batch":[{"integrations":{},"anonymousId":null,"userId":"ann","type":"identify","context":{"traits":{"role":"admin"},"library":{"name":"rudder-analytics-python"}},"messageId":"m1","originalTimestamp":"2026-05-04T09:59:00+00:00","sentAt":"2026-05-04T10:00:00+00:00","channel":"server"}],"sentAt":"2026-05-04T10:00:00+00:00"}"#;
    insta::assert_snapshot!(lines(&post("/v1/batch", body).key().facts()), @r#"{"id":"m1","source":"web","time":"2026-05-04T09:59:00Z","known_at":"2026-05-04T10:00:00Z","person":"ann","of":"person","traits":{"role":"admin"}}"#);
}

/// The clients for Node keep the first `sentAt` when they send again after an outage.
#[test]
fn an_outage_is_not_taken_for_a_servers_clock_but_a_browsers_clock_is_corrected() {
    let time = |channel: &str, sent: &str| {
        let body = format!(
            r#"{{"batch":[{{"userId":"u","event":"E","type":"track","channel":"{channel}","originalTimestamp":"2026-05-04T09:30:00Z","sentAt":"{sent}"}}]}}"#
        );
        post("/v1/batch", body).key().facts()[0].time.to_string()
    };
    assert_eq!(time("server", "2026-05-04T09:50:00Z"), "2026-05-04T09:30:00Z");
    assert_eq!(time("web", "2026-05-04T09:50:00Z"), "2026-05-04T09:40:00Z");
    // No outage sends a call before it is made.
    assert_eq!(time("server", "2026-05-04T10:10:00Z"), "2026-05-04T09:20:00Z");
}

#[test]
fn a_beacon_has_its_key_in_the_query() {
    let body = r#"{"batch":[{"anonymousId":"d1","type":"page","originalTimestamp":"2026-05-04T09:59:00Z"}]}"#;
    assert_eq!(post("/beacon/v1/batch?writeKey=wk_web", body).facts().len(), 1);
}

#[test]
fn a_picture_says_its_message_in_parameters() {
    let call = get(
        "/pixel/v1/track?writeKey=wk_web&anonymousId=d1&event=Mail+opened&properties.campaign=may&\
         originalTimestamp=2026-05-04T09%3A59%3A00Z",
    );
    insta::assert_snapshot!(lines(&call.facts()), @r#"{"id":"0fe9ba469f9f189e63df0a","source":"web","time":"2026-05-04T09:59:00Z","known_at":"2026-05-04T10:00:00Z","anonymous":"d1","event":"Mail opened","properties":{"campaign":"may"}}"#);
    assert_eq!(call.answer().content_type, Some("image/gif"));
}

#[test]
fn the_browser_is_told_that_its_source_is_switched_on() {
    let answer = get("/sourceConfig/?p=cdn&v=3.0").key().answer();
    let config: serde_json::Value = serde_json::from_str(body(&answer)).unwrap();
    assert_eq!(config["source"]["enabled"], true);
    assert_eq!(config["source"]["writeKey"], "wk_web");
    assert_eq!(get("/sourceConfig/").basic("wk_other:").status(), 401);
}
