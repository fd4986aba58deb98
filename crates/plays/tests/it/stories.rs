//! Plays as a growth manager would tell of them.

use firsthand_model::lead::LeadStatus;
use firsthand_model::play::{Arm, Reaction, Reason, RunState};
use firsthand_model::{Scalar, Span};

use crate::town::{Town, person};

const CHANNELS: &str = r##"
project: Acme
meters:
  contacts: {kind: count, add: '"Contact created"'}
definitions:
  near: {track: product, when: "true"}
  small: {when: "true"}
  admins: {subject: person, when: "true"}
channels:
  product: {in_app: }
  mail: {email: {smtp: env:SMTP, from: a@acme.example}}
  sales: {slack: {token: env:SLACK, channel: "#leads", signing_secret: env:S}}
leads:
  owners: {ana: {email: ana@acme.example}, ben: {email: ben@acme.example}}
  assign: ana
"##;

fn town(more: &str) -> Town {
    let mut town = Town::new(&format!("{CHANNELS}{more}"));
    town.people("acme", [person("zoe", &[("email", "zoe@z.example")]), person("yan", &[])]);
    town
}

const GROW: &str = "
plays:
  grow:
    track: product
    definitions: near
    steps:
      - by: product
      - {wait: 2d, unless: seen, by: mail}
      - {wait: 2d, if: qualified, by: sales, to: owner}
";

#[test]
fn a_banner_then_a_mail_then_the_owner() {
    let mut town = town(GROW);
    town.open("acme");
    town.pass(Span::DAY.times(10));
    assert_eq!(
        town.told(),
        [
            "2026-01-05T09:00:00Z product zoe",
            "2026-01-07T09:00:00Z mail zoe@z.example",
            "2026-01-09T09:00:00Z sales Member(\"ana@acme.example\")",
            "2026-01-09T13:00:00Z sales Member(\"ana@acme.example\")",
        ]
    );
    assert_eq!(town.state("grow"), RunState::Done);
}

#[test]
fn a_success_that_does_not_win_the_lead_can_be_asked_for() {
    let mut town = town(
        "
plays:
  grow:
    track: product
    steps:
      - {wait: 2d, unless: converted, by: mail}
      - {wait: 2d, if: converted, by: sales, to: owner}
",
    );
    town.open("acme");
    town.open("beta");
    town.people("beta", [person("bea", &[("email", "bea@b.example")])]);
    // What was done before the lead opened is none of the play's.
    let now = town.now;
    town.truth.successes.borrow_mut().insert("beta".into(), now - Span::DAY);
    town.truth.successes.borrow_mut().insert("acme".into(), now + Span::DAY);
    town.pass(Span::DAY.times(5));
    assert_eq!(
        town.told(),
        [
            "2026-01-07T09:00:00Z mail bea@b.example",
            "2026-01-09T09:00:00Z sales Member(\"ana@acme.example\")",
            "2026-01-09T13:00:00Z sales Member(\"ana@acme.example\")",
        ]
    );
}

#[test]
fn who_has_seen_the_banner_gets_no_mail() {
    let mut town = town(GROW);
    town.open("acme");
    let banner = town.sent[0].id.clone();
    town.pass(Span::DAY);
    town.react(&banner, Reaction::Shown);
    town.pass(Span::DAY.times(9));
    let told = town.told();
    assert!(told.iter().all(|it| !it.contains(" mail ")), "{told:?}");
    assert!(told[1].contains("sales"));
}

#[test]
fn a_play_ends_with_its_lead_and_takes_its_banner_with_it() {
    let mut town = town(GROW);
    let lead = town.open("acme");
    town.pass(Span::DAY);
    town.turn(&lead, LeadStatus::Won);
    town.pass(Span::DAY.times(9));
    assert_eq!(town.told(), ["2026-01-05T09:00:00Z product zoe, called back"]);
    assert_eq!(town.state("grow"), RunState::Stopped);
}

