//! Other programs read the same rows.

use std::process::Command;

use firsthand_model::fact::Body;

use super::*;
use crate::Compaction;

/// What people are told to run.
const PAGE: &str = include_str!("../../../../docs/history.md");

/// The queries in `docs/history.md`, as they stand there, and the scan tell the same.
#[test]
#[ignore = "needs python3 with the module duckdb"]
fn duckdb_reads_the_rows_that_a_scan_shows() {
    let device = |id: &str, at: i64, to: &str| {
        let who = Who { anonymous: Some("device".into()), ..user(to) };
        fact(id, day(at), who, Body::Link)
    };
    let visit = |n: i64| {
        let json = format!(r#"{{"amount":{n}.5,"format":"pdf"}}"#);
        fact(&format!("v{n}"), day(n), anonymous("device"), event("Visited", &json))
    };
    let mut facts: Vec<Fact> = (0..200).map(visit).collect();
    facts.push(device("l1", 3, "ann"));
    let project = tempfile::tempdir().unwrap();
    let history = project.path().join("data/history");
    let mut history = History::create(history, &IdentityRules::default(), 0).unwrap();
    history.promote(&["amount".into(), "format".into()]).unwrap();
    let mut told = Vec::new();
    // A history that is new has an overlay too, if an empty one.
    for facts in [&facts[..], &[device("l2", 180, "bob")]] {
        let mut intake = history.intake(&Calendar::default()).unwrap();
        for fact in facts {
            intake.take(fact).unwrap();
        }
        intake.finish().unwrap();
        told.push(documented_queries(project.path()));
    }
    assert_eq!(history.state.overlay.segments().count(), 1);
    let micros = |n| day(n).micros();
    let ann =
        |n: i64, amount: &str| format!("own:ann 1 {n} {} {} {amount}\n", micros(0), micros(n - 1));
    let bob = format!("own:bob 1 20 {} {} 3800.000000\n", micros(180), micros(199));
    assert_eq!(told, [ann(200, "20000.000000"), ann(180, "16200.000000") + &bob]);
}

/// What the queries of the page print in a project's folder, times in microseconds.
fn documented_queries(project: &std::path::Path) -> String {
    let blocks = PAGE.split("```sql\n").skip(1).map(|it| it.split_once("```").unwrap().0);
    let [view, query] = blocks.collect::<Vec<_>>()[..] else { panic!("the page has two queries") };
    let query = query.trim_end().trim_end_matches(';');
    let script = format!(
        "import duckdb\nduckdb.sql(\"\"\"{view}\"\"\")\n\
         for row in duckdb.sql(\"\"\"SELECT * REPLACE (epoch_us(first) AS first, \
         epoch_us(last_event) AS last_event) FROM ({query})\"\"\").fetchall(): print(*row)"
    );
    let mut python = Command::new("python3");
    let output = python.args(["-c", &script]).current_dir(project).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Whatever happens to a history, queries find an overlay to leave rows out by.
#[test]
fn there_is_always_one_overlay_file() {
    let mut fixture = Fixture::new();
    let overlays = |fixture: &Fixture| {
        let files = std::fs::read_dir(fixture.dir.path().join("knowledge")).unwrap();
        let names = files.map(|it| it.unwrap().file_name().into_string().unwrap());
        names.filter(|it| it.starts_with("overlay-") && it.ends_with(".parquet")).count()
    };
    assert_eq!(overlays(&fixture), 1, "in a new history");
    let visit = fact("1", day(1), anonymous("device"), event("Visited", "{}"));
    fixture.import(&[visit]);
    assert_eq!(overlays(&fixture), 1, "after an import");
    let who = Who { anonymous: Some("device".into()), ..user("ann") };
    fixture.import(&[fact("2", day(2), who, Body::Link)]);
    assert_eq!(overlays(&fixture), 1, "after rows were moved");
    fixture.history.compact(Compaction::Everywhere).unwrap();
    assert_eq!(overlays(&fixture), 1, "after a compaction");
}

/// However a stream lies in segments, its newest facts are the end of all of them.
#[test]
fn the_newest_facts_of_an_account_are_the_end_of_its_stream() {
    let sold = |n: i64| {
        fact(&format!("s{n}"), day(n / 3), within("acme", user("ann")), event("Sold", "{}"))
    };
    let elsewhere =
        |n: i64| fact(&format!("e{n}"), day(n), within("bolt", user("bob")), event("Sold", "{}"));
    let mut fixture = Fixture::with(&(0..40).step_by(2).map(sold).collect::<Vec<_>>());
    fixture.import(
        &(0..40).skip(1).step_by(2).map(sold).chain((0..9).map(elsewhere)).collect::<Vec<_>>(),
    );
    let all = fixture.history.facts_of("acme").unwrap();
    assert_eq!(all.len(), 40);
    for until in [-1, 0, 5, 13, 99] {
        let there: Vec<_> = all.iter().filter(|it| it.time <= day(until)).collect();
        for most in [1, 7, 39, 40, 100] {
            let (found, reach) = fixture.history.newest_facts_of("acme", day(until), most).unwrap();
            let wanted = &there[there.len().saturating_sub(most)..];
            assert_eq!(found.iter().collect::<Vec<_>>(), wanted, "{most} until {until}");
            let cut = (there.len() > most).then(|| wanted[0].time);
            assert_eq!(reach, cut, "{most} until {until}");
        }
    }
}
