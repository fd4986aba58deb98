//! Commands inside a project: import, check, replay, explain, accounts, export, doctor.

use std::io::Write;
use std::process::Stdio;

use crate::run::Place;

/// A new project with a few facts.
fn project() -> Place {
    let place = Place::empty();
    place.run("init");
    place.write("facts.ndjson", FACTS);
    place.run("import facts.ndjson");
    place
}

const FACTS: &str = r#"{"time":"2026-03-02T09:00:00Z","account":"acme","of":"account","traits":{"name":"Acme","plan":"free"}}
{"time":"2026-03-02T10:00:00Z","account":"acme","person":"ana","event":"Contacts imported","properties":{"contacts":8000}}
{"time":"2026-03-03T11:00:00Z","account":"acme","person":"ana","event":"Report exported"}
{"time":"2026-03-03T11:30:00Z","account":"acme","person":"ben","event":"Report exported"}
{"time":"2026-03-09T12:00:00Z","account":"acme","record":"Subscription started","properties":{"amount":49}}
{"time":"2026-03-04T12:00:00Z","account":"beta","of":"account","traits":{"name":"Beta","plan":"free"}}
"#;

#[test]
fn a_starting_project_checks_clean() {
    let place = Place::empty();
    place.run("init");
    insta::assert_snapshot!(place.run("check"), @r"
    exit status 0
    --- stdout
    no problems in 3 files: 2 definitions, 2 stories run, 1 meter, 0 scores, 1 outcome
    ");
}

#[test]
fn check_says_everything_at_its_place() {
    let place = Place::empty();
    place.run("init");
    let text = place.read("definitions/near-limit.yaml");
    let text = text.replace("usage(contacts) >= 80%", "usage(contcats) >= 80%");
    place.write(
        "definitions/near-limit.yaml",
        &text.replace("grace:", "grase:").replace("track: product", "trakc: product"),
    );
    insta::assert_snapshot!(place.run("check"), @r"
    exit status 1
    --- stdout
    error[E102]: unknown key `trakc` in a definition
     --> definitions/near-limit.yaml:4:1
      |
    4 | trakc: product
      | ^^^^^
      |
      = help: Did you mean `track`? Known keys: `definition`, `title`, `track`, `subject`, `when`, `stay`, `unless`, `holds_for`, `grace`, `score`, `why`, `expect`.

    error[E301]: there is no meter `contcats`
     --> definitions/near-limit.yaml:8:13
      |
    8 |   and usage(contcats) >= 80% of limit(contacts)
      |             ^^^^^^^^
      |
      = help: Did you mean `contacts`?

    2 errors in 3 files: 2 definitions, 2 stories not run, 1 meter, 0 scores, 1 outcome
    ");
    let told = place.run("check --csv");
    assert!(told.starts_with("exit status 1\n--- stdout\nseverity,code,file,line"), "{told}");
}

#[test]
fn a_failed_story_is_a_problem() {
    let place = Place::empty();
    place.run("init");
    let text = place.read("definitions/near-limit.yaml");
    place.write(
        "definitions/near-limit.yaml",
        &text.replace("entered 2026-03-03", "entered 2026-03-04"),
    );
    insta::assert_snapshot!(place.run("check"), @r"
    exit status 1
    --- stdout
    error[E402]: the story `two people work with 8,000 of 10,000 contacts, then the account pays` came out differently: entry 1 is at another time
      --> definitions/near-limit.yaml:21:7
       |
    21 | /       entered 2026-03-04 11:00
    22 | |       left    2026-03-09 12:00
       | |______________________________^
       |
       = help: `acme` was expected: entered 2026-03-04 11:00, left 2026-03-09 12:00; it came out: entered 2026-03-03 11:00, left 2026-03-09 12:00.

    1 error in 3 files: 2 definitions, 2 stories run, 1 meter, 0 scores, 1 outcome
    ");
}

#[test]
fn files_become_facts_and_a_second_import_adds_nothing() {
    let place = Place::empty();
    place.run("init");
    place.write("facts.ndjson", FACTS);
    insta::assert_snapshot!(place.run("import facts.ndjson"), @r"
    exit status 0
    --- stdout
    file          read as      records  facts  rejects
    ────────────────────────────────────────────────────
    facts.ndjson  facts, JSON        6      6        0

    6 facts added, from 2026-03-02 to 2026-03-09
    ");
    insta::assert_snapshot!(place.run("import facts.ndjson"), @r"
    exit status 0
    --- stdout
    file          read as      records  facts  rejects
    ────────────────────────────────────────────────────
    facts.ndjson  facts, JSON        6      6        0

    0 facts added, 6 facts there already, from 2026-03-02 to 2026-03-09
    ");
}

#[test]
fn bad_rows_are_named_and_kept_aside() {
    let place = Place::empty();
    place.run("init");
    place.write("log.csv", "who,when,what\nana,2026-03-02,Report exported\n,2026-03-03,Report exported\nben,soon,Report exported\n");
    let flags = "--map person=who --map time=when --map event=what";
    insta::assert_snapshot!(place.run(&format!("import log.csv {flags}")), @r"
    exit status 0
    --- stdout
    file     read as          records  facts  rejects
    ───────────────────────────────────────────────────
    log.csv  by mapping, CSV        3      1        2

    1 fact added, from 2026-03-02 to 2026-03-02

    2 records not taken in; see data/rejects.ndjson

    code        records  meaning
    ─────────────────────────────────────────────────────────────────
    bad_time          1  The time cannot be read.
    no_subject        1  The record names no person and no account.
    ");
    insta::assert_snapshot!(place.read("data/rejects.ndjson"), @r#"
    {"file":"log.csv","line":3,"column":null,"code":"no_subject","reason":"the record names no person and no account","record":",2026-03-03,Report exported"}
    {"file":"log.csv","line":4,"column":"when","code":"bad_time","reason":"`soon` in `when` is not a time","record":"ben,soon,Report exported"}
    "#);
    let told = place.run(&format!("import log.csv --strict {flags}"));
    assert!(told.starts_with("exit status 1"), "{told}");
}

#[test]
fn wrong_imports_are_refused_with_a_way_out() {
    let place = Place::empty();
    place.run("init");
    place.write("log.csv", "who,when,what\nana,2026-03-02,Report exported\n");
    insta::assert_snapshot!(place.run("import nowhere.csv"), @r"
    exit status 1
    --- stderr
    error: cannot open `nowhere.csv`: No such file or directory (os error 2)

    help: Check the name; it counts from the folder that you are in.
    ");
    insta::assert_snapshot!(place.run("import log.csv --as logs"), @r"
    exit status 2
    --- stderr
    error: there is no import mapping `logs`

    help: The project has no import mapping.
    ");
    insta::assert_snapshot!(place.run("import log.csv --map persn=who"), @r"
    exit status 2
    --- stderr
    error: `persn` is no key of a mapping; did you mean `person`?
    ");
    insta::assert_snapshot!(place.run("import log.csv --map person=who --map time=when --map event=what --map id=what"), @r"
    exit status 2
    --- stderr
    error: rows with ids of their own need a named source

    help: Name it, such as `--source billing`: ids are unique within a source.
    ");
}

#[test]
fn an_import_that_is_interrupted_changes_nothing_and_ends_with_130() {
    let place = project();
    let before = place.run("export");
    let mut child = place
        .command("import -")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // More than one chunk, so that the import is under way, and no end.
    let line = FACTS.lines().nth(1).unwrap();
    for number in 0..20_000 {
        writeln!(stdin, "{}", line.replace("ana", &format!("p{number}"))).unwrap();
    }
    let signal =
        std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(signal.unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_eq!(place.run("export"), before);
}

#[test]
fn outside_a_project_every_command_says_so() {
    let place = Place::empty();
    for command in ["check", "replay", "explain acme", "accounts", "export", "doctor", "import x"] {
        let told = place.run(command);
        assert!(told.starts_with("exit status 2"), "{command}: {told}");
        assert!(
            told.contains("neither this folder nor one above it has `firsthand.yaml`"),
            "{told}"
        );
    }
}

#[test]
fn without_facts_a_replay_says_what_to_do() {
    let place = Place::empty();
    place.run("init");
    insta::assert_snapshot!(place.run("replay"), @r"
    exit status 1
    --- stderr
    error: there is no history in `data/history`

    help: Import events first: `firsthand import FILE`.
    ");
}

#[test]
fn a_replay_is_a_table_json_or_csv() {
    let place = project();
    insta::assert_snapshot!(place.run("replay"), @r"
    exit status 0
    --- stdout
    definition  track    kind     subject  entered           left
    ───────────────────────────────────────────────────────────────
    near-limit  product  account  acme     2026-03-03 11:30
    ");
    insta::assert_snapshot!(place.run("replay --json"), @r#"
    exit status 0
    --- stdout
    [
    {"definition":"near-limit","track":"product","kind":"account","subject":"acme","account":"acme","entered":"2026-03-03T11:30:00Z","left":null,"known_at":"2026-03-03T11:30:00Z","score":null,"headline":"Acme uses 8,000 of 10,000 contacts.","reasons":["account.plan is “free”","8,000 contacts used; 80% of the limit is 8,000","2 people did core events in the last 14 days; 2 needed"]}
    ]
    "#);
    insta::assert_snapshot!(place.run("replay --csv --until 2026-03-03"), @r"
    exit status 0
    --- stdout
    definition,track,kind,subject,account,entered,left,known_at,score,headline,reasons
    ");
    insta::assert_snapshot!(place.run("replay --holding"), @r"
    exit status 0
    --- stdout
    acme  Acme uses 8,000 of 10,000 contacts.
      near-limit since 2026-03-03 11:30
      - account.plan is “free”
      - 8,000 contacts used; 80% of the limit is 8,000
      - 2 people did core events in the last 14 days; 2 needed
    ");
    insta::assert_snapshot!(place.run("replay near-limt"), @r"
    exit status 2
    --- stderr
    error: there is no definition `near-limt`

    help: Did you mean `near-limit`?
    ");
    insta::assert_snapshot!(place.run("replay --until soon"), @r"
    exit status 2
    --- stderr
    error: invalid value 'soon' for '--until <TIME>': write `2026-03-08`, `2026-03-08T09:00` or `2026-03-08T09:00:00Z`

    For more information, try '--help'.
    ");
}

#[test]
fn an_outcome_that_nobody_defined_is_misuse() {
    let place = project();
    insta::assert_snapshot!(place.run("replay --backtest --outcome payed"), @r"
    exit status 2
    --- stderr
    error: there is no outcome of accounts `payed`

    help: There is `paid`.
    ");
    insta::assert_snapshot!(place.run("replay --backtest --split 2020-01-01"), @r"
    exit status 2
    --- stderr
    error: the split at `2020-01-01` lies outside the history from `2026-03-02` to `2026-03-09`

    help: Choose a date after the first and up to the last.
    ");
    let told = place.run("replay --within 14d");
    assert!(told.starts_with("exit status 2"), "{told}");
}

#[test]
fn a_file_with_another_version_is_compared() {
    let place = project();
    let text = place.read("definitions/near-limit.yaml");
    place.write("old.yaml", &text.replace(">= 2\n", ">= 3\n"));
    insta::assert_snapshot!(place.run("replay near-limit --backtest --within 1d --against old.yaml --csv"), @r"
    exit status 0
    --- stdout
    definition,kind,subject,change
    near-limit,account,acme,enters
    ");
}

#[test]
fn an_explanation_names_what_is_missing() {
    let place = project();
    insta::assert_snapshot!(place.run("explain acme near-limit --at 2026-03-03T11:15"), @r#"
    exit status 0
    --- stdout
    near-limit on acme: not qualified yet, as of 2026-03-03 11:15

    role    state    condition                                  observed  needed  missing
    ─────────────────────────────────────────────────────────────────────────────────────────────
    when    met      account.plan = "free"                      “free”    “free”
    when    met      usage(contacts) >= 80% of limit(contacts)  8,000     8,000
    when    not met  people(core, last 14d) >= 2                1         2       1 more person
    stay    met      usage(contacts) >= 70% of limit(contacts)  8,000     7,000
    unless  not met  account.plan = "pro"                       “free”    “pro”

    Missing: 1 person did core events in the last 14 days; 2 needed (1 more person)
    "#);
    insta::assert_snapshot!(place.run("explain nobody"), @r"
    exit status 2
    --- stderr
    error: nothing was recorded of `nobody` by 2026-03-09 12:00

    help: `firsthand accounts` lists all accounts.
    ");
}

#[test]
fn what_is_exported_is_what_was_imported() {
    let place = project();
    let first = place.run("export");
    place.run("init copy");
    let export = place.command("export").output().unwrap();
    std::fs::write(place.path("copy/facts.ndjson"), export.stdout).unwrap();
    place.run("import copy/facts.ndjson --project copy");
    assert_eq!(place.run("export --project copy"), first);
    assert_eq!(first.lines().filter(|it| it.starts_with('{')).count(), FACTS.lines().count());
}

#[test]
fn a_pipe_that_is_closed_early_is_no_failure() {
    let place = project();
    let mut child =
        place.command("export").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn the_accounts_are_listed_and_the_doctor_is_content() {
    let place = project();
    insta::assert_snapshot!(place.run("accounts"), @r"
    exit status 0
    --- stdout
    account  name  plan  contacts                people  last event  holds now
    ─────────────────────────────────────────────────────────────────────────────
    acme     Acme  free  8,000 of 10,000 (80 %)       2  2026-03-03  near-limit
    beta     Beta  free  0 of 10,000 (0 %)            0
    ");
    insta::assert_snapshot!(place.run("accounts be --csv"), @r"
    exit status 0
    --- stdout
    account,name,plan,contacts_used,contacts_limit,contacts_share,people,events,first,last_event,holds
    beta,Beta,free,0,10000,0.0,0,0,2026-03-04T12:00:00Z,,
    ");
    insta::assert_snapshot!(place.run("doctor"), @r"
    exit status 0
    --- stdout
    part           state  found                            what to do
    ───────────────────────────────────────────────────────────────────────────────
    configuration  note   6 warnings                       Run `firsthand check`.
    history        ok     6 facts
    segments       ok     every file is whole
    leftovers      ok     none
    sources        ok     no event is told by two of them
    disk           ok     room enough
    ");
}

#[test]
fn the_doctor_finds_damage() {
    let place = project();
    let segments = place.path("data/history/segments");
    let segment = std::fs::read_dir(segments).unwrap().next().unwrap().unwrap().path();
    let mut bytes = std::fs::read(&segment).unwrap();
    bytes.truncate(100);
    std::fs::write(&segment, bytes).unwrap();
    let told = place.run("doctor");
    assert!(told.starts_with("exit status 1") && told.contains("wrong"), "{told}");
}