#[test]
fn while_a_rep_works_the_lead_offers_wait_and_then_are_given_up() {
    let mut town = town(GROW);
    let lead = town.open("acme");
    town.pass(Span::DAY);
    town.turn(&lead, LeadStatus::Accepted);
    town.pass(Span::DAY.times(30));
    assert_eq!(
        town.told(),
        [
            "2026-01-05T09:00:00Z product zoe, called back",
            "2026-01-12T09:00:00Z sales Member(\"ana@acme.example\")",
        ]
    );
    assert_eq!(town.suppressed.len(), 1);
    assert_eq!(town.suppressed[0].reason, Reason::RepWorks);
}

#[test]
fn an_offer_goes_on_when_the_rep_lets_the_lead_go() {
    let mut town = town(GROW);
    let lead = town.open("acme");
    town.turn(&lead, LeadStatus::Accepted);
    town.pass(Span::DAY.times(3));
    assert_eq!(town.run("grow").waits, Some(Reason::RepWorks));
    town.turn(&lead, LeadStatus::Open);
    assert!(town.told()[1].starts_with("2026-01-08T09:00:00Z mail"), "{:?}", town.told());
}

#[test]
fn quiet_hours_are_those_of_the_persons_zone() {
    let text = format!("contact: {{quiet_hours: 20:00 to 08:00}}{GROW}");
    let mut town = town(&text);
    let zone = ("timezone", "America/Los_Angeles");
    town.people("acme", [person("zoe", &[("email", "zoe@z.example"), zone])]);
    town.open("acme");
    town.pass(Span::DAY.times(3));
    // Nine in the morning here is one at night there: the mail waits until eight, the banner not.
    assert_eq!(
        town.told(),
        ["2026-01-05T09:00:00Z product zoe", "2026-01-07T16:00:00Z mail zoe@z.example"]
    );
}

#[test]
fn the_budget_lets_the_play_of_greater_priority_go_first() {
    let mut town = town(
        "
contact: {person: 1 per week, patience: 2d}
plays:
  last: {track: product, steps: [{by: mail}]}
  first: {track: product, priority: 5, steps: [{by: mail}]}
  urgent: {track: product, critical: true, steps: [{by: mail}]}
",
    );
    town.open("acme");
    town.pass(Span::DAY.times(9));
    let plays: Vec<_> = town.contacts.iter().filter_map(|it| it.play.as_deref()).collect();
    assert_eq!(plays, ["urgent"], "the critical one is counted, and goes first");
    let kept: Vec<_> = town.suppressed.iter().map(|it| (it.play.as_str(), it.reason)).collect();
    assert_eq!(kept, [("first", Reason::PersonBudget), ("last", Reason::PersonBudget)]);
}

#[test]
fn what_cannot_reach_anybody_says_why() {
    let mut town = town(
        "
plays:
  mail: {track: product, steps: [{by: mail}]}
  admins: {track: product, steps: [{by: mail, to: admins}]}
",
    );
    town.people("acme", [person("yan", &[("name", "Yan B.")])]);
    town.people("beta", [person("out", &[("email", "o@b.example"), ("unsubscribed", "yes")])]);
    town.open("acme");
    town.open("beta");
    let kept: Vec<_> = town.suppressed.iter().map(|it| (it.play.as_str(), it.reason)).collect();
    assert_eq!(
        kept,
        [
            ("admins", Reason::Nobody),
            ("mail", Reason::NoAddress),
            ("admins", Reason::Nobody),
            ("mail", Reason::OptedOut),
        ]
    );
    let of = |number: usize| {
        let it = &town.suppressed[number];
        (it.person.as_deref(), it.person_name.as_deref())
    };
    let nobody = (None, None);
    assert_eq!(
        [of(0), of(1), of(2), of(3)],
        [nobody, (Some("yan"), Some("Yan B.")), nobody, (Some("out"), None)],
        "whom it was for, and what they are called"
    );
    town.people("cert", [person("crm", &[("email", "c@c.example"), ("crm_opt_out", "true")])]);
    town.open("cert");
    assert_eq!(
        town.suppressed.last().map(|it| it.reason),
        Some(Reason::OptedOut),
        "the CRM knows that they want no mails"
    );
    assert!(town.sent.is_empty());
}

