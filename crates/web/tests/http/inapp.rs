//! Messages inside the product: who may read what, from which pages, how often; and the script.

use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use firsthand_web::noun::{InAppAct, InAppForm};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;
use sha2::Sha256;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::client::{self, Reply};
use crate::fake::inbox::{KID, SECRET, message};
use crate::{Server, fake, told};

const MESSAGES: &str = "/api/v1/in-app/messages";
const ACTS: &str = "/api/v1/in-app/acts";

/// A token as the product's server makes it, good for so many seconds.
pub fn token(person: &str, seconds: i64) -> String {
    signed(&json!({"alg": "HS256", "kid": KID}), person, seconds, SECRET)
}

fn signed(header: &serde_json::Value, person: &str, seconds: i64, secret: &str) -> String {
    let exp = fake::now().micros() / 1_000_000 + seconds;
    let part = |it: String| BASE64_URL_SAFE_NO_PAD.encode(it);
    let claims = json!({"sub": person, "exp": exp}).to_string();
    let signed = format!("{}.{}", part(header.to_string()), part(claims));
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(signed.as_bytes());
    format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}

fn bearer(token: &str) -> String {
    format!("authorization: Bearer {token}")
}

async fn act(server: &Server, token: &str, body: &str) -> Reply {
    let headers = [&*bearer(token), "content-type: application/json"];
    server.send("POST", ACTS, &headers, body).await
}

