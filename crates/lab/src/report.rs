//! Figures as tables: for people, and for spreadsheets.
//!
//! [`FIGURES`] is the one list of what there is to show: the code of each figure is its name in
//! CSV and JSON, and its meaning is the sentence that `docs/backtest.md` has too.

mod figure;
mod format;
mod health;
mod holdout;
mod lifecycle;

pub use figure::{FIGURES, Figure, Value};
pub use health::HEALTH_FIGURES;
pub use holdout::{HOLDOUT_FIGURES, holdouts, holdouts_csv};
pub use lifecycle::{
    LIFECYCLE_FIGURES, lifecycle_contrasts, lifecycle_csv, lifecycle_groups, lifecycle_months,
    lifecycle_steps,
};

use crate::backtest::{Backtest, Figures};
use crate::chart::Bar;
use crate::compare::{Comparison, Group};
use crate::statistics::Rate;

use format::{count, percent, rate_of};

/// Rows of text under a heading. The binary draws it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// The heading of each column.
    pub header: Vec<String>,
    /// The rows, each as long as the header.
    pub rows: Vec<Vec<String>>,
}

impl Table {
    fn new(header: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self { header: header.into_iter().map(Into::into).collect(), rows: Vec::new() }
    }

    /// The table as CSV with a header row (RFC 4180, lines end in `\n`).
    pub fn to_csv(&self) -> String {
        let mut writer = csv::Writer::from_writer(Vec::new());
        for row in std::iter::once(&self.header).chain(&self.rows) {
            writer.write_record(row).expect("a vector takes all, and all rows are of one length");
        }
        let bytes = writer.into_inner().expect("a vector takes all");
        String::from_utf8(bytes).expect("texts were written")
    }
}

/// The figures for people: one row each, one column for all and for each side of the split.
/// Worth is left out where the outcome has no value.
pub fn figures(backtest: &Backtest) -> Table {
    let sides = sides(backtest);
    let mut table =
        Table::new(std::iter::once("Figure").chain(sides.iter().map(|it| it.title.as_str())));
    for figure in FIGURES {
        let values: Vec<Value> = sides.iter().map(|it| (figure.value)(it.figures)).collect();
        if values.iter().all(|it| it.is_absent_worth()) {
            continue;
        }
        let cells = values.into_iter().map(Value::for_people);
        table.rows.push(std::iter::once(figure.label.to_owned()).chain(cells).collect());
    }
    table
}

/// The figures for programs: one row for each figure and side. Shares are from 0 to 1.
pub fn figures_csv(backtest: &Backtest) -> Table {
    let mut table = Table::new(["side", "figure", "count", "of", "value", "low", "high"]);
    for side in sides(backtest) {
        for figure in FIGURES {
            let cells = (figure.value)(side.figures).for_programs();
            let names = [side.code.to_owned(), figure.code.to_owned()];
            table.rows.push(names.into_iter().chain(cells).collect());
        }
    }
    table
}

/// The weeks, for people and programs.
pub fn weeks(backtest: &Backtest) -> Table {
    let mut table = Table::new(["week", "started", "qualified", "hits", "known"]);
    table.rows.extend(backtest.weeks.iter().map(|it| {
        let counts = [it.started, it.qualified, it.hits, it.known].map(|it| it.to_string());
        std::iter::once(it.week.to_string()).chain(counts).collect()
    }));
    table
}

/// Bars for [`crate::chart::bars`]: of those who started in each week, how many qualified.
pub fn cohort_bars(backtest: &Backtest) -> Vec<Bar> {
    let cohorts = backtest.weeks.iter().filter(|it| it.started > 0);
    cohorts
        .map(|it| {
            let share = Rate::new(it.qualified, it.started).rate;
            let note = format!("{} of {}", count(it.qualified), count(it.started));
            Bar {
                label: it.week.to_string(),
                value: it.qualified,
                note: share.map_or(note.clone(), |it| format!("{note} ({})", percent(it))),
            }
        })
        .collect()
}

/// Every qualification, for people and programs; absent cells are empty.
pub fn qualifications(backtest: &Backtest) -> Table {
    let mut table = Table::new([
        "kind",
        "subject",
        "status",
        "known_at",
        "entered",
        "left",
        "outcome_at",
        "lead_days",
        "value",
    ]);
    let or_empty = |it: Option<String>| it.unwrap_or_default();
    table.rows.extend(backtest.qualifications.iter().map(|it| {
        vec![
            it.subject.kind.to_string(),
            it.subject.id.to_string(),
            it.status.word().to_owned(),
            it.known_at.to_string(),
            it.entered.to_string(),
            or_empty(it.left.map(|it| it.to_string())),
            or_empty(it.outcome_at.map(|it| it.to_string())),
            or_empty(it.lead_days.map(|it| it.to_string())),
            or_empty(it.value.map(|it| it.to_string())),
        ]
    }));
    table
}

/// A comparison of two versions, for people.
pub fn comparison(comparison: &Comparison) -> Table {
    let mut table = Table::new(["Subjects", "How many", "Converted", "Too early"]);
    let mut row = |label: &str, group: &Group| {
        table.rows.push(vec![
            label.to_owned(),
            count(group.subjects.len() as u64),
            rate_of(group.precision),
            count(group.too_early),
        ]);
    };
    row("Enter: only the new finds them", &comparison.enters);
    row("Leave: only the old finds them", &comparison.leaves);
    row("Both find them, by the old", &comparison.both_by_old);
    row("Both find them, by the new", &comparison.both_by_new);
    table
}

/// A comparison for programs: one row a subject; both versions have one where both find it.
pub fn comparison_csv(comparison: &Comparison) -> Table {
    let mut table = Table::new(["kind", "subject", "change"]);
    for (change, group) in [
        ("enters", &comparison.enters),
        ("leaves", &comparison.leaves),
        ("both", &comparison.both_by_new),
    ] {
        table.rows.extend(
            group
                .subjects
                .iter()
                .map(|it| vec![it.kind.to_string(), it.id.to_string(), change.to_owned()]),
        );
    }
    table
}

/// One column of figures.
struct Side<'a> {
    code: &'static str,
    title: String,
    figures: &'a Figures,
}

fn sides(backtest: &Backtest) -> Vec<Side<'_>> {
    let mut sides = vec![Side { code: "all", title: "All".to_owned(), figures: &backtest.all }];
    if let Some(split) = &backtest.split {
        let before = format!("Before {}", split.at);
        let after = format!("From {}", split.at);
        sides.push(Side { code: "before", title: before, figures: &split.before });
        sides.push(Side { code: "after", title: after, figures: &split.after });
    }
    sides
}

#[cfg(test)]
mod tests;
