//! Configuration into a program: names looked up, types checked, leaves shared.
//!
//! Start at [`compile`]. [`lower`] turns trees into expressions and nodes, with a file for each
//! kind of form; [`objects`] does it for meters, scores, grades and definitions, [`scopes`] knows
//! which graph a node belongs in, and [`program`] is what comes out.

mod conditions;
mod constants;
mod each;
mod events;
mod lower;
pub mod names;
mod objects;
pub mod program;
mod reckon;
mod scopes;
pub mod types;
mod values;
pub mod version;

use std::collections::BTreeSet;

use firsthand_model::Text;
use firsthand_model::config::{Loaded, Project};
use firsthand_model::diagnostic::Diagnostic;
use firsthand_model::fact::Kind;

use crate::eval::expr::{Coercion, Expr};
use crate::eval::leaf::Source;
use crate::eval::node::NodeKind;
use lower::{Lower, Lowered};
use names::Classes;
use program::{DefinitionRoot, MeterRoot, Program, Root};

pub use events::BILLING_ANCHOR;
pub use lower::exact;
pub use objects::{PACE, PLAN, TRIAL_ENDS};

/// A program, and what is wrong with the configuration it was made from.
///
/// What is wrong is left out of the program; whoever runs it decides whether errors stop it.
#[derive(Debug)]
pub struct Compiled {
    /// All that could be compiled.
    pub program: Program,
    /// All that was found wrong, in no order.
    pub diagnostics: Vec<Diagnostic>,
}

/// Compiles every definition, outcome and exclusion of a project into one program.
pub fn compile(project: &Project) -> Compiled {
    compile_part(project, &BTreeSet::new())
}

/// Compiles as much of a project as could be read, silent about names whose own text is wrong:
/// the cause has been told already.
pub fn compile_loaded(loaded: &Loaded) -> Compiled {
    compile_part(&loaded.project, &loaded.broken)
}

fn compile_part(project: &Project, broken: &BTreeSet<Text>) -> Compiled {
    let mut lower = Lower::new(project, broken);
    let mut account = roots(&mut lower, Kind::Account);
    let mut person = roots(&mut lower, Kind::Person);
    lower.turn_to(Kind::Account);
    account.exports = std::mem::take(&mut lower.exports);
    let person_graph =
        std::mem::replace(&mut lower.other_root, scopes::Building::new(scopes::ScopeKind::Person));
    person.graph = person_graph.graph;
    account.graph = lower.scopes.finish().graph;
    let program = Program {
        account,
        person,
        paths: lower.paths,
        person_paths: lower.person_paths,
        patterns: lower.patterns,
        classes: Classes::new(&project.events),
        atoms: lower.atoms,
        families: lower.families,
        populations: lower.populations,
        calendar: project.calendar.clone(),
    };
    Compiled { program, diagnostics: lower.diagnostics }
}

/// Everything that is judged on one kind of subject.
fn roots(lower: &mut Lower<'_>, kind: Kind) -> Root {
    lower.turn_to(kind);
    let project = lower.project;
    let mut root = Root::default();
    if let Ok(start) = lower.start() {
        root.start = lower.scopes.as_node(start);
    }
    for definition in project.definitions.values().filter(|it| it.subject == kind) {
        // Through `qualified`, so that a definition that reads itself is found as a circle.
        let at = crate::lang::ast::At::new((), 0..0);
        let gate =
            lower.reading(&definition.declared, |this, _| this.qualified(&at, &definition.name));
        let score = definition.score.as_ref().map(|text| lower.number_text(text));
        let Ok(gate) = gate else { continue };
        let Some(node) = lower::own_node(&gate.expr) else { continue };
        let score = score.and_then(Result::ok).map(|it| lower.scopes.as_node(it.expr));
        root.definitions.push(DefinitionRoot {
            name: definition.name.clone(),
            track: definition.track,
            node,
            score,
            version: version::of(project, &definition.name),
        });
    }
    for outcome in project.outcomes.values().filter(|it| it.subject == kind) {
        if let Ok(node) = outcome_node(lower, outcome) {
            root.outcomes.push((outcome.name.clone(), node));
        }
    }
    for exclusion in project.exclude.iter().filter(|it| it.subject == kind) {
        if let Ok(condition) = lower.condition_text(&exclusion.when) {
            let node = lower.scopes.as_node(condition);
            root.exclusions.push((exclusion.name.clone(), node));
        }
    }
    if kind == Kind::Account {
        root.meters = meters(lower);
    }
    // Scores and grades that no definition reads are compiled all the same, to find mistakes.
    for score in project.scores.values().filter(|it| it.subject == kind) {
        let at = crate::lang::ast::At::new((), 0..0);
        let value =
            lower.reading(&score.declared, |this, _| this.score_value(&at, &score.name, None));
        if let Ok(Expr::Item(node, _)) = value.map(|it| it.expr) {
            root.scores.push((score.name.clone(), node.node));
        }
    }
    for grade in project.grades.values().filter(|it| it.subject == kind) {
        let at = crate::lang::ast::At::new((), 0..0);
        lower.reading(&grade.declared, |this, _| this.grade_value(&at, &grade.name)).ok();
    }
    root
}

fn outcome_node(lower: &mut Lower<'_>, outcome: &firsthand_model::config::Outcome) -> Lowered<u32> {
    let worth = outcome
        .value
        .as_ref()
        .map(|path| Expr::Typed(Box::new(lower.path(path)), Coercion::Number));
    let kind = match (&outcome.on, &outcome.when) {
        (Some(on), _) => {
            let (source, filter) =
                lower.events_text(on, |this, tree| this.events(tree, &tree.node))?;
            NodeKind::Outcome(source, filter, worth)
        }
        (None, Some(when)) => {
            let condition = lower.condition_text(when)?;
            let node = lower.scopes.innermost().node(NodeKind::Becomes(condition));
            let pulse = crate::eval::expr::Ref { up: 0, node };
            NodeKind::Outcome(Source::Pulse(pulse), None, worth)
        }
        (None, None) => return Err(lower::Refused),
    };
    Ok(lower.scopes.innermost().node(kind))
}

/// Usage and limit of every meter, for accounts' pages and templates.
fn meters(lower: &mut Lower<'_>) -> Vec<MeterRoot> {
    use crate::lang::ast::{At, MeterValue};
    let project = lower.project;
    let mut roots = Vec::new();
    for meter in project.meters.values() {
        let at = At::new((), 0..0);
        let usage = lower.reading(&meter.declared, |this, _| {
            this.meter_value(&at, MeterValue::Usage, &meter.name)
        });
        let limited = project
            .plans
            .values()
            .any(|plan| plan.terms.iter().any(|it| it.limits.contains_key(&meter.name)));
        let limit = if limited {
            lower.reading(&meter.declared, |this, _| {
                this.meter_value(&at, MeterValue::Limit, &meter.name)
            })
        } else {
            Ok(types::Typed::still(
                Expr::Const(crate::eval::value::Value::Unknown),
                types::Type::LooseNumber,
            ))
        };
        if let (Ok(usage), Ok(limit)) = (usage, limit) {
            let usage = lower.scopes.as_node(usage.expr);
            let limit = lower.scopes.as_node(limit.expr);
            roots.push(MeterRoot { name: meter.name.clone(), usage, limit });
        }
    }
    roots
}
