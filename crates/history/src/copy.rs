//! Copying a history while it may go on.

use std::fs;
use std::path::Path;

use crate::catalogue::{KNOWLEDGE, SEGMENTS};
use crate::error::{HistoryError, Result};
use crate::files;
use crate::history::History;

impl History {
    /// Copies the history as it is into an empty folder, where it is a history by itself.
    ///
    /// # Errors
    /// [`HistoryError::Exists`] where there is one already; [`HistoryError::Changed`] if it went
    /// on meanwhile, so that the copy is of no use.
    pub fn copy_to(&self, to: &Path) -> Result<()> {
        let state = &self.state;
        if crate::catalogue::Catalogue::exists(to) {
            return Err(HistoryError::Exists(to.to_owned()));
        }
        for folder in [SEGMENTS, KNOWLEDGE] {
            files::create_dir(&to.join(folder))?;
        }
        for file in state.catalogue.files() {
            let from = state.dir.join(&file.file);
            if !from.exists() {
                return Err(HistoryError::Changed(state.dir.clone()));
            }
            let copy = to.join(&file.file);
            fs::copy(&from, &copy).map_err(HistoryError::io("copy", &from))?;
            fs::File::open(&copy)
                .and_then(|it| it.sync_all())
                .map_err(HistoryError::io("sync", &copy))?;
        }
        for folder in [SEGMENTS, KNOWLEDGE] {
            files::sync_dir(&to.join(folder))?;
        }
        state.catalogue.commit(to)
    }
}
