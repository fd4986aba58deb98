//! Who qualifies now, a paragraph each: for people.

use super::Qualification;
use crate::output::{Output, counted, shown_time};
use crate::study::Study;

/// Shows the newest first, at most so many, with their reasons.
pub fn show(
    study: &Study,
    leads: &[Qualification],
    rows_max: usize,
    output: Output,
) -> anyhow::Result<()> {
    let palette = output.palette();
    let calendar = &study.project.calendar;
    for (number, lead) in leads.iter().take(rows_max).enumerate() {
        let gap = if number == 0 { "" } else { "\n" };
        let subject = palette.bold(&lead.subject.id);
        let since = shown_time(lead.interval.entered, calendar);
        output.say(&format!("{gap}{subject}  {} since {since}", lead.definition))?;
        lead.reasons.iter().try_for_each(|it| output.say(&format!("  - {it}")))?;
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
