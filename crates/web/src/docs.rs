//! The tables of `docs/api.md` are drawn from the program.

use std::fmt::Write as _;

use serde_json::Value;

use crate::backend::Scope;
use crate::problem::Kind;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/api.md");

/// Run with `UPDATE_DOCS=1` to draw the tables anew.
#[test]
fn the_tables_of_the_page_are_those_of_the_program() {
    let page = std::fs::read_to_string(PAGE).unwrap();
    let mut drawn = page.clone();
    for (name, table) in [("paths", paths()), ("scopes", scopes()), ("problems", problems())] {
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
            let scope = scope.map_or("none".to_owned(), |it| format!("`{it}`"));
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
