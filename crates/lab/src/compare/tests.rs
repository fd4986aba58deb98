use super::*;
use crate::backtest::backtest;
use crate::backtest::tests::{observed, question, run, subjects};

const OLD: &str = "
    both     start 07-01  qualify 07-06  outcome 07-09
    later    start 07-01  qualify 07-04
    leaves   start 07-01  qualify 07-04
    enters   start 07-01                 outcome 07-09
    neither  start 07-01
";

const NEW: &str = "
    both     start 07-01  qualify 07-02  outcome 07-09
    later    start 07-01  qualify 07-06
    leaves   start 07-01
    enters   start 07-01  qualify 07-04  outcome 07-09
    neither  start 07-01
";

fn ids(group: &Group) -> Vec<&str> {
    group.subjects.iter().map(|it| it.id.as_str()).collect()
}

#[test]
fn a_comparison_names_who_enters_and_who_leaves_and_how_they_fared() {
    let it = compare(&run(OLD), &run(NEW)).unwrap();
    assert_eq!(ids(&it.enters), ["enters"]);
    assert_eq!(ids(&it.leaves), ["leaves"]);
    assert_eq!(ids(&it.both_by_new), ["both", "later"]);
    assert_eq!((it.enters.precision.count, it.enters.precision.of), (1, 1));
    assert_eq!((it.leaves.precision.count, it.leaves.precision.of), (0, 1));
    assert_eq!((it.both_by_old.precision.count, it.both_by_old.precision.of), (1, 2));
    // Four days earlier for one, two days later for the other.
    assert_eq!(it.earlier_days, Some(1.0));
}

#[test]
fn a_version_compared_with_itself_changes_nothing() {
    let it = compare(&run(OLD), &run(OLD)).unwrap();
    assert_eq!((it.enters, it.leaves), (Group::default(), Group::default()));
    assert_eq!(it.both_by_old, it.both_by_new);
    assert_eq!(it.earlier_days, Some(0.0));
}

#[test]
fn backtests_of_different_questions_are_not_compared() {
    let mut other = question();
    other.outcome = "renewed".into();
    let other = backtest(&other, &observed(), subjects(NEW)).unwrap();
    let error = compare(&run(OLD), &other).unwrap_err();
    assert_eq!(error.to_string(), "the two backtests differ in their outcome");
    assert_eq!(error.help(), "Run both with the same outcome.");
}
