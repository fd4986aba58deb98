//! What a measure takes of an event.
//!
//! What a filter says and what is measured is asked once for each value met, and remembered: a
//! column holds few different values.

use std::sync::Arc;

use firsthand_model::fact::{Row, RowBody};
use firsthand_model::time::Period;
use firsthand_model::{Calendar, Scalar, Span, Text, Time};
use rustc_hash::FxHashMap;

use super::events::Events;
use super::sparse::Onward;
use super::whole::{Side, What, any, properties};
use super::words::Words;
use super::{Columns, NeedsRows};
use crate::eval::expr::{Choice, Coercion, Expr, Scope};
use crate::eval::leaf::key_of;
use crate::eval::value::Value;
use crate::lang::ast::Field;

/// Pairs of values for which an answer is remembered.
const PAIRS_MAX: usize = 65_536;

/// Takes the events of one side of a measure, or of several that take the same.
#[derive(Debug)]
pub(super) struct Taker<'p> {
    /// Where the events go.
    pub feed: u32,
    pub side: Side<'p>,
    /// Whether people and days are wanted, beside the instants.
    pub persons: bool,
    pub days: bool,
    /// Whether it adds to a level or removes from it, if to a level at all.
    pub removes: Option<bool>,
    asks: Asks,
    calendar: Days,
}

/// For counting days.
#[derive(Debug, Default)]
struct Days {
    /// Where the day of the newest event ends.
    end: i64,
    /// The days that were last looked up, each from its beginning to its end, by the date in UTC.
    met: FxHashMap<i64, (i64, i64)>,
}

impl Days {
    /// Takes in the days of some events, from one on.
    fn extend(&mut self, events: &mut Events, from: usize, calendar: &Calendar) {
        for (place, at) in (from..).zip(&events.times[from..]) {
            if *at >= self.end {
                self.end = self.end_of(*at, calendar);
                events.days.push(u32::try_from(place).expect("fewer events than 2^32"));
            }
        }
    }

    /// Where the day of an instant ends.
    fn end_of(&mut self, at: i64, calendar: &Calendar) -> i64 {
        let look_up = || {
            let date = calendar.date(Time(at));
            let next = calendar.period_add(Period::Day, date, 1);
            (calendar.start_of(date).0, calendar.start_of(next).0)
        };
        let met = self.met.entry(at.div_euclid(Span::DAY.0)).or_insert_with(look_up);
        // Where it is no UTC, two dates share one of UTC.
        if at < met.0 || met.1 <= at {
            *met = look_up();
        }
        met.1
    }
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
    Value(Box<Value>),
}

/// The events of an account.
#[derive(Clone, Copy)]
pub(super) struct Account<'a> {
    pub columns: &'a Columns<'a>,
    pub words: &'a Words,
    pub calendar: &'a Calendar,
}

/// The numbers that rows have in a column, asked for in order.
enum Numbers<'a> {
    All(&'a [u32]),
    Some(Onward<'a>),
}

impl Numbers<'_> {
    fn get(&mut self, row: usize) -> u32 {
        match self {
            Self::All(of) => of[row],
            Self::Some(of) => of.get(row),
        }
    }
}

/// One event of an account.
struct Event<'a> {
    of: Account<'a>,
    index: usize,
}

impl Event<'_> {
    fn number(&self, input: Input) -> u32 {
        let columns = self.of.columns;
        match input {
            Input::Name => columns.names[self.index],
            Input::Person => columns.persons[self.index],
            Input::Value(path) => columns.values[path as usize].get(self.index),
        }
    }

    /// Makes the event a row; returns it.
    fn row<'r>(&self, row: &'r mut Row) -> &'r Row {
        let Account { columns, words, .. } = self.of;
        let (name, record) = words.name_of(self.number(Input::Name));
        row.time = Time(columns.times[self.index]);
        row.person = words.person_of(self.number(Input::Person)).cloned();
        if let RowBody::Event { name: own, record: own_record, values } = &mut row.body {
            own.clone_from(name);
            *own_record = record;
            for (path, value) in (0_u32..).zip(Arc::make_mut(values)) {
                value.clone_from(words.value_of(self.number(Input::Value(path))));
            }
        }
        row
    }
}

impl<'p> Taker<'p> {
    pub fn new(feed: u32, side: Side<'p>, removes: Option<bool>) -> Self {
        let (asks, calendar) = (Asks::of(side), Days::default());
        Self { feed, side, persons: false, days: false, removes, asks, calendar }
    }

    /// Begins an account.
    pub fn begin(&mut self) {
        self.calendar.end = i64::MIN;
    }

