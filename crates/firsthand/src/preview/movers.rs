//! Who enters and who leaves, and what the other version missed in them.

use std::collections::HashMap;

use firsthand_history::Replay;
use firsthand_lab::Rate;
use firsthand_model::Time;
use firsthand_model::fact::Kind;
use firsthand_rules::explain::explain;
use firsthand_rules::timeline::Subject;
use firsthand_web::noun::{self, Mover, MoverGroup, Movers, SubjectKind};
use rayon::iter::{IntoParallelIterator, ParallelIterator};

use super::quality::share;
use super::side::{Held, Side};
use super::{Pass, Result};
use crate::study::Study;

/// Those who are shown of each group.
const SHOWN: usize = 4;

/// Compares the draft with the running version.
pub fn find(pass: &Pass<'_>, draft: &Study, new: &Side, old: &Side) -> Result<Movers> {
    let same = new.held.keys().filter(|it| old.held.contains_key(*it)).count() as u64;
    let running = &pass.past.running;
    Ok(Movers {
        same,
        enters: group(pass, running, new, old)?,
        leaves: group(pass, draft, old, new)?,
    })
}

/// Those whom only one side finds; `other` is what judged the other side.
fn group(pass: &Pass<'_>, other: &Study, of: &Side, without: &Side) -> Result<MoverGroup> {
    let fates = of.fates();
    let mut all: Vec<&Held> =
        of.held.values().filter(|it| !without.held.contains_key(&it.subject)).collect();
    all.sort_by_key(|it| std::cmp::Reverse(it.intervals.last().map(|it| it.entered)));
    let over = |fates: &HashMap<&Subject, Option<bool>>| {
        let known: Vec<bool> = all.iter().filter_map(|it| *fates.get(&it.subject)?).collect();
        Rate::new(known.iter().filter(|it| **it).count() as u64, known.len() as u64)
    };
    let succeeded = share(over(&fates));
    let shown: Vec<&Held> = all.iter().take(SHOWN).copied().collect();
    let some = shown.into_par_iter().map(|held| {
        let entered = held.intervals.last().map_or(Time::MIN, |it| it.entered);
        let because = missing(pass, other, &held.subject, entered)?;
        Ok(Mover {
            subject: subject_noun(&held.subject),
            name: None,
            entered_at: entered.into(),
            because,
            succeeded: fates.get(&held.subject).copied().flatten(),
        })
    });
    let some = some.collect::<Result<_>>()?;
    Ok(MoverGroup { count: all.len() as u64, succeeded, some })
}

/// What a definition missed in a subject at an instant, in plain words. Of persons nothing is
/// told: to judge one of them takes as long as everybody.
pub fn missing(pass: &Pass<'_>, study: &Study, subject: &Subject, at: Time) -> Result<Vec<String>> {
    if subject.kind == Kind::Person {
        return Ok(Vec::new());
    }
    let replay = Replay { scan: pass.scan(), ..study.replay(at) };
    let judged = replay.one(&subject.id)?;
    let Some(judged) = judged.first() else { return Ok(Vec::new()) };
    let Some(found) = explain(&study.project, &study.new_judge(), &judged.stream, pass.name) else {
        return Ok(Vec::new());
    };
    Ok(found.when.missing().into_iter().map(|it| it.words.clone()).collect())
}

/// A subject as it goes over the wire.
pub fn subject_noun(subject: &Subject) -> noun::Subject {
    match subject.kind {
        Kind::Account => noun::Subject { kind: SubjectKind::Account, id: subject.id.to_string() },
        Kind::Person => noun::Subject { kind: SubjectKind::Person, id: subject.id.to_string() },
    }
}
