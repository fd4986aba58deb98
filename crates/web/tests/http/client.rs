//! A client that says exactly the bytes it is told to, over a real socket.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// No test waits longer for anything.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// An answer, whole.
#[derive(Clone, Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
    /// Cookies to keep: the one header that may come several times.
    pub set_cookies: Vec<String>,
}

impl Reply {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("the body is text")
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.text()))
    }
}

/// One request; the connection is closed after it.
pub async fn send(at: SocketAddr, method: &str, path: &str, headers: &[&str], body: &str) -> Reply {
    // Pages take a browser on its own machine at its word without TLS.
    let mut head = format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n");
    for header in headers {
        head.push_str(header);
        head.push_str("\r\n");
    }
    if !body.is_empty() {
        head.push_str("content-length: ");
        head.push_str(&body.len().to_string());
        head.push_str("\r\n");
    }
    say(at, &format!("{head}\r\n{body}")).await
}

/// Says these bytes on a connection of its own, and hears all that comes back.
pub async fn say(at: SocketAddr, bytes: &str) -> Reply {
    let mut stream = TcpStream::connect(at).await.expect("the server listens");
    stream.write_all(bytes.as_bytes()).await.expect("the server takes it");
    hear(&mut stream).await
}

/// Hears all that comes until the server closes the connection.
pub async fn hear(stream: &mut TcpStream) -> Reply {
    let mut bytes = Vec::new();
    let heard = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut bytes)).await;
    heard.expect("the server answers in time").expect("the connection holds");
    parse(&bytes)
}

/// Hears until these words have come.
pub async fn hear_until(stream: &mut TcpStream, words: &str) -> String {
    let hearing = async {
        let mut heard = String::new();
        let mut piece = [0; 4_096];
        while !heard.contains(words) {
            let count = stream.read(&mut piece).await.expect("the connection holds");
            assert!(count > 0, "closed before `{words}` came, after: {heard}");
            heard.push_str(&String::from_utf8_lossy(&piece[..count]));
        }
        heard
    };
    tokio::time::timeout(PATIENCE, hearing).await.unwrap_or_else(|_| panic!("no `{words}` came"))
}

fn parse(bytes: &[u8]) -> Reply {
    let end = bytes.windows(4).position(|it| it == b"\r\n\r\n").unwrap_or_else(|| {
        panic!("no whole head: {:?}", String::from_utf8_lossy(bytes));
    });
    let head = std::str::from_utf8(&bytes[..end]).expect("heads are text");
    let cookies = head.lines().filter_map(|it| it.strip_prefix("set-cookie: "));
    let set_cookies = cookies.map(str::to_owned).collect();
    let mut lines = head.lines();
    let status = lines.next().and_then(|it| it.split(' ').nth(1)).expect("there is a status");
    let headers: BTreeMap<_, _> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let chunked = headers.get("transfer-encoding").is_some_and(|it| it == "chunked");
    let body = &bytes[end + 4..];
    let body = if chunked { joined(body) } else { body.to_vec() };
    Reply { status: status.parse().expect("a number"), headers, body, set_cookies }
}

/// The body of which these are the chunks.
fn joined(mut chunks: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(line) = chunks.windows(2).position(|it| it == b"\r\n") {
        let size = std::str::from_utf8(&chunks[..line]).expect("sizes are text");
        let size = usize::from_str_radix(size, 16).expect("sizes are numbers");
        let from = line + 2;
        body.extend_from_slice(&chunks[from..from + size]);
        chunks = &chunks[from + size + 2..];
    }
    body
}
