//! Trees into expressions and nodes: names are looked up, types checked, leaves shared.
//!
//! A node belongs in the graph of what it is said of: events are counted in the innermost graph
//! (only that key's count), while traits, scores, meters and grades are the nearest subject's.

use std::collections::BTreeSet;
use std::sync::Arc;

use firsthand_model::config::Project;
use firsthand_model::diagnostic::{Code, Diagnostic, Problem, SourceText, codes, nearest};
use firsthand_model::fact::Kind;
use firsthand_model::time::Period;
use firsthand_model::{Decimal, Span, Text};

use super::names::Pattern;
use super::program::{Atom, Family, Population};
use super::scopes::{Building, InProgress, Place, Reach, ScopeKind, Scopes};
use super::types::{Type, Typed};
use crate::check::word_in;
use crate::eval::expr::{Expr, Ref};
use crate::eval::node::NodeKind;
use crate::eval::value::{Linear, Value};
use crate::lang::ast::{self, At, Length, LengthUnit};
use crate::lang::{parse, print};

/// Longest stretch of time that a text may name; beyond it lies no recorded history.
pub const YEARS_MAX: u32 = 1_000;

/// How deep forms may stand in each other through all the names that read one another; each takes
/// its part of the stack, of which all together need less than 4 MB even without optimisation.
pub const FORMS_MAX: usize = 200;

/// Where a value is judged relative to now; moved back inside `growth`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shift {
    /// As it is.
    None,
    /// Calendar windows one of their own lengths earlier.
    OneWindow,
}

/// What compiling has come to so far.
pub struct Lower<'a> {
    /// What the team wrote.
    pub project: &'a Project,
    /// The graphs being built.
    pub scopes: Scopes,
    /// The other kind's root graph, while this one's is on the stack.
    pub other_root: Building,
    /// Event properties read.
    pub paths: Vec<Text>,
    /// Person traits read by event filters of accounts, with their place among the paths.
    pub person_paths: Vec<(u32, Text)>,
    /// Event names read.
    pub patterns: Vec<Pattern>,
    /// What evidence names.
    pub atoms: Vec<Atom>,
    /// Values over families.
    pub families: Vec<Family>,
    /// Standings in populations.
    pub populations: Vec<Population>,
    /// Account values that persons read: slot and node of the account graph.
    pub exports: Vec<(u32, u32)>,
    /// Import slots given out.
    pub slots: u32,
    /// All that was found wrong.
    pub diagnostics: Vec<Diagnostic>,
    /// What is being compiled.
    pub in_progress: InProgress,
    /// Whether bare words are properties of an event.
    pub in_event: bool,
    /// Whether `it` means something.
    pub in_set: bool,
    /// Whether windows are moved back.
    pub shift: Shift,
    /// The farthest that what is being compiled looks.
    pub reach: Reach,
    /// Names that are defined, but whose text is wrong: whoever misses them is not to blame.
    broken: &'a BTreeSet<Text>,
    /// How many forms stand around the one that is being compiled, in all texts.
    forms: usize,
    /// Whether a chain of too many names has been told; more of it would only repeat that.
    pub chain_told: bool,
    /// The circles that have been told.
    pub circles: BTreeSet<BTreeSet<(&'static str, String)>>,
    texts: Vec<SourceText>,
}

/// What was found wrong is already noted.
#[derive(Debug)]
pub struct Refused;

/// A lowered piece, or the note that something was wrong with it.
pub type Lowered<T = Typed> = Result<T, Refused>;

impl<'a> Lower<'a> {
    /// Begins with empty graphs for accounts and persons.
    pub fn new(project: &'a Project, broken: &'a BTreeSet<Text>) -> Self {
        Self {
            project,
            scopes: Scopes::new(Building::new(ScopeKind::Account)),
            other_root: Building::new(ScopeKind::Person),
            paths: Vec::new(),
            person_paths: Vec::new(),
            patterns: Vec::new(),
            atoms: Vec::new(),
            families: Vec::new(),
            populations: Vec::new(),
            exports: Vec::new(),
            slots: 0,
            diagnostics: Vec::new(),
            in_progress: InProgress::default(),
            in_event: false,
            in_set: false,
            shift: Shift::None,
            reach: Reach::default(),
            broken,
            forms: 0,
            chain_told: false,
            circles: BTreeSet::new(),
            texts: Vec::new(),
        }
    }

