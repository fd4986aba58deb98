//! Lists: page by page, filtered, and as a table.

use std::collections::BTreeSet;

use crate::fake::LEADS;
use crate::{Server, told};

async fn all_pages(server: &Server, path: &str) -> Vec<String> {
    let mut ids = Vec::new();
    let mut cursor = String::new();
    loop {
        let reply = server.get(&format!("{path}{cursor}")).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        let page = reply.json();
        let items = page["items"].as_array().unwrap();
        assert!(items.len() <= 4);
        ids.extend(items.iter().map(|it| it["id"].as_str().unwrap().to_owned()));
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return ids,
        }
    }
}

#[tokio::test]
async fn all_pages_together_are_the_list() {
    let server = Server::start().await;
    let ids = all_pages(&server, "/api/v1/leads?limit=4").await;
    assert_eq!(ids.len(), LEADS);
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), LEADS, "none comes twice");
}

#[tokio::test]
async fn filters_narrow_and_lists_of_values_mean_any_of_them() {
    let server = Server::start().await;
    let query = "/api/v1/leads?limit=4&track=product&status=open,won&owner=kim";
    let ids = all_pages(&server, query).await;
    let expected = (0..LEADS).filter(|it| it % 2 == 0 && it % 3 != 1);
    assert_eq!(ids, expected.map(|it| format!("lead_{it:02}")).collect::<Vec<_>>());
    let since = "/api/v1/leads?limit=4&since=2026-03-07T16:40:00Z";
    assert_eq!(all_pages(&server, since).await.len(), LEADS - 20);
}

#[tokio::test]
async fn a_cursor_is_good_for_its_own_list_alone() {
    let server = Server::start().await;
    let page = server.get("/api/v1/leads?limit=4&track=product").await.json();
    let cursor = page["next"].as_str().unwrap();
    let same = format!("/api/v1/leads?limit=2&track=product&cursor={cursor}");
    assert_eq!(server.get(&same).await.status, 200, "another limit is the same list");
    for other in ["leads?track=marketing", "leads?sort=priority", "accounts?limit=4"] {
        let reply = server.get(&format!("/api/v1/{other}&cursor={cursor}")).await;
        let expected = (400, "invalid_cursor".to_owned(), Some("cursor".to_owned()));
        assert_eq!(told(&reply), expected, "{other}");
    }
}

#[tokio::test]
async fn the_table_has_every_lead_and_runs_nothing() {
    let server = Server::start().await;
    let reply = server.get("/api/v1/leads.csv?track=product").await;
    assert_eq!(reply.header("content-type"), "text/csv; charset=utf-8");
    let lines = reply.text().lines().collect::<Vec<_>>();
    assert_eq!(lines.len(), 1 + LEADS.div_ceil(2));
    insta::assert_snapshot!(lines[..2].join("\n"), @r#"
    id,account,account_name,track,status,stage,definitions,why,priority,owner,opened_at,known_at,updated_at,due_at,closed_at,reason
    lead_00,acct_0,'=Account 0,product,open,pql,outgrowing-free,"7,400 of 10,000 contacts used",1.5,kim,2026-03-07T16:20:00Z,2026-03-07T16:20:00Z,2026-03-07T16:20:00Z,,,
    "#);
}

#[tokio::test]
async fn a_table_that_cannot_begin_is_a_problem() {
    let server = Server::start().await;
    assert_eq!(told(&server.get("/api/v1/leads.csv?owner=busy").await).0, 503);
}
