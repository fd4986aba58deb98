//! A play with its figures, as the API tells it.

use std::collections::BTreeMap;

use firsthand_model::Text;
use firsthand_model::config::{self, ContactRules, Project};
use firsthand_model::play::{Arm, PlayRun as Run, Reason, RunState as State};
use firsthand_plays::variant_of;
use firsthand_store::{
    ExposureCount, PAGE_ROWS_MAX, PageRequest, PlayFilter as RowFilter, Plays, ReactionCount,
    SqliteStore, StepCount, StoreError, SuppressedCount,
};
use firsthand_web::Answer;
use firsthand_web::noun::{
    ArmFigures, ContactBudget, KeptBack, Listing, Page, PlayDetail, PlayFilter, PlayRun, Reactions,
    RunState, StepFigures, SuppressedFigures, VariantFigures,
};

use super::Server;
use super::leads::page_request;
use super::plays::{frequency, hours, play_noun, rows, seconds};

/// Over how many runs variants are compared, the newest.
const VARIANT_RUNS_MAX: usize = 10_000;

impl Server {
    pub(super) async fn play(&self, name: &str) -> Answer<Option<PlayDetail>> {
        let project = self.project().await?;
        if !project.plays.contains_key(name) {
            return Ok(None);
        }
        let name = Text::from(name);
        self.stored(move |store| {
            project.plays.get(&name).map(|it| detail(store, &project, it)).transpose()
        })
        .await
    }

    pub(super) async fn play_runs(
        &self,
        filter: &PlayFilter,
        state: Option<RunState>,
        listing: &Listing,
    ) -> Answer<Page<PlayRun>> {
        let Some(rows) = rows(filter) else { return Ok(Page::last(Vec::new())) };
        let (page, state) = (page_request(listing), state.map(state_row));
        self.stored(move |store| {
            let found = store.play_runs(&rows, state, &page)?;
            let items = found.rows.iter().map(run_noun).collect();
            Ok(Page { items, next: found.next.map(|it| it.to_string()) })
        })
        .await
    }
}

fn detail(
    store: &SqliteStore,
    project: &Project,
    play: &config::Play,
) -> Result<PlayDetail, StoreError> {
    let steps = store.count_play_steps(&play.name)?;
    Ok(PlayDetail {
        play: play_noun(project, play, &store.count_play_runs()?),
        at_steps: (0..).zip(&play.steps).map(|(step, _)| figures(step, &steps)).collect(),
        reactions: reactions(store.count_reactions(&play.name)?),
        variants: variants(store, play)?,
        arms: arms(play, &store.count_exposures()?),
        suppressed: store.count_suppressed(&play.name)?.iter().map(suppressed).collect(),
        budget: budget(&project.contact),
    })
}

fn figures(step: u32, counts: &[StepCount]) -> StepFigures {
    let sum = |fits: &dyn Fn(&StepCount) -> bool| {
        counts.iter().filter(|it| fits(it)).map(|it| it.runs).sum::<u64>()
    };
    let is_here = |it: &StepCount| it.state == State::Running && it.step == step;
    let kept = counts.iter().filter(|it| is_here(it)).filter_map(|it| {
        let reason = it.waits?;
        let (word, why) = (reason.word().to_owned(), reason.plain().to_owned());
        Some(KeptBack { reason: word, why, runs: it.runs })
    });
    StepFigures {
        step,
        reached: sum(&|it| it.state != State::HeldOut && it.step >= step),
        here: sum(&is_here),
        kept_back: kept.collect(),
    }
}

fn reactions(it: ReactionCount) -> Reactions {
    Reactions { runs: it.runs, seen: it.seen, clicked: it.clicked, dismissed: it.dismissed }
}

