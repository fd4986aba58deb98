//! What operators watch: health, readiness, metrics; and that nobody is named in them.

use std::sync::atomic::Ordering;

use firsthand_web::backend::Scope;

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
