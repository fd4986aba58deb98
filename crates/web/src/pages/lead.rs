//! One lead: is it true, what to say, what to decide.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::Uri;
use axum::response::Response;

use super::error::PageError;
use super::gauge::{Gauge, gauges};
use super::happened::{Happened, Happening, MESSAGES_MAX, names_of};
use super::inbox::{Row, TrackMark, status_word};
use super::owners::Owners;
use super::profile::{Evidence, PersonRow, Step, calm, lifecycle, nearly, people, plan};
use super::shell::{Place, Shell, draw};
use super::show::Show;
use super::talk::{self, Point};
use super::texts::fill;
use super::visitor::Visitor;
use crate::app::App;
use crate::noun::{Explanation, LeadDetail, LeadStatus, Note, PlayFilter, Qualification, Subject};

/// Most people that are shown.
pub(super) const PEOPLE_MAX: usize = 20;
/// Most persons whose evidence is shown beside the account's.
const PERSONS_EXPLAINED_MAX: usize = 3;

/// The page.
#[derive(Template)]
#[template(path = "lead.html")]
struct LeadPage {
    shell: Shell,
    row: Row,
    plan: String,
    trial: Option<String>,
    lifecycle: Vec<Step>,
    standing: String,
    owners: Vec<(String, String)>,
    points: Vec<Point>,
    evidence: Vec<Evidence>,
    /// Whether the evidence is what was seen when it qualified: nothing of it can be looked at now.
    is_recorded: bool,
    /// That nothing which qualified it holds any more, and since when.
    lapsed: Option<String>,
    nearly: Vec<Evidence>,
    history: Vec<Happening>,
    gauges: Vec<Gauge>,
    features: Option<String>,
    people: Vec<PersonRow>,
    people_count: String,
    notes: Vec<(Note, String)>,
}

impl LeadPage {
    fn is_open(&self) -> bool {
        self.row.lead.status == LeadStatus::Open
    }

    fn is_accepted(&self) -> bool {
        self.row.lead.status == LeadStatus::Accepted
    }

    /// Whether something can still be done with it.
    fn is_unclosed(&self) -> bool {
        use LeadStatus as S;
        matches!(self.row.lead.status, S::Open | S::Accepted | S::Snoozed)
    }

    /// That nothing of it holds any more, while there is still something to decide.
    fn lapsed(&self) -> Option<&str> {
        self.lapsed.as_deref().filter(|_| self.is_unclosed())
    }

    fn status(&self) -> &'static str {
        status_word(self.shell.t, self.row.lead.status)
    }

    fn initial(&self) -> String {
        self.row.name.chars().next().map(|it| it.to_uppercase().to_string()).unwrap_or_default()
    }
}

