//! Project folders on disk, and files in which anything may stand.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

use firsthand_model::config::{DEFAULTS, DEPTH_MAX, FILE_BYTES_MAX, Loaded, NODES_MAX, Project};
use firsthand_model::diagnostic::{SourceFile, Style, codes, has_errors, render, to_json};
use proptest::prelude::*;

/// Writes the files into a folder of their own and loads it.
fn load(files: &[(&str, &[u8])]) -> Loaded {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    Project::load(folder.path())
}

/// What is said, without the folder, which differs from run to run.
fn said(loaded: &Loaded) -> String {
    let all = loaded.diagnostics.iter().map(|it| {
        let name = Path::new(&it.file.name).file_name().unwrap().to_string_lossy();
        format!("{} {name}: {}", it.problem.code.0, it.problem.message)
    });
    all.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_folder_is_read_with_all_that_its_files_name() {
    let loaded = load(&[
        ("firsthand.yaml", b"constants: {vip: {file: lists/vip.txt}}"),
        ("lists/vip.txt", b"acme.com\n"),
        ("definitions/b.yaml", b"definition: b\nwhen: true"),
        ("definitions/a.yml", b"definition: a\nwhen: true\n---\ndefinition: c\nwhen: true"),
        ("definitions/notes.txt", b"{"),
        ("definitions/.a.yaml", b"{"),
        ("stories/one.txt", b"{"),
    ]);
    assert_eq!(said(&loaded), "");
    assert_eq!(loaded.project.definitions.keys().collect::<Vec<_>>(), ["a", "b", "c"]);
    assert_eq!(loaded.files.len(), 4);
}

#[test]
fn all_files_are_read_though_one_of_them_is_broken() {
    let loaded = load(&[
        ("firsthand.yaml", b"project: a\nzone: [\n"),
        ("definitions/a.yaml", b"definition: a\nwhen: true\nwhne: 1"),
        ("definitions/b.yaml", b"definition: b\nwhen: \xff"),
        ("definitions/c.yaml", b"definition: c\nwhen: true\n---\n\tx"),
    ]);
    assert_eq!(loaded.project.definitions.keys().collect::<Vec<_>>(), ["a", "c"]);
    insta::assert_snapshot!(said(&loaded), @r"
    E102 a.yaml: unknown key `whne` in a definition
    E101 b.yaml: not text in UTF-8
    E103 c.yaml: a document takes keys, not `x`
    E101 firsthand.yaml: a bracket that is never closed, or a value that is missing
    ");
}

#[test]
fn a_folder_without_settings_says_what_to_do() {
    let loaded = Project::load(Path::new("no-such-folder"));
    insta::assert_snapshot!(render(&loaded.diagnostics, Style::default()), @r"
    error[E106]: there is no `no-such-folder/firsthand.yaml`
    --> no-such-folder/firsthand.yaml
     = help: Run `firsthand init` to make a project folder, or name another folder.
    ");
}

#[test]
fn what_is_declared_but_broken_is_named_as_such() {
    let loaded =
        load(&[("firsthand.yaml", b"meters: {a: {kind: tally}}\nplans: {p: {limits: {a: 5}}}")]);
    assert!(loaded.broken.contains("a"), "nobody is told that `a` is unknown");
    insta::assert_snapshot!(said(&loaded), @r"
    E103 firsthand.yaml: a meter needs `add`
    E104 firsthand.yaml: `kind` cannot be `tally`
    ");
}

#[test]
fn a_file_that_is_too_large_too_deep_or_no_text_is_refused() {
    let deep = "[".repeat(DEPTH_MAX + 1);
    let large = "#".repeat(FILE_BYTES_MAX + 1);
    let many = "[".to_owned() + &"a, ".repeat(NODES_MAX) + "]";
    for text in [deep.as_str(), &large, &many, "a: \0", &"{a: ".repeat(500), &"- ".repeat(5_000)] {
        let loaded = from_text(text);
        assert!(has_errors(&loaded.diagnostics), "{}", &text[..3]);
        assert!(loaded.diagnostics[0].problem.code == codes::NOT_YAML);
    }
}

fn from_text(text: &str) -> Loaded {
    let file = SourceFile { name: "firsthand.yaml".to_owned(), text: text.to_owned() };
    Project::from_files(&[Arc::new(file)], &|_| Err(io::ErrorKind::NotFound.into()))
}

/// A text in which parts of a good file stand in any order, cut anywhere.
fn any_mixture() -> impl Strategy<Value = String> {
    let lines: Vec<String> = DEFAULTS
        .lines()
        .map(|it| it.strip_prefix('#').unwrap_or(it).to_owned())
        .chain(
            [
                "---",
                "definition: a",
                "when: >-",
                "  \"A\" é",
                "&a",
                "*a",
                "? x",
                "\t",
                "{",
                "]",
                "'",
            ]
            .map(str::to_owned),
        )
        .collect();
    let part = (proptest::sample::select(lines), 0_usize..60, "(|\n|\r\n| |\n  )");
    let part = part.prop_map(|(line, length, end)| {
        let cut: String = line.chars().take(length.max(3)).collect();
        cut + &end
    });
    proptest::collection::vec(part, 0..25).prop_map(|it| it.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_stands_in_a_file_is_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let loaded = from_text(&String::from_utf8_lossy(&bytes));
        to_json(&loaded.diagnostics);
        render(&loaded.diagnostics, Style { color: true });
    }

    #[test]
    fn whatever_the_mixture_of_good_parts_each_problem_has_its_place(text in any_mixture()) {
        let loaded = from_text(&text);
        for found in &loaded.diagnostics {
            let span = found.problem.span.clone();
            prop_assert!(found.file.text.get(span.clone()).is_some(), "{span:?} {}", found.problem.message);
            prop_assert!(found.problem.help.is_some(), "{}", found.problem.message);
        }
        render(&loaded.diagnostics, Style::default());
    }
}
