//! One account: its plan and usage, who is in it, what it has qualified for, and why not yet.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::Uri;
use axum::response::Response;

use super::entitled::{Entitled, entitled};
use super::error::PageError;
use super::gauge::{Gauge, gauges};
use super::happened::names_of;
use super::inbox::{Row, Stage};
use super::lead::PEOPLE_MAX;
use super::owners::Owners;
use super::profile::{Evidence, PersonRow, Step, calm, lifecycle, people, plan, traits};
use super::shell::{Place, Shell, draw};
use super::texts::Timeline as TimelineTexts;
use super::timeline::{Day, Segment, Timeline, page_of, segments_of};
use super::visitor::Visitor;
use crate::app::App;
use crate::backend::Brief;
use crate::noun::Subject;

/// The page.
#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage {
    shell: Shell,
    id: String,
    name: String,
    /// Its stage, if one was reached.
    stage: Option<Stage>,
    plan: String,
    trial: Option<String>,
    first_seen: String,
    last_seen: String,
    lifecycle: Vec<Step>,
    leads: Vec<Row>,
    explained: Vec<Evidence>,
    days: Vec<Day>,
    timeline: String,
    segments: Vec<Segment>,
    l: &'static TimelineTexts,
    gauges: Vec<Gauge>,
    entitled: Vec<Entitled>,
    people: Vec<PersonRow>,
    people_count: String,
    traits: Vec<(String, String)>,
}

impl AccountPage {
    fn initial(&self) -> String {
        self.name.chars().next().map(|it| it.to_uppercase().to_string()).unwrap_or_default()
    }
}

/// `GET /accounts/{account}`
pub(super) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    uri: Uri,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let mut detail = app.backend.account(&id).await?.ok_or(PageError::NotFound)?;
    detail.leads.retain(|it| visitor.sees(it));
    let name = detail.account.name.clone().unwrap_or_else(|| id.clone());
    let shell = Shell::of(&app, &visitor, &uri, Place::Accounts, &name).await?;
    let show = &shell.show;
    let usage = calm(app.backend.usage(&id).await)?.flatten();
    let entitlements = calm(app.backend.entitlements(&id).await)?.flatten();
    let closer = calm(app.backend.close_up(&id, PEOPLE_MAX).await)?.unwrap_or_default();
    let mut explanations =
        calm(app.backend.explanations(&Subject::account(&id)).await)?.unwrap_or_default();
    // What holds first, then what is nearest.
    explanations.sort_by_key(|it| (!it.holds, it.missing.is_empty(), it.missing.len()));
    let (plan, trial) = plan(show, usage.as_ref());
    let owners = Owners::of(&app, &visitor).await?;
    let timeline = Timeline::newest(&app, show, &owners, &detail, names_of(&closer.people)).await?;
    let brief = Brief {
        name: Some(name.clone()),
        plan: detail.account.plan.clone(),
        people: detail.people_count,
    };
    let track = detail.leads.first().map_or("product", |it| it.track.word());
    let told = |at: Option<crate::noun::At>| {
        at.map_or_else(|| shell.t.words.never.to_owned(), |it| show.when(it.0))
    };
    let page = AccountPage {
        stage: detail.account.stage.as_deref().map(|it| Stage::of(shell.t, Some(it))),
        plan,
        trial,
        first_seen: told(detail.account.first_seen_at),
        last_seen: told(detail.account.last_seen_at),
        lifecycle: lifecycle(shell.t, detail.account.stage.as_deref(), track),
        leads: detail
            .leads
            .into_iter()
            .map(|it| Row::of(show, it, Some(&brief), &owners))
            .collect(),
        explained: explanations.iter().map(|it| Evidence::of(show, it)).collect(),
        days: timeline.days,
        timeline: page_of(&id),
        segments: segments_of(show, &id),
        l: &shell.t.timeline,
        gauges: gauges(show, usage.as_ref(), closer.paces.as_ref()),
        entitled: entitled(show, usage.as_ref(), entitlements.as_ref()),
        people: people(show, &closer.people),
        people_count: show.count(detail.people_count),
        traits: traits(&detail.traits),
        id,
        name,
        shell,
    };
    draw(&page)
}
