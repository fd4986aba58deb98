//! `firsthand retain`: forgets what is old enough, now.

use firsthand_model::config::RetentionRules;

use crate::args::Global;
use crate::clock;
use crate::exit::{Misuse, Status};
use crate::output::{Output, counted};
use crate::project::Folder;
use crate::retention::{sweep_all, until};
use crate::serve::running::open_store;

/// Arguments of `retain`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Forgets what is older than `retention:` of the configuration allows. A running server does\n\
                        the same by itself, once an hour; the recorded history is kept."
)]
pub struct Args {}

pub fn run(_: &Args, global: &Global, output: Output) -> anyhow::Result<Status> {
    let folder = Folder::find(global.project.as_deref())?;
    let project = folder.sound_project(output)?;
    if project.retention == RetentionRules::default() {
        return Err(Misuse::new("nothing says after how long what is to be forgotten")
            .help("Add `retention:` to `firsthand.yaml`; see docs/configuration.md.")
            .into());
    }
    let store = open_store(&folder.store())?;
    let rows = sweep_all(&store, &until(&project.retention, clock::now()))?;
    output.note(&format!("{} forgotten", counted(rows, "row")));
    Ok(Status::Done)
}
