use std::fmt::Write;

use firsthand_model::fact::Kind;
use firsthand_model::{Decimal, Time};
use proptest::prelude::*;

use super::*;
use crate::statistics::{Lift, Rate};

/// Midnight of a day of 2022, or of any date: `07-04`, `2021-12-31`.
pub(crate) fn day(text: &str) -> Time {
    let date = if text.len() == 5 { format!("2022-{text}") } else { text.to_owned() };
    Calendar::default().start_of(date.parse().unwrap())
}

/// Reads subjects, one a line: a name, then `start`, `seen` (before it), `qualify … [known …] [until …]`,
/// `outcome … [worth …]` in any number, and `excluded`.
pub(crate) fn subjects(text: &str) -> Vec<SubjectHistory> {
    text.lines().filter(|it| !it.trim().is_empty()).map(subject).collect()
}

fn subject(line: &str) -> SubjectHistory {
    let mut words = line.split_whitespace();
    let id = words.next().unwrap().into();
    let mut it = SubjectHistory {
        subject: Subject { kind: Kind::Person, id },
        started: Time::MIN,
        first_fact: Time::MAX,
        intervals: Vec::new(),
        outcomes: Vec::new(),
        excluded: false,
    };
    while let Some(word) = words.next() {
        if word == "excluded" {
            it.excluded = true;
            continue;
        }
        let value = words.next().unwrap();
        match word {
            "start" => it.started = day(value),
            "seen" => it.first_fact = day(value),
            "qualify" => {
                let entered = day(value);
                it.intervals.push(Interval { entered, left: None, known_at: entered });
            }
            "known" => it.intervals.last_mut().unwrap().known_at = day(value),
            "until" => it.intervals.last_mut().unwrap().left = Some(day(value)),
            "outcome" => it.outcomes.push(OutcomeAt { time: day(value), value: None }),
            "worth" => it.outcomes.last_mut().unwrap().value = Some(value.parse().unwrap()),
            other => panic!("`{other}` is no word of these stories"),
        }
    }
    it
}

pub(crate) fn question() -> Question {
    Question {
        definition: "engaged".into(),
        version: None,
        outcome: "bought".into(),
        within: WITHIN_DEFAULT,
        cohort: None,
        split: None,
    }
}

pub(crate) fn observed() -> Observed {
    Observed {
        first: day("07-01"),
        last: day("07-31"),
        arrival_times: true,
        calendar: Calendar::default(),
    }
}

pub(crate) fn run(text: &str) -> Backtest {
    backtest(&question(), &observed(), subjects(text)).unwrap()
}

/// What became of each qualification, one a line.
fn statuses(text: &str) -> String {
    let mut told = String::new();
    for it in run(text).qualifications {
        let known_at = it.known_at.to_string();
        writeln!(told, "{} {} {}", &known_at[5..10], it.subject.id, it.status.word()).unwrap();
    }
    told
}

