//! What operators watch: health, readiness, metrics; and that nobody is named in them.

use std::io;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};

use firsthand_web::backend::Scope;
use firsthand_web::log::{self, LevelFilter};
use serde_json::Value;

use crate::{Server, bearer, fake};

#[tokio::test]
async fn readiness_tells_how_far_the_rebuild_is() {
    let server = Server::start().await;
    assert_eq!(server.send("GET", "/health/ready", &[], "").await.status, 200);
    server.fake.rebuilding.store(true, Ordering::SeqCst);
    let reply = server.send("GET", "/health/ready", &[], "").await;
    assert_eq!(reply.status, 503);
    let expected = serde_json::json!(
        {"ready": false, "phase": "rebuilding", "done": 500, "total": 1000}
    );
    assert_eq!(reply.json(), expected);
    assert_eq!(server.send("GET", "/health/live", &[], "").await.status, 200, "it lives");
}

#[tokio::test]
async fn metrics_count_by_template_and_name_nobody() {
    let server = Server::start().await;
    server.get("/api/v1/accounts/acct_kim-miller").await;
    server.get("/api/v1/people/kim.miller@example.com").await;
    server.get("/kim.miller@example.com").await;
    let key = format!("x-write-key: {}", fake::WRITE_KEY);
    let body = r#"{"batch":[{"type":"track","event":"Signed up","userId":"kim.miller"},{}]}"#;
    assert_eq!(server.send("POST", "/v1/batch", &[&key], body).await.status, 200);
    server.send("POST", "/v1/batch", &["x-write-key: wrong"], body).await;
    server.send("KIM", "/v1/batch", &[], "").await;

    let reply = server.send("GET", "/metrics", &[&bearer(Scope::StatusRead)], "").await;
    assert_eq!(reply.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    let text = reply.text();
    for line in [
        r#"firsthand_http_request_seconds_count{method="GET",route="/api/v1/accounts/{account}",status="200"} 1"#,
        r#"firsthand_http_request_seconds_count{method="GET",route="/api/v1/people/{id}",status="404"} 1"#,
        r#"firsthand_http_request_seconds_count{method="GET",route="unmatched",status="404"} 1"#,
        r#"firsthand_http_request_seconds_count{method="POST",route="segment",status="200"} 1"#,
        r#"firsthand_ingest_calls_total{source="web",outcome="ok"} 1"#,
        r#"firsthand_ingest_calls_total{source="",outcome="unknown_write_key"} 1"#,
        r#"firsthand_ingest_items_total{source="web",outcome="accepted"} 1"#,
        r#"firsthand_ingest_items_total{source="web",outcome="rejected"} 1"#,
        r#"firsthand_queue_depth{queue="live"} 2"#,
        "firsthand_lag_seconds 0.25",
        "firsthand_ready 1",
        r#"firsthand_source_last_received_timestamp_seconds{source="web"} 1772960400"#,
        "firsthand_http_connections 1",
    ] {
        assert!(text.lines().any(|it| it == line), "no line `{line}` in:\n{text}");
    }
    for named in ["kim", "KIM", "miller", fake::WRITE_KEY, "Signed"] {
        assert!(!text.contains(named), "metrics name `{named}`");
    }
}

/// A place to log to.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// WEB-4, down to the most talkative level of our own.
#[tokio::test]
async fn the_log_tells_templates_and_request_ids_and_names_nobody() {
    let server = Server::start().await;
    let admin = bearer(Scope::Admin);
    let named = [&*admin, "x-request-id: r-4711"];
    let body = r#"{"type":"track","event":"Signed up","userId":"kim.miller"}"#;
    let call = async || {
        server.send("GET", "/api/v1/people/kim.miller@example.com?q=kim", &named, "").await;
        server.send("GET", "/kim.miller", &named, "").await;
        server.send("GET", "/api/v1/leads/panic", &named, "").await;
        server.send("GET", "/api/v1/accounts/broken", &named, "").await;
        server.send("POST", &format!("/in/{}/v1/track", fake::WRITE_KEY), &[], body).await;
    };
    // Once unheard: a line that is reached for the first time, by another test, at the very instant
    // at which we begin to listen would be taken for one that nobody ever hears.
    call().await;
    let lines = Lines::default();
    let written = lines.clone();
    let clock = Arc::new(fake::now);
    let to = move || written.clone();
    let subscriber = log::subscriber(log::Format::Json, LevelFilter::DEBUG, clock, to);
    let logging = tracing::subscriber::set_default(subscriber);
    call().await;
    drop(logging);

    let bytes = lines.0.lock().unwrap().clone();
    let text = String::from_utf8(bytes).unwrap();
    let logged = text.lines().map(|it| serde_json::from_str(it).unwrap()).collect::<Vec<Value>>();
    let answered = logged.iter().filter(|it| it["message"] == "answered");
    let answered =
        answered.map(|it| (it["route"].as_str().unwrap(), it["status"].as_u64().unwrap()));
    let expected = [
        ("/api/v1/people/{id}", 404),
        ("unmatched", 404),
        ("/api/v1/leads/{lead}", 500),
        ("/api/v1/accounts/{account}", 500),
        ("segment", 200),
    ];
    assert_eq!(answered.collect::<Vec<_>>(), expected);
    for message in ["a handler panicked", "the backend failed"] {
        let line = logged.iter().find(|it| it["message"] == message).unwrap();
        assert_eq!(line["span"]["request_id"], "r-4711", "{line}");
    }
    for named in ["kim", "Signed", fake::WRITE_KEY, "token-for"] {
        assert!(!text.contains(named), "the log names `{named}`:\n{text}");
    }
}
