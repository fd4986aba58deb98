//! An evaluator so naive that it can be seen to be right, and the engine beside it.
//!
//! It knows no state, no flips and no leaves: it reads the whole list of facts anew at every
//! instant at which anything could change. Facts and lengths are multiples of six hours, so those
//! instants are the grid of six hours and, for what begins just after an instant, a microsecond
//! more.

mod definitions;
mod naive;

use firsthand_model::fact::{Body, Who};
use firsthand_model::{Fact, Json, Span, Text, Time};
use firsthand_rules::expect;
use proptest::prelude::*;

use crate::pool::compiled;
use definitions::{Definition, any_definition};
use naive::{Event, History};

/// All times and lengths are multiples of this.
pub const STEP: Span = Span(6 * Span::HOUR.0);

fn any_events() -> impl Strategy<Value = Vec<Event>> {
    let gap = prop_oneof![3 => Just(0_i64), 4 => 1..4_i64, 2 => 4..13_i64, 1 => 20..40_i64];
    let name = prop::sample::select(vec!["A", "A", "B", "C"]);
    let person = prop::sample::select(vec!["ana", "bob", "cid"]);
    let key = prop::option::weighted(0.8, prop::sample::select(vec!["x", "y"]));
    let amount = prop::option::weighted(0.8, 0..6_i64);
    prop::collection::vec((gap, name, person, key, amount), 1..22).prop_map(|drawn| {
        let mut time: Time = "2026-01-05T00:00:00Z".parse().unwrap();
        let events = drawn.into_iter().map(|(gap, name, person, key, amount)| {
            time = time + STEP.times(gap);
            Event { time, name, person, key, amount }
        });
        events.collect()
    })
}

fn fact(index: usize, event: &Event) -> Fact {
    let key = event.key.map(|it| format!(r#""k":"{it}""#));
    let amount = event.amount.map(|it| format!(r#""n":{it}"#));
    let properties = key.into_iter().chain(amount).collect::<Vec<_>>().join(",");
    Fact {
        id: smol_str::format_smolstr!("{index}"),
        source: "test".into(),
        time: event.time,
        known_at: None,
        who: Who { user: Some(event.person.into()), account: Some("acme".into()), anonymous: None },
        body: Body::Event {
            name: Text::new_static(event.name),
            properties: Json::parse(format!("{{{properties}}}")).unwrap(),
        },
    }
}

/// When the engine says that a definition was entered and left.
fn by_the_engine(
    definition: &Definition,
    events: &[Event],
    until: Time,
) -> Vec<(Time, Option<Time>)> {
    let (project, program) = compiled(&definition.text());
    let facts = events.iter().enumerate().map(|(index, it)| fact(index, it)).collect::<Vec<_>>();
    let judged = expect::judge(&project, &program, &facts, until);
    judged[0].timelines[0].iter().map(|it| (it.entered, it.left)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 2_000, ..ProptestConfig::with_cases(1_000) })]

    #[test]
    fn the_engine_agrees_with_the_naive_evaluator(definition in any_definition(), events in any_events()) {
        let until = events.last().unwrap().time + Span::DAY.times(16);
        let history = History::new(events.clone(), until);
        let naive = history.timeline(&definition);
        let engine = by_the_engine(&definition, &events, until);
        let show = |timeline: &[(Time, Option<Time>)]| {
            let lines = timeline.iter().map(|(from, to)| format!("{from} to {}", to.map_or("now".into(), |it| it.to_string())));
            lines.collect::<Vec<_>>().join("\n")
        };
        prop_assert_eq!(show(&engine), show(&naive), "{}\n{:#?}", definition.text(), events);
    }
}
