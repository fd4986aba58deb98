//! The facts of one company as they are made: each method is one fact, with an id of its own.

use std::fmt::Write as _;

use firsthand_model::fact::{Body, Fact, Kind, Who};
use firsthand_model::{Json, Span, Text, Time};
use smol_str::format_smolstr;

use crate::SOURCE;

/// How long after the fact the billing and the CRM tell of it.
const RECORDS_LATE: Span = Span::HOUR;

/// The facts of one company.
#[derive(Debug)]
pub(crate) struct Tape {
    /// What the ids of facts begin with; unique among companies.
    key: Text,
    facts: Vec<Fact>,
    /// Events and records among the facts.
    events: u64,
    /// Where properties are written before they are boxed.
    scratch: String,
    /// Nothing is kept: a life is played only to see how it ends.
    mute: bool,
}

impl Tape {
    /// Begins the tape of a company.
    pub fn new(key: Text) -> Self {
        Self { key, facts: Vec::new(), events: 0, scratch: String::new(), mute: false }
    }

    /// A tape that keeps nothing.
    pub fn mute() -> Self {
        Self { mute: true, ..Self::new(Text::default()) }
    }

    /// What was recorded, in the order it was said.
    pub fn into_facts(self) -> Vec<Fact> {
        self.facts
    }

    /// How many events and records there are.
    pub const fn events(&self) -> u64 {
        self.events
    }

    /// A person did something in the product.
    pub fn did(
        &mut self,
        at: Time,
        user: &Text,
        account: &Text,
        name: &'static str,
        properties: impl FnOnce(&mut Properties<'_>),
    ) {
        if self.mute {
            return;
        }
        let properties = self.object(properties);
        let who = Who { user: Some(user.clone()), anonymous: None, account: Some(account.clone()) };
        self.events += 1;
        self.put(at, at, who, Body::Event { name: Text::new_static(name), properties });
    }

    /// Somebody whom nobody knows yet looked at something.
    pub fn visited(
        &mut self,
        at: Time,
        device: &Text,
        name: &'static str,
        properties: impl FnOnce(&mut Properties<'_>),
    ) {
        if self.mute {
            return;
        }
        let properties = self.object(properties);
        let who = Who { anonymous: Some(device.clone()), ..Who::default() };
        self.events += 1;
        self.put(at, at, who, Body::Event { name: Text::new_static(name), properties });
    }

    /// A bill or a deal, as another system tells it.
    pub fn recorded(
        &mut self,
        at: Time,
        account: &Text,
        name: &'static str,
        properties: impl FnOnce(&mut Properties<'_>),
    ) {
        if self.mute {
            return;
        }
        let properties = self.object(properties);
        let who = Who { account: Some(account.clone()), ..Who::default() };
        self.events += 1;
        let body = Body::Record { name: Text::new_static(name), properties };
        self.put(at, at + RECORDS_LATE, who, body);
    }

    /// Traits of an account.
    pub fn account_is(
        &mut self,
        at: Time,
        account: &Text,
        traits: impl FnOnce(&mut Properties<'_>),
    ) {
        if self.mute {
            return;
        }
        let traits = self.object(traits);
        let who = Who { account: Some(account.clone()), ..Who::default() };
        self.put(at, at, who, Body::Traits { of: Kind::Account, traits });
    }

    /// Traits of a person.
    pub fn person_is(&mut self, at: Time, user: &Text, traits: impl FnOnce(&mut Properties<'_>)) {
        if self.mute {
            return;
        }
        let traits = self.object(traits);
        let who = Who { user: Some(user.clone()), ..Who::default() };
        self.put(at, at, who, Body::Traits { of: Kind::Person, traits });
    }

    /// The device turned out to be this person's.
    pub fn linked(&mut self, at: Time, device: &Text, user: &Text) {
        let who =
            Who { user: Some(user.clone()), anonymous: Some(device.clone()), ..Who::default() };
        self.put(at, at, who, Body::Link);
    }

    /// The two ids are one person.
    pub fn alias(&mut self, at: Time, user: &Text, other: &Text) {
        let who = Who { user: Some(user.clone()), ..Who::default() };
        self.put(at, at, who, Body::Alias { other: other.clone() });
    }

    /// A person joined the account.
    pub fn joined(&mut self, at: Time, user: &Text, account: &Text, role: &'static str) {
        let who = Who { user: Some(user.clone()), anonymous: None, account: Some(account.clone()) };
        let role = Some(Text::new_static(role));
        self.put(at, at, who, Body::Membership { joined: true, role });
    }

    fn put(&mut self, time: Time, known_at: Time, who: Who, body: Body) {
        if self.mute {
            return;
        }
        let id = format_smolstr!("{}-{}", self.key, self.facts.len() + 1);
        let source = Text::new_static(SOURCE);
        self.facts.push(Fact { id, source, time, known_at: Some(known_at), who, body });
    }

    fn object(&mut self, write: impl FnOnce(&mut Properties<'_>)) -> Json {
        self.scratch.clear();
        self.scratch.push('{');
        write(&mut Properties(&mut self.scratch));
        self.scratch.push('}');
        Json::from_written(&self.scratch)
    }
}

/// Writes the members of a JSON object. Names and texts are this world's own, so that nothing in
/// them needs escaping.
pub(crate) struct Properties<'t>(&'t mut String);

impl Properties<'_> {
    /// A text.
    pub fn text(&mut self, name: &str, text: &str) -> &mut Self {
        self.name(name);
        self.0.push('"');
        self.0.push_str(text);
        self.0.push('"');
        self
    }

    /// A whole number.
    pub fn number(&mut self, name: &str, number: i64) -> &mut Self {
        self.name(name);
        write!(self.0, "{number}").expect("writing to a text cannot fail");
        self
    }

    fn name(&mut self, name: &str) {
        if self.0.len() > 1 {
            self.0.push(',');
        }
        self.0.push('"');
        self.0.push_str(name);
        self.0.push_str("\":");
    }
}
