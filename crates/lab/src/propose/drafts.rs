//! First definitions, each with several thresholds to try.
//!
//! Which of them is taken is decided by running all of them over the recorded facts: see
//! [`choose`](super::choose::choose).

use firsthand_model::Text;
use firsthand_model::config::Track;
use firsthand_model::fact::Kind;

use super::candidates::PlanKind;
use super::choose::By;
use super::say::{self, count, is_one_of};
use super::survey::Survey;
use super::{Draft, Groups, Meter, Outcome, Plan, Success};

/// Most definitions that are proposed.
const DRAFTS_MAX: usize = 4;
/// Shares of a limit that are tried, in percent.
const FULL: &[u32] = &[80, 90, 95];

/// What the drafts are made from.
pub(super) struct Parts<'p> {
    pub survey: &'p Survey,
    pub groups: &'p Groups,
    pub plans: &'p [Plan],
    pub meters: &'p [Meter],
    pub outcomes: &'p [Outcome],
    /// Whole days from the first fact to the last.
    pub history_days: u32,
}

/// The definitions to try.
pub(super) fn drafts(parts: &Parts<'_>) -> Vec<Draft> {
    let near = parts.near_limit(PlanKind::Free);
    let expand = parts.near_limit(PlanKind::Paid);
    let all = [
        Some(parts.steady_use()),
        near,
        Some(parts.activated()),
        parts.content(),
        expand.or_else(|| parts.heavy_use()),
    ];
    let mut drafts: Vec<Draft> = all.into_iter().flatten().collect();
    drafts.truncate(DRAFTS_MAX);
    drafts
}

