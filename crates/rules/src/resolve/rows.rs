//! Facts as the evaluator takes them.

use firsthand_model::fact::{Body, Row, RowBody};
use firsthand_model::{Fact, Text};

use super::Resolver;

impl Resolver {
    /// The rows of a fact, one for each account in whose stream it stands, by the account's id.
    ///
    /// `paths` are the properties that the program reads, in its order. A fact that
    /// [`Resolver::attribute`] says to leave out has no rows.
    pub fn rows(&self, fact: &Fact, paths: &[Text]) -> Vec<(Text, Row)> {
        let attribution = self.attribute(fact);
        if attribution.excluded.is_some() {
            return Vec::new();
        }
        let Some(body) = row_body(&fact.body, paths) else {
            return Vec::new();
        };
        let row = |home: super::Home, body| {
            let row = Row {
                time: fact.time,
                known_at: home.known_at,
                id: fact.id.clone(),
                source: fact.source.clone(),
                person: attribution.person.clone(),
                copy: home.copy,
                body,
            };
            (home.account, row)
        };
        attribution.accounts.into_iter().map(|home| row(home, body.clone())).collect()
    }
}

/// What the rows of a fact say; nothing if it only teaches identity.
fn row_body(body: &Body, paths: &[Text]) -> Option<RowBody> {
    let event = |name: &Text, properties: &firsthand_model::Json, record| RowBody::Event {
        name: name.clone(),
        record,
        values: properties.get_each(paths),
    };
    Some(match body {
        Body::Event { name, properties } => event(name, properties, false),
        Body::Record { name, properties } => event(name, properties, true),
        Body::Traits { of, traits } => RowBody::Traits { of: *of, traits: traits.flatten().into() },
        Body::Membership { joined, role } => {
            RowBody::Membership { joined: *joined, role: role.clone() }
        }
        Body::Link | Body::Alias { .. } | Body::Split { .. } => return None,
    })
}
