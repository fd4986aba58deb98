//! Who is who, what was refused, sources and the ledger, as the API tells them.

use firsthand_collect::RejectCode;
use firsthand_collect::live::{Reject, Source as Configured, reread};
use firsthand_engine::{Batch, OWN_SOURCE};
use firsthand_model::config::Protocol;
use firsthand_model::fact::{Body, Kind, Who};
use firsthand_model::{Fact, Span, Text, Time};
use firsthand_rules::ledger::Change;
use firsthand_rules::resolve::RawId;
use firsthand_rules::timeline::Subject as Whom;
use firsthand_store::{
    ActKind, ActState, IdentityAct as Act, IdentityActs, Ledger, LedgerFilter as LedgerRows,
    LedgerOrder, Quarantine, QuarantineFilter as RefusedRows, QuarantinedRow,
    Sources as SourceTallies,
};
use firsthand_web::backend::Caller;
use firsthand_web::noun::{
    At, IdentityAct, IdentityActKind, IdentityActState, LedgerChange, LedgerEntry, LedgerFilter,
    LinkedId, LinkedIdKind, Listing, NewIdentityAct, Page, PersonIds, QuarantineFilter,
    Quarantined, QuarantinedDetail, QuarantinedState, Replayed, Source, SourceHour, Subject,
    SubjectKind,
};
use firsthand_web::{Answer, Failure};
use serde::{Deserialize, Serialize};

use super::Server;
use super::leads::{evidence_value, page_request, subject_noun};

/// Most hours for which it is told what a source sent.
const SOURCE_HOURS_MAX: u32 = 7 * 24;

/// What is kept of a refused item: all that it takes to read it again.
#[derive(Serialize, Deserialize)]
pub(super) struct Kept {
    pub path: Text,
    pub item: String,
}

impl Kept {
    pub fn bytes(path: &Text, item: &str) -> Vec<u8> {
        let kept = Self { path: path.clone(), item: item.to_owned() };
        serde_json::to_vec(&kept).expect("texts serialise")
    }

    fn read(bytes: &[u8]) -> Self {
        serde_json::from_slice(bytes).unwrap_or_else(|_| Self {
            path: Text::default(),
            item: String::from_utf8_lossy(bytes).into_owned(),
        })
    }
}

impl Server {
    pub(super) async fn sources(&self) -> Answer<Vec<Source>> {
        let now = self.now();
        let configured = std::sync::Arc::clone(&self.sources);
        self.stored(move |store| {
            let tallies = store.sources()?;
            let minutes = store.source_minutes(None, now - Span::HOUR, now + Span::MINUTE)?;
            let mut names: Vec<Text> = configured.iter().map(|it| it.name().clone()).collect();
            names.extend(tallies.iter().map(|it| it.source.clone()));
            names.sort_unstable();
            names.dedup();
            let of = names.into_iter().map(|name| {
                let tally = tallies.iter().find(|it| it.source == name);
                let own = || minutes.iter().filter(|it| it.source == name);
                let last_minute = own().filter(|it| it.minute + Span::MINUTE.times(2) > now);
                Source {
                    protocols: configured.by_name(&name).map_or_else(Vec::new, protocols),
                    accepted: tally.map_or(0, |it| it.accepted),
                    rejected: tally.map_or(0, |it| it.rejected),
                    repeated: tally.map_or(0, |it| it.repeated),
                    accepted_last_minute: last_minute.map(|it| it.accepted).max().unwrap_or(0),
                    rejected_last_hour: own().map(|it| it.rejected).sum(),
                    last_received_at: tally.map(|it| At(it.last_seen_at)),
                    name: name.to_string(),
                }
            });
            Ok(of.collect())
        })
        .await
    }

