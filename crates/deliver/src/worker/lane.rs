//! A lane: the queue of one channel, and the calls that are under way in it (DELIVER-2).

use std::collections::HashSet;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use firsthand_model::message::Outgoing;
use firsthand_model::{Span, Text, Time};
use firsthand_store::{
    Attempt, AttemptOutcome, Delivery, DeliveryState, DisabledChannel, Settlement,
};
use futures_util::FutureExt;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::breaker::Breaker;
use super::pace::Pace;
use super::recorder::Recorder;
use super::{LaneShared, Shared, Way, lock};
use crate::schedule::span;
use crate::{Again, Channel, Limits, Message, Outcome, Scope, Tried};

/// Messages that are looked at beyond those that can go at once.
const ROWS: usize = 64;
/// Messages under way, put off ones included, beyond which no more are taken.
const UNDER_WAY_MAX: usize = 256;
/// The longest sleep: clocks are set.
const SLEEP_MAX: Duration = Duration::from_mins(1);
/// How long to wait where the store cannot be read.
const STORE_PAUSE: Span = Span(5 * Span::SECOND.0);
/// How often it is looked for messages that have waited for too long.
const EXPIRE_EVERY: Span = Span::HOUR;
/// Whatever a channel does, a call has ended by then.
const CALL_MAX: Duration = Duration::from_mins(5);

/// The queue of one channel.
pub(super) struct Lane {
    name: Text,
    channel: Arc<dyn Channel>,
    limits: Limits,
    shared: Arc<Shared>,
    own: Arc<LaneShared>,
    recorder: Recorder,
    pace: Pace,
    breaker: Breaker,
    /// Messages that have been taken and not yet settled.
    under_way: HashSet<Text>,
    /// Calls among the tasks.
    calls: usize,
    tasks: JoinSet<Done>,
    /// Whether something may be due that has not been seen.
    look: bool,
    /// Whether something due was left out because it is under way; it may have been put into the
    /// queue again meanwhile.
    skipped: bool,
    /// When something is due next, as far as is known.
    next: Option<Time>,
    expire_at: Time,
}

/// A task has ended.
struct Done {
    keys: Vec<Text>,
    was_call: bool,
    recorded: bool,
    lessons: Vec<Lesson>,
    /// When the first of the messages is to be tried again.
    next: Option<Time>,
}

/// What a try has taught about the channel.
struct Lesson {
    at: Time,
    destination: Option<Text>,
    outcome: Outcome,
}

impl Lane {
    pub fn new(way: Way, shared: Arc<Shared>, recorder: Recorder) -> Self {
        let limits = way.channel.limits();
        Self {
            own: shared.lane(&way.name),
            pace: Pace::new(way.per_minute, span(limits.spacing)),
            name: way.name,
            channel: way.channel,
            limits,
            shared,
            recorder,
            breaker: Breaker::default(),
            under_way: HashSet::new(),
            calls: 0,
            tasks: JoinSet::new(),
            look: true,
            skipped: false,
            next: None,
            expire_at: Time::MIN,
        }
    }

    /// Sends what is due until it is told to stop, then lets calls come to an end for a while.
    pub async fn run(mut self, mut stopped: watch::Receiver<bool>, grace: Duration) {
        while !*stopped.borrow() {
            self.expire().await;
            self.take().await;
            let patience = self.patience();
            tokio::select! {
                _ = stopped.changed() => {}
                () = self.own.wake.notified() => self.look = true,
                Some(done) = self.tasks.join_next() => self.learn(done).await,
                () = tokio::time::sleep(patience) => {}
            }
        }
        let ending = async {
            while let Some(done) = self.tasks.join_next().await {
                self.learn(done).await;
            }
        };
        // What is cut off here is pending still, and is sent again after the next start.
        tokio::time::timeout(grace, ending).await.ok();
    }

