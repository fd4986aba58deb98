//! The backtest on real conversions of an online school, against figures found elsewhere.
//!
//! Reads `365_learning_challenge` from the folder `FIRSTHAND_DATA`, else `../shared/data` beside
//! the repository, and is skipped with a printed reason where it is absent.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use firsthand_lab::{Backtest, Observed, Question, SubjectHistory, backtest};
use firsthand_model::fact::Kind;
use firsthand_model::{Calendar, Decimal, Span, Text, Time};
use firsthand_rules::timeline::{Interval, OutcomeAt, Subject};

/// Minutes watched that make a student engaged.
const ENOUGH_MINUTES: i64 = 30;

#[test]
fn the_published_figures_of_the_school_come_out_exactly() {
    let Some(folder) = folder() else {
        return skip(NO_DATA);
    };
    let it = ask(&School::read(&folder));

    assert_eq!(it.all.subjects, 13_026);
    assert_eq!((it.all.qualified, it.all.hits), (1_635, 105));
    assert_eq!(percent(it.all.precision.rate), "6.42");
    assert_eq!(it.all.lead_days, Some(3.0));
    assert_eq!((it.all.recall.of, percent(it.all.recall.rate)), (344, "30.52".into()));
    assert_eq!((it.all.base.count, it.all.base.of), (287, 12_704));
    assert_eq!(percent(it.all.base.rate), "2.26");
    assert_eq!(format!("{:.2}", it.all.lift.unwrap().value), "2.84");
    assert_eq!((it.all.too_early, it.all.too_late, it.all.lapsed), (54, 0, 0));
}

/// An independent computation, by a program that shares no code with this one.
#[test]
fn every_figure_is_the_one_that_the_oracle_finds() {
    let Some(folder) = folder() else {
        return skip(NO_DATA);
    };
    let report = serde_json::to_vec(&ask(&School::read(&folder))).unwrap();

    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/365_oracle.py");
    let mut oracle = Command::new("python3");
    oracle.arg(script).arg(folder).args(["--check", "-"]).stdin(Stdio::piped());
    let Ok(mut running) = oracle.spawn() else {
        return skip("there is no `python3` here");
    };
    running.stdin.take().unwrap().write_all(&report).unwrap();
    assert!(running.wait().unwrap().success(), "the differences are printed above");
}

const NO_DATA: &str = "no `365_learning_challenge` here; set FIRSTHAND_DATA to its parent folder";

/// Says so past the capture of test output: a run that checked nothing must not look like one
/// that did.
fn skip(reason: &str) {
    std::io::stderr().write_all(format!("skipped: {reason}\n").as_bytes()).unwrap();
}

fn percent(share: Option<f64>) -> String {
    format!("{:.2}", 100.0 * share.unwrap())
}

fn ask(school: &School) -> Backtest {
    let question = Question {
        definition: "engaged".into(),
        version: None,
        outcome: "purchase".into(),
        within: Span::DAY.times(14),
        cohort: Some("2022-07-01..2022-10-06".parse().unwrap()),
        split: Some("2022-08-15".parse().unwrap()),
    };
    let observed = Observed {
        first: school.days().min().unwrap(),
        last: school.days().max().unwrap(),
        arrival_times: false,
        calendar: Calendar::default(),
    };
    backtest(&question, &observed, school.histories()).unwrap()
}

fn folder() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let data = std::env::var_os("FIRSTHAND_DATA").map_or_else(beside, PathBuf::from);
    Some(data.join("365_learning_challenge")).filter(|it| it.is_dir())
}

/// What the files say of the students, by id.
struct School {
    registered: BTreeMap<Text, Time>,
    watched: BTreeMap<Text, BTreeMap<Time, i128>>,
    purchased: BTreeMap<Text, Vec<Time>>,
}

impl School {
    fn read(folder: &Path) -> Self {
        let mut watched: BTreeMap<Text, BTreeMap<Time, i128>> = BTreeMap::new();
        for row in rows(folder, "student_learning") {
            let minutes: Decimal = row["minutes_watched"].parse().unwrap();
            let days = watched.entry(row["student_id"].as_str().into()).or_default();
            *days.entry(day(&row["date_watched"])).or_default() += minutes.raw();
        }
        let mut purchased: BTreeMap<Text, Vec<Time>> = BTreeMap::new();
        for row in rows(folder, "student_purchases") {
            let days = purchased.entry(row["student_id"].as_str().into()).or_default();
            days.push(day(&row["date_purchased"]));
        }
        let registered = rows(folder, "student_info")
            .into_iter()
            .map(|row| (row["student_id"].as_str().into(), day(&row["date_registered"])))
            .collect();
        Self { registered, watched, purchased }
    }

    /// Every day something is recorded for, in no order.
    fn days(&self) -> impl Iterator<Item = Time> {
        let watched = self.watched.values().flat_map(BTreeMap::keys);
        let purchased = self.purchased.values().flatten();
        self.registered.values().chain(watched).chain(purchased).copied()
    }

    fn histories(&self) -> impl Iterator<Item = SubjectHistory> {
        self.registered.iter().map(|(id, started)| {
            let purchased = self.purchased.get(id).map_or(&[][..], Vec::as_slice);
            SubjectHistory {
                subject: Subject { kind: Kind::Person, id: id.clone() },
                started: *started,
                first_fact: *started,
                intervals: self.timeline(id, purchased.iter().min().copied()),
                outcomes: purchased.iter().map(|it| OutcomeAt { time: *it, value: None }).collect(),
                excluded: false,
            }
        })
    }

    /// `when: sum(minutes_watched, "Lesson watched") >= 30`, `unless: seen("Purchased")`.
    fn timeline(&self, id: &str, bought: Option<Time>) -> Vec<Interval> {
        let mut total = 0;
        let reached = self.watched.get(id).and_then(|days| {
            days.iter().find_map(|(day, minutes)| {
                total += minutes;
                (total >= Decimal::from(ENOUGH_MINUTES).raw()).then_some(*day)
            })
        });
        reached
            .filter(|entered| bought.is_none_or(|it| *entered < it))
            .map(|entered| Interval { entered, left: bought, known_at: entered })
            .into_iter()
            .collect()
    }
}

fn day(text: &str) -> Time {
    Calendar::default().start_of(text.parse().unwrap())
}

fn rows(folder: &Path, name: &str) -> Vec<BTreeMap<String, String>> {
    let packed = std::fs::File::open(folder.join(format!("365_{name}.csv.gz"))).unwrap();
    let mut text = String::new();
    flate2::read::GzDecoder::new(packed).read_to_string(&mut text).unwrap();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    reader.deserialize().collect::<Result<_, _>>().unwrap()
}
