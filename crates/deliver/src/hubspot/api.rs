//! Calls of the API: paths by version, waits that it asks for, and what its errors mean.

use std::time::Duration;

use firsthand_model::Time;
use reqwest::{Method, Url};
use serde_json::Value;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::HubSpotSettings;
use crate::http::{Answer, Call, CallError, Http, Network, Reach};
use crate::{Outcome, SetupError, mask};

/// Least time between two searches: there may be five a second, of all apps together.
const SEARCH_SPACING: Duration = Duration::from_millis(300);
/// The window of the limit that is met by calls in quick succession.
const ROLLING: Duration = Duration::from_secs(10);
/// How long is waited once the calls of a day are used up.
const DAILY: Duration = Duration::from_hours(1);
/// Words of the API for its kinds of objects.
pub(super) const COMPANIES: &str = "companies";
pub(super) const CONTACTS: &str = "contacts";
pub(super) const DEALS: &str = "deals";
pub(super) const TASKS: &str = "tasks";

/// The way to one portal.
pub(super) struct Api {
    http: Http,
    base_url: Url,
    version: String,
    token: String,
    /// Before these, nothing is called, and nothing is searched for.
    gate: Mutex<(Option<Instant>, Option<Instant>)>,
}

/// Why a call came to nothing.
#[derive(Debug, thiserror::Error)]
pub(super) enum ApiError {
    /// Nobody answered.
    #[error("HubSpot cannot be reached: {0}")]
    Unreached(String),
    /// It had too much.
    #[error("HubSpot asks to go slower")]
    Slower(Duration),
    /// It is broken, or does not let us in.
    #[error("HubSpot answered {status}: {message}")]
    Broken {
        /// The status.
        status: u16,
        /// Its message, masked.
        message: String,
    },
    /// It refused what was asked.
    #[error("HubSpot refused it with {status}: {message}")]
    Refused {
        /// The status.
        status: u16,
        /// Its message, masked.
        message: String,
    },
    /// It cannot even be asked.
    #[error("{0}")]
    Impossible(&'static str),
}

impl ApiError {
    /// What it means for a message.
    pub fn outcome(&self) -> Outcome {
        let reason = self.to_string();
        match self {
            Self::Unreached(_) | Self::Broken { .. } => Outcome::broken(reason, None),
            Self::Slower(after) => Outcome::broken(reason, Some(*after)),
            Self::Refused { .. } | Self::Impossible(_) => Outcome::Dead(reason),
        }
    }
}

impl From<CallError> for ApiError {
    fn from(error: CallError) -> Self {
        Self::Unreached(error.to_string())
    }
}

pub(super) type Result<T, E = ApiError> = std::result::Result<T, E>;

impl Api {
    pub fn new(settings: &HubSpotSettings, network: &Network) -> Result<Self, SetupError> {
        let http = network.to(Reach::Anywhere);
        let base_url = http.url(&format!("{}/", settings.base_url.trim_end_matches('/')))?;
        let (version, token) = (settings.version.clone(), settings.token.clone());
        Ok(Self { http, base_url, version, token, gate: Mutex::default() })
    }

    /// A path of an area of the API: `crm/v3/objects/…`, or `crm/objects/2026-03/…`.
    fn path(&self, area: &str, rest: &str) -> String {
        let version = &self.version;
        if version.starts_with('v') {
            // Associations are a version ahead of all else.
            let version = if area == "associations" { "v4" } else { version };
            return format!("crm/{version}/{area}/{rest}");
        }
        format!("crm/{area}/{version}/{rest}")
    }

    /// Reads from an area, with a query.
    pub async fn get(&self, area: &str, rest: &str, query: &[(&str, &str)]) -> Result<Value> {
        let mut url = self.url(area, rest)?;
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        self.call(Call::get(url), false).await
    }

    /// Posts to an area.
    pub async fn post(&self, area: &str, rest: &str, body: &Value) -> Result<Value> {
        let url = self.url(area, rest)?;
        let is_search = rest.ends_with("/search");
        self.call(Call::json(Method::POST, url, body.to_string().into_bytes()), is_search).await
    }

    fn url(&self, area: &str, rest: &str) -> Result<Url> {
        let path = self.path(area, rest);
        self.base_url.join(&path).map_err(|_| ApiError::Impossible("an id that is no path"))
    }

    async fn call(&self, call: Call, is_search: bool) -> Result<Value> {
        self.wait(is_search).await;
        let answer = self.http.call(call.bearer(&self.token)).await?;
        self.mind(&answer).await;
        if answer.status.is_success() {
            return Ok(answer.json());
        }
        let told = answer.json();
        let status = answer.status.as_u16();
        let message =
            told["message"].as_str().map_or_else(|| mask::text(&answer.text()), mask::text);
        Err(match status {
            429 => {
                let pause = pause(&answer, &told);
                // The next call waits where that is soon over.
                if pause <= ROLLING {
                    self.gate.lock().await.0 = Some(Instant::now() + pause);
                }
                ApiError::Slower(pause)
            }
            401 | 403 | 408 | 423 | 500.. => ApiError::Broken { status, message },
            _ => ApiError::Refused { status, message },
        })
    }

    /// Waits until calls may be made.
    async fn wait(&self, is_search: bool) {
        let mut gate = self.gate.lock().await;
        if let Some(until) = gate.0.take() {
            tokio::time::sleep_until(until).await;
        }
        if is_search {
            if let Some(until) = gate.1 {
                tokio::time::sleep_until(until).await;
            }
            gate.1 = Some(Instant::now() + SEARCH_SPACING);
        }
    }

    /// Keeps away until the window is over, where an answer says that nothing is left of it.
    async fn mind(&self, answer: &Answer) {
        let header =
            |name: &str| answer.headers.get(name)?.to_str().ok()?.trim().parse::<u64>().ok();
        if header("x-hubspot-ratelimit-remaining") == Some(0) {
            let window = header("x-hubspot-ratelimit-interval-milliseconds");
            let window = window.map_or(ROLLING, Duration::from_millis).min(ROLLING);
            self.gate.lock().await.0 = Some(Instant::now() + window);
        }
    }
}

/// How long to stay away after too many calls.
fn pause(answer: &Answer, told: &Value) -> Duration {
    let by_policy = match told["policyName"].as_str() {
        Some("DAILY") => DAILY,
        Some("SECONDLY") => Duration::from_secs(1),
        _ => ROLLING,
    };
    // A wait is told in seconds here; the time matters only for dates.
    answer.retry_after(Time(0)).unwrap_or(by_policy)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hubspot::Overwrite;
    use std::collections::BTreeMap;

    #[test]
    fn paths_have_the_version_where_it_belongs() {
        let network = Network::new().unwrap();
        let api = |version: &str| {
            let settings = HubSpotSettings {
                token: "t".to_owned(),
                base_url: "http://127.0.0.1:1/base".to_owned(),
                version: version.to_owned(),
                overwrite: Overwrite::Ours,
                properties: BTreeMap::new(),
                contact_properties: BTreeMap::new(),
            };
            Api::new(&settings, &network).unwrap()
        };
        let url = |api: &Api, area, rest| api.url(area, rest).unwrap().path().to_owned();
        let v3 = api("v3");
        assert_eq!(url(&v3, "objects", "companies"), "/base/crm/v3/objects/companies");
        assert_eq!(url(&v3, "associations", "x"), "/base/crm/v4/associations/x");
        let dated = api("2026-03");
        assert_eq!(url(&dated, "objects", "companies"), "/base/crm/objects/2026-03/companies");
    }
}