#[test]
fn of_a_held_out_account_nobody_is_told_and_it_is_counted() {
    let mut town = town(
        "
plays:
  tell: {track: product, touch: high, steps: [{by: sales}]}
  grow: {track: product, holdout: 50%, steps: [{by: product}]}
",
    );
    for number in 0..40 {
        let account = format!("a{number}");
        town.people(&account, [person(&format!("p{number}"), &[])]);
        town.open(&account);
        town.pass(Span::DAY);
    }
    let held = |arm| town.exposures.iter().filter(|it| it.arm == arm && it.play == "grow").count();
    assert_eq!(held(Arm::HeldOut) + held(Arm::Treated), 40);
    assert!((19..=21).contains(&held(Arm::HeldOut)), "{}", held(Arm::HeldOut));
    for it in town.exposures.iter().filter(|it| it.arm == Arm::HeldOut) {
        assert!(town.sent.iter().all(|sent| sent.account != it.account), "{it:?}");
        assert_eq!(town.leads[&it.lead].owner, None, "nor is it given to anybody");
        assert!(town.leads[&it.lead].held_out, "and it is marked");
    }
    for it in town.exposures.iter().filter(|it| it.arm == Arm::Treated && it.play == "grow") {
        assert!(town.sent.iter().any(|sent| sent.account == it.account), "{it:?}");
        assert!(!town.leads[&it.lead].held_out);
    }
}

#[test]
fn several_leads_for_one_owner_arrive_as_one_message() {
    let mut town = town("plays: {tell: {track: product, touch: high, steps: [{by: sales}]}}");
    for account in ["acme", "beta", "cleo"] {
        town.open(account);
        town.pass(Span::MINUTE);
    }
    town.pass(Span::HOUR);
    assert_eq!(
        town.told(),
        [
            "2026-01-05T09:00:00Z sales Member(\"ana@acme.example\")",
            "2026-01-05T09:30:00Z sales Member(\"ana@acme.example\")",
        ]
    );
    let firsthand_model::message::Outgoing::Slack(digest) = &town.sent[1].outgoing else {
        panic!()
    };
    assert_eq!(digest.text, "2 new leads for you");
    assert!(digest.blocks.contains("beta Inc. is ready to buy"));
}

#[test]
fn an_owner_who_does_not_answer_is_reminded_and_then_relieved() {
    let more = "  fallback: ben
  remind_after: 4h
plays: {tell: {track: product, touch: high, steps: [{by: sales}]}}";
    let mut town = town(more);
    let lead = town.open("acme");
    town.pass(Span::DAY.times(5));
    assert_eq!(
        town.told(),
        [
            "2026-01-05T09:00:00Z sales Member(\"ana@acme.example\")",
            "2026-01-05T13:00:00Z sales Member(\"ana@acme.example\")",
            "2026-01-05T17:00:00Z sales Member(\"ben@acme.example\")",
            "2026-01-06T13:00:00Z sales Member(\"ben@acme.example\")",
        ]
    );
    assert_eq!(town.leads[&lead].owner.as_deref(), Some("ben"));
    assert_eq!(town.leads[&lead].due_at.unwrap().to_string(), "2026-01-06T17:00:00Z");
}

#[test]
fn an_owner_who_has_answered_is_left_in_peace() {
    let more = "  fallback: ben
plays: {tell: {track: product, touch: high, steps: [{by: sales}]}}";
    let mut town = town(more);
    let lead = town.open("acme");
    town.turn(&lead, LeadStatus::Accepted);
    town.pass(Span::DAY.times(5));
    assert_eq!(town.told().len(), 1);
    assert_eq!(town.leads[&lead].owner.as_deref(), Some("ana"));
}

