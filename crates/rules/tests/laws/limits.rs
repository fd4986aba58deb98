//! P8: beyond a limit a verdict may be unknown, never wrong (docs/language.md, section 7).

use firsthand_model::fact::{Kind, Row, RowBody};
use firsthand_model::{Decimal, Scalar, Span, Text, Time};
use firsthand_rules::compile::program::Program;
use firsthand_rules::eval::each::KEYS_MAX;
use firsthand_rules::eval::entries::EXACT_ENTRIES_MAX;
use firsthand_rules::eval::memory::CHANGES_MAX;
use firsthand_rules::eval::sequence::CHAINS_MAX;
use firsthand_rules::judge::{Judge, Record, Stream, run};
use proptest::prelude::*;

use crate::pool::compiled;

const FROM: Time = Time(1_767_571_200_000_000);

/// A row of an event `E` with a key and an amount.
fn row(program: &Program, index: usize, time: Time, key: &str, amount: i64) -> Row {
    let value = |path: &Text| match path.as_str() {
        "k" => Scalar::Text(key.into()),
        "n" => Scalar::Number(Decimal::from(amount)),
        _ => Scalar::Missing,
    };
    Row {
        time,
        known_at: None,
        id: smol_str::format_smolstr!("{index:06}"),
        source: "test".into(),
        person: None,
        copy: false,
        body: RowBody::Event {
            name: "E".into(),
            record: false,
            values: program.paths.iter().map(value).collect(),
        },
    }
}

/// When definitions over these rows hold.
fn held(program: &Program, rows: &[Row], until: Time) -> (Record, Stream) {
    let mut judge = Judge::new(program, Time::MIN);
    let mut stream = Stream::new(Kind::Account);
    let mut record = Record::new(&program.account);
    let rows = rows.iter().collect::<Vec<_>>();
    let mut note = |at, frame: &_| record.note(&program.account, &[], at, frame);
    run(&mut judge, &mut stream, &rows, &[], until, &mut note);
    (record, stream)
}

/// Whether a definition, by its place in the alphabet, holds at an instant.
fn holds_at(record: &Record, place: usize, at: Time) -> bool {
    record.held[place].iter().any(|(from, to)| *from <= at && to.is_none_or(|to| at < to))
}

/// When, which key, how much.
type Event = (Time, usize, i64);

/// One measure over a window, and what it is over the same events without the engine.
struct Measured {
    of: &'static str,
    exactly: fn(&[Event]) -> Option<i64>,
}

