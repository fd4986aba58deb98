//! What is proposed from small made-up companies, and that whatever is proposed is sound.

use std::sync::Arc;

use firsthand_history::History;
use firsthand_lab::propose::propose;
use firsthand_model::fact::{Body, Kind, Who};
use firsthand_model::{Calendar, Fact, Json, Span, Text, Time};
use serde_json::{Value, json};

use crate::output::{Format, Output};

use super::from::{Files, identity, problems, survey, write_up};
use super::yaml::Head;

/// Facts, one after the other.
#[derive(Default)]
struct Facts(Vec<Fact>);

impl Facts {
    fn add(&mut self, time: Time, who: Who, body: Body) {
        let id = format!("{}", self.0.len()).into();
        self.0.push(Fact { id, source: "test".into(), time, known_at: None, who, body });
    }

    fn event(&mut self, time: Time, account: &str, person: &str, name: &str, properties: &Value) {
        let properties = object(properties);
        self.add(time, who(account, person), Body::Event { name: name.into(), properties });
    }

    fn traits(&mut self, time: Time, account: &str, traits: &Value) {
        let traits = object(traits);
        self.add(time, who(account, ""), Body::Traits { of: Kind::Account, traits });
    }
}

fn who(account: &str, person: &str) -> Who {
    let text = |it: &str| (!it.is_empty()).then(|| Text::from(it));
    Who { user: text(person), anonymous: None, account: text(account) }
}

fn object(value: &Value) -> Json {
    Json::parse(value.to_string()).unwrap()
}

fn day(days: i64, hours: i64) -> Time {
    let first: Time = "2026-01-05T00:00:00Z".parse().unwrap();
    first + Span::DAY.times(days) + Span(hours * 3_600_000_000)
}

/// The project proposed from facts, and all that is wrong with it.
fn proposed(facts: &[Fact]) -> (Files, String, String) {
    let folder = tempfile::tempdir().unwrap();
    let rules = firsthand_model::config::IdentityRules::default();
    let path = folder.path().join("history");
    let mut history = History::create(&path, &rules, 0).unwrap();
    let mut intake = history.intake(&Calendar::default()).unwrap();
    for fact in facts {
        intake.take(fact).unwrap();
    }
    intake.finish().unwrap();
    let (look, survey) = survey(&history).unwrap();
    let proposal = propose(&look, history.seen(), &survey);
    drop(history);
    let history = Arc::new(History::open(&path, &identity(&proposal)).unwrap());
    let head = Head { project: "Test", from: "facts made up" };
    let output = Output::new(Format::People, Some(false));
    let files = write_up(&proposal, &head, &[], Arc::clone(&history), output).unwrap();
    let told: Vec<String> = problems(&files, &history)
        .iter()
        .map(|it| format!("{} {}", it.problem.code.0, it.problem.message))
        .collect();
    (files, told.join("\n"), proposal.unsure.join("\n"))
}

/// All that a person reads of a proposal, but for `.gitignore`.
fn shown(facts: &Facts) -> String {
    let (files, problems, unsure) = proposed(&facts.0);
    assert_eq!(problems, "");
    let files = files.files.iter().filter(|(path, _)| path != ".gitignore");
    let pages: Vec<String> = files
        .map(|(path, text)| {
            format!(
                "=== {path}
{text}"
            )
        })
        .collect();
    format!(
        "{}=== unsure
{unsure}",
        pages.concat()
    )
}

/// Boards for teams: free up to ten boards; who hits that buys, and who reads the blog does not.
fn boards() -> Facts {
    let mut facts = Facts::default();
    for number in 0..60_i64 {
        let account = format!("firm-{number}");
        let team = 1 + number % 4;
        facts.event(day(0, 9), &account, &format!("{account}-p0"), "Signed up", &json!({}));
        facts.traits(day(0, 9), &account, &json!({"plan": "free", "name": account}));
        let wanted = if number % 3 == 0 { 14 } else { number % 7 };
        for board in 0..wanted.min(10) {
            let person = format!("{account}-p{}", board % team);
            let board_id = json!({"board_id": format!("b{board}")});
            facts.event(day(2 + board, 10), &account, &person, "Board created", &board_id);
            facts.event(day(2 + board, 11), &account, &person, "Card moved", &json!({"column": 2}));
            facts.event(day(2 + board, 8), &account, &person, "Logged in", &json!({}));
        }
        if number % 5 == 0 {
            let person = format!("{account}-p0");
            facts.event(day(3, 12), &account, &person, "Blog read", &json!({"title": "Boards"}));
            facts.event(day(4, 12), &account, &person, "Webinar attended", &json!({}));
            facts.event(day(20, 9), &account, &person, "Board deleted", &json!({"board_id": "b0"}));
        }
        if wanted > 10 && number % 2 == 0 {
            let bill = json!({"amount": 49, "plan": "pro"});
            facts.event(day(25, 9), &account, "", "Subscription started", &bill);
            facts.traits(day(25, 9), &account, &json!({"plan": "pro"}));
        }
    }
    facts
}

#[test]
fn a_freemium_team_tool_is_proposed_with_its_limit() {
    insta::assert_snapshot!(shown(&boards()));
}

#[test]
fn a_school_of_single_people_is_proposed_without_accounts() {
    let mut facts = Facts::default();
    for number in 0..40_i64 {
        let person = format!("s{number}");
        facts.event(day(number % 9, 8), "", &person, "Registered", &json!({}));
        for lesson in 0..(number % 8) {
            let minutes = json!({"minutes": 12 + lesson, "course": "sql"});
            facts.event(day(number % 9 + lesson * 2, 10), "", &person, "Lesson watched", &minutes);
        }
        if number % 8 == 7 {
            facts.event(day(40, 9), "", &person, "Purchase", &json!({"price": 29}));
        }
    }
    insta::assert_snapshot!(shown(&facts));
}

