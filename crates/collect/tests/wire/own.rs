//! The program's own form.

use super::support::{NOW, body, lines, post};

const FACT: &str = r#"{"id":"1","time":"2026-05-04T09:59:00Z","event":"Report exported","person":"ann","account":"acme","properties":{"format":"pdf"}}"#;
const BILL: &str = r#"{"id":"2","time":"2026-05-04T09:59:00Z","record":"Invoice paid","account":"acme","properties":{"amount":99}}"#;

#[test]
fn facts_come_alone_in_a_list_or_one_a_line() {
    let both = post("/v1/facts", format!("[{FACT},{BILL}]")).key().facts();
    insta::assert_snapshot!(lines(&both), @r#"
    {"id":"1","source":"web","time":"2026-05-04T09:59:00Z","known_at":"2026-05-04T10:00:00Z","person":"ann","account":"acme","event":"Report exported","properties":{"format":"pdf"}}
    {"id":"2","source":"web","time":"2026-05-04T09:59:00Z","known_at":"2026-05-04T10:00:00Z","account":"acme","record":"Invoice paid","properties":{"amount":99}}
    "#);
    assert_eq!(post("/v1/facts", format!("{FACT}\n\n{BILL}\n")).key().facts(), both);
    assert_eq!(post("/v1/facts/", FACT).key().facts(), both[..1]);
}

#[test]
fn a_bad_line_costs_nothing_but_itself_and_is_named_in_the_answer() {
    let answer = post("/v1/facts", format!("{FACT}\n{{nonsense\n{BILL}")).key().answer();
    assert_eq!(answer.status, 200);
    insta::assert_snapshot!(body(&answer), @r#"{"accepted":2,"rejected":[{"index":1,"code":"bad_json","reason":"the record is not JSON: key must be a string at character 2"}]}"#);
    // Nothing at all taken in is an error of the caller.
    assert_eq!(post("/v1/facts", "{}").key().status(), 400);
}

#[test]
fn source_and_arrival_are_not_the_callers_to_say() {
    let body =
        r#"{"event":"E","person":"ann","source":"billing","known_at":"2020-01-01T00:00:00Z"}"#;
    let fact = &post("/v1/facts", body).key().facts()[0];
    assert_eq!((fact.source.as_str(), fact.known_at, fact.time), ("web", Some(NOW), NOW));
}
