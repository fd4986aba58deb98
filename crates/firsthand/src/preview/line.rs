//! Where a line could be drawn: what subjects reach of a value, and what other numbers would give.

use firsthand_lab::Rate;
use firsthand_model::diagnostic::SourceText;
use firsthand_model::{Decimal, Time};
use firsthand_rules::change::{Number, Threshold, thresholds};
use firsthand_rules::timeline::Interval;
use firsthand_web::noun::{Line, LineBin, LineOther};

use super::lives::Lives;
use super::quality::share;
use super::side::{Held, Side, backtested, per_week};
use super::variants::Variants;
use super::{Pass, Result, grid, kept};
use crate::draft::Drafted;

/// Other numbers that are tried on each side of the one on which the scale rests.
const OTHERS_EACH_SIDE: usize = 2;

/// A scale and what was found along it; the same wherever on it the draft's number stands.
pub struct Marks {
    scale: Vec<Number>,
    bins: Vec<LineBin>,
    beyond: u64,
    others: Vec<LineOther>,
}

/// Looks closely at one of the draft's numbers; `None` if it has none with a scale.
pub fn find(
    pass: &Pass<'_>,
    drafted: &Drafted,
    draft: &Side,
    chosen: Option<u32>,
    lives: &Lives,
) -> Result<Option<Line>> {
    let Some(sound) = &drafted.sound else { return Ok(None) };
    let name = pass.name;
    let Some(definition) = sound.project.definitions.get(name) else { return Ok(None) };
    let all = thresholds(definition);
    let place = chosen.map_or(0, |it| it as usize);
    let Some(threshold) = all.get(place) else { return Ok(None) };
    let running = pass.past.running.project.definitions.get(name);
    let running = running.and_then(|it| counterpart(threshold, thresholds(it)));
    let anchor = anchor(threshold, running.as_ref());
    if grid::marks(&anchor).is_empty() {
        return Ok(None);
    }
    let Some(text) = threshold.clause.text(definition) else { return Ok(None) };
    let text = text.text.clone();

    // All that is found rests on the draft with the anchor in place of its number.
    let mut anchored = sound.project.clone();
    if let Some(it) = anchored.definitions.get_mut(name)
        && let Some(of) = threshold.clause.text_mut(it)
    {
        *of = SourceText::inline(&of.file.name, &threshold.text_with(&text, &anchor));
    }
    let variants = Variants::of(&anchored, name);
    let version = variants.program().definition(name).map(|(_, it)| it.version.clone());
    let version = version.unwrap_or_default();
    let key = pass.key(&format!("{version} {place}"));
    let marks = kept(&pass.past.marks, key, || {
        Work { pass, threshold, text: &text, lives }.marks(variants, &anchor)
    })?;

    let at = threshold.number.to_string();
    let (least, most) = (&marks.scale[0], &marks.scale[marks.scale.len() - 1]);
    let mut others: Vec<LineOther> =
        marks.others.iter().filter(|it| it.at != at).cloned().collect();
    others.push(other(&threshold.number, draft.per_week, draft.backtest.as_ref()));
    for it in &mut others {
        it.is_draft = it.at == at;
        it.is_running = running.as_ref().is_some_and(|of| of.number.to_string() == it.at);
    }
    others.sort_by(|a, b| a.figure.total_cmp(&b.figure));
    Ok(Some(Line {
        number: u32::try_from(place).unwrap_or(u32::MAX),
        value: threshold.value.clone(),
        figure: threshold.number.figure().to_f64(),
        at,
        running: running.map(|it| it.number.figure().to_f64()),
        least: least.figure().to_f64(),
        most: most.figure().to_f64(),
        step: grid::step(&marks.scale).to_f64(),
        at_least: threshold.at_least,
        bins: marks.bins.clone(),
        beyond: marks.beyond,
        others,
    }))
}

/// The running version's comparison of the same value.
fn counterpart(threshold: &Threshold, running: Vec<Threshold>) -> Option<Threshold> {
    running.into_iter().find(|it| {
        (it.clause, &it.value, &it.share_of, it.at_least)
            == (threshold.clause, &threshold.value, &threshold.share_of, threshold.at_least)
            && std::mem::discriminant(&it.number) == std::mem::discriminant(&threshold.number)
    })
}

/// On which number the scale rests: the running version's, so that it stays where it is while the
/// draft's is moved; the draft's, where that lies off the scale.
fn anchor(threshold: &Threshold, running: Option<&Threshold>) -> Number {
    let within = |anchor: &Number| {
        let marks = grid::marks(anchor);
        let figure = threshold.number.figure();
        matches!((marks.first(), marks.last()), (Some(least), Some(most))
            if least.figure() <= figure && figure <= most.figure())
    };
    let running = running.map(|it| it.number.clone()).filter(within);
    // Without one, a round number near by stays the same for most moves.
    let rounded = || {
        let mut ten = Decimal::SCALE;
        while ten * 100 <= threshold.number.figure().raw() {
            ten *= 10;
        }
        let figure = threshold.number.figure().raw() / ten * ten;
        threshold.number.with(Decimal::from_raw(figure)).filter(within)
    };
    running.or_else(rounded).unwrap_or_else(|| threshold.number.clone())
}

