//! The table that comes out: each row a figure, what it is held against, and what it should be.

use firsthand_model::Decimal;

use super::machine::Machine;
use crate::output::{Cell, Output, Table, grouped};

/// Something measured, in its unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Figure {
    /// Seconds.
    Seconds(f64),
    /// How many in a second, and the unit of it.
    PerSecond(f64, &'static str),
    /// Bytes; people read MiB.
    Memory(u64),
    /// Bytes of something small.
    Bytes(u64),
    /// How many, and of what.
    Count(u64, &'static str),
}

impl Figure {
    const fn unit(self) -> &'static str {
        match self {
            Self::Seconds(_) => "s",
            Self::Memory(_) => "MiB",
            Self::Bytes(_) => "bytes",
            Self::PerSecond(_, unit) | Self::Count(_, unit) => unit,
        }
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "a cast to a whole number is held within it"
    )]
    #[expect(clippy::cast_sign_loss, reason = "nothing that is measured is negative")]
    fn cell(self) -> Cell {
        match self {
            Self::Seconds(it) => Cell::Number(Decimal::from_raw((it * 1e6).round() as i128)),
            Self::PerSecond(it, _) => Cell::Count(it.round() as u64),
            Self::Memory(it) => Cell::Count(it.div_ceil(1 << 20)),
            Self::Bytes(it) | Self::Count(it, _) => Cell::Count(it),
        }
    }

    /// As a number, for ratios.
    const fn number(self) -> f64 {
        match self {
            Self::Seconds(it) | Self::PerSecond(it, _) => it,
            Self::Memory(it) | Self::Bytes(it) | Self::Count(it, _) => it as f64,
        }
    }
}

/// What a figure, or its ratio, should be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Target {
    /// The ratio, at least.
    Times(f64),
    /// The ratio, less than.
    BelowTimes(f64),
    /// The ratio, at most.
    WithinTimes(f64),
    /// The figure itself, at least.
    AtLeast(Figure),
    /// The figure itself, less than.
    Below(Figure),
    /// The same on both sides; whether it is so.
    Same(bool),
}

impl Target {
    fn words(self) -> String {
        match self {
            Self::Times(1.0) => "no slower".to_owned(),
            Self::Times(it) => format!("at least {it} times faster"),
            Self::BelowTimes(it) => format!("less than {it} times"),
            Self::WithinTimes(it) => format!("at most {it} times"),
            Self::AtLeast(it) => {
                format!("at least {} {}", grouped(&it.number().to_string()), it.unit())
            }
            Self::Below(it) => format!("less than {} {}", it.number(), it.unit()),
            Self::Same(_) => "the same".to_owned(),
        }
    }

    fn is_met(self, ours: Figure, ratio: Option<f64>) -> Option<bool> {
        match self {
            Self::Times(least) => Some(ratio? >= least),
            Self::BelowTimes(bound) => Some(ratio? < bound),
            Self::WithinTimes(most) => Some(ratio? <= most),
            Self::AtLeast(least) => Some(ours.number() >= least.number()),
            Self::Below(bound) => Some(ours.number() < bound.number()),
            Self::Same(same) => Some(same),
        }
    }
}

/// One row of the table.
#[derive(Clone, Debug)]
pub struct Row {
    what: String,
    ours: Figure,
    against: Option<String>,
    yardstick: Option<Figure>,
    ratio: Option<f64>,
    target: Option<Target>,
}

impl Row {
    /// A figure by itself.
    pub fn new(what: impl Into<String>, ours: Figure) -> Self {
        let what = what.into();
        Self { what, ours, against: None, yardstick: None, ratio: None, target: None }
    }

    /// Holds it against a slower one: the ratio says how many times faster ours is.
    #[must_use]
    pub fn faster_than(mut self, against: impl Into<String>, yardstick: Figure) -> Self {
        let times = match self.ours {
            Figure::PerSecond(ours, _) => ours / yardstick.number(),
            ours => yardstick.number() / ours.number(),
        };
        self.ratio = times.is_finite().then_some(times);
        self.against(against, yardstick)
    }

    /// Holds it against a smaller one: the ratio says how many times as much ours is.
    #[must_use]
    pub fn times(mut self, against: impl Into<String>, yardstick: Figure) -> Self {
        let times = self.ours.number() / yardstick.number();
        self.ratio = times.is_finite().then_some(times);
        self.against(against, yardstick)
    }

    /// Says what it would be held against, which is not there.
    #[must_use]
    pub fn without(mut self, against: impl Into<String>) -> Self {
        self.against = Some(against.into());
        self
    }

