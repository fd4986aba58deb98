//! A server that takes what is sent to it, but for what goes to receivers that hang or fail.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use anyhow::Context;

type Taken = Arc<Mutex<Vec<Instant>>>;

/// It listens on this machine, as long as the program runs.
pub struct Receiver {
    /// Where it is. What is sent to `/hang` is never answered, what is sent to `/fail` with 503.
    pub url: String,
    taken: Taken,
}

impl Receiver {
    /// Begins to listen.
    pub fn start() -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").context("no port is free")?;
        let url = format!("http://{}", listener.local_addr()?);
        let taken = Taken::default();
        let takes = Arc::clone(&taken);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let taken = Arc::clone(&takes);
                std::thread::spawn(move || take(stream, &taken));
            }
        });
        Ok(Self { url, taken })
    }

    /// When each call came that was taken, in order.
    pub fn taken_at(&self) -> Vec<Instant> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Answers each call of a connection.
fn take(stream: TcpStream, taken: &Taken) -> Option<()> {
    let mut out = stream.try_clone().ok()?;
    out.set_nodelay(true).ok()?;
    let mut lines = BufReader::new(stream);
    let (mut line, mut body) = (String::new(), Vec::new());
    loop {
        line.clear();
        if lines.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let path = line.split(' ').nth(1)?.to_owned();
        let mut length = 0;
        loop {
            line.clear();
            if lines.read_line(&mut line).ok()? == 0 {
                return None;
            }
            let Some((name, value)) = line.trim_end().split_once(':') else { break };
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse().ok()?;
            }
        }
        body.resize(length, 0);
        lines.read_exact(&mut body).ok()?;
        let status = match path.as_str() {
            // It waits for what is never sent, until the caller goes away.
            "/hang" => return lines.read_line(&mut line).ok().map(drop),
            "/fail" => "503 Service Unavailable",
            _ => {
                taken.lock().unwrap_or_else(PoisonError::into_inner).push(Instant::now());
                "200 OK"
            }
        };
        out.write_all(format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n").as_bytes()).ok()?;
    }
}
