//! Sources: who may send facts to the running server, and how what they send is read.

use std::collections::BTreeMap;

use super::keys::{Key, Section, Takes};
use super::names::check_name;
use super::read::{Fields, Slot};
use super::secret::Secret;
use super::value::{Count, Plain, pick};
use super::yaml::shorten;
use crate::diagnostic::{SourceText, codes};
use crate::{Span, Text};

/// One source of facts over HTTP. Its name is that of the facts' source.
#[derive(Clone, Debug)]
pub struct Source {
    /// Its name.
    pub name: Text,
    /// The keys by which a call is known to come from it; several while one is being replaced.
    pub keys: Vec<Secret>,
    /// What it may speak.
    pub accepts: Vec<Protocol>,
    /// Names and globs of events that are dropped at the door.
    pub drop: Vec<Text>,
    /// Whose clock is believed.
    pub clock: Clock,
    /// The longest difference of clocks that is corrected; a longer one is no clock that is wrong
    /// but a call sent late.
    pub skew_max: Span,
    /// `PostHog`'s group type that is the account.
    pub account_group: Text,
    /// Snowplow trackers.
    pub snowplow: SnowplowRules,
    /// `CloudEvents`.
    pub cloudevents: CloudEventRules,
    /// Webhooks of Stripe.
    pub stripe: Option<StripeRules>,
    /// How much it may send.
    pub limits: SourceLimits,
}

/// How much a source may send; where nothing is said, what the server allows everybody.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SourceLimits {
    /// Events a second, over time; twice as many may come at once.
    pub events_per_second: Option<u32>,
    /// The size of a call's body, as sent, in bytes.
    pub body_bytes: Option<u32>,
}

/// What a source may speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    /// Segment's and `RudderStack`'s tracking calls.
    Segment,
    /// `PostHog`'s capture calls.
    PostHog,
    /// The Snowplow tracker protocol.
    Snowplow,
    /// `CloudEvents` in JSON.
    CloudEvents,
    /// The program's own form.
    Facts,
    /// Signed webhooks of Stripe.
    Stripe,
}

impl Protocol {
    /// Every protocol, with its word.
    pub const ALL: [(&str, Self); 6] = [
        ("segment", Self::Segment),
        ("posthog", Self::PostHog),
        ("snowplow", Self::Snowplow),
        ("cloudevents", Self::CloudEvents),
        ("facts", Self::Facts),
        ("stripe", Self::Stripe),
    ];

    /// The word in files, messages and metrics.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Segment => "segment",
            Self::PostHog => "posthog",
            Self::Snowplow => "snowplow",
            Self::CloudEvents => "cloudevents",
            Self::Facts => "facts",
            Self::Stripe => "stripe",
        }
    }
}

impl Plain for Protocol {
    fn read(text: &str) -> Option<Self> {
        pick(text, &Self::ALL)
    }
}

/// Whose clock is believed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Clock {
    /// Ours: the sender's times are moved by the difference of the clocks, as the protocol tells.
    #[default]
    Ours,
    /// The sender's: times are taken as they are. Servers keep their clocks right, and some clients
    /// make a call that is sent again look as if their clock were late.
    Theirs,
}

impl Plain for Clock {
    fn read(text: &str) -> Option<Self> {
        pick(text, &[("ours", Self::Ours), ("theirs", Self::Theirs)])
    }
}

/// How Snowplow's events are read.
#[derive(Clone, Debug)]
pub struct SnowplowRules {
    /// App ids (`aid`) by which a call is known to come from the source; trackers send no key.
    pub app_ids: Vec<Text>,
    /// The schema of the context that names the account, without version:
    /// `iglu:com.acme/account/jsonschema`.
    pub account_context: Option<Text>,
    /// The member of that context that is the account's id.
    pub account_key: Text,
}

impl Default for SnowplowRules {
    fn default() -> Self {
        Self { app_ids: Vec::new(), account_context: None, account_key: "id".into() }
    }
}

/// Where a `CloudEvent` says whom it is about: attributes, or paths such as `data.user.id`.
#[derive(Clone, Debug)]
pub struct CloudEventRules {
    /// The person.
    pub person: Text,
    /// The anonymous id.
    pub anonymous: Text,
    /// The account.
    pub account: Text,
}

impl Default for CloudEventRules {
    fn default() -> Self {
        let (person, anonymous, account) =
            ("subject".into(), "anonymousid".into(), "accountid".into());
        Self { person, anonymous, account }
    }
}

/// How webhooks of Stripe are read.
#[derive(Clone, Debug)]
pub struct StripeRules {
    /// The signing secrets; several while one is being replaced.
    pub secrets: Vec<Secret>,
    /// What names the account.
    pub account: StripeAccount,
    /// Our plan ids by Stripe's price, product or lookup key.
    pub plans: BTreeMap<Text, Text>,
    /// The plan of an account whose subscription has ended; without it the trait is removed.
    pub plan_after: Option<Text>,
}

/// What names the account in an object of Stripe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StripeAccount {
    /// A key of the metadata of the customer, the subscription or the checkout.
    Metadata(Text),
    /// What the checkout was told to refer to.
    ClientReferenceId,
    /// The customer's e-mail, which is the id of a person of the account.
    Email,
    /// The customer's own id.
    Customer,
}

