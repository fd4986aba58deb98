//! The configuration, as the pages show it.

use async_trait::async_trait;

use super::Answer;

/// A file of the project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfiguredFile {
    /// Its name in the project's folder.
    pub name: String,
    /// Its text, without the secrets in it; `None` where it cannot be read.
    pub text: Option<String>,
}

/// What the project's files say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Configured {
    /// Settings and definitions, as they are on the disk.
    pub files: Vec<ConfiguredFile>,
    /// The environment variables that they name, and whether the server has them.
    pub variables: Vec<(String, bool)>,
    /// Whether the settings have changed since the server has started.
    pub changed: bool,
}

/// The configuration.
#[async_trait]
pub trait Configuration: Send + Sync + 'static {
    /// What the project's files say now.
    async fn configured(&self) -> Answer<Configured>;
}
