//! A backend made of a few lists: what the tests talk to.

#[path = "fake/facts.rs"]
mod facts;
#[path = "fake/inbox.rs"]
pub mod inbox;
#[path = "fake/outgoing.rs"]
mod outgoing;
#[path = "fake/publishing.rs"]
mod publishing;
#[path = "fake/reports.rs"]
mod reports;
#[path = "fake/who.rs"]
mod who;
#[path = "fake/workbench.rs"]
pub mod workbench;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use firsthand_collect::live::Sources;
use firsthand_model::config::Project;
use firsthand_model::diagnostic::SourceFile;
use firsthand_model::{Span, Text, Time};
use firsthand_web::backend::{
    Answer, Backend, Caller, Failure, Family, Scope, SigningSecret, SlackPress, SlackSecret,
    Submission, Token, TokenHash,
};
use firsthand_web::noun::{
    Account, AccountDetail, AccountFacts, AccountFilter, At, Channel, Definition, DefinitionDetail,
    DefinitionState, DefinitionVersion, Delivery, DeliveryDetail, DeliveryFilter, Entitlement,
    Erasure, ErasureState, Explanation, Exposure, FactFilter, Hygiene, IdentityAct,
    IdentityActKind, IdentityActState, InAppAct, InAppMessage, Lead, LeadAct, LeadChange,
    LeadDetail, LeadEvent, LeadEventKind, LeadFilter, LeadPreview, LeadStatus, LedgerChange,
    LedgerEntry, LedgerFilter, LinkedId, LinkedIdKind, Listing, Member, MeterUsage, NewIdentityAct,
    Note, Page, PersonIds, Phase, PlanRef, Play, PlayDetail, PlayFilter, PlayRun, PreviewFilter,
    Qualification, QuarantineFilter, Quarantined, QuarantinedDetail, QuarantinedState, Queue,
    Readiness, Replayed, RunState, SampleMessage, ServerStatus, Source, SourceHour, StageMove,
    Subject, SubjectKind, Suppressed, Track, Usage,
};
use serde_json::json;
use tokio::sync::{Semaphore, watch};

use crate::fake_imports::Uploads;
use crate::fake_people::Kept;

/// The fake's idea of now: 2026-03-08T09:00:00Z.
pub fn now() -> Time {
    "2026-03-08T09:00:00Z".parse().expect("that is an instant")
}

fn at(minutes: i64) -> At {
    At(now() + Span::MINUTE.times(minutes))
}

/// The token that has this scope alone.
pub fn token_of(scope: Scope) -> String {
    format!("token-for-{scope}")
}

/// The write key of the source `web`.
pub const WRITE_KEY: &str = "wk_web_0123456789";

const PROJECT: &str = r"
sources:
  web:
    key: wk_web_0123456789
  slow:
    key: wk_slow_0123456789
    limits: {events_per_second: 1, body_bytes: 200}
";

/// The key of a source that may send little.
pub const SLOW_KEY: &str = "wk_slow_0123456789";

pub struct Fake {
    pub leads: Mutex<Vec<Lead>>,
    pub events: Mutex<Vec<LeadEvent>>,
    /// Events up to this one are no longer kept.
    pub forgotten: AtomicU64,
    pub sequence: watch::Sender<u64>,
    pub submitted: Mutex<Vec<Submission>>,
    pub full: AtomicBool,
    pub rebuilding: AtomicBool,
    /// A submission is durable once it gets one of these.
    pub durable: Semaphore,
    quarantine: Mutex<BTreeMap<String, QuarantinedDetail>>,
    acts: Mutex<Vec<IdentityAct>>,
    pub published: Mutex<Option<firsthand_web::noun::Publication>>,
    keyring: Arc<Sources>,
    pub kept: Kept,
    pub uploads: Uploads,
    pub inbox: inbox::Inbox,
    pub origins: Mutex<Arc<[Text]>>,
    pub unsubscribed: Mutex<Vec<(String, bool)>>,
    pub presses: Mutex<Vec<SlackPress>>,
    /// How long a press takes.
    pub press_takes: Mutex<Duration>,
}

