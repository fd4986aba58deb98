//! Claims about what plays leave behind.

use firsthand_model::config::Track;
use firsthand_model::lead::{Lead, LeadStatus};
use firsthand_model::play::{Arm, Contact, Exposure, PlayRun, Reason, RunState, Suppressed};

use super::claims;
use super::sample::{commit, delivery, lead, leads, minute, turned};
use crate::{
    Commit, DeliveryFilter, DeliveryState, ExposureCount, Identities, PageRequest, PlayFilter,
    ReactionCount, Retention, RunCount, StepCount, Store, SuppressedCount,
};

claims![
    a_run_is_as_it_was_last_written,
    what_was_decided_twice_is_there_once,
    the_first_exposure_of_an_account_holds_for_ever,
    contacts_come_back_in_order_from_an_instant_on,
    a_message_called_back_is_not_sent_any_more,
    runs_and_exposures_are_found_and_counted,
    it_is_counted_where_runs_stand_and_what_came_of_their_messages,
    a_message_is_found_by_its_play_and_tells_to_whom_it_went,
    what_belongs_to_a_lead_goes_with_it_and_exposures_stay,
    of_an_erased_person_no_contact_is_left,
    of_an_erased_account_no_run_is_left,
];

/// A run of a play for a lead that has just begun.
pub(super) fn run(lead: &Lead, play: &str) -> PlayRun {
    PlayRun {
        lead: lead.id.clone(),
        play: play.into(),
        account: lead.account.clone(),
        state: RunState::Running,
        began_at: minute(1),
        step: 0,
        wanted_at: minute(1),
        due_at: Some(minute(2)),
        waits: None,
        seen_at: None,
        clicked_at: None,
        dismissed_at: None,
        changed_at: minute(1),
    }
}

pub(super) fn contact(id: &str, lead: &Lead, person: &str, at: i64) -> Contact {
    Contact {
        delivery: id.into(),
        lead: lead.id.clone(),
        play: Some("grow".into()),
        account: lead.account.clone(),
        receiver: Some(person.into()),
        receiver_name: Some("Zoë B.".into()),
        of_team: false,
        channel: "mail".into(),
        at: minute(at),
    }
}

pub(super) fn suppressed(id: &str, lead: &Lead, person: &str) -> Suppressed {
    Suppressed {
        id: id.into(),
        lead: lead.id.clone(),
        play: "grow".into(),
        step: 1,
        account: lead.account.clone(),
        person: Some(person.into()),
        person_name: Some("Zoë B.".into()),
        channel: "mail".into(),
        at: minute(3),
        reason: Reason::PersonBudget,
    }
}

pub(super) fn exposure(lead: &Lead, play: &str, arm: Arm) -> Exposure {
    Exposure {
        account: lead.account.clone(),
        track: Track::Product,
        play: play.into(),
        lead: lead.id.clone(),
        arm,
        size: "2-9".into(),
        share: 100,
        part: 417,
        at: minute(1),
    }
}

fn page() -> PageRequest {
    PageRequest::first(100)
}

fn any() -> PlayFilter {
    PlayFilter::default()
}

fn a_run_is_as_it_was_last_written(store: &dyn Store) {
    let lead = lead("acme", 1);
    let begun = run(&lead, "grow");
    commit(store, &Commit { play_runs: vec![begun.clone()], ..leads([lead.clone()]) });
    assert_eq!(store.play_runs(&any(), None, &page()).unwrap().rows, vec![begun.clone()]);
    let later = PlayRun {
        step: 1,
        wanted_at: minute(4),
        due_at: Some(minute(9)),
        waits: Some(Reason::QuietHours),
        seen_at: Some(minute(3)),
        changed_at: minute(4),
        ..begun
    };
    commit(store, &Commit { play_runs: vec![later.clone()], ..Commit::default() });
    assert_eq!(store.play_runs(&any(), None, &page()).unwrap().rows, vec![later.clone()]);
    let over = PlayRun { state: RunState::Done, due_at: None, waits: None, ..later };
    commit(store, &Commit { play_runs: vec![over.clone()], ..Commit::default() });
    let of = |state| store.play_runs(&any(), Some(state), &page()).unwrap().rows;
    assert_eq!(of(RunState::Running), []);
    assert_eq!(of(RunState::Done), [over]);
}

