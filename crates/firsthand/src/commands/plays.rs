//! `firsthand plays`: what is set up and under way, and what a play would send for a lead.

use std::sync::Arc;

use firsthand_engine::{Engine, Rules, history_from};
use firsthand_history::{History, Scan};
use firsthand_model::config::Project;
use firsthand_model::lead::{Lead, LeadId};
use firsthand_model::message::Outgoing;
use firsthand_model::play::{Arm, RunState};
use firsthand_model::{Text, Time};
use firsthand_plays::{Preview, Verdict};
use firsthand_rules::compile::compile;
use firsthand_store::{Leads, Plays, SqliteStore};

use crate::args::Global;
use crate::clock;
use crate::exit::{Misuse, Status};
use crate::output::{Cell, Output, Table};
use crate::project::Folder;
use crate::serve::running::open_store;

/// Arguments of `plays`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
                        firsthand plays\n  \
                        firsthand plays preview\n  \
                        firsthand plays preview help-them-grow acme")]
pub struct Args {
    #[command(subcommand)]
    act: Option<Act>,
}

#[derive(Debug, clap::Subcommand)]
enum Act {
    /// Write what each step would send for a lead as it is now, without sending anything
    Preview {
        /// The play [default: all of the lead's track]
        play: Option<String>,
        /// A lead's id, or an account [default: every lead that is not closed]
        lead: Option<String>,
        /// Show the messages whole
        #[arg(long)]
        whole: bool,
    },
}

/// Most leads that are shown where none is named.
const LEADS_MAX: usize = 20;

pub fn run(args: &Args, global: &Global, output: Output) -> anyhow::Result<Status> {
    let folder = Folder::find(global.project.as_deref())?;
    let project = Arc::new(folder.sound_project(output)?);
    match &args.act {
        None => list(&folder, &project, output),
        Some(Act::Preview { play, lead, whole }) => {
            preview(&folder, &project, play.as_deref(), lead.as_deref(), *whole, output)
        }
    }
}

fn list(folder: &Folder, project: &Project, output: Output) -> anyhow::Result<Status> {
    let store = open_store(&folder.store())?;
    let runs = store.count_play_runs()?;
    let exposed = store.count_exposures()?;
    let mut table = Table::new(&[
        ("play", "play"),
        ("title", "title"),
        ("track", "track"),
        ("touch", "touch"),
        ("steps", "steps"),
        ("holdout", "holdout"),
        ("enabled", "on"),
        ("running", "running"),
        ("done", "done"),
        ("stopped", "stopped"),
        ("held_out", "held out"),
    ]);
    for play in project.plays.values() {
        let count = |state: RunState| {
            let of = runs.iter().filter(|it| it.play == play.name && it.state == state);
            number(of.map(|it| it.runs).sum())
        };
        let held = exposed.iter().filter(|it| it.play == play.name && it.arm == Arm::HeldOut);
        table.push([
            Cell::Text(play.name.to_string()),
            Cell::Text(play.title.to_string()),
            Cell::Text(play.track.word().to_owned()),
            Cell::Text(play.touch.word().to_owned()),
            number(play.steps.len() as u64),
            Cell::Text(format!("{}%", f64::from(play.holdout.0) / 10.0)),
            Cell::Text(if play.enabled { "yes" } else { "no" }.to_owned()),
            count(RunState::Running),
            count(RunState::Done),
            count(RunState::Stopped),
            number(held.map(|it| it.accounts).sum()),
        ]);
    }
    if table.is_empty() && output.for_people() {
        output.say("No plays are set up: see docs/plays.md.")?;
        return Ok(Status::Done);
    }
    output.table(&table)?;
    Ok(Status::Done)
}

fn number(count: u64) -> Cell {
    Cell::Count(count)
}

