//! Who lacks one condition: for whom the draft would hold now without it.

use std::collections::BTreeSet;

use firsthand_model::Span;
use firsthand_model::diagnostic::SourceText;
use firsthand_rules::change::conjuncts;
use firsthand_rules::timeline::Subject;
use firsthand_web::noun::{Near, NearOne};
use rayon::iter::{IntoParallelIterator, ParallelIterator};

use super::lives::Lives;
use super::movers::{missing, subject_noun};
use super::side::{Held, Side};
use super::variants::Variants;
use super::{Pass, Result};
use crate::study::Study;

/// Conditions that are left out, one at a time: the first ones.
const CONDITIONS_MAX: usize = 8;
/// Those who are shown.
const SHOWN: usize = 5;

/// Adds a variant for each condition, without it; tells which conditions these are.
pub fn add(variants: &mut Variants) -> Vec<String> {
    let when = &variants.base().when;
    let all = conjuncts(when);
    if all.len() < 2 {
        return Vec::new();
    }
    let file = when.file.name.clone();
    let mut dropped = Vec::new();
    for place in 0..all.len().min(CONDITIONS_MAX) {
        let others = all.iter().enumerate().filter(|(it, _)| *it != place);
        let others: Vec<&str> = others.map(|(_, it)| it.as_str()).collect();
        let when = SourceText::inline(&file, &others.join("\nand "));
        // Who is only kept by `stay`, or for a grace, lacks more than the one condition.
        let added = variants.add(|it| {
            it.when = when;
            it.stay = None;
            (it.grace, it.holds_for) = (Span::ZERO, Span::ZERO);
        });
        if added {
            dropped.push(all[place].clone());
        }
    }
    dropped
}

/// Finds them among those for whom the variants hold.
pub fn find(
    pass: &Pass<'_>,
    study: &Study,
    draft: &Side,
    dropped: &[String],
    lacking: Vec<Vec<Held>>,
    lives: &Lives,
) -> Result<Option<Near>> {
    if dropped.is_empty() {
        return Ok(None);
    }
    let mut groups: Vec<Vec<Subject>> = lacking
        .into_iter()
        .map(|held| {
            let now = held.into_iter().filter(Held::now).map(|it| it.subject);
            let new = now.filter(|it| draft.held.get(it).is_none_or(|it| !it.now()));
            new.filter(|it| lives.place(it).is_some()).collect()
        })
        .collect();
    let met: BTreeSet<&Subject> = groups.iter().flatten().collect();
    let count = met.len() as u64;
    // The condition that fewest lack says most.
    groups.sort_by_key(Vec::len);
    let mut some: Vec<Subject> = Vec::new();
    for subject in groups.into_iter().flat_map(|it| it.into_iter().take(SHOWN)) {
        if some.len() < SHOWN && !some.contains(&subject) {
            some.push(subject);
        }
    }
    let some = some.into_par_iter().map(|subject| {
        let missing = missing(pass, study, &subject, pass.past.until)?;
        Ok(NearOne { subject: subject_noun(&subject), name: None, missing })
    });
    Ok(Some(Near { count, some: some.collect::<Result<_>>()? }))
}