impl Default for Fake {
    fn default() -> Self {
        Self {
            leads: Mutex::new((0..LEADS).map(lead).collect()),
            events: Mutex::default(),
            forgotten: AtomicU64::new(0),
            sequence: watch::Sender::new(0),
            submitted: Mutex::default(),
            full: AtomicBool::new(false),
            rebuilding: AtomicBool::new(false),
            durable: Semaphore::new(1 << 20),
            quarantine: Mutex::new((0..3).map(|it| (format!("quar_{it}"), refused(it))).collect()),
            acts: Mutex::new(vec![identity_act(0), identity_act(1)]),
            published: Mutex::new(Some(publishing::published_before())),
            keyring: Arc::new(keyring()),
            kept: Kept::default(),
            uploads: Uploads::default(),
            inbox: inbox::Inbox::default(),
            origins: Mutex::new(Arc::from([])),
            unsubscribed: Mutex::default(),
            presses: Mutex::default(),
            press_takes: Mutex::default(),
        }
    }
}

pub const LEADS: usize = 23;

fn keyring() -> Sources {
    let file = SourceFile { name: "firsthand.yaml".to_owned(), text: PROJECT.to_owned() };
    let loaded = Project::from_files(&[Arc::new(file)], &|_| unreachable!("it names no files"));
    assert!(loaded.diagnostics.is_empty(), "{:?}", loaded.diagnostics);
    Sources::new(&loaded.project, &|_| None).expect("its keys are no secrets")
}

pub fn lead(number: usize) -> Lead {
    let minutes = i64::try_from(number).expect("few") - 1_000;
    Lead {
        id: format!("lead_{number:02}"),
        account: format!("acct_{}", number % 7),
        account_name: Some(format!("=Account {number}")),
        track: [Track::Product, Track::Marketing][number % 2],
        status: [LeadStatus::Open, LeadStatus::Accepted, LeadStatus::Won][number % 3],
        stage: Some("pql".to_owned()),
        definitions: vec!["outgrowing-free".to_owned()],
        why: Some("7,400 of 10,000 contacts used".to_owned()),
        priority: Some(1.5),
        held_out: false,
        owner: number.is_multiple_of(2).then(|| "kim".to_owned()),
        opened_at: at(minutes),
        known_at: at(minutes),
        updated_at: at(minutes),
        due_at: None,
        snoozed_until: None,
        closed_at: None,
        reason: None,
    }
}

fn refused(number: u32) -> QuarantinedDetail {
    let item = Quarantined {
        id: format!("quar_{number}"),
        source: "web".to_owned(),
        received_at: at(-1),
        reason: "an event needs a name: `<b>` is none".to_owned(),
        state: QuarantinedState::Waiting,
        size_bytes: 2,
    };
    QuarantinedDetail { item, raw: "{}".to_owned() }
}

fn identity_act(number: usize) -> IdentityAct {
    IdentityAct {
        id: format!("act_{number}"),
        kind: IdentityActKind::Merge,
        person: "u1".to_owned(),
        other: "u2".to_owned(),
        reason: None,
        state: IdentityActState::Proposed,
        by: "test".to_owned(),
        proposed_at: at(-5),
        made_at: None,
        undone_at: None,
    }
}

fn qualification() -> Qualification {
    Qualification {
        definition: "outgrowing-free".to_owned(),
        version: "v1".to_owned(),
        subject: Subject::account("acct_1"),
        entered_at: at(-9),
        left_at: None,
        known_at: at(-9),
        why: None,
        evidence: json!({"one": {"condition": "contacts >= 80%"}}),
    }
}

fn detail(lead: Lead) -> LeadDetail {
    let opened = LeadChange {
        at: lead.opened_at,
        by: None,
        from: None,
        to: LeadStatus::Open,
        owner: None,
        reason: None,
    };
    let given = LeadChange {
        from: Some(LeadStatus::Open),
        owner: Some("kim".to_owned()),
        reason: Some("assigned".to_owned()),
        ..opened.clone()
    };
    // What qualified the third holds no more.
    let left_at = (lead.id == "lead_03").then(|| at(-4));
    LeadDetail {
        lead,
        qualifications: vec![Qualification { left_at, ..qualification() }],
        history: vec![opened, given],
        notes: vec![Note { at: at(-3), by: Some("kim".to_owned()), text: "called".to_owned() }],
    }
}

