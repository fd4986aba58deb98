//! What reports need of the rest of the program.

use async_trait::async_trait;

use super::Answer;
use crate::noun::{
    BacktestAsked, BacktestList, BacktestReport, EffectsAsked, EffectsReport, HealthReport,
    LifecycleAsked, LifecycleReport, ReportTable,
};

/// The reports. What they are made of is worked out now and then and kept: a report says up to when
/// facts count. [`super::Failure::Busy`] while the first is being worked out;
/// [`super::Failure::Invalid`] names what cannot be asked.
#[async_trait]
pub trait Reports: Send + Sync + 'static {
    /// How accounts go from stage to stage.
    async fn lifecycle(&self, asked: &LifecycleAsked) -> Answer<LifecycleReport>;

    /// All definitions that have a track, held against what happened.
    async fn backtests(&self, asked: &BacktestAsked) -> Answer<BacktestList>;

    /// One of them; `None` if there is no such definition, or it has no track.
    async fn backtest(
        &self,
        definition: &str,
        asked: &BacktestAsked,
    ) -> Answer<Option<BacktestReport>>;

    /// What outreach caused.
    async fn effects(&self, asked: &EffectsAsked) -> Answer<EffectsReport>;

    /// How each definition fares since its version was published, by name; one whose version nobody
    /// was judged by yet is left out.
    async fn health(&self) -> Answer<HealthReport>;

    /// A report as CSV with a header row: a row for each figure.
    async fn report_table(&self, of: &ReportTable) -> Answer<String>;
}
