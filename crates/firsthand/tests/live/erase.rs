//! Who is erased is nowhere any more, asked of a running server or of the command.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};

use crate::server::{Server, firsthand, post, project};

const SETTINGS: &str = r#"
project: erasure
start: { event: '"Signed up"' }
sources:
  web: { key: a-write-key }
---
definition: keen
track: product
when: count("Report exported", last 2d) >= 2
"#;

const ANA: &str = "user-ana-4711";
const EMAIL: &str = "ana@acme.example";

fn sent() -> String {
    json!([
        { "id": "0", "person": ANA, "account": "acme", "traits": { "email": EMAIL }, "of": "person" },
        { "id": "1", "person": ANA, "account": "acme", "event": "Report exported" },
        { "id": "2", "person": ANA, "account": "acme", "event": "Report exported" },
        { "id": "3", "person": "bob", "account": "acme", "event": "Invited", "properties": { "email": EMAIL } },
        { "id": "4", "person": "zoe", "account": "beta", "event": "Report exported" },
        { "id": "5", "person": "zoe", "account": "beta", "event": "Report exported" },
    ])
    .to_string()
}

/// The files under a folder that hold a text as it is.
fn holding(folder: &Path, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            found.extend(holding(&path, text));
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        if bytes.windows(text.len()).any(|it| it == text.as_bytes()) {
            found.push(path.display().to_string());
        }
    }
    found
}

#[test]
fn of_who_is_erased_nothing_is_left_and_the_others_stay() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    project(folder, SETTINGS);
    let token =
        firsthand(folder, &["key", "add", "ops", "--scope", "admin", "--scope", "leads:read"]);
    let token = token.trim();
    let server = Server::start(folder);
    server.ready();
    assert_eq!(post(server.at, "/v1/facts", &sent()), Some(200));
    let facts = || server.all("/api/v1/accounts/acme/facts", token);
    assert_eq!(facts().iter().filter(|it| it["person"] == ANA).count(), 3);
    let nobody = r#"{"kind":"person","id":"nobody"}"#;
    assert_eq!(server.post("/api/v1/erasures", token, nobody).0, 404);
    let ana = json!({ "kind": "person", "id": ANA }).to_string();
    let (status, begun) = server.post("/api/v1/erasures", token, &ana);
    assert_eq!(status, 202, "{begun}");
    let begun: Value = serde_json::from_str(&begun).unwrap();
    let path = format!("/api/v1/erasures/{}", begun["id"].as_str().unwrap());
    let mut erasure = Value::Null;
    for _ in 0..200 {
        erasure = serde_json::from_str(&server.get(&path, Some(token)).1).unwrap();
        if erasure["state"] == "done" {
            break;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(erasure["left"], 0, "{erasure}");
    for text in [ANA, EMAIL] {
        assert_eq!(holding(folder, text), Vec::<String>::new(), "{text}");
    }
    let left = facts();
    assert_eq!(left.iter().map(|it| &it["person"]).collect::<Vec<_>>(), ["bob"], "{left:?}");
    let leads = server.all("/api/v1/leads", token);
    let of = |account: &str| leads.iter().find(|it| it["account"] == account).unwrap();
    assert_eq!(
        (&of("acme")["status"], &of("beta")["status"]),
        (&json!("withdrawn"), &json!("open"))
    );
    // The command leaves a running server alone.
    let output = Command::new(env!("CARGO_BIN_EXE_firsthand"))
        .args(["erase", "bob", "--yes"])
        .current_dir(folder)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("POST /api/v1/erasures"));
    server.stop();

    let counted = firsthand(folder, &["erase", "--account", "beta", "--json"]);
    assert!(counted.contains(r#""what":"facts","count":2"#), "{counted}");
    assert!(!holding(folder, "beta").is_empty(), "it was only counted");
    firsthand(folder, &["erase", "--account", "beta", "--yes"]);
    assert!(!firsthand(folder, &["export"]).contains("beta"));
    let record = firsthand(folder, &["erase", "--record", "--csv"]);
    assert_eq!(record.lines().count(), 3, "{record}");
    assert!(!record.contains(ANA), "{record}");
    assert!(firsthand(folder, &["export"]).contains("bob"));
}
