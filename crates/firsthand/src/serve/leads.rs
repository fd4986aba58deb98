//! Leads, as the API tells them and acts on them.

use firsthand_engine::desk::{Act, ActError};
use firsthand_engine::{HEADLINE, Refusal};
use firsthand_model::config;
use firsthand_model::lead::{Lead as Row, LeadChange as ChangeRow, LeadId, LeadStatus as Status};
use firsthand_store::{
    Cursor, LeadEvidence, LeadFilter as RowFilter, LeadSheet, LeadSort, Leads, OwnerFilter,
    PageRequest, Qualification as Held, Stages,
};
use firsthand_web::backend::Caller;
use firsthand_web::noun::{
    At, Direction, Lead, LeadAct, LeadChange, LeadDetail, LeadFilter, LeadOrder, LeadStatus,
    Listing, Note, Page, Qualification, Subject, SubjectKind, Track,
};
use firsthand_web::{Answer, Failure};
use serde_json::Value;

use super::Server;
use super::usage::trait_of;

/// Most accounts that are found by their names.
const NAMED_MAX: usize = 200;
/// Who is named where no person acted.
const BY_ITSELF: &str = "firsthand";

impl Server {
    pub(super) async fn leads(&self, filter: &LeadFilter, listing: &Listing) -> Answer<Page<Lead>> {
        let sort = match (filter.order, filter.direction) {
            (LeadOrder::OpenedAt, Direction::Desc) => LeadSort::Newest,
            (LeadOrder::OpenedAt, Direction::Asc) => LeadSort::Oldest,
            (LeadOrder::UpdatedAt, Direction::Desc) => LeadSort::Changed,
            (LeadOrder::Priority, Direction::Desc) => LeadSort::Score,
            (LeadOrder::DueAt, Direction::Asc) => LeadSort::Due,
            (LeadOrder::DueAt, Direction::Desc) => {
                return Err(Failure::Invalid {
                    parameter: "direction",
                    detail: "leads are sorted by when they are due only upwards".to_owned(),
                    help: "Send `direction=asc`.".to_owned(),
                });
            }
            (LeadOrder::UpdatedAt | LeadOrder::Priority, Direction::Asc) => {
                return Err(Failure::Invalid {
                    parameter: "direction",
                    detail: "leads are sorted by this only downwards".to_owned(),
                    help: "Leave `direction` out, or sort by `opened_at`.".to_owned(),
                });
            }
        };
        let rows = self.with_names(row_filter(filter)?).await?;
        let page = page_request(listing);
        let found = self.stored(move |store| {
            let found = store.leads(&rows, sort, &page)?;
            let mut items = Vec::with_capacity(found.rows.len());
            for lead in &found.rows {
                let evidence = store.lead(&lead.id)?.map(|it| it.evidence).unwrap_or_default();
                let stage = store.stage_of(&lead.account)?.map(|it| it.stage.to_string());
                items.push(lead_noun(lead, &evidence, stage));
            }
            Ok(Page { items, next: found.next.map(|it| it.to_string()) })
        });
        let mut found: Page<Lead> = found.await?;
        self.name_accounts(found.items.iter_mut()).await;
        Ok(found)
    }

    /// Puts the names of their accounts to leads, as the accounts are called now. Without an engine
    /// to ask they stay without.
    async fn name_accounts(&self, leads: impl Iterator<Item = &mut Lead>) {
        let mut leads: Vec<&mut Lead> = leads.collect();
        let accounts: Vec<String> = leads.iter().map(|it| it.account.clone()).collect();
        let names = self.ask(move |engine| {
            let name = |account: &String| {
                let traits = engine.live().customer(account)?.traits();
                trait_of(traits, "name").map(|(name, _)| name.to_string())
            };
            accounts.iter().map(name).collect::<Vec<Option<String>>>()
        });
        for (lead, name) in leads.iter_mut().zip(names.await.unwrap_or_default()) {
            lead.account_name = name;
        }
    }

    pub(super) async fn lead(&self, id: &str) -> Answer<Option<LeadDetail>> {
        let Ok(id) = id.parse::<LeadId>() else { return Ok(None) };
        let found = self.stored(move |store| {
            let Some(sheet) = store.lead(&id)? else { return Ok(None) };
            let stage = store.stage_of(&sheet.lead.account)?.map(|it| it.stage.to_string());
            Ok(Some(detail(&sheet, stage)))
        });
        let mut found = found.await?;
        self.name_accounts(found.iter_mut().map(|it| &mut it.lead)).await;
        Ok(found)
    }

