//! Making the state again at start, from the history and the log.

use std::sync::Arc;

use firsthand_history::{History, Projection, Scan, Whereabout};
use firsthand_model::fact::{Kind, Row};
use firsthand_model::{Text, Time};
use firsthand_rules::arrivals::{Arrivals, Context, MEMORY};
use firsthand_rules::compile::names::Fits;
use firsthand_rules::judge::Judge;
use firsthand_rules::society::families::{Belonging, belonging};
use firsthand_rules::society::standings::Standings;
use rustc_hash::FxHashMap;

use crate::backfill::drain;
use crate::customer::{Customer, Judging, answers};
use crate::error::Result;
use crate::live::{Live, Rules, settled};
use crate::person::{Person, stream_rows};
use crate::saved::Remembered;
use crate::seen::{self, Key, Seen};
use crate::stir::Stirs;
use crate::whereabouts::Whereabouts;

/// What one bucket of the history comes to.
#[derive(Default)]
struct Part {
    names: Fits,
    customers: Vec<(Text, Customer)>,
    /// Who has facts of their own in an account, once for each of these.
    people: Vec<(Text, Person)>,
}

/// What the accounts of a bucket answer.
#[derive(Default)]
struct Answering {
    names: Fits,
    accounts: Vec<(Text, Arrivals<Row>, Belonging)>,
}

/// What accounts have come to answer.
type Answers = FxHashMap<Text, Arrivals<Row>>;

impl Live {
    /// Everybody of a history, as they were thought to be at an instant: that of the newest fact
    /// in it, or a later one up to which time had been passed. Nothing is decided by it.
    ///
    /// What is still in the log is taken in after it; what that makes known was known before, as
    /// far as the log had been decided.
    pub fn rebuild(rules: Rules, history: History, now: Time, scan: Scan<'_>) -> Result<Self> {
        Self::rebuild_with(rules, history, &Standings::default(), now, scan)
    }

    /// The same with the standings that were taken; others are taken now, up to that instant.
    pub(crate) fn rebuild_with(
        rules: Rules,
        history: History,
        standings: &Standings,
        now: Time,
        scan: Scan<'_>,
    ) -> Result<Self> {
        let mut live = Self::new(rules, history);
        if let Some(asking) = &mut live.asking {
            asking.stood.go_on(standings, settled(now));
        }
        let mut answers = live.rebuild_answers(now, scan)?;
        let Rules { program, history_from, .. } = live.rules();
        let projection = Projection { paths: program.paths.clone(), ..Projection::default() };
        let slots = live.watched();
        let parts =
            live.history().fold_accounts(&projection, scan, Part::default, |part, it| {
                let names = std::mem::take(&mut part.names);
                let mut judge = Judge::new(program, *history_from).with_names(names);
                let account = Text::from(it.account);
                let mut customer = Customer::new(account.clone(), &judge);
                let mut stirs = Stirs::default();
                let said = answers.get(&account).map(|it| &it.record().changes);
                let asking = live.asking.as_ref();
                let told = asking.map(|it| it.tells(&account, said, Time::MIN));
                let imports = &told.unwrap_or_default();
                let certain = imports.last().map(|(at, ..)| *at);
                let context = Context { imports, certain, watched: slots, changed: None };
                let entries = Vec::new();
                let mut judging =
                    Judging { judge: &mut judge, context, entries, stirs: &mut stirs };
                customer.anew(&mut judging, it.rows, settled(now), None);
                let judged = (!program.person.is_idle()).then_some(customer.people());
                for id in judged.into_iter().flatten() {
                    let mut person = Person::new(&judge);
                    person.homes.insert(account.clone());
                    let rows = stream_rows(id, it.rows, customer.traits());
                    let imports = customer.exported();
                    live.others().answer(&mut person, imports, |answers, judge, context| {
                        answers.anew(judge, context, rows.clone(), settled(now), None);
                    });
                    let imports = &*live.others().tell(&person, imports);
                    person.anew(&mut judge, id, rows, imports, settled(now), None);
                    person.pack(now - MEMORY);
                    part.people.push((id.clone(), person));
                }
                part.names = judge.into_names();
                customer.pack(now - MEMORY);
                part.customers.push((account, customer));
            })?;
        let places = live.history().whereabouts(scan)?;
        let recent = live.history().known_since(now - seen::REMEMBERED, scan)?;
        let recent = recent.into_iter().map(|it| (it.known_at, seen::key(&it.source, &it.id)));
        let mut recent: Vec<(Time, Key)> = recent.collect();
        recent.sort_unstable();
        let mut seen = Seen::default();
        for (known_at, key) in recent {
            seen.insert(key, known_at);
        }
        let mut whereabouts = Whereabouts::default();
        for Whereabout { who, account, loose } in places {
            whereabouts.note(&who, &account, loose);
        }
        let mut all = Part::default();
        for part in parts {
            all.customers.extend(part.customers);
            all.people.extend(part.people);
        }
        for (account, customer) in &mut all.customers {
            customer.answers = answers.remove(account);
        }
        let Part { customers, people, .. } = all;
        live.begin(Remembered { known_at: now, customers, people, whereabouts, seen })?;
        if let Some(until) = live.asking.as_ref().and_then(|it| it.stood.until()) {
            live.stand_people(until, &mut Vec::new());
            drain(&mut live)?;
        }
        Ok(live)
    }

    /// Has all accounts answer what others ask, and these hear it.
    fn rebuild_answers(&mut self, now: Time, scan: Scan<'_>) -> Result<Answers> {
        let Some(mut asking) = self.asking.take() else { return Ok(Answers::default()) };
        let asked = Arc::clone(&asking.asked);
        let families = &mut asking.families;
        let Rules { project, history_from, .. } = self.rules();
        let parent_trait = &project.identity.parent_trait;
        let context = Context { watched: &asked.of_accounts, ..Context::default() };
        let projection = Projection { paths: asked.program.paths.clone(), ..Projection::default() };
        // Progress is told when the rows are read again.
        let scan = Scan { progress: None, ..scan };
        let parts =
            self.history().fold_accounts(&projection, scan, Answering::default, |part, it| {
                let names = std::mem::take(&mut part.names);
                let mut judge = Judge::new(&asked.program, *history_from).with_names(names);
                let mut answers = answers(&mut judge, context, it.account, it.rows, settled(now));
                answers.pack(now - MEMORY);
                let first = it.rows.first().map(|it| it.time);
                let belongs = belonging(it.account, first, it.rows.iter(), parent_trait);
                part.names = judge.into_names();
                part.accounts.push((it.account.into(), answers, belongs));
            })?;
        let mut all = Answers::default();
        for (account, answers, belongs) in parts.into_iter().flat_map(|it| it.accounts) {
            families.hear(&account, Some(belongs), Time::MIN, &answers.record().changes);
            all.insert(account, answers);
        }
        // All of a family answer for the same instant.
        let reached = asking.reached(all.iter().map(|(id, it)| (id, it.now())));
        let mut judge = Judge::new(&asked.program, *history_from);
        for (account, at) in reached {
            let Some(answers) = all.get_mut(&account).filter(|it| it.next() <= at) else {
                continue;
            };
            answers.settle(&mut judge, context, at, &mut Vec::new());
            asking.families.hear(&account, None, Time::MIN, &answers.record().changes);
        }
        asking.families.news();
        if let Some(until) = asking.stood.until() {
            asking.stood.take(Kind::Account, until, |hand| {
                for (account, it) in &all {
                    hand(account, &it.record().changes);
                }
            });
        }
        self.asking = Some(asking);
        Ok(all)
    }
}
