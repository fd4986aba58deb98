//! What the HTTP face itself counts.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::http::{Method, StatusCode};

use crate::backend::{Family, FamilyKind, Histogram, Sample, SampleValue};

/// Upper bounds of latency in seconds.
const LATENCY_BOUNDS: [f64; 12] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

/// What the HTTP face counts. Labels are methods, templates of routes, statuses and the names of
/// configured sources: few, and about nobody.
#[derive(Default)]
pub(crate) struct Meters {
    requests: Mutex<BTreeMap<(&'static str, String, u16), Histogram>>,
    calls: Mutex<BTreeMap<(String, &'static str), u64>>,
    items: Mutex<BTreeMap<(String, &'static str), u64>>,
    bytes: Mutex<BTreeMap<String, u64>>,
    connections: AtomicI64,
}

impl Meters {
    pub fn request(&self, method: &Method, route: &str, status: StatusCode, took: Duration) {
        let key = (word(method), route.to_owned(), status.as_u16());
        let mut requests = lock(&self.requests);
        let histogram = requests.entry(key).or_insert_with(|| Histogram::new(&LATENCY_BOUNDS));
        histogram.observe(took.as_secs_f64());
    }

    /// Counts a tracking call by what came of it.
    pub fn call(&self, source: &str, outcome: &'static str) {
        *lock(&self.calls).entry((source.to_owned(), outcome)).or_default() += 1;
    }

    /// Counts the items of a tracking call by what came of them.
    pub fn items(&self, source: &str, outcome: &'static str, count: usize) {
        *lock(&self.items).entry((source.to_owned(), outcome)).or_default() += count as u64;
    }

    /// Counts the bytes of a tracking call, as sent.
    pub fn bytes(&self, source: &str, count: usize) {
        *lock(&self.bytes).entry(source.to_owned()).or_default() += count as u64;
    }

    pub fn connected(&self) {
        self.connections.fetch_add(1, Ordering::Relaxed);
    }

    pub fn disconnected(&self) {
        self.connections.fetch_sub(1, Ordering::Relaxed);
    }

    /// All of it.
    pub fn families(&self) -> Vec<Family> {
        let requests = lock(&self.requests);
        let requests = requests.iter().map(|((method, route, status), histogram)| Sample {
            labels: vec![
                ("method", Cow::Borrowed(*method)),
                ("route", Cow::Owned(route.clone())),
                ("status", Cow::Owned(status.to_string())),
            ],
            value: SampleValue::Histogram(histogram.clone()),
        });
        let by_outcome = |counts: &BTreeMap<(String, &'static str), u64>| {
            let sample = |((source, outcome), count): (&(String, &'static str), &u64)| Sample {
                labels: vec![("source", source.clone().into()), ("outcome", (*outcome).into())],
                value: SampleValue::Number(*count as f64),
            };
            counts.iter().map(sample).collect()
        };
        let bytes = lock(&self.bytes);
        let bytes = bytes.iter().map(|(source, count)| Sample {
            labels: vec![("source", source.clone().into())],
            value: SampleValue::Number(*count as f64),
        });
        let connections = self.connections.load(Ordering::Relaxed);
        vec![
            Family {
                name: "firsthand_http_request_seconds",
                help: "How long requests took to the head of the answer, by template of the route.",
                kind: FamilyKind::Histogram,
                samples: requests.collect(),
            },
            Family {
                name: "firsthand_http_connections",
                help: "Open connections.",
                kind: FamilyKind::Gauge,
                samples: vec![Sample {
                    labels: Vec::new(),
                    value: SampleValue::Number(connections as f64),
                }],
            },
            Family {
                name: "firsthand_ingest_calls_total",
                help: "Tracking calls by source and outcome.",
                kind: FamilyKind::Counter,
                samples: by_outcome(&lock(&self.calls)),
            },
            Family {
                name: "firsthand_ingest_items_total",
                help: "Facts taken in and items rejected, by source.",
                kind: FamilyKind::Counter,
                samples: by_outcome(&lock(&self.items)),
            },
            Family {
                name: "firsthand_ingest_bytes_total",
                help: "Bytes of tracking calls as sent, by source.",
                kind: FamilyKind::Counter,
                samples: bytes.collect(),
            },
        ]
    }
}

/// The method as a label: strangers may send any word.
pub(crate) fn word(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "POST" => "POST",
        "HEAD" => "HEAD",
        "OPTIONS" => "OPTIONS",
        "DELETE" => "DELETE",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        _ => "other",
    }
}

/// A panic while counting leaves at worst one count too few.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