impl Plain for StripeAccount {
    fn read(text: &str) -> Option<Self> {
        if let Some(key) = text.strip_prefix("metadata.").filter(|it| !it.is_empty()) {
            return Some(Self::Metadata(key.into()));
        }
        let words = [("client_reference_id", 0), ("email", 1), ("customer", 2)];
        Some(match pick(text, &words)? {
            0 => Self::ClientReferenceId,
            1 => Self::Email,
            _ => Self::Customer,
        })
    }
}

const PROTOCOLS: &[(&str, &str)] = &[
    ("segment", "Segment and RudderStack clients"),
    ("posthog", "PostHog clients"),
    ("snowplow", "Snowplow trackers"),
    ("cloudevents", "CloudEvents in JSON"),
    ("facts", "the form that `firsthand export` writes"),
];

const CLOCKS: &[(&str, &str)] = &[
    ("ours", "times are moved by the difference of the clocks, as the protocol tells"),
    ("theirs", "times are taken as they are"),
];

pub(super) static SOURCE: Section = Section {
    name: "a source",
    doc: "Who may send facts to the running server.",
    keys: &[
        Key::optional(
            "key",
            Takes::OneOrMany(&Takes::Secret),
            "The write key that its clients send; several while one is being replaced.",
        ),
        Key::optional(
            "accepts",
            Takes::OneOrMany(&Takes::Choice(PROTOCOLS)),
            "What it may speak; anything if left out.",
        ),
        Key::optional(
            "drop",
            Takes::OneOrMany(&Takes::EventNames),
            "Events dropped at the door, beside `events.ignore`.",
        ),
        Key::or("clock", Takes::Choice(CLOCKS), "ours", "Whose clock is believed."),
        Key::or(
            "skew_max",
            Takes::Duration,
            "1d",
            "The longest difference of clocks that is corrected.",
        ),
        Key::optional("posthog", Takes::Section(&POSTHOG), "How PostHog's events are read."),
        Key::optional("snowplow", Takes::Section(&SNOWPLOW), "How Snowplow's events are read."),
        Key::optional(
            "cloudevents",
            Takes::Section(&CLOUDEVENTS),
            "Where CloudEvents say whom they are about.",
        ),
        Key::optional(
            "stripe",
            Takes::Section(&STRIPE),
            "Signed webhooks of Stripe, sent to `/webhooks/NAME`.",
        ),
        Key::optional("limits", Takes::Section(&LIMITS), "How much it may send."),
    ],
};

static LIMITS: Section = Section {
    name: "the limits of a source",
    doc: "How much a source may send; what the server allows everybody, if left out.",
    keys: &[
        Key::optional(
            "events_per_second",
            Takes::Count,
            "Events a second, over time; twice as many may come at once. Beyond that calls are \
             answered 429 and come again.",
        ),
        Key::optional(
            "body_bytes",
            Takes::Count,
            "The size of a call's body, as sent; a larger one is answered 413.",
        ),
    ],
};

static POSTHOG: Section = Section {
    name: "the PostHog rules",
    doc: "How PostHog's events are read.",
    keys: &[Key::or(
        "account_group",
        Takes::Property,
        "company",
        "The type of group that is the account.",
    )],
};

static SNOWPLOW: Section = Section {
    name: "the Snowplow rules",
    doc: "How Snowplow's events are read.",
    keys: &[
        Key::optional(
            "app_id",
            Takes::OneOrMany(&Takes::Property),
            "The app ids by which its calls are known: trackers send no key.",
        ),
        Key::optional(
            "account_context",
            Takes::Property,
            "The schema of the context that names the account, without version, such as \
             `iglu:com.acme/account/jsonschema`.",
        ),
        Key::or("account_key", Takes::Property, "id", "The member of it that is the account's id."),
    ],
};

static CLOUDEVENTS: Section = Section {
    name: "the CloudEvents rules",
    doc: "Where CloudEvents say whom they are about: an attribute, or a path such as `data.user`.",
    keys: &[
        Key::or("person", Takes::Property, "subject", "The person's id."),
        Key::or("anonymous", Takes::Property, "anonymousid", "The anonymous id."),
        Key::or("account", Takes::Property, "accountid", "The account's id."),
    ],
};

static STRIPE: Section = Section {
    name: "the Stripe rules",
    doc: "How webhooks of Stripe become the plan, the trial and the records of an account.",
    keys: &[
        Key::required(
            "secret",
            Takes::OneOrMany(&Takes::Secret),
            "The signing secret of the webhook; several while one is being replaced.",
        ),
        Key::or(
            "account",
            Takes::Property,
            "customer",
            "What names the account: `metadata.KEY`, `client_reference_id`, `email` (the id of a \
             person of the account), or `customer` (Stripe's own id).",
        ),
        Key::optional(
            "plans",
            Takes::Map("prices, products or lookup keys of Stripe", &Takes::Reference("a plan")),
            "Your plans by what Stripe calls them; its lookup key or price id if left out.",
        ),
        Key::optional(
            "plan_after",
            Takes::Reference("a plan"),
            "The plan of an account whose subscription has ended; none if left out.",
        ),
    ],
};

