//! Who qualifies now, a paragraph each: for people.

use firsthand_model::fact::Kind;
use firsthand_rules::explain::Words;

use super::qualification::Qualification;
use crate::output::{Output, counted, printable, shown_time};
use crate::study::{Study, is_visitor};

/// Reasons shown of a lead.
const REASONS_SHOWN: usize = 4;

/// Shows them with their reasons, and says how many more there are.
pub fn show(
    study: &Study,
    leads: &[Qualification],
    more: usize,
    output: Output,
) -> anyhow::Result<()> {
    for (number, it) in leads.iter().enumerate() {
        if number > 0 {
            output.say("")?;
        }
        one(study, it, output)?;
    }
    if leads.is_empty() {
        output.say("(none)")?;
    }
    if more > 0 {
        let more = counted(more, "more lead");
        output.note(&format!("and {more}; `--limit N` shows more"));
    }
    Ok(())
}

fn one(study: &Study, it: &Qualification, output: Output) -> anyhow::Result<()> {
    let Some(lead) = &it.lead else { return Ok(()) };
    let definition = &study.project.definitions[&it.definition];
    let headline = lead.headline.as_deref().or(definition.title.as_deref());
    let headline = printable(headline.unwrap_or(&it.definition));
    let id = output.palette().bold(&printable(&it.subject.id));
    output.paragraph(&id, &format!("  {headline}"), 2)?;
    let since = shown_time(it.interval.entered, &study.project.calendar);
    let score = lead.score.map(|it| format!(", score {}", Words::number(it))).unwrap_or_default();
    let whose = match it.subject.kind {
        Kind::Person if !is_visitor(&it.subject.id) => {
            format!(", of account {}", printable(&it.account))
        }
        _ => String::new(),
    };
    output.say(&format!("  {} since {since}{score}{whose}", it.definition))?;
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
