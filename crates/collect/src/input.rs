//! Opens inputs: files and pipes, plain, gzip or Zstandard, in any encoding, as UTF-8 text.
//!
//! What a file is, is told by its first bytes; its name is never asked.

use std::fs::{File, Metadata};
use std::io::{self, BufReader, Read};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use encoding_rs::Encoding;

use crate::error::ImportError;

/// Something to import.
pub enum Input {
    /// A file.
    File(PathBuf),
    /// A file that people know by another name.
    Named {
        /// The name for messages.
        name: String,
        /// Where it lies.
        path: PathBuf,
    },
    /// Anything that can be read once, such as standard input.
    Reader {
        /// The name for messages.
        name: String,
        /// Where it comes from.
        reader: Box<dyn Read + Send>,
    },
}

impl Input {
    /// Takes an argument of the command line: a path, or `-` for standard input.
    pub fn from_arg(argument: &str) -> Self {
        if argument == "-" {
            Self::Reader { name: "(standard input)".to_owned(), reader: Box::new(io::stdin()) }
        } else {
            Self::File(argument.into())
        }
    }

    /// The name for messages.
    pub fn name(&self) -> Arc<str> {
        match self {
            Self::File(path) => path.to_string_lossy().into(),
            Self::Named { name, .. } | Self::Reader { name, .. } => name.as_str().into(),
        }
    }

    /// Its size in bytes; `None` where that is not known.
    pub(crate) fn size(&self) -> Option<u64> {
        match self {
            Self::File(path) | Self::Named { path, .. } => {
                std::fs::metadata(path).ok().filter(Metadata::is_file).map(|it| it.len())
            }
            Self::Reader { .. } => None,
        }
    }
}

impl std::fmt::Debug for Input {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.name())
    }
}

/// An input that was opened.
pub(crate) enum Opened {
    /// Text, not yet known what of.
    Text(TextInput),
    /// A Parquet file.
    Parquet(File),
}

/// A text in UTF-8, as far as the input is right.
pub(crate) struct TextInput {
    pub reader: Box<dyn Read + Send>,
    /// The compression, for people.
    pub compression: Option<&'static str>,
    /// The encoding it is read from, where that is not UTF-8.
    pub encoding: Option<&'static Encoding>,
    /// Whether it began with a byte-order mark, which was taken off.
    pub mark: bool,
    /// How many bytes or pairs of them did not exist in that encoding.
    pub undecodable: Arc<AtomicU64>,
}

const GZIP: &[u8] = &[0x1F, 0x8B];
const ZSTD: &[u8] = &[0x28, 0xB5, 0x2F, 0xFD];
const PARQUET: &[u8] = b"PAR1";
/// What cannot be read: first bytes, what it is, what to do.
const FOREIGN: &[(&[u8], &str, &str)] = &[
    (b"PK\x03\x04", "is a zip archive", "Unpack it, then import the files in it."),
    (
        b"BZh",
        "is compressed with bzip2",
        "Unpack it first, or pipe it in: `bzcat FILE | firsthand import -`.",
    ),
    (
        &[0xFD, b'7', b'z', b'X', b'Z'],
        "is compressed with xz",
        "Unpack it first, or pipe it in: `xzcat FILE | firsthand import -`.",
    ),
    (b"SQLite format 3", "is a SQLite database", "Export its tables as CSV, then import those."),
    (b"ORC", "is an ORC file", "Convert it to Parquet or CSV."),
    (b"Obj\x01", "is an Avro file", "Convert it to Parquet or NDJSON."),
    (b"%PDF", "is a PDF document", "Import NDJSON, CSV or Parquet files."),
];

