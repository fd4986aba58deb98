//! Standings among others, taken at midnight once it has settled.
//!
//! What is kept of a midnight is how the values were spread (`rules::society::standings`), in the
//! store as well: a start, a publication, an import and an erasure go on with what was taken.
//! Where somebody stands by it follows from what they answer by themselves, so that their own
//! late facts still count.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use firsthand_model::fact::{Kind, Row};
use firsthand_model::{Calendar, Span, Text, Time};
use firsthand_rules::arrivals::{Arrivals, Context, MEMORY};
use firsthand_rules::compile::program::{Population, Program};
use firsthand_rules::judge::Judge;
use firsthand_rules::ledger::Entry;
use firsthand_rules::society::standings::{Distribution, Standings};
use firsthand_rules::world::Imports;
use firsthand_store::TakenStanding;

use super::families::{News, soonest};
use super::{Asking, Known, Live};
use crate::error::{EngineError, Result};
use crate::person::Person;
use crate::stir::Stirs;

/// What was taken at which midnights.
#[derive(Clone, Debug)]
pub(crate) struct Stood {
    asked: Vec<Population>,
    calendar: Calendar,
    standings: Standings,
    /// How far midnights have been passed.
    until: Option<Time>,
    /// What was taken and is not written down yet.
    new: Vec<TakenStanding>,
    /// Accounts whose own answers were others before a midnight, and which one.
    restood: News,
}

impl Stood {
    pub(super) fn of(program: &Program) -> Self {
        Self {
            asked: program.populations.clone(),
            calendar: program.calendar.clone(),
            standings: Standings::default(),
            until: None,
            new: Vec::new(),
            restood: News::new(),
        }
    }

    /// Whether a kind of subject stands among others.
    pub(crate) fn asks(&self, kind: Kind) -> bool {
        self.of_kind(kind).next().is_some()
    }

    /// Goes on with what was taken, with midnights passed as far as time has settled.
    pub(crate) fn go_on(&mut self, taken: &Standings, settled: Time) {
        self.standings = taken.clone();
        self.until = (settled > Time::MIN).then(|| self.midnight(settled));
    }

    /// The newest midnight at an instant.
    fn midnight(&self, at: Time) -> Time {
        self.calendar.start_of(self.calendar.date(at))
    }

    /// How far midnights have been passed.
    pub(crate) fn until(&self) -> Option<Time> {
        self.until
    }

    /// What somebody of an account is told after an instant by what they said.
    pub(crate) fn told(&self, kind: Kind, account: &str, said: &Imports, after: Time) -> Imports {
        let Some(until) = self.until else { return Imports::new() };
        let asked = self.of_kind(kind);
        asked.flat_map(|it| self.standings.told(it, account, said, (after, until))).collect()
    }

    /// Takes the standings of a kind up to a midnight that were not taken yet, from what all of
    /// them said; the first midnight at which any were. `each` hands over account and answers of
    /// one after the other.
    pub(crate) fn take(
        &mut self,
        kind: Kind,
        until: Time,
        each: impl Fn(&mut dyn FnMut(&Text, &Imports)),
    ) -> Option<Time> {
        let mut first = None;
        for asked in self.asked.clone().into_iter().filter(|it| it.kind == kind) {
            let newest = self.standings.newest(&asked);
            let mut at = newest.map_or_else(
                || {
                    let mut earliest: Option<Time> = None;
                    each(&mut |_, said| {
                        let at = said.iter().find(|it| it.1 == asked.slot).map(|it| it.0);
                        earliest = earliest.into_iter().chain(at).min();
                    });
                    earliest.map_or(until, |it| self.calendar.next_midnight(it).min(until))
                },
                |it| self.calendar.next_midnight(it),
            );
            while at <= until && at < Time::MAX {
                let mut groups: BTreeMap<Text, Vec<i128>> = BTreeMap::new();
                each(&mut |account, said| {
                    if let (Some(value), true) = asked.own(said, at) {
                        groups.entry(asked.group(account).into()).or_default().push(value);
                    }
                });
                // That nobody was there is taken as well: who comes late changes nothing of it.
                if groups.is_empty() {
                    groups.insert(Text::default(), Vec::new());
                }
                for (account, values) in groups {
                    first = first.into_iter().chain([at]).min();
                    self.add(&asked.key, at, account, Distribution::of(values));
                }
                at = self.calendar.next_midnight(at);
            }
        }
        first
    }

