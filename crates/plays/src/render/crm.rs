//! What is written to the CRM.

use firsthand_model::config::{CrmField, HubSpotChannel, PersonField};
use firsthand_model::message::{CrmPeople, CrmPerson, CrmTask, CrmWrite};
use firsthand_model::{Decimal, Scalar, Text, Time};

use super::Telling;
use super::slack::Notice;
use crate::world::PersonView;

/// Most people of an account about whom the CRM is told, the most active first.
const PEOPLE_MAX: usize = 10;

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

/// What is written about the people to talk to: all fields that the channel maps and that are known.
/// `None` where nothing is mapped, or nobody could be found in the CRM.
pub(crate) fn crm_people(telling: Telling<'_>, channel: &HubSpotChannel) -> Option<CrmPeople> {
    let fields = &channel.contacts.as_ref().filter(|it| !it.properties.is_empty())?.properties;
    // The one to talk to is the one whom the owner is told of first.
    let people = telling.picture.people.iter().take(PEOPLE_MAX).enumerate();
    let people = people.filter_map(|(place, person)| {
        let value = |of: &PersonField| match of {
            PersonField::Champion => Some((place == 0).to_string()),
            PersonField::LastSeen => person.last_seen.map(millis),
            PersonField::Does => does(person),
            PersonField::Trait(name) => person.traits.get(name).and_then(trait_text),
            PersonField::OfAccount(of) => field(telling, of),
        };
        // What reading the CRM has told of the person, and else their address.
        let contact = match person.traits.get("crm_contact") {
            Some(Scalar::Text(it)) => Some(it.clone()),
            Some(Scalar::Number(it)) => Some(it.to_string().into()),
            _ => None,
        };
        let email = person.email().map(|it| it.trim().to_lowercase().into());
        let properties = fields.iter().filter_map(|(name, of)| Some((name.clone(), value(of)?)));
        (contact.is_some() || email.is_some()).then(|| CrmPerson {
            person: person.id.clone(),
            contact,
            email,
            properties: properties.collect(),
        })
    });
    let people: Vec<CrmPerson> = people.collect();
    let account = telling.lead.account.clone();
    (!people.is_empty()).then_some(CrmPeople { account, people })
}

/// What a person does most, with how often lately.
fn does(person: &PersonView) -> Option<String> {
    let lines: Vec<String> =
        person.does.iter().map(|(event, count)| format!("{event} ({count})")).collect();
    (!lines.is_empty()).then(|| lines.join(", "))
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
        CrmField::QualifiedAt => Some(millis(lead.opened_at)),
        CrmField::Plan => account.plan.as_ref().map(ToString::to_string),
        CrmField::Link => telling.link().map(|it| it.to_string()),
        CrmField::Usage(name) => meter(name).map(|it| decimal(it.used)),
        CrmField::Limit(name) => meter(name)?.limit.map(decimal),
        CrmField::Trait(name) => account.traits.get(name).and_then(trait_text),
    }
}

/// An instant as the CRM takes it.
fn millis(at: Time) -> String {
    (at.micros() / 1_000).to_string()
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