#[test]
fn an_outcome_counts_strictly_after_the_qualification_and_up_to_the_end_of_the_window() {
    insta::assert_snapshot!(statuses("
        soon    start 07-01  qualify 07-03  outcome 07-04
        last    start 07-01  qualify 07-03  outcome 07-17
        beyond  start 07-01  qualify 07-03  outcome 07-18
        never   start 07-01  qualify 07-03
        same    start 07-01  qualify 07-03  outcome 07-03
        before  start 07-01  qualify 07-03  outcome 07-02
    "), @r"
    07-03 before too late
    07-03 beyond miss
    07-03 last hit
    07-03 never miss
    07-03 same too late
    07-03 soon hit
    ");
}

/// BT-1: a visit tied to a person on the day he buys foresaw nothing.
#[test]
fn a_qualification_counts_from_when_it_was_known() {
    insta::assert_snapshot!(statuses("
        in_time    start 07-01  qualify 07-03 known 07-05              outcome 07-06
        on_the_day start 07-01  qualify 07-03 known 07-06              outcome 07-06
        too_long   start 07-01  qualify 07-03 known 07-05              outcome 07-20
        gone       start 07-01  qualify 07-03 known 07-08 until 07-08  outcome 07-09
        going      start 07-01  qualify 07-03 known 07-07 until 07-08  outcome 07-09
    "), @r"
    07-05 in_time hit
    07-05 too_long miss
    07-06 on_the_day too late
    07-07 going hit
    07-08 gone lapsed
    ");
}

/// BT-2: neither hit nor miss, though the outcome may have come already.
#[test]
fn a_window_that_is_not_over_says_nothing_yet() {
    let it = run("
        over     start 07-01  qualify 07-17
        open     start 07-01  qualify 07-18
        bought   start 07-01  qualify 07-18  outcome 07-19
    ");
    assert_eq!((it.all.qualified, it.all.hits), (1, 0));
    assert_eq!((it.all.too_early, it.all.too_early_converted), (2, 1));
    // Three in the 30 days from the first fact to the last.
    assert_eq!(it.all.per_week, Some(3.0 / (30.0 / 7.0)));
}

/// BT-3.
#[test]
fn a_subject_counts_once_and_all_its_qualifications_are_listed() {
    let text = "
        ann  start 07-01  qualify 07-02 until 07-03  qualify 07-05 until 07-06  outcome 07-08
        bob  start 07-01  qualify 07-02 known 07-04 until 07-03  qualify 07-06
    ";
    insta::assert_snapshot!(statuses(text), @r"
    07-02 ann hit
    07-04 bob lapsed
    07-05 ann further
    07-06 bob miss
    ");
    let it = run(text);
    assert_eq!((it.all.qualified, it.all.hits, it.all.lapsed), (2, 1, 0));
    assert!(it.notes.contains(&Note::Further(1)));
}

#[test]
fn recall_names_the_outcomes_it_is_of() {
    let it = run("
        caught    start 07-01  qualify 07-03  outcome 07-05
        missed    start 07-01                 outcome 07-05
        late      start 07-01  qualify 07-06  outcome 07-05
        at_once   start 07-01                 outcome 07-01
        twice     start 07-01                 outcome 07-01  outcome 07-09
        none      start 07-01  qualify 07-03
    ");
    assert_eq!((it.all.recall.count, it.all.recall.of), (1, 3));
    assert_eq!((it.all.recall_of_all.count, it.all.recall_of_all.of), (1, 5));
    assert_eq!(it.all.too_late, 1);
}

#[test]
fn what_was_known_before_the_start_could_be_foreseen() {
    let it = run("
        qualified  start 07-05  qualify 07-03  outcome 07-05
        visited    start 07-05  seen 07-02     outcome 07-05
        unknown    start 07-05  seen 07-05     outcome 07-05
    ");
    assert_eq!((it.all.hits, it.all.recall.of), (1, 2));
}

#[test]
fn the_base_is_of_those_still_free_at_their_start_and_observed_long_enough() {
    let it = run("
        soon     start 07-01  outcome 07-15
        late     start 07-01  outcome 07-16
        never    start 07-17
        at_once  start 07-01  outcome 07-01
        young    start 07-18  outcome 07-19
    ");
    assert_eq!((it.all.base.count, it.all.base.of), (1, 3));
}

#[test]
fn the_qualified_are_compared_with_the_unqualified_of_the_same_time_and_age() {
    let it = run("
        ann        start 07-01  qualify 07-04  outcome 07-06
        same_age   start 07-01
        buys       start 07-02  outcome 07-10
        buys_late  start 07-02  outcome 07-30
        older      start 2022-06-30  outcome 07-05
        newer      start 07-03  outcome 07-05
        bought     start 07-01  outcome 07-04
        qualified  start 07-01  qualify 07-04
    ");
    // Both qualify at an age of 3 days; the band is 2 to 3 days: the second to the fourth line.
    assert_eq!((it.all.matched.count, it.all.matched.of), (1, 2));
    assert_eq!(it.all.controls_mean, Some(3.0));
    assert_eq!(it.all.controls, Some(1.0 / 3.0));
    assert_eq!(it.all.matched_lift.map(|it| it.value), Some(1.5));
}

#[test]
fn a_qualification_without_controls_is_counted_beside_the_comparison() {
    let it = run("alone  start 07-01  qualify 07-04  outcome 07-06");
    assert_eq!((it.all.precision.of, it.all.matched.of), (1, 0));
    assert_eq!((it.all.controls, it.all.matched_lift), (None, None));
    assert!(it.notes.contains(&Note::Unmatched(1)));
}

#[test]
fn worth_is_that_of_the_hits_first_outcomes() {
    let it = run("
        ann   start 07-01  qualify 07-03  outcome 07-05 worth 49.90  outcome 07-06 worth 1000
        bob   start 07-01  qualify 07-03  outcome 07-05 worth 10
        cia   start 07-01  qualify 07-03  outcome 07-05
        dan   start 07-01                 outcome 07-05 worth 500
    ");
    assert_eq!(it.all.value_total, Some("59.9".parse::<Decimal>().unwrap()));
    assert_eq!(it.all.value_mean, Some(29.95));
}

#[test]
fn a_cohort_is_chosen_by_start_and_the_excluded_are_left_out_and_told() {
    let mut asked = question();
    asked.cohort = Some("2022-07-02..2022-07-03".parse().unwrap());
    let it = backtest(
        &asked,
        &observed(),
        subjects(
            "
        before    start 07-01  qualify 07-02
        first     start 07-02  qualify 07-09
        last      start 07-03
        after     start 07-04  qualify 07-05
        staff     start 07-02  qualify 07-03  excluded
    ",
        ),
    );
    let it = it.unwrap();
    assert_eq!((it.all.subjects, it.all.qualified, it.qualifications.len()), (2, 1, 1));
    assert!(it.notes.contains(&Note::Excluded(1)));
}

/// BT-4: somebody standing at the split would have seen the same figures.
#[test]
fn figures_before_a_split_know_nothing_of_what_came_after() {
    let text = "
        hit       start 07-01  qualify 07-01  outcome 07-05
        crosses   start 07-01  qualify 07-03  outcome 07-17
        straddles start 07-10  qualify 07-17
        miss      start 07-16  qualify 07-16
    ";
    let mut asked = question();
    asked.split = Some("2022-07-16".parse().unwrap());
    let split = backtest(&asked, &observed(), subjects(text)).unwrap().split.unwrap();
    let (before, after) = (&split.before, &split.after);
    assert_eq!((before.subjects, after.subjects), (3, 1));
    // The window of `crosses` ends on the 17th: at the split it is too early to say.
    assert_eq!((before.qualified, before.hits, before.too_early), (1, 1, 1));
    assert_eq!((before.recall.of, before.too_early_converted), (1, 0));
    assert_eq!((after.qualified, after.hits), (1, 0));

    let at_split = Observed { last: just_before(day("07-16")), ..observed() };
    let earlier = subjects(text).into_iter().filter(|it| it.started < day("07-16"));
    let alone = backtest(&question(), &at_split, earlier).unwrap();
    assert_eq!(alone.all, split.before);
}

#[test]
fn weeks_count_starts_and_qualifications_each_in_their_own() {
    let weeks = run("
        ann  start 07-04  qualify 07-12  outcome 07-13
        bob  start 07-10  qualify 07-10
        cia  start 07-11
    ")
    .weeks;
    let told: Vec<_> = weeks
        .iter()
        .map(|it| (it.week.to_string(), it.started, it.qualified, it.hits, it.known))
        .collect();
    assert_eq!(
        told,
        [("2022-07-04".to_owned(), 2, 2, 1, 1), ("2022-07-11".to_owned(), 1, 0, 0, 1)]
    );
}

#[test]
fn no_subjects_make_an_empty_report_and_not_an_error() {
    let it = run("");
    assert_eq!(it.all, Figures { per_week: Some(0.0), ..Figures::default() });
    assert_eq!(it.notes, [Note::NobodyQualified, Note::NoOutcomes]);
}

#[test]
fn a_question_that_makes_no_sense_is_refused_with_advice() {
    let refuse = |change: fn(&mut Question)| {
        let mut asked = question();
        change(&mut asked);
        let error = backtest(&asked, &observed(), Vec::new()).unwrap_err();
        format!("{error}. {}", error.help())
    };
    insta::assert_snapshot!(refuse(|it| it.within = Span::ZERO), @"no outcome can come within `0s`. Give a duration above zero, such as `14d`.");
    insta::assert_snapshot!(refuse(|it| it.split = Some("2022-07-01".parse().unwrap())), @"the split at `2022-07-01` lies outside the history from `2022-07-01` to `2022-07-31`. Choose a date after the first and up to the last.");
}

/// A world in which qualifying means nothing: when a subject qualifies and when its outcome comes
/// are drawn apart from each other. `outcome` makes days from the start out of a number from 0 to 1.
fn lifts_of_chance(outcome: fn(f64) -> f64) -> (Lift, Lift) {
    // SplitMix64 (G. L. Steele and others, 2014).
    let mut state = 365_u64;
    let mut chance = || {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut it = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        it = (it ^ (it >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((it ^ (it >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    };
    #[expect(clippy::cast_possible_truncation, reason = "the days of a few years")]
    let days = |count: f64| Span((count * Span::DAY.0 as f64) as i64);
    let them: Vec<SubjectHistory> = (0..20_000)
        .map(|id| {
            let started = day("07-01") + days(300.0 * chance());
            let known_at = started + days(60.0 * chance());
            let bought = started + days(outcome(chance()));
            SubjectHistory {
                subject: Subject { kind: Kind::Person, id: id.to_string().into() },
                started,
                first_fact: started,
                intervals: vec![Interval { entered: known_at, left: None, known_at }],
                outcomes: vec![OutcomeAt { time: bought, value: None }],
                excluded: false,
            }
        })
        .collect();
    let year = Observed { last: day("2023-07-01"), ..observed() };
    let it = backtest(&question(), &year, them).unwrap().all;
    (it.lift.unwrap(), it.matched_lift.unwrap())
}

/// The canary of the comparisons: outcomes as likely on any day as on another.
#[test]
fn where_qualifying_means_nothing_both_lifts_are_one() {
    let (over_base, matched) = lifts_of_chance(|chance| -200.0 * (1.0 - chance).ln());
    for lift in [over_base, matched] {
        assert!(lift.low < 1.0 && 1.0 < lift.high && lift.high - lift.low < 0.2, "{lift:?}");
    }
}

/// Why there are two: outcomes that grow likelier with age look like the definition's merit to the
/// simple comparison. That of the same time and age sees through it.
#[test]
fn outcomes_that_come_with_age_do_not_pass_for_merit() {
    let (over_base, matched) = lifts_of_chance(|chance| 200.0 * chance);
    assert!(over_base.low > 1.1, "{over_base:?}");
    assert!(matched.low < 1.0 && 1.0 < matched.high, "{matched:?}");
}

fn any_subject(id: usize) -> impl Strategy<Value = SubjectHistory> {
    let hour = || (0..720_i64).prop_map(|it| day("07-01") + Span::HOUR.times(it));
    let interval =
        (hour(), 0..200_i64, proptest::option::of(1..200_i64)).prop_map(|(entered, late, left)| {
            Interval {
                entered,
                left: left.map(|it| entered + Span::HOUR.times(it)),
                known_at: entered + Span::HOUR.times(late),
            }
        });
    let outcome = (hour(), proptest::option::of(0..100_i64))
        .prop_map(|(time, value)| OutcomeAt { time, value: value.map(Decimal::from) });
    (
        hour(),
        prop::collection::vec(interval, 0..4),
        prop::collection::vec(outcome, 0..3),
        prop::bool::weighted(0.1),
    )
        .prop_map(move |(started, intervals, outcomes, excluded)| SubjectHistory {
            subject: Subject { kind: Kind::Person, id: format!("p{id}").into() },
            started,
            first_fact: started,
            intervals,
            outcomes,
            excluded,
        })
}

fn any_subjects() -> impl Strategy<Value = Vec<SubjectHistory>> {
    (0..40_usize).prop_flat_map(|count| (0..count).map(any_subject).collect::<Vec<_>>())
}

/// All rates, for the laws that hold for each.
fn rates(it: &Figures) -> [Rate; 5] {
    [it.precision, it.recall, it.recall_of_all, it.base, it.matched]
}

proptest! {
    #[test]
    fn parts_are_never_more_than_the_whole(them in any_subjects()) {
        let asked = Question { split: Some("2022-07-16".parse().unwrap()), ..question() };
        let it = backtest(&asked, &observed(), them).unwrap();
        let split = it.split.unwrap();
        for it in [&it.all, &split.before, &split.after] {
            prop_assert!(it.hits <= it.qualified && it.qualified <= it.subjects);
            prop_assert!(it.hits <= it.recall.of && it.recall.of <= it.recall_of_all.of);
            prop_assert!(it.qualified + it.too_early + it.too_late + it.lapsed <= it.subjects);
            prop_assert!(it.too_early_converted <= it.too_early);
            prop_assert!(it.matched.of <= it.qualified);
            for rate in rates(it) {
                prop_assert!(rate.count <= rate.of);
                if let (Some(low), Some(rate), Some(high)) = (rate.low, rate.rate, rate.high) {
                    prop_assert!(low <= rate && rate <= high);
                }
            }
            for lift in [it.lift, it.matched_lift].into_iter().flatten() {
                prop_assert!(lift.low <= lift.value && lift.value <= lift.high);
            }
        }
        prop_assert_eq!(split.before.subjects + split.after.subjects, it.all.subjects);
    }

    #[test]
    fn the_list_and_the_weeks_add_up_to_the_figures(them in any_subjects()) {
        let it = backtest(&question(), &observed(), them).unwrap();
        let listed = |status| it.qualifications.iter().filter(|q| q.status == status).count() as u64;
        prop_assert_eq!(listed(Status::Hit), it.all.hits);
        prop_assert_eq!(listed(Status::Hit) + listed(Status::Miss), it.all.qualified);
        prop_assert_eq!(listed(Status::TooEarly), it.all.too_early);
        let weekly = |of: fn(&Week) -> u64| it.weeks.iter().map(of).sum::<u64>();
        prop_assert_eq!(weekly(|it| it.started), it.all.subjects);
        prop_assert_eq!(weekly(|it| it.hits), it.all.hits);
        prop_assert_eq!(weekly(|it| it.qualified), it.all.qualified + it.all.too_early);
        prop_assert_eq!(weekly(|it| it.known), it.all.qualified + it.all.too_early);
    }

    /// BT-5.
    #[test]
    fn the_order_of_subjects_changes_nothing(
        (them, shuffled) in any_subjects().prop_flat_map(|it| (Just(it.clone()), Just(it).prop_shuffle())),
    ) {
        let one = backtest(&question(), &observed(), them).unwrap();
        let other = backtest(&question(), &observed(), shuffled).unwrap();
        prop_assert_eq!(one.all, other.all);
        prop_assert_eq!(one.weeks, other.weeks);
        prop_assert_eq!(one.qualifications, other.qualifications);
    }

    #[test]
    fn a_subject_that_never_qualified_changes_no_hit(them in any_subjects(), one in any_subject(99)) {
        let without = backtest(&question(), &observed(), them.clone()).unwrap().all;
        let bystander = SubjectHistory { intervals: Vec::new(), ..one };
        let with = backtest(&question(), &observed(), [them, vec![bystander]].concat()).unwrap().all;
        prop_assert_eq!(with.precision, without.precision);
        prop_assert_eq!(with.lead_days, without.lead_days);
        prop_assert_eq!(with.value_total, without.value_total);
    }

    #[test]
    fn a_longer_window_loses_no_hit_but_to_the_end_of_history(them in any_subjects()) {
        let longer = Question { within: Span::DAY.times(20), ..question() };
        let short = backtest(&question(), &observed(), them.clone()).unwrap().qualifications;
        let long = backtest(&longer, &observed(), them).unwrap().qualifications;
        for (short, long) in short.iter().zip(&long) {
            if short.status == Status::Hit {
                prop_assert!(matches!(long.status, Status::Hit | Status::TooEarly));
            }
        }
    }
}
