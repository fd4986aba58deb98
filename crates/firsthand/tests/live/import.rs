//! Files that are uploaded to a running server: what comes of them is what a replay says, whoever
//! writes meanwhile and whenever the plug is pulled.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use crate::server::{Server, WRITE_KEY, firsthand, post, project};

const PASSWORD: &str = "correct horse battery";
const BOUNDARY: &str = "----------firsthand";

fn settings() -> String {
    format!(
        r#"
project: imported
start: {{ event: '"Signed up"' }}
sources:
  app: {{ key: {WRITE_KEY} }}
---
definition: busy
track: product
when: count("Report exported") >= 3
---
definition: a-team
track: expansion
when: people("Report exported") >= 2 and seen("Invited")
"#
    )
}

/// Somebody with a browser.
struct Person<'s> {
    server: &'s Server,
    cookies: BTreeMap<String, String>,
}

impl<'s> Person<'s> {
    /// Comes in by a link of `firsthand user`.
    fn by_link(server: &'s Server, link: &str) -> Self {
        let mut person = Self { server, cookies: BTreeMap::new() };
        let path = &link[link.find("/join/").unwrap()..];
        let page = person.ask("GET", path, "", "").1;
        let form = format!("csrf={}&password={}", secret_on(&page), PASSWORD.replace(' ', "+"));
        let kind = "application/x-www-form-urlencoded";
        assert_eq!(person.ask("POST", path, kind, &form).0, 303, "{page}");
        person
    }