fn preview(
    folder: &Folder,
    project: &Arc<Project>,
    play: Option<&str>,
    lead: Option<&str>,
    whole: bool,
    output: Output,
) -> anyhow::Result<Status> {
    if let Some(name) = play
        && !project.plays.contains_key(name)
    {
        let known = project.plays.keys().map(Text::as_str).collect::<Vec<_>>();
        return Err(Misuse::unknown("play", name, known).into());
    }
    let store = Arc::new(open_store(&folder.store())?);
    let history = History::open_or_create(folder.history(), &project.identity, 0)?;
    let program = Arc::new(compile(project).program);
    let rules = Rules {
        project: Arc::clone(project),
        program,
        history_from: history_from(project, &history),
    };
    let now = clock::now();
    let mut engine = Engine::look(rules, history, Arc::clone(&store), now, Scan::default())?;
    let leads = if let Some(named) = lead {
        vec![find(&engine, &store, named, now)?]
    } else {
        let mut open: Vec<Lead> = engine.desk().leads().cloned().collect();
        open.sort_by(|a, b| a.id.cmp(&b.id));
        open.into_iter().rev().take(LEADS_MAX).collect()
    };
    let mut table = Table::new(&[
        ("lead", "lead"),
        ("account", "account"),
        ("play", "play"),
        ("step", "step"),
        ("channel", "channel"),
        ("to", "to"),
        ("now", "now"),
        ("message", "message"),
    ]);
    for lead in &leads {
        let plays = project.plays.values().filter(|it| match play {
            Some(name) => it.name == name,
            None => it.track == lead.track && it.enabled,
        });
        for play in plays {
            let Some(previews) = engine.preview(&play.name, lead, now) else { continue };
            for it in previews {
                if whole && output.for_people() {
                    show_whole(lead, &play.name, &it, output)?;
                }
                table.push([
                    Cell::Text(lead.id.to_string()),
                    Cell::Text(lead.account.to_string()),
                    Cell::Text(play.name.to_string()),
                    number(u64::from(it.step) + 1),
                    Cell::Text(it.channel.to_string()),
                    it.receiver.as_ref().map_or(Cell::Empty, |it| Cell::Text(it.to_string())),
                    Cell::Text(verdict(it.verdict)),
                    it.outgoing.as_ref().map_or(Cell::Empty, |it| Cell::Text(subject(it))),
                ]);
            }
        }
    }
    if whole && output.for_people() {
        return Ok(Status::Done);
    }
    if table.is_empty() && output.for_people() {
        output.say("No lead is open for which a play would do anything.")?;
    } else {
        output.table(&table)?;
    }
    Ok(Status::Done)
}

/// A lead by its id, or the newest of an account that is not closed; for an account without one, a
/// lead as it would open now.
fn find(
    engine: &Engine<SqliteStore>,
    store: &SqliteStore,
    named: &str,
    now: Time,
) -> anyhow::Result<Lead> {
    if let Ok(id) = named.parse::<LeadId>()
        && let Some(sheet) = store.lead(&id)?
    {
        return Ok(sheet.lead);
    }
    engine.lead_or_as_if(named, None, now).ok_or_else(|| {
        Misuse::new(format!("there is no lead and no account `{named}`"))
            .help("`firsthand accounts` lists the accounts.")
            .into()
    })
}

fn verdict(verdict: Verdict) -> String {
    match verdict {
        Verdict::Goes => "goes".to_owned(),
        Verdict::Waits(Time::MAX, reason) => format!("waits: {}", reason.plain()),
        Verdict::Waits(at, reason) => format!("waits until {at}: {}", reason.plain()),
        Verdict::Not(reason) => format!("does not go: {}", reason.plain()),
        Verdict::PassedOver => "passed over: its conditions do not hold".to_owned(),
        Verdict::HeldOut => "held out".to_owned(),
    }
}

/// A message in one line.
fn subject(outgoing: &Outgoing) -> String {
    match outgoing {
        Outgoing::Email(it) => it.subject.clone(),
        Outgoing::Slack(it) => it.text.clone(),
        Outgoing::Webhook(it) => it.event.to_string(),
        Outgoing::InApp(it) => it.title.clone(),
        Outgoing::Crm(it) => match &it.task {
            Some(task) => task.subject.clone(),
            None => format!("{} properties", it.properties.len()),
        },
        Outgoing::CrmPeople(it) => format!("{} people", it.people.len()),
    }
}

fn show_whole(lead: &Lead, play: &str, it: &Preview, output: Output) -> anyhow::Result<()> {
    let to = it.receiver.as_deref().unwrap_or("the team");
    output.heading(&format!("{play}, step {}: {} to {to}", it.step + 1, it.channel))?;
    output.say(&format!("{}, {}", lead.account, verdict(it.verdict)))?;
    let text = match &it.outgoing {
        None => return Ok(()),
        Some(Outgoing::Email(mail)) => format!("{}\n\n{}", mail.subject, mail.text),
        Some(Outgoing::InApp(message)) => {
            let points = message.points.iter().map(|it| format!("- {}\n", it.text));
            let points: String = points.collect();
            format!("{}\n\n{}\n{points}", message.title, message.body)
        }
        Some(other) => serde_json::to_string_pretty(other)?,
    };
    output.text(&format!("{text}\n"))
}
