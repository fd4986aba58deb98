//! From an account's columns to the events that each measure takes.
//!
//! An event's name tells which measures want it. What a filter says and what a measure reads is
//! asked once for each value met, and remembered: a column holds few different values.

use firsthand_model::fact::{Row, RowBody};
use firsthand_model::time::Period;
use firsthand_model::{Calendar, Text, Time};
use rustc_hash::FxHashMap;

use super::measure::{self, Events, Life, Scratch};
use super::plan::{Bulk, Plan, Side, What, any, properties};
use super::words::Words;
use super::{Columns, Definitions, NeedsRows};
use crate::eval::expr::{Choice, Expr, Scope};
use crate::eval::kept::Series;
use crate::eval::leaf::{Measure, key_of};
use crate::eval::value::Value;
use crate::lang::ast::Field;

/// Gathers events for the measures of a plan, account by account.
#[derive(Debug)]
pub(super) struct Gatherer<'p> {
    plan: &'p Plan,
    takers: Vec<Taker<'p>>,
    events: Vec<Events>,
    /// For each measure, a number for each key met.
    keys: Vec<FxHashMap<Text, u32>>,
    /// For each name met, the takers that want it, in the first turn and in the second.
    wanted_by: [Vec<Option<Box<[u32]>>>; 2],
    /// For each name met, the definitions that read its events or records.
    matters: Vec<Definitions>,
    /// The turn of each measure.
    turns: Vec<Turn>,
    /// How many events each measure has taken so far, and of how many accounts.
    taken: Vec<u64>,
    accounts: u64,
    /// Measures that want no more than the first few events.
    firsts: Vec<First>,
    scratch: Scratch,
    row: Row,
}

/// Measures are taken in two turns: first those that show most quickly that no definition can have
/// held. Which these are is learnt from the first accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    First,
    Second,
}

/// Pairs of values for which an answer is remembered.
const PAIRS_MAX: usize = 65_536;
/// After so many accounts it is learnt which measures come first.
const LEARNT_AFTER: u64 = 32;

/// One side of a measure, with what it remembers.
#[derive(Debug)]
struct Taker<'p> {
    /// Which measure, and whether it removes from a level.
    measure: u32,
    removes: bool,
    side: Side<'p>,
    asks: Asks,
    /// For counting days: where the day of the newest event ends, and its number.
    day: (i64, u32),
}

/// A measure that wants the first few events of some names.
#[derive(Debug)]
struct First {
    measure: usize,
    pattern: u32,
    count: usize,
    /// For each name met, whether it is one.
    wants: Vec<bool>,
    /// The first ones of the account at hand.
    found: Vec<usize>,
}

/// How a filter and what is measured are asked.
#[derive(Debug)]
enum Asks {
    /// There is nothing to ask.
    Nothing,
    /// Once for each value of a column.
    Once(Input, Vec<Answer>),
    /// Once for each pair of values of two columns.
    OncePair([Input; 2], FxHashMap<(u32, u32), Answer>),
    /// For each event.
    Each,
}

/// A column that an expression reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Input {
    Name,
    Person,
    Value(u32),
}

/// What was answered for an event.
#[derive(Clone, Debug)]
enum Answer {
    Unasked,
    Out,
    Nothing,
    Key(u32),
    Amount(i64),
    /// An amount that only rows can hold.
    TooLarge,
    Value(Value),
}

impl<'p> Gatherer<'p> {
    pub fn new(plan: &'p Plan) -> Self {
        let mut takers = Vec::new();
        let mut firsts = Vec::new();
        for (number, bulk) in (0_u32..).zip(&plan.measures) {
            for (place, side) in bulk.sides().enumerate() {
                if let Bulk::Leaf(leaf) = bulk
                    && let Measure::Nth(n) = leaf.measure
                    && leaf.window.is_ever()
                    && leaf.filter.is_none()
                {
                    firsts.push(First {
                        measure: number as usize,
                        pattern: side.pattern,
                        count: n as usize,
                        wants: Vec::new(),
                        found: Vec::new(),
                    });
                    continue;
                }
                takers.push(Taker {
                    measure: number,
                    removes: place == 1,
                    side,
                    asks: Asks::of(side),
                    day: (i64::MIN, 0),
                });
            }
        }
        Self {
            events: plan.measures.iter().map(|_| Events::default()).collect(),
            keys: plan.measures.iter().map(|_| FxHashMap::default()).collect(),
            plan,
            takers,
            wanted_by: [Vec::new(), Vec::new()],
            matters: Vec::new(),
            turns: vec![Turn::First; plan.measures.len()],
            taken: vec![0; plan.measures.len()],
            accounts: 0,
            firsts,
            scratch: Scratch::default(),
            row: empty_row(plan.program.paths.len()),
        }
    }

