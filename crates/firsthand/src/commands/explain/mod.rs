//! `firsthand explain`: why somebody has qualified, or what is missing (P6).

mod case;
mod show;
mod whereabouts;

use std::collections::BTreeSet;

use firsthand_model::Time;
use firsthand_model::fact::Kind;

use crate::args::Global;
use crate::exit::{Misuse, Status};
use crate::output::{Format, Output, shown_time};
use crate::set::Set;
use crate::study::{Asked, Study};
use crate::values::Moment;

pub use case::Case;
pub use show::show_all;

/// Arguments of `explain`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
                        firsthand explain acme-bikes\n  \
                        firsthand explain acme-bikes outgrowing-free --at 2026-08-26\n  \
                        firsthand explain acme-bikes --set 'people(core, last 7d) >= 4'")]
pub struct Args {
    /// An account or a person, by id
    #[arg(value_name = "SUBJECT")]
    subject: String,
    /// Which definition [default: all, a line each]
    #[arg(value_name = "DEF")]
    definition: Option<String>,
    /// As of when: a date or an instant in the project's zone [default: the newest fact]
    #[arg(long, value_name = "TIME")]
    at: Option<Moment>,
    /// The account of that id, where a person has the same
    #[arg(long, conflicts_with = "person")]
    account: bool,
    /// The person of that id, where an account has the same
    #[arg(long)]
    person: bool,
    #[command(flatten)]
    set: Set,
}

pub fn run(args: &Args, global: &Global, output: Output) -> anyhow::Result<Status> {
    let published = Study::open(global.project.as_deref(), output)?;
    let asked = |study: &Study| match &args.definition {
        Some(name) => study.definitions(std::slice::from_ref(name)),
        None => study.all_definitions(),
    };
    let study = args.set.on(&published, &asked(&published)?, output)?.unwrap_or(published);
    let definitions = asked(&study)?;
    let kind = match (args.account, args.person) {
        (true, _) => Some(Kind::Account),
        (_, true) => Some(Kind::Person),
        _ => None,
    };
    let at = study.until(args.at.as_ref());
    let cases = find(&study, &definitions, &args.subject, kind, at)?;
    let kinds: BTreeSet<Kind> = cases.iter().map(|it| it.subject.kind).collect();
    if kinds.len() > 1 {
        output.note(&format!(
            "`{}` is an account and a person; `--account` or `--person` chooses",
            args.subject
        ));
    }
    match output.format {
        Format::Json => {
            let cases: Vec<_> = cases.iter().map(|it| it.to_json(at)).collect();
            output.text(&(serde_json::to_string_pretty(&cases)? + "\n"))?;
        }
        _ if args.definition.is_some() => {
            show_all(&study, &cases, at, output)?;
        }
        _ => output.table(&show::in_short(&study, &cases, kinds.len() > 1))?,
    }
    Ok(Status::Done)
}

/// Explains definitions for whoever has this id.
pub fn cases(
    study: &Study,
    definitions: &[Asked],
    id: &str,
    at: Time,
) -> anyhow::Result<Vec<Case>> {
    find(study, definitions, id, None, at)
}

/// The same for one kind of subject.
fn find(
    study: &Study,
    definitions: &[Asked],
    id: &str,
    kind: Option<Kind>,
    at: Time,
) -> anyhow::Result<Vec<Case>> {
    let found = study.subjects(id, kind, at)?;
    if found.is_empty() {
        return Err(whereabouts::nobody(study, id, kind, at)?.into());
    }
    let kind = found[0].subject.kind;
    let cases = case::of(study, definitions, found, at)?;
    if cases.is_empty() {
        return Err(match definitions {
            [] => Misuse::new("the project has no definitions")
                .help("Write one into `definitions/`; docs/language.md tells how."),
            [one] => {
                Misuse::new(format!("`{}` judges {}s, `{id}` is {}", one.name, one.kind, a(kind)))
            }
            _ => Misuse::new(format!("`{id}` is {}, no definition judges those", a(kind))),
        }
        .into());
    }
    Ok(cases)
}

/// The instant in the zone of the project.
fn when(study: &Study, at: Time) -> String {
    shown_time(at, &study.project.calendar)
}

const fn a(kind: Kind) -> &'static str {
    match kind {
        Kind::Account => "an account",
        Kind::Person => "a person",
    }
}
