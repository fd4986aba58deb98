//! Who qualifies now, a paragraph each: for people.

use firsthand_rules::explain::Words;

use super::qualification::Qualification;
use crate::output::{Output, counted, printable, shown_time};
use crate::study::Study;

/// Reasons shown of a lead.
const REASONS_SHOWN: usize = 4;
/// Letters shown of an id, which may be as long as its source likes.
const ID_CHARS_SHOWN: usize = 60;

/// Shows the first, at most so many, with their reasons.
pub fn show(
    study: &Study,
    leads: &[Qualification],
    rows_max: usize,
    output: Output,
) -> anyhow::Result<()> {
    for (number, it) in leads.iter().take(rows_max).enumerate() {
        if number > 0 {
            output.say("")?;
        }
        one(study, it, output)?;
    }
    if leads.is_empty() {
        output.say("(none)")?;
    }
    if leads.len() > rows_max {
        let more = counted(leads.len() - rows_max, "more lead");
        output.note(&format!("and {more}; `--limit N` shows more"));
    }
    Ok(())
}

fn one(study: &Study, it: &Qualification, output: Output) -> anyhow::Result<()> {
    let Some(lead) = &it.lead else { return Ok(()) };
    let definition = &study.project.definitions[&it.definition];
    let headline = lead.headline.as_deref().or(definition.title.as_deref());
    let headline = printable(headline.unwrap_or(&it.definition));
    let id = output.palette().bold(&shortened(&it.subject.id));
    output.paragraph(&id, &format!("  {headline}"), 2)?;
    let since = shown_time(it.interval.entered, &study.project.calendar);
    let score = lead.score.map(|it| format!(", score {}", Words::number(it))).unwrap_or_default();
    output.say(&format!("  {} since {since}{score}", it.definition))?;
    // One line more is as long as the line that says that there is one more.
    let shown = match lead.reasons.len() {
        all if all <= REASONS_SHOWN => all,
        _ => REASONS_SHOWN - 1,
    };
    for reason in &lead.reasons[..shown] {
        output.paragraph("", &format!("  - {}", printable(reason)), 4)?;
    }
    if lead.reasons.len() > shown {
        let more = lead.reasons.len() - shown;
        output.say(&format!("  - and {more} more: `firsthand explain` shows all"))?;
    }
    Ok(())
}

fn shortened(id: &str) -> String {
    let id = printable(id);
    if id.chars().count() <= ID_CHARS_SHOWN {
        return id;
    }
    id.chars().take(ID_CHARS_SHOWN - 1).chain(['…']).collect()
}
