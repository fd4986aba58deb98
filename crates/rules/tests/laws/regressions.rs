//! Mistakes in what the ledger tells that the program once made. Those in timelines are stories:
//! `golden/30-regressions.yaml`.

use firsthand_model::fact::Kind;
use firsthand_model::{Calendar, Time};
use firsthand_rules::judge::Judge;
use firsthand_rules::ledger::{self, Change};
use firsthand_rules::story;

use crate::pool::{accounts, compiled};

/// Judges a condition over facts, and holds the ledger against what is expected, a line an entry.
fn check(when: &str, facts: &str, until: &str, expected: &str) {
    let (project, program) = compiled(&format!("definition: d\nwhen: '{when}'\n"));
    let calendar = Calendar::default();
    let facts = story::facts(facts, &calendar, Some(story::DEFAULT_ACCOUNT)).unwrap();
    let until: Time = until.parse().unwrap();
    let rows = accounts(&project, &program, &facts).remove(story::DEFAULT_ACCOUNT).unwrap();
    let rows = rows.iter().filter(|row| row.time <= until).collect::<Vec<_>>();
    let mut judge = Judge::new(&program, Time::MIN);
    let judged = ledger::judge(&mut judge, Kind::Account, &rows, &[], &[], until);
    let lines = judged.ledger.iter().map(|entry| {
        let what = match entry.change {
            Change::Entered => "entered".to_owned(),
            Change::Left => "left".to_owned(),
            Change::Revised { was, entry: true, .. } => format!("entry, thought {was}, was"),
            Change::Revised { was, reopened: false, .. } => format!("exit, thought {was}, was"),
            Change::Revised { .. } => "no exit".to_owned(),
            Change::Retracted => "never entered".to_owned(),
        };
        format!("{what} {} known {}", entry.held_at, entry.known_at)
    });
    let found = lines.collect::<Vec<_>>().join("\n");
    let expected = expected.trim().lines().map(str::trim).collect::<Vec<_>>().join("\n");
    assert_eq!(found, expected);
}

/// Exits were compared by their place in the list: one entry more in front retracted all others.
#[test]
fn a_late_fact_that_adds_an_interval_leaves_the_others_alone() {
    check(
        r#"seen("Report exported", last 1d)"#,
        "
        2026-01-05 09:00 known 2026-01-20 09:00  ana  Report exported
        2026-01-10 09:00                         ana  Report exported
        ",
        "2026-01-31T00:00:00Z",
        "
        entered 2026-01-10T09:00:00Z known 2026-01-10T09:00:00Z
        left 2026-01-11T09:00:00Z known 2026-01-11T09:01:00Z
        entered 2026-01-05T09:00:00Z known 2026-01-20T09:00:00Z
        left 2026-01-06T09:00:00Z known 2026-01-20T09:00:00Z
        ",
    );
}

/// The stream went back to take in the late fact, and was asked before it had come forward again.
#[test]
fn a_late_fact_that_changes_nothing_reopens_nothing() {
    check(
        r#"seen("Report exported", last 7d)"#,
        "
        2026-01-05 09:00                         ana  Report exported
        2026-01-04 09:00 known 2026-01-20 09:00  ana  Logged in
        ",
        "2026-01-31T00:00:00Z",
        "
        entered 2026-01-05T09:00:00Z known 2026-01-05T09:00:00Z
        left 2026-01-12T09:00:00Z known 2026-01-12T09:01:00Z
        ",
    );
}

#[test]
fn a_late_fact_that_prolongs_an_interval_revises_its_exit() {
    check(
        r#"seen("Report exported", last 7d)"#,
        "
        2026-01-05 09:00                         ana  Report exported
        2026-01-08 09:00 known 2026-01-20 09:00  ana  Report exported
        ",
        "2026-01-31T00:00:00Z",
        "
        entered 2026-01-05T09:00:00Z known 2026-01-05T09:00:00Z
        left 2026-01-12T09:00:00Z known 2026-01-12T09:01:00Z
        exit, thought 2026-01-12T09:00:00Z, was 2026-01-15T09:00:00Z known 2026-01-20T09:00:00Z
        ",
    );
}

