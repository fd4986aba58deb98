//! The rules of leads, one claim each.

use firsthand_model::config::Track;
use firsthand_model::fact::Kind;
use firsthand_model::lead::{Lead, LeadStatus};
use firsthand_model::{Span, Text, Time};
use firsthand_rules::ledger::Change;
use firsthand_rules::timeline::Subject;
use firsthand_store::Commit;

use super::{Act, ActError, Assigned, Desk, LeadRules, Qualified};

/// A Thursday, ten in the morning.
const NOW: &str = "2026-03-05T10:00:00Z";

fn at(days: i64) -> Time {
    NOW.parse::<Time>().unwrap() + Span::DAY.times(days)
}

fn desk() -> Desk {
    Desk::new(LeadRules::default())
}

fn qualified(change: Change, held_at: Time, known_at: Time) -> Qualified {
    Qualified {
        account: "acme".into(),
        track: Track::Product,
        definition: "busy".into(),
        version: "1".into(),
        subject: Subject { kind: Kind::Account, id: "acme".into() },
        change,
        held_at,
        known_at,
        holds: true,
        score: None,
        evidence: None,
    }
}

fn take(desk: &mut Desk, it: &Qualified) -> Commit {
    let mut commit = Commit::default();
    desk.take(it, &[], &mut commit);
    commit
}

fn opened(desk: &mut Desk) -> Lead {
    take(desk, &qualified(Change::Entered, at(0), at(0))).leads.remove(0)
}

fn act(desk: &mut Desk, lead: &Lead, act: &Act, now: Time) -> Result<Lead, ActError> {
    desk.act(&lead.id, act, &Text::new_static("rita"), now, &mut Commit::default())
}

#[test]
fn a_second_qualification_adds_to_the_lead_that_is_open() {
    let mut desk = desk();
    let first = opened(&mut desk);
    let second =
        Qualified { definition: "a-team".into(), ..qualified(Change::Entered, at(1), at(1)) };
    let commit = take(&mut desk, &second);
    assert_eq!(commit.leads[0].id, first.id);
    assert_eq!(commit.evidence.len(), 1);
    assert_eq!(desk.len(), 1);
}

#[test]
fn what_no_longer_holds_when_it_becomes_known_opens_nothing() {
    let mut desk = desk();
    let over = Qualified { holds: false, ..qualified(Change::Entered, at(0), at(3)) };
    assert_eq!(take(&mut desk, &over), Commit::default());
    let segment = Qualified { track: Track::None, ..qualified(Change::Entered, at(0), at(0)) };
    assert_eq!(take(&mut desk, &segment), Commit::default());
}

#[test]
fn a_rejection_keeps_leads_from_opening_for_a_while() {
    let mut desk = desk();
    let lead = opened(&mut desk);
    let rejected = act(&mut desk, &lead, &Act::Reject { reason: "student".into() }, at(1)).unwrap();
    assert_eq!((rejected.status, rejected.closed_at), (LeadStatus::Rejected, Some(at(1))));
    assert_eq!(rejected.reason.as_deref(), Some("student"));
    assert!(take(&mut desk, &qualified(Change::Entered, at(90), at(90))).leads.is_empty());
    assert_eq!(take(&mut desk, &qualified(Change::Entered, at(92), at(92))).leads.len(), 1);
}

#[test]
fn a_snoozed_lead_comes_back_and_an_untouched_one_expires() {
    let mut desk = desk();
    let lead = opened(&mut desk);
    let snooze = Act::Snooze { until: at(5), reason: None };
    assert_eq!(act(&mut desk, &lead, &snooze, at(6)), Err(ActError::Past));
    act(&mut desk, &lead, &snooze, at(1)).unwrap();
    assert_eq!(desk.next(), at(5));
    let mut commit = Commit::default();
    desk.pass(at(5), &mut commit);
    assert_eq!(commit.leads[0].status, LeadStatus::Open);
    desk.pass(at(5 + 29), &mut commit);
    assert_eq!(desk.len(), 1);
    desk.pass(at(5 + 30), &mut commit);
    assert_eq!(commit.leads[0].status, LeadStatus::Expired);
    assert!(desk.is_empty());
}

#[test]
fn corrected_data_withdraws_a_lead_unless_somebody_works_on_it() {
    let retracted = qualified(Change::Retracted, at(0), at(2));
    let mut desk = desk();
    opened(&mut desk);
    let commit = take(&mut desk, &retracted);
    assert_eq!(commit.leads[0].status, LeadStatus::Withdrawn);
    assert_eq!(commit.evidence[0].retracted_at, Some(at(2)));

    let lead = opened(&mut desk);
    act(&mut desk, &lead, &Act::Accept, at(1)).unwrap();
    let commit = take(&mut desk, &retracted);
    assert_eq!(commit.leads[0].status, LeadStatus::Accepted);
    assert!(commit.lead_changes[0].note.is_some(), "they are told");
}

