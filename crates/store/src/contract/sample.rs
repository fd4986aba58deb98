//! Rows to write, each plain but for what a claim is about.

use firsthand_model::config::Track;
use firsthand_model::fact::Kind;
use firsthand_model::lead::{Lead, LeadId, LeadStatus};
use firsthand_model::{Decimal, Span, Text, Time};
use firsthand_rules::ledger::Change;
use firsthand_rules::timeline::Subject;

use crate::{
    Attempt, AttemptOutcome, Chunk, Commit, Delivery, DeliveryState, LeadEvidence, LedgerLine,
    Quarantined, Settlement, Store,
};

/// 2026-03-08, and so many minutes.
#[must_use]
pub fn minute(minutes: i64) -> Time {
    Time(1_772_928_000_000_000 + minutes * 60_000_000)
}

/// A chunk of the log; its bytes tell its offsets.
#[must_use]
pub fn chunk(first: u64, last: u64) -> Chunk {
    let bytes = format!("facts {first} to {last}").into_bytes();
    Chunk { first, last, received_at: minute(0), bytes }
}

/// A commit of a chunk only.
#[must_use]
pub fn log(first: u64, last: u64) -> Commit {
    Commit { chunk: Some(chunk(first, last)), ..Commit::default() }
}

/// An account as a subject.
#[must_use]
pub fn account(id: &str) -> Subject {
    Subject { kind: Kind::Account, id: id.into() }
}

/// A person as a subject.
#[must_use]
pub fn person(id: &str) -> Subject {
    Subject { kind: Kind::Person, id: id.into() }
}

/// A line of the ledger, of the definition `power` in version `v1`.
#[must_use]
pub fn line(subject: Subject, change: Change, held_at: Time) -> LedgerLine {
    let account = (subject.kind == Kind::Account).then(|| subject.id.clone());
    LedgerLine {
        definition: "power".into(),
        version: "v1".into(),
        subject,
        account,
        change,
        held_at,
        known_at: held_at,
        offset: 0,
        evidence: Some(r#"{"contacts": {"observed": 9100, "needed": 8000}}"#.to_owned()),
    }
}

/// An open lead on the product track; the salt makes it another one.
#[must_use]
pub fn lead(account: &str, salt: u64) -> Lead {
    let at = minute(salt.cast_signed());
    Lead {
        id: LeadId::mint(at, salt),
        account: account.into(),
        track: Track::Product,
        status: LeadStatus::Open,
        opened_at: at,
        known_at: at,
        score: None,
        owner: None,
        snoozed_until: None,
        due_at: None,
        touched_at: None,
        changed_at: at,
        closed_at: None,
        reason: None,
        merged_into: None,
        held_out: false,
    }
}

/// The same lead with another status; closed where that is a closed one.
#[must_use]
pub fn turned(lead: &Lead, status: LeadStatus, at: Time) -> Lead {
    let closed_at = status.is_closed().then_some(at);
    Lead { status, closed_at, changed_at: at, ..lead.clone() }
}

/// The same lead with a score.
#[must_use]
pub fn scored(lead: &Lead, score: i64) -> Lead {
    let score = Decimal::from_raw(i128::from(score) * Decimal::SCALE);
    Lead { score: Some(score), ..lead.clone() }
}

/// What a lead rests on.
#[must_use]
pub fn evidence(lead: &Lead, subject: Subject, entered: Time) -> LeadEvidence {
    LeadEvidence {
        lead: lead.id.clone(),
        definition: "power".into(),
        version: "v1".into(),
        subject,
        entered,
        left: None,
        known_at: entered,
        retracted_at: None,
        evidence: Some(r#"{"active members": 4}"#.to_owned()),
    }
}

/// A message about an account.
#[must_use]
pub fn delivery(id: &str, account: &str, due_at: Time) -> Delivery {
    Delivery {
        id: id.into(),
        lead: None,
        account: Some(account.into()),
        channel: "slack".into(),
        queued_at: due_at,
        due_at,
        payload: br#"{"text": "qualified"}"#.to_vec(),
        state: DeliveryState::Pending,
        attempts: 0,
        error: None,
    }
}

/// What became of a message at its next try, a second later.
#[must_use]
pub fn settled(delivery: &Delivery, state: DeliveryState, due_at: Time) -> Settlement {
    let error = (state != DeliveryState::Sent).then(|| Text::new("answered 503"));
    let outcome = match state {
        DeliveryState::Sent => AttemptOutcome::Sent,
        DeliveryState::Pending => AttemptOutcome::Again,
        DeliveryState::Dead | DeliveryState::Cancelled => AttemptOutcome::Dead,
    };
    Settlement {
        id: delivery.id.clone(),
        state,
        due_at,
        attempts: delivery.attempts + 1,
        error: error.clone(),
        attempt: Some(Attempt {
            at: delivery.due_at + Span::SECOND,
            duration_ms: 40,
            outcome,
            reason: error,
            request: Some(r#"POST https://example.com {"type": "lead.opened"}"#.to_owned()),
            answer: Some("503".to_owned()),
        }),
    }
}

/// Something that was refused.
#[must_use]
pub fn refused(source: &str, code: &str, raw: &str) -> Quarantined {
    Quarantined {
        source: source.into(),
        received_at: minute(0),
        code: code.into(),
        reason: Text::new("the event has no name"),
        raw: raw.into(),
    }
}

/// A commit of leads only.
#[must_use]
pub fn leads(leads: impl IntoIterator<Item = Lead>) -> Commit {
    Commit { leads: leads.into_iter().collect(), ..Commit::default() }
}

/// A commit of lines of the ledger only.
#[must_use]
pub fn ledger(lines: impl IntoIterator<Item = LedgerLine>) -> Commit {
    Commit { ledger: lines.into_iter().collect(), ..Commit::default() }
}

/// Commits, which must succeed.
pub fn commit(store: &dyn Store, commit: &Commit) {
    store.commit(commit).expect("the commit is sound");
}
