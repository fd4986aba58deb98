//! SIM-1: the same options give the same facts. And: sizes are what was asked for.

use std::collections::BTreeSet;

use firsthand_model::Text;
use firsthand_model::fact::Body;
use firsthand_simulate::{COMPANY_EVENTS_MAX, Mess, Options, Size, World};

use crate::world::{FIRST_DAY, facts, options};

#[test]
fn the_same_seed_gives_the_same_facts_for_any_number_of_threads() {
    let messy = Options { mess: Mess::MESSY, ..options(5, Size::Events(20_000)) };
    for options in [options(5, Size::Events(20_000)), messy] {
        let made = [1, 4].map(|threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| facts(options))
        });
        assert!(made[0] == made[1]);
    }
    let [one, other] = [5, 6].map(|seed| facts(options(seed, Size::Events(10_000))).0);
    assert!(one != other, "another seed is another world");
}

/// A change of the world changes the README and the documentation: make it on purpose.
#[test]
fn everybody_sees_the_same_world() {
    let (facts, totals) = facts(options(1, Size::Events(10_000)));
    let mut sum: u64 = 0xCBF2_9CE4_8422_2325;
    for byte in format!("{facts:?}").bytes() {
        sum = (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
    }
    insta::assert_snapshot!(
        format!("{} facts of {} accounts, sum {sum:016x}", totals.facts, totals.accounts),
        @"10933 facts of 69 accounts, sum 4e3f1279964c1b8f"
    );
}

#[test]
fn a_world_has_about_as_many_events_as_were_asked_for() {
    for asked in [10_000, 40_000, 300_000] {
        let (facts, totals) = facts(options(3, Size::Events(asked)));
        assert!((asked..asked + asked / 20).contains(&totals.events), "{asked}: {totals:?}");
        let is_event = |body: &Body| matches!(body, Body::Event { .. } | Body::Record { .. });
        let events = facts.iter().filter(|it| is_event(&it.body)).count() as u64;
        assert_eq!((events, facts.len() as u64), (totals.events, totals.facts));
    }
    let (_, totals) = facts(options(3, Size::Companies(70)));
    assert_eq!(totals.companies, 70);
}

#[test]
fn facts_lie_in_the_year_and_have_ids_of_their_own() {
    let (facts, _) = facts(options(2, Size::Events(50_000)));
    let ids: BTreeSet<&Text> = facts.iter().map(|it| &it.id).collect();
    assert_eq!(ids.len(), facts.len());
    let days = facts.iter().map(|it| it.time.micros() / 86_400_000_000 - i64::from(FIRST_DAY.0));
    assert!(days.clone().all(|it| (0..365).contains(&it)));
    assert!(facts.iter().all(|it| it.known_at.is_some_and(|known_at| known_at >= it.time)));
    let names: BTreeSet<&Text> = facts
        .iter()
        .filter_map(|it| match &it.body {
            Body::Event { name, .. } => Some(name),
            _ => None,
        })
        .collect();
    assert!((20..=32).contains(&names.len()), "{names:?}");
}

/// SIM-2: what one company may have is bounded, and so is a batch of them.
#[test]
fn no_company_is_larger_than_its_bound() {
    let world = World::new(options(9, Size::Events(1_000_000_000)));
    let mut largest = 0;
    for number in 0..400 {
        largest = largest.max(world.company(number).events);
    }
    // A day is finished that was begun.
    assert!((2_000..COMPANY_EVENTS_MAX * 11 / 10).contains(&largest), "{largest}");
    let small = World::new(options(9, Size::Events(20_000)));
    let largest = (0..400).map(|it| small.company(it).events).max();
    assert!(largest <= Some(20_000 / 20), "{largest:?}");
}
