//! Proposes a project from what recorded facts show: event groups, meters, plans and their limits,
//! outcomes, who is no customer, and first definitions.
//!
//! ```text
//!  names, types ──► Look ──► Survey (one pass over the accounts) ──► propose() ──► Proposal
//!                                                                       drafts ──► choose()
//! ```
//!
//! [`Look::at`] decides from names and types what is worth measuring; a [`Survey`] measures it;
//! [`propose`] is a pure function of the two. Its definitions are drafts with several thresholds:
//! the caller runs all of them over the facts, and [`choose()`] takes one. Everything proposed says
//! why, with the figures it rests on; everything doubtful is told apart. Nothing here knows a file.
//!
//! # Promises
//!
//! - PROP-1: the same facts give the same proposal, in whatever order and parts they were surveyed.
//! - PROP-2: whatever the facts, the proposed project has no errors.

mod account;
mod candidates;
mod choose;
mod drafts;
mod groups;
mod meters;
mod outcomes;
mod people;
mod plateau;
pub mod say;
mod survey;
mod words;

#[cfg(test)]
mod tests;

use firsthand_model::config::Track;
use firsthand_model::fact::Kind;
use firsthand_model::seen::Seen;
use firsthand_model::{Span, Text};

pub use candidates::{Kind as MeterKind, Look, PlanKind, is_sayable};
pub use choose::{By, Choice, Tried, choose};
pub use plateau::{Amounts, Plateau};
pub use survey::{DomainFigures, EventFigures, MeterFigures, PlanFigures, Survey};
pub use words::{Noise, Role};

/// A proposed project.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Proposal {
    /// The events.
    pub groups: Groups,
    /// Where a customer's life begins.
    pub start: Option<Start>,
    /// The price tiers.
    pub plans: Vec<Plan>,
    /// What plans limit.
    pub meters: Vec<Meter>,
    /// What counts as success.
    pub outcomes: Vec<Outcome>,
    /// Providers of mail that are not on the built-in list.
    pub mail_domains: Vec<Named>,
    /// The company's own domain.
    pub own_domain: Option<OwnDomain>,
    /// Who is never judged.
    pub excluded: Vec<Excluded>,
    /// First definitions, each with several thresholds.
    pub drafts: Vec<Draft>,
    /// What a person should look at, in whole sentences.
    pub unsure: Vec<String>,
}

/// The events by what they are for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Groups {
    /// What the product is really for, the most telling first.
    pub core: Vec<Named>,
    /// What marketing publishes.
    pub marketing: Vec<Named>,
    /// What arrives as events but that nobody did in the product.
    pub records: Vec<Named>,
    /// Product events left out of `core`, each with what it is; the most frequent.
    pub noise: Vec<Named>,
    /// How many more of these there are.
    pub noise_left_out: usize,
}

/// Where an event belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Group {
    Core,
    Marketing,
    Record,
    Noise(Noise),
}

/// An event, and why it stands where it does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// Its name.
    pub name: Text,
    /// Why.
    pub why: String,
}

/// Where a customer's life begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Start {
    /// The events, in the language.
    pub event: String,
    /// Why.
    pub why: String,
}

/// A price tier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Its id, as accounts carry it.
    pub id: Text,
    /// What it is.
    pub kind: PlanKind,
    /// How many days a trial lasts.
    pub trial_days: Option<i64>,
    /// The plan that most move to.
    pub next: Option<Text>,
    /// Why.
    pub why: String,
}

/// A measured amount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meter {
    /// Its name.
    pub name: Text,
    /// How it measures.
    pub kind: MeterKind,
    /// The event that adds.
    pub add: Text,
    /// The event that takes away.
    pub remove: Option<Text>,
    /// The property that tells things apart.
    pub key: Option<Text>,
    /// The property that says how much.
    pub value: Option<Text>,
    /// Whether it begins anew every month.
    pub monthly: bool,
    /// Where plans seem to limit it.
    pub limits: Vec<Limit>,
    /// The amount that a tenth of accounts reach, where no limit was found.
    pub tenth: Option<i64>,
    /// Why.
    pub why: String,
}

/// A limit of one plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    /// The plan, in lower case.
    pub plan: Text,
    /// How much it allows.
    pub amount: i64,
    /// How many accounts have come to rest there.
    pub at: u64,
    /// Why.
    pub why: String,
}

/// What counts as success.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Its name.
    pub name: Text,
    /// Whose success it is.
    pub subject: Kind,
    /// What it is.
    pub success: Success,
    /// Why.
    pub why: String,
}

/// When there is success.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Success {
    /// With each of these events.
    On {
        /// Their names.
        events: Vec<Text>,
        /// The property that says what it is worth.
        value: Option<Text>,
    },
    /// When this condition turns true.
    When(String),
}

/// A domain that is probably the company's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnDomain {
    /// The domain.
    pub domain: Text,
    /// Whether it can hardly be a customer's; else it is only a suggestion.
    pub certain: bool,
    /// Why.
    pub why: String,
}