    pub(super) async fn source_hours(
        &self,
        source: &str,
        hours: u32,
    ) -> Answer<Option<Vec<SourceHour>>> {
        let hours = i64::from(hours.clamp(1, SOURCE_HOURS_MAX));
        let hour = |at: Time| Time(at.0.div_euclid(Span::HOUR.0) * Span::HOUR.0);
        let last = hour(self.now());
        let first = last - Span::HOUR.times(hours - 1);
        let name = Text::from(source);
        let configured = self.sources.by_name(&name).is_some();
        self.stored(move |store| {
            if !configured && store.sources()?.iter().all(|it| it.source != name) {
                return Ok(None);
            }
            let empty = |number| SourceHour {
                at: At(first + Span::HOUR.times(number)),
                accepted: 0,
                rejected: 0,
                repeated: 0,
            };
            let mut told: Vec<SourceHour> = (0..hours).map(empty).collect();
            for it in store.source_minutes(Some(&name), first, last + Span::HOUR)? {
                let place = (hour(it.minute) - first).0 / Span::HOUR.0;
                let place = usize::try_from(place).ok().and_then(|it| told.get_mut(it));
                if let Some(hour) = place {
                    hour.accepted += it.accepted;
                    hour.rejected += it.rejected;
                    hour.repeated += it.repeated;
                }
            }
            Ok(Some(told))
        })
        .await
    }

    pub(super) async fn quarantine(
        &self,
        filter: &QuarantineFilter,
        listing: &Listing,
    ) -> Answer<Page<Quarantined>> {
        let rows = RefusedRows {
            source: filter.source.as_ref().map(|it| it.as_str().into()),
            from: filter.since.map(|it| it.0),
            replayed: filter.state.map(|it| it == QuarantinedState::Replayed),
            ..RefusedRows::default()
        };
        let page = page_request(listing);
        self.stored(move |store| {
            let found = Quarantine::quarantined(store, &rows, &page)?;
            let items = found.rows.iter().map(quarantined_noun).collect();
            Ok(Page { items, next: found.next.map(|it| it.to_string()) })
        })
        .await
    }

    pub(super) async fn quarantined(&self, id: &str) -> Answer<Option<QuarantinedDetail>> {
        let row = self.refused_row(id).await?;
        Ok(row.map(|it| QuarantinedDetail {
            item: quarantined_noun(&it),
            raw: Kept::read(&it.raw).item,
        }))
    }

    async fn refused_row(&self, id: &str) -> Answer<Option<QuarantinedRow>> {
        let Ok(id) = id.parse::<u64>() else { return Ok(None) };
        self.stored(move |store| store.quarantined_row(id)).await
    }

    pub(super) async fn replay(&self, id: &str) -> Answer<Option<Replayed>> {
        let Some(row) = self.refused_row(id).await? else { return Ok(None) };
        if row.replayed_at.is_some() {
            return Err(Failure::Conflict {
                code: "already_replayed",
                detail: "the item was taken in already".to_owned(),
                help: "Nothing is left to be done.".to_owned(),
            });
        }
        let Some(source) = self.sources.by_name(&row.source) else {
            return Err(Failure::Conflict {
                code: "unknown_source",
                detail: format!("there is no source `{}` any more", row.source),
                help: "Configure the source again, or delete the item.".to_owned(),
            });
        };
        let Kept { path, item } = Kept::read(&row.raw);
        let received = reread(source, &rejected(path, item), row.received_at);
        let Ok(received) = received else {
            let reason = Some("it is no body of its protocol".to_owned());
            return Ok(Some(Replayed { accepted: 0, reason }));
        };
        if let Some(again) = received.rejects.first() {
            return Ok(Some(Replayed { accepted: 0, reason: Some(again.reason.clone()) }));
        }
        let accepted = received.facts.len() as u64;
        self.submit_batch(Batch { facts: received.facts, ..Batch::default() }).await?;
        let now = self.now();
        self.stored(move |store| store.mark_replayed(&[row.id], now)).await?;
        Ok(Some(Replayed { accepted, reason: None }))
    }

    pub(super) async fn discard(&self, id: &str) -> Answer<Option<()>> {
        let Ok(id) = id.parse::<u64>() else { return Ok(None) };
        let gone = self.stored(move |store| store.delete_quarantined(&[id])).await?;
        Ok((gone > 0).then_some(()))
    }

