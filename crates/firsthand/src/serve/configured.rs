//! The configuration, as the pages show it.

use std::path::Path;

use async_trait::async_trait;
use firsthand_model::config::{Files, SETTINGS_FILE, masked};
use firsthand_web::backend::{Configuration, Configured, ConfiguredFile};
use firsthand_web::{Answer, Failure};

use super::Server;
use crate::project::Folder;

/// A hash of the settings of a folder, by which it is known that they have changed; `None` where
/// they cannot be read.
pub fn fingerprint(folder: &Folder) -> Option<blake3::Hash> {
    std::fs::read(folder.path().join(SETTINGS_FILE)).ok().map(|it| blake3::hash(&it))
}

#[async_trait]
impl Configuration for Server {
    async fn configured(&self) -> Answer<Configured> {
        let Some(folder) = self.folder.clone() else { return Ok(Configured::default()) };
        let begun_with = self.settings_fingerprint;
        let read = tokio::task::spawn_blocking(move || read(&folder, begun_with));
        read.await.map_err(Failure::broken)
    }
}

fn read(folder: &Folder, begun_with: Option<blake3::Hash>) -> Configured {
    let mut configured =
        Configured { changed: fingerprint(folder) != begun_with, ..Configured::default() };
    for file in Files::read(folder.path()).files {
        let shown = masked(&file);
        let variables = shown.iter().flat_map(|it| &it.1);
        for name in variables {
            if !configured.variables.iter().any(|it| it.0 == *name) {
                let is_set = std::env::var(name).is_ok_and(|it| !it.trim().is_empty());
                configured.variables.push((name.clone(), is_set));
            }
        }
        // Where the project lies on the machine is nobody's business.
        let inside = Path::new(&file.name).strip_prefix(folder.path());
        let name = inside.map_or_else(|_| file.name.clone(), |it| it.display().to_string());
        let text = shown.map(|it| it.0);
        configured.files.push(ConfiguredFile { name, text });
    }
    configured
}
