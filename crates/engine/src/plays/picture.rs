//! An account as messages tell of it, from memory; its people are [`super::people`].

use std::collections::BTreeMap;

use firsthand_model::config::{Plan, PlanTerms, Project};
use firsthand_model::fact::{Kind, Row, RowBody};
use firsthand_model::lead::Lead;
use firsthand_model::{Decimal, Scalar, Span, Text, Time};
use firsthand_plays::{AccountView, MeterView, Picture, ReasonView};
use firsthand_rules::compile::{PLAN, TRIAL_ENDS};
use firsthand_rules::explain::explain;
use firsthand_rules::judge;
use firsthand_store::{LeadEvidence, Store};

use super::{Seen, holds};
use crate::engine::HEADLINE;
use crate::live::Live;

pub(super) fn of<S: Store>(world: &Seen<'_, S>, lead: &Lead) -> Option<Picture> {
    let live = world.live;
    let customer = live.customer(&lead.account)?;
    let project = &live.rules().project;
    let traits = traits_of(customer.traits());
    let held = plan_of(project, customer.traits(), world.now);
    let meters = judge::meters(&live.rules().program.account, &customer.stream().stream());
    let unit = |name: &Text| {
        let meter = project.meters.get(name);
        meter.and_then(|it| it.unit.clone()).unwrap_or_else(|| name.clone())
    };
    let meters = meters.into_iter().map(|(name, used, limit, unlimited)| MeterView {
        unit: unit(&name),
        used: used.unwrap_or(Decimal::ZERO),
        limit: limit.filter(|_| !unlimited),
        name,
    });
    let text = |name: &str| match traits.get(name) {
        Some(Scalar::Text(it)) => Some(it.clone()),
        _ => None,
    };
    let account = AccountView {
        id: lead.account.clone(),
        name: text("name"),
        plan: held.as_ref().map(|it| it.plan.title.clone()).or_else(|| text(PLAN)),
        next_plan: held.as_ref().and_then(|it| it.next_title(project)),
        meters: meters.collect(),
        trial_left: held.as_ref().and_then(|it| it.trial_left(project, &traits, world.now)),
        members: u32::try_from(customer.people().len()).unwrap_or(u32::MAX),
        stage: world.store.stage_of(&lead.account).ok().flatten().map(|it| it.stage),
        traits,
    };
    Some(Picture { account, people: Vec::new(), reasons: reasons(world, lead) })
}

/// The traits in force, from the rows that set them.
pub(super) fn traits_of(rows: &[Row]) -> BTreeMap<Text, Scalar> {
    let mut traits = BTreeMap::new();
    for row in rows {
        if let RowBody::Traits { of: Kind::Account, traits: set } = &row.body {
            put(&mut traits, set);
        }
    }
    traits
}

fn put(traits: &mut BTreeMap<Text, Scalar>, set: &[(Text, Scalar)]) {
    for (name, value) in set {
        if value.is_missing() {
            traits.remove(name);
        } else {
            traits.insert(name.clone(), value.clone());
        }
    }
}

/// The plan of an account, and since when it has it.
struct Held<'p> {
    plan: &'p Plan,
    terms: &'p PlanTerms,
    since: Time,
}

fn plan_of<'p>(project: &'p Project, rows: &[Row], now: Time) -> Option<Held<'p>> {
    let mut held: Option<(Text, Time)> = None;
    for row in rows {
        let RowBody::Traits { traits, .. } = &row.body else { continue };
        for (_, value) in traits.iter().filter(|(it, _)| it == PLAN) {
            match value {
                Scalar::Text(it) if held.as_ref().is_some_and(|(old, _)| old == it) => {}
                Scalar::Text(it) => held = Some((it.clone(), row.time)),
                _ => held = None,
            }
        }
    }
    let (name, since) = held?;
    let plan = project.plans.values().find(|it| it.id.eq_ignore_ascii_case(&name))?;
    let today = project.calendar.date(now);
    let terms = plan.terms.iter().rfind(|it| it.from.is_none_or(|from| from <= today))?;
    Some(Held { plan, terms, since })
}

impl Held<'_> {
    fn next_title(&self, project: &Project) -> Option<Text> {
        let next = self.terms.next.as_ref()?;
        let plan = project.plans.values().find(|it| it.id.eq_ignore_ascii_case(next));
        Some(plan.map_or_else(|| next.clone(), |it| it.title.clone()))
    }

    /// How much of the trial is left; `None` if there is none, or it is over.
    fn trial_left(
        &self,
        project: &Project,
        traits: &BTreeMap<Text, Scalar>,
        now: Time,
    ) -> Option<Span> {
        let length = self.terms.trial?;
        let told = match traits.get(TRIAL_ENDS) {
            Some(Scalar::Text(it)) => it.parse().ok().or_else(|| project.calendar.local(it)),
            _ => None,
        };
        let left = told.unwrap_or(self.since + length) - now;
        (left > Span::ZERO).then_some(left)
    }
}

/// Why there is a lead, what holds first.
fn reasons<S: Store>(world: &Seen<'_, S>, lead: &Lead) -> Vec<ReasonView> {
    let live = world.live;
    let standing = world.desk.evidence_of(&lead.id).filter(|it| it.retracted_at.is_none());
    let mut reasons: Vec<(Time, ReasonView)> =
        standing.map(|it| (it.entered, reason(live, it))).collect();
    reasons.sort_by(|a, b| (b.1.holds, a.0).cmp(&(a.1.holds, b.0)));
    reasons.into_iter().map(|(_, it)| it).collect()
}

fn reason(live: &Live, it: &LeadEvidence) -> ReasonView {
    let rules = live.rules();
    let definition = rules.project.definitions.get(&it.definition);
    let title = definition.and_then(|it| it.title.clone());
    let kind = it.subject.kind;
    let holds = it.left.is_none() && holds(live, &it.definition, kind, &it.subject.id);
    let explained = live
        .subject(&it.subject)
        .filter(|_| holds)
        .and_then(|state| explain(&rules.project, &live.judge(), &state.stream(), &it.definition));
    let met = explained.map(|it| {
        it.when.reasons().into_iter().map(|it| it.words.clone()).collect::<Vec<String>>()
    });
    ReasonView {
        title: title.unwrap_or_else(|| it.definition.clone()),
        headline: it.evidence.as_deref().and_then(headline),
        observed: met.unwrap_or_default(),
        person: (kind == Kind::Person).then(|| it.subject.id.clone()),
        holds,
    }
}

/// The sentence that evidence begins with.
fn headline(evidence: &str) -> Option<String> {
    let evidence: serde_json::Value = serde_json::from_str(evidence).ok()?;
    Some(evidence.get(HEADLINE)?.as_str()?.to_owned())
}
