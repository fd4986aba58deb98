//! `GET /metrics`: what Prometheus scrapes.

use std::borrow::Cow;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::exposition;
use crate::api::Reads;
use crate::app::App;
use crate::backend::{Family, FamilyKind, Sample, SampleValue};
use crate::extract::{May, scope};
use crate::noun::{Readiness, ServerStatus, Source};
use crate::problem::Problem;

/// Tells all metrics in the text format of Prometheus (0.0.4).
///
/// Needs a token with `status:read`, unless the server was told otherwise.
#[utoipa::path(
    get, path = "/metrics", operation_id = "metrics", tag = "operation",
    security((), ("token" = ["status:read"])),
    responses((status = 200, description = "The metrics.", body = String,
        content_type = "text/plain"), Reads),
)]
pub(super) async fn metrics(State(app): State<App>, request: Request) -> Result<Response, Problem> {
    if !app.settings.open_metrics {
        let (mut parts, _) = request.into_parts();
        May::<scope::StatusRead>::from_request_parts(&mut parts, &app).await?;
    }
    let mut families = app.meters.families();
    families.extend(of_readiness(&app.backend.readiness()));
    // A backend that cannot tell how it is must not hide what the rest measures.
    if let Ok(status) = app.backend.status().await {
        families.extend(of_status(&status));
    }
    if let Ok(sources) = app.backend.sources().await {
        families.push(freshness(&sources));
    }
    families.extend(app.backend.measures());
    let text = exposition::write(&families);
    Ok(([(header::CONTENT_TYPE, exposition::CONTENT_TYPE)], text).into_response())
}

fn of_readiness(readiness: &Readiness) -> [Family; 3] {
    let ready = if readiness.ready { 1.0 } else { 0.0 };
    [
        gauge("firsthand_ready", "1 if the server decides.", ready),
        gauge(
            "firsthand_rebuild_done_facts",
            "Facts read again since the start.",
            readiness.done as f64,
        ),
        gauge(
            "firsthand_rebuild_total_facts",
            "Facts to be read again since the start; 0 while that is not known.",
            readiness.total.unwrap_or_default() as f64,
        ),
    ]
}

fn of_status(status: &ServerStatus) -> Vec<Family> {
    let of_queues = |name, help, value: fn(&crate::noun::Queue) -> u64| Family {
        name,
        help,
        kind: FamilyKind::Gauge,
        samples: status
            .queues
            .iter()
            .map(|it| sample("queue", &it.name, value(it) as f64))
            .collect(),
    };
    vec![
        Family {
            name: "firsthand_build_info",
            help: "1; the label tells the program's version.",
            kind: FamilyKind::Gauge,
            samples: vec![sample("version", &status.version, 1.0)],
        },
        gauge(
            "firsthand_lag_seconds",
            "How long the oldest undecided fact has been waiting.",
            status.lag_ms as f64 / 1_000.0,
        ),
        gauge("firsthand_log_offset", "The newest durable fact.", status.log_offset as f64),
        gauge(
            "firsthand_applied_offset",
            "The fact up to which all is decided.",
            status.applied_offset as f64,
        ),
        of_queues("firsthand_queue_depth", "How many wait in a queue.", |it| it.depth),
        of_queues("firsthand_queue_limit", "How many may wait in a queue.", |it| it.limit),
    ]
}

fn freshness(sources: &[Source]) -> Family {
    let heard = sources.iter().filter_map(|it| {
        let at = it.last_received_at?.0.micros();
        Some(sample("source", &it.name, at as f64 / 1e6))
    });
    Family {
        name: "firsthand_source_last_received_timestamp_seconds",
        help: "When a source was last heard of, since 1970.",
        kind: FamilyKind::Gauge,
        samples: heard.collect(),
    }
}

fn gauge(name: &'static str, help: &'static str, value: f64) -> Family {
    let sample = Sample { labels: Vec::new(), value: SampleValue::Number(value) };
    Family { name, help, kind: FamilyKind::Gauge, samples: vec![sample] }
}

fn sample(label: &'static str, name: &str, value: f64) -> Sample {
    Sample { labels: vec![(label, Cow::Owned(name.to_owned()))], value: SampleValue::Number(value) }
}
