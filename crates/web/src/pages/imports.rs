//! Files: uploaded, looked through, taken in.
//!
//! The form of the upload is the one whose body is not read before it is known who sends it: its
//! secret comes first, and nothing is kept before that was checked.

use askama::Template;
use axum::extract::{FromRequest, Multipart, Path, Request, State};
use axum::http::Uri;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::acts::told;
use super::cookies::Cookies;
use super::csrf;
use super::error::PageError;
use super::shell::{Place, Shell, draw};
use super::texts::{Texts, fill};
use super::visitor::{Asked, Form, Visitor};
use crate::app::App;
use crate::backend::{
    Counted, Failure, Import, ImportPhase, ImportReject, ImportState, Reading, Role,
    UPLOAD_BYTES_MAX,
};

/// The path to which files are sent. What is sent there takes its time.
pub(crate) const UPLOAD: &str = "/sources/import";
/// Refused records on a page.
const REJECTS_ON_A_PAGE: usize = 50;
/// The longest secret that is read.
const FIELD_BYTES_MAX: usize = 1_000;
/// Keys of a mapping that have a field of their own.
const FIELDS: [&str; 10] = [
    "kind",
    "of",
    "time",
    "time_format",
    "event",
    "event_name",
    "person",
    "anonymous",
    "account",
    "id",
];

struct Badge {
    class: &'static str,
    icon: &'static str,
    word: &'static str,
}

fn badge(t: &'static Texts, state: ImportState) -> Badge {
    let i = &t.imports;
    let (class, icon, word) = match state {
        ImportState::Checking => ("", "clock", i.s_checking),
        ImportState::Unclear => ("warn", "question", i.s_unclear),
        ImportState::Ready => ("accent", "right", i.s_ready),
        ImportState::Taking => ("", "clock", i.s_taking),
        ImportState::Taken => ("good", "check", i.s_taken),
        ImportState::Stopped => ("", "stop", i.s_stopped),
    };
    Badge { class, icon, word }
}

struct Row {
    id: String,
    file: String,
    size: String,
    facts: String,
    when: String,
    by: String,
    badge: Badge,
}

/// The list, and the form of an upload.
#[derive(Template)]
#[template(path = "imports.html")]
struct ImportsPage {
    shell: Shell,
    rows: Vec<Row>,
    goes_on: bool,
    gigabytes: String,
    problem: Option<String>,
}

/// `GET /sources/import`
pub(super) async fn list(
    State(app): State<App>,
    visitor: Visitor,
    uri: Uri,
) -> Result<Response, PageError> {
    draw(&list_page(&app, &visitor, &uri, None).await?)
}

async fn list_page(
    app: &App,
    visitor: &Visitor,
    uri: &Uri,
    problem: Option<String>,
) -> Result<ImportsPage, PageError> {
    let t = visitor.look.texts();
    let shell = Shell::of(app, visitor, uri, Place::Sources, t.imports.title).await?;
    let all = app.backend.imports().await?;
    let goes_on = all.iter().any(|it| it.state.goes_on());
    let rows = all.into_iter().map(|it| row(&shell, it)).collect();
    let gigabytes = (UPLOAD_BYTES_MAX >> 30).to_string();
    Ok(ImportsPage { shell, rows, goes_on, gigabytes, problem })
}

fn row(shell: &Shell, it: Import) -> Row {
    let found = it.found.as_ref();
    Row {
        facts: found.map_or_else(|| "–".to_owned(), |it| shell.show.count(it.facts)),
        size: size(shell, it.size_bytes),
        when: shell.show.when(it.uploaded_at),
        by: fill(shell.t.imports.by, &[("who", &it.by)]),
        badge: badge(shell.t, it.state),
        id: it.id,
        file: it.file,
    }
}

fn size(shell: &Shell, bytes: u64) -> String {
    let i = &shell.t.imports;
    if bytes >= 1 << 20 {
        let tenths = bytes * 10 / (1 << 20);
        let text = shell.show.number(tenths as f64 / 10.0);
        fill(i.megabytes, &[("n", &text)])
    } else {
        fill(i.kilobytes, &[("n", &shell.show.count(bytes.div_ceil(1 << 10)))])
    }
}

