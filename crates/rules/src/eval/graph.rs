//! Graphs of nodes: everything that has a memory, in an order in which each node reads only
//! those before it.
//!
//! One instant is one pass over the nodes. A node is looked at if a fact of the instant concerns
//! it, if a node that it reads has changed, or if the instant is the one it asked to be woken at.
//! What a node says holds until its next wake, so between facts the graph is asked only at exact
//! instants (T2), and being asked more often changes nothing.

use std::fmt;
use std::sync::OnceLock;

use firsthand_model::fact::Row;
use firsthand_model::{Calendar, Time};
use serde::{Deserialize, Serialize};

use super::concerns::{Concerns, Reader};
use super::each::EachState;
use super::expr::{Ref, Scope};
use super::kept::Series;
use super::node::{NodeKind, NodeState};
use super::score::ScoreState;
use super::value::Value;
use crate::timeline::OutcomeAt;

/// A fact of the instant, with the patterns of event names that it fits.
#[derive(Clone, Copy, Debug)]
pub struct Item<'a> {
    /// The fact.
    pub row: &'a Row,
    /// One bit a pattern of the program.
    pub fits: &'a [u64],
}

impl Item<'_> {
    /// Whether the event's name fits a pattern.
    pub fn matches(&self, pattern: u32) -> bool {
        self.fits.get(pattern as usize / 64).is_some_and(|bits| bits >> (pattern % 64) & 1 == 1)
    }
}

/// All that happens at one instant, to one subject.
#[derive(Clone, Copy, Debug)]
pub struct Instant<'a> {
    /// The instant.
    pub now: Time,
    /// Its facts, in the order of [`Row::order`].
    pub items: &'a [Item<'a>],
    /// What other strata say from now on: slot and value.
    pub imports: &'a [(u32, Value)],
    /// The project's calendar.
    pub calendar: &'a Calendar,
    /// Where recorded history begins.
    pub history_from: Time,
    /// The member whose graph is stepped, inside `member`.
    pub member: Option<&'a str>,
    /// The kept timelines of the subject's measures, for [`NodeKind::Kept`].
    pub kept: &'a [Series],
}

/// Nodes in order.
#[derive(Clone, Default)]
pub struct Graph {
    nodes: Vec<Node>,
    /// Those that are stepped, in this order.
    order: Vec<u32>,
    /// Which of these something concerns, once that has been asked.
    concerns: OnceLock<Concerns>,
}

/// What it is made of, and nothing that is worked out from that.
impl fmt::Debug for Graph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { nodes, order, concerns: _ } = self;
        f.debug_struct("Graph").field("nodes", nodes).field("order", order).finish()
    }
}

/// One node, with what makes it worth looking at.
#[derive(Clone, Debug)]
struct Node {
    kind: NodeKind,
    reads: Vec<Ref>,
    patterns: Vec<u32>,
}

/// What a graph remembers of one subject or key. Plain data: it can be saved anywhere and go on.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Frame {
    values: Vec<Value>,
    wakes: Vec<Time>,
    states: Vec<NodeState>,
    changed: Vec<bool>,
    /// The first of the wakes, once an instant has been taken in.
    next: Time,
}

impl Frame {
    /// Whether any instant has been taken in.
    pub fn is_born(&self) -> bool {
        !self.values.is_empty()
    }

    /// What a node says; unknown before the first instant.
    pub fn value(&self, node: u32) -> &Value {
        self.values.get(node as usize).unwrap_or(&Value::Unknown)
    }

    /// What all nodes say.
    pub fn values(&self) -> &[Value] {
        &self.values
    }

    /// Whether a node said something else before the last instant.
    pub fn has_changed(&self, node: u32) -> bool {
        self.changed.get(node as usize).copied().unwrap_or(false)
    }

    /// The next instant at which time alone may change something.
    pub fn next(&self) -> Time {
        if self.is_born() { self.next } else { Time::MAX }
    }

    /// The outcomes that a node of that kind found at the last instant.
    pub fn outcomes(&self, node: u32) -> &[OutcomeAt] {
        match self.states.get(node as usize) {
            Some(NodeState::Outcomes(found)) if self.has_changed(node) => found,
            _ => &[],
        }
    }

    /// The memory of a score, for evidence.
    pub fn score(&self, node: u32) -> Option<&ScoreState> {
        match self.states.get(node as usize) {
            Some(NodeState::Score(state)) => Some(state),
            _ => None,
        }
    }

