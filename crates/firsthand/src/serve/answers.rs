//! [`Server`] as the HTTP face sees it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use firsthand_collect::live::Sources;
use firsthand_engine::measures::{LATENCY_BOUNDS, Latency, Measures};
use firsthand_model::{Text, Time};
use firsthand_web::backend::{
    Caller, Family, FamilyKind, Histogram, Sample, SampleValue, SigningSecret, SlackPress,
    SlackSecret, Token, TokenHash,
};
use firsthand_web::noun::{
    Account, AccountDetail, AccountFacts, AccountFilter, Channel, Definition, DefinitionDetail,
    Delivery, DeliveryDetail, DeliveryFilter, Entitlement, Erasure, Explanation, Exposure,
    FactFilter, Hygiene, IdentityAct, InAppAct, InAppMessage, Lead, LeadAct, LeadDetail, LeadEvent,
    LeadFilter, LeadPreview, LedgerEntry, LedgerFilter, Listing, NewIdentityAct, Page, PersonIds,
    Play, PlayDetail, PlayFilter, PlayRun, PreviewFilter, QuarantineFilter, Quarantined,
    QuarantinedDetail, Readiness, Replayed, RunState, SampleMessage, ServerStatus, Source,
    SourceHour, Subject, Suppressed, Usage,
};
use firsthand_web::{Answer, Backend, Submission};
use tokio::sync::watch;

use super::{Server, outgoing};

#[async_trait]
impl Backend for Server {
    fn keyring(&self) -> Arc<Sources> {
        Arc::clone(&self.sources)
    }

    async fn submit(&self, submission: Submission) -> Answer<()> {
        self.submit(submission).await
    }

    async fn token(&self, hash: TokenHash) -> Answer<Option<Token>> {
        self.token(hash).await
    }

    fn readiness(&self) -> Readiness {
        self.readiness()
    }

    async fn status(&self) -> Answer<ServerStatus> {
        self.status().await
    }

    fn measures(&self) -> Vec<Family> {
        let ready = f64::from(u8::from(self.readiness().ready));
        let mut measures = vec![gauge("firsthand_ready", "Whether the server decides.", ready)];
        if let Some(engine) = self.engine.get() {
            measures.extend(of_engine(engine.measures(), engine.waiting()));
        }
        if let Some(worker) = self.outgoing.get() {
            measures.extend(outgoing::measures(&worker.lanes()));
        }
        measures
    }

    async fn sources(&self) -> Answer<Vec<Source>> {
        self.sources().await
    }

    async fn source_hours(&self, source: &str, hours: u32) -> Answer<Option<Vec<SourceHour>>> {
        self.source_hours(source, hours).await
    }

    async fn leads(&self, filter: &LeadFilter, listing: &Listing) -> Answer<Page<Lead>> {
        self.leads(filter, listing).await
    }

    async fn lead(&self, id: &str) -> Answer<Option<LeadDetail>> {
        self.lead(id).await
    }

    async fn act(&self, id: &str, act: LeadAct, by: &Caller) -> Answer<Option<LeadDetail>> {
        self.act(id, act, by).await
    }

    async fn lead_events(&self, sequence: u64, limit: u32) -> Answer<Option<Vec<LeadEvent>>> {
        Ok(self.events.after(sequence, usize::try_from(limit).unwrap_or(usize::MAX)))
    }

    fn lead_sequence(&self) -> watch::Receiver<u64> {
        self.events.sequence()
    }

    async fn accounts(&self, filter: &AccountFilter, listing: &Listing) -> Answer<Page<Account>> {
        self.accounts(filter, listing).await
    }

    async fn account(&self, id: &str) -> Answer<Option<AccountDetail>> {
        self.account(id).await
    }

    async fn account_facts(
        &self,
        account: &str,
        filter: &FactFilter,
        listing: &Listing,
    ) -> Answer<Option<AccountFacts>> {
        self.account_facts(account, filter, listing).await
    }

