//! The names that a template may read, and what is said of all others.

use std::ops::Range;

use firsthand_model::Text;
use firsthand_model::config::{Definition, Project};
use firsthand_model::diagnostic::{Problem, SourceText, codes, nearest};
use firsthand_model::fact::Kind;

/// Every name that a template knows, with what it stands for.
const ROOTS: &[&str] =
    &["account", "person", "usage", "limit", "left", "score", "trial_left", "trial_age", "members"];

/// What is wrong with the names that the template of a definition reads.
pub(super) fn check(
    project: &Project,
    definition: &Definition,
    text: &SourceText,
    names: &[String],
) -> Vec<Problem> {
    let mut problems = Vec::new();
    for name in names {
        let (root, inner) = name.split_once('.').unwrap_or((name, ""));
        let error = |code, message: String, help: String| {
            Problem::error(code, place(&text.text, name), message).with_help(help)
        };
        let problem = match root {
            "usage" | "limit" | "left" => meter(project, root, inner)
                .map(|(message, help)| error(codes::UNKNOWN_NAME, message, help)),
            "account" | "person" if inner.is_empty() => Some(error(
                codes::SYNTAX,
                format!("`{root}` needs a trait"),
                format!("Write such as `{{{{ {root}.name }}}}`."),
            )),
            "person" if definition.subject == Kind::Account => Some(error(
                codes::WRONG_PLACE,
                format!("`{name}` is of a person, and this definition judges accounts"),
                "Read `account.…`, or judge persons with `subject: person`.".to_owned(),
            )),
            "score" if definition.score.is_none() => Some(error(
                codes::WRONG_PLACE,
                "the definition has no score".to_owned(),
                "Give it one, such as `score: score(usage-points)`.".to_owned(),
            )),
            "trial_left" | "trial_age" if !has_trial(project) => Some(error(
                codes::WRONG_PLACE,
                "no plan is a trial".to_owned(),
                "Give a plan `trial: 14d` in firsthand.yaml.".to_owned(),
            )),
            _ if ROOTS.contains(&root) => None,
            _ => Some(error(
                codes::UNKNOWN_NAME,
                format!("a template knows no `{root}`"),
                match nearest(root, ROOTS.iter().copied()) {
                    Some(near) => format!("Did you mean `{near}`?"),
                    None => format!("There is `{}`.", ROOTS.join("`, `")),
                },
            )),
        };
        problems.extend(problem);
    }
    problems
}

/// What is wrong with the name of a meter, and what to do.
fn meter(project: &Project, root: &str, name: &str) -> Option<(String, String)> {
    if project.meters.contains_key(name) {
        return None;
    }
    let known = project.meters.keys().map(Text::as_str);
    if name.is_empty() {
        let example = known.into_iter().next().unwrap_or("contacts");
        let help = format!("Write such as `{{{{ {root}.{example} }}}}`.");
        return Some((format!("`{root}` needs a meter"), help));
    }
    let help = match nearest(name, known.clone()) {
        Some(near) => format!("Did you mean `{near}`?"),
        None if project.meters.is_empty() => "The project has no meters.".to_owned(),
        None => format!("There is `{}`.", known.collect::<Vec<_>>().join("`, `")),
    };
    Some((format!("there is no meter `{name}`"), help))
}

fn has_trial(project: &Project) -> bool {
    project.plans.values().any(|plan| plan.terms.iter().any(|it| it.trial.is_some()))
}

/// Where a name stands in a text: the engine tells only that it is there.
fn place(text: &str, name: &str) -> Range<usize> {
    let joins = |it: char| it.is_alphanumeric() || it == '_' || it == '.';
    let free = |at: usize| {
        !text[..at].chars().next_back().is_some_and(joins)
            && !text[at + name.len()..].chars().next().is_some_and(joins)
    };
    let found = text.match_indices(name).map(|(at, _)| at).find(|at| free(*at));
    found.map_or(0..text.len(), |at| at..at + name.len())
}
