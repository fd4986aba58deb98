//! What outreach caused: accounts that were told against those that chance left alone.
//!
//! Accounts are compared by what they were assigned to, whatever was sent to them (intent to
//! treat): who could not be reached counts as told, so that nothing but chance parts the two arms.
//! One outcome counts: the first strictly after the assignment, within the window.

use std::collections::BTreeMap;

use firsthand_model::config::Track;
use firsthand_model::play::{Arm, Exposure};
use firsthand_model::{Span, Text, Time};
use rustc_hash::FxHashMap;
use serde::Serialize;

use crate::json;
use crate::lifecycle::{Lives, WINDOW_DEFAULT};
use crate::statistics::{Difference, Rate, more_needed};

/// What is asked.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Question {
    /// The outcome; any of them if `None`.
    pub outcome: Option<Text>,
    /// How soon it must come. In JSON: `within_days`.
    #[serde(rename = "within_days", serialize_with = "json::span_in_days")]
    pub within: Span,
}

impl Default for Question {
    fn default() -> Self {
        Self { outcome: None, within: WINDOW_DEFAULT }
    }
}

/// The report.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Holdouts {
    /// What was asked.
    pub question: Question,
    /// The newest fact: what would come later is not known.
    #[serde(serialize_with = "json::text")]
    pub last: Time,
    /// All plays of a track together; an account counts from its first assignment on it.
    pub tracks: Vec<Effect>,
    /// Each play; an account counts from its assignment for that play.
    pub plays: Vec<Effect>,
}

/// What one play, or all of a track, came to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Effect {
    /// The track.
    pub track: Track,
    /// The play; `None` where it is all of the track.
    pub play: Option<Text>,
    /// Accounts assigned to be told, observed for the whole window or not.
    pub assigned_told: u64,
    /// Accounts assigned to be held out.
    pub assigned_held_out: u64,
    /// Assigned accounts whose window was not over when history ends.
    pub too_early: u64,
    /// Had the outcome, of those told.
    pub told: Rate,
    /// Had the outcome, of those held out.
    pub held_out: Rate,
    /// The first less the second; `None` where one arm has nobody yet.
    pub difference: Option<Difference>,
    /// How many accounts more it would take to be sure of a difference as large as the one seen;
    /// `None` where none is seen, or one arm has nobody.
    pub more_needed: Option<u64>,
    /// Whether the share held out was changed in between: earlier accounts and later ones, which
    /// differ in more than chance, are then not mixed alike in both arms.
    pub share_changed: bool,
}

/// One assignment, reduced to what counts.
#[derive(Clone, Copy)]
struct Assigned<'e> {
    account: &'e Text,
    arm: Arm,
    share: u32,
    at: Time,
}

/// Compares the arms of all plays.
///
/// Accounts whose life is not known (erased, or not recorded yet) are not counted.
pub fn holdouts(lives: &Lives, exposures: &[Exposure], question: &Question) -> Holdouts {
    let mut by_track: BTreeMap<Track, FxHashMap<&Text, Assigned<'_>>> = BTreeMap::new();
    let mut by_play: BTreeMap<(Track, &Text), FxHashMap<&Text, Assigned<'_>>> = BTreeMap::new();
    for it in exposures {
        let assigned = Assigned { account: &it.account, arm: it.arm, share: it.share, at: it.at };
        for of in [
            by_track.entry(it.track).or_default(),
            by_play.entry((it.track, &it.play)).or_default(),
        ] {
            let first = of.entry(&it.account).or_insert(assigned);
            if it.at < first.at {
                *first = assigned;
            }
        }
    }
    let judge = Judge::new(lives, question);
    let tracks = by_track.into_iter().map(|(track, of)| judge.effect(track, None, of));
    let plays =
        by_play.into_iter().map(|((track, play), of)| judge.effect(track, Some(play.clone()), of));
    Holdouts {
        question: question.clone(),
        last: lives.last,
        tracks: tracks.collect(),
        plays: plays.collect(),
    }
}

struct Judge<'l> {
    /// When each account had an outcome that counts, in order.
    outcomes: FxHashMap<&'l Text, Vec<Time>>,
    within: Span,
    last: Time,
}

impl<'l> Judge<'l> {
    fn new(lives: &'l Lives, question: &Question) -> Self {
        let wanted = question.outcome.as_ref();
        let place = wanted.map(|name| lives.outcomes.iter().position(|it| it == name));
        let counts = |outcome: u16| place.is_none_or(|it| it == Some(usize::from(outcome)));
        let of = |it: &'l crate::Life| {
            let times = it.successes.iter().filter(|it| counts(it.outcome)).map(|it| it.time);
            (&it.account, times.collect())
        };
        let known = lives.lives.iter().filter(|it| it.left_out.is_none());
        Self { outcomes: known.map(of).collect(), within: question.within, last: lives.last }
    }

    fn effect(
        &self,
        track: Track,
        play: Option<Text>,
        assigned: FxHashMap<&Text, Assigned<'_>>,
    ) -> Effect {
        // For each arm: assigned, observed, converted.
        let (mut told, mut held, mut too_early) = ([0_u64; 3], [0_u64; 3], 0);
        let mut shares = Vec::new();
        for it in assigned.into_values() {
            let Some(outcomes) = self.outcomes.get(it.account) else { continue };
            let counts = if it.arm == Arm::Treated { &mut told } else { &mut held };
            counts[0] += 1;
            shares.push(it.share);
            if it.at + self.within > self.last {
                too_early += 1;
                continue;
            }
            let first = outcomes.iter().find(|at| **at > it.at);
            counts[1] += 1;
            counts[2] += u64::from(first.is_some_and(|at| *at <= it.at + self.within));
        }
        let (told_rate, held_rate) = (Rate::new(told[2], told[1]), Rate::new(held[2], held[1]));
        let difference = Difference::between(told_rate, held_rate);
        Effect {
            track,
            play,
            assigned_told: told[0],
            assigned_held_out: held[0],
            too_early,
            told: told_rate,
            held_out: held_rate,
            difference,
            more_needed: difference.and_then(|_| more_needed(told_rate, held_rate)),
            share_changed: shares.iter().any(|it| Some(it) != shares.first()),
        }
    }
}

#[cfg(test)]
mod tests;
