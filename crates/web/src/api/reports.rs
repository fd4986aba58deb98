//! Reports: the lifecycle, backtests, what outreach caused; each as a table too.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use firsthand_model::Date;
use serde::{Deserialize, Deserializer, de};
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{IntoParams, PartialSchema, ToSchema};

use super::responses::{Finds, Reads};
use crate::app::App;
use crate::backend::Failure;
use crate::extract::{Json, May, Name, Path, Query, scope};
use crate::noun::{
    BacktestAsked, BacktestList, BacktestReport, CohortBy, EffectsAsked, EffectsReport,
    LifecycleAsked, LifecycleReport, ReportTable,
};
use crate::problem::Problem;

/// A date in a query: `2026-01-31`.
#[derive(Clone, Debug)]
struct Day(Date);

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let date = text.parse().map_err(|_| de::Error::custom("a date is needed: `2026-01-31`"));
        date.map(Self)
    }
}

impl PartialSchema for Day {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Date)))
            .examples([serde_json::json!("2026-01-31")])
            .into()
    }
}

impl ToSchema for Day {}

/// A number of days in a query, from 1 to 3,650.
#[derive(Clone, Copy, Debug)]
struct Days(u32);

impl Days {
    const MAX: u32 = 3_650;
}

impl<'de> Deserialize<'de> for Days {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        match text.parse() {
            Ok(days @ 1..=Self::MAX) => Ok(Self(days)),
            _ => Err(de::Error::custom("a number of days from 1 to 3650 is needed")),
        }
    }
}

impl PartialSchema for Days {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Integer)
            .minimum(Some(1))
            .maximum(Some(Self::MAX))
            .into()
    }
}

impl ToSchema for Days {}

/// Which lifecycle is asked for, in a query.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub(super) struct OfLifecycle {
    /// Only accounts from this date on.
    #[param(inline)]
    from: Option<Day>,
    /// Only accounts up to this date, which belongs to it.
    #[param(inline)]
    to: Option<Day>,
    /// Which date of an account that is: when it began, or when product or marketing first found it.
    #[param(inline, required = false)]
    by: CohortBy,
    /// Only accounts that were in this segment on their first day.
    #[param(inline)]
    segment: Option<Name>,
    /// What counts as success; any outcome of accounts if it is not named.
    #[param(inline)]
    outcome: Option<Name>,
    /// How soon it must come, in days; 60 unless asked otherwise.
    #[param(inline)]
    within_days: Option<Days>,
}

impl OfLifecycle {
    fn asked(self) -> Result<LifecycleAsked, Problem> {
        if let (Some(from), Some(to)) = (&self.from, &self.to)
            && from.0 > to.0
        {
            return Err(Problem::invalid_parameter("to", "it lies before `from`"));
        }
        let date = |it: Option<Day>| it.map(|it| it.0.to_string());
        Ok(LifecycleAsked {
            from: date(self.from),
            to: date(self.to),
            by: self.by,
            segment: self.segment.map(|it| it.0),
            outcome: self.outcome.map(|it| it.0),
            within_days: self.within_days.map(|it| it.0),
        })
    }
}

/// Which backtest is asked for, in a query.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub(super) struct OfBacktest {
    /// What counts as success; the first outcome of the subject if it is not named, for definitions
    /// on the expansion track the next.
    #[param(inline)]
    outcome: Option<Name>,
    /// How soon it must come, in days; 14 unless asked otherwise.
    #[param(inline)]
    within_days: Option<Days>,
    /// Figures also for who started before this date and from it on.
    #[param(inline)]
    split: Option<Day>,
}

impl OfBacktest {
    fn asked(self) -> BacktestAsked {
        BacktestAsked {
            outcome: self.outcome.map(|it| it.0),
            within_days: self.within_days.map(|it| it.0),
            split: self.split.map(|it| it.0.to_string()),
        }
    }
}

/// Which effects are asked for, in a query.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub(super) struct OfEffects {
    /// What counts as success; any outcome of accounts if it is not named.
    #[param(inline)]
    outcome: Option<Name>,
    /// How soon after the assignment it must come, in days; 60 unless asked otherwise.
    #[param(inline)]
    within_days: Option<Days>,
}

impl OfEffects {
    fn asked(self) -> EffectsAsked {
        EffectsAsked {
            outcome: self.outcome.map(|it| it.0),
            within_days: self.within_days.map(|it| it.0),
        }
    }
}