/// `GET /leads/{lead}`
pub(super) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    uri: Uri,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let detail = app.backend.lead(&id).await?.filter(|it| visitor.sees(&it.lead));
    let detail = detail.ok_or(PageError::NotFound)?;
    let account = detail.lead.account.clone();
    let briefs = app.backend.briefs(vec![account.clone()]).await?;
    let name = briefs.get(&account).and_then(|it| it.name.clone()).unwrap_or(account.clone());
    let shell = Shell::of(&app, &visitor, &uri, Place::Leads, &name).await?;
    let show = &shell.show;
    let usage = calm(app.backend.usage(&account).await)?.flatten();
    let known = calm(app.backend.account(&account).await)?.flatten();
    let closer = calm(app.backend.close_up(&account, PEOPLE_MAX).await)?.unwrap_or_default();
    let of_account = calm(app.backend.explanations(&Subject::account(&account)).await)?;
    let of_account = of_account.unwrap_or_default();
    let explained = explained(&app, &detail, &of_account).await?;
    let mut evidence: Vec<Evidence> = explained.iter().map(|it| Evidence::of(show, it)).collect();
    let is_recorded = evidence.is_empty();
    if is_recorded {
        let newest = detail.qualifications.iter().find_map(|it| Evidence::recorded(show, it));
        evidence.extend(newest);
    }
    let owners = Owners::of(&app, &visitor).await?;
    let class = TrackMark::of(shell.t, detail.lead.track).class;
    let mut history = Happened::begin(show, &owners);
    history.qualified(&detail.qualifications, |_| class);
    history.lead(&detail);
    if let Some(known) = &known {
        history.stages(&known.stages);
    }
    let of = PlayFilter { lead: Some(detail.lead.id.clone()), ..PlayFilter::default() };
    history.messages(&app, of, &names_of(&closer.people), MESSAGES_MAX).await?;
    let history = history.newest_first();
    let (plan, trial) = plan(show, usage.as_ref());
    let people_count = known.as_ref().map_or(0, |it| it.people_count);
    let note = |it: &Note| {
        let by = it.by.as_deref().map(|it| owners.name(it).to_owned());
        (Note { by, ..it.clone() }, show.when(it.at.0))
    };
    let definitions = calm(app.backend.definitions().await)?.unwrap_or_default();
    let gauges = gauges(show, usage.as_ref(), closer.paces.as_ref());
    let people = people(show, &closer.people);
    let page = LeadPage {
        plan,
        trial,
        lifecycle: lifecycle(shell.t, detail.lead.stage.as_deref(), detail.lead.track.word()),
        standing: standing(show, &detail, &owners),
        points: talk::points(show, &detail, &definitions, usage.as_ref(), &gauges, &people),
        evidence,
        is_recorded,
        lapsed: lapsed(show, &detail.qualifications),
        nearly: nearly(show, &of_account),
        history,
        gauges,
        features: usage
            .as_ref()
            .filter(|it| !it.features.is_empty())
            .map(|it| fill(shell.t.leads.features, &[("list", &it.features.join(", "))])),
        people,
        people_count: show.count(people_count),
        notes: detail.notes.iter().rev().map(note).collect(),
        row: Row::of(show, detail.lead.clone(), briefs.get(&account), &owners),
        owners: owners.to_give,
        shell,
    };
    draw(&page)
}

/// What holds and qualified the lead: for the account, and for those of its people by whom it did.
async fn explained(
    app: &App,
    detail: &LeadDetail,
    of_account: &[Explanation],
) -> Result<Vec<Explanation>, PageError> {
    let wanted = |it: &Explanation| detail.lead.definitions.contains(&it.definition);
    let mut found: Vec<Explanation> =
        of_account.iter().filter(|it| wanted(it) && it.holds).cloned().collect();
    let mut persons: Vec<&Subject> = Vec::new();
    for it in detail.qualifications.iter().filter(|it| it.left_at.is_none()) {
        let is_person = it.subject.kind == crate::noun::SubjectKind::Person;
        if is_person && !persons.contains(&&it.subject) && persons.len() < PERSONS_EXPLAINED_MAX {
            persons.push(&it.subject);
        }
    }
    for subject in persons {
        let all = calm(app.backend.explanations(subject).await)?.unwrap_or_default();
        found.extend(all.into_iter().filter(|it| wanted(it) && it.holds));
    }
    Ok(found)
}

/// That nothing which qualified the lead holds any more, and since when.
fn lapsed(show: &Show, all: &[Qualification]) -> Option<String> {
    let left: Option<Vec<firsthand_model::Time>> =
        all.iter().map(|it| Some(it.left_at?.0)).collect();
    let last = left?.into_iter().max()?;
    Some(fill(show.t.leads.lapsed, &[("time", &show.when(last))]))
}

/// How the lead stands, in a sentence.
fn standing(show: &Show, detail: &LeadDetail, owners: &Owners) -> String {
    let (l, lead) = (&show.t.leads, &detail.lead);
    match lead.status {
        LeadStatus::Open => {
            fill(l.opened_since, &[("span", &show.span(show.now - lead.known_at.0))])
        }
        LeadStatus::Accepted => {
            let owner = lead.owner.as_deref().map_or(show.t.words.nobody, |it| owners.name(it));
            let since = detail.history.iter().rev().find(|it| it.to == LeadStatus::Accepted);
            let since = since.map_or(lead.updated_at, |it| it.at);
            fill(l.in_work, &[("owner", owner), ("time", &show.when(since.0))])
        }
        LeadStatus::Snoozed => {
            let until = lead.snoozed_until.map_or_else(String::new, |it| show.when(it.0));
            fill(l.put_off, &[("time", &until)])
        }
        status => {
            let at = lead.closed_at.unwrap_or(lead.updated_at);
            let values = [("status", status_word(show.t, status)), ("time", &*show.when(at.0))];
            fill(l.closed, &values)
        }
    }
}