/// P5: what came true, or was refused, is not offered a second time because data was corrected twice.
#[test]
fn what_led_to_a_lead_that_was_closed_opens_no_other_when_it_comes_back() {
    let mut desk = desk();
    let commit = take(&mut desk, &qualified(Change::Entered, at(0), at(0)));
    let (lead, rests_on) = (&commit.leads[0], &commit.evidence);
    act(&mut desk, lead, &Act::Won { reason: None }, at(1)).unwrap();

    let mut commit = Commit::default();
    desk.take(&qualified(Change::Retracted, at(0), at(2)), rests_on, &mut commit);
    assert_eq!(commit.evidence[0].retracted_at, Some(at(2)), "it is told what it rested on");
    let retracted = std::mem::take(&mut commit.evidence);
    desk.take(&qualified(Change::Entered, at(0), at(3)), &retracted, &mut commit);
    assert_eq!((commit.leads.len(), commit.evidence[0].retracted_at), (0, None));

    desk.take(&qualified(Change::Entered, at(4), at(4)), &retracted, &mut commit);
    assert_eq!(commit.leads.len(), 1, "another entry is another matter");
}

#[test]
fn a_revised_entry_moves_the_evidence_and_keeps_its_exit() {
    let mut desk = desk();
    opened(&mut desk);
    take(&mut desk, &qualified(Change::Left, at(4), at(4)));
    let moved = Change::Revised { was: at(0), entry: true, reopened: false };
    let commit = take(&mut desk, &qualified(moved, at(-1), at(5)));
    let stands: Vec<_> = commit.evidence.iter().filter(|it| it.retracted_at.is_none()).collect();
    let last = stands.last().unwrap();
    assert_eq!((last.entered, last.left), (at(-1), Some(at(4))));
    assert_eq!(commit.leads[0].status, LeadStatus::Open);
}

#[test]
fn whoever_accepts_owns_it_and_a_closed_lead_can_be_taken_back() {
    let mut desk = desk();
    let lead = opened(&mut desk);
    let accepted = act(&mut desk, &lead, &Act::Accept, at(1)).unwrap();
    assert_eq!(accepted.owner.as_deref(), Some("rita"));
    assert_eq!(accepted.touched_at, Some(at(1)));
    assert_eq!(
        act(&mut desk, &lead, &Act::Accept, at(1)),
        Err(ActError::Already(LeadStatus::Accepted))
    );
    let lost = act(&mut desk, &lead, &Act::Lost { reason: None }, at(2)).unwrap();
    assert_eq!(act(&mut desk, &lead, &Act::Accept, at(3)), Err(ActError::NotOpen(lead.id.clone())));
    assert!(desk.take_back(lost.clone(), Vec::new()));
    let again = act(&mut desk, &lead, &Act::Reopen { reason: None }, at(3)).unwrap();
    assert_eq!((again.status, again.closed_at), (LeadStatus::Open, None));
    assert!(!desk.take_back(lost, Vec::new()), "one lead an account and track");
}

#[test]
fn only_working_time_counts_until_a_lead_is_due() {
    let rules = LeadRules::default();
    let due = |known: &str| rules.due(Track::Product, known.parse().unwrap()).to_string();
    assert_eq!(due("2026-03-05T10:00:00Z"), "2026-03-06T10:00:00Z", "Thursday to Friday");
    assert_eq!(due("2026-03-06T16:00:00Z"), "2026-03-09T16:00:00Z", "over the weekend");
    assert_eq!(due("2026-03-07T03:00:00Z"), "2026-03-09T17:00:00Z", "from Monday morning");
}

#[test]
fn a_change_of_a_lead_tells_whose_it_is_from_then_on() {
    let mut desk = desk();
    let lead = opened(&mut desk);
    let rita = Text::new_static("rita");
    let mut commit = Commit::default();
    let by_rules = Assigned { owner: "ann".into(), due_at: None, why: "assigned".into() };
    desk.assign(&lead.id, by_rules, at(1), &mut commit);
    for (act, day) in [
        (Act::Snooze { until: at(9), reason: None }, 2),
        (Act::Assign { owner: None }, 3),
        (Act::Accept, 4),
    ] {
        desk.act(&lead.id, &act, &rita, at(day), &mut commit).unwrap();
    }
    let owners: Vec<_> = commit.lead_changes.iter().map(|it| it.owner.as_deref()).collect();
    assert_eq!(owners, [Some("ann"), None, None, Some("rita")]);
}
