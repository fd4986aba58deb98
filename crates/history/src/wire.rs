//! How facts and rows lie in a spool: numbers first, then all texts in one piece, so that a fact is
//! read without copying any of them.
//!
//! What this process writes it reads again, and nobody else does: the layout is nobody's format.

use firsthand_model::fact::{BodyView, FactView, Kind, WhoView};
use firsthand_model::{JsonView, Time};

use crate::stored::{Place, RowView};

/// Stands for a text or an instant that is not there.
const ABSENT: u8 = 0xFF;
/// Stands before a length that one byte does not hold.
const LONG: u8 = 0xFE;
const NO_TIME: i64 = i64::MIN;

const COPY: u8 = 1;
const HOMES: u8 = 2;

/// Writes a fact, for [`read_fact`].
pub(crate) fn write_fact(to: &mut Vec<u8>, fact: &FactView<'_>) {
    let (tag, word, json) = parts_of(&fact.body);
    let WhoView { user, anonymous, account } = fact.who;
    let texts = [Some(fact.id), Some(fact.source), user, anonymous, account, word, json];
    to.push(tag);
    put_time(to, Some(fact.time));
    put_time(to, fact.known_at);
    put_texts(to, &texts);
}

/// Reads what [`write_fact`] has written.
pub(crate) fn read_fact(bytes: &[u8]) -> FactView<'_> {
    let mut from = Reader(bytes);
    let tag = from.byte();
    let time = from.time().expect("a fact has a time");
    let known_at = from.time();
    let [id, source, user, anonymous, account, word, json] = from.texts();
    FactView {
        id: id.unwrap_or_default(),
        source: source.unwrap_or_default(),
        time,
        known_at,
        who: WhoView { user, anonymous, account },
        body: body_of(tag, word, json),
    }
}

/// Writes the row of a fact that was written before, for [`read_row`].
pub(crate) fn write_row(to: &mut Vec<u8>, place: &Place<'_>, fact: &[u8]) {
    let copy = if place.copy { COPY } else { 0 };
    let homes = if place.homes.is_some() { HOMES } else { 0 };
    to.push(copy | homes);
    put_time(to, place.attributed_at);
    if let Some(homes) = place.homes {
        to.extend_from_slice(&homes.to_le_bytes());
    }
    put_texts(to, &[Some(place.account), place.person]);
    to.extend_from_slice(fact);
}

/// Reads what [`write_row`] has written.
pub(crate) fn read_row(bytes: &[u8]) -> RowView<'_> {
    let mut from = Reader(bytes);
    let flags = from.byte();
    let attributed_at = from.time();
    let homes = (flags & HOMES != 0).then(|| from.number());
    let [account, person] = from.texts();
    let account = account.unwrap_or_default();
    let place = Place { account, person, attributed_at, copy: flags & COPY != 0, homes };
    RowView { place, fact: read_fact(from.0) }
}

/// A body as a tag, a word and a JSON object.
fn parts_of<'a>(body: &BodyView<'a>) -> (u8, Option<&'a str>, Option<&'a str>) {
    match *body {
        BodyView::Event { name, properties } => (0, Some(name), Some(properties.as_str())),
        BodyView::Record { name, properties } => (1, Some(name), Some(properties.as_str())),
        BodyView::Traits { of: Kind::Account, traits } => (2, None, Some(traits.as_str())),
        BodyView::Traits { of: Kind::Person, traits } => (3, None, Some(traits.as_str())),
        BodyView::Link => (4, None, None),
        BodyView::Alias { other } => (5, Some(other), None),
        BodyView::Split { other } => (6, Some(other), None),
        BodyView::Membership { joined: true, role } => (7, role, None),
        BodyView::Membership { joined: false, role } => (8, role, None),
    }
}

