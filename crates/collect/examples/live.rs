//! Measures how fast calls are read: `cargo run --release -p firsthand-collect --example live`.
//!
//! Prints events a second on one thread for batches of a hundred, as the vendors' clients send them,
//! beside a yardstick: the same bodies parsed by `serde_json` into values, which is what a server
//! without facts would do at least.

use std::sync::Arc;
use std::time::Instant;

use firsthand_collect::live::{Method, Request, Sources, read};
use firsthand_model::Time;
use firsthand_model::config::Project;
use firsthand_model::diagnostic::SourceFile;

const EVENTS: usize = 100;
const ROUNDS: usize = 3_000;
const NOW: Time = Time(1_777_888_800_000_000);

fn segment() -> String {
    let items: Vec<String> = (0..EVENTS)
        .map(|it| {
            format!(
                r#"{{"timestamp":"2026-05-04T09:59:{:02}.{it:03}Z","integrations":{{}},"event":"Report exported","type":"track","properties":{{"format":"pdf","pages":{it},"title":"Quarterly figures","shared":true}},"context":{{"groupId":"acct_{it}","library":{{"name":"@segment/analytics-node","version":"3.1.0"}}}},"userId":"user_{it}","messageId":"node-next-1795319880241-{it:012}","_metadata":{{"nodeVersion":"v22.1.0","jsRuntime":"node"}}}}"#,
                it % 60
            )
        })
        .collect();
    format!(
        r#"{{"batch":[{}],"writeKey":"wk","sentAt":"2026-05-04T10:00:00.000Z"}}"#,
        items.join(",")
    )
}

fn posthog() -> String {
    let items: Vec<String> = (0..EVENTS)
        .map(|it| {
            format!(
                r#"{{"event":"Report exported","properties":{{"format":"pdf","pages":{it},"title":"Quarterly figures","$groups":{{"company":"acct_{it}"}},"$lib":"posthog-node","$lib_version":"5.70.0","$is_server":true,"$geoip_disable":true}},"timestamp":"2026-05-04T09:59:{:02}.{it:03}Z","uuid":"01a20167-67f1-73a1-b613-{it:012}","distinct_id":"user_{it}"}}"#,
                it % 60
            )
        })
        .collect();
    format!(
        r#"{{"api_key":"wk","batch":[{}],"sent_at":"2026-05-04T10:00:00.000Z"}}"#,
        items.join(",")
    )
}

fn main() {
    let text = "sources: {web: {key: wk}}".to_owned();
    let file = Arc::new(SourceFile { name: "firsthand.yaml".to_owned(), text });
    let loaded = Project::from_files(&[file], &|_| Ok(String::new()));
    let sources = Sources::new(&loaded.project, &|_| None).expect("the sources are well");
    for (name, path, body) in
        [("segment", "/v1/batch", segment()), ("posthog", "/batch/", posthog())]
    {
        let request = Request {
            method: Method::Post,
            path,
            query: "",
            headers: &|_| None,
            body: body.as_bytes(),
            received_at: NOW,
        };
        let seconds = |work: &dyn Fn() -> usize| {
            let began = Instant::now();
            let done: usize = (0..ROUNDS).map(|_| work()).sum();
            assert_eq!(done, ROUNDS * EVENTS);
            began.elapsed().as_secs_f64()
        };
        let ours = seconds(&|| read(&request, &sources).map_or(0, |it| it.facts.len()));
        let plain = seconds(&|| {
            let value: serde_json::Value = serde_json::from_str(&body).unwrap_or_default();
            value["batch"].as_array().map_or(0, Vec::len)
        });
        let rate = (ROUNDS * EVENTS) as f64 / ours;
        println!(
            "{name}: {rate:.0} events/s, {} bytes each, {:.2} of the time of a plain parse",
            body.len() / EVENTS,
            ours / plain
        );
    }
}
