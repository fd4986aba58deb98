//! What an import says of what it read: [`Reject`]s, [`Notice`]s, and the [`Summary`] at the end.
//!
//! A reject is a record that was not taken in; a notice is something about a record that was
//! (P7: bad input is named, never swallowed). Codes are stable and listed in `docs/import.md`.

use std::collections::BTreeMap;
use std::sync::Arc;

use firsthand_model::{Text, Time};

/// Most bytes of a rejected record that are kept.
pub const RAW_BYTES_MAX: usize = 1_000;
/// Most examples kept of each notice.
pub const EXAMPLES_MAX: usize = 3;

/// Makes an enum of stable codes with a sentence each.
macro_rules! codes {
    ($(#[$meta:meta])* $name:ident { $($(#[doc = $doc:literal])+ $variant:ident = $code:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[doc = $doc])+ $variant,)+ }

        impl $name {
            /// Every code, in the order of the documentation.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The stable code.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }

            /// What it means, in a sentence.
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$variant => concat!($($doc),+).trim()),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.code())
            }
        }
    };
}

codes! {
    /// Why a record was not taken in.
    RejectCode {
        /// The record is not well-formed JSON.
        BadJson = "bad_json",
        /// The record is JSON, but not an object.
        NotAnObject = "not_an_object",
        /// Objects or lists are nested too deeply.
        TooDeep = "too_deep",
        /// The record holds bytes that are not UTF-8.
        NotUtf8 = "not_utf8",
        /// The record is longer than the limit.
        TooLong = "too_long",
        /// A quote is opened and never closed.
        UnclosedQuote = "unclosed_quote",
        /// The row has more or fewer cells than the header.
        RaggedRow = "ragged_row",
        /// The record has another shape than the file.
        OtherShape = "other_shape",
        /// The record has no time.
        NoTime = "no_time",
        /// The time cannot be read.
        BadTime = "bad_time",
        /// The time lies before 1990.
        TimeTooEarly = "time_too_early",
        /// The time lies more than a day after the record arrived.
        TimeInFuture = "time_in_future",
        /// The event has no name.
        NoEventName = "no_event_name",
        /// The record names no person and no account.
        NoSubject = "no_subject",
        /// An id is longer than 255 bytes.
        IdTooLong = "id_too_long",
        /// A value is not what its place needs.
        BadValue = "bad_value",
        /// Another record of the file has the same id and says something else; the first one counts.
        ReusedId = "reused_id",
    }
}

codes! {
    /// What was noticed about records that were taken in.
    NoticeCode {
        /// The file began with a byte-order mark, which is no part of the data.
        ByteOrderMark = "byte_order_mark",
        /// Bytes that do not exist in the encoding were replaced by U+FFFD.
        Undecodable = "undecodable",
        /// A text holds NUL characters; they were kept.
        Nul = "nul",
        /// Half of a two-part character was replaced by U+FFFD.
        LoneSurrogate = "lone_surrogate",
        /// An object names a member twice; the last one counts.
        RepeatedMember = "repeated_member",
        /// White space around an id, a name or a time was left out.
        Trimmed = "trimmed",
        /// The id of a record is longer than 255 bytes; its hash stands for it.
        LongRecordId = "long_record_id",
        /// The same record was there before; it counts once.
        RepeatedRecord = "repeated_record",
        /// Ids look like numbers that a program exported with a decimal point; they were kept.
        DecimalId = "decimal_id",
        /// Which of day and month comes first was concluded from other rows of the file.
        DayOrderGuessed = "day_order_guessed",
        /// A local time that the change of clocks skips or repeats; the usual reading was taken.
        ClockChange = "clock_change",
        /// The mapping names no time; the facts hold from the time of the import.
        TimeOfImport = "time_of_import",
        /// A time after the arrival, by a clock that is ahead; the arrival was taken.
        FutureTime = "future_time",
        /// The header row is there again; it was skipped.
        HeaderAgain = "header_again",
        /// A column without a name, or with the name of another, was given one.
        ColumnRenamed = "column_renamed",
        /// A value is the word NULL, NaN or the like; it was kept as a text.
        NullWord = "null_word",
        /// A group of a type that is not the account was left out.
        OtherGroup = "other_group",
        /// A value meant to be set only once was taken as a plain trait; a later one replaces it.
        SetOnce = "set_once",
        /// The record says nothing that is kept.
        NothingToKeep = "nothing_to_keep",
        /// Columns have no place in rows of this kind, and were left out; `drop` says that they may be.
        ColumnsLeftOut = "columns_left_out",
        /// The file holds no records.
        NoRecords = "no_records",
    }
}

