//! The channels of the configuration, and the worker that sends through them.

use std::borrow::Cow;
use std::sync::Arc;

use firsthand_deliver::email::{EmailChannel as Email, EmailSettings, UnsubscribeLink};
use firsthand_deliver::http::Network;
use firsthand_deliver::hubspot::{HubSpot, HubSpotSettings, Overwrite, PropertyKind};
use firsthand_deliver::slack::{Slack, SlackSettings};
use firsthand_deliver::webhook::{Webhook, WebhookSettings};
use firsthand_deliver::{Channel as Sends, DELAY_BOUNDS_S, LaneStatus, SetupError, Way, Worker};
use firsthand_model::Text;
use firsthand_model::config::{
    self, Channel, ChannelKind, CrmField, Environment, HubSpotChannel, PersonField, Project, Secret,
};
use firsthand_store::Commit;
use firsthand_web::backend::{Family, FamilyKind, Histogram, Sample, SampleValue};

use crate::exit::Misuse;

/// Every channel that is on and through which messages are sent.
///
/// # Errors
/// Where a secret is missing or a channel cannot be set up, with the channel's name.
pub fn ways(
    project: &Project,
    environment: &Environment<'_>,
    unsubscribe: Option<&UnsubscribeLink>,
) -> anyhow::Result<Vec<Way>> {
    let is_sent = |it: &&Channel| it.enabled && !matches!(it.kind, ChannelKind::InApp(_));
    let mut channels = project.channels.values().filter(is_sent).peekable();
    if channels.peek().is_none() {
        return Ok(Vec::new());
    }
    let network = network()?;
    let mut ways = Vec::new();
    for channel in channels {
        if let Some(sends) = sends(channel, environment, unsubscribe, &network)? {
            let name = channel.name.clone();
            ways.push(Way { name, channel: sends, per_minute: channel.per_minute });
        }
    }
    Ok(ways)
}

/// What channels make their calls by.
///
/// # Errors
/// Where the system has no certificates.
pub fn network() -> Result<Network, Misuse> {
    Network::new().map_err(|it| Misuse::new(it.to_string()).help(it.help()))
}

/// What sends through a channel; nothing where people come for their messages themselves.
fn sends(
    channel: &Channel,
    environment: &Environment<'_>,
    unsubscribe: Option<&UnsubscribeLink>,
    network: &Network,
) -> anyhow::Result<Option<Arc<dyn Sends>>> {
    let reveal = |secret: &Secret| reveal(channel, secret, environment);
    let bad = |error: SetupError| bad_channel(channel, &error);
    Ok(Some(match &channel.kind {
        ChannelKind::InApp(_) => return Ok(None),
        ChannelKind::Slack(it) => {
            let settings = SlackSettings {
                token: it.token.as_ref().map(reveal).transpose()?,
                webhook: it.webhook.as_ref().map(reveal).transpose()?,
                fallback: it.channel.clone(),
                base_url: it.base_url.to_string(),
            };
            Arc::new(Slack::new(&settings, network).map_err(bad)?)
        }
        ChannelKind::Email(it) => {
            let settings = EmailSettings {
                smtp: reveal(&it.smtp)?,
                from: it.from.to_string(),
                reply_to: it.reply_to.as_ref().map(Text::to_string),
                unsubscribe: unsubscribe.cloned(),
            };
            Arc::new(Email::new(&settings).map_err(bad)?)
        }
        ChannelKind::Webhook(it) => {
            let settings = WebhookSettings {
                url: reveal(&it.url)?,
                secrets: it.secrets.iter().map(reveal).collect::<Result<_, _>>()?,
                allow_private: it.allow_private,
            };
            Arc::new(Webhook::new(&settings, network).map_err(bad)?)
        }
        ChannelKind::HubSpot(it) => {
            let settings = hubspot_settings(channel, it, environment)?;
            Arc::new(HubSpot::new(settings, network).map_err(bad)?)
        }
    }))
}

/// How `HubSpot` is reached, and what may be done there.
///
/// # Errors
/// Where the token is missing.
pub fn hubspot_settings(
    channel: &Channel,
    hubspot: &HubSpotChannel,
    environment: &Environment<'_>,
) -> anyhow::Result<HubSpotSettings> {
    let contacts = hubspot.contacts.iter().flat_map(|it| &it.properties);
    Ok(HubSpotSettings {
        token: reveal(channel, &hubspot.token, environment)?,
        base_url: hubspot.base_url.to_string(),
        version: hubspot.version.to_string(),
        overwrite: match hubspot.overwrite {
            config::Overwrite::Ours => Overwrite::Ours,
            config::Overwrite::Always => Overwrite::Always,
            config::Overwrite::Empty => Overwrite::Empty,
        },
        properties: hubspot.properties.iter().map(|(name, it)| (name.clone(), kind(it))).collect(),
        contact_properties: contacts.map(|(name, it)| (name.clone(), person_kind(it))).collect(),
    })
}

