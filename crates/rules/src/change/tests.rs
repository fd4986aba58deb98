//! What is changed, what is not, and what is said.

use std::sync::Arc;

use firsthand_model::diagnostic::{SourceFile, Style, render};
use proptest::prelude::*;

use super::*;
use crate::compile::version;

fn project(text: &str) -> Project {
    let file = SourceFile { name: "firsthand.yaml".to_owned(), text: text.to_owned() };
    let loaded = Project::from_files(&[Arc::new(file)], &|_| {
        Err(std::io::Error::from(std::io::ErrorKind::NotFound))
    });
    let mut wrong = loaded.diagnostics;
    wrong.extend(compile(&loaded.project).diagnostics);
    assert_eq!(render(&wrong, Style::default()), "", "a test begins with a sound project");
    loaded.project
}

fn inline(texts: &[&str]) -> Vec<SourceText> {
    texts.iter().map(|it| SourceText::inline("--set", it)).collect()
}

fn changed(project: &Project, definitions: &[&str], texts: &[&str]) -> Changed {
    let definitions: Vec<Text> = definitions.iter().copied().map(Text::from).collect();
    change(project, &definitions, &inline(texts))
        .unwrap_or_else(|wrong| panic!("{}", render(&wrong, Style::default())))
}

/// What is said of a change to the definition `asked`.
fn said(project: &Project, texts: &[&str]) -> String {
    let lines = changed(project, &["asked"], texts).changes;
    lines.iter().map(Change::to_string).collect::<Vec<_>>().join("\n")
}

fn refused(project: &Project, definitions: &[&str], texts: &[&str]) -> String {
    let definitions: Vec<Text> = definitions.iter().copied().map(Text::from).collect();
    let wrong = change(project, &definitions, &inline(texts)).expect_err("this is refused");
    render(&wrong, Style::default())
}

/// The definition `asked`, with parts of it in YAML.
fn asked(parts: &str) -> Project {
    project(&format!(
        "events: {{ groups: {{ core: [\"Report exported\"] }} }}\n\
         ---\ndefinition: asked\n{parts}\n"
    ))
}

const NEAR_LIMIT: &str = r#"
meters: { contacts: { kind: count, add: '"Contact added"' } }
plans: { free: { limits: { contacts: 100 } } }
---
definition: asked
when: >-
  usage(contacts) >= 80% of limit(contacts)
  and people(any, last 7d) >= 3
stay: usage(contacts) >= 70% of limit(contacts) and people(any, last 7d) >= 3
unless: account.plan in ("pro", "team")
"#;

#[test]
fn a_threshold_becomes_another_and_so_does_the_version() {
    let project = asked("when: people(core, last 7d) >= 3 and seen(core)");
    let by_hand = asked("when: people(core, last 7d) >= 4 and seen(core)");
    let changed = changed(&project, &["asked"], &["people( core,last 7d )>=4"]);
    assert_eq!(
        changed.changes[0].to_string(),
        "asked: people(core, last 7d) >= 3 is taken as >= 4"
    );
    assert_eq!(changed.changes.len(), 1);
    let version = |project| version::of(project, "asked");
    assert_eq!(version(&changed.project), version(&by_hand));
    assert_ne!(version(&changed.project), version(&project));
}

#[test]
fn the_operator_and_the_form_may_change() {
    let project = asked("when: days(core, last 7d) >= 3 and account.plan not in (\"pro\")");
    for (text, line) in [
        ("days(core, last 7d) = 0", "asked: days(core, last 7d) >= 3 is taken as = 0"),
        (
            "days(core, last 7d) between 2 and 4",
            "asked: days(core, last 7d) >= 3 is taken as between 2 and 4",
        ),
        (
            "days(core, last 7d) not between 2 and 4",
            "asked: days(core, last 7d) >= 3 is taken as not between 2 and 4",
        ),
        (
            "account.plan in (\"free\", \"trial\")",
            "asked: account.plan not in (\"pro\") is taken as in (\"free\", \"trial\")",
        ),
    ] {
        assert_eq!(said(&project, &[text]), line);
    }
}

