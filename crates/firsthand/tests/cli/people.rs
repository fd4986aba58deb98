//! Leads, explanations and figures where persons are judged, some known late and some never.

use crate::run::Place;

/// Three people and two visitors; one person has the id of the account.
const FACTS: &str = r#"{"time":"2026-03-02T09:00:00Z","account":"acme","of":"account","traits":{"name":"Acme","plan":"free"}}
{"time":"2026-03-02T10:00:00Z","account":"acme","person":"ana","event":"Contacts imported","properties":{"contacts":8000}}
{"time":"2026-03-03T11:00:00Z","account":"acme","person":"ana","event":"Report exported"}
{"time":"2026-03-03T11:30:00Z","account":"acme","person":"ben","event":"Report exported"}
{"time":"2026-03-03T11:40:00Z","account":"acme","person":"ben","event":"Report exported"}
{"time":"2026-03-03T11:40:00Z","person":"ben","of":"person","traits":{"name":"Ben"}}
{"time":"2026-03-03T11:45:00Z","account":"acme","person":"acme","event":"Report exported"}
{"time":"2026-03-04T13:00:00Z","anonymous":"v1","event":"Page viewed"}
{"time":"2026-03-04T13:00:00Z","anonymous":"v2","event":"Page viewed"}
{"time":"2026-03-20T12:00:00Z","account":"acme","record":"Subscription started","properties":{"amount":49}}
"#;

const KEEN: &str = r#"definition: keen
track: product
subject: person
when: count("Report exported", last 30d) >= 1
score: count("Report exported", last 30d)
why: "{{ person.name }} of {{ account.name }}: {{ usage.contacts }} of {{ limit.contacts }} contacts, {{ members }} people."
"#;

fn project() -> Place {
    let place = Place::empty();
    place.run("init");
    place.write("definitions/keen.yaml", KEEN);
    place.write("facts.ndjson", FACTS);
    place.run("import facts.ndjson");
    place
}