/// `POST /sources/import`: a form in parts, whose first is its secret and whose last is the file.
pub(super) async fn upload(
    State(app): State<App>,
    visitor: Visitor,
    uri: Uri,
    request: Request,
) -> Result<Response, PageError> {
    match taken_up(&app, &visitor, request).await {
        Ok(Some(id)) => Ok(Redirect::to(&format!("/sources/import/{id}")).into_response()),
        Ok(None) => {
            let problem = visitor.look.texts().imports.no_file.to_owned();
            draw(&list_page(&app, &visitor, &uri, Some(problem)).await?)
        }
        Err(PageError::Failed(
            Failure::Invalid { detail, help, .. } | Failure::Conflict { detail, help, .. },
        )) => {
            let problem = format!("{}. {help}", super::error::capital(&detail));
            draw(&list_page(&app, &visitor, &uri, Some(problem)).await?)
        }
        Err(error) => Err(error),
    }
}

/// Takes a file up as it comes; `None` where there is none in the form.
async fn taken_up(
    app: &App,
    visitor: &Visitor,
    request: Request,
) -> Result<Option<String>, PageError> {
    let mut parts =
        Multipart::from_request(request, &()).await.map_err(|_| PageError::Unreadable)?;
    let patience = app.settings.limits.body_timeout;
    let (mut secret, mut source) = (false, String::new());
    loop {
        let next = tokio::time::timeout(patience, parts.next_field()).await;
        let field = next.map_err(|_| PageError::Unreadable)?;
        let Some(mut field) = field.map_err(|_| PageError::Unreadable)? else { return Ok(None) };
        let name = field.name().unwrap_or_default().to_owned();
        let file = field.file_name().map(str::to_owned);
        // The secret comes first.
        if !secret && name != csrf::FIELD {
            return Err(PageError::StaleForm);
        }
        let mut upload = match &file {
            Some(file) if file.is_empty() => return Ok(None),
            Some(file) => Some(app.backend.begin_upload(file, &visitor.user.name).await?),
            None => None,
        };
        let mut text = Vec::new();
        loop {
            let piece = tokio::time::timeout(patience, field.chunk()).await;
            let piece = piece.map_err(|_| PageError::Unreadable)?;
            let Some(bytes) = piece.map_err(|_| PageError::Unreadable)? else { break };
            match &mut upload {
                Some(upload) => upload.write(bytes).await?,
                None if text.len() + bytes.len() > FIELD_BYTES_MAX => {
                    return Err(PageError::TooLarge);
                }
                None => text.extend_from_slice(&bytes),
            }
        }
        if let Some(upload) = upload {
            return Ok(Some(upload.finish(&source).await?));
        }
        let text = String::from_utf8(text).map_err(|_| PageError::Unreadable)?;
        match name.as_str() {
            csrf::FIELD if csrf::is(&text, &visitor.csrf) => secret = true,
            csrf::FIELD => return Err(PageError::StaleForm),
            "source" => source = text,
            _ => {}
        }
    }
}

/// A field of the form that says how a file is read.
struct Field {
    key: &'static str,
    label: &'static str,
    value: String,
}

/// How a file is read, as a form.
struct Mapping {
    source: String,
    columns: Vec<(String, String)>,
    kinds: Vec<(&'static str, &'static str, bool)>,
    of: [(&'static str, &'static str, bool); 3],
    choices: Vec<Field>,
    time_format: String,
    event_name: String,
    named: Vec<(String, bool)>,
    others: String,
    has_columns: bool,
    note: &'static str,
}

