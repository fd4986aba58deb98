//! The lifecycle as tables: groups side by side, stages, cohorts; and all of it for programs.

use super::Table;
use super::figure::Value;
use super::format::{count, decimal, money, percent, rate_of, signed_points, times, with_interval};
use crate::lifecycle::{Contrast, GroupFigures, Lifecycle, Stage};
use crate::statistics::{Difference, Estimate, Rate, Reading};

/// The codes of the lifecycle's figures, with what each is, in one sentence. "The window" is that
/// of the question; "found" is the instant at which a qualification was known.
pub const LIFECYCLE_FIGURES: &[(&str, &str)] = &[
    (
        "entered",
        "Accounts of the group: first found by product, or by marketing; found by neither within \
         the window after they began, nor before they bought; found as growing customers.",
    ),
    (
        "too_early",
        "Accounts of the group whose window was not over when history ends. They are in no share.",
    ),
    ("too_early_converted", "Those too early to say that have the outcome already."),
    (
        "sql",
        "Accepted by a rep within the window after they were found (neither: after they began), \
         of those observed for all of it.",
    ),
    ("opportunity", "Had a deal within the window, of those observed for all of it."),
    (
        "converted",
        "Had their first outcome after they were found (neither: after they began) and within the \
         window, of those observed for all of it.",
    ),
    (
        "days",
        "Median days from being found (neither: from the beginning) to the outcome, of those that \
         had it within the window.",
    ),
    ("worth_total", "Worth of those outcomes, together."),
    ("worth_mean", "Worth of such an outcome, on average over those that tell it."),
    (
        "alike",
        "Share of the accounts of the same age, at the same time, found by nobody yet, that had \
         the outcome in the same window, averaged over those found.",
    ),
    ("alike_lift", "Conversion of those found, divided by that of the accounts alike."),
    (
        "difference",
        "Conversion of the one group less that of the other. Not clear yet where the interval \
         covers zero.",
    ),
    ("stage_entered", "Accounts that came to the stage; the first time counts."),
    ("stage_further", "Went to a higher stage within the window, of those observed for all of it."),
    ("stage_customer", "Became customers within the window, of the same."),
    (
        "stage_too_early",
        "Accounts that came to the stage and whose window was not over when history ends.",
    ),
    (
        "stage_days",
        "Median days until an account left the stage, up or out. Those still there count for as \
         long as they have been (Kaplan and Meier).",
    ),
    ("stage_now", "Accounts in the stage when history ends."),
    ("month_accounts", "Accounts that began, or were first found, in the month."),
    (
        "month_too_early",
        "Those of them whose window was not over when history ends. They are in no share.",
    ),
    (
        "month_reached",
        "Reached the stage within the window after that, of those observed for all of it.",
    ),
];

const NONE: &str = "-";

/// The groups side by side, for people.
pub fn lifecycle_groups(report: &Lifecycle) -> Table {
    let shown: Vec<&GroupFigures> = report.groups.iter().filter(|it| it.entered > 0).collect();
    let titles = shown.iter().map(|it| capital(it.group.word()));
    let mut table = Table::new(std::iter::once("Figure".to_owned()).chain(titles));
    let mut row = |label: &str, cell: &dyn Fn(&GroupFigures) -> String| {
        let cells: Vec<String> = shown.iter().map(|it| cell(it)).collect();
        if cells.iter().any(|it| it != NONE) {
            table.rows.push(std::iter::once(label.to_owned()).chain(cells).collect());
        }
    };
    row("Accounts", &|it| count(it.entered));
    for (stage, label) in [(Stage::Sql, "Became SQL"), (Stage::Opportunity, "Became opportunity")] {
        row(label, &|it| some_rate(level(it, stage)));
    }
    row("Had the outcome", &|it| rate_of(it.converted));
    row("Median days to it", &|it| it.days.map_or(NONE.to_owned(), |it| estimate(it, decimal)));
    row("Worth of one", &|it| it.worth.map_or(NONE.to_owned(), |it| estimate(it.mean, money)));
    row("Accounts alike, not found", &|it| {
        it.alike.map_or(NONE.to_owned(), |it| percent(it.share))
    });
    row("Lift over those", &|it| {
        let lift = it.alike.and_then(|it| it.lift);
        lift.map_or(NONE.to_owned(), |it| {
            with_interval(&times(it.value), &times(it.low), &times(it.high))
        })
    });
    row("Too early to say", &|it| {
        format!("{}, {} with the outcome", count(it.too_early), count(it.too_early_converted))
    });
    table
}