#[test]
fn the_highest_score_comes_first_and_a_sentence_says_why() {
    let place = project();
    insta::assert_snapshot!(place.run("replay --holding --limit 3"), @r"
    exit status 0
    --- stdout
    ben  Ben of Acme: 8,000 of 10,000 contacts, 3 people.
      keen since 2026-03-03 11:30, score 2, of account acme
      - 2 × “Report exported” in the last 30 days; 1 needed

    acme  unknown of Acme: 8,000 of 10,000 contacts, 3 people.
      keen since 2026-03-03 11:45, score 1, of account acme
      - 1 × “Report exported” in the last 30 days; 1 needed

    ana  unknown of Acme: 8,000 of 10,000 contacts, 3 people.
      keen since 2026-03-03 11:00, score 1, of account acme
      - 1 × “Report exported” in the last 30 days; 1 needed
    --- stderr
    and 1 more lead; `--limit N` shows more
    ");
    insta::assert_snapshot!(place.run("replay keen --holding --limit 1 --json"), @r#"
    exit status 0
    --- stdout
    [
    {"definition":"keen","track":"product","kind":"person","subject":"ben","account":"acme","entered":"2026-03-03T11:30:00Z","left":null,"known_at":"2026-03-03T11:30:00Z","score":2,"headline":"Ben of Acme: 8,000 of 10,000 contacts, 3 people.","reasons":["2 × “Report exported” in the last 30 days; 1 needed"]}
    ]
    --- stderr
    1 of 3 rows; `--limit N` shows more
    "#);
}

#[test]
fn who_is_kept_is_said_to_be() {
    let place = project();
    insta::assert_snapshot!(place.run("replay near-limit --holding"), @r"
    exit status 0
    --- stdout
    acme  Acme uses 8,000 of 10,000 contacts.
      near-limit since 2026-03-03 11:30
      - kept: 8,000 contacts used; 70% of the limit is 7,000
    ");
}

#[test]
fn an_id_of_an_account_and_a_person_shows_both_or_the_one_that_is_chosen() {
    let place = project();
    insta::assert_snapshot!(place.run("explain acme"), @r"
    exit status 0
    --- stdout
    kind     definition    state              since             why, or the nearest miss
    ────────────────────────────────────────────────────────────────────────────────────────────────────
    account  near-limit    qualified          2026-03-03 11:30  Acme uses 8,000 of 10,000 contacts.
    account  steady-trial  not qualified yet                    core events on 0 days in the last 7
                                                                days; 3 needed (3 more days); 2 more
                                                                missing
    person   keen          qualified          2026-03-03 11:45  unknown of Acme: 8,000 of 10,000
                                                                contacts, 3 people.
    --- stderr
    `acme` is an account and a person; `--account` or `--person` chooses
    ");
    let chosen = place.run("explain acme --person");
    assert!(chosen.contains("keen") && !chosen.contains("near-limit"), "{chosen}");
    let chosen = place.run("explain acme --account");
    assert!(!chosen.contains("keen") && chosen.contains("near-limit"), "{chosen}");
}

#[test]
fn whoever_is_not_found_is_looked_for_nearby() {
    let place = project();
    insta::assert_snapshot!(place.run("explain bem"), @r"
    exit status 2
    --- stderr
    error: nothing was recorded of `bem` by 2026-03-20 12:00

    help: Did you mean `ben`?
    ");
    insta::assert_snapshot!(place.run("explain v1"), @r"
    exit status 2
    --- stderr
    error: nothing was recorded of `v1` by 2026-03-20 12:00

    help: Did you mean `anon:v1` or `own:anon:v1`?
    ");
    insta::assert_snapshot!(place.run("explain ben near-limit"), @r"
    exit status 2
    --- stderr
    error: `near-limit` judges accounts, `ben` is a person
    ");
    std::fs::remove_file(place.path("definitions/keen.yaml")).unwrap();
    insta::assert_snapshot!(place.run("explain ben"), @r"
    exit status 2
    --- stderr
    error: `ben` is a person, and no definition judges persons

    help: The person's account may have qualified: `firsthand explain acme`.
    ");
}

#[test]
fn what_became_known_late_says_when() {
    let place = project();
    place.write(
        "late.ndjson",
        r#"{"time":"2026-03-06T09:00:00Z","known_at":"2026-03-11T08:00:00Z","account":"beta","person":"cem","event":"Report exported"}"#,
    );
    place.run("import late.ndjson");
    insta::assert_snapshot!(place.run("explain cem keen"), @r#"
    exit status 0
    --- stdout
    keen on cem: qualified since 2026-03-06 09:00, as of 2026-03-20 12:00

    unknown of unknown: 0 of unknown contacts, 1 people.

    role  state  condition                                observed  needed  missing
    ─────────────────────────────────────────────────────────────────────────────────
    when  met    count("Report exported", last 30d) >= 1         1       1

    History

    change   at                known
    ─────────────────────────────────────────────
    entered  2026-03-06 09:00  2026-03-11 08:00
    "#);
    let told = place.run("explain cem keen --json");
    assert!(told.contains(r#""known_at": "2026-03-11T08:00:00Z""#), "{told}");
}

#[test]
fn visitors_are_no_customers_yet() {
    let place = project();
    let told = place.run("replay near-limit --backtest");
    assert!(told.contains("Left out everywhere: 2 visitors who never signed up."), "{told}");
    let told = place.run("replay near-limit --backtest --cohort 2026-03-01..2026-03-03");
    assert!(!told.contains("visitors"), "none began then: {told}");
    let (without, with) = (place.run("accounts"), place.run("accounts --visitors"));
    assert!(!without.contains("own:anon:v1") && without.contains("and 2 visitors"), "{without}");
    assert!(with.contains("own:anon:v1"), "{with}");
}

#[test]
fn a_definition_without_outcome_is_left_out_of_all_and_refused_alone() {
    let place = project();
    let told = place.run("replay --backtest");
    assert!(told.contains("`keen` is left out: the project has no outcome of persons"), "{told}");
    assert!(place.run("replay keen --backtest").starts_with("exit status 2"));
}

#[test]
fn a_comparison_is_with_a_definition_a_file_or_a_folder() {
    let place = project();
    let text = place.read("definitions/near-limit.yaml");
    let stricter = text.replace(">= 2\n", ">= 4\n");
    assert_ne!(text, stricter);
    place.write("other.yaml", &stricter.replace("definition: near-limit", "definition: stricter"));
    place.run("init before");
    place.write("before/definitions/near-limit.yaml", &stricter);
    for other in ["other.yaml", "before"] {
        let told = place.run(&format!("replay near-limit --backtest --against {other}"));
        assert!(told.contains("Enter: only the new finds them         1"), "{other}: {told}");
        assert!(told.ends_with("\nEnter: acme\n"), "{other}: {told}");
    }
    std::fs::rename(place.path("other.yaml"), place.path("definitions/other.yaml")).unwrap();
    let told = place.run("replay near-limit --backtest --against stricter --json");
    let told = told.split_once("--- stdout\n").unwrap().1;
    let told: serde_json::Value = serde_json::from_str(told).unwrap();
    assert_eq!(told["comparisons"][0]["enters"]["subjects"][0]["id"], "acme");
    insta::assert_snapshot!(place.run("replay near-limit --backtest --against keen"), @r"
    exit status 2
    --- stderr
    error: `near-limit` judges accounts and `keen` judges persons

    help: Compare two definitions of the same kind of subject.
    ");
    insta::assert_snapshot!(place.run("replay near-limit --backtest --against strictr"), @r"
    exit status 2
    --- stderr
    error: there is no file, folder or definition `strictr`

    help: Did you mean `stricter`?
    ");
    insta::assert_snapshot!(place.run("replay --backtest --against stricter"), @r"
    exit status 2
    --- stderr
    `keen` is left out: the project has no outcome of persons
    error: `stricter` is one definition, to compare one with

    help: Name the one: `firsthand replay DEF --backtest --against OTHER`.
    ");
}

#[test]
fn accounts_are_found_by_what_holds_and_put_in_order_by_usage() {
    let place = project();
    insta::assert_snapshot!(place.run("accounts --holding near-limit --csv"), @r"
    exit status 0
    --- stdout
    account,name,plan,contacts_used,contacts_limit,contacts_share,people,events,first,last_event,holds
    acme,Acme,free,8000,10000,0.8,3,5,2026-03-02T09:00:00Z,2026-03-03T11:45:00Z,near-limit
    ");
    assert!(place.run("accounts --holding steady-trial").contains("(none)"));
    assert!(place.run("accounts --holding nobody").starts_with("exit status 2"));
    let first = place.run("accounts --visitors --sort usage --csv");
    assert_eq!(first.lines().nth(3).and_then(|it| it.split(',').next()), Some("acme"), "{first}");
}

#[test]
fn check_tells_how_each_story_came_out() {
    let place = project();
    let text = place.read("definitions/near-limit.yaml");
    let results = || {
        let told = place.run("check --json");
        let told: serde_json::Value =
            serde_json::from_str(told.split_once("--- stdout\n").unwrap().1).unwrap();
        let stories = told["stories"].as_array().unwrap().clone();
        stories.iter().map(|it| it["result"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(results(), ["passed", "passed"]);
    let other_day = text.replace("entered 2026-03-03", "entered 2026-03-04");
    place.write("definitions/near-limit.yaml", &other_day);
    assert_eq!(results(), ["failed", "passed"]);
    place.write("definitions/near-limit.yaml", &text.replace("{{ usage", "{{ usages"));
    assert_eq!(results(), ["passed", "passed"], "a template is no reason for a story to fail");
    place.write("definitions/near-limit.yaml", &text.replace("when:", "when: usage(x) > 1 and"));
    assert_eq!(results(), ["not run", "not run"]);
}

#[test]
fn a_template_that_the_project_cannot_fill_is_refused_by_every_command() {
    let place = project();
    place.write("definitions/keen.yaml", &KEEN.replace("usage.contacts", "usage.contcats"));
    for command in ["check", "replay", "explain acme", "accounts"] {
        let told = place.run(command);
        assert!(told.starts_with("exit status 1"), "{command}: {told}");
        assert!(told.contains("there is no meter `contcats`"), "{command}: {told}");
        assert!(told.contains("definitions/keen.yaml:6:"), "{command}: {told}");
    }
}

#[test]
fn the_doctor_notes_events_told_twice_and_leftovers_and_compacts() {
    let place = project();
    place.write("again.ndjson", FACTS.lines().nth(2).unwrap());
    place.run("import again.ndjson --source billing");
    std::fs::create_dir(place.path("data/history/intake")).unwrap();
    let told = place.run("doctor --compact");
    assert!(told.starts_with("exit status 0"), "notes are no fault: {told}");
    for part in ["1 event told by", "an import is under way", "rewritten"] {
        assert!(told.contains(part), "{part} is missing in {told}");
    }
    assert!(!place.run("doctor").contains("under way"), "compaction has cleared up");
}
