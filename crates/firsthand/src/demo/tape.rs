//! The facts of one firm as they are made: each method is one fact, with an id of its own.

use firsthand_model::fact::{Body, Fact, Kind, Who};
use firsthand_model::{Json, Span, Text, Time};
use serde_json::Value;
use smol_str::format_smolstr;

/// How long after the fact the billing and the CRM tell of it.
const RECORDS_LATE: Span = Span::HOUR;

/// The facts of one firm.
#[derive(Debug)]
pub struct Tape {
    account: Text,
    facts: Vec<Fact>,
}

impl Tape {
    /// Begins the tape of an account.
    pub fn new(account: &str) -> Self {
        Self { account: account.into(), facts: Vec::new() }
    }

    /// What was recorded, in the order it was said.
    pub fn into_facts(self) -> Vec<Fact> {
        self.facts
    }

    /// A person did something in the product.
    pub fn did(&mut self, at: Time, user: &str, name: &str, properties: Value) {
        let body = Body::Event { name: name.into(), properties: object(properties) };
        self.put(at, Span::ZERO, self.whole(user), body);
    }

    /// Somebody whom nobody knows yet looked at content.
    pub fn visited(&mut self, at: Time, anonymous: &str, name: &str, properties: Value) {
        let body = Body::Event { name: name.into(), properties: object(properties) };
        let who = Who { anonymous: Some(anonymous.into()), ..Who::default() };
        self.put(at, Span::ZERO, who, body);
    }

    /// The visitor gave their name.
    pub fn linked(&mut self, at: Time, anonymous: &str, user: &str) {
        let who =
            Who { user: Some(user.into()), anonymous: Some(anonymous.into()), ..Who::default() };
        self.put(at, Span::ZERO, who, Body::Link);
    }

    /// A bill or a deal, as another system tells it.
    pub fn recorded(&mut self, at: Time, name: &str, properties: Value) {
        let body = Body::Record { name: name.into(), properties: object(properties) };
        self.put(at, RECORDS_LATE, self.nobody(), body);
    }

    /// Traits of the account.
    pub fn account_is(&mut self, at: Time, traits: Value) {
        let body = Body::Traits { of: Kind::Account, traits: object(traits) };
        self.put(at, Span::ZERO, self.nobody(), body);
    }

    /// Traits of a person.
    pub fn person_is(&mut self, at: Time, user: &str, traits: Value) {
        let body = Body::Traits { of: Kind::Person, traits: object(traits) };
        let who = Who { user: Some(user.into()), ..Who::default() };
        self.put(at, Span::ZERO, who, body);
    }

    /// A person joined the account.
    pub fn joined(&mut self, at: Time, user: &str, role: &str) {
        let body = Body::Membership { joined: true, role: Some(role.into()) };
        self.put(at, Span::ZERO, self.whole(user), body);
    }

    fn whole(&self, user: &str) -> Who {
        Who { user: Some(user.into()), ..self.nobody() }
    }

    fn nobody(&self) -> Who {
        Who { account: Some(self.account.clone()), ..Who::default() }
    }

    fn put(&mut self, time: Time, late: Span, who: Who, body: Body) {
        let id = format_smolstr!("{}-{}", self.account, self.facts.len() + 1);
        let known_at = Some(time + late);
        self.facts.push(Fact { id, source: super::SOURCE.into(), time, known_at, who, body });
    }
}

fn object(value: Value) -> Json {
    match value {
        Value::Object(members) => Json::from_members(&members),
        other => unreachable!("properties are written as objects here, not as {other}"),
    }
}
