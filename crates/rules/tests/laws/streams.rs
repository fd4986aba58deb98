//! P1, P9 and T2: a stream may be cut anywhere and looked at as often as one likes.

use firsthand_model::fact::{Kind, Row};
use firsthand_model::{Span, Text, Time};
use firsthand_rules::compile::program::Program;
use firsthand_rules::eval::value::Value;
use firsthand_rules::judge::{self, Judge, Record, Stream};
use firsthand_rules::lang::ast::Quantifier;
use firsthand_rules::world::{Imports, watched};
use proptest::prelude::*;
use proptest::sample::Index;

use crate::pool::{World, any_world};

/// What a subject comes to if it is judged up to each stop in turn, and handled in between.
pub fn judged_in_pieces(
    program: &Program,
    kind: Kind,
    rows: &[Row],
    imports: &Imports,
    stops: &[Time],
    handle: impl Fn(Stream) -> Stream,
) -> (Record, Vec<Value>) {
    let root = program.root(kind);
    let watched = watched(program, kind);
    let mut record = Record::new(root);
    let mut stream = Stream::new(kind);
    let mut before = Time::MIN;
    for stop in stops {
        // A new judge each time: it holds nothing that is not worked out from the program.
        let mut judge = Judge::new(program, Time::MIN);
        let from = rows.partition_point(|row| row.time <= before);
        let rows = rows[from..].iter().collect::<Vec<_>>();
        let born = stream.frame().is_born();
        let said = imports.partition_point(|(at, ..)| born && *at <= before);
        let mut note = |at, frame: &_| record.note(root, &watched, at, frame);
        judge::run(&mut judge, &mut stream, &rows, &imports[said..], *stop, &mut note);
        stream = handle(stream);
        before = *stop;
    }
    (record, stream.frame().values().to_vec())
}

/// Something that other strata might say: families and populations to accounts and persons.
fn made_up_imports(program: &Program, from: Time, unit: Span) -> Imports {
    let family = program.families.iter().map(|it| (it.slot, it.over));
    let population = program.populations.iter().map(|it| (it.slot, Quantifier::Max));
    let export = program.account.exports.iter().map(|(slot, _)| (*slot, Quantifier::Max));
    let mut imports = Imports::new();
    for (slot, over) in family.chain(population).chain(export) {
        for turn in 0..6_u32 {
            let value = match over {
                _ if turn % 3 == 2 => Value::Unknown,
                Quantifier::Any | Quantifier::Every => (turn % 2 == 0).into(),
                _ => Value::count(u64::from(turn * 7 % 5)),
            };
            imports.push((from + unit.times(i64::from(turn * 9 + slot % 4)), slot, value));
        }
    }
    imports.sort_by_key(|(at, slot, _)| (*at, *slot));
    imports
}

/// Every stream of a world, with something said to it.
fn subjects(world: &World) -> Vec<(Kind, Text, Vec<Row>, Imports)> {
    let streams = world.streams().into_iter().filter(|(.., rows)| !rows.is_empty());
    let subjects = streams.map(|(kind, id, rows)| {
        let imports =
            made_up_imports(&world.shelf().program, rows[0].time - Span::DAY, Span::HOUR.times(6));
        (kind, id, rows, imports)
    });
    subjects.collect()
}

/// Instants at, just before, just after and between facts, in order, and the end.
fn stops(rows: &[Row], picks: &[(Index, i64)], until: Time) -> Vec<Time> {
    let near = picks.iter().map(|(index, off)| rows[index.index(rows.len())].time + Span(*off));
    let mut stops = near.filter(|at| *at < until).collect::<Vec<_>>();
    stops.push(until);
    stops.sort_unstable();
    stops
}

fn any_picks(count: std::ops::Range<usize>) -> impl Strategy<Value = Vec<(Index, i64)>> {
    let offset = prop_oneof![
        Just(-1_i64),
        Just(0),
        Just(1),
        -Span::WEEK.0..Span::WEEK.0,
        (0..200_i64).prop_map(|hours| hours * Span::HOUR.0),
    ];
    prop::collection::vec((any::<Index>(), offset), count)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// P1: saved and loaded at any instants, it is as if nothing had happened.
    #[test]
    fn a_cut_anywhere_changes_nothing(world in any_world(0), picks in any_picks(1..6)) {
        let program = &world.shelf().program;
        for (kind, id, rows, imports) in subjects(&world) {
            let judged = |stops: &[Time], handle: &dyn Fn(Stream) -> Stream| {
                judged_in_pieces(program, kind, &rows, &imports, stops, handle)
            };
            let whole = judged(&[world.until()], &|it| it);
            let cut = judged(&stops(&rows, &picks, world.until()), &|stream| {
                let saved = postcard::to_stdvec(&stream).unwrap();
                postcard::from_bytes(&saved).unwrap()
            });
            prop_assert_eq!(cut, whole, "{}", id);
        }
    }

    /// T2: between facts there is nothing to see but at the instants that the stream names.
    #[test]
    fn judging_more_often_changes_nothing(world in any_world(0), picks in any_picks(10..60)) {
        let program = &world.shelf().program;
        for (kind, id, rows, imports) in subjects(&world) {
            let judged = |stops: &[Time]| {
                judged_in_pieces(program, kind, &rows, &imports, stops, |it| it)
            };
            let whole = judged(&[world.until()]);
            let often = judged(&stops(&rows, &picks, world.until()));
            prop_assert_eq!(often, whole, "{}", id);
        }
    }
}
