//! The golden corpus: every shape of docs/language.md, section 10, as a story with exact entries and
//! exits, computed by hand from the specification.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use firsthand_model::config::Project;
use firsthand_model::diagnostic::{SourceFile, Style, render};
use firsthand_rules::compile::compile;
use firsthand_rules::expect;

#[test]
fn every_golden_story_comes_out_as_told() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../golden");
    let mut files = fs::read_dir(folder).unwrap().map(|it| it.unwrap().path()).collect::<Vec<_>>();
    files.sort();
    let (mut stories, mut problems) = (0, Vec::new());
    for path in files.iter().filter(|it| it.extension().is_some_and(|it| it == "yaml")) {
        if std::env::var("GOLDEN").is_ok_and(|only| !path.to_string_lossy().contains(&only)) {
            continue;
        }
        let name = "firsthand.yaml".to_owned();
        let file = SourceFile { name, text: fs::read_to_string(path).unwrap() };
        let loaded = Project::from_files(&[Arc::new(file)], &|path| {
            Err(std::io::Error::new(std::io::ErrorKind::NotFound, path.to_owned()))
        });
        let compiled = compile(&loaded.project);
        let mut found = loaded.diagnostics;
        found.extend(compiled.diagnostics);
        for definition in loaded.project.definitions.values() {
            stories += definition.expect.len();
            found.extend(expect::run(&loaded.project, &compiled.program, definition));
        }
        if !found.is_empty() {
            problems.push(format!("# {}\n{}", path.display(), render(&found, Style::default())));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    assert!(stories > 0);
}
