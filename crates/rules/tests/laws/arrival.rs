//! P1, P2 and T6: in whatever order facts arrive, the timelines are the same in the end, and the
//! ledger tells at every moment what could be known by then.

use std::collections::BTreeMap;

use firsthand_model::fact::{Kind, Row};
use firsthand_model::{Fact, Span, Text, Time};
use firsthand_rules::arrivals::{Arrivals, Context};
use firsthand_rules::compile::program::Program;
use firsthand_rules::expect;
use firsthand_rules::judge::{Judge, Record};
use firsthand_rules::ledger::{self, Change, Entry, Judgement, SETTLE};
use firsthand_rules::timeline::{Interval, OutcomeAt, Subject};
use firsthand_rules::world::watched;
use proptest::prelude::*;

use crate::pool::{Shelf, any_world};

/// Timelines, and outcomes.
type Outcome = (Vec<Vec<Interval>>, Vec<Vec<OutcomeAt>>);

type Stretches = Vec<(Time, Option<Time>)>;

fn stretches(timeline: &[Interval]) -> Stretches {
    timeline.iter().map(|it| (it.entered, it.left)).collect()
}

/// What everybody comes to: timelines with what was known when, and outcomes.
fn judged(shelf: &Shelf, facts: &[Fact], until: Time) -> BTreeMap<Subject, Outcome> {
    let judged = expect::judge(&shelf.project, &shelf.program, facts, until);
    judged.into_iter().map(|it| (it.subject, (it.timelines, it.record.outcomes))).collect()
}

fn by_ledger(program: &Program, kind: Kind, rows: &[&Row], until: Time) -> Judgement {
    let mut judge = Judge::new(program, Time::MIN);
    ledger::judge(&mut judge, kind, rows, &[], &watched(program, kind), until)
}

/// The stream judged at once from rows of which all is known in time.
fn in_order(program: &Program, kind: Kind, rows: &[&Row], until: Time) -> Record {
    let rows = rows.iter().map(|row| Row { known_at: None, ..(*row).clone() }).collect::<Vec<_>>();
    let rows = rows.iter().collect::<Vec<_>>();
    by_ledger(program, kind, &rows, until).record
}

