//! One event of Stripe, and whom it is about.

use firsthand_model::config::{StripeAccount, StripeRules};
use firsthand_model::fact::{Body, Kind, Who};
use firsthand_model::{Json, Span, Text, Time};
use serde_json::Value;

use crate::draft::{Envelope, Fault, Out, must_name_someone};
use crate::json::{ObjectWriter, write_string};
use crate::report::RejectCode;

/// One event of Stripe.
pub(super) struct Event<'a> {
    /// `customer.subscription.updated`.
    pub kind: &'a str,
    /// The object it is about, as it is after the event.
    pub object: &'a Value,
    /// What was different before.
    pub previous: &'a Value,
    pub rules: &'a StripeRules,
    envelope: Envelope,
}

impl<'a> Event<'a> {
    pub(super) fn of(
        value: &'a Value,
        rules: &'a StripeRules,
        received_at: Time,
    ) -> Result<Self, Fault> {
        let text = |name: &str| value[name].as_str().filter(|it| !it.is_empty());
        let (Some(id), Some(kind)) = (text("id"), text("type")) else {
            let reason = "the body is no event of Stripe: it has no `id` and `type`";
            return Err(Fault::new(RejectCode::OtherShape, reason));
        };
        let Some(created) = value["created"].as_i64() else {
            return Err(Fault::at(RejectCode::NoTime, "created", "the event has no `created`"));
        };
        let object = &value["data"]["object"];
        if !object.is_object() {
            let reason = "the event is about no object";
            return Err(Fault::at(RejectCode::OtherShape, "data.object", reason));
        }
        // Stripe counts whole seconds. Of the events of one second those come last that end things.
        let time = seconds(created).saturating_add(Span(place_in_second(kind)));
        let who = who(object, rules);
        must_name_someone(&who)?;
        let time = time.min(received_at);
        let envelope = Envelope { id: Some(id.into()), time, known_at: None, who };
        Ok(Self { kind, object, previous: &value["data"]["previous_attributes"], rules, envelope })
    }

    /// Adds something recorded about the account.
    pub(super) fn record(&self, part: &str, name: &str, properties: Json, out: &mut Out<'_>) {
        let body = Body::Record { name: name.into(), properties };
        out.fact(&self.envelope, part, self.envelope.who.clone(), body);
    }

    /// Adds traits of the account.
    pub(super) fn traits(&self, traits: Json, out: &mut Out<'_>) {
        let body = Body::Traits { of: Kind::Account, traits };
        out.fact(&self.envelope, "traits", self.envelope.who.clone(), body);
    }

    /// Ties the customer to the account, for objects that name only the customer.
    pub(super) fn ties_customer(&self, out: &mut Out<'_>) {
        let Some(customer) = customer(self.object) else {
            return;
        };
        let Envelope { who, .. } = &self.envelope;
        let part = "customer";
        if let Some(account) = who.account.clone().filter(|it| *it != customer) {
            let user = Some(customer);
            let who = Who { user, anonymous: None, account: Some(account) };
            out.fact(&self.envelope, part, who, Body::Membership { joined: true, role: None });
        } else if let Some(user) = who.user.clone().filter(|it| *it != customer) {
            let who = Who { user: Some(user), ..Who::default() };
            out.fact(&self.envelope, part, who, Body::Alias { other: customer });
        }
    }
}

pub(super) fn seconds(count: i64) -> Time {
    Time(0).saturating_add(Span::SECOND.times(count))
}

/// Microseconds by which an event comes after others of its second.
fn place_in_second(kind: &str) -> i64 {
    match kind.rsplit('.').next() {
        Some("created" | "completed") => 0,
        Some("deleted") => 2,
        _ => 1,
    }
}

/// Whom an object is about: the account where it says so, else the customer, or the person of the
/// customer's e-mail.
fn who(object: &Value, rules: &StripeRules) -> Who {
    let account = match &rules.account {
        StripeAccount::Metadata(key) => METADATA.iter().find_map(|it| {
            let metadata = object.pointer(it)?;
            metadata.get(key.as_str()).and_then(id)
        }),
        StripeAccount::ClientReferenceId => object.get("client_reference_id").and_then(id),
        StripeAccount::Customer => customer(object),
        StripeAccount::Email => None,
    };
    if account.is_some() {
        return Who { account, ..Who::default() };
    }
    let email = || EMAILS.iter().find_map(|it| object.pointer(it).and_then(id));
    let user = match rules.account {
        StripeAccount::Email => email().or_else(|| customer(object)),
        _ => customer(object),
    };
    Who { user, ..Who::default() }
}

/// Where metadata lies; of an invoice that of its subscription, by the older and newer API.
const METADATA: [&str; 3] =
    ["/metadata", "/subscription_details/metadata", "/parent/subscription_details/metadata"];
/// Where the customer's e-mail lies.
const EMAILS: [&str; 4] =
    ["/customer_email", "/customer_details/email", "/email", "/receipt_email"];

/// The customer's id: by itself, or of the whole customer.
fn customer(object: &Value) -> Option<Text> {
    if object["object"] == "customer" {
        return object.get("id").and_then(id);
    }
    let customer = object.get("customer")?;
    id(customer).or_else(|| customer.get("id").and_then(id))
}

fn id(value: &Value) -> Option<Text> {
    let text = match value {
        Value::String(text) => Text::new(text.trim()),
        Value::Number(number) => number.to_string().into(),
        _ => return None,
    };
    let fits = !text.is_empty() && text.len() <= firsthand_model::fact::ID_BYTES_MAX;
    fits.then_some(text)
}

/// Builds the JSON of traits and properties, leaving out what is not there.
pub(super) struct Said(ObjectWriter);

impl Said {
    pub(super) fn new() -> Self {
        Self(ObjectWriter::new())
    }

    pub(super) fn text(mut self, name: &str, value: Option<&str>) -> Self {
        if let Some(value) = value {
            write_string(self.0.member(name), value);
        }
        self
    }

    /// Adds a number or a truth value.
    pub(super) fn plain(mut self, name: &str, value: Option<impl std::fmt::Display>) -> Self {
        if let Some(value) = value {
            self.0.member(name).push_str(&value.to_string());
        }
        self
    }

    pub(super) fn time(self, name: &str, value: Option<Time>) -> Self {
        let text = value.map(|it| it.to_string());
        self.text(name, text.as_deref())
    }

    /// Says that there is none: a trait is removed by it.
    pub(super) fn none(mut self, name: &str) -> Self {
        self.0.member(name).push_str("null");
        self
    }

    pub(super) fn done(self) -> Json {
        self.0.finish()
    }
}