#[test]
fn a_border_written_first_is_a_border_all_the_same() {
    let project = asked("when: 3 <= count(core, last 7d) and count(core, last 7d) <= 10");
    insta::assert_snapshot!(said(&project, &["count(core, last 7d) >= 5"]), @"asked: 3 <= count(core, last 7d) is taken as count(core, last 7d) >= 5");
    insta::assert_snapshot!(said(&project, &["9 >= count(core, last 7d)"]), @"asked: count(core, last 7d) <= 10 is taken as 9 >= count(core, last 7d)");
}

#[test]
fn what_when_says_decides_and_stay_follows_only_where_it_says_the_same() {
    let project = project(NEAR_LIMIT);
    insta::assert_snapshot!(said(&project, &["usage(contacts) >= 60% of limit(contacts)"]), @r"
    asked: usage(contacts) >= 80% of limit(contacts) is taken as >= 60% of limit(contacts)
    asked: in `stay`, usage(contacts) >= 70% of limit(contacts) stays as it is; `stay: …` would change it
    ");
    insta::assert_snapshot!(said(&project, &["people(any, last 7d) > 5"]), @r"
    asked: people(any, last 7d) >= 3 is taken as > 5
    asked: in `stay`, people(any, last 7d) >= 3 is taken as > 5
    ");
}

#[test]
fn a_part_that_is_named_is_meant_alone() {
    let project = project(NEAR_LIMIT);
    insta::assert_snapshot!(said(&project, &["stay: people(any, last 7d) > 1", "unless: account.plan = \"pro\""]), @r#"
    asked: in `stay`, people(any, last 7d) >= 3 is taken as > 1
    asked: in `unless`, account.plan in ("pro", "team") is taken as = "pro"
    "#);
}

#[test]
fn comparisons_inside_other_forms_are_found_and_keep_their_parentheses() {
    let project = asked(
        "when: (people(core, last 7d) >= 3) for 2d and at least 1 of (seen(core), days(core) >= 2)\n\
         stay: any member has (days(core) >= 2)",
    );
    let texts = ["people(core, last 7d) >= 4", "days(core) < 9"];
    let changed = changed(&project, &["asked"], &texts).project;
    let of = |text: &SourceText| text.text.to_string();
    let definition = &changed.definitions["asked"];
    insta::assert_snapshot!(of(&definition.when), @"(people(core, last 7d) >= 4) for 2d and at least 1 of (seen(core), days(core) < 9)");
    insta::assert_snapshot!(of(definition.stay.as_ref().unwrap()), @"any member has (days(core) < 9)");
}

#[test]
fn what_a_definition_reads_is_changed_only_where_it_says_nothing_itself() {
    let text = "definition: asked\nwhen: qualified(busy) and days(any) >= 1\n\
                ---\ndefinition: busy\nwhen: count(any) >= 5 and days(any) >= 9 and qualified(deep)\n\
                ---\ndefinition: deep\nwhen: count(any) >= 7\n";
    let project = project(text);
    insta::assert_snapshot!(said(&project, &["days(any) >= 2"]), @"asked: days(any) >= 1 is taken as >= 2");
    insta::assert_snapshot!(said(&project, &["count(any) >= 6"]), @"busy: count(any) >= 5 is taken as >= 6");
    let both = changed(&project, &["asked", "busy"], &["count(any) >= 6"]);
    assert_eq!(both.changes.len(), 1, "it is the same comparison");
    assert_ne!(version::of(&both.project, "asked"), version::of(&project, "asked"));
    assert_eq!(version::of(&both.project, "deep"), version::of(&project, "deep"));
}

#[test]
fn conditions_on_events_are_no_thresholds() {
    let project = asked("when: count(core where person.role = \"admin\") >= 1");
    insta::assert_snapshot!(refused(&project, &["asked"], &["person.role = \"owner\""]), @r#"
    error[E310]: `asked` does not compare `person.role`
     --> --set:1:1
      |
    1 | person.role = "owner"
      | ^^^^^^^^^^^
      |
      = help: There is `count(core where person.role = "admin") >= 1`.
    "#);
}

#[test]
fn what_is_not_there_is_answered_with_what_is() {
    let project = project(&format!(
        "{NEAR_LIMIT}---\ndefinition: other\nwhen: days(any) >= 2\n\
         ---\nscore: points\nrules: [{{ while: count(any) >= 5, points: 1 }}]\n"
    ));
    insta::assert_snapshot!(refused(&project, &["asked"], &["people(any, last 14d) >= 4"]), @r#"
    error[E310]: `asked` does not compare `people(any, last 14d)`
     --> --set:1:1
      |
    1 | people(any, last 14d) >= 4
      | ^^^^^^^^^^^^^^^^^^^^^
      |
      = help: Did you mean `people(any, last 7d) >= 3`? There is also `usage(contacts) >= 80% of limit(contacts)`, `usage(contacts) >= 70% of limit(contacts)`, `account.plan in ("pro", "team")`.
    "#);
    let help = |text| {
        let told = refused(&project, &["asked"], &[text]);
        told.split_once("help: ").unwrap().1.trim().to_owned()
    };
    insta::assert_snapshot!(help("stay: account.plan = \"pro\""), @r#"It stands in `unless`: `account.plan in ("pro", "team")`."#);
    insta::assert_snapshot!(help("count(any) >= 6"), @"`count(any) >= 5` stands in the score `points`, whose rules are not changed from here: change its file.");
    insta::assert_snapshot!(help("days(any) >= 6"), @"The definition `other` says `days(any) >= 2`: name that one.");
}

#[test]
fn only_a_comparison_can_be_given() {
    let project = asked("when: count(core, last 7d) >= 3");
    let told = |text| {
        let told = refused(&project, &["asked"], &[text]);
        let title = told.lines().next().unwrap().to_owned();
        format!("{title} | {}", told.split_once("help: ").unwrap().1.trim())
    };
    insta::assert_snapshot!(told("seen(core, last 7d)"), @"error[E307]: this compares nothing | Say `count(core, last 7d) >= 1` in the definition: its number can be changed.");
    insta::assert_snapshot!(told("count(core, last 7d)"), @"error[E307]: this is a value alone | Say what it is compared with: `count(core, last 7d) >= 1`.");
    insta::assert_snapshot!(told("count(core) >= 1 and seen(core)"), @"error[E307]: these are several conditions | Give each comparison by itself.");
    insta::assert_snapshot!(told("any member has (count(core) >= 1)"), @"error[E307]: this is more than a comparison | Give the comparison inside it by itself; it is found where it stands.");
    insta::assert_snapshot!(told("stya: count(core) >= 1"), @"error[E307]: `stya` is no condition of a definition | Did you mean `stay:`?");
}

#[test]
fn mistakes_are_marked_in_the_text_that_was_given() {
    let project = asked("when: seen(core) and count(core, last 7d) >= 3");
    insta::assert_snapshot!(refused(&project, &["asked"], &["when: count(core, last 7d) >= \"x\""]), @r#"
    error[E303]: a number cannot be compared with a text
     --> --set:1:31
      |
    1 | when: count(core, last 7d) >= "x"
      |                               ^^^
      |
      = help: Write numbers without quotes, and texts in double quotes.
    "#);
    insta::assert_snapshot!(refused(&project, &["asked"], &["when: count(core, last 7d) >= @few"]), @r#"
    error[E301]: there is no constant `few`
     --> --set:1:31
      |
    1 | when: count(core, last 7d) >= @few
      |                               ^^^^
      |
      = help: Define the constant `few` first.
    "#);
    insta::assert_snapshot!(refused(&project, &["asked"], &["  count(core, last 7 days) >= "]), @r#"
    error[E201]: expected a value, but the text ends here
     --> --set:1:30
      |
    1 |   count(core, last 7 days) >= 
      |                              ^
      |
      = help: Write a value, such as a number, a text in double quotes, `account.plan` or `count("Report exported", last 7d)`.
    "#);
}

#[test]
fn one_comparison_is_set_once_and_its_two_bounds_one_by_one() {
    let project = asked("when: count(core) >= 3 and count(core) <= 10");
    insta::assert_snapshot!(refused(&project, &["asked"], &["count(core) >= 4", "count(core) >= 5"]), @r"
    error[E105]: `count(core) >= 4` has been set already
     --> --set:1:1
      |
    1 | count(core) >= 5
      | ^^^^^^^^^^^^^^^^
      |
      = help: Say once what is to become of it.
    ");
    insta::assert_snapshot!(said(&project, &["count(core) >= 4", "count(core) < 9"]), @r"
    asked: count(core) >= 3 is taken as >= 4
    asked: count(core) <= 10 is taken as < 9
    ");
}

#[test]
fn all_that_is_wrong_is_told_at_once() {
    let project = asked("when: count(core) >= 3");
    let told = refused(&project, &["asked"], &["count(core) >= \"x\"", "days(core) >= 1"]);
    assert_eq!(told.matches("error[").count(), 2, "{told}");
}

/// Comparisons of different values, each as a definition may say it.
fn any_comparison() -> impl Strategy<Value = String> {
    let value = prop::sample::select(vec![
        "count(any, last 7d)",
        "people(any)",
        "1.5 * days(any, last 4w)",
        "(since(start) / 2)",
    ]);
    let sign = prop::sample::select(vec![">=", ">", "<", "<=", "=", "!="]);
    (value, sign, 0..20_u32).prop_map(|(value, sign, border)| {
        let unit = if value.contains("since") { "d" } else { "" };
        format!("{value} {sign} {border}{unit}")
    })
}

/// Conditions with comparisons at many depths.
fn any_condition() -> impl Strategy<Value = String> {
    any_comparison().prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4)
                .prop_map(|all| format!("({})", all.join(" and "))),
            prop::collection::vec(inner.clone(), 2..4)
                .prop_map(|all| format!("({})", all.join(" or "))),
            inner.clone().prop_map(|it| format!("not ({it})")),
            inner.clone().prop_map(|it| format!("({it}) for 3d")),
            inner.prop_map(|it| format!("at least 1 of ({it}, seen(any))")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Setting a comparison to what it is already changes nothing, not even the version.
    #[test]
    fn what_is_set_to_what_it_is_stays_as_it_is(condition in any_condition()) {
        let project = asked(&format!("when: \"{condition}\""));
        let text = &project.definitions["asked"].when;
        let all = site::comparisons(text);
        // Others of the same value and sense would become the same.
        let alone = all.iter().filter(|it| {
            all.iter().all(|other| other.value != it.value || other.shown == it.shown)
        });
        for site in alone {
            let given = &text.text[site.span.clone()];
            let changed = changed(&project, &["asked"], &[given]);
            prop_assert!(changed.changes.iter().all(|it| it.effect == Effect::AsBefore));
            prop_assert_eq!(&changed.project.definitions["asked"].when, text);
            prop_assert_eq!(version::of(&changed.project, "asked"), version::of(&project, "asked"));
        }
    }

    /// A change, taken back, is no change; and in between nothing else has changed.
    #[test]
    fn a_change_can_be_taken_back(condition in any_condition(), border in 100..200_u32) {
        let project = asked(&format!("when: \"{condition}\""));
        let all = site::comparisons(&project.definitions["asked"].when);
        let alone = all.iter().filter(|it| {
            all.iter().all(|other| other.value != it.value || other.shown == it.shown)
        });
        for site in alone {
            let unit = if site.value.contains("since") { "d" } else { "" };
            let there = format!("{} >= {border}{unit}", site.value);
            let away = changed(&project, &["asked"], &[&there]).project;
            prop_assert_ne!(version::of(&away, "asked"), version::of(&project, "asked"));
            let others = |of: &Project| {
                let all = site::comparisons(&of.definitions["asked"].when).into_iter();
                all.filter(|it| it.value != site.value).map(|it| it.shown).collect::<Vec<_>>()
            };
            prop_assert_eq!(others(&away), others(&project));
            let back = changed(&away, &["asked"], &[&site.shown]).project;
            prop_assert_eq!(version::of(&back, "asked"), version::of(&project, "asked"));
        }
    }
}
