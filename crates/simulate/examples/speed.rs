//! How fast a world is made, by itself and as the lines of an export:
//! `cargo run --release -p firsthand-simulate --example speed -- 1000000`.

use std::convert::Infallible;
use std::time::Instant;

use firsthand_model::Date;
use firsthand_simulate::{Export, Mess, Options, Recorded, Size, World};

fn main() {
    let events = std::env::args().nth(1).and_then(|it| it.parse().ok()).unwrap_or(1_000_000);
    let options = Options {
        seed: 1,
        size: Size::Events(events),
        first_day: Date(20_332),
        days: 365,
        mess: Mess::default(),
    };
    let world = World::new(options);
    time(&world, "facts", |it| it.facts.len());
    time(&world, "Segment calls", |it| {
        let mut calls = String::new();
        for fact in &it.facts {
            Export::Segment.write(&mut calls, fact);
        }
        calls.len()
    });
}

fn time(world: &World, what: &str, make: impl Fn(Recorded) -> usize + Sync) {
    let began = Instant::now();
    let mut sum = 0;
    let made = world.stream(make, |it| {
        sum += it;
        Ok::<(), Infallible>(())
    });
    let Ok(totals) = made;
    let seconds = began.elapsed().as_secs_f64();
    println!(
        "{what}: {} events in {seconds:.2} s, {:.2} million a second, {} threads ({sum})",
        totals.events,
        totals.events as f64 / seconds / 1e6,
        rayon::current_num_threads()
    );
}
