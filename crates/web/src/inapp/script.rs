//! `GET /firsthand.js`: the script that shows messages inside the product, as it is checked in.

use std::io::Write;
use std::sync::LazyLock;

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;

const SCRIPT: &str = include_str!("../../assets/firsthand.js");
/// An hour without asking, and a day during which the old one does while the new one is fetched.
const CACHED: &str = "public, max-age=3600, stale-while-revalidate=86400";

/// Names this version of the script, packed or not.
static TAG: LazyLock<HeaderValue> = LazyLock::new(|| {
    let hash = blake3::hash(SCRIPT.as_bytes()).to_hex();
    HeaderValue::try_from(format!("W/\"{}\"", &hash[..20])).expect("digits are a header")
});

/// The script, a third as large.
static PACKED: LazyLock<Bytes> = LazyLock::new(|| {
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    packed.write_all(SCRIPT.as_bytes()).expect("memory takes it");
    packed.finish().expect("memory takes it").into()
});

pub(super) async fn script(headers: HeaderMap) -> Response {
    let packed = lists(&headers, &header::ACCEPT_ENCODING, "gzip");
    let tag = TAG.to_str().unwrap_or_default();
    let known = lists(&headers, &header::IF_NONE_MATCH, tag.trim_start_matches("W/"));
    let mut response = match (known, packed) {
        (true, _) => StatusCode::NOT_MODIFIED.into_response(),
        (false, true) => PACKED.clone().into_response(),
        (false, false) => SCRIPT.into_response(),
    };
    let to = response.headers_mut();
    if packed && !known {
        to.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    to.insert(header::ETAG, TAG.clone());
    for (name, value) in [
        (header::CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (header::CACHE_CONTROL, CACHED),
        (header::VARY, "Accept-Encoding"),
        // Every page may load it, also one that asks with `crossorigin` or isolates itself.
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (HeaderName::from_static("cross-origin-resource-policy"), "cross-origin"),
    ] {
        to.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Whether a header with commas lists a word; not if it says that its weight is nothing.
fn lists(headers: &HeaderMap, name: &HeaderName, word: &str) -> bool {
    let values = headers.get_all(name).iter().filter_map(|it| it.to_str().ok());
    let mut words = values.flat_map(|it| it.split(','));
    words.any(|it| {
        let (it, weight) = it.split_once(';').unwrap_or((it, ""));
        let weight = weight.trim();
        it.trim().trim_start_matches("W/") == word && weight != "q=0" && weight != "q=0.0"
    })
}
