//! YAML as a tree of nodes that know their places.
//!
//! Only the plain part of YAML is taken: mappings, lists and scalars. Anchors, aliases and tags are
//! refused by name, because they hide from the reader what a definition says, and because an alias
//! can blow a small file up to an enormous one.

use std::ops::Range;
use std::sync::Arc;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle};

use super::{align, mistakes};
use crate::diagnostic::{Diagnostic, Problem, SourceFile, SourceText, codes};

/// Largest file that is read, in bytes.
pub const FILE_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Deepest nesting of lists and mappings; the configuration itself needs ten.
pub const DEPTH_MAX: usize = 32;

/// Most lists, mappings and scalars in one file.
pub const NODES_MAX: usize = 200_000;

/// A value together with its place.
#[derive(Debug)]
pub(super) struct Node {
    pub value: Value,
    pub file: Arc<SourceFile>,
    /// Bytes of the file; of a list or mapping, those of its beginning.
    pub span: Range<usize>,
}

#[derive(Debug)]
pub(super) enum Value {
    Scalar(Scalar),
    List(Vec<Node>),
    Map(Vec<(Scalar, Node)>),
}

/// A single value, not yet taken for a number, a duration or anything else.
#[derive(Clone, Debug)]
pub(super) struct Scalar {
    pub text: SourceText,
    /// Bytes of the file, quotes included.
    pub span: Range<usize>,
    /// Neither in quotes nor in a block.
    pub plain: bool,
}

impl Scalar {
    /// Whether nothing stands there: `key:`, `key: ~`, `key: null`.
    pub fn is_null(&self) -> bool {
        self.plain && matches!(self.text.text.as_str(), "" | "~" | "null" | "Null" | "NULL")
    }

    /// Puts a problem at the whole of this scalar.
    pub fn diagnostic(&self, problem: Problem) -> Diagnostic {
        let problem = Problem { span: self.span.clone(), ..problem };
        Diagnostic { problem, file: self.text.file.clone() }
    }
}

impl Node {
    pub fn is_null(&self) -> bool {
        matches!(&self.value, Value::Scalar(scalar) if scalar.is_null())
    }

    /// Puts a problem at this node: a scalar as a whole, a list or mapping at its beginning.
    pub fn diagnostic(&self, problem: Problem) -> Diagnostic {
        let problem = Problem { span: self.span.clone(), ..problem };
        Diagnostic { problem, file: self.file.clone() }
    }

    /// What it is, for messages: `a list`.
    pub fn describe(&self) -> String {
        match &self.value {
            Value::Scalar(scalar) if scalar.is_null() => "nothing".to_owned(),
            Value::Scalar(scalar) => format!("`{}`", shorten(&scalar.text.text)),
            Value::List(_) => "a list".to_owned(),
            Value::Map(_) => "a mapping with keys".to_owned(),
        }
    }
}

/// The first line of a text, cut to what fits into a message.
pub(super) fn shorten(text: &str) -> String {
    const CHARS_MAX: usize = 40;
    let line = text.lines().next().unwrap_or_default();
    if line.chars().count() > CHARS_MAX {
        let cut: String = line.chars().take(CHARS_MAX).collect();
        format!("{cut}…")
    } else {
        line.to_owned()
    }
}

/// The documents of a file, empty ones left out, and what stopped the reading or was refused.
///
/// After an error in the YAML itself nothing more of the file can be trusted; the documents before
/// it are kept.
pub(super) fn parse(file: &Arc<SourceFile>) -> (Vec<Node>, Vec<Diagnostic>) {
    let mut builder = Builder::new(file);
    if let Err(problem) = builder.run() {
        builder.found.push(Diagnostic { problem, file: file.clone() });
    }
    (builder.documents, builder.found)
}

struct Builder<'f> {
    file: &'f Arc<SourceFile>,
    /// Where the text proper begins, behind a byte order mark.
    base: usize,
    /// Byte offset of each character behind `base`, and the end.
    offsets: Vec<usize>,
    documents: Vec<Node>,
    open: Vec<Open>,
    nodes: usize,
    found: Vec<Diagnostic>,
}

