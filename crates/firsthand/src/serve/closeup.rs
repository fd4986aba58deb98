//! What one read of an account's facts tells its page: who its people are, what they do, and how fast
//! its meters fill. They are read beside the engine, which only says where they lie and, a few at a
//! time, whose they are.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use firsthand_engine::{FactsLie, Live, Rules};
use firsthand_history::HistoryError;
use firsthand_model::fact::{Kind, Row, RowBody};
use firsthand_model::{Fact, Scalar, Span, Text, Time};
use firsthand_rules::compile::PACE;
use firsthand_rules::compile::program::Program;
use firsthand_rules::judge::Judge;
use firsthand_rules::pace;
use firsthand_web::backend::{CloseUp, Someone};
use firsthand_web::{Answer, Failure};

use super::Server;
use super::workbench::{Recorded, blocking, on_newest};

/// Most facts that are read for a page, which waits for them.
pub(super) const FACTS_MAX: usize = 20_000;
/// Facts of which the engine says at once whose they are.
pub(super) const FACTS_AT_ONCE: usize = 1_000;
/// How far back what people do is counted.
const DOES_WITHIN: Span = Span(30 * Span::DAY.0);
/// How many events are told of a person.
const DOES_MAX: usize = 3;
/// The traits that name a person, the best first.
pub(super) const NAME_TRAITS: [&str; 2] = ["name", "email"];
/// The traits that tell what a person is, where no membership does.
const ROLE_TRAITS: [&str; 2] = ["role", "title"];

/// What the engine knows of an account without reading.
struct Known {
    people: BTreeSet<Text>,
    lie: FactsLie,
    rules: Rules,
}

impl Known {
    fn of(live: &Live, account: &str) -> Option<Self> {
        let customer = live.customer(account)?;
        let (people, rules) = (customer.people().clone(), live.rules().clone());
        Some(Self { people, lie: live.where_facts_lie(account)?, rules })
    }
}

impl Server {
    /// Looks closely at an account: at most `most` of its people, those last seen first.
    pub(super) async fn look_closely(&self, account: &str, most: usize) -> Answer<CloseUp> {
        let (of, now) = (account.to_owned(), self.now());
        let Some(known) = self.ask(move |engine| Known::of(engine.live(), &of)).await? else {
            return Ok(CloseUp::default());
        };
        // The history is taken after the engine has said what is not in it: what is sealed in
        // between is met twice and counts once.
        let read = |recorded: Recorded| {
            let lie = known.lie.clone();
            blocking(move || lie.read(&recorded.history, FACTS_MAX))
        };
        let any = |_: &HistoryError| true;
        let facts = on_newest(|| self.newest(), read, any).await?.map_err(Failure::broken)?;
        let rows = match facts {
            Some(facts) => Some(self.rows_among(account, facts, &known.rules.program).await?),
            None => None,
        };
        let remembered = match rows {
            Some(_) => BTreeMap::new(),
            None => self.last_seen(known.people.clone()).await?,
        };
        blocking(move || close_up(&known, rows.as_deref(), &remembered, most, now)).await
    }

    /// The rows that an account has among some facts, in order, as a program reads them: another one
    /// may decide by now.
    async fn rows_among(
        &self,
        account: &str,
        facts: Vec<Fact>,
        program: &Arc<Program>,
    ) -> Answer<Vec<Row>> {
        let mut rows = Vec::with_capacity(facts.len());
        let mut facts = facts.into_iter();
        loop {
            let some: Vec<Fact> = facts.by_ref().take(FACTS_AT_ONCE).collect();
            if some.is_empty() {
                break;
            }
            let (of, program) = (account.to_owned(), Arc::clone(program));
            let asked = self.ask(move |engine| engine.live().rows_among(&of, &some, &program));
            rows.extend(asked.await?);
        }
        rows.sort_by(|a, b| a.order().cmp(&b.order()));
        Ok(rows)
    }

    /// When people last did something, as far as the engine remembers: over the last day or so.
    async fn last_seen(&self, people: BTreeSet<Text>) -> Answer<BTreeMap<Text, Time>> {
        self.ask(move |engine| {
            let seen = |id: &Text| {
                let rows = engine.live().person(id)?.stream().rows();
                rows.iter().rfind(|it| it.person.as_ref() == Some(id)).map(|it| it.time)
            };
            people.iter().filter_map(|id| Some((id.clone(), seen(id)?))).collect()
        })
        .await
    }
}

fn close_up(
    known: &Known,
    rows: Option<&[Row]>,
    remembered: &BTreeMap<Text, Time>,
    most: usize,
    now: Time,
) -> CloseUp {
    let mut seen = BTreeMap::new();
    for row in rows.into_iter().flatten() {
        let Some(id) = row.person.as_ref().filter(|it| known.people.contains(*it)) else {
            continue;
        };
        seen.entry(id).or_insert_with(Seen::default).take(row, now);
    }
    let someone = |id: &Text| {
        let seen = seen.remove(id).unwrap_or_default();
        let last_seen_at = seen.last.or_else(|| remembered.get(id).copied());
        seen.told(id, last_seen_at)
    };
    let mut people: Vec<Someone> = known.people.iter().map(someone).collect();
    people.sort_by(|a, b| b.last_seen_at.cmp(&a.last_seen_at).then(a.id.cmp(&b.id)));
    people.truncate(most);
    let paces = rows.map(|rows| {
        let Rules { project, program, history_from } = &known.rules;
        let days = PACE.0 as f64 / Span::DAY.0 as f64;
        let mut judge = Judge::new(program, *history_from);
        let gained = pace::gained(&mut judge, project, rows, now).into_iter();
        gained.map(|(meter, gained)| (meter.to_string(), gained / days)).collect()
    });
    CloseUp { people, paces }
}