    async fn usage(&self, account: &str) -> Answer<Option<Usage>> {
        self.usage(account).await
    }

    async fn entitlements(&self, account: &str) -> Answer<Option<Vec<Entitlement>>> {
        self.entitlements(account).await
    }

    async fn feature(&self, account: &str, feature: &str) -> Answer<Option<Entitlement>> {
        self.feature(account, feature).await
    }

    async fn meter(&self, account: &str, meter: &str) -> Answer<Option<Entitlement>> {
        self.meter(account, meter).await
    }

    async fn explain(
        &self,
        subject: &Subject,
        definition: &str,
        at: Option<Time>,
    ) -> Answer<Option<Explanation>> {
        self.explain(subject, definition, at).await
    }

    async fn definitions(&self) -> Answer<Vec<Definition>> {
        self.definitions().await
    }

    async fn definition(&self, name: &str) -> Answer<Option<DefinitionDetail>> {
        self.definition(name).await
    }

    async fn quarantine(
        &self,
        filter: &QuarantineFilter,
        listing: &Listing,
    ) -> Answer<Page<Quarantined>> {
        self.quarantine(filter, listing).await
    }

    async fn quarantined(&self, id: &str) -> Answer<Option<QuarantinedDetail>> {
        self.quarantined(id).await
    }

    async fn replay(&self, id: &str, _by: &Caller) -> Answer<Option<Replayed>> {
        self.replay(id).await
    }

    async fn discard(&self, id: &str, _by: &Caller) -> Answer<Option<()>> {
        self.discard(id).await
    }

    async fn person(&self, id: &str) -> Answer<Option<PersonIds>> {
        self.person(id).await
    }

    async fn signing_secrets(&self, kid: Option<&str>) -> Answer<Vec<SigningSecret>> {
        self.signing_secrets(kid).await
    }

    fn in_app_origins(&self) -> Arc<[Text]> {
        Arc::clone(&self.inbound.origins)
    }

    async fn inbox(&self, person: &str) -> Answer<Vec<InAppMessage>> {
        self.inbox(person).await
    }

    async fn inbox_changes(&self, person: &str) -> Answer<watch::Receiver<u64>> {
        self.inbox_changes(person).await
    }

    async fn act_on_message(
        &self,
        person: &str,
        message: &str,
        act: InAppAct,
    ) -> Answer<Option<()>> {
        self.act_on_message(person, message, act).await
    }

    async fn plays(&self) -> Answer<Vec<Play>> {
        self.plays().await
    }

    async fn play(&self, name: &str) -> Answer<Option<PlayDetail>> {
        self.play(name).await
    }

    async fn play_runs(
        &self,
        filter: &PlayFilter,
        state: Option<RunState>,
        listing: &Listing,
    ) -> Answer<Page<PlayRun>> {
        self.play_runs(filter, state, listing).await
    }

    async fn preview(&self, play: &str, of: &PreviewFilter) -> Answer<Option<Vec<LeadPreview>>> {
        self.preview(play, of).await
    }

    async fn samples(&self, play: &str) -> Answer<Option<Vec<SampleMessage>>> {
        self.samples(play).await
    }

    async fn suppressed(&self, filter: &PlayFilter, listing: &Listing) -> Answer<Page<Suppressed>> {
        self.suppressed(filter, listing).await
    }

    async fn exposures(&self, filter: &PlayFilter, listing: &Listing) -> Answer<Page<Exposure>> {
        self.exposures(filter, listing).await
    }

    async fn deliveries(
        &self,
        filter: &DeliveryFilter,
        listing: &Listing,
    ) -> Answer<Page<Delivery>> {
        self.deliveries(filter, listing).await
    }

    async fn delivery(&self, id: &str) -> Answer<Option<DeliveryDetail>> {
        self.delivery(id).await
    }

    async fn resend(&self, id: &str) -> Answer<Option<DeliveryDetail>> {
        self.resend(id).await
    }

