//! Channels: by what messages go out.

use super::form::RATE;
use super::hubspot::{self, HUBSPOT, HubSpotChannel};
use super::keys::{Key, Section, Takes};
use super::read::{Fields, Slot};
use super::secret::Secret;
use super::value::{Count, Plain, pick};
use super::yaml::shorten;
use crate::Text;
use crate::diagnostic::{SourceText, codes};

/// One way out. Its name is what plays write behind `by:`, and what deliveries carry.
#[derive(Clone, Debug)]
pub struct Channel {
    /// Its name.
    pub name: Text,
    /// Whether anything goes out by it. What a play would send by one that is off is written down
    /// as suppressed.
    pub enabled: bool,
    /// At most so many messages a minute; what is beyond waits.
    pub per_minute: Option<u32>,
    /// What it is.
    pub kind: ChannelKind,
    /// Where it was declared.
    pub declared: SourceText,
}

/// What a channel is.
#[derive(Clone, Debug)]
pub enum ChannelKind {
    /// Messages inside the product.
    InApp(InAppChannel),
    /// Slack.
    Slack(SlackChannel),
    /// E-mail.
    Email(EmailChannel),
    /// A webhook (Standard Webhooks).
    Webhook(WebhookChannel),
    /// `HubSpot`.
    HubSpot(HubSpotChannel),
}

impl ChannelKind {
    /// The word in files, the API and messages.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::InApp(_) => "in_app",
            Self::Slack(_) => "slack",
            Self::Email(_) => "email",
            Self::Webhook(_) => "webhook",
            Self::HubSpot(_) => "hubspot",
        }
    }
}

/// Messages inside the product.
#[derive(Clone, Debug, Default)]
pub struct InAppChannel {
    /// The secrets with which the product signs who a reader is; several while one is being
    /// replaced.
    pub secrets: Vec<Secret>,
    /// The origins of the pages that may show messages, such as `https://app.acme.example`; any
    /// if empty.
    pub origins: Vec<Text>,
}

/// Slack. It has a token or an incoming webhook.
#[derive(Clone, Debug)]
pub struct SlackChannel {
    /// The token of the app's bot: then owners are written to directly.
    pub token: Option<Secret>,
    /// An incoming webhook, which leads to one channel of Slack.
    pub webhook: Option<Secret>,
    /// The channel of Slack for what is for the team, or has no owner.
    pub channel: Option<Text>,
    /// The secrets with which Slack signs presses of buttons; without one there are no buttons.
    pub signing_secrets: Vec<Secret>,
    /// Where Slack's API is.
    pub base_url: Text,
}

/// E-mail by SMTP.
#[derive(Clone, Debug)]
pub struct EmailChannel {
    /// `smtps://user:password@host:465`, or `smtp://host:587` (with STARTTLS where offered).
    pub smtp: Secret,
    /// `Name <address>`.
    pub from: Text,
    /// Where answers go, if not to the sender.
    pub reply_to: Option<Text>,
}

/// A webhook (Standard Webhooks).
#[derive(Clone, Debug)]
pub struct WebhookChannel {
    /// Where it is; may be a secret, because some hold one.
    pub url: Secret,
    /// The secrets that sign it (`whsec_…`), the newest first; all sign while one is replaced.
    pub secrets: Vec<Secret>,
    /// What is told by it; everything if empty.
    pub events: Vec<Text>,
    /// Whether it may be in a private network.
    pub allow_private: bool,
}

/// Everything that webhooks are told, with its meaning.
pub const WEBHOOK_EVENTS: &[(&str, &str)] = &[
    ("lead.opened", "a lead was opened"),
    ("lead.accepted", "a rep works on it"),
    ("lead.rejected", "a rep found that it is none"),
    ("lead.snoozed", "it was put off"),
    ("lead.reopened", "it is open again"),
    ("lead.won", "it became a sale"),
    ("lead.lost", "it became no sale"),
    ("lead.expired", "nobody did anything about it in time"),
    ("lead.withdrawn", "the data it rested on has changed"),
    ("lead.assigned", "it has another owner"),
    ("stage.changed", "an account came to another stage"),
    ("play.step", "a step of a play that is sent by this webhook"),
];

impl WebhookChannel {
    /// Whether it is told of something.
    pub fn hears(&self, event: &str) -> bool {
        self.events.is_empty() || self.events.iter().any(|it| it == event)
    }
}

