//! Entries of a definition, ours and those of another engine, and how they differ.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Context;
use firsthand_model::{Span, Time};
use serde::{Deserialize, Serialize};

use crate::commands::replay::qualification::Qualification;

/// Differences told of each side.
const SHOWN_MAX: usize = 3;

/// One entry; the columns of the file. Times are whole microseconds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Entry {
    account: String,
    entered: i64,
    left: Option<i64>,
}

impl From<Qualification> for Entry {
    fn from(it: Qualification) -> Self {
        Self {
            account: it.account.to_string(),
            entered: it.interval.entered.micros(),
            left: it.interval.left.map(Time::micros),
        }
    }
}

/// Writes a file of entries.
pub fn write(path: &Path, entries: impl Iterator<Item = Entry>) -> anyhow::Result<()> {
    let problem = || format!("`{}` cannot be written", path.display());
    let mut file = csv::Writer::from_path(path).with_context(problem)?;
    for entry in entries {
        file.serialize(entry).with_context(problem)?;
    }
    file.flush().with_context(problem)
}

/// Reads a file of entries, in any order.
pub fn read(path: &Path) -> anyhow::Result<BTreeSet<Entry>> {
    let problem = || format!("`{}` cannot be read", path.display());
    let mut file = csv::Reader::from_path(path).with_context(problem)?;
    file.deserialize().collect::<Result<_, _>>().with_context(problem)
}

/// What differs, in words; `None` where all is the same.
pub fn difference(ours: &BTreeSet<Entry>, theirs: &BTreeSet<Entry>, name: &str) -> Option<String> {
    let (we, they): (Vec<_>, Vec<_>) =
        (ours.difference(theirs).collect(), theirs.difference(ours).collect());
    if we.is_empty() && they.is_empty() {
        return None;
    }
    let mut lines = vec![format!("Firsthand and {name} do not find the same entries:")];
    for (who, only) in [("Firsthand", we), (name, they)] {
        lines.push(format!("  only {who}: {}", only.len()));
        lines.extend(only.iter().take(SHOWN_MAX).map(|it| {
            let end = it.left.map_or("on".to_owned(), |left| format!("to {}", told(left)));
            format!("    {} from {} {end}", it.account, told(it.entered))
        }));
    }
    Some(lines.join("\n"))
}

fn told(micros: i64) -> Time {
    Time::default() + Span(micros)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(account: &str, entered: i64, left: Option<i64>) -> Entry {
        Entry { account: account.to_owned(), entered, left }
    }

    #[test]
    fn entries_come_back_from_their_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("entries.csv");
        let entries = [entry("b, \"c\"", 2, Some(3)), entry("a", 1, None)];
        write(&path, entries.clone().into_iter()).unwrap();
        assert_eq!(read(&path).unwrap(), BTreeSet::from(entries));
    }

    #[test]
    fn the_first_differences_are_told_with_their_instants() {
        let same = entry("acme", 1, None);
        let ours = BTreeSet::from([same.clone(), entry("brick", 1_500_000, Some(3_000_000))]);
        let theirs = BTreeSet::from([same.clone(), entry("brick", 1_500_000, None)]);
        assert_eq!(difference(&ours, &ours, "DuckDB"), None);
        insta::assert_snapshot!(difference(&ours, &theirs, "DuckDB").unwrap(), @r"
        Firsthand and DuckDB do not find the same entries:
          only Firsthand: 1
            brick from 1970-01-01T00:00:01.5Z to 1970-01-01T00:00:03Z
          only DuckDB: 1
            brick from 1970-01-01T00:00:01.5Z on
        ");
    }
}
