//! What clients ask for when they start.

use super::support::{body, get, post};

#[test]
fn segments_browser_is_told_to_send_here() {
    let settings = |host: &str| -> serde_json::Value {
        let answer = get("/v1/projects/wk_web/settings").header("host", host).answer();
        serde_json::from_str(body(&answer)).unwrap()
    };
    let there = &settings("events.acme.com")["integrations"]["Segment.io"];
    assert_eq!(there["apiHost"], "events.acme.com/v1");
    assert_eq!(
        (there["protocol"].as_str(), there["apiKey"].as_str()),
        (Some("https"), Some("wk_web"))
    );
    assert_eq!(settings("127.0.0.1:8080")["integrations"]["Segment.io"]["protocol"], "http");
}

#[test]
fn posthogs_clients_get_json_and_no_flags() {
    for call in [
        get("/array/wk_web/config"),
        post("/flags/?v=2", "{}"),
        post("/decide/?v=3", "data=e30%3D"),
        get("/decide"),
    ] {
        let answer = call.answer();
        assert_eq!(answer.status, 200);
        serde_json::from_str::<serde_json::Value>(body(&answer)).unwrap();
    }
}

#[test]
fn a_token_cannot_break_out_of_the_script_that_holds_it() {
    let answer = get("/array/\"+alert(1)+\"<script>/config.js").answer();
    assert!(body(&answer).contains(r#"["\"+alert(1)+\"\u003cscript>"]"#), "{}", body(&answer));
}
