//! `firsthand funnel`, over an imported history alone.

use crate::run::Place;

/// A project with a few firms: two are found and one of them pays, one pays by itself.
fn project() -> Place {
    let place = Place::empty();
    place.write("firsthand.yaml", SETTINGS);
    let mut facts = String::new();
    for (firm, found, paid) in [
        ("acme", &["05", "06"][..], Some("09")),
        ("beta", &["05", "06"], None),
        ("core", &[], Some("20")),
        ("dune", &[], None),
    ] {
        let mut say = |day: &str, event: &str| {
            let fact = serde_json::json!({
                "time": format!("2026-01-{day}T09:00:00Z"),
                "person": format!("ann@{firm}.example"),
                "account": firm,
                "event": event,
                "properties": {"amount": 49},
            });
            facts.push_str(&fact.to_string());
            facts.push('\n');
        };
        say("02", "Signed up");
        for day in found {
            say(day, "Report exported");
        }
        if let Some(day) = paid {
            say(day, "Subscription started");
        }
    }
    facts += "{\"time\":\"2026-06-01T09:00:00Z\",\"person\":\"x\",\"account\":\"late\",\"event\":\"Signed up\"}\n";
    place.write("facts.ndjson", &facts);
    place.run("import facts.ndjson");
    place
}

const SETTINGS: &str = r#"
project: few
start: { event: '"Signed up"' }
outcomes:
  paid: { subject: account, on: '"Subscription started"', value: amount }
---
definition: busy
track: product
when: count("Report exported") >= 2
---
definition: letters
track: none
when: count("Letter opened") >= 1
"#;

#[test]
fn the_lifecycle_is_told_of_a_history_without_any_server() {
    let place = project();
    insta::assert_snapshot!(place.run("funnel --within 30d"));
    let table = place.run("funnel --csv");
    let head = "exit status 0\n--- stdout\npart,name,figure,count,of,value,low,high\n";
    assert!(table.starts_with(head), "{table}");
    assert!(place.run("funnel --json").contains("\"within_days\": 60.0"));
}

#[test]
fn what_cannot_be_asked_is_refused_with_advice() {
    let place = project();
    insta::assert_snapshot!(place.run("funnel --segment giants"), @r"
    exit status 2
    --- stderr
    error: there is no segment `giants`

    help: There is `letters`.
    ");
    insta::assert_snapshot!(place.run("funnel --outcome fame"), @r"
    exit status 2
    --- stderr
    error: accounts have no outcome `fame`

    help: There is `paid`.
    ");
    insta::assert_snapshot!(place.run("funnel --holdouts"), @r"
    exit status 2
    --- stderr
    error: nothing was held out here: no server has run on this project

    help: Plays are carried out by `firsthand serve`; holdouts begin with it.
    ");
    insta::assert_snapshot!(place.run("funnel --by luck"), @r"
    exit status 2
    --- stderr
    error: invalid value 'luck' for '--by <DATE>': write `began` or `found`

    For more information, try '--help'.
    ");
}