    /// How long nothing can become due.
    fn patience(&self) -> Duration {
        let now = (self.shared.clock)();
        let (_, paused) = self.breaker.standing();
        let wait = if self.look { Some(paused) } else { self.next.map(|it| it.max(paused)) };
        let full = self.look && paused <= now;
        match wait {
            // Calls that are under way wake us.
            Some(at) if !full => {
                let wait = Duration::from_micros(u64::try_from((at - now).0).unwrap_or(0));
                wait.clamp(Duration::from_millis(1), SLEEP_MAX)
            }
            _ => SLEEP_MAX,
        }
    }

    /// Takes what is due, as far as there is room.
    async fn take(&mut self) {
        let now = (self.shared.clock)();
        if self.next.is_some_and(|it| it <= now) {
            self.look = true;
        }
        while self.look && !self.shared.is_disabled(&self.name) {
            let now = (self.shared.clock)();
            let room = self.breaker.calls(self.limits.calls, now).saturating_sub(self.calls);
            if room == 0 || self.under_way.len() > UNDER_WAY_MAX {
                return;
            }
            let Some(due) = self.due(now, room * self.limits.batch).await else { return };
            self.send_or_put_off(due, room, now);
        }
    }

    /// Messages that are due and not under way; notes when the next ones are.
    async fn due(&mut self, now: Time, most: usize) -> Option<Vec<Delivery>> {
        let rows = self.under_way.len() + most.max(ROWS) + 1;
        let (name, limit) = (self.name.clone(), u32::try_from(rows).unwrap_or(u32::MAX));
        // The first that is not due tells how long to sleep.
        let found = self.shared.stored(move |it| it.due_deliveries(Some(&name), Time::MAX, limit));
        let found = match found.await {
            Ok(found) => found,
            Err(error) => {
                tracing::error!(channel = %self.name, %error, "what is due cannot be read");
                (self.look, self.next) = (false, Some(now + STORE_PAUSE));
                return None;
            }
        };
        let whole = found.len() < rows;
        let mut due = Vec::new();
        self.next = None;
        for delivery in found {
            if delivery.due_at > now {
                self.next = Some(delivery.due_at);
                break;
            }
            if self.under_way.contains(&delivery.id) {
                self.skipped = true;
            } else {
                due.push(delivery);
            }
        }
        self.look = !whole && self.next.is_none();
        Some(due)
    }

    /// Begins calls, at most so many; messages whose turn has not come are put off.
    fn send_or_put_off(&mut self, due: Vec<Delivery>, room: usize, now: Time) {
        let (mut batches, mut batch, mut put_off) = (Vec::new(), Vec::new(), Vec::new());
        let mut left = due.into_iter();
        for delivery in left.by_ref() {
            self.under_way.insert(delivery.id.clone());
            let outgoing = match serde_json::from_slice::<Outgoing>(&delivery.payload) {
                Ok(outgoing) => outgoing,
                Err(error) => {
                    self.own.counts.dead.fetch_add(1, Ordering::Relaxed);
                    let reason = format!("it cannot be read as a message: {error}");
                    put_off.push(given_up(&delivery, reason));
                    continue;
                }
            };
            let destination = self.channel.destination(&outgoing);
            let at = self.pace.slot(&delivery.id, destination.as_ref(), now);
            if at > now {
                self.own.counts.put_off.fetch_add(1, Ordering::Relaxed);
                self.next = Some(self.next.map_or(at, |next| next.min(at)));
                put_off.push(later(&delivery, at));
                continue;
            }
            batch.push(Job { delivery, destination, outgoing });
            if batch.len() == self.limits.batch {
                batches.push(std::mem::take(&mut batch));
            }
            if batches.len() == room {
                break;
            }
        }
        if !batch.is_empty() {
            batches.push(batch);
        }
        // Those that found no room are looked at again when a call has ended.
        self.look |= left.next().is_some();
        if !put_off.is_empty() {
            let recorder = self.recorder.clone();
            let keys = put_off.iter().map(|it: &Settlement| it.id.clone()).collect();
            self.tasks.spawn(async move {
                let recorded = recorder.record(put_off).await;
                Done { keys, was_call: false, recorded, lessons: Vec::new(), next: None }
            });
        }
        for batch in batches {
            self.calls += 1;
            let work = Work {
                channel: Arc::clone(&self.channel),
                limits: self.limits.clone(),
                shared: Arc::clone(&self.shared),
                own: Arc::clone(&self.own),
                recorder: self.recorder.clone(),
            };
            self.tasks.spawn(work.send(batch));
        }
        self.own.counts.under_way.store(self.under_way.len() as u64, Ordering::Relaxed);
    }

