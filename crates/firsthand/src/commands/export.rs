//! `firsthand export`: the recorded facts, out again.

use std::io::{self, BufWriter, Write};

use firsthand_collect::write_fact;
use firsthand_history::History;
use firsthand_model::Fact;
use firsthand_model::fact::Body;

use crate::args::Global;
use crate::exit::{Misuse, Status};
use crate::output::{Format, Output, from_write};
use crate::project::Folder;

/// Bytes gathered before they are written.
const BUFFER_BYTES: usize = 1 << 16;

/// Arguments of `export`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Writes one fact a line as JSON, in Firsthand's own shape, which `import` reads back as\n\
                        the same facts. With --json the same as one array, as every command; with --csv a\n\
                        table, whose column `body` has what the others do not."
)]
pub struct Args {
    /// Only the facts of this account
    #[arg(long, value_name = "ID")]
    account: Option<String>,
    /// Write at most so many facts
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
}

pub fn run(args: &Args, global: &Global, output: Output) -> anyhow::Result<Status> {
    let folder = Folder::find(global.project.as_deref())?;
    let project = folder.sound_project(output)?;
    let history = History::open(folder.history(), &project.identity)?;
    let limit = args.limit.unwrap_or(usize::MAX);
    let mut writer = Writer::new(output)?;
    if let Some(account) = &args.account {
        let facts = history.facts_of(account)?;
        if facts.is_empty() {
            let message = format!("nothing is recorded of an account `{account}`");
            return Err(Misuse::new(message)
                .help("`firsthand accounts` lists all of them.")
                .into());
        }
        facts.iter().take(limit).try_for_each(|fact| writer.write(fact))?;
    } else {
        history.export().take(limit).try_for_each(|fact| writer.write(&fact?))?;
    }
    writer.finish()?;
    Ok(Status::Done)
}

enum Writer {
    Lines(BufWriter<io::Stdout>),
    /// One array; whether anything is in it yet.
    Array(BufWriter<io::Stdout>, bool),
    Csv(Box<csv::Writer<io::Stdout>>),
}

impl Writer {
    fn new(output: Output) -> anyhow::Result<Self> {
        let out = || BufWriter::with_capacity(BUFFER_BYTES, io::stdout());
        match output.format {
            Format::People => return Ok(Self::Lines(out())),
            Format::Json => return Ok(Self::Array(out(), false)),
            Format::Csv => {}
        }
        let mut csv =
            csv::WriterBuilder::new().buffer_capacity(BUFFER_BYTES).from_writer(io::stdout());
        csv.write_record([
            "id",
            "source",
            "time",
            "known_at",
            "person",
            "anonymous",
            "account",
            "kind",
            "name",
            "body",
        ])
        .map_err(from_csv)?;
        Ok(Self::Csv(Box::new(csv)))
    }

    fn write(&mut self, fact: &Fact) -> anyhow::Result<()> {
        match self {
            Self::Lines(out) => write_fact(out, fact).map_err(from_write),
            Self::Array(out, begun) => {
                // Each fact ends its line.
                let before = if *begun { ", " } else { "[ " };
                *begun = true;
                out.write_all(before.as_bytes()).map_err(from_write)?;
                write_fact(out, fact).map_err(from_write)
            }
            Self::Csv(csv) => csv.write_record(row(fact)).map_err(from_csv),
        }
    }

    fn finish(self) -> anyhow::Result<()> {
        match self {
            Self::Lines(mut out) => out.flush().map_err(from_write),
            Self::Array(mut out, begun) => {
                let end = if begun { "]\n" } else { "[]\n" };
                out.write_all(end.as_bytes()).map_err(from_write)?;
                out.flush().map_err(from_write)
            }
            Self::Csv(mut csv) => csv.flush().map_err(from_write),
        }
    }
}

fn row(fact: &Fact) -> [String; 10] {
    let text = |it: &Option<firsthand_model::Text>| it.as_deref().unwrap_or_default().to_owned();
    let (kind, name, body) = match &fact.body {
        Body::Event { name, properties } => ("event", name.to_string(), properties.as_str()),
        Body::Record { name, properties } => ("record", name.to_string(), properties.as_str()),
        Body::Traits { of, traits } => ("traits", of.to_string(), traits.as_str()),
        Body::Link => ("link", String::new(), ""),
        Body::Alias { other } => ("alias", other.to_string(), ""),
        Body::Split { other } => ("split", other.to_string(), ""),
        Body::Membership { joined, role } => (
            "membership",
            if *joined { "joined" } else { "left" }.to_owned(),
            role.as_deref().unwrap_or_default(),
        ),
    };
    [
        fact.id.to_string(),
        fact.source.to_string(),
        fact.time.to_string(),
        fact.known_at.map(|it| it.to_string()).unwrap_or_default(),
        text(&fact.who.user),
        text(&fact.who.anonymous),
        text(&fact.who.account),
        kind.to_owned(),
        name,
        body.to_owned(),
    ]
}

fn from_csv(error: csv::Error) -> anyhow::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => from_write(error),
        other => anyhow::anyhow!("a row cannot be written as CSV: {other:?}"),
    }
}
