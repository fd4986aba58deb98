//! Parquet files: strangers' bytes, and files with drawn columns, whole and damaged.

use std::io::Write as _;
use std::sync::Arc;

use arrow_array::builder::{
    BooleanBuilder, Decimal128Builder, Float64Builder, Int32Builder, Int64Builder, StringBuilder,
};
use arrow_array::types::{Date32Type, TimestampMicrosecondType, TimestampMillisecondType};
use arrow_array::{ArrayRef, PrimitiveArray, RecordBatch, StructArray};
use arrow_schema::Field;
use firsthand_collect::Input;
use firsthand_model::config::ImportMapping;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;

use super::read;
use crate::draw::Draw;

/// Bytes as they are, if they claim to be Parquet; else columns drawn from them, of which each row
/// comes to something; then the same file damaged, which is named.
pub fn import_parquet(data: &[u8]) {
    if data.starts_with(b"PAR1") {
        import(data);
        return;
    }
    let mut draw = Draw::new(data);
    let mut bytes = file(&mut draw);
    import(&bytes);
    for _ in 0..draw.below(4) {
        let place = if draw.flag() {
            // The footer says what all else means.
            bytes.len() - 1 - draw.below(bytes.len().min(400))
        } else {
            draw.below(bytes.len())
        };
        bytes[place] = draw.i64().to_le_bytes()[0];
    }
    import(&bytes);
}

fn import(bytes: &[u8]) {
    // A Parquet file is read from its end, so it has to be a file.
    let mut file = tempfile::NamedTempFile::new().expect("there is a folder for temporary files");
    file.write_all(bytes).expect("it can be written to");
    let mapping = ImportMapping {
        event: Some("event".into()),
        time: Some("time".into()),
        person: Some("person".into()),
        ..ImportMapping::default()
    };
    for mapping in [None, Some(&mapping)] {
        if let Ok(imported) = read(Input::File(file.path().to_owned()), mapping) {
            let told = (imported.facts.len() + imported.rejects.len()) as u64 + imported.noticed();
            assert!(told >= imported.summary.records, "{imported:?}");
        }
    }
}

/// Names that shapes are told by, and others.
const NAMES: &[&str] = &[
    "event",
    "time",
    "person",
    "account",
    "id",
    "properties",
    "distinct_id",
    "timestamp",
    "uuid",
    "type",
    "userId",
    "messageId",
    "event_type",
    "event_time",
    "user_id",
    "kind",
    "traits",
    "a.b",
    "",
    "x",
    "record",
    "known_at",
];

fn file(draw: &mut Draw<'_>) -> Vec<u8> {
    let rows = draw.below(6);
    let columns = 1 + draw.below(7);
    let mut made: Vec<(&str, ArrayRef)> = Vec::new();
    for _ in 0..columns {
        let name = draw.one(NAMES);
        if made.iter().all(|(it, _)| *it != name) {
            made.push((name, column(draw, rows, 2)));
        }
    }
    let made = made.into_iter().map(|(name, array)| (name, array, true));
    let batch = RecordBatch::try_from_iter_with_nullable(made).expect("all columns are as long");
    let compression = draw.one(&[
        Compression::UNCOMPRESSED,
        Compression::SNAPPY,
        Compression::ZSTD(ZstdLevel::default()),
        Compression::LZ4_RAW,
    ]);
    let dictionary = draw.flag();
    let properties = WriterProperties::builder()
        .set_compression(compression)
        .set_dictionary_enabled(dictionary)
        .build();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties))
        .expect("every column can be written");
    writer.write(&batch).expect("memory can be written to");
    writer.close().expect("memory can be written to");
    bytes
}

/// A column with a type drawn, and values, some of them null.
fn column(draw: &mut Draw<'_>, rows: usize, depth: usize) -> ArrayRef {
    /// 2026-01-02 in microseconds.
    const BASE: i64 = 1_767_323_045_678_000;
    macro_rules! built {
        ($builder:expr, $value:expr) => {{
            let mut builder = $builder;
            for _ in 0..rows {
                builder.append_option((draw.below(8) > 0).then(|| $value));
            }
            Arc::new(builder.finish())
        }};
    }
    macro_rules! times {
        ($type:ty, $value:expr) => {
            (0..rows)
                .map(|_| (draw.below(8) > 0).then(|| $value))
                .collect::<PrimitiveArray<$type>>()
        };
    }
    match draw.below(if depth == 0 { 9 } else { 11 }) {
        0 => {
            let texts =
                ["Good", "u-1", "acme", "2026-01-02", "2026-01-02T03:04:05Z", "{}", "track"];
            built!(StringBuilder::new(), draw.one(&texts))
        }
        1 => built!(StringBuilder::new(), draw.text()),
        2 => built!(Int64Builder::new(), draw.i64()),
        3 => built!(Float64Builder::new(), draw.f64()),
        4 => built!(BooleanBuilder::new(), draw.flag()),
        5 => {
            let near = draw.flag();
            let mut value = || if near { BASE + draw.i64() % 1_000_000_000 } else { draw.i64() };
            let array: PrimitiveArray<TimestampMicrosecondType> =
                (0..rows).map(|_| Some(value())).collect();
            let zone = draw.one(&[None, Some("UTC"), Some("Europe/Berlin"), Some("+02:00")]);
            Arc::new(array.with_timezone_opt(zone))
        }
        6 => Arc::new(times!(TimestampMillisecondType, draw.i64())),
        7 => Arc::new(times!(Date32Type, draw.one(&[20_455, -1, i32::MAX, i32::MIN, 0]))),
        8 => {
            let scale = i8::try_from(draw.below(38)).unwrap_or(0);
            let builder = Decimal128Builder::new()
                .with_precision_and_scale(38, scale)
                .expect("the scale is less than the precision");
            built!(builder, i128::from(draw.i64()))
        }
        9 => built!(Int32Builder::new(), draw.one(&[0, 1, -1, i32::MAX])),
        _ => {
            let inner = column(draw, rows, depth - 1);
            let name = draw.one(NAMES);
            let field = Field::new(name, inner.data_type().clone(), true);
            Arc::new(StructArray::from(vec![(Arc::new(field), inner)]))
        }
    }
}
