//! What is wrong with a project: all of it at once, and how its stories came out.

use firsthand_model::config::{Loaded, Project, Story};
use firsthand_model::diagnostic::{Diagnostic, Severity, SourceText, codes, sort};
use firsthand_model::seen::Seen;
use firsthand_rules::check;

use crate::template;

/// What came of checking a project.
pub struct Checked {
    /// All that is wrong, in order of file and place.
    pub diagnostics: Vec<Diagnostic>,
    /// Whether the stories were run: they are not where they would fail for another reason.
    stories_ran: bool,
}

impl Checked {
    /// Checks a project, held against what its data has shown where there is data.
    pub fn of(loaded: &Loaded, seen: Option<&Seen>) -> Self {
        let mut all = check::report(loaded, seen);
        let of_story = |it: &Diagnostic| is_of_story(it) || it.problem.severity != Severity::Error;
        let stories_ran = all.iter().all(of_story);
        all.extend(template::check(&loaded.project));
        sort(&mut all);
        Self { diagnostics: all, stories_ran }
    }

    /// Whether nothing keeps the project from running. A story that came out differently does not:
    /// it says that the project does not do what its authors wrote that it does.
    pub fn can_run(&self) -> bool {
        let wrong = |it: &&Diagnostic| it.problem.severity == Severity::Error;
        self.diagnostics.iter().filter(wrong).all(is_of_story)
    }

    /// How each story of the project came out, by definition: one where problems stand in its
    /// text has failed.
    pub fn stories<'p>(&self, project: &'p Project) -> Vec<(&'p str, &'p Story, Outcome)> {
        let outcome = |story: &Story| {
            let texts: Vec<&SourceText> = story.timeline.iter().chain([&story.facts]).collect();
            let mut told = self.diagnostics.iter().filter(|it| is_of_story(it));
            if told.any(|it| texts.iter().any(|text| stands_in(it, text))) {
                Outcome::Failed
            } else if self.stories_ran {
                Outcome::Passed
            } else {
                Outcome::NotRun
            }
        };
        let definitions = project.definitions.values();
        let all = definitions.flat_map(|it| it.expect.iter().map(move |story| (it, story)));
        all.map(|(definition, story)| (definition.name.as_str(), story, outcome(story))).collect()
    }
}

/// How a story came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// As it says.
    Passed,
    /// Differently.
    Failed,
    /// It was not run: it would have failed for another reason.
    NotRun,
}

impl Outcome {
    /// The word in JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::NotRun => "not run",
        }
    }
}

fn is_of_story(it: &Diagnostic) -> bool {
    it.problem.code == codes::STORY_FAILED || it.problem.code == codes::BAD_STORY
}

fn stands_in(diagnostic: &Diagnostic, text: &SourceText) -> bool {
    let (from, to) = (text.file_offset(0), text.file_offset(text.text.len()));
    diagnostic.file == text.file && (from..=to).contains(&diagnostic.problem.span.start)
}