#[test]
fn a_play_runs_for_an_account_as_often_as_it_may() {
    let mut town =
        town("plays: {grow: {track: product, at_most: 1 per month, steps: [{by: product}]}}");
    for _ in 0..3 {
        let lead = town.open("acme");
        town.pass(Span::DAY);
        town.turn(&lead, LeadStatus::Lost);
        town.pass(Span::DAY.times(14));
    }
    assert_eq!(town.sent.len(), 2, "the second came within the month, the third after it");
}

#[test]
fn segments_say_for_whom_a_play_is() {
    let mut town = town(
        "
plays:
  self-serve: {track: product, segment: small, steps: [{by: product}]}
  others: {track: product, except: small, steps: [{by: product}]}
  elsewhere: {track: marketing, steps: [{by: product}]}
",
    );
    town.truth.holds.borrow_mut().insert(("small".into(), "acme".into()));
    town.open("acme");
    town.open("beta");
    let begun: Vec<_> =
        town.runs.values().map(|it| (it.account.as_str(), it.play.as_str())).collect();
    assert_eq!(begun, [("acme", "self-serve"), ("beta", "others")]);
}

#[test]
fn an_account_that_cannot_be_seen_is_looked_at_again() {
    let mut town = town("plays: {grow: {track: product, steps: [{by: product}]}}");
    town.truth.blind.set(true);
    town.open("acme");
    town.pass(Span::MINUTE.times(5));
    assert!(town.sent.is_empty());
    town.truth.blind.set(false);
    town.pass(Span::MINUTE.times(2));
    assert_eq!(town.sent.len(), 1);
}

#[test]
fn what_waits_for_an_account_to_be_seen_goes_on_at_once_when_it_is() {
    let crm = "  crm: {hubspot: {token: env:T, contacts: {properties: {champ: champion}}}}\n";
    let plays = "plays: {tell: {track: product, touch: high, steps: [{by: sales, to: owner}]}}\n";
    let settings = CHANNELS.replace("channels:\n", &format!("channels:\n{crm}"));
    let mut town = Town::new(&format!("{settings}  remind_after: 1h\n{plays}"));
    town.people("acme", [person("zoe", &[("email", "zoe@acme.example")])]);
    let by = |town: &Town| town.sent.iter().map(|it| it.channel.to_string()).collect::<Vec<_>>();
    town.truth.blind.set(true);
    let lead = town.open("acme");
    assert_eq!(by(&town), ["crm"], "the company needs no people");
    town.restart();
    town.truth.blind.set(false);
    town.seen("acme");
    let mut sent = by(&town);
    sent.sort();
    assert_eq!(
        sent,
        ["crm", "crm", "sales"],
        "owner and contacts are told once, a start in between"
    );
    town.restart();
    town.pass(Span::MINUTE.times(2));
    assert_eq!(by(&town).len(), 3, "and not once more");
    // A lead may close meanwhile, and a reminder be due.
    town.truth.blind.set(true);
    town.pass(Span::HOUR);
    assert_eq!(by(&town).len(), 3);
    town.truth.blind.set(false);
    town.seen("acme");
    assert_eq!(by(&town).len(), 4, "the owner is reminded");
    town.truth.blind.set(true);
    town.turn(&lead, LeadStatus::Won);
    town.truth.blind.set(false);
    town.seen("acme");
    assert_eq!(by(&town)[4..], ["crm", "crm"], "how it ended stands with company and contacts");
}

#[test]
fn accounts_of_an_arm_are_parted_between_variants() {
    let mut town = town(
        "
messages: {one: {title: One}, two: {title: Two}}
plays: {grow: {track: product, steps: [{by: product, variants: {one: 50%, two: 50%}}]}}
",
    );
    for number in 0..60 {
        let account = format!("a{number}");
        town.people(&account, [person(&format!("p{number}"), &[])]);
        town.open(&account);
    }
    let ones = town.sent.iter().filter(|it| {
        matches!(&it.outgoing, firsthand_model::message::Outgoing::InApp(it) if it.title == "One")
    });
    let ones = ones.count();
    assert!((15..=45).contains(&ones), "{ones} of 60");
}

