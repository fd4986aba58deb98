//! The reports as the HTTP face asks for them.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use async_trait::async_trait;
use firsthand_lab::report;
use firsthand_model::play::Exposure;
use firsthand_web::backend::Reports;
use firsthand_web::noun::{
    BacktestAsked, BacktestList, BacktestReport, EffectsAsked, EffectsReport, HealthReport,
    LifecycleAsked, LifecycleReport, Observed, ReportTable,
};
use firsthand_web::{Answer, Failure};

use super::nouns;
use super::snapshot::Snapshot;
use crate::commands::funnel::exposures;
use crate::serve::Server;

#[async_trait]
impl Reports for Server {
    async fn lifecycle(&self, asked: &LifecycleAsked) -> Answer<LifecycleReport> {
        let (snapshot, observed, asked) = self.opened(asked).await?;
        work(move || {
            let report = snapshot.lifecycle(&asked)?;
            Ok(nouns::lifecycle(&report, asked, observed, &snapshot))
        })
        .await
    }

    async fn backtests(&self, asked: &BacktestAsked) -> Answer<BacktestList> {
        let (snapshot, observed, asked) = self.opened(asked).await?;
        work(move || {
            let summary = |it| {
                let backtest = snapshot.backtest(it, &asked)?;
                Ok(nouns::summary(&backtest, it, &snapshot))
            };
            let items = snapshot.tested().map(summary).collect::<Result<_, Failure>>()?;
            Ok(BacktestList { observed, outcomes: nouns::outcomes(&snapshot), items })
        })
        .await
    }

    async fn backtest(
        &self,
        definition: &str,
        asked: &BacktestAsked,
    ) -> Answer<Option<BacktestReport>> {
        let (snapshot, observed, asked) = self.opened(asked).await?;
        let definition = definition.to_owned();
        work(move || {
            let Some(it) = snapshot.tested().find(|it| it.name == definition) else {
                return Ok(None);
            };
            let backtest = snapshot.backtest(it, &asked)?;
            Ok(Some(nouns::backtest(&backtest, it, observed, &snapshot)))
        })
        .await
    }

    async fn effects(&self, asked: &EffectsAsked) -> Answer<EffectsReport> {
        let (snapshot, observed, asked) = self.opened(asked).await?;
        let exposures = self.known_exposures(&snapshot).await?;
        work(move || {
            let report = snapshot.effects(&exposures, &asked)?;
            Ok(nouns::effects(&report, asked, observed, &snapshot))
        })
        .await
    }

    async fn health(&self) -> Answer<HealthReport> {
        self.health_of_definitions().await
    }

    async fn report_table(&self, of: &ReportTable) -> Answer<String> {
        let snapshot = self.snapshot().await?;
        let exposures = match of {
            ReportTable::Effects(_) => self.known_exposures(&snapshot).await?,
            _ => Arc::default(),
        };
        let of = of.clone();
        work(move || match of {
            ReportTable::Lifecycle(asked) => {
                Ok(report::lifecycle_csv(&*snapshot.lifecycle(&asked)?).to_csv())
            }
            ReportTable::Effects(asked) => {
                Ok(report::holdouts_csv(&snapshot.effects(&exposures, &asked)?).to_csv())
            }
            ReportTable::Backtests(asked) => backtests_table(&snapshot, &asked),
        })
        .await
    }
}

impl Server {
    /// What an answer needs: everybody, up to when facts count, and the question.
    async fn opened<Q: Clone>(&self, asked: &Q) -> Answer<(Arc<Snapshot>, Observed, Q)> {
        let snapshot = self.snapshot().await?;
        let observed = self.observed(&snapshot);
        Ok((snapshot, observed, asked.clone()))
    }

    /// Up to when facts count.
    pub(super) fn observed(&self, snapshot: &Snapshot) -> Observed {
        let waiting = self.engine.get().map(|it| it.measures().unsealed.load(Ordering::Relaxed));
        Observed {
            first_at: snapshot.lives.first.into(),
            last_at: snapshot.lives.last.into(),
            waiting: waiting.unwrap_or(0),
        }
    }

    /// All assignments, as they were written down a while ago at most.
    async fn known_exposures(&self, snapshot: &Snapshot) -> Answer<Arc<Vec<Exposure>>> {
        if let Some(known) = snapshot.known_exposures() {
            return Ok(known);
        }
        let read = Arc::new(self.stored(exposures).await?);
        snapshot.know_exposures(&read);
        Ok(read)
    }
}

/// All backtests as one table, with the definition in the first column.
fn backtests_table(snapshot: &Snapshot, asked: &BacktestAsked) -> Result<String, Failure> {
    let mut all: Option<report::Table> = None;
    for it in snapshot.tested() {
        let mut table = report::figures_csv(&*snapshot.backtest(it, asked)?);
        table.header.insert(0, "definition".to_owned());
        table.rows.iter_mut().for_each(|row| row.insert(0, it.name.to_string()));
        match &mut all {
            Some(all) => all.rows.append(&mut table.rows),
            None => all = Some(table),
        }
    }
    Ok(all.map(|it| it.to_csv()).unwrap_or_default())
}

/// Works on a thread that may take its time.
pub(super) async fn work<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Answer<T> {
    tokio::task::spawn_blocking(work).await.map_err(Failure::broken)?
}
