//! The files of truth: one about the world, one with a line for each account.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use firsthand_simulate::{AccountTruth, Totals, World, WorldTruth};

use super::target::{create_new, refuse_existing};

/// The truth that is being written.
pub struct Truth {
    world: PathBuf,
    accounts: BufWriter<File>,
}

impl Truth {
    /// Beside a file of events: `NAME.truth.json` and `NAME.truth.ndjson`, neither of which may
    /// be there.
    pub fn beside(file: &Path) -> anyhow::Result<Self> {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let stem = name.split('.').next().unwrap_or_default();
        Self::at(&file.with_file_name(format!("{stem}.truth")))
    }

    /// In a project: `truth.json` and `truth.ndjson`.
    pub fn inside(folder: &Path) -> anyhow::Result<Self> {
        Self::at(&folder.join("truth"))
    }

    fn at(path: &Path) -> anyhow::Result<Self> {
        let with = |ending: &str| PathBuf::from(format!("{}.{ending}", path.display()));
        let (world, accounts) = (with("json"), with("ndjson"));
        refuse_existing(&[&world, &accounts])?;
        Ok(Self { world, accounts: BufWriter::new(create_new(&accounts)?) })
    }

    /// Adds accounts.
    pub fn add(&mut self, truths: &[AccountTruth]) -> anyhow::Result<()> {
        for truth in truths {
            serde_json::to_writer(&mut self.accounts, truth)?;
            self.accounts.write_all(b"\n")?;
        }
        Ok(())
    }

    /// Adds what is true of all of them.
    pub fn finish(mut self, world: &World, totals: Totals) -> anyhow::Result<()> {
        self.accounts.flush()?;
        let truth = WorldTruth::of(*world.options(), totals);
        let text = serde_json::to_string_pretty(&truth)? + "\n";
        fs::write(&self.world, text)
            .with_context(|| format!("`{}` cannot be written", self.world.display()))
    }
}