    /// The limit that a node's memory has reached, in words for evidence: what it says may be in
    /// doubt since then.
    pub fn limit_reached(&self, node: u32) -> Option<&'static str> {
        match self.states.get(node as usize)? {
            NodeState::Leaf(state) if state.is_coarse() => {
                Some("so many events that older ones count to the minute")
            }
            NodeState::Each(state) if state.has_forgotten() => {
                Some("so many keys that the least recently seen are forgotten")
            }
            NodeState::Sequence(state) if state.has_forgotten() => {
                Some("so many sequences that the oldest are forgotten")
            }
            NodeState::Stretches(state) if state.has_forgotten() => {
                Some("so many changes that the oldest are forgotten")
            }
            NodeState::Log(log) if log.is_full() => {
                Some("so many changes that the oldest are forgotten")
            }
            _ => None,
        }
    }

    /// The memory of a for-each, for evidence.
    pub fn each(&self, node: u32) -> Option<&EachState> {
        match self.states.get(node as usize) {
            Some(NodeState::Each(state)) => Some(state),
            _ => None,
        }
    }
}

impl Graph {
    /// Adds a node that reads only nodes already there; returns its place.
    pub fn add(&mut self, kind: NodeKind) -> u32 {
        let place =
            u32::try_from(self.nodes.len()).expect("the language's length limit bounds the nodes");
        self.nodes.push(Node::new(kind));
        self.order.push(place);
        self.concerns.take();
        place
    }

    /// The same nodes in the same places, of which only some are stepped: each of `kept` in this
    /// order, as `change` makes it, after what `change` puts before it. The rest stay unknown.
    pub(crate) fn part(
        &self,
        kept: &[u32],
        mut change: impl FnMut(u32, &mut NodeKind, &mut dyn FnMut(NodeKind) -> u32),
    ) -> Self {
        let mut part = Self { nodes: self.nodes.clone(), ..Self::default() };
        for place in kept {
            let mut kind = self.nodes[*place as usize].kind.clone();
            change(*place, &mut kind, &mut |new| part.add(new));
            part.nodes[*place as usize] = Node::new(kind);
            part.order.push(*place);
        }
        part.concerns.take();
        part
    }

    /// The nodes that some nodes need, themselves included, in the order in which they are stepped.
    pub(crate) fn needed(&self, wanted: impl IntoIterator<Item = u32>) -> Vec<u32> {
        let mut needed = vec![false; self.nodes.len()];
        wanted.into_iter().for_each(|it| needed[it as usize] = true);
        // A node added by [`Self::part`] is stepped before its reader, wherever it has its place.
        for node in self.order.iter().rev() {
            if needed[*node as usize] {
                self.reads(*node).for_each(|it| needed[it as usize] = true);
            }
        }
        self.order.iter().copied().filter(|node| needed[*node as usize]).collect()
    }

    /// The same nodes in the same places, of which only what some need is stepped.
    pub(crate) fn needed_part(&self, wanted: impl IntoIterator<Item = u32>) -> Self {
        self.part(&self.needed(wanted), |_, _, _| {})
    }

    /// The same graph without the nodes that are not stepped: what it remembers is as small as what
    /// it does. Also tells where each node is now; `None` where some node must stay in its place.
    pub(crate) fn without_idle(&self) -> Option<(Self, Vec<Option<u32>>)> {
        let mut places = vec![None; self.nodes.len()];
        let mut graph = Self::default();
        for node in &self.order {
            let mut kind = self.nodes[*node as usize].kind.clone();
            let mut all_stepped = true;
            let can_move = kind.change_references(&mut |it| {
                if it.up == 0 {
                    match places[it.node as usize] {
                        Some(place) => it.node = place,
                        None => all_stepped = false,
                    }
                }
            });
            if !can_move || !all_stepped {
                return None;
            }
            places[*node as usize] = Some(graph.add(kind));
        }
        Some((graph, places))
    }

    /// Changes the nodes that are stepped; what they read must stay the same.
    pub(crate) fn change_stepped(&mut self, change: &mut dyn FnMut(&mut NodeKind)) {
        for place in &self.order {
            change(&mut self.nodes[*place as usize].kind);
        }
        self.concerns.take();
    }

    /// The nodes that a node reads in its own graph.
    pub(crate) fn reads(&self, node: u32) -> impl Iterator<Item = u32> {
        self.nodes[node as usize].reads.iter().filter(|it| it.up == 0).map(|it| it.node)
    }

    /// The patterns of events that a node reads.
    pub(crate) fn patterns_of(&self, node: u32) -> &[u32] {
        &self.nodes[node as usize].patterns
    }

