//! An account that nobody has, for trying templates where there is no lead to try them on.

use firsthand_model::config::{Meter, Project, Track};
use firsthand_model::lead::{Lead, LeadId, LeadStatus};
use firsthand_model::{Decimal, Scalar, Span, Text, Time};

use crate::world::{AccountView, MeterView, PersonView, Picture, ReasonView};

/// A lead at an instant, with all that is known of its account: every meter of the project at 80 %
/// of 10,000, a trial of three more days, two people.
pub fn sample(project: &Project, track: Track, now: Time) -> (Lead, Picture) {
    let account: Text = "sample".into();
    let lead = Lead {
        id: LeadId::mint(now, 0),
        account: account.clone(),
        track,
        status: LeadStatus::Open,
        opened_at: now,
        known_at: now,
        score: Some(Decimal::from(82_i64)),
        owner: project.leads.owners.keys().next().cloned(),
        snoozed_until: None,
        due_at: Some(project.leads.due(track, now)),
        touched_at: None,
        changed_at: now,
        closed_at: None,
        reason: None,
        merged_into: None,
        held_out: false,
    };
    let meters = project.meters.values().map(|it| MeterView {
        name: it.name.clone(),
        unit: it.unit.clone().unwrap_or_else(|| it.name.clone()),
        used: Decimal::from(8_000_i64),
        limit: Some(Decimal::from(10_000_i64)),
    });
    let text = |it: &str| Scalar::Text(it.into());
    let person = |id: &str, name: &str, role: &str| PersonView {
        id: id.into(),
        traits: [
            ("name".into(), text(name)),
            ("email".into(), text(&format!("{id}@sample.example"))),
            ("role".into(), text(role)),
        ]
        .into(),
        last_seen: Some(now - Span::HOUR),
        does: vec![("Report exported".into(), 12)],
    };
    let plan = project.plans.values().find(|it| it.terms.iter().any(|it| it.next.is_some()));
    let next = plan.and_then(|it| it.terms.last()?.next.clone());
    let next =
        next.and_then(|it| project.plans.values().find(|of| of.id.eq_ignore_ascii_case(&it)));
    let definition = project.definitions.values().find(|it| it.track == track);
    let title = definition.and_then(|it| it.title.clone());
    let picture = Picture {
        account: AccountView {
            id: account,
            name: Some("Sample Inc.".into()),
            traits: [("name".into(), text("Sample Inc."))].into(),
            plan: plan.map(|it| it.title.clone()),
            next_plan: next.map(|it| it.title.clone()),
            meters: meters.collect(),
            trial_left: Some(Span::DAY.times(3)),
            members: 2,
            stage: Some("pql".into()),
        },
        people: vec![person("ana", "Ana Ruiz", "admin"), person("ben", "Ben Ode", "member")],
        reasons: vec![ReasonView {
            title: title.unwrap_or_else(|| "Ready to buy".into()),
            headline: None,
            observed: project.meters.values().take(1).map(observed).collect(),
            person: None,
            holds: true,
        }],
    };
    (lead, picture)
}

/// What evidence says of a meter.
fn observed(it: &Meter) -> String {
    let unit = it.unit.as_ref().unwrap_or(&it.name);
    format!("8,000 {unit} used; 80% of the limit is 8,000")
}
