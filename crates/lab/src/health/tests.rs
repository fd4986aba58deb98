use std::fmt::Write;

use firsthand_model::Span;

use super::*;
use crate::backtest::tests::{day, question, subjects};
use crate::backtest::{SubjectHistory, backtest};
use crate::statistics::{Change, Reading};

/// A record from Monday, 4 July 2022, for some weeks and a day.
fn observed(weeks: i64) -> Observed {
    Observed {
        first: day("07-04"),
        last: day("07-04") + Span::WEEK.times(weeks) + Span::DAY,
        arrival_times: true,
        calendar: firsthand_model::Calendar::default(),
    }
}

fn of(all: &[SubjectHistory], published: &str, observed: &Observed) -> Health {
    let backtest = backtest(&question(), observed, all.to_vec()).unwrap();
    let watched = all.iter().map(|it| Watched { started: it.started, intervals: &it.intervals });
    health(watched, Some(&backtest), day(published), observed)
}

/// So many subjects of the first day, each entering in the week that its number says.
fn entering(weeks: &[u64]) -> Vec<SubjectHistory> {
    let mut text = String::new();
    for (week, count) in weeks.iter().enumerate() {
        for n in 0..*count {
            let at = day("07-04") + Span::WEEK.times(i64::try_from(week).unwrap()) + Span::DAY;
            let at = &at.to_string()[..10];
            writeln!(text, "s{week}_{n} start 07-04 qualify {at}").unwrap();
        }
    }
    subjects(&text)
}

#[test]
fn full_weeks_are_counted_by_when_an_entry_was_known() {
    let all = subjects(
        "
        early  start 07-04  qualify 07-05
        late   start 07-04  qualify 07-05 known 07-12
        gone   start 07-12  qualify 07-13 known 07-20 until 07-19
        twice  start 07-19  qualify 07-20 until 07-21  qualify 07-22
        now    start 07-04  qualify 07-25
        ",
    );
    let found = of(&all, "07-04", &observed(3));
    let weeks: Vec<_> =
        found.weeks.iter().map(|it| (it.week.to_string(), it.entries, it.subjects)).collect();
    let week = |date: &str, entries, subjects| (date.to_owned(), entries, subjects);
    assert_eq!(
        weeks,
        [week("2022-07-04", 1, 3), week("2022-07-11", 1, 4), week("2022-07-18", 2, 5)]
    );
    assert_eq!((found.entries, found.last_entry), (5, Some(day("07-25"))));
    assert_eq!((found.holds.count, found.holds.of), (4, 5));
    assert_eq!((found.volume, found.share, found.hint), (None, None, None));
}

/// Known before 1 August: a hit and two misses; since: two hits of two, and one too early.
#[test]
fn precision_since_the_publication_stands_against_what_was_known_before() {
    let all = subjects(
        "
        a  start 07-04  qualify 07-05  outcome 07-06
        b  start 07-04  qualify 07-05
        c  start 07-04  qualify 07-31  outcome 08-20
        d  start 07-04  qualify 07-31 known 08-01  outcome 08-05
        e  start 08-01  qualify 08-02  outcome 08-16
        f  start 08-01  qualify 08-20
        g  start 08-01  qualify 08-02  outcome 08-02
        ",
    );
    let found = of(&all, "08-01", &observed(7)).precision.unwrap();
    assert_eq!((found.before, found.since), (Rate::new(1, 3), Rate::new(2, 2)));
    assert_eq!(found.too_early, 1);
    let difference = found.difference.unwrap();
    assert!((difference.value - 2.0 / 3.0).abs() < 1e-12);
    assert_eq!(difference.reading, Reading::Unclear);
}

#[test]
fn nothing_is_compared_before_anybody_is_known_since() {
    let all = entering(&[1, 2, 3]);
    let found = of(&all, "08-30", &observed(8)).precision.unwrap();
    assert_eq!((found.since, found.difference), (Rate::new(0, 0), None));
}

#[test]
fn the_last_four_weeks_stand_against_those_before() {
    let as_usual = of(&entering(&[10; 12]), "07-04", &observed(12));
    let volume = as_usual.volume.unwrap();
    assert_eq!((volume.recent, volume.before), (10.0, 10.0));
    assert_eq!((volume.times, volume.reading), (Some(1.0), Change::AsUsual));
    let fewer =
        of(&entering(&[10, 10, 10, 10, 10, 10, 10, 10, 3, 2, 3, 2]), "07-04", &observed(12));
    let volume = fewer.volume.unwrap();
    assert_eq!((volume.recent, volume.times), (2.5, Some(0.25)));
    assert_eq!(volume.reading, Change::Fewer);
    // All had begun on the first day: the share says the same.
    assert_eq!(fewer.share.unwrap().times, Some(0.25));
    // Seven weeks are too few to compare.
    assert_eq!(of(&entering(&[10; 7]), "07-04", &observed(7)).volume, None);
}

#[test]
fn what_says_nothing_is_hinted_at() {
    let hint = |all: &[SubjectHistory], weeks| of(all, "07-04", &observed(weeks)).hint;
    assert_eq!(hint(&subjects("a start 07-04"), 12), Some(Hint::Never));
    assert_eq!(hint(&subjects("a start 07-04"), 0), None, "there is no full week yet");
    let once = "a start 07-04 qualify 07-05 until 07-06\nb start 07-04";
    assert_eq!(hint(&subjects(once), 12), None);
    assert_eq!(hint(&subjects(once), 13), Some(Hint::Silent));
    let mut nearly = entering(&[18]);
    assert_eq!(hint(&nearly, 12), None, "eighteen are too few");
    nearly.extend(subjects("y start 07-04\nz start 07-04"));
    assert_eq!(hint(&nearly, 12), Some(Hint::NearlyAll));
}