    /// Notes a problem of the text that is being read.
    pub fn note(&mut self, problem: Problem) -> Refused {
        let text = self.texts.last().expect("problems are found while a text is read");
        let diagnostic = text.locate(problem);
        if !self.diagnostics.contains(&diagnostic) {
            self.diagnostics.push(diagnostic);
        }
        Refused
    }

    /// Notes an error at a place of the text that is being read.
    pub fn error<T>(
        &mut self,
        code: Code,
        at: &At<T>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Refused {
        self.note(Problem::error(code, at.span.clone(), message).with_help(help))
    }

    /// Notes that a name stands for nothing, with the nearest that does.
    pub fn unknown_name<'n, T>(
        &mut self,
        at: &At<T>,
        kind: &str,
        name: &str,
        known: impl IntoIterator<Item = &'n Text>,
    ) -> Refused {
        if self.broken.contains(name) {
            return Refused;
        }
        // A part of a score is named inside it, where other names say nothing.
        let other = self.other_kind(name).filter(|_| !kind.starts_with("group of"));
        let help = match other {
            Some((other, form)) => format!("`{name}` is a {other}: write `{form}`."),
            None => match nearest(name, known.into_iter().map(Text::as_str)) {
                Some(near) => format!("Did you mean `{near}`?"),
                None => format!("Define the {kind} `{name}` first."),
            },
        };
        // A constant is marked together with its `@`.
        let place =
            if kind == "constant" { At::new((), at.span.clone()) } else { self.word_at(at, name) };
        self.error(codes::UNKNOWN_NAME, &place, format!("there is no {kind} `{name}`"), help)
    }

    /// What else a name stands for, and how that is read.
    fn other_kind(&self, name: &str) -> Option<(&'static str, String)> {
        let project = self.project;
        if project.definitions.contains_key(name) {
            Some(("definition", format!("qualified({name})")))
        } else if project.meters.contains_key(name) {
            Some(("meter", format!("usage({name})")))
        } else if project.scores.contains_key(name) {
            Some(("score", format!("score({name})")))
        } else if project.grades.contains_key(name) {
            Some(("grade", format!("grade({name})")))
        } else if project.events.groups.contains_key(name) {
            Some(("group of events", format!("seen({name})")))
        } else if project.constants.contains_key(name) {
            Some(("constant", format!("@{name}")))
        } else {
            None
        }
    }

    /// Where something stands in the text that is being read.
    pub fn place<T>(&self, at: &At<T>) -> Place {
        let text = self.texts.last().expect("trees are of a text that is read");
        let begins = text.anchors.first().map_or(0, |(_, file)| *file);
        let file = Arc::as_ptr(&text.file).addr();
        Place { file, begins, span: at.span.clone(), text: text.text.clone() }
    }

    /// The place of a word inside a form whose tree keeps no place for it.
    fn word_at<T>(&self, at: &At<T>, word: &str) -> At<()> {
        let text = self.texts.last().map_or("", |it| it.text.as_str());
        At::new((), word_in(text, &at.span, word))
    }

    /// Reads a text of the configuration while its problems are placed in its file.
    pub fn reading<T>(
        &mut self,
        text: &SourceText,
        read: impl FnOnce(&mut Self, &str) -> Lowered<T>,
    ) -> Lowered<T> {
        self.texts.push(text.clone());
        let result = read(self, &text.text);
        self.texts.pop();
        result
    }

    /// Parses a condition or value where it stands: at an event, bare words are properties.
    fn tree(&mut self, text: &str) -> Lowered<At<ast::Expr>> {
        let read = if self.in_event { parse::at_event } else { parse::condition };
        self.parsed(read(text))
    }

    /// Parses, noting what is wrong.
    fn parsed<T>(&mut self, result: Result<At<T>, Vec<Problem>>) -> Lowered<At<T>> {
        result.map_err(|problems| {
            for problem in problems {
                self.note(problem);
            }
            Refused
        })
    }

