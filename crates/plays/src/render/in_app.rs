//! Messages inside the product.

use firsthand_model::message::{InAppAction, InAppMessage, InAppPoint, InAppUsage};
use firsthand_model::{Text, Time};

use super::context::{amount, nearest};
use super::{Filled, Telling};
use crate::world::MeterView;

/// A message inside the product, as its reader sees it.
pub(crate) fn in_app(
    filled: &Filled,
    telling: Telling<'_>,
    person: &Text,
    now: Time,
) -> InAppMessage {
    let meters = &telling.picture.account.meters;
    let meter = match &filled.meter {
        Some(name) => meters.iter().find(|it| it.name == *name),
        None => nearest(meters),
    };
    let point = |text: &String| InAppPoint { text: text.clone(), done: None };
    InAppMessage {
        person: person.clone(),
        account: telling.lead.account.clone(),
        form: filled.form,
        title: filled.title.clone(),
        body: filled.body.join("\n\n"),
        points: filled.points.iter().map(point).collect(),
        usage: meter.and_then(usage),
        action: filled
            .button
            .as_ref()
            .map(|(label, url)| InAppAction { label: label.clone(), url: url.clone() }),
        language: filled.language.clone(),
        until: Some(now + filled.lasts),
    }
}

fn usage(meter: &MeterView) -> Option<InAppUsage> {
    Some(InAppUsage {
        meter: meter.unit.to_string(),
        used: amount(meter.used),
        limit: amount(meter.limit?),
        thousandths: meter.thousandths()?,
    })
}
