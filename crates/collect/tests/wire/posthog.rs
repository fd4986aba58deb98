//! PostHog: v0 in all its wrappings, and v1.

use super::support::{NOW, base64, body, get, gzip, header, lines, post};
use firsthand_model::Span;

/// As `posthog-node` sends it.
const NODE: &str = r#"{"api_key":"wk_web","batch":[
{"distinct_id":"ann","event":"Report exported","properties":{"format":"pdf","$groups":{"company":"acme"},"$lib":"posthog-node","$lib_version":"5.0.0","$geoip_disable":true},"type":"capture","library":"posthog-node","uuid":"0196-1","timestamp":"2026-05-04T09:59:59.000Z"},
{"distinct_id":"ann","event":"$identify","properties":{"$set":{"email":"ann@acme.com"},"$set_once":{"first_seen":"today"}},"uuid":"0196-2","timestamp":"2026-05-04T09:59:59.000Z"},
{"distinct_id":"$company_acme","event":"$groupidentify","properties":{"$group_type":"company","$group_key":"acme","$group_set":{"name":"Acme"}},"uuid":"0196-3","timestamp":"2026-05-04T09:59:59.000Z"},
{"distinct_id":"ann","event":"$create_alias","properties":{"distinct_id":"ann","alias":"anon-1"},"uuid":"0196-4","timestamp":"2026-05-04T09:59:59.000Z"}
],"sent_at":"2026-05-04T10:00:00.000Z"}"#;

