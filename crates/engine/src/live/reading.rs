//! Reading an account's facts while the engine goes on.

use std::collections::BTreeSet;
use std::sync::Arc;

use firsthand_history::{History, Projection};
use firsthand_model::Text;
use firsthand_model::fact::Row;
use rustc_hash::FxHashSet;

use super::Live;
use crate::error::Result;
use crate::seen;

/// An account that is to be read, as it stood when that was asked for. To read it takes a while, and
/// nothing of the engine.
pub(crate) struct Reading {
    pub account: Text,
    history: Arc<History>,
    /// The accounts under which its facts may lie in the history.
    places: BTreeSet<Text>,
    /// What is not in the history yet.
    recent: Vec<Row>,
}

impl Reading {
    /// Whether facts of other accounts may come with it.
    pub fn is_mixed(&self) -> bool {
        self.places.iter().any(|it| *it != self.account)
    }

    /// Its rows in order, each fact once. Those in the history name people as they were known
    /// when they came there; those that lie elsewhere come with all that lies there.
    ///
    /// # Errors
    /// Where a segment cannot be read; it may have been replaced meanwhile, and can be read then.
    pub fn run(self) -> Result<Vec<Row>> {
        let mut rows = Vec::new();
        for place in &self.places {
            rows.extend(self.history.rows_of(place, &Projection::default())?);
        }
        rows.extend(self.recent);
        let mut met = FxHashSet::default();
        rows.retain(|it| met.insert(seen::key(&it.source, &it.id)));
        rows.sort_by(|a, b| a.order().cmp(&b.order()));
        Ok(rows)
    }
}

impl Live {
    /// An account that is to be read; `None` where nothing is known of it.
    pub(crate) fn reading_of(&mut self, account: &str) -> Option<Reading> {
        let history = self.reading();
        let it = self.customers.get(account)?;
        let recent = it.recent.iter().filter_map(|it| self.tail.get(*it));
        let rows = recent.flat_map(|it| self.resolver.rows(it, &self.rules.program.paths));
        let rows = rows.filter(|(home, _)| home == account).map(|(_, row)| row);
        Some(Reading {
            account: account.into(),
            history,
            places: self.places_of(account, true),
            recent: rows.collect(),
        })
    }

    /// The person whose an id of a row is now.
    pub(crate) fn canonical(&self, person: &Text) -> Text {
        let known = match person.strip_prefix("anon:") {
            Some(device) => self.resolver.person_of(device),
            None => self.resolver.user(person),
        };
        known.unwrap_or_else(|| person.clone())
    }
}
