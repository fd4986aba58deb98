//! Parquet files: typed columns, nested ones, and the vendors' shapes in them.

use std::sync::Arc;

use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, Date64Array, Float64Array, Int64Array, RecordBatch,
    StringArray, StructArray, TimestampMicrosecondArray, TimestampMillisecondArray,
};
use arrow_schema::{DataType, Field};
use firsthand_collect::{ImportError, Input};
use parquet::arrow::ArrowWriter;

use crate::support::{map, run, run_mapped};

fn file(columns: Vec<(&str, ArrayRef)>) -> tempfile::NamedTempFile {
    let batch = RecordBatch::try_from_iter_with_nullable(
        columns.into_iter().map(|(name, array)| (name, array, true)),
    )
    .unwrap();
    let file = tempfile::NamedTempFile::new().unwrap();
    let mut writer = ArrowWriter::try_new(file.reopen().unwrap(), batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    file
}

fn input(file: &tempfile::NamedTempFile) -> Vec<Input> {
    vec![Input::File(file.path().to_owned())]
}

#[test]
fn typed_columns_keep_their_types() {
    let nested = StructArray::from(vec![(
        Arc::new(Field::new("pages", DataType::Int64, true)),
        Arc::new(Int64Array::from(vec![Some(3), None, Some(5)])) as ArrayRef,
    )]);
    let file = file(vec![
        ("at", Arc::new(TimestampMicrosecondArray::from(vec![1_767_323_045_678_000; 3]))),
        (
            "utc",
            Arc::new(
                TimestampMillisecondArray::from(vec![1_767_323_046_000; 3]).with_timezone("UTC"),
            ),
        ),
        ("user", Arc::new(Float64Array::from(vec![Some(7.0), Some(8.0), None]))),
        ("ok", Arc::new(BooleanArray::from(vec![Some(true), None, Some(false)]))),
        ("zip", Arc::new(StringArray::from(vec!["00420", "12", ""]))),
        ("ratio", Arc::new(Float64Array::from(vec![0.1, f64::NAN, 2.0]))),
        ("day", Arc::new(Date32Array::from(vec![20_455; 3]))),
        ("detail", Arc::new(nested)),
    ]);
    let map = map(&[
        ("event_name", "Login"),
        ("time", "at"),
        ("known_at", "utc"),
        ("person", "user"),
        ("zone", "Europe/Berlin"),
    ]);
    let imported = run_mapped(Some(&map), |_| {}, input(&file)).unwrap();
    insta::assert_snapshot!(imported.report());
    assert!(imported.summary.bytes > 0);
}

#[test]
fn an_export_in_parquet_is_recognised_by_its_columns() {
    let file = file(vec![
        ("uuid", Arc::new(StringArray::from(vec!["0190-1"]))),
        ("event", Arc::new(StringArray::from(vec!["Report exported"]))),
        ("distinct_id", Arc::new(StringArray::from(vec!["u-1"]))),
        ("properties", Arc::new(StringArray::from(vec![r#"{"$groups":{"company":"acme"}}"#]))),
        ("timestamp", Arc::new(TimestampMicrosecondArray::from(vec![1_767_323_045_678_000]))),
    ]);
    let imported = run(|_| {}, input(&file)).unwrap();
    assert_eq!(imported.summary.files[0].read_as, "PostHog export, Parquet");
    assert_eq!(imported.facts[0].who.account.as_deref(), Some("acme"));
}

/// The multiplication overflowed, and the import with it.
#[test]
fn dates_beyond_every_calendar_are_rejects_of_their_rows() {
    let days = vec![i32::MIN, 20_455, i32::MAX];
    let millis = vec![i64::MIN, 1_767_323_045_678, i64::MAX];
    let columns: [ArrayRef; 2] =
        [Arc::new(Date32Array::from(days)), Arc::new(Date64Array::from(millis))];
    for times in columns {
        let users = Arc::new(StringArray::from(vec!["ana", "bob", "cid"]));
        let file = file(vec![("day", times), ("user", users)]);
        let map = map(&[("event_name", "Login"), ("time", "day"), ("person", "user")]);
        let imported = run_mapped(Some(&map), |_| {}, input(&file)).unwrap();
        assert_eq!(imported.codes(), [(1, "time_too_early"), (3, "time_in_future")]);
        assert_eq!(imported.facts[0].who.user.as_deref(), Some("bob"));
    }
}

#[test]
fn a_damaged_file_is_named() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), b"PAR1 and then nothing of use").unwrap();
    let error = run(|_| {}, input(&file)).unwrap_err();
    assert!(matches!(error, ImportError::Parquet { .. }));
}
