//! What is written to the CRM.

use firsthand_model::config::{CrmField, HubSpotChannel};
use firsthand_model::message::{CrmTask, CrmWrite};
use firsthand_model::{Decimal, Scalar, Text, Time};

use super::Telling;
use super::slack::Notice;

/// What is written about a lead's account: all fields that the channel maps and that are known.
pub(crate) fn crm_write(telling: Telling<'_>, channel: &HubSpotChannel) -> CrmWrite {
    let account = &telling.picture.account;
    let text = |name: &str| match account.traits.get(name) {
        Some(Scalar::Text(it)) => Some(it.clone()),
        _ => None,
    };
    let known = channel.properties.iter();
    let properties = known.filter_map(|(name, of)| Some((name.clone(), field(telling, of)?)));
    CrmWrite {
        account: telling.lead.account.clone(),
        // What reading the CRM has told of the account.
        company: text("crm_company"),
        domain: text(&channel.domain_trait)
            .or_else(|| telling.lead.account.strip_prefix("domain:").map(Text::from)),
        name: account.name.clone(),
        properties: properties.collect(),
        task: None,
    }
}

/// A task for the owner.
pub(crate) fn crm_task(notice: &Notice, due_at: Time, owner: Option<Text>) -> CrmTask {
    let mut body = notice.intro.clone();
    for (heading, lines) in &notice.parts {
        body.push(format!("{heading}\n{}", lines.join("\n")));
    }
    body.extend(notice.link.iter().map(|(_, url)| url.to_string()));
    CrmTask { subject: notice.title.clone(), body: body.join("\n\n"), due_at, owner }
}

fn field(telling: Telling<'_>, of: &CrmField) -> Option<String> {
    let Telling { lead, picture, .. } = telling;
    let account = &picture.account;
    let meter = |name: &Text| account.meters.iter().find(|it| it.name == *name);
    let decimal = |it: Decimal| it.to_string();
    match of {
        CrmField::Score => lead.score.map(decimal),
        CrmField::Status => Some(lead.status.word().to_owned()),
        CrmField::Track => Some(lead.track.word().to_owned()),
        CrmField::Stage => account.stage.as_ref().map(ToString::to_string),
        CrmField::Reasons => {
            let lines: Vec<&str> =
                picture.reasons.iter().map(super::super::world::ReasonView::line).collect();
            (!lines.is_empty()).then(|| lines.join("\n"))
        }
        CrmField::QualifiedAt => Some((lead.opened_at.micros() / 1_000).to_string()),
        CrmField::Plan => account.plan.as_ref().map(ToString::to_string),
        CrmField::Link => telling.link().map(|it| it.to_string()),
        CrmField::Usage(name) => meter(name).map(|it| decimal(it.used)),
        CrmField::Limit(name) => meter(name)?.limit.map(decimal),
        CrmField::Trait(name) => account.traits.get(name).and_then(trait_text),
    }
}

/// A trait as the CRM takes it: all of its values are texts.
fn trait_text(value: &Scalar) -> Option<String> {
    match value {
        Scalar::Missing => None,
        Scalar::Bool(it) => Some(it.to_string()),
        Scalar::Number(it) => Some(it.to_string()),
        Scalar::Text(it) => Some(it.to_string()),
        Scalar::List(them) => {
            Some(them.iter().filter_map(trait_text).collect::<Vec<_>>().join(";"))
        }
    }
}
