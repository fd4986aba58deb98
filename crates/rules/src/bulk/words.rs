//! Numbers for names, people and values, so that columns hold whole numbers.

use firsthand_model::{Scalar, Text};
use rustc_hash::FxHashMap;

/// What the numbers in [`super::Columns`] stand for. Grows with what is met: begin anew with each
/// bucket, which bounds it by the facts of one.
#[derive(Debug)]
pub struct Words {
    names: Vec<(Text, bool)>,
    name_numbers: FxHashMap<(Text, bool), u32>,
    persons: Vec<Text>,
    person_numbers: FxHashMap<Text, u32>,
    values: Vec<Scalar>,
    value_numbers: FxHashMap<Scalar, u32>,
}

impl Default for Words {
    fn default() -> Self {
        Self {
            names: vec![(Text::default(), false), (Text::default(), false)],
            name_numbers: FxHashMap::default(),
            persons: vec![Text::default()],
            person_numbers: FxHashMap::default(),
            values: vec![Scalar::Missing],
            value_numbers: FxHashMap::default(),
        }
    }
}

impl Words {
    /// No name, nobody, no value.
    pub const NONE: u32 = 0;
    /// In the place of a name: a row that is of no stream. It is as if it were not there.
    pub const GAP: u32 = 1;

    /// The number of an event's or record's name.
    pub fn name(&mut self, name: &str, record: bool) -> u32 {
        let key = (Text::from(name), record);
        *self.name_numbers.entry(key).or_insert_with_key(|key| {
            self.names.push(key.clone());
            number(self.names.len())
        })
    }

    /// The number of a person.
    pub fn person(&mut self, person: &str) -> u32 {
        if let Some(known) = self.person_numbers.get(person) {
            return *known;
        }
        self.persons.push(person.into());
        let number = number(self.persons.len());
        self.person_numbers.insert(person.into(), number);
        number
    }

    /// The number of a value.
    pub fn value(&mut self, value: Scalar) -> u32 {
        if value.is_missing() {
            return Self::NONE;
        }
        *self.value_numbers.entry(value).or_insert_with_key(|value| {
            self.values.push(value.clone());
            number(self.values.len())
        })
    }

    /// The name of a number, and whether it is a record's.
    pub fn name_of(&self, number: u32) -> (&Text, bool) {
        let (name, record) = &self.names[number as usize];
        (name, *record)
    }

    /// The person of a number; `None` for nobody, and where people are only told apart.
    pub fn person_of(&self, number: u32) -> Option<&Text> {
        self.persons.get(number as usize).filter(|_| number != Self::NONE)
    }

    /// The value of a number.
    pub fn value_of(&self, number: u32) -> &Scalar {
        &self.values[number as usize]
    }

    /// How many numbers for names there are.
    pub fn names(&self) -> usize {
        self.names.len()
    }
}

fn number(len: usize) -> u32 {
    u32::try_from(len - 1).expect("fewer than 2^32 words are met between two beginnings")
}
