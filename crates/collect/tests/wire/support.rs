//! What the tests share: sources, requests, and facts for people.

use std::io::Write as _;
use std::sync::{Arc, LazyLock};

use firsthand_collect::live::{Answer, Method, Received, Refused, Request, Sources, read};
use firsthand_collect::write_fact;
use firsthand_model::config::Project;
use firsthand_model::diagnostic::SourceFile;
use firsthand_model::{Fact, Time};

/// 2026-05-04T10:00:00Z: when everything arrives.
pub const NOW: Time = Time(1_777_888_800_000_000);
/// The key of the source `web`.
pub const KEY: &str = "wk_web";

const PROJECT: &str = "
plans: {free: {price: 0}, pro: {price: 49}, team: {price: 99}}
sources:
  web:
    key: [wk_web, env:WEB_KEY]
    drop: [\"$autocapture\", \"Debug *\"]
    snowplow: {app_id: [shop], account_context: iglu:com.acme/account/jsonschema}
  server: {key: wk_server, clock: theirs}
  segment-only: {key: wk_segment, accepts: segment}
  billing:
    stripe:
      secret: [whsec_new, whsec_old]
      account: metadata.account_id
      plans: {price_pro: pro, prod_team: team}
      plan_after: free
  billing-by-mail:
    stripe: {secret: whsec_mail, account: email}
";

/// The sources of all tests.
pub fn sources() -> &'static Sources {
    static SOURCES: LazyLock<Sources> = LazyLock::new(|| sources_of(PROJECT));
    &SOURCES
}

pub fn sources_of(project: &str) -> Sources {
    let file = SourceFile { name: "firsthand.yaml".to_owned(), text: project.to_owned() };
    let loaded = Project::from_files(&[Arc::new(file)], &|_| Ok(String::new()));
    assert_eq!(loaded.diagnostics, []);
    Sources::new(&loaded.project, &|name| (name == "WEB_KEY").then(|| "wk_env".to_owned())).unwrap()
}

/// A call being made.
pub struct Call {
    method: Method,
    path: String,
    query: String,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
    at: Time,
}

/// A post with no key.
pub fn post(path: &str, body: impl AsRef<[u8]>) -> Call {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    Call {
        method: Method::Post,
        path: path.to_owned(),
        query: query.to_owned(),
        headers: Vec::new(),
        body: body.as_ref().to_vec(),
        at: NOW,
    }
}

/// A question with no key.
pub fn get(path: &str) -> Call {
    Call { method: Method::Get, ..post(path, "") }
}

impl Call {
    pub fn method(mut self, method: Method) -> Self {
        self.method = method;
        self
    }

    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// With the key of `web`, as most clients send it.
    pub fn key(self) -> Self {
        self.basic(&format!("{KEY}:"))
    }

    pub fn basic(self, credentials: &str) -> Self {
        self.header("authorization", format!("Basic {}", base64(credentials.as_bytes())))
    }

    pub fn at(mut self, at: Time) -> Self {
        self.at = at;
        self
    }

    pub fn send(&self) -> Result<Received, Refused> {
        self.send_to(sources())
    }

    pub fn send_to(&self, sources: &Sources) -> Result<Received, Refused> {
        let header = |name: &str| {
            self.headers.iter().find(|(it, _)| *it == name).map(|(_, value)| value.as_str())
        };
        let request = Request {
            method: self.method,
            path: &self.path,
            query: &self.query,
            headers: &header,
            body: &self.body,
            received_at: self.at,
        };
        read(&request, sources)
    }

    /// What was received; nothing may be refused.
    pub fn received(&self) -> Received {
        self.send().unwrap()
    }

    /// The facts; nothing may be rejected.
    pub fn facts(&self) -> Vec<Fact> {
        let received = self.received();
        assert_eq!(received.rejects, []);
        received.facts
    }

    /// The answer, whatever became of the request.
    pub fn answer(&self) -> Answer {
        match self.send() {
            Ok(received) => received.answer,
            Err(refused) => refused.answer,
        }
    }

    pub fn status(&self) -> u16 {
        self.answer().status
    }

    /// Facts, rejects and notices, for people.
    pub fn report(&self) -> String {
        report(&self.received())
    }
}

/// Facts as `export` writes them.
pub fn lines(facts: &[Fact]) -> String {
    let mut out = Vec::new();
    for fact in facts {
        write_fact(&mut out, fact).unwrap();
    }
    String::from_utf8(out).unwrap()
}

/// Facts, rejects and notices, for people.
pub fn report(received: &Received) -> String {
    let mut report = lines(&received.facts).into_bytes();
    for it in &received.rejects {
        writeln!(report, "reject {}: {}: {}", it.index, it.code, it.reason).unwrap();
    }
    for (code, notice) in &received.notices.0 {
        for example in &notice.examples {
            writeln!(report, "notice {}: {code}: {}", example.line, example.seen).unwrap();
        }
    }
    if received.dropped > 0 {
        writeln!(report, "dropped: {}", received.dropped).unwrap();
    }
    String::from_utf8(report).unwrap()
}

pub fn header<'a>(answer: &'a Answer, name: &str) -> Option<&'a str> {
    answer.headers.iter().find(|(it, _)| *it == name).map(|(_, value)| value.as_str())
}

pub fn body(answer: &Answer) -> &str {
    std::str::from_utf8(&answer.body).unwrap()
}

pub fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

pub fn base64_url(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}
