//! Plays, what they did not send, and who was held out, as the API tells them.

use std::sync::Arc;

use firsthand_model::config::{self, Condition, Hours, Project, Rate, Receiver, Share, Step, What};
use firsthand_model::lead::LeadId;
use firsthand_model::play::{Arm, RunState};
use firsthand_model::{Span, Text};
use firsthand_store::{PlayFilter as RowFilter, Plays, RunCount};
use firsthand_web::Answer;
use firsthand_web::noun::{
    DayHours, Exposure, Frequency, Listing, Page, Play, PlayFilter, PlayStep, PlayVariant,
    Suppressed,
};

use super::Server;
use super::leads::{page_request, track_noun};

impl Server {
    pub(super) async fn plays(&self) -> Answer<Vec<Play>> {
        let project = self.project().await?;
        let counts = self.stored(Plays::count_play_runs).await?;
        Ok(project.plays.values().map(|it| play_noun(&project, it, &counts)).collect())
    }

    /// The project that is in force.
    pub(super) async fn project(&self) -> Answer<Arc<Project>> {
        self.ask(|engine| Arc::clone(&engine.live().rules().project)).await
    }

    pub(super) async fn suppressed(
        &self,
        filter: &PlayFilter,
        listing: &Listing,
    ) -> Answer<Page<Suppressed>> {
        let Some(rows) = rows(filter) else { return Ok(Page::last(Vec::new())) };
        let page = page_request(listing);
        self.stored(move |store| {
            let found = Plays::suppressed(store, &rows, &page)?;
            let items = found.rows.into_iter().map(|it| Suppressed {
                id: it.id.to_string(),
                lead: it.lead.to_string(),
                account: it.account.to_string(),
                person: it.person.map(|it| it.to_string()),
                person_name: it.person_name.map(|it| it.to_string()),
                play: it.play.to_string(),
                step: it.step,
                channel: it.channel.to_string(),
                at: it.at.into(),
                reason: it.reason.word().to_owned(),
                why: it.reason.plain().to_owned(),
            });
            Ok(Page { items: items.collect(), next: found.next.map(|it| it.to_string()) })
        })
        .await
    }

    pub(super) async fn exposures(
        &self,
        filter: &PlayFilter,
        listing: &Listing,
    ) -> Answer<Page<Exposure>> {
        let Some(rows) = rows(filter) else { return Ok(Page::last(Vec::new())) };
        let page = page_request(listing);
        self.stored(move |store| {
            let found = Plays::exposures(store, &rows, None, &page)?;
            let items = found.rows.into_iter().map(|it| Exposure {
                account: it.account.to_string(),
                play: it.play.to_string(),
                track: track_noun(it.track),
                lead: it.lead.to_string(),
                held_out: it.arm == Arm::HeldOut,
                size: it.size.to_string(),
                share: thousandths(it.share),
                at: it.at.into(),
            });
            Ok(Page { items: items.collect(), next: found.next.map(|it| it.to_string()) })
        })
        .await
    }
}

pub(super) fn thousandths(share: u32) -> f64 {
    f64::from(share) / 1_000.0
}

pub(super) fn play_noun(project: &Project, it: &config::Play, counts: &[RunCount]) -> Play {
    let runs = |state: RunState| {
        let of = counts.iter().find(|run| run.play == it.name && run.state == state);
        of.map_or(0, |it| it.runs)
    };
    Play {
        name: it.name.to_string(),
        title: it.title.to_string(),
        track: track_noun(it.track),
        touch: it.touch.word().to_owned(),
        enabled: it.enabled,
        definitions: it.definitions.iter().map(ToString::to_string).collect(),
        segment: it.segment.as_ref().map(ToString::to_string),
        except: it.except.as_ref().map(ToString::to_string),
        priority: it.priority,
        critical: it.critical,
        at_most: it.at_most.map(frequency),
        quiet_hours: it.quiet_hours.map(hours),
        holdout: thousandths(it.holdout.0),
        steps: it.steps.iter().map(|it| step_noun(project, it)).collect(),
        running: runs(RunState::Running),
        done: runs(RunState::Done),
        stopped: runs(RunState::Stopped),
        held_out: runs(RunState::HeldOut),
    }
}

fn step_noun(project: &Project, it: &Step) -> PlayStep {
    let channel = project.channels.get(&it.by.text);
    let variant = |(name, share): &(Text, Share)| PlayVariant {
        message: name.to_string(),
        share: share.fraction(),
    };
    PlayStep {
        channel: it.by.text.to_string(),
        kind: channel.map_or_else(String::new, |it| it.kind.word().to_owned()),
        enabled: channel.is_some_and(|it| it.enabled),
        to: receiver(&it.to),
        to_users: it.to.are_users(),
        wait_s: seconds(it.wait),
        only_if: it.only_if.iter().map(condition).collect(),
        unless: it.unless.iter().map(condition).collect(),
        variants: it.variants.iter().map(variant).collect(),
    }
}

/// To whom, in the words of the configuration.
fn receiver(it: &Receiver) -> String {
    match it {
        Receiver::MostActive(1) => "most active".to_owned(),
        Receiver::MostActive(count) => format!("{count} most active"),
        Receiver::Everyone => "everyone".to_owned(),
        Receiver::Qualified => "qualified".to_owned(),
        Receiver::Segment(name) => name.to_string(),
        Receiver::Owner => "owner".to_owned(),
        Receiver::Team => "team".to_owned(),
    }
}

/// What is asked, in the words of the configuration.
fn condition(it: &Condition) -> String {
    let what = match &it.what {
        What::Seen => "seen",
        What::Clicked => "clicked",
        What::Dismissed => "dismissed",
        What::Converted => "converted",
        What::Answered => "answered",
        What::Qualified => "qualified",
        What::Segment(name) => name,
    };
    if it.is { what.to_owned() } else { format!("not {what}") }
}

pub(super) fn frequency(it: Rate) -> Frequency {
    Frequency { count: it.count, within_s: seconds(it.span) }
}

pub(super) fn hours(it: Hours) -> DayHours {
    let minutes = |at: Span| u32::try_from(at.0 / Span::MINUTE.0).unwrap_or(0);
    DayHours { from_min: minutes(it.from), to_min: minutes(it.to) }
}

pub(super) fn seconds(span: Span) -> u64 {
    u64::try_from(span.0 / Span::SECOND.0).unwrap_or(0)
}

/// Which rows; `None` where the lead's id is none, which fits nothing.
pub(super) fn rows(filter: &PlayFilter) -> Option<RowFilter> {
    let text = |it: &Option<String>| it.as_deref().map(Text::from);
    let lead = filter.lead.as_deref().map(str::parse::<LeadId>).transpose().ok()?;
    Some(RowFilter { play: text(&filter.play), lead, account: text(&filter.account) })
}
