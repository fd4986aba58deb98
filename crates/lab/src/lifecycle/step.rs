//! What became of accounts that came to a stage: how many went further, and how long it took.

use firsthand_model::{Span, Time};
use serde::Serialize;

use super::Asked;
use super::life::Stage;
use crate::statistics::{Estimate, Rate, Watched, median_lasting};

/// The stages that an account can be in.
const STAGES: [Stage; 6] =
    [Stage::Lead, Stage::Mql, Stage::Pql, Stage::Sql, Stage::Opportunity, Stage::Customer];

/// One stage.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Step {
    /// The stage.
    pub stage: Stage,
    /// Accounts that came to it; the first time counts.
    pub entered: u64,
    /// Went to a higher stage within the window, of those observed for all of it.
    pub further: Rate,
    /// Became customers within the window, of the same; missing for customers themselves.
    pub customer: Option<Rate>,
    /// Those whose window was not over when history ends.
    pub too_early: u64,
    /// Median days until they left it, up or out; those who are still there count for as long as
    /// they have been.
    pub days: Option<Estimate>,
    /// Accounts that are in it when history ends.
    pub now: u64,
}

#[derive(Default)]
struct Tally {
    entered: u64,
    observed: u64,
    further: u64,
    customer: u64,
    now: u64,
    watched: Vec<Watched>,
}

/// The stages, the lowest first.
pub(super) fn steps(asked: &Asked<'_>) -> Vec<Step> {
    let mut tallies: [Tally; STAGES.len()] = Default::default();
    let within = asked.question.within;
    for life in asked.lives_of_cohort() {
        let path = life.path(asked.last);
        for (tally, stage) in tallies.iter_mut().zip(STAGES) {
            let Some(place) = path.iter().position(|it| it.stage == stage) else { continue };
            let (stay, later) = (path[place], &path[place + 1..]);
            let came_to = |which: &dyn Fn(Stage) -> bool| {
                let later = later.iter().find(|it| which(it.stage));
                later.is_some_and(|it| it.from <= stay.from + within)
            };
            tally.entered += 1;
            tally.now += u64::from(path.last().is_some_and(|it| it.stage == stage));
            if stay.from + within <= asked.last {
                tally.observed += 1;
                let up = |to: Stage| to > stage && to != Stage::Former;
                tally.further += u64::from(came_to(&up));
                tally.customer += u64::from(came_to(&|to| to == Stage::Customer));
            }
            tally.watched.push(lasted(stay.from, stay.to, asked.last));
        }
    }
    let steps = tallies.into_iter().zip(STAGES).map(|(mut it, stage)| Step {
        stage,
        entered: it.entered,
        further: Rate::new(it.further, it.observed),
        customer: (stage != Stage::Customer).then(|| Rate::new(it.customer, it.observed)),
        too_early: it.entered - it.observed,
        days: median_lasting(&mut it.watched),
        now: it.now,
    });
    steps.collect()
}

fn lasted(from: Time, to: Option<Time>, last: Time) -> Watched {
    let lasted = to.unwrap_or(last) - from;
    Watched { lasted: lasted.max(Span::ZERO), ended: to.is_some() }
}
