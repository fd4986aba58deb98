//! What is wrong with a file that is not YAML, in words for people who do not know the grammar.

use std::ops::Range;

use crate::diagnostic::{Problem, codes};

/// What the scanner says, by a part of its words, and what a person should read instead.
const KNOWN: &[(&str, &str, &str)] = &[
    (
        "trailing content",
        "text behind the closing quote",
        "Put the whole value in single quotes, or write it as a block after `|`: YAML takes quotes \
         at the beginning of a value for its own.",
    ),
    (
        "mapping values are not allowed",
        "a `:` where no key can stand",
        "Put a value that contains `: ` in quotes, or check the indentation.",
    ),
    ("quoted scalar, found unexpected end", "a quote that is never closed", CLOSE_QUOTE),
    ("quoted scalar, found unexpected document", "a quote that is never closed", CLOSE_QUOTE),
    ("indentation in quoted scalar", "a quote that is never closed", CLOSE_QUOTE),
    (
        "unknown escape",
        "a backslash in double quotes with a letter that means nothing",
        "Write `\\\\` for a backslash, or use single quotes, where it is an ordinary character.",
    ),
    ("hexadecimal", "an escape such as `\\x41` that is cut short", "Write all of its digits."),
    ("simple key", "neither `key: value` nor part of the value above", KEY_VALUE),
    ("did not find expected key", "a line that is indented like none above it", INDENT),
    ("expected '-' indicator", "a key below a list, at the same depth", INDENT),
    (
        "block sequence entries",
        "a `-` where no list can begin",
        "Begin a list on a line of its own, or write it in brackets: `[a, b]`.",
    ),
    (
        "wrongly indented line in block",
        "a line that is indented less than the block's first",
        INDENT,
    ),
    (
        "misplaced bracket",
        "a closing bracket that nothing opened",
        "Remove it, or put the text in quotes.",
    ),
    ("placement of ':'", "a bracket that is never closed, above here", CLOSE_BRACKET),
    ("flow mapping", "a bracket that is never closed, or a comma that is missing", CLOSE_BRACKET),
    ("flow sequence", "a bracket that is never closed, or a comma that is missing", CLOSE_BRACKET),
    ("flow construct", "a bracket that is never closed, above here", CLOSE_BRACKET),
    (
        "expected node content",
        "a bracket that is never closed, or a value that is missing",
        CLOSE_BRACKET,
    ),
    (
        "found unknown anchor",
        "an alias (`*name`) to nothing",
        "Put a text that begins with `*` in quotes.",
    ),
];

const CLOSE_QUOTE: &str = "Close it at the end of the value.";
const CLOSE_BRACKET: &str =
    "Close it, and put a comma between two entries; a text with brackets goes in quotes.";
const KEY_VALUE: &str = "Write `key: value` with a blank behind the colon; indent the further lines \
                         of a value more than its key.";
const INDENT: &str =
    "Give the keys of one mapping the same indentation, and what is below them more.";

/// Says what the scanner found at a byte of the text.
pub(super) fn explain(text: &str, at: usize, said: &str) -> Problem {
    let problem =
        |span: Range<usize>, message: &str| Problem::error(codes::NOT_YAML, span, message);
    let line_start = text[..at].rfind('\n').map_or(0, |it| it + 1);
    let line = text[line_start..].lines().next().unwrap_or_default();
    let indentation = line.len() - line.trim_start().len();
    if let Some(tab) = line[..indentation].find('\t') {
        let tab = line_start + tab;
        return problem(tab..tab + 1, "a tab in the indentation")
            .with_help("Indent with spaces; YAML does not take tabs there.");
    }
    let here = text[at..].chars().next();
    let span = at..at + here.map_or(0, char::len_utf8);
    if said.contains("unexpected character") {
        let sign = match here {
            Some('`') => "a backtick".to_owned(),
            Some(sign) => format!("`{sign}`"),
            None => "this".to_owned(),
        };
        return problem(span, &format!("a value cannot begin with {sign}"))
            .with_help("Put the whole value in quotes.");
    }
    match KNOWN.iter().find(|(part, ..)| said.contains(part)) {
        Some((_, message, help)) => problem(span, message).with_help(*help),
        None => problem(span, &format!("not YAML: {said}"))
            .with_help("Check the indentation, colons, quotes and brackets here and just above."),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::config::yaml::parse;
    use crate::diagnostic::SourceFile;

    /// The scanner's words are not ours to keep: this fails when they change.
    #[test]
    fn common_mistakes_are_told_without_the_words_of_the_grammar() {
        for (text, message) in [
            ("a: [b, c\nd: e\n", "a bracket that is never closed, above here"),
            ("a: {b: c\nd: e\n", "a bracket that is never closed, or a comma that is missing"),
            ("a: [b\n", "a bracket that is never closed, or a comma that is missing"),
            ("a: [", "a bracket that is never closed, or a value that is missing"),
            ("a: }\n", "a closing bracket that nothing opened"),
            ("a: 'b\nc: d\n", "a quote that is never closed"),
            ("a: \"b", "a quote that is never closed"),
            ("a: \"x\\q\"\n", "a backslash in double quotes with a letter that means nothing"),
            ("a: \"b\" c\n", "text behind the closing quote"),
            ("a:\n  b:\n    c: 0\n   d: e\n", "a line that is indented like none above it"),
            ("a: b\nc\nd: e\n", "neither `key: value` nor part of the value above"),
            ("- a\nb: c\n", "a key below a list, at the same depth"),
            ("a: - b\n", "a `-` where no list can begin"),
            ("a: b: c\n", "a `:` where no key can stand"),
            ("a: @b\n", "a value cannot begin with `@`"),
            ("a: `b`\n", "a value cannot begin with a backtick"),
            ("a:\n\tb: c\n", "a tab in the indentation"),
        ] {
            let name = "a.yaml".to_owned();
            let found = parse(&Arc::new(SourceFile { name, text: text.to_owned() })).1;
            let said: Vec<_> = found.iter().map(|it| it.problem.message.as_str()).collect();
            assert_eq!(said, [message], "{text}");
        }
    }
}