    async fn resend_dead(&self, channel: Option<&str>) -> Answer<u64> {
        self.resend_dead(channel).await
    }

    async fn channels(&self) -> Answer<Vec<Channel>> {
        self.channels().await
    }

    async fn enable_channel(&self, name: &str) -> Answer<Option<Channel>> {
        self.enable_channel(name).await
    }

    fn unsubscribe_secret(&self) -> SigningSecret {
        self.root.unsubscribe_secret()
    }

    async fn set_unsubscribed(&self, person: &str, unsubscribed: bool) -> Answer<()> {
        self.set_unsubscribed(person, unsubscribed).await
    }

    fn slack_secrets(&self) -> Arc<[SlackSecret]> {
        Arc::clone(&self.inbound.slack_secrets)
    }

    async fn press(&self, press: SlackPress) -> Answer<()> {
        self.press(press).await
    }

    async fn identity_acts(&self, listing: &Listing) -> Answer<Page<IdentityAct>> {
        self.identity_acts(listing).await
    }

    async fn propose(&self, act: NewIdentityAct, by: &Caller) -> Answer<IdentityAct> {
        self.propose(act, by).await
    }

    async fn make(&self, id: &str, by: &Caller) -> Answer<Option<IdentityAct>> {
        self.make(id, by).await
    }

    async fn undo(&self, id: &str, by: &Caller) -> Answer<Option<IdentityAct>> {
        self.undo(id, by).await
    }

    async fn hygiene(&self) -> Answer<Hygiene> {
        self.hygiene().await
    }

    async fn erase(&self, subject: &Subject, by: &Caller) -> Answer<Option<Erasure>> {
        self.erase(subject, by).await
    }

    async fn erasure(&self, id: &str) -> Answer<Option<Erasure>> {
        self.erasure(id).await
    }

    async fn ledger(&self, filter: &LedgerFilter, listing: &Listing) -> Answer<Page<LedgerEntry>> {
        self.ledger(filter, listing).await
    }
}

fn family(name: &'static str, help: &'static str, kind: FamilyKind, value: SampleValue) -> Family {
    Family { name, help, kind, samples: vec![Sample { labels: Vec::new(), value }] }
}

fn gauge(name: &'static str, help: &'static str, value: f64) -> Family {
    family(name, help, FamilyKind::Gauge, SampleValue::Number(value))
}

/// What the engine measures of itself.
fn of_engine(of: &Measures, waiting: usize) -> Vec<Family> {
    let number = |it: &AtomicU64| it.load(Ordering::Relaxed) as f64;
    let counter =
        |name, help, value| family(name, help, FamilyKind::Counter, SampleValue::Number(value));
    let latency = |name, help, of: &Latency| {
        let (counts, sum) = (of.counts(), of.sum());
        let histogram = Histogram { bounds: &LATENCY_BOUNDS, counts, sum };
        family(name, help, FamilyKind::Histogram, SampleValue::Histogram(histogram))
    };
    vec![
        counter("firsthand_facts_total", "Facts made durable.", number(&of.accepted)),
        counter(
            "firsthand_facts_repeated_total",
            "Facts that had come before.",
            number(&of.repeated),
        ),
        counter("firsthand_commits_total", "Commits of the store.", number(&of.commits)),
        gauge("firsthand_facts_waiting", "Facts that wait to be durable.", waiting as f64),
        gauge("firsthand_facts_unsealed", "Facts in the log only.", number(&of.unsealed)),
        gauge("firsthand_facts_late", "Facts in the late lane.", number(&of.late)),
        gauge("firsthand_leads_open", "Leads that are not closed.", number(&of.leads)),
        gauge("firsthand_accounts", "Accounts in memory.", number(&of.accounts)),
        latency(
            "firsthand_decision_seconds",
            "From a fact's acceptance to the commit of what it made known.",
            &of.decision,
        ),
        latency("firsthand_commit_seconds", "How long a commit takes.", &of.commit),
    ]
}
