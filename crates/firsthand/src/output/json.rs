//! Tables for programs: JSON and CSV. Both stream row by row into one text.

use serde_json::{Map, Value};

use super::{Cell, Table};

/// An array with an object a row, each on a line of its own, so that `grep` and `head` work too.
pub(super) fn array(table: &Table) -> anyhow::Result<String> {
    let mut text = String::from("[");
    for (index, row) in table.rows.iter().enumerate() {
        text.push_str(if index == 0 { "\n" } else { ",\n" });
        let columns = table.columns.iter().map(|it| it.key.clone().into_owned());
        let object: Map<String, Value> = columns.zip(row.iter().map(Cell::json)).collect();
        text.push_str(&serde_json::to_string(&object)?);
    }
    text.push_str(if table.is_empty() { "]" } else { "\n]" });
    Ok(text)
}

/// An object with an array for each table.
pub(super) fn object(tables: &[(&str, &Table)]) -> anyhow::Result<String> {
    let members: Vec<String> = tables
        .iter()
        .map(|(name, table)| Ok(format!("{}: {}", Value::from(*name), array(table)?)))
        .collect::<anyhow::Result<_>>()?;
    Ok(format!("{{\n{}\n}}", members.join(",\n")))
}

/// RFC 4180 with a header; an absent value is an empty field, a list is joined with `; `.
pub(super) fn csv(table: &Table) -> anyhow::Result<String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(table.columns.iter().map(|it| it.key.as_ref()))?;
    for row in &table.rows {
        writer.write_record(row.iter().map(|cell| match cell.json() {
            Value::Null => String::new(),
            Value::String(text) => text,
            Value::Array(_) => cell.shown(),
            other => other.to_string(),
        }))?;
    }
    Ok(String::from_utf8(writer.into_inner()?)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = Table::new(&[("account", "account"), ("reasons", "why")]);
        table.push([Cell::from("a, \"b\""), Cell::List(vec!["one".into(), "two".into()])]);
        table.push([Cell::Empty, Cell::Count(1_000)]);
        table
    }

    #[test]
    fn json_is_an_array_of_objects_a_row_a_line() {
        let text = array(&table()).unwrap();
        assert_eq!(text.lines().count(), 4);
        let read: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(read[0]["reasons"][1], "two");
        assert!(read[1]["account"].is_null());
        assert_eq!(array(&Table::new(&[])).unwrap(), "[]");
        let both: Value = serde_json::from_str(&object(&[("x", &table())]).unwrap()).unwrap();
        assert_eq!(both["x"][1]["reasons"], 1_000);
    }

    #[test]
    fn csv_quotes_what_needs_it_and_leaves_the_absent_empty() {
        assert_eq!(csv(&table()).unwrap(), "account,reasons\n\"a, \"\"b\"\"\",one; two\n,1000\n");
    }
}
