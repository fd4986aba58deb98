//! Evidence says what the evaluator decided (P6): for every subject of every golden story, and in
//! plain words for a few.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use firsthand_model::config::Project;
use firsthand_model::diagnostic::SourceFile;
use firsthand_model::{Decimal, Time};
use firsthand_rules::compile::compile;
use firsthand_rules::compile::program::Program;
use firsthand_rules::eval::value::Value;
use firsthand_rules::explain::{Explanation, Met, Part, explain};
use firsthand_rules::judge::Judge;
use firsthand_rules::{expect, story};

fn project(text: &str) -> Project {
    let file = SourceFile { name: "firsthand.yaml".to_owned(), text: text.to_owned() };
    let loaded = Project::from_files(&[Arc::new(file)], &|path| {
        Err(std::io::Error::new(std::io::ErrorKind::NotFound, path.to_owned()))
    });
    loaded.project
}

/// Calls `check` with every definition explained for every subject at the end of every story.
fn every_golden_end(mut check: impl FnMut(&Explanation, Value, bool)) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../golden");
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|it| it != "yaml") {
            continue;
        }
        let project = project(&fs::read_to_string(path).unwrap());
        let program = compile(&project).program;
        let judge = Judge::new(&program, project.start.history_from.unwrap_or(Time::MIN));
        for definition in project.definitions.values() {
            for story in &definition.expect {
                let facts =
                    story::facts(&story.facts.text, &project.calendar, Some("acme")).unwrap();
                let last = facts.iter().map(|it| it.time).max().unwrap();
                let until = story.until.unwrap_or(last);
                for judged in expect::judge(&project, &program, &facts, until) {
                    let root = program.root(judged.subject.kind);
                    for (place, found) in root.definitions.iter().enumerate() {
                        let explained = explain(&project, &judge, &judged.stream, &found.name);
                        let when = judge.evaluate(&judged.stream, &root.gate(found.node).when);
                        let open =
                            judged.timelines[place].last().is_some_and(|it| it.left.is_none());
                        check(&explained.unwrap(), when, open);
                    }
                }
            }
        }
    }
}

#[test]
fn evidence_agrees_with_the_verdict_everywhere() {
    let mut explained = 0;
    every_golden_end(|explanation, when, holds| {
        let expected = match when {
            Value::Bool(true) => Met::Met,
            Value::Bool(false) => Met::NotMet,
            _ => Met::Unknown,
        };
        assert_eq!(explanation.when.met(), expected, "{explanation:#?}");
        assert_eq!(explanation.holds, holds, "{explanation:#?}");
        let missing = explanation.when.missing();
        assert_eq!(missing.is_empty(), expected == Met::Met, "{explanation:#?}");
        explained += 1;
    });
    assert!(explained > 1_000, "{explained}");
}

#[test]
fn the_parts_of_a_score_add_up_to_it() {
    let mut scores = 0;
    every_golden_end(|explanation, _, _| {
        for evidence in explanation.when.all() {
            let points = evidence.parts.iter().filter_map(|part| match part {
                Part::Points { points, .. } => points.replace(',', "").parse::<Decimal>().ok(),
                Part::Conditions { .. } => None,
            });
            let points = points.map(Decimal::raw).collect::<Vec<_>>();
            let total = evidence.observed.replace(',', "").parse::<Decimal>();
            if let (true, Ok(total)) = (evidence.condition.starts_with("score("), total)
                && !evidence.condition.contains(", ")
            {
                assert_eq!(points.iter().sum::<i128>(), total.raw(), "{evidence:#?}");
                scores += 1;
            }
        }
    });
    assert!(scores > 20, "{scores}");
}

fn told(definition: &str, facts: &str) -> String {
    told_at(definition, facts, None)
}

