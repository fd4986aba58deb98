//! Segment: what its clients for servers and browsers send.

use super::support::{NOW, base64, body, get, lines, post};
use firsthand_model::Span;

/// As `@segment/analytics-node` sends it.
const NODE: &str = r#"{"batch":[
{"timestamp":"2026-05-04T09:59:58.000Z","integrations":{},"userId":"ann","type":"identify","traits":{"email":"ann@acme.com","plan":"free"},"context":{"library":{"name":"@segment/analytics-node","version":"2.3.0"}},"_metadata":{"nodeVersion":"22.1.0"},"messageId":"node-next-1-aa"},
{"timestamp":"2026-05-04T09:59:59.000Z","integrations":{},"userId":"ann","type":"track","event":"Report exported","properties":{"format":"pdf"},"context":{"groupId":"acme","library":{"name":"@segment/analytics-node"}},"messageId":"node-next-1-bb"},
{"timestamp":"2026-05-04T09:59:59.000Z","integrations":{},"userId":"ann","type":"group","groupId":"acme","traits":{"name":"Acme"},"messageId":"node-next-1-cc"},
{"timestamp":"2026-05-04T09:59:59.000Z","integrations":{},"userId":"ann","type":"alias","previousId":"ann-old","messageId":"node-next-1-dd"},
{"timestamp":"2026-05-04T09:59:59.000Z","integrations":{},"anonymousId":"d1","type":"page","name":"Pricing","category":"Docs","properties":{"url":"https://a.example/p"},"messageId":"node-next-1-ee"}
],"writeKey":"wk_web","sentAt":"2026-05-04T10:00:00.000Z"}"#;

