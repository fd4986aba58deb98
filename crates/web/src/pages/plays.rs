//! Plays: what is done about leads, how far it came, and what came of it.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::Uri;
use axum::response::Response;
use serde::Deserialize;

use super::error::PageError;
use super::flow::{Stop, flow};
use super::inbox::TrackMark;
use super::profile::calm;
use super::sending::{
    self, Badge, Part, Tab, briefs, hours, kind, long, name_of, percent, rate, tabs, why,
};
use super::shell::{Place, Shell, draw};
use super::texts::{Outgoing, Texts, counted, fill};
use super::visitor::{Asked, Visitor};
use crate::app::App;
use crate::extract::List;
use crate::noun::{
    ArmFigures, Channel, Play, PlayDetail, PlayFilter, PlayRun, Reactions, RunState, VariantFigures,
};

/// A play in the list beside it.
struct Item {
    name: String,
    title: String,
    track: TrackMark,
    touch: &'static str,
    running: String,
    enabled: bool,
    current: bool,
}

/// What asks for somebody's hand before anything else.
struct Trouble {
    dead: Option<String>,
    stopped: Vec<String>,
}

/// The page without plays, and the one of a play.
#[derive(Template)]
#[template(path = "plays.html")]
struct PlaysPage {
    shell: Shell,
    o: &'static Outgoing,
    tabs: Vec<Tab>,
    count: String,
    items: Vec<Item>,
    trouble: Trouble,
    play: Option<PlayPart>,
}

/// One play.
struct PlayPart {
    name: String,
    title: String,
    state: Badge,
    critical: bool,
    flow: Vec<Stop>,
    reactions: Vec<Reacted>,
    variants: Vec<Variant>,
    budget: Vec<(&'static str, String)>,
    arms: Vec<Arm>,
    not_sent: Vec<(String, String)>,
    runs: Vec<RunRow>,
    next: Option<String>,
    first: bool,
}

/// What some of all people did: the share in percent, and in words.
struct Reacted {
    word: &'static str,
    width: String,
    told: String,
    label: String,
}

struct Variant {
    step: String,
    message: String,
    share: String,
    reached: String,
    seen: String,
    clicked: String,
    dismissed: String,
}

struct Arm {
    size: String,
    told: String,
    held_out: String,
}

struct RunRow {
    lead: String,
    account: String,
    name: String,
    step: String,
    begun: String,
    due: String,
    why: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Query {
    cursor: String,
}

/// `GET /plays`
pub(super) async fn list(
    State(app): State<App>,
    visitor: Visitor,
    uri: Uri,
) -> Result<Response, PageError> {
    let title = visitor.look.texts().out.plays;
    let shell = Shell::of(&app, &visitor, &uri, Place::Plays, title).await?;
    let plays = app.backend.plays().await?;
    let channels = app.backend.channels().await?;
    let play = match plays.first() {
        Some(first) => one(&app, &shell, &first.name, &Query::default()).await?,
        None => None,
    };
    page(shell, &plays, &channels, play)
}

/// `GET /plays/{play}`
pub(super) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    uri: Uri,
    Path(name): Path<String>,
    Asked(query): Asked<Query>,
) -> Result<Response, PageError> {
    let plays = app.backend.plays().await?;
    let title = plays.iter().find(|it| it.name == name).ok_or(PageError::NotFound)?.title.clone();
    let shell = Shell::of(&app, &visitor, &uri, Place::Plays, &title).await?;
    let channels = app.backend.channels().await?;
    let play = one(&app, &shell, &name, &query).await?.ok_or(PageError::NotFound)?;
    page(shell, &plays, &channels, Some(play))
}

fn page(
    shell: Shell,
    plays: &[Play],
    channels: &[Channel],
    play: Option<PlayPart>,
) -> Result<Response, PageError> {
    let o = &shell.t.out;
    let current = play.as_ref().map(|it| it.name.clone());
    let item = |it: &Play| Item {
        name: it.name.clone(),
        title: it.title.clone(),
        track: TrackMark::of(shell.t, it.track),
        touch: touch(shell.t, &it.touch),
        running: fill(o.under_way, &[("n", &shell.show.count(it.running))]),
        enabled: it.enabled,
        current: current.as_ref() == Some(&it.name),
    };
    let page = PlaysPage {
        o,
        tabs: tabs(&shell, Part::Plays),
        count: {
            let n = plays.len() as u64;
            counted(o.count_one, o.count_many, n, &shell.show.count(n))
        },
        items: plays.iter().map(item).collect(),
        trouble: trouble(&shell, channels),
        play,
        shell,
    };
    draw(&page)
}

fn trouble(shell: &Shell, channels: &[Channel]) -> Trouble {
    let o = &shell.t.out;
    let dead: u64 = channels.iter().map(|it| it.dead).sum();
    let told = || counted(o.given_up_one, o.given_up_many, dead, &shell.show.count(dead));
    let stopped = channels.iter().filter_map(|it| {
        let reason = it.stopped_because.as_ref()?;
        Some(fill(o.stopped_channel, &[("channel", &it.name), ("reason", reason)]))
    });
    Trouble { dead: (dead > 0).then(told), stopped: stopped.collect() }
}

async fn one(
    app: &App,
    shell: &Shell,
    name: &str,
    query: &Query,
) -> Result<Option<PlayPart>, PageError> {
    let Some(detail) = app.backend.play(name).await? else { return Ok(None) };
    let (o, show) = (&shell.t.out, &shell.show);
    let filter = PlayFilter { play: Some(name.to_owned()), ..PlayFilter::default() };
    let list = List::of("runs page", &filter);
    let listing = sending::part(&list, &query.cursor);
    let first = listing.after.is_none();
    let running = Some(RunState::Running);
    let page = calm(app.backend.play_runs(&filter, running, &listing).await)?;
    let page = page.map(|it| list.page(it));
    let (runs, next) = page.map_or_else(|| (Vec::new(), None), |it| (it.items, it.next));
    let briefs = briefs(app, runs.iter().map(|it| it.account.as_str())).await?;
    let play = &detail.play;
    let (class, icon, word) =
        if play.enabled { ("good", "check", o.p_on) } else { ("", "minus", o.p_off) };
    let row = |it: &PlayRun| RunRow {
        name: name_of(&briefs, &it.account),
        step: step_title(shell.t, play, it.step),
        begun: show.when(it.began_at.0),
        due: it.due_at.map_or_else(String::new, |at| show.when(at.0)),
        why: it
            .reason
            .as_ref()
            .map(|reason| why(shell.t, reason, it.why.as_deref().unwrap_or_default())),
        lead: it.lead.clone(),
        account: it.account.clone(),
    };
    Ok(Some(PlayPart {
        name: play.name.clone(),
        title: play.title.clone(),
        state: Badge::new(class, icon, word),
        critical: play.critical,
        flow: flow(shell, &detail),
        reactions: reactions(shell, detail.reactions),
        variants: detail.variants.iter().map(|it| variant(shell, it)).collect(),
        budget: budget(shell, &detail),
        arms: detail.arms.iter().map(|it| arm(shell, it)).collect(),
        not_sent: detail
            .suppressed
            .iter()
            .map(|it| {
                let step = step_title(shell.t, play, it.step);
                (format!("{step}: {}", why(shell.t, &it.reason, &it.why)), show.count(it.messages))
            })
            .collect(),
        runs: runs.iter().map(row).collect(),
        next,
        first,
    }))
}

pub(super) fn touch(t: &Texts, touch: &str) -> &'static str {
    if touch == "high" { t.out.touch_high } else { t.out.touch_low }
}

