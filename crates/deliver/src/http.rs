//! Calls over HTTP: bounded, without redirects, and for strangers' addresses only into the public
//! internet.

use std::error::Error;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use firsthand_model::Time;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use reqwest::{Client, Method, StatusCode, Url};

use crate::SetupError;
use crate::guard::{PublicOnly, is_public};

/// How long a connection may take to come about.
const CONNECT_MAX: Duration = Duration::from_secs(10);
/// How long a call may take from beginning to end.
const CALL_MAX: Duration = Duration::from_secs(20);
/// Most of an answer that is read, in bytes.
const ANSWER_BYTES_MAX: usize = 1 << 20;
/// Idle connections that are kept to one host.
const IDLE_PER_HOST: usize = 4;

/// Where calls may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Only into the public internet, and only over TLS.
    Public,
    /// Anywhere, as whoever runs the server has said.
    Anywhere,
}

/// Makes calls, anywhere or only into the public internet. All channels share it: one set of
/// certificates, and connections that are kept. It belongs to the runtime that first calls by it.
#[derive(Clone, Debug)]
pub struct Network {
    public: Http,
    anywhere: Http,
}

impl Network {
    /// Sets calls up.
    ///
    /// # Errors
    /// [`SetupError::Tls`] where the system has no certificates.
    pub fn new() -> Result<Self, SetupError> {
        Ok(Self { public: Http::new(Reach::Public)?, anywhere: Http::new(Reach::Anywhere)? })
    }

    /// What makes calls that may go so far.
    pub(crate) fn to(&self, reach: Reach) -> Http {
        match reach {
            Reach::Public => self.public.clone(),
            Reach::Anywhere => self.anywhere.clone(),
        }
    }
}

/// Makes calls.
#[derive(Clone, Debug)]
pub(crate) struct Http {
    client: Client,
    reach: Reach,
}

/// A call that is to be made.
#[derive(Debug)]
pub(crate) struct Call {
    pub method: Method,
    pub url: Url,
    pub headers: HeaderMap,
    pub body: Option<Bytes>,
}

impl Call {
    /// A call without a body.
    pub fn get(url: Url) -> Self {
        Self { method: Method::GET, url, headers: HeaderMap::new(), body: None }
    }

    /// A call with a JSON body.
    pub fn json(method: Method, url: Url, body: Vec<u8>) -> Self {
        let mut headers = HeaderMap::new();
        let json = HeaderValue::from_static("application/json; charset=utf-8");
        headers.insert(CONTENT_TYPE, json);
        Self { method, url, headers, body: Some(body.into()) }
    }

    /// Adds a header. Its value is never shown.
    pub fn header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(mut value) = HeaderValue::from_str(value) {
            value.set_sensitive(true);
            self.headers.insert(name, value);
        }
        self
    }

    /// Adds the token that it is allowed by.
    pub fn bearer(self, token: &str) -> Self {
        self.header(reqwest::header::AUTHORIZATION, &format!("Bearer {token}"))
    }
}

/// What was answered.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    /// As much of the body as is read.
    pub body: Bytes,
}