#[test]
fn webhooks_and_the_crm_hear_of_every_change() {
    let mut town = Town::new(&format!(
        "{CHANNELS}{}",
        "
plays: {grow: {track: product, steps: [{by: product}]}}
"
    )
    .replace(
        "channels:\n",
        "channels:\n  hooks: {webhook: {url: env:U, secret: env:S}}\n  crm: {hubspot: {token: env:T}}\n",
    ));
    town.people("acme", [person("zoe", &[])]);
    town.truth
        .traits
        .insert("acme".into(), [("domain".into(), Scalar::Text("acme.example".into()))].into());
    let lead = town.open("acme");
    town.pass(Span::HOUR);
    town.turn(&lead, LeadStatus::Won);
    let told = town.told();
    let hooks: Vec<_> = told.iter().filter(|it| it.contains(" hooks ")).collect();
    assert_eq!(hooks.len(), 2, "{told:?}");
    assert!(hooks[0].ends_with("lead.opened") && hooks[1].ends_with("lead.won"));
    assert_eq!(told.iter().filter(|it| it.contains(" crm ")).count(), 2);
    let crm = town.sent.iter().find(|it| it.channel == "crm").unwrap();
    let firsthand_model::message::Outgoing::Crm(write) = &crm.outgoing else { panic!() };
    assert_eq!(write.domain.as_deref(), Some("acme.example"));
    assert_eq!(write.properties["pql_status"], "open");
    assert_eq!(write.properties["pql_reasons"], "8,140 of 10,000 contacts are in use");
}

#[test]
fn the_crm_is_told_of_the_people_to_talk_to_where_a_team_maps_it() {
    let grow = "\nplays: {grow: {track: product, steps: [{by: product}]}}\n";
    let mut town = Town::new(&format!("{CHANNELS}{grow}").replace(
        "channels:\n",
        "channels:\n  crm: {hubspot: {token: env:T, contacts: {properties: {champ: champion, \
         does: does, seen: last_seen, job: person.job, state: status}}}}\n",
    ));
    let mut zoe = person("zoe", &[("email", "Zoe@Acme.example"), ("job", "CTO")]);
    zoe.last_seen = Some("2026-03-08T00:00:00Z".parse().unwrap());
    let known = person("bo", &[("crm_contact", "77")]);
    town.people("acme", [zoe, person("no address", &[]), known]);
    let lead = town.open("acme");
    town.pass(Span::HOUR);
    town.turn(&lead, LeadStatus::Won);
    let people = |status: &str| {
        let told = town.sent.iter().filter_map(|it| match &it.outgoing {
            firsthand_model::message::Outgoing::CrmPeople(it) => Some(it.clone()),
            _ => None,
        });
        told.filter(|it| it.people[0].properties["state"] == status).collect::<Vec<_>>()
    };
    assert_eq!(people("won").len(), 1, "they hear how it ended");
    let open = people("open");
    let [told] = open.as_slice() else { panic!("{open:?}") };
    let [zoe, bo] = told.people.as_slice() else { panic!("who cannot be found is left out") };
    assert_eq!(zoe.email.as_deref(), Some("zoe@acme.example"));
    let value = |name: &str| zoe.properties.get(name).map(String::as_str);
    assert_eq!(value("champ"), Some("true"));
    assert_eq!(value("does"), Some("Report exported (12)"));
    assert_eq!(value("seen"), Some("1772928000000"));
    assert_eq!(value("job"), Some("CTO"));
    assert_eq!((bo.contact.as_deref(), bo.email.as_deref()), (Some("77"), None));
    assert_eq!(bo.properties["champ"], "false");
    assert!(!bo.properties.contains_key("seen"), "nothing is made up");
}
