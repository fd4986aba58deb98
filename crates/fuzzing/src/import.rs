//! Files of every format that an import reads.
//!
//! [`read`] runs an import and holds what comes out against what is claimed of every import; the
//! modules below make the files.

pub(crate) mod beside;
pub(crate) mod mapped;
pub(crate) mod packed;
pub(crate) mod parquet;

use std::convert::Infallible;
use std::io::Cursor;

use firsthand_collect::{
    Import, ImportError, Input, RAW_BYTES_MAX, Reject, Silent, Summary, write_fact,
};
use firsthand_model::config::ImportMapping;
use firsthand_model::fact::{Body, ID_BYTES_MAX};
use firsthand_model::{Calendar, Fact, Span, Time};

/// 2026-11-21: the time of the import.
const NOW: Time = Time(1_795_219_200_000_000);

/// What came of an import.
#[derive(Debug, Default)]
pub(crate) struct Imported {
    pub facts: Vec<Fact>,
    pub rejects: Vec<Reject>,
    pub summary: Summary,
}

impl Imported {
    /// How often something was noticed.
    pub(crate) fn noticed(&self) -> u64 {
        self.summary.notices.0.values().map(|it| it.count).sum()
    }
}

/// An input from memory.
pub(crate) fn input(bytes: impl AsRef<[u8]>) -> Input {
    let reader = Box::new(Cursor::new(bytes.as_ref().to_vec()));
    Input::Reader { name: "events".to_owned(), reader }
}

/// Imports, and claims what is true of every import that ends well.
pub(crate) fn read(input: Input, mapping: Option<&ImportMapping>) -> Result<Imported, ImportError> {
    let imported = run(input, mapping)?;
    let Imported { facts, rejects, summary } = &imported;
    assert_eq!(summary.facts, facts.len() as u64);
    assert_eq!(summary.rejected(), rejects.len() as u64);
    assert!(summary.records >= summary.rejected());
    // P7: nothing is swallowed. What gave neither fact nor reject was noticed.
    if summary.records > 0 && facts.is_empty() && rejects.is_empty() {
        assert!(imported.noticed() > 0, "{} records came to nothing", summary.records);
    }
    for reject in rejects {
        assert!(reject.line > 0 && !reject.reason.is_empty(), "{reject:?}");
        assert!(reject.raw.len() <= RAW_BYTES_MAX + '…'.len_utf8(), "{reject:?}");
    }
    for fact in facts {
        in_bounds(fact);
    }
    read_again(facts);
    Ok(imported)
}

fn run(input: Input, mapping: Option<&ImportMapping>) -> Result<Imported, ImportError> {
    let calendar = Calendar::default();
    let mut import = Import::new(vec![input], "test".into(), &calendar, NOW);
    import.threads = 1;
    import.give_up_after = None;
    import.mapping = mapping;
    let mut imported = Imported::default();
    let Imported { facts, rejects, .. } = &mut imported;
    let summary = import.run::<Infallible>(
        &mut |fact| {
            facts.push(fact);
            Ok(())
        },
        &mut |reject| {
            rejects.push(reject);
            Ok(())
        },
        &Silent,
    );
    imported.summary = summary.inspect_err(|error| {
        assert!(!error.to_string().is_empty() && !error.code().is_empty());
        drop(error.help());
    })?;
    Ok(imported)
}

/// Facts are as `docs/import.md` says they are.
fn in_bounds(fact: &Fact) {
    const YEAR_1990: Time = Time(631_152_000_000_000);
    assert!(fact.time >= YEAR_1990 && fact.time <= NOW + Span::DAY, "{fact:?}");
    let who = &fact.who;
    let ids = [Some(&fact.id), who.user.as_ref(), who.anonymous.as_ref(), who.account.as_ref()];
    for id in ids.into_iter().flatten() {
        assert!(!id.is_empty() && id.len() <= ID_BYTES_MAX, "{fact:?}");
    }
    if let Body::Event { name, .. } | Body::Record { name, .. } = &fact.body {
        assert!(!name.is_empty());
    }
}

/// IMP-3: what was taken in, is written and read again as the same facts.
fn read_again(facts: &[Fact]) {
    let mut written = Vec::new();
    for fact in facts {
        write_fact(&mut written, fact).expect("memory can be written to");
    }
    if !facts.is_empty() {
        let again = run(input(&written), None).expect("our own shape is known");
        assert_eq!(again.rejects, [], "{}", String::from_utf8_lossy(&written));
        assert_eq!(again.facts, facts, "{}", String::from_utf8_lossy(&written));
    }
}