struct Work<'w, 'p> {
    pass: &'w Pass<'p>,
    threshold: &'w Threshold,
    text: &'w str,
    lives: &'w Lives,
}

impl Work<'_, '_> {
    /// Judges the other numbers, and each mark of the scale by itself, in one pass.
    fn marks(&self, mut variants: Variants, anchor: &Number) -> Result<Marks> {
        let marks = grid::marks(anchor);
        let tried = self.add_others(&mut variants, &marks, anchor);
        let probes = self.add_probes(&mut variants, &marks);
        let study = self.pass.study(&variants);
        let mut held = self.pass.judge(&study, &variants.names())?;
        let of_marks = held.split_off(1 + tried.len());
        let mut others = Vec::new();
        for (number, held) in std::iter::once(anchor).chain(&tried).zip(&held) {
            let backtest = backtested(self.pass, self.lives, held);
            others.push(other(number, per_week(self.pass, held), backtest.as_ref()));
        }
        let (bins, beyond) = if probes { self.bins(&marks, &of_marks) } else { (Vec::new(), 0) };
        Ok(Marks { scale: marks, bins, beyond, others })
    }

    /// Adds the draft with other numbers around the anchor.
    fn add_others(
        &self,
        variants: &mut Variants,
        marks: &[Number],
        anchor: &Number,
    ) -> Vec<Number> {
        let at = marks.partition_point(|it| it.figure() < anchor.figure());
        let from = at.saturating_sub(OTHERS_EACH_SIDE);
        let around = marks.iter().skip(from).take(2 * OTHERS_EACH_SIDE + 1);
        let mut tried = Vec::new();
        for number in around.filter(|it| it.figure() != anchor.figure()) {
            let text = self.threshold.text_with(self.text, number);
            let added = variants.add(|it| {
                if let Some(of) = self.threshold.clause.text_mut(it) {
                    *of = SourceText::inline(&of.file.name, &text);
                }
            });
            if added {
                tried.push(number.clone());
            }
        }
        tried
    }

    /// Adds each mark as a condition by itself; whether that makes sense.
    fn add_probes(&self, variants: &mut Variants, marks: &[Number]) -> bool {
        self.threshold.direct
            && marks
                .iter()
                .all(|it| variants.add_condition(&self.threshold.condition_with(self.text, it)))
    }

    /// Everybody by the mark that they reached before they succeeded.
    fn bins(&self, marks: &[Number], held: &[Vec<Held>]) -> (Vec<LineBin>, u64) {
        let Some(question) = self.pass.question.as_ref().filter(|_| marks.len() > 1) else {
            return (Vec::new(), 0);
        };
        // From the mark that most reach to the one that fewest do.
        let order: Vec<usize> = if self.threshold.at_least {
            (0..marks.len()).collect()
        } else {
            (0..marks.len()).rev().collect()
        };
        let mut reached: Vec<Option<(usize, Time)>> = vec![None; self.lives.all.len()];
        let outcome = |place: usize| {
            let all = self.lives.outcomes(&self.lives.all[place], &question.outcome);
            all.iter().map(|it| it.time).min()
        };
        let outcomes: Vec<Option<Time>> = (0..self.lives.all.len()).map(outcome).collect();
        for mark in order {
            for it in held.get(mark).into_iter().flatten() {
                let Some(place) = self.lives.place(&it.subject) else { continue };
                let first = it.intervals.iter().map(|it: &Interval| it.entered).min();
                let Some(first) = first else { continue };
                if outcomes[place].is_none_or(|at| first < at) {
                    reached[place] = Some((mark, first));
                }
            }
        }
        let mut counts = vec![(0_u64, 0_u64); marks.len()];
        let mut beyond = 0;
        for (reached, outcome) in reached.iter().zip(&outcomes) {
            let Some((mark, at)) = reached else {
                beyond += 1;
                continue;
            };
            let in_time = outcome.is_some_and(|it| it - *at <= question.within);
            // Whose time is not over yet has neither succeeded nor failed.
            let over = in_time || *at + question.within <= self.pass.past.until;
            counts[*mark].1 += u64::from(over);
            counts[*mark].0 += u64::from(in_time);
        }
        // A bar lies between two marks; the last one holds also those who got further.
        let last = counts.len() - 1;
        let (end, beside) = if self.threshold.at_least { (last, last - 1) } else { (0, 1) };
        counts[beside].0 += counts[end].0;
        counts[beside].1 += counts[end].1;
        counts.remove(end);
        let figure = |at: usize| marks[at].figure().to_f64();
        let bins = counts.into_iter().enumerate().map(|(at, (succeeded, of))| LineBin {
            from: figure(at),
            to: figure(at + 1),
            label: marks[at].to_string(),
            succeeded: share(Rate::new(succeeded, of)),
        });
        (bins.collect(), beyond)
    }
}

fn other(number: &Number, per_week: f64, backtest: Option<&firsthand_lab::Backtest>) -> LineOther {
    let all = backtest.map(|it| &it.all);
    LineOther {
        at: number.to_string(),
        figure: number.figure().to_f64(),
        is_draft: false,
        is_running: false,
        per_week,
        precision: all.and_then(|it| it.precision.rate),
        recall: all.and_then(|it| it.recall.rate),
        lead_days: all.and_then(|it| it.lead_days),
    }
}