    /// Compiles a form that stands in others, if there is room for it.
    pub fn deeper<T>(
        &mut self,
        tree: &At<ast::Expr>,
        build: impl FnOnce(&mut Self) -> Lowered<T>,
    ) -> Lowered<T> {
        if self.forms == FORMS_MAX {
            if std::mem::replace(&mut self.chain_told, true) {
                return Err(Refused);
            }
            let message = format!(
                "names read one another here so that forms stand more than {FORMS_MAX} deep"
            );
            let help = "Let fewer names read one another, or make their conditions flatter.";
            return Err(self.error(codes::LIMIT, tree, message, help));
        }
        self.forms += 1;
        let result = build(self);
        self.forms -= 1;
        result
    }

    /// A whole text that must be a condition.
    pub fn condition_text(&mut self, text: &SourceText) -> Lowered<Expr> {
        self.reading(text, |this, text| {
            let tree = this.tree(text)?;
            this.condition(&tree)
        })
    }

    /// A whole text that must be a number of some kind.
    pub fn number_text(&mut self, text: &SourceText) -> Lowered<Typed> {
        self.reading(text, |this, text| {
            let tree = this.tree(text)?;
            let value = this.value(&tree)?;
            if value.ty == Type::Loose || value.ty.is_numeric() {
                let expr = super::types::coerced(value.clone(), &Type::Number);
                return Ok(Typed { expr, ..value });
            }
            let message = format!("{} stands where a number is needed", value.ty.word());
            Err(this.error(codes::TYPE_MISMATCH, &tree, message, "Write a number or a formula."))
        })
    }

    /// A whole text of any type.
    pub fn value_text(&mut self, text: &SourceText) -> Lowered<Typed> {
        self.reading(text, |this, text| {
            let tree = this.tree(text)?;
            this.value(&tree)
        })
    }

    /// A whole text that must be events.
    pub fn events_text<T>(
        &mut self,
        text: &SourceText,
        then: impl FnOnce(&mut Self, &At<ast::Events>) -> Lowered<T>,
    ) -> Lowered<T> {
        self.reading(text, |this, text| {
            let tree = this.parsed(parse::events(text))?;
            then(this, &tree)
        })
    }

    /// Compiles at another depth; what comes out is a node there.
    pub fn at_depth<T>(&mut self, depth: usize, build: impl FnOnce(&mut Self) -> T) -> T {
        let inner = self.scopes.set_aside(depth);
        let result = self.afresh(build);
        self.scopes.restore(inner);
        result
    }

    /// Compiles what means the same wherever it is read: outside of events and resets, as of now.
    pub fn afresh<T>(&mut self, build: impl FnOnce(&mut Self) -> T) -> T {
        let before = (self.in_event, self.in_set, self.shift);
        (self.in_event, self.in_set, self.shift) = (false, false, Shift::None);
        let result = build(self);
        (self.in_event, self.in_set, self.shift) = before;
        result
    }

    /// Compiles a piece and tells how far it alone looks.
    pub fn apart<T>(&mut self, build: impl FnOnce(&mut Self) -> T) -> (T, Reach) {
        let before = std::mem::take(&mut self.reach);
        let result = build(self);
        (result, std::mem::replace(&mut self.reach, before))
    }

    /// A node of the graph at some depth, as seen from here.
    pub fn node_at(&mut self, depth: usize, kind: NodeKind) -> Expr {
        let node = self.at_depth(depth, |this| this.scopes.innermost().node(kind));
        Expr::Node(self.scopes.seen_from_here(depth, node))
    }

    /// Compiles for the other kind of root graph.
    pub fn in_other_root<T>(&mut self, build: impl FnOnce(&mut Self) -> T) -> T {
        let other = std::mem::replace(&mut self.other_root, Building::new(ScopeKind::Account));
        let outer = std::mem::replace(&mut self.scopes, Scopes::new(other));
        let result = build(self);
        let inner = std::mem::replace(&mut self.scopes, outer);
        self.other_root = inner.finish();
        result
    }

    /// Goes over to a root graph of that kind for good.
    pub fn turn_to(&mut self, kind: Kind) {
        if self.scopes.root() != kind {
            let other = std::mem::replace(&mut self.other_root, Building::new(ScopeKind::Account));
            let scopes = std::mem::replace(&mut self.scopes, Scopes::new(other));
            self.other_root = scopes.finish();
        }
    }

    /// A new import slot.
    pub fn slot(&mut self) -> u32 {
        self.slots += 1;
        self.slots - 1
    }

    /// The place of an event property among those read.
    pub fn path(&mut self, path: &Text) -> Expr {
        Expr::Property(place(&mut self.paths, path))
    }

