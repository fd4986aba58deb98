//! What compiling makes: graphs for accounts and persons, and what is read out of them.

use std::collections::BTreeSet;
use std::sync::Arc;

use firsthand_model::config::Track;
use firsthand_model::fact::Kind;
use firsthand_model::{Calendar, Text};

use super::names::{Classes, Pattern};
use crate::eval::expr::Expr;
use crate::eval::gate::Gate;
use crate::eval::graph::Graph;
use crate::eval::node::NodeKind;
use crate::lang::ast;

/// All definitions of a project, compiled together into shared nodes.
#[derive(Clone, Debug)]
pub struct Program {
    /// What is judged on accounts.
    pub account: Root,
    /// What is judged on persons.
    pub person: Root,
    /// The event properties that are read, in the order of [`firsthand_model::fact::RowBody`]'s
    /// values.
    pub paths: Vec<Text>,
    /// The person traits that event filters of accounts read, with the place among `paths` that
    /// the stream fills with them.
    pub person_paths: Vec<(u32, Text)>,
    /// The event names that are read.
    pub patterns: Vec<Pattern>,
    /// How events are classed.
    pub classes: Classes,
    /// What evidence names, by the number an [`Expr::Atom`] carries.
    pub atoms: Vec<Atom>,
    /// Values judged over the accounts of a family.
    pub families: Vec<Family>,
    /// Standings in a population.
    pub populations: Vec<Population>,
    /// The project's calendar.
    pub calendar: Calendar,
}

/// A graph and what is read out of it.
#[derive(Clone, Debug, Default)]
pub struct Root {
    /// The nodes.
    pub graph: Graph,
    /// The definitions.
    pub definitions: Vec<DefinitionRoot>,
    /// Name and node of the outcomes.
    pub outcomes: Vec<(Text, u32)>,
    /// Name and node of the exclusions.
    pub exclusions: Vec<(Text, u32)>,
    /// Nodes whose values persons, families or populations read, by slot.
    pub exports: Vec<(u32, u32)>,
    /// The node that tells the subject's start.
    pub start: u32,
    /// Name, score configuration's place and node of the scores, for evidence.
    pub scores: Vec<(Text, u32)>,
    /// Name and node of usage and limit of the meters a definition reads, for templates.
    pub meters: Vec<MeterRoot>,
}

/// A definition's place in a graph.
#[derive(Clone, Debug)]
pub struct DefinitionRoot {
    /// Its name.
    pub name: Text,
    /// Its track.
    pub track: Track,
    /// The node that tells whether it holds.
    pub node: u32,
    /// The node of the value that orders leads.
    pub score: Option<u32>,
    /// Identifies everything that can change its verdicts (docs/language.md, section 1).
    pub version: Text,
}

/// A meter's nodes.
#[derive(Clone, Debug)]
pub struct MeterRoot {
    /// The meter's name.
    pub name: Text,
    /// The node of its usage.
    pub usage: u32,
    /// The node of its limit.
    pub limit: u32,
}

/// A condition that evidence names.
#[derive(Clone, Debug)]
pub struct Atom {
    /// Its canonical text.
    pub text: Text,
    /// What it says, for words.
    pub says: Arc<ast::Expr>,
    /// Whose graph it was compiled for.
    pub subject: Kind,
}

/// A value over the accounts of the same domain or parent.
#[derive(Clone, Debug)]
pub struct Family {
    /// Where its value is imported.
    pub slot: u32,
    /// The account node whose values are brought together.
    pub node: u32,
    /// How.
    pub over: ast::Quantifier,
}

/// A daily standing in a population.
#[derive(Clone, Debug)]
pub struct Population {
    /// Names what is asked, by all that can change the answer: standings that were taken are known
    /// by it.
    pub key: Text,
    /// Where its value is imported.
    pub slot: u32,
    /// Whose population.
    pub kind: Kind,
    /// The node of the value.
    pub value: u32,
    /// The node of the condition for belonging; everybody if `None`.
    pub among: Option<u32>,
    /// Whether the place from the top within the account is asked for, not the percentile.
    pub rank: bool,
}

impl Program {
    /// The graph that judges a kind of subject.
    pub fn root(&self, kind: Kind) -> &Root {
        match kind {
            Kind::Account => &self.account,
            Kind::Person => &self.person,
        }
    }