/// A list or mapping whose end has not been seen yet.
struct Open {
    start: usize,
    content: Content,
}

enum Content {
    List(Vec<Node>),
    Map { entries: Vec<(Scalar, Node)>, key: Option<Key> },
}

/// The key of the entry being read; a key that is no scalar has been refused already.
enum Key {
    Scalar(Scalar),
    Refused,
}

impl<'f> Builder<'f> {
    fn new(file: &'f Arc<SourceFile>) -> Self {
        let base = if file.text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let body = &file.text[base..];
        let offsets = body.char_indices().map(|(at, _)| at).chain([body.len()]).collect();
        let (documents, open, found) = (Vec::new(), Vec::new(), Vec::new());
        Self { file, base, offsets, documents, open, nodes: 0, found }
    }

    fn run(&mut self) -> Result<(), Problem> {
        let file = self.file;
        let size = file.text.len();
        if size > FILE_BYTES_MAX {
            let message = format!("file of {size} bytes, more than {FILE_BYTES_MAX}");
            return Err(Problem::error(codes::NOT_YAML, 0..0, message)
                .with_help("Split it into several files under `definitions/`."));
        }
        // The scanner takes a NUL for the end of the file and would leave the rest out in silence.
        if let Some(at) = file.text.find('\0') {
            return Err(Problem::error(codes::NOT_YAML, at..at + 1, "NUL character in the file")
                .with_help("Save the file as plain text in UTF-8."));
        }
        for event in Parser::new_from_str(&file.text[self.base..]) {
            let (event, span) = event.map_err(|error| {
                let at = self.offset(*error.marker());
                mistakes::explain(&self.file.text, at, error.info())
            })?;
            let range = self.offset(span.start)..self.offset(span.end);
            self.take(event, range)?;
        }
        Ok(())
    }

    fn offset(&self, marker: Marker) -> usize {
        let end = self.offsets.last().copied().unwrap_or_default();
        self.base + self.offsets.get(marker.index()).copied().unwrap_or(end)
    }

