//! Ids and domains, each kept once.

use std::cmp::Ordering;

use firsthand_model::Text;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

/// A text that [`Names`] keeps. Its number depends on the order of learning, so that nothing may
/// be decided by it: ties are broken by [`Names::order`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Name(u32);

impl Name {
    /// Its place among all names.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// Every id and domain that the resolver has heard of.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(from = "Vec<Text>", into = "Vec<Text>")]
pub(super) struct Names {
    texts: Vec<Text>,
    by_text: FxHashMap<Text, Name>,
}

impl Names {
    /// The name of a text, new or known.
    pub fn take(&mut self, text: &str) -> Name {
        if let Some(name) = self.find(text) {
            return name;
        }
        let next = u32::try_from(self.texts.len()).expect("fewer than four billion ids");
        let text = Text::from(text);
        self.texts.push(text.clone());
        self.by_text.insert(text, Name(next));
        Name(next)
    }

    /// The name of a text that was heard of before.
    pub fn find(&self, text: &str) -> Option<Name> {
        self.by_text.get(text).copied()
    }

    /// The text of a name.
    pub fn text(&self, name: Name) -> &Text {
        &self.texts[name.index()]
    }

    /// The name at a place; there must be one.
    pub fn at(&self, index: usize) -> Name {
        self.by_text[&self.texts[index]]
    }

    /// Every text, in the order of [`Name::index`].
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Text> {
        self.texts.iter()
    }

    /// Orders two names by their texts' bytes.
    pub fn order(&self, a: Name, b: Name) -> Ordering {
        if a == b { Ordering::Equal } else { self.text(a).cmp(self.text(b)) }
    }
}

impl From<Vec<Text>> for Names {
    fn from(texts: Vec<Text>) -> Self {
        let mut names = Self::default();
        for text in &texts {
            names.take(text);
        }
        names
    }
}

impl From<Names> for Vec<Text> {
    fn from(names: Names) -> Self {
        names.texts
    }
}
