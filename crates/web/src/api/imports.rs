//! Files: uploaded, looked through, taken in, as the page of the sources does it.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use bytes::Bytes;
use http_body_util::BodyExt;
use serde::Deserialize;
use utoipa::IntoParams;

use super::responses::{Does, Finds, Reads, Sends};
use crate::app::App;
use crate::backend::Upload;
use crate::extract::{BodyError, Json, Limit, List, May, Name, Path, Query, scope};
use crate::noun::{Import, ImportReading, ImportReject, ImportTake, Page, SOURCE_CHARS_MAX};
use crate::problem::Problem;

/// The name of a source, as bounded as in the reading of a file.
type SourceName = Name<SOURCE_CHARS_MAX>;

/// The path to which files are sent. What is sent there takes its time.
pub(super) const UPLOAD: &str = "/api/v1/imports";

/// Lists the files that were uploaded, the newest first.
#[utoipa::path(
    get, path = "/imports", operation_id = "list_imports", tag = "imports",
    security(("token" = ["imports:read"])),
    responses((status = 200, description = "All of them.", body = Page<Import>), Reads),
)]
pub(super) async fn list(
    State(app): State<App>,
    _: May<scope::ImportsRead>,
) -> Result<Json<Page<Import>>, Problem> {
    let all = app.backend.imports().await?;
    Ok(Json(Page::last(all.into_iter().map(Into::into).collect())))
}

/// What is said of a file that is sent.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Sent {
    /// The file's name; its ending is a hint how it is packed.
    #[param(inline)]
    file: Name,
    /// The source of its facts; the file's name without its ending if it is left out.
    #[param(inline)]
    source: Option<SourceName>,
}

/// Uploads a file: NDJSON, CSV or Parquet, plain, gzip or zstd, at most 4 GiB.
///
/// It is looked through then. Nothing of it counts before it is taken in.
#[utoipa::path(
    post, path = "/imports", operation_id = "upload_import", tag = "imports",
    params(Sent), security(("token" = ["imports:write"])),
    request_body(content = String, content_type = "application/octet-stream", description = "The file, byte for byte."),
    responses((status = 201, description = "It is looked through.", body = Import), Sends),
)]
pub(super) async fn upload(
    State(app): State<App>,
    May(by, ..): May<scope::ImportsWrite>,
    Query(sent): Query<Sent>,
    request: Request,
) -> Result<(StatusCode, Json<Import>), Problem> {
    let mut upload = app.backend.begin_upload(&sent.file.0, &by.name).await?;
    if write(&app, request.into_body(), &mut upload).await? == 0 {
        return Err(Problem::invalid_body("body", "the file is empty")
            .help("Send the file itself as the body of the call."));
    }
    let id = upload.finish(sent.source.as_ref().map_or("", |it| &it.0)).await?;
    let import = app.backend.import(&id).await?.ok_or_else(|| Problem::not_found("import"))?;
    Ok((StatusCode::CREATED, Json(import.into())))
}

/// Writes a body down as it comes; how many bytes it has. Who sends nothing for a while is given up.
async fn write(app: &App, mut body: Body, upload: &mut Box<dyn Upload>) -> Result<u64, Problem> {
    let limit = app.settings.limits.body_timeout;
    let mut bytes = 0;
    loop {
        let next = tokio::time::timeout(limit, body.frame()).await;
        let Some(frame) = next.map_err(|_| BodyError::TooSlow { limit })? else { return Ok(bytes) };
        // What is no data are trailers.
        if let Ok(data) = frame.map_err(|_| BodyError::BrokenOff)?.into_data() {
            let data: Bytes = data;
            bytes += data.len() as u64;
            upload.write(data).await?;
        }
    }
}

/// Tells of a file: what is in it, how far it is, what became of it.
#[utoipa::path(
    get, path = "/imports/{import}", operation_id = "get_import", tag = "imports",
    params(("import" = String, Path, description = "The file's id.")),
    security(("token" = ["imports:read"])),
    responses((status = 200, description = "The file.", body = Import), Finds),
)]
pub(super) async fn show(
    State(app): State<App>,
    _: May<scope::ImportsRead>,
    Path(id): Path<String>,
) -> Result<Json<Import>, Problem> {
    let found = app.backend.import(&id).await?;
    found.map(|it| Json(it.into())).ok_or_else(|| Problem::not_found("import"))
}

