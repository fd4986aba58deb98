//! Channels of the running server: what stops one, and what lets it go on.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::{Value, json};

use crate::server::{Server, firsthand, post, project};

/// How long a message may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// A receiver of webhooks that is gone for the first call and there for all others: where it is,
/// and the accounts that it hears of.
fn receiver() -> (SocketAddr, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap();
    let (tell, told) = channel();
    std::thread::spawn(move || {
        for (number, stream) in listener.incoming().enumerate() {
            let mut stream = stream.unwrap();
            let mut call = BufReader::new(stream.try_clone().unwrap());
            let (mut length, mut line) = (0, String::new());
            while call.read_line(&mut line).unwrap() > 2 {
                let header = line.to_ascii_lowercase();
                if let Some(told) = header.strip_prefix("content-length:") {
                    length = told.trim().parse().unwrap();
                }
                line.clear();
            }
            let mut body = vec![0; length];
            call.read_exact(&mut body).unwrap();
            let status = if number == 0 { "410 Gone" } else { "204 No Content" };
            let answer = format!("HTTP/1.1 {status}\r\nConnection: close\r\n\r\n");
            stream.write_all(answer.as_bytes()).unwrap();
            let body: Value = serde_json::from_slice(&body).unwrap();
            tell.send(body["data"]["account"]["id"].as_str().unwrap().to_owned()).ok();
        }
    });
    (at, told)
}

#[test]
fn a_channel_that_was_stopped_sends_again_as_soon_as_the_api_enables_it() {
    let (at, told) = receiver();
    let settings = format!(
        r#"
project: stopped
start: {{ event: '"Signed up"' }}
sources:
  app: {{ key: a-write-key }}
channels:
  hooks:
    webhook:
      url: http://{at}/
      secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw
      events: lead.opened
      allow_private: true
---
definition: busy
track: product
when: count("Report exported") >= 2
"#
    );
    let folder = tempfile::tempdir().unwrap();
    project(folder.path(), &settings);
    let token = firsthand(folder.path(), &["key", "add", "test", "--scope", "admin"]);
    let token = token.trim();
    let server = Server::start(folder.path());
    server.ready();
    let qualify = |account: &str| {
        let event = |number: u32, name: &str| {
            let id = format!("{account}-{number}");
            json!({"id": id, "event": name, "user": "u1", "account": account})
        };
        let facts =
            [event(0, "Signed up"), event(1, "Report exported"), event(2, "Report exported")];
        let body = json!(facts).to_string();
        assert_eq!(post(server.at, "/v1/facts", &body), Some(200));
    };
    let enabled = || server.all("/api/v1/channels", token)[0]["enabled"] == json!(true);
    qualify("acme");
    assert_eq!(told.recv_timeout(PATIENCE).unwrap(), "acme");
    for _ in 0..500 {
        if !enabled() {
            break;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(!enabled(), "a receiver that is gone stops the channel");
    qualify("beta");
    let (status, body) = server.post("/api/v1/channels/hooks/enable", token, "");
    assert_eq!(status, 200, "{body}");
    assert_eq!(told.recv_timeout(PATIENCE).unwrap(), "beta", "what waited goes at once");
    assert!(enabled());
}
