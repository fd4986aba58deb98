//! What a measure takes of an event.
//!
//! What a filter says and what is measured is asked once for each value met, and remembered: a
//! column holds few different values.

use firsthand_model::fact::{Row, RowBody};
use firsthand_model::time::Period;
use firsthand_model::{Calendar, Scalar, Span, Text, Time};
use rustc_hash::FxHashMap;

use super::measure::Events;
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
    /// For counting days: where the day of the newest event ends, and its number.
    day: (i64, u32),
    /// The days that were last looked up, each from its beginning to its end, by the date in UTC.
    days_met: FxHashMap<i64, (i64, i64)>,
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

/// One event among the columns.
pub(super) struct Event<'a> {
    pub columns: &'a Columns<'a>,
    pub words: &'a Words,
    pub index: usize,
    pub calendar: &'a Calendar,
}

impl Event<'_> {
    fn number(&self, input: Input) -> u32 {
        match input {
            Input::Name => self.columns.names[self.index],
            Input::Person => self.columns.persons[self.index],
            Input::Value(path) => {
                let column = self.columns.values[path as usize];
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

impl<'p> Taker<'p> {
    pub fn new(feed: u32, side: Side<'p>, removes: Option<bool>) -> Self {
        let asks = Asks::of(side);
        let (day, days_met) = ((i64::MIN, 0), FxHashMap::default());
        Self { feed, side, persons: false, days: false, removes, asks, day, days_met }
    }

    /// Begins an account.
    pub fn begin(&mut self) {
        self.day = (i64::MIN, 0);
    }

    /// Whether it takes all events of its names, and there is nothing to ask of them.
    pub fn takes_all(&self) -> bool {
        matches!(self.asks, Asks::Nothing) && self.removes.is_none()
    }

    /// Takes in all of some rows.
    pub fn take_all(
        &mut self,
        rows: &[u32],
        columns: &Columns<'_>,
        calendar: &Calendar,
        events: &mut Events,
    ) {
        events.times.extend(rows.iter().map(|it| columns.times[*it as usize]));
        if self.persons {
            events.keys.extend(rows.iter().map(|it| columns.persons[*it as usize]));
        }
        if self.days {
            events.days.extend(events.times.iter().map(|at| self.day_of(*at, calendar)));
        }
    }

    /// The number of an instant's day, counted on with each day that has events.
    fn day_of(&mut self, at: i64, calendar: &Calendar) -> u32 {
        if at >= self.day.0 {
            let look_up = || {
                let date = calendar.date(Time(at));
                let next = calendar.period_add(Period::Day, date, 1);
                (calendar.start_of(date).0, calendar.start_of(next).0)
            };
            let met = self.days_met.entry(at.div_euclid(Span::DAY.0)).or_insert_with(look_up);
            // Where it is no UTC, two dates share one of UTC.
            if at < met.0 || met.1 <= at {
                *met = look_up();
            }
            self.day = (met.1, self.day.1 + 1);
        }
        self.day.1
    }

    /// Takes an event in, if it passes and has what is measured.
    pub fn take(
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
        match answer {
            Answer::Out | Answer::Unasked => return Ok(()),
            Answer::TooLarge => return Err(NeedsRows),
            Answer::Nothing => {}
            Answer::Key(key) => events.keys.push(*key),
            Answer::Amount(amount) => events.amounts.push(*amount),
            Answer::Value(value) => events.values.push(value.clone()),
        }
        let at = event.columns.times[event.index];
        if self.persons {
            events.keys.push(event.number(Input::Person));
        }
        if self.days {
            events.days.push(self.day_of(at, event.calendar));
        }
        events.times.push(at);
        if let Some(removes) = self.removes {
            events.removes.push(removes);
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
        return match event.words.value_of(event.number(Input::Value(path))) {
            Scalar::Number(it) => amount(it.raw()),
            _ => Answer::Out,
        };
    }
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
            value => Answer::Value(value),
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
