//! The tables of `docs/configuration.md`, drawn from the description of keys.
//!
//! The page is written by hand, but for what stands between `<!-- keys: a plan -->` and
//! `<!-- end -->`. A test says when a table is out of date.

use std::fmt::Write;

use super::keys::{Key, Need, Section, Takes, sections};

const BEGIN: &str = "<!-- keys: ";
const BEGIN_CLOSE: &str = " -->\n";
const END: &str = "<!-- end -->";

/// The page with all its tables drawn anew, and the names of sections that it does not show.
pub fn with_tables(page: &str) -> (String, Vec<&'static str>) {
    let mut missing: Vec<_> = sections().iter().map(|it| it.name).collect();
    let mut text = String::new();
    let mut rest = page;
    while let Some((before, behind)) = rest.split_once(BEGIN) {
        text.push_str(before);
        text.push_str(BEGIN);
        rest = behind;
        let Some((name, body)) = behind.split_once(BEGIN_CLOSE) else {
            continue;
        };
        let Some((_, after)) = body.split_once(END) else {
            continue;
        };
        let Some(section) = sections().into_iter().find(|it| it.name == name) else {
            continue;
        };
        missing.retain(|it| *it != name);
        let _infallible = write!(text, "{name}{BEGIN_CLOSE}{}{END}", table(section));
        rest = after;
    }
    text.push_str(rest);
    (text, missing)
}

fn table(section: &Section) -> String {
    let mut text =
        String::from("| key | takes | if left out | meaning |\n| --- | --- | --- | --- |\n");
    for Key { name, takes, need, doc } in section.keys {
        let left_out = match need {
            Need::Required => "needed".to_owned(),
            Need::Optional => String::new(),
            Need::Default(default) => format!("`{default}`"),
        };
        let takes = cell(takes);
        let _infallible = writeln!(text, "| `{name}` | {takes} | {left_out} | {doc} |");
    }
    text
}

/// What a key takes, as a cell of a table.
fn cell(takes: &Takes) -> String {
    match takes {
        Takes::Choice(words) => {
            let words = words.iter().map(|(word, meaning)| match *meaning {
                "" => format!("`{word}`"),
                meaning => format!("`{word}` ({meaning})"),
            });
            words.collect::<Vec<_>>().join(", ")
        }
        Takes::Section(section) => {
            format!("the keys of [{0}](#{1})", section.name, anchor(section))
        }
        Takes::Map(what, of) => format!("{what}, each with {}", cell(of)),
        Takes::List(of) => format!("a list, each entry {}", cell(of)),
        Takes::OneOrMany(of) => format!("{} or a list", cell(of)),
        Takes::Either(all) => all.iter().map(cell).collect::<Vec<_>>().join(", or "),
        other => other.expected(),
    }
}

/// The heading of a section, as a link finds it.
fn anchor(section: &Section) -> String {
    section.name.to_lowercase().replace(' ', "-")
}

/// The page as it stands in the repository.
#[cfg(test)]
pub(super) fn page() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/configuration.md");
    std::fs::read_to_string(path).unwrap()
}

/// Every example of the page, each a file.
#[cfg(test)]
pub(super) fn examples() -> Vec<String> {
    let page = page();
    let blocks = page.split("```yaml\n").skip(1);
    blocks.map(|it| it.split("```").next().unwrap().to_owned()).collect()
}

/// The default file with every setting that it shows taken for real.
#[cfg(test)]
pub(super) fn shown_settings() -> String {
    let lines = super::DEFAULTS.lines().map(|line| match line.strip_prefix('#') {
        Some(setting) => {
            // Prose has one blank behind the sign, a setting none, or an even number of them.
            let prose = setting.starts_with(' ') && !setting.starts_with("  ");
            if prose { "" } else { setting }
        }
        None => line,
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::Arc;

    use super::*;
    use crate::config::project::PROJECT;
    use crate::config::{DEFAULTS, Project};
    use crate::diagnostic::{SourceFile, Style, render};

    /// What is said about a project in one file, whose lists and stories are empty.
    fn said_about(text: &str) -> String {
        let file = SourceFile { name: "firsthand.yaml".to_owned(), text: text.to_owned() };
        let loaded = Project::from_files(&[Arc::new(file)], &|_| Ok(String::new()));
        render(&loaded.diagnostics, Style::default())
    }

    /// Run with `UPDATE_DOCS=1` to draw the tables anew.
    #[test]
    fn the_tables_of_the_page_are_those_of_the_keys() {
        let (drawn, missing) = with_tables(&page());
        assert_eq!(missing, [""; 0], "sections without a table");
        if std::env::var_os("UPDATE_DOCS").is_some() {
            let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/configuration.md");
            std::fs::write(path, &drawn).unwrap();
        }
        assert!(page() == drawn, "docs/configuration.md is out of date: run with UPDATE_DOCS=1");
    }

    #[test]
    fn links_of_the_page_lead_to_headings() {
        let page = page();
        let headings: BTreeSet<String> = page
            .lines()
            .filter(|it| it.starts_with('#'))
            .map(|it| it.trim_start_matches('#').trim().to_lowercase().replace(' ', "-"))
            .collect();
        for link in page.split("](#").skip(1).map(|it| it.split(')').next().unwrap()) {
            assert!(headings.contains(link), "#{link}");
        }
    }

    #[test]
    fn every_example_of_the_page_loads_without_a_word() {
        assert!(examples().len() > 5);
        for text in examples() {
            assert_eq!(said_about(&text), "", "{text}");
        }
    }

    #[test]
    fn the_default_file_loads_without_a_word_as_it_is_and_with_all_it_shows() {
        assert_eq!(said_about(DEFAULTS), "");
        assert_eq!(said_about(&shown_settings()), "");
    }

    #[test]
    fn the_default_file_shows_every_setting() {
        let shown = shown_settings();
        for key in PROJECT.keys {
            let line = format!("{}:", key.name);
            assert!(shown.lines().any(|it| it.starts_with(&line)), "{}", key.name);
        }
    }
}