#[test]
fn a_late_fact_that_moves_an_entry_revises_it() {
    check(
        r#"count("Report exported") >= 2"#,
        "
        2026-01-05 09:00                         ana  Report exported
        2026-01-08 09:00                         ana  Report exported
        2026-01-06 09:00 known 2026-01-20 09:00  ana  Report exported
        ",
        "2026-01-31T00:00:00Z",
        "
        entered 2026-01-08T09:00:00Z known 2026-01-08T09:00:00Z
        entry, thought 2026-01-08T09:00:00Z, was 2026-01-06T09:00:00Z known 2026-01-20T09:00:00Z
        ",
    );
}

/// What a fact known only after the end was late for was judged beyond the end.
#[test]
fn nothing_is_judged_beyond_the_end_because_a_fact_was_known_after_it() {
    check(
        r#"seen("Report exported", last 7d)"#,
        "
        2026-01-05 09:00                         ana  Report exported
        2026-01-04 09:00 known 2026-02-20 09:00  ana  Logged in
        ",
        "2026-01-10T00:00:00Z",
        "entered 2026-01-05T09:00:00Z known 2026-01-05T09:00:00Z",
    );
}

/// The fast way for facts on time was taken although time had acted before the fact was known.
#[test]
fn a_fact_known_days_later_undoes_what_was_settled_without_it() {
    check(
        r#"never("Report exported", last 7d)"#,
        "
        2026-01-05 09:00                         ana  Logged in
        2026-01-05 09:00                         ana  Report exported
        2026-01-11 09:00 known 2026-01-13 09:00  ana  Report exported
        ",
        "2026-01-31T00:00:00Z",
        "
        entered 2026-01-12T09:00:00Z known 2026-01-12T09:01:00Z
        never entered 2026-01-12T09:00:00Z known 2026-01-13T09:00:00Z
        entered 2026-01-18T09:00:00Z known 2026-01-18T09:01:00Z
        ",
    );
}

/// The end of time was waited for as for any other instant, again and again.
#[test]
fn at_the_end_of_time_nothing_happens() {
    for when in [
        r#"seen("Report exported", last 7d)"#,
        r#"count("Report exported", this year) >= 1 and seen("Report exported", last 7d)"#,
        r#"seen("Report exported", last 7d) and streak(year, seen("Report exported")) >= 0"#,
    ] {
        check(
            when,
            "2026-01-05 09:00  ana  Report exported",
            "9999-12-31T00:00:00Z",
            "
            entered 2026-01-05T09:00:00Z known 2026-01-05T09:00:00Z
            left 2026-01-12T09:00:00Z known 2026-01-12T09:01:00Z
            ",
        );
    }
    check(
        r#"streak(week, seen("Report exported")) >= 0"#,
        "9999-12-30 09:00  ana  Report exported",
        "9999-12-31T00:00:00Z",
        "entered 9987-04-02T17:46:40Z known 9987-04-02T17:46:40Z",
    );
}

/// All sequences were kept for life; now the oldest go, and one of them may be asked for.
#[test]
fn what_hangs_on_a_forgotten_sequence_is_in_doubt() {
    let when = r#"not (seen("E" then "E", 5min before account.renews_at))"#;
    let facts = |renews_at: &str| {
        format!(
            "
            2026-01-05 09:00  ana      E   9000 times, 1min apart
            2026-02-01 09:00  account  is  renews_at={renews_at}
            "
        )
    };
    let until = "2026-02-28T00:00:00Z";
    check(when, &facts("2026-01-05T09:30"), until, "");
    let entered = "entered 2026-02-01T09:00:00Z known 2026-02-01T09:00:00Z";
    check(when, &facts("2026-01-05T08:30"), until, entered);
    check(when, &facts("2026-01-15T09:30"), until, entered);
}