    /// Says what it should be.
    #[must_use]
    pub const fn target(mut self, target: Target) -> Self {
        self.target = Some(target);
        self
    }

    fn against(mut self, against: impl Into<String>, yardstick: Figure) -> Self {
        self.against = Some(against.into());
        self.yardstick = Some(yardstick);
        self
    }

    fn is_met(&self) -> Option<bool> {
        self.target.and_then(|it| it.is_met(self.ours, self.ratio))
    }
}

/// All rows.
#[derive(Debug, Default)]
pub struct Report {
    rows: Vec<Row>,
}

impl Report {
    /// Adds a row.
    pub fn push(&mut self, row: Row) {
        self.rows.push(row);
    }

    /// Adds a figure that not every system tells.
    pub fn push_if(&mut self, what: &str, figure: Option<Figure>) {
        self.rows.extend(figure.map(|it| Row::new(what, it)));
    }

    /// Whether something that must be the same is not.
    pub fn differs(&self) -> bool {
        self.rows.iter().any(|it| it.target == Some(Target::Same(false)))
    }

    /// Whether some target is not met.
    pub fn misses(&self) -> bool {
        self.rows.iter().any(|it| it.is_met() == Some(false))
    }

    /// Writes it, with the machine on top.
    pub fn show(&self, machine: &Machine, threads: usize, output: Output) -> anyhow::Result<()> {
        let measures = self.table();
        let cores = machine.cores;
        if output.for_people() {
            let memory = machine.memory_bytes.map(|it| format!(", {} GiB", it.div_ceil(1 << 30)));
            let processor = machine.processor.as_ref().map(|it| format!("{it}, "));
            output.say(&format!(
                "Measured on {}{}, {cores} cores{}; {threads} threads used.\n",
                processor.unwrap_or_default(),
                machine.system,
                memory.unwrap_or_default(),
            ))?;
            return output.table(&measures);
        }
        let mut facts = Table::new(&[
            ("version", "version"),
            ("system", "system"),
            ("processor", "processor"),
            ("cores", "cores"),
            ("memory_bytes", "memory"),
            ("threads", "threads"),
        ]);
        facts.push([
            env!("CARGO_PKG_VERSION").into(),
            machine.system.as_str().into(),
            machine.processor.clone().into(),
            cores.into(),
            machine.memory_bytes.into(),
            threads.into(),
        ]);
        output.tables(&[("measures", &measures), ("machine", &facts)])
    }

    fn table(&self) -> Table {
        let mut table = Table::new(&[
            ("what", "what"),
            ("ours", "ours"),
            ("unit", "unit"),
            ("against", "held against"),
            ("yardstick", "yardstick"),
            ("ratio", "ratio"),
            ("target", "target"),
            ("met", "met"),
        ]);
        for it in &self.rows {
            table.push([
                it.what.as_str().into(),
                it.ours.cell(),
                it.ours.unit().into(),
                it.against.clone().into(),
                it.yardstick.map_or(Cell::Empty, Figure::cell),
                it.ratio.map_or(Cell::Empty, Cell::Figure),
                it.target.map(Target::words).into(),
                it.is_met().map(|met| if met { "yes" } else { "no" }).into(),
            ]);
        }
        table
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_says_how_many_times_faster_ours_is() {
        let row =
            || Row::new("replay", Figure::Seconds(0.25)).faster_than("SQL", Figure::Seconds(5.0));
        assert_eq!(row().ratio, Some(20.0));
        assert_eq!(row().target(Target::Times(20.0)).is_met(), Some(true));
        assert_eq!(row().target(Target::Times(40.0)).is_met(), Some(false));
        let rate = Row::new("import", Figure::PerSecond(600.0, "facts/s"));
        assert_eq!(rate.faster_than("SQL", Figure::PerSecond(300.0, "facts/s")).ratio, Some(2.0));
    }

    #[test]
    fn what_is_not_there_meets_no_target_and_misses_none() {
        let row = Row::new("replay", Figure::Seconds(0.25)).without("DuckDB: not installed");
        assert_eq!(row.target(Target::Times(20.0)).is_met(), None);
        assert_eq!(Row::new("nothing", Figure::Seconds(0.1)).is_met(), None);
    }

    #[test]
    fn a_difference_is_told_from_a_target_that_is_missed() {
        let mut report = Report::default();
        let slow = Row::new("import", Figure::PerSecond(400_000.0, "facts/s"));
        report.push(slow.target(Target::AtLeast(Figure::PerSecond(500_000.0, "facts/s"))));
        assert!(report.misses() && !report.differs());
        report.push(Row::new("entries", Figure::Count(3, "entries")).target(Target::Same(false)));
        assert!(report.differs());
    }
}
