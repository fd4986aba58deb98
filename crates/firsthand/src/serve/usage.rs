//! Usage against plans, and what an account may use; answered from the engine's memory.

use std::collections::BTreeSet;

use firsthand_engine::Live;
use firsthand_model::config::{Meter, Plan, PlanTerms, Reset};
use firsthand_model::fact::{Row, RowBody};
use firsthand_model::time::Period;
use firsthand_model::{Decimal, Scalar, Text, Time};
use firsthand_rules::judge;
use firsthand_web::Answer;
use firsthand_web::noun::{At, Entitlement, MeterUsage, PlanRef, Usage};

use super::Server;

/// The account trait that names the plan.
const PLAN_TRAIT: &str = "plan";
/// The account trait by which billing says when a trial ends.
const TRIAL_ENDS_TRAIT: &str = "trial_ends_at";

impl Server {
    pub(super) async fn usage(&self, account: &str) -> Answer<Option<Usage>> {
        let (account, now) = (Text::from(account), self.now());
        self.ask(move |engine| usage(engine.live(), &account, now)).await
    }

    pub(super) async fn entitlements(&self, account: &str) -> Answer<Option<Vec<Entitlement>>> {
        let (account, now) = (Text::from(account), self.now());
        self.ask(move |engine| {
            let live = engine.live();
            let usage = usage(live, &account, now)?;
            let mut names = features(live);
            names.extend(usage.meters.iter().map(|it| Text::from(it.meter.as_str())));
            Some(names.iter().filter_map(|it| entitlement(live, &usage, it)).collect())
        })
        .await
    }

    pub(super) async fn feature(
        &self,
        account: &str,
        feature: &str,
    ) -> Answer<Option<Entitlement>> {
        let (account, feature, now) = (Text::from(account), Text::from(feature), self.now());
        self.ask(move |engine| {
            let live = engine.live();
            entitlement(live, &usage(live, &account, now)?, &feature)
        })
        .await
    }

    pub(super) async fn meter(&self, account: &str, name: &str) -> Answer<Option<Entitlement>> {
        let (account, name, now) = (Text::from(account), Text::from(name), self.now());
        self.ask(move |engine| meter(&usage(engine.live(), &account, now)?, &name)).await
    }
}

/// What plans switch on, of any plan.
fn features(live: &Live) -> BTreeSet<Text> {
    let plans = live.rules().project.plans.values();
    plans.flat_map(|it| &it.terms).flat_map(|it| it.features.iter().cloned()).collect()
}

/// Whether a feature may be used. What is measured is limited by its meter.
fn entitlement(live: &Live, usage: &Usage, feature: &Text) -> Option<Entitlement> {
    if live.rules().project.meters.contains_key(feature) {
        return meter(usage, feature);
    }
    if !features(live).contains(feature) {
        return None;
    }
    let allowed = usage.features.iter().any(|it| *it == **feature);
    let plan = usage.plan.as_ref();
    let plan = plan.map_or("no plan".to_owned(), |it| format!("plan `{}`", it.name));
    Some(Entitlement {
        account: usage.account.clone(),
        name: feature.to_string(),
        allowed,
        reason: (!allowed).then(|| format!("{plan} does not have it")),
        used: None,
        limit: None,
        left: None,
        reset_at: None,
        stale: false,
    })
}

fn meter(usage: &Usage, name: &Text) -> Option<Entitlement> {
    let MeterUsage { used, limit, left, reset_at, .. } =
        usage.meters.iter().find(|it| it.meter == **name)?.clone();
    let allowed = left.is_none_or(|it| it > 0.0);
    Some(Entitlement {
        account: usage.account.clone(),
        name: name.to_string(),
        allowed,
        reason: (!allowed).then(|| "nothing is left of what the plan allows".to_owned()),
        used: Some(used),
        limit,
        left,
        reset_at,
        stale: false,
    })
}

fn usage(live: &Live, account: &Text, now: Time) -> Option<Usage> {
    let customer = live.customer(account).filter(|it| it.first() < Time::MAX)?;
    let rules = live.rules();
    let stream = &customer.stream().stream();
    let plan = trait_of(customer.traits(), PLAN_TRAIT);
    let terms = plan.as_ref().and_then(|(name, _)| terms(&rules.project.plans, name, now, live));
    let meters = judge::meters(&rules.program.account, stream).into_iter();
    let meters = meters.map(|(name, used, limit, unlimited)| {
        let used = used.unwrap_or(Decimal::ZERO);
        let limit = limit.filter(|_| !unlimited);
        let left = limit.map(|it| (it.to_f64() - used.to_f64()).max(0.0));
        let reset_at = rules.project.meters.get(&name).and_then(|it| reset_at(it, now, live));
        MeterUsage {
            meter: name.to_string(),
            used: used.to_f64(),
            limit: limit.map(Decimal::to_f64),
            left,
            reset_at: reset_at.map(At),
        }
    });
    let trial_ends_at = trait_of(customer.traits(), TRIAL_ENDS_TRAIT)
        .and_then(|(text, _)| text.parse::<Time>().ok())
        .or_else(|| Some(plan.as_ref()?.1 + terms?.trial?));
    let next = terms.and_then(|it| it.next.as_ref()).map(|next| {
        let plan = rules.project.plans.values().find(|it| it.id.eq_ignore_ascii_case(next));
        plan.map_or(next, |it| &it.title)
    });
    Some(Usage {
        account: account.to_string(),
        meters: meters.collect(),
        features: terms
            .map_or_else(Vec::new, |it| it.features.iter().map(ToString::to_string).collect()),
        plan: plan.map(|(name, since)| PlanRef {
            name: name.to_string(),
            since: Some(since.into()),
            trial_ends_at: trial_ends_at.map(At),
            next: next.map(ToString::to_string),
        }),
        as_of: now.into(),
        stale: false,
    })
}

/// The terms of a plan in force at an instant.
fn terms<'p>(
    plans: &'p std::collections::BTreeMap<Text, Plan>,
    name: &str,
    now: Time,
    live: &Live,
) -> Option<&'p PlanTerms> {
    let plan = plans.values().find(|it| it.id.eq_ignore_ascii_case(name))?;
    let today = live.rules().project.calendar.date(now);
    plan.terms.iter().rfind(|it| it.from.is_none_or(|from| from <= today))
}

/// When a meter begins anew, where the calendar says so.
fn reset_at(meter: &Meter, now: Time, live: &Live) -> Option<Time> {
    let period = match meter.reset {
        Reset::Month => Period::Month,
        Reset::Week => Period::Week,
        Reset::Never | Reset::BillingPeriod => return None,
    };
    let calendar = &live.rules().project.calendar;
    let start = calendar.period_start(period, calendar.date(now));
    Some(calendar.start_of(calendar.period_add(period, start, 1)))
}

/// A trait of an account as a text, and since when it has had that value.
pub(super) fn trait_of(rows: &[Row], name: &str) -> Option<(Text, Time)> {
    let mut found: Option<(Text, Time)> = None;
    for row in rows {
        let RowBody::Traits { traits, .. } = &row.body else { continue };
        for (_, value) in traits.iter().filter(|(it, _)| it == name) {
            match value {
                Scalar::Missing => found = None,
                Scalar::Text(text) if found.as_ref().is_some_and(|(it, _)| it == text) => {}
                Scalar::Text(text) => found = Some((text.clone(), row.time)),
                Scalar::Number(number) => found = Some((number.to_string().into(), row.time)),
                Scalar::Bool(_) | Scalar::List(_) => {}
            }
        }
    }
    found
}
