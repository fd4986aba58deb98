//! Which events are the product, which are noise, which are marketing, which are records.

use firsthand_model::Text;

use super::candidates::Look;
use super::say::{counted, names, share, times};
use super::survey::{EventFigures, Survey};
use super::words::{Noise, Role};
use super::{Group, Groups, Named};

/// Most events in the group of core actions: what a team can name by heart.
const CORE_MAX: usize = 6;
/// Fewest accounts that paid, for their ways to say anything.
pub const PAID_MIN: u64 = 20;
/// Core events that go with paying, from which on those that do not are left out.
const HELPFUL_MIN: usize = 3;
/// Most noisy events that a comment lists.
const NOISE_SHOWN_MAX: usize = 12;

/// Sorts the events.
pub(super) fn groups(look: &Look, survey: &Survey, unsure: &mut Vec<String>) -> Groups {
    let mut groups = Groups::default();
    let mut product = Vec::new();
    let mut looking = Vec::new();
    for (name, role) in &look.events {
        let Some(figures) = survey.events.get(name) else { continue };
        let why = || if role.is_outcome() { came(figures, survey) } else { told(figures, survey) };
        let named = || Named { name: name.clone(), why: why() };
        match sort(*role, figures, survey) {
            Group::Core => product.push((name, figures)),
            Group::Marketing => groups.marketing.push(named()),
            // What came as a record is known for one already.
            Group::Record if figures.records < figures.count => groups.records.push(named()),
            Group::Record => {}
            Group::Noise(noise) => {
                if noise == Noise::Looking {
                    looking.push((name, figures));
                }
                let why = if *role == Role::SignUp { "the sign-up" } else { noise.words() };
                groups.noise.push(Named { name: name.clone(), why: why.to_owned() });
            }
        }
    }
    for (name, why) in product.extract_if(.., |(_, it)| is_aside(it, survey).is_some()) {
        let why = is_aside(why, survey).unwrap_or_default().to_owned();
        groups.noise.push(Named { name: name.clone(), why });
    }
    if product.is_empty() && !looking.is_empty() {
        let words = "Nothing but pages and clicks was found, so `core` holds those that people \
                     return to. Name what your product is really for.";
        unsure.push(words.to_owned());
        groups.noise.retain(|it| !looking.iter().any(|(name, _)| **name == it.name));
        product = looking;
    }
    product.sort_by(|(one, a), (other, b)| {
        weight(b, survey).total_cmp(&weight(a, survey)).then_with(|| one.cmp(other))
    });
    let helpful = product.iter().filter(|(_, it)| lift(it, survey) >= 1.0).count();
    for (place, (name, figures)) in product.into_iter().enumerate() {
        let fewer = helpful >= HELPFUL_MIN && lift(figures, survey) < 0.9;
        let why = if fewer {
            "done less by those who paid"
        } else if place < CORE_MAX && (place == 0 || is_common(figures, survey)) {
            groups.core.push(Named { name: name.clone(), why: told(figures, survey) });
            continue;
        } else {
            "less telling"
        };
        groups.noise.push(Named { name: name.clone(), why: why.to_owned() });
    }
    groups.noise.sort_by_key(|it| {
        std::cmp::Reverse(survey.events.get(&it.name).map_or(0, |figures| figures.count))
    });
    groups.noise_left_out = groups.noise.len().saturating_sub(NOISE_SHOWN_MAX);
    groups.noise.truncate(NOISE_SHOWN_MAX);
    doubts(&groups, survey, unsure);
    groups
}

/// What an event is, by its name and by how it comes.
fn sort(role: Role, figures: &EventFigures, survey: &Survey) -> Group {
    let personless = figures.personless * 2 > figures.count;
    let common = figures.accounts * 10 > survey.accounts * 3;
    match role {
        Role::SignUp => Group::Noise(Noise::SettingUp),
        // Of a product for calls, meetings or payments these are what it is for.
        Role::Record if !personless && common && figures.records == 0 => Group::Core,
        Role::Record | Role::Paid | Role::Upgraded | Role::Won => Group::Record,
        Role::Content => Group::Marketing,
        Role::Noise(Noise::Looking) if figures.anonymous * 2 > figures.count => Group::Marketing,
        Role::Noise(noise) => Group::Noise(noise),
        Role::Product if figures.records * 2 > figures.count => Group::Record,
        Role::Product => Group::Core,
    }
}

