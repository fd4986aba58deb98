//! `--set`: a comparison of the definitions taken as another, for one run. Nothing is written.

use std::sync::Arc;

use firsthand_model::Text;
use firsthand_model::diagnostic::SourceText;
use firsthand_rules::change::{Changed, change};

use crate::exit::MisuseTold;
use crate::output::Output;
use crate::project::tell;
use crate::study::{Asked, Study};

/// What a text of this option is called where a mistake in it is shown.
const OPTION: &str = "--set";

/// The option, for every command that judges definitions.
#[derive(Debug, Default, clap::Args)]
pub struct Set {
    /// Take a comparison of the definitions as this one, such as `trial_left <= 5d`; may be
    /// repeated. It is found by the value that it compares; `stay: …` means `stay` alone
    #[arg(id = "set", long = "set", value_name = "COND")]
    conditions: Vec<String>,
}

impl Set {
    /// The same study with comparisons of some definitions changed, and of what they read; what
    /// was changed is noted. `None` if nothing was to be.
    pub fn on(
        &self,
        study: &Study,
        definitions: &[Asked],
        output: Output,
    ) -> anyhow::Result<Option<Study>> {
        if self.conditions.is_empty() {
            return Ok(None);
        }
        let names: Vec<Text> = definitions.iter().map(|it| it.name.clone()).collect();
        let texts = self.conditions.iter().map(|it| SourceText::inline(OPTION, it));
        let texts: Vec<SourceText> = texts.collect();
        match change(&study.project, &names, &texts) {
            Ok(Changed { project, changes }) => {
                for it in changes {
                    output.note(&it.to_string());
                }
                let changed = Study::new(project, Arc::clone(&study.history), output)?;
                // Thresholds are tried one after the other.
                Ok(Some(changed.keeping_timelines()))
            }
            Err(wrong) => {
                tell(wrong, output);
                Err(MisuseTold.into())
            }
        }
    }
}
