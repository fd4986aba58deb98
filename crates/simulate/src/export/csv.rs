//! Firsthand's own shape as a table, which spreadsheets open. `import` reads it without a mapping.

use std::fmt::Write as _;

use firsthand_model::fact::Body;
use firsthand_model::{Fact, Json};

pub(super) const HEADER: &str = "id,source,time,known_at,person,anonymous,account,event,record,\
                                 properties,of,traits,link,alias,split,membership,role\n";

/// What the columns after `account` hold.
#[derive(Default)]
struct Cells<'f> {
    event: &'f str,
    record: &'f str,
    properties: Option<&'f Json>,
    of: &'f str,
    traits: Option<&'f Json>,
    link: &'f str,
    alias: &'f str,
    split: &'f str,
    membership: &'f str,
    role: &'f str,
}

pub(super) fn write(out: &mut String, fact: &Fact) {
    let cells = match &fact.body {
        Body::Event { name, properties } => {
            Cells { event: name, properties: Some(properties), ..Cells::default() }
        }
        Body::Record { name, properties } => {
            Cells { record: name, properties: Some(properties), ..Cells::default() }
        }
        Body::Traits { of, traits } => {
            Cells { of: of.word(), traits: Some(traits), ..Cells::default() }
        }
        Body::Link => Cells { link: "true", ..Cells::default() },
        Body::Alias { other } => Cells { alias: other, ..Cells::default() },
        Body::Split { other } => Cells { split: other, ..Cells::default() },
        Body::Membership { joined, role } => Cells {
            membership: if *joined { "joined" } else { "left" },
            role: role.as_deref().unwrap_or_default(),
            ..Cells::default()
        },
    };
    let who = &fact.who;
    write!(out, "{},{},{},", fact.id, fact.source, fact.time).expect(INFALLIBLE);
    if let Some(known_at) = fact.known_at {
        write!(out, "{known_at}").expect(INFALLIBLE);
    }
    for text in [&who.user, &who.anonymous, &who.account] {
        out.push(',');
        out.push_str(text.as_deref().unwrap_or_default());
    }
    for text in [cells.event, cells.record] {
        out.push(',');
        out.push_str(text);
    }
    json(out, cells.properties);
    out.push(',');
    out.push_str(cells.of);
    json(out, cells.traits);
    for text in [cells.link, cells.alias, cells.split, cells.membership, cells.role] {
        out.push(',');
        out.push_str(text);
    }
    out.push('\n');
}

const INFALLIBLE: &str = "writing to a text cannot fail";

/// A cell with JSON; its quotes are doubled.
fn json(out: &mut String, json: Option<&Json>) {
    out.push(',');
    let Some(json) = json else {
        return;
    };
    out.push('"');
    for (number, part) in json.as_str().split('"').enumerate() {
        if number > 0 {
            out.push_str("\"\"");
        }
        out.push_str(part);
    }
    out.push('"');
}
