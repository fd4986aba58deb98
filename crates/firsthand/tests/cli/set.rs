//! A threshold taken as another, for one run.

use crate::run::Place;

/// Two firms near their limit, one with two people and one with three; the second subscribes.
const FACTS: &str = r#"{"time":"2026-03-02T09:00:00Z","account":"acme","of":"account","traits":{"name":"Acme","plan":"free"}}
{"time":"2026-03-02T10:00:00Z","account":"acme","person":"ana","event":"Contacts imported","properties":{"contacts":8000}}
{"time":"2026-03-03T11:00:00Z","account":"acme","person":"ana","event":"Report exported"}
{"time":"2026-03-03T11:30:00Z","account":"acme","person":"ben","event":"Report exported"}
{"time":"2026-03-04T09:00:00Z","account":"bolt","of":"account","traits":{"name":"Bolt","plan":"free"}}
{"time":"2026-03-04T10:00:00Z","account":"bolt","person":"cem","event":"Contacts imported","properties":{"contacts":9000}}
{"time":"2026-03-05T11:00:00Z","account":"bolt","person":"cem","event":"Report exported"}
{"time":"2026-03-05T11:30:00Z","account":"bolt","person":"dan","event":"Report exported"}
{"time":"2026-03-06T11:30:00Z","account":"bolt","person":"eva","event":"Report exported"}
{"time":"2026-03-10T12:00:00Z","account":"bolt","record":"Subscription started","properties":{"amount":49}}
{"time":"2026-03-30T12:00:00Z","account":"acme","person":"ana","event":"Report exported"}
"#;

const BUSY: &str = r#"definition: busy
track: product
when: >-
  account.plan = "free"
  and people("Report exported", last 7d) >= 2
stay: people("Report exported", last 7d) >= 1
"#;

fn project() -> Place {
    let place = Place::empty();
    place.run("init");
    place.write("definitions/busy.yaml", BUSY);
    place.write("facts.ndjson", FACTS);
    place.run("import facts.ndjson");
    place
}

/// Runs a command with conditions that hold spaces.
fn run(place: &Place, arguments: &str, conditions: &[&str]) -> String {
    let with = conditions.iter().flat_map(|it| ["--set", it]);
    place.run_with(arguments, with)
}

const STRICTER: &str = "people(\"Report exported\", last 7d) >= 3";

#[test]
fn a_changed_threshold_is_judged_anew_and_said() {
    let place = project();
    insta::assert_snapshot!(place.run("replay busy"), @r#"
    exit status 0
    --- stdout
    definition  track    kind     subject  entered           left
    ───────────────────────────────────────────────────────────────────────────
    busy        product  account  bolt     2026-03-05 11:30  2026-03-13 11:30
    busy        product  account  acme     2026-03-03 11:30  2026-03-10 11:30
    "#);
    insta::assert_snapshot!(run(&place, "replay busy", &[STRICTER]), @r#"
    exit status 0
    --- stdout
    definition  track    kind     subject  entered           left
    ───────────────────────────────────────────────────────────────────────────
    busy        product  account  bolt     2026-03-06 11:30  2026-03-13 11:30
    --- stderr
    busy: people("Report exported", last 7d) >= 2 is taken as >= 3
    busy: in `stay`, people("Report exported", last 7d) >= 1 stays as it is; `stay: …` would change it
    "#);
}

#[test]
fn nothing_is_written() {
    let place = project();
    let before = place.run("replay busy --json");
    assert_ne!(run(&place, "replay busy --json", &[STRICTER]), before);
    assert_eq!(place.read("definitions/busy.yaml"), BUSY);
    assert_eq!(place.run("replay busy --json"), before);
}

#[test]
fn what_is_set_comes_out_as_if_it_had_been_written() {
    let place = project();
    let conditions = [STRICTER, "stay: people(\"Report exported\", last 7d) >= 2"];
    let stdout = |told: &str| {
        told.split("--- ").find_map(|it| it.strip_prefix("stdout\n")).unwrap().to_owned()
    };
    let set = run(&place, "replay busy --json", &conditions);
    let explained = run(&place, "explain bolt busy", &conditions);
    let written = BUSY.replace(">= 2", ">= 3").replace(">= 1", ">= 2");
    place.write("definitions/busy.yaml", &written);
    assert_eq!(stdout(&set), stdout(&place.run("replay busy --json")));
    assert_eq!(stdout(&explained), stdout(&place.run("explain bolt busy")));
}

#[test]
fn a_backtest_holds_it_against_the_published_version() {
    let place = project();
    let told = run(&place, "replay --backtest", &[STRICTER]);
    assert!(told.contains("Leave: only the old finds them         1"), "{told}");
    assert!(told.contains("\nLeave: acme\n"), "{told}");
    assert_eq!(told.matches("From busy (").count(), 1, "the others are no other version: {told}");
    place.write("before.yaml", BUSY);
    let set = run(&place, "replay busy --backtest --json", &[STRICTER]);
    place.write("definitions/busy.yaml", &BUSY.replace(">= 2", ">= 3"));
    let against = place.run("replay busy --backtest --against before.yaml --json");
    let json = |told: &str| -> serde_json::Value {
        let told = told.split("--- ").find_map(|it| it.strip_prefix("stdout\n")).unwrap();
        serde_json::from_str(told).unwrap()
    };
    assert_eq!(json(&set), json(&against));
}

#[test]
fn what_cannot_be_set_is_misuse_and_marked() {
    let place = project();
    let near = "people(\"Report exported\", last 14d) >= 3";
    insta::assert_snapshot!(run(&place, "replay busy", &[near]), @r#"
    exit status 2
    --- stderr
    error[E310]: `busy` does not compare `people("Report exported", last 14d)`
     --> --set:1:1
      |
    1 | people("Report exported", last 14d) >= 3
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: Did you mean `people("Report exported", last 7d) >= 2`? There is also `people("Report exported", last 7d) >= 1`, `account.plan = "free"`.
    "#);
    insta::assert_snapshot!(run(&place, "replay busy", &["people(\"Report exported\", last 7d) >= many"]), @r#"
    exit status 2
    --- stderr
    error[E202]: `many` means nothing here
     --> --set:1:39
      |
    1 | people("Report exported", last 7d) >= many
      |                                       ^^^^
      |
      = help: A text stands between double quotes, a trait is written `account.many` or `person.many`, and a property of an event is read inside `where`.
    "#);
    insta::assert_snapshot!(run(&place, "explain acme busy", &["seen(\"Report exported\", last 7d)"]), @r#"
    exit status 2
    --- stderr
    error[E307]: this compares nothing
     --> --set:1:1
      |
    1 | seen("Report exported", last 7d)
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: Say `count("Report exported", last 7d) >= 1` in the definition: its number can be changed.
    "#);
    insta::assert_snapshot!(run(&place, "replay busy --backtest --against busy", &[STRICTER]), @r#"
    exit status 2
    --- stderr
    error: the argument '--against <OTHER>' cannot be used with '--set <COND>'

    Usage: firsthand replay --backtest --against <OTHER> <DEF>...

    For more information, try '--help'.
    "#);
}
