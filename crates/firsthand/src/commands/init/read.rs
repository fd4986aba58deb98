//! Takes the files into a temporary history, as `import` would.

use std::path::Path;

use anyhow::Context;
use firsthand_collect::{Import, ImportError, Input, Proposal, Reject, mapping};
use firsthand_history::History;
use firsthand_lab::propose::say;
use firsthand_model::config::{IdentityRules, ImportMapping, Project};
use firsthand_model::{Text, Time};

use crate::clock;
use crate::commands::import::Bar;
use crate::exit::Misuse;

use super::Args;

/// What was read.
pub struct Reading {
    /// The folder of the history; gone with this.
    folder: tempfile::TempDir,
    /// The files, each with the mapping it was read by.
    pub files: Vec<Mapped>,
    /// Records that could not be read.
    pub rejects: u64,
}

/// A file, and how it was read.
pub struct Mapped {
    /// Its argument.
    pub file: String,
    /// The mapping it was read by, with a name; `None` for a shape that is known.
    pub mapping: Option<(Text, ImportMapping)>,
    /// Whether the mapping was guessed.
    pub guessed: bool,
}

impl Reading {
    /// Opens what was read, under rules of identity.
    pub fn history(&self, rules: &IdentityRules) -> anyhow::Result<History> {
        Ok(History::open(folder_of(&self.folder), rules)?)
    }
}

fn folder_of(folder: &tempfile::TempDir) -> std::path::PathBuf {
    folder.path().join("history")
}

/// Reads all files.
///
/// # Errors
/// What `import` says where a file cannot be read, and a help where nothing is in them.
pub fn read(args: &Args) -> anyhow::Result<Reading> {
    let folder = tempfile::tempdir().context("no temporary folder can be made")?;
    let project = Project::default();
    let sizes = args.from.iter().filter_map(|it| std::fs::metadata(it).ok()).map(|it| it.len());
    // A fact takes some forty bytes of a compressed file.
    let mut history =
        History::create(folder_of(&folder), &project.identity, sizes.sum::<u64>() / 40)?;
    let given = given(args)?;
    let mut reading = Reading { folder, files: Vec::new(), rejects: 0 };
    let mut first = None;
    let bar = Bar::new();
    for file in &args.from {
        let reader = FileReader { args, project: &project, now: clock::now() };
        let mut taken = reader.take(&mut history, file, given.as_ref(), &bar);
        let mut mapping = given.clone();
        let guessed = match taken.as_ref().err().and_then(needs_mapping) {
            // Standard input cannot be read a second time.
            Some(proposal) if file != "-" => Some(guess(proposal)),
            _ => None,
        };
        let is_guessed = guessed.is_some();
        if let Some(guessed) = guessed {
            taken = reader.take(&mut history, file, Some(&guessed), &bar);
            mapping = Some(guessed);
        }
        let (rejects, reject) = taken?;
        reading.rejects += rejects;
        first = first.or(reject);
        let mapping = mapping.map(|it| (free_name(&stem(file), &reading.files), it));
        reading.files.push(Mapped { file: file.clone(), mapping, guessed: is_guessed });
    }
    bar.finish();
    if history.facts() == 0 {
        return Err(nothing(&args.from, first.as_ref()).into());
    }
    Ok(reading)
}

/// The mapping of the command line, for all files.
fn given(args: &Args) -> anyhow::Result<Option<ImportMapping>> {
    if args.map.is_empty() {
        return Ok(None);
    }
    let mut mapping = ImportMapping::default();
    for pair in &args.map {
        let Some((key, value)) = pair.split_once('=') else {
            return Err(Misuse::new(format!("`{pair}` is not `KEY=VALUE`"))
                .help("Write such as `--map time=created_at`.")
                .into());
        };
        mapping::set(&mut mapping, key, value).map_err(|it| Misuse::new(it.to_string()))?;
    }
    Ok(Some(mapping))
}