    /// Whether a measure is taken in the first turn.
    pub fn is_first(&self, measure: u32) -> bool {
        self.turns[measure as usize] == Turn::First
    }

    /// Whether a row of an account that was gathered can have changed the verdicts of a
    /// definition.
    pub fn matters(&self, definition: usize, row: usize, name: u32) -> bool {
        let reads = |it: &First| {
            let measure = u32::try_from(it.measure).unwrap_or(u32::MAX);
            self.plan.reads()[definition].measures.contains(&measure)
        };
        // A life begins with its first row, whatever that is.
        row == 0
            || self.matters[name as usize].contains(definition)
            || self.firsts.iter().any(|it| it.found.contains(&row) && reads(it))
    }

    /// The definitions for which a row matters.
    pub fn matters_for(&self, row: usize, name: u32) -> Definitions {
        let mut them = Definitions::default();
        for definition in 0..self.plan.reads().len() {
            if self.matters(definition, row, name) {
                them.insert(definition);
            }
        }
        them
    }

    /// Gathers the first so many rows of an account for the measures of a turn. The second comes
    /// after the first.
    pub fn gather(
        &mut self,
        turn: Turn,
        columns: &Columns<'_>,
        words: &Words,
        count: usize,
    ) -> Result<(), NeedsRows> {
        if turn == Turn::First {
            self.begin(words);
        }
        for first in self.firsts.iter_mut().filter(|it| self.turns[it.measure] == turn) {
            let found = (0..count).filter(|it| first.wants[columns.names[*it] as usize]);
            first.found.extend(found.take(first.count));
            let times = first.found.iter().map(|it| columns.times[*it]);
            self.events[first.measure].times.extend(times);
        }
        let wanted_by = &self.wanted_by[turn as usize];
        if wanted_by.iter().all(Option::is_none) {
            return Ok(());
        }
        let calendar = &self.plan.program.calendar;
        for (index, name) in columns.names[..count].iter().enumerate() {
            let Some(wanted_by) = &wanted_by[*name as usize] else { continue };
            for taker in wanted_by {
                let taker = &mut self.takers[*taker as usize];
                let measure = taker.measure as usize;
                let (events, keys) = (&mut self.events[measure], &mut self.keys[measure]);
                let event = Event { columns, words, index, calendar };
                taker.take(&event, &mut self.row, keys, events)?;
            }
        }
        Ok(())
    }

    /// Works out what each measure of a turn came to.
    pub fn measure(
        &mut self,
        turn: Turn,
        life: Life,
        kept: &mut [Series],
    ) -> Result<(), NeedsRows> {
        let calendar = &self.plan.program.calendar;
        for (place, bulk) in self.plan.measures.iter().enumerate() {
            if self.turns[place] == turn {
                let (events, series) = (&self.events[place], &mut kept[place]);
                self.taken[place] += events.times.len() as u64;
                measure::series(bulk, events, life, calendar, &mut self.scratch, series)?;
            }
        }
        Ok(())
    }

    /// Begins an account.
    fn begin(&mut self, words: &Words) {
        self.events.iter_mut().for_each(Events::clear);
        self.firsts.iter_mut().for_each(|it| it.found.clear());
        for taker in &mut self.takers {
            taker.day = (i64::MIN, 0);
        }
        if self.accounts == LEARNT_AFTER {
            self.choose_turns();
        }
        self.accounts += 1;
        self.learn_names(words);
    }