    /// Notes that an account answers otherwise from an instant on.
    pub(super) fn heard(&mut self, account: &Text, from: Time) {
        let Some(until) = self.until else { return };
        let after = self
            .of_kind(Kind::Account)
            .filter_map(|it| self.standings.first_after(it, from).filter(|it| *it <= until));
        if let Some(at) = after.min() {
            soonest(&mut self.restood, account, at);
        }
    }

    /// The first midnight after an instant at which people stood somewhere.
    fn first_after(&self, kind: Kind, from: Time) -> Option<Time> {
        let until = self.until?;
        let after = self.of_kind(kind).filter_map(|it| self.standings.first_after(it, from));
        after.filter(|it| *it <= until).min()
    }

    pub(super) fn take_restood(&mut self) -> News {
        std::mem::take(&mut self.restood)
    }

    /// From when on somebody stands elsewhere than before a midnight.
    fn moved(&self, kind: Kind, account: &str, said: &Imports, midnight: Time) -> Option<Time> {
        let of = self.of_kind(kind).filter_map(|asked| {
            let mut before = self.standings.before(asked, account, said, midnight);
            let span = (midnight - Span(1), self.until?);
            let mut told = self.standings.told(asked, account, said, span);
            told.find(|(.., value)| std::mem::replace(&mut before, value.clone()) != *value)
        });
        of.map(|(at, ..)| at).min()
    }

    fn of_kind(&self, kind: Kind) -> impl Iterator<Item = &Population> {
        self.asked.iter().filter(move |it| it.kind == kind)
    }

    fn add(&mut self, key: &Text, at: Time, account: Text, spread: Distribution) {
        let bytes = postcard::to_stdvec(&spread).expect("numbers serialise");
        self.standings.add(key, at, account.clone(), spread);
        self.new.push(TakenStanding { population: key.clone(), at, account, spread: bytes });
    }
}

/// What was taken of the populations that a program asks for, as a store has it.
pub(crate) fn standings(
    program: &Program,
    store: &(impl firsthand_store::Standings + ?Sized),
) -> Result<Standings> {
    let mut standings = Standings::default();
    for asked in &program.populations {
        for it in store.standings(&asked.key)? {
            let spread = postcard::from_bytes(&it.spread).map_err(EngineError::DamagedStanding)?;
            standings.add(&asked.key, it.at, it.account, spread);
        }
    }
    Ok(standings)
}

impl Live {
    /// What was taken, of populations that are asked.
    pub(crate) fn standings(&self) -> &Standings {
        static NONE: LazyLock<Standings> = LazyLock::new(Standings::default);
        self.asking.as_ref().map_or(&NONE, |it| &it.stood.standings)
    }

    /// What was taken since this was last asked.
    pub(crate) fn take_standings(&mut self) -> Vec<TakenStanding> {
        self.asking.as_mut().map(|it| std::mem::take(&mut it.stood.new)).unwrap_or_default()
    }

    /// The next midnight at which standings are taken.
    pub(super) fn next_midnight(&self) -> Option<Time> {
        let stood = self.asking.as_ref().map(|it| &it.stood)?;
        let until = stood.until.filter(|_| !stood.asked.is_empty())?;
        Some(stood.calendar.next_midnight(until)).filter(|it| *it < Time::MAX)
    }

    /// Midnights are passed from here on, where none has been yet.
    pub(super) fn begin_midnights(&mut self, settled: Time) {
        let stood = self.asking.as_mut().map(|it| &mut it.stood);
        let Some(stood) = stood.filter(|it| it.until.is_none()) else { return };
        let midnight = stood.midnight(settled);
        stood.until = Some(midnight);
        for kind in [Kind::Account, Kind::Person] {
            stood.take(kind, midnight, |_| {});
        }
    }

    /// Takes the standings of a midnight, of which nothing can change any more by what is on time,
    /// and has everybody judged who stands elsewhere by it.
    pub(super) fn take_midnight(&mut self, midnight: Time, known: &mut Vec<Known>) {
        if let Some(asking) = &mut self.asking {
            asking.stood.until = Some(midnight);
        }
        let (mut stirs, mut behind) = (Stirs::default(), Stirs::default());
        let moved = self.moved(Kind::Account, midnight).into_iter();
        let passed = |it: &Text| self.customers.get(it).map(|it| it.customer.stream().now());
        let (back, on): (News, News) =
            moved.partition(|(it, at)| passed(it).is_some_and(|now| *at <= now));
        let back = back.into_iter().map(|(it, changed)| (it, Vec::new(), Some(changed)));
        self.arrive(back, &mut behind, known);
        self.settle_together(on.into_iter(), midnight, &mut stirs, known);
        self.judge_people(behind, known);
        self.judge_told(stirs, known);
        self.stand_people(midnight, known);
    }

