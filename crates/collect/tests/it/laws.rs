//! The invariants of the crate: IMP-1 to IMP-4.

use std::fmt::Write as _;

use crate::support::{NOW, import, import_by, input, map, run, run_mapped};
use firsthand_collect::{Import, ImportError, Silent, write_fact};
use firsthand_model::fact::{Body, Kind, Who};
use firsthand_model::{Calendar, Fact, Json, Span, Text, Time};
use proptest::prelude::*;

const LOGIN: &[(&str, &str)] = &[("event_name", "Login"), ("time", "day"), ("person", "user")];

#[test]
fn equal_rows_are_different_facts_and_a_newer_export_adds_only_what_is_new() {
    let one = import_by(LOGIN, "user,day\na,2026-01-01\na,2026-01-01\nb,2026-01-01\n");
    let again = import_by(
        LOGIN,
        "day,user\n2025-12-31,z\n2026-01-01,b\n2026-01-01,a\n2026-01-01,a\n2026-01-01,a\n",
    );
    let ids = one.ids();
    assert_eq!(ids[1], format!("{}-2", ids[0]));
    let new: Vec<_> = again.ids().into_iter().filter(|it| !ids.contains(it)).collect();
    assert_eq!(new, [again.ids()[0], &format!("{}-3", ids[0])]);
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let mut text = String::from("user,day,n\n");
    for n in 0..120_000 {
        let day = 1 + n % 28;
        writeln!(text, "user-{},2026-01-{day:02},{}", n % 977, n % 3).unwrap();
        if n % 5_000 == 0 {
            text.push_str("ragged\n");
        }
    }
    let map = map(LOGIN);
    let with =
        |threads| run_mapped(Some(&map), |it| it.threads = threads, vec![input(&text)]).unwrap();
    let one = with(1);
    assert_eq!(one.facts.len(), 120_000);
    assert_eq!(one.rejects.len(), 24);
    assert_eq!(one.rejects[1].line, 5_004);
    assert!(one == with(4));
}

#[test]
fn a_sink_that_fails_stops_the_import() {
    let mut text = String::from("user,day\n");
    text.extend((0..400_000).map(|n| format!("user-{n},2026-01-01\n")));
    let map = map(LOGIN);
    let calendar = Calendar::default();
    let mut import = Import::new(vec![input(&text)], "test".into(), &calendar, NOW);
    import.mapping = Some(&map);
    let mut taken = 0;
    let error = import
        .run::<std::io::Error>(
            &mut |_| {
                taken += 1;
                if taken == 1_000 { Err(std::io::Error::other("disk full")) } else { Ok(()) }
            },
            &mut |_| Ok(()),
            &Silent,
        )
        .unwrap_err();
    assert!(matches!(error, ImportError::Sink(_)));
    assert_eq!(taken, 1_000);
}

fn any_text() -> impl Strategy<Value = Text> {
    "[ -~äß☃\u{0}\n\"\\\\]{1,20}".prop_map(Text::from)
}

fn any_json() -> impl Strategy<Value = Json> {
    prop_oneof![
        Just("{}"),
        Just(r#"{ "a" : 1.50, "a.b":{"c":[1,"x",null]} }"#),
        Just(r#"{"n":123456789012345678901234567890,"u":"\u00e4 \\ \" ☃","e":1e-7}"#),
    ]
    .prop_map(|text| Json::parse(text).unwrap())
}

fn any_fact() -> impl Strategy<Value = Fact> {
    let text = || any_text().prop_map(Some);
    let body = prop_oneof![
        (any_text(), any_json()).prop_map(|(name, properties)| Body::Event { name, properties }),
        (any_text(), any_json()).prop_map(|(name, properties)| Body::Record { name, properties }),
        (any::<bool>(), any_json()).prop_map(|(person, traits)| {
            Body::Traits { of: if person { Kind::Person } else { Kind::Account }, traits }
        }),
        Just(Body::Link),
        any_text().prop_map(|other| Body::Alias { other }),
        any_text().prop_map(|other| Body::Split { other }),
        (any::<bool>(), proptest::option::of(any_text()))
            .prop_map(|(joined, role)| Body::Membership { joined, role }),
    ];
    let times = (631_152_000_000_000..NOW.0, proptest::option::of(0..Span::DAY.0));
    (any_text(), any_text(), times, text(), text(), text(), body).prop_map(
        |(id, source, (time, delay), user, anonymous, account, body)| Fact {
            id,
            source,
            time: Time(time),
            known_at: delay.map(|it| Time(time + it)),
            who: Who { user, anonymous, account },
            body,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// IMP-3: the way out and in again is the identity.
    #[test]
    fn what_is_exported_is_imported_as_the_same_facts(facts in proptest::collection::vec(any_fact(), 1..20)) {
        let mut out = Vec::new();
        for fact in &facts {
            write_fact(&mut out, fact).unwrap();
        }
        let imported = import(&out);
        prop_assert_eq!(&imported.rejects, &[]);
        prop_assert_eq!(imported.facts, facts);
    }

    /// IMP-4: no bytes make it panic, whatever they are taken for.
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        run(|_| {}, vec![input(&bytes)]).ok();
        let map = map(LOGIN);
        let mut rows = b"user,day\n".to_vec();
        rows.extend_from_slice(&bytes);
        run_mapped(Some(&map), |_| {}, vec![input(&rows)]).ok();
    }

    /// IMP-4, nearer to what is meant: pieces of JSON and CSV in any order.
    #[test]
    fn no_pieces_make_it_panic(pieces in proptest::collection::vec(any_piece(), 0..40)) {
        let text = pieces.concat();
        run(|_| {}, vec![input(&text)]).ok();
        let map = map(&[("event", "event"), ("time", "time"), ("person", "properties.time"), ("zone", "Asia/Beirut")]);
        run_mapped(Some(&map), |_| {}, vec![input(&text)]).ok();
    }
}

fn any_piece() -> impl Strategy<Value = &'static str> {
    proptest::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\n",
        "\r\n",
        "\"",
        "\\",
        "\\ud800",
        "\"event\":",
        "\"time\":",
        "\"2026-01-01\"",
        "\"person\":\"a\"",
        "\"properties\":{",
        "\"distinct_id\":\"x\"",
        "1e999",
        "\"timestamp\":\"2026-01-01T00:00:00Z\"",
        "event,time,properties.time",
        "12/31/2025",
        "\"$set\":{\"a\":1}",
        "\"type\":\"track\"",
        "\"userId\":7",
        "\"traits\":",
        "null",
        ";",
        "\t",
        "1772355600",
        "2026-03-29 02:30",
        "\u{0}",
        "é",
        "\"event_type\":\"x\"",
        "\"user_id\":\"u\"",
        "\"event_time\":\"2026-01-02 03:04:05\"",
        "\"user_properties\":{\"p\":1}",
        " ",
    ])
}