const MEASURED: [Measured; 5] = [
    Measured { of: r#"count("E", WINDOW)"#, exactly: |of| i64::try_from(of.len()).ok() },
    Measured {
        of: r#"distinct(k, "E", WINDOW)"#,
        exactly: |of| {
            let keys = of.iter().map(|it| it.1).collect::<std::collections::BTreeSet<_>>();
            i64::try_from(keys.len()).ok()
        },
    },
    Measured { of: r#"sum(n, "E", WINDOW)"#, exactly: |of| Some(of.iter().map(|it| it.2).sum()) },
    Measured { of: r#"max(n, "E", WINDOW)"#, exactly: |of| of.iter().map(|it| it.2).max() },
    Measured { of: r#"min(n, "E", WINDOW)"#, exactly: |of| of.iter().map(|it| it.2).min() },
];

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 20, ..ProptestConfig::with_cases(3) })]

    /// Thousands of events within minutes, judged again and again by windows that begin and end
    /// within those minutes. What is known to hold holds; what is known not to hold does not.
    #[test]
    fn windows_with_too_many_events_are_in_doubt_but_never_wrong(
        gaps in prop::collection::vec(0..160_i64, 600),
        amounts in prop::collection::vec(1..1_000_i64, 97),
    ) {
        // The first begins and ends in the midst of things; the second once all is over.
        let windows = [("last 7min", Span::MINUTE.times(7)), ("last 1d", Span::DAY)];
        // A burst that fills the window, then events milliseconds to seconds apart.
        let mut at = FROM;
        let mut events = Vec::new();
        for index in 0..EXACT_ENTRIES_MAX + gaps.len() {
            let gap = if index < EXACT_ENTRIES_MAX { 20_000 } else { gaps[index - EXACT_ENTRIES_MAX] * 10_000 };
            at = at + Span(gap);
            events.push((at, index * 7 % 5, amounts[index % amounts.len()]));
        }
        let end = at;
        for (window, length) in windows {
            for measured in &MEASURED {
                let value = measured.of.replace("WINDOW", window);
                let at_probe = |probe: Time| {
                    let inside = events.iter().filter(|it| it.0 > probe - length && it.0 <= probe).copied();
                    (measured.exactly)(&inside.collect::<Vec<_>>())
                };
                let probes = (0..40).map(|step| end - Span::MINUTE + Span::SECOND.times(step * 17)).collect::<Vec<_>>();
                let middle = at_probe(probes[20]).unwrap_or(0);
                let (_, program) = compiled(&format!(
                    "definition: holds\nwhen: '{value} >= {middle}'\n---\ndefinition: not\nwhen: '{value} < {middle}'\n"
                ));
                let rows = events.iter().enumerate().map(|(index, (at, key, amount))| {
                    row(&program, index, *at, &format!("{key}"), *amount)
                });
                let (record, _) = held(&program, &rows.collect::<Vec<_>>(), end + Span::HOUR.times(30));
                for probe in probes {
                    let exactly = at_probe(probe).map(|it| it >= middle);
                    if holds_at(&record, 0, probe) {
                        prop_assert_eq!(exactly, Some(true), "{} >= {} at {}", &value, middle, probe);
                    }
                    if holds_at(&record, 1, probe) {
                        prop_assert_eq!(exactly, Some(false), "{} < {} at {}", &value, middle, probe);
                    }
                }
                // Long after everything has left the window there is no doubt any more.
                if measured.of.starts_with("count") {
                    prop_assert!(holds_at(&record, 1, end + Span::HOUR.times(29)));
                }
            }
        }
    }
}

/// Too many events of a minute are kept as one, or the limit would be none.
#[test]
fn a_window_of_too_many_events_is_kept_by_the_minute() {
    let (_, program) = compiled("definition: d\nwhen: 'count(\"E\", last 1d) >= 1'\n");
    let size = |count: usize| {
        let rows = (0..count).map(|index| {
            row(&program, index, FROM + Span(i64::try_from(index).unwrap() * 1_000_000), "", 0)
        });
        let rows = rows.collect::<Vec<_>>();
        let (_, stream) = held(&program, &rows, rows[count - 1].time);
        postcard::to_stdvec(&stream).unwrap().len()
    };
    let (full, beyond) = (size(EXACT_ENTRIES_MAX), size(2 * EXACT_ENTRIES_MAX));
    assert!(beyond < full + full / 10, "{full} bytes became {beyond}");
}

/// Points that fade alike are kept once, or every event would look at all before it.
#[test]
fn equal_awards_of_a_day_are_kept_as_one() {
    let (_, program) = compiled(
        "score: s\nrules: [{ each: '\"E\"', points: 5, fades: half life 14d }]\n---\n\
         definition: d\nwhen: score(s) >= 50_000\n",
    );
    let rows = (0..10_000).map(|index| row(&program, index, FROM + Span::SECOND, "", 0));
    let rows = rows.collect::<Vec<_>>();
    let (record, stream) = held(&program, &rows, FROM + Span::HOUR);
    assert!(holds_at(&record, 0, FROM + Span::HOUR));
    assert!(postcard::to_stdvec(&stream).unwrap().len() < 1_000);
}

