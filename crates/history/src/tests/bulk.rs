//! P1: what is read and judged in bulk comes out as what is read and judged row by row.

use std::sync::{Arc, LazyLock};

use firsthand_model::config::Project;
use firsthand_model::diagnostic::SourceFile;
use firsthand_model::fact::{Body, Kind};
use firsthand_model::{Fact, Span, Text, Time};
use firsthand_rules::compile::compile;
use firsthand_rules::compile::program::Program;
use firsthand_rules::world::{Judged, Verdicts};
use proptest::prelude::*;

use super::laws::any_facts;
use super::{Fixture, day, event, fact, user, within};
use crate::{Compaction, Replay, Scan, Whom};

const PROJECT: &str = r#"
project: test
start: { event: '"Signed up"' }
plans: { free: { limits: { pages: 4 } }, pro: { limits: { pages: unlimited } } }
meters:
  pages: { kind: level, add: '"Report exported"', remove: '"Signed up"', value: pages }
  formats: { kind: level, add: '"Report exported"', remove: '"Signed up"', key: format }
outcomes:
  paid: { subject: account, on: '"Signed up"', value: pages }
exclude:
  - { name: known, subject: account, when: account.ok = true }
---
definition: counted
subject: account
when: count("Report exported", last 30d) >= 2
---
definition: several
subject: account
when: people(any, last 60d) >= 2 and count("Report exported" where format = "pdf", last 90d) >= 1
stay: people(any, last 60d) >= 1
grace: 2d
---
definition: summed
subject: account
when: sum(pages, "Report exported", last 50d) > 3 and account.plan != "pro"
---
definition: quiet
subject: account
when: days(any, last 40d) >= 2 and never("Łódź", last 100d)
holds_for: 3d
---
definition: near
subject: account
when: usage(pages) >= 80% of limit(pages) or usage(formats) = 1
---
definition: left
subject: account
when: left(pages) <= 3 and sum(pages, "Report exported", last 50d) >= 2
stay: 1 < left(pages)
---
definition: by-person
subject: account
when: count("Report exported" where person = "u1", last 20d) >= 1 and max(pages, "Report exported") >= 1
---
definition: in-order
subject: account
when: seen("Report exported" then "Signed up" within 30d) and latest(format, "Report exported") = "pdf"
"#;

static PROGRAM: LazyLock<Program> = LazyLock::new(|| program(PROJECT));

static NAMELESS: LazyLock<Program> =
    LazyLock::new(|| program(&PROJECT.replace(" where person = \"u1\"", "")));

fn program(text: &str) -> Program {
    let file = SourceFile { name: "firsthand.yaml".into(), text: text.into() };
    let loaded = Project::from_files(&[Arc::new(file)], &|path| {
        Err(std::io::Error::new(std::io::ErrorKind::NotFound, path.to_owned()))
    });
    assert_eq!(loaded.diagnostics, []);
    let compiled = compile(&loaded.project);
    assert_eq!(compiled.diagnostics, []);
    compiled.program
}

fn replay<'a>(fixture: &'a Fixture, program: &'a Program, until: Time) -> Replay<'a> {
    Replay {
        history: &fixture.history,
        program,
        parent_trait: "parent",
        history_from: Time::MIN,
        until,
        scan: Scan::default(),
    }
}

/// Holds what comes out in bulk, and from kept timelines, against the rows.
fn assert_alike(fixture: &Fixture, until: Time) {
    assert_program_alike(fixture, &PROGRAM, until);
    // No measure asks who a person is: people are only told apart.
    assert_program_alike(fixture, &NAMELESS, until);
}

fn assert_program_alike(fixture: &Fixture, program: &Program, until: Time) {
    let replay = replay(fixture, program, until);
    let of_account = |it: &Verdicts| (it.subject.kind == Kind::Account).then(|| it.clone());
    let by_rows = replay.everybody(|it: &Judged| of_account(&Verdicts::from(it))).unwrap();
    let all = |_: &_| true;
    let in_bulk = replay.verdicts(Whom::Everybody, all, of_account).unwrap();
    assert_eq!(in_bulk.kept, by_rows.kept);
    assert_eq!(in_bulk.arrival_times, by_rows.arrival_times);
    for _ in 0..2 {
        let from_kept = replay.verdicts_from_kept(Whom::Everybody, all, of_account).unwrap();
        assert_eq!(from_kept.kept, by_rows.kept);
        assert_eq!(from_kept.arrival_times, by_rows.arrival_times);
    }
    let held = |it: &Verdicts| {
        let held = of_account(it).filter(|it| it.timelines.iter().any(|it| !it.is_empty()));
        held.map(|it| Verdicts { outcomes: vec![Vec::new(); it.outcomes.len()], ..it })
    };
    let qualified = replay.verdicts(Whom::Qualified, all, held).unwrap();
    let expected: Vec<Verdicts> = by_rows.kept.iter().filter_map(held).collect();
    assert_eq!(qualified.kept, expected);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn bulk_and_rows_agree_on_any_history(
        imports in prop::collection::vec(any_facts(), 1..4),
        promote in any::<bool>(),
        compact in any::<bool>(),
        until in 0_i64..420,
    ) {
        let mut fixture = Fixture::new();
        if promote {
            let paths = ["pages", "format"].map(Text::from);
            fixture.history.promote(&paths).unwrap();
        }
        for facts in &imports {
            fixture.import(facts);
        }
        if compact {
            fixture.history.compact(Compaction::Everywhere).unwrap();
        }
        assert_alike(&fixture, day(until));
    }
}

