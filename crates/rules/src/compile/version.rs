//! Versions: a hash over everything that can change a definition's verdicts.

use std::collections::BTreeSet;
use std::fmt::Write;

use firsthand_model::config::{GradeForm, Project, ScoreAct};
use firsthand_model::diagnostic::SourceText;
use firsthand_model::fact::Kind;
use firsthand_model::{Calendar, Text};

use crate::lang::ast::{At, EventName, Expr, Moment};
use crate::lang::{parse, print, walk};

/// Changes whenever the language's meaning changes.
pub const LANGUAGE: u32 = 1;

/// The version of a definition: 16 hexadecimal digits over the canonical form of its text and of
/// all that it reads, the calendar, and the language itself. Comments, spacing and the order of
/// keys change nothing.
pub fn of(project: &Project, definition: &str) -> Text {
    let mut canonical = Canonical::of(project);
    canonical.name("definition", definition);
    canonical.hash()
}

/// Names a standing in a population: the same over all that can change what it is taken by.
pub(super) fn of_standing(project: &Project, kind: Kind, rank: bool, texts: &[&At<Expr>]) -> Text {
    let mut canonical = Canonical::of(project);
    let _ = writeln!(canonical.text, "standing {kind} {rank}");
    for tree in texts {
        canonical.tree(tree);
    }
    canonical.hash()
}

struct Canonical<'a> {
    project: &'a Project,
    text: String,
    done: BTreeSet<(&'static str, Text)>,
}

impl<'a> Canonical<'a> {
    /// What every judgement depends on.
    fn of(project: &'a Project) -> Self {
        let mut canonical = Canonical { project, text: String::new(), done: BTreeSet::new() };
        let calendar = &project.calendar;
        let _ = writeln!(
            canonical.text,
            "language {LANGUAGE}\nzone {} {} {:?}",
            calendar.zone_name(),
            Calendar::zone_data_version(),
            calendar.week_starts()
        );
        let start = &project.start;
        let _ = writeln!(canonical.text, "start {:?} {:?}", start.trait_name, start.history_from);
        let identity = &project.identity;
        let free_mail = identity.free_mail_domains.iter().collect::<BTreeSet<_>>();
        let _ = writeln!(canonical.text, "identity {:?} {free_mail:?}", identity.parent_trait);
        canonical.events(project.start.event.as_ref());
        for globs in [&project.events.marketing, &project.events.records] {
            let names = globs.iter().map(|it| it.text.as_str()).collect::<BTreeSet<_>>();
            let _ = writeln!(canonical.text, "class {names:?}");
        }
        canonical
    }

    fn hash(&self) -> Text {
        let hash = blake3::hash(self.text.as_bytes());
        Text::from(&hash.to_hex()[..16])
    }

    /// Adds something named, once.
    fn name(&mut self, kind: &'static str, name: &str) {
        if !self.done.insert((kind, name.into())) {
            return;
        }
        let _ = writeln!(self.text, "{kind} {name}");
        let project = self.project;
        match kind {
            "definition" => {
                let Some(it) = project.definitions.get(name) else { return };
                let _ = writeln!(self.text, "{} {} {}", it.subject, it.holds_for, it.grace);
                self.conditions([Some(&it.when), it.stay.as_ref(), it.unless.as_ref()]);
                for exclusion in project.exclude.iter().filter(|other| other.subject == it.subject)
                {
                    self.condition(Some(&exclusion.when));
                }
            }
            "meter" => {
                let Some(it) = project.meters.get(name) else { return };
                let _ =
                    writeln!(self.text, "{:?} {:?} {:?} {:?}", it.kind, it.value, it.key, it.reset);
                self.events(Some(&it.add));
                self.events(it.remove.as_ref());
            }
            "plans" => {
                for plan in project.plans.values() {
                    for terms in &plan.terms {
                        let _ = writeln!(
                            self.text,
                            "{} {:?} {:?} {:?}",
                            plan.id, terms.from, terms.limits, terms.trial
                        );
                    }
                }
            }
            "score" => self.score(name),
            "grade" => {
                let Some(it) = project.grades.get(name) else { return };
                match &it.form {
                    GradeForm::Ladder(rungs) => {
                        for rung in rungs {
                            let _ = writeln!(self.text, "rung {}", rung.label);
                            self.conditions([Some(&rung.when), rung.stay.as_ref()]);
                        }
                    }
                    GradeForm::Matrix { rows, columns, cells, .. } => {
                        self.conditions([Some(rows), Some(columns)]);
                        let cells = cells.iter().collect::<BTreeSet<_>>();
                        let _ = writeln!(self.text, "{cells:?}");
                    }
                }
            }
            "constant" => {
                if let Some(it) = project.constants.get(name) {
                    let _ = writeln!(self.text, "{:?}", Values(&it.values));
                }
            }
            "group" => {
                if let Some(names) = project.events.groups.get(name) {
                    let names = names.iter().map(|it| it.text.as_str()).collect::<BTreeSet<_>>();
                    let _ = writeln!(self.text, "{names:?}");
                }
            }
            other => unreachable!("nothing is called {other}"),
        }
    }

