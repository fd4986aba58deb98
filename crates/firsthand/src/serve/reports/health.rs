//! How definitions fare, as the HTTP face asks for it.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use firsthand_lab::Health;
use firsthand_lab::backtest::WITHIN_DEFAULT;
use firsthand_lab::health::{Hint, Precision, RECENT_WEEKS};
use firsthand_lab::report::HEALTH_FIGURES;
use firsthand_lab::statistics::{Change, Pace};
use firsthand_model::{Text, Time};
use firsthand_store::{Definitions, Leads};
use firsthand_web::Answer;
use firsthand_web::noun::{
    DefinitionHealth, HealthHint, HealthReport, HealthWeek, PaceChange, PaceReading,
    PrecisionChange,
};

use super::answers::work;
use super::nouns::{days, difference, meanings, share};
use super::snapshot::Snapshot;
use crate::serve::Server;
use crate::study::Asked;

/// How long counts of leads are believed.
const LEADS_FOR: Duration = Duration::from_secs(15);

/// Open leads by definition, and when they were counted.
pub(super) type OpenLeads = Option<(Instant, HashMap<Text, u64>)>;

impl Server {
    pub(super) async fn health_of_definitions(&self) -> Answer<HealthReport> {
        // A list is shown without it rather than late.
        let snapshot = self.snapshot_within(Duration::ZERO).await?;
        let observed = self.observed(&snapshot);
        let open = self.open_leads().await?;
        let current = self.stored(Definitions::current_definitions).await?;
        work(move || {
            let mut items = Vec::new();
            for it in snapshot.definitions() {
                // A version that was published since has not judged anybody yet.
                let published = current.iter().find(|of| {
                    of.state.decides() && of.name == it.name && of.version == it.version
                });
                let Some(published_at) = published.map(|it| it.published_at) else { continue };
                let health = snapshot.health(it, published_at)?;
                let open = open.get(&it.name).copied().unwrap_or(0);
                items.push(noun(&health, it, published_at, open, &snapshot));
            }
            items.sort_by(|a, b| a.definition.cmp(&b.definition));
            Ok(HealthReport {
                observed,
                recent_weeks: u32::try_from(RECENT_WEEKS).unwrap_or(u32::MAX),
                items,
                figures: meanings(HEALTH_FIGURES),
            })
        })
        .await
    }

    /// Open leads by definition, as they were a while ago at most.
    async fn open_leads(&self) -> Answer<HashMap<Text, u64>> {
        if let Some((at, known)) = &self.reporting.state().open_leads
            && at.elapsed() < LEADS_FOR
        {
            return Ok(known.clone());
        }
        let counted = self.stored(Leads::count_open_leads_by_definition).await?;
        let counted: HashMap<Text, u64> = counted.into_iter().collect();
        self.reporting.state().open_leads = Some((Instant::now(), counted.clone()));
        Ok(counted)
    }
}

fn noun(
    of: &Health,
    asked: &Asked,
    published_at: Time,
    open_leads: u64,
    snapshot: &Snapshot,
) -> DefinitionHealth {
    let outcome = snapshot.usual_outcome(asked).unwrap_or_default();
    DefinitionHealth {
        definition: asked.name.to_string(),
        version: asked.version.to_string(),
        published_at: published_at.into(),
        weeks: of
            .weeks
            .iter()
            .map(|it| HealthWeek {
                week: it.week.to_string(),
                entries: it.entries,
                subjects: it.subjects,
            })
            .collect(),
        entries: of.entries,
        last_entry_at: of.last_entry.map(Into::into),
        holds: share(of.holds),
        open_leads,
        volume: of.volume.as_ref().map(pace),
        share: of.share.as_ref().map(pace),
        precision: of.precision.as_ref().map(|it| precision(it, outcome)),
        hint: of.hint.map(|it| match it {
            Hint::Never => HealthHint::Never,
            Hint::Silent => HealthHint::Silent,
            Hint::NearlyAll => HealthHint::NearlyAll,
        }),
    }
}

fn precision(of: &Precision, outcome: String) -> PrecisionChange {
    PrecisionChange {
        outcome,
        within_days: days(WITHIN_DEFAULT),
        before: share(of.before),
        since: share(of.since),
        too_early: of.too_early,
        difference: of.difference.as_ref().map(difference),
    }
}

fn pace(of: &Pace) -> PaceChange {
    PaceChange {
        recent: of.recent,
        before: of.before,
        times: of.times,
        low: of.low,
        high: of.high,
        reading: match of.reading {
            Change::More => PaceReading::More,
            Change::Fewer => PaceReading::Fewer,
            Change::AsUsual => PaceReading::AsUsual,
            Change::TooFew => PaceReading::TooFew,
        },
    }
}