    /// The patterns of events that the stepped nodes read.
    pub(crate) fn patterns(&self) -> impl Iterator<Item = u32> {
        self.order.iter().flat_map(|it| self.nodes[*it as usize].patterns.iter().copied())
    }

    /// The nodes that are stepped.
    pub(crate) fn stepped(&self) -> impl Iterator<Item = &NodeKind> {
        self.order.iter().map(|it| &self.nodes[*it as usize].kind)
    }
}

impl Node {
    fn new(kind: NodeKind) -> Self {
        let mut reads = Vec::new();
        let mut patterns = Vec::new();
        kind.inputs(&mut |read| reads.push(read), &mut |pattern| patterns.push(pattern));
        reads.sort_unstable_by_key(|it| (it.up, it.node));
        reads.dedup();
        patterns.sort_unstable();
        patterns.dedup();
        Self { kind, reads, patterns }
    }
}

impl Graph {
    /// What a node does.
    pub fn kind(&self, node: u32) -> &NodeKind {
        &self.nodes[node as usize].kind
    }

    /// How many nodes there are.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// Whether some node reads events of this name.
    pub fn wants(&self, item: &Item<'_>) -> bool {
        self.nodes.iter().any(|node| node.patterns.iter().any(|pattern| item.matches(*pattern)))
    }

    /// Calls `read` with every reference to a graph further out, as seen from there, and `fits`
    /// with every pattern of events.
    pub(super) fn inputs(&self, read: &mut impl FnMut(Ref), fits: &mut impl FnMut(u32)) {
        for node in &self.nodes {
            for it in node.reads.iter().filter(|it| it.up > 0) {
                read(Ref { up: it.up - 1, node: it.node });
            }
            for pattern in &node.patterns {
                fits(*pattern);
            }
        }
    }

    /// Takes in one instant. Instants come in order of time; every wake up to now has its own.
    pub fn step(&self, frame: &mut Frame, instant: &Instant<'_>, outer: Option<&Scope<'_>>) {
        let first = !frame.is_born();
        if first {
            frame.values = vec![Value::Unknown; self.nodes.len()];
            frame.wakes = vec![Time::MAX; self.nodes.len()];
            frame.states = self.nodes.iter().map(|node| node.kind.fresh()).collect();
            frame.changed = vec![false; self.nodes.len()];
        }
        frame.changed.fill(false);
        let concerns = self.concerns.get_or_init(|| self.find_concerns());
        let mut due = concerns.at(instant);
        if first || frame.next <= instant.now {
            for (place, node) in self.order.iter().enumerate() {
                if first || frame.wakes[*node as usize] <= instant.now {
                    due.insert(place);
                }
            }
        }
        if let Some(outer) = outer {
            for place in &concerns.outward {
                let node = &self.nodes[self.order[*place] as usize];
                let mut further = node.reads.iter().filter(|it| it.up > 0);
                if further.any(|it| outer.has_changed(Ref { up: it.up - 1, node: it.node })) {
                    due.insert(*place);
                }
            }
        }
        while let Some(place) = due.next() {
            let index = self.order[place] as usize;
            let node = &self.nodes[index];
            let scope = Scope {
                now: instant.now,
                calendar: instant.calendar,
                history_from: instant.history_from,
                values: &frame.values,
                changed: &frame.changed,
                outer,
                member: instant.member,
                event: None,
                it: None,
            };
            let read_changed = node.reads.iter().any(|read| scope.has_changed(*read));
            let (value, wake) =
                node.kind.update(&mut frame.states[index], &scope, instant, read_changed);
            // At the end of time nothing is later, and nothing wakes any more.
            debug_assert!(
                wake > instant.now || wake == Time::MAX,
                "woken again at once: {:?}",
                node.kind
            );
            frame.wakes[index] = wake;
            // A pulse is news each time it fires, although it says `true` each time.
            let changed =
                if node.kind.fires() { value.is_true() } else { value != frame.values[index] };
            if changed {
                frame.changed[index] = true;
                concerns.add_readers(index, &mut due);
            }
            frame.values[index] = value;
        }
        frame.next = frame.wakes.iter().copied().min().unwrap_or(Time::MAX);
    }

    fn find_concerns(&self) -> Concerns {
        let readers = self.order.iter().map(|it| {
            let Node { kind, reads, patterns } = &self.nodes[*it as usize];
            Reader {
                kind,
                patterns,
                reads: self.reads(*it).collect(),
                reads_outward: reads.iter().any(|it| it.up > 0),
            }
        });
        Concerns::of(readers, self.nodes.len())
    }
}