#[tokio::test]
async fn a_token_reads_its_own_persons_messages_and_nobody_elses() {
    let server = Server::start().await;
    for (person, own) in [("u1", vec!["msg_1"]), ("u2", vec!["msg_2"]), ("stranger", vec![])] {
        let reply = server.send("GET", MESSAGES, &[&bearer(&token(person, 900))], "").await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        let items = reply.json()["items"].as_array().unwrap().clone();
        let ids = items.iter().map(|it| it["id"].as_str().unwrap()).collect::<Vec<_>>();
        assert_eq!(ids, own, "{person}");
    }
    let foreign = act(&server, &token("u1", 900), r#"{"message":"msg_2","act":"dismissed"}"#).await;
    assert_eq!(told(&foreign), (404, "not_found".to_owned(), None));
    assert!(server.fake.inbox.acts.lock().unwrap().is_empty());
}

#[tokio::test]
async fn what_the_person_did_reaches_the_backend() {
    let server = Server::start().await;
    for word in ["shown", "clicked", "dismissed"] {
        let body = json!({"message": "msg_1", "act": word}).to_string();
        let reply = act(&server, &token("u1", 900), &body).await;
        assert_eq!((reply.status, reply.text()), (204, ""));
    }
    let acts = server.fake.inbox.acts.lock().unwrap().clone();
    let wanted = [InAppAct::Shown, InAppAct::Clicked, InAppAct::Dismissed];
    assert_eq!(acts, wanted.map(|it| ("u1".to_owned(), "msg_1".to_owned(), it)));
    let wrong = act(&server, &token("u1", 900), r#"{"message":"msg_1","act":"eaten"}"#).await;
    assert_eq!(told(&wrong).2.as_deref(), Some("act"));
}

#[tokio::test]
async fn a_token_that_is_not_good_reads_nothing_and_is_told_why() {
    let server = Server::start().await;
    let other_key = signed(&json!({"alg": "HS256", "kid": "key_2"}), "u1", 900, SECRET);
    let other_secret = signed(&json!({"alg": "HS256", "kid": KID}), "u1", 900, "guessed");
    let unsigned = signed(&json!({"alg": "none", "kid": KID}), "u1", 900, SECRET);
    for (token, why) in [
        (token("u1", -61), "the token has run out"),
        (token("u1", 7_200), "the token is good for longer than an hour"),
        (other_key, "no key signed this token"),
        (other_secret, "no key signed this token"),
        (unsigned, "the token is not signed with `HS256`"),
        (token("", 900), "the token names nobody in `sub`"),
        (fake::token_of(firsthand_web::backend::Scope::Admin), "three parts"),
    ] {
        let reply = server.send("GET", MESSAGES, &[&bearer(&token)], "").await;
        assert_eq!(told(&reply).0, 401, "{why}");
        assert_eq!(told(&reply).1, "unknown_token");
        let problem = reply.json();
        assert!(problem["detail"].as_str().unwrap().contains(why), "{problem}");
        assert!(problem["help"].is_string());
    }
    let reply = server.send("GET", MESSAGES, &[], "").await;
    assert_eq!(told(&reply).1, "missing_token");
    // And a person's token opens nothing else.
    let reply = server.send("GET", "/api/v1/leads", &[&bearer(&token("u1", 900))], "").await;
    assert_eq!(told(&reply).1, "unknown_token");
}

#[tokio::test]
async fn a_reader_who_asks_too_often_is_told_when_to_come_again() {
    let server = Server::with(|limits| {
        limits.reader_requests_burst = 3.0;
        limits.reader_requests_per_second = 0.1;
    })
    .await;
    let ask = async |person: &str| {
        server.send("GET", MESSAGES, &[&bearer(&token(person, 900))], "").await
    };
    for _ in 0..3 {
        assert_eq!(ask("u1").await.status, 200);
    }
    let refused = ask("u1").await;
    assert_eq!(told(&refused).1, "too_many_requests");
    assert_eq!(refused.status, 429);
    assert_eq!(refused.header("retry-after"), "10");
    assert_eq!(ask("u2").await.status, 200, "others are not held up");
}

#[tokio::test]
async fn pages_of_other_sites_may_ask_and_read_the_answer_also_when_it_is_a_refusal() {
    let server = Server::start().await;
    let asks = [
        "origin: https://app.acme.example",
        "access-control-request-method: GET",
        "access-control-request-headers: authorization",
    ];
    for path in [MESSAGES, ACTS, "/api/v1/in-app/stream"] {
        let reply = server.send("OPTIONS", path, &asks, "").await;
        assert_eq!((reply.status, reply.text()), (204, ""), "{path}");
        assert_eq!(reply.header("access-control-allow-origin"), "*");
        assert_eq!(reply.header("access-control-allow-headers"), "authorization, content-type");
        assert_eq!(reply.header("access-control-allow-methods"), "GET, POST");
        assert_eq!(reply.header("access-control-allow-credentials"), "", "nothing goes by itself");
    }
    let refused = server.send("GET", MESSAGES, &[asks[0]], "").await;
    assert_eq!((refused.status, refused.header("access-control-allow-origin")), (401, "*"));
    for path in ["/api/v1/leads", "/api/v1/in-apps", "/health/ready"] {
        let reply = server.send("OPTIONS", path, &asks, "").await;
        assert_eq!(reply.header("access-control-allow-origin"), "", "{path}");
    }
}

#[tokio::test]
async fn where_origins_are_configured_no_other_page_may_ask() {
    let server = Server::start().await;
    *server.fake.origins.lock().unwrap() = vec!["https://app.acme.example".into()].into();
    for (origin, answer) in [
        ("https://app.acme.example", "https://app.acme.example"),
        ("https://app.acme.example.evil.example", ""),
        ("http://app.acme.example", ""),
        ("null", ""),
    ] {
        let origin = format!("origin: {origin}");
        let asks = [&*origin, "access-control-request-method: GET"];
        for method in ["OPTIONS", "GET"] {
            let reply = server.send(method, MESSAGES, &asks, "").await;
            assert_eq!(reply.header("access-control-allow-origin"), answer, "{method} {origin}");
            assert_eq!(reply.header("vary"), "Origin");
        }
    }
}

async fn listen(server: &Server, token: &str) -> TcpStream {
    let mut stream = TcpStream::connect(server.at).await.unwrap();
    let head = format!(
        "GET /api/v1/in-app/stream HTTP/1.1\r\nhost: test\r\n{}\r\nconnection: close\r\n\r\n",
        bearer(token)
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream
}

#[tokio::test]
async fn a_page_that_listens_is_told_at_once_and_when_something_changes() {
    let server = Server::start().await;
    let mut stream = listen(&server, &token("u1", 900)).await;
    let heard = client::hear_until(&mut stream, "\"next\":null}\n\n").await;
    assert!(heard.contains("content-type: text/event-stream"));
    assert!(heard.contains("event: messages\ndata: {\"items\":[{\"id\":\"msg_1\""), "{heard}");
    server.fake.inbox.add("u1", message("msg_3", InAppForm::Checklist));
    let heard = client::hear_until(&mut stream, "\"next\":null}\n\n").await;
    assert!(heard.contains("msg_1") && heard.contains("msg_3"), "the whole list: {heard}");
    // What concerns another wakes nobody up with words.
    server.fake.inbox.add("u2", message("msg_4", InAppForm::Banner));
    server.fake.inbox.add("u1", message("msg_5", InAppForm::Banner));
    let heard = client::hear_until(&mut stream, "msg_5").await;
    assert_eq!(heard.matches("event: messages").count(), 1, "{heard}");
    assert!(!heard.contains("msg_4"));
}

#[tokio::test]
async fn a_stream_ends_with_its_token() {
    let server = Server::start().await;
    // The clocks' minute is nearly over.
    let mut stream = listen(&server, &token("u1", -59)).await;
    let reply = tokio::time::timeout(Duration::from_secs(5), client::hear(&mut stream)).await;
    assert!(reply.expect("it ends").text().contains("msg_1"));
}

#[tokio::test]
async fn pages_beyond_the_limit_are_told_to_ask_now_and_then() {
    let server = Server::with(|limits| limits.in_app_listeners_max = 1).await;
    let mut first = listen(&server, &token("u1", 900)).await;
    client::hear_until(&mut first, "msg_1").await;
    let reply = client::hear(&mut listen(&server, &token("u2", 900)).await).await;
    assert_eq!(told(&reply).1, "too_many_listeners");
    assert_ne!(reply.header("retry-after"), "");
    drop(first);
}

#[tokio::test]
async fn the_script_is_cached_and_every_page_may_load_it() {
    let server = Server::start().await;
    let reply = server.send("GET", "/firsthand.js", &[], "").await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("content-type"), "text/javascript; charset=utf-8");
    assert!(reply.header("cache-control").starts_with("public, max-age="));
    assert_eq!(reply.header("cross-origin-resource-policy"), "cross-origin");
    assert_eq!(reply.header("x-content-type-options"), "nosniff");
    assert_eq!(reply.header("set-cookie"), "");
    assert_eq!(reply.text(), include_str!("../../assets/firsthand.js"));
    let known = format!("if-none-match: \"other\", {}", reply.header("etag"));
    let again = server.send("GET", "/firsthand.js", &[&known], "").await;
    assert_eq!((again.status, again.body.len()), (304, 0));
    assert_eq!(again.header("etag"), reply.header("etag"));
    let packed = server.send("GET", "/firsthand.js", &["accept-encoding: br, gzip"], "").await;
    assert_eq!(packed.header("content-encoding"), "gzip");
    assert!(packed.body.len() < 8 << 10, "a few kilobytes, not {}", packed.body.len());
    let plain = server.send("GET", "/firsthand.js", &["accept-encoding: gzip;q=0"], "").await;
    assert_eq!(plain.header("content-encoding"), "");
}

/// What a strict policy of the host page forbids, and what the host page would notice.
#[test]
fn the_script_does_nothing_that_a_strict_policy_forbids() {
    let script = include_str!("../../assets/firsthand.js");
    for word in [
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "eval(",
        "new Function",
        "document.write",
        "cookie",
        "localStorage",
        "sessionStorage",
        "indexedDB",
        "import(",
        "createElement(\"style",
        "createElement(\"script",
        ".style.",
        "style=",
        "http://",
        "https://",
        "navigator.",
    ] {
        let word_in = script.contains(word) && word != "http://";
        let only_namespace = word == "http://" && script.matches(word).count() == 1;
        assert!(!word_in && (word != "http://" || only_namespace), "{word}");
    }
    assert_eq!(script.matches("window.firsthand =").count(), 1);
    assert_eq!(script.matches("window.").count(), script.matches("window.firsthand").count());
}