fn known(row: &Row) -> Time {
    row.known_at.unwrap_or(row.time).max(row.time)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// P2: shuffled and repeated, the facts come to the same.
    #[test]
    fn any_order_of_arrival_and_any_repetition_come_to_the_same(
        (world, shuffled) in any_world(3).prop_flat_map(|world| {
            let facts = world.facts();
            let repeated = facts.iter().chain(&facts[..facts.len() / 3]).cloned().collect::<Vec<_>>();
            (Just(world), Just(repeated).prop_shuffle())
        }),
    ) {
        let shelf = world.shelf();
        let straight = judged(shelf, &world.facts(), world.until());
        prop_assert_eq!(judged(shelf, &shuffled, world.until()), straight);
    }

    /// P2: when a fact became known moves no entry and no exit.
    #[test]
    fn when_facts_became_known_moves_no_timeline(world in any_world(4)) {
        let shelf = world.shelf();
        let at_once = world.facts().into_iter().map(|it| Fact { known_at: None, ..it });
        let at_once = judged(shelf, &at_once.collect::<Vec<_>>(), world.until());
        for (subject, (timelines, outcomes)) in judged(shelf, &world.facts(), world.until()) {
            let (expected, expected_outcomes) = &at_once[&subject];
            let found = timelines.iter().map(|it| stretches(it)).collect::<Vec<_>>();
            let expected = expected.iter().map(|it| stretches(it)).collect::<Vec<_>>();
            prop_assert_eq!(found, expected, "{:?}", subject);
            prop_assert_eq!(&outcomes, expected_outcomes);
        }
    }

    /// P1, T6: the folded ledger is the timeline that a replay gives.
    #[test]
    fn the_folded_ledger_is_the_replay(world in any_world(4)) {
        let program = &world.shelf().program;
        for (kind, id, rows) in world.streams() {
            let rows = rows.iter().collect::<Vec<_>>();
            let live = by_ledger(program, kind, &rows, world.until());
            let replay = in_order(program, kind, &rows, world.until());
            let folded = ledger::fold(&live.ledger, replay.held.len());
            let folded = folded.iter().map(|it| stretches(it)).collect::<Vec<_>>();
            prop_assert_eq!(&folded, &replay.held, "{}", &id);
            prop_assert_eq!(&live.record, &replay, "{}", &id);
            well_kept(&live.ledger)?;
        }
    }

    /// P3, T6: what the ledger says by any moment is what the facts known by then come to.
    #[test]
    fn the_ledger_so_far_is_the_replay_of_what_was_known_so_far(world in any_world(4)) {
        let program = &world.shelf().program;
        for (kind, id, rows) in world.streams() {
            let rows = rows.iter().collect::<Vec<_>>();
            let live = by_ledger(program, kind, &rows, world.until());
            let mut arrivals = rows.iter().map(|row| known(row)).collect::<Vec<_>>();
            arrivals.sort_unstable();
            arrivals.dedup();
            // Half an hour after each arrival all that came before has settled.
            for moment in arrivals.iter().map(|at| *at + Span::MINUTE.times(30)) {
                let by_then = rows.iter().copied().filter(|row| known(row) <= moment);
                let by_then = by_then.collect::<Vec<_>>();
                let until = (moment - SETTLE).min(world.until());
                let replay = in_order(program, kind, &by_then, until);
                let so_far = live.ledger.iter().filter(|it| it.known_at <= moment).cloned();
                let so_far = ledger::fold(&so_far.collect::<Vec<_>>(), replay.held.len());
                let so_far = so_far.iter().map(|it| stretches(it)).collect::<Vec<_>>();
                prop_assert_eq!(so_far, replay.held, "{} by {}\n{:#?}", &id, moment, &live.ledger);
            }
        }
    }

    /// P1: a subject that remembers little, is packed now and then, and is judged anew from all its
    /// rows where that is too little, comes to the ledger of one that remembers all.
    #[test]
    fn forgetting_packing_and_being_judged_anew_change_no_timeline(
        world in any_world(4),
        memory in 1..200_i64,
        packed_every in 1..5_usize,
    ) {
        let program = &world.shelf().program;
        for (kind, id, rows) in world.streams() {
            let mut judge = Judge::new(program, Time::MIN);
            let slots = watched(program, kind);
            let context = Context { watched: &slots, ..Context::default() };
            let mut subject = Arrivals::new(program, kind);
            let mut ledger = Vec::new();
            let mut all: Vec<Row> = Vec::new();
            let mut arrivals = rows.clone();
            arrivals.sort_by_key(known);
            let groups = arrivals.chunk_by(|a, b| known(a) == known(b));
            for (number, group) in groups.enumerate() {
                let at = known(&group[0]);
                all.extend_from_slice(group);
                all.sort_by(|a, b| a.order().cmp(&b.order()));
                let until = world.until();
                let arrived = subject
                    .arrive(&mut judge, context, group.to_vec(), at, until, &mut ledger);
                if arrived.is_err() {
                    let settled = (at - SETTLE - Span(1)).min(until);
                    subject.settle(&mut judge, context, settled, &mut ledger);
                    let told = Some((at, &mut ledger));
                    subject.anew(&mut judge, context, all.clone(), settled, told);
                }
                let memory = at - Span::HOUR.times(memory);
                if number % packed_every == 0 {
                    subject.pack(memory);
                    prop_assert!(subject.is_packed());
                } else {
                    subject.forget_before(memory);
                }
            }
            subject.settle(&mut judge, context, world.until(), &mut ledger);
            let rows = rows.iter().collect::<Vec<_>>();
            let remembers_all = by_ledger(program, kind, &rows, world.until());
            prop_assert_eq!(subject.record(), &remembers_all.record, "{}", &id);
            ledger.sort_by_key(|it| it.known_at);
            prop_assert_eq!(ledger, remembers_all.ledger, "{}", &id);
        }
    }

    /// What a ledger of late facts and one of facts on time say about an undisturbed entry is the
    /// same: a fact that changes nothing, arriving late, changes nothing.
    #[test]
    fn a_late_fact_that_nobody_reads_leaves_the_ledger_as_it_is(world in any_world(0)) {
        let program = &world.shelf().program;
        for (kind, id, mut rows) in world.streams() {
            let all = |rows: &[Row]| by_ledger(program, kind, &rows.iter().collect::<Vec<_>>(), world.until());
            let before = all(&rows).ledger;
            let mut idle = rows[0].clone();
            idle.id = "late".into();
            idle.body = firsthand_model::fact::RowBody::Traits {
                of: Kind::Account,
                traits: [(Text::new_static("nobody reads this"), firsthand_model::Scalar::Bool(true))].into(),
            };
            idle.known_at = Some(world.until() - Span::HOUR);
            rows.push(idle);
            rows.sort_by(|a, b| a.order().cmp(&b.order()));
            prop_assert_eq!(all(&rows).ledger, before, "{}", id);
        }
    }
}

/// What holds of every ledger, whatever the facts.
fn well_kept(entries: &[Entry]) -> Result<(), TestCaseError> {
    for pair in entries.windows(2) {
        prop_assert!(pair[0].known_at <= pair[1].known_at, "out of order: {pair:#?}");
    }
    for entry in entries {
        if !matches!(entry.change, Change::Retracted) {
            prop_assert!(entry.known_at >= entry.held_at, "known before it was so: {entry:?}");
        }
    }
    Ok(())
}
