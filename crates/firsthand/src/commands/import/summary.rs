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
    let (repeats, left_out) = (repeats(added), left_out(added));
    if !output.for_people() {
        return output.tables(&[
            ("files", &files),
            ("added", &kinds),
            ("repeats", &repeats),
            ("left_out", &left_out),
            ("rejects", &rejects),
            ("notices", &notices),
        ]);
    }
    output.table(&files)?;
    let new: u64 = added.added.values().sum();
    let mut words = vec![format!("{} added", counted(new, "fact"))];
    if added.already_there > 0 {
        words.push(format!("{} there already", counted(added.already_there, "fact")));
    }
    if added.repeated > 0 {
        words.push(format!("{} of these files", counted(added.repeated, "repetition")));
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
    if !left_out.is_empty() {
        output.heading("Kept, but not all of it counts")?;
        output.table(&left_out)?;
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
    table
}

/// Facts that were not added because they count once, and those that took another's place.
fn repeats(added: &Added) -> Table {
    let mut table = Table::new(&[("code", "code"), ("facts", "facts")]);
    for (code, count) in [
        ("already_there", added.already_there),
        ("repeated", added.repeated),
        ("replaced", added.replaced),
    ] {
        table.push([Cell::from(code), Cell::Count(count)]);
    }
    table
}

/// What does not count, by reason.
fn left_out(added: &Added) -> Table {
    let columns =
        [("code", "code"), ("facts", "facts"), ("meaning", "meaning"), ("example", "example")];
    let mut table = Table::new(&columns);
    for reason in added.left_out.reasons() {
        table.push([
            reason.code.into(),
            reason.tally.facts.into(),
            reason.meaning.into(),
            reason.seen().into(),
        ]);
    }
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
