//! Keeps `docs/diagnostics.md` true: every example on it is run, and what the page shows must be
//! what is printed. `UPDATE_DOCS=1 cargo test -p firsthand-rules --test diagnostics` rewrites it.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use firsthand_model::config::Project;
use firsthand_model::diagnostic::{SourceFile, SourceText, Style, codes, render};
use firsthand_model::seen::Seen;
use firsthand_rules::change::change;
use firsthand_rules::check::report;
use firsthand_rules::story;

/// What an example prints: the project in `yaml`, checked with the facts that came in, if any.
fn printed(yaml: &str, facts: Option<&str>) -> String {
    let name = "firsthand.yaml".to_owned();
    let file = Arc::new(SourceFile { name, text: yaml.to_owned() });
    let loaded = Project::from_files(&[file], &|_| Err(std::io::ErrorKind::NotFound.into()));
    let calendar = &loaded.project.calendar;
    let seen = facts.map(|facts| {
        let mut seen = Seen::default();
        let facts =
            story::facts(facts, calendar, Some(story::DEFAULT_ACCOUNT)).expect("good facts");
        for fact in &facts {
            seen.take(fact, calendar);
        }
        seen
    });
    render(&report(&loaded, seen.as_ref()), Style::default())
}

/// What is said of a comparison that cannot be set in the definitions of the project.
fn printed_of_change(yaml: &str, condition: &str) -> String {
    let name = "firsthand.yaml".to_owned();
    let file = Arc::new(SourceFile { name, text: yaml.to_owned() });
    let loaded = Project::from_files(&[file], &|_| Err(std::io::ErrorKind::NotFound.into()));
    let names = loaded.project.definitions.keys().cloned().collect::<Vec<_>>();
    let given = SourceText::inline("--set", condition);
    let wrong = change(&loaded.project, &names, &[given]).err().unwrap_or_default();
    render(&wrong, Style::default())
}

/// The page again, with what each example prints now. An example is a block of `yaml`, with a
/// block of `facts` or of `set` behind it or not, and the block of `text` that follows.
fn renewed(page: &str) -> String {
    let (mut yaml, mut facts, mut set) = (None, None, None);
    let mut renewed = String::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        let _ = writeln!(renewed, "{line}");
        let Some(language) = line.strip_prefix("```").filter(|it| !it.is_empty()) else { continue };
        let block = lines.by_ref().take_while(|it| *it != "```").collect::<Vec<_>>().join("\n");
        let block = match language {
            "yaml" => {
                (yaml, facts, set) = (Some(block.clone()), None, None);
                block
            }
            "facts" => {
                facts = Some(block.clone());
                block
            }
            "set" => {
                set = Some(block.clone());
                block
            }
            "text" => match (&yaml, &set) {
                (Some(yaml), Some(set)) => printed_of_change(yaml, set).trim_end().to_owned(),
                (Some(yaml), None) => printed(yaml, facts.as_deref()).trim_end().to_owned(),
                (None, _) => block,
            },
            other => panic!("the page has no blocks of `{other}`"),
        };
        let _ = writeln!(renewed, "{block}\n```");
    }
    renewed
}

#[test]
fn the_page_shows_every_code_as_it_really_prints() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/diagnostics.md");
    let page = fs::read_to_string(&path).unwrap();
    let renewed = renewed(&page);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, &renewed).unwrap();
    } else {
        assert!(page == renewed, "run again with UPDATE_DOCS=1 and read what changed");
    }
    for (code, meaning) in codes::ALL {
        let heading = format!("### {}: {}", code.0, meaning.trim().trim_end_matches('.'));
        let (_, section) = renewed
            .split_once(&format!("{heading}\n"))
            .unwrap_or_else(|| panic!("the page needs the heading `{heading}`"));
        let section = section.split("\n### ").next().unwrap_or(section);
        let shown = [format!("error[{}]", code.0), format!("warning[{}]", code.0)];
        assert!(shown.iter().any(|it| section.contains(it)), "{heading} shows no {}", code.0);
    }
}

/// Definitions that make sense give no reason to warn.
#[test]
fn the_golden_corpus_is_free_of_warnings() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../golden");
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|it| it == "yaml") {
            let said = printed(&fs::read_to_string(&path).unwrap(), None);
            assert_eq!(said, "", "{}", path.display());
        }
    }
}
