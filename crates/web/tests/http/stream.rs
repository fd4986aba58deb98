//! Lead events: heard once each, resumed, reset, bounded.

use std::sync::atomic::Ordering;
use std::time::Duration;

use firsthand_web::backend::Scope;
use firsthand_web::noun::LeadEventKind::{Changed, Opened};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::client::{self, hear_until};
use crate::{Server, bearer, told};

async fn listen(server: &Server, query: &str, header: &str) -> TcpStream {
    let mut stream = TcpStream::connect(server.at).await.unwrap();
    let token = bearer(Scope::LeadsRead);
    let head = format!(
        "GET /api/v1/leads/events{query} HTTP/1.1\r\nhost: test\r\n{token}\r\n\
         connection: close\r\n{header}\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream
}

/// The ids and names of the events in what was heard.
fn events(heard: &str) -> Vec<String> {
    let value = |line: &str, name: &str| line.strip_prefix(name).map(|it| it.trim().to_owned());
    let lines = heard.lines().filter_map(|it| value(it, "id:").or_else(|| value(it, "event:")));
    lines.collect()
}

#[tokio::test]
async fn a_listener_hears_what_happens_from_now_on() {
    let server = Server::start().await;
    server.fake.happen(0, Opened);
    let mut stream = listen(&server, "", "").await;
    let head = hear_until(&mut stream, "listening").await;
    assert!(head.contains("content-type: text/event-stream"), "{head}");
    server.fake.happen(1, Opened);
    server.fake.happen(1, Changed);
    let heard = hear_until(&mut stream, "id: 3").await;
    assert_eq!(events(&heard), ["opened", "2", "changed", "3"]);
    assert!(heard.contains("\"id\":\"lead_01\""));
}

#[tokio::test]
async fn whoever_comes_again_misses_nothing() {
    let server = Server::start().await;
    (0..250).for_each(|it| server.fake.happen(it % 20, Opened));
    let mut stream = listen(&server, "", "last-event-id: 1\r\n").await;
    let heard = hear_until(&mut stream, "id: 250\n").await;
    let ids = events(&heard).into_iter().filter(|it| it != "opened").collect::<Vec<_>>();
    assert_eq!(ids, (2..=250).map(|it| it.to_string()).collect::<Vec<_>>());
}

#[tokio::test]
async fn whoever_was_away_too_long_is_told_to_read_anew() {
    let server = Server::start().await;
    (0..9).for_each(|it| server.fake.happen(it, Opened));
    server.fake.forgotten.store(5, Ordering::SeqCst);
    // Of an event that is no longer kept, and of one that never was.
    for last in [3, 400] {
        let mut stream = listen(&server, "", &format!("last-event-id: {last}\r\n")).await;
        assert_eq!(events(&hear_until(&mut stream, "id: 9").await), ["reset", "9"]);
    }
    let mut stream = listen(&server, "", "last-event-id: soon\r\n").await;
    let reply = client::hear(&mut stream).await;
    assert_eq!(told(&reply).2.as_deref(), Some("Last-Event-ID"));
}

#[tokio::test]
async fn a_listener_hears_only_what_it_asked_for() {
    let server = Server::start().await;
    let mut stream = listen(&server, "?track=product&owner=kim", "").await;
    hear_until(&mut stream, "listening").await;
    (0..4).for_each(|it| server.fake.happen(it, Opened));
    let heard = hear_until(&mut stream, "id: 3").await;
    assert_eq!(events(&heard), ["opened", "1", "opened", "3"]);
}

#[tokio::test]
async fn silence_is_broken_by_signs_of_life() {
    let server = Server::with(|limits| limits.sign_of_life_every = Duration::from_millis(20)).await;
    let mut stream = listen(&server, "", "").await;
    hear_until(&mut stream, ": still here\n\n").await;
}

#[tokio::test]
async fn listeners_are_limited_and_make_room_when_they_go() {
    let server = Server::with(|limits| {
        limits.listeners_max = 1;
        limits.listen_max = Duration::from_secs(1);
    })
    .await;
    let mut first = listen(&server, "", "").await;
    hear_until(&mut first, "listening").await;
    let mut second = listen(&server, "", "").await;
    assert_eq!(told(&client::hear(&mut second).await).1, "too_many_listeners");
    // The first one's time is up: its stream ends in good order, and there is room again.
    hear_until(&mut first, "0\r\n\r\n").await;
    let mut third = listen(&server, "", "").await;
    hear_until(&mut third, "listening").await;
}

#[tokio::test]
async fn streams_end_when_the_server_stops() {
    let mut server = Server::start().await;
    let mut stream = listen(&server, "", "").await;
    hear_until(&mut stream, "listening").await;
    server.stop();
    hear_until(&mut stream, "0\r\n\r\n").await;
    tokio::time::timeout(client::PATIENCE, server.served).await.unwrap().unwrap().unwrap();
}