    /// Of each definition the needed measure with the fewest events comes first; the rest second,
    /// unless there is a definition that needs none.
    fn choose_turns(&mut self) {
        let rarest =
            |them: &mut dyn Iterator<Item = u32>| them.min_by_key(|it| self.taken[*it as usize]);
        let first = self.plan.needed_series().map(|mut it| rarest(&mut it));
        let Some(first) = first.collect::<Option<Vec<u32>>>() else { return };
        for (place, turn) in (0..).zip(&mut self.turns) {
            *turn = if first.contains(&place) { Turn::First } else { Turn::Second };
        }
        self.wanted_by = [Vec::new(), Vec::new()];
        self.firsts.iter_mut().for_each(|it| it.wants.clear());
    }

    /// Finds out which measures want the names that have come new.
    fn learn_names(&mut self, words: &Words) {
        for number in self.wanted_by[0].len()..words.names() {
            let number = u32::try_from(number).expect("numbers are 32 bits");
            let (name, record) = words.name_of(number);
            let class = self.plan.program.classes.class(name, record);
            let fits = |it| number != Words::NONE && self.plan.fits(it, name, class);
            for first in &mut self.firsts {
                first.wants.push(fits(first.pattern));
            }
            if self.matters.len() <= number as usize {
                let mut them = Definitions::default();
                for (place, reads) in self.plan.reads().iter().enumerate() {
                    let measured = self.takers.iter().filter(|it| fits(it.side.pattern));
                    let mut measured = measured.map(|it| it.measure);
                    let none = number == Words::NONE;
                    if none
                        || measured.any(|it| reads.measures.contains(&it))
                        || reads.patterns.iter().any(|it| fits(*it))
                    {
                        them.insert(place);
                    }
                }
                self.matters.push(them);
            }
            for (turn, wanted_by) in
                [Turn::First, Turn::Second].into_iter().zip(&mut self.wanted_by)
            {
                let wants = |it: &Taker<'_>| {
                    self.turns[it.measure as usize] == turn && fits(it.side.pattern)
                };
                let takers = (0_u32..).zip(&self.takers);
                let all: Box<[u32]> =
                    takers.filter(|(_, it)| wants(it)).map(|(place, _)| place).collect();
                wanted_by.push((!all.is_empty()).then_some(all));
            }
        }
    }
}

/// One event among the columns.
struct Event<'a> {
    columns: &'a Columns<'a>,
    words: &'a Words,
    index: usize,
    calendar: &'a Calendar,
}

impl Event<'_> {
    fn number(&self, input: Input) -> u32 {
        match input {
            Input::Name => self.columns.names[self.index],
            Input::Person => self.columns.persons[self.index],
            Input::Value(path) => {
                let column = &self.columns.values[path as usize];
                column.get(self.index).copied().unwrap_or(Words::NONE)
            }
        }
    }

    /// Makes the event a row; returns it.
    fn row<'r>(&self, row: &'r mut Row) -> &'r Row {
        let (name, record) = self.words.name_of(self.number(Input::Name));
        row.time = Time(self.columns.times[self.index]);
        row.person = self.words.person_of(self.number(Input::Person)).cloned();
        if let RowBody::Event { name: own, record: own_record, values } = &mut row.body {
            own.clone_from(name);
            *own_record = record;
            for (path, value) in (0_u32..).zip(values) {
                if !self.columns.values[path as usize].is_empty() {
                    value.clone_from(self.words.value_of(self.number(Input::Value(path))));
                }
            }
        }
        row
    }
}

