//! Several workspaces of one company, judged together as facts arrive.

use std::collections::BTreeMap;

use crate::world::{json, rules_of};
use firsthand_engine::{Chunk, Live, Rules};
use firsthand_history::{History, Scan};
use firsthand_model::fact::{Body, Kind, Who};
use firsthand_model::{Fact, Span, Time};
use firsthand_rules::explain::{Conditions, explain};
use firsthand_rules::ledger::Change;

const TOGETHER: &str = r#"
project: families
definitions:
  outgrowing:
    track: expansion
    when: sum of (count("Report exported", last 30d)) per sibling >= 5
  keen: { subject: person, when: 'seen("Report exported") and account (qualified(outgrowing))' }
"#;

/// A company of some workspaces, as it is watched.
struct Company {
    rules: Rules,
    folder: tempfile::TempDir,
    live: Live,
    now: Time,
    offset: u64,
    facts: BTreeMap<Time, Vec<Fact>>,
}

impl Company {
    fn new() -> Self {
        let rules = rules_of(TOGETHER);
        let folder = tempfile::tempdir().unwrap();
        let history = History::create(folder.path().join("history"), &rules.project.identity, 100);
        let live = Live::new(rules.clone(), history.unwrap());
        let (now, facts) = ("2026-01-05T00:00:00Z".parse().unwrap(), BTreeMap::new());
        let mut company = Self { rules, folder, live, now, offset: 0, facts };
        for workspace in ["north", "south", "west"] {
            company.sets(workspace, r#"{"parent":"Globex"}"#);
        }
        company
    }

    /// A fact of a workspace that comes in at once; what becomes known by it.
    fn takes(
        &mut self,
        workspace: &str,
        person: Option<&str>,
        body: Body,
        late: Span,
    ) -> Vec<String> {
        self.now = self.now + Span::HOUR;
        let fact = Fact {
            id: format!("{}", self.offset).into(),
            source: "test".into(),
            time: self.now - late,
            known_at: None,
            who: Who {
                account: Some(workspace.into()),
                user: person.map(Into::into),
                ..Who::default()
            },
            body,
        };
        self.facts.entry(fact.time).or_default().push(fact.clone());
        let chunk = Chunk::new(self.offset, self.now, vec![fact]);
        self.offset = chunk.end();
        let mut known = self.live.take(&chunk).unwrap();
        while let Some(late) = self.live.take_late(self.now).unwrap() {
            known.extend(late);
        }
        self.told(known)
    }

    fn exports(&mut self, workspace: &str) -> Vec<String> {
        let body = Body::Event { name: "Report exported".into(), properties: json("{}") };
        self.takes(workspace, Some("ana"), body, Span(0))
    }

    fn sets(&mut self, workspace: &str, traits: &str) -> Vec<String> {
        let body = Body::Traits { of: Kind::Account, traits: json(traits) };
        self.takes(workspace, None, body, Span(0))
    }

    fn passes(&mut self, days: i64) -> Vec<String> {
        self.now = self.now + Span::DAY.times(days);
        let known = self.live.pass(self.now).unwrap();
        self.told(known)
    }

    /// The server goes, and comes again.
    fn starts_anew(&mut self) {
        self.live.seal().unwrap();
        let folder = self.folder.path().join("history");
        let history = History::open(folder, &self.rules.project.identity).unwrap();
        self.live = Live::rebuild(self.rules.clone(), history, self.now, Scan::default()).unwrap();
    }

    /// What the running server observes of a workspace, and how far that is.
    fn observed(&self, workspace: &str) -> (String, Option<String>) {
        let stream = self.live.customer(workspace).unwrap().stream().stream();
        let explained = explain(&self.rules.project, &self.live.judge(), &stream, "outgrowing");
        let Conditions::One(evidence) = explained.unwrap().when else { panic!("it is one") };
        (evidence.observed, evidence.gap)
    }

    fn told(&self, known: Vec<firsthand_engine::Known>) -> Vec<String> {
        let accounts = known.into_iter().filter(|it| it.subject.kind == Kind::Account);
        let told = accounts.map(|it| {
            let what = match it.entry.change {
                Change::Entered => "entered",
                Change::Left => "left",
                Change::Revised { .. } => "revised",
                Change::Retracted => "retracted",
            };
            let waited = self.now - it.entry.held_at;
            format!("{} {what} {} h ago", it.subject.id, waited.0 / Span::HOUR.0)
        });
        told.collect()
    }
}

#[test]
fn three_workspaces_pass_the_limit_of_their_company_together_and_at_once() {
    let mut company = Company::new();
    for workspace in ["north", "north", "south", "west"] {
        assert_eq!(company.exports(workspace), [""; 0], "four together");
    }
    assert_eq!(company.observed("south"), ("4".into(), Some("1 more".into())), "it is explained");
    let together = ["south entered 0 h ago", "north entered 0 h ago", "west entered 0 h ago"];
    assert_eq!(company.exports("south"), together, "nobody waits until it has settled");
    let left = ["north left 0 h ago", "south left 0 h ago", "west left 0 h ago"];
    let left = left.map(|it| it.replace("0 h", "28 h"));
    assert_eq!(company.passes(31), left, "the first two are older than 30 days");
}

#[test]
fn a_workspace_that_goes_takes_its_part_along() {
    let mut company = Company::new();
    for workspace in ["north", "north", "south", "west"] {
        company.exports(workspace);
    }
    assert_eq!(company.exports("west").len(), 3);
    let gone = company.sets("west", r#"{"parent":"Initech"}"#);
    assert_eq!(gone, ["west left 0 h ago", "north left 0 h ago", "south left 0 h ago"]);
}

#[test]
fn a_start_knows_what_the_company_has_come_to() {
    let mut company = Company::new();
    for workspace in ["north", "north", "south", "west"] {
        company.exports(workspace);
    }
    company.starts_anew();
    assert_eq!(company.exports("south").len(), 3);
    company.starts_anew();
    assert_eq!(company.exports("north"), [""; 0], "that is known already");
}

/// It was five before the sixth hour, once what came late is counted; each is told so.
#[test]
fn what_one_workspace_tells_late_corrects_its_siblings() {
    let mut company = Company::new();
    for workspace in ["north", "north", "south", "west", "west"] {
        company.exports(workspace);
    }
    let body = Body::Event { name: "Report exported".into(), properties: json("{}") };
    let mut corrected = company.takes("south", Some("bob"), body, Span::HOUR.times(3));
    corrected.sort();
    let all = ["north revised 2 h ago", "south revised 2 h ago", "west revised 2 h ago"];
    assert_eq!(corrected, all);
}
