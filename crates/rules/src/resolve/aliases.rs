//! Which user ids are one person.
//!
//! Only explicit aliases unite. They are taken in order of time, and one that would give a person
//! more ids than the limit is refused, so that an id that many share by mistake does not unite
//! them all. That makes the outcome a function of what was said, whatever came first (P2).

use std::cmp::{Ordering, Reverse};
use std::collections::hash_map::Entry;

use firsthand_model::Time;
use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};

use super::names::{Name, Names};
use super::series::Known;

/// Two ids, the lesser text first.
type Pair = (Name, Name);

/// When something was said, and when we heard it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Said {
    time: Time,
    known: Known,
}

/// What was said about a pair. Repeated aliases and splits are not kept: these three decide.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Claims {
    first_alias: Option<Said>,
    last_alias: Option<Said>,
    last_split: Option<Said>,
}

impl Claims {
    /// The alias that holds: the later of alias and split wins, at the same time the split.
    fn holding(&self) -> Option<Said> {
        let undone = self.last_split.map(|it| it.time);
        [self.first_alias, self.last_alias]
            .into_iter()
            .flatten()
            .find(|it| undone.is_none_or(|undone| it.time > undone))
    }

    fn with(self, other: Self) -> Self {
        let earlier = |a: Option<Said>, b: Option<Said>| a.into_iter().chain(b).min();
        // The last, and of those of one instant the one heard first.
        let later = |a: Option<Said>, b: Option<Said>| {
            a.into_iter().chain(b).max_by_key(|it| (it.time, Reverse(it.known)))
        };
        Self {
            first_alias: earlier(self.first_alias, other.first_alias),
            last_alias: later(self.last_alias, other.last_alias),
            last_split: later(self.last_split, other.last_split),
        }
    }
}

/// An alias that holds.
#[derive(Clone, Copy, Debug)]
struct Edge {
    said: Said,
    pair: Pair,
}

/// The person that a user id belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Canonical {
    /// The least of the person's user ids.
    pub name: Name,
    /// When it was known that this id belongs to it.
    pub known: Known,
}

/// All aliases and splits, and the persons they make.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Aliases {
    claims: FxHashMap<Pair, Claims>,
    neighbours: FxHashMap<Name, Vec<Name>>,
    /// Derived: ids that are united with others.
    canonical: FxHashMap<Name, Canonical>,
    /// Derived: the ids of each person that has several, by canonical id.
    members: FxHashMap<Name, Vec<Name>>,
    /// The latest alias so far, for the shortcut in [`Aliases::append`].
    latest: Option<(Time, Pair)>,
}

impl Aliases {
    /// The person that a user id belongs to: itself, unless it is united with others.
    pub fn canonical(&self, id: Name) -> Canonical {
        let alone = Canonical { name: id, known: Known::UNTOLD };
        self.canonical.get(&id).copied().unwrap_or(alone)
    }

    /// Whether an id is united with others.
    pub fn is_united(&self, id: Name) -> bool {
        self.canonical.contains_key(&id)
    }

    /// All user ids of a person, by its canonical one.
    pub fn members(&self, canonical: Name) -> impl Iterator<Item = Name> {
        let united = self.members.get(&canonical);
        let alone = united.is_none().then_some(canonical);
        united.into_iter().flatten().copied().chain(alone)
    }

    /// What decides of each id that was ever said to be the same as this one: the other id, whether
    /// an alias holds or a split, since when, and when we heard that.
    pub fn said_of(&self, id: Name) -> impl Iterator<Item = (Name, bool, (Time, Known))> {
        let others = self.neighbours.get(&id).into_iter().flatten().copied();
        others.filter_map(move |other| {
            let claims = self.claims.get(&(id, other)).or_else(|| self.claims.get(&(other, id)))?;
            let alias = claims.holding().map(|it| (true, it));
            let (alias, said) = alias.or_else(|| claims.last_split.map(|it| (false, it)))?;
            Some((other, alias, (said.time, said.known)))
        })
    }