/// Where nothing can come in any more, nothing is kept; elsewhere there is a limit.
#[test]
fn complete_sequences_are_not_kept_for_life() {
    let day = Span::DAY;
    for (window, begin) in [("first 7d", 10), ("last 2d", 0)] {
        let (_, program) =
            compiled(&format!("definition: d\nwhen: 'seen(\"E\" then \"E\", {window})'\n"));
        let mut rows = vec![row(&program, 0, FROM, "", 0)];
        let from = FROM + day.times(begin);
        rows.extend((1..=2 * CHAINS_MAX).map(|index| {
            row(&program, index, from + Span::SECOND.times(i64::try_from(index).unwrap()), "", 0)
        }));
        let end = rows[rows.len() - 1].time;
        let (record, stream) = held(&program, &rows, end + day.times(3));
        assert_eq!(holds_at(&record, 0, end), begin == 0, "{window}");
        assert!(!holds_at(&record, 0, end + day.times(3)), "{window}");
        let kept = postcard::to_stdvec(&stream).unwrap().len();
        assert!(kept < if begin == 0 { 20 * CHAINS_MAX } else { 500 }, "{window}: {kept} bytes");
    }
}

/// A day-grained import tells of everybody at one midnight.
#[test]
fn many_different_keys_of_one_instant_are_told_apart_in_good_time() {
    const KEYS: usize = 40_000;
    let (_, program) = compiled(&format!(
        "definition: all\nwhen: 'distinct(k, \"E\", last 1d) = {KEYS}'\n---\n\
         definition: more\nwhen: 'distinct(k, \"E\", last 1d) > {KEYS}'\n"
    ));
    let rows = (0..2 * KEYS).map(|it| row(&program, it, FROM, &format!("k{}", it % KEYS), 0));
    let (record, _) = held(&program, &rows.collect::<Vec<_>>(), FROM + Span::WEEK);
    assert_eq!(record.held[0], [(FROM, Some(FROM + Span::DAY))]);
    assert_eq!(record.held[1], []);
}

/// Which keys were forgotten is not known, so nothing that hangs on them is claimed.
#[test]
fn a_forgotten_key_that_comes_back_is_in_doubt() {
    let (_, program) = compiled(
        "definition: a-single\nwhen: 'any k has (count(\"E\") = 1 and max(n, \"E\") = 7)'\n---\n\
         definition: no-double\nwhen: 'not (any k has (count(\"E\") = 2 and max(n, \"E\") = 7))'\n",
    );
    let at = |index: usize| FROM + Span::SECOND.times(i64::try_from(index).unwrap());
    let mut rows = vec![row(&program, 0, at(0), "k0", 1)];
    rows.extend((1..=KEYS_MAX).map(|it| row(&program, it, at(it), &format!("k{it}"), 1)));
    // The first key was the least recently seen. Its second event is none of a new key.
    let last = KEYS_MAX + 1;
    rows.push(row(&program, last, at(last), "k0", 7));
    let (record, _) = held(&program, &rows, at(last));
    assert!(!holds_at(&record, 0, at(last)), "a second event was taken for the first");
    assert!(!holds_at(&record, 1, at(last)), "a second event was not seen");
}

/// A condition that turned too often to remember when is not said never to have held.
#[test]
fn what_was_so_too_often_to_remember_is_in_doubt() {
    let (_, program) = compiled(
        "definition: d\nwhen: 'not (was (seen(\"E\", last 1s), 10s after first \"E\" where n = 2))'\n",
    );
    let event = |index: usize, amount| {
        let at = FROM + Span::SECOND.times(2 * i64::try_from(index).unwrap());
        row(&program, index, at, "", amount)
    };
    let mut rows = vec![event(0, 2)];
    rows.extend((1..=CHANGES_MAX + 10).map(|index| event(index, 1)));
    let end = rows.last().unwrap().time;
    let (record, _) = held(&program, &rows, end);
    assert!(!holds_at(&record, 0, end));
}