/// `Step 2: E-mail`.
pub(super) fn step_title(t: &Texts, play: &Play, step: u32) -> String {
    let what = play.steps.get(step as usize).map_or(t.out.ends, |it| kind(t, &it.kind).0);
    fill(t.out.step_n, &[("n", &(step + 1).to_string()), ("what", what)])
}

fn reactions(shell: &Shell, it: Reactions) -> Vec<Reacted> {
    let (o, show) = (&shell.t.out, &shell.show);
    let all = [(o.r_seen, it.seen), (o.r_clicked, it.clicked), (o.r_dismissed, it.dismissed)];
    let reacted = |(word, count): (&'static str, u64)| {
        let share = if it.runs == 0 { 0.0 } else { count as f64 / it.runs as f64 };
        let values = [("n", &*show.count(count)), ("m", &*show.count(it.runs))];
        let told = fill(o.n_of_m, &values);
        Reacted {
            word,
            width: format!("{:.1}%", share.min(1.0) * 100.0),
            label: format!("{word}: {told}"),
            told,
        }
    };
    if it.runs == 0 { Vec::new() } else { all.into_iter().map(reacted).collect() }
}

fn variant(shell: &Shell, it: &VariantFigures) -> Variant {
    let show = &shell.show;
    let of = it.reactions;
    let share = |count: u64| {
        if of.runs == 0 {
            return show.count(count);
        }
        format!("{} ({})", show.count(count), show.percent(count as f64 / of.runs as f64))
    };
    Variant {
        step: (it.step + 1).to_string(),
        message: it.message.clone(),
        share: percent(it.share),
        reached: show.count(of.runs),
        seen: share(of.seen),
        clicked: share(of.clicked),
        dismissed: share(of.dismissed),
    }
}

fn arm(shell: &Shell, it: &ArmFigures) -> Arm {
    let show = &shell.show;
    Arm { size: it.size.clone(), told: show.count(it.told), held_out: show.count(it.held_out) }
}

fn budget(shell: &Shell, detail: &PlayDetail) -> Vec<(&'static str, String)> {
    let (o, show) = (&shell.t.out, &shell.show);
    let rates = |all: &[crate::noun::Frequency]| {
        all.iter().map(|it| rate(show, *it)).collect::<Vec<_>>().join(", ")
    };
    let budget = &detail.budget;
    let quiet = detail.play.quiet_hours.or(budget.quiet_hours);
    vec![
        (o.b_person, rates(&budget.person)),
        (o.b_account, rates(&budget.account)),
        (o.b_quiet, quiet.map_or_else(|| o.b_none.to_owned(), |it| hours(show, it))),
        (o.b_patience, long(show, budget.patience_s)),
        (o.b_priority, detail.play.priority.to_string()),
    ]
}
