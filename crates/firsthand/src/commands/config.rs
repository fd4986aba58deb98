//! `firsthand config`: what can be written into a project's files.

use crate::exit::Status;
use crate::output::Output;

/// Arguments of `config`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// The JSON Schema (draft-07) of the project's files, for editors
    #[command(
        after_help = "Visual Studio Code and others complete and check the files once they know it:\n  \
                            firsthand config schema > firsthand.schema.json\n  \
                            # yaml-language-server: $schema=firsthand.schema.json   (first line of a file)"
    )]
    Schema,
    /// Every setting with its default and what it means
    Defaults,
    /// Every code of an error or warning with its meaning
    Codes,
}

pub fn run(args: &Args, output: Output) -> anyhow::Result<Status> {
    match args.what {
        What::Schema => {
            let schema =
                serde_json::to_string_pretty(&firsthand_model::config::schema::json_schema())?;
            output.text(&(schema + "\n"))?;
        }
        What::Defaults => output.text(firsthand_model::config::DEFAULTS)?,
        What::Codes => output.table(&codes())?,
    }
    Ok(Status::Done)
}

fn codes() -> crate::output::Table {
    let mut table = crate::output::Table::new(&[("code", "code"), ("meaning", "meaning")]);
    for (code, meaning) in firsthand_model::diagnostic::codes::ALL {
        table.push([code.0.into(), meaning.trim().into()]);
    }
    table
}