impl Answer {
    /// For how long not to come again, if the answer says so: seconds or a date.
    pub fn retry_after(&self, now: Time) -> Option<Duration> {
        let value = self.headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
        if let Ok(seconds) = value.parse::<u64>() {
            return Some(Duration::from_secs(seconds));
        }
        let date = jiff::fmt::rfc2822::parse(value).ok()?.timestamp().as_microsecond();
        Some(Duration::from_micros(u64::try_from(date - now.micros()).unwrap_or(0)))
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON, `null` where it is none.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

/// Why there was no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CallError {
    /// The address may not be called.
    #[error("the address leads into a private network")]
    Private,
    /// Nobody answered in time.
    #[error("no answer within {} seconds", CALL_MAX.as_secs())]
    Late,
    /// No connection came about, or it broke.
    #[error("{0}")]
    Broken(String),
}

impl Http {
    fn new(reach: Reach) -> Result<Self, SetupError> {
        // Set once for the process; whoever was first has chosen the same.
        rustls::crypto::ring::default_provider().install_default().ok();
        let builder = Client::builder()
            .user_agent(concat!("Firsthand/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .no_proxy()
            .http1_only()
            .connect_timeout(CONNECT_MAX)
            .timeout(CALL_MAX)
            .pool_max_idle_per_host(IDLE_PER_HOST);
        let builder = match reach {
            Reach::Public => builder.dns_resolver(PublicOnly).https_only(true),
            Reach::Anywhere => builder,
        };
        let client = builder.build().map_err(|it| SetupError::Tls(it.into()))?;
        Ok(Self { client, reach })
    }

    /// Reads an address that is to be called.
    pub(crate) fn url(&self, url: &str) -> Result<Url, SetupError> {
        let bad = |why| {
            let url = url.split('?').next().unwrap_or_default().to_owned();
            SetupError::BadUrl { url, why }
        };
        let parsed = Url::parse(url).map_err(|_| bad("it is not written like one"))?;
        match (parsed.scheme(), self.reach) {
            ("https", _) | ("http", Reach::Anywhere) => {}
            ("http", Reach::Public) => return Err(bad("it is not over TLS")),
            _ => return Err(bad("it is neither `https` nor `http`")),
        }
        if parsed.host_str().is_none_or(str::is_empty) {
            return Err(bad("it names no host"));
        }
        if !self.may_reach(&parsed) {
            return Err(bad("it leads into a private network"));
        }
        Ok(parsed)
    }

    /// Whether the address of a host, where it is written out, may be called. Names are checked
    /// when they are resolved.
    fn may_reach(&self, url: &Url) -> bool {
        let host = url.host_str().unwrap_or_default();
        let literal = host.trim_start_matches('[').trim_end_matches(']').parse().ok();
        self.reach == Reach::Anywhere || literal.is_none_or(is_public)
    }

    /// Makes a call.
    pub(crate) async fn call(&self, call: Call) -> Result<Answer, CallError> {
        if !self.may_reach(&call.url) {
            return Err(CallError::Private);
        }
        let mut request = self.client.request(call.method, call.url).headers(call.headers);
        if let Some(body) = call.body {
            request = request.body(body);
        }
        let mut response = request.send().await.map_err(|it| broken(&it))?;
        let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
        let mut body = BytesMut::new();
        while body.len() < ANSWER_BYTES_MAX
            && let Some(chunk) = response.chunk().await.map_err(|it| broken(&it))?
        {
            body.extend_from_slice(&chunk[..chunk.len().min(ANSWER_BYTES_MAX - body.len())]);
        }
        Ok(Answer { status, headers, body: body.freeze() })
    }
}

/// Says what broke in the words of its deepest cause: those above name the address, which may be a
/// secret.
fn broken(error: &reqwest::Error) -> CallError {
    if error.is_timeout() {
        return CallError::Late;
    }
    let mut cause: &dyn Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    if cause.is::<crate::guard::PrivateAddress>() {
        return CallError::Private;
    }
    CallError::Broken(match error.source() {
        Some(_) => cause.to_string(),
        None => "the call failed".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(retry_after: &str) -> Answer {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, retry_after.parse().unwrap());
        Answer { status: StatusCode::TOO_MANY_REQUESTS, headers, body: Bytes::new() }
    }

    #[test]
    fn a_wait_is_told_in_seconds_or_as_a_date() {
        let now = Time(1_772_928_000_000_000); // 2026-03-08T00:00:00Z
        let after = |value| answer(value).retry_after(now);
        assert_eq!(after("120"), Some(Duration::from_mins(2)));
        assert_eq!(after("Sun, 08 Mar 2026 00:01:30 GMT"), Some(Duration::from_secs(90)));
        assert_eq!(after("Sat, 07 Mar 2026 00:00:00 GMT"), Some(Duration::ZERO));
        assert_eq!(after("soon"), None);
    }

    #[test]
    fn only_public_addresses_over_tls_are_taken_from_strangers() {
        let http = Http::new(Reach::Public).unwrap();
        assert!(http.url("https://hooks.example.com/x?secret=1").is_ok());
        for url in [
            "http://hooks.example.com/x",
            "https://127.0.0.1/x",
            "https://[::1]:8443/",
            "https://0x7f.1/",
            "https://2130706433/",
            "ftp://example.com/",
            "example.com",
            "https://",
        ] {
            assert!(http.url(url).is_err(), "{url}");
        }
        let error = http.url("http://x.example.com/?token=1").unwrap_err();
        assert!(!error.to_string().contains("token"), "{error}");
        assert!(Http::new(Reach::Anywhere).unwrap().url("http://127.0.0.1:1/").is_ok());
    }

    #[tokio::test]
    async fn a_name_that_leads_home_is_refused_when_it_is_called() {
        let http = Http::new(Reach::Public).unwrap();
        let url = http.url("https://localhost:1/").unwrap();
        let failed = http.call(Call::get(url)).await.unwrap_err();
        assert!(matches!(failed, CallError::Private), "{failed}");
    }
}