fn what_was_decided_twice_is_there_once(store: &dyn Store) {
    let lead = lead("acme", 1);
    let decided = Commit {
        contacts: vec![contact("a", &lead, "zoë", 2)],
        suppressed: vec![suppressed("b", &lead, "zoë")],
        ..leads([lead.clone()])
    };
    commit(store, &decided);
    let again = Suppressed { at: minute(9), ..suppressed("b", &lead, "zoë") };
    commit(store, &Commit { suppressed: vec![again], ..decided.clone() });
    assert_eq!(store.contacts_since(minute(0), &page()).unwrap().rows, decided.contacts);
    assert_eq!(store.suppressed(&any(), &page()).unwrap().rows, decided.suppressed);
}

fn the_first_exposure_of_an_account_holds_for_ever(store: &dyn Store) {
    let lead = lead("acme", 1);
    let first = exposure(&lead, "grow", Arm::HeldOut);
    let exposures = vec![first.clone()];
    commit(store, &Commit { exposures, ..leads([lead.clone()]) });
    let second = exposure(&lead, "grow", Arm::Treated);
    commit(store, &Commit { exposures: vec![second], ..Commit::default() });
    assert_eq!(store.exposures(&any(), None, &page()).unwrap().rows, [first]);
}

fn contacts_come_back_in_order_from_an_instant_on(store: &dyn Store) {
    let lead = lead("acme", 1);
    let to_owner = Contact {
        receiver: Some("ana".into()),
        receiver_name: None,
        of_team: true,
        play: None,
        ..contact("c", &lead, "", 3)
    };
    let to_team = Contact { receiver: None, receiver_name: None, ..contact("d", &lead, "", 4) };
    let to_team = Contact { of_team: true, ..to_team };
    let contacts =
        vec![contact("b", &lead, "zoë", 2), contact("a", &lead, "bob", 5), to_owner, to_team];
    commit(store, &Commit { contacts, ..leads([lead.clone()]) });
    let mut met = Vec::new();
    let mut request = PageRequest::first(1);
    loop {
        let page = store.contacts_since(minute(3), &request).unwrap();
        met.extend(page.rows.iter().map(|it| it.delivery.to_string()));
        let Some(cursor) = page.next else { break };
        request = PageRequest::after(cursor, 1);
    }
    assert_eq!(met, ["c", "d", "a"]);
    let all = store.contacts_since(minute(0), &page()).unwrap().rows;
    let names: Vec<_> = all.iter().map(|it| it.receiver_name.as_deref()).collect();
    assert_eq!(names, [Some("Zoë B."), None, None, Some("Zoë B.")]);
    let told: Vec<_> = all.iter().map(|it| (it.receiver.as_deref(), it.of_team)).collect();
    assert_eq!(
        told,
        [(Some("zoë"), false), (Some("ana"), true), (None, true), (Some("bob"), false)]
    );
}

fn a_message_called_back_is_not_sent_any_more(store: &dyn Store) {
    let deliveries = vec![delivery("a", "acme", minute(1)), delivery("b", "acme", minute(1))];
    commit(store, &Commit { deliveries, ..Commit::default() });
    let cancelled = vec!["a".into(), "unknown".into()];
    commit(store, &Commit { cancelled, ..Commit::default() });
    let due = store.due_deliveries(None, minute(9), 9).unwrap();
    assert_eq!(due.iter().map(|it| it.id.as_str()).collect::<Vec<_>>(), ["b"]);
    let state = store.delivery("a").unwrap().map(|(it, _)| it.state);
    assert_eq!(state, Some(DeliveryState::Cancelled));
}

