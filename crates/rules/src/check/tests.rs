//! What each warning is about, and what it leaves alone.

use std::sync::Arc;

use firsthand_model::config::Project;
use firsthand_model::diagnostic::SourceFile;
use firsthand_model::seen::Seen;

use super::{check, report};
use crate::story;

const FACTS: &str = "
    2026-03-01 09:00  ana  Report exported  format=pdf pages=12  40 times, 6h apart
    2026-03-01 10:00  bob  Report exported  format=csv pages=3 tag=x  20 times, 12h apart
    2026-03-01 11:00  ana  Logged in
    2026-03-01 11:00  account  is  plan=free seats=7 active=true
    2026-03-01 11:00  ana      is  role=admin
";

/// The warnings about a project, each with its code and the text that is marked.
fn warnings(yaml: &str, facts: Option<&str>) -> Vec<String> {
    let file = SourceFile { name: "firsthand.yaml".to_owned(), text: yaml.to_owned() };
    let loaded =
        Project::from_files(&[Arc::new(file)], &|_| Err(std::io::ErrorKind::NotFound.into()));
    assert_eq!(loaded.diagnostics, []);
    let calendar = &loaded.project.calendar;
    let seen = facts.map(|facts| {
        let mut seen = Seen::default();
        for fact in story::facts(facts, calendar, Some(story::DEFAULT_ACCOUNT)).unwrap() {
            seen.take(&fact, calendar);
        }
        seen
    });
    let found = check(&loaded.project, seen.as_ref());
    let shown = found
        .iter()
        .map(|it| format!("{} {}", it.problem.code.0, &it.file.text[it.problem.span.clone()]));
    shown.collect()
}

/// A condition on accounts, beside a few names that it may read.
fn condition(when: &str, facts: Option<&str>) -> Vec<String> {
    let yaml = format!(
        "plans: {{ pro: {{ limits: {{ contacts: 100 }} }} }}\n\
         constants:\n  small: 5\n  size: {{ file: none }}\n\
         meters: {{ contacts: {{ kind: count, add: '\"Contact created\"' }} }}\n\
         scores: {{ points: {{ cap: 100, floor: 0, rules: [{{ points: 1 }}] }} }}\n\
         definitions:\n  d: {{ when: '{when}' }}\n"
    );
    let yaml = yaml.replace("  size: { file: none }\n", "");
    let mut found = warnings(&yaml, facts);
    found.retain(|it| !it.starts_with("W510") && !it.contains("Contact created"));
    found
}

#[test]
fn conditions_that_never_hold_are_told_at_what_makes_them_so() {
    for (when, marked) in [
        ("count(any) < 0", "count(any) < 0"),
        ("not count(any) >= 0", "not count(any) >= 0"),
        ("0 > count(any)", "0 > count(any)"),
        ("count(any) = 2.5", "count(any) = 2.5"),
        ("count(any) > 3 and count(any) < 4", "count(any) < 4"),
        ("count(any) > @small and (seen(any) and count(any) < 3)", "count(any) < 3"),
        ("account.seats between 50 and 10", "account.seats between 50 and 10"),
        ("account.plan in (\"a\", \"b\") and account.plan = \"c\"", "account.plan = \"c\""),
        ("account.plan = \"a\" and account.plan != \"A\"", "account.plan != \"A\""),
        ("days(any, last 7d) >= 10", "days(any, last 7d) >= 10"),
        (
            "number of week with (seen(any)) in last 4 full weeks > 4",
            "number of week with (seen(any)) in last 4 full weeks > 4",
        ),
        ("growth(count(any, last 7d)) < -150%", "growth(count(any, last 7d)) < -150%"),
        ("score(points) > 100", "score(points) > 100"),
        ("any member has (people(any) >= 2)", "people(any) >= 2"),
        ("seen(any where hour >= 24)", "hour >= 24"),
        ("seen(any where weekday = \"Fryday\")", "Fryday"),
        ("since(first any) < 0d", "since(first any) < 0d"),
        ("seen(any, first 7d, 7d to 14d after start)", "7d to 14d after start"),
        ("seen(any, last 0d)", "last 0d"),
        ("3 > 5 or seen(any)", "3 > 5"),
        ("account.seats < account.seats", "account.seats < account.seats"),
    ] {
        assert_eq!(condition(when, None), [format!("W504 {marked}")], "{when}");
    }
}

#[test]
fn conditions_that_always_hold_are_told() {
    for (when, marked) in [
        ("count(any) >= 0", "count(any) >= 0"),
        ("count(any) > -1", "count(any) > -1"),
        ("score(points) <= 100", "score(points) <= 100"),
        ("account.seats >= 5 or account.seats < 10", "account.seats < 10"),
        ("count(any) >= 6 or count(any) <= 5", "count(any) <= 5"),
        ("account.plan != \"a\" or account.plan != \"b\"", "account.plan != \"b\""),
        ("5 > 3 and seen(any)", "5 > 3"),
        ("at least 0 of (seen(any), seen(any, last 7d))", "at least 0"),
    ] {
        assert_eq!(condition(when, None), [format!("W505 {marked}")], "{when}");
    }
}

#[test]
fn conditions_that_make_sense_are_left_alone() {
    for when in [
        "count(any) >= 1 and count(any) < 2",
        "count(any, last 7d) >= 5 and count(any, last 14d) < 7",
        "count(any) >= 5 and (count(any)) 30d ago < 3",
        "account.seats >= 6 or account.seats <= 5",
        "account.plan = \"a\" or account.plan = \"b\"",
        "account.plan != \"a\" and account.plan != \"b\"",
        "days(any, last 7d) >= 8",
        "since(2030-01-01) < 0d",
        "usage(contacts) >= 120% of limit(contacts)",
        "score(points) >= 100",
        "seen(any, first 7d, 6d to 14d after start)",
        "seen(any, first 7d, 7d to 14d after first \"A\")",
        "seen(any where account.seats > 5 and hour < 12)",
    ] {
        assert_eq!(condition(when, None), [""; 0], "{when}");
    }
}