/// A record that was not taken in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reject {
    /// The file's name as given.
    pub file: Arc<str>,
    /// The line on which the record begins, counted from 1; in Parquet the row.
    pub line: u64,
    /// The column or member that is to blame.
    pub column: Option<Text>,
    /// The stable code.
    pub code: RejectCode,
    /// One sentence in lower case, no full stop: what is so.
    pub reason: String,
    /// The record, cut to [`RAW_BYTES_MAX`].
    pub raw: String,
}

/// Something noticed, how often, and where first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notice {
    /// How many records it was noticed on.
    pub count: u64,
    /// The first [`EXAMPLES_MAX`].
    pub examples: Vec<Example>,
}

/// One example of a notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// The file's name as given.
    pub file: Arc<str>,
    /// The line, counted from 1; 0 where it is about the whole file.
    pub line: u64,
    /// What was seen.
    pub seen: String,
}

/// Notices by code.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notices(pub BTreeMap<NoticeCode, Notice>);

impl Notices {
    /// Counts one; `seen` is asked for only while examples are still wanted.
    pub(crate) fn add(
        &mut self,
        code: NoticeCode,
        file: &Arc<str>,
        line: u64,
        seen: impl FnOnce() -> String,
    ) {
        let notice = self.0.entry(code).or_default();
        notice.count += 1;
        if notice.examples.len() < EXAMPLES_MAX {
            let mut seen = seen();
            cut(&mut seen, 200);
            notice.examples.push(Example { file: Arc::clone(file), line, seen });
        }
    }

    /// Adds those of a later part of the input.
    pub(crate) fn merge(&mut self, later: Self) {
        for (code, theirs) in later.0 {
            let ours = self.0.entry(code).or_default();
            ours.count += theirs.count;
            let room = EXAMPLES_MAX.saturating_sub(ours.examples.len());
            ours.examples.extend(theirs.examples.into_iter().take(room));
        }
    }
}

/// Cuts a text at a character's border, and says so with an ellipsis.
pub(crate) fn cut(text: &mut String, bytes_max: usize) {
    if text.len() > bytes_max {
        let at = (0..=bytes_max).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
        text.truncate(at);
        text.push('…');
    }
}

/// One file of an import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileSummary {
    /// Its name as given.
    pub name: Arc<str>,
    /// What it was read as: `PostHog export, NDJSON, gzip`.
    pub read_as: String,
    /// Records in it, rejects included.
    pub records: u64,
    /// Facts made of them.
    pub facts: u64,
    /// Records not taken in.
    pub rejects: u64,
}

/// The end of an import.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Every file, in the order given.
    pub files: Vec<FileSummary>,
    /// Records read, rejects included.
    pub records: u64,
    /// Facts handed on.
    pub facts: u64,
    /// Records not taken in, by reason.
    pub rejects: BTreeMap<RejectCode, u64>,
    /// What was noticed.
    pub notices: Notices,
    /// The earliest fact.
    pub first: Option<Time>,
    /// The latest fact.
    pub last: Option<Time>,
    /// Bytes read, compressed ones as they lie in the file.
    pub bytes: u64,
}

impl Summary {
    /// Records not taken in.
    pub fn rejected(&self) -> u64 {
        self.rejects.values().sum()
    }
}

/// How far an import has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Position {
    /// Bytes read, compressed ones as they lie in the file.
    pub bytes: u64,
    /// Bytes in all; `None` where an input does not say, such as a pipe.
    pub bytes_total: Option<u64>,
    /// Records read so far.
    pub records: u64,
    /// Facts handed on so far.
    pub facts: u64,
    /// Records not taken in so far.
    pub rejects: u64,
}

/// Told from time to time how far an import has come. The caller has the clock: rate and time
/// left are its to work out.
pub trait Progress {
    /// Called after every part of about a megabyte, on the thread that runs the import.
    fn update(&self, position: &Position);
}

/// Tells nobody.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Progress for Silent {
    fn update(&self, _: &Position) {}
}