fn told_at(definition: &str, facts: &str, until: Option<&str>) -> String {
    let project = project(definition);
    let compiled = compile(&project);
    assert!(compiled.diagnostics.is_empty(), "{:?}", compiled.diagnostics);
    let program: &Program = &compiled.program;
    let facts = story::facts(facts, &project.calendar, Some("acme")).unwrap();
    let last = facts.iter().map(|it| it.time).max().unwrap();
    let until = until.map_or(last, |it| it.parse().unwrap());
    let judge = Judge::new(program, Time::MIN);
    let judged = expect::judge(&project, program, &facts, until);
    let name = &program.account.definitions[0].name;
    let explained = explain(&project, &judge, &judged[0].stream, name).unwrap();
    let lines = explained.when.all().into_iter().map(|it| format!("{}: {}", it.met, it.words));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn conditions_read_as_people_speak() {
    let definition = r#"
project: words
currency: USD
plans:
  free: { limits: { contacts: 10000 } }
  trial: { trial: 14d }
---
meter: contacts
kind: sum
add: '"Contacts imported"'
value: contacts
unit: contacts
---
score: points
rules:
  - { each: '"Report exported"', points: 5 }
---
definition: ripe
when: |
  account.plan = "free"
  and usage(contacts) >= 80% of limit(contacts)
  and people("Report exported", last 7d) >= 3
  and days("Report exported", last 14d) >= 2
  and seen("Integration connected")
  and never("Cancelled", first 90d)
  and score(points) >= 60
  and since("Report exported") >= 3d
  and account.spend >= 20 USD
  and any member has (count("Report exported") >= 5)
  and number of members with (seen("Report exported")) >= 3
  and trial_left <= 7d
  and account.industry in ("retail", "travel")
"#;
    let facts = "
        2026-01-05 09:00  account   is                 plan=free spend=12.5 industry=Retail
        2026-01-05 10:00  ana       Contacts imported  contacts=7400
        2026-01-06 09:00  ana, bob  Report exported
        2026-01-06 12:00  account   is                 plan=free
    ";
    insta::assert_snapshot!(told(definition, facts));
}

#[test]
fn time_runs_on_after_the_last_fact() {
    let definition = r#"
project: words
---
definition: quiet
when: since("A") >= 14d and streak(month, seen("A")) >= 2
"#;
    let told = told_at(definition, "2026-01-05 09:00  ana  A", Some("2026-01-15T00:00:00Z"));
    insta::assert_snapshot!(told, @r#"
    not met: 9d 15h since “A”; 14d needed (in 4d 9h, on 2026-01-19 09:00)
    not met: streak(month, seen("A")) is 0; 2 needed (2 more)
    "#);
}

#[test]
fn what_never_holds_is_no_way_to_make_a_condition_true() {
    let missing = |when: &str| {
        let (project, facts) = (
            project(&format!("definition: asked\nwhen: {when}")),
            "
            2026-01-05 09:00  ana  Logged in
        ",
        );
        let program = compile(&project).program;
        let facts = story::facts(facts, &project.calendar, Some("acme")).unwrap();
        let judge = Judge::new(&program, Time::MIN);
        let judged = expect::judge(&project, &program, &facts, facts[0].time);
        let explained = explain(&project, &judge, &judged[0].stream, "asked").unwrap();
        let missing = explained.when.missing();
        missing.into_iter().map(|it| it.condition.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(missing("count(\"A\") >= 3 or false"), ["count(\"A\") >= 3"]);
    assert_eq!(missing("at least 1 of (false, seen(\"A\") and seen(\"B\"))").len(), 2);
    assert_eq!(missing("seen(\"A\") and seen(\"B\") or seen(\"C\") and false").len(), 2);
    assert_eq!(missing("seen(\"A\") or seen(\"Logged in\")"), [""; 0]);
}

/// Each level of joined conditions is looked at once, and each definition's own conditions too.
#[test]
fn explaining_takes_no_longer_than_there_is_to_say() {
    let mut text = "definition: d0\nwhen: seen(\"A\")\n".to_owned();
    for n in 1..60 {
        let before = format!("qualified(d{})", n - 1);
        write!(text, "---\ndefinition: d{n}\nwhen: {before} and {before}\n").unwrap();
    }
    let project = project(&text);
    let program = compile(&project).program;
    let facts = "2026-01-05 09:00  ana  Logged in";
    let facts = story::facts(facts, &project.calendar, Some("acme")).unwrap();
    let judge = Judge::new(&program, Time::MIN);
    let judged = expect::judge(&project, &program, &facts, facts[0].time);
    let explained = explain(&project, &judge, &judged[0].stream, "d59").unwrap();
    assert_eq!(explained.when.missing().len(), 2);
}

#[test]
fn a_limit_that_was_reached_is_marked() {
    let definition = r#"
project: words
---
definition: noisy
when: count("A", last 30d) >= 10000
"#;
    let facts = "
        2026-01-05 09:00  ana  A  5000 times, 1s apart
    ";
    insta::assert_snapshot!(told(definition, facts), @"not met: 5,000 × “A” in the last 30 days; 10,000 needed (5,000 more times); a limit was reached: so many events that older ones count to the minute");
}