    /// Draws the conclusions of a task that has ended.
    async fn learn(&mut self, done: Result<Done, tokio::task::JoinError>) {
        let done = match done {
            Ok(done) => done,
            // Only the runtime's end cuts tasks off.
            Err(error) => {
                return tracing::error!(channel = %self.name, %error, "a call was cut off");
            }
        };
        self.calls -= usize::from(done.was_call);
        self.look |= std::mem::take(&mut self.skipped);
        for key in &done.keys {
            self.under_way.remove(key);
        }
        self.own.counts.under_way.store(self.under_way.len() as u64, Ordering::Relaxed);
        if !done.recorded {
            // It is pending still: without a pause it would be sent again at once.
            self.breaker.failed((self.shared.clock)(), Some(Duration::from_secs(5)));
            self.look = true;
        }
        if let Some(next) = done.next {
            self.next = Some(self.next.map_or(next, |it| it.min(next)));
        }
        for Lesson { at, destination, outcome } in done.lessons {
            match outcome {
                Outcome::Again(Again { scope: Scope::Channel, after, .. }) => {
                    self.breaker.failed(at, after);
                }
                Outcome::Again(Again { scope: Scope::Destination, after, .. }) => {
                    self.breaker.worked();
                    if let (Some(destination), Some(after)) = (destination, after) {
                        self.pace.hold(&destination, at + span(after));
                    }
                }
                Outcome::Gone(reason) => {
                    tracing::warn!(channel = %self.name, reason, "the channel is disabled");
                    let channel = self.name.clone();
                    let disabled = DisabledChannel { channel, at, reason: reason.into() };
                    self.shared.disable(disabled).await;
                }
                Outcome::Sent | Outcome::Dead(_) | Outcome::Again(_) => self.breaker.worked(),
            }
        }
        *lock(&self.own.standing) = self.breaker.standing();
    }

    /// Gives up what has waited for too long, whatever it waited for (DELIVER-3).
    async fn expire(&mut self) {
        let now = (self.shared.clock)();
        if now < self.expire_at {
            return;
        }
        let (name, before) = (self.name.clone(), now - self.limits.age_max);
        match self.shared.stored(move |it| it.expire_deliveries(&name, before, now)).await {
            Ok(0) => self.expire_at = now + EXPIRE_EVERY,
            Ok(expired) => {
                self.own.counts.dead.fetch_add(expired, Ordering::Relaxed);
                tracing::warn!(channel = %self.name, expired, "messages waited for too long");
            }
            Err(error) => {
                self.expire_at = now + STORE_PAUSE;
                tracing::error!(channel = %self.name, %error, "old messages cannot be given up");
            }
        }
    }
}

/// A message that is to be sent.
struct Job {
    delivery: Delivery,
    destination: Option<Text>,
    outgoing: Outgoing,
}

/// All that a call needs.
struct Work {
    channel: Arc<dyn Channel>,
    limits: Limits,
    shared: Arc<Shared>,
    own: Arc<LaneShared>,
    recorder: Recorder,
}

impl Work {
    /// Sends a batch, and has written down what came of it.
    async fn send(self, jobs: Vec<Job>) -> Done {
        let began = (self.shared.clock)();
        let messages: Vec<Message> = jobs
            .iter()
            .map(|it| Message {
                key: it.delivery.id.clone(),
                attempts: it.delivery.attempts,
                now: began,
                outgoing: it.outgoing.clone(),
            })
            .collect();
        let tried = self.tried(&messages).await;
        let ended = (self.shared.clock)();
        let (mut settlements, mut lessons) = (Vec::new(), Vec::new());
        for (job, tried) in jobs.iter().zip(tried) {
            settlements.push(self.settlement(&job.delivery, &tried, began, ended));
            let destination = job.destination.clone();
            lessons.push(Lesson { at: ended, destination, outcome: tried.outcome });
        }
        let pending = settlements.iter().filter(|it| it.state == DeliveryState::Pending);
        let next = pending.map(|it| it.due_at).min();
        let recorded = self.recorder.record(settlements).await;
        let now = (self.shared.clock)();
        for (job, lesson) in jobs.iter().zip(&lessons) {
            if recorded && lesson.outcome == Outcome::Sent {
                self.own.counts.sent_after(now - job.delivery.due_at);
            }
        }
        let keys = jobs.into_iter().map(|it| it.delivery.id).collect();
        Done { keys, was_call: true, recorded, lessons, next }
    }

