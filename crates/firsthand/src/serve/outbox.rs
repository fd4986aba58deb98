//! What goes out and what became of it, as the API tells it.

use std::collections::BTreeMap;
use std::sync::Arc;

use firsthand_model::Text;
use firsthand_model::lead::LeadId;
use firsthand_model::play::Contact;
use firsthand_store::{
    Attempt as Try, AttemptOutcome as Outcome, Deliveries, Delivery as Row,
    DeliveryFilter as RowFilter, DeliveryState as State, DisabledChannel, Plays, SWEEP_ROWS_MAX,
    SqliteStore,
};
use firsthand_web::noun::{
    At, Attempt, AttemptOutcome, Channel, Delivery, DeliveryDetail, DeliveryFilter, DeliveryState,
    Listing, Page,
};
use firsthand_web::{Answer, Failure};
use serde_json::Value;

use super::Server;
use super::leads::page_request;

impl Server {
    pub(super) async fn deliveries(
        &self,
        filter: &DeliveryFilter,
        listing: &Listing,
    ) -> Answer<Page<Delivery>> {
        let text = |it: &Option<String>| it.as_deref().map(Text::from);
        let Ok(lead) = filter.lead.as_deref().map(str::parse::<LeadId>).transpose() else {
            return Ok(Page::last(Vec::new())); // What is no lead's id has no deliveries.
        };
        let rows = RowFilter {
            states: filter.states.iter().map(|it| state_row(*it)).collect(),
            channel: text(&filter.channel),
            lead,
            account: text(&filter.account),
            play: text(&filter.play),
            queued_from: filter.since.map(|it| it.0),
            queued_to: None,
        };
        let page = page_request(listing);
        self.stored(move |store| {
            let found = Deliveries::deliveries(store, &rows, &page)?;
            let mut items = Vec::with_capacity(found.rows.len());
            for it in &found.rows {
                items.push(noun(it, &message(it), store.contact(&it.id)?));
            }
            Ok(Page { items, next: found.next.map(|it| it.to_string()) })
        })
        .await
    }

    pub(super) async fn delivery(&self, id: &str) -> Answer<Option<DeliveryDetail>> {
        let id = id.to_owned();
        self.stored(move |store| {
            let Some((row, tries)) = Deliveries::delivery(store, &id)? else { return Ok(None) };
            let message = message(&row);
            Ok(Some(DeliveryDetail {
                delivery: noun(&row, &message, store.contact(&row.id)?),
                message,
                attempts: tries.into_iter().map(attempt_noun).collect(),
            }))
        })
        .await
    }

    pub(super) async fn resend(&self, id: &str) -> Answer<Option<DeliveryDetail>> {
        let Some(before) = self.delivery(id).await? else { return Ok(None) };
        let (queued, now) = (id.to_owned(), self.now());
        if !self.stored(move |store| store.resend_delivery(&queued, now)).await? {
            return Err(Failure::Conflict {
                code: "delivery_is_not_dead",
                detail: "the delivery was not given up".to_owned(),
                help: "Only what was given up is sent again.".to_owned(),
            });
        }
        self.wake([before.delivery.channel.as_str()]);
        self.delivery(id).await
    }

    pub(super) async fn resend_dead(&self, channel: Option<&str>) -> Answer<u64> {
        let now = self.now();
        let mut resent = 0;
        loop {
            let of = channel.map(str::to_owned);
            let some = self.stored(move |store| store.resend_dead(of.as_deref(), now)).await?;
            resent += some;
            if some < u64::from(SWEEP_ROWS_MAX) {
                break;
            }
        }
        match channel {
            Some(channel) => self.wake([channel]),
            None => self.wake(self.inbound.channels.keys().map(Text::as_str)),
        }
        Ok(resent)
    }