/// The groups against each other, for people.
pub fn lifecycle_contrasts(report: &Lifecycle) -> Table {
    let mut table = Table::new(["Compared", "Difference", "Reading"]);
    table.rows.extend(report.contrasts.iter().map(|it| {
        let names = format!("{} less {}", it.one.word(), it.other.word());
        vec![names, points(&it.conversion), reading(it)]
    }));
    table
}

/// The stages, for people.
pub fn lifecycle_steps(report: &Lifecycle) -> Table {
    let mut table = Table::new([
        "Stage",
        "Came to it",
        "Went further",
        "Became customer",
        "Median days in it",
        "There now",
    ]);
    table.rows.extend(report.steps.iter().filter(|it| it.entered > 0).map(|it| {
        let is_last = it.stage == Stage::Customer;
        vec![
            it.stage.word().to_owned(),
            count(it.entered),
            if is_last { NONE.to_owned() } else { rate_of(it.further) },
            some_rate(it.customer),
            it.days.map_or("more than half are still there".to_owned(), |it| estimate(it, decimal)),
            count(it.now),
        ]
    }));
    table
}

/// The cohorts, for people.
pub fn lifecycle_months(report: &Lifecycle) -> Table {
    let mut table = Table::new([
        "Month",
        "Accounts",
        "MQL",
        "PQL",
        "SQL",
        "Opportunity",
        "Customer",
        "Too early",
    ]);
    table.rows.extend(report.months.iter().map(|it| {
        let reached = it.reached.iter().map(|it| {
            it.reached.rate.map_or(NONE.to_owned(), |rate| {
                format!("{} ({})", percent(rate), count(it.reached.count))
            })
        });
        let month = it.month.to_string();
        let head = [month[..7].to_owned(), count(it.accounts)];
        head.into_iter().chain(reached).chain([count(it.too_early)]).collect()
    }));
    table
}

/// The whole report for programs: a row for each figure. `part` says of what kind of thing, `of`
/// which; shares are from 0 to 1.
pub fn lifecycle_csv(report: &Lifecycle) -> Table {
    let mut table = Table::new(["part", "name", "figure", "count", "of", "value", "low", "high"]);
    let mut row = |part: &str, name: &str, figure: &str, cells: [String; 5]| {
        let names = [part, name, figure].map(str::to_owned);
        table.rows.push(names.into_iter().chain(cells).collect());
    };
    for it in &report.groups {
        let name = it.group.word();
        row("group", name, "entered", Value::Count(it.entered).for_programs());
        row("group", name, "too_early", Value::Count(it.too_early).for_programs());
        let already = Value::Count(it.too_early_converted).for_programs();
        row("group", name, "too_early_converted", already);
        for level in it.levels.iter().filter(|it| it.stage != Stage::Customer) {
            row("group", name, level.stage.word(), Value::Rate(level.reached).for_programs());
        }
        row("group", name, "converted", Value::Rate(it.converted).for_programs());
        row("group", name, "days", cells(it.days));
        let total = it.worth.map(|it| it.total.to_f64());
        row("group", name, "worth_total", Value::Worth(total).for_programs());
        row("group", name, "worth_mean", cells(it.worth.map(|it| it.mean)));
        row("group", name, "alike", Value::Share(it.alike.map(|it| it.share)).for_programs());
        let lift = it.alike.and_then(|it| it.lift);
        row("group", name, "alike_lift", Value::Lift(lift).for_programs());
    }
    for it in &report.contrasts {
        let name = format!("{}-{}", it.one.word(), it.other.word());
        row("contrast", &name, "difference", difference(&it.conversion));
    }
    for it in &report.steps {
        let name = it.stage.word();
        row("stage", name, "stage_entered", Value::Count(it.entered).for_programs());
        row("stage", name, "stage_further", Value::Rate(it.further).for_programs());
        if let Some(customer) = it.customer {
            row("stage", name, "stage_customer", Value::Rate(customer).for_programs());
        }
        row("stage", name, "stage_too_early", Value::Count(it.too_early).for_programs());
        row("stage", name, "stage_days", cells(it.days));
        row("stage", name, "stage_now", Value::Count(it.now).for_programs());
    }
    for it in &report.months {
        let month = it.month.to_string();
        row("month", &month, "month_accounts", Value::Count(it.accounts).for_programs());
        row("month", &month, "month_too_early", Value::Count(it.too_early).for_programs());
        for level in &it.reached {
            let figure = format!("reached_{}", level.stage.word());
            row("month", &month, &figure, Value::Rate(level.reached).for_programs());
        }
    }
    table
}