    fn take(&mut self, event: Event<'_>, span: Range<usize>) -> Result<(), Problem> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                self.refuse_extras(anchor, tag.is_some(), &span);
                let plain = style == ScalarStyle::Plain;
                let anchors = align::anchors(&self.file.text, span.start, &text, style);
                let text =
                    SourceText { text: text.as_ref().into(), file: self.file.clone(), anchors };
                let scalar = Scalar { text, span: self.trim(span), plain };
                self.add_scalar(scalar)
            }
            Event::SequenceStart(anchor, tag) => {
                self.refuse_extras(anchor, tag.is_some(), &span);
                self.begin(span.start, Content::List(Vec::new()))
            }
            Event::MappingStart(anchor, tag) => {
                self.refuse_extras(anchor, tag.is_some(), &span);
                self.begin(span.start, Content::Map { entries: Vec::new(), key: None })
            }
            Event::SequenceEnd | Event::MappingEnd => {
                self.end();
                Ok(())
            }
            Event::Alias(_) => {
                self.refuse_extras(1, false, &span);
                let text = self.file.text.get(span.clone()).unwrap_or_default().into();
                let anchors = Arc::new([(0, span.start)]);
                let text = SourceText { text, file: self.file.clone(), anchors };
                self.add_scalar(Scalar { text, span, plain: true })
            }
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => Ok(()),
        }
    }

    fn refuse_extras(&mut self, anchor: usize, tag: bool, span: &Range<usize>) {
        let (message, help) = if anchor != 0 {
            (
                "anchors and aliases (`&name`, `*name`) are not taken",
                "Write the value out, or name it under `constants` and read it as `@name`.",
            )
        } else if tag {
            ("tags (`!name`) are not taken", "Put a text that begins with `!` in quotes.")
        } else {
            return;
        };
        let problem = Problem::error(codes::WRONG_VALUE, span.clone(), message).with_help(help);
        self.found.push(Diagnostic { problem, file: self.file.clone() });
    }

    fn count(&mut self, at: usize) -> Result<(), Problem> {
        self.nodes += 1;
        if self.nodes > NODES_MAX {
            let message = format!("more than {NODES_MAX} values in one file");
            return Err(Problem::error(codes::NOT_YAML, at..at, message).with_help(
                "Keep long lists in files of their own: `constants: {vip: {file: …}}`.",
            ));
        }
        Ok(())
    }

    fn begin(&mut self, start: usize, content: Content) -> Result<(), Problem> {
        self.count(start)?;
        if self.open.len() == DEPTH_MAX {
            let message = format!("nested more than {DEPTH_MAX} levels deep");
            return Err(Problem::error(codes::NOT_YAML, start..start, message)
                .with_help("Close the brackets that are open, or check the indentation."));
        }
        self.open.push(Open { start, content });
        Ok(())
    }

    /// Between brackets YAML takes the comma of `10,000` for the end of `10`, in silence.
    fn refuse_cut_number(&mut self, scalar: &Scalar) -> bool {
        let is_digit = |it: char| it.is_ascii_digit();
        let before = &self.file.text[..scalar.span.start];
        let cut = scalar.plain
            && !self.open.is_empty()
            && scalar.text.text.len() >= 3
            && scalar.text.text.chars().take(3).all(is_digit)
            && before.strip_suffix(',').is_some_and(|it| it.ends_with(is_digit));
        if cut {
            let message = "a number cut in two: between brackets a comma begins the next value";
            let help = "Write it without the comma or in quotes: `10000` or `\"10,000\"`; put a blank \
                        behind a comma that is meant.";
            let problem = Problem::error(codes::WRONG_VALUE, 0..0, message).with_help(help);
            self.found.push(scalar.diagnostic(problem));
        }
        cut
    }

    fn add_scalar(&mut self, scalar: Scalar) -> Result<(), Problem> {
        self.count(scalar.span.start)?;
        let cut = self.refuse_cut_number(&scalar);
        if let Some(Open { content: Content::Map { key: key @ None, .. }, .. }) =
            self.open.last_mut()
        {
            *key = Some(if cut { Key::Refused } else { Key::Scalar(scalar) });
            return Ok(());
        }
        if cut && matches!(self.open.last(), Some(Open { content: Content::List(_), .. })) {
            return Ok(());
        }
        let span = scalar.span.clone();
        self.add(Node { value: Value::Scalar(scalar), file: self.file.clone(), span });
        Ok(())
    }

    fn end(&mut self) {
        let Some(Open { start, content }) = self.open.pop() else {
            return;
        };
        let (value, span) = match content {
            Content::List(items) => {
                let span = items.first().map_or(start..start, |it| it.span.clone());
                (Value::List(items), span)
            }
            Content::Map { entries, .. } => {
                let span = entries.first().map_or(start..start, |(key, _)| key.span.clone());
                (Value::Map(entries), span)
            }
        };
        self.add(Node { value, file: self.file.clone(), span });
    }

    fn add(&mut self, node: Node) {
        match self.open.last_mut().map(|it| &mut it.content) {
            None if node.is_null() => {}
            None => self.documents.push(node),
            Some(Content::List(items)) => items.push(node),
            Some(Content::Map { entries, key }) => match key.take() {
                Some(Key::Scalar(name)) => entries.push((name, node)),
                Some(Key::Refused) => {}
                None => {
                    *key = Some(Key::Refused);
                    let message = format!("a key must be a word, not {}", node.describe());
                    let problem = Problem::error(codes::WRONG_VALUE, 0..0, message)
                        .with_help("Put a value that contains `{`, `[` or `: ` in quotes.");
                    self.found.push(node.diagnostic(problem));
                }
            },
        }
    }

    /// A block's span reaches into the next line; what a person would mark ends with its text.
    fn trim(&self, span: Range<usize>) -> Range<usize> {
        let text = self.file.text.get(span.clone()).unwrap_or_default();
        span.start..span.start + text.trim_end().len()
    }
}