/// One file.
#[derive(Template)]
#[template(path = "import.html")]
struct ImportPage {
    shell: Shell,
    upload: Import,
    badge: Badge,
    goes_on: bool,
    heading: String,
    size: String,
    uploaded: String,
    progress: String,
    read: Option<(u64, String)>,
    stats: Vec<(&'static str, String, String)>,
    missing: String,
    sample: Vec<[String; 4]>,
    /// Tables of what was counted: the id of the heading, the heading, and what.
    counts: Vec<(&'static str, &'static str, Vec<Counted>)>,
    added: Vec<(String, String)>,
    mapping: Mapping,
    may_tell: bool,
}

/// `GET /sources/import/{import}`
pub(super) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    uri: Uri,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let import = app.backend.import(&id).await?.ok_or(PageError::NotFound)?;
    let shell = Shell::of(&app, &visitor, &uri, Place::Sources, &import.file).await?;
    let mappings = app.backend.import_mappings();
    draw(&page(shell, import, &mappings))
}

fn page(shell: Shell, import: Import, mappings: &[String]) -> ImportPage {
    let (i, show) = (&shell.t.imports, &shell.show);
    let found = import.found.as_ref();
    let result = import.result.as_ref();
    let heading = match import.state {
        ImportState::Checking => i.goes_on_checking.to_owned(),
        ImportState::Taking => i.goes_on_taking.to_owned(),
        ImportState::Unclear if import.missing.is_empty() => i.unclear.to_owned(),
        ImportState::Unclear => i.columns_unclear.to_owned(),
        ImportState::Ready => fill(i.ready, &[("n", &show.count(found.map_or(0, |it| it.facts)))]),
        ImportState::Taken => match result.map_or(0, |it| it.added.iter().map(|it| it.1).sum()) {
            0 => i.taken_none.to_owned(),
            added => fill(i.taken, &[("n", &show.count(added))]),
        },
        ImportState::Stopped => i.stopped.to_owned(),
    };
    let progress = import.progress.unwrap_or_default();
    let read = (progress.phase == ImportPhase::Reading && import.size_bytes > 0).then(|| {
        let percent = (progress.bytes * 100 / import.size_bytes).min(100);
        (percent, fill(i.p_read, &[("n", &percent.to_string())]))
    });
    let progress = match progress.phase {
        ImportPhase::Waiting => i.p_waiting.to_owned(),
        ImportPhase::Reading => fill(i.p_reading, &[("n", &show.count(progress.records))]),
        ImportPhase::Writing => i.p_writing.to_owned(),
        ImportPhase::Judging => i.p_judging.to_owned(),
    };
    let dash = || "–".to_owned();
    let sample = found.map_or(&[][..], |it| &it.sample).iter();
    let counts = [
        ("h-rejects", i.rejects, found.map(|it| &it.rejects)),
        ("h-notices", i.notices, found.map(|it| &it.notices)),
        ("h-left", i.left_out, result.map(|it| &it.left_out)),
    ];
    let counts = counts.into_iter().filter_map(|(id, title, them)| {
        Some((id, title, them.filter(|it| !it.is_empty())?.clone()))
    });
    let counts = counts.collect();
    ImportPage {
        badge: badge(shell.t, import.state),
        goes_on: import.state.goes_on(),
        heading,
        size: size(&shell, import.size_bytes),
        uploaded: show.when(import.uploaded_at),
        progress,
        read,
        stats: stats(&shell, &import),
        missing: fill(i.missing, &[("what", &import.missing.join(", "))]),
        sample: sample
            .map(|it| {
                let what = if it.what.is_empty() { dash() } else { it.what.clone() };
                [
                    show.when(it.time),
                    it.who.clone(),
                    format!("{what} ({})", it.kind),
                    it.more.clone(),
                ]
            })
            .collect(),
        counts,
        added: result.map_or_else(Vec::new, |it| {
            it.added.iter().map(|(kind, count)| (kind.clone(), show.count(*count))).collect()
        }),
        mapping: mapping(shell.t, &import, mappings),
        may_tell: shell.user.role == Role::Admin,
        upload: import,
        shell,
    }
}

