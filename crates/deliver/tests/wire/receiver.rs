//! The least server that can take webhooks, and misbehave.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Instant;

/// A call as it was received.
#[derive(Clone, Debug)]
pub struct Call {
    pub at: Instant,
    /// The path without its slash.
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Call {
    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(it, _)| it.eq_ignore_ascii_case(name));
        found.map_or("", |(_, value)| value)
    }

    pub fn id(&self) -> &str {
        self.header("webhook-id")
    }
}

/// How a call is answered: a status line with headers (and body, see [`with_body`]), or never.
pub type Answers = Arc<dyn Fn(&Call, usize) -> Option<String> + Send + Sync>;

/// A server on this machine that remembers what it got.
#[derive(Clone)]
pub struct Receiver {
    pub port: u16,
    calls: Arc<Mutex<Vec<Call>>>,
}

impl Receiver {
    /// Starts; `answers` is told the call and how many were there before.
    pub fn start(answers: impl Fn(&Call, usize) -> Option<String> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let receiver = Self { port: listener.local_addr().unwrap().port(), calls: Arc::default() };
        let (calls, answers): (_, Answers) = (Arc::clone(&receiver.calls), Arc::new(answers));
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (calls, answers) = (Arc::clone(&calls), Arc::clone(&answers));
                thread::spawn(move || serve(stream, &calls, &answers));
            }
        });
        receiver
    }

    pub fn calls(&self) -> Vec<Call> {
        self.calls.lock().unwrap().clone()
    }
}

/// Answers calls until the other side has enough.
fn serve(stream: TcpStream, calls: &Mutex<Vec<Call>>, answers: &Answers) {
    let mut out = stream.try_clone().unwrap();
    let mut lines = BufReader::new(stream);
    while let Some(call) = read(&mut lines) {
        let before = {
            let mut calls = calls.lock().unwrap();
            calls.push(call.clone());
            calls.len() - 1
        };
        let Some(answer) = answers(&call, before) else {
            // Holds the connection and says nothing.
            loop {
                thread::park();
            }
        };
        let is_whole = answer.contains("\r\n\r\n");
        let end = if is_whole { "" } else { "\r\ncontent-length: 0\r\n\r\n" };
        let answer = format!("HTTP/1.1 {answer}{end}");
        if out.write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}

/// An answer with a body.
pub fn with_body(status: &str, body: &str) -> String {
    format!("{status}\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

fn read(lines: &mut BufReader<TcpStream>) -> Option<Call> {
    let mut line = String::new();
    lines.read_line(&mut line).ok().filter(|it| *it > 0)?;
    let path = line.split(' ').nth(1)?.trim_start_matches('/').to_owned();
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        lines.read_line(&mut line).ok().filter(|it| *it > 0)?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        headers.push((name.to_owned(), value.to_owned()));
    }
    let mut call = Call { at: Instant::now(), path, headers, body: Vec::new() };
    call.body = vec![0; call.header("content-length").parse().unwrap_or(0)];
    lines.read_exact(&mut call.body).ok()?;
    Some(call)
}