/// Opens an input. `encoding` is the label that the mapping gives; `read` counts the bytes taken.
pub(crate) fn open(
    input: Input,
    encoding: Option<&str>,
    read: &Arc<AtomicU64>,
) -> Result<Opened, ImportError> {
    let file = input.name();
    let cannot = |source| ImportError::Open { file: Arc::clone(&file), source };
    let format = |what: &str, help: &str| ImportError::Format {
        file: Arc::clone(&file),
        what: what.to_owned(),
        help: help.to_owned(),
    };
    let (start, raw): (Vec<u8>, Box<dyn Read + Send>) = match input {
        Input::File(path) | Input::Named { path, .. } => {
            if path.is_dir() {
                let help = format!("Name the files in it: `{}/*`.", path.display());
                return Err(format("is a folder", &help));
            }
            let mut opened = File::open(&path).map_err(cannot)?;
            let start = read_start(&mut opened, 16).map_err(cannot)?;
            // A pipe can have a path too, and cannot be read from its end.
            if start.starts_with(PARQUET) && path.is_file() {
                return Ok(Opened::Parquet(opened));
            }
            (start, Box::new(opened))
        }
        Input::Reader { mut reader, .. } => (read_start(&mut reader, 16).map_err(cannot)?, reader),
    };
    let counted =
        Counted { inner: io::Cursor::new(start.clone()).chain(raw), read: Arc::clone(read) };
    let buffered = BufReader::with_capacity(1 << 16, counted);
    let (mut text, compression): (Box<dyn Read + Send>, _) = if start.starts_with(GZIP) {
        // A file may be several gzip members in a row, as log shippers write them.
        (Box::new(flate2::bufread::MultiGzDecoder::new(buffered)), Some("gzip"))
    } else if start.starts_with(ZSTD) {
        let decoder = zstd::stream::read::Decoder::with_buffer(buffered).map_err(cannot)?;
        (Box::new(decoder), Some("Zstandard"))
    } else {
        (Box::new(buffered), None)
    };
    // A broken compressed file fails here or later; either way as a read that failed.
    let start = read_start(&mut text, 16).map_err(|source| ImportError::Read {
        file: Arc::clone(&file),
        line: 1,
        source,
    })?;
    if start.starts_with(PARQUET) {
        return Err(format(
            "is a Parquet file that is compressed as a whole or comes through a pipe",
            "A Parquet file is read from its end: unpack it and name the file.",
        ));
    }
    if let Some((_, what, help)) = FOREIGN.iter().find(|(magic, ..)| start.starts_with(magic)) {
        return Err(format(what, help));
    }
    let encoding = match encoding {
        Some(label) => find_encoding(label).ok_or_else(|| {
            format(
                &format!("cannot be read: there is no encoding `{label}`"),
                "Write a label of the encoding standard, such as `utf-8`, `latin-1`, `utf-16le` or \
                 `windows-1252`.",
            )
        })?,
        None => encoding_rs::UTF_8,
    };
    // A byte-order mark is surer than any label.
    let mark = Encoding::for_bom(&start);
    let (encoding, mark_bytes) = mark.unwrap_or((encoding, 0));
    let text = io::Cursor::new(start[mark_bytes..].to_vec()).chain(text);
    let undecodable = Arc::new(AtomicU64::new(0));
    let utf_8 = encoding == encoding_rs::UTF_8;
    let reader: Box<dyn Read + Send> = if utf_8 {
        Box::new(text)
    } else {
        Box::new(Decoded::new(text, encoding, Arc::clone(&undecodable)))
    };
    Ok(Opened::Text(TextInput {
        reader,
        compression,
        encoding: (!utf_8).then_some(encoding),
        mark: mark_bytes > 0,
        undecodable,
    }))
}

fn find_encoding(label: &str) -> Option<&'static Encoding> {
    // The standard spells it `latin1`; people write a hyphen.
    let label = if label.eq_ignore_ascii_case("latin-1") { "latin1" } else { label };
    Encoding::for_label(label.as_bytes())
}

fn read_start(reader: &mut impl Read, bytes: usize) -> io::Result<Vec<u8>> {
    let mut start = Vec::with_capacity(bytes);
    reader.by_ref().take(bytes as u64).read_to_end(&mut start)?;
    Ok(start)
}

/// Counts the bytes that pass.
struct Counted<R> {
    inner: R,
    read: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.read.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

/// Decodes another encoding into UTF-8 as it is read.
struct Decoded<R> {
    inner: R,
    decoder: encoding_rs::Decoder,
    undecodable: Arc<AtomicU64>,
    encoded: Vec<u8>,
    text: Vec<u8>,
    /// How much of `text` was handed out.
    given: usize,
    ended: bool,
}

const DECODE_BYTES: usize = 1 << 16;

impl<R: Read> Decoded<R> {
    fn new(inner: R, encoding: &'static Encoding, undecodable: Arc<AtomicU64>) -> Self {
        Self {
            inner,
            decoder: encoding.new_decoder_without_bom_handling(),
            undecodable,
            encoded: vec![0; DECODE_BYTES],
            text: Vec::new(),
            given: 0,
            ended: false,
        }
    }

    fn refill(&mut self) -> io::Result<()> {
        let count = self.inner.read(&mut self.encoded)?;
        self.ended = count == 0;
        let room = self
            .decoder
            .max_utf8_buffer_length(count)
            .expect("a few kilobytes of text are less than the address space");
        self.text.resize(room, 0);
        let (_, _, written, replaced) =
            self.decoder.decode_to_utf8(&self.encoded[..count], &mut self.text, self.ended);
        self.undecodable.fetch_add(u64::from(replaced), Ordering::Relaxed);
        self.text.truncate(written);
        self.given = 0;
        Ok(())
    }
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.given == self.text.len() && !self.ended {
            self.refill()?;
        }
        let rest = &self.text[self.given..];
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        self.given += count;
        Ok(count)
    }
}
