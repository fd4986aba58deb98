//! What the tests share: import from memory, and show facts as `export` writes them.

use std::convert::Infallible;
use std::fmt::Write as _;
use std::io::Cursor;

use firsthand_collect::{Import, ImportError, Input, Reject, Silent, Summary, mapping, write_fact};
use firsthand_model::config::ImportMapping;
use firsthand_model::{Calendar, Fact, Time};

/// 2026-11-21: after everything in the fixtures.
pub const NOW: Time = Time(1_795_219_200_000_000);

/// What came of an import.
#[derive(Debug, Default, PartialEq)]
pub struct Imported {
    pub facts: Vec<Fact>,
    pub rejects: Vec<Reject>,
    pub summary: Summary,
}

impl Imported {
    /// The facts as `export` writes them.
    pub fn lines(&self) -> String {
        let mut out = Vec::new();
        for fact in &self.facts {
            write_fact(&mut out, fact).unwrap();
        }
        String::from_utf8(out).unwrap()
    }

    /// Facts, rejects and notices, for people.
    pub fn report(&self) -> String {
        let mut report = format!("read as: {}\n\n", self.summary.files[0].read_as);
        report.push_str(&self.lines());
        for it in &self.rejects {
            write!(report, "\nreject, line {}: {}: {}", it.line, it.code, it.reason).unwrap();
        }
        for (code, notice) in &self.summary.notices.0 {
            for example in &notice.examples {
                let (line, seen) = (example.line, &example.seen);
                write!(report, "\nnotice, line {line}: {code}: {seen}").unwrap();
            }
        }
        report
    }

    pub fn ids(&self) -> Vec<&str> {
        self.facts.iter().map(|it| it.id.as_str()).collect()
    }

    pub fn codes(&self) -> Vec<(u64, &'static str)> {
        self.rejects.iter().map(|it| (it.line, it.code.code())).collect()
    }

    pub fn noticed(&self) -> Vec<(&'static str, u64)> {
        self.summary.notices.0.iter().map(|(code, it)| (code.code(), it.count)).collect()
    }
}

pub fn input(bytes: impl AsRef<[u8]>) -> Input {
    let reader = Box::new(Cursor::new(bytes.as_ref().to_vec()));
    Input::Reader { name: "events.txt".to_owned(), reader }
}

pub fn run(
    change: impl FnOnce(&mut Import<'_>),
    inputs: Vec<Input>,
) -> Result<Imported, ImportError> {
    run_mapped(None, change, inputs)
}

pub fn run_mapped(
    map: Option<&ImportMapping>,
    change: impl FnOnce(&mut Import<'_>),
    inputs: Vec<Input>,
) -> Result<Imported, ImportError> {
    let calendar = Calendar::default();
    let mut import = Import::new(inputs, "test".into(), &calendar, NOW);
    import.threads = 2;
    import.mapping = map;
    change(&mut import);
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
    )?;
    imported.summary = summary;
    Ok(imported)
}

/// Imports a text of a shape that is recognised.
pub fn import(bytes: impl AsRef<[u8]>) -> Imported {
    run(|_| {}, vec![input(bytes)]).unwrap()
}

pub fn map(pairs: &[(&str, &str)]) -> ImportMapping {
    let mut map = ImportMapping::default();
    for (key, value) in pairs {
        mapping::set(&mut map, key, value).unwrap();
    }
    map
}

/// Imports a text by a mapping.
pub fn import_by(pairs: &[(&str, &str)], bytes: impl AsRef<[u8]>) -> Imported {
    try_import_by(pairs, bytes).unwrap()
}

pub fn try_import_by(
    pairs: &[(&str, &str)],
    bytes: impl AsRef<[u8]>,
) -> Result<Imported, ImportError> {
    run_mapped(Some(&map(pairs)), |_| {}, vec![input(bytes)])
}

/// Imports a text that must be refused, and returns why.
pub fn refuse(pairs: &[(&str, &str)], bytes: impl AsRef<[u8]>) -> String {
    let result = if pairs.is_empty() {
        run(|_| {}, vec![input(bytes)])
    } else {
        try_import_by(pairs, bytes)
    };
    let error = result.unwrap_err();
    format!("error: {error}\n\n{}", error.help().unwrap_or_default())
}
