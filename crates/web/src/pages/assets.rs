//! The stylesheet, the script and the mark: their names tell their content, so that browsers keep them.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

/// The icons, as symbols that pages use by name. Part of each page: an icon is there when its button is.
pub(crate) const SPRITE: &str = include_str!("../../assets/sprite.svg");
/// The drawing beside the forms of signing in.
pub(crate) const ART: &str = include_str!("../../assets/art.svg");

/// For as long as a browser likes: another content has another name.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

struct Asset {
    name: String,
    kind: &'static str,
    body: &'static str,
}

static ASSETS: LazyLock<[Asset; 4]> = LazyLock::new(|| {
    let asset = |stem, ending, kind, body: &'static str| {
        let hash = blake3::hash(body.as_bytes()).to_hex();
        Asset { name: format!("{stem}-{}.{ending}", &hash[..12]), kind, body }
    };
    [
        asset("pages", "css", "text/css; charset=utf-8", include_str!("../../assets/pages.css")),
        asset(
            "pages",
            "js",
            "text/javascript; charset=utf-8",
            include_str!("../../assets/pages.js"),
        ),
        asset("mark", "svg", "image/svg+xml", include_str!("../../assets/mark.svg")),
        asset(
            "editor",
            "js",
            "text/javascript; charset=utf-8",
            include_str!("../../assets/editor.js"),
        ),
    ]
});

/// The stylesheet's address.
pub(crate) fn css() -> String {
    format!("/assets/{}", ASSETS[0].name)
}

/// The script's address.
pub(crate) fn js() -> String {
    format!("/assets/{}", ASSETS[1].name)
}

/// The mark's address.
pub(crate) fn mark() -> String {
    format!("/assets/{}", ASSETS[2].name)
}

/// The address of the editor's own script.
pub(crate) fn editor() -> String {
    format!("/assets/{}", ASSETS[3].name)
}

/// `GET /assets/{file}`
pub(crate) async fn serve(Path(file): Path<String>) -> Response {
    let Some(asset) = ASSETS.iter().find(|it| it.name == file) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(asset.kind)),
        (header::CACHE_CONTROL, HeaderValue::from_static(FOR_EVER)),
    ];
    (headers, asset.body).into_response()
}
