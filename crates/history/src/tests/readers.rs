//! Other programs read the same rows.

use std::process::Command;

use firsthand_model::fact::Body;

use super::*;

/// What people are told to run.
const PAGE: &str = include_str!("../../../../docs/history.md");

/// The page's query, on the history of a folder.
fn query(dir: &str) -> String {
    let sql = PAGE.split_once("```sql\n").unwrap().1.split_once("```").unwrap().0;
    sql.replace("history/", &format!("{dir}/"))
}

/// The query in `docs/history.md` and the scan tell the same.
#[test]
#[ignore = "needs python3 with the module duckdb"]
fn duckdb_reads_the_rows_that_a_scan_shows() {
    let device = |id: &str, at: i64, to: &str| {
        let who = Who { anonymous: Some("device".into()), ..user(to) };
        fact(id, day(at), who, Body::Link)
    };
    let visit = |n: i64| {
        let json = format!(r#"{{"pages":{n}.5,"format":"pdf"}}"#);
        fact(&format!("v{n}"), day(n), anonymous("device"), event("Visited", &json))
    };
    let mut facts: Vec<Fact> = (0..200).map(visit).collect();
    facts.push(device("l1", 3, "ann"));
    let mut fixture = Fixture::new();
    fixture.history.promote(&["pages".into(), "format".into()]).unwrap();
    fixture.import(&facts);
    fixture.import(&[device("l2", 180, "bob")]);
    assert_eq!(fixture.history.state.overlay.segments().count(), 1);

    let dir = fixture.dir.path().to_str().unwrap();
    let query = query(dir);
    let script = format!(
        "import duckdb\nfor row in duckdb.sql(\"\"\"{query}\"\"\").fetchall(): print(*row)"
    );
    let output = Command::new("python3").args(["-c", &script]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let midnight = |n| day(n).micros();
    let rest = r#"{"pages":null,"format":null}"#;
    assert_eq!(
        String::from_utf8(output.stdout).unwrap(),
        format!(
            "own:ann 180 16200.000000 {} {rest}\nown:bob 20 3800.000000 {} {rest}\n",
            midnight(0),
            midnight(180)
        )
    );
}

/// Prints what an intake and a scan of a million events take; for a look, not a claim.
#[test]
#[ignore = "needs half a minute, and optimisation to mean anything"]
fn a_million_events() {
    let count: usize = std::env::var("EVENTS").map_or(1_000_000, |it| it.parse().unwrap());
    let mut fixture = Fixture::new();
    fixture.history.promote(&["pages".into()]).unwrap();
    let clock = std::time::Instant::now();
    let mut intake = fixture.history.intake(&Calendar::default()).unwrap();
    for n in 0..count {
        let who = within(&format!("acct-{}", n % 20_011), user(&format!("user-{}", n % 100_003)));
        let json = format!(r#"{{"pages":{},"format":"pdf","project":"p-{}"}}"#, n % 50, n % 999);
        let id = format!("{:032x}", (n as u128).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_0c85_27d1));
        let time = day(0) + Span::SECOND.times(31 * i64::try_from(n).unwrap());
        intake.take(&fact(&id, time, who, event("Report exported", &json))).unwrap();
    }
    println!("taken in      {:?}", clock.elapsed());
    intake.finish().unwrap();
    println!("finished      {:?}", clock.elapsed());
    let bytes: u64 = fixture.history.state.catalogue.segments.iter().map(|it| it.file.bytes).sum();
    println!("bytes a row   {:.1}", bytes as f64 / count as f64);
    for (name, paths) in
        [("no values", vec![]), ("a column", vec!["pages"]), ("JSON", vec!["format"])]
    {
        let clock = std::time::Instant::now();
        let projection =
            Projection { paths: paths.into_iter().map(Text::from).collect(), names: None };
        let rows =
            fixture.history.for_each_account(&projection, Scan::default(), |it| it.rows.len());
        println!(
            "scan {name:9} {:?} for {} rows",
            clock.elapsed(),
            rows.unwrap().iter().sum::<usize>()
        );
    }
    let clock = std::time::Instant::now();
    fixture.import(&[fact(
        "late",
        day(1),
        within("x", user("user-1")),
        Body::Membership { joined: true, role: None },
    )]);
    println!("small intake  {:?}", clock.elapsed());
    let clock = std::time::Instant::now();
    fixture.history.facts_of("acct-77").unwrap();
    println!("facts of one  {:?}", clock.elapsed());
    let clock = std::time::Instant::now();
    fixture.reopen();
    println!("open          {:?}", clock.elapsed());
}