fn account(id: &str) -> Account {
    Account {
        id: id.to_owned(),
        name: (id == "acct_5").then(|| "Blue Door".to_owned()),
        stage: Some("pql".to_owned()),
        plan: Some("free".to_owned()),
        first_seen_at: Some(at(-99)),
        last_seen_at: None,
    }
}

fn entitlement(account: &str, name: &str) -> Entitlement {
    Entitlement {
        account: account.to_owned(),
        name: name.to_owned(),
        allowed: true,
        reason: None,
        used: Some(7_400.0),
        limit: Some(10_000.0),
        left: Some(2_600.0),
        reset_at: None,
        stale: false,
    }
}

fn definition() -> Definition {
    Definition {
        name: "outgrowing-free".to_owned(),
        version: "v1".to_owned(),
        of: SubjectKind::Account,
        track: "product".to_owned(),
        description: None,
        state: DefinitionState::Running,
        published_at: at(-999),
        holds: 3,
    }
}

fn erasure(subject: Subject) -> Erasure {
    Erasure {
        id: "erase_1".to_owned(),
        subject,
        state: ErasureState::Done,
        requested_at: at(-2),
        done_at: Some(at(-1)),
        erased: BTreeMap::from([("ledger".to_owned(), 3)]),
        left: Some(0),
    }
}

/// Cuts a page out of a list; the cursor is the number of the next item.
fn cut<T: Clone>(all: &[T], listing: &Listing) -> Answer<Page<T>> {
    let from = match &listing.after {
        None => 0,
        Some(after) => after.parse().map_err(|_| Failure::Cursor)?,
    };
    let to = (from + listing.limit as usize).min(all.len());
    let next = (to < all.len()).then(|| to.to_string());
    Ok(Page { items: all.get(from..to).unwrap_or_default().to_vec(), next })
}

/// What certain ids make the fake do.
fn mood(id: &str) -> Answer<()> {
    match id {
        "panic" => panic!("asked to"),
        "broken" => Err(Failure::broken("the disk of Kim Miller is full")),
        "busy" => Err(Failure::Busy { retry_after: Duration::from_millis(1_200) }),
        "not-ready" => Err(Failure::NotReady { retry_after: Duration::from_secs(7) }),
        "invalid" => Err(Failure::Invalid {
            parameter: "reason",
            detail: "that is no reason".to_owned(),
            help: "Name one of the reasons.".to_owned(),
        }),
        _ => Ok(()),
    }
}

impl Fake {
    /// Lets something happen to a lead.
    pub fn happen(&self, number: usize, kind: LeadEventKind) {
        let mut events = self.events.lock().unwrap();
        let sequence = *self.sequence.borrow() + 1;
        events.push(LeadEvent { sequence, kind, at: at(0), lead: lead(number) });
        drop(events);
        self.sequence.send_replace(sequence);
    }

    pub fn acts(&self) -> Vec<IdentityAct> {
        self.acts.lock().unwrap().clone()
    }

    fn change_act(&self, id: &str, to: IdentityActState) -> Answer<Option<IdentityAct>> {
        mood(id)?;
        let mut acts = self.acts.lock().unwrap();
        let Some(act) = acts.iter_mut().find(|it| it.id == id) else { return Ok(None) };
        if act.state == to {
            return Err(Failure::Conflict {
                code: "act_is_done",
                detail: "the act is that already".to_owned(),
                help: "Look at it again.".to_owned(),
            });
        }
        act.state = to;
        Ok(Some(act.clone()))
    }
}

#[async_trait]
impl Backend for Fake {
    fn keyring(&self) -> Arc<Sources> {
        self.keyring.clone()
    }

    async fn submit(&self, submission: Submission) -> Answer<()> {
        if self.full.load(Ordering::SeqCst) {
            return Err(Failure::Busy { retry_after: Duration::from_secs(3) });
        }
        self.submitted.lock().unwrap().push(submission);
        self.durable.acquire().await.expect("never closed").forget();
        Ok(())
    }

    async fn token(&self, hash: TokenHash) -> Answer<Option<Token>> {
        let scope = Scope::ALL.into_iter().find(|it| TokenHash::of(&token_of(*it)) == hash);
        Ok(scope.map(|scope| Token { name: format!("test {scope}"), scopes: vec![scope] }))
    }

