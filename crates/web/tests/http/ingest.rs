//! Tracking calls: durable before the answer, bounded, in the protocol's own words.

use std::sync::atomic::Ordering;
use std::time::Duration;

use firsthand_web::backend::Scope;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::client::{self, Reply};
use crate::{Server, bearer, fake};

const BATCH: &str =
    r#"{"batch":[{"type":"track","event":"Signed up","userId":"u1","messageId":"m1"}]}"#;

fn key() -> String {
    format!("x-write-key: {}", fake::WRITE_KEY)
}

async fn batch(server: &Server, headers: &[&str]) -> Reply {
    let key = key();
    let headers = [&[&*key], headers].concat();
    server.send("POST", "/v1/batch", &headers, BATCH).await
}

/// WEB-1.
#[tokio::test]
async fn the_answer_waits_until_all_is_durable() {
    let server = Server::start().await;
    server.fake.durable.forget_permits(1 << 20);
    let mut stream = TcpStream::connect(server.at).await.unwrap();
    let request = format!(
        "POST /v1/batch HTTP/1.1\r\nhost: test\r\n{}\r\nconnection: close\r\n\
         content-length: {}\r\n\r\n{BATCH}",
        key(),
        BATCH.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut piece = [0; 1];
    let early = tokio::time::timeout(Duration::from_millis(50), stream.peek(&mut piece)).await;
    assert!(early.is_err(), "it answered before it was durable");
    assert_eq!(server.fake.submitted.lock().unwrap().len(), 1);
    server.fake.durable.add_permits(1);
    let reply = client::hear(&mut stream).await;
    assert_eq!((reply.status, reply.text()), (200, r#"{"success":true}"#));
}

#[tokio::test]
async fn facts_and_rejects_arrive_together_with_their_source() {
    let server = Server::start().await;
    let body = r#"{"batch":[{"type":"track","event":"Signed up","userId":"u1"},{"type":"track"}]}"#;
    let reply = server.send("POST", "/v1/batch", &[&key()], body).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let submitted = server.fake.submitted.lock().unwrap();
    let [submission] = &submitted[..] else { panic!("one call is one submission") };
    assert_eq!((&*submission.source, submission.facts.len()), ("web", 1));
    assert_eq!(submission.rejects.len(), 1);
    assert_eq!(submission.received_at, fake::now());
    assert_eq!(submission.facts[0].known_at, Some(fake::now()));
}

#[tokio::test]
async fn a_full_log_says_when_to_come_again() {
    let server = Server::start().await;
    server.fake.full.store(true, Ordering::SeqCst);
    let reply = batch(&server, &["origin: https://shop.example"]).await;
    assert_eq!((reply.status, reply.header("retry-after")), (503, "3"));
    assert_eq!(reply.header("access-control-allow-origin"), "https://shop.example");
    server.fake.full.store(false, Ordering::SeqCst);
    assert_eq!(batch(&server, &[]).await.status, 200);
}

#[tokio::test]
async fn a_source_that_sends_too_much_is_slowed_down() {
    let server = Server::with(|limits| {
        limits.source_items_burst = 2.0;
        limits.source_items_per_second = 0.1;
    })
    .await;
    assert_eq!(batch(&server, &[]).await.status, 200);
    assert_eq!(batch(&server, &[]).await.status, 200);
    let reply = batch(&server, &[]).await;
    assert_eq!((reply.status, reply.header("retry-after")), (429, "10"));
    assert_eq!(server.fake.submitted.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn the_content_type_does_not_matter() {
    let server = Server::start().await;
    for content_type in ["application/json", "text/plain", "application/x-www-form-urlencoded"] {
        let header = format!("content-type: {content_type}");
        assert_eq!(batch(&server, &[&header]).await.status, 200, "{content_type}");
    }
    assert_eq!(batch(&server, &[]).await.status, 200, "none at all");
}

#[tokio::test]
async fn chunked_bodies_are_bodies() {
    let server = Server::start().await;
    let (one, two) = BATCH.split_at(20);
    let request = format!(
        "POST /v1/batch/ HTTP/1.1\r\nhost: test\r\n{}\r\nconnection: close\r\n\
         transfer-encoding: chunked\r\n\r\n{:x}\r\n{one}\r\n{:x}\r\n{two}\r\n0\r\n\r\n",
        key(),
        one.len(),
        two.len()
    );
    assert_eq!(client::say(server.at, &request).await.status, 200);
    assert_eq!(server.fake.submitted.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_large_call_is_read_beside_the_others() {
    let server = Server::start().await;
    let item = r#"{"type":"track","event":"Signed up","userId":"u1"}"#;
    let body = format!("{{\"batch\":[{}]}}", vec![item; 2_000].join(","));
    assert_eq!(server.send("POST", "/v1/batch", &[&key()], &body).await.status, 200);
    assert_eq!(server.fake.submitted.lock().unwrap()[0].facts.len(), 2_000);
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_refused_before_it_is_read() {
    let server = Server::with(|limits| limits.ingest_body_bytes_max = 50).await;
    let told = batch(&server, &[]).await;
    assert_eq!(told.status, 413, "{}", told.text());
    let chunked = format!(
        "POST /v1/batch HTTP/1.1\r\nhost: test\r\n{}\r\nconnection: close\r\n\
         transfer-encoding: chunked\r\n\r\n40\r\n{}\r\n0\r\n\r\n",
        key(),
        "x".repeat(0x40)
    );
    assert_eq!(client::say(server.at, &chunked).await.status, 413);
}

#[tokio::test]
async fn a_client_that_is_still_sending_reads_why_it_was_refused() {
    let server = Server::with(|limits| limits.ingest_body_bytes_max = 50).await;
    let body = "x".repeat(8 << 20);
    let reply = server.send("POST", "/v1/batch", &[&key()], &body).await;
    assert_eq!(reply.status, 413);
}

#[tokio::test]
async fn bodies_in_memory_are_limited_and_a_slow_one_gives_its_room_back() {
    let server = Server::with(|limits| {
        limits.ingest_bytes_in_flight_max = 100;
        limits.body_timeout = Duration::from_secs(1);
    })
    .await;
    let mut slow = TcpStream::connect(server.at).await.unwrap();
    let head = format!(
        "POST /v1/batch HTTP/1.1\r\nhost: test\r\n{}\r\nconnection: close\r\n\
         content-length: 90\r\n\r\n{}",
        key(),
        "x".repeat(80)
    );
    slow.write_all(head.as_bytes()).await.unwrap();
    let refused = async {
        loop {
            let reply = batch(&server, &[]).await;
            if reply.status != 200 {
                return reply;
            }
        }
    };
    let reply = tokio::time::timeout(client::PATIENCE, refused).await.unwrap();
    assert_eq!((reply.status, reply.header("retry-after")), (503, "1"));
    let slow = client::hear(&mut slow).await;
    assert_eq!(slow.status, 503, "what was not read may be sent again");
    assert_eq!(batch(&server, &[]).await.status, 200);
}

#[tokio::test]
async fn browsers_of_other_sites_may_send() {
    let server = Server::start().await;
    let headers = [
        "origin: https://shop.example",
        "access-control-request-method: POST",
        "access-control-request-headers: authorization,content-type,anonymousid,sentat",
    ];
    let reply = server.send("OPTIONS", "/v1/t", &headers, "").await;
    assert_eq!(reply.status, 204);
    assert_eq!(reply.header("access-control-allow-origin"), "https://shop.example");
    let allowed = reply.header("access-control-allow-headers");
    assert_eq!(allowed, "authorization,content-type,anonymousid,sentat");
    let reply = batch(&server, &["origin: https://shop.example"]).await;
    assert_eq!(reply.header("access-control-allow-origin"), "https://shop.example");
    let reply = server.send("OPTIONS", "/api/v1/leads", &headers, "").await;
    assert_eq!(reply.header("access-control-allow-origin"), "", "the API is not for browsers");
}

#[tokio::test]
async fn keys_and_tokens_are_not_the_same() {
    let server = Server::start().await;
    let token = fake::token_of(Scope::Admin);
    let reply = server.send("POST", "/v1/batch", &[&format!("x-write-key: {token}")], BATCH).await;
    assert_eq!(reply.status, 401);
    let header = format!("authorization: Bearer {}", fake::WRITE_KEY);
    assert_eq!(server.send("GET", "/api/v1/leads", &[&header], "").await.status, 401);
    assert_eq!(server.send("POST", "/v1/batch", &[&bearer(Scope::Admin)], BATCH).await.status, 401);
}

/// P8: a source has limits of its own, and others do not feel them.
#[tokio::test]
async fn a_source_is_held_to_its_own_limits() {
    let server = Server::start().await;
    let slow = format!("x-write-key: {}", fake::SLOW_KEY);
    let large = BATCH.replace("Signed up", &"Signed up ".repeat(30));
    let reply = server.send("POST", "/v1/batch", &[&slow], &large).await;
    assert_eq!(reply.status, 413, "{}", reply.text());
    for _ in 0..2 {
        assert_eq!(server.send("POST", "/v1/batch", &[&slow], BATCH).await.status, 200);
    }
    let reply = server.send("POST", "/v1/batch", &[&slow], BATCH).await;
    assert_eq!((reply.status, reply.header("retry-after")), (429, "1"));
    assert_eq!(server.send("POST", "/v1/batch", &[&key()], &large).await.status, 200);
    assert_eq!(server.fake.submitted.lock().unwrap().len(), 3);
}
