//! What counts as success, and where a customer's life begins.

use firsthand_model::Text;
use firsthand_model::fact::Kind;
use firsthand_model::seen::Seen;

use super::candidates::{Look, PlanKind};
use super::say::{counted, events, is_one_of, names, share, times};
use super::survey::Survey;
use super::words::Role;
use super::{Groups, Outcome, Start, Success};

/// Properties that say what a success is worth, the best first.
const VALUES: &[&str] =
    &["amount", "value", "revenue", "mrr", "arr", "price", "total", "amount_usd", "mrr_amount"];

/// What counts as success.
pub(super) fn outcomes(
    look: &Look,
    seen: &Seen,
    survey: &Survey,
    groups: &Groups,
    unsure: &mut Vec<String>,
) -> Vec<Outcome> {
    let of = |roles: &[Role]| -> Vec<Text> {
        let events = look.events.iter().filter(|(_, role)| roles.contains(role));
        let events = events.map(|(name, _)| name).filter(|it| survey.events.contains_key(*it));
        events.cloned().collect()
    };
    let subject = if survey.is_of_individuals() { Kind::Person } else { Kind::Account };
    let mut outcomes = Vec::new();
    let mut on_events = |name: &str, events: Vec<Text>| {
        let first = events.first()?;
        let counts = events.iter().filter_map(|it| survey.events.get(it));
        let (count, personless) =
            counts.fold((0, 0), |(all, no), it| (all + it.count, no + it.personless));
        // Who is told by the account alone is nobody's success but the account's.
        let subject = if personless * 10 > count { Kind::Account } else { subject };
        let value = VALUES.iter().find(|value| {
            let property = |it: &Text| seen.events[it].properties.get(**value);
            property(first).is_some_and(|it| it.numbers * 2 > it.known())
                && events.iter().all(|it| property(it).is_none_or(|it| it.numbers > 0))
        });
        let why = format!("{} came {}", names(&events), times(count));
        let success = Success::On { events, value: value.map(|it| Text::from(*it)) };
        outcomes.push(Outcome { name: name.into(), subject, success, why });
        Some(())
    };
    on_events("paid", of(&[Role::Paid, Role::Won]));
    on_events("upgraded", of(&[Role::Upgraded]));
    if !outcomes.iter().any(|it| it.name == "paid") {
        outcomes.extend(by_plan(look, survey));
    }
    if outcomes.is_empty() {
        let near = match names(groups.records.iter().map(|it| &it.name)) {
            none if none.is_empty() => String::new(),
            names => format!(" Of what is there, {names} may come nearest."),
        };
        unsure.push(format!(
            "Nothing looks like a success: no event of subscribing, upgrading or winning a deal, \
             and no trait `plan` that goes from free to paid.{near} Import your bills or deals, and \
             say under `outcomes:` what counts."
        ));
    }
    outcomes
}

/// Coming onto a plan that is paid for, where others are not.
fn by_plan(look: &Look, survey: &Survey) -> Option<Outcome> {
    let paid = spelt(look, survey, PlanKind::Paid);
    let unpaid: Vec<_> = look.plans.iter().filter(|it| *it.1 != PlanKind::Paid).collect();
    if paid.is_empty() || unpaid.is_empty() {
        return None;
    }
    let moved: u64 = unpaid
        .iter()
        .filter_map(|(plan, _)| survey.plans.get(*plan))
        .flat_map(|it| &it.moves)
        .filter(|(to, _)| look.plan(to) == PlanKind::Paid)
        .map(|it| it.1)
        .sum();
    Some(Outcome {
        name: "paid".into(),
        subject: Kind::Account,
        success: Success::When(is_one_of("account.plan", &paid)),
        why: format!(
            "{} came from a plan for nothing onto {}",
            counted(moved, "account"),
            names(&paid)
        ),
    })
}

/// The plans of a kind, as the data spells them.
pub(super) fn spelt(look: &Look, survey: &Survey, kind: PlanKind) -> Vec<Text> {
    let plans = look.plans.iter().filter(|it| *it.1 == kind);
    plans.filter_map(|(plan, _)| survey.plans.get(plan)?.spelling().cloned()).collect()
}

/// Where a customer's life begins.
pub(super) fn start(look: &Look, survey: &Survey, unsure: &mut Vec<String>) -> Option<Start> {
    let of = |it: &Text| survey.events.get(it).map_or(0, |it| it.accounts);
    let named = look.events.iter().filter(|(_, role)| **role == Role::SignUp).map(|it| it.0);
    let named = named.filter(|it| of(it) > 0).max_by_key(|it| of(it));
    // Without a telling name: what comes first in most accounts, and never again.
    let shaped = || {
        let product = look.events.iter().filter(|(_, role)| **role == Role::Product);
        let figures = product.filter_map(|(name, _)| Some((name, survey.events.get(name)?)));
        let mut like = figures.filter(|(_, it)| {
            it.first * 10 >= survey.accounts * 6 && it.once * 10 >= it.accounts * 9
        });
        let found = like.next().map(|it| it.0);
        if let Some(name) = found {
            unsure.push(format!("`{name}` is taken for the sign-up, by how it comes."));
        }
        found
    };
    let Some(event) = named.or_else(shaped) else {
        unsure.push(
            "No event looks like a sign-up, so a customer's life begins with the first thing done \
             in the product."
                .to_owned(),
        );
        return None;
    };
    let figures = &survey.events[event];
    let who = if survey.is_of_individuals() { "person" } else { "account" };
    let why = format!(
        "{} had it ({}), {} of them exactly once",
        counted(figures.accounts, who),
        share(figures.accounts, survey.accounts),
        share(figures.once, figures.accounts),
    );
    Some(Start { event: events([event]), why })
}
