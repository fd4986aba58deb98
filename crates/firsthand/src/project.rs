//! Where a project is, and what is in its folder.

use std::env;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use anyhow::Context;
use firsthand_model::config::{Files, Loaded, Project, SETTINGS_FILE};

use firsthand_model::diagnostic::{Diagnostic, Severity, Style, render, sort};

use crate::exit::{Misuse, Told};
use crate::output::Output;

/// A project's folder.
#[derive(Clone, Debug)]
pub struct Folder {
    path: PathBuf,
}

impl Folder {
    /// The folder that was named, else this one or the nearest above it that has the settings.
    pub fn find(named: Option<&Path>) -> anyhow::Result<Self> {
        if let Some(path) = named {
            return Self::at(path).ok_or_else(|| {
                Misuse::new(format!("`{}` has no `{SETTINGS_FILE}`", path.display()))
                    .help(format!("Make a project there with `firsthand init {}`.", path.display()))
                    .into()
            });
        }
        // Named relatively where it can be, because that is how people know it.
        if let Some(here) = Self::at(Path::new("")) {
            return Ok(here);
        }
        let here = env::current_dir().context("the working folder cannot be read")?;
        here.ancestors().find_map(Self::at).ok_or_else(|| {
            Misuse::new(format!("neither this folder nor one above it has `{SETTINGS_FILE}`"))
                .help("Make a project with `firsthand init`, or name one with `--project DIR`.")
                .into()
        })
    }

    fn at(path: &Path) -> Option<Self> {
        path.join(SETTINGS_FILE).is_file().then(|| Self { path: path.to_owned() })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads the project, with all that is wrong with it.
    pub fn load(&self) -> Loaded {
        Self::loaded(&Files::read(&self.path))
    }

    /// Makes a project of files, with all that is wrong with it.
    pub fn loaded(files: &Files) -> Loaded {
        let mut loaded = files.load();
        loaded.diagnostics.extend(firsthand_plays::check(&loaded.project));
        sort(&mut loaded.diagnostics);
        loaded
    }

    /// The project, which must be without errors; else they are told on standard error.
    pub fn sound_project(&self, output: Output) -> anyhow::Result<Project> {
        Ok(self.sound(output)?.project)
    }

    /// The same, with the files that it was read from.
    pub fn sound(&self, output: Output) -> anyhow::Result<Loaded> {
        let loaded = self.load();
        let wrong = |it: &&Diagnostic| it.problem.severity == Severity::Error;
        let errors: Vec<Diagnostic> = loaded.diagnostics.iter().filter(wrong).cloned().collect();
        if errors.is_empty() {
            return Ok(loaded);
        }
        tell(errors, output);
        Err(Told.into())
    }

    /// Where all data is that the program keeps of the project.
    pub fn data(&self) -> PathBuf {
        self.path.join("data")
    }

    /// Where the recorded facts are.
    pub fn history(&self) -> PathBuf {
        self.path.join("data").join("history")
    }

    /// Takes the right to write the project's data, until the value is dropped. A server holds it for
    /// its whole life.
    pub fn claim(&self) -> anyhow::Result<File> {
        let data = self.path.join("data");
        std::fs::create_dir_all(&data)
            .with_context(|| format!("the folder `{}` cannot be made", data.display()))?;
        let path = data.join("claimed");
        let file = File::create(&path)
            .with_context(|| format!("`{}` cannot be written", path.display()))?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => {
                Err(Misuse::new("a server or another import works on this project")
                    .help("Wait for it, or stop it.")
                    .into())
            }
            Err(TryLockError::Error(error)) => {
                Err(anyhow::Error::new(error)
                    .context(format!("`{}` cannot be locked", path.display())))
            }
        }
    }

    /// Where the server keeps its log, ledger and leads.
    pub fn store(&self) -> PathBuf {
        self.path.join("data").join("store.db")
    }

    /// Where the state of everybody is written down when a server ends.
    pub fn state(&self) -> PathBuf {
        self.path.join("data").join("state")
    }

    /// Where records go that an import cannot read.
    pub fn rejects(&self) -> PathBuf {
        self.path.join("data").join("rejects.ndjson")
    }
}

/// Tells on standard error what is wrong.
pub fn tell(mut diagnostics: Vec<Diagnostic>, output: Output) {
    sort(&mut diagnostics);
    output.note(&render(&diagnostics, Style { color: output.colour_errors }));
}