struct FileReader<'r> {
    args: &'r Args,
    project: &'r Project,
    now: Time,
}

impl FileReader<'_> {
    /// Takes one file into the history: all of it, or nothing. Returns how many records were
    /// rejected, and the first of them.
    fn take(
        &self,
        history: &mut History,
        file: &str,
        mapping: Option<&ImportMapping>,
        bar: &Bar,
    ) -> anyhow::Result<(u64, Option<Reject>)> {
        let mut import = Import::new(
            vec![Input::from_arg(file)],
            Text::new_static("import"),
            &self.project.calendar,
            self.now,
        );
        import.mapping = mapping;
        import.group_type = self.args.group_type.as_deref().map(Text::from);
        let mut intake = history.intake(&self.project.calendar)?;
        let mut first = None;
        let read = import.run::<anyhow::Error>(
            &mut |fact| Ok(intake.take(&fact)?),
            &mut |reject| {
                first.get_or_insert(reject);
                Ok(())
            },
            bar,
        )?;
        intake.finish()?;
        Ok((read.rejected(), first))
    }
}

/// The proposal of a file whose columns need a mapping, if it is one that leaves nothing open.
fn needs_mapping(error: &anyhow::Error) -> Option<&Proposal> {
    match error.downcast_ref()? {
        ImportError::NeedsMapping { proposal, .. } if proposal.missing.is_empty() => Some(proposal),
        _ => None,
    }
}

/// The proposed mapping; a list of people with the day on which each came is one of sign-ups.
fn guess(proposal: &Proposal) -> ImportMapping {
    let mut mapping = proposal.mapping.clone();
    let came = mapping.time.as_ref().is_some_and(|time| {
        let time = time.to_lowercase();
        ["regist", "signup", "sign_up", "signed", "joined", "creat"]
            .iter()
            .any(|it| time.contains(it))
    });
    if came && mapping.person.is_some() && mapping.kind.as_deref() == Some("traits") {
        mapping.kind = None;
        mapping.of = None;
        mapping.event_name = Some("Signed up".into());
    }
    mapping
}

/// A name for a file's mapping in the configuration.
fn stem(file: &str) -> String {
    let name = Path::new(file).file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    let name = name.split('.').next().unwrap_or_default();
    let fits = |it: char| it.is_ascii_lowercase() || it.is_ascii_digit();
    let name: String = name.chars().map(|it| if fits(it) { it } else { '-' }).take(60).collect();
    let name = name.trim_matches('-');
    if name.is_empty() { "file".to_owned() } else { name.to_owned() }
}

fn free_name(wanted: &str, taken: &[Mapped]) -> Text {
    let is_free = |name: &Text| {
        !taken.iter().any(|it| it.mapping.as_ref().is_some_and(|(other, _)| other == name))
    };
    let numbered = (2..).map(|it| Text::from(format!("{wanted}-{it}")));
    let mut names = std::iter::once(Text::from(wanted)).chain(numbered);
    names.find(is_free).expect("there are more numbers than files")
}

/// Says why there is nothing to propose from.
fn nothing(files: &[String], first: Option<&Reject>) -> Misuse {
    let files: Vec<Text> = files.iter().map(Text::from).collect();
    let message = format!("there is nothing to propose from in {}", say::names(&files));
    Misuse::new(message).help(match first {
        Some(reject) => format!(
            "No record could be read. The first, on line {} of `{}`: {}.",
            reject.line, reject.file, reject.reason
        ),
        None => "The files hold no records. Name files of events, or start from \
                 an example with `firsthand init`."
            .to_owned(),
    })
}

/// The name of a folder, for the project.
pub fn project_name(dir: &Path) -> String {
    let path = dir.canonicalize().unwrap_or_else(|_| dir.to_owned());
    let name = path.file_name().map(|it| it.to_string_lossy().into_owned());
    name.filter(|it| firsthand_lab::propose::is_sayable(it))
        .unwrap_or_else(|| "My product".to_owned())
}