    fn readiness(&self) -> Readiness {
        let ready = !self.rebuilding.load(Ordering::SeqCst);
        let phase = if ready { Phase::Live } else { Phase::Rebuilding };
        Readiness { ready, phase, done: 500, total: Some(1_000) }
    }

    async fn status(&self) -> Answer<ServerStatus> {
        Ok(ServerStatus {
            version: "0.0.0-fake".to_owned(),
            started_at: at(-10),
            readiness: self.readiness(),
            log_offset: 12,
            applied_offset: 10,
            lag_ms: 250,
            queues: vec![Queue { name: "live".to_owned(), depth: 2, limit: 100 }],
            warnings: Vec::new(),
        })
    }

    fn measures(&self) -> Vec<Family> {
        Vec::new()
    }

    async fn sources(&self) -> Answer<Vec<Source>> {
        Ok(vec![Source {
            name: "web".to_owned(),
            protocols: vec!["segment".to_owned()],
            accepted: 5,
            rejected: 1,
            repeated: 0,
            accepted_last_minute: 1,
            rejected_last_hour: 1,
            last_received_at: Some(at(0)),
        }])
    }

    async fn source_hours(&self, source: &str, hours: u32) -> Answer<Option<Vec<SourceHour>>> {
        mood(source)?;
        let hour = |it: u32| {
            let back = i64::from(hours) - i64::from(it);
            SourceHour {
                at: at(-60 * back),
                accepted: u64::from(it),
                rejected: u64::from(it % 7),
                repeated: 0,
            }
        };
        Ok((source == "web").then(|| (0..hours).map(hour).collect()))
    }

    async fn leads(&self, filter: &LeadFilter, listing: &Listing) -> Answer<Page<Lead>> {
        if let Some(owner) = &filter.owner {
            mood(owner)?;
        }
        let fits = |lead: &&Lead| {
            (filter.tracks.is_empty() || filter.tracks.contains(&lead.track))
                && (filter.statuses.is_empty() || filter.statuses.contains(&lead.status))
                && filter.owner.as_ref().is_none_or(|it| lead.owner.as_ref() == Some(it))
                && filter.account.as_ref().is_none_or(|it| lead.account == *it)
                && filter.since.is_none_or(|it| lead.updated_at >= it)
                && filter.held_out.is_none_or(|it| lead.held_out == it)
        };
        let leads = self.leads.lock().unwrap();
        cut(&leads.iter().filter(fits).cloned().collect::<Vec<_>>(), listing)
    }

    async fn lead(&self, id: &str) -> Answer<Option<LeadDetail>> {
        mood(id)?;
        let leads = self.leads.lock().unwrap();
        Ok(leads.iter().find(|it| it.id == id).cloned().map(detail))
    }

    async fn act(&self, id: &str, act: LeadAct, by: &Caller) -> Answer<Option<LeadDetail>> {
        mood(id)?;
        let mut leads = self.leads.lock().unwrap();
        let Some(lead) = leads.iter_mut().find(|it| it.id == id) else { return Ok(None) };
        let status = match &act {
            LeadAct::Accept => LeadStatus::Accepted,
            LeadAct::Reject { .. } => LeadStatus::Rejected,
            LeadAct::Snooze { .. } => LeadStatus::Snoozed,
            LeadAct::Reopen { .. } => LeadStatus::Open,
            LeadAct::Won { .. } => LeadStatus::Won,
            LeadAct::Lost { .. } => LeadStatus::Lost,
            LeadAct::Assign { .. } | LeadAct::Note { .. } => lead.status,
        };
        if act == LeadAct::Accept && lead.status == LeadStatus::Won {
            return Err(Failure::Conflict {
                code: "lead_is_closed",
                detail: "the lead is won".to_owned(),
                help: "Reopen it first.".to_owned(),
            });
        }
        lead.status = status;
        let mut told = detail(lead.clone());
        if let LeadAct::Note { text } = act {
            told.notes.push(Note { at: at(0), by: Some(by.name.clone()), text });
        }
        Ok(Some(told))
    }

    async fn lead_events(&self, sequence: u64, limit: u32) -> Answer<Option<Vec<LeadEvent>>> {
        if sequence < self.forgotten.load(Ordering::SeqCst) {
            return Ok(None);
        }
        let events = self.events.lock().unwrap();
        let after = events.iter().filter(|it| it.sequence > sequence);
        Ok(Some(after.take(limit as usize).cloned().collect()))
    }