pub(super) static CHANNEL: Section = Section {
    name: "a channel",
    doc: "By what messages go out: exactly one of `in_app`, `slack`, `email`, `webhook`, `hubspot`.",
    keys: &[
        Key::optional("in_app", Takes::Section(&IN_APP), "Messages inside the product."),
        Key::optional("slack", Takes::Section(&SLACK), "Messages in Slack, to the team."),
        Key::optional("email", Takes::Section(&EMAIL), "E-mail, to users and to the team."),
        Key::optional("webhook", Takes::Section(&WEBHOOK), "Signed calls of another system."),
        Key::optional("hubspot", Takes::Section(&HUBSPOT), "HubSpot, read and written."),
        Key::or("enabled", Takes::Bool, "true", "Whether anything goes out by it."),
        Key::optional(
            "at_most",
            RATE,
            "How many messages it takes; what is beyond waits. Counted by the minute.",
        ),
    ],
};

static IN_APP: Section = Section {
    name: "an in-app channel",
    doc: "Messages inside the product, shown by `/firsthand.js` or by the product itself.",
    keys: &[
        Key::optional(
            "secret",
            Takes::OneOrMany(&Takes::Secret),
            "The secret with which your server signs who a reader is; several while one is being \
             replaced. Without one the product reads the messages with an API token.",
        ),
        Key::optional(
            "origins",
            Takes::OneOrMany(&Takes::Text),
            "The origins of the pages that may show messages, such as `https://app.acme.example`; \
             any if left out.",
        ),
    ],
};

static SLACK: Section = Section {
    name: "a Slack channel",
    doc: "Messages in Slack. It needs a `token`, or a `webhook`.",
    keys: &[
        Key::optional(
            "token",
            Takes::Secret,
            "The bot token of your Slack app (`xoxb-…`); owners then get direct messages.",
        ),
        Key::optional("webhook", Takes::Secret, "The URL of an incoming webhook, instead."),
        Key::optional(
            "channel",
            Takes::Text,
            "With `token`: the channel for what is for the team or has no owner, such as `\"#leads\"`.",
        ),
        Key::optional(
            "signing_secret",
            Takes::OneOrMany(&Takes::Secret),
            "The signing secret of the app: messages then have the buttons accept, reject and snooze.",
        ),
        Key::or("base_url", Takes::Text, "https://slack.com/api", "Where Slack's API is."),
    ],
};

static EMAIL: Section = Section {
    name: "an e-mail channel",
    doc: "E-mail by SMTP.",
    keys: &[
        Key::required(
            "smtp",
            Takes::Secret,
            "The mail server: `smtps://user:password@host:465`, or `smtp://host:587`.",
        ),
        Key::required("from", Takes::Text, "The sender: `Ada of Acme <ada@acme.example>`."),
        Key::optional("reply_to", Takes::Text, "Where answers go, if not to the sender."),
    ],
};

const EVENTS: Takes = Takes::Choice(WEBHOOK_EVENTS);

static WEBHOOK: Section = Section {
    name: "a webhook channel",
    doc: "Signed calls of another system, after the Standard Webhooks specification.",
    keys: &[
        Key::required("url", Takes::Secret, "Where it is."),
        Key::required(
            "secret",
            Takes::OneOrMany(&Takes::Secret),
            "The secret that signs it (`whsec_…`); while it is being replaced the new one and the \
             old one.",
        ),
        Key::optional(
            "events",
            Takes::OneOrMany(&EVENTS),
            "What is told by it, play or no play; everything if left out.",
        ),
        Key::or(
            "allow_private",
            Takes::Bool,
            "false",
            "Whether it may be in a private network, or on this machine.",
        ),
    ],
};

pub(super) fn read(name: &SourceText, slot: &Slot<'_>) -> Option<Channel> {
    const KINDS: [&str; 5] = ["in_app", "slack", "email", "webhook", "hubspot"];
    let fields = slot.fields()?;
    let written: Vec<&str> = KINDS.into_iter().filter(|it| fields.mentions(it)).collect();
    let [kind] = written.as_slice() else {
        let message = match written.as_slice() {
            [] => "a channel that does not say what it is".to_owned(),
            several => format!("a channel that is {} at once", several.join(" and ")),
        };
        let help = "Write exactly one of `in_app:`, `slack:`, `email:`, `webhook:` and `hubspot:`.";
        slot.error(codes::MISSING_KEY, message, help);
        return None;
    };
    let inner = fields.section(kind)?;
    let kind = match *kind {
        "in_app" => ChannelKind::InApp(InAppChannel {
            secrets: secrets(&inner, "secret"),
            origins: origins(&inner),
        }),
        "slack" => ChannelKind::Slack(read_slack(&inner)?),
        "email" => ChannelKind::Email(read_email(&inner)?),
        "webhook" => ChannelKind::Webhook(read_webhook(&inner)?),
        _ => ChannelKind::HubSpot(hubspot::read(&inner)?),
    };
    Some(Channel {
        name: name.text.clone(),
        enabled: fields.value("enabled").unwrap_or(true),
        per_minute: fields.get("at_most").and_then(|it| per_minute(&it)),
        kind,
        declared: name.clone(),
    })
}