/// What a property of a company holds.
fn kind(field: &CrmField) -> PropertyKind {
    match field {
        CrmField::Score | CrmField::Usage(_) | CrmField::Limit(_) => PropertyKind::Number,
        CrmField::QualifiedAt => PropertyKind::Instant,
        CrmField::Status
        | CrmField::Track
        | CrmField::Stage
        | CrmField::Reasons
        | CrmField::Plan
        | CrmField::Link
        | CrmField::Trait(_) => PropertyKind::Text,
    }
}

/// What a property of a contact holds.
fn person_kind(field: &PersonField) -> PropertyKind {
    match field {
        PersonField::Champion => PropertyKind::YesNo,
        PersonField::LastSeen => PropertyKind::Instant,
        PersonField::Does | PersonField::Trait(_) => PropertyKind::Text,
        PersonField::OfAccount(field) => kind(field),
    }
}

/// Says which channel cannot be set up, and why.
pub fn bad_channel(channel: &Channel, error: &SetupError) -> Misuse {
    Misuse::new(format!("the channel `{}`: {error}", channel.name)).help(error.help())
}

fn reveal(
    channel: &Channel,
    secret: &Secret,
    environment: &Environment<'_>,
) -> Result<String, Misuse> {
    secret.reveal(environment).map(|it| it.to_string()).map_err(|variable| {
        let name = &channel.name;
        Misuse::new(format!("the channel `{name}` needs the environment variable `{variable}`"))
            .help("Set it for the server, or switch the channel off with `enabled: false`.")
    })
}

/// Wakes the worker for what a commit has put into the queue.
pub fn hear(worker: &Worker, commit: &Commit) {
    worker.wake(commit.deliveries.iter().map(|it| it.channel.as_str()));
}

/// What operators see of the channels.
pub fn measures(lanes: &[LaneStatus]) -> Vec<Family> {
    let family = |name, help, kind, samples| Family { name, help, kind, samples };
    let channel = |it: &LaneStatus| ("channel", Cow::Owned(it.counts.channel.to_string()));
    let each = |value: fn(&LaneStatus) -> f64| {
        let sample =
            |it| Sample { labels: vec![channel(it)], value: SampleValue::Number(value(it)) };
        lanes.iter().map(sample).collect::<Vec<_>>()
    };
    let outcomes = lanes.iter().flat_map(|it| {
        let counts = &it.counts;
        let all = [
            ("sent", counts.sent),
            ("again", counts.again),
            ("dead", counts.dead),
            ("put-off", counts.put_off),
        ];
        all.map(|(outcome, count)| Sample {
            labels: vec![channel(it), ("outcome", outcome.into())],
            value: SampleValue::Number(count as f64),
        })
    });
    let delays = lanes.iter().map(|it| Sample {
        labels: vec![channel(it)],
        value: SampleValue::Histogram(Histogram {
            bounds: &DELAY_BOUNDS_S,
            counts: it.counts.delays.clone(),
            sum: it.counts.delay_sum_s,
        }),
    });
    vec![
        family(
            "firsthand_deliveries_total",
            "Messages by channel and what came of each try.",
            FamilyKind::Counter,
            outcomes.collect(),
        ),
        family(
            "firsthand_delivery_delay_seconds",
            "How long after they were due messages were sent, by channel.",
            FamilyKind::Histogram,
            delays.collect(),
        ),
        family(
            "firsthand_deliveries_under_way",
            "Messages that are being sent, by channel.",
            FamilyKind::Gauge,
            each(|it| it.counts.under_way as f64),
        ),
        family(
            "firsthand_channel_failures",
            "Failures of the channel in a row.",
            FamilyKind::Gauge,
            each(|it| f64::from(it.failures)),
        ),
        family(
            "firsthand_channel_disabled",
            "Whether the channel is disabled.",
            FamilyKind::Gauge,
            each(|it| f64::from(u8::from(it.disabled.is_some()))),
        ),
    ]
}
