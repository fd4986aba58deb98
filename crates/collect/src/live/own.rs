//! The program's own form, as `export` writes it: one fact, a list of facts, or one fact a line.
//!
//! A fact may leave out its time: then it is the time of its arrival. Its source and arrival are
//! known, and what it says of them itself does not count.

use super::answer::{Answer, Refusal};
use super::call::{Context, text};
use super::intake::{ITEMS_MAX, Intake, StandIns};
use super::received::Received;
use crate::draft::{Head, Out};
use crate::json::{ObjectWriter, Raw, write_string};
use crate::record::Record;
use crate::shape::own;

/// Reads facts.
pub(super) fn read(context: &Context<'_, '_>) -> Result<Received, Refusal> {
    let body = context.body()?;
    let source = context.source(&[])?;
    let text = text(&body);
    let mut intake = context.intake(source);
    let clock = context.clock(source).believed();
    let facts = |record: &Record<'_>, raw: &str, out: &mut Out<'_>, ids: &mut StandIns| {
        let time = record.field("time");
        let says_when = !time.is_absent();
        let time = if says_when { clock.stated("time", time, out)? } else { clock.received_at };
        let id = match own::exact("id", record.field("id"), usize::MAX)? {
            Some(id) => id,
            None => ids.of(raw, (!says_when).then_some(clock.received_at)),
        };
        let head = Head { id: Some(id), time, known_at: None };
        own::meaning(record, head, out)
    };
    let items = items(&text)?;
    intake.expect(items.len());
    for raw in items {
        let _outcome =
            intake.item(raw, &str::to_owned, &mut |record, out, ids| facts(record, raw, out, ids));
    }
    let answer = answer(&intake);
    Ok(intake.finish(answer))
}

/// The facts of a body: those of a list, else one a line, else all of it.
fn items(text: &str) -> Result<Vec<&str>, Refusal> {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Err(Refusal::bad_body("the body is empty"));
    }
    if trimmed.starts_with('[') {
        let list = Raw::parse(trimmed).map_err(|it| super::call::not_json(&it))?;
        return Ok(super::intake::items(list)?.into_iter().map(Raw::get).collect());
    }
    if Raw::parse(trimmed).is_ok() {
        return Ok(vec![trimmed]);
    }
    let lines = trimmed.lines().map(str::trim).filter(|it| !it.is_empty());
    let lines: Vec<&str> = lines.take(ITEMS_MAX + 1).collect();
    if lines.len() > ITEMS_MAX { Err(Refusal::TooMany) } else { Ok(lines) }
}

/// Says how many facts were taken in, and which were not and why.
fn answer(intake: &Intake<'_>) -> Answer {
    let accepted = intake.accepted();
    let mut body = ObjectWriter::new();
    body.member("accepted").push_str(&accepted.to_string());
    let list = body.member("rejected");
    list.push('[');
    for (at, reject) in intake.rejects().iter().enumerate() {
        if at > 0 {
            list.push(',');
        }
        let mut entry = ObjectWriter::new();
        entry.member("index").push_str(&reject.index.to_string());
        write_string(entry.member("code"), reject.code.code());
        write_string(entry.member("reason"), &reject.reason);
        list.push_str(entry.finish().as_str());
    }
    list.push(']');
    let body = body.finish().as_str().to_owned();
    let status = if accepted == 0 && !intake.rejects().is_empty() { 400 } else { 200 };
    Answer::json(status, body)
}
