//! Small companies whose figures can be worked out by hand, and a second, naive way to work out any.

use std::fmt::Write;

use proptest::prelude::*;

use super::*;
use crate::statistics::Rate;

/// The instant so many days into the record.
pub(crate) fn day(days: i64) -> Time {
    "2026-01-01T00:00:00Z".parse::<Time>().unwrap() + Span::DAY.times(days)
}

/// Lives of a company watched for 100 days, one a line: `name: began 1, pql 3, paid 9 100`. What
/// stands behind the day of an outcome is its worth; `small 1 20` is a stay in a segment.
pub(crate) fn lives(text: &str) -> Lives {
    let of = |line: &str| {
        let (name, rest) = line.split_once(':').unwrap();
        let mut life = Life {
            account: name.trim().into(),
            began: day(0),
            left_out: None,
            found: Vec::new(),
            segments: Vec::new(),
            successes: Vec::new(),
            told: Vec::new(),
        };
        for word in rest.split(',') {
            let words: Vec<&str> = word.split_whitespace().collect();
            let number = |place: usize| words.get(place).map(|it| it.parse::<i64>().unwrap());
            let at = day(number(1).unwrap_or_default());
            let success = |outcome| {
                let value = number(2).map(|it| Decimal::from_raw(i128::from(it) * 1_000_000));
                Success { outcome, time: at, value }
            };
            let found = |track| Found { track, known_at: at };
            match words[0] {
                "began" => life.began = at,
                "pql" => life.found.push(found(Track::Product)),
                "mql" => life.found.push(found(Track::Marketing)),
                "grows" => life.found.push(found(Track::Expansion)),
                "paid" => life.successes.push(success(0)),
                "upgraded" => life.successes.push(success(1)),
                "small" => {
                    let to = number(2).map(day);
                    life.segments.push(Within { segment: 0, from: at, to });
                }
                "staff" => life.left_out = Some(LeftOut::Excluded),
                "visitor" => life.left_out = Some(LeftOut::Visitor),
                stage => life.told.push((Stage::from_word(stage).unwrap(), at)),
            }
        }
        life
    };
    Lives {
        lives: text.lines().map(str::trim).filter(|it| !it.is_empty()).map(of).collect(),
        segments: vec!["small".into()],
        outcomes: vec!["paid".into(), "upgraded".into()],
        first: day(0),
        last: day(100),
        arrival_times: true,
        calendar: Calendar::default(),
    }
}

fn thirty_days() -> Question {
    Question { within: Span::DAY.times(30), ..Question::default() }
}

fn ask(text: &str) -> Lifecycle {
    lifecycle(&lives(text), &thirty_days()).unwrap()
}

fn group(report: &Lifecycle, group: Group) -> &GroupFigures {
    report.groups.iter().find(|it| it.group == group).unwrap()
}

/// `3 of 4, 1 too early (0 with it)`.
fn told(it: &GroupFigures) -> String {
    let Rate { count, of, .. } = it.converted;
    format!("{count} of {of}, {} too early ({} with it)", it.too_early, it.too_early_converted)
}