/// What accounts did, by the variant that each gets.
fn variants(store: &SqliteStore, play: &config::Play) -> Result<Vec<VariantFigures>, StoreError> {
    let mut figures: Vec<VariantFigures> = Vec::new();
    for (step, it) in (0..).zip(&play.steps).filter(|(_, it)| it.variants.len() > 1) {
        figures.extend(it.variants.iter().map(|(name, share)| VariantFigures {
            step,
            message: name.to_string(),
            share: share.fraction(),
            reactions: Reactions::default(),
        }));
    }
    if figures.is_empty() {
        return Ok(figures);
    }
    for run in newest_runs(store, &play.name)? {
        if run.state == State::HeldOut {
            continue;
        }
        for it in &mut figures {
            let step = play.steps.get(it.step as usize);
            let own = step.and_then(|step| variant_of(play, step, &run.account));
            if own.is_some_and(|name| *name == it.message) && run.step >= it.step {
                it.reactions.runs += 1;
                it.reactions.seen += u64::from(run.seen_at.is_some());
                it.reactions.clicked += u64::from(run.clicked_at.is_some());
                it.reactions.dismissed += u64::from(run.dismissed_at.is_some());
            }
        }
    }
    Ok(figures)
}

fn newest_runs(store: &SqliteStore, play: &Text) -> Result<Vec<Run>, StoreError> {
    let filter = RowFilter { play: Some(play.clone()), ..RowFilter::default() };
    let mut page = PageRequest::first(PAGE_ROWS_MAX);
    let mut runs = Vec::new();
    loop {
        let found = store.play_runs(&filter, None, &page)?;
        runs.extend(found.rows);
        let Some(next) = found.next.filter(|_| runs.len() < VARIANT_RUNS_MAX) else { break };
        page = PageRequest::after(next, PAGE_ROWS_MAX);
    }
    Ok(runs)
}

fn arms(play: &config::Play, counts: &[ExposureCount]) -> Vec<ArmFigures> {
    let mut bands = BTreeMap::<&Text, ArmFigures>::new();
    for it in counts.iter().filter(|it| it.play == play.name) {
        let new = || ArmFigures { size: it.size.to_string(), told: 0, held_out: 0 };
        let band = bands.entry(&it.size).or_insert_with(new);
        *match it.arm {
            Arm::Treated => &mut band.told,
            Arm::HeldOut => &mut band.held_out,
        } += it.accounts;
    }
    let mut bands: Vec<ArmFigures> = bands.into_values().collect();
    // `10-49` comes after `2-9`.
    let least = |size: &str| size.split(['-', '+']).next().and_then(|it| it.parse::<u32>().ok());
    bands.sort_by_key(|it| least(&it.size));
    bands
}

fn suppressed(it: &SuppressedCount) -> SuppressedFigures {
    SuppressedFigures {
        step: it.step,
        reason: it.reason.word().to_owned(),
        why: it.reason.plain().to_owned(),
        messages: it.messages,
    }
}

fn budget(it: &ContactRules) -> ContactBudget {
    ContactBudget {
        person: it.person.iter().copied().map(frequency).collect(),
        account: it.account.iter().copied().map(frequency).collect(),
        quiet_hours: it.quiet_hours.map(hours),
        patience_s: seconds(it.patience),
    }
}

fn run_noun(it: &Run) -> PlayRun {
    PlayRun {
        play: it.play.to_string(),
        lead: it.lead.to_string(),
        account: it.account.to_string(),
        state: state_noun(it.state),
        step: it.step,
        began_at: it.began_at.into(),
        due_at: it.due_at.map(Into::into),
        reason: it.waits.map(|it| it.word().to_owned()),
        why: it.waits.map(Reason::plain).map(str::to_owned),
        seen_at: it.seen_at.map(Into::into),
        clicked_at: it.clicked_at.map(Into::into),
        dismissed_at: it.dismissed_at.map(Into::into),
    }
}

fn state_noun(state: State) -> RunState {
    match state {
        State::Running => RunState::Running,
        State::Done => RunState::Done,
        State::Stopped => RunState::Stopped,
        State::HeldOut => RunState::HeldOut,
    }
}

fn state_row(state: RunState) -> State {
    match state {
        RunState::Running => State::Running,
        RunState::Done => State::Done,
        RunState::Stopped => State::Stopped,
        RunState::HeldOut => State::HeldOut,
    }
}