    fn lead_sequence(&self) -> watch::Receiver<u64> {
        self.sequence.subscribe()
    }

    async fn accounts(&self, _: &AccountFilter, listing: &Listing) -> Answer<Page<Account>> {
        let all = (0..7).map(|it| account(&format!("acct_{it}"))).collect::<Vec<_>>();
        cut(&all, listing)
    }

    async fn account(&self, id: &str) -> Answer<Option<AccountDetail>> {
        mood(id)?;
        Ok(id.starts_with("acct_").then(|| AccountDetail {
            account: account(id),
            traits: json!({"employees": 12}).as_object().cloned().unwrap_or_default(),
            stages: vec![StageMove {
                at: at(-50),
                from: None,
                to: "pql".to_owned(),
                cause: None,
                corrected: false,
            }],
            qualifications: vec![qualification()],
            leads: vec![lead(1)],
            people: vec![Member { id: "u1".to_owned(), role: None, last_seen_at: None }],
            people_count: 1,
        }))
    }

    async fn account_facts(
        &self,
        account: &str,
        filter: &FactFilter,
        listing: &Listing,
    ) -> Answer<Option<AccountFacts>> {
        mood(account)?;
        Ok(account.starts_with("acct_").then(|| facts::of(filter, listing)))
    }

    async fn usage(&self, account: &str) -> Answer<Option<Usage>> {
        mood(account)?;
        Ok(account.starts_with("acct_").then(|| Usage {
            account: account.to_owned(),
            plan: Some(PlanRef {
                name: "free".to_owned(),
                since: None,
                trial_ends_at: None,
                next: Some("Starter <plan>".to_owned()),
            }),
            meters: vec![MeterUsage {
                meter: "contacts".to_owned(),
                used: 7_400.0,
                limit: None,
                left: None,
                reset_at: None,
            }],
            features: vec!["export".to_owned()],
            as_of: at(0),
            stale: false,
        }))
    }

    async fn entitlements(&self, account: &str) -> Answer<Option<Vec<Entitlement>>> {
        mood(account)?;
        let switched = |name: &str, allowed| Entitlement {
            allowed,
            reason: (!allowed).then(|| "plan `free` does not have it".to_owned()),
            used: None,
            limit: None,
            left: None,
            ..entitlement(account, name)
        };
        let spent = Entitlement {
            allowed: false,
            used: Some(50.0),
            limit: Some(50.0),
            left: Some(0.0),
            reset_at: Some(at(60 * 24)),
            ..entitlement(account, "sends")
        };
        let all = vec![
            switched("api <b>", false),
            entitlement(account, "contacts"),
            spent,
            switched("sso", true),
        ];
        Ok(account.starts_with("acct_").then_some(all))
    }

    async fn feature(&self, account: &str, feature: &str) -> Answer<Option<Entitlement>> {
        mood(account)?;
        let known = account.starts_with("acct_") && feature == "export";
        Ok(known.then(|| entitlement(account, feature)))
    }

    async fn meter(&self, account: &str, meter: &str) -> Answer<Option<Entitlement>> {
        mood(account)?;
        let known = account.starts_with("acct_") && meter == "contacts";
        Ok(known.then(|| entitlement(account, meter)))
    }

    async fn explain(
        &self,
        subject: &Subject,
        definition: &str,
        time: Option<Time>,
    ) -> Answer<Option<Explanation>> {
        mood(&subject.id)?;
        let known = subject.id.starts_with("acct_") && definition == "outgrowing-free";
        Ok(known.then(|| Explanation {
            subject: subject.clone(),
            definition: definition.to_owned(),
            version: "v1".to_owned(),
            at: At(time.unwrap_or_else(now)),
            holds: false,
            words: "7,400 of 8,000".to_owned(),
            missing: vec!["600 more contacts".to_owned()],
            when: json!({"fixed": false}),
            stay: None,
            unless: Some(json!({"fixed": false})),
            next_at: None,
        }))
    }

    async fn definitions(&self) -> Answer<Vec<Definition>> {
        Ok(vec![definition()])
    }