    fn ask(&mut self, method: &str, path: &str, kind: &str, body: &str) -> (u16, String) {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, it)| format!("{name}={it}")).collect();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\nCookie: {}\r\n\
             Content-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            cookies.join("; "),
            body.len()
        );
        let mut stream = TcpStream::connect(self.server.at).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        for line in head.lines() {
            if let Some(cookie) = line.strip_prefix("set-cookie: ") {
                let (name, rest) = cookie.split_once('=').unwrap();
                self.cookies.insert(name.to_owned(), rest.split(';').next().unwrap().to_owned());
            }
        }
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let to = head.lines().find_map(|it| it.strip_prefix("location: "));
        (status, to.map_or(body, |it| it).to_owned())
    }

    fn get(&mut self, path: &str) -> String {
        let (status, page) = self.ask("GET", path, "", "");
        assert_eq!(status, 200, "{path}: {page}");
        page
    }

    /// Uploads a file; its page.
    fn upload(&mut self, name: &str, content: &str) -> String {
        let page = self.get("/sources/import");
        let mut form = String::new();
        let secret = secret_on(&page);
        for (field, value) in [("csrf", secret.as_str()), ("source", "old")] {
            write!(form, "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n").unwrap();
        }
        write!(form, "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n{content}\r\n--{BOUNDARY}--\r\n").unwrap();
        let kind = format!("multipart/form-data; boundary={BOUNDARY}");
        let (status, to) = self.ask("POST", "/sources/import", &kind, &form);
        assert_eq!(status, 303, "{to}");
        to
    }

    /// Does something with a file.
    fn act(&mut self, page: &str, form: &str) {
        let secret = secret_on(&self.get(page));
        let kind = "application/x-www-form-urlencoded";
        let (status, told) =
            self.ask("POST", &format!("{page}/act"), kind, &format!("csrf={secret}&{form}"));
        assert_eq!(status, 303, "{told}");
    }

    /// Looks at a page until it says something.
    fn until(&mut self, page: &str, words: &str) -> String {
        for _ in 0..600 {
            let seen = self.get(page);
            if seen.contains(words) {
                return seen;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("{page} never said `{words}`: {}", self.get(page));
    }
}

fn secret_on(page: &str) -> String {
    let (_, after) = page.split_once("name=\"csrf\" value=\"").expect("the page has a form");
    after.split('"').next().unwrap().to_owned()
}

/// A year ago: a table whose columns have to be understood, with two rows that cannot be read.
fn table(rows: u32) -> String {
    let mut text = "day,user,company,action\n".to_owned();
    for row in 0..rows {
        let actions = ["Signed up", "Report exported", "Report exported", "Opened", "Invited"];
        let action = actions[(row % 5) as usize];
        let (user, company) = (row * 11 % 91, row * 11 % 91 % 40);
        let day = 1 + row * 27 / rows;
        writeln!(text, "2025-03-{day:02},u{user},a{company},{action}").unwrap();
    }
    text + "soon,u1,a1,Opened\nlater,u2,a2,Opened\n"
}

/// What clients send meanwhile.
fn send(server: &Server, from: u32, to: u32) {
    for number in from..to {
        let event = ["Report exported", "Invited"][(number % 2) as usize];
        let fact = json!([{
            "id": format!("f{number}"),
            "event": event,
            "user": format!("u{}", number % 91),
            "account": format!("a{}", number % 45),
        }]);
        assert_eq!(post(server.at, "/v1/facts", &fact.to_string()), Some(200));
    }
}

/// The folded ledger is what a replay says; the server has stopped.
fn holds_against_a_replay(folder: &Path, ledger: &[Value]) {
    let text = |it: &Value| it.as_str().unwrap_or_else(|| panic!("{it} is no text")).to_owned();
    let mut folded: BTreeMap<(String, String), String> = BTreeMap::new();
    for line in ledger {
        let key = (text(&line["definition"]), text(&line["subject"]["id"]));
        match line["change"].as_str().unwrap() {
            "entered" => {
                let twice = folded.insert(key, text(&line["held_at"]));
                assert_eq!(twice, None, "{line} was told twice");
            }
            "revised" => _ = folded.insert(key, text(&line["held_at"])),
            "retracted" => _ = folded.remove(&key),
            other => panic!("{other}"),
        }
    }
    let replay = firsthand(folder, &["replay", "--json"]);
    let replay: Vec<Value> = serde_json::from_str(&replay).unwrap();
    let replayed: BTreeMap<(String, String), String> = replay
        .iter()
        .map(|it| ((text(&it["definition"]), text(&it["subject"])), text(&it["entered"])))
        .collect();
    assert!(replayed.len() > 40, "{}", replayed.len());
    assert_eq!(folded, replayed);
}

fn begun(folder: &Path) -> (String, String) {
    project(folder, &settings());
    let token = firsthand(folder, &["key", "add", "test"]).trim().to_owned();
    let link = firsthand(
        folder,
        &["user", "add", "mara@acme.example", "--name", "Mara", "--role", "admin"],
    );
    (token, link.trim().to_owned())
}

#[test]
fn an_uploaded_file_counts_as_if_it_had_been_there_all_along() {
    let folder = tempfile::tempdir().unwrap();
    let (token, link) = begun(folder.path());
    let server = Server::start(folder.path());
    server.ready();
    send(&server, 0, 120);
    let mut mara = Person::by_link(&server, &link);
    let page = mara.upload("old/../events.csv", &table(3_000));
    let ready = mara.until(&page, "3,000 facts can be taken in");
    assert!(ready.contains("The time cannot be read."), "{ready}");
    assert!(mara.get(&format!("{page}/rejects")).contains("soon,u1,a1,Opened"));
    let leads = server.all("/api/v1/leads", &token).len();
    mara.act(&page, "do=take");
    send(&server, 120, 160);
    let taken = mara.until(&page, "3,000 facts were added");
    assert!(taken.contains("Nobody was told"), "{taken}");
    send(&server, 160, 200);
    let told = server.all("/api/v1/leads", &token).len();
    let ledger = server.all("/api/v1/ledger", &token);
    assert!(told < leads + 20, "{leads} leads became {told}");
    // Once more: all of it is there already.
    let again = mara.upload("again.csv", &table(3_000));
    mara.until(&again, "3,000 facts can be taken in");
    mara.act(&again, "do=take&apply=yes");
    mara.until(&again, "Nothing was new");
    assert_eq!(server.all("/api/v1/ledger", &token), ledger);
    server.stop();
    holds_against_a_replay(folder.path(), &ledger);
    let kept = walk(&folder.path().join("data").join("imports"));
    assert!(
        !kept.iter().any(|it| it.ends_with("upload")),
        "the files themselves are gone: {kept:?}"
    );
    let server = Server::start(folder.path());
    server.ready();
    let (_, status) = server.get("/api/v1/status", Some(&token));
    assert!(!status.contains("difference"), "{status}");
}

#[test]
fn an_import_during_which_the_plug_is_pulled_counts_once_when_it_is_done_again() {
    let folder = tempfile::tempdir().unwrap();
    let (token, link) = begun(folder.path());
    let (mut cookies, mut page) = (BTreeMap::new(), String::new());
    for round in 0..6 {
        let server = Server::start(folder.path());
        server.ready();
        let mut mara = if cookies.is_empty() {
            let mut mara = Person::by_link(&server, &link);
            page = mara.upload("events.csv", &table(20_000));
            mara
        } else {
            Person { server: &server, cookies: std::mem::take(&mut cookies) }
        };
        mara.until(&page, "20,000 facts can be taken in");
        mara.act(&page, "do=take");
        std::thread::sleep(Duration::from_millis(round * 40));
        send(&server, 0, 10);
        cookies = std::mem::take(&mut mara.cookies);
        let seen = Person { server: &server, cookies: cookies.clone() }.get(&page);
        server.kill();
        if seen.contains("facts were added") || seen.contains("Nothing was new") {
            break;
        }
    }
    let server = Server::start(folder.path());
    server.ready();
    let mut mara = Person { server: &server, cookies };
    if mara.get(&page).contains("Take it in again") {
        mara.act(&page, "do=take");
    }
    mara.until(&page, "good");
    let ledger = server.all("/api/v1/ledger", &token);
    server.stop();
    let exported = firsthand(folder.path(), &["export"]);
    let ids: Vec<String> = exported
        .lines()
        .map(|it| serde_json::from_str::<Value>(it).unwrap()["id"].as_str().unwrap().to_owned())
        .collect();
    let once: BTreeSet<&String> = ids.iter().collect();
    assert_eq!((once.len(), ids.len()), (20_010, 20_010));
    holds_against_a_replay(folder.path(), &ledger);
}

fn walk(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        if entry.path().is_dir() {
            found.extend(walk(&entry.path()));
        } else {
            found.push(entry.path().display().to_string());
        }
    }
    found
}
