//! Where the documents of a file lie, byte for byte: for whoever changes one and leaves the rest
//! as it is.

use std::ops::Range;
use std::sync::Arc;

use super::load::word_of;
use super::yaml::{self, Value};
use crate::Text;
use crate::diagnostic::SourceFile;

/// One document of a file: a definition, a meter, the settings …
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// What it defines: the word (`definition`, `meter` …) and the name behind it. `None` for the
    /// settings, and for what cannot be read.
    pub defines: Option<(&'static str, Text)>,
    /// Its bytes in the file, comments included, the marks between documents (`---`, `...`) not.
    pub bytes: Range<usize>,
}

/// The documents of a file in order; those without content are left out.
///
/// A line that begins with `---` or `...` and goes on with nothing or a blank parts documents
/// wherever it stands, also within a block of text: so YAML has it.
pub fn documents(file: &SourceFile) -> Vec<Document> {
    let chunks = chunks(&file.text).into_iter();
    chunks
        .filter_map(|bytes| {
            let text = file.text.get(bytes.clone())?;
            let blank = |line: &str| line.trim().is_empty() || line.trim_start().starts_with('#');
            if text.lines().all(blank) {
                return None;
            }
            Some(Document { defines: defines(file, text), bytes })
        })
        .collect()
}

/// What the one document of a text defines.
fn defines(file: &SourceFile, text: &str) -> Option<(&'static str, Text)> {
    let alone = Arc::new(SourceFile { name: file.name.clone(), text: text.to_owned() });
    let (nodes, _) = yaml::parse(&alone);
    let node = nodes.first()?;
    let Value::Map(entries) = &node.value else { return None };
    let word = word_of(node)?.singular();
    let (_, name) = entries.iter().find(|(key, _)| key.text.text == word)?;
    match &name.value {
        Value::Scalar(name) if !name.is_null() => Some((word, name.text.text.clone())),
        _ => None,
    }
}

/// The bytes between the marks.
fn chunks(text: &str) -> Vec<Range<usize>> {
    let body = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let (mut from, mut at) = (body, body);
    let mut found = Vec::new();
    for line in text[body..].split_inclusive('\n') {
        let mark = ["---", "..."].into_iter().find_map(|it| line.strip_prefix(it));
        if let Some(rest) =
            mark.filter(|it| it.is_empty() || it.starts_with([' ', '\t', '\r', '\n']))
        {
            found.push(from..at);
            let content = rest.split('#').next().unwrap_or_default().trim();
            // What stands behind the mark belongs to the document.
            from = at + if content.is_empty() { line.len() } else { line.len() - rest.len() };
        }
        at += line.len();
    }
    found.push(from..at);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<(String, String)> {
        let file = SourceFile { name: "one.yaml".into(), text: text.into() };
        let found = documents(&file).into_iter().map(|it| {
            let what = it.defines.map_or("-".to_owned(), |(word, name)| format!("{word} {name}"));
            (what, text[it.bytes].to_owned())
        });
        found.collect()
    }

    #[test]
    fn a_file_with_one_document_is_the_document() {
        let text = "# Why.\ndefinition: a\nwhen: seen(any)\n";
        assert_eq!(shown(text), [("definition a".into(), text.into())]);
    }

    #[test]
    fn documents_lie_between_the_marks_and_keep_their_comments() {
        let text = "name: Acme\n---\n# First.\nmeter: seats\n--- # and\ndefinition: \"a\"\n...\n";
        assert_eq!(
            shown(text),
            [
                ("-".into(), "name: Acme\n".into()),
                ("meter seats".into(), "# First.\nmeter: seats\n".into()),
                ("definition a".into(), "definition: \"a\"\n".into()),
            ]
        );
    }

    #[test]
    fn what_stands_behind_a_mark_belongs_to_the_document() {
        let text = "--- {definition: a, when: seen(any)}\n";
        let inside = " {definition: a, when: seen(any)}\n".to_owned();
        assert_eq!(shown(text), [("definition a".into(), inside)]);
    }

    #[test]
    fn what_only_looks_like_a_mark_parts_nothing() {
        let text = "definition: a\nwhen: |\n  seen(any)\n  ---\ntitle: ---a\n";
        assert_eq!(shown(text).len(), 1);
    }

    #[test]
    fn what_cannot_be_read_defines_nothing_and_hides_nothing_behind_it() {
        let text = "definition: [\n---\ndefinition: b\nwhen: seen(any)\n";
        let found = shown(text);
        assert_eq!(found[0].0, "-");
        assert_eq!(found[1].0, "definition b");
    }

    #[test]
    fn a_byte_order_mark_belongs_to_no_document() {
        let text = "\u{feff}definition: a\n";
        assert_eq!(shown(text), [("definition a".into(), "definition: a\n".into())]);
    }
}