impl Parts<'_> {
    /// What the product is used by: the core group, or anything where there is none.
    fn core(&self) -> &'static str {
        if self.groups.core.is_empty() { "any" } else { "core" }
    }

    fn subject(&self) -> Kind {
        if self.survey.is_of_individuals() { Kind::Person } else { Kind::Account }
    }

    /// `last 14d`, or as much as has been recorded; from the beginning, where that is less than a
    /// day.
    fn last(&self, days: u32) -> String {
        match days.min(self.history_days) {
            0 => "ever".to_owned(),
            days => format!("last {days}d"),
        }
    }

    fn plans_of(&self, kind: PlanKind) -> Vec<Text> {
        self.plans.iter().filter(|it| it.kind == kind).map(|it| it.id.clone()).collect()
    }

    /// Who buys nothing more because they have bought.
    fn bought(&self) -> Option<String> {
        let paid = self.plans_of(PlanKind::Paid);
        if !paid.is_empty() && paid.len() < self.plans.len() {
            return Some(is_one_of("account.plan", &paid));
        }
        let subject = self.subject();
        self.outcomes.iter().find(|it| it.subject == subject).and_then(|it| match &it.success {
            Success::On { events, .. } => Some(format!("seen({})", say::events(events))),
            Success::When(_) => None,
        })
    }

    /// Several people of an account, or one person, at it again and again.
    fn steady_use(&self) -> Draft {
        let core = self.core();
        let (week, weeks) = (self.last(7), self.last(14));
        let mut variants = Vec::new();
        let teams =
            self.subject() == Kind::Account && self.survey.teams * 20 >= self.survey.accounts;
        if teams {
            for people in [2, 3, 4, 5, 6, 8] {
                for days in [2, 3, 4, 6, 8] {
                    variants.push(format!(
                        "people({core}, {week}) >= {people}\nand days({core}, {weeks}) >= {days}"
                    ));
                }
            }
        } else {
            let days = [2, 3, 4, 5, 6, 7, 8, 10, 12];
            variants.extend(days.map(|it| format!("days({core}, {weeks}) >= {it}")));
            let times = [1, 2, 3, 5, 10, 20, 40, 80, 150, 300, 600];
            variants.extend(times.map(|it| format!("count({core}, {weeks}) >= {it}")));
        }
        Draft {
            name: if teams { "steady-team" } else { "steady-use" }.into(),
            title: if teams { "Team at work week after week" } else { "At work week after week" }
                .into(),
            track: Track::Product,
            subject: self.subject(),
            variants,
            preferred: None,
            stay: None,
            unless: self.bought(),
            why: None,
            eligible: self.survey.accounts,
            of: self.everybody(),
            aim: (0.05, 0.15),
            reason: if teams {
                "Several people who use it on several days have made it part of their work."
            } else {
                "Who comes back on several days has made it part of their work."
            }
            .to_owned(),
        }
    }

    /// Who these definitions choose from, in words.
    fn everybody(&self) -> String {
        let word = if self.subject() == Kind::Person { "person" } else { "account" };
        say::counted(self.survey.accounts, word)
    }

    /// Accounts that come near the limit of their plan.
    fn near_limit(&self, kind: PlanKind) -> Option<Draft> {
        let expands = kind == PlanKind::Paid;
        let fits = |plan: &&Plan| {
            (plan.kind == PlanKind::Paid) == expands && (!expands || plan.next.is_some())
        };
        let plans = || self.plans.iter().filter(fits);
        let has = |meter: &Meter, plan: &Plan| {
            meter.limits.iter().any(|it| *it.plan == *plan.id.to_lowercase())
        };
        let meter = self.meters.iter().find(|meter| plans().any(|plan| has(meter, plan)))?;
        let ids: Vec<Text> = plans().filter(|it| has(meter, it)).map(|it| it.id.clone()).collect();
        let figures = |id: &Text| self.survey.plans.get(id.to_lowercase().as_str());
        let eligible = ids.iter().filter_map(figures).map(|it| it.accounts).sum();
        let on_plan = is_one_of("account.plan", &ids);
        let name = &meter.name;
        let (core, weeks) = (self.core(), self.last(14));
        let variant = |percent: &u32| {
            format!(
                "{on_plan}\nand usage({name}) >= {percent}% of limit({name})\nand seen({core}, {weeks})"
            )
        };
        let titled = if expands { "Paying account near" } else { "Near" };
        Some(Draft {
            name: if expands { "ready-to-expand" } else { "near-limit" }.into(),
            title: format!("{titled} its limit of {name}").into(),
            track: if expands { Track::Expansion } else { Track::Product },
            subject: Kind::Account,
            variants: FULL.iter().map(variant).collect(),
            preferred: Some(0),
            stay: Some(format!("{on_plan} and usage({name}) >= 70% of limit({name})")),
            unless: None,
            why: Some(format!("Uses {{{{ usage.{name} }}}} of {{{{ limit.{name} }}}} {name}.")),
            eligible,
            of: format!(
                "{} that were ever on {}",
                say::counted(eligible, "account"),
                say::names(&ids)
            ),
            aim: (0.01, 0.6),
            reason: "Who is about to outgrow a plan knows from use what the next one is worth."
                .to_owned(),
        })
    }

    /// Accounts with more of something than nearly all others, where no limit is known.
    fn heavy_use(&self) -> Option<Draft> {
        let meter = self.meters.iter().find(|it| it.tenth.is_some())?;
        let (name, tenth) = (&meter.name, meter.tenth?);
        let mut levels: Vec<i64> = [tenth, tenth * 2, tenth / 2, tenth / 4].map(rounded).into();
        levels.dedup();
        Some(Draft {
            name: "heavy-use".into(),
            title: format!("More {name} than nearly all others").into(),
            track: Track::Product,
            subject: Kind::Account,
            variants: levels.iter().map(|it| format!("usage({name}) >= {it}")).collect(),
            preferred: None,
            stay: None,
            unless: self.bought().filter(|_| self.subject() == Kind::Account),
            why: Some(format!("Has {{{{ usage.{name} }}}} {name}.")),
            eligible: self.survey.accounts,
            of: say::counted(self.survey.accounts, "account"),
            aim: (0.05, 0.15),
            reason: "Much of what a plan will charge for; no limit is in sight in the data."
                .to_owned(),
        })
    }

    /// A trial that was set up for real work; without trials, a first week of real work.
    fn activated(&self) -> Draft {
        let core = self.core();
        let trial = self.plans.iter().find(|it| it.kind == PlanKind::Trial);
        let first =
            self.groups.core.first().map_or_else(|| "any".to_owned(), |it| say::quoted(&it.name));
        if let Some(plan) = trial {
            let on_plan = is_one_of("account.plan", std::slice::from_ref(&plan.id));
            let half = (plan.trial_days.unwrap_or(14) / 2).max(1);
            let week = self.last(7);
            let mut variants: Vec<String> = [2, 3, 4, 5]
                .map(|days| {
                    format!(
                        "{on_plan}\nand trial_left <= {half}d\nand days({core}, {week}) >= {days}"
                    )
                })
                .into();
            variants
                .push(format!("{on_plan}\nand trial_left <= {half}d\nand seen({first}, {week})"));
            variants.push(format!("{on_plan}\nand seen({core}, {week})"));
            let eligible =
                self.survey.plans.get(plan.id.to_lowercase().as_str()).map_or(0, |it| it.accounts);
            return Draft {
                name: "activated-trial".into(),
                title: "Trial at work in its second half".into(),
                track: Track::Product,
                subject: Kind::Account,
                variants,
                preferred: None,
                stay: None,
                unless: None,
                why: Some("At work on the trial, which ends in {{ trial_left }} days.".to_owned()),
                eligible,
                of: format!(
                    "{} that were ever on `{}`",
                    say::counted(eligible, "account"),
                    plan.id
                ),
                aim: (0.1, 0.4),
                reason: "Who still works with it when the end is near has found a use for it."
                    .to_owned(),
            };
        }
        let days = [2, 3, 4, 5].map(|it| format!("days({core}, first 7d) >= {it}"));
        let times =
            [1, 3, 5, 10, 20, 40, 80, 150].map(|it| format!("count({core}, first 7d) >= {it}"));
        let while_new = |it: String| format!("{it}\nand since(start) <= 30d");
        Draft {
            name: "strong-start".into(),
            title: "Real work in the first week".into(),
            track: Track::Product,
            subject: self.subject(),
            variants: days.into_iter().chain(times).map(while_new).collect(),
            preferred: None,
            stay: None,
            unless: self.bought(),
            why: None,
            eligible: self.survey.accounts,
            of: self.everybody(),
            aim: (0.05, 0.15),
            reason: "Who does real work in the first week has found a use for it.".to_owned(),
        }
    }

    /// Interest in what marketing publishes.
    fn content(&self) -> Option<Draft> {
        if self.groups.marketing.is_empty() {
            return None;
        }
        let weeks = self.last(28);
        let mut variants = Vec::new();
        for (kinds, times) in [
            (1, 2),
            (2, 2),
            (2, 3),
            (2, 4),
            (3, 4),
            (3, 6),
            (2, 8),
            (1, 5),
            (1, 1),
            (1, 10),
            (1, 20),
        ] {
            if kinds == 1 {
                variants.push(format!("count(any marketing, {weeks}) >= {times}"));
            } else if kinds <= self.groups.marketing.len() {
                variants.push(format!(
                    "count(any marketing, {weeks}) >= {times}\nand distinct(event, any marketing, {weeks}) >= {kinds}"
                ));
            }
        }
        let subject = self.subject();
        Some(Draft {
            name: "content-lead".into(),
            title: "Lively interest in content".into(),
            track: Track::Marketing,
            subject,
            variants,
            preferred: None,
            stay: None,
            unless: self.bought(),
            why: None,
            eligible: self.survey.accounts,
            of: self.everybody(),
            aim: (0.05, 0.15),
            reason: "Who reads, listens and asks within a few weeks is looking for something."
                .to_owned(),
        })
    }
}