    /// Takes in an alias, or a split, and returns the ids that may now belong elsewhere.
    pub fn say(
        &mut self,
        (a, b): Pair,
        alias: bool,
        (time, known): (Time, Known),
        limit: usize,
        names: &Names,
    ) -> Vec<Name> {
        let said = Some(Said { time, known });
        let claims = if alias {
            Claims { first_alias: said, last_alias: said, last_split: None }
        } else {
            Claims { last_split: said, ..Claims::default() }
        };
        let pair = if names.order(a, b).is_le() { (a, b) } else { (b, a) };
        let latest = alias && self.is_latest(time, pair, names);
        let (before, after) = self.claim(pair, claims);
        if before == after {
            Vec::new()
        } else if latest && before.is_none() {
            self.append(pair, limit, names)
        } else {
            self.settle(vec![a, b], limit, names)
        }
    }

    /// Takes in all that `other` was told; `translate` turns its names into ours.
    pub fn merge(
        &mut self,
        other: &Self,
        translate: impl Fn(Name) -> Name,
        limit: usize,
        names: &Names,
    ) {
        let mut disturbed = Vec::new();
        for (&(a, b), &claims) in &other.claims {
            let pair = (translate(a), translate(b));
            if let Some(alias) = claims.last_alias {
                self.is_latest(alias.time, pair, names);
            }
            let (before, after) = self.claim(pair, claims);
            if before != after {
                disturbed.extend(<[Name; 2]>::from(pair));
            }
        }
        self.settle(disturbed, limit, names);
    }

    /// Adds claims about a pair; returns the alias that held before and the one that holds now.
    fn claim(&mut self, pair: Pair, claims: Claims) -> (Option<Said>, Option<Said>) {
        let entry = self.claims.entry(pair).or_insert_with(|| {
            self.neighbours.entry(pair.0).or_default().push(pair.1);
            self.neighbours.entry(pair.1).or_default().push(pair.0);
            Claims::default()
        });
        let before = entry.holding();
        *entry = entry.with(claims);
        (before, entry.holding())
    }

    /// Whether an alias is later than all others so far; remembers it if so.
    fn is_latest(&mut self, time: Time, pair: Pair, names: &Names) -> bool {
        let latest =
            self.latest.is_none_or(|it| in_order(names, (time, pair), it) == Ordering::Greater);
        if latest {
            self.latest = Some((time, pair));
        }
        latest
    }

    /// Adds the latest alias of all. None that counts already can fall by it, so that only the
    /// two persons concerned need be looked at, however many aliases of theirs were refused.
    fn append(&mut self, (a, b): Pair, limit: usize, names: &Names) -> Vec<Name> {
        let (left, right) = (self.canonical(a).name, self.canonical(b).name);
        let both: Vec<Name> = self.members(left).chain(self.members(right)).collect();
        if left == right || both.len() > limit {
            return Vec::new();
        }
        self.unite(&both, limit, names);
        both
    }

    /// Works out anew all persons that aliases, holding or not, connect with the given ids.
    fn settle(&mut self, ids: Vec<Name>, limit: usize, names: &Names) -> Vec<Name> {
        let mut reached: FxHashSet<Name> = ids.iter().copied().collect();
        let mut open = ids;
        let mut connected = Vec::new();
        while let Some(id) = open.pop() {
            connected.push(id);
            let neighbours = self.neighbours.get(&id).into_iter().flatten();
            open.extend(neighbours.filter(|&&it| reached.insert(it)));
        }
        // Ids given twice were opened twice.
        let mut seen = FxHashSet::default();
        connected.retain(|&it| seen.insert(it));

        let before: Vec<Canonical> = connected.iter().map(|&it| self.canonical(it)).collect();
        self.unite(&connected, limit, names);
        let after: Vec<Canonical> = connected.iter().map(|&it| self.canonical(it)).collect();

        // Whoever gained or lost an id may gain or lose what that id taught.
        let disturbed: FxHashSet<Name> = std::iter::zip(&before, &after)
            .filter(|(before, after)| before != after)
            .flat_map(|(before, after)| [before.name, after.name])
            .collect();
        let is_disturbed = |it: &Canonical| disturbed.contains(&it.name);
        std::iter::zip(connected, std::iter::zip(before, after))
            .filter(|(_, (before, after))| is_disturbed(before) || is_disturbed(after))
            .map(|(id, _)| id)
            .collect()
    }