    pub(super) async fn person(&self, id: &str) -> Answer<Option<PersonIds>> {
        let id = Text::from(id);
        self.ask(move |engine| {
            let resolver = engine.live().resolver();
            let person = resolver.person_of(&id)?;
            let ids = resolver.ids_of(&person).into_iter().map(|it| {
                let (id, kind) = match it {
                    RawId::User(id) => (id, LinkedIdKind::User),
                    RawId::Anonymous(id) => (id, LinkedIdKind::Anonymous),
                };
                LinkedId { id: id.to_string(), kind, linked_at: None }
            });
            let accounts = resolver.accounts_of(&person);
            Some(PersonIds {
                ids: ids.collect(),
                accounts: accounts.iter().map(ToString::to_string).collect(),
                person: person.to_string(),
            })
        })
        .await
    }

    pub(super) async fn identity_acts(&self, listing: &Listing) -> Answer<Page<IdentityAct>> {
        let page = page_request(listing);
        self.stored(move |store| {
            let found = IdentityActs::identity_acts(store, None, &page)?;
            let items = found.rows.iter().map(act_noun).collect();
            Ok(Page { items, next: found.next.map(|it| it.to_string()) })
        })
        .await
    }

    pub(super) async fn propose(&self, act: NewIdentityAct, by: &Caller) -> Answer<IdentityAct> {
        if act.person == act.other {
            return Err(Failure::Invalid {
                parameter: "other",
                detail: "both ids are the same".to_owned(),
                help: "Name two ids.".to_owned(),
            });
        }
        let now = self.now();
        let name = blake3::hash(format!("{now}\n{}\n{}", act.person, act.other).as_bytes());
        let act = Act {
            id: format!("who_{}", &name.to_hex()[..20]).into(),
            kind: match act.kind {
                IdentityActKind::Merge => ActKind::Merge,
                IdentityActKind::Split => ActKind::Split,
            },
            of: Kind::Person,
            one: act.person.into(),
            other: act.other.into(),
            state: ActState::Proposed,
            proposed_by: by.name.as_str().into(),
            proposed_at: now,
            decided_by: None,
            decided_at: None,
            why: act.reason.unwrap_or_default().into(),
        };
        let noun = act_noun(&act);
        self.submit_batch(Batch { identity_acts: vec![act], ..Batch::default() }).await?;
        Ok(noun)
    }

    pub(super) async fn make(&self, id: &str, by: &Caller) -> Answer<Option<IdentityAct>> {
        let Some(act) = self.identity_act(id).await? else { return Ok(None) };
        if act.state != ActState::Proposed {
            return Err(not_any_more(&act));
        }
        let unites = act.kind == ActKind::Merge;
        self.decide(act, by, ActState::Made, Some(unites)).await.map(Some)
    }

    pub(super) async fn undo(&self, id: &str, by: &Caller) -> Answer<Option<IdentityAct>> {
        let Some(act) = self.identity_act(id).await? else { return Ok(None) };
        let decided = match act.state {
            ActState::Proposed => self.decide(act, by, ActState::Refused, None).await?,
            ActState::Made => {
                let unites = act.kind == ActKind::Split;
                self.decide(act, by, ActState::Undone, Some(unites)).await?
            }
            ActState::Refused | ActState::Undone => return Err(not_any_more(&act)),
        };
        Ok(Some(decided))
    }

    async fn identity_act(&self, id: &str) -> Answer<Option<Act>> {
        let id = id.to_owned();
        self.stored(move |store| store.identity_act(&id)).await
    }

    /// Writes a decision down, with the fact that it makes: one commit.
    async fn decide(
        &self,
        act: Act,
        by: &Caller,
        state: ActState,
        unites: Option<bool>,
    ) -> Answer<IdentityAct> {
        let now = self.now();
        let fact = unites.map(|unites| Fact {
            id: format!("{}:{}", act.id, state.word()).into(),
            source: OWN_SOURCE,
            time: now,
            known_at: Some(now),
            who: Who { user: Some(act.one.clone()), ..Who::default() },
            body: if unites {
                Body::Alias { other: act.other.clone() }
            } else {
                Body::Split { other: act.other.clone() }
            },
        });
        let decided_by = Some(by.name.as_str().into());
        let act = Act { state, decided_by, decided_at: Some(now), ..act };
        let noun = act_noun(&act);
        let facts = fact.into_iter().collect();
        self.submit_batch(Batch { facts, identity_acts: vec![act], ..Batch::default() }).await?;
        Ok(noun)
    }

