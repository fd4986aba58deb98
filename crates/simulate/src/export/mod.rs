//! The same facts as the exports of other tools would tell them, a record a line.
//!
//! What a tool has no place for is left out: Mixpanel knows no traits of accounts, Amplitude no two
//! ids of one person; only Segment and RudderStack tell of memberships. What happened is in all of
//! them.

mod amplitude;
mod csv;
mod mixpanel;
mod posthog;
mod segment;

use std::fmt::Write as _;

use firsthand_model::{Fact, Json, Time};

/// The shape of another tool's export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Export {
    /// A table with a column for each part of a fact; JSON in some of its cells.
    Csv,
    /// Segment's raw calls.
    Segment,
    /// RudderStack's, which differ little.
    RudderStack,
    /// PostHog's batch export.
    PostHog,
    /// Mixpanel's raw export.
    Mixpanel,
    /// Amplitude's export API.
    Amplitude,
}

impl Export {
    /// What stands at the beginning of a file.
    pub const fn header(self) -> &'static str {
        match self {
            Self::Csv => csv::HEADER,
            _ => "",
        }
    }

    /// Writes the records of one fact, each with a line's end; none where the tool has no place
    /// for what it says.
    pub fn write(self, out: &mut String, fact: &Fact) {
        match self {
            Self::Csv => csv::write(out, fact),
            Self::Segment => segment::write(out, fact, "analytics.js"),
            Self::RudderStack => segment::write(out, fact, "RudderLabs JavaScript SDK"),
            Self::PostHog => posthog::write(out, fact),
            Self::Mixpanel => mixpanel::write(out, fact),
            Self::Amplitude => amplitude::write(out, fact),
        }
    }
}

/// Writes the members of an object. Texts are the simulated world's own: nothing in them needs
/// escaping.
struct Object<'t>(&'t mut String);

impl<'t> Object<'t> {
    /// Opens an object.
    fn open(out: &'t mut String) -> Self {
        out.push('{');
        Self(out)
    }

    fn name(&mut self, name: &str) -> &mut String {
        if !self.0.ends_with('{') {
            self.0.push(',');
        }
        self.0.push('"');
        self.0.push_str(name);
        self.0.push_str("\":");
        self.0
    }

    fn text(&mut self, name: &str, text: &str) -> &mut Self {
        let out = self.name(name);
        out.push('"');
        out.push_str(text);
        out.push('"');
        self
    }

    fn text_if(&mut self, name: &str, text: Option<&str>) -> &mut Self {
        if let Some(text) = text {
            self.text(name, text);
        }
        self
    }

    fn time(&mut self, name: &str, at: Time) -> &mut Self {
        write!(self.name(name), "\"{at}\"").expect("writing to a text cannot fail");
        self
    }

    fn millis(&mut self, name: &str, at: Time) -> &mut Self {
        let millis = at.micros().div_euclid(1_000);
        write!(self.name(name), "{millis}").expect("writing to a text cannot fail");
        self
    }

    /// A value as its JSON text.
    fn raw(&mut self, name: &str, json: &str) -> &mut Self {
        self.name(name).push_str(json);
        self
    }

    /// The members of another object, beside those that are there already.
    fn members(&mut self, of: &Json) -> &mut Self {
        let inside = &of.as_str()[1..of.as_str().len() - 1];
        if !inside.is_empty() {
            if !self.0.ends_with('{') {
                self.0.push(',');
            }
            self.0.push_str(inside);
        }
        self
    }

    /// An object inside.
    fn object(&mut self, name: &str, write: impl FnOnce(&mut Object<'_>)) -> &mut Self {
        let mut inside = Object::open(self.name(name));
        write(&mut inside);
        inside.0.push('}');
        self
    }

    /// Closes the object, and the line.
    fn end_line(&mut self) {
        self.0.push_str("}\n");
    }
}

/// An object of one member.
fn only(name: &str, text: &str) -> Json {
    let mut object = String::new();
    Object::open(&mut object).text(name, text).0.push('}');
    Json::from_written(&object)
}
