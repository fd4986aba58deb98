//! Making the state again at start, from the history and the log.

use firsthand_history::{History, Projection, Scan};
use firsthand_model::{Text, Time};
use firsthand_rules::compile::names::Fits;
use firsthand_rules::judge::Judge;

use crate::customer::{Customer, Judging};
use crate::error::Result;
use crate::live::{Live, MEMORY, Rules, settled};
use crate::person::{Person, stream_rows};
use crate::seen;
use crate::stir::Stirs;

/// What one bucket of the history comes to.
#[derive(Default)]
struct Part {
    names: Fits,
    customers: Vec<(Text, Customer)>,
    /// Who has facts of their own in an account, once for each of these.
    people: Vec<(Text, Person)>,
}

impl Live {
    /// Everybody of a history, as they were thought to be at an instant: that of the newest fact
    /// in it, or a later one up to which time had been passed. Nothing is decided by it.
    ///
    /// What is still in the log is taken in after it; what that makes known was known before, as
    /// far as the log had been decided.
    pub fn rebuild(rules: Rules, history: History, now: Time, scan: Scan<'_>) -> Result<Self> {
        let mut live = Self::new(rules, history);
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
                let mut judging = Judging {
                    judge: &mut judge,
                    watched: slots,
                    entries: Vec::new(),
                    stirs: &mut stirs,
                };
                customer.anew(&mut judging, it.rows, settled(now), None);
                customer.forget_before(now - MEMORY);
                let judged = (!program.person.is_idle()).then_some(customer.people());
                for id in judged.into_iter().flatten() {
                    let mut person = Person::new(&judge);
                    person.homes.insert(account.clone());
                    let rows = stream_rows(id, it.rows, customer.traits());
                    person.anew(&mut judge, id, rows, customer.exported(), settled(now), None);
                    person.forget_before(now - MEMORY);
                    part.people.push((id.clone(), person));
                }
                part.names = judge.into_names();
                part.customers.push((account, customer));
            })?;
        let places = live.history().whereabouts(scan)?;
        let recent = live.history().known_since(now - seen::REMEMBERED, scan)?;
        let recent = recent.into_iter().map(|it| (it.known_at, seen::key(&it.source, &it.id)));
        let mut all = Part::default();
        for part in parts {
            all.customers.extend(part.customers);
            all.people.extend(part.people);
        }
        live.begin(now, all.customers, all.people, places, recent)?;
        Ok(live)
    }
}
