//! How facts and rows lie in a spool: numbers first, then all texts in one piece, so that a fact is
//! read without copying any of them.
//!
//! What this process writes it reads again, and nobody else does: the layout is nobody's format.

use std::ops::Range;

use firsthand_model::fact::{BodyView, FactView, Kind, WhoView};
use firsthand_model::{JsonView, Time};

use crate::stored::{Place, RowView, rank};

/// Stands for a text or an instant that is not there.
const ABSENT: u8 = 0xFF;
/// Stands before a length that one byte does not hold.
const LONG: u8 = 0xFE;
const NO_TIME: i64 = i64::MIN;
/// Texts of a fact: id, source, user, anonymous, account, word, JSON.
const FACT_TEXTS: usize = 7;

/// The tag of a record; only that of an event is less.
const RECORD: u8 = 1;

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
    read(bytes, |_| true)
}

/// Reads a fact as [`read_fact`] does, but leaves the properties of events and records empty:
/// enough to say whom it is about and what it teaches of them.
pub(crate) fn read_bare(bytes: &[u8]) -> FactView<'_> {
    read(bytes, |tag| tag > RECORD)
}

/// Reads a fact, with its JSON if that is wanted for its tag.
fn read(bytes: &[u8], wants_json: impl FnOnce(u8) -> bool) -> FactView<'_> {
    let mut from = Reader(bytes);
    let tag = from.byte();
    let time = from.time().expect("a fact has a time");
    let known_at = from.time();
    let [ids @ .., json]: [_; FACT_TEXTS] = from.lengths();
    let [id, source, user, anonymous, account, word] = from.texts(ids);
    let [json] = if wants_json(tag) { from.texts([json]) } else { [None] };
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
    let lengths = from.lengths();
    let [account, person] = from.texts(lengths);
    let account = account.unwrap_or_default();
    let place = Place { account, person, attributed_at, copy: flags & COPY != 0, homes };
    RowView { place, fact: read_fact(from.0) }
}

/// What a row is sorted by: [`RowView::sort_key`], with texts as bytes, which compare alike.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct RowKey<T> {
    pub account: T,
    pub time: Time,
    pub rank: u8,
    pub source: T,
    pub id: T,
}

/// Reads of a row that [`write_row`] has written where its key lies.
pub(crate) fn read_key(bytes: &[u8]) -> RowKey<Range<usize>> {
    let mut from = Reader(bytes);
    let flags = from.byte();
    from.time();
    if flags & HOMES != 0 {
        from.number();
    }
    let [account, person] = from.lengths();
    let account = from.place_in(bytes, account);
    from.place_in(bytes, person);
    let tag = from.byte();
    let time = from.time().expect("a fact has a time");
    from.time();
    let [id, source, ..]: [_; FACT_TEXTS] = from.lengths();
    let id = from.place_in(bytes, id);
    let source = from.place_in(bytes, source);
    RowKey { account, time, rank: rank(&body_of(tag, None, None)), source, id }
}

/// A body as a tag, a word and a JSON object.
fn parts_of<'a>(body: &BodyView<'a>) -> (u8, Option<&'a str>, Option<&'a str>) {
    match *body {
        BodyView::Event { name, properties } => (0, Some(name), Some(properties.as_str())),
        BodyView::Record { name, properties } => (RECORD, Some(name), Some(properties.as_str())),
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
        RECORD => BodyView::Record { name: name(), properties: json() },
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

    fn lengths<const N: usize>(&mut self) -> [Option<usize>; N] {
        std::array::from_fn(|_| self.length())
    }

    /// Passes over a text of this length; tells its place in the whole.
    fn place_in(&mut self, whole: &[u8], length: Option<usize>) -> Range<usize> {
        let start = whole.len() - self.0.len();
        let length = length.unwrap_or_default();
        self.0 = &self.0[length..];
        start..start + length
    }

    /// The next texts, of these lengths.
    fn texts<const N: usize>(&mut self, lengths: [Option<usize>; N]) -> [Option<&'a str>; N] {
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
        let (json, none) = (JsonView::known(r#"{"a":1}"#), JsonView::known("{}"));
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
            let bare = match body {
                BodyView::Event { name, .. } => BodyView::Event { name, properties: none },
                BodyView::Record { name, .. } => BodyView::Record { name, properties: none },
                other => other,
            };
            assert_eq!(read_bare(&written), FactView { body: bare, ..fact });
            for homes in [None, Some(-7)] {
                let (attributed_at, copy) = (known_at, homes.is_some());
                let place =
                    Place { account: "żółw", person: Some("ann"), attributed_at, copy, homes };
                let mut row = Vec::new();
                write_row(&mut row, &place, &written);
                let read = read_row(&row);
                assert_eq!(read, RowView { place, fact });
                let RowKey { account, time, rank, source, id } = read_key(&row);
                let text = |place| std::str::from_utf8(&row[place]).unwrap();
                let key = (text(account), time, rank, text(source), text(id));
                assert_eq!(key, read.sort_key());
            }
        }
    }
}