    pub(super) async fn ledger(
        &self,
        filter: &LedgerFilter,
        listing: &Listing,
    ) -> Answer<Page<LedgerEntry>> {
        let rows = LedgerRows {
            definition: filter.definition.as_ref().map(|it| it.as_str().into()),
            subject: filter.subject.as_ref().map(whom),
            known_from: filter.since.map(|it| it.0),
            ..LedgerRows::default()
        };
        let page = page_request(listing);
        self.stored(move |store| {
            let found = Ledger::ledger(store, &rows, LedgerOrder::OldestFirst, &page)?;
            let items = found.rows.into_iter().map(|row| {
                let line = row.line;
                let (change, was_at) = match line.change {
                    Change::Entered => (LedgerChange::Entered, None),
                    Change::Left => (LedgerChange::Left, None),
                    Change::Revised { was, .. } => (LedgerChange::Revised, Some(was)),
                    Change::Retracted => (LedgerChange::Retracted, None),
                };
                LedgerEntry {
                    sequence: row.id,
                    definition: line.definition.to_string(),
                    version: line.version.to_string(),
                    subject: subject_noun(&line.subject),
                    account: line.account.map(|it| it.to_string()),
                    change,
                    held_at: line.held_at.into(),
                    was_at: was_at.map(At),
                    known_at: line.known_at.into(),
                    evidence: line.evidence.as_deref().map(|it| evidence_value(Some(it))),
                }
            });
            Ok(Page { items: items.collect(), next: found.next.map(|it| it.to_string()) })
        })
        .await
    }
}

/// A refused item as it was.
fn rejected(path: Text, raw: String) -> Reject {
    let code = RejectCode::BadValue;
    Reject { index: 0, column: None, code, reason: String::new(), path, raw }
}

/// Which protocols a source may speak.
fn protocols(source: &Configured) -> Vec<String> {
    let spoken = Protocol::ALL.into_iter().filter(|(_, it)| source.accepts(*it));
    spoken.map(|(word, _)| word.to_owned()).collect()
}

fn whom(subject: &Subject) -> Whom {
    let kind = match subject.kind {
        SubjectKind::Account => Kind::Account,
        SubjectKind::Person => Kind::Person,
    };
    Whom { kind, id: subject.id.as_str().into() }
}

fn not_any_more(act: &Act) -> Failure {
    Failure::Conflict {
        code: "already_decided",
        detail: format!("it is {} already", act.state.word()),
        help: "Propose another one.".to_owned(),
    }
}

fn act_noun(act: &Act) -> IdentityAct {
    let decided = |state: ActState| act.decided_at.filter(|_| act.state == state).map(At);
    IdentityAct {
        id: act.id.to_string(),
        kind: match act.kind {
            ActKind::Merge => IdentityActKind::Merge,
            ActKind::Split => IdentityActKind::Split,
        },
        person: act.one.to_string(),
        other: act.other.to_string(),
        reason: Some(act.why.to_string()).filter(|it| !it.is_empty()),
        state: match act.state {
            ActState::Proposed => IdentityActState::Proposed,
            ActState::Made => IdentityActState::Made,
            ActState::Refused | ActState::Undone => IdentityActState::Undone,
        },
        by: act.proposed_by.to_string(),
        proposed_at: act.proposed_at.into(),
        made_at: decided(ActState::Made),
        undone_at: decided(ActState::Undone).or_else(|| decided(ActState::Refused)),
    }
}

fn quarantined_noun(row: &QuarantinedRow) -> Quarantined {
    Quarantined {
        id: row.id.to_string(),
        source: row.source.to_string(),
        received_at: row.received_at.into(),
        reason: row.reason.to_string(),
        state: match row.replayed_at {
            Some(_) => QuarantinedState::Replayed,
            None => QuarantinedState::Waiting,
        },
        size_bytes: Kept::read(&row.raw).item.len() as u64,
    }
}
