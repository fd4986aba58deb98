//! Which meters plans limit, and where the limits lie.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use firsthand_model::Text;

use super::candidates::{Candidate, Kind, Look, PlanKind};
use super::plateau::{ACCOUNTS_MIN, Plateau};
use super::say::{count, counted, names, share};
use super::survey::{MeterFigures, Survey};
use super::{Limit, Meter, Plan};

/// Most meters that are proposed.
const METERS_MAX: usize = 3;

/// The meters that show a limit on some plan, the plainest first.
pub(super) fn meters(look: &Look, survey: &Survey) -> Vec<Meter> {
    let mut found: Vec<(u64, &Candidate, Vec<Limit>)> = Vec::new();
    for (candidate, figures) in look.meters.iter().zip(&survey.meters) {
        let limits = limits(figures);
        // What ends at the same number on every plan ends for some other reason.
        let same = limits.len() > 1 && limits.iter().all(|it| it.amount == limits[0].amount);
        if !limits.is_empty() && !same {
            found.push((limits.iter().map(|it| it.at).sum(), candidate, limits));
        }
    }
    // Of equals the level, and what is not begun anew: that is what most limits are about.
    found.sort_by_key(|(at, it, _)| (it.kind, Reverse(*at), it.monthly));
    let mut events: BTreeSet<&Text> = BTreeSet::new();
    let mut named: BTreeSet<Text> = BTreeSet::new();
    let mut meters: Vec<Meter> = Vec::new();
    for (_, candidate, limits) in found {
        // Where the same accounts stop, the same limit shows: once is enough.
        let same = |it: &Meter| {
            it.limits
                .iter()
                .map(|it| (&it.plan, it.at))
                .eq(limits.iter().map(|it| (&it.plan, it.at)))
        };
        if meters.len() == METERS_MAX || meters.iter().any(same) || !events.insert(&candidate.add) {
            continue;
        }
        let name = free(&candidate.name, &mut named);
        let plans: Vec<&Text> = limits.iter().map(|it| &it.plan).collect();
        let why = format!("accounts come to rest at a round number on {}", names(plans));
        meters.push(meter(look, candidate, name, limits, why));
    }
    if meters.is_empty() {
        meters.extend(level(look, survey));
    }
    meters
}

/// A level without any limit in sight: still what a definition may ask about.
fn level(look: &Look, survey: &Survey) -> Option<Meter> {
    let levels = look.meters.iter().zip(&survey.meters);
    let levels = levels
        .filter(|(it, figures)| it.kind == Kind::Level && figures.all.accounts() >= ACCOUNTS_MIN);
    let (candidate, figures) = levels.max_by_key(|(_, figures)| figures.all.accounts())?;
    let tenth = figures.all.percentile(90)?;
    let why = format!(
        "{} have some; a tenth of them {} or more. No limit is in sight",
        counted(figures.all.accounts(), "account"),
        count(u64::try_from(tenth).unwrap_or_default()),
    );
    let mut meter = meter(look, candidate, candidate.name.clone(), Vec::new(), why);
    meter.tenth = Some(tenth);
    Some(meter)
}

fn meter(look: &Look, of: &Candidate, name: Text, limits: Vec<Limit>, why: String) -> Meter {
    let path = |place: Option<usize>| place.map(|it| look.paths[it].clone());
    Meter {
        name,
        kind: of.kind,
        add: of.add.clone(),
        remove: of.remove.clone(),
        key: path(of.key),
        value: path(of.value),
        monthly: of.monthly,
        limits,
        tenth: None,
        why,
    }
}

/// A name that no other meter has.
fn free(wanted: &Text, taken: &mut BTreeSet<Text>) -> Text {
    let names = (2..).map(|it| Text::from(format!("{wanted}-{it}")));
    let name = std::iter::once(wanted.clone()).chain(names).find(|it| !taken.contains(it));
    let name = name.expect("there are more numbers than meters");
    taken.insert(name.clone());
    name
}

fn limits(figures: &MeterFigures) -> Vec<Limit> {
    let plans = figures.by_plan.iter();
    let found = plans.filter_map(|(plan, amounts)| Some((plan, amounts.plateau()?)));
    found
        .map(|(plan, Plateau { limit, at, above, of })| Limit {
            plan: plan.clone(),
            amount: limit,
            at,
            why: format!(
                "{} of {} stopped within 5 % below it, {} went above",
                count(at),
                counted(of, "account"),
                if above == 0 { "none".to_owned() } else { count(above) },
            ),
        })
        .collect()
}

/// The plans, the cheapest first as far as the ways of accounts tell.
pub(super) fn plans(look: &Look, survey: &Survey, unsure: &mut Vec<String>) -> Vec<Plan> {
    let mut plans: Vec<Plan> = Vec::new();
    for (id, kind) in &look.plans {
        let Some((figures, spelt)) = survey.plans.get(id).and_then(|it| Some((it, it.spelling()?)))
        else {
            continue;
        };
        let better = |to: &str| look.plan(to) == PlanKind::Paid && *kind != PlanKind::Paid;
        let paid = |to: &str| {
            let back = survey.plans.get(to).and_then(|it| it.moves.get(id)).copied();
            look.plan(to) == PlanKind::Paid && figures.moves.get(to).copied() > back
        };
        let next = if *kind == PlanKind::Paid { figures.next(paid) } else { figures.next(better) };
        let (accounts, now) = (counted(figures.accounts, "account"), count(figures.now));
        let went = next.map_or_else(String::new, |(to, moved)| {
            format!("; {} went on to `{to}`", count(moved))
        });
        let why = format!("{accounts} were on it, {now} at the end{went}");
        let trial_days =
            (*kind == PlanKind::Trial).then(|| trial_days(id, figures.usual_stay(), unsure));
        let spelling = |to: &Text| survey.plans.get(to).and_then(|it| it.spelling().cloned());
        plans.push(Plan {
            id: spelt.clone(),
            kind: *kind,
            trial_days,
            next: next.and_then(|(to, _)| spelling(to)),
            why,
        });
    }
    let now = |it: &Plan| survey.plans.get(it.id.to_lowercase().as_str()).map_or(0, |it| it.now);
    plans.sort_by_key(|it| (it.kind, Reverse(now(it))));
    let unpaid = plans.iter().any(|it| it.kind != PlanKind::Paid);
    if !plans.is_empty() && !unpaid {
        let ids: Vec<&Text> = plans.iter().map(|it| &it.id).collect();
        unsure.push(format!(
            "None of the plans {} is called free or a trial, so all are taken for paid ({} of {} \
             accounts were on one).",
            names(ids),
            share(survey.paid, survey.accounts),
            count(survey.accounts),
        ));
    }
    plans
}

/// How long a trial lasts, by how long accounts stayed on it.
fn trial_days(plan: &Text, stay: Option<i64>, unsure: &mut Vec<String>) -> i64 {
    const USUAL: &[i64] = &[7, 10, 14, 15, 21, 30, 45, 60, 90];
    let near = stay.and_then(|stay| USUAL.iter().find(|it| (**it - stay).abs() <= 1));
    let known = near.copied();
    if known.is_none() {
        let seen = stay.map_or_else(String::new, |it| format!(" (accounts stay {it} days on it)"));
        unsure.push(format!("How long `{plan}` lasts is a guess{seen}: `trial: 14d`."));
    }
    known.unwrap_or(14)
}
