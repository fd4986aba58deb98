//! How messages read before anybody gets one.

use firsthand_model::Time;
use firsthand_model::message::{InAppMessage, Outgoing};
use firsthand_plays::{Planner, Sampled};

use crate::town::{FROM, project};

const PROJECT: &str = r##"
project: Acme
meters: {contacts: {kind: count, add: '"Contact created"'}}
channels:
  product: {in_app: }
  mail: {email: {smtp: env:SMTP, from: a@acme.example}}
  sales: {slack: {token: env:T, channel: "#leads"}}
leads: {owners: {ana: {name: Ana, email: ana@acme.example}}}
messages:
  room: {title: "Room for {{ account.name }}", in: {de: {title: "Platz für {{ account.name }}"}}}
  bold: {title: "Think big"}
plays:
  grow:
    track: product
    steps:
      - {by: product, variants: {room: 50%, bold: 50%}}
      - {by: mail}
      - {by: sales, to: owner, message: bold}
"##;

fn samples() -> Vec<Sampled> {
    let planner = Planner::new(project(PROJECT));
    planner.samples("grow", FROM.parse::<Time>().unwrap()).unwrap()
}

fn named(it: &Sampled) -> (u32, &str, Option<&str>, Option<&str>) {
    (it.step, &it.channel, it.message.as_deref(), it.language.as_deref())
}

#[test]
fn every_variant_is_there_in_every_language() {
    let samples = samples();
    assert_eq!(
        samples.iter().map(named).collect::<Vec<_>>(),
        [
            (0, "product", Some("room"), Some("en")),
            (0, "product", Some("room"), Some("de")),
            (0, "product", Some("bold"), Some("en")),
            (1, "mail", None, Some("en")),
            (1, "mail", None, Some("zh-Hans")),
            (1, "mail", None, Some("zh-Hant")),
            (2, "sales", Some("bold"), None),
        ]
    );
    let title = |it: &Sampled| match &it.outgoing {
        Some(Outgoing::InApp(InAppMessage { title, .. })) => title.clone(),
        Some(Outgoing::Email(it)) => it.subject.clone(),
        Some(Outgoing::Slack(it)) => it.text.split(':').next().unwrap_or_default().to_owned(),
        other => panic!("{other:?}"),
    };
    assert_eq!(
        samples.iter().map(title).collect::<Vec<_>>(),
        [
            "Room for Sample Inc.",
            "Platz für Sample Inc.",
            "Think big",
            "8,000 of 10,000 contacts are in use",
            "contacts：已使用 8,000，上限为 10,000",
            "contacts：已使用 8,000，上限為 10,000",
            "Think big",
        ]
    );
}

#[test]
fn a_play_that_is_not_there_has_no_samples() {
    let planner = Planner::new(project(PROJECT));
    assert_eq!(planner.samples("none", FROM.parse().unwrap()), None);
}