/// What rows tell of a person.
#[derive(Default)]
struct Seen {
    last: Option<Time>,
    role: Option<Text>,
    traits: BTreeMap<Text, Text>,
    does: BTreeMap<Text, u64>,
}

impl Seen {
    fn take(&mut self, row: &Row, now: Time) {
        match &row.body {
            RowBody::Event { name, record: false, .. } if !row.copy => {
                self.last = self.last.max(Some(row.time));
                if row.time > now - DOES_WITHIN {
                    *self.does.entry(name.clone()).or_default() += 1;
                }
            }
            RowBody::Membership { joined, role } => {
                self.role = role.clone().or(self.role.take()).filter(|_| *joined);
            }
            RowBody::Traits { of: Kind::Person, traits } => {
                let told = NAME_TRAITS.iter().chain(&ROLE_TRAITS);
                let told = told.filter_map(|name| traits.iter().find(|(it, _)| it == name));
                for (name, value) in told {
                    match value {
                        Scalar::Text(text) if !text.is_empty() => {
                            self.traits.insert(name.clone(), text.clone());
                        }
                        _ => _ = self.traits.remove(name),
                    }
                }
            }
            RowBody::Event { .. } | RowBody::Traits { .. } => {}
        }
    }

    fn told(self, id: &Text, last_seen_at: Option<Time>) -> Someone {
        let first = |names: [&str; 2]| names.into_iter().find_map(|it| self.traits.get(it));
        let mut does: Vec<(String, u64)> =
            self.does.iter().map(|(name, count)| (name.to_string(), *count)).collect();
        does.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        does.truncate(DOES_MAX);
        Someone {
            id: id.to_string(),
            name: first(NAME_TRAITS).map(ToString::to_string),
            role: self.role.as_ref().or_else(|| first(ROLE_TRAITS)).map(ToString::to_string),
            last_seen_at,
            does,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(day: i64) -> Time {
        Time(0) + Span::DAY.times(day)
    }

    fn event(day: i64, name: &str) -> Row {
        let body = RowBody::Event { name: name.into(), record: false, values: Arc::default() };
        Row::bare(at(day), body)
    }

    fn traits(day: i64, traits: &[(&str, &str)]) -> Row {
        let traits = traits.iter().map(|(name, it)| ((*name).into(), Scalar::Text((*it).into())));
        Row::bare(at(day), RowBody::Traits { of: Kind::Person, traits: traits.collect() })
    }

    fn joins(day: i64, role: Option<&str>) -> Row {
        Row::bare(at(day), RowBody::Membership { joined: true, role: role.map(Into::into) })
    }

    fn told(rows: &[Row]) -> Someone {
        let mut seen = Seen::default();
        for it in rows {
            seen.take(it, at(100));
        }
        let last = seen.last;
        seen.told(&"ann".into(), last)
    }

    #[test]
    fn a_person_has_a_name_else_an_address() {
        let address = traits(1, &[("email", "ann@acme.example")]);
        assert_eq!(told(&[]).name, None);
        assert_eq!(told(std::slice::from_ref(&address)).name.as_deref(), Some("ann@acme.example"));
        let named = [traits(0, &[("name", "Ann")]), address.clone()];
        assert_eq!(told(&named).name.as_deref(), Some("Ann"));
        let unnamed = [traits(0, &[("name", "Ann")]), address, traits(2, &[("name", "")])];
        assert_eq!(told(&unnamed).name.as_deref(), Some("ann@acme.example"));
    }

    #[test]
    fn what_a_membership_says_goes_before_a_trait() {
        let says = traits(0, &[("role", "editor"), ("title", "Head of Ops")]);
        assert_eq!(told(std::slice::from_ref(&says)).role.as_deref(), Some("editor"));
        assert_eq!(told(&[says.clone(), joins(1, Some("owner"))]).role.as_deref(), Some("owner"));
        let again = [says, joins(1, Some("owner")), joins(2, None)];
        assert_eq!(told(&again).role.as_deref(), Some("owner"));
    }

    #[test]
    fn what_was_done_most_lately_comes_first() {
        let days = [(69, "Old"), (80, "Send"), (81, "Export"), (82, "Export"), (83, "Ask")];
        let mut rows: Vec<Row> = days.iter().map(|(day, name)| event(*day, name)).collect();
        rows.push(event(90, "View"));
        let mut copy = event(99, "Elsewhere");
        copy.copy = true;
        rows.push(copy);
        let ann = told(&rows);
        assert_eq!(ann.last_seen_at, Some(at(90)), "what was done elsewhere does not count");
        let does: Vec<_> = ann.does.iter().map(|(name, n)| (name.as_str(), *n)).collect();
        assert_eq!(does, [("Export", 2), ("Ask", 1), ("Send", 1)]);
    }
}
