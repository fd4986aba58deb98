//! What outreach caused, as tables.

use super::Table;
use super::figure::Value;
use super::format::{count, rate_of};
use super::lifecycle::{difference, points};
use crate::holdout::{Effect, Holdouts};
use crate::statistics::Reading;

/// The codes of the figures of holdouts, with what each is, in one sentence.
pub const HOLDOUT_FIGURES: &[(&str, &str)] = &[
    ("assigned_told", "Accounts that chance assigned to be told."),
    ("assigned_held_out", "Accounts that chance assigned to be told nothing."),
    (
        "too_early",
        "Assigned accounts whose window was not over when history ends. They are in no share.",
    ),
    (
        "told",
        "Had an outcome strictly after the assignment and within the window, of those assigned to \
         be told, whatever was sent to them (intent to treat).",
    ),
    ("held_out", "The same, of those assigned to be told nothing."),
    ("effect", "The first share less the second. Not clear yet where the interval covers zero."),
    (
        "more_needed",
        "Accounts more that it would take to be sure, with a chance of 80 %, of a difference as \
         large as the one seen; parted as they are now.",
    ),
];

/// The effects for people.
pub fn holdouts(report: &Holdouts) -> Table {
    let mut table =
        Table::new(["Track", "Play", "Told", "Held out", "Effect", "Reading", "Too early"]);
    table.rows.extend(report.tracks.iter().chain(&report.plays).map(|it| {
        vec![
            it.track.word().to_owned(),
            it.play.as_deref().unwrap_or("all of them").to_owned(),
            rate_of(it.told),
            rate_of(it.held_out),
            it.difference.as_ref().map_or("-".to_owned(), points),
            reading(it),
            count(it.too_early),
        ]
    }));
    table
}

/// The effects for programs: a row for each figure.
pub fn holdouts_csv(report: &Holdouts) -> Table {
    let mut table = Table::new(["track", "play", "figure", "count", "of", "value", "low", "high"]);
    for it in report.tracks.iter().chain(&report.plays) {
        let mut row = |figure: &str, cells: [String; 5]| {
            let names = [it.track.word(), it.play.as_deref().unwrap_or_default(), figure];
            table.rows.push(names.map(str::to_owned).into_iter().chain(cells).collect());
        };
        row("assigned_told", Value::Count(it.assigned_told).for_programs());
        row("assigned_held_out", Value::Count(it.assigned_held_out).for_programs());
        row("too_early", Value::Count(it.too_early).for_programs());
        row("told", Value::Rate(it.told).for_programs());
        row("held_out", Value::Rate(it.held_out).for_programs());
        row("effect", it.difference.as_ref().map_or_else(Default::default, difference));
        let more = it.more_needed.map(|it| Value::Count(it).for_programs());
        row("more_needed", more.unwrap_or_default());
    }
    table
}

fn reading(it: &Effect) -> String {
    let Some(difference) = it.difference else { return "nobody to compare with yet".to_owned() };
    match (difference.reading, it.more_needed) {
        (Reading::Higher, _) => "works".to_owned(),
        (Reading::Lower, _) => "does harm".to_owned(),
        (Reading::Unclear, Some(more)) if more > 0 => {
            format!("not clear yet: about {} more accounts needed", count(more))
        }
        (Reading::Unclear, _) => "not clear yet".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use firsthand_model::config::Track;

    use super::*;
    use crate::statistics::{Difference, Rate, more_needed};

    fn effect(told: (u64, u64), held_out: (u64, u64)) -> Effect {
        let (told, held_out) = (Rate::new(told.0, told.1), Rate::new(held_out.0, held_out.1));
        Effect {
            track: Track::Product,
            play: None,
            assigned_told: told.of,
            assigned_held_out: held_out.of,
            too_early: 0,
            told,
            held_out,
            difference: Difference::between(told, held_out),
            more_needed: more_needed(told, held_out),
            share_changed: false,
        }
    }

    #[test]
    fn an_effect_is_read_honestly() {
        for (told, held_out, wanted) in [
            ((235, 899), (36, 225), "works"),
            ((10, 100), (30, 100), "does harm"),
            ((36, 690), (7, 172), "not clear yet: about 16,103 more accounts needed"),
            ((0, 10), (0, 10), "not clear yet"),
            ((5, 10), (0, 0), "nobody to compare with yet"),
        ] {
            assert_eq!(reading(&effect(told, held_out)), wanted, "{told:?} {held_out:?}");
        }
    }

    #[test]
    fn every_figure_for_programs_has_its_meaning() {
        let report = Holdouts {
            question: crate::holdout::Question::default(),
            last: firsthand_model::Time(0),
            tracks: vec![effect((2, 8), (1, 2))],
            plays: Vec::new(),
        };
        let figures: Vec<String> =
            holdouts_csv(&report).rows.iter().map(|it| it[2].clone()).collect();
        let known: Vec<&str> = HOLDOUT_FIGURES.iter().map(|it| it.0).collect();
        assert_eq!(figures, known);
    }
}
