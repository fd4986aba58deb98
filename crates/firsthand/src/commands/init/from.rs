//! `firsthand init --from`: looks at the data, has a project proposed, tries its definitions on the
//! same data, and writes down what came of it.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use firsthand_history::{History, Projection, Scan};
use firsthand_lab::propose::{
    By, Choice, Draft, Look, Proposal, Survey, Tried, choose, propose, say,
};
use firsthand_model::config::{IdentityRules, ImportMapping, Project, Track};
use firsthand_model::diagnostic::{Diagnostic, SourceFile};
use firsthand_model::fact::Kind;
use firsthand_model::{Calendar, Span, Text, Time};
use firsthand_rules::check;
use firsthand_rules::resolve::Domains;
use firsthand_rules::world::Judged;

use crate::exit::Status;
use crate::output::Output;
use crate::project::tell as tell_problems;
use crate::study::{Study, is_visitor};
use crate::template;

use super::read::{Reading, project_name, read};
use super::{Args, refuse_existing, tell, write_new, yaml};

/// The settings' file.
const SETTINGS: &str = "firsthand.yaml";
/// How long after a definition has held a success counts for it, in days.
const WITHIN_DAYS: i64 = 28;
/// Most variants of definitions that are tried together: as many as there are bits in a mask.
const VARIANTS_MAX: usize = 128;

/// A project as it will be written.
pub struct Files {
    /// Path and text.
    pub files: Vec<(String, String)>,
    /// The definitions among them: path, and what each came to.
    pub definitions: Vec<Chosen>,
}

/// A definition with its threshold.
pub struct Chosen {
    /// The path of its file.
    pub path: String,
    /// For how many it held, of whom, in words.
    pub held: String,
}

pub fn run(args: &Args, dir: &Path, output: Output) -> anyhow::Result<Status> {
    refuse_existing(dir, [SETTINGS].into_iter())?;
    let reading = read(args)?;
    let (proposal, survey) = look_at(&reading)?;
    let mappings: Vec<(Text, ImportMapping)> =
        reading.files.iter().filter_map(|it| it.mapping.clone()).collect();
    let history = reading.history(&identity(&proposal))?;
    let from = words(&history, &survey);
    let name = project_name(dir);
    let head = yaml::Head { project: &name, from: &from };
    let history = Arc::new(history);
    let files = write_up(&proposal, &head, &mappings, Arc::clone(&history), output)?;
    let paths: Vec<(&str, &str)> =
        files.files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    write_new(dir, &paths)?;
    let told =
        tell::Told { dir, from: &from, proposal: &proposal, files: &files, reading: &reading };
    tell::tell(&told, output)?;
    // There are none (PROP-2); but if there were, nobody should have to find them.
    let problems = problems(&files, &history);
    if problems.is_empty() {
        return Ok(Status::Done);
    }
    tell_problems(problems, output);
    Ok(Status::Problems)
}

/// Goes over the accounts and has a project proposed.
fn look_at(reading: &Reading) -> anyhow::Result<(Proposal, Survey)> {
    let history = reading.history(&IdentityRules::default())?;
    let (look, survey) = survey(&history)?;
    Ok((propose(&look, history.seen(), &survey), survey))
}

/// One pass over all accounts.
pub fn survey(history: &History) -> anyhow::Result<(Look, Survey)> {
    let look = Look::at(history.seen());
    let domains = Domains::new(&IdentityRules::default());
    let is_work = |email: &str| domains.is_work_email(email) == Some(true);
    let projection = Projection { paths: look.paths.clone(), ..Projection::default() };
    let parts =
        history.fold_accounts(&projection, Scan::default(), Survey::default, |part, stream| {
            let visitor = is_visitor(stream.account);
            part.take(&look, stream.account, visitor, stream.rows, &is_work);
        })?;
    let mut survey = Survey::default();
    for part in parts {
        survey.merge(part);
    }
    Ok((look, survey))
}