    pub(super) async fn channels(&self) -> Answer<Vec<Channel>> {
        let configured = self.inbound.channels.clone();
        self.stored(move |store| {
            let mut channels = BTreeMap::<Text, Channel>::new();
            for (name, (kind, enabled)) in configured {
                channels.insert(name.clone(), channel_noun(&name, Some(kind), enabled));
            }
            for it in store.count_deliveries()? {
                let new = || channel_noun(&it.channel, None, false);
                let channel = channels.entry(it.channel.clone()).or_insert_with(new);
                *match it.state {
                    State::Pending => &mut channel.pending,
                    State::Sent => &mut channel.sent,
                    State::Dead => &mut channel.dead,
                    State::Cancelled => &mut channel.cancelled,
                } += it.deliveries;
            }
            for DisabledChannel { channel, at, reason } in store.disabled_channels()? {
                if let Some(it) = channels.get_mut(&channel) {
                    it.enabled = false;
                    it.stopped_because = Some(reason.to_string());
                    it.stopped_at = Some(At(at));
                }
            }
            Ok(channels.into_values().collect())
        })
        .await
    }

    pub(super) async fn enable_channel(&self, name: &str) -> Answer<Option<Channel>> {
        let known = |all: Vec<Channel>| all.into_iter().find(|it| it.name == name);
        if known(self.channels().await?).is_none() {
            return Ok(None);
        }
        // Who sends remembers what is stopped, and is asked first.
        let (enabled, worker) = (name.to_owned(), self.outgoing.get().map(Arc::clone));
        let enable = move |store: &SqliteStore| match worker {
            Some(worker) => worker.enable(&enabled),
            None => store.enable_channel(&enabled),
        };
        if !self.stored(enable).await? {
            return Err(Failure::Conflict {
                code: "channel_is_not_stopped",
                detail: "nothing had stopped the channel".to_owned(),
                help: "What is switched off in the configuration is switched on there.".to_owned(),
            });
        }
        Ok(known(self.channels().await?))
    }

    fn wake<'c>(&self, channels: impl IntoIterator<Item = &'c str>) {
        if let Some(worker) = self.outgoing.get() {
            worker.wake(channels);
        }
    }
}

fn channel_noun(name: &Text, kind: Option<&'static str>, enabled: bool) -> Channel {
    Channel {
        name: name.to_string(),
        kind: kind.map(str::to_owned),
        enabled,
        stopped_because: None,
        stopped_at: None,
        pending: 0,
        sent: 0,
        dead: 0,
        cancelled: 0,
    }
}

fn message(row: &Row) -> Value {
    serde_json::from_slice(&row.payload).unwrap_or(Value::Null)
}

fn noun(row: &Row, message: &Value, contact: Option<Contact>) -> Delivery {
    let (play, receiver, receiver_name) =
        contact.map_or((None, None, None), |it| (it.play, it.receiver, it.receiver_name));
    Delivery {
        id: row.id.to_string(),
        channel: row.channel.to_string(),
        kind: message["kind"].as_str().map(str::to_owned),
        play: play.map(|it| it.to_string()),
        receiver: receiver.map(|it| it.to_string()),
        receiver_name: receiver_name.map(|it| it.to_string()),
        lead: row.lead.as_ref().map(ToString::to_string),
        account: row.account.as_ref().map(ToString::to_string),
        state: match row.state {
            State::Pending => DeliveryState::Pending,
            State::Sent => DeliveryState::Sent,
            State::Dead => DeliveryState::Dead,
            State::Cancelled => DeliveryState::Cancelled,
        },
        queued_at: row.queued_at.into(),
        due_at: row.due_at.into(),
        attempts: row.attempts,
        error: row.error.as_ref().map(ToString::to_string),
    }
}

fn attempt_noun(it: Try) -> Attempt {
    Attempt {
        at: it.at.into(),
        duration_ms: it.duration_ms,
        outcome: match it.outcome {
            Outcome::Sent => AttemptOutcome::Sent,
            Outcome::Again => AttemptOutcome::Again,
            Outcome::Dead => AttemptOutcome::Dead,
        },
        reason: it.reason.map(|it| it.to_string()),
        request: it.request,
        answer: it.answer,
    }
}

fn state_row(state: DeliveryState) -> State {
    match state {
        DeliveryState::Pending => State::Pending,
        DeliveryState::Sent => State::Sent,
        DeliveryState::Dead => State::Dead,
        DeliveryState::Cancelled => State::Cancelled,
    }
}
