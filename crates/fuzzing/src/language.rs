//! Texts of the definition language.

use std::sync::{Arc, LazyLock};

use firsthand_model::config::{Project, ScoreAct};
use firsthand_model::diagnostic::{Diagnostic, Problem, SourceFile, SourceText};
use firsthand_rules::check::check;
use firsthand_rules::compile::{compile, version};
use firsthand_rules::lang::{parse, print};

use crate::configuration::{loaded, say};

/// Any text is read, or refused with places that lie in it; what is read and printed reads as the
/// same again; and wherever a project may hold it, it compiles or is refused.
pub fn language(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let condition = parse::condition(text);
    let at_event = parse::at_event(text);
    let events = parse::events(text);
    let is_read = condition.is_ok() || at_event.is_ok() || events.is_ok();
    match condition {
        Ok(tree) => {
            let printed = print::expr(&tree.node);
            let again = parse::condition(&printed);
            assert_eq!(again, Ok(tree), "{text:?} was printed as {printed:?}");
        }
        Err(problems) => lie_within(text, &problems),
    }
    match at_event {
        Ok(tree) => {
            let printed = print::expr(&tree.node);
            let again = parse::at_event(&printed);
            assert_eq!(again, Ok(tree), "{text:?} was printed as {printed:?}");
        }
        Err(problems) => lie_within(text, &problems),
    }
    match events {
        Ok(tree) => {
            let printed = print::events(&tree.node);
            let again = parse::events(&printed);
            assert_eq!(again, Ok(tree), "{text:?} was printed as {printed:?}");
        }
        Err(problems) => lie_within(text, &problems),
    }
    if is_read {
        compiles_or_is_refused(text);
    }
}

fn lie_within(text: &str, problems: &[Problem]) {
    assert!(!problems.is_empty() && problems.len() <= parse::PROBLEMS_MAX);
    for problem in problems {
        assert!(text.get(problem.span.clone()).is_some(), "{problem:?} of {text:?}");
        assert!(problem.help.is_some(), "{problem:?} does not say what to do");
    }
}

/// Puts a text wherever a project may hold one of its kind.
fn compiles_or_is_refused(text: &str) {
    static PROJECT: LazyLock<Project> = LazyLock::new(|| {
        loaded(SourceFile {
            name: "firsthand.yaml".into(),
            text: include_str!("project.yaml").into(),
        })
        .project
    });
    let mut project = PROJECT.clone();
    let file = Arc::new(SourceFile { name: "fuzzed".into(), text: text.into() });
    let text = SourceText::whole(Arc::clone(&file));
    for (model, name) in [("busy", "fuzzed"), ("reader", "fuzzed-person")] {
        let mut definition = project.definitions[model].clone();
        definition.name = name.into();
        definition.when = text.clone();
        definition.score = Some(text.clone());
        project.definitions.insert(name.into(), definition);
    }
    if let Some(busy) = project.definitions.get_mut("busy") {
        busy.unless = Some(text.clone());
    }
    if let Some(points) = project.scores.get_mut("points") {
        for rule in &mut points.rules {
            match &mut rule.act {
                ScoreAct::Each { when, points, .. } => {
                    *when = Some(text.clone());
                    *points = text.clone();
                }
                ScoreAct::While { points, .. } => *points = text.clone(),
                ScoreAct::Now { .. } | ScoreAct::Set { .. } => {}
            }
        }
    }
    if let Some(warmth) = project.scores.get_mut("warmth") {
        for rule in &mut warmth.rules {
            if let ScoreAct::Each { each, .. } = &mut rule.act {
                *each = text.clone();
            }
        }
    }
    if let Some(calls) = project.meters.get_mut("calls") {
        calls.add = text.clone();
    }
    if let Some(bought) = project.outcomes.get_mut("bought") {
        bought.on = Some(text);
    }
    let compiled = compile(&project);
    let mut said: Vec<Diagnostic> = compiled.diagnostics;
    said.extend(check(&project, None));
    say(&said);
    for name in project.definitions.keys() {
        assert!(!version::of(&project, name).is_empty());
    }
}
