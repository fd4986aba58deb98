//! [`Server`] as the HTTP face sees it.

use std::sync::Arc;

use async_trait::async_trait;
use firsthand_collect::live::Sources;
use firsthand_model::Time;
use firsthand_web::backend::{Caller, Family, FamilyKind, Sample, SampleValue, Token, TokenHash};
use firsthand_web::noun::{
    Account, AccountDetail, AccountFilter, Definition, DefinitionDetail, Entitlement, Erasure,
    Explanation, IdentityAct, Lead, LeadAct, LeadDetail, LeadEvent, LeadFilter, LedgerEntry,
    LedgerFilter, Listing, NewIdentityAct, Page, PersonIds, QuarantineFilter, Quarantined,
    QuarantinedDetail, Readiness, Replayed, ServerStatus, Source, Subject, Usage,
};
use firsthand_web::{Answer, Backend, Failure, Submission};
use tokio::sync::watch;

use super::Server;

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
        let gauge = |name, help, value: f64| Family {
            name,
            help,
            kind: FamilyKind::Gauge,
            samples: vec![Sample { labels: Vec::new(), value: SampleValue::Number(value) }],
        };
        let ready = f64::from(u8::from(self.readiness().ready));
        let mut measures = vec![gauge("firsthand_ready", "Whether the server decides.", ready)];
        if let Some(engine) = self.engine.get() {
            let waiting = engine.waiting() as f64;
            measures.push(gauge(
                "firsthand_facts_waiting",
                "Facts that wait to be durable.",
                waiting,
            ));
        }
        measures
    }

    async fn sources(&self) -> Answer<Vec<Source>> {
        self.sources().await
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

    async fn usage(&self, account: &str) -> Answer<Option<Usage>> {
        self.usage(account).await
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

    async fn erase(&self, _subject: &Subject, _by: &Caller) -> Answer<Option<Erasure>> {
        Err(Failure::Conflict {
            code: "not_yet_possible",
            detail: "this release cannot erase from the recorded history yet".to_owned(),
            help: "Wait for the release that can.".to_owned(),
        })
    }

    async fn erasure(&self, _id: &str) -> Answer<Option<Erasure>> {
        Ok(None)
    }

    async fn ledger(&self, filter: &LedgerFilter, listing: &Listing) -> Answer<Page<LedgerEntry>> {
        self.ledger(filter, listing).await
    }
}
