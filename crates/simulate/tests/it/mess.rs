//! Mess is as much as was asked for, and leaves the rest clean.

use std::collections::BTreeMap;

use firsthand_model::fact::{Body, Fact};
use firsthand_model::{Span, Text};
use firsthand_simulate::{JUNK_IDS, Mess, Options, Share, Size};

use crate::world::{facts, options};

fn made(mess: Mess) -> Vec<Fact> {
    facts(Options { mess, ..options(4, Size::Companies(120)) }).0
}

fn percent(percent: u32) -> Share {
    Share::from_millionths(percent * 10_000)
}

/// By id, the first of each.
fn by_id(facts: &[Fact]) -> BTreeMap<&Text, &Fact> {
    facts.iter().rev().map(|it| (&it.id, it)).collect()
}

fn is_near(count: usize, of: usize, percent: usize) -> bool {
    let expected = of * percent / 100;
    (expected * 9 / 10..=expected * 11 / 10).contains(&count)
}

#[test]
fn late_facts_are_late_and_nothing_else() {
    let (clean, messy) =
        (made(Mess::default()), made(Mess { late: percent(5), ..Mess::default() }));
    let clean = by_id(&clean);
    let mut late = 0;
    for fact in &messy {
        let was = clean[&fact.id];
        assert_eq!(Fact { known_at: was.known_at, ..fact.clone() }, *was);
        if fact.known_at != was.known_at {
            late += 1;
            let by = fact.known_at.unwrap() - was.known_at.unwrap();
            assert!((Span::MINUTE.times(10)..=Span::DAY.times(60)).contains(&by), "{by}");
        }
    }
    assert!(is_near(late, messy.len(), 5), "{late} of {}", messy.len());
}

#[test]
fn repeated_facts_are_the_same_and_come_later() {
    let messy = made(Mess { repeated: percent(3), ..Mess::default() });
    let firsts = by_id(&messy);
    let repeated = messy.len() - firsts.len();
    assert!(is_near(repeated, firsts.len(), 3), "{repeated} of {}", firsts.len());
    for fact in &messy {
        let first = firsts[&fact.id];
        assert_eq!(Fact { known_at: first.known_at, ..fact.clone() }, *first);
    }
}

#[test]
fn wrong_clocks_and_junk_ids_are_those_of_events() {
    let mess = Mess { clocks: percent(4), junk: percent(2), ..Mess::default() };
    let (clean, messy) = (made(Mess::default()), made(mess));
    let clean = by_id(&clean);
    let (mut by_people, mut wrong, mut junk) = (0, 0, 0);
    for fact in &messy {
        let was = clean[&fact.id];
        if matches!(was.body, Body::Event { .. }) && was.who.user.is_some() {
            by_people += 1;
        } else {
            assert_eq!(fact, was);
        }
        wrong += usize::from(fact.time != was.time);
        if fact.who != was.who {
            junk += 1;
            assert!(JUNK_IDS.contains(&fact.who.user.as_deref().unwrap()));
        }
        // An import refuses what comes from the future.
        assert!(fact.time - fact.known_at.unwrap() < Span::DAY);
    }
    assert!(is_near(wrong, by_people, 4), "{wrong} of {by_people}");
    assert!(is_near(junk, by_people, 2), "{junk} of {by_people}");
}

#[test]
fn shuffled_facts_are_all_there() {
    let (clean, messy) = (made(Mess::default()), made(Mess { shuffled: true, ..Mess::default() }));
    let in_order = |facts: &[Fact]| facts.windows(2).filter(|it| it[0].time <= it[1].time).count();
    assert!(in_order(&clean) > clean.len() * 99 / 100);
    assert!(in_order(&messy) < messy.len() * 55 / 100);
    assert_eq!(by_id(&clean), by_id(&messy));
}