#[test]
fn each_account_counts_once_where_it_was_found_first() {
    let report = ask("
        a: began 1, pql 3, mql 4, paid 9
        b: began 1, mql 2, pql 20, paid 31
        c: began 1, pql 5
        d: began 1, paid 12
        e: began 1
        f: began 1, paid 4, pql 5
    ");
    assert_eq!(told(group(&report, Group::Product)), "1 of 2, 0 too early (0 with it)");
    assert_eq!(told(group(&report, Group::Marketing)), "1 of 1, 0 too early (0 with it)");
    // Who was found only after they had bought was found by nobody.
    assert_eq!(told(group(&report, Group::Neither)), "2 of 3, 0 too early (0 with it)");
}

#[test]
fn an_outcome_counts_after_it_was_known_and_within_the_window() {
    let report = ask("
        at_once: began 1, pql 3, paid 3
        last_day: began 1, pql 3, paid 33
        too_late: began 1, pql 3, paid 34
    ");
    assert_eq!(told(group(&report, Group::Product)), "1 of 2, 0 too early (0 with it)");
    assert_eq!(group(&report, Group::Neither).converted.count, 1, "bought as it was found");
}

#[test]
fn who_cannot_have_been_watched_to_the_end_is_left_out_and_counted() {
    let report = ask("
        watched: began 1, pql 70, paid 75
        young: began 80, pql 81
        quick: began 80, pql 81, paid 82
    ");
    assert_eq!(told(group(&report, Group::Product)), "1 of 1, 2 too early (1 with it)");
    // Its first thirty days it was found by neither; then product found it.
    assert_eq!(told(group(&report, Group::Neither)), "0 of 1, 0 too early (0 with it)");
}

#[test]
fn staff_visitors_and_who_is_older_than_the_record_are_counted_apart() {
    let report = ask("
        ours: began 1, staff, pql 2
        somebody: began 1, visitor
        old: began -400, pql 2, paid 3
        one: began 1
    ");
    assert_eq!(report.left_out, Absent { excluded: 1, visitors: 1, older: 1 });
    assert_eq!((report.accounts, group(&report, Group::Product).entered), (1, 0));
}

#[test]
fn stages_are_gone_through_up_out_and_again() {
    let all = lives(
        "a: began 1, mql 2, pql 5, mql 6, sql 7, opportunity 9, lead 20, pql 30, paid 40, former 60, pql 70",
    );
    let path = all.lives[0].path(day(100));
    let path: Vec<(&str, i64)> =
        path.iter().map(|it| (it.stage.word(), (it.from - day(0)).0 / Span::DAY.0)).collect();
    assert_eq!(
        path,
        [
            ("lead", 1),
            ("mql", 2),
            ("pql", 5),
            ("sql", 7),
            ("opportunity", 9),
            ("lead", 20),
            ("pql", 30),
            ("customer", 40),
            ("former", 60),
            ("pql", 70)
        ]
    );
}

#[test]
fn steps_tell_how_many_went_further_and_how_long_it_took() {
    let report = ask("
        a: began 1, pql 3, sql 4, paid 20
        b: began 1, pql 5, paid 25
        c: began 1, pql 11
        d: began 1
        e: began 95
    ");
    let step = |stage| report.steps.iter().find(|it| it.stage == stage).unwrap();
    let lead = step(Stage::Lead);
    assert_eq!((lead.entered, lead.too_early, lead.now), (5, 1, 2));
    assert_eq!((lead.further.count, lead.further.of), (3, 4));
    assert_eq!(lead.customer.unwrap().count, 2);
    // Left after 2, 4 and 10 days; two are still there after 99 and 5 days. Of five, one leaves
    // after 2 (4/5 stay), one of the four then after 4 (3/5), and of the two then left one after 10
    // (3/10): less than half stay from day 10 on.
    assert_eq!(lead.days.map(|it| format!("{} days", it.value)).as_deref(), Some("10 days"));
    let pql = step(Stage::Pql);
    assert_eq!((pql.further.count, pql.further.of, pql.now), (2, 3, 1));
    assert_eq!(step(Stage::Customer).customer, None);
}

#[test]
fn cohorts_are_by_month_of_beginning_or_of_being_found() {
    let text = "
        a: began 1, pql 40, paid 50
        b: began 33, pql 41
        c: began 34
        d: began 90
    ";
    let months = |by| {
        let question = Question { by, ..thirty_days() };
        let report = lifecycle(&lives(text), &question).unwrap();
        let one = |it: &Month| {
            let of = |stage| it.reached.iter().find(|it| it.stage == stage).unwrap().reached;
            let (pql, customer) = (of(Stage::Pql), of(Stage::Customer));
            (it.month.to_string(), it.accounts, it.too_early, pql.count, customer.count)
        };
        report.months.iter().map(one).collect::<Vec<_>>()
    };
    assert_eq!(
        months(By::Began),
        [
            ("2026-01-01".into(), 1, 0, 0, 0),
            ("2026-02-01".into(), 2, 0, 1, 0),
            ("2026-04-01".into(), 1, 1, 0, 0)
        ]
    );
    assert_eq!(months(By::Found), [("2026-02-01".into(), 2, 0, 2, 1)]);
}

#[test]
fn a_segment_is_that_of_the_first_day_not_of_today() {
    let text = "
        small_then: began 1, small 1 20, pql 3, paid 9
        small_soon: began 1, small 2, pql 3
        small_now: began 1, small 50, pql 3, paid 9
    ";
    let question = Question { segment: Some("small".into()), ..thirty_days() };
    let report = lifecycle(&lives(text), &question).unwrap();
    assert_eq!(told(group(&report, Group::Product)), "1 of 2, 0 too early (0 with it)");
    assert_eq!(report.accounts, 2);
}

#[test]
fn one_outcome_may_be_asked_for_and_worths_are_added_up() {
    let text = "
        a: began 1, pql 3, paid 9 100, grows 12, upgraded 20 50
        b: began 1, pql 3, paid 10 300
    ";
    let report = lifecycle(&lives(text), &thirty_days()).unwrap();
    let worth = group(&report, Group::Product).worth.unwrap();
    assert_eq!((worth.told, worth.total.to_f64(), worth.mean.value), (2, 400.0, 200.0));
    assert_eq!(told(group(&report, Group::Expansion)), "1 of 1, 0 too early (0 with it)");
    let question = Question { outcome: Some("upgraded".into()), ..thirty_days() };
    let report = lifecycle(&lives(text), &question).unwrap();
    assert_eq!(told(group(&report, Group::Product)), "1 of 2, 0 too early (0 with it)");
    assert_eq!(group(&report, Group::Product).days.map(|it| it.value), Some(17.0));
}

#[test]
fn those_alike_are_of_the_same_age_at_the_same_time() {
    let report = ask("
        a: began 1, pql 3, paid 9
        b: began 1, paid 12
        c: began 1
        older: began 0, paid 20
        younger: began 50, paid 51
    ");
    let alike = group(&report, Group::Product).alike.unwrap();
    // At the age of 2 days: b, c, and `older` who is 3 days old; two of the three buy in time.
    assert!((alike.share - 2.0 / 3.0).abs() < 1e-12, "{alike:?}");
    assert_eq!(alike.found.count, 1);
}

#[test]
fn a_contrast_is_told_only_where_it_is_clear() {
    let mut text = String::new();
    for number in 0..40 {
        let paid = if number % 2 == 0 { ", paid 9" } else { "" };
        writeln!(text, "p{number}: began 1, pql 3{paid}\nn{number}: began 1").unwrap();
    }
    text += "m: began 1, mql 3";
    let report = ask(&text);
    let of = |one, other| report.contrasts.iter().find(|it| (it.one, it.other) == (one, other));
    let clear = of(Group::Product, Group::Neither).unwrap();
    assert!(clear.conversion.low > 0.0 && clear.times.is_none(), "nobody else bought: no ratio");
    let unclear = of(Group::Product, Group::Marketing).unwrap();
    assert!(unclear.conversion.low < 0.0 && unclear.times.is_none() && unclear.days.is_none());
}

#[test]
fn a_curve_ends_at_the_share_that_converted() {
    let report = ask("
        a: began 1, pql 3, paid 4
        b: began 1, pql 3, paid 33
        c: began 1, pql 3
        d: began 1, pql 3
    ");
    let product = group(&report, Group::Product);
    assert_eq!(product.curve.first().map(|it| (it.days, it.converted)), Some((0.0, 0)));
    assert_eq!(product.curve[1].converted, 1, "within a day");
    assert_eq!(product.curve.last().map(|it| (it.days, it.converted)), Some((30.0, 2)));
    assert_eq!(product.converted.count, 2);
}

#[test]
fn wrong_questions_are_refused_with_advice() {
    let all = lives("a: began 1");
    let wrong = |question: Question| {
        let error = lifecycle(&all, &question).unwrap_err();
        format!("{error}. {}", error.help())
    };
    let segment = Question { segment: Some("big".into()), ..thirty_days() };
    assert_eq!(wrong(segment), "there is no segment `big`. There is `small`.");
    let outcome = Question { outcome: Some("won".into()), ..thirty_days() };
    assert_eq!(wrong(outcome), "accounts have no outcome `won`. There are `paid`, `upgraded`.");
    let never = Question { within: Span::ZERO, ..thirty_days() };
    assert_eq!(
        wrong(never),
        "no outcome can come within `0s`. Give a duration above zero, such as `60d`."
    );
}

fn any_life() -> impl Strategy<Value = Life> {
    let days = || prop::collection::vec(0..100_i64, 0..3);
    (0..90_i64, days(), days(), days()).prop_map(|(began, pql, mql, paid)| {
        let mut text = format!("a: began {began}");
        for (word, days) in [("pql", pql), ("mql", mql), ("paid", paid)] {
            for at in days {
                write!(text, ", {word} {}", began.max(at)).unwrap();
            }
        }
        let mut life = lives(&text).lives.remove(0);
        life.successes.sort_by_key(|it| it.time);
        life
    })
}

/// The rate of a group by reading its definition aloud, one account after the other.
fn naive(group: Group, all: &Lives, within: i64) -> (u64, u64) {
    let (mut of, mut count) = (0, 0);
    for life in &all.lives {
        let bought = life.successes.iter().map(|it| it.time).min().unwrap_or(Time::MAX);
        let known = |track| {
            let of = life.found.iter().filter(|it| it.track == track);
            of.map(|it| it.known_at).min().unwrap_or(Time::MAX)
        };
        let (product, marketing) = (known(Track::Product), known(Track::Marketing));
        let first = product.min(marketing);
        let span = Span::DAY.times(within);
        let from = match group {
            Group::Product if product == first && first < bought => product,
            Group::Marketing if marketing < product && first < bought => marketing,
            Group::Neither
                if life.began < bought && (first >= bought || first > life.began + span) =>
            {
                life.began
            }
            _ => continue,
        };
        if from + span <= all.last {
            of += 1;
            count += u64::from(from < bought && bought <= from + span);
        }
    }
    (count, of)
}

proptest! {
    #[test]
    fn rates_are_what_their_definition_says(found in prop::collection::vec(any_life(), 0..30), within in 1..60_i64) {
        let all = Lives { lives: found, ..lives("") };
        let question = Question { within: Span::DAY.times(within), ..Question::default() };
        let report = lifecycle(&all, &question).unwrap();
        for which in [Group::Product, Group::Marketing, Group::Neither] {
            let Rate { count, of, .. } = group(&report, which).converted;
            prop_assert_eq!((count, of), naive(which, &all, within), "{:?}", which);
        }
    }

    #[test]
    fn the_order_of_the_accounts_changes_nothing(found in prop::collection::vec(any_life(), 0..30)) {
        let all = Lives { lives: found, ..lives("") };
        let mut turned = all.clone();
        turned.lives.reverse();
        prop_assert_eq!(lifecycle(&all, &thirty_days()), lifecycle(&turned, &thirty_days()));
    }
}
