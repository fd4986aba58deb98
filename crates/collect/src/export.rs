//! Writes facts in the program's own shape: one JSON object a line, which an import reads back as
//! the same facts.

use std::io::{self, Write};

use firsthand_model::fact::Body;
use firsthand_model::{Fact, Json};

use crate::json::{write_on_one_line, write_string};

/// Writes one fact and the line's end.
pub fn write_fact(out: &mut impl Write, fact: &Fact) -> io::Result<()> {
    let mut line = Line(String::with_capacity(256));
    line.text("id", Some(&fact.id));
    line.text("source", Some(&fact.source));
    line.text("time", Some(&fact.time.to_string()));
    line.text("known_at", fact.known_at.map(|it| it.to_string()).as_deref());
    line.text("person", fact.who.user.as_deref());
    line.text("anonymous", fact.who.anonymous.as_deref());
    line.text("account", fact.who.account.as_deref());
    match &fact.body {
        Body::Event { name, properties } => {
            line.text("event", Some(name));
            line.json("properties", properties);
        }
        Body::Record { name, properties } => {
            line.text("record", Some(name));
            line.json("properties", properties);
        }
        Body::Traits { of, traits } => {
            line.text("of", Some(of.word()));
            line.json("traits", traits);
        }
        Body::Link => line.raw("link", "true"),
        Body::Alias { other } => line.text("alias", Some(other)),
        Body::Split { other } => line.text("split", Some(other)),
        Body::Membership { joined, role } => {
            line.text("membership", Some(if *joined { "joined" } else { "left" }));
            line.text("role", role.as_deref());
        }
    }
    line.0.push_str("}\n");
    out.write_all(line.0.as_bytes())
}

struct Line(String);

impl Line {
    fn name(&mut self, name: &str) {
        self.0.push(if self.0.is_empty() { '{' } else { ',' });
        write_string(&mut self.0, name);
        self.0.push(':');
    }

    fn text(&mut self, name: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.name(name);
            write_string(&mut self.0, text);
        }
    }

    fn json(&mut self, name: &str, json: &Json) {
        self.name(name);
        write_on_one_line(&mut self.0, json.as_str());
    }

    fn raw(&mut self, name: &str, raw: &str) {
        self.name(name);
        self.0.push_str(raw);
    }
}
