//! Other engines over the same files, by way of `benches/yardsticks/run.py`.

use std::collections::BTreeSet;
use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::Context;
use serde::Deserialize;

use super::child;
use super::company::Place;
use super::entries::{self, Entry};

/// The variable that names a Python which has the engines.
pub const PYTHON: &str = "FIRSTHAND_PYTHON";

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../../../../benches/yardsticks/", $name)))),*]
    };
}

/// The runner and its queries.
const FILES: &[(&str, &str)] = files![
    "run.py",
    "company.json",
    "aggregate.chdb.sql",
    "aggregate.duckdb.sql",
    "definition.chdb.sql",
    "definition.duckdb.sql",
    "plain.duckdb.sql",
];

/// Another engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// DuckDB.
    DuckDb,
    /// ClickHouse, within a process.
    ClickHouse,
}

impl Engine {
    /// Those that there are.
    pub const ALL: [Self; 2] = [Self::DuckDb, Self::ClickHouse];

    /// Its name for people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::DuckDb => "DuckDB",
            Self::ClickHouse => "ClickHouse",
        }
    }

    /// The Python module that holds it.
    const fn module(self) -> &'static str {
        match self {
            Self::DuckDb => "duckdb",
            Self::ClickHouse => "chdb",
        }
    }
}

/// A question that an engine is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Query {
    /// The entries of the definition, by the best SQL that we know.
    Definition,
    /// The same, by SQL as one writes it; DuckDB's only.
    Plain,
    /// Rows, the newest and the people of each account.
    Aggregate,
}

impl Query {
    fn finds_entries(self) -> bool {
        self != Self::Aggregate
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Definition => "definition",
            Self::Plain => "plain",
            Self::Aggregate => "aggregate",
        }
    }
}

/// What the runner prints.
#[derive(Debug, Deserialize)]
struct Told {
    version: String,
    best_seconds: f64,
}

/// How long an engine took, and what it found.
pub struct Answer {
    /// The engine with its version.
    pub name: String,
    /// Of the best run.
    pub seconds: f64,
    /// The entries, where these were asked for.
    pub entries: BTreeSet<Entry>,
}

/// The engines that are at hand.
pub struct Yardsticks {
    python: OsString,
    place: Place,
}

impl Yardsticks {
    /// Lays the runner out in a temporary folder.
    pub fn new() -> anyhow::Result<Self> {
        let place = Place::temporary()?;
        for (name, text) in FILES {
            fs::write(place.path(name), text).context("the temporary folder cannot be written")?;
        }
        let python = env::var_os(PYTHON).unwrap_or_else(|| "python3".into());
        Ok(Self { python, place })
    }

    /// Asks an engine; `None` where it is not installed.
    pub fn ask(
        &self,
        engine: Engine,
        query: Query,
        history: &Path,
        threads: usize,
        runs: usize,
    ) -> anyhow::Result<Option<Answer>> {
        if !self.has(engine) {
            return Ok(None);
        }
        let found = self.place.path("found.csv");
        let mut command = Command::new(&self.python);
        command.arg(self.place.path("run.py")).arg("--history").arg(history);
        command.args(["--engine", engine.module(), "--query", query.word()]);
        command.args(["--threads", &threads.to_string(), "--runs", &runs.to_string()]);
        if query.finds_entries() {
            command.arg("--out").arg(&found);
        }
        let printed = child::output(&mut command)?;
        let told: Told = serde_json::from_str(&printed)
            .with_context(|| format!("`{}` is no answer", printed.trim()))?;
        Ok(Some(Answer {
            name: format!("{} {}", engine.name(), told.version),
            seconds: told.best_seconds,
            entries: if query.finds_entries() { entries::read(&found)? } else { BTreeSet::new() },
        }))
    }

    fn has(&self, engine: Engine) -> bool {
        let mut probe = Command::new(&self.python);
        probe.args(["-c", &format!("import {}", engine.module())]);
        child::output(&mut probe).is_ok()
    }
}
