//! What an import came to: files, facts, rejects by reason, and what was noticed on the way.

use firsthand_collect::Summary;
use firsthand_history::Summary as Added;
use firsthand_model::Calendar;

use crate::output::{Cell, Output, Table, counted};

/// Shows the end of an import.
pub fn show(
    read: &Summary,
    added: &Added,
    rejects_file: Option<&str>,
    calendar: &Calendar,
    output: Output,
) -> anyhow::Result<()> {
    let (files, kinds, rejects, notices) =
        (files(read), kinds(added), rejects(read), notices(read));
    if !output.for_people() {
        return output.tables(&[
            ("files", &files),
            ("added", &kinds),
            ("rejects", &rejects),
            ("notices", &notices),
        ]);
    }
    output.table(&files)?;
    let new: u64 = added.added.values().sum();
    let mut words = vec![format!("{} added", counted(new, "fact"))];
    if added.repeated > 0 {
        words.push(format!("{} there already", counted(added.repeated, "fact")));
    }
    if let (Some(first), Some(last)) = (read.first, read.last) {
        words.push(format!("from {} to {}", calendar.date(first), calendar.date(last)));
    }
    output.say(&format!("\n{}", words.join(", ")))?;
    if let Some(path) = rejects_file {
        let count = counted(read.rejected(), "record");
        output.heading(&format!("{count} not taken in; see {path}"))?;
        output.table(&rejects)?;
    }
    if !notices.is_empty() {
        output.heading("Taken in, but look at it")?;
        output.table(&notices)?;
    }
    Ok(())
}

fn files(read: &Summary) -> Table {
    let mut table = Table::new(&[
        ("file", "file"),
        ("read_as", "read as"),
        ("records", "records"),
        ("facts", "facts"),
        ("rejects", "rejects"),
    ]);
    for file in &read.files {
        table.push([
            (&*file.name).into(),
            file.read_as.as_str().into(),
            file.records.into(),
            file.facts.into(),
            file.rejects.into(),
        ]);
    }
    table
}

fn kinds(added: &Added) -> Table {
    let mut table = Table::new(&[("kind", "kind"), ("facts", "facts")]);
    for (kind, count) in &added.added {
        table.push([Cell::from(*kind), Cell::Count(*count)]);
    }
    table.push([Cell::from("there already"), Cell::Count(added.repeated)]);
    table
}

fn rejects(read: &Summary) -> Table {
    let mut table = Table::new(&[("code", "code"), ("records", "records"), ("meaning", "meaning")]);
    for (code, count) in &read.rejects {
        table.push([code.code().into(), (*count).into(), code.meaning().into()]);
    }
    table
}

fn notices(read: &Summary) -> Table {
    let columns =
        [("code", "code"), ("records", "records"), ("meaning", "meaning"), ("example", "example")];
    let mut table = Table::new(&columns);
    for (code, notice) in &read.notices.0 {
        let example = notice.examples.first().map(|it| match it.line {
            0 => it.seen.clone(),
            line => format!("line {line}: {}", it.seen),
        });
        table.push([
            code.code().into(),
            notice.count.into(),
            code.meaning().into(),
            example.into(),
        ]);
    }
    table
}