fn level(it: &GroupFigures, stage: Stage) -> Option<Rate> {
    it.levels.iter().find(|it| it.stage == stage).map(|it| it.reached).filter(|it| it.of > 0)
}

fn some_rate(rate: Option<Rate>) -> String {
    rate.map_or(NONE.to_owned(), rate_of)
}

/// `11 (8 to 14)`, `11` where the interval is not known, `11 (8 to ?)` where one end is not.
fn estimate(it: Estimate, shown: fn(f64) -> String) -> String {
    let end = |it: Option<f64>| it.map_or("?".to_owned(), shown);
    match (it.low, it.high) {
        (None, None) => shown(it.value),
        (low, high) => with_interval(&shown(it.value), &end(low), &end(high)),
    }
}

/// `+10.1 points (+4.6 to +15.7)`.
pub(super) fn points(it: &Difference) -> String {
    let [value, low, high] = [it.value, it.low, it.high].map(signed_points);
    with_interval(&format!("{value} points"), &low, &high)
}

fn reading(it: &Contrast) -> String {
    let (one, other) = (it.one.word(), it.other.word());
    match (it.conversion.reading, it.times) {
        (Reading::Unclear, _) => "not clear yet".to_owned(),
        (Reading::Higher, Some(of)) => {
            format!("{one} buys {} times as often as {other}", decimal(of))
        }
        (Reading::Higher, None) => format!("{one} buys more often than {other}"),
        (Reading::Lower, _) => format!("{one} buys less often than {other}"),
    }
}

fn cells(it: Option<Estimate>) -> [String; 5] {
    let or_empty = |it: Option<f64>| it.map_or_else(String::new, |it| it.to_string());
    let ends = it.map_or((None, None), |it| (it.low, it.high));
    let [value, low, high] = [it.map(|it| it.value), ends.0, ends.1].map(or_empty);
    [String::new(), String::new(), value, low, high]
}

pub(super) fn difference(it: &Difference) -> [String; 5] {
    let [value, low, high] = [it.value, it.low, it.high].map(|it| it.to_string());
    [String::new(), String::new(), value, low, high]
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |it| it.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::lifecycle::tests::lives;
    use crate::lifecycle::{Question, lifecycle};

    fn report() -> Lifecycle {
        let all = lives(
            "
            a: began 1, pql 3, sql 4, paid 9 1200
            b: began 1, pql 5, opportunity 8, paid 12 800
            c: began 1, pql 5
            d: began 1, mql 2
            e: began 1, paid 40
            f: began 35
            g: began 95, pql 96
            h: began 0
            ",
        );
        lifecycle(&all, &Question::default()).unwrap()
    }

    #[test]
    fn people_read_the_groups_side_by_side() {
        let report = report();
        let lines = |table: &Table| {
            let rows = std::iter::once(&table.header).chain(&table.rows);
            rows.map(|it| it.join(" | ")).collect::<Vec<_>>().join("\n")
        };
        insta::assert_snapshot!(lines(&lifecycle_groups(&report)));
        insta::assert_snapshot!(lines(&lifecycle_contrasts(&report)));
        insta::assert_snapshot!(lines(&lifecycle_steps(&report)));
        insta::assert_snapshot!(lines(&lifecycle_months(&report)));
    }

    #[test]
    fn the_documentation_has_the_same_words() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reports.md");
        let docs = std::fs::read_to_string(path).unwrap();
        let holdouts = crate::report::HOLDOUT_FIGURES;
        let health = crate::report::HEALTH_FIGURES;
        for (code, meaning) in LIFECYCLE_FIGURES.iter().chain(holdouts).chain(health) {
            let row = format!("| `{code}` | {meaning} |");
            assert!(docs.contains(&row), "docs/reports.md lacks the row:\n{row}");
        }
    }

    #[test]
    fn every_figure_for_programs_has_its_meaning() {
        let table = lifecycle_csv(&report());
        let shown: BTreeSet<String> = table.rows.iter().map(|it| it[2].clone()).collect();
        for figure in &shown {
            let code = if figure.starts_with("reached_") { "month_reached" } else { figure };
            assert!(LIFECYCLE_FIGURES.iter().any(|it| it.0 == code), "{figure}");
        }
        for (code, meaning) in LIFECYCLE_FIGURES {
            let is_shown = shown.contains(*code) || *code == "month_reached";
            assert!(is_shown && meaning.ends_with('.'), "{code}");
        }
        assert!(table.rows.iter().all(|it| it.len() == table.header.len()));
    }
}
