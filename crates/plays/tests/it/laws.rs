//! PLAYS-1 to PLAYS-5, whatever happens in whatever order.

use std::collections::BTreeMap;

use firsthand_model::lead::LeadStatus;
use firsthand_model::play::{Arm, Reaction};
use firsthand_model::{Span, Text, Time};
use proptest::prelude::*;

use crate::town::{Town, person};

const PROJECT: &str = r##"
definitions:
  near: {track: product, when: "true"}
channels:
  product: {in_app: }
  mail: {email: {smtp: env:SMTP, from: a@acme.example}}
  sales: {slack: {token: env:SLACK, channel: "#leads"}}
contact: {person: [1 per day, 2 per week], account: 3 per week, quiet_hours: 22:00 to 06:00}
leads:
  owners: {ana: {email: ana@acme.example}, ben: {email: ben@acme.example}}
  fallback: ben
plays:
  offers:
    track: product
    holdout: 30%
    at_most: 2 per month
    steps:
      - {by: product, to: 2 most active}
      - {wait: 6h, by: mail, to: everyone, unless: clicked}
      - {wait: 1d, by: product}
  more:
    track: product
    priority: 3
    holdout: 10%
    steps: [{by: mail, to: everyone}, {wait: 3h, by: product, if: not seen}]
  tell:
    track: product
    touch: high
    steps: [{wait: 30min, by: sales, if: qualified}]
"##;

/// What happens next.
#[derive(Clone, Debug)]
enum Turn {
    Open(usize),
    Change(usize, LeadStatus),
    React(usize, Reaction),
    Pass(i64),
    Blind(bool),
}

fn any_turn() -> impl Strategy<Value = Turn> {
    let status = prop::sample::select(vec![
        LeadStatus::Accepted,
        LeadStatus::Open,
        LeadStatus::Rejected,
        LeadStatus::Won,
        LeadStatus::Expired,
    ]);
    let reaction = prop::sample::select(Reaction::ALL.to_vec());
    prop_oneof![
        4 => (0..4_usize).prop_map(Turn::Open),
        3 => (0..9_usize, status).prop_map(|(which, to)| Turn::Change(which, to)),
        2 => (0..9_usize, reaction).prop_map(|(which, it)| Turn::React(which, it)),
        6 => (1..4_000_i64).prop_map(Turn::Pass),
        1 => any::<bool>().prop_map(Turn::Blind),
    ]
}

fn town() -> Town {
    let mut town = Town::new(PROJECT);
    for number in 0..4 {
        let person_of = |it: usize| {
            let email = format!("p{number}{it}@x.example");
            person(&format!("p{number}{it}"), &[("email", &email)])
        };
        town.people(&format!("a{number}"), (0..3).map(person_of));
    }
    town
}

fn take(town: &mut Town, turn: &Turn) {
    match turn {
        Turn::Open(which) => {
            let account = format!("a{which}");
            let open = |it: &&firsthand_model::lead::Lead| {
                it.account == account.as_str() && !it.status.is_closed()
            };
            if town.leads.values().find(open).is_none() {
                town.open(&account);
            }
        }
        Turn::Change(which, to) => {
            let open: Vec<_> =
                town.leads.values().filter(|it| !it.status.is_closed()).cloned().collect();
            if let Some(lead) = open.get(which % open.len().max(1))
                && lead.status != *to
            {
                town.turn(&lead.id, *to);
            }
        }
        Turn::React(which, reaction) => {
            if let Some(sent) = town.sent.get(which % town.sent.len().max(1)) {
                let id = sent.id.clone();
                town.react(&id, *reaction);
            }
        }
        Turn::Pass(minutes) => town.pass(Span::MINUTE.times(*minutes)),
        Turn::Blind(blind) => town.truth.blind.set(*blind),
    }
}

/// No stretch of that length has more than so many.
fn at_most(times: &[Time], count: usize, span: Span) -> bool {
    times.windows(count + 1).all(|it| it[count] - it[0] >= span)
}

fn check(town: &Town) -> Result<(), TestCaseError> {
    let mut people: BTreeMap<Text, Vec<Time>> = BTreeMap::new();
    let mut accounts: BTreeMap<Text, Vec<Time>> = BTreeMap::new();
    for it in town.contacts.iter().filter(|it| !it.of_team) {
        people.entry(it.receiver.clone().unwrap()).or_default().push(it.at);
        accounts.entry(it.account.clone()).or_default().push(it.at);
    }
    for times in people.values() {
        prop_assert!(at_most(times, 1, Span::DAY) && at_most(times, 2, Span::WEEK), "{times:?}");
    }
    for times in accounts.values() {
        prop_assert!(at_most(times, 3, Span::WEEK), "{times:?}");
    }
    for it in town.exposures.iter().filter(|it| it.arm == Arm::HeldOut) {
        prop_assert!(town.sent.iter().all(|sent| sent.account != it.account), "PLAYS-2: {it:?}");
    }
    let arms: BTreeMap<_, _> =
        town.exposures.iter().map(|it| ((&it.account, it.track), it.arm)).collect();
    for it in &town.exposures {
        prop_assert_eq!(arms[&(&it.account, it.track)], it.arm, "an arm is for ever");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    /// PLAYS-1, PLAYS-2, PLAYS-3 (which the town checks as it writes down), PLAYS-4.
    #[test]
    fn nobody_hears_too_much_whatever_happens(turns in prop::collection::vec(any_turn(), 1..40)) {
        let mut town = town();
        for turn in &turns {
            let before = town.contacts.len();
            let working: Vec<Text> = town
                .leads
                .values()
                .filter(|it| it.status == LeadStatus::Accepted)
                .map(|it| it.account.clone())
                .collect();
            take(&mut town, turn);
            // Passing time lets no rep go.
            if matches!(turn, Turn::Pass(_)) {
                for it in town.contacts[before..].iter().filter(|it| !it.of_team) {
                    prop_assert!(!working.contains(&it.account), "PLAYS-4: {it:?}");
                }
            }
        }
        check(&town)?;
    }

    /// PLAYS-5: a restart anywhere changes nothing. Only where people are looked for in vain it
    /// does: they are looked for as long once more, so that a time when nobody looked counts for
    /// nothing. There too nobody hears too much, and nothing is decided twice (PLAYS-3, which the
    /// town checks).
    #[test]
    fn a_restart_anywhere_changes_nothing(
        turns in prop::collection::vec(any_turn(), 1..30),
        restarts in prop::collection::vec(any::<bool>(), 30),
    ) {
        let (mut unbroken, mut broken, mut anywhere) = (town(), town(), town());
        let mut blind_until = Time::MIN;
        for (turn, restart) in turns.iter().zip(restarts) {
            take(&mut unbroken, turn);
            take(&mut broken, turn);
            take(&mut anywhere, turn);
            if restart {
                anywhere.restart();
            }
            if broken.truth.blind.get() {
                blind_until = broken.now + Span::MINUTE.times(3);
            }
            if restart && broken.now >= blind_until {
                broken.restart();
            }
        }
        prop_assert_eq!(unbroken.told(), broken.told());
        prop_assert_eq!(&unbroken.suppressed, &broken.suppressed);
        prop_assert_eq!(&unbroken.leads, &broken.leads);
        check(&anywhere)?;
    }
}