/// A number of two figures, no larger.
fn rounded(value: i64) -> i64 {
    let value = value.max(1);
    let unit = 10_i64.pow(value.ilog10().saturating_sub(1));
    value / unit * unit
}

impl Draft {
    /// What is said of it above it: why it is there, what it came to (of so many for which it held,
    /// how many had the outcome of that name soon after), and why it has this threshold.
    pub fn comment(&self, by: By, entered: u64, outcome: Option<(&str, u64)>) -> String {
        if by == By::Nothing {
            return format!("{} It has held for nobody yet.", self.reason);
        }
        let share = say::share(entered, self.eligible);
        let (reason, entered_of) = (&self.reason, format!("{} of {}", count(entered), self.of));
        let had = outcome.map_or_else(String::new, |(name, hits)| {
            let of = say::share(hits, entered);
            let (hits, entered) = (count(hits), count(entered));
            format!("; {hits} of these {entered} had `{name}` within 28 days ({of})")
        });
        let tried = self.variants.len();
        let chosen = match by {
            By::Custom | By::Nothing => String::new(),
            By::Success => format!(
                " The best of {tried} thresholds on this very data, so expect a little less."
            ),
            By::Share => {
                let aim = 100.0 * self.middle();
                format!(" Of {tried} thresholds the one that finds nearest to {aim:.0} %.")
            }
        };
        format!("{reason} Held at some time for {entered_of} ({share}){had}.{chosen}")
    }

    /// The share that is aimed at.
    pub(super) fn middle(&self) -> f64 {
        (self.aim.0 * self.aim.1).sqrt()
    }
}
