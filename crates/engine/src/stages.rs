//! The lifecycle stage of an account: the highest reached since it was last recycled.
//!
//! Pure: a function of milestones, in whatever order they became known. What a timeline says
//! (`mql`, `pql`) is taken from the timelines as they are now, so that corrected data may lower a
//! stage; what people and other systems told (`sql`, `opportunity`, `customer`, and that a deal was
//! lost or a subscription ended) was so, and stays.

use firsthand_model::fact::Body;
use firsthand_model::stage::{RECORDS, STAGES, StageMove};
use firsthand_model::{Fact, Text, Time};

/// The stage of an account of which nothing that counts is known any more.
pub const LOWEST: &str = STAGES[0];
/// A lost deal brings an account back here.
pub const RECYCLED: &str = "lead";
/// An ended subscription brings an account here.
pub const FORMER: &str = "former";

/// Something that says how far an account has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Milestone {
    /// The stage.
    pub stage: Text,
    /// When.
    pub at: Time,
    /// What brought it about, for people.
    pub why: Text,
}

impl Milestone {
    /// Whether it is a new beginning: what was reached before counts no more.
    fn recycles(&self) -> bool {
        [RECYCLED, FORMER].contains(&self.stage.as_str())
    }
}

/// How high a stage is; one that is come to by leaving is below all others, and so is one that
/// nobody knows.
pub fn rank(stage: &str) -> usize {
    let place = || STAGES.iter().position(|it| *it == stage);
    if stage == FORMER { 0 } else { place().unwrap_or(0) }
}

/// The stage that a record of another system speaks of.
pub fn of_record(fact: &Fact) -> Option<&'static str> {
    let Body::Record { name, .. } = &fact.body else { return None };
    RECORDS.iter().find(|(known, _)| known == name).map(|(_, stage)| *stage)
}

/// The milestone that says where an account is: the highest since the last new beginning, and of
/// several alike the first; else that beginning.
pub fn standing(milestones: &[Milestone]) -> Option<&Milestone> {
    let anew = milestones.iter().filter(|it| it.recycles()).max_by_key(|it| it.at);
    let since =
        milestones.iter().filter(|it| !it.recycles() && anew.is_none_or(|of| it.at > of.at));
    since.min_by_key(|it| (usize::MAX - rank(&it.stage), it.at)).or(anew)
}

/// What moves were told of by people and other systems, whatever the data says now.
pub fn told(moves: &[StageMove]) -> impl Iterator<Item = Milestone> {
    let is_told = |it: &&StageMove| {
        let from_data = ["mql", "pql", LOWEST].contains(&it.to.as_str());
        !it.correction && !from_data
    };
    moves.iter().filter(is_told).map(|it| Milestone {
        stage: it.to.clone(),
        at: it.held_at,
        why: it.why.clone(),
    })
}

/// How an account comes from the stage it is in to where its milestones say it is; `None` if it is
/// there.
pub fn next(
    account: &Text,
    from: Option<&Text>,
    milestones: &[Milestone],
    known_at: Time,
) -> Option<StageMove> {
    let standing = standing(milestones);
    let (to, held_at, why) = match standing {
        Some(it) => (it.stage.clone(), it.at, it.why.clone()),
        None => (Text::new_static(LOWEST), known_at, Text::new_static("the data has changed")),
    };
    if from == Some(&to) || from.is_none() && standing.is_none() {
        return None;
    }
    let lower = from.is_some_and(|from| rank(from) > rank(&to));
    let correction = lower && !standing.is_some_and(Milestone::recycles);
    Some(StageMove {
        account: account.clone(),
        from: from.cloned(),
        to,
        held_at,
        known_at,
        why,
        correction,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tells milestones one after the other (a line is a day, a stage and why; `-` before it takes
    /// it back) and holds the moves against what stands behind the arrow.
    fn check(story: &str) {
        let (mut milestones, mut now) = (Vec::<Milestone>::new(), None::<Text>);
        for line in story.lines().map(str::trim).filter(|it| !it.is_empty()) {
            let (told, wanted) = line.split_once("->").unwrap();
            let [day, stage, why] = told.split_whitespace().collect::<Vec<_>>()[..] else {
                panic!("{line}")
            };
            let at: Time = format!("2026-01-{day}T00:00:00Z").parse().unwrap();
            let milestone = |stage: &str| Milestone { stage: stage.into(), at, why: why.into() };
            match stage.strip_prefix('-') {
                Some(stage) => milestones.retain(|it| *it != milestone(stage)),
                None => milestones.push(milestone(stage)),
            }
            let moved = next(&"acme".into(), now.as_ref(), &milestones, at);
            let said = match &moved {
                None => String::new(),
                Some(it) if it.correction => format!("{} corrected", it.to),
                Some(it) => format!("{} by {}", it.to, it.why),
            };
            assert_eq!(said, wanted.trim(), "{line}");
            now = moved.map(|it| it.to).or(now);
            // What is known in another order comes to the same.
            let mut shuffled = milestones.clone();
            shuffled.reverse();
            assert_eq!(standing(&shuffled), standing(&milestones), "{line}");
        }
    }

    #[test]
    fn the_highest_stage_reached_stands() {
        check(
            "
            02  mql          read-a-paper  -> mql by read-a-paper
            03  pql          busy          -> pql by busy
            04  mql          came-again    ->
            05  sql          accepted      -> sql by accepted
            06  pql          busier        ->
            07  opportunity  deal          -> opportunity by deal
            09  customer     bought        -> customer by bought
            10  sql          accepted      ->
        ",
        );
    }

    #[test]
    fn a_lost_deal_begins_anew_and_a_new_qualification_counts_again() {
        check(
            "
            02  pql          busy          -> pql by busy
            03  opportunity  deal          -> opportunity by deal
            09  lead         lost          -> lead by lost
            05  pql          told-late     ->
            12  mql          came-again    -> mql by came-again
            14  pql          busy          -> pql by busy
        ",
        );
    }

    #[test]
    fn who_cancelled_is_former_until_they_come_back() {
        check(
            "
            02  customer     bought        -> customer by bought
            08  former       cancelled     -> former by cancelled
            11  pql          busy          -> pql by busy
            12  customer     bought        -> customer by bought
        ",
        );
    }

    #[test]
    fn corrected_data_lowers_a_stage_marked_so_and_never_what_was_told() {
        check(
            "
            02  mql          read-a-paper  -> mql by read-a-paper
            03  pql          busy          -> pql by busy
            03  -pql         busy          -> mql corrected
            02  -mql         read-a-paper  -> subscriber corrected
            04  pql          busy          -> pql by busy
            05  sql          accepted      -> sql by accepted
            04  -pql         busy          ->
        ",
        );
    }

    #[test]
    fn a_beginning_told_late_lies_behind_what_came_after_it() {
        check(
            "
            05  customer     bought        -> customer by bought
            03  former       cancelled     ->
        ",
        );
    }

    #[test]
    fn only_what_was_told_is_taken_from_moves() {
        let at = Time(7);
        let moved = |to: &str, correction| StageMove {
            account: "acme".into(),
            from: None,
            to: to.into(),
            held_at: at,
            known_at: at,
            why: "so".into(),
            correction,
        };
        let moves =
            [moved("pql", false), moved("sql", false), moved("mql", true), moved("former", false)];
        let stages: Vec<Text> = told(&moves).map(|it| it.stage).collect();
        assert_eq!(stages, ["sql", "former"]);
    }
}