    async fn definition(&self, name: &str) -> Answer<Option<DefinitionDetail>> {
        mood(name)?;
        Ok((name == "outgrowing-free").then(|| DefinitionDetail {
            definition: definition(),
            text: "when: contacts >= 80%".to_owned(),
            versions: vec![DefinitionVersion {
                version: "v1".to_owned(),
                state: DefinitionState::Running,
                published_at: at(-999),
                applied_to_existing: false,
                published_by: "Priya Raman".to_owned(),
                text: workbench::TEXT.replace("80%", "85%"),
            }],
        }))
    }

    async fn quarantine(
        &self,
        _: &QuarantineFilter,
        listing: &Listing,
    ) -> Answer<Page<Quarantined>> {
        let items = self.quarantine.lock().unwrap();
        cut(&items.values().map(|it| it.item.clone()).collect::<Vec<_>>(), listing)
    }

    async fn quarantined(&self, id: &str) -> Answer<Option<QuarantinedDetail>> {
        mood(id)?;
        Ok(self.quarantine.lock().unwrap().get(id).cloned())
    }

    async fn replay(&self, id: &str, _: &Caller) -> Answer<Option<Replayed>> {
        mood(id)?;
        let known = self.quarantine.lock().unwrap().contains_key(id);
        Ok(known.then_some(Replayed { accepted: 1, reason: None }))
    }

    async fn discard(&self, id: &str, _: &Caller) -> Answer<Option<()>> {
        mood(id)?;
        Ok(self.quarantine.lock().unwrap().remove(id).map(drop))
    }

    async fn person(&self, id: &str) -> Answer<Option<PersonIds>> {
        mood(id)?;
        let linked = LinkedId { id: id.to_owned(), kind: LinkedIdKind::User, linked_at: None };
        Ok((id == "u1").then(|| PersonIds {
            person: id.to_owned(),
            ids: vec![linked],
            accounts: vec!["acct_1".to_owned()],
        }))
    }

    async fn signing_secrets(&self, kid: Option<&str>) -> Answer<Vec<SigningSecret>> {
        Ok(inbox::secrets(kid))
    }

    fn in_app_origins(&self) -> Arc<[Text]> {
        self.origins.lock().unwrap().clone()
    }

    async fn inbox(&self, person: &str) -> Answer<Vec<InAppMessage>> {
        mood(person)?;
        Ok(self.inbox.of(person))
    }

    async fn inbox_changes(&self, _: &str) -> Answer<watch::Receiver<u64>> {
        Ok(self.inbox.changed.subscribe())
    }

    async fn act_on_message(
        &self,
        person: &str,
        message: &str,
        act: InAppAct,
    ) -> Answer<Option<()>> {
        mood(message)?;
        Ok(self.inbox.act(person, message, act))
    }

    async fn plays(&self) -> Answer<Vec<Play>> {
        Ok(vec![outgoing::play()])
    }

    async fn play(&self, name: &str) -> Answer<Option<PlayDetail>> {
        mood(name)?;
        Ok((name == "outgrowing").then(outgoing::play_detail))
    }

    async fn play_runs(
        &self,
        _: &PlayFilter,
        _: Option<RunState>,
        listing: &Listing,
    ) -> Answer<Page<PlayRun>> {
        cut(&(0..5).map(|it| outgoing::run(it, at(-3))).collect::<Vec<_>>(), listing)
    }

    async fn preview(&self, play: &str, of: &PreviewFilter) -> Answer<Option<Vec<LeadPreview>>> {
        mood(play)?;
        let known = of.account.as_ref().is_none_or(|it| it.starts_with("acct_"));
        let held_out = of.account.as_deref() == Some(outgoing::HELD_OUT);
        let previews = known.then(|| outgoing::preview(held_out)).into_iter().collect();
        Ok((play == "outgrowing").then_some(previews))
    }

    async fn samples(&self, play: &str) -> Answer<Option<Vec<SampleMessage>>> {
        mood(play)?;
        Ok((play == "outgrowing").then(outgoing::samples))
    }

    async fn suppressed(&self, _: &PlayFilter, listing: &Listing) -> Answer<Page<Suppressed>> {
        cut(&(0..5).map(|it| outgoing::suppressed(it, at(-3))).collect::<Vec<_>>(), listing)
    }

    async fn exposures(&self, _: &PlayFilter, listing: &Listing) -> Answer<Page<Exposure>> {
        cut(&(0..5).map(|it| outgoing::exposure(it, at(-3))).collect::<Vec<_>>(), listing)
    }

