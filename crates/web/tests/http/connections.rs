//! WEB-3: no client, however slow, holds up another; and the end is graceful.

use std::time::Duration;

use firsthand_web::backend::Scope;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

use crate::client::{self, PATIENCE};
use crate::{Server, bearer, fake};

const SOON: Duration = Duration::from_millis(300);

/// Waits until the server closes the connection, and tells what it said before.
async fn closed(stream: &mut TcpStream) -> Vec<u8> {
    let mut heard = Vec::new();
    let end = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut heard)).await;
    // Reset or ended: both are closed.
    let _ = end.expect("the server closes it");
    heard
}

#[tokio::test]
async fn half_a_head_and_silence_are_given_up_on() {
    let server = Server::with(|limits| limits.head_timeout = SOON).await;
    for begun in ["", "GET /health/li", "GET /health/live HTTP/1.1\r\nhost: te"] {
        let mut stream = TcpStream::connect(server.at).await.unwrap();
        stream.write_all(begun.as_bytes()).await.unwrap();
        assert_eq!(closed(&mut stream).await, b"", "after {begun:?}");
    }
}

#[tokio::test]
async fn an_idle_connection_is_closed() {
    let server = Server::with(|limits| limits.head_timeout = SOON).await;
    let mut stream = TcpStream::connect(server.at).await.unwrap();
    stream.write_all(b"GET /health/live HTTP/1.1\r\nhost: test\r\n\r\n").await.unwrap();
    client::hear_until(&mut stream, "\"live\"").await;
    closed(&mut stream).await;
}

#[tokio::test]
async fn slow_clients_hold_up_nobody() {
    let server = Server::start().await;
    let mut slow = Vec::new();
    for _ in 0..200 {
        let mut stream = TcpStream::connect(server.at).await.unwrap();
        stream
            .write_all(b"POST /v1/batch HTTP/1.1\r\nhost: t\r\ncontent-length: 9\r\n\r\n{")
            .await
            .unwrap();
        slow.push(stream);
    }
    assert_eq!(server.get("/api/v1/leads").await.status, 200);
}

#[tokio::test]
async fn more_connections_than_the_limit_wait_their_turn() {
    let server = Server::with(|limits| {
        limits.connections_max = 2;
        limits.head_timeout = SOON;
    })
    .await;
    let mut idle = Vec::new();
    for _ in 0..6 {
        idle.push(TcpStream::connect(server.at).await.unwrap());
    }
    assert_eq!(server.get("/api/v1/leads").await.status, 200, "once the idle ones are closed");
}

#[tokio::test]
async fn a_client_that_takes_nothing_is_cut_off() {
    let server = Server::with(|limits| {
        limits.write_timeout = SOON;
        limits.connections_max = 1;
    })
    .await;
    {
        let mut leads = server.fake.leads.lock().unwrap();
        leads.clear();
        leads.extend((0..60_000).map(fake::lead));
    }
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4_096).unwrap();
    let mut greedy = socket.connect(server.at).await.unwrap();
    let token = bearer(Scope::LeadsRead);
    let request = format!("GET /api/v1/leads.csv HTTP/1.1\r\nhost: test\r\n{token}\r\n\r\n");
    greedy.write_all(request.as_bytes()).await.unwrap();
    // It reads nothing; the only connection there may be is free again nevertheless.
    assert_eq!(server.get("/api/v1/leads").await.status, 200);
}

#[tokio::test]
async fn a_head_that_is_too_large_is_refused() {
    let server = Server::start().await;
    let header = format!("x-long: {}", "x".repeat(80_000));
    assert_eq!(server.send("GET", "/health/live", &[&header], "").await.status, 431);
}

