//! What a lead says in a sentence: the `why` of its definition, filled in.
//!
//! Amounts come from the judged state, traits from the account's recorded facts: a definition
//! need not read what its `why` tells.

use std::collections::BTreeMap;
use std::sync::Arc;

use firsthand_history::{Projection, Scan};
use firsthand_model::fact::{Kind, Row};
use firsthand_model::{Decimal, Text, Time};
use firsthand_rules::compile::program::Root;
use firsthand_rules::judge::{self, Stream};
use firsthand_rules::timeline::Subject;

use crate::study::Study;
use crate::template::{Amount, Standing, Template, Values};

/// Accounts that are looked up one by one; for more, one scan over all of them is quicker.
const LOOKUPS_MAX: usize = 64;

/// The amounts of a subject at an instant.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Amounts {
    /// How much of each meter is used.
    pub usage: BTreeMap<Text, Decimal>,
    /// What the plan allows of each meter.
    pub limit: BTreeMap<Text, Amount>,
}

impl Amounts {
    /// Reads them off a judged state.
    pub fn of(root: &Root, stream: &Stream) -> Self {
        let mut amounts = Self::default();
        for (meter, used, limit, unlimited) in judge::meters(root, stream) {
            amounts.usage.extend(used.map(|it| (meter.clone(), it)));
            let limit = if unlimited { Some(Amount::Unlimited) } else { limit.map(Amount::Of) };
            amounts.limit.extend(limit.map(|it| (meter, it)));
        }
        amounts
    }
}

/// Whom a headline is about.
#[derive(Clone, Debug)]
pub struct About {
    /// The definition that holds.
    pub definition: Text,
    /// For whom.
    pub subject: Subject,
    /// The subject's account.
    pub account: Text,
    /// The account's amounts.
    pub amounts: Arc<Amounts>,
    /// The definition's score.
    pub score: Option<Decimal>,
}

/// The templates of a project's definitions.
pub struct Headlines<'s> {
    study: &'s Study,
    templates: BTreeMap<&'s str, Template>,
}

impl<'s> Headlines<'s> {
    /// Reads them all. One that cannot be read was refused before, with the project.
    pub fn new(study: &'s Study) -> Self {
        let definitions = study.project.definitions.values();
        let templates = definitions
            .filter_map(|it| Some((it.name.as_str(), Template::read(&it.why.as_ref()?.text).ok()?)))
            .collect();
        Self { study, templates }
    }

    /// Whether some person's headline tells amounts, which only the account's state knows.
    pub fn tells_persons_of_amounts(&self) -> bool {
        self.templates.iter().any(|(name, template)| {
            self.study.project.definitions[*name].subject == Kind::Person
                && ["usage", "limit", "left"].iter().any(|root| template.reads(root))
        })
    }

    /// The headline of each, as of an instant; `None` without a `why`, or if it cannot be filled.
    pub fn of_each(&self, leads: &[About], at: Time) -> anyhow::Result<Vec<Option<String>>> {
        let mut headlines = vec![None; leads.len()];
        let mut by_account: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (place, lead) in leads.iter().enumerate() {
            if self.templates.contains_key(lead.definition.as_str()) {
                by_account.entry(&lead.account).or_default().push(place);
            }
        }
        let history = &self.study.history;
        let everything = Projection::default();
        let told = |account: &str, rows: &[Row]| {
            let places = by_account.get(account).into_iter().flatten();
            places.map(|it| (*it, self.one(&leads[*it], rows, at))).collect::<Vec<_>>()
        };
        let found = if by_account.len() <= LOOKUPS_MAX {
            let accounts = by_account.keys();
            accounts
                .map(|it| Ok(told(it, &history.rows_of(it, &everything)?)))
                .collect::<anyhow::Result<Vec<_>>>()?
        } else {
            history
                .for_each_account(&everything, Scan::default(), |it| told(it.account, it.rows))?
        };
        for (place, headline) in found.into_iter().flatten() {
            headlines[place] = headline;
        }
        Ok(headlines)
    }

    fn one(&self, about: &About, rows: &[Row], at: Time) -> Option<String> {
        let template = self.templates.get(about.definition.as_str())?;
        let person = (about.subject.kind == Kind::Person).then_some(about.subject.id.as_str());
        let standing = Standing::of(&about.account, rows, person, at, &self.study.project);
        template.fill(&Values {
            account: Arc::new(standing.account),
            person: Arc::new(standing.person),
            usage: about.amounts.usage.clone(),
            limit: about.amounts.limit.clone(),
            score: about.score,
            trial_age: standing.trial_since.map(|since| at - since),
            trial_left: standing.trial_ends.map(|ends| ends - at),
            members: Some(standing.members),
        })
    }
}
