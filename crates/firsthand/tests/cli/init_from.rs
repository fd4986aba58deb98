//! `firsthand init --from`.

use crate::run::Place;

/// The demonstration's events, and a project proposed from them.
fn proposed() -> (Place, String) {
    let place = Place::empty();
    assert!(place.run("demo postbox --report").starts_with("exit status 0"));
    let told = place.run("init mine --from postbox/events.ndjson");
    (place, told)
}

#[test]
fn what_is_proposed_is_sound_and_finds_somebody_once_imported() {
    let (place, told) = proposed();
    assert!(told.starts_with("exit status 0"), "{told}");
    let settings = place.read("mine/firsthand.yaml");
    for part in
        ["contacts: 10,000", "kind: level", "- Integration connected", "next: starter", "paid:"]
    {
        assert!(settings.contains(part), "{part} is missing in {settings}");
    }
    // The commands that it tells to run next are run as they stand.
    let next = |command: &str| {
        let line = told.lines().find(|it| it.trim().starts_with(&format!("firsthand {command}")));
        place.run(line.unwrap().trim().trim_start_matches("firsthand "))
    };
    assert!(next("import").starts_with("exit status 0"));
    let checked = place.run("check --strict --project mine");
    assert!(checked.contains("no problems"), "{checked}");
    let replayed = next("replay");
    assert!(replayed.contains("near-limit"), "{replayed}");
    let figures = next("replay --backtest");
    for definition in ["activated-trial", "content-lead", "near-limit", "steady-team"] {
        assert!(figures.contains(definition), "{definition} is missing in {figures}");
    }
}

#[test]
fn an_existing_project_is_not_overwritten_nor_its_events_read() {
    let place = Place::empty();
    place.run("init shop");
    insta::assert_snapshot!(place.run("init shop --from nowhere.ndjson"), @r"
    exit status 2
    --- stderr
    error: `shop` already has `firsthand.yaml`

    help: Choose an empty folder, or move these away.
    ");
}

#[test]
fn files_with_nothing_in_them_are_named_and_leave_nothing_behind() {
    let place = Place::empty();
    place.write("empty.ndjson", "");
    insta::assert_snapshot!(place.run("init shop --from empty.ndjson"), @r"
    exit status 2
    --- stderr
    error: there is nothing to propose from in `empty.ndjson`

    help: The files hold no records. Name files of events, or start from an example with `firsthand init`.
    ");
    place.write("bad.csv", "time,event,person\nsoon,Report exported,ana\n");
    insta::assert_snapshot!(place.run("init shop --from bad.csv"), @r"
    exit status 2
    --- stderr
    error: there is nothing to propose from in `bad.csv`

    help: No record could be read. The first, on line 2 of `bad.csv`: `soon` in `time` is not a time.
    ");
    let told = place.run("init shop --from nowhere.csv");
    assert!(told.contains("cannot open `nowhere.csv`"), "{told}");
    assert!(!place.path("shop").exists());
}

#[test]
fn a_mapping_given_or_guessed_is_written_down_and_works() {
    let place = Place::empty();
    let lesson = |number: i32| format!("s{},2026-03-{:02},sql\n", number % 9, 1 + number % 28);
    let lessons: Vec<String> = (0..60).map(lesson).collect();
    let log = format!("student,day,lesson\n{}", lessons.concat());
    place.write("lessons.csv", &log);
    let flags = "--map person=student --map time=day --map event_name=Lesson";
    let told = place.run(&format!("init school --from lessons.csv {flags}"));
    assert!(told.contains("firsthand import lessons.csv --as lessons --project school"), "{told}");
    assert!(!told.contains("guessed"), "{told}");
    let log = log.replace("student,", "student_id,");
    place.write("lessons.csv", &log);
    let told = place.run("init guessed --from lessons.csv");
    assert!(told.contains("firsthand import lessons.csv --as lessons --project guessed"), "{told}");
    let imported = place.run("import lessons.csv --as lessons --project guessed");
    assert!(imported.contains("60 facts added"), "{imported}");
    let checked = place.run("check --strict --project guessed");
    assert!(checked.contains("no problems"), "{checked}");
}