/// Which records are asked for, in a query.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub(super) struct Part {
    /// How many at most.
    #[param(inline, required = false)]
    limit: Limit,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// Lists the records of a file that cannot be read, in its order.
#[utoipa::path(
    get, path = "/imports/{import}/rejects", operation_id = "list_import_rejects", tag = "imports",
    params(("import" = String, Path, description = "The file's id."), Part),
    security(("token" = ["imports:read"])),
    responses((status = 200, description = "One page.", body = Page<ImportReject>), Finds),
)]
pub(super) async fn rejects(
    State(app): State<App>,
    _: May<scope::ImportsRead>,
    Path(id): Path<String>,
    Query(Part { limit, cursor }): Query<Part>,
) -> Result<Json<Page<ImportReject>>, Problem> {
    let list = List::of("import rejects", &id);
    let listing = list.part(limit, cursor.as_deref())?;
    let skip: usize = match &listing.after {
        Some(after) => after.parse().map_err(|_| Problem::invalid_cursor())?,
        None => 0,
    };
    let most = usize::try_from(listing.limit).unwrap_or(usize::MAX);
    // One more tells whether there is a next page.
    let found = app.backend.import_rejects(&id, skip, most.saturating_add(1)).await?;
    let mut found = found.ok_or_else(|| Problem::not_found("import"))?;
    let next = (found.len() > most).then(|| (skip + most).to_string());
    found.truncate(most);
    let items = found.into_iter().map(Into::into).collect();
    Ok(Json(list.page(Page { items, next })))
}

/// Has a file looked through once more, read in another way.
#[utoipa::path(
    post, path = "/imports/{import}/reading", operation_id = "read_import", tag = "imports",
    params(("import" = String, Path, description = "The file's id.")),
    security(("token" = ["imports:write"])),
    request_body = ImportReading,
    responses((status = 202, description = "It is looked through.", body = Import), Sends),
)]
pub(super) async fn read(
    State(app): State<App>,
    May(by, ..): May<scope::ImportsWrite>,
    Path(id): Path<String>,
    Json(reading): Json<ImportReading>,
) -> Result<(StatusCode, Json<Import>), Problem> {
    if !(1..=SOURCE_CHARS_MAX).contains(&reading.source.chars().count()) {
        let needed = format!("a name of 1 to {SOURCE_CHARS_MAX} characters is needed");
        return Err(Problem::invalid_body("source", needed));
    }
    let done = app.backend.read_import(&id, reading.into(), &by.name).await?;
    begun(&app, &id, done).await
}

/// Takes a file in: all that could be read of it counts then, at once.
#[utoipa::path(
    post, path = "/imports/{import}/take", operation_id = "take_import", tag = "imports",
    params(("import" = String, Path, description = "The file's id.")),
    security(("token" = ["imports:write"])),
    request_body = ImportTake,
    responses((status = 202, description = "It is taken in.", body = Import), Sends),
)]
pub(super) async fn take(
    State(app): State<App>,
    May(by, ..): May<scope::ImportsWrite>,
    Path(id): Path<String>,
    Json(take): Json<ImportTake>,
) -> Result<(StatusCode, Json<Import>), Problem> {
    let done = app.backend.take_import(&id, take.apply_to_existing, &by.name).await?;
    begun(&app, &id, done).await
}

async fn begun(
    app: &App,
    id: &str,
    done: Option<()>,
) -> Result<(StatusCode, Json<Import>), Problem> {
    let found = if done.is_some() { app.backend.import(id).await? } else { None };
    let found = found.ok_or_else(|| Problem::not_found("import"))?;
    Ok((StatusCode::ACCEPTED, Json(found.into())))
}

/// Stops what goes on with a file and throws it away. Of one that was taken in only the record goes.
#[utoipa::path(
    delete, path = "/imports/{import}", operation_id = "delete_import", tag = "imports",
    params(("import" = String, Path, description = "The file's id.")),
    security(("token" = ["imports:write"])),
    responses((status = 204, description = "It is gone."), Does),
)]
pub(super) async fn discard(
    State(app): State<App>,
    May(by, ..): May<scope::ImportsWrite>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let done = app.backend.drop_import(&id, &by.name).await?;
    done.map(|()| StatusCode::NO_CONTENT).ok_or_else(|| Problem::not_found("import"))
}