impl Taker<'_> {
    /// Takes an event in, if it passes and has what is measured.
    fn take(
        &mut self,
        event: &Event<'_>,
        row: &mut Row,
        keys: &mut FxHashMap<Text, u32>,
        events: &mut Events,
    ) -> Result<(), NeedsRows> {
        let answer = match &mut self.asks {
            Asks::Nothing => &Answer::Nothing,
            Asks::Once(input, known) => {
                let number = event.number(*input) as usize;
                if known.len() <= number {
                    known.resize(number + 1, Answer::Unasked);
                }
                if matches!(known[number], Answer::Unasked) {
                    known[number] = ask(self.side, keys, event, row);
                }
                &known[number]
            }
            Asks::OncePair(inputs, known) => {
                let numbers = (event.number(inputs[0]), event.number(inputs[1]));
                if known.len() >= PAIRS_MAX {
                    known.clear();
                }
                known.entry(numbers).or_insert_with(|| ask(self.side, keys, event, row))
            }
            Asks::Each => &ask(self.side, keys, event, row),
        };
        let at = event.columns.times[event.index];
        match answer {
            Answer::Out | Answer::Unasked => return Ok(()),
            Answer::TooLarge => return Err(NeedsRows),
            Answer::Nothing => match self.side.what {
                What::Person => match event.number(Input::Person) {
                    Words::NONE => return Ok(()),
                    person => events.keys.push(person),
                },
                What::Day => {
                    if at >= self.day.0 {
                        let date = event.calendar.date(Time(at));
                        let next = event.calendar.period_add(Period::Day, date, 1);
                        self.day = (event.calendar.start_of(next).0, self.day.1 + 1);
                    }
                    events.keys.push(self.day.1);
                }
                _ => {}
            },
            Answer::Key(key) => events.keys.push(*key),
            Answer::Amount(amount) => events.amounts.push(*amount),
            Answer::Value(value) => events.values.push(value.clone()),
        }
        events.times.push(at);
        events.removes.push(self.removes);
        Ok(())
    }
}

/// Asks for one event what a side takes of it.
fn ask(
    side: Side<'_>,
    keys: &mut FxHashMap<Text, u32>,
    event: &Event<'_>,
    row: &mut Row,
) -> Answer {
    let row = event.row(row);
    let scope = Scope { event: Some(row), ..Scope::bare(row.time, event.calendar) };
    if side.filter.is_some_and(|it| !it.value_of(&scope).is_true()) {
        return Answer::Out;
    }
    match side.what {
        What::Nothing | What::Person | What::Day => Answer::Nothing,
        What::Key(parts) => match key_of(parts, &scope) {
            None => Answer::Out,
            Some(key) => {
                let next = u32::try_from(keys.len()).expect("fewer keys than 2^32");
                Answer::Key(*keys.entry(key).or_insert(next))
            }
        },
        What::Amount(of) => {
            match of.value_of(&scope).number().and_then(|it| it.millionths(scope.now)) {
                None => Answer::Out,
                Some(raw) => match i64::try_from(raw) {
                    // Its negative must fit as well, and it must not stand for an unknown.
                    Ok(raw) if raw > i64::MIN + 1 => Answer::Amount(raw),
                    _ => Answer::TooLarge,
                },
            }
        }
        What::Value(of) => match of.value_of(&scope) {
            Value::Unknown => Answer::Out,
            value => Answer::Value(value),
        },
    }
}

impl Asks {
    fn of(side: Side<'_>) -> Self {
        let (mut inputs, mut by_time) = (Vec::new(), false);
        for expr in side.exprs() {
            any(expr, &mut |it| {
                match it {
                    Expr::Field(Field::Event) => inputs.push(Input::Name),
                    Expr::Field(Field::Person) => inputs.push(Input::Person),
                    Expr::Field(_) | Expr::Now | Expr::HistoryFrom | Expr::Lookup(..) => {
                        by_time = true;
                    }
                    Expr::In(_, them) | Expr::TextTest(_, _, them) => {
                        let always = |it: &Choice| it.from == Time::MIN && it.to == Time::MAX;
                        by_time |= !them.iter().all(always);
                    }
                    _ => {}
                }
                false
            });
            properties(expr, &mut |path| inputs.push(Input::Value(path)));
        }
        inputs.sort_unstable_by_key(|it| format!("{it:?}"));
        inputs.dedup();
        match &inputs[..] {
            _ if by_time => Self::Each,
            [] if side.exprs().next().is_none() => Self::Nothing,
            // What reads nothing says the same of every event.
            [] => Self::Once(Input::Name, Vec::new()),
            [one] => Self::Once(*one, Vec::new()),
            [one, other] => Self::OncePair([*one, *other], FxHashMap::default()),
            _ => Self::Each,
        }
    }
}

fn empty_row(paths: usize) -> Row {
    Row {
        time: Time::MIN,
        known_at: None,
        id: Text::default(),
        source: Text::default(),
        person: None,
        copy: false,
        body: RowBody::Event {
            name: Text::default(),
            record: false,
            values: vec![firsthand_model::Scalar::Missing; paths].into(),
        },
    }
}