#[test]
fn where_there_are_only_pages_the_proposal_says_so() {
    let mut facts = Facts::default();
    for number in 0..12_i64 {
        for visit in 0..number {
            let (account, person) = (format!("a{}", number / 2), format!("p{number}"));
            let name = if visit % 2 == 0 { "Page viewed" } else { "Settings opened" };
            facts.event(day(visit, 9), &account, &person, name, &json!({}));
        }
    }
    insta::assert_snapshot!(shown(&facts));
}

#[test]
fn staff_who_help_many_customers_are_known_by_their_domain() {
    let mut facts = Facts::default();
    for number in 0..8_i64 {
        let account = format!("a{number}");
        for person in ["sue", "tom", "uma", "p"] {
            let ours = person != "p";
            let person = if ours { person.to_owned() } else { format!("p{number}") };
            let domain = if ours { "us" } else { &account };
            let email = format!("{person}@{domain}.example");
            let traits = object(&json!({"email": email}));
            facts.add(day(0, 8), who(&account, &person), Body::Traits { of: Kind::Person, traits });
            facts.event(day(number, 9), &account, &person, "Report exported", &json!({}));
        }
    }
    let text = shown(&facts);
    assert!(text.contains("\n  own_domains: [us.example]\n"), "{text}");
}

/// Names that a tracker may send, usual and ugly.
const NAMES: &[&str] = &[
    "Signed up",
    "Contact created",
    "Contact deleted",
    "Contacts imported",
    "Contacts removed",
    "Report exported",
    "report exported",
    "Subscription started",
    "Plan upgraded",
    "Deal won",
    "Invoice paid",
    "Article viewed",
    "$pageview",
    "Page viewed",
    "any",
    "core",
    "a: b # c",
    "it's",
    "say \"hi\"",
    "back\\slash",
    "*",
    "Dash*",
    "über ändern",
    "日本語",
    " led",
    "two\nlines",
    "null",
    "- x",
    "",
    "{x}",
    "@x",
    "days",
    "last",
    "tab\there",
    "Any Created",
    "any deleted",
    "A\u{200b}B",
    "Logged in",
    "Trial started",
    "%",
];
const PROPERTIES: &[&str] = &[
    "contact_id",
    "contacts",
    "amount",
    "size bytes",
    "a.b",
    "`tick`",
    "say \"x\"",
    "plan",
    "any",
    "minutes",
    "last",
    "日",
    "x: y",
];
const PLANS: &[&str] = &[
    "free",
    "Free",
    "trial",
    "pro",
    "pro: x",
    "it's",
    "null",
    "1",
    "unlimited",
    "\"q\"",
    "a*",
    "",
];
const TRAITS: &[&str] = &["is_test", "internal", "kind", "plan_tier", "weird key", "name"];

/// Draws from a seed (splitmix64), so that a failure can be run again.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut it = self.0;
        it = (it ^ (it >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        it = (it ^ (it >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((it ^ (it >> 31)) % end as u64).unwrap()
    }

    fn one_of<'t>(&mut self, all: &[&'t str]) -> &'t str {
        all[self.below(all.len())]
    }

    fn value(&mut self) -> Value {
        match self.below(8) {
            0 => json!(10_000),
            1 => json!(2.5),
            2 => json!(-3),
            3 => json!(self.below(2) == 0),
            4 => json!(self.one_of(&["test", "x", "", "internal", "2026-01-01"])),
            5 => json!(null),
            6 => json!({"in": 1}),
            _ => json!(self.below(12)),
        }
    }

    fn body(&mut self) -> Body {
        let traits = |of, traits: Value| Body::Traits { of, traits: object(&traits) };
        match self.below(10) {
            0 | 1 => traits(Kind::Account, json!({"plan": self.one_of(PLANS)})),
            2 => {
                let of = if self.below(2) == 0 { Kind::Account } else { Kind::Person };
                traits(of, json!({self.one_of(TRAITS): self.value()}))
            }
            3 => traits(Kind::Person, json!({"email": format!("x@d{}.example", self.below(3))})),
            _ => {
                let mut properties = serde_json::Map::new();
                for _ in 0..self.below(4) {
                    properties.insert(self.one_of(PROPERTIES).to_owned(), self.value());
                }
                let (name, properties) =
                    (self.one_of(NAMES).into(), Json::from_members(&properties));
                match self.below(5) {
                    0 => Body::Record { name, properties },
                    _ => Body::Event { name, properties },
                }
            }
        }
    }

    fn facts(&mut self) -> Vec<Fact> {
        let mut facts = Facts::default();
        let spread = [0, 1, 40][self.below(3)];
        for _ in 0..=self.below(150) {
            let at = day(i64::try_from(self.below(60)).unwrap() * spread / 4, 0);
            let account = match self.below(6) {
                0 => String::new(),
                number => format!("a{number}"),
            };
            let person = format!("p{}", self.below(9));
            facts.add(at, who(&account, &person), self.body());
        }
        facts.0
    }
}

/// PROP-2: whatever the facts, what is proposed has no errors and no warnings.
#[test]
fn whatever_is_proposed_passes_check() {
    let seeds = match std::env::var("SEED") {
        Ok(seed) => vec![seed.parse().unwrap()],
        Err(_) => (0..60).collect::<Vec<u64>>(),
    };
    for seed in seeds {
        let (_, problems, _) = proposed(&Chance(seed).facts());
        assert_eq!(problems, "", "rerun with SEED={seed}");
    }
}
