//! The last quarter as it would have been on a server: the engine is given what was recorded, hour by
//! hour, while simulated reps answer leads and simulated readers see their messages.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context;
use firsthand_engine::desk::Act;
use firsthand_engine::{Batch, Engine, Rules, history_from};
use firsthand_history::{History, Scan};
use firsthand_model::config::Project;
use firsthand_model::message::Outgoing;
use firsthand_model::{Fact, Span, Text, Time};
use firsthand_rules::compile::compile;
use firsthand_store::{Inbox, Role, SourceTally, SqliteStore, Users};

use super::company::Company;
use super::{cast, post};
use crate::commands::import::{RowBar, promote};
use crate::output::Output;
use crate::people;
use crate::project::Folder;
use crate::serve::LiveEngine;
use crate::serve::inbox::reaction_fact;
use crate::serve::running::{open_store, start_options};

/// By which the visitor signs in.
pub const VISITOR_EMAIL: &str = "you@postbox.example";
/// The password of everybody in the demo.
pub const PASSWORD: &str = "just look around";

/// Most leads that one rep answers in an hour.
const ANSWERS_PER_HOUR: usize = 3;
/// How long after a message is shown somebody reacts.
const READS_FOR: Span = Span(40 * Span::SECOND.0);

/// Imports what lies far back, and lets the rest happen.
///
/// # Errors
/// Where the folder cannot be written, or the engine fails.
pub fn play(folder: &Folder, company: &Company, output: Output) -> anyhow::Result<()> {
    let project = Arc::new(folder.sound_project(output)?);
    let from = company.live_from();
    let mut history = History::create(folder.history(), &project.identity, 0)?;
    promote(&mut history, &project)?;
    let mut intake = history.intake(&project.calendar)?;
    for fact in company.between(Time::MIN, from) {
        intake.take(fact)?;
    }
    intake.finish()?;
    let store = Arc::new(open_store(&folder.store())?);
    employ(&store, &project, from)?;
    let rules = Rules {
        history_from: history_from(&project, &history),
        program: Arc::new(compile(&project).program),
        project: Arc::clone(&project),
    };
    let options = start_options(folder, &project, true);
    let (mut engine, _) =
        Engine::start(rules, history, Arc::clone(&store), &options, from, Scan::default())?;
    let unread = Arc::new(Mutex::new(Unread::default()));
    let heard = Arc::clone(&unread);
    engine.listen(Box::new(move |commit| {
        let mut heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
        for it in &commit.deliveries {
            if let Ok(Outgoing::InApp(message)) = serde_json::from_slice(&it.payload) {
                heard.entry(message.person).or_default().push((it.id.clone(), it.due_at));
            }
        }
    }));
    let hours = (company.now - from).0 / Span::HOUR.0;
    let bar = RowBar::new("a quarter passes", hours.unsigned_abs());
    let mut past = Past { engine, store, project, unread };
    for hour in 0..hours {
        let begin = from + Span::HOUR.times(hour);
        let facts = company.between(begin, begin + Span::HOUR);
        past.hour(facts, begin + Span::HOUR).context("the past could not be played")?;
        bar.add(1);
    }
    bar.finish();
    past.engine.flush()?;
    past.engine.seal()?;
    Ok(())
}

/// Messages inside the product that somebody has not seen: its id, and from when on it may be shown.
type Unread = BTreeMap<Text, Vec<(Text, Time)>>;

struct Past {
    engine: LiveEngine,
    store: Arc<SqliteStore>,
    project: Arc<Project>,
    unread: Arc<Mutex<Unread>>,
}

impl Past {
    /// Lets an hour pass, at whose end everything of it has become known.
    fn hour(&mut self, facts: &[Fact], end: Time) -> anyhow::Result<()> {
        let mut batch = Batch { facts: facts.to_vec(), ..Batch::default() };
        batch.tallies = tallies(facts);
        batch.facts.extend(self.read(facts)?);
        self.engine.accept(batch, end)?;
        post::send_due(&*self.store, end)?;
        self.engine.pass(end)?;
        while self.engine.decide_late(end)? {}
        self.answer(end)
    }

    /// Reps answer leads.
    fn answer(&mut self, now: Time) -> anyhow::Result<()> {
        let reasons = &self.project.leads.reject_reasons;
        let mut answers: Vec<_> = self
            .engine
            .desk()
            .leads()
            .filter_map(|lead| Some((lead.clone(), cast::answer(lead, now, reasons)?)))
            .collect();
        answers.sort_by(|(one, _), (other, _)| one.id.cmp(&other.id));
        let mut done: BTreeMap<Text, usize> = BTreeMap::new();
        for (lead, (by, act)) in answers {
            let of_rep = done.entry(by.clone()).or_default();
            *of_rep += 1;
            if *of_rep > ANSWERS_PER_HOUR {
                continue;
            }
            let was_accepted = act == Act::Accept;
            self.engine.act(&lead.id, &act, &by, now)?;
            if let Some(note) = cast::note(&lead).filter(|_| was_accepted) {
                self.engine.act(&lead.id, &note, &by, now)?;
            }
        }
        Ok(())
    }

    /// Those who were active see the messages that wait for them; what they do about them.
    fn read(&self, facts: &[Fact]) -> anyhow::Result<Vec<Fact>> {
        let mut unread = self.unread.lock().unwrap_or_else(PoisonError::into_inner);
        let mut reactions = Vec::new();
        for fact in facts {
            let Some(person) = &fact.who.user else { continue };
            let Some(waiting) = unread.get_mut(person) else { continue };
            for (id, _) in waiting.extract_if(.., |(_, due)| *due <= fact.time) {
                let Some(row) = self.store.inbox_message(&id)? else { continue };
                let mut at = fact.time;
                for reaction in cast::reactions(&id) {
                    reactions.push(reaction_fact(&row, *reaction, person, at));
                    self.store.note_inbox(&id, *reaction, at)?;
                    at = at + READS_FOR;
                }
            }
        }
        Ok(reactions)
    }
}

/// Adds the visitor, the reps of the project, and an analyst.
fn employ(store: &SqliteStore, project: &Project, now: Time) -> anyhow::Result<()> {
    let reps = project.leads.owners.values();
    let mut users: Vec<(String, String, Role)> = reps
        .filter_map(|it| Some((it.title.to_string(), it.email.as_ref()?.to_string(), Role::Rep)))
        .collect();
    users.push(("Robin Vale".to_owned(), VISITOR_EMAIL.to_owned(), Role::Admin));
    users.push(("Ines Duarte".to_owned(), "ines@postbox.example".to_owned(), Role::Analyst));
    let hashed = people::hashed(PASSWORD)?;
    for (name, email, role) in users {
        let user = people::new(&name, &email, role, now)?;
        store.add_user(&firsthand_store::User { password: Some(hashed.clone()), ..user })?;
    }
    Ok(())
}

/// What each source has sent.
fn tallies(facts: &[Fact]) -> Vec<SourceTally> {
    let mut of: BTreeMap<&Text, SourceTally> = BTreeMap::new();
    for fact in facts {
        let tally = of.entry(&fact.source).or_insert_with(|| SourceTally {
            source: fact.source.clone(),
            seen_at: fact.time,
            accepted: 0,
            rejected: 0,
            repeated: 0,
        });
        tally.seen_at = tally.seen_at.max(fact.time);
        tally.accepted += 1;
    }
    of.into_values().collect()
}
