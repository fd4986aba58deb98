//! The tables of `docs/api.md` are drawn from the program.

use std::fmt::Write as _;

use serde_json::Value;

use crate::backend::Scope;
use crate::extract::Limit;
use crate::problem::Kind;
use crate::settings::Limits;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/api.md");

/// Run with `UPDATE_DOCS=1` to draw the tables anew.
#[test]
fn the_tables_of_the_page_are_those_of_the_program() {
    let page = std::fs::read_to_string(PAGE).unwrap();
    let mut drawn = page.clone();
    let tables =
        [("paths", paths()), ("scopes", scopes()), ("problems", problems()), ("limits", limits())];
    for (name, table) in tables {
        drawn = with_table(&drawn, name, &table);
    }
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(PAGE, &drawn).unwrap();
        return;
    }
    assert!(page == drawn, "docs/api.md is out of date: run with UPDATE_DOCS=1");
}

fn with_table(page: &str, name: &str, table: &str) -> String {
    let (begin, end) = (format!("<!-- {name} -->\n"), format!("<!-- end of {name} -->"));
    let (before, rest) = page.split_once(&begin).expect("the page has a place for the table");
    let (_, after) = rest.split_once(&end).expect("the place has an end");
    format!("{before}{begin}\n{table}\n{end}{after}")
}

fn paths() -> String {
    let api: Value = serde_json::from_str(&crate::openapi()).unwrap();
    let mut table = "| path | scope | |\n| --- | --- | --- |\n".to_owned();
    for (path, methods) in api["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let ways = operation["security"].as_array().unwrap();
            let scope = ways.iter().find_map(|way| way["token"][0].as_str());
            let scope = match scope {
                Some(scope) => format!("`{scope}`"),
                None if ways.iter().any(|way| way["person"].is_array()) => "a person's".to_owned(),
                None => "none".to_owned(),
            };
            let method = method.to_uppercase();
            let summary = operation["summary"].as_str().unwrap().trim_end_matches('.');
            writeln!(table, "| `{method} {path}` | {scope} | {summary} |").unwrap();
        }
    }
    table
}

fn scopes() -> String {
    let mut table = "| scope | may |\n| --- | --- |\n".to_owned();
    for scope in Scope::ALL {
        writeln!(table, "| `{scope}` | {} |", scope.meaning()).unwrap();
    }
    table
}

fn problems() -> String {
    let mut table = "| status | code | |\n| --- | --- | --- |\n".to_owned();
    for kind in Kind::ALL {
        let (status, code) = (kind.status().as_u16(), kind.code());
        writeln!(table, "| {status} | `{code}` | {} |", kind.meaning()).unwrap();
    }
    table
}

fn limits() -> String {
    let Limits {
        connections_max,
        head_timeout,
        body_timeout,
        answer_timeout,
        write_timeout,
        stop_timeout,
        ingest_body_bytes_max,
        ingest_bytes_in_flight_max,
        ingest_readers_max,
        api_body_bytes_max,
        source_items_per_second,
        source_items_burst,
        reader_requests_per_second,
        reader_requests_burst,
        in_app_listeners_max,
        listeners_max,
        listen_max,
        sign_of_life_every,
    } = Limits::default();
    let seconds = |it: std::time::Duration| format!("{} s", it.as_secs());
    let size = |it: usize| {
        if it < 1 << 20 { format!("{} kB", it >> 10) } else { format!("{} MB", it >> 20) }
    };
    let rows = [
        ("connections at a time; the next wait", connections_max.to_string()),
        (
            "the head of a request, or the next request on a connection, comes within",
            seconds(head_timeout),
        ),
        ("the body comes within", seconds(body_timeout)),
        ("an answer begins within", seconds(answer_timeout)),
        ("a client takes some of an answer every", seconds(write_timeout)),
        ("a stop waits for what is under way", seconds(stop_timeout)),
        (
            "body of a tracking call, as sent; a protocol may allow less",
            size(ingest_body_bytes_max),
        ),
        ("all bodies of tracking calls in memory", size(ingest_bytes_in_flight_max)),
        ("large tracking calls read at a time", ingest_readers_max.to_string()),
        ("body sent to the API", size(api_body_bytes_max)),
        ("items a source may send a second, over time", source_items_per_second.to_string()),
        ("items a source may send at once", source_items_burst.to_string()),
        ("items on a page", Limit::MAX.to_string()),
        (
            "requests a second of one reader of messages inside the product, over time",
            reader_requests_per_second.to_string(),
        ),
        ("requests of one such reader at once", reader_requests_burst.to_string()),
        ("pages that listen to messages at a time", in_app_listeners_max.to_string()),
        ("listeners at a time", listeners_max.to_string()),
        ("a listener listens for", seconds(listen_max)),
        ("a sign of life comes every", seconds(sign_of_life_every)),
    ];
    let mut table = "| what | limit |\n| --- | --- |\n".to_owned();
    for (what, limit) in rows {
        writeln!(table, "| {what} | {limit} |").unwrap();
    }
    table
}