pub(super) fn read(name: &SourceText, slot: &Slot<'_>) -> Option<Source> {
    let fields = slot.fields()?;
    let source = Source {
        name: name.text.clone(),
        keys: secrets(&fields, "key"),
        accepts: accepts(&fields),
        drop: fields.texts("drop"),
        clock: fields.value("clock").unwrap_or_default(),
        skew_max: fields.value("skew_max").unwrap_or(Span::DAY),
        account_group: fields
            .fields("posthog")
            .and_then(|it| it.text("account_group"))
            .unwrap_or_else(|| "company".into()),
        snowplow: fields.fields("snowplow").map(|it| read_snowplow(&it)).unwrap_or_default(),
        cloudevents: fields
            .fields("cloudevents")
            .map(|it| read_cloudevents(&it))
            .unwrap_or_default(),
        stripe: fields.fields("stripe").and_then(|it| read_stripe(&it)),
        limits: fields.fields("limits").map(|it| read_limits(&it)).unwrap_or_default(),
    };
    let is_known_by =
        ["key", "stripe"].iter().any(|it| fields.has(it)) || !source.snowplow.app_ids.is_empty();
    if !is_known_by {
        slot.error(
            codes::MISSING_KEY,
            "nothing says which calls come from this source",
            "Add `key: env:NAME` with the write key in that environment variable, or `stripe:`, \
             or `snowplow:` with an `app_id`.",
        );
        return None;
    }
    Some(source)
}

fn secrets(fields: &Fields<'_>, key: &str) -> Vec<Secret> {
    fields.texts(key).into_iter().map(|it| Secret::new(it.trim())).collect()
}

/// What a source may speak: all that is tracked, unless it says which; webhooks have rules of their
/// own.
fn accepts(fields: &Fields<'_>) -> Vec<Protocol> {
    let Some(slot) = fields.get("accepts") else {
        let all = Protocol::ALL.into_iter().map(|(_, it)| it);
        return all.filter(|it| *it != Protocol::Stripe).collect();
    };
    slot.one_or_many().iter().filter_map(Slot::value).collect()
}

fn read_limits(fields: &Fields<'_>) -> SourceLimits {
    let count = |key| fields.value(key).map(|Count(count)| count);
    SourceLimits { events_per_second: count("events_per_second"), body_bytes: count("body_bytes") }
}

fn read_snowplow(fields: &Fields<'_>) -> SnowplowRules {
    let rules = SnowplowRules::default();
    SnowplowRules {
        app_ids: fields.texts("app_id"),
        account_context: fields.text("account_context"),
        account_key: fields.text("account_key").unwrap_or(rules.account_key),
    }
}

fn read_cloudevents(fields: &Fields<'_>) -> CloudEventRules {
    let rules = CloudEventRules::default();
    CloudEventRules {
        person: fields.text("person").unwrap_or(rules.person),
        anonymous: fields.text("anonymous").unwrap_or(rules.anonymous),
        account: fields.text("account").unwrap_or(rules.account),
    }
}

fn read_stripe(fields: &Fields<'_>) -> Option<StripeRules> {
    let secrets = secrets(fields, "secret");
    let plan = |slot: &Slot<'_>| {
        let name = slot.source()?;
        fields.reader.refer(super::check::Referent::Plan, name.clone());
        Some(name.text)
    };
    let account = fields.get("account").and_then(|it| read_account(&it));
    let plans = fields.entries("plans");
    Some(StripeRules {
        account: account.unwrap_or(StripeAccount::Customer),
        plans: plans
            .iter()
            .filter_map(|(price, slot)| Some((price.text.clone(), plan(slot)?)))
            .collect(),
        plan_after: fields.get("plan_after").and_then(|it| plan(&it)),
        secrets,
    })
    .filter(|it| !it.secrets.is_empty())
}

fn read_account(slot: &Slot<'_>) -> Option<StripeAccount> {
    let written = slot.text()?;
    let account = StripeAccount::read(written.trim());
    if account.is_none() {
        let message = format!("`account` cannot be `{}`", shorten(&written));
        let help = "Write `metadata.KEY`, `client_reference_id`, `email` or `customer`.";
        slot.error(codes::WRONG_VALUE, message, help);
    }
    account
}

/// Checks the names of all sources, and that none speaks with the key of another where that can be
/// seen in the file.
pub(super) fn read_all(fields: &Fields<'_>) -> BTreeMap<Text, Source> {
    let mut all: BTreeMap<Text, Source> = BTreeMap::new();
    for (name, slot) in fields.entries("sources") {
        check_name(fields.reader, "a source", &name);
        let Some(source) = read(&name, &slot) else {
            continue;
        };
        let twice = all.values().find(|it| it.keys.iter().any(|key| source.keys.contains(key)));
        if let Some(other) = twice {
            let message = format!("`{}` has the key of `{}`", source.name, other.name);
            slot.error(codes::REPEATED, message, "Give each source a key of its own.");
            continue;
        }
        all.insert(name.text, source);
    }
    all
}