/// How many go out a minute; at least one.
fn per_minute(slot: &Slot<'_>) -> Option<u32> {
    let text = slot.text()?;
    let each =
        |count: &str| if count == "once" { Some(1) } else { Count::read(count).map(|it| it.0) };
    let (count, per) = text.trim().split_once(" per ").unwrap_or_default();
    let minute = pick(per.trim(), &[("second", 60), ("minute", 1), ("min", 1), ("s", 60)]);
    let Some((count, times)) = each(count).zip(minute) else {
        let message = format!("`at_most` cannot be `{}`", shorten(&text));
        let help = "Write a number and a time such as `10 per second` or `60 per minute`.";
        slot.error(codes::WRONG_VALUE, message, help);
        return None;
    };
    Some(count.saturating_mul(times))
}

pub(super) fn secrets(fields: &Fields<'_>, key: &str) -> Vec<Secret> {
    fields.texts(key).into_iter().map(|it| Secret::new(it.trim())).collect()
}

fn secret(fields: &Fields<'_>, key: &str) -> Option<Secret> {
    fields.text(key).map(|it| Secret::new(it.trim()))
}

fn origins(fields: &Fields<'_>) -> Vec<Text> {
    let slots = fields.get("origins").map(|it| it.one_or_many()).unwrap_or_default();
    let origin = |slot: &Slot<'_>| {
        let text = slot.text()?;
        let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        if host.is_none_or(|it| it.is_empty() || it.contains('/')) {
            let message = format!("`{}` is not the origin of a page", shorten(&text));
            let help = "Write scheme and host, such as `https://app.acme.example`.";
            slot.error(codes::WRONG_VALUE, message, help);
            return None;
        }
        Some(text)
    };
    slots.iter().filter_map(origin).collect()
}

fn read_slack(fields: &Fields<'_>) -> Option<SlackChannel> {
    if fields.has("webhook") {
        let why = "has no place beside `webhook`, which leads to one channel";
        fields.refuse(&["token", "channel"], why, "Keep one of the two.");
    } else if !fields.has("token") {
        let help = "Add `token: env:SLACK_TOKEN`, or `webhook: env:SLACK_WEBHOOK`.";
        fields.error(codes::MISSING_KEY, "a Slack channel needs `token` or `webhook`", help);
        return None;
    } else if !fields.has("channel") {
        let help = "Add `channel: \"#leads\"`: leads may have no owner.";
        fields.error(codes::MISSING_KEY, "a Slack channel with a `token` needs `channel`", help);
    }
    Some(SlackChannel {
        token: secret(fields, "token"),
        webhook: secret(fields, "webhook"),
        channel: fields.text("channel"),
        signing_secrets: secrets(fields, "signing_secret"),
        base_url: fields.text("base_url").unwrap_or_else(|| "https://slack.com/api".into()),
    })
}

fn read_email(fields: &Fields<'_>) -> Option<EmailChannel> {
    let address = |key: &str| {
        let slot = fields.get(key)?;
        let text = slot.text()?;
        let bare = text.rsplit_once('<').map_or(text.as_str(), |(_, it)| it.trim_end_matches('>'));
        let (local, domain) = bare.trim().split_once('@').unwrap_or_default();
        if local.is_empty() || domain.is_empty() || bare.contains(char::is_whitespace) {
            let message = format!("`{}` is not an e-mail address", shorten(&text));
            let help = "Write `ada@acme.example`, or `Ada of Acme <ada@acme.example>`.";
            slot.error(codes::WRONG_VALUE, message, help);
            return None;
        }
        Some(text)
    };
    let reply_to = address("reply_to");
    Some(EmailChannel { smtp: secret(fields, "smtp")?, from: address("from")?, reply_to })
}

fn read_webhook(fields: &Fields<'_>) -> Option<WebhookChannel> {
    let events = fields.get("events").map(|it| it.one_or_many()).unwrap_or_default();
    let event = |slot: &Slot<'_>| slot.value::<WebhookEvent>().map(|it| Text::new_static(it.0));
    let webhook = WebhookChannel {
        secrets: secrets(fields, "secret"),
        events: events.iter().filter_map(event).collect(),
        allow_private: fields.value("allow_private").unwrap_or(false),
        url: secret(fields, "url")?,
    };
    (!webhook.secrets.is_empty()).then_some(webhook)
}

/// One of the words that webhooks are told by.
struct WebhookEvent(&'static str);

impl Plain for WebhookEvent {
    fn read(text: &str) -> Option<Self> {
        WEBHOOK_EVENTS.iter().find(|(word, _)| *word == text).map(|(word, _)| Self(word))
    }
}