    async fn deliveries(
        &self,
        filter: &DeliveryFilter,
        listing: &Listing,
    ) -> Answer<Page<Delivery>> {
        let all = (0..outgoing::DELIVERIES).map(|it| outgoing::delivery(it, at(-3)));
        let fits = |it: &Delivery| filter.states.is_empty() || filter.states.contains(&it.state);
        cut(&all.filter(fits).collect::<Vec<_>>(), listing)
    }

    async fn delivery(&self, id: &str) -> Answer<Option<DeliveryDetail>> {
        mood(id)?;
        Ok(outgoing::detail(id, at(-3)))
    }

    async fn resend(&self, id: &str) -> Answer<Option<DeliveryDetail>> {
        mood(id)?;
        Ok(outgoing::detail(id, at(-3)))
    }

    async fn resend_dead(&self, channel: Option<&str>) -> Answer<u64> {
        Ok(if channel.is_none_or(|it| it == "sales") { 4 } else { 0 })
    }

    async fn channels(&self) -> Answer<Vec<Channel>> {
        Ok(vec![outgoing::channel(at(-3))])
    }

    async fn enable_channel(&self, name: &str) -> Answer<Option<Channel>> {
        mood(name)?;
        Ok((name == "sales").then(|| outgoing::channel(at(-3))))
    }

    fn unsubscribe_secret(&self) -> SigningSecret {
        SigningSecret::new(inbox::SECRET)
    }

    async fn set_unsubscribed(&self, person: &str, unsubscribed: bool) -> Answer<()> {
        mood(person)?;
        self.unsubscribed.lock().unwrap().push((person.to_owned(), unsubscribed));
        Ok(())
    }

    fn slack_secrets(&self) -> Arc<[SlackSecret]> {
        let secret = SigningSecret::new(inbox::SECRET);
        Arc::from([SlackSecret { channel: "sales".into(), secret }])
    }

    async fn press(&self, press: SlackPress) -> Answer<()> {
        mood(&press.lead)?;
        let takes = *self.press_takes.lock().unwrap();
        tokio::time::sleep(takes).await;
        self.presses.lock().unwrap().push(press);
        Ok(())
    }

    async fn identity_acts(&self, listing: &Listing) -> Answer<Page<IdentityAct>> {
        cut(&self.acts.lock().unwrap(), listing)
    }

    async fn propose(&self, act: NewIdentityAct, by: &Caller) -> Answer<IdentityAct> {
        mood(&act.person)?;
        let NewIdentityAct { kind, person, other, reason } = act;
        let by = by.name.clone();
        let mut acts = self.acts.lock().unwrap();
        let act = IdentityAct { kind, person, other, reason, by, ..identity_act(acts.len()) };
        acts.push(act.clone());
        Ok(act)
    }

    async fn make(&self, id: &str, _: &Caller) -> Answer<Option<IdentityAct>> {
        self.change_act(id, IdentityActState::Made)
    }

    async fn undo(&self, id: &str, _: &Caller) -> Answer<Option<IdentityAct>> {
        self.change_act(id, IdentityActState::Undone)
    }

    async fn hygiene(&self) -> Answer<Hygiene> {
        Ok(who::hygiene(at(0)))
    }

    async fn erase(&self, subject: &Subject, _: &Caller) -> Answer<Option<Erasure>> {
        mood(&subject.id)?;
        Ok((subject.id == "u1").then(|| erasure(subject.clone())))
    }

    async fn erasure(&self, id: &str) -> Answer<Option<Erasure>> {
        mood(id)?;
        Ok((id == "erase_1").then(|| erasure(Subject::person("u1"))))
    }

    async fn ledger(&self, filter: &LedgerFilter, listing: &Listing) -> Answer<Page<LedgerEntry>> {
        let entry = |sequence| LedgerEntry {
            sequence,
            definition: filter.definition.clone().unwrap_or_else(|| "outgrowing-free".to_owned()),
            version: "v1".to_owned(),
            subject: Subject::person("u1"),
            account: None,
            change: LedgerChange::Entered,
            held_at: at(-9),
            was_at: None,
            known_at: at(-9),
            evidence: None,
        };
        cut(&(0..5).map(entry).collect::<Vec<_>>(), listing)
    }
}
