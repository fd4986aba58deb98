//! PUBLISH-1 on the real server: definitions are published under load, by the API and from files,
//! and the plug is pulled in the middle of it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use crate::server::{Server, WRITE_KEY, firsthand, post, project};

const BUSY: &str = "# Who exports a lot.\ndefinition: busy\ntrack: product\n\
                    when: count(\"Report exported\", last 30d) >= 3\n";
const KEEN: &str = "definition: keen\nsubject: person\ntrack: marketing\nwhen: seen(\"Invited\")\n";
const ROUNDS: u64 = 12;

/// When somebody was entered, and left.
type Intervals = BTreeMap<String, Option<String>>;

/// A project with two definitions in one file, and a token that may publish.
fn company(folder: &Path) -> String {
    project(folder, &format!("project: published\nsources:\n  app: {{ key: {WRITE_KEY} }}\n"));
    fs::write(folder.join("definitions/all.yaml"), format!("{BUSY}---\n{KEEN}")).unwrap();
    let scopes = ["definitions:write", "definitions:read", "ledger:read", "leads:read"];
    let mut args = vec!["key", "add", "ci"];
    args.extend(scopes.iter().flat_map(|it| ["--scope", it]));
    firsthand(folder, &args).trim().to_owned()
}

/// Sends facts about seven accounts until it is over; how many were acknowledged.
struct Load {
    over: Arc<AtomicBool>,
    client: std::thread::JoinHandle<()>,
}

impl Load {
    fn begin(server: &Server, numbers: &Arc<AtomicU64>) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let (at, ends, numbers) = (server.at, Arc::clone(&over), Arc::clone(numbers));
        let client = std::thread::spawn(move || {
            while !ends.load(Ordering::Relaxed) {
                let number = numbers.fetch_add(1, Ordering::Relaxed);
                send(at, number);
            }
        });
        Self { over, client }
    }

    fn end(self) {
        self.over.store(true, Ordering::Relaxed);
        self.client.join().unwrap();
    }
}

fn send(at: std::net::SocketAddr, number: u64) -> bool {
    let event = ["Report exported", "Invited", "Signed up"][usize::try_from(number % 3).unwrap()];
    let fact = json!([{
        "id": format!("f{number}"),
        "event": event,
        "user": format!("u{}", number % 11),
        "account": format!("a{}", number % 7),
    }]);
    post(at, "/v1/facts", &fact.to_string()) == Some(200)
}

fn parsed(body: &str) -> Value {
    serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {body}"))
}

/// Waits until the newest publication is done.
fn done(server: &Server, token: &str) -> Value {
    for _ in 0..600 {
        let (_, body) = server.get("/api/v1/publication", Some(token));
        let now = parsed(&body);
        match now["state"].as_str() {
            Some("done") => return now,
            Some("failed") => panic!("{now}"),
            _ => std::thread::sleep(Duration::from_millis(20)),
        }
    }
    panic!("it was never done");
}

fn version(server: &Server, token: &str, name: &str) -> String {
    let (status, body) = server.get(&format!("/api/v1/definitions/{name}"), Some(token));
    assert_eq!(status, 200, "{body}");
    parsed(&body)["definition"]["version"].as_str().unwrap().to_owned()
}

/// The ledger of the versions that decide, folded; and what a replay of the files says.
fn compared(server: Server, folder: &Path, token: &str) {
    let mut deciding = BTreeMap::new();
    for it in server.all("/api/v1/definitions", token) {
        let (name, version) = (it["name"].as_str().unwrap(), it["version"].as_str().unwrap());
        deciding.insert(name.to_owned(), version.to_owned());
    }
    let mut folded: BTreeMap<(String, String), Intervals> = BTreeMap::new();
    for line in server.all("/api/v1/ledger", token) {
        let text = |key: &str| line[key].as_str().unwrap_or_default().to_owned();
        if deciding.get(&text("definition")) != Some(&text("version")) {
            continue;
        }
        let subject = line["subject"]["id"].as_str().unwrap().to_owned();
        let of = folded.entry((text("definition"), subject)).or_default();
        let (at, was) = (text("held_at"), text("was_at"));
        match text("change").as_str() {
            "entered" => assert_eq!(of.insert(at, None), None, "told twice: {line}"),
            "left" => *of.last_entry().unwrap().get_mut() = Some(at),
            "retracted" => assert!(of.remove(&at).is_some(), "{line}"),
            "revised" => match of.remove(&was) {
                Some(left) => _ = of.insert(at, left),
                // It has come back: it was never left.
                None => *of.values_mut().find(|it| **it == Some(was.clone())).unwrap() = None,
            },
            other => panic!("{other}"),
        }
    }
    server.stop();
    let replay = firsthand(folder, &["replay", "--json"]);
    let mut replayed: BTreeMap<(String, String), Intervals> = BTreeMap::new();
    for it in parsed(&replay).as_array().unwrap() {
        let text = |key: &str| it[key].as_str().unwrap().to_owned();
        let of = replayed.entry((text("definition"), text("subject"))).or_default();
        of.insert(text("entered"), it["left"].as_str().map(str::to_owned));
    }
    folded.retain(|_, of| !of.is_empty());
    assert!(!replayed.is_empty());
    assert_eq!(folded, replayed, "the folded ledger is the replay");
}