#[test]
fn bands_are_held_against_each_other() {
    let scores = |first: &str, second: &str| {
        warnings(
            &format!(
                "scores:\n  s:\n    rules:\n      - {{ while: '{first}', points: 1 }}\n      \
                 - {{ while: '{second}', points: 2 }}\ndefinitions: {{ d: {{ when: 'score(s) > 1' }} }}\n"
            ),
            None,
        )
    };
    let between = |low: u32, high: u32| format!("account.seats between {low} and {high}");
    assert_eq!(scores(&between(1, 50), &between(51, 90)), [""; 0], "seats are whole");
    assert_eq!(scores(&between(1, 50), &between(50, 90)), [format!("W506 {}", between(50, 90))]);
    assert_eq!(scores(&between(1, 50), &between(60, 90)), [format!("W506 {}", between(60, 90))]);
    assert_eq!(scores("account.seats >= 5", "account.seats >= 50"), [""; 0], "these add up");

    let chain = |value: &str| condition(&format!("count(any) >= ({value})"), None);
    assert_eq!(chain("1 if account.seats >= 80 else 2 if account.seats < 20 else 3"), [""; 0]);
    assert_eq!(
        chain("1 if account.seats >= 20 else 2 if account.seats >= 80 else 3"),
        ["W506 account.seats >= 80"]
    );
}

#[test]
fn what_the_data_never_showed_is_told_where_it_is_named() {
    for (when, told) in [
        ("seen(\"Report exportd\")", "W501 \"Report exportd\""),
        ("seen(\"Dash*\")", "W501 \"Dash*\""),
        ("since(\"Logd in\") > 3d", "W501 \"Logd in\""),
        ("seen(any where fromat = \"pdf\")", "W502 fromat"),
        ("sum(page, \"Report exported\") > 5", "W502 page"),
        ("any projekt has (count(\"Report exported\") > 5)", "W502 projekt"),
        ("account.seatz > 5", "W502 account.seatz"),
        ("until(account.renews_at) < 5d", "W502 account.renews_at"),
        ("any member has (person.rolle = \"admin\")", "W502 person.rolle"),
        ("number(\"health\") > 5", "W502 number(\"health\")"),
        ("seen(any where format = \"pfd\")", "W503 \"pfd\""),
        ("seen(any where format != \"pfd\")", "W503 \"pfd\""),
        ("seen(any where format in (\"pdf\", \"cvs\"))", "W503 \"cvs\""),
        ("seen(any where format > 3)", "W503 3"),
        ("seen(any where pages = \"12\")", "W503 \"12\""),
        ("seen(any where format starts with \"x\")", "W503 \"x\""),
        ("account.active = \"yes\"", "W503 \"yes\""),
        ("account.seats = true", "W503 true"),
        ("seen(any where tag != \"y\")", "W509 tag != \"y\""),
        ("seen(any, last 90d)", "W507 last 90d"),
        ("seen(any, last 4 full weeks)", "W507 last 4 full weeks"),
    ] {
        assert_eq!(condition(when, Some(FACTS)), [told], "{when}");
    }
}

#[test]
fn what_the_data_showed_is_left_alone() {
    for when in [
        "seen(\"report EXPORTED\", last 7d)",
        "seen(\"Report *\" where format = \"PDF\" and pages > 400)",
        "seen(any where format in (\"pdf\", \"docx\"))",
        "seen(any where format != \"docx\" and format contains \"d\")",
        "seen(any where tag is known and tag != \"y\")",
        "account.plan = \"pro\" and account.members > 2 and account.domain = \"a.com\"",
        "any member has (person.role = \"admin\" and person.email_is_work)",
    ] {
        assert_eq!(condition(when, Some(FACTS)), [""; 0], "{when}");
    }
}

#[test]
fn names_that_nothing_reads_are_told_where_they_are_declared() {
    let yaml = "
constants: { big: 5, small: 3 }
events:
  groups: { core: [A, B], other: [C] }
meters:
  contacts: { kind: count, add: '\"A\"' }
  shown: { kind: count, add: '\"A\"' }
scores: { s: { rules: [{ points: 'count(core)' }] } }
grades: { g: { ladder: { x: 'count(any) > @small' } } }
definitions: { d: { when: 'seen(any)', score: score(s), why: '{{ usage.shown }} shown' } }
";
    assert_eq!(warnings(yaml, None), ["W510 big", "W510 other", "W510 contacts", "W510 g"]);
}

#[test]
fn a_warning_gives_way_to_the_error_behind_it() {
    let yaml = "
scores: { s: { rules: [{ points: 'cuont(any)' }] } }
grades: { g: { ladder: { x: 'count(any) > 2' } } }
definitions:
  d: { when: '3 MB > 20 USD' }
  e: { when: 'qualified(f)' }
  f: { when: [a] }
";
    let file = SourceFile { name: "firsthand.yaml".to_owned(), text: yaml.to_owned() };
    let loaded =
        Project::from_files(&[Arc::new(file)], &|_| Err(std::io::ErrorKind::NotFound.into()));
    let codes = report(&loaded, None).iter().map(|it| it.problem.code.0).collect::<Vec<_>>();
    assert_eq!(codes, ["E202", "E304", "E104"]);
}
