//! Simulated receivers: nothing leaves the machine, and what came of each message looks as it would.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use firsthand_deliver::{Again, Channel, Limits, Message, Outcome, Schedule, Scope, Tried, Way};
use firsthand_model::config::{ChannelKind, Project};
use firsthand_model::message::Outgoing;
use firsthand_model::{Span, Time};
use firsthand_store::{
    Attempt, AttemptOutcome, Deliveries, Delivery, DeliveryState, Settlement, StoreError,
};

use super::cast::chance;

/// Messages that are taken from the queue at a time.
const ROWS: u32 = 500;

/// All channels that are on, each with a receiver that is simulated.
pub fn ways(project: &Project) -> Vec<Way> {
    let sent = project.channels.values();
    let sent = sent.filter(|it| it.enabled && !matches!(it.kind, ChannelKind::InApp(_)));
    let way = |it: &firsthand_model::config::Channel| Way {
        name: it.name.clone(),
        channel: Arc::new(Receiver),
        per_minute: None,
    };
    sent.map(way).collect()
}

/// Sends what is due at an instant of the past.
///
/// # Errors
/// Where the store cannot be read or written.
pub fn send_due(store: &impl Deliveries, now: Time) -> Result<(), StoreError> {
    let due = store.due_deliveries(None, now, ROWS)?;
    let settled: Vec<Settlement> = due.iter().filter_map(|it| settlement(it, now)).collect();
    if !settled.is_empty() {
        store.settle_deliveries(&settled)?;
    }
    Ok(())
}

/// What came of a message that was tried at an instant.
fn settlement(delivery: &Delivery, now: Time) -> Option<Settlement> {
    let outgoing = serde_json::from_slice(&delivery.payload).ok()?;
    let tried = tried(&delivery.id, delivery.attempts, &outgoing);
    let reason = tried.outcome.reason().map(Into::into);
    let (state, outcome, due_at) = match &tried.outcome {
        Outcome::Sent => (DeliveryState::Sent, AttemptOutcome::Sent, delivery.due_at),
        Outcome::Again(_) => (DeliveryState::Pending, AttemptOutcome::Again, now + Span::HOUR),
        Outcome::Dead(_) | Outcome::Gone(_) => {
            (DeliveryState::Dead, AttemptOutcome::Dead, delivery.due_at)
        }
    };
    Some(Settlement {
        id: delivery.id.clone(),
        state,
        due_at,
        attempts: delivery.attempts + 1,
        error: reason.clone(),
        attempt: Some(Attempt {
            at: now,
            duration_ms: u32::try_from(60 + chance(&delivery.id, "takes", 400)).unwrap_or(0),
            outcome,
            reason,
            request: tried.request,
            answer: tried.answer,
        }),
    })
}

/// What a receiver makes of a message. A few come through at the second try, and some e-mail addresses
/// are wrong.
fn tried(key: &str, attempts: u32, outgoing: &Outgoing) -> Tried {
    let (request, answer) = match outgoing {
        Outgoing::Email(it) => {
            let size = it.text.len() + it.html.len();
            (format!("to …, {size} bytes of text and HTML"), "250 2.0.0 OK")
        }
        Outgoing::Slack(_) => {
            ("POST https://slack.com/api/chat.postMessage {\"channel\":…}".to_owned(), "200")
        }
        Outgoing::Webhook(it) => (format!("POST {{\"type\":\"{}\",…}}", it.event), "200"),
        Outgoing::Crm(_) => ("PATCH /crm/v3/objects/companies".to_owned(), "200"),
        Outgoing::CrmPeople(_) => ("PATCH /crm/v3/objects/contacts".to_owned(), "200"),
        Outgoing::InApp(_) => (String::new(), ""),
    };
    let busy = || Again {
        reason: "the receiver is busy: 503".to_owned(),
        after: None,
        scope: Scope::Message,
    };
    let is_mail = matches!(outgoing, Outgoing::Email(_));
    let (outcome, answer) = match chance(key, "arrives", 100) {
        0..=5 if attempts == 0 => (Outcome::Again(busy()), "503 Service Unavailable"),
        6..=17 if is_mail => {
            let why = "the address does not exist: 550 5.1.1 No such user".to_owned();
            (Outcome::Dead(why), "550 5.1.1 No such user")
        }
        _ => (Outcome::Sent, answer),
    };
    Tried { outcome, request: Some(request), answer: Some(answer.to_owned()), note: None }
}

/// A receiver that has everything, sooner or later.
struct Receiver;

#[async_trait]
impl Channel for Receiver {
    fn limits(&self) -> Limits {
        Limits {
            batch: 1,
            calls: 4,
            spacing: Duration::ZERO,
            schedule: Schedule::service(),
            age_max: Span::DAY.times(3),
        }
    }

    async fn send(&self, messages: &[Message]) -> Vec<Tried> {
        messages.iter().map(|it| tried(&it.key, it.attempts, &it.outgoing)).collect()
    }
}
