//! What the documentation shows is what the program prints.
//!
//! Every ```` ```console ```` block of the files below is run in order, in one empty folder a file,
//! those of the README in the demonstration's project, and its output compared.
//! `UPDATE_DOCS=1 cargo test -p firsthand --test docs` writes what is printed now into the files.

#![cfg(unix)]

use std::path::Path;
use std::process::{Command, Stdio};

/// Files with shown commands, from the root of the repository, and whether their commands are run
/// inside the demonstration's project: there the text tells of it once, for all of them.
const FILES: &[(&str, bool)] = &[("README.md", true), ("docs/commands.md", false)];

#[test]
fn the_documentation_shows_what_the_program_prints() {
    for (name, in_demo) in FILES {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(name);
        let Ok(text) = std::fs::read_to_string(&path) else {
            eprintln!("skipped: there is no {name}");
            continue;
        };
        let printed = with_real_outputs(&text, *in_demo);
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::write(&path, printed).unwrap();
        } else {
            assert_eq!(text, printed, "{name} is stale: run with UPDATE_DOCS=1");
        }
    }
}

/// The text with the output under each command replaced by what the command prints.
fn with_real_outputs(text: &str, in_demo: bool) -> String {
    let folder = tempfile::tempdir().unwrap();
    if in_demo {
        run("firsthand demo . --report", folder.path());
    }
    let mut printed = String::new();
    let mut in_block = false;
    for line in text.lines() {
        let fence = line.starts_with("```");
        let command = line.strip_prefix("$ ").filter(|_| in_block);
        if fence || command.is_some() || !in_block {
            printed.extend([line, "\n"]);
        }
        if let Some(command) = command {
            printed += &run(command, folder.path());
        }
        if fence {
            in_block = !in_block && line == "```console";
        }
    }
    printed
}

fn run(command: &str, folder: &Path) -> String {
    let binary = Path::new(env!("CARGO_BIN_EXE_firsthand")).parent().unwrap();
    let path = format!("{}:{}", binary.display(), std::env::var("PATH").unwrap());
    let (mut reader, writer) = std::io::pipe().unwrap();
    let mut shell = Command::new("sh");
    shell
        .args(["-c", command])
        .current_dir(folder)
        .env("PATH", path)
        .env("COLUMNS", "100")
        .env_remove("NO_COLOR")
        .stdin(Stdio::null())
        .stdout(writer.try_clone().unwrap())
        .stderr(writer);
    let mut child = shell.spawn().unwrap();
    // The writing ends that this process holds go with the command, so that reading ends.
    drop(shell);
    let printed = std::io::read_to_string(&mut reader).unwrap();
    child.wait().unwrap();
    printed.lines().flat_map(|line| [line.trim_end(), "\n"]).collect()
}
