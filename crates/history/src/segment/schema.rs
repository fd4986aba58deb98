//! The columns of a segment, their types and their encodings.

use std::sync::Arc;

use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};
use parquet::arrow::add_encoded_arrow_schema_to_metadata;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::metadata::SortingColumn;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;

use crate::catalogue::ColumnKind;

/// Rows of a row group: the least that a reader can skip by statistics. Few in tests, so that
/// accounts lie in several.
pub(crate) const ROW_GROUP_ROWS: usize = if cfg!(test) { 16 } else { 128 * 1024 };
/// Digits of a promoted number: what fits 64 bits.
pub(crate) const NUMBER_DIGITS: u8 = 18;
/// Places of a promoted number behind the point.
pub(crate) const NUMBER_PLACES: i8 = 6;
/// Dictionaries may grow to this size before a column goes on without one. It holds a row group of
/// UUIDs that are all different, so that accounts and persons always have one.
const DICTIONARY_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Of zstd, for the JSON columns: a higher one costs an import more than it saves on disk.
const COMPRESSION_LEVEL: i32 = 1;

/// How a column is laid out.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Layout {
    /// An instant in microseconds UTC: differences, packed.
    Instant,
    /// A whole number: differences, packed.
    Whole,
    /// Few different texts: a dictionary.
    Word,
    /// Mostly different texts: each as what it adds to the one before.
    Id,
    /// A JSON object: zstd.
    Json,
    /// True or false.
    Flag,
}

/// The fixed columns in order: name, layout, whether a row may lack it.
const COLUMNS: [(&str, Layout, bool); 20] = [
    ("account", Layout::Word, false),
    ("time", Layout::Instant, false),
    ("known_after", Layout::Whole, true),
    ("attributed_after", Layout::Whole, true),
    ("source", Layout::Word, false),
    ("id", Layout::Id, false),
    ("kind", Layout::Word, false),
    ("name", Layout::Word, true),
    ("person", Layout::Word, true),
    ("copy", Layout::Flag, false),
    ("homes", Layout::Whole, true),
    ("of", Layout::Word, true),
    ("user", Layout::Word, true),
    ("anonymous", Layout::Word, true),
    ("named_account", Layout::Word, true),
    ("other", Layout::Id, true),
    ("joined", Layout::Flag, true),
    ("role", Layout::Word, true),
    ("properties", Layout::Json, true),
    ("traits", Layout::Json, true),
];

/// The name of a promoted property's column.
pub(crate) fn promoted_name(path: &str) -> String {
    format!("p:{path}")
}

/// A dictionary of texts.
pub(crate) fn dictionary() -> DataType {
    DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8))
}

/// The columns of a row without its JSON.
pub(crate) fn bare() -> Vec<&'static str> {
    let bare = COLUMNS.iter().filter(|(_, layout, _)| *layout != Layout::Json);
    bare.map(|(name, ..)| *name).collect()
}

fn data_type(layout: Layout) -> DataType {
    match layout {
        Layout::Instant => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        Layout::Whole => DataType::Int64,
        Layout::Word => dictionary(),
        Layout::Id | Layout::Json => DataType::Utf8,
        Layout::Flag => DataType::Boolean,
    }
}

/// The schema of a segment with these promoted columns.
pub(crate) fn schema<'a>(promoted: impl Iterator<Item = (&'a str, ColumnKind)>) -> SchemaRef {
    let fixed = COLUMNS
        .iter()
        .map(|(name, layout, nullable)| Field::new(*name, data_type(*layout), *nullable));
    let promoted = promoted.map(|(path, kind)| {
        let data_type = match kind {
            ColumnKind::Number => DataType::Decimal128(NUMBER_DIGITS, NUMBER_PLACES),
            ColumnKind::Text => dictionary(),
            ColumnKind::Bool => DataType::Boolean,
        };
        Field::new(promoted_name(path), data_type, true)
    });
    Arc::new(Schema::new(fixed.chain(promoted).collect::<Vec<_>>()))
}

/// The schema of the rows as they are handed to the writer: texts without dictionaries.
pub(crate) fn as_written<'a>(promoted: impl Iterator<Item = (&'a str, ColumnKind)>) -> SchemaRef {
    let plain = |field: &Arc<Field>| match field.data_type() {
        DataType::Dictionary(_, values) => {
            Field::new(field.name(), DataType::clone(values), field.is_nullable())
        }
        _ => Field::clone(field),
    };
    Arc::new(Schema::new(schema(promoted).fields().iter().map(plain).collect::<Vec<_>>()))
}

/// How the columns are written, and the schema that readers are told of. All but the JSON is left uncompressed: the encodings make it
/// small, and it decodes about three times faster.
pub(crate) fn properties(told: &Schema) -> WriterProperties {
    let level = ZstdLevel::try_new(COMPRESSION_LEVEL).expect("a level that zstd has");
    let ascending =
        |column_idx| SortingColumn { column_idx, descending: false, nulls_first: false };
    let mut builder = WriterProperties::builder()
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .set_compression(Compression::UNCOMPRESSED)
        .set_dictionary_page_size_limit(DICTIONARY_BYTES_MAX)
        .set_sorting_columns(Some(vec![ascending(0), ascending(1)]))
        // Bounds are never cut short, so that they can be compared with whole ids.
        .set_statistics_truncate_length(None)
        .set_column_index_truncate_length(None);
    for (name, layout, _) in COLUMNS {
        let column = || ColumnPath::from(name);
        builder = match layout {
            Layout::Instant | Layout::Whole => builder
                .set_column_dictionary_enabled(column(), false)
                .set_column_encoding(column(), Encoding::DELTA_BINARY_PACKED),
            // The encoding is for what no longer fits the dictionary.
            Layout::Word => builder.set_column_encoding(column(), Encoding::DELTA_BYTE_ARRAY),
            Layout::Id => builder
                .set_column_dictionary_enabled(column(), false)
                .set_column_statistics_enabled(column(), EnabledStatistics::None)
                .set_column_encoding(column(), Encoding::DELTA_BYTE_ARRAY),
            Layout::Json => builder
                .set_column_dictionary_enabled(column(), false)
                .set_column_statistics_enabled(column(), EnabledStatistics::None)
                .set_column_compression(column(), Compression::ZSTD(level)),
            Layout::Flag => builder,
        };
        // Rows are sorted by account: no other text tells which rows can be skipped.
        if layout == Layout::Word && name != "account" {
            builder = builder.set_column_statistics_enabled(column(), EnabledStatistics::None);
        }
    }
    let mut properties = builder.build();
    add_encoded_arrow_schema_to_metadata(told, &mut properties);
    properties
}