    /// Has the channel try, whatever mistake it may hold.
    async fn tried(&self, messages: &[Message]) -> Vec<Tried> {
        let sending = AssertUnwindSafe(self.channel.send(messages)).catch_unwind();
        let outcome = match tokio::time::timeout(CALL_MAX, sending).await {
            Ok(Ok(tried)) if tried.len() == messages.len() => return tried,
            Ok(Ok(_) | Err(_)) => {
                tracing::error!("a channel has a mistake: it did not say what came of a message");
                Outcome::Dead("the channel has a mistake; please report it".to_owned())
            }
            Err(_) => Outcome::broken("the call did not come to an end", None),
        };
        messages.iter().map(|_| Tried::unsent(outcome.clone())).collect()
    }

    /// What is to be written down of a try.
    fn settlement(&self, it: &Delivery, tried: &Tried, began: Time, ended: Time) -> Settlement {
        let tries = it.attempts + 1;
        let mut reason = tried.outcome.reason().map(str::to_owned);
        let counts = &self.own.counts;
        let (state, due_at, attempts) = match &tried.outcome {
            Outcome::Sent => (DeliveryState::Sent, it.due_at, tries),
            Outcome::Dead(_) | Outcome::Gone(_) => (DeliveryState::Dead, it.due_at, tries),
            // Having to wait one's turn is no failure.
            Outcome::Again(Again { after: Some(after), scope: Scope::Destination, .. }) => {
                (DeliveryState::Pending, ended + span(*after), it.attempts)
            }
            Outcome::Again(again) => {
                let wait = self.limits.schedule.after(tries, again.after, &it.id);
                if wait.is_none() {
                    reason = Some(format!("given up after {tries} tries: {}", again.reason));
                }
                wait.map_or((DeliveryState::Dead, it.due_at, tries), |wait| {
                    (DeliveryState::Pending, ended + wait, tries)
                })
            }
        };
        let outcome = match state {
            DeliveryState::Sent => AttemptOutcome::Sent,
            DeliveryState::Pending => {
                counts.again.fetch_add(1, Ordering::Relaxed);
                AttemptOutcome::Again
            }
            DeliveryState::Dead | DeliveryState::Cancelled => {
                counts.dead.fetch_add(1, Ordering::Relaxed);
                AttemptOutcome::Dead
            }
        };
        let duration_ms = u32::try_from((ended - began).0 / 1_000).unwrap_or(0);
        let reason: Option<Text> = reason.map(Text::from);
        let attempt = Attempt {
            at: began,
            duration_ms,
            outcome,
            reason: reason.clone().or_else(|| tried.note.as_deref().map(Text::from)),
            request: tried.request.clone(),
            answer: tried.answer.clone(),
        };
        Settlement {
            id: it.id.clone(),
            state,
            due_at,
            attempts,
            error: reason,
            attempt: Some(attempt),
        }
    }
}

/// A message that is put off untried.
fn later(delivery: &Delivery, at: Time) -> Settlement {
    Settlement {
        id: delivery.id.clone(),
        state: DeliveryState::Pending,
        due_at: at,
        attempts: delivery.attempts,
        error: delivery.error.clone(),
        attempt: None,
    }
}

/// A message that cannot even be tried.
fn given_up(delivery: &Delivery, reason: String) -> Settlement {
    let state = DeliveryState::Dead;
    Settlement { state, error: Some(reason.into()), ..later(delivery, delivery.due_at) }
}