#[test]
fn the_batch_of_the_node_client_becomes_facts() {
    insta::assert_snapshot!(post("/v1/batch", NODE).report(), @r#"
    {"id":"node-next-1-aa","source":"web","time":"2026-05-04T09:59:58Z","known_at":"2026-05-04T10:00:00Z","person":"ann","of":"person","traits":{"email":"ann@acme.com","plan":"free"}}
    {"id":"node-next-1-bb","source":"web","time":"2026-05-04T09:59:59Z","known_at":"2026-05-04T10:00:00Z","person":"ann","account":"acme","event":"Report exported","properties":{"format":"pdf"}}
    {"id":"node-next-1-cc","source":"web","time":"2026-05-04T09:59:59Z","known_at":"2026-05-04T10:00:00Z","account":"acme","of":"account","traits":{"name":"Acme"}}
    {"id":"node-next-1-cc#member","source":"web","time":"2026-05-04T09:59:59Z","known_at":"2026-05-04T10:00:00Z","person":"ann","account":"acme","membership":"joined"}
    {"id":"node-next-1-dd","source":"web","time":"2026-05-04T09:59:59Z","known_at":"2026-05-04T10:00:00Z","person":"ann","alias":"ann-old"}
    {"id":"node-next-1-ee","source":"web","time":"2026-05-04T09:59:59Z","known_at":"2026-05-04T10:00:00Z","anonymous":"d1","event":"Page viewed","properties":{"name":"Pricing","category":"Docs","url":"https://a.example/p"}}
    "#);
}

#[test]
fn all_is_well_is_said_in_segments_words() {
    let answer = post("/v1/batch", NODE).answer();
    assert_eq!((answer.status, body(&answer)), (200, r#"{"success":true}"#));
}

/// The browser's client names calls by one letter and says the type as well.
#[test]
fn the_browsers_single_letters_are_read_as_text_plain() {
    let identify = r#"{"timestamp":"2026-05-04T10:00:00.000Z","anonymousId":"d1","userId":"ann","traits":{"role":"admin"},"type":"identify","context":{},"messageId":"ajs-next-1","writeKey":"wk_web","sentAt":"2026-05-04T10:00:00.000Z"}"#;
    let call = post("/v1/i", identify).key().header("content-type", "text/plain");
    insta::assert_snapshot!(lines(&call.facts()), @r#"
    {"id":"ajs-next-1","source":"web","time":"2026-05-04T10:00:00Z","known_at":"2026-05-04T10:00:00Z","person":"ann","anonymous":"d1","of":"person","traits":{"role":"admin"}}
    {"id":"ajs-next-1#link","source":"web","time":"2026-05-04T10:00:00Z","known_at":"2026-05-04T10:00:00Z","person":"ann","anonymous":"d1","link":true}
    "#);
}

#[test]
fn a_call_under_the_path_of_its_type_need_not_say_its_type() {
    for (path, name) in [("/v1/track", "event"), ("/v1/t", "event")] {
        let body =
            r#"{"userId":"ann","event":"Report exported","timestamp":"2026-05-04T09:00:00Z"}"#;
        assert!(lines(&post(path, body).key().facts()).contains(name), "{path}");
    }
    let body = r#"{"userId":"ann","groupId":"acme","traits":{"name":"Acme"}}"#;
    assert_eq!(post("/v1/group", body).key().facts().len(), 2);
}

/// The sender's clock is ten minutes behind, which `sentAt` shows.
#[test]
fn times_are_moved_by_the_difference_of_the_clocks() {
    let body = r#"{"batch":[{"type":"track","userId":"u","event":"E","timestamp":"2026-05-04T09:49:00Z"}],"sentAt":"2026-05-04T09:50:00Z"}"#;
    let at = |key: &str| post("/v1/batch", body).basic(key).facts()[0].time;
    assert_eq!(at("wk_web:").to_string(), "2026-05-04T09:59:00Z");
    // A server's clock is believed where the source says so.
    assert_eq!(at("wk_server:").to_string(), "2026-05-04T09:49:00Z");
}

#[test]
fn a_difference_of_more_than_a_day_is_a_call_sent_late() {
    let body = r#"{"batch":[{"type":"track","userId":"u","event":"E","timestamp":"2026-05-02T09:00:00Z"}],"sentAt":"2026-05-02T09:00:01Z"}"#;
    assert_eq!(post("/v1/batch", body).key().facts()[0].time.to_string(), "2026-05-02T09:00:00Z");
}

#[test]
fn an_import_of_old_events_is_not_corrected_and_a_future_one_is_refused() {
    let old = r#"{"batch":[{"type":"track","userId":"u","event":"E","timestamp":"2020-05-02T09:00:00Z"}],"sentAt":"2026-05-04T09:50:00Z"}"#;
    let call = post("/v1/import", old).key();
    assert_eq!(call.facts()[0].time.to_string(), "2020-05-02T09:00:00Z");
    let future = r#"{"batch":[{"type":"track","userId":"u","event":"E","timestamp":"2026-05-06T09:00:00Z"}]}"#;
    let received = post("/v1/import", future).key().received();
    assert_eq!(received.rejects[0].code.code(), "time_in_future");
}

/// LIVE-4.
#[test]
fn what_lies_in_the_future_happened_when_it_arrived_and_is_noticed() {
    let body = r#"{"type":"track","userId":"u","event":"E","timestamp":"2026-05-04T19:00:00Z"}"#;
    let received = post("/v1/track", body).key().received();
    assert_eq!(received.facts[0].time, NOW);
    assert_eq!(received.notices.0.keys().map(|it| it.code()).collect::<Vec<_>>(), ["future_time"]);
}

#[test]
fn a_context_of_the_envelope_counts_for_items_that_do_not_say_otherwise() {
    let body = r#"{"context":{"groupId":"acme"},"batch":[
        {"type":"track","userId":"u","event":"A"},
        {"type":"track","userId":"u","event":"B","context":{"groupId":"blue"}}]}"#;
    let facts = post("/v1/batch", body).key().facts();
    let accounts: Vec<_> = facts.iter().map(|it| it.who.account.as_deref().unwrap()).collect();
    assert_eq!(accounts, ["acme", "blue"]);
}

/// LIVE-3. Clients in Rust send no message id.
#[test]
fn without_ids_the_same_body_sent_again_gives_the_same_facts() {
    let body = r#"{"batch":[
        {"type":"track","userId":"u","event":"E","timestamp":"2026-05-04T09:00:00Z","properties":null},
        {"type":"track","userId":"u","event":"E","timestamp":"2026-05-04T09:00:00Z","properties":null},
        {"type":"group","userId":"u","groupId":"a","timestamp":"2026-05-04T09:00:00.123456789Z"}],
        "sentAt":"2026-05-04T09:59:00Z"}"#;
    let ids = |at| {
        let facts = post("/v1/batch", body).key().at(at).facts();
        facts.into_iter().map(|it| it.id.to_string()).collect::<Vec<_>>()
    };
    let first = ids(NOW);
    assert_eq!(first, ids(NOW + Span::MINUTE));
    assert_eq!(first.len(), 4);
    assert_eq!(first[1], format!("{}-2", first[0]));
    assert_eq!(first[3], format!("{}#member", first[2]));
}

#[test]
fn calls_that_do_not_even_say_when_are_not_taken_for_one() {
    let body = r#"{"type":"track","userId":"u","event":"E"}"#;
    let id = |at| post("/v1/track", body).key().at(at).facts()[0].id.clone();
    assert_ne!(id(NOW), id(NOW + Span::SECOND));
}

#[test]
fn a_picture_counts_and_shows_a_picture() {
    let message = r#"{"writeKey":"wk_web","userId":"ann","event":"Mail opened","timestamp":"2026-05-04T09:00:00Z"}"#;
    let call = get(&format!("/v1/pixel/track?data={}", base64(message.as_bytes())));
    let received = call.received();
    assert_eq!(received.facts.len(), 1);
    assert_eq!(received.answer.content_type, Some("image/gif"));
    assert!(received.answer.body.starts_with(b"GIF89a"));
}

#[test]
fn the_clients_figures_about_itself_are_thanked_for_and_dropped() {
    let received = post("/v1/m", r#"{"series":[]}"#).received();
    assert_eq!((received.answer.status, received.facts.len()), (200, 0));
}

#[test]
fn events_that_the_source_drops_are_counted() {
    let body = r#"{"batch":[{"type":"track","userId":"u","event":"debug x"},{"type":"track","userId":"u","event":"E"}]}"#;
    let received = post("/v1/batch", body).key().received();
    assert_eq!((received.facts.len(), received.dropped, received.items), (1, 1, 2));
}
