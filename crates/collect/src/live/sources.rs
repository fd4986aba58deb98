//! Who may send: the project's sources, made ready for looking up.

use std::fmt;

use firsthand_model::config::{self, Clock, Environment, Project, Protocol};
use firsthand_model::{Span, Text};
use rustc_hash::FxHashMap;

use super::globs::Globs;

/// The project's sources, by the keys with which they are spoken for.
///
/// A key is looked up by its hash, so that how long it takes tells nothing about the keys there are.
#[derive(Clone, Default)]
pub struct Sources {
    all: Vec<Source>,
    by_key: FxHashMap<[u8; 32], usize>,
}

/// One source.
#[derive(Clone)]
pub struct Source {
    rules: config::Source,
    /// What its events are dropped by.
    pub(super) dropped: Globs,
    /// The signing secrets of its webhooks.
    pub(super) signing: Vec<Text>,
}

/// Why the sources cannot be used as they are configured.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// A secret is to come from an environment variable that is unset or empty.
    #[error("source `{source_name}` takes a secret from `{variable}`, which is not set")]
    Unset {
        /// The source.
        source_name: Text,
        /// The environment variable.
        variable: Text,
    },
    /// Two sources have the same key.
    #[error("sources `{one}` and `{other}` have the same key")]
    SameKey {
        /// One source.
        one: Text,
        /// The other.
        other: Text,
    },
}

impl SourceError {
    /// What to do, as a whole sentence.
    pub fn help(&self) -> String {
        match self {
            Self::Unset { variable, .. } => {
                format!("Set the environment variable `{variable}` before you start the server.")
            }
            Self::SameKey { .. } => "Give each source a key of its own.".to_owned(),
        }
    }
}

impl Sources {
    /// Makes the sources of a project ready. Secrets that stand in the environment are read now.
    ///
    /// # Errors
    /// Returns everything that is wrong.
    pub fn new(project: &Project, environment: &Environment<'_>) -> Result<Self, Vec<SourceError>> {
        let mut sources = Self::default();
        let mut errors = Vec::new();
        for rules in project.sources.values() {
            let mut reveal = |secrets: &[config::Secret]| -> Vec<Text> {
                let revealed = secrets.iter().filter_map(|it| match it.reveal(environment) {
                    Ok(secret) => Some(secret),
                    Err(variable) => {
                        let variable = variable.into();
                        let source_name = rules.name.clone();
                        errors.push(SourceError::Unset { source_name, variable });
                        None
                    }
                });
                revealed.collect()
            };
            let keys = reveal(&rules.keys);
            let signing = rules.stripe.as_ref().map_or_else(Vec::new, |it| reveal(&it.secrets));
            let ignored = project.events.ignore.iter().map(|it| &it.text);
            let globs = rules.drop.iter().chain(ignored);
            let at = sources.all.len();
            sources.all.push(Source {
                dropped: Globs::new(globs.map(Text::as_str)),
                rules: rules.clone(),
                signing,
            });
            for key in keys {
                let before = sources.by_key.insert(hash(&key), at);
                if let Some(other) = before.filter(|it| *it != at) {
                    let [one, other] = [other, at].map(|it| sources.all[it].rules.name.clone());
                    errors.push(SourceError::SameKey { one, other });
                }
            }
        }
        if errors.is_empty() { Ok(sources) } else { Err(errors) }
    }

    /// The source that a key speaks for.
    pub fn by_key(&self, key: &str) -> Option<&Source> {
        self.by_key.get(&hash(key)).map(|it| &self.all[*it])
    }

    /// The source of this name.
    pub fn by_name(&self, name: &str) -> Option<&Source> {
        self.all.iter().find(|it| it.rules.name == name)
    }

    /// Every source, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Source> {
        self.all.iter()
    }

    /// The source that Snowplow's app id speaks for.
    pub(super) fn by_app_id(&self, app_id: &str) -> Option<&Source> {
        self.all.iter().find(|it| it.rules.snowplow.app_ids.iter().any(|id| id == app_id))
    }
}

impl Source {
    /// Its name, which its facts carry.
    pub fn name(&self) -> &Text {
        &self.rules.name
    }

    /// Whether it may speak this protocol.
    pub fn accepts(&self, protocol: Protocol) -> bool {
        match protocol {
            Protocol::Stripe => self.rules.stripe.is_some(),
            _ => self.rules.accepts.contains(&protocol),
        }
    }

    /// How much it may send.
    pub const fn limits(&self) -> config::SourceLimits {
        self.rules.limits
    }

    pub(super) const fn rules(&self) -> &config::Source {
        &self.rules
    }

    /// The longest difference of clocks that is corrected; none where the sender's is believed.
    pub(super) fn skew_max(&self) -> Option<Span> {
        (self.rules.clock == Clock::Ours).then_some(self.rules.skew_max)
    }
}

impl fmt::Debug for Sources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.all).finish()
    }
}

impl fmt::Debug for Source {
    /// Leaves out the secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source").field("rules", &self.rules).finish_non_exhaustive()
    }
}

fn hash(key: &str) -> [u8; 32] {
    *blake3::hash(key.as_bytes()).as_bytes()
}
