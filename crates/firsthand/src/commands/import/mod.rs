//! `firsthand import`: files become recorded facts.

pub mod progress;
mod rejects;
mod summary;

use std::path::PathBuf;

use firsthand_collect::{Import, Input, mapping};
use firsthand_history::{History, Summary};
use firsthand_model::config::{ImportMapping, Project};
use firsthand_model::fact::Body;
use firsthand_model::{Fact, Text};
use firsthand_rules::compile::compile;
use firsthand_rules::compile::names::fits;

use crate::args::Global;
use crate::clock;
use crate::exit::{Misuse, Status};
use crate::output::Output;
use crate::project::Folder;

pub use progress::{Bar, RowBar};
pub use rejects::Rejects;

/// The source of facts whose file and mapping have no better name.
pub const SOURCE_DEFAULT: &str = "import";
/// Most properties that are given columns of their own at a time.
const PROMOTED_MAX: usize = 64;
/// Bytes of a compressed file that one fact takes, roughly; says how large a history will be.
const FACT_BYTES: u64 = 40;

/// Arguments of `import`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Exports of Segment, RudderStack, PostHog, Mixpanel and Amplitude are recognised, and Firsthand's own.
Any other file needs a mapping: one of the configuration (--as), or keys on the command line (--map):

  kind         event, record, traits, membership, number or link
  event        column of the event's name          event_name   one name for every row
  time         column of the time or date          time_format  `day first`, `epoch ms`, `%d.%m.%Y` ...
  person, anonymous, account, id, known_at         columns of these
  of           account or person: whose traits     wide         columns that become an event each
  rename, drop, header, encoding, zone             see docs/import.md

Importing a file again adds only what is new, so an import that was interrupted is run again as it was.

Examples:
  firsthand import events.ndjson.gz
  firsthand import learning.csv.gz --map event_name='Minutes watched' --map time=day --map person=student
  zstdcat events.zst | firsthand import -")]
pub struct Args {
    /// NDJSON, CSV or Parquet, plain, gzip or zstd; `-` is standard input
    #[arg(value_name = "FILE", required = true)]
    files: Vec<String>,
    /// Read the files by a mapping of the configuration (`import:`)
    #[arg(long = "as", value_name = "MAPPING")]
    mapping: Option<String>,
    /// Say what a column is; goes before what the mapping of --as says
    #[arg(long, value_name = "KEY=VALUE")]
    map: Vec<String>,
    /// Name the source; ids are unique within it [default: the mapping's name, or `import`]
    #[arg(long, value_name = "NAME")]
    source: Option<String>,
    /// Where records go that cannot be read [default: data/rejects.ndjson in the project]
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
    /// The type of group that is the account, in exports that know several
    #[arg(long, value_name = "TYPE")]
    group_type: Option<String>,
    /// Read a file even if its first 1,000 records are all rejects
    #[arg(long)]
    keep_going: bool,
    /// Exit with status 1 if any record was rejected
    #[arg(long)]
    strict: bool,
}

pub fn run(args: &Args, global: &Global, output: Output) -> anyhow::Result<Status> {
    let folder = Folder::find(global.project.as_deref())?;
    let project = folder.sound_project(output)?;
    let _claim = folder.claim()?;
    let mapping = args.mapping(&project)?;
    let source = args.source(mapping.as_ref())?;
    let mut history =
        History::open_or_create(folder.history(), &project.identity, args.facts_expected())?;
    let mut rejects = Rejects::new(args.rejects.clone().unwrap_or_else(|| folder.rejects()));

    let inputs = args.files.iter().map(|it| Input::from_arg(it)).collect();
    let mut import = Import::new(inputs, source, &project.calendar, clock::now());
    import.mapping = mapping.as_ref();
    import.group_type = args.group_type.as_deref().map(Text::from);
    if args.keep_going {
        import.give_up_after = None;
    }
    let (read, added) = take_in(import, &mut history, &project, &mut rejects)?;
    let rejects = rejects.finish()?;
    summary::show(&read, &added, rejects.as_deref(), &project.calendar, output)?;
    let bad = read.rejected() > 0 && (args.strict || read.facts == 0);
    Ok(if bad { Status::Problems } else { Status::Done })
}

/// Runs an import into the history: all of it, or nothing.
pub fn take_in(
    import: Import<'_>,
    history: &mut History,
    project: &Project,
    rejects: &mut Rejects,
) -> anyhow::Result<(firsthand_collect::Summary, Summary)> {
    promote(history, project)?;
    let bar = Bar::new();
    let mut intake = history.intake(&project.calendar)?;
    let read = import.run::<anyhow::Error>(
        &mut |fact| {
            if !is_ignored(&fact, project) {
                intake.take(&fact)?;
            }
            Ok(())
        },
        &mut |reject| rejects.add(&reject),
        &bar,
    )?;
    bar.phase("sorting and writing");
    let added = intake.finish()?;
    bar.finish();
    Ok((read, added))
}

/// Gives the properties that definitions read typed columns of their own, in what is written from
/// now on; only the speed of a scan depends on it.
pub fn promote(history: &mut History, project: &Project) -> anyhow::Result<()> {
    let mut paths = compile(project).program.paths;
    paths.truncate(PROMOTED_MAX);
    Ok(history.promote(&paths)?)
}

/// Whether the project wants nothing to do with such events.
pub fn is_ignored(fact: &Fact, project: &Project) -> bool {
    match &fact.body {
        Body::Event { name, .. } => project.events.ignore.iter().any(|it| fits(&it.text, name)),
        _ => false,
    }
}

impl Args {
    fn mapping(&self, project: &Project) -> anyhow::Result<Option<ImportMapping>> {
        let mut mapping = match &self.mapping {
            None if self.map.is_empty() => return Ok(None),
            None => ImportMapping::default(),
            Some(name) => project.imports.get(name.as_str()).cloned().ok_or_else(|| {
                Misuse::unknown("import mapping", name, project.imports.keys().map(Text::as_str))
            })?,
        };
        for pair in &self.map {
            let Some((key, value)) = pair.split_once('=') else {
                return Err(Misuse::new(format!("`{pair}` is not `KEY=VALUE`"))
                    .help("Write such as `--map time=created_at`.")
                    .into());
            };
            mapping::set(&mut mapping, key, value).map_err(|it| Misuse::new(it.to_string()))?;
        }
        Ok(Some(mapping))
    }

    fn source(&self, mapping: Option<&ImportMapping>) -> anyhow::Result<Text> {
        if let Some(name) = self.source.as_ref().or(self.mapping.as_ref()) {
            return Ok(name.as_str().into());
        }
        // Two files may both have a row 1: without a name for each, one of the two would be lost.
        if mapping.is_some_and(|it| it.id.is_some()) {
            return Err(Misuse::new("rows with ids of their own need a named source")
                .help("Name it, such as `--source billing`: ids are unique within a source.")
                .into());
        }
        Ok(SOURCE_DEFAULT.into())
    }

    fn facts_expected(&self) -> u64 {
        let sizes = self.files.iter().filter_map(|it| std::fs::metadata(it).ok());
        sizes.map(|it| it.len()).sum::<u64>() / FACT_BYTES
    }
}