/// Tells how accounts go from stage to stage, and whether those that were found buy more often.
#[utoipa::path(
    get, path = "/reports/lifecycle", operation_id = "get_lifecycle", tag = "reports",
    params(OfLifecycle), security(("token" = ["reports:read"])),
    responses((status = 200, description = "The report.", body = LifecycleReport), Reads),
)]
pub(super) async fn lifecycle(
    State(app): State<App>,
    _: May<scope::ReportsRead>,
    Query(asked): Query<OfLifecycle>,
) -> Result<Json<LifecycleReport>, Problem> {
    Ok(Json(app.backend.lifecycle(&asked.asked()?).await?))
}

/// Writes the lifecycle as CSV: a row for each figure.
#[utoipa::path(
    get, path = "/reports/lifecycle.csv", operation_id = "export_lifecycle", tag = "reports",
    params(OfLifecycle), security(("token" = ["reports:read"])),
    responses((status = 200, description = "The table.", body = String, content_type = "text/csv"),
        Reads),
)]
pub(super) async fn lifecycle_table(
    State(app): State<App>,
    _: May<scope::ReportsRead>,
    Query(asked): Query<OfLifecycle>,
) -> Result<Response, Problem> {
    Ok(table(&app, &ReportTable::Lifecycle(asked.asked()?)).await?)
}

/// Holds all definitions that have a track against what happened.
#[utoipa::path(
    get, path = "/reports/backtests", operation_id = "list_backtests", tag = "reports",
    params(OfBacktest), security(("token" = ["reports:read"])),
    responses((status = 200, description = "All of them.", body = BacktestList), Reads),
)]
pub(super) async fn backtests(
    State(app): State<App>,
    _: May<scope::ReportsRead>,
    Query(asked): Query<OfBacktest>,
) -> Result<Json<BacktestList>, Problem> {
    Ok(Json(app.backend.backtests(&asked.asked()).await?))
}

/// Writes all backtests as CSV: a row for each figure.
#[utoipa::path(
    get, path = "/reports/backtests.csv", operation_id = "export_backtests", tag = "reports",
    params(OfBacktest), security(("token" = ["reports:read"])),
    responses((status = 200, description = "The table.", body = String, content_type = "text/csv"),
        Reads),
)]
pub(super) async fn backtests_table(
    State(app): State<App>,
    _: May<scope::ReportsRead>,
    Query(asked): Query<OfBacktest>,
) -> Result<Response, Problem> {
    Ok(table(&app, &ReportTable::Backtests(asked.asked())).await?)
}

/// Holds a definition against what happened.
#[utoipa::path(
    get, path = "/reports/backtests/{definition}", operation_id = "get_backtest", tag = "reports",
    params(("definition" = String, Path, description = "The definition's name."), OfBacktest),
    security(("token" = ["reports:read"])),
    responses((status = 200, description = "The report.", body = BacktestReport), Finds),
)]
pub(super) async fn backtest(
    State(app): State<App>,
    _: May<scope::ReportsRead>,
    Path(definition): Path<String>,
    Query(asked): Query<OfBacktest>,
) -> Result<Json<BacktestReport>, Problem> {
    let found = app.backend.backtest(&definition, &asked.asked()).await?;
    found.map(Json).ok_or_else(|| Problem::not_found("definition with a track"))
}

/// Tells what outreach caused: accounts that were told against those held out.
#[utoipa::path(
    get, path = "/reports/holdouts", operation_id = "get_holdout_effects", tag = "reports",
    params(OfEffects), security(("token" = ["reports:read"])),
    responses((status = 200, description = "The report.", body = EffectsReport), Reads),
)]
pub(super) async fn effects(
    State(app): State<App>,
    _: May<scope::ReportsRead>,
    Query(asked): Query<OfEffects>,
) -> Result<Json<EffectsReport>, Problem> {
    Ok(Json(app.backend.effects(&asked.asked()).await?))
}

/// Writes what outreach caused as CSV: a row for each figure.
#[utoipa::path(
    get, path = "/reports/holdouts.csv", operation_id = "export_holdout_effects", tag = "reports",
    params(OfEffects), security(("token" = ["reports:read"])),
    responses((status = 200, description = "The table.", body = String, content_type = "text/csv"),
        Reads),
)]
pub(super) async fn effects_table(
    State(app): State<App>,
    _: May<scope::ReportsRead>,
    Query(asked): Query<OfEffects>,
) -> Result<Response, Problem> {
    Ok(table(&app, &ReportTable::Effects(asked.asked())).await?)
}

/// A report as a file.
pub(super) async fn table(app: &App, of: &ReportTable) -> Result<Response, Failure> {
    let disposition = match of {
        ReportTable::Lifecycle(_) => "attachment; filename=\"lifecycle.csv\"",
        ReportTable::Backtests(_) => "attachment; filename=\"backtests.csv\"",
        ReportTable::Effects(_) => "attachment; filename=\"holdouts.csv\"",
    };
    let text = app.backend.report_table(of).await?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, disposition),
    ];
    Ok((headers, text).into_response())
}