    /// Takes some rows in: those that pass and have what is measured.
    pub fn take(
        &mut self,
        rows: &[u32],
        account: Account<'_>,
        row: &mut Row,
        keys: &mut FxHashMap<Text, u32>,
        events: &mut Events,
    ) -> Result<(), NeedsRows> {
        let Self { side, persons, removes, asks, .. } = self;
        let columns = account.columns;
        let before = events.times.len();
        let put = |events: &mut Events, index: usize, answer: &Answer| {
            match answer {
                Answer::Out | Answer::Unasked => return Ok(()),
                Answer::TooLarge => return Err(NeedsRows),
                Answer::Nothing => {}
                Answer::Key(key) => events.keys.push(*key),
                Answer::Amount(amount) => events.amounts.push(*amount),
                Answer::Value(value) => events.values.push(Value::clone(value)),
            }
            if *persons {
                events.keys.push(columns.persons[index]);
            }
            events.times.push(columns.times[index]);
            events.removes.extend(*removes);
            Ok(())
        };
        let is_plain = !*persons && removes.is_none();
        let rows = rows.iter().map(|it| *it as usize);
        match asks {
            Asks::Nothing if removes.is_none() => {
                events.times.extend(rows.clone().map(|it| columns.times[it]));
                if *persons {
                    events.keys.extend(rows.map(|it| columns.persons[it]));
                }
            }
            Asks::Nothing => {
                for index in rows {
                    put(events, index, &Answer::Nothing)?;
                }
            }
            Asks::Once(input, known) => {
                let mut number = match *input {
                    Input::Name => Numbers::All(columns.names),
                    Input::Person => Numbers::All(columns.persons),
                    Input::Value(path) => {
                        let first = rows.clone().next().unwrap_or_default();
                        Numbers::Some(columns.values[path as usize].from(first))
                    }
                };
                for index in rows {
                    let number = number.get(index) as usize;
                    if known.get(number).is_none_or(|it| matches!(it, Answer::Unasked)) {
                        if known.len() <= number {
                            known.resize(number + 1, Answer::Unasked);
                        }
                        known[number] = ask(*side, keys, &Event { of: account, index }, row);
                    }
                    match &known[number] {
                        Answer::Out => {}
                        Answer::Amount(amount) if is_plain => {
                            events.amounts.push(*amount);
                            events.times.push(columns.times[index]);
                        }
                        Answer::Nothing if is_plain => events.times.push(columns.times[index]),
                        answer => put(events, index, answer)?,
                    }
                }
            }
            Asks::OncePair(inputs, known) => {
                for index in rows {
                    let event = Event { of: account, index };
                    let numbers = (event.number(inputs[0]), event.number(inputs[1]));
                    if known.len() >= PAIRS_MAX {
                        known.clear();
                    }
                    let answer = known.entry(numbers);
                    let answer = answer.or_insert_with(|| ask(*side, keys, &event, row));
                    put(events, index, answer)?;
                }
            }
            Asks::Each => {
                for index in rows {
                    let answer = ask(*side, keys, &Event { of: account, index }, row);
                    put(events, index, &answer)?;
                }
            }
        }
        if self.days {
            self.calendar.extend(events, before, account.calendar);
        }
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
    if let (None, What::Amount(of)) = (side.filter, side.what)
        && let Some(path) = plain_amount(of)
    {
        // As it is written in the column: no row is needed.
        return match event.of.words.value_of(event.number(Input::Value(path))) {
            Scalar::Number(it) => amount(it.raw()),
            _ => Answer::Out,
        };
    }
    let row = event.row(row);
    let scope = Scope { event: Some(row), ..Scope::bare(row.time, event.of.calendar) };
    if side.filter.is_some_and(|it| !it.value_of(&scope).is_true()) {
        return Answer::Out;
    }
    match side.what {
        What::Nothing | What::Person | What::Day => Answer::Nothing,
        What::Key(parts) => match key_of(parts, &scope) {
            None => Answer::Out,
            Some(key) => {
                // 0 stands for none.
                let next = u32::try_from(keys.len() + 1).expect("fewer keys than 2^32");
                Answer::Key(*keys.entry(key).or_insert(next))
            }
        },
        What::Amount(of) => {
            match of.value_of(&scope).number().and_then(|it| it.millionths(scope.now)) {
                None => Answer::Out,
                Some(raw) => amount(raw),
            }
        }
        What::Value(of) => match of.value_of(&scope) {
            Value::Unknown => Answer::Out,
            value => Answer::Value(Box::new(value)),
        },
    }
}

fn amount(raw: i128) -> Answer {
    match i64::try_from(raw) {
        // Its negative must fit as well, and it must not stand for an unknown.
        Ok(raw) if raw > i64::MIN + 1 => Answer::Amount(raw),
        _ => Answer::TooLarge,
    }
}

/// The path of the property that an amount is, if it is just that.
fn plain_amount(of: &Expr) -> Option<u32> {
    match of {
        Expr::Property(path) => Some(*path),
        Expr::Typed(of, Coercion::Number) => plain_amount(of),
        _ => None,
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