    /// Makes persons of a set of ids, which must hold every person whole.
    fn unite(&mut self, ids: &[Name], limit: usize, names: &Names) {
        let inside: FxHashSet<Name> = ids.iter().copied().collect();
        let mut edges = Vec::new();
        for id in ids {
            self.members.remove(id);
            self.canonical.remove(id);
            for other in self.neighbours.get(id).into_iter().flatten() {
                let pair = (*id, *other);
                // Each pair is looked at from its lesser id.
                if let Some(said) = self.claims.get(&pair).and_then(Claims::holding)
                    && inside.contains(other)
                {
                    edges.push(Edge { said, pair });
                }
            }
        }
        edges.sort_by(|a, b| in_order(names, (a.said.time, a.pair), (b.said.time, b.pair)));

        let mut forest = Forest::default();
        edges.retain(|edge| forest.join(edge.pair, limit));
        for members in forest.into_trees() {
            self.crown(members, &edges, names);
        }
    }

    /// Writes down one person. An id is known as the person's once every alias on the way from
    /// it to the canonical id is known.
    fn crown(&mut self, members: Vec<Name>, edges: &[Edge], names: &Names) {
        let least = members.iter().copied().min_by(|&a, &b| names.order(a, b));
        let name = least.expect("a tree has an edge, hence ids");
        let own: FxHashSet<Name> = members.iter().copied().collect();
        let edges: Vec<&Edge> = edges.iter().filter(|it| own.contains(&it.pair.0)).collect();

        self.canonical.insert(name, Canonical { name, known: Known::UNTOLD });
        let mut open = vec![(name, Known::UNTOLD)];
        while let Some((id, known)) = open.pop() {
            for edge in &edges {
                let next = match edge.pair {
                    (a, b) if a == id => b,
                    (a, b) if b == id => a,
                    _ => continue,
                };
                let known = known.max(edge.said.known);
                if let Entry::Vacant(entry) = self.canonical.entry(next) {
                    entry.insert(Canonical { name, known });
                    open.push((next, known));
                }
            }
        }
        self.members.insert(name, members);
    }
}

fn in_order(names: &Names, a: (Time, Pair), b: (Time, Pair)) -> Ordering {
    a.0.cmp(&b.0).then_with(|| names.order(a.1.0, b.1.0)).then_with(|| names.order(a.1.1, b.1.1))
}

/// Trees that grow edge by edge.
#[derive(Default)]
struct Forest {
    tree_of: FxHashMap<Name, usize>,
    trees: Vec<Vec<Name>>,
}

impl Forest {
    /// Joins the trees of two ids; not if they are one already or would exceed the limit.
    fn join(&mut self, (a, b): Pair, limit: usize) -> bool {
        let (mut into, mut from) = (self.tree(a), self.tree(b));
        if into == from || self.trees[into].len() + self.trees[from].len() > limit {
            return false;
        }
        if self.trees[into].len() < self.trees[from].len() {
            std::mem::swap(&mut into, &mut from);
        }
        let moved = std::mem::take(&mut self.trees[from]);
        for id in &moved {
            self.tree_of.insert(*id, into);
        }
        self.trees[into].extend(moved);
        true
    }

    fn tree(&mut self, id: Name) -> usize {
        *self.tree_of.entry(id).or_insert_with(|| {
            self.trees.push(vec![id]);
            self.trees.len() - 1
        })
    }

    /// The trees of more than one id.
    fn into_trees(self) -> impl Iterator<Item = Vec<Name>> {
        self.trees.into_iter().filter(|it| it.len() > 1)
    }
}
