//! The graphs under construction: which one a node belongs in, and how it is reached from within.

use std::ops::Range;
use std::sync::Arc;

use firsthand_model::Text;
use firsthand_model::fact::Kind;
use rustc_hash::FxHashMap;

use super::lower::Shift;
use super::types::Typed;
use crate::eval::expr::{Expr, Ref};
use crate::eval::graph::Graph;
use crate::eval::node::NodeKind;

/// What a graph is judged for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScopeKind {
    /// Every account.
    Account,
    /// Every person.
    Person,
    /// Every member of an account.
    Member,
    /// Every value of a property.
    Key,
    /// Every calendar period.
    Period,
}

/// A graph under construction. The same node is built once.
#[derive(Debug)]
pub struct Building {
    /// What it is judged for.
    pub kind: ScopeKind,
    /// The graph so far.
    pub graph: Graph,
    /// What has a name and was built here, by its kind and name; `None` if it was refused.
    pub named: FxHashMap<Name, Option<Named>>,
    /// What was built here for a place in a text, and how far it looks; `None` if it was refused.
    pub placed: FxHashMap<(Place, Shift), Option<(Typed, Reach)>>,
    shared: FxHashMap<String, u32>,
}

/// A place in a text of the configuration.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    /// The file, by where it lies in memory.
    pub file: usize,
    /// Where the text begins in its file.
    pub begins: usize,
    /// The place in the text.
    pub span: Range<usize>,
    /// The text.
    pub text: Text,
}

/// A kind of thing and its name.
pub type Name = (&'static str, Text);

/// Something with a name, built.
#[derive(Clone, Debug)]
pub struct Named {
    /// Its node.
    pub node: u32,
    /// Its labels, where it is a grade.
    pub labels: Arc<[Text]>,
    /// How far it looks.
    pub stratum: Stratum,
}

/// How far beyond a subject's own facts a value looks (docs/language.md, section 7).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stratum {
    /// At the subject, its people and its account.
    #[default]
    Own,
    /// At the accounts of its family.
    Family,
    /// At a whole population.
    Population,
}

/// The farthest that something looks, and the name through which it does, if through one.
#[derive(Clone, Debug, Default)]
pub struct Reach {
    /// How far.
    pub stratum: Stratum,
    /// Through what.
    pub through: Option<Name>,
}

impl Reach {
    /// Takes in what something else looks at.
    pub fn widen(&mut self, other: Self) {
        if other.stratum > self.stratum {
            *self = other;
        }
    }
}

/// The graphs around the place that is being compiled, the outermost first.
#[derive(Debug)]
pub struct Scopes {
    stack: Vec<Building>,
}

impl Building {
    /// An empty graph.
    pub fn new(kind: ScopeKind) -> Self {
        Self {
            kind,
            graph: Graph::default(),
            named: FxHashMap::default(),
            placed: FxHashMap::default(),
            shared: FxHashMap::default(),
        }
    }

    /// Adds a node, or finds the same one.
    pub fn node(&mut self, kind: NodeKind) -> u32 {
        // The structure's own text is its key: two nodes that print alike do alike.
        let key = format!("{kind:?}");
        if let Some(found) = self.shared.get(&key) {
            return *found;
        }
        let node = self.graph.add(kind);
        self.shared.insert(key, node);
        node
    }
}

impl Scopes {
    /// Begins with a whole graph.
    pub fn new(root: Building) -> Self {
        Self { stack: vec![root] }
    }

    /// The graph that is being built innermost.
    pub fn innermost(&mut self) -> &mut Building {
        self.stack.last_mut().expect("the root graph is never closed")
    }

    /// How many graphs there are around each other, less one.
    pub fn depth(&self) -> usize {
        self.stack.len() - 1
    }

    /// What the outermost graph is judged for.
    pub fn root(&self) -> Kind {
        match self.stack[0].kind {
            ScopeKind::Person => Kind::Person,
            _ => Kind::Account,
        }
    }

    /// The depth at which things of a kind of subject are judged, if they can be from here.
    pub fn depth_of(&self, kind: Kind) -> Option<usize> {
        self.stack.iter().rposition(|it| match kind {
            Kind::Account => it.kind == ScopeKind::Account,
            Kind::Person => matches!(it.kind, ScopeKind::Person | ScopeKind::Member),
        })
    }