/// Why an event of the product is no part of what people do with it.
fn is_aside(figures: &EventFigures, survey: &Survey) -> Option<&'static str> {
    let after = figures.accounts - figures.before_paying - figures.never_paid;
    if survey.paid >= PAID_MIN && figures.accounts >= 5 && after * 10 >= figures.accounts * 9 {
        return Some("done only after paying");
    }
    let others = survey.accounts - survey.paid;
    let only_buyers =
        figures.before_paying * 10 >= survey.paid * 3 && figures.never_paid * 50 <= others;
    if survey.paid >= PAID_MIN && only_buyers {
        return Some("a step of buying itself");
    }
    let enough = figures.accounts >= 5;
    (enough && figures.once * 10 >= figures.accounts * 9).then_some("once in each account")
}

fn is_common(figures: &EventFigures, survey: &Survey) -> bool {
    figures.accounts >= 3 && figures.accounts * 50 >= survey.accounts
}

/// How much an event tells: done by many, again and again, and more by those who paid later.
fn weight(figures: &EventFigures, survey: &Survey) -> f64 {
    let part = |one: u64, of: u64| one as f64 / of.max(1) as f64;
    let breadth = part(figures.accounts, survey.accounts);
    let again = part(figures.again, figures.accounts);
    breadth.sqrt() * again.max(0.05) * lift(figures, survey).powi(2)
}

/// How many times as many of those who paid did it before, as of the others ever; 1 where too few
/// paid to tell. Those who never paid had longer to do it, so it is rather too low than too high.
fn lift(figures: &EventFigures, survey: &Survey) -> f64 {
    let part = |one: u64, of: u64| one as f64 / of.max(1) as f64;
    if survey.paid < PAID_MIN {
        return 1.0;
    }
    let paid = part(figures.before_paying, survey.paid);
    let others = part(figures.never_paid, survey.accounts - survey.paid);
    ((paid + 0.05) / (others + 0.05)).clamp(0.25, 4.0)
}

/// How often an event came and from whom, for its comment.
fn came(figures: &EventFigures, survey: &Survey) -> String {
    let times = times(figures.count);
    let (people, accounts) =
        (counted(figures.people, "person"), counted(figures.accounts, "account"));
    match (figures.people, figures.accounts) {
        (0, 0) if figures.anonymous > 0 => format!("seen {times} by visitors"),
        (0, _) => format!("seen {times} in {accounts}"),
        _ if survey.is_of_individuals() => format!("seen {times} by {people}"),
        _ => format!("seen {times} by {people} in {accounts}"),
    }
}

/// The same, and how it goes with paying.
fn told(figures: &EventFigures, survey: &Survey) -> String {
    let came = came(figures, survey);
    if survey.paid == 0 || figures.accounts == 0 {
        return came;
    }
    let before = share(figures.before_paying, survey.paid);
    let others = share(figures.never_paid, survey.accounts - survey.paid);
    let who = if survey.is_of_individuals() { "those" } else { "accounts" };
    format!("{came}; {before} of {who} that paid had it before paying, {others} of the others ever")
}

fn doubts(groups: &Groups, survey: &Survey, unsure: &mut Vec<String>) {
    if survey.paid > 0 && survey.paid < PAID_MIN {
        unsure.push(format!(
            "Only {} paid, too few to tell which events lead there; `core` is what is used most.",
            counted(survey.paid, if survey.is_of_individuals() { "person" } else { "account" })
        ));
    }
    let mixed: Vec<&Text> = groups
        .marketing
        .iter()
        .filter(|it| !matches!(super::words::role(&it.name), Role::Content))
        .map(|it| &it.name)
        .collect();
    if !mixed.is_empty() {
        unsure.push(format!(
            "Most of {} is done by visitors, so it counts as marketing; part of it may be the \
             product's.",
            names(mixed)
        ));
    }
}
