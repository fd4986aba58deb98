//! `firsthand bench`, on a company that is measured in no time.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use crate::run::Place;

/// Measuring is not all that is tried: without another engine, on any machine.
fn bench(place: &Place, arguments: &str) -> Command {
    let temporary = place.path("temporary");
    fs::create_dir_all(&temporary).unwrap();
    let mut command = place.command(&format!("bench {arguments}"));
    command.env("FIRSTHAND_PYTHON", "no-such-python").env("TMPDIR", temporary);
    command
}

#[test]
fn everything_is_measured_also_without_another_engine() {
    let place = Place::empty();
    let output = bench(&place, "--events 1k --runs 1 --csv").output().unwrap();
    let (table, said) = (String::from_utf8(output.stdout), String::from_utf8(output.stderr));
    let (table, said) = (table.unwrap(), said.unwrap());
    assert_eq!(output.status.code(), Some(0), "{said}");
    for part in [
        "replay of 20 definitions together,",
        "import of NDJSON, own shape",
        "import of NDJSON, Segment's shape",
        "DuckDB: not installed",
        "the same,yes",
    ] {
        assert!(table.contains(part), "{part} is missing in\n{table}");
    }
    assert_eq!(fs::read_dir(place.path("temporary")).unwrap().count(), 0);
}

#[test]
fn a_kept_company_is_used_again() {
    let place = Place::empty();
    let said = || {
        let output = bench(&place, "replay --events 1k --runs 1 --keep kept").output().unwrap();
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(said().contains("making a company of 1,000 events"));
    assert!(!said().contains("making a company"));
}

#[test]
fn an_interruption_leaves_nothing_behind() {
    let place = Place::empty();
    let mut command = bench(&place, "replay --events 1M --keep kept");
    let mut child = command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    assert!(lines.any(|it| it.starts_with("making a company")));
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    for folder in ["temporary", "kept"] {
        assert_eq!(fs::read_dir(place.path(folder)).unwrap().count(), 0, "{folder}");
    }
}
