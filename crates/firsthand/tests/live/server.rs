//! A server of the test's own, and the least client that can speak to it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;

/// What a client waits for an answer.
const PATIENCE: Duration = Duration::from_secs(30);

pub const WRITE_KEY: &str = "a-write-key";

/// A project whose source has [`WRITE_KEY`].
pub fn project(folder: &Path, settings: &str) {
    std::fs::create_dir_all(folder.join("definitions")).unwrap();
    std::fs::write(folder.join("firsthand.yaml"), settings).unwrap();
}

/// Runs another command of the program in a project; its standard output.
pub fn firsthand(folder: &Path, args: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_firsthand"))
        .args(args)
        .current_dir(folder)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{args:?}: {told}");
    String::from_utf8(output.stdout).unwrap()
}

/// A running server. Killed when dropped.
pub struct Server {
    child: Child,
    pub at: SocketAddr,
}

impl Server {
    /// Starts, and waits until it listens.
    pub fn start(folder: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_firsthand"))
            .args(["serve", "--listen", "127.0.0.1:0"])
            .current_dir(folder)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut told = String::new();
        let at = loop {
            let line = lines.next().unwrap_or_else(|| panic!("it ended: {told}")).unwrap();
            if let Some(at) = line.strip_prefix("listening on http://") {
                break at.parse().unwrap();
            }
            told.push_str(&line);
            told.push('\n');
        };
        // Nobody reads on; a full pipe would hold it up.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, at }
    }

    /// Waits until it decides.
    pub fn ready(&self) {
        for _ in 0..600 {
            if self.get("/health/ready", None).0 == 200 {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("it never became ready");
    }

    /// Pulls the plug.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Stops it gracefully.
    pub fn stop(mut self) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        let status = self.child.wait().unwrap();
        assert!(status.success(), "{status}");
    }

    pub fn get(&self, path: &str, token: Option<&str>) -> (u16, String) {
        let auth = token.map(|it| format!("Authorization: Bearer {it}\r\n")).unwrap_or_default();
        exchange(
            self.at,
            &format!("GET {path} HTTP/1.1\r\nHost: x\r\n{auth}Connection: close\r\n\r\n"),
        )
        .unwrap()
    }

    pub fn post(&self, path: &str, token: &str, body: &str) -> (u16, String) {
        self.send("POST", path, token, body)
    }

    pub fn send(&self, method: &str, path: &str, token: &str, body: &str) -> (u16, String) {
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            body.len()
        );
        exchange(self.at, &(head + body)).unwrap()
    }

    /// All items of a list, page by page.
    pub fn all(&self, path: &str, token: &str) -> Vec<Value> {
        let mut items = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = format!("{path}?limit=100{cursor}");
            let (status, body) = self.get(&page, Some(token));
            assert_eq!(status, 200, "{page}: {body}");
            let mut body: Value = serde_json::from_str(&body).unwrap();
            items.append(body["items"].as_array_mut().unwrap());
            match body["next"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return items,
            }
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Posts a body with the write key; the status, or `None` where no whole answer came.
pub fn post(at: SocketAddr, path: &str, body: &str) -> Option<u16> {
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: x\r\nX-Write-Key: {WRITE_KEY}\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n",
        body.len()
    );
    exchange(at, &(head + body)).map(|(status, _)| status)
}

/// Sends a request and hears the answer: its status and its body.
pub fn exchange(at: SocketAddr, request: &str) -> Option<(u16, String)> {
    let mut stream = TcpStream::connect(at).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let status = answer.split(' ').nth(1)?.parse().ok()?;
    let (_, body) = answer.split_once("\r\n\r\n")?;
    Some((status, body.to_owned()))
}
