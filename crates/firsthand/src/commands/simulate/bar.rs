//! How far it is, on a terminal.

use firsthand_simulate::{Size, World};
use indicatif::{HumanCount, ProgressBar, ProgressStyle};

/// A bar on standard error; on anything but a terminal it shows nothing.
pub struct Bar {
    bar: ProgressBar,
    by_events: bool,
}

impl Bar {
    /// Begins.
    pub fn new(world: &World) -> Self {
        let (total, by_events) = match world.options().size {
            Size::Events(events) => (events, true),
            Size::Companies(companies) => (companies, false),
        };
        let bar = ProgressBar::new(total);
        bar.set_style(style("{bar:30} {percent:>3} %  {eta} left  {msg}"));
        Self { bar, by_events }
    }

    /// Another company was made, with so many events.
    pub fn made(&self, events: u64) {
        self.bar.inc(if self.by_events { events } else { 1 });
        let what = if self.by_events { "events" } else { "firms" };
        self.bar.set_message(format!("{} {what}", HumanCount(self.bar.position())));
    }

    /// Says what goes on now that all are made.
    pub fn phase(&self, what: &'static str) {
        self.bar.set_style(style("{spinner} {msg}"));
        self.bar.set_message(what);
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).expect("the templates here are sound")
}