fn stats(shell: &Shell, import: &Import) -> Vec<(&'static str, String, String)> {
    let (i, show) = (&shell.t.imports, &shell.show);
    if let Some(it) = &import.result {
        let added: u64 = it.added.iter().map(|it| it.1).sum();
        let notes = [
            if it.told { i.told.to_owned() } else { i.not_told.to_owned() },
            fill(i.there_note, &[("n", &show.count(it.repeated))]),
            fill(i.changed_note, &[("n", &show.count(it.lines))]),
        ];
        let [told, repeated, lines] = notes;
        return vec![
            (i.added, show.count(added), show.when(it.at)),
            (i.there, show.count(it.already_there), repeated),
            (i.changed, show.count(it.subjects), format!("{lines}. {told}")),
        ];
    }
    let Some(it) = &import.found else { return Vec::new() };
    let span = match (it.first, it.last) {
        (Some(first), Some(last)) => {
            fill(i.facts_note, &[("first", &show.date(first)), ("last", &show.date(last))])
        }
        _ => String::new(),
    };
    vec![
        (i.records, show.count(it.records), fill(i.records_note, &[("what", &it.read_as)])),
        (i.facts, show.count(it.facts), span),
        (
            i.refused,
            show.count(it.rejected()),
            fill(i.refused_note, &[("n", &show.count(it.records))]),
        ),
    ]
}

fn mapping(t: &'static Texts, import: &Import, mappings: &[String]) -> Mapping {
    let i = &t.imports;
    let reading = &import.reading;
    let value = |key: &str| {
        let found = reading.mapping.iter().find(|(it, _)| it == key);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    };
    let kind = Some(value("kind")).filter(|it| !it.is_empty());
    let kind = kind.unwrap_or_else(|| "event".to_owned());
    let kinds = [
        ("event", i.k_event),
        ("record", i.k_record),
        ("traits", i.k_traits),
        ("membership", i.k_membership),
        ("number", i.k_number),
        ("link", i.k_link),
    ];
    let of = value("of");
    let choices = [
        ("time", i.c_time),
        ("person", i.c_person),
        ("account", i.c_account),
        ("event", i.c_event),
        ("anonymous", i.c_anonymous),
        ("id", i.c_id),
    ];
    let others = reading.mapping.iter().filter(|(key, _)| !FIELDS.contains(&key.as_str()));
    let others: Vec<String> = others.map(|(key, value)| format!("{key}={value}")).collect();
    let is_guessed = !reading.mapping.is_empty();
    Mapping {
        source: reading.source.clone(),
        columns: import
            .columns
            .iter()
            .map(|it| (it.name.clone(), it.examples.join(", ")))
            .collect(),
        kinds: kinds.into_iter().map(|(word, text)| (word, text, word == kind)).collect(),
        of: [("", i.of_nobody), ("person", i.of_person), ("account", i.of_account)]
            .map(|(word, text)| (word, text, word == of)),
        choices: choices.map(|(key, label)| Field { key, label, value: value(key) }).into(),
        time_format: value("time_format"),
        event_name: value("event_name"),
        named: mappings.iter().map(|it| (it.clone(), reading.named.as_ref() == Some(it))).collect(),
        others: others.join("\n"),
        has_columns: !import.columns.is_empty(),
        note: if is_guessed { i.mapping_guessed } else { i.mapping_known },
    }
}

/// `POST /sources/import/{import}/act`
pub(super) async fn act(
    State(app): State<App>,
    visitor: Visitor,
    cookies: Cookies,
    Path(id): Path<String>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let value =
        |name: &str| pairs.iter().find(|it| it.0 == name).map(|it| it.1.trim()).unwrap_or_default();
    let here = format!("/sources/import/{id}");
    let by = visitor.user.name.as_str();
    let (done, to) = match value("do") {
        "take" => {
            // What opens leads sends messages, and that is not an analyst's.
            let apply = value("apply") == "yes";
            if apply && visitor.user.role != Role::Admin {
                return Err(PageError::Forbidden);
            }
            app.backend.take_import(&id, apply, by).await?.ok_or(PageError::NotFound)?;
            return Ok(Redirect::to(&here).into_response());
        }
        "read" => {
            let reading = reading(&pairs);
            app.backend.read_import(&id, reading, by).await?.ok_or(PageError::NotFound)?;
            ("import_read", here)
        }
        "drop" => {
            let import = app.backend.import(&id).await?.ok_or(PageError::NotFound)?;
            app.backend.drop_import(&id, by).await?.ok_or(PageError::NotFound)?;
            if import.state == ImportState::Taking {
                ("import_stopping", here)
            } else {
                ("import_gone", UPLOAD.to_owned())
            }
        }
        _ => return Err(PageError::Unreadable),
    };
    Ok(told(&cookies, done, &to))
}