    /// The depth of the nearest subject: the account, person or member things are said of.
    pub fn subject_depth(&self) -> usize {
        self.stack
            .iter()
            .rposition(|it| !matches!(it.kind, ScopeKind::Key | ScopeKind::Period))
            .expect("the root graph is a subject's")
    }

    /// What the nearest subject is.
    pub fn subject(&self) -> Kind {
        match self.stack[self.subject_depth()].kind {
            ScopeKind::Person | ScopeKind::Member => Kind::Person,
            _ => Kind::Account,
        }
    }

    /// Opens an inner graph.
    pub fn open(&mut self, kind: ScopeKind) {
        self.stack.push(Building::new(kind));
    }

    /// Closes the innermost graph.
    pub fn close(&mut self) -> Graph {
        self.stack.pop().expect("closed once for each opening").graph
    }

    /// Sets the graphs deeper than `depth` aside; [`Self::restore`] brings them back.
    pub fn set_aside(&mut self, depth: usize) -> Vec<Building> {
        self.stack.split_off(depth + 1)
    }

    /// Brings graphs back that were set aside.
    pub fn restore(&mut self, inner: Vec<Building>) {
        self.stack.extend(inner);
    }

    /// The root graph, when all is done.
    pub fn finish(mut self) -> Building {
        self.stack.swap_remove(0)
    }

    /// Adds a node, in the innermost graph or, for a memory of what is said further out, there.
    pub fn place(&mut self, kind: NodeKind) -> Ref {
        let to_subject = self.depth() - self.subject_depth();
        let up = kind.distance(u32::try_from(to_subject).expect("nesting is limited"));
        let inner = self.set_aside(self.depth() - up as usize);
        let node = self.innermost().node(kind.moved_out(up));
        self.restore(inner);
        Ref { up, node }
    }

    /// Adds a node; see [`Self::place`].
    pub fn node(&mut self, kind: NodeKind) -> Expr {
        Expr::Node(self.place(kind))
    }

    /// An expression's value as a node that a memory can follow.
    pub fn followed(&mut self, expr: Expr) -> Ref {
        match expr {
            Expr::Node(node) => node,
            other => self.place(NodeKind::Cell(other)),
        }
    }

    /// The value of an expression as a node of the innermost graph itself.
    pub fn as_node(&mut self, expr: Expr) -> u32 {
        match expr {
            Expr::Node(Ref { up: 0, node }) => node,
            other => self.innermost().node(NodeKind::Cell(other)),
        }
    }

    /// How a node at some depth is seen from the innermost graph.
    pub fn seen_from_here(&self, depth: usize, node: u32) -> Ref {
        let up = u32::try_from(self.depth() - depth).expect("nesting is limited");
        Ref { up, node }
    }
}

/// Names with their kinds, each reading the next and the last reading the first.
pub type Circle = Vec<(&'static str, String)>;

/// Most names that may stand in a chain, each reading the next: every one takes its part of the
/// stack.
pub const CHAIN_MAX: usize = 32;

/// Why a name cannot be begun.
#[derive(Debug)]
pub enum NotBegun {
    /// It is already begun: all that stand on the circle.
    Circle(Circle),
    /// [`CHAIN_MAX`] names read one another already.
    TooLong,
}

/// Names by kind that are being compiled right now, to find circles.
#[derive(Debug, Default)]
pub struct InProgress {
    names: Vec<(&'static str, String)>,
}

impl InProgress {
    /// Begins a name, unless it is already begun or too many are.
    pub fn begin(&mut self, kind: &'static str, name: &str) -> Result<(), NotBegun> {
        let this = (kind, name.to_owned());
        if let Some(at) = self.names.iter().position(|it| *it == this) {
            return Err(NotBegun::Circle(self.names[at..].to_vec()));
        }
        if self.names.len() == CHAIN_MAX {
            return Err(NotBegun::TooLong);
        }
        self.names.push(this);
        Ok(())
    }

    /// Ends the newest name.
    pub fn end(&mut self) {
        self.names.pop();
    }
}
