//! Which events a name, a glob or a group means.

use firsthand_model::Text;
use firsthand_model::config::Events;
use rustc_hash::FxHashMap;

use crate::eval::value::same_text;

/// Events by name: names and globs, and whether whole classes belong.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pattern {
    /// Names and globs.
    pub names: Vec<Text>,
    /// Every product event.
    pub any_product: bool,
    /// Every marketing event.
    pub any_marketing: bool,
}

/// The side an event is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Something done in the product.
    Product,
    /// Something done with marketing's content.
    Marketing,
    /// A bill, a deal, an act on a lead: nobody did it in the product.
    Record,
}

/// The globs by which events are classed.
#[derive(Clone, Debug, Default)]
pub struct Classes {
    marketing: Vec<Text>,
    records: Vec<Text>,
}

impl Classes {
    /// Takes the classes from the configuration.
    pub fn new(events: &Events) -> Self {
        let texts = |of: &[firsthand_model::diagnostic::SourceText]| {
            of.iter().map(|it| it.text.clone()).collect()
        };
        Self { marketing: texts(&events.marketing), records: texts(&events.records) }
    }

    /// The class of an event of some name; `record` if it came as a record.
    pub fn class(&self, name: &str, record: bool) -> Class {
        if record || fits_any(&self.records, name) {
            Class::Record
        } else if fits_any(&self.marketing, name) {
            Class::Marketing
        } else {
            Class::Product
        }
    }
}

impl Pattern {
    /// Whether an event belongs.
    pub fn fits(&self, name: &str, class: Class) -> bool {
        match class {
            Class::Product if self.any_product => true,
            Class::Marketing if self.any_marketing => true,
            _ => fits_any(&self.names, name),
        }
    }
}

fn fits_any(globs: &[Text], name: &str) -> bool {
    globs.iter().any(|glob| fits(glob, name))
}

/// Whether a name fits a glob in which `*` stands for any run of characters; without case.
pub fn fits(glob: &str, name: &str) -> bool {
    let Some((head, rest)) = glob.split_once('*') else { return same_text(glob, name) };
    let (name, rest) = (name.to_lowercase(), rest.to_lowercase());
    let Some(mut tail) = name.strip_prefix(&head.to_lowercase()) else { return false };
    let mut parts = rest.split('*').peekable();
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return tail.ends_with(part);
        }
        match tail.find(part) {
            Some(at) => tail = &tail[at + part.len()..],
            None => return false,
        }
    }
    true
}

/// Remembers, for every name met, which of a program's patterns it fits.
#[derive(Debug, Default)]
pub struct Fits {
    known: FxHashMap<(Text, bool), Box<[u64]>>,
}

impl Fits {
    /// One bit a pattern.
    pub fn of(
        &mut self,
        name: &Text,
        record: bool,
        patterns: &[Pattern],
        classes: &Classes,
    ) -> &[u64] {
        self.known.entry((name.clone(), record)).or_insert_with(|| {
            let class = classes.class(name, record);
            let mut bits = vec![0; patterns.len().div_ceil(64)];
            for (index, pattern) in patterns.iter().enumerate() {
                if pattern.fits(name, class) {
                    bits[index / 64] |= 1 << (index % 64);
                }
            }
            bits.into()
        })
    }

    /// What [`Self::of`] answered before.
    pub fn known(&self, name: &Text, record: bool) -> &[u64] {
        self.known.get(&(name.clone(), record)).map_or(&[], |bits| bits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_match_runs_and_ignore_case() {
        for (glob, name, expected) in [
            ("Report exported", "report Exported", true),
            ("Dashboard *", "Dashboard viewed", true),
            ("Dashboard *", "Dashboards", false),
            ("*viewed", "Dashboard viewed", true),
            ("A*b*c", "a-b-b-c", true),
            ("A*b*c", "a-c-b", false),
            ("*", "", true),
            ("a*a", "a", false),
        ] {
            assert_eq!(fits(glob, name), expected, "{glob} {name}");
        }
    }
}