    fn score(&mut self, name: &str) {
        let Some(it) = self.project.scores.get(name) else { return };
        let _ = writeln!(self.text, "{} {:?} {:?} {:?}", it.subject, it.cap, it.floor, it.groups);
        self.condition(it.when.as_ref());
        for rule in &it.rules {
            let _ = writeln!(self.text, "rule {:?}", rule.group);
            match &rule.act {
                ScoreAct::Each { each, when, points, at_most, fades } => {
                    let _ = writeln!(self.text, "each {at_most:?} {fades:?}");
                    self.events(Some(each));
                    self.conditions([when.as_ref(), Some(points)]);
                }
                ScoreAct::While { condition, points } => {
                    self.conditions([Some(condition), Some(points)]);
                }
                ScoreAct::Now { points } => self.condition(Some(points)),
                ScoreAct::Set { on, set } => {
                    let _ = writeln!(self.text, "set");
                    self.events(Some(on));
                    self.condition(Some(set));
                }
            }
        }
    }

    fn conditions<'t>(&mut self, of: impl IntoIterator<Item = Option<&'t SourceText>>) {
        for text in of {
            self.condition(text);
        }
    }

    /// Adds a condition or value in canonical form, then all that it reads.
    fn condition(&mut self, text: Option<&SourceText>) {
        let Some(text) = text else {
            self.text.push_str("-\n");
            return;
        };
        // Every condition reads the same at an event, where bare words are allowed besides.
        if let Ok(tree) = parse::at_event(&text.text) {
            self.tree(&tree);
        }
    }

    fn tree(&mut self, tree: &At<Expr>) {
        let _ = writeln!(self.text, "{}", print::expr(&tree.node));
        self.reads(walk::Part::expr(tree));
    }

    /// The same for an event expression.
    fn events(&mut self, text: Option<&SourceText>) {
        let Some(text) = text else {
            self.text.push_str("-\n");
            return;
        };
        if let Ok(tree) = parse::events(&text.text) {
            let _ = writeln!(self.text, "{}", print::events(&tree.node));
            self.reads(walk::Part::events(&tree));
        }
    }

    fn reads(&mut self, root: walk::Part<'_>) {
        let mut names: Vec<(&'static str, Text)> = Vec::new();
        walk::parts(root, &mut |part| match part {
            walk::Part::Name(EventName::Group(name), _) => names.push(("group", name.clone())),
            walk::Part::Moment(Moment::Constant(name), _) => names.push(("constant", name.clone())),
            walk::Part::Expr(expr, _) => match expr {
                Expr::Meter(_, name) => {
                    names.extend([("meter", name.clone()), ("plans", "".into())]);
                }
                Expr::TrialAge | Expr::TrialLeft => names.push(("plans", "".into())),
                Expr::Score(name, _) => names.push(("score", name.clone())),
                Expr::Grade(name) => names.push(("grade", name.clone())),
                Expr::Qualified(name) => names.push(("definition", name.clone())),
                Expr::Constant(name) => names.push(("constant", name.clone())),
                _ => {}
            },
            _ => {}
        });
        for (kind, name) in names {
            self.name(kind, &name);
        }
    }
}

/// A constant's values without their place in a file.
struct Values<'a>(&'a firsthand_model::config::ConstantValues);

impl std::fmt::Debug for Values<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        use firsthand_model::config::ConstantValues as V;
        match self.0 {
            V::Unset => f.write_str("unset"),
            V::One(value) => write!(f, "{value:?}"),
            V::Literal(text) => f.write_str(&text.text),
            V::List(values) => write!(f, "{values:?}"),
        }
    }
}