    /// The place of a person's trait as of the event; the stream fills it in.
    pub fn person_path(&mut self, path: &Text) -> Expr {
        let slot = place(&mut self.paths, &smol_str::format_smolstr!("person.{path}"));
        place(&mut self.person_paths, &(slot, path.clone()));
        Expr::Property(slot)
    }

    /// The number of a pattern of event names.
    pub fn pattern(&mut self, pattern: &Pattern) -> u32 {
        place(&mut self.patterns, pattern)
    }

    /// Notes a condition that evidence will name.
    pub fn atom(&mut self, tree: &At<ast::Expr>, expr: Expr) -> Expr {
        let text = Text::from(print::expr(&tree.node));
        let subject = self.scopes.subject();
        let found = self.atoms.iter().position(|it| it.text == text && it.subject == subject);
        let index = found.unwrap_or_else(|| {
            self.atoms.push(Atom { text, says: Arc::new(tree.node.clone()), subject });
            self.atoms.len() - 1
        });
        Expr::Atom(u32::try_from(index).expect("few conditions"), Box::new(expr))
    }

    /// The type two things share, or the note that they share none.
    pub fn common<T>(&mut self, a: &Type, b: &Type, at: &At<T>) -> Lowered<Type> {
        a.common(b).ok_or_else(|| {
            let (code, message, help) = a.mismatch(b);
            self.error(code, at, message, help)
        })
    }

    /// How many of a calendar unit, if that is no longer than [`YEARS_MAX`].
    pub fn count<T>(&mut self, at: &At<T>, count: u32, unit: Period) -> Lowered<i32> {
        let a_year: u32 = match unit {
            Period::Day => 366,
            Period::Week => 53,
            Period::Month => 12,
            Period::Year => 1,
        };
        let count = i32::try_from(count).ok().filter(|_| count <= a_year * YEARS_MAX);
        count.ok_or_else(|| self.too_long(at))
    }

    fn too_long<T>(&mut self, at: &At<T>) -> Refused {
        let message = format!("this is longer than {YEARS_MAX} years");
        self.error(codes::LIMIT, at, message, "Leave the window out to look back for ever.")
    }

    /// An exact duration of at most [`YEARS_MAX`]; calendar units have none.
    pub fn span<T>(&mut self, at: &At<T>, length: Length) -> Lowered<Span> {
        if exact(length).is_some_and(|it| it > Span::DAY.times(366 * i64::from(YEARS_MAX))) {
            let place = self.word_at(at, &print::length(length));
            return Err(self.too_long(&place));
        }
        exact(length).ok_or_else(|| {
            let written = print::length(length);
            let place = self.word_at(at, &written);
            self.error(
                codes::WRONG_PLACE,
                &place,
                format!("`{written}` has no exact length here"),
                "Use d (24 hours), h, min or w; dates, mo and y belong in `last …` windows.",
            )
        })
    }
}

fn place<T: PartialEq + Clone>(list: &mut Vec<T>, it: &T) -> u32 {
    let found = list.iter().position(|other| other == it).unwrap_or_else(|| {
        list.push(it.clone());
        list.len() - 1
    });
    u32::try_from(found).expect("few names")
}

/// The exact duration of a length, if it has one.
pub fn exact(length: Length) -> Option<Span> {
    let unit = match length.unit {
        LengthUnit::Seconds => Span::SECOND,
        LengthUnit::Minutes => Span::MINUTE,
        LengthUnit::Hours => Span::HOUR,
        LengthUnit::Days => Span::DAY,
        LengthUnit::Weeks => Span::WEEK,
        LengthUnit::Dates | LengthUnit::Months | LengthUnit::Years => return None,
    };
    Some(unit.times(i64::from(length.count)))
}

/// A plain number as a constant expression.
pub fn number(value: Decimal) -> Expr {
    Expr::Const(Value::decimal(value))
}

/// A duration as a constant expression.
pub fn span_value(span: Span) -> Expr {
    Expr::Const(Value::Number(Linear::raw(i128::from(span.0))))
}

/// The node of a reference to the innermost graph.
pub fn own_node(expr: &Expr) -> Option<u32> {
    match expr {
        Expr::Node(Ref { up: 0, node }) => Some(*node),
        _ => None,
    }
}