#[test]
fn a_definition_is_published_under_load_into_its_file_and_decides() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let token = &company(folder);
    let server = Server::start(folder);
    server.ready();
    assert_eq!(server.get("/api/v1/publication", Some(token)).0, 404);
    let numbers = Arc::new(AtomicU64::new(0));
    assert!((0..60).all(|_| send(server.at, numbers.fetch_add(1, Ordering::Relaxed))));
    let load = Load::begin(&server, &numbers);
    let before = version(&server, token, "busy");

    let path = "/api/v1/definitions/busy/versions";
    let sooner = BUSY.replace(">= 3", ">= 1");
    let wrong = json!({ "text": BUSY.replace("count(", "cuont(") });
    let (status, told) = server.post(path, token, &wrong.to_string());
    assert_eq!(status, 422, "{told}");
    assert!(told.contains("cuont"), "{told}");
    let stale = json!({ "text": sooner, "base": "0123456789abcdef" });
    let (status, told) = server.post(path, token, &stale.to_string());
    assert_eq!((status, parsed(&told)["code"].as_str()), (409, Some("version_changed")));
    let same = json!({ "text": BUSY });
    let (status, told) = server.post(path, token, &same.to_string());
    assert_eq!((status, parsed(&told)["code"].as_str()), (409, Some("nothing_changed")));

    let new = json!({ "text": sooner, "base": before, "apply_to_existing": true });
    let (status, told) = server.post(path, token, &new.to_string());
    assert_eq!(status, 202, "{told}");
    assert_eq!(parsed(&told)["definitions"], json!(["busy"]));
    assert_eq!(done(&server, token)["by"], "ci");
    let files = fs::read_to_string(folder.join("definitions/all.yaml")).unwrap();
    assert_eq!(files, format!("{sooner}---\n{KEEN}"), "every other byte is as it was");
    let after = version(&server, token, "busy");
    assert_ne!(after, before);
    let (_, body) = server.get("/api/v1/definitions/busy", Some(token));
    let versions = parsed(&body)["versions"].clone();
    let states = versions.as_array().unwrap().iter().map(|it| it["state"].clone());
    assert_eq!(states.collect::<Vec<_>>(), ["running", "retired"]);
    load.end();
    let leads = server.all("/api/v1/leads", token);
    let of_product = leads.iter().filter(|it| it["track"] == "product").count();
    assert_eq!(of_product, 7, "a lead of each account");

    // Files that somebody else has changed are read first.
    let by_hand = files.replace("seen(\"Invited\")", "count(\"Invited\") >= 2");
    fs::write(folder.join("definitions/all.yaml"), &by_hand).unwrap();
    let later = json!({ "text": BUSY });
    let (status, told) = server.post(path, token, &later.to_string());
    assert_eq!((status, parsed(&told)["code"].as_str()), (409, Some("files_changed")), "{told}");
    let settings = fs::read_to_string(folder.join("firsthand.yaml")).unwrap();
    let more = settings.replace("sources:", "sources:\n  web: { key: another-write-key }");
    fs::write(folder.join("firsthand.yaml"), more).unwrap();
    let (status, told) = server.post("/api/v1/project/reload", token, "{}");
    assert_eq!(status, 202, "{told}");
    let told = parsed(&told);
    assert_eq!(
        (&told["definitions"], &told["needs_restart"]),
        (&json!(["keen"]), &json!(["sources"]))
    );
    done(&server, token);
    let (status, told) = server.post("/api/v1/project/reload", token, "{}");
    assert_eq!((status, parsed(&told)["code"].as_str()), (409, Some("nothing_changed")), "{told}");

    let (status, told) = server.send("DELETE", "/api/v1/definitions/keen", token, "");
    assert_eq!(status, 202, "{told}");
    done(&server, token);
    let left = fs::read_to_string(folder.join("definitions/all.yaml")).unwrap();
    assert_eq!(left.trim_end_matches("---\n"), sooner);
    assert_eq!(server.get("/api/v1/definitions/keen", Some(token)).0, 404);
    compared(server, folder, token);
}

#[test]
fn the_plug_is_pulled_in_the_middle_of_publications() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let token = &company(folder);
    let numbers = Arc::new(AtomicU64::new(0));
    for round in 0..ROUNDS {
        let server = Server::start(folder);
        server.ready();
        let load = Load::begin(&server, &numbers);
        std::thread::sleep(Duration::from_millis(100));
        let text = BUSY.replace(">= 3", &format!(">= {}", 1 + round % 3));
        let apply = round % 2 == 0;
        let new = json!({ "text": text, "apply_to_existing": apply }).to_string();
        let (status, told) = server.post("/api/v1/definitions/busy/versions", token, &new);
        assert_eq!(status, 202, "{told}");
        std::thread::sleep(Duration::from_millis(3 * round * round % 40));
        server.kill();
        load.end();
    }
    let server = Server::start(folder);
    server.ready();
    let (_, body) = server.get("/api/v1/definitions/busy", Some(token));
    let versions = parsed(&body)["versions"].clone();
    let states = versions.as_array().unwrap().iter().map(|it| it["state"].as_str().unwrap());
    assert_eq!(states.filter(|it| *it == "running").count(), 1, "{versions}");
    compared(server, folder, token);
}
