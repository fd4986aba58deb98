//! What the planner asks of the world, and the form of the answers.

use std::collections::BTreeMap;

use firsthand_model::lead::Lead;
use firsthand_model::{Decimal, Scalar, Span, Text, Time};

/// What a planner may ask. Everything is as it is now.
pub trait World {
    /// Whether a definition holds for an account.
    fn holds(&self, definition: &str, account: &str) -> bool;

    /// Whether a definition holds for a person.
    fn holds_for_person(&self, definition: &str, person: &str) -> bool;

    /// The definitions that a lead rests on, and whether each still holds.
    fn rests_on(&self, lead: &Lead) -> Vec<(Text, bool)>;

    /// Whether an account, or one of its people, has done what counts as success at or after an
    /// instant.
    fn converted(&self, account: &str, since: Time) -> bool;

    /// The traits of an account in force; `None` where the account is not known.
    fn traits(&self, account: &str) -> Option<BTreeMap<Text, Scalar>>;

    /// How many people belong to an account.
    fn size(&self, account: &str) -> u32;

    /// All that messages about a lead may tell, but for the people. `None` where the account is not
    /// known.
    fn picture(&self, lead: &Lead) -> Option<Picture>;

    /// The people of an account, the most active first. `None` where they cannot be seen now: the
    /// caller asks again later, or when it is told that they can
    /// ([`Planner::seen`](crate::Planner::seen)).
    fn people(&self, account: &str) -> Option<Vec<PersonView>>;
}

impl dyn World + '_ {
    /// All that messages about a lead may tell. `None` where it cannot be had now.
    pub fn whole_picture(&self, lead: &Lead) -> Option<Picture> {
        let people = self.people(&lead.account)?;
        let mut picture = self.picture(lead)?;
        picture.account.members = u32::try_from(people.len()).unwrap_or(u32::MAX);
        Some(Picture { people, ..picture })
    }
}

/// All that messages about a lead may tell.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Picture {
    /// The account.
    pub account: AccountView,
    /// Its people, the most active first.
    pub people: Vec<PersonView>,
    /// Why there is a lead, what holds first.
    pub reasons: Vec<ReasonView>,
}

/// An account, as messages tell of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AccountView {
    /// Its id.
    pub id: Text,
    /// Its name.
    pub name: Option<Text>,
    /// Its traits.
    pub traits: BTreeMap<Text, Scalar>,
    /// The title of its plan.
    pub plan: Option<Text>,
    /// The title of the plan to move to next.
    pub next_plan: Option<Text>,
    /// What is measured of it.
    pub meters: Vec<MeterView>,
    /// How much of the trial is left.
    pub trial_left: Option<Span>,
    /// How many people belong to it.
    pub members: u32,
    /// Its stage.
    pub stage: Option<Text>,
}

/// A meter, as messages tell of it.
#[derive(Clone, Debug, PartialEq)]
pub struct MeterView {
    /// Its name.
    pub name: Text,
    /// What it measures, for people.
    pub unit: Text,
    /// How much is used.
    pub used: Decimal,
    /// How much the plan allows; `None` where it is not limited.
    pub limit: Option<Decimal>,
}

impl MeterView {
    /// The share used, in thousandths, if there is a limit above nothing.
    pub fn thousandths(&self) -> Option<u32> {
        let limit = self.limit.filter(|it| *it > Decimal::ZERO)?;
        let share = self.used.raw().max(0).checked_mul(1_000)? / limit.raw();
        u32::try_from(share).ok()
    }
}

/// A person, as messages tell of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PersonView {
    /// Their canonical id.
    pub id: Text,
    /// Their traits; the role is one of them.
    pub traits: BTreeMap<Text, Scalar>,
    /// When they were last active.
    pub last_seen: Option<Time>,
    /// What they do most, by event, with how often lately, the most frequent first.
    pub does: Vec<(Text, u32)>,
}

impl PersonView {
    /// A trait that is a text.
    pub fn text(&self, name: &str) -> Option<&Text> {
        match self.traits.get(name) {
            Some(Scalar::Text(it)) if !it.trim().is_empty() => Some(it),
            _ => None,
        }
    }

    /// Their e-mail address.
    pub fn email(&self) -> Option<&Text> {
        self.text("email").filter(|it| it.contains('@'))
    }

    /// Their name, if it is known.
    pub fn name(&self) -> Option<&Text> {
        self.text("name").or_else(|| self.text("first_name"))
    }

    /// How they are called where somebody else reads of them.
    pub fn called(&self) -> &Text {
        self.name().or_else(|| self.email()).unwrap_or(&self.id)
    }
}

/// Why there is a lead.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReasonView {
    /// The title of the definition.
    pub title: Text,
    /// The reason in a sentence, as the definition words it.
    pub headline: Option<String>,
    /// What was observed, in plain words, a condition each.
    pub observed: Vec<String>,
    /// The person who qualified, where it was not the account.
    pub person: Option<Text>,
    /// Whether it still holds.
    pub holds: bool,
}

impl ReasonView {
    /// It in one line.
    pub fn line(&self) -> &str {
        self.headline.as_deref().unwrap_or(&self.title)
    }
}