    pub(super) async fn act(
        &self,
        id: &str,
        act: LeadAct,
        by: &Caller,
    ) -> Answer<Option<LeadDetail>> {
        let Some(before) = self.lead(id).await? else { return Ok(None) };
        let Ok(lead) = id.parse::<LeadId>() else { return Ok(None) };
        let (by, now) = (by.name.as_str().into(), self.now());
        let text = |it: Option<String>| it.map(Into::into);
        let act = match act {
            LeadAct::Accept => Act::Accept,
            LeadAct::Reject { reason } => Act::Reject { reason: reason.into() },
            LeadAct::Snooze { until, reason } => {
                Act::Snooze { until: until.0, reason: text(reason) }
            }
            LeadAct::Reopen { reason } => Act::Reopen { reason: text(reason) },
            LeadAct::Won { reason } => Act::Won { reason: text(reason) },
            LeadAct::Lost { reason } => Act::Lost { reason: text(reason) },
            LeadAct::Assign { owner } => Act::Assign { owner: text(owner) },
            LeadAct::Note { text } => Act::Note { text: text.into() },
        };
        let done = self.ask(move |engine| engine.act(&lead, &act, &by, now)).await?;
        match done {
            Ok(_) => self.lead(id).await,
            Err(Refusal::Act(error)) => Err(conflict(&error, before.lead.status)),
            Err(Refusal::Engine(error)) => Err(Failure::broken(error)),
        }
    }
}

impl Server {
    /// Adds the accounts whose names have in them what is searched for; the store knows only ids.
    pub(super) async fn with_names(&self, mut filter: RowFilter) -> Answer<RowFilter> {
        let Some(text) = filter.search.clone() else { return Ok(filter) };
        let found = self.ask(move |engine| {
            let live = engine.live();
            let text = text.to_lowercase();
            let named = live.customers().filter(|(_, customer)| {
                let name = trait_of(customer.traits(), "name");
                name.is_some_and(|(name, _)| name.to_lowercase().contains(&text))
            });
            named.map(|(id, _)| id.clone()).take(NAMED_MAX).collect()
        });
        match found.await {
            Ok(named) => filter.named = named,
            // While the state is rebuilt, accounts are found by their ids.
            Err(Failure::NotReady { .. }) => {}
            Err(failure) => return Err(failure),
        }
        Ok(filter)
    }
}

/// The filter as the store is asked it.
pub(super) fn row_filter(filter: &LeadFilter) -> Answer<RowFilter> {
    let track = match filter.tracks.as_slice() {
        [] => None,
        [one] => Some(track_row(*one)),
        _ => {
            return Err(Failure::Invalid {
                parameter: "track",
                detail: "leads are filtered by one track".to_owned(),
                help: "Name one track, or none for all of them.".to_owned(),
            });
        }
    };
    let owner = filter.owner.as_ref().map(|it| OwnerFilter::Of(it.as_str().into()));
    Ok(RowFilter {
        track,
        statuses: filter.statuses.iter().map(|it| status_row(*it)).collect(),
        owner: owner.or_else(|| filter.unowned.then_some(OwnerFilter::Nobody)),
        account: filter.account.as_ref().map(|it| it.as_str().into()),
        search: filter.text.as_ref().map(|it| it.as_str().into()),
        opened_from: filter.since.map(|it| it.0),
        due_to: filter.due_before.map(|it| it.0),
        held_out: filter.held_out,
        ..RowFilter::default()
    })
}

fn conflict(error: &ActError, status: LeadStatus) -> Failure {
    let (code, help) = match error {
        ActError::NotOpen(_) => ("lead_is_closed", "A closed lead stays as it is."),
        ActError::Already(_) => ("lead_is_that_already", "Nothing is left to be done."),
        ActError::Replaced => ("another_lead_is_open", "Work on the one that is open."),
        ActError::Past => ("time_is_past", "Name a later time."),
    };
    let detail = match error {
        ActError::NotOpen(_) => format!("the lead is {}", status.word()),
        other => other.to_string(),
    };
    Failure::Conflict { code, detail, help: help.to_owned() }
}

/// A page as the store is asked for it.
pub(super) fn page_request(listing: &Listing) -> PageRequest {
    match &listing.after {
        Some(cursor) => PageRequest::after(Cursor(cursor.as_str().into()), listing.limit),
        None => PageRequest::first(listing.limit),
    }
}

pub(super) fn lead_noun(lead: &Row, evidence: &[LeadEvidence], stage: Option<String>) -> Lead {
    let of = evidence.iter().filter(|it| it.lead == lead.id && it.retracted_at.is_none());
    let mut definitions: Vec<String> = of.clone().map(|it| it.definition.to_string()).collect();
    definitions.sort_unstable();
    definitions.dedup();
    let newest = of.max_by_key(|it| (it.left.is_none(), it.entered));
    Lead {
        id: lead.id.to_string(),
        account: lead.account.to_string(),
        account_name: None,
        track: track_noun(lead.track),
        status: status_noun(lead.status),
        stage,
        definitions,
        why: newest.and_then(|it| why(it.evidence.as_deref())),
        priority: lead.score.map(firsthand_model::Decimal::to_f64),
        held_out: lead.held_out,
        owner: lead.owner.as_ref().map(ToString::to_string),
        opened_at: lead.opened_at.into(),
        known_at: lead.known_at.into(),
        updated_at: lead.changed_at.into(),
        due_at: lead.due_at.map(At),
        snoozed_until: lead.snoozed_until.map(At),
        closed_at: lead.closed_at.map(At),
        reason: lead.reason.as_ref().map(ToString::to_string),
    }
}

