//! What an account may use: each feature and meter of the plans.

use super::show::Show;
use super::texts::fill;
use crate::noun::{Entitlement, Usage};

/// A feature or meter.
pub(crate) struct Entitled {
    pub name: String,
    pub allowed: bool,
    /// How much was used, is left, and when it starts again; or why it may not be used.
    pub told: Vec<String>,
}

/// What an account may use, as it is shown: what it may before what it may not, by name.
pub(super) fn entitled(
    show: &Show,
    usage: Option<&Usage>,
    all: Option<&Vec<Entitlement>>,
) -> Vec<Entitled> {
    let plan = usage.and_then(|it| it.plan.as_ref()).map(|it| it.name.as_str());
    let mut all: Vec<Entitled> = all.into_iter().flatten().map(|it| one(show, plan, it)).collect();
    all.sort_by_key(|it| !it.allowed);
    all
}

fn one(show: &Show, plan: Option<&str>, it: &Entitlement) -> Entitled {
    let e = &show.t.entitled;
    let number = |it: f64| show.number(it);
    let mut told = Vec::new();
    match (it.used, it.limit) {
        (Some(used), Some(limit)) => {
            told.push(fill(e.used_of, &[("n", &number(used)), ("m", &number(limit))]));
        }
        (Some(used), None) => told.push(fill(e.used, &[("n", &number(used))])),
        (None, _) => {}
    }
    match it.left {
        Some(left) if left > 0.0 => told.push(fill(e.left, &[("n", &number(left))])),
        Some(_) => told.push(e.nothing_left.to_owned()),
        None if it.used.is_some() => told.push(e.unlimited.to_owned()),
        None => {}
    }
    if !it.allowed && it.used.is_none() {
        told.push(match plan {
            Some(plan) => fill(e.not_in, &[("plan", plan)]),
            None => e.no_plan.to_owned(),
        });
    }
    if let Some(at) = it.reset_at {
        told.push(fill(e.resets, &[("time", &show.date(at.0))]));
    }
    Entitled { name: it.name.clone(), allowed: it.allowed, told }
}