#[test]
fn the_batch_of_the_node_client_becomes_facts() {
    insta::assert_snapshot!(post("/batch/", NODE).report(), @r#"
    {"id":"0196-1","source":"web","time":"2026-05-04T09:59:59Z","known_at":"2026-05-04T10:00:00Z","person":"ann","account":"acme","event":"Report exported","properties":{"format":"pdf","$groups":{"company":"acme"},"$lib":"posthog-node","$lib_version":"5.0.0","$geoip_disable":true}}
    {"id":"0196-2","source":"web","time":"2026-05-04T09:59:59Z","known_at":"2026-05-04T10:00:00Z","person":"ann","of":"person","traits":{"first_seen":"today","email":"ann@acme.com"}}
    {"id":"0196-3","source":"web","time":"2026-05-04T09:59:59Z","known_at":"2026-05-04T10:00:00Z","account":"acme","of":"account","traits":{"name":"Acme"}}
    {"id":"0196-4","source":"web","time":"2026-05-04T09:59:59Z","known_at":"2026-05-04T10:00:00Z","person":"ann","alias":"anon-1"}
    notice 2: set_once: first_seen
    "#);
}

/// As the browser's client sends it: the distinct id and the token among the properties.
const BROWSER: &str = r#"[{"uuid":"b-1","event":"$identify","properties":{"token":"wk_web","distinct_id":"ann","$device_id":"d1","$anon_distinct_id":"d1","$is_identified":true},"$set":{"role":"admin"},"$set_once":{},"offset":1500,"timestamp":"2026-05-04T09:59:58.500Z"},{"uuid":"b-2","event":"$pageview","properties":{"token":"wk_web","distinct_id":"d2","$device_id":"d2","$is_identified":false,"$current_url":"https://a.example"},"timestamp":"2026-05-04T09:59:58.500Z"}]"#;

#[test]
fn the_browsers_ids_and_token_among_the_properties_are_found() {
    insta::assert_snapshot!(lines(&post("/e/?ip=0&_=1777888800000&ver=1.2", BROWSER).facts()), @r#"
    {"id":"b-1","source":"web","time":"2026-05-04T09:59:58.5Z","known_at":"2026-05-04T10:00:00Z","person":"ann","anonymous":"d1","of":"person","traits":{"role":"admin"}}
    {"id":"b-1#link","source":"web","time":"2026-05-04T09:59:58.5Z","known_at":"2026-05-04T10:00:00Z","person":"ann","anonymous":"d1","link":true}
    {"id":"b-2","source":"web","time":"2026-05-04T09:59:58.5Z","known_at":"2026-05-04T10:00:00Z","anonymous":"d2","event":"$pageview","properties":{"token":"wk_web","distinct_id":"d2","$device_id":"d2","$is_identified":false,"$current_url":"https://a.example"}}
    "#);
}

#[test]
fn every_wrapping_holds_the_same_events() {
    let plain = post("/e/", BROWSER).facts();
    let text = BROWSER.as_bytes();
    let form = |data: &str| {
        let data: String = form_urlencoded::byte_serialize(data.as_bytes()).collect();
        format!("data={data}&compression=base64")
    };
    for (what, call) in [
        ("gzip by header", post("/e/", gzip(text)).header("content-encoding", "gzip")),
        ("gzip by query", post("/e/?compression=gzip-js", gzip(text))),
        ("gzip by magic", post("/e", gzip(text)).header("content-type", "text/plain")),
        ("base64", post("/capture", base64(text))),
        ("base64 of gzip", post("/capture", base64(&gzip(text)))),
        ("form", post("/track/", form(BROWSER))),
        ("form with base64", post("/i/v0/e/", form(&base64(text)))),
        ("form with gzip in base64", post("/i/v0/e", form(&base64(&gzip(text))))),
        ("question", get(&format!("/e/?{}", form(&base64(text))))),
    ] {
        assert_eq!(call.facts(), plain, "{what}");
    }
}

#[test]
fn lz_string_of_old_browsers_is_unpacked() {
    // `LZString.compressToBase64` of an event with the token of `web`.
    let packed = include_str!("lz64.txt").trim();
    let call = post("/e/?compression=lz64", format!("data={}", packed.replace('+', "%2B")));
    assert_eq!(call.facts()[0].who.user.as_deref(), Some("u1"));
}

#[test]
fn the_token_may_stand_in_any_of_its_places() {
    let event = |top: &str, inside: &str| {
        format!(r#"{{{top}"event":"E","distinct_id":"u","properties":{{{inside}"a":1}}}}"#)
    };
    for body in [
        event(r#""api_key":"wk_web","#, ""),
        event(r#""token":"wk_web","#, ""),
        event("", r#""token":"wk_web","#),
        format!("[{}]", event(r#""api_key":"wk_web","#, "")),
    ] {
        assert_eq!(post("/capture/", &body).facts().len(), 1, "{body}");
    }
    assert_eq!(post("/capture/", event(r#""token":"wk_other","#, "")).status(), 401);
    assert_eq!(post("/capture/", event("", "")).status(), 401);
}

#[test]
fn times_follow_the_rules_of_the_protocol() {
    let time = |said: &str, properties: &str| {
        let body = format!(
            r#"{{"api_key":"wk_web","batch":[{{"event":"E","distinct_id":"u","uuid":"x"{said},"properties":{{{properties}}}}}],"sent_at":"2026-05-04T09:50:00Z"}}"#
        );
        post("/batch", body).facts()[0].time.to_string()
    };
    let at = r#","timestamp":"2026-05-04T09:49:00Z""#;
    assert_eq!(time(at, ""), "2026-05-04T09:59:00Z");
    assert_eq!(time(at, r#""$ignore_sent_at":true"#), "2026-05-04T09:49:00Z");
    assert_eq!(time(r#","offset":90000"#, ""), "2026-05-04T09:58:30Z");
    assert_eq!(time(r#","timestamp":null"#, ""), "2026-05-04T10:00:00Z");
    assert_eq!(time(r#","timestamp":"2026-06-04T09:49:00Z""#, ""), "2026-05-04T10:00:00Z");
}

/// Python and Rust say the two ids of an alias the other way round.
#[test]
fn an_alias_is_the_same_whichever_id_is_called_which() {
    let alias = |one: &str, other: &str| {
        let body = format!(
            r#"{{"api_key":"wk_web","event":"$create_alias","distinct_id":"{one}","properties":{{"distinct_id":"{one}","alias":"{other}"}}}}"#
        );
        let facts = post("/capture/", body).facts();
        let firsthand_model::fact::Body::Alias { other } = facts[0].body.clone() else {
            panic!("no alias")
        };
        let mut both = [facts[0].who.user.clone().unwrap(), other];
        both.sort();
        both
    };
    assert_eq!(alias("u1", "anon-1"), alias("anon-1", "u1"));
}

#[test]
fn an_event_that_wants_no_person_is_an_anonymous_one() {
    let body = r#"{"api_key":"wk_web","event":"E","distinct_id":"0196-uuid","properties":{"$process_person_profile":false}}"#;
    let who = post("/capture/", body).facts()[0].who.clone();
    assert_eq!((who.user, who.anonymous.as_deref()), (None, Some("0196-uuid")));
}

#[test]
fn an_empty_batch_is_refused_in_the_protocols_words() {
    let answer = post("/batch/", r#"{"api_key":"wk_web","batch":[]}"#).answer();
    assert_eq!((answer.status, body(&answer)), (400, "the batch is empty"));
    let answer = post("/batch/", NODE).answer();
    assert_eq!((answer.status, body(&answer)), (200, r#"{"status":"Ok"}"#));
}

#[test]
fn dropped_events_keep_what_they_say_of_the_person() {
    let body = r#"{"api_key":"wk_web","event":"$autocapture","distinct_id":"u","uuid":"1","properties":{"$set":{"role":"admin"}}}"#;
    let received = post("/e/", body).received();
    assert_eq!((received.dropped, received.facts.len()), (1, 1));
    assert_eq!(received.facts[0].id, "1#traits");
}

const V1: &str = r#"{"created_at":"2026-05-04T09:49:59Z","batch":[
{"event":"E","uuid":"u-1","distinct_id":"ann","timestamp":"2026-05-04T09:49:00Z","options":{},"properties":{}},
{"event":"","uuid":"u-2","distinct_id":"ann","timestamp":"2026-05-04T09:49:00Z","options":{},"properties":{}},
{"event":"F","uuid":"u-3","distinct_id":"anon","timestamp":"2026-05-04T09:49:00Z","options":{"process_person_profile":false,"disable_skew_correction":true},"properties":{}}]}"#;

fn v1(body: &str) -> super::support::Call {
    post("/i/v1/analytics/events", body)
        .header("authorization", "Bearer wk_web")
        .header("posthog-sdk-info", "posthog-rs/0.4")
        .header("posthog-attempt", "1")
        .header("posthog-request-id", "r-1")
        .header("posthog-request-timestamp", "2026-05-04T09:50:00Z")
}

#[test]
fn v1_says_of_each_event_what_became_of_it() {
    let received = v1(V1).received();
    let answer: serde_json::Value = serde_json::from_str(body(&received.answer)).unwrap();
    let result = |uuid: &str| answer["results"][uuid]["result"].as_str().unwrap().to_owned();
    assert_eq!([result("u-1"), result("u-2"), result("u-3")], ["ok", "drop", "ok"]);
    assert_eq!(answer["results"]["u-2"]["details"], "the event has no name");
    let times: Vec<_> = received.facts.iter().map(|it| it.time.to_string()).collect();
    assert_eq!(times, ["2026-05-04T09:59:00Z", "2026-05-04T09:49:00Z"]);
    assert_eq!(received.facts[1].who.user, None);
    assert_eq!(received.rejects.len(), 1);
}

#[test]
fn v1_refuses_a_batch_that_it_could_not_answer() {
    let twice = V1.replace("u-2", "u-1");
    let answer = v1(&twice).answer();
    let error: serde_json::Value = serde_json::from_str(body(&answer)).unwrap();
    assert_eq!((answer.status, error["error"].as_str()), (400, Some("bad_body")));
    assert_eq!(v1(&V1.replace("\"uuid\":\"u-2\",", "")).status(), 400);
    assert_eq!(v1(r#"{"batch":[]}"#).status(), 400);
    let unknown = post("/i/v1/analytics/events", V1).header("authorization", "Bearer nobody");
    assert_eq!(unknown.status(), 401);
}

#[test]
fn the_answer_to_a_page_lets_it_use_its_cookies() {
    let answer = post("/e/", BROWSER).header("origin", "https://app.example").answer();
    assert_eq!(header(&answer, "access-control-allow-origin"), Some("https://app.example"));
    assert_eq!(header(&answer, "access-control-allow-credentials"), Some("true"));
}

#[test]
fn old_events_keep_their_times() {
    let body = r#"{"api_key":"wk_web","historical_migration":true,"sent_at":"2026-05-04T09:50:00Z","batch":[{"event":"E","distinct_id":"u","uuid":"x","timestamp":"2024-01-01T00:00:00Z"}]}"#;
    let fact = &post("/batch/", body).at(NOW + Span::DAY).facts()[0];
    assert_eq!(fact.time.to_string(), "2024-01-01T00:00:00Z");
    assert_eq!(fact.known_at, Some(NOW + Span::DAY));
}
