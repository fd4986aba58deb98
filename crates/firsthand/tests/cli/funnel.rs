//! `firsthand funnel`, over an imported history alone.

use crate::run::Place;

/// A project with a few firms: two are found and one of them pays, one pays by itself.
fn project() -> Place {
    let place = Place::empty();
    place.write("firsthand.yaml", SETTINGS);
    let mut facts = String::new();
    for (firm, days) in [("acme", "5 6 9"), ("beta", "5 6"), ("core", "20"), ("dune", "")] {
        let mut say = |day: &str, event: &str| {
            let at = format!("2026-01-{:0>2}T09:00:00Z", day);
            facts += &format!(
                "{{\"time\":\"{at}\",\"person\":\"ann@{firm}.example\",\"account\":\"{firm}\",\
                 \"event\":\"{event}\",\"properties\":{{\"amount\":49}}}}\n"
            );
        };
        say("2", "Signed up");
        let days: Vec<&str> = days.split(' ').filter(|it| !it.is_empty()).collect();
        match days[..] {
            [one, two] => [one, two].iter().for_each(|day| say(day, "Report exported")),
            [one, two, paid] => {
                [one, two].iter().for_each(|day| say(day, "Report exported"));
                say(paid, "Subscription started");
            }
            [paid] => say(paid, "Subscription started"),
            _ => {}
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