    /// A definition by name, with its subject.
    pub fn definition(&self, name: &str) -> Option<(Kind, &DefinitionRoot)> {
        [Kind::Account, Kind::Person].into_iter().find_map(|kind| {
            self.root(kind).definitions.iter().find(|it| it.name == name).map(|it| (kind, it))
        })
    }

    /// Whether some node reads events of this name.
    pub fn wants(&self, name: &str, record: bool) -> bool {
        let class = self.classes.class(name, record);
        self.patterns.iter().any(|pattern| pattern.fits(name, class))
    }
}

impl Program {
    /// The same program, of which only what some definitions need is judged, with what templates
    /// tell of them, the outcomes and the exclusions. The other definitions never hold; people are
    /// left out if none is asked about.
    #[must_use]
    pub fn narrowed(&self, asked: impl Fn(&DefinitionRoot) -> bool) -> Self {
        let of_persons = self.person.definitions.iter().any(&asked);
        let mut account = self.account.wanted(&asked);
        let mut person = if of_persons { self.person.wanted(&asked) } else { BTreeSet::new() };
        let mut slots = BTreeSet::new();
        loop {
            for (root, wanted) in [(&self.account, &account), (&self.person, &person)] {
                for node in root.graph.needed(wanted.iter().copied()) {
                    imported(root.graph.kind(node), &mut slots);
                }
            }
            let before = account.len() + person.len();
            let read = |slot: &u32| slots.contains(slot);
            let exports = self.account.exports.iter().filter(|(slot, _)| read(slot));
            account.extend(exports.map(|(_, node)| *node));
            account.extend(self.families.iter().filter(|it| read(&it.slot)).map(|it| it.node));
            for it in self.populations.iter().filter(|it| read(&it.slot)) {
                let wanted = if it.kind == Kind::Account { &mut account } else { &mut person };
                wanted.extend(it.among.into_iter().chain([it.value]));
            }
            if account.len() + person.len() == before {
                break;
            }
        }
        let mut narrow = self.clone();
        narrow.account.graph = self.account.graph.needed_part(account);
        narrow.account.exports.retain(|(slot, _)| slots.contains(slot));
        narrow.families.retain(|it| slots.contains(&it.slot));
        narrow.populations.retain(|it| slots.contains(&it.slot));
        if person.is_empty() {
            narrow.person = Root::default();
        } else {
            narrow.person.graph = self.person.graph.needed_part(person);
        }
        narrow
    }
}

/// Gathers the slots that a node reads, or those inside it.
fn imported(kind: &NodeKind, slots: &mut BTreeSet<u32>) {
    let inner = match kind {
        NodeKind::Imported(slot) => {
            slots.insert(*slot);
            return;
        }
        NodeKind::Each(each) | NodeKind::Ranks(each) => &each.inner,
        NodeKind::EachPeriod(each) => &each.inner,
        _ => return,
    };
    inner.stepped().for_each(|it| imported(it, slots));
}

impl Root {
    /// The nodes that some definitions want, and what is wanted with them.
    fn wanted(&self, asked: &impl Fn(&DefinitionRoot) -> bool) -> BTreeSet<u32> {
        let asked = self.definitions.iter().filter(|it| asked(it));
        let of_asked = asked.flat_map(|it| it.score.into_iter().chain([it.node]));
        let named = self.outcomes.iter().chain(&self.exclusions).map(|(_, node)| *node);
        let meters = self.meters.iter().flat_map(|it| [it.usage, it.limit]);
        let start = (!self.graph.is_empty()).then_some(self.start);
        of_asked.chain(named).chain(meters).chain(start).collect()
    }

    /// Whether nothing is asked of this kind of subject.
    pub fn is_idle(&self) -> bool {
        self.definitions.is_empty() && self.outcomes.is_empty() && self.exclusions.is_empty()
    }

    /// The gate of a definition.
    pub fn gate(&self, node: u32) -> &Gate {
        match self.graph.kind(node) {
            NodeKind::Gate(gate) => gate,
            other => unreachable!("a definition's node is a gate, not {other:?}"),
        }
    }

    /// The expression of a cell.
    pub fn cell(&self, node: u32) -> Option<&Expr> {
        match self.graph.kind(node) {
            NodeKind::Cell(expr) => Some(expr),
            _ => None,
        }
    }
}