/// How a file is to be read, by the form.
fn reading(pairs: &[(String, String)]) -> Reading {
    let value = |name: &str| {
        let found = pairs.iter().find(|it| it.0 == name).map(|it| it.1.trim().to_owned());
        found.filter(|it| !it.is_empty())
    };
    let mut mapping: Vec<(String, String)> =
        FIELDS.iter().filter_map(|key| Some(((*key).to_owned(), value(key)?))).collect();
    // What rows are nearly always says nothing new.
    if mapping.len() == 1 && mapping[0].0 == "kind" {
        mapping.clear();
    }
    if mapping.iter().any(|(key, _)| key == "event") {
        mapping.retain(|(key, _)| key != "event_name");
    }
    let others = value("others").unwrap_or_default();
    let others = others.lines().filter_map(|it| it.split_once('='));
    mapping.extend(others.map(|(key, value)| (key.trim().to_owned(), value.trim().to_owned())));
    Reading {
        source: value("source").unwrap_or_else(|| "import".to_owned()),
        named: value("named"),
        mapping,
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct From {
    from: usize,
}

/// Records of a file that cannot be read.
#[derive(Template)]
#[template(path = "import_rejects.html")]
struct RejectsPage {
    shell: Shell,
    id: String,
    heading: String,
    rows: Vec<ImportReject>,
    next: Option<usize>,
    first: bool,
}

/// `GET /sources/import/{import}/rejects`
pub(super) async fn rejects(
    State(app): State<App>,
    visitor: Visitor,
    uri: Uri,
    Path(id): Path<String>,
    Asked(From { from }): Asked<From>,
) -> Result<Response, PageError> {
    let import = app.backend.import(&id).await?.ok_or(PageError::NotFound)?;
    let found = app.backend.import_rejects(&id, from, REJECTS_ON_A_PAGE + 1).await?;
    let mut rows = found.ok_or(PageError::NotFound)?;
    let next = (rows.len() > REJECTS_ON_A_PAGE).then_some(from + REJECTS_ON_A_PAGE);
    rows.truncate(REJECTS_ON_A_PAGE);
    let heading = fill(visitor.look.texts().imports.rejects_title, &[("file", &import.file)]);
    let shell = Shell::of(&app, &visitor, &uri, Place::Sources, &heading).await?;
    draw(&RejectsPage { shell, id, heading, rows, next, first: from == 0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_says_a_mapping_as_flags_do() {
        let pairs = |list: &[(&str, &str)]| -> Vec<(String, String)> {
            list.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
        };
        let form = pairs(&[
            ("csrf", "x"),
            ("source", " billing "),
            ("kind", "event"),
            ("time", "day"),
            ("event", "what"),
            ("event_name", "Old"),
            ("person", ""),
            ("others", "drop=comment\r\n\r\nzone = Europe/Berlin"),
        ]);
        let reading = reading(&form);
        assert_eq!(reading.source, "billing");
        let told = pairs(&[
            ("kind", "event"),
            ("time", "day"),
            ("event", "what"),
            ("drop", "comment"),
            ("zone", "Europe/Berlin"),
        ]);
        assert_eq!(reading.mapping, told);
        let nothing = super::reading(&pairs(&[("kind", "event"), ("named", "")]));
        assert_eq!(nothing, Reading { source: "import".to_owned(), ..Reading::default() });
    }
}
