//! Reads the rows of a Parquet file.

use std::borrow::Cow;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Date64Type, Decimal128Type, Decimal256Type, Float16Type, Float32Type, Float64Type,
    Int8Type, Int16Type, Int32Type, Int64Type, TimestampMicrosecondType, TimestampMillisecondType,
    TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, RecordBatch};
use arrow_schema::{DataType, TimeUnit};
use firsthand_model::{Date, Time};

use crate::json::{ObjectWriter, write_string};
use crate::record::{Field, Record, Value};

/// Rows read at a time.
pub(crate) const BATCH_ROWS: usize = 4_096;

/// Reads one row of a batch.
pub(crate) fn row(batch: &RecordBatch, index: usize) -> Record<'_> {
    let schema = batch.schema_ref();
    let columns = schema.fields().iter().zip(batch.columns());
    let fields = columns
        .map(|(field, array)| Field {
            name: Cow::Borrowed(field.name().as_str()),
            value: value(array.as_ref(), index),
        })
        .collect();
    Record { fields }
}

fn value(array: &dyn Array, row: usize) -> Value<'_> {
    if array.is_null(row) {
        return Value::Missing;
    }
    macro_rules! number {
        ($kind:ty) => {
            Value::Number(array.as_primitive::<$kind>().value(row).to_string())
        };
    }
    match array.data_type() {
        DataType::Boolean => Value::Bool(array.as_boolean().value(row)),
        DataType::Int8 => number!(Int8Type),
        DataType::Int16 => number!(Int16Type),
        DataType::Int32 => number!(Int32Type),
        DataType::Int64 => number!(Int64Type),
        DataType::UInt8 => number!(UInt8Type),
        DataType::UInt16 => number!(UInt16Type),
        DataType::UInt32 => number!(UInt32Type),
        DataType::UInt64 => number!(UInt64Type),
        DataType::Float16 => float(array.as_primitive::<Float16Type>().value(row).to_f64()),
        DataType::Float32 => {
            // By its own shortest digits: 0.1 is not 0.10000000149.
            let shown = array.as_primitive::<Float32Type>().value(row).to_string();
            float(shown.parse().unwrap_or(f64::NAN))
        }
        DataType::Float64 => float(array.as_primitive::<Float64Type>().value(row)),
        DataType::Decimal128(..) => {
            Value::Number(array.as_primitive::<Decimal128Type>().value_as_string(row))
        }
        DataType::Decimal256(..) => {
            Value::Number(array.as_primitive::<Decimal256Type>().value_as_string(row))
        }
        DataType::Utf8 => text(array.as_string::<i32>().value(row)),
        DataType::LargeUtf8 => text(array.as_string::<i64>().value(row)),
        DataType::Utf8View => text(array.as_string_view().value(row)),
        DataType::Binary => bytes(array.as_binary::<i32>().value(row)),
        DataType::LargeBinary => bytes(array.as_binary::<i64>().value(row)),
        DataType::BinaryView => bytes(array.as_binary_view().value(row)),
        DataType::FixedSizeBinary(_) => hex(array.as_fixed_size_binary().value(row)),
        DataType::Date32 => Value::Date(Date(array.as_primitive::<Date32Type>().value(row))),
        DataType::Date64 => {
            let micros = array.as_primitive::<Date64Type>().value(row).saturating_mul(1_000);
            Value::Local(micros.clamp(Time::MIN.0, Time::MAX.0))
        }
        DataType::Timestamp(unit, zone) => {
            let micros = timestamp(array, *unit, row);
            let within = Time(micros).clamp(Time::MIN, Time::MAX);
            if zone.is_some() { Value::Instant(within) } else { Value::Local(within.0) }
        }
        DataType::Dictionary(..) => {
            let dictionary = array.as_any_dictionary();
            match value(dictionary.keys(), row) {
                Value::Number(key) => key
                    .parse()
                    .map_or(Value::Missing, |key: usize| value(dictionary.values().as_ref(), key)),
                _ => Value::Missing,
            }
        }
        DataType::List(_) => list(array.as_list::<i32>().value(row).as_ref()),
        DataType::LargeList(_) => list(array.as_list::<i64>().value(row).as_ref()),
        DataType::FixedSizeList(..) => list(array.as_fixed_size_list().value(row).as_ref()),
        DataType::Struct(_) => {
            let object = array.as_struct();
            let mut writer = ObjectWriter::new();
            for (field, column) in object.fields().iter().zip(object.columns()) {
                value(column.as_ref(), row).write_json(writer.member(field.name()));
            }
            Value::Nested(writer.finish().as_str().to_owned())
        }
        DataType::Map(..) => {
            let entries = array.as_map().value(row);
            let (keys, values) = (entries.column(0), entries.column(1));
            let mut writer = ObjectWriter::new();
            for at in 0..entries.len() {
                if let Some(key) = value(keys.as_ref(), at).text() {
                    value(values.as_ref(), at).write_json(writer.member(&key));
                }
            }
            Value::Nested(writer.finish().as_str().to_owned())
        }
        // Times of day, intervals and the like, as Arrow numbers them, say nothing here.
        _ => Value::Missing,
    }
}

fn text(text: &str) -> Value<'_> {
    Value::Text(Cow::Borrowed(text))
}

/// Older writers do not mark texts as such.
fn bytes(bytes: &[u8]) -> Value<'_> {
    std::str::from_utf8(bytes).map_or_else(|_| hex(bytes), text)
}

fn hex(bytes: &[u8]) -> Value<'_> {
    use std::fmt::Write as _;
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        write!(text, "{byte:02x}").expect("writing to a text cannot fail");
    }
    Value::Text(Cow::Owned(text))
}

/// Not a number is how data frames write "nothing".
fn float(number: f64) -> Value<'static> {
    if !number.is_finite() {
        return Value::Missing;
    }
    // `Display` writes whole numbers without a point, so an id that became a float is whole again.
    Value::Number(if number.abs() < 1e21 { number.to_string() } else { format!("{number:e}") })
}

fn timestamp(array: &dyn Array, unit: TimeUnit, row: usize) -> i64 {
    match unit {
        TimeUnit::Second => {
            array.as_primitive::<TimestampSecondType>().value(row).saturating_mul(1_000_000)
        }
        TimeUnit::Millisecond => {
            array.as_primitive::<TimestampMillisecondType>().value(row).saturating_mul(1_000)
        }
        TimeUnit::Microsecond => array.as_primitive::<TimestampMicrosecondType>().value(row),
        TimeUnit::Nanosecond => {
            array.as_primitive::<TimestampNanosecondType>().value(row).div_euclid(1_000)
        }
    }
}

fn list(items: &dyn Array) -> Value<'static> {
    let mut text = String::from("[");
    for at in 0..items.len() {
        if at > 0 {
            text.push(',');
        }
        match value(items, at) {
            Value::Text(it) => write_string(&mut text, &it),
            other => other.write_json(&mut text),
        }
    }
    text.push(']');
    Value::Nested(text)
}
