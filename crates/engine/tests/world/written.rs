//! What is written down of all subjects.

use std::collections::BTreeSet;

use firsthand_engine::Rules;
use firsthand_store::{LedgerFilter, LedgerOrder, PageRequest, Store};

use crate::world::Timelines;

/// The timelines that the ledger folds into.
pub fn written(rules: &Rules, store: &impl Store) -> Timelines {
    let mut subjects = BTreeSet::new();
    let mut page = PageRequest::first(1000);
    loop {
        let found =
            store.ledger(&LedgerFilter::default(), LedgerOrder::NewestFirst, &page).unwrap();
        subjects.extend(found.rows.into_iter().map(|it| it.line.subject));
        match found.next {
            Some(cursor) => page = PageRequest::after(cursor, 1000),
            None => break,
        }
    }
    let mut timelines = Timelines::new();
    for subject in subjects {
        let definitions = &rules.program.root(subject.kind).definitions;
        for it in store.qualifications_of(&subject).unwrap() {
            let place = definitions.iter().position(|of| of.name == it.definition).unwrap();
            timelines.entry((subject.clone(), place)).or_default().push(it.interval);
        }
    }
    timelines
}