/// The rules of identity that a proposal asks for.
pub fn identity(proposal: &Proposal) -> IdentityRules {
    let own = proposal.own_domain.iter().filter(|it| it.certain);
    IdentityRules {
        own_domains: own.map(|it| it.domain.clone()).collect(),
        free_mail_domains: proposal.mail_domains.iter().map(|it| it.name.clone()).collect(),
        ..IdentityRules::default()
    }
}

/// What the data is, in words.
fn words(history: &History, survey: &Survey) -> String {
    let seen = history.seen();
    let calendar = Calendar::default();
    let date = |at: Option<Time>| calendar.date(at.unwrap_or_default());
    let who = if survey.is_of_individuals() {
        say::counted(survey.people, "person")
    } else {
        let accounts = say::counted(survey.accounts, "account");
        match survey.people {
            0 => accounts,
            people => format!("{accounts} with {}", say::counted(people, "person")),
        }
    };
    format!(
        "{} of {who}, {} to {}",
        say::counted(seen.facts, "fact"),
        date(seen.first),
        date(seen.last)
    )
}

/// Tries the drafts and writes the project.
pub fn write_up(
    proposal: &Proposal,
    head: &yaml::Head<'_>,
    mappings: &[(Text, ImportMapping)],
    history: Arc<History>,
    output: Output,
) -> anyhow::Result<Files> {
    let trial = trial(&yaml::settings(head, proposal, mappings), &proposal.drafts);
    let study = Study::new(trial, history, output)?;
    let results = tried(&study, proposal)?;
    let mut files = Vec::new();
    let mut definitions = Vec::new();
    let mut read = Vec::new();
    for (place, (draft, (tried, converted))) in proposal.drafts.iter().zip(&results).enumerate() {
        // The first is written in any case, so that there is something to begin with.
        let nothing = (place == 0).then_some(Choice { variant: 0, by: By::Nothing });
        let Some(Choice { variant, by }) = choose(draft, tried, *converted).or(nothing) else {
            continue;
        };
        let Tried { entered, hits } = tried[variant];
        let outcome = outcome_of(proposal, draft).map(|it| (it, hits));
        let comment = draft.comment(by, entered, outcome);
        let path = format!("definitions/{}.yaml", draft.name);
        files.push((path.clone(), yaml::definition(draft, &draft.name, variant, &comment)));
        let held = format!("held for {} of {}", say::count(entered), draft.of);
        definitions.push(Chosen { path, held });
        read.push(draft.variants[variant].as_str());
    }
    let mut kept = proposal.clone();
    kept.forget_unread(&read);
    files.insert(0, (SETTINGS.to_owned(), yaml::settings(head, &kept, mappings)));
    files.push((".gitignore".to_owned(), include_str!("../../../starter/gitignore").to_owned()));
    Ok(Files { files, definitions })
}

/// The project with every variant of every draft as a definition of its own.
fn trial(settings: &str, drafts: &[Draft]) -> Project {
    let mut text = settings.to_owned();
    for (number, draft) in drafts.iter().enumerate() {
        for variant in 0..draft.variants.len() {
            text.push_str("---\n");
            text.push_str(&yaml::definition(draft, &variant_name(number, variant), variant, ""));
        }
    }
    let file = Arc::new(SourceFile { name: SETTINGS.to_owned(), text });
    Project::from_files(&[file], &nothing_else).project
}

fn nothing_else(_: &str) -> std::io::Result<String> {
    Err(std::io::ErrorKind::NotFound.into())
}

fn variant_name(draft: usize, variant: usize) -> String {
    format!("try-{draft}-{variant}")
}

/// The outcome that a draft is held against.
fn outcome_of<'p>(proposal: &'p Proposal, draft: &Draft) -> Option<&'p str> {
    let outcomes = proposal.outcomes.iter().filter(|it| it.subject == draft.subject);
    let mut names = outcomes.map(|it| it.name.as_str());
    match draft.track {
        Track::Expansion => names.find(|it| *it == "upgraded"),
        _ => names.next(),
    }
}

