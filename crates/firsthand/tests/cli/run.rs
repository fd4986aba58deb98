//! Runs the binary; its output becomes text that can be compared.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A folder of its own for one test, in which the binary runs.
pub struct Place {
    dir: tempfile::TempDir,
}

impl Place {
    /// An empty folder.
    pub fn empty() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    /// The path of something in it.
    pub fn path(&self, inside: &str) -> PathBuf {
        self.dir.path().join(inside)
    }

    /// Writes a file.
    pub fn write(&self, inside: &str, text: &str) {
        let path = self.path(inside);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// Reads a file.
    pub fn read(&self, inside: &str) -> String {
        std::fs::read_to_string(self.path(inside)).unwrap()
    }

    /// The binary, ready to run here, with nothing of this machine's settings.
    pub fn command(&self, arguments: &str) -> Command {
        command(self.dir.path(), arguments)
    }

    /// Runs the binary here and tells all that it did.
    pub fn run(&self, arguments: &str) -> String {
        self.run_with(arguments, [])
    }

    /// The same with further arguments, which may hold spaces.
    pub fn run_with<'a>(
        &self,
        arguments: &str,
        further: impl IntoIterator<Item = &'a str>,
    ) -> String {
        let output = self.command(arguments).args(further).output().unwrap();
        let mut told = format!("exit status {}\n", output.status.code().unwrap());
        for (name, bytes) in [("stdout", output.stdout), ("stderr", output.stderr)] {
            if !bytes.is_empty() {
                told.extend(["--- ", name, "\n", &String::from_utf8(bytes).unwrap()]);
            }
        }
        self.without_paths(&told)
    }

    fn without_paths(&self, text: &str) -> String {
        let real = self.dir.path().canonicalize().unwrap();
        text.replace(real.to_str().unwrap(), "[DIR]")
            .replace(self.dir.path().to_str().unwrap(), "[DIR]")
    }
}

fn command(dir: &Path, arguments: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_firsthand"));
    command
        .args(arguments.split_whitespace())
        .current_dir(dir)
        .stdin(Stdio::null())
        .env_remove("NO_COLOR")
        .env_remove("CLICOLOR_FORCE")
        .env("COLUMNS", "100");
    command
}
