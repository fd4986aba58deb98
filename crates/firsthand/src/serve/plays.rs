//! Plays, what they did not send, and who was held out, as the API tells them.

use firsthand_model::Text;
use firsthand_model::config::{self, Step};
use firsthand_model::lead::LeadId;
use firsthand_model::play::{Arm, RunState};
use firsthand_store::{PlayFilter as RowFilter, Plays};
use firsthand_web::Answer;
use firsthand_web::noun::{Exposure, Listing, Page, Play, PlayFilter, PlayStep, Suppressed};

use super::Server;
use super::leads::{page_request, track_noun};

impl Server {
    pub(super) async fn plays(&self) -> Answer<Vec<Play>> {
        let configured = self.ask(|engine| engine.live().rules().project.plays.clone()).await?;
        let counts = self.stored(Plays::count_play_runs).await?;
        let play = |it: &config::Play| {
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
                segment: it.segment.as_ref().map(ToString::to_string),
                holdout: thousandths(it.holdout.0),
                steps: it.steps.iter().map(step_noun).collect(),
                running: runs(RunState::Running),
                done: runs(RunState::Done),
                stopped: runs(RunState::Stopped),
                held_out: runs(RunState::HeldOut),
            }
        };
        Ok(configured.values().map(play).collect())
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

fn thousandths(share: u32) -> f64 {
    f64::from(share) / 1_000.0
}

fn step_noun(it: &Step) -> PlayStep {
    PlayStep {
        channel: it.by.text.to_string(),
        to_users: it.to.are_users(),
        wait_s: u64::try_from(it.wait.0 / 1_000_000).unwrap_or(0),
        messages: it.variants.iter().map(|(name, _)| name.to_string()).collect(),
    }
}

/// Which rows; `None` where the lead's id is none, which fits nothing.
fn rows(filter: &PlayFilter) -> Option<RowFilter> {
    let text = |it: &Option<String>| it.as_deref().map(Text::from);
    let lead = filter.lead.as_deref().map(str::parse::<LeadId>).transpose().ok()?;
    Some(RowFilter { play: text(&filter.play), lead, account: text(&filter.account) })
}
