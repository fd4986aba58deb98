//! A draft into its file: as a whole or not at all, and over nothing but what was read.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::Change;
use crate::project::Folder;

/// Why a file was not written; then it is what it was.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// It is not what the change was made from.
    #[error("`{0}` has changed")]
    Changed(String),
    /// It cannot be written.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// The way back from a change that was written.
#[derive(Clone, Debug)]
pub struct Back {
    path: PathBuf,
    /// What the file held; `None` if there was none.
    before: Option<String>,
    /// The hash of what was written; `None` if the file went.
    written: Option<blake3::Hash>,
}

impl Change {
    /// Writes it; a crash leaves the file as it was, or as it is to be.
    ///
    /// # Errors
    /// [`WriteError::Changed`] if the file is no longer what was read.
    pub fn write(&self, folder: &Folder) -> Result<Back, WriteError> {
        let path = folder.path().join(&self.path);
        let before = read(&path)?;
        if before.as_deref().map(hash) != self.before {
            return Err(WriteError::Changed(self.path.display().to_string()));
        }
        replace(&path, self.contents.as_deref())?;
        let written = self.contents.as_deref().map(hash);
        Ok(Back { path: self.path.clone(), before, written })
    }
}

impl Back {
    /// Gives the file back what it held, unless somebody has changed it meanwhile.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn put(&self, folder: &Folder) -> Result<(), WriteError> {
        let path = folder.path().join(&self.path);
        if read(&path)?.as_deref().map(hash) == self.written {
            replace(&path, self.before.as_deref())?;
        }
        Ok(())
    }
}

fn hash(text: &str) -> blake3::Hash {
    blake3::hash(text.as_bytes())
}

fn read(path: &Path) -> io::Result<Option<String>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Puts a text in the place of a file, which keeps its permissions; or removes it.
fn replace(path: &Path, text: Option<&str>) -> io::Result<()> {
    let folder = path.parent().filter(|it| !it.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    match text {
        None => fs::remove_file(path)?,
        Some(text) => {
            // Hidden, so that nobody takes it for a definition.
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let temporary = folder.join(format!(".{name}.new"));
            let mut file = File::create(&temporary)?;
            if let Ok(old) = fs::metadata(path) {
                file.set_permissions(old.permissions())?;
            }
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            fs::rename(&temporary, path)?;
        }
    }
    // Only then the new name outlives a crash. Where folders cannot be opened, nothing can be done.
    if let Ok(folder) = File::open(folder) {
        folder.sync_all().ok();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> (tempfile::TempDir, Folder) {
        let temporary = tempfile::tempdir().unwrap();
        fs::write(temporary.path().join("firsthand.yaml"), "project: Acme\n").unwrap();
        let folder = Folder::find(Some(temporary.path())).unwrap();
        (temporary, folder)
    }

    fn change(before: Option<&str>, contents: Option<&str>) -> Change {
        Change {
            path: "definitions/busy.yaml".into(),
            before: before.map(hash),
            contents: contents.map(str::to_owned),
        }
    }

    #[test]
    fn a_change_is_written_and_can_be_taken_back() {
        let (temporary, folder) = folder();
        let path = temporary.path().join("definitions/busy.yaml");
        let new = change(None, Some("one\n")).write(&folder).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "one\n");
        let back = change(Some("one\n"), Some("two\n")).write(&folder).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "two\n");
        back.put(&folder).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "one\n");
        let gone = change(Some("one\n"), None).write(&folder).unwrap();
        assert!(!path.exists());
        gone.put(&folder).unwrap();
        new.put(&folder).unwrap();
        assert!(!path.exists());
        let left = fs::read_dir(temporary.path().join("definitions")).unwrap().count();
        assert_eq!(left, 0, "nothing lies about");
    }

    #[test]
    fn what_somebody_has_changed_meanwhile_stays() {
        let (temporary, folder) = folder();
        let path = temporary.path().join("definitions/busy.yaml");
        let back = change(None, Some("one\n")).write(&folder).unwrap();
        fs::write(&path, "theirs\n").unwrap();
        let refused = change(Some("one\n"), Some("two\n")).write(&folder);
        assert!(matches!(refused, Err(WriteError::Changed(_))), "{refused:?}");
        back.put(&folder).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "theirs\n");
    }
}