/// The body that [`parts_of`] took apart.
fn body_of<'a>(tag: u8, word: Option<&'a str>, json: Option<&'a str>) -> BodyView<'a> {
    let name = || word.unwrap_or_default();
    let json = || JsonView::known(json.unwrap_or("{}"));
    match tag {
        0 => BodyView::Event { name: name(), properties: json() },
        1 => BodyView::Record { name: name(), properties: json() },
        2 => BodyView::Traits { of: Kind::Account, traits: json() },
        3 => BodyView::Traits { of: Kind::Person, traits: json() },
        4 => BodyView::Link,
        5 => BodyView::Alias { other: name() },
        6 => BodyView::Split { other: name() },
        7 => BodyView::Membership { joined: true, role: word },
        _ => BodyView::Membership { joined: false, role: word },
    }
}

fn put_time(to: &mut Vec<u8>, time: Option<Time>) {
    to.extend_from_slice(&time.map_or(NO_TIME, Time::micros).to_le_bytes());
}

/// Writes the lengths of some texts, then the texts.
fn put_texts(to: &mut Vec<u8>, texts: &[Option<&str>]) {
    for text in texts {
        match text.map(str::len) {
            None => to.push(ABSENT),
            Some(length) if length < usize::from(LONG) => {
                to.push(u8::try_from(length).expect("less than a byte's greatest"));
            }
            Some(length) => {
                to.push(LONG);
                to.extend_from_slice(&(length as u64).to_le_bytes());
            }
        }
    }
    for text in texts.iter().flatten() {
        to.extend_from_slice(text.as_bytes());
    }
}

/// Reads from the front of some bytes, which this process wrote.
struct Reader<'a>(&'a [u8]);

const WRITTEN: &str = "this process wrote it whole";

impl<'a> Reader<'a> {
    fn byte(&mut self) -> u8 {
        let (byte, rest) = self.0.split_first().expect(WRITTEN);
        self.0 = rest;
        *byte
    }

    fn number(&mut self) -> i64 {
        let (number, rest) = self.0.split_first_chunk().expect(WRITTEN);
        self.0 = rest;
        i64::from_le_bytes(*number)
    }

    fn time(&mut self) -> Option<Time> {
        Some(self.number()).filter(|it| *it != NO_TIME).map(Time)
    }

    /// The next `N` texts.
    fn texts<const N: usize>(&mut self) -> [Option<&'a str>; N] {
        let lengths: [Option<usize>; N] = std::array::from_fn(|_| self.length());
        let total = lengths.iter().flatten().sum();
        let (texts, rest) = self.0.split_at(total);
        self.0 = rest;
        // Checked in one piece: that is quick, and each border is checked when it is cut.
        let mut texts = std::str::from_utf8(texts).expect(WRITTEN);
        lengths.map(|length| {
            let (text, rest) = texts.split_at(length?);
            texts = rest;
            Some(text)
        })
    }

    fn length(&mut self) -> Option<usize> {
        match self.byte() {
            ABSENT => None,
            LONG => Some(usize::try_from(self.number()).expect(WRITTEN)),
            length => Some(length.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_and_rows_are_read_as_they_were_written() {
        let long = "ż".repeat(300);
        let json = JsonView::known(r#"{"a":1}"#);
        let bodies = [
            BodyView::Event { name: &long, properties: json },
            BodyView::Record { name: "", properties: json },
            BodyView::Traits { of: Kind::Account, traits: json },
            BodyView::Traits { of: Kind::Person, traits: json },
            BodyView::Link,
            BodyView::Alias { other: "x" },
            BodyView::Split { other: "y" },
            BodyView::Membership { joined: true, role: Some("admin") },
            BodyView::Membership { joined: false, role: None },
        ];
        for (body, known_at) in bodies.into_iter().zip([None, Some(Time(-5))].into_iter().cycle()) {
            let who = WhoView { user: Some("ann"), anonymous: None, account: Some("") };
            let time = Time(1_700_000_000_000_000);
            let fact = FactView { id: "1", source: &long, time, known_at, who, body };
            let mut written = Vec::new();
            write_fact(&mut written, &fact);
            assert_eq!(read_fact(&written), fact);
            for homes in [None, Some(-7)] {
                let (attributed_at, copy) = (known_at, homes.is_some());
                let place =
                    Place { account: "żółw", person: Some("ann"), attributed_at, copy, homes };
                let mut row = Vec::new();
                write_row(&mut row, &place, &written);
                assert_eq!(read_row(&row), RowView { place, fact });
            }
        }
    }
}
