//! Child processes: what is measured in one has its memory to itself. None outlives this process.

use std::env;
use std::fs::File;
use std::io::{self, Read, Seek};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, bail};

use crate::interrupt;

/// How rayon is told how many threads to start.
const THREADS: &str = "RAYON_NUM_THREADS";
/// Bytes of what a failed child has said that are passed on: the last ones.
const SAID_BYTES_MAX: usize = 2_000;

/// This program, to be run once more on so many threads.
pub fn this_program(threads: usize) -> anyhow::Result<Command> {
    let path = env::current_exe().context("the program does not find itself")?;
    let mut command = Command::new(path);
    command.env(THREADS, threads.to_string());
    Ok(command)
}

/// Runs a command to its end and returns its standard output.
pub fn output(command: &mut Command) -> anyhow::Result<String> {
    run(command, |mut stdout| {
        let mut text = String::new();
        stdout.read_to_string(&mut text)?;
        Ok(text)
    })
}

/// Runs a command to its end while `read` takes its standard output.
///
/// # Errors
/// Where the command fails, with what it has said about it.
pub fn run<T>(
    command: &mut Command,
    read: impl FnOnce(ChildStdout) -> io::Result<T>,
) -> anyhow::Result<T> {
    let name = command.get_program().to_string_lossy().into_owned();
    let mut said = tempfile::tempfile().context("no temporary file can be made")?;
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(said.try_clone()?);
    let mut child = command.spawn().with_context(|| format!("`{name}` cannot be started"))?;
    let stdout = child.stdout.take().expect("it was asked for");
    let child = Running::new(child);
    let taken = read(stdout);
    let status = child.wait().with_context(|| format!("`{name}` was lost"))?;
    if !status.success() {
        interrupt::wait_if_ending();
        bail!("`{name}` failed with {status}\n{}", last_words(&mut said)?);
    }
    taken.with_context(|| format!("what `{name}` prints cannot be read"))
}

/// A child process that is ended with this one, and where nobody waits for it any more.
struct Running(Arc<Mutex<Child>>);

impl Running {
    fn new(child: Child) -> Self {
        let child = Arc::new(Mutex::new(child));
        let weak = Arc::downgrade(&child);
        interrupt::before_end(move || {
            if let Some(child) = weak.upgrade() {
                end(&child);
            }
        });
        Self(child)
    }

    /// To be called once its output is at its end, so that an interruption is not kept waiting.
    fn wait(&self) -> io::Result<std::process::ExitStatus> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).wait()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        end(&self.0);
    }
}

fn end(child: &Mutex<Child>) {
    let mut child = child.lock().unwrap_or_else(PoisonError::into_inner);
    // Either fails only where the child has ended already.
    let _ = child.kill();
    let _ = child.wait();
}

fn last_words(said: &mut File) -> io::Result<String> {
    let mut bytes = Vec::new();
    said.rewind()?;
    said.read_to_end(&mut bytes)?;
    let from = bytes.len().saturating_sub(SAID_BYTES_MAX);
    Ok(String::from_utf8_lossy(&bytes[from..]).trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_child_prints_comes_back_and_its_failure_with_its_words() {
        assert_eq!(output(Command::new("echo").arg("42")).unwrap(), "42\n");
        let error = output(Command::new("sh").args(["-c", "echo broken >&2; exit 3"])).unwrap_err();
        assert_eq!(error.to_string(), "`sh` failed with exit status: 3\nbroken");
        let error = output(&mut Command::new("/there/is/no/such/program")).unwrap_err();
        assert_eq!(error.to_string(), "`/there/is/no/such/program` cannot be started");
    }
}