/// Somebody who is never judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excluded {
    /// The name of the exclusion.
    pub name: Text,
    /// Whom it judges.
    pub subject: Kind,
    /// The condition.
    pub when: String,
    /// Why.
    pub why: String,
}

/// A definition whose threshold is still open.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// Its name.
    pub name: Text,
    /// Its title.
    pub title: Text,
    /// The side it serves.
    pub track: Track,
    /// What it judges.
    pub subject: Kind,
    /// Conditions to try, the plainest first; several lines each.
    pub variants: Vec<String>,
    /// The one to take unless it finds far too many or too few.
    pub preferred: Option<usize>,
    /// What keeps it.
    pub stay: Option<String>,
    /// What shuts out.
    pub unless: Option<String>,
    /// The template for people.
    pub why: Option<String>,
    /// How many subjects it chooses from.
    pub eligible: u64,
    /// The same in words.
    pub of: String,
    /// The share of them that it should find, from and to.
    pub aim: (f64, f64),
    /// Why it is worth a try.
    pub reason: String,
}

/// Proposes a project from what the data has shown. See PROP-1 and PROP-2.
pub fn propose(look: &Look, seen: &Seen, survey: &Survey) -> Proposal {
    let mut unsure = Vec::new();
    let groups = groups::groups(look, survey, &mut unsure);
    let start = outcomes::start(look, survey, &mut unsure);
    let outcomes = outcomes::outcomes(look, seen, survey, &groups, &mut unsure);
    let plans = meters::plans(look, survey, &mut unsure);
    let meters = meters::meters(look, survey);
    doubts(seen, survey, &plans, &meters, &mut unsure);
    let drafts = drafts::drafts(&drafts::Parts {
        survey,
        groups: &groups,
        plans: &plans,
        meters: &meters,
        outcomes: &outcomes,
        history_days: history_days(seen),
    });
    Proposal {
        groups,
        start,
        plans,
        meters,
        outcomes,
        mail_domains: people::mail_domains(survey),
        own_domain: people::own_domain(survey, &mut unsure),
        excluded: people::excluded(seen),
        drafts,
        unsure,
    }
}

impl Proposal {
    /// Leaves out the meters that neither a plan nor any of these conditions reads.
    pub fn forget_unread(&mut self, conditions: &[&str]) {
        self.meters.retain(|meter| {
            let read = format!("usage({})", meter.name);
            !meter.limits.is_empty() || conditions.iter().any(|it| it.contains(&read))
        });
    }
}

/// Whole days from the first fact to the last.
fn history_days(seen: &Seen) -> u32 {
    let (Some(first), Some(last)) = (seen.first, seen.last) else { return 0 };
    u32::try_from((last - first).0 / Span::DAY.0).unwrap_or(u32::MAX)
}

/// What is missing or odd as a whole.
fn doubts(
    seen: &Seen,
    survey: &Survey,
    plans: &[Plan],
    meters: &[Meter],
    unsure: &mut Vec<String>,
) {
    if plans.is_empty() {
        let like = |name: &&Text| words::any_of(name, &["plan", "tier", "subscription"]);
        let near = seen.account_traits.keys().find(|it| *it != "plan" && like(it));
        unsure.push(match near {
            Some(near) if !seen.account_traits.contains_key("plan") => format!(
                "No account has a trait `plan`, but there is `{near}`; if that is it, import it \
                 with `rename: {{{near}: plan}}`."
            ),
            _ => {
                "No account has a trait `plan`, so nothing is said about plans and limits. Import \
                  who is on which plan since when, and run this again."
                    .to_owned()
            }
        });
    } else if meters.iter().all(|it| it.limits.is_empty()) {
        unsure.push(
            "No limit of a plan shows in how much accounts use. If plans have limits, write them \
             under `plans:`, with a meter for each."
                .to_owned(),
        );
    }
    for meter in meters.iter().filter(|it| !it.limits.is_empty()) {
        let limited =
            |plan: &&Plan| meter.limits.iter().any(|it| *it.plan == *plan.id.to_lowercase());
        let open: Vec<&Text> = plans.iter().filter(|it| !limited(it)).map(|it| &it.id).collect();
        if !open.is_empty() {
            unsure.push(format!(
                "No limit of `{}` shows on {}; if there is one, write it under `plans:`.",
                meter.name,
                say::names(open)
            ));
        }
    }
    if history_days(seen) < 28 {
        unsure.push(format!(
            "The facts cover {} only, so windows are short and successes within 28 days few.",
            say::counted(u64::from(history_days(seen)), "day")
        ));
    }
    if survey.is_of_individuals() && survey.accounts > 0 {
        unsure.push(
            "Hardly any event names an account, so each person is taken for a customer. If your \
             customers are teams, import who belongs to which."
                .to_owned(),
        );
    }
}