/// A fact each few minutes, of many people, over many row groups.
fn busy(accounts: i64, events: i64) -> Vec<Fact> {
    let mut facts = Vec::new();
    for account in 0..accounts {
        let name = format!("firm-{account}");
        for number in 0..events {
            let at = day(0) + Span::MINUTE.times(number * 37 + account * 11);
            let person = format!("{name}-{}", number * 7 % 5);
            let body = match number % 3 {
                0 => event("Report exported", r#"{"format":"pdf","pages":2}"#),
                1 => event("Report exported", r#"{"format":"csv","pages":1.5}"#),
                _ => event("Viewed", "{}"),
            };
            let who = within(&name, user(&person));
            facts.push(fact(&format!("{account}-{number}"), at, who, body));
        }
    }
    facts
}

#[test]
fn accounts_over_many_row_groups_agree() {
    let mut fixture = Fixture::with(&busy(7, 90));
    assert_alike(&fixture, day(200));
    // A second segment, between the facts of the first.
    let mut more = busy(7, 40);
    for it in &mut more {
        it.id = format!("again-{}", it.id).into();
        it.time = it.time + Span::SECOND;
        it.known_at = Some(it.time);
    }
    fixture.import(&more);
    assert_alike(&fixture, day(200));
}

#[test]
fn accounts_full_of_surprises_agree() {
    let mut facts = busy(3, 600);
    for it in &mut facts {
        it.known_at = Some(it.time + Span::HOUR.times(3));
    }
    let fixture = Fixture::with(&facts);
    // Of the first, more entries come late than an account is judged anew for.
    let often = "---\ndefinition: often\nsubject: account\nwhen: count(\"Report exported\", last 10min) >= 1\n";
    assert_program_alike(&fixture, &program(&format!("{PROJECT}{often}")), day(200));
}

#[test]
fn people_are_told_apart_where_rows_between_theirs_count_no_more() {
    let joins = |id: &str, at, who: &str, account: &str| {
        let body = Body::Membership { joined: true, role: None };
        fact(id, at, within(account, user(who)), body)
    };
    let mut facts = vec![joins("m1", day(1), "u1", "acme"), joins("m2", day(1), "u2", "acme")];
    for number in 0..160 {
        let who = if number % 8 == 0 { "u1" } else { "u2" };
        let at = day(2) + Span::HOUR.times(number);
        let body = event("Report exported", r#"{"format":"pdf","pages":1}"#);
        facts.push(fact(&format!("e{number}"), at, user(who), body));
    }
    let mut fixture = Fixture::with(&facts);
    assert_alike(&fixture, day(60));
    // It becomes known that one of the two was elsewhere all the time.
    let left = Body::Membership { joined: false, role: None };
    let elsewhere = [
        fact("m3", day(1) + Span::HOUR, within("acme", user("u1")), left),
        joins("m4", day(1) + Span::HOUR, "u1", "beta"),
    ];
    fixture.import(&elsewhere);
    let dead = fixture.history.state.catalogue.segments.iter();
    let dead =
        dead.map(|it| fixture.history.state.overlay.dead(&it.file.file).len()).sum::<usize>();
    assert!(dead > 10, "{dead} rows count no more");
    assert_alike(&fixture, day(60));
    let several = PROGRAM.account.definitions.iter().position(|it| it.name == "several").unwrap();
    let replay = replay(&fixture, &NAMELESS, day(60));
    let held = |it: &Verdicts| (!it.timelines[several].is_empty()).then(|| it.account.clone());
    let held = replay.verdicts(Whom::Everybody, |_| true, held).unwrap().kept;
    assert_eq!(held, Vec::<Text>::new(), "nobody is two people");
}

#[test]
fn only_a_threshold_changes_nothing_that_is_kept() {
    let fixture = Fixture::with(&busy(5, 60));
    let kept = || std::fs::read_dir(fixture.dir.path().join("kept")).unwrap().count();
    let held = |text: &str| {
        let program = program(text);
        let replay = replay(&fixture, &program, day(100));
        let keep = |it: &Verdicts| Some(it.timelines.clone());
        let from_kept = replay.verdicts_from_kept(Whom::Everybody, |_| true, keep).unwrap().kept;
        assert_eq!(from_kept, replay.verdicts(Whom::Everybody, |_| true, keep).unwrap().kept);
        from_kept
    };
    let few = held(PROJECT);
    assert_eq!(kept(), 1);
    let more = held(&PROJECT.replace("last 30d) >= 2", "last 30d) >= 25"));
    assert_eq!(kept(), 1, "the same timelines served both");
    assert_ne!(few, more);
    held(&PROJECT.replace("last 30d) >= 2", "last 31d) >= 2"));
    assert_eq!(kept(), 2, "another window is another measure");
}
