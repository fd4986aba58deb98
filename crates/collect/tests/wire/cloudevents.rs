//! `CloudEvents`: structured, batched and binary.

use super::support::{lines, post, sources_of};

const EVENT: &str = r#"{"specversion":"1.0","id":"1","source":"/billing","type":"report.exported","subject":"ann","accountid":"acme","time":"2026-05-04T09:59:00Z","datacontenttype":"application/json","data":{"format":"pdf"}}"#;

#[test]
fn an_event_comes_alone_in_a_list_or_in_headers() {
    let alone = post("/v1/cloudevents", EVENT).key().facts();
    insta::assert_snapshot!(lines(&alone), @r#"{"id":"/billing 1","source":"web","time":"2026-05-04T09:59:00Z","known_at":"2026-05-04T10:00:00Z","person":"ann","account":"acme","event":"report.exported","properties":{"format":"pdf"}}"#);
    let list = post("/v1/cloudevents/", format!("[{EVENT}]")).key();
    assert_eq!(list.facts(), alone);
    let binary = post("/v1/cloudevents", r#"{"format":"pdf"}"#)
        .key()
        .header("ce-specversion", "1.0")
        .header("ce-id", "1")
        .header("ce-source", "/billing")
        .header("ce-type", "report.exported")
        .header("ce-subject", "ann")
        .header("ce-accountid", "acme")
        .header("ce-time", "2026-05-04T09:59:00Z");
    assert_eq!(binary.facts(), alone);
}

#[test]
fn a_bad_event_of_a_list_is_kept_and_named() {
    let received =
        post("/v1/cloudevents", format!(r#"[{EVENT},{{"specversion":"1.0","id":"2"}}]"#));
    let received = received.key().received();
    assert_eq!((received.facts.len(), received.rejects[0].code.code()), (1, "no_event_name"));
}

#[test]
fn whom_an_event_is_about_is_told_by_rules() {
    let sources =
        sources_of("sources: {a: {key: k, cloudevents: {person: data.user.id, account: subject}}}");
    let body = r#"{"specversion":"1.0","id":"1","source":"s","type":"t","subject":"acme","data":{"user":{"id":7}}}"#;
    let call = post("/v1/cloudevents", body).header("x-write-key", "k");
    let who = call.send_to(&sources).unwrap().facts[0].who.clone();
    assert_eq!((who.user.as_deref(), who.account.as_deref()), (Some("7"), Some("acme")));
}
