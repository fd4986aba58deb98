//! The world around the server of a story: a clock that can be moved, and plain connections.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use firsthand_engine::service::Clock;
use firsthand_model::{Span, Time};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::clock;

/// How long anything may take that is to happen now.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Time as it passes here, with days between that nobody has to wait for.
#[derive(Clone, Default)]
pub struct Calendar(Arc<AtomicI64>);

impl Calendar {
    pub fn now(&self) -> Time {
        clock::now() + Span(self.0.load(Ordering::SeqCst))
    }

    pub fn pass(&self, span: Span) {
        self.0.fetch_add(span.0, Ordering::SeqCst);
    }

    pub fn clock(&self) -> Clock {
        let calendar = self.clone();
        Arc::new(move || calendar.now())
    }
}

/// Asks until there is an answer.
pub fn until<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let begun = std::time::Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(begun.elapsed() < PATIENCE, "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// What is signed by a secret, in hexadecimal.
pub fn signed(secret: &str, text: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(text.as_bytes());
    blake3::Hash::from_bytes(mac.finalize().into_bytes().into()).to_hex().to_string()
}

/// Sends a request of these headers and this body; the status and the body of the answer.
pub fn send(at: SocketAddr, line: &str, headers: &[String], body: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(at).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut request = format!("{line} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n");
    for header in headers {
        request.push_str(header);
        request.push_str("\r\n");
    }
    let length = body.len();
    stream
        .write_all(format!("{request}Content-Length: {length}\r\n\r\n{body}").as_bytes())
        .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}

/// Listens to server-sent events: what each says, as JSON.
pub fn listen(at: SocketAddr, path: &str, token: &str) -> Receiver<Value> {
    let (tell, told) = channel();
    let mut stream = TcpStream::connect(at).unwrap();
    let request =
        format!("GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut lines = BufReader::new(stream).lines();
    let status = lines.next().unwrap().unwrap();
    assert!(status.contains(" 200 "), "{path}: {status}");
    std::thread::spawn(move || {
        for line in lines.map_while(Result::ok) {
            if let Some(said) = line.strip_prefix("data: ") {
                tell.send(serde_json::from_str(said).unwrap()).ok();
            }
        }
    });
    told
}

/// Slack's Web API, as far as messages go: takes all, and keeps them.
pub struct Slack {
    pub at: SocketAddr,
    posted: Arc<Mutex<Vec<Value>>>,
}

impl Slack {
    pub fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let at = listener.local_addr().unwrap();
        let posted = Arc::<Mutex<Vec<Value>>>::default();
        let kept = Arc::clone(&posted);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let kept = Arc::clone(&kept);
                std::thread::spawn(move || take_in(stream.unwrap(), &kept));
            }
        });
        Self { at, posted }
    }

    /// The messages that were posted, in order.
    pub fn posted(&self) -> Vec<Value> {
        self.posted.lock().unwrap().clone()
    }
}

/// Answers the requests of one connection.
fn take_in(stream: TcpStream, kept: &Mutex<Vec<Value>>) {
    let mut answers = stream.try_clone().unwrap();
    let mut requests = BufReader::new(stream);
    loop {
        let (mut length, mut line) = (0, String::new());
        loop {
            line.clear();
            if requests.read_line(&mut line).unwrap_or(0) == 0 {
                return;
            }
            let header = line.trim().to_ascii_lowercase();
            if let Some(told) = header.strip_prefix("content-length:") {
                length = told.trim().parse().unwrap();
            }
            if header.is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        requests.read_exact(&mut body).unwrap();
        kept.lock().unwrap().push(serde_json::from_slice(&body).unwrap());
        let answer = json!({"ok": true, "channel": "D1", "ts": "1.2"}).to_string();
        let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ";
        answers.write_all(format!("{head}{}\r\n\r\n{answer}", answer.len()).as_bytes()).unwrap();
    }
}
