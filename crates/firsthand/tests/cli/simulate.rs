//! `firsthand simulate`: every shape that it writes imports back as what it wrote.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::run::Place;

/// What was told of each account: how often each event and record is there.
type Told = BTreeMap<(String, String), u64>;

/// Events and records by account and name, as the history of a project has them.
fn told(place: &Place, project: &str) -> Told {
    let output = place.command(&format!("export --project {project}")).output().unwrap();
    let mut told = Told::new();
    for line in String::from_utf8(output.stdout).unwrap().lines() {
        let fact: Value = serde_json::from_str(line).unwrap();
        let text = |name: &str| fact[name].as_str().map(str::to_owned);
        if let Some(name) = text("event").or_else(|| text("record")) {
            *told.entry((text("account").unwrap_or_default(), name)).or_default() += 1;
        }
    }
    told
}

#[test]
fn every_shape_imports_back_as_what_goes_straight_into_a_history() {
    let place = Place::empty();
    let made = place.run("simulate --events 4k --seed 3 --into direct");
    assert!(made.starts_with("exit status 0"), "{made}");
    let direct = told(&place, "direct");
    assert!(direct.len() > 200, "{}", direct.len());
    for (shape, file, more) in [
        ("own", "own.ndjson.zst", ""),
        ("csv", "table.csv.gz", ""),
        ("segment", "segment.ndjson.gz", ""),
        ("rudderstack", "rudderstack.ndjson", ""),
        ("posthog", "posthog.ndjson", ""),
        ("mixpanel", "mixpanel.ndjson", "--group-type company"),
        ("amplitude", "amplitude.json", ""),
    ] {
        let simulate = format!("simulate --events 4k --seed 3 --shape {shape}");
        let made = place.run(&format!("{simulate} {file} --with-project of-{shape}"));
        assert!(made.starts_with("exit status 0"), "{shape}: {made}");
        let import = format!("import {file} --project of-{shape} --strict {more}");
        let imported = place.run(&import);
        assert!(imported.starts_with("exit status 0"), "{shape}: {imported}");
        assert!(told(&place, &format!("of-{shape}")) == direct, "{shape}: {imported}");
        assert!(place.path(&format!("{}.truth.json", file.split('.').next().unwrap())).is_file());
    }
}

#[test]
fn a_messy_export_is_taken_in_and_its_repeats_count_once() {
    let place = Place::empty();
    place.run("simulate --events 4k --seed 3 --messy mess.ndjson --with-project messy");
    let told = place.run("import mess.ndjson --project messy --strict --json");
    assert!(told.starts_with("exit status 0"), "{told}");
    assert!(told.contains("repeated") && told.contains("junk_id"), "{told}");
}

#[test]
fn the_same_options_give_the_same_bytes_for_any_number_of_threads() {
    let place = Place::empty();
    for (threads, file) in [(1, "one.ndjson.gz"), (4, "four.ndjson.gz")] {
        place.run(&format!("simulate --events 6k --messy --threads {threads} {file}"));
    }
    let [one, four] = ["one", "four"].map(|name| {
        ["ndjson.gz", "truth.ndjson", "truth.json"]
            .map(|ending| std::fs::read(place.path(&format!("{name}.{ending}"))).unwrap())
    });
    assert!(one == four);
    assert!(one[0].len() > 50_000);
}

#[test]
fn nothing_is_overwritten_and_what_is_asked_wrongly_is_refused() {
    let place = Place::empty();
    place.write("events.ndjson", "mine\n");
    insta::assert_snapshot!(place.run("simulate --events 1k events.ndjson"), @r"
    exit status 2
    --- stderr
    error: `events.ndjson` is there already

    help: Remove it, or choose another name.
    ");
    assert_eq!(place.read("events.ndjson"), "mine\n");
    assert!(!place.path("events.truth.ndjson").exists(), "nothing is left behind");
    place.run("init shop");
    let told = place.run("simulate --events 1k --into shop");
    assert!(told.starts_with("exit status 2"), "{told}");
    insta::assert_snapshot!(place.run("simulate --events many -"), @r"
    exit status 2
    --- stderr
    error: invalid value 'many' for '--events <COUNT>': not a count such as 10k, 2.5M or 1B

    For more information, try '--help'.
    ");
    insta::assert_snapshot!(place.run("simulate --late 120% -"), @r"
    exit status 2
    --- stderr
    error: invalid value '120%' for '--late <SHARE>': not a share such as `5%` or `0.05`

    For more information, try '--help'.
    ");
}
