//! Trees into expressions and nodes: names are looked up, types checked, leaves shared.
//!
//! A node belongs in the graph of what it is said of: events are counted in the innermost graph
//! (only that key's count), while traits, scores, meters and grades are the nearest subject's.

use std::collections::BTreeSet;
use std::sync::Arc;

use firsthand_model::config::{Constant, ConstantValues, DatedValue, Project};
use firsthand_model::diagnostic::{Code, Diagnostic, Problem, SourceText, codes, nearest};
use firsthand_model::fact::Kind;
use firsthand_model::{Decimal, Scalar, Span, Text, Time};

use super::names::Pattern;
use super::program::{Atom, Family, Population};
use super::scopes::{Building, InProgress, ScopeKind, Scopes};
use super::types::{Type, Typed};
use crate::check::word_in;
use crate::eval::expr::{Choice, Dated, Expr, Ref, read_time};
use crate::eval::graph::NodeKind;
use crate::eval::value::{Linear, Value};
use crate::lang::ast::{self, At, Length, LengthUnit};
use crate::lang::{parse, print};

/// Where a value is judged relative to now; moved back inside `growth`.
#[derive(Clone, Copy, Debug, PartialEq)]
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
    /// Names that are defined, but whose text is wrong: whoever misses them is not to blame.
    broken: &'a BTreeSet<Text>,
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
            broken,
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
        let help = match nearest(name, known.into_iter().map(Text::as_str)) {
            Some(near) => format!("Did you mean `{near}`?"),
            None => format!("Define the {kind} `{name}` first."),
        };
        // A constant is marked together with its `@`.
        let place =
            if kind == "constant" { At::new((), at.span.clone()) } else { self.word_at(at, name) };
        self.error(codes::UNKNOWN_NAME, &place, format!("there is no {kind} `{name}`"), help)
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
        let (in_event, shift) = (self.in_event, self.shift);
        (self.in_event, self.shift) = (false, Shift::None);
        let result = build(self);
        (self.in_event, self.shift) = (in_event, shift);
        self.scopes.restore(inner);
        result
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

    /// A constant by name.
    pub fn constant<T>(&mut self, at: &At<T>, name: &str) -> Lowered<&'a Constant> {
        let Some(constant) = self.project.constants.get(name) else {
            return Err(self.unknown_name(at, "constant", name, self.project.constants.keys()));
        };
        if matches!(constant.values, ConstantValues::Unset) {
            return Err(self.error(
                codes::UNSET_CONSTANT,
                at,
                format!("the constant `@{name}` is not set"),
                format!("Give `{name}` a value under `constants:` in firsthand.yaml."),
            ));
        }
        Ok(constant)
    }

    /// The entries of a list: written out, or a constant's.
    pub fn choices(&mut self, list: &[At<ast::Expr>]) -> Lowered<(Arc<[Choice]>, Type)> {
        let always = |value| Choice { value, from: Time::MIN, to: Time::MAX };
        let mut choices = Vec::new();
        let mut ty = Type::Loose;
        for entry in list {
            if let ast::Expr::Constant(name) = &entry.node {
                let constant = self.constant(entry, name)?;
                if let ConstantValues::List(values) = &constant.values {
                    for it in values {
                        ty = self.common(&ty, &scalar_type(&it.value), entry)?;
                        let calendar = &self.project.calendar;
                        choices.push(Choice {
                            value: Value::from_scalar(&it.value),
                            from: it.from.map_or(Time::MIN, |date| calendar.start_of(date)),
                            to: it.to.map_or(Time::MAX, |date| calendar.start_of(date)),
                        });
                    }
                    continue;
                }
            }
            let value = self.value(entry)?;
            ty = self.common(&ty, &value.ty, entry)?;
            match value.expr {
                Expr::Const(value) => choices.push(always(value)),
                _ => {
                    return Err(self.error(
                        codes::WRONG_PLACE,
                        entry,
                        "a list holds fixed values only",
                        "Write the values out, or name a list of the configuration with `@`.",
                    ));
                }
            }
        }
        Ok((choices.into(), ty))
    }

    /// The type two things share, or the note that they share none.
    pub fn common<T>(&mut self, a: &Type, b: &Type, at: &At<T>) -> Lowered<Type> {
        a.common(b).ok_or_else(|| {
            let (code, message, help) = a.mismatch(b);
            self.error(code, at, message, help)
        })
    }

    /// The value of a constant that is one value.
    pub fn constant_value<T>(&mut self, at: &At<T>, name: &str) -> Lowered<Typed> {
        let constant = self.constant(at, name)?;
        match &constant.values {
            ConstantValues::One(scalar) => {
                Ok(Typed::still(Expr::Const(Value::from_scalar(scalar)), scalar_type(scalar)))
            }
            ConstantValues::Literal(text) => self.value_text(&text.clone()),
            ConstantValues::List(values) if values.iter().any(|it| it.from.is_some()) => {
                self.in_force(at, name, values)
            }
            ConstantValues::List(_) | ConstantValues::Unset => Err(self.error(
                codes::TYPE_MISMATCH,
                at,
                format!("`@{name}` is a list"),
                format!(
                    "Ask whether a value is in it: `… in @{name}`. If it is one value that changed \
                     over time, date its entries: `{{ value: …, from: 2026-03-01 }}`."
                ),
            )),
        }
    }

    /// A list of dated values as the one that is in force: each until its own end, or until the
    /// next begins.
    fn in_force<T>(&mut self, at: &At<T>, name: &str, values: &[DatedValue]) -> Lowered<Typed> {
        let mut values = values.iter().collect::<Vec<_>>();
        values.sort_by_key(|it| it.from);
        let mut ty: Option<Type> = None;
        let mut table = Vec::new();
        for (place, it) in values.iter().enumerate() {
            let next = values.get(place + 1).and_then(|next| next.from);
            if place > 0 && it.from.is_none() {
                let message =
                    format!("`@{name}` has several values that are in force from the beginning");
                let help = "Give all of them but the first a date: `from: 2026-03-01`.";
                return Err(self.error(codes::TYPE_MISMATCH, at, message, help));
            }
            let value = self.dated(&it.value);
            ty = Some(match ty {
                Some(ty) => self.common(&ty, &value.ty, at)?,
                None => value.ty,
            });
            let Expr::Const(value) = value.expr else { return Err(Refused) };
            let calendar = &self.project.calendar;
            table.push(Dated {
                key: Text::default(),
                from: it.from.map_or(Time::MIN, |date| calendar.start_of(date)),
                to: it
                    .to
                    .into_iter()
                    .chain(next)
                    .min()
                    .map_or(Time::MAX, |date| calendar.start_of(date)),
                value,
            });
        }
        let key = Expr::Const(Value::Text(Text::default()));
        let lookup = Expr::Lookup(Box::new(key), table.into());
        Ok(Typed::still(lookup, ty.unwrap_or(Type::Loose)))
    }

    /// One entry of such a list; amounts, percentages and durations stand in it as texts.
    fn dated(&mut self, value: &Scalar) -> Typed {
        use ast::Expr as E;
        if let Scalar::Text(text) = value
            && let Ok(tree) = parse::condition(text)
            && matches!(tree.node, E::Amount(..) | E::Percent(_) | E::Length(_) | E::Date(_))
            && let Ok(typed) = self.value(&tree)
        {
            return typed;
        }
        Typed::still(Expr::Const(Value::from_scalar(value)), scalar_type(value))
    }

    /// A date or instant as written.
    pub fn date<T>(&mut self, at: &At<T>, text: &str) -> Lowered<Time> {
        read_time(text, &self.project.calendar).ok_or_else(|| {
            self.error(
                codes::BAD_LITERAL,
                at,
                format!("`{text}` is no date"),
                "Write dates as `2026-03-01` and instants as `2026-03-01T09:00`.",
            )
        })
    }

    /// An exact duration; calendar units have none.
    pub fn span<T>(&mut self, at: &At<T>, length: Length) -> Lowered<Span> {
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

/// The type of a configured value.
pub fn scalar_type(scalar: &Scalar) -> Type {
    match scalar {
        Scalar::Missing | Scalar::List(_) => Type::Loose,
        Scalar::Bool(_) => Type::Bool,
        Scalar::Number(_) => Type::LooseNumber,
        Scalar::Text(_) => Type::Text,
    }
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
