//! The file of records that could not be read, each with its reason.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::PathBuf;

use anyhow::Context;
use firsthand_collect::Reject;
use serde_json::json;

/// Where rejects go. The file is made with the first of them; without any there is none.
pub struct Rejects {
    path: PathBuf,
    file: Option<BufWriter<File>>,
}

impl Rejects {
    /// Rejects will go to this file, which is replaced.
    pub fn new(path: PathBuf) -> Self {
        Self { path, file: None }
    }

    /// Writes one as a line of JSON.
    pub fn add(&mut self, reject: &Reject) -> anyhow::Result<()> {
        let path = self.path.display();
        if self.file.is_none() {
            if let Some(folder) = self.path.parent() {
                fs::create_dir_all(folder)
                    .with_context(|| format!("`{}` cannot be made", folder.display()))?;
            }
            let file =
                File::create(&self.path).with_context(|| format!("`{path}` cannot be made"))?;
            self.file = Some(BufWriter::new(file));
        }
        let line = json!({
            "file": &*reject.file,
            "line": reject.line,
            "column": reject.column,
            "code": reject.code.code(),
            "reason": reject.reason,
            "record": reject.raw,
        });
        let file = self.file.as_mut().expect("it was just made");
        writeln!(file, "{line}").with_context(|| format!("`{path}` cannot be written"))
    }

    /// Finishes the file and returns its name, if there is one.
    pub fn finish(self) -> anyhow::Result<Option<String>> {
        let Some(mut file) = self.file else {
            return Ok(None);
        };
        let path = self.path.display().to_string();
        file.flush().with_context(|| format!("`{path}` cannot be written"))?;
        Ok(Some(path))
    }
}