    /// The same of people alone.
    pub(crate) fn stand_people(&mut self, midnight: Time, known: &mut Vec<Known>) {
        let mut stirs = Stirs::default();
        for (id, changed) in self.moved(Kind::Person, midnight) {
            stirs.told(&id, Some(changed));
        }
        self.judge_people(stirs, known);
    }

    /// Takes what was not taken yet up to a midnight; who stands elsewhere since, and from when on.
    fn moved(&mut self, kind: Kind, midnight: Time) -> News {
        let Some(mut asking) = self.asking.take() else { return News::new() };
        let mut news = News::new();
        if asking.stood.asks(kind) {
            let of_accounts = self.customers.iter().filter_map(|(id, it)| {
                Some((id, id, &it.customer.answers.as_ref()?.record().changes))
            });
            let of_people = self.people.iter().filter_map(|(id, it)| {
                Some((id, it.it.account()?, &it.it.answers.as_ref()?.record().changes))
            });
            let of_all: Vec<(&Text, &Text, &Imports)> = match kind {
                Kind::Account => of_accounts.collect(),
                Kind::Person => of_people.collect(),
            };
            let first = asking.stood.take(kind, midnight, |hand| {
                for (_, account, said) in &of_all {
                    hand(account, said);
                }
            });
            let from = first.map_or(midnight, |it| it.min(midnight));
            for (id, account, said) in of_all {
                if let Some(at) = asking.stood.moved(kind, account, said, from) {
                    news.insert(id.clone(), at);
                }
            }
        }
        self.asking = Some(asking);
        news
    }

    /// What others ask of people, and tell them.
    pub(crate) fn others(&self) -> Others<'_> {
        Others::of(self.asking.as_ref(), self.rules.history_from, self.known_at - MEMORY)
    }
}

/// What others ask of people, and tell them.
#[derive(Clone, Copy)]
pub(crate) struct Others<'a> {
    asking: Option<&'a Asking>,
    history_from: Time,
    /// What is older is not remembered.
    memory: Time,
}

impl<'a> Others<'a> {
    pub(super) fn of(asking: Option<&'a Asking>, history_from: Time, memory: Time) -> Self {
        let asking = asking.filter(|it| it.stood.asks(Kind::Person));
        Self { asking, history_from, memory }
    }

    /// Has a person answer what is asked of people, if anything is.
    pub(crate) fn answer<T>(
        self,
        person: &mut Person,
        imports: &Imports,
        answer: impl FnOnce(&mut Arrivals<Row>, &mut Judge<'_>, Context<'_>) -> T,
    ) -> Option<T> {
        let asked = &self.asking?.asked;
        let mut judge = Judge::new(&asked.program, self.history_from);
        let fresh = || Arrivals::new(&asked.program, Kind::Person);
        let answers = person.answers.get_or_insert_with(fresh);
        let context = Context { imports, watched: &asked.of_people, ..Context::default() };
        let answered = answer(answers, &mut judge, context);
        answers.forget_before(self.memory);
        Some(answered)
    }

    /// Judges a person anew from the rows of their stream, by what their accounts tell them and by
    /// where they stood; and has them answer anew.
    pub(super) fn judge_anew(
        self,
        judge: &mut Judge<'_>,
        person: &mut Person,
        (id, rows): (&Text, Vec<Row>),
        by_account: &Imports,
        (settled, told): (Time, Option<(Time, &mut Vec<Entry>)>),
    ) {
        self.answer(person, by_account, |answers, judge, context| {
            answers.anew(judge, context, rows.clone(), settled, None);
        });
        let imports = self.tell(person, by_account).into_owned();
        person.anew(judge, id, rows, &imports, settled, told);
    }

    /// What a person is told: by their account, and by where they stood.
    pub(crate) fn tell<'i>(self, person: &Person, by_account: &'i Imports) -> Cow<'i, Imports> {
        let answers = person.answers.as_ref().zip(person.account());
        let Some((asking, (answers, account))) = self.asking.zip(answers) else {
            return Cow::Borrowed(by_account);
        };
        let said = &answers.record().changes;
        let mut told = asking.stood.told(Kind::Person, account, said, Time::MIN);
        told.extend(by_account.iter().cloned());
        told.sort_by_key(|(at, slot, _)| (*at, *slot));
        Cow::Owned(told)
    }

    /// The first midnight after an instant at which people stood somewhere.
    pub(super) fn stood_after(self, from: Option<Time>) -> Option<Time> {
        self.asking?.stood.first_after(Kind::Person, from?)
    }
}
