//! Texts with `{{ values }}` in them: the `why` of a definition now, messages later.
//!
//! Start at [`Template::read`]. [`names`] refuses what the project does not know, before anything
//! is shown; [`Values`] is what a template is filled with, and [`Standing`] reads the part of it
//! that comes from an account's facts.
//!
//! # Promises
//!
//! - What is not known of an account reads `unknown`; it never breaks a list.
//! - No template can run or grow without end: [`TEXT_BYTES_MAX`], [`FUEL_MAX`], [`SHOWN_CHARS_MAX`].

mod names;
mod standing;
mod values;

use firsthand_model::config::Project;
use firsthand_model::diagnostic::{Diagnostic, Problem, codes};
use minijinja::{Environment, ErrorKind, UndefinedBehavior};

pub use standing::Standing;
pub use values::{Amount, Values};

/// Longest template, in bytes.
pub const TEXT_BYTES_MAX: usize = 8 * 1024;
/// Steps of the template engine that one filling may take.
pub const FUEL_MAX: u64 = 10_000;
/// Longest text that comes of a template, in characters; what is longer is cut.
pub const SHOWN_CHARS_MAX: usize = 2_000;

/// The name under which the engine keeps the one template.
const NAME: &str = "why";

/// A template that was read.
#[derive(Debug)]
pub struct Template {
    engine: Environment<'static>,
}

impl Template {
    /// Reads a template; what is wrong comes with its place in the text.
    pub fn read(text: &str) -> Result<Self, Problem> {
        if text.len() > TEXT_BYTES_MAX {
            let message = format!("the template has more than {TEXT_BYTES_MAX} bytes");
            let problem = Problem::error(codes::TOO_LARGE, 0..text.len(), message);
            return Err(problem.with_help("Say it in fewer words."));
        }
        let mut engine = Environment::empty();
        engine.set_undefined_behavior(UndefinedBehavior::Strict);
        engine.set_fuel(Some(FUEL_MAX));
        values::furnish(&mut engine);
        engine
            .add_template_owned(NAME, text.to_owned())
            .map_err(|error| unreadable(text, &error))?;
        let template = Self { engine };
        // The engine looks filters and tests up when they are used: so it is tried.
        match template.filled(&Values::default()) {
            Err(error) if is_unknown(error.kind()) => Err(unreadable(text, &error)),
            _ => Ok(template),
        }
    }

    fn filled(&self, values: &Values) -> Result<String, minijinja::Error> {
        self.engine.get_template(NAME)?.render(values.to_context())
    }

    /// Fills the template in. `None` where that cannot be done: it takes too many steps, or
    /// reckons with what is not there.
    pub fn fill(&self, values: &Values) -> Option<String> {
        let text = self.filled(values).ok()?;
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        Some(text.chars().take(SHOWN_CHARS_MAX).collect())
    }

    /// The names that it reads, dotted: `usage.contacts`.
    fn names(&self) -> Vec<String> {
        let template = self.engine.get_template(NAME).expect("it was added when it was read");
        let mut names: Vec<String> = template.undeclared_variables(true).into_iter().collect();
        names.sort_unstable();
        names
    }

    /// Whether it reads a name that begins so.
    pub fn reads(&self, root: &str) -> bool {
        self.names().iter().any(|it| it.split('.').next() == Some(root))
    }
}

/// What is wrong with the templates of a project, each at its place.
pub fn check(project: &Project) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for definition in project.definitions.values() {
        let Some(text) = &definition.why else { continue };
        match Template::read(&text.text) {
            Ok(template) => {
                let problems = names::check(project, definition, text, &template.names());
                found.extend(problems.into_iter().map(|it| text.locate(it)));
            }
            Err(problem) => found.push(text.locate(problem)),
        }
    }
    found
}

/// Whether a template uses what the engine does not have.
fn is_unknown(kind: ErrorKind) -> bool {
    use ErrorKind as Kind;
    matches!(kind, Kind::UnknownFilter | Kind::UnknownTest | Kind::UnknownFunction)
}

fn unreadable(text: &str, error: &minijinja::Error) -> Problem {
    let what = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
    let span = error.range().filter(|it| it.end <= text.len()).unwrap_or(0..text.len());
    Problem::error(codes::SYNTAX, span, format!("the template cannot be read: {what}"))
        .with_help("Write values as `{{ account.name }}`; the form is that of Jinja.")
}

#[cfg(test)]
mod tests;
