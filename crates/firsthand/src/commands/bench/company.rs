//! The company that is measured on: a project with its history, and files to import.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;

use super::child;
use super::task::Task;
use crate::commands::init::write_new;
use crate::exit::Misuse;
use crate::interrupt;
use crate::output::{Output, counted};

/// What is judged, as a file of the project.
pub const DEFINITIONS: &str = include_str!("definitions.yaml");
/// Its name there.
pub const DEFINITIONS_FILE: &str = "definitions/bench.yaml";
/// The file in the folder that [`file()`] makes.
pub const EVENTS_FILE: &str = "events.ndjson";
/// What the name of something begins with that is not finished.
const UNFINISHED: &str = "unfinished-";

/// The names of the definitions; the first is the one that is held against other engines.
pub fn definitions() -> Vec<String> {
    let names = DEFINITIONS.lines().filter_map(|it| it.strip_prefix("definition: "));
    names.map(str::to_owned).collect()
}

/// A folder for what is made: one that is kept, or one that is gone at the end, however it comes.
pub struct Place {
    path: PathBuf,
    temporary: Option<tempfile::TempDir>,
}

impl Place {
    /// The folder that was named, made if it is missing; else a temporary one.
    pub fn new(named: Option<&Path>) -> anyhow::Result<Self> {
        let Some(path) = named else { return Self::temporary() };
        if path.exists() && !path.is_dir() {
            return Err(Misuse::new(format!("`{}` is no folder", path.display())).into());
        }
        fs::create_dir_all(path)
            .with_context(|| format!("the folder `{}` cannot be made", path.display()))?;
        Ok(Self { path: path.to_owned(), temporary: None })
    }

    /// A temporary one.
    pub fn temporary() -> anyhow::Result<Self> {
        let made = tempfile::tempdir().context("no temporary folder can be made")?;
        let path = made.path().to_owned();
        cleared_away(&path);
        Ok(Self { path, temporary: Some(made) })
    }

    /// The path of something inside.
    pub fn path(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// The path of something that is there already, or that `make` makes under another name.
    pub fn made(
        &self,
        name: &str,
        make: impl FnOnce(&Path) -> anyhow::Result<()>,
    ) -> anyhow::Result<PathBuf> {
        let path = self.path(name);
        if !path.exists() {
            let unfinished = self.path(&format!("{UNFINISHED}{name}"));
            remove(&unfinished)?;
            cleared_away(&unfinished);
            make(&unfinished)?;
            fs::rename(&unfinished, &path)
                .with_context(|| format!("`{}` cannot be made", path.display()))?;
        }
        Ok(path)
    }

    /// Removes what has served its time, unless it is to be kept.
    pub fn done_with(&self, path: &Path) -> anyhow::Result<()> {
        if self.temporary.is_some() { remove(path) } else { Ok(()) }
    }
}

/// The project of a company of so many events.
pub fn project(
    place: &Place,
    events: u64,
    threads: usize,
    output: Output,
) -> anyhow::Result<PathBuf> {
    place.made(&format!("company-{events}"), |folder| {
        output.note(&format!("making a company of {}", counted(events, "event")));
        let mut simulate = child::this_program(threads)?;
        simulate.args(["simulate", "--events", &events.to_string(), "--into"]).arg(folder);
        child::output(&mut simulate)?;
        write_new(folder, &[(DEFINITIONS_FILE, DEFINITIONS)])?;
        Task::Promote { project: folder.to_owned() }.ask(threads)
    })
}

/// A folder with the same company's events as a file of this shape.
pub fn file(place: &Place, events: u64, shape: &str, threads: usize) -> anyhow::Result<PathBuf> {
    place.made(&format!("{shape}-{events}"), |folder| {
        fs::create_dir_all(folder)?;
        let mut simulate = child::this_program(threads)?;
        simulate.args(["simulate", "--events", &events.to_string(), "--shape", shape]);
        child::output(simulate.arg(folder.join(EVENTS_FILE))).map(|_| ())
    })
}

/// A project without history, made anew.
pub fn empty_project(place: &Place, name: &str, files: &[(&str, &str)]) -> anyhow::Result<PathBuf> {
    let folder = place.path(name);
    remove(&folder)?;
    cleared_away(&folder);
    write_new(&folder, files)?;
    Ok(folder)
}

/// Removes a file or folder, if it is there.
pub fn remove(path: &Path) -> anyhow::Result<()> {
    let removed = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    match removed {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("`{}` cannot be removed", path.display()))
        }
        _ => Ok(()),
    }
}

/// Has something removed if the program is interrupted.
fn cleared_away(path: &Path) {
    let path = path.to_owned();
    interrupt::before_end(move || {
        let _ = remove(&path);
    });
}

#[cfg(test)]
mod tests {
    use firsthand_model::config::Project;
    use firsthand_model::diagnostic::Severity;
    use firsthand_rules::compile::compile;
    use firsthand_simulate::PROJECT;

    use super::*;

    #[test]
    fn there_are_twenty_definitions_under_names_of_their_own() {
        let mut names = definitions();
        assert_eq!((names.len(), names[0].as_str()), (20, "bench"));
        names.dedup();
        assert_eq!(names.len(), 20);
    }

    #[test]
    fn the_definitions_are_sound_in_the_companys_project() {
        let folder = tempfile::tempdir().unwrap();
        write_new(folder.path(), PROJECT).unwrap();
        write_new(folder.path(), &[(DEFINITIONS_FILE, DEFINITIONS)]).unwrap();
        let loaded = Project::load(folder.path());
        let compiled = compile(&loaded.project);
        let told = loaded.diagnostics.iter().chain(&compiled.diagnostics);
        let errors: Vec<_> = told
            .filter(|it| it.problem.severity == Severity::Error)
            .map(|it| &it.problem)
            .collect();
        assert!(errors.is_empty(), "{errors:#?}");
    }

    #[test]
    fn what_is_not_finished_is_made_anew() {
        let place = Place::temporary().unwrap();
        let write = |text: &'static str| move |path: &Path| Ok(fs::write(path, text)?);
        let failed = place.made("it", |path| {
            fs::write(path, "half")?;
            anyhow::bail!("no room")
        });
        assert!(failed.is_err());
        let path = place.made("it", write("whole")).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "whole");
        place.made("it", write("another")).unwrap();
        assert_eq!(fs::read_to_string(path).unwrap(), "whole");
    }
}
