//! The bar on a terminal: how far, how fast, how long still.

use std::time::Duration;

use firsthand_collect::{Position, Progress};
use indicatif::{HumanCount, ProgressBar, ProgressStyle};

/// A bar on standard error; on anything but a terminal it shows nothing.
pub struct Bar(ProgressBar);

impl Bar {
    /// Begins; how many bytes there are is told with the first update.
    pub fn new() -> Self {
        let bar = ProgressBar::no_length();
        bar.enable_steady_tick(Duration::from_millis(200));
        Self(bar)
    }

    /// Says what goes on now that reading is over.
    pub fn phase(&self, what: &'static str) {
        self.0.set_style(style("{spinner} {msg}"));
        self.0.set_message(what);
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        self.0.finish_and_clear();
    }
}

/// A bar over a known number of rows.
pub struct RowBar(ProgressBar);

impl RowBar {
    /// Begins.
    pub fn new(what: &'static str, rows: u64) -> Self {
        let bar = ProgressBar::new(rows);
        bar.set_style(style("{bar:30} {percent:>3} %  {eta} left  {msg}"));
        bar.set_message(what);
        bar.enable_steady_tick(Duration::from_millis(200));
        Self(bar)
    }

    /// More rows are done.
    pub fn add(&self, rows: u64) {
        self.0.inc(rows);
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        self.0.finish_and_clear();
    }
}

impl Progress for Bar {
    fn update(&self, position: &Position) {
        if let (Some(total), None) = (position.bytes_total, self.0.length()) {
            self.0.set_length(total);
            self.0.set_style(style("{bar:30} {percent:>3} %  {bytes_per_sec}  {eta} left  {msg}"));
        }
        self.0.set_position(position.bytes);
        let rejects = match position.rejects {
            0 => String::new(),
            count => format!(", {} rejected", HumanCount(count)),
        };
        self.0.set_message(format!("{} records{rejects}", HumanCount(position.records)));
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).expect("the templates here are sound")
}
