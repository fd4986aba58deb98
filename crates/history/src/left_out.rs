//! What of the facts is left out: counted, with examples, never dropped without a word (P7).

use std::collections::BTreeMap;

use firsthand_model::Text;
use firsthand_model::fact::{FactView, WhoView};
use firsthand_rules::resolve::{Excluded, Refused};
use serde::Serialize;

use crate::error::Result;
use crate::history::{History, State};
use crate::identity::{self, Placed};
use crate::scan::Scan;
use crate::segment::Segment;

/// Most examples kept of each reason.
pub const EXAMPLES_MAX: usize = 3;

/// Facts that do not count for all that they name. They are kept whole, so that a later fact or a
/// change of the rules can take them in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// Facts of which an id was not taken at its word, by the code of the reason
    /// ([`Refused::code`]). They may count by their other ids all the same.
    pub refused: BTreeMap<&'static str, Tally>,
    /// Facts in nobody's stream: they name nobody, or only by ids that name nobody.
    pub nobody: Tally,
    /// Facts in nobody's stream because they are about your own staff.
    pub own_staff: Tally,
}

/// How many facts, and a few of them that differ in what was seen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// How many.
    pub facts: u64,
    /// At most [`EXAMPLES_MAX`].
    pub examples: Vec<Example>,
}

/// Why something is left out, in words for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reason<'a> {
    /// Its stable code.
    pub code: &'static str,
    /// What it means, in a sentence.
    pub meaning: &'static str,
    /// How many facts, with examples.
    pub tally: &'a Tally,
}

impl Reason<'_> {
    /// What was seen, of every kind one: ``person `0`; account `0` ``.
    pub fn seen(&self) -> String {
        let seen: Vec<&str> = self.tally.examples.iter().map(|it| it.seen.as_str()).collect();
        seen.join("; ")
    }
}

/// A fact that was left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Example {
    /// Its source.
    pub source: Text,
    /// Its id.
    pub id: Text,
    /// What of it is to blame: ``account `0` ``.
    pub seen: String,
}

impl History {
    /// Counts what of all facts is left out, as the rules and the facts are now. It takes a scan.
    pub fn left_out(&self, scan: Scan<'_>) -> Result<LeftOut> {
        let State { dir, catalogue, overlay, resolver, .. } = &self.state;
        let parts = self.in_buckets(scan, |bucket| {
            let mut left_out = LeftOut::default();
            for entry in catalogue.in_bucket(bucket) {
                scan.check()?;
                let segment = Segment::open(dir, entry)?;
                let live = overlay.live(&entry.file.file, 0..segment.rows());
                for row in segment.bare_rows(&live)? {
                    let (_, row) = row?;
                    if !row.copy {
                        let fact = FactView::from(&row.fact);
                        left_out.take(&fact, &identity::place(resolver, &fact));
                    }
                }
            }
            Ok(left_out)
        })?;
        Ok(parts.into_iter().fold(LeftOut::default(), LeftOut::and))
    }
}

impl LeftOut {
    /// Whether everything counts.
    pub fn is_empty(&self) -> bool {
        self.refused.is_empty() && self.nobody.facts == 0 && self.own_staff.facts == 0
    }

    /// Every reason for which something is left out, the codes of refused ids first.
    pub fn reasons(&self) -> Vec<Reason<'_>> {
        let refused = self.refused.iter().map(|(code, tally)| {
            let meaning = match *code {
                "junk_id" => "An id names nobody; if it does, add it to `identity.real_ids`.",
                "too_many_ids" => "The person has as many ids as one may have.",
                _ => "An id is missing that the fact cannot do without.",
            };
            Reason { code, meaning, tally }
        });
        let excluded = [
            ("nobody", "In no account: no id of the fact names anybody.", &self.nobody),
            ("own_staff", "In no account: the fact is about your own staff.", &self.own_staff),
        ];
        let excluded = excluded
            .into_iter()
            .filter(|(.., tally)| tally.facts > 0)
            .map(|(code, meaning, tally)| Reason { code, meaning, tally });
        refused.chain(excluded).collect()
    }

    /// Looks at a fact and where it was placed.
    pub(crate) fn take(&mut self, fact: &FactView<'_>, placed: &Placed) {
        if let Some(refused) = &placed.refused {
            self.refused.entry(refused.code()).or_default().add(fact, || seen(fact, refused));
        }
        match placed.excluded {
            Some(Excluded::Nobody) => self.nobody.add(fact, || named(fact.who)),
            Some(Excluded::OwnStaff) => self.own_staff.add(fact, || named(fact.who)),
            None => {}
        }
    }

    /// These and those of later facts.
    pub(crate) fn and(mut self, later: Self) -> Self {
        for (code, tally) in later.refused {
            self.refused.entry(code).or_default().merge(tally);
        }
        self.nobody.merge(later.nobody);
        self.own_staff.merge(later.own_staff);
        self
    }
}

impl Tally {
    fn add(&mut self, fact: &FactView<'_>, seen: impl FnOnce() -> String) {
        self.facts += 1;
        if self.examples.len() < EXAMPLES_MAX {
            let example = Example { source: fact.source.into(), id: fact.id.into(), seen: seen() };
            self.show(example);
        }
    }

    fn merge(&mut self, later: Self) {
        self.facts += later.facts;
        later.examples.into_iter().for_each(|it| self.show(it));
    }

    fn show(&mut self, example: Example) {
        let is_new = self.examples.iter().all(|it| it.seen != example.seen);
        if is_new && self.examples.len() < EXAMPLES_MAX {
            self.examples.push(example);
        }
    }
}

/// What of a fact was refused.
fn seen(fact: &FactView<'_>, refused: &Refused) -> String {
    let Refused::JunkId { id } = refused else {
        return refused.to_string();
    };
    let names = |it: &(&str, Option<&str>)| it.1 == Some(id);
    let what = ids(fact.who).into_iter().find(names).map_or("other id", |it| it.0);
    format!("{what} `{id}`")
}

/// Whom a fact names.
fn named(who: WhoView<'_>) -> String {
    let named = ids(who).into_iter().filter_map(|(what, id)| Some((what, id?)));
    let words: Vec<String> = named.map(|(what, id)| format!("{what} `{id}`")).collect();
    if words.is_empty() { "names nobody".to_owned() } else { words.join(", ") }
}

fn ids(who: WhoView<'_>) -> [(&'static str, Option<&str>); 3] {
    [("person", who.user), ("anonymous id", who.anonymous), ("account", who.account)]
}