/// What every variant of every draft came to, and how many had the draft's outcome at all.
fn tried(study: &Study, proposal: &Proposal) -> anyhow::Result<Vec<(Vec<Tried>, u64)>> {
    let mut places: Vec<Place> = Vec::new();
    for (number, draft) in proposal.drafts.iter().enumerate() {
        let root = study.program.root(draft.subject);
        let outcome = outcome_of(proposal, draft)
            .and_then(|name| root.outcomes.iter().position(|(it, _)| it == name));
        for variant in 0..draft.variants.len() {
            let name = variant_name(number, variant);
            let timeline = root.definitions.iter().position(|it| it.name == name);
            let timeline = timeline.with_context(|| format!("`{name}` was not compiled"))?;
            places.push(Place { draft: number, variant, kind: draft.subject, timeline, outcome });
        }
    }
    places.truncate(VARIANTS_MAX);
    let masks = study.replay(study.until(None)).everybody(|judged| marks(judged, &places))?.kept;
    let mut results: Vec<(Vec<Tried>, u64)> =
        proposal.drafts.iter().map(|it| (vec![Tried::default(); it.variants.len()], 0)).collect();
    for (bit, place) in places.iter().enumerate() {
        let count = |mask: fn(&Marks) -> u128| {
            masks.iter().filter(|it| mask(it) >> bit & 1 == 1).count() as u64
        };
        let (all, converted) = &mut results[place.draft];
        all[place.variant] = Tried { entered: count(|it| it.entered), hits: count(|it| it.hits) };
        *converted = count(|it| it.converted);
    }
    Ok(results)
}

/// Where a variant stands in what the replay tells.
struct Place {
    draft: usize,
    variant: usize,
    kind: Kind,
    timeline: usize,
    outcome: Option<usize>,
}

/// What is kept of a subject: a bit for each variant.
struct Marks {
    /// It held at some time.
    entered: u128,
    /// The outcome came soon after.
    hits: u128,
    /// The outcome came at some time.
    converted: u128,
}

fn marks(judged: &Judged, places: &[Place]) -> Option<Marks> {
    if is_visitor(&judged.subject.id) || judged.excluded.is_some() {
        return None;
    }
    let mut marks = Marks { entered: 0, hits: 0, converted: 0 };
    let within = Span::DAY.times(WITHIN_DAYS);
    for (bit, place) in places.iter().enumerate().filter(|(_, it)| it.kind == judged.subject.kind) {
        let timeline = &judged.timelines[place.timeline];
        let outcomes = place.outcome.map_or(&[][..], |it| &judged.record.outcomes[it]);
        // As the backtest counts: from when it first was known, and once.
        let hit = timeline.first().is_some_and(|held| {
            let until = held.known_at.saturating_add(within);
            outcomes.first().is_some_and(|it| it.time > held.known_at && it.time <= until)
        });
        marks.entered |= u128::from(!timeline.is_empty()) << bit;
        marks.hits |= u128::from(hit) << bit;
        marks.converted |= u128::from(!outcomes.is_empty()) << bit;
    }
    let anything = marks.entered != 0 || marks.converted != 0;
    anything.then_some(marks)
}

/// All that is wrong with a written project, held against the data it was proposed from: nothing.
pub fn problems(files: &Files, history: &History) -> Vec<Diagnostic> {
    let texts = files
        .files
        .iter()
        .filter(|(path, _)| Path::new(path).extension().is_some_and(|it| it == "yaml"));
    let sources: Vec<Arc<SourceFile>> = texts
        .map(|(path, text)| Arc::new(SourceFile { name: path.clone(), text: text.clone() }))
        .collect();
    let loaded = Project::from_files(&sources, &nothing_else);
    let mut all = check::report(&loaded, Some(history.seen()));
    all.extend(template::check(&loaded.project));
    all
}
