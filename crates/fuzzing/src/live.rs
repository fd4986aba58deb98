//! Calls of strangers to the live server.

use std::sync::{Arc, LazyLock};

use firsthand_collect::live::{Method, Received, Request, Sources, read, reread};
use firsthand_collect::write_fact;
use firsthand_model::config::Project;
use firsthand_model::diagnostic::SourceFile;
use firsthand_model::fact::{Body, ID_BYTES_MAX, Who};
use firsthand_model::{Fact, Span, Time};

/// 2026-11-22: when everything arrives.
const NOW: Time = Time(1_795_322_000_000_000);

const PROJECT: &str = "
sources:
  web:
    key: wk_web
    drop: \"Dropped *\"
    snowplow: {app_id: shop, account_context: iglu:com.acme/account/jsonschema}
  billing:
    stripe: {secret: whsec, account: metadata.account_id}
";

static SOURCES: LazyLock<Sources> = LazyLock::new(|| {
    let file = SourceFile { name: "firsthand.yaml".to_owned(), text: PROJECT.to_owned() };
    let loaded = Project::from_files(&[Arc::new(file)], &|_| Ok(String::new()));
    Sources::new(&loaded.project, &|_| None).expect("the sources are well")
});

/// A path with its query, a line's end, and a body: the path's own form decides whether it is asked
/// or told.
pub fn live(data: &[u8]) {
    let at = data.iter().position(|it| *it == b'\n').unwrap_or(data.len());
    let Ok(url) = std::str::from_utf8(&data[..at]) else {
        return;
    };
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let body = data.get(at + 1..).unwrap_or_default();
    let method = if body.is_empty() { Method::Get } else { Method::Post };
    let call = |received_at| Request {
        method,
        path,
        query,
        headers: &|name| (name == "x-write-key").then_some("wk_web"),
        body,
        received_at,
    };
    let Ok(received) = read(&call(NOW), &SOURCES) else {
        return;
    };
    hold(&received, path.contains("import"));

    // LIVE-3: sent again, it is known by its ids, if it says when it was or has ids of its own.
    let again = read(&call(NOW + Span::SECOND), &SOURCES).expect("what was taken once is again");
    assert_eq!(again.facts.len(), received.facts.len());
    for (first, second) in received.facts.iter().zip(&again.facts) {
        assert!(first.id == second.id || first.time == NOW, "{first:?} and {second:?}");
    }

    // LIVE-2: what was rejected is rejected again when it comes alone.
    let source = received.source.as_deref().and_then(|it| SOURCES.by_name(it));
    for reject in &received.rejects {
        let source = source.expect("rejects have a source");
        if let Ok(again) = reread(source, reject, NOW) {
            assert!(!again.rejects.is_empty(), "{reject:?} was taken in when it came alone");
        }
    }
}

/// What is true of everything that was received.
fn hold(received: &Received, is_past: bool) {
    let latest = if is_past { NOW + Span::DAY } else { NOW };
    for fact in &received.facts {
        assert_eq!(fact.known_at, Some(NOW));
        assert!(fact.time <= latest, "{fact:?}");
        assert!(!fact.id.is_empty() && fact.id.len() <= ID_BYTES_MAX, "{fact:?}");
    }
    assert!(received.items >= received.rejects.len() as u64);
    if received.facts.is_empty() {
        return;
    }
    // What was taken in can be exported and sent again as the same.
    let mut lines = Vec::new();
    for fact in &received.facts {
        write_fact(&mut lines, fact).expect("writing to memory cannot fail");
    }
    let request = Request {
        method: Method::Post,
        path: "/v1/facts",
        query: "key=wk_web",
        headers: &|_| None,
        body: &lines,
        received_at: latest,
    };
    let again = read(&request, &SOURCES).expect("our own form is read");
    assert_eq!(again.rejects, []);
    assert_eq!(said(&again.facts), said(&received.facts));
}

fn said(facts: &[Fact]) -> Vec<(&str, Time, &Who, &Body)> {
    facts.iter().map(|it| (it.id.as_str(), it.time, &it.who, &it.body)).collect()
}