fn detail(sheet: &LeadSheet, stage: Option<String>) -> LeadDetail {
    let mut qualifications: Vec<Qualification> = sheet.evidence.iter().map(evidence_noun).collect();
    qualifications.sort_by_key(|it| std::cmp::Reverse(it.entered_at));
    LeadDetail {
        lead: lead_noun(&sheet.lead, &sheet.evidence, stage),
        qualifications,
        history: sheet.changes.iter().map(change_noun).collect(),
        notes: sheet
            .notes
            .iter()
            .map(|it| Note {
                at: it.at.into(),
                by: Some(it.by.to_string()),
                text: it.text.to_string(),
            })
            .collect(),
    }
}

fn change_noun(it: &ChangeRow) -> LeadChange {
    LeadChange {
        at: it.at.into(),
        by: Some(it.by.to_string()).filter(|it| it != BY_ITSELF),
        from: it.from.map(status_noun),
        to: status_noun(it.to),
        owner: it.owner.as_ref().map(ToString::to_string),
        reason: it.reason.as_ref().or(it.note.as_ref()).map(ToString::to_string),
    }
}

fn evidence_noun(it: &LeadEvidence) -> Qualification {
    Qualification {
        definition: it.definition.to_string(),
        version: it.version.to_string(),
        subject: subject_noun(&it.subject),
        entered_at: it.entered.into(),
        left_at: it.left.or(it.retracted_at).map(At),
        known_at: it.known_at.into(),
        why: why(it.evidence.as_deref()),
        evidence: evidence_value(it.evidence.as_deref()),
    }
}

/// A qualification, as the ledger knows it.
pub(super) fn held_noun(it: &Held) -> Qualification {
    Qualification {
        definition: it.definition.to_string(),
        version: it.version.to_string(),
        subject: subject_noun(&it.subject),
        entered_at: it.interval.entered.into(),
        left_at: it.interval.left.map(At),
        known_at: it.interval.known_at.into(),
        why: None,
        evidence: Value::Null,
    }
}

pub(super) fn evidence_value(evidence: Option<&str>) -> Value {
    evidence.and_then(|it| serde_json::from_str(it).ok()).unwrap_or(Value::Null)
}

/// The headline of evidence, or else its first reason.
fn why(evidence: Option<&str>) -> Option<String> {
    fn first_words(value: &Value) -> Option<&str> {
        match value {
            Value::Object(map) => match map.get("words").and_then(Value::as_str) {
                Some(words) if map.get("met").and_then(Value::as_str) == Some("met") => Some(words),
                Some(_) => None,
                None => map.values().find_map(first_words),
            },
            Value::Array(all) => all.iter().find_map(first_words),
            _ => None,
        }
    }
    let evidence = evidence_value(evidence);
    let headline = evidence.get(HEADLINE).and_then(Value::as_str);
    headline.or_else(|| first_words(evidence.get("when")?)).map(str::to_owned)
}

pub(super) fn subject_noun(it: &firsthand_rules::timeline::Subject) -> Subject {
    let kind = match it.kind {
        firsthand_model::fact::Kind::Account => SubjectKind::Account,
        firsthand_model::fact::Kind::Person => SubjectKind::Person,
    };
    Subject { kind, id: it.id.to_string() }
}

fn track_row(track: Track) -> config::Track {
    match track {
        Track::Product => config::Track::Product,
        Track::Marketing => config::Track::Marketing,
        Track::Expansion => config::Track::Expansion,
    }
}

pub(super) fn track_noun(track: config::Track) -> Track {
    match track {
        config::Track::Marketing => Track::Marketing,
        config::Track::Expansion => Track::Expansion,
        // No lead stands on no track.
        config::Track::Product | config::Track::None => Track::Product,
    }
}

fn status_row(status: LeadStatus) -> Status {
    match status {
        LeadStatus::Open => Status::Open,
        LeadStatus::Accepted => Status::Accepted,
        LeadStatus::Rejected => Status::Rejected,
        LeadStatus::Snoozed => Status::Snoozed,
        LeadStatus::Won => Status::Won,
        LeadStatus::Lost => Status::Lost,
        LeadStatus::Expired => Status::Expired,
        LeadStatus::Withdrawn => Status::Withdrawn,
        LeadStatus::Merged => Status::Merged,
    }
}

fn status_noun(status: Status) -> LeadStatus {
    match status {
        Status::Open => LeadStatus::Open,
        Status::Accepted => LeadStatus::Accepted,
        Status::Rejected => LeadStatus::Rejected,
        Status::Snoozed => LeadStatus::Snoozed,
        Status::Won => LeadStatus::Won,
        Status::Lost => LeadStatus::Lost,
        Status::Expired => LeadStatus::Expired,
        Status::Withdrawn => LeadStatus::Withdrawn,
        Status::Merged => LeadStatus::Merged,
    }
}