#[tokio::test]
async fn what_is_under_way_is_finished_before_the_end() {
    let mut server = Server::start().await;
    server.fake.durable.forget_permits(1 << 20);
    let mut stream = TcpStream::connect(server.at).await.unwrap();
    let body = r#"{"batch":[{"type":"track","event":"Signed up","userId":"u1"}]}"#;
    let request = format!(
        "POST /v1/batch HTTP/1.1\r\nhost: test\r\nx-write-key: {}\r\n\
         content-length: {}\r\n\r\n{body}",
        fake::WRITE_KEY,
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let submitted = async {
        while server.fake.submitted.lock().unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, submitted).await.unwrap();
    server.stop();
    let refused = async { while TcpStream::connect(server.at).await.is_ok() {} };
    tokio::time::timeout(PATIENCE, refused).await.expect("nobody new is let in");
    server.fake.durable.add_permits(1);
    let reply = client::hear(&mut stream).await;
    assert_eq!((reply.status, reply.header("connection")), (200, "close"));
    tokio::time::timeout(PATIENCE, server.served).await.unwrap().unwrap().unwrap();
}

#[tokio::test]
async fn what_takes_too_long_is_cut_off_at_the_end() {
    let mut server = Server::with(|limits| limits.stop_timeout = SOON).await;
    let mut stream = TcpStream::connect(server.at).await.unwrap();
    let head = "POST /v1/batch HTTP/1.1\r\nhost: test\r\ncontent-length: 9\r\n\r\n{";
    stream.write_all(head.as_bytes()).await.unwrap();
    // An answer to another request tells that the first one has been taken up.
    server.get("/health/live").await;
    server.stop();
    tokio::time::timeout(PATIENCE, server.served).await.unwrap().unwrap().unwrap();
    closed(&mut stream).await;
}

#[tokio::test]
async fn strange_requests_get_an_answer_or_an_end_and_harm_nobody() {
    let server = Server::start().await;
    let key = format!("x-write-key: {}", fake::WRITE_KEY);
    for (strange, statuses) in [
        ("\0\0\0\r\n\r\n", "400"),
        ("\u{16}\u{3}\u{1} TLS here\r\n\r\n", "400"),
        ("GET / HTTP/9.9\r\n\r\n", "400"),
        ("GET /health/live HTTP/1.1\r\n\r\n", "200"),
        ("GET http://elsewhere/health/live HTTP/1.1\r\nhost: t\r\n\r\n", "200"),
        ("OPTIONS * HTTP/1.1\r\nhost: t\r\n\r\n", "404"),
        ("CONNECT elsewhere:443 HTTP/1.1\r\nhost: t\r\n\r\n", "404"),
        ("GET /%zz%00%ff HTTP/1.1\r\nhost: t\r\n\r\n", "404"),
        ("GET /api/v1/leads?%zz=%ff HTTP/1.1\r\nhost: t\r\n\r\n", "401"),
        ("POST /v1/batch HTTP/1.1\r\nhost: t\r\ncontent-length: -1\r\n\r\n", "400"),
        (
            "POST /v1/batch HTTP/1.1\r\nhost: t\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n{}",
            "400",
        ),
        (
            "POST /v1/batch HTTP/1.1\r\nhost: t\r\nKEY\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
            "400",
        ),
        (
            "POST /v1/batch HTTP/1.1\r\nhost: t\r\nKEY\r\ncontent-encoding: gzip\r\ncontent-length: 4\r\n\r\n\u{1}\u{2}\u{3}\u{4}",
            "400",
        ),
        (
            "POST /v1/batch HTTP/1.1\r\nhost: t\r\nKEY\r\ncontent-encoding: rot13\r\ncontent-length: 2\r\n\r\n{}",
            "415",
        ),
    ] {
        let mut stream = TcpStream::connect(server.at).await.unwrap();
        let said =
            strange.replace("KEY", &key).replacen("\r\n\r\n", "\r\nconnection: close\r\n\r\n", 1);
        stream.write_all(said.as_bytes()).await.unwrap();
        let heard = String::from_utf8_lossy(&closed(&mut stream).await).into_owned();
        assert_eq!(heard.split(' ').nth(1), Some(statuses), "{strange:?} got {heard}");
        assert_eq!(server.get("/health/live").await.status, 200, "after {strange:?}");
    }
}
