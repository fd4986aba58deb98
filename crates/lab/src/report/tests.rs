use std::fmt::Write;

use super::*;
use crate::backtest::backtest;
use crate::backtest::tests::{observed, question, run, subjects};
use crate::chart::{Style, bars};
use crate::compare::compare;

const STORY: &str = "
    ann  start 07-04  qualify 07-06                outcome 07-10 worth 1249.50
    bob  start 07-04  qualify 07-06 until 07-09
    cia  start 07-04                               outcome 07-12 worth 99
    dan  start 07-04
    eve  start 07-12  qualify 07-30
    fay  start 07-12  qualify 07-14 known 07-20    outcome 07-20
";

/// The table as the binary might draw it, without a frame.
fn drawn(table: &Table) -> String {
    let rows = || std::iter::once(&table.header).chain(&table.rows);
    let widths: Vec<usize> = (0..table.header.len())
        .map(|column| rows().map(|it| it[column].chars().count()).max().unwrap())
        .collect();
    let mut text = String::new();
    for row in rows() {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            write!(line, "{cell:width$}  ").unwrap();
        }
        writeln!(text, "{}", line.trim_end()).unwrap();
    }
    text
}

#[test]
fn the_report_shows_every_figure_with_its_denominator() {
    insta::assert_snapshot!(drawn(&figures(&run(STORY))));
}

#[test]
fn a_split_adds_a_column_for_each_side() {
    let mut asked = question();
    asked.split = Some("2022-07-12".parse().unwrap());
    let it = backtest(&asked, &observed(), subjects(STORY)).unwrap();
    assert_eq!(figures(&it).header, ["Figure", "All", "Before 2022-07-12", "From 2022-07-12"]);
    let sides: Vec<_> = figures_csv(&it).rows.iter().map(|it| it[0].clone()).collect();
    assert_eq!(sides.len(), 3 * FIGURES.len());
    assert_eq!((sides[0].as_str(), sides.last().unwrap().as_str()), ("all", "after"));
}

#[test]
fn programs_get_bare_numbers() {
    let csv = figures_csv(&run(STORY)).to_csv();
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(lines[0], "side,figure,count,of,value,low,high");
    assert!(lines.contains(&"all,subjects,6,,,,"));
    assert!(lines.contains(&"all,lead_days,,,4,,"), "{csv}");
    assert!(csv.contains("all,precision,1,2,0.5,0.09"), "{csv}");
}

#[test]
fn weeks_and_their_chart_count_by_the_week_of_the_start() {
    let it = run(STORY);
    insta::assert_snapshot!(weeks(&it).to_csv(), @r"
    week,started,qualified,hits,known
    2022-07-04,4,2,1,2
    2022-07-11,2,1,0,0
    2022-07-25,0,0,0,1
    ");
    let style = Style { width_max: 8, ascii: false };
    insta::assert_snapshot!(bars(&cohort_bars(&it), style).join("\n"), @r"
    2022-07-04  ████████  2 of 4 (50.0 %)
    2022-07-11  ████      1 of 2 (50.0 %)
    ");
}

#[test]
fn every_qualification_is_listed_with_what_it_is() {
    insta::assert_snapshot!(qualifications(&run(STORY)).to_csv(), @r"
    kind,subject,status,known_at,entered,left,outcome_at,lead_days,value
    person,ann,hit,2022-07-06T00:00:00Z,2022-07-06T00:00:00Z,,2022-07-10T00:00:00Z,4,1249.5
    person,bob,miss,2022-07-06T00:00:00Z,2022-07-06T00:00:00Z,2022-07-09T00:00:00Z,,,
    person,fay,too late,2022-07-20T00:00:00Z,2022-07-14T00:00:00Z,,2022-07-20T00:00:00Z,,
    person,eve,too early,2022-07-30T00:00:00Z,2022-07-30T00:00:00Z,,,,
    ");
}

#[test]
fn notes_say_what_must_be_known_to_read_the_figures() {
    let mut of = observed();
    of.arrival_times = false;
    let it = backtest(&question(), &of, subjects(STORY)).unwrap();
    let told: Vec<_> = it.notes.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(told.join("\n"), @r"
    This history has no arrival times: each fact counts as known when it happened. If facts came in later than that, the true figures are lower.
    Lift is association, not effect: those who qualify may have been about to buy anyway, and the unqualified of the same age may have stopped using the product. Only an experiment shows what outreach causes.
    Too early to say: 1 qualification with a window that was not over when history ends, 0 of them with the outcome already. Neither hit nor miss.
    Too late: 1 subject known to qualify only with the first outcome or after it. Nothing was foreseen: neither hit nor miss.
    ");
}

#[test]
fn cells_with_commas_and_quotes_survive_a_spreadsheet() {
    let mut table = Table::new(["a", "b"]);
    table.rows.push(vec!["x, \"y\"".to_owned(), "line\nbreak".to_owned()]);
    assert_eq!(table.to_csv(), "a,b\n\"x, \"\"y\"\"\",\"line\nbreak\"\n");
}

#[test]
fn a_comparison_is_a_table_of_four_groups() {
    let stricter = STORY
        .replace("qualify 07-06 until 07-09", "")
        .replace("dan  start 07-04", "dan  start 07-04 qualify 07-09");
    let it = compare(&run(STORY), &run(&stricter)).unwrap();
    insta::assert_snapshot!(drawn(&comparison(&it)));
    insta::assert_snapshot!(comparison_csv(&it).to_csv(), @r"
    kind,subject,change
    person,dan,enters
    person,bob,leaves
    person,ann,both
    person,eve,both
    ");
}

/// The codes are promised to programs: each is the name of a member of the JSON too.
#[test]
fn every_code_names_its_figure_in_json() {
    let json = serde_json::to_value(run(STORY)).unwrap();
    let members: Vec<&String> = json["all"].as_object().unwrap().keys().collect();
    let codes: Vec<&str> = FIGURES.iter().map(|it| it.code).collect();
    for member in &members {
        assert!(codes.contains(&member.as_str()), "`{member}` is not in FIGURES");
    }
    assert_eq!(members.len(), codes.len());
}

#[test]
fn the_documentation_says_what_each_figure_is_in_the_same_words() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/backtest.md");
    let docs = std::fs::read_to_string(path).unwrap();
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let docs = words(&docs);
    for it in FIGURES {
        let row = format!("| {} | `{}` | {} |", it.label, it.code, words(it.meaning));
        assert!(docs.contains(&row), "docs/backtest.md lacks the row:\n{row}");
    }
}
