//! Definitions like the draft, but for one thing: judged beside it to see what that thing does.

use std::sync::Arc;

use firsthand_model::Text;
use firsthand_model::config::{Definition, Project, Track};
use firsthand_model::diagnostic::{SourceText, has_errors};
use firsthand_rules::compile::compile;
use firsthand_rules::compile::program::Program;

/// What the names of variants begin with; no definition can be called so.
const PREFIX: &str = "~";

/// A project with variants of one of its definitions.
pub struct Variants {
    /// The project, with the variants as definitions of it.
    pub project: Project,
    base: Definition,
    names: Vec<Text>,
}

impl Variants {
    /// A project without any variant yet.
    pub fn of(project: &Project, name: &str) -> Self {
        let mut project = project.clone();
        // Stories tell of the draft alone; nobody asks the variants to keep them.
        for it in project.definitions.values_mut() {
            it.expect.clear();
        }
        let base = project.definitions[name].clone();
        Self { project, names: vec![base.name.clone()], base }
    }

    /// The definition that they are variants of.
    pub fn base(&self) -> &Definition {
        &self.base
    }

    /// Adds a variant, if the project is still sound with it.
    pub fn add(&mut self, change: impl FnOnce(&mut Definition)) -> bool {
        let mut variant = self.base.clone();
        variant.name = format!("{PREFIX}{}", self.names.len()).into();
        change(&mut variant);
        let name = variant.name.clone();
        self.project.definitions.insert(name.clone(), variant);
        if has_errors(&compile(&self.project).diagnostics) {
            self.project.definitions.remove(&name);
            return false;
        }
        self.names.push(name);
        true
    }

    /// Adds a definition that holds while a condition does, and nothing else.
    pub fn add_condition(&mut self, condition: &str) -> bool {
        self.add(|it| {
            *it = Definition {
                when: SourceText::inline("variant", condition),
                track: Track::None,
                stay: None,
                unless: None,
                holds_for: firsthand_model::Span::ZERO,
                grace: firsthand_model::Span::ZERO,
                score: None,
                why: None,
                ..it.clone()
            };
        })
    }

    /// The draft's name, and those of its variants, in order.
    pub fn names(&self) -> Vec<Text> {
        self.names.clone()
    }

    /// The program of all of them.
    pub fn program(&self) -> Arc<Program> {
        Arc::new(compile(&self.project).program)
    }
}
