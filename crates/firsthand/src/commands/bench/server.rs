//! A server to measure, and how to talk to it.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, bail};

use super::{child, machine};

/// Reads an answer: its status and body.
pub fn answer(stream: &mut impl BufRead) -> anyhow::Result<(u16, String)> {
    let (mut line, mut status, mut length) = (String::new(), 0, 0);
    loop {
        line.clear();
        if stream.read_line(&mut line)? == 0 {
            bail!("the server hung up");
        }
        let text = line.trim_end();
        if let Some(rest) = text.strip_prefix("HTTP/1.1 ") {
            status = rest.get(..3).unwrap_or_default().parse()?;
        } else if let Some((name, value)) = text.split_once(':') {
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse()?;
            }
        } else if text.is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    Ok((status, String::from_utf8_lossy(&body).into_owned()))
}

/// A server that ends with this value.
pub struct Server {
    child: Child,
    /// Where it listens.
    pub at: SocketAddr,
    /// What it has said beside what it does every day.
    said: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Starts a server; it is ready when this returns.
    pub fn start(project: &Path) -> anyhow::Result<Self> {
        Self::start_with(project, &[])
    }

    /// The same, with further arguments.
    pub fn start_with(project: &Path, further: &[&str]) -> anyhow::Result<Self> {
        let mut command = child::this_program(0)?;
        command.args(["serve", "--open-metrics", "--listen", "127.0.0.1:0", "--project"]);
        let mut child = command.arg(project).args(further).stderr(Stdio::piped()).spawn()?;
        let stderr = child.stderr.take().context("it has no standard error")?;
        let mut lines = BufReader::new(stderr).lines();
        let at = loop {
            let Some(line) = lines.next() else { bail!("the server did not start") };
            if let Some(at) = line?.strip_prefix("listening on http://") {
                break at.parse()?;
            }
        };
        // A full pipe would hold it up.
        let said = Arc::<Mutex<Vec<String>>>::default();
        let last = Arc::clone(&said);
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok).filter(|it| !it.contains(" INFO ")) {
                last.lock().unwrap_or_else(PoisonError::into_inner).push(line);
            }
        });
        let server = Self { child, at, said };
        while server.get("/health/ready")?.0 != 200 {
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(server)
    }

    /// Status and body of what it answers to a GET.
    pub fn get(&self, path: &str) -> anyhow::Result<(u16, String)> {
        let connected = TcpStream::connect(self.at);
        let mut stream = connected.with_context(|| {
            let said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
            format!("the server cannot be reached. It said: {}", said.join("\n"))
        })?;
        write!(stream, "GET {path} HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n")?;
        answer(&mut BufReader::new(stream))
    }

    /// How many decisions took how long, bucket by bucket.
    pub fn decisions(&self) -> anyhow::Result<Vec<f64>> {
        let (_, metrics) = self.get("/metrics")?;
        let bucket = |line: &str| -> Option<f64> {
            let rest = line.strip_prefix("firsthand_decision_seconds_bucket{")?;
            rest.rsplit(' ').next()?.parse().ok()
        };
        // Prometheus adds up what lies below.
        let below: Vec<f64> = metrics.lines().filter_map(bucket).collect();
        if below.is_empty() {
            bail!("the server does not tell how long decisions take");
        }
        let before = std::iter::once(&0.0).chain(&below);
        Ok(below.iter().zip(before).map(|(all, before)| all - before).collect())
    }

    /// The value of a metric without labels.
    pub fn metric(&self, name: &str) -> anyhow::Result<u64> {
        let (_, metrics) = self.get("/metrics")?;
        let value = metrics.lines().find_map(|it| it.strip_prefix(name)?.strip_prefix(' '));
        value.and_then(|it| it.parse().ok()).with_context(|| format!("the server has no `{name}`"))
    }

    /// The memory that it has now, in bytes, where the system tells.
    pub fn resident_bytes(&self) -> Option<u64> {
        machine::resident_bytes_of(self.child.id())
    }
}

impl Server {
    /// Asks it to end in order, and waits for that.
    ///
    /// # Errors
    /// Where the system has no such way, or the server fails on it.
    pub fn end(mut self) -> anyhow::Result<()> {
        #[cfg(unix)]
        {
            use rustix::process::{Pid, Signal, kill_process};
            kill_process(Pid::from_child(&self.child), Signal::TERM)?;
            let status = self.child.wait()?;
            if !status.success() {
                bail!("the server ended with {status}");
            }
            Ok(())
        }
        #[cfg(not(unix))]
        bail!("servers are ended in order on Unix only");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // What it has taken in is thrown away with its folder.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