fn runs_and_exposures_are_found_and_counted(store: &dyn Store) {
    let (acme, beta) = (lead("acme", 1), lead("beta", 2));
    let over = PlayRun { state: RunState::HeldOut, due_at: None, ..run(&beta, "grow") };
    let both = Commit {
        play_runs: vec![run(&acme, "grow"), run(&acme, "tell"), over],
        exposures: vec![
            exposure(&acme, "grow", Arm::Treated),
            exposure(&beta, "grow", Arm::HeldOut),
        ],
        suppressed: vec![suppressed("a", &acme, "zoë")],
        ..leads([acme.clone(), beta.clone()])
    };
    commit(store, &both);
    let of = |filter: PlayFilter| store.play_runs(&filter, None, &page()).unwrap().rows.len();
    assert_eq!(of(PlayFilter { play: Some("grow".into()), ..any() }), 2);
    assert_eq!(of(PlayFilter { lead: Some(acme.id.clone()), ..any() }), 2);
    assert_eq!(of(PlayFilter { account: Some("beta".into()), ..any() }), 1);
    let filter = PlayFilter { account: Some("beta".into()), ..any() };
    assert!(store.suppressed(&filter, &page()).unwrap().rows.is_empty());
    let held = store.exposures(&any(), Some(Arm::HeldOut), &page()).unwrap().rows;
    assert_eq!(held, [exposure(&beta, "grow", Arm::HeldOut)]);
    let runs = |play: &str, state| RunCount { play: play.into(), state, runs: 1 };
    let wanted = [
        runs("grow", RunState::HeldOut),
        runs("grow", RunState::Running),
        runs("tell", RunState::Running),
    ];
    assert_eq!(store.count_play_runs().unwrap(), wanted);
    let accounts = |arm| ExposureCount {
        play: "grow".into(),
        track: Track::Product,
        size: "2-9".into(),
        arm,
        accounts: 1,
    };
    let wanted = [accounts(Arm::HeldOut), accounts(Arm::Treated)];
    assert_eq!(store.count_exposures().unwrap(), wanted);
}

fn it_is_counted_where_runs_stand_and_what_came_of_their_messages(store: &dyn Store) {
    let all = [lead("acme", 1), lead("beta", 2), lead("cora", 3), lead("dash", 4)];
    let [acme, beta, cora, dash] = &all;
    let seen = PlayRun { step: 1, seen_at: Some(minute(3)), ..run(acme, "grow") };
    let waits = PlayRun {
        waits: Some(Reason::QuietHours),
        clicked_at: Some(minute(4)),
        ..PlayRun { lead: beta.id.clone(), account: "beta".into(), ..seen.clone() }
    };
    let over = PlayRun { state: RunState::Done, due_at: None, step: 2, ..run(cora, "grow") };
    let held = PlayRun { state: RunState::HeldOut, due_at: None, ..run(dash, "grow") };
    let other = run(acme, "tell");
    let budget = suppressed("a", acme, "zoë");
    let off = Suppressed { reason: Reason::ChannelOff, ..suppressed("b", beta, "bob") };
    let decided = Commit {
        play_runs: vec![seen, waits, over, held, other],
        suppressed: vec![budget, off, suppressed("c", beta, "cy")],
        ..leads(all.clone())
    };
    commit(store, &decided);
    let at = |state, step, waits| StepCount { state, step, waits, runs: 1 };
    let wanted = [
        at(RunState::Done, 2, None),
        at(RunState::HeldOut, 0, None),
        at(RunState::Running, 1, None),
        at(RunState::Running, 1, Some(Reason::QuietHours)),
    ];
    assert_eq!(store.count_play_steps("grow").unwrap(), wanted);
    let wanted = ReactionCount { runs: 3, seen: 2, clicked: 1, dismissed: 0 };
    assert_eq!(store.count_reactions("grow").unwrap(), wanted);
    assert_eq!(store.count_reactions("none").unwrap(), ReactionCount::default());
    let count = |reason, messages| SuppressedCount { step: 1, reason, messages };
    let wanted = [count(Reason::ChannelOff, 1), count(Reason::PersonBudget, 2)];
    assert_eq!(store.count_suppressed("grow").unwrap(), wanted);
}

