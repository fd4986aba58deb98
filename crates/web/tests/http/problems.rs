//! WEB-2: whatever goes wrong is a problem with the request's id, and ends nothing else.

use std::time::Duration;

use firsthand_web::backend::Scope;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::{Server, bearer, client, told};

#[tokio::test]
async fn a_panic_is_a_problem_and_the_connection_lives_on() {
    let server = Server::start().await;
    let token = bearer(Scope::Admin);
    let mut stream = TcpStream::connect(server.at).await.unwrap();
    for (path, expected) in [("panic", "\"code\":\"broken\""), ("lead_01", "\"qualifications\"")] {
        let request = format!("GET /api/v1/leads/{path} HTTP/1.1\r\nhost: test\r\n{token}\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        client::hear_until(&mut stream, expected).await;
    }
}

#[tokio::test]
async fn what_broke_is_not_told_to_the_client() {
    let server = Server::start().await;
    let reply = server.get("/api/v1/leads/broken").await;
    assert_eq!(told(&reply), (500, "broken".to_owned(), None));
    assert!(!reply.text().contains("Kim Miller"));
}

#[tokio::test]
async fn busy_and_not_ready_say_when_to_come_again() {
    let server = Server::start().await;
    for (id, code, seconds) in [("busy", "busy", "2"), ("not-ready", "not_ready", "7")] {
        let reply = server.get(&format!("/api/v1/leads/{id}")).await;
        assert_eq!(told(&reply), (503, code.to_owned(), None));
        assert_eq!(reply.header("retry-after"), seconds, "rounded up");
    }
}

#[tokio::test]
async fn what_cannot_be_done_says_what_can() {
    let server = Server::start().await;
    let reply = server.post("/api/v1/leads/lead_02/accept", "").await;
    assert_eq!(told(&reply), (409, "lead_is_closed".to_owned(), None));
    assert_eq!(reply.json()["help"], "Reopen it first.");
    let reply = server.post("/api/v1/leads/invalid/accept", "").await;
    assert_eq!(told(&reply).0, 422);
}

#[tokio::test]
async fn unknown_paths_and_methods_are_problems() {
    let server = Server::start().await;
    for path in ["/api", "/api/v1", "/api/v1/lead", "/api/v2/leads", "/favicon.ico"] {
        assert_eq!(told(&server.get(path).await), (404, "no_such_path".to_owned(), None), "{path}");
    }
    let reply = server.send("DELETE", "/api/v1/leads", &[&bearer(Scope::Admin)], "").await;
    assert_eq!(told(&reply), (405, "method_not_allowed".to_owned(), None));
    assert_eq!(reply.header("allow"), "GET,HEAD");
    assert_eq!(server.send("BREW", "/metrics", &[], "").await.status, 405);
}

#[tokio::test]
async fn the_clients_request_id_is_kept() {
    let server = Server::start().await;
    let headers = [&*bearer(Scope::Admin), "x-request-id: trace-4711"];
    for path in ["/api/v1/leads", "/api/v1/leads/nobody", "/nowhere", "/health/live"] {
        let reply = server.send("GET", path, &headers, "").await;
        assert_eq!(reply.header("x-request-id"), "trace-4711", "{path}");
    }
    let headers = ["x-request-id: two words"];
    let reply = server.send("GET", "/health/live", &headers, "").await;
    assert!(reply.header("x-request-id").starts_with("req_"));
}

#[tokio::test]
async fn answers_stay_out_of_caches_and_frames() {
    let server = Server::start().await;
    for path in ["/api/v1/leads", "/api/v1/leads/nobody", "/metrics"] {
        let reply = server.get(path).await;
        assert_eq!(reply.header("cache-control"), "no-store", "{path}");
        assert_eq!(reply.header("x-content-type-options"), "nosniff");
        assert!(reply.header("content-security-policy").starts_with("default-src 'none'"));
    }
}

#[tokio::test]
async fn a_body_that_does_not_come_is_given_up_on() {
    let server = Server::with(|limits| limits.body_timeout = Duration::from_millis(50)).await;
    let token = bearer(Scope::Admin);
    let head = format!(
        "POST /api/v1/erasures HTTP/1.1\r\nhost: test\r\n{token}\r\nconnection: close\r\n\
         content-type: application/json\r\ncontent-length: 100\r\n\r\n{{"
    );
    let reply = client::say(server.at, &head).await;
    assert_eq!(told(&reply), (408, "body_too_slow".to_owned(), None));
}
