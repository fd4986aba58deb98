//! A backup that is made while facts come in is a whole project's data by itself.

use std::collections::BTreeSet;
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use serde_json::{Value, json};

use crate::server::{Server, WRITE_KEY, firsthand, post, project};

#[test]
fn a_backup_under_load_holds_all_that_was_acknowledged_before_it() {
    let folder = tempfile::tempdir().unwrap();
    let settings = format!(
        "project: kept\nsources:\n  app: {{ key: {WRITE_KEY} }}\n---\ndefinition: busy\n\
         track: product\nwhen: count(\"Report exported\") >= 2\n"
    );
    project(folder.path(), &settings);
    let send = |at, number: u64| {
        let fact = json!([{
            "id": format!("f{number}"),
            "event": "Report exported",
            "user": "ana",
            "account": format!("a{}", number % 7),
        }]);
        post(at, "/v1/facts", &fact.to_string()) == Some(200)
    };
    // Some of it lies in the history, some in the log only.
    let server = Server::start(folder.path());
    server.ready();
    assert!((0..50).all(|it| send(server.at, it)));
    server.stop();
    let server = Server::start(folder.path());
    server.ready();
    assert!((50..100).all(|it| send(server.at, it)));
    let over = Arc::new(AtomicBool::new(false));
    let numbers = Arc::new(AtomicU64::new(100));
    let load = {
        let (over, numbers, at) = (Arc::clone(&over), Arc::clone(&numbers), server.at);
        std::thread::spawn(move || {
            while !over.load(Ordering::Relaxed) {
                send(at, numbers.fetch_add(1, Ordering::Relaxed));
            }
        })
    };
    let copy = folder.path().join("copy");
    firsthand(folder.path(), &["backup", copy.to_str().unwrap()]);
    over.store(true, Ordering::Relaxed);
    load.join().unwrap();
    server.kill();

    let restored = tempfile::tempdir().unwrap();
    project(restored.path(), &settings);
    fs::rename(&copy, restored.path().join("data")).unwrap();
    let server = Server::start(restored.path());
    server.ready();
    server.stop();
    let exported = firsthand(restored.path(), &["export"]);
    let ids: Vec<String> = exported
        .lines()
        .map(|it| serde_json::from_str::<Value>(it).unwrap()["id"].as_str().unwrap().to_owned())
        .collect();
    let once: BTreeSet<&String> = ids.iter().collect();
    assert_eq!(once.len(), ids.len(), "no fact is there twice");
    let missing: Vec<u64> = (0..100).filter(|it| !once.contains(&format!("f{it}"))).collect();
    assert!(missing.is_empty(), "{missing:?} are missing");
    let again = firsthand(restored.path(), &["doctor"]);
    assert!(!again.contains("wrong"), "{again}");
}
