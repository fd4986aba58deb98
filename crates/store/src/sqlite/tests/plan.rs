//! The ways that queries take to their rows: along an index, whatever the tables hold.

use super::super::{SqliteStore, deliveries, ledger, qualifications};
use crate::contract::sample::{account, minute, person};
use crate::{LedgerFilter, LedgerOrder, PageRequest};

/// What the planner says it will do.
fn plan(store: &SqliteStore, sql: &str) -> String {
    let reader = store.lock();
    let mut statement = reader.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    let steps = statement.raw_query().mapped(|row| row.get::<_, String>(3));
    steps.collect::<Result<Vec<_>, _>>().unwrap().join("; ")
}

#[test]
fn the_ledger_is_read_along_the_narrowest_index() {
    let store = SqliteStore::in_memory().unwrap();
    let all = LedgerFilter::default();
    let power = LedgerFilter { definition: Some("power".into()), ..all.clone() };
    let cases = [
        (LedgerFilter { subject: Some(account("a")), ..power.clone() }, "ledger_account"),
        (LedgerFilter { subject: Some(person("p")), ..power.clone() }, "ledger_person"),
        (LedgerFilter { account: Some("a".into()), ..power.clone() }, "ledger_account"),
        (power, "ledger_definition"),
        (LedgerFilter { after: Some(7), ..all }, "INTEGER PRIMARY KEY"),
    ];
    for (filter, index) in cases {
        let page = PageRequest::first(10);
        let query = ledger::query(&filter, LedgerOrder::NewestFirst, &page).unwrap();
        let plan = plan(&store, &format!("{} ORDER BY id DESC LIMIT 11", query.sql()));
        assert!(plan.contains(index) && !plan.contains("TEMP B-TREE"), "{filter:?}: {plan}");
    }
}

#[test]
fn the_timelines_of_a_subject_are_found_without_reading_those_of_others() {
    let store = SqliteStore::in_memory().unwrap();
    for sql in [qualifications::of_sql(), qualifications::open_in_sql()] {
        let plan = plan(&store, &sql);
        assert!(!plan.contains("SCAN q"), "{plan}");
    }
}

/// The queue of one channel may be long: what others have due is not found behind it.
#[test]
fn what_is_due_is_read_along_the_queue_of_its_channel() {
    let store = SqliteStore::in_memory().unwrap();
    for (channel, index) in [(Some("slack"), "deliveries_due_of"), (None, "deliveries_due ")] {
        let query = deliveries::due(channel, minute(1));
        let plan = plan(&store, &format!("{} ORDER BY due_at, id LIMIT 9", query.sql()));
        assert!(plan.contains(index) && !plan.contains("TEMP B-TREE"), "{channel:?}: {plan}");
    }
}