fn a_message_is_found_by_its_play_and_tells_to_whom_it_went(store: &dyn Store) {
    let lead = lead("acme", 1);
    let told = Contact { play: Some("tell".into()), ..contact("b", &lead, "bob", 2) };
    let decided = Commit {
        deliveries: ["a", "b", "c"].map(|it| delivery(it, "acme", minute(1))).to_vec(),
        contacts: vec![contact("a", &lead, "zoë", 2), told.clone()],
        ..leads([lead.clone()])
    };
    commit(store, &decided);
    let filter = DeliveryFilter { play: Some("tell".into()), ..DeliveryFilter::default() };
    let found = store.deliveries(&filter, &page()).unwrap().rows;
    assert_eq!(found.iter().map(|it| it.id.as_str()).collect::<Vec<_>>(), ["b"]);
    assert_eq!(store.contact("b").unwrap(), Some(told));
    assert_eq!(store.contact("c").unwrap(), None);
}

/// A lead with everything that plays leave behind.
pub(super) fn played(lead: &Lead, person: &str, salt: u64) -> Commit {
    Commit {
        play_runs: vec![run(lead, "grow")],
        contacts: vec![contact(&format!("contact {salt}"), lead, person, 2)],
        suppressed: vec![suppressed(&format!("kept back {salt}"), lead, person)],
        exposures: vec![exposure(lead, "grow", Arm::Treated)],
        ..Commit::default()
    }
}

fn what_belongs_to_a_lead_goes_with_it_and_exposures_stay(store: &dyn Store) {
    let open = lead("acme", 1);
    let closed = turned(&open, LeadStatus::Lost, minute(5));
    commit(store, &Commit { leads: vec![closed], ..played(&open, "zoë", 1) });
    let retention = Retention { leads_before: Some(minute(9)), ..Retention::default() };
    assert_eq!(store.sweep(&retention).unwrap(), 1);
    assert!(store.play_runs(&any(), None, &page()).unwrap().rows.is_empty());
    assert!(store.contacts_since(minute(0), &page()).unwrap().rows.is_empty());
    assert!(store.suppressed(&any(), &page()).unwrap().rows.is_empty());
    assert_eq!(store.exposures(&any(), None, &page()).unwrap().rows.len(), 1);
}

fn of_an_erased_person_no_contact_is_left(store: &dyn Store) {
    let lead = lead("acme", 1);
    commit(store, &Commit { leads: vec![lead.clone()], ..played(&lead, "zoë", 1) });
    let to_other = vec![contact("other", &lead, "bob", 2)];
    commit(store, &Commit { contacts: to_other, ..Commit::default() });
    let who = Identities { persons: vec!["zoë".into()], accounts: Vec::new() };
    store.erase(&who, &mut |_| Ok(None)).unwrap();
    assert_eq!(store.traces(&who, &mut |_| false).unwrap(), []);
    let left = store.contacts_since(minute(0), &page()).unwrap().rows;
    assert_eq!(left.iter().map(|it| it.delivery.as_str()).collect::<Vec<_>>(), ["other"]);
    assert!(store.suppressed(&any(), &page()).unwrap().rows.is_empty());
    assert_eq!(store.play_runs(&any(), None, &page()).unwrap().rows.len(), 1);
}

fn of_an_erased_account_no_run_is_left(store: &dyn Store) {
    let lead = lead("acme", 1);
    commit(store, &Commit { leads: vec![lead.clone()], ..played(&lead, "zoë", 1) });
    let who = Identities { persons: Vec::new(), accounts: vec!["acme".into()] };
    let erased = store.erase(&who, &mut |_| Ok(None)).unwrap().by_table;
    for table in ["play_runs", "play_contacts", "play_suppressed", "play_exposures"] {
        assert_eq!(erased.get(table), Some(&1), "{table}");
    }
    assert_eq!(store.traces(&who, &mut |_| false).unwrap(), []);
}
