//! Where the simulated facts go: into a project's history, or into a file of some shape.

use std::fs::File;
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::Path;

use anyhow::Context;
use firsthand_collect::write_fact;
use firsthand_history::History;
use firsthand_model::Fact;
use firsthand_simulate::{Export, PROJECT, Recorded, Size, Totals, World};
use flate2::Compression;
use flate2::write::GzEncoder;

use super::bar::Bar;
use super::truth::Truth;
use crate::commands::import::promote;
use crate::commands::init::write_new;
use crate::exit::Misuse;
use crate::output::{Closed, Output};
use crate::project::Folder;

/// Events of a company, roughly; says how large a history will be.
const COMPANY_EVENTS: u64 = 500;
/// How hard Zstandard tries: the files are made to be read soon.
const ZSTD_LEVEL: i32 = 3;
const OUT_BUFFER_BYTES: usize = 1024 * 1024;

/// What a file looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
#[value(rename_all = "lower")]
pub enum Shape {
    /// Firsthand's own: a fact a line
    Own,
    /// The same as a table
    Csv,
    Segment,
    RudderStack,
    PostHog,
    Mixpanel,
    Amplitude,
}

impl Shape {
    /// By the name of the file.
    pub fn of_name(file: &str) -> Self {
        let plain = file.trim_end_matches(".gz").trim_end_matches(".zst");
        let is_table =
            Path::new(plain).extension().is_some_and(|it| it.eq_ignore_ascii_case("csv"));
        if is_table { Self::Csv } else { Self::Own }
    }

    /// The export of another tool, if it is one.
    const fn export(self) -> Option<Export> {
        Some(match self {
            Self::Own => return None,
            Self::Csv => Export::Csv,
            Self::Segment => Export::Segment,
            Self::RudderStack => Export::RudderStack,
            Self::PostHog => Export::PostHog,
            Self::Mixpanel => Export::Mixpanel,
            Self::Amplitude => Export::Amplitude,
        })
    }

    /// The records of some facts.
    fn records(self, facts: &[Fact]) -> Vec<u8> {
        let Some(export) = self.export() else {
            let mut lines = Vec::with_capacity(facts.len() * 256);
            for fact in facts {
                write_fact(&mut lines, fact).expect("writing to memory cannot fail");
            }
            return lines;
        };
        let mut records = String::with_capacity(facts.len() * 320);
        for fact in facts {
            export.write(&mut records, fact);
        }
        records.into_bytes()
    }
}

/// Writes the project's files and fills its history.
pub fn into_project(world: &World, dir: &Path, output: Output) -> anyhow::Result<Totals> {
    write_new(dir, PROJECT)?;
    let folder = Folder::find(Some(dir))?;
    let project = folder.sound_project(output)?;
    let expected = match world.options().size {
        Size::Events(events) => events,
        Size::Companies(companies) => companies.saturating_mul(COMPANY_EVENTS),
    };
    let mut history = History::create(folder.history(), &project.identity, expected)?;
    promote(&mut history, &project)?;
    let mut truth = Truth::inside(dir)?;
    let mut intake = history.intake(&project.calendar)?;
    let bar = Bar::new(world);
    let totals = world.stream(
        |recorded| recorded,
        |recorded: Recorded| -> anyhow::Result<()> {
            recorded.facts.iter().try_for_each(|fact| intake.take(fact))?;
            bar.made(recorded.events);
            truth.add(&recorded.truths)
        },
    )?;
    bar.phase("sorting and writing");
    intake.finish()?;
    bar.finish();
    truth.finish(world, totals)?;
    Ok(totals)
}

/// Writes a file, packed as its name says, and the truth beside it; or standard output.
pub fn to_file(world: &World, file: &str, shape: Shape) -> anyhow::Result<Totals> {
    let mut truth = None;
    if file != "-" {
        // Looked at first, so that nothing is left behind where one of the files is refused.
        refuse_existing(&[Path::new(file)])?;
        truth = Some(Truth::beside(Path::new(file))?);
    }
    let mut out = Packed::create(file)?;
    out.write(file, shape.export().map_or("", Export::header).as_bytes())?;
    let bar = Bar::new(world);
    let totals = world.stream(
        |recorded| (shape.records(&recorded.facts), recorded.events, recorded.truths),
        |(records, events, truths)| -> anyhow::Result<()> {
            out.write(file, &records)?;
            bar.made(events);
            truth.as_mut().map_or(Ok(()), |it| it.add(&truths))
        },
    )?;
    out.finish(file)?;
    bar.finish();
    if let Some(truth) = truth {
        truth.finish(world, totals)?;
    }
    Ok(totals)
}

/// Makes a file, which may not be there yet.
pub fn create_new(path: &Path) -> anyhow::Result<File> {
    refuse_existing(&[path])?;
    // `create_new` holds even if somebody else makes it at the same time.
    File::create_new(path).with_context(|| format!("`{}` cannot be written", path.display()))
}

/// Refuses to write where something is already.
pub fn refuse_existing(paths: &[&Path]) -> anyhow::Result<()> {
    match paths.iter().find(|it| it.exists()) {
        None => Ok(()),
        Some(path) => Err(Misuse::new(format!("`{}` is there already", path.display()))
            .help("Remove it, or choose another name.")
            .into()),
    }
}

/// A file that is packed while it is written.
enum Packed {
    Out(io::Stdout),
    Plain(BufWriter<File>),
    Gzip(GzEncoder<BufWriter<File>>),
    Zstd(zstd::Encoder<'static, BufWriter<File>>),
}

impl Packed {
    fn create(name: &str) -> anyhow::Result<Self> {
        if name == "-" {
            return Ok(Self::Out(io::stdout()));
        }
        let path = Path::new(name);
        let file = BufWriter::with_capacity(OUT_BUFFER_BYTES, create_new(path)?);
        let ends =
            |ending: &str| path.extension().is_some_and(|it| it.eq_ignore_ascii_case(ending));
        Ok(if ends("gz") {
            Self::Gzip(GzEncoder::new(file, Compression::fast()))
        } else if ends("zst") {
            Self::Zstd(zstd::Encoder::new(file, ZSTD_LEVEL)?)
        } else {
            Self::Plain(file)
        })
    }

    fn write(&mut self, name: &str, bytes: &[u8]) -> anyhow::Result<()> {
        let written = match self {
            Self::Out(out) => out.write_all(bytes),
            Self::Plain(out) => out.write_all(bytes),
            Self::Gzip(out) => out.write_all(bytes),
            Self::Zstd(out) => out.write_all(bytes),
        };
        wrote(name, written)
    }

    fn finish(self, name: &str) -> anyhow::Result<()> {
        let written = match self {
            Self::Out(mut out) => out.flush(),
            Self::Plain(mut out) => out.flush(),
            Self::Gzip(out) => out.finish().and_then(|mut it| it.flush()),
            Self::Zstd(out) => out.finish().and_then(|mut it| it.flush()),
        };
        wrote(name, written)
    }
}

/// A reader that has had enough is no error.
fn wrote(name: &str, result: io::Result<()>) -> anyhow::Result<()> {
    match result {
        Err(error) if name == "-" && error.kind() == ErrorKind::BrokenPipe => Err(Closed.into()),
        other => other.with_context(|| format!("`{name}` cannot be written")),
    }
}
