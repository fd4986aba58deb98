//! Cookies: what the browser holds for us.

use axum::http::{HeaderMap, HeaderValue, header};

/// The session's token.
pub(crate) const SESSION: &str = "session";
/// From which the forms of those who are not signed in get their secret.
pub(crate) const FORM: &str = "form";
/// What belongs to a sign-in that goes on elsewhere.
pub(crate) const ELSEWHERE: &str = "oidc";
/// What was just done, told once.
pub(crate) const DONE: &str = "done";
/// Light or dark.
pub(crate) const THEME: &str = "theme";
/// The language.
pub(crate) const LANGUAGE: &str = "language";

/// The longest value that is taken.
const VALUE_CHARS_MAX: usize = 200;

/// The cookies of a request.
///
/// Over TLS their names begin with `__Host-`, so that no neighbouring host can set them. On the
/// loopback, where there is no TLS and no neighbour, they are plain.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cookies {
    plain: bool,
    found: Vec<(String, String)>,
}

impl Cookies {
    pub fn of(headers: &HeaderMap) -> Self {
        let plain = on_loopback(headers);
        let prefix = prefix(plain);
        let given = headers.get_all(header::COOKIE).iter().filter_map(|it| it.to_str().ok());
        let pairs = given.flat_map(|it| it.split(';')).filter_map(|it| it.trim().split_once('='));
        let found = pairs
            .filter_map(|(name, value)| Some((name.strip_prefix(prefix)?, value)))
            .filter(|(_, value)| (1..=VALUE_CHARS_MAX).contains(&value.len()))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        Self { plain, found }
    }

    /// The value of a cookie.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.found.iter().find(|(it, _)| it == name).map(|(_, value)| value.as_str())
    }

    /// Tells the browser to keep a cookie for so many seconds; until it is closed if `None`.
    pub fn keep(&self, name: &str, value: &str, seconds: Option<i64>) -> HeaderValue {
        let prefix = prefix(self.plain);
        let mut cookie = format!("{prefix}{name}={value}; Path=/; HttpOnly; SameSite=Lax");
        if !self.plain {
            cookie.push_str("; Secure");
        }
        if let Some(seconds) = seconds {
            cookie.extend(["; Max-Age=", &seconds.max(0).to_string()]);
        }
        HeaderValue::try_from(cookie).unwrap_or_else(|_| HeaderValue::from_static(""))
    }

    /// Tells the browser to forget a cookie.
    pub fn forget(&self, name: &str) -> HeaderValue {
        self.keep(name, "", Some(0))
    }
}

const fn prefix(plain: bool) -> &'static str {
    if plain { "firsthand-" } else { "__Host-firsthand-" }
}

/// Whether the browser talks to its own machine. A proxy that does TLS names another host.
fn on_loopback(headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|it| it.to_str().ok()).unwrap_or_default();
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    name == "localhost" || name.parse::<std::net::IpAddr>().is_ok_and(|it| it.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(host: &str, cookie: &str) -> Cookies {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, host.parse().unwrap());
        headers.insert(header::COOKIE, cookie.parse().unwrap());
        Cookies::of(&headers)
    }

    #[test]
    fn away_from_the_loopback_cookies_are_secure_and_the_hosts_own() {
        let there = of("pql.example.com", "firsthand-session=a; __Host-firsthand-session=b");
        assert_eq!(there.get(SESSION), Some("b"));
        let kept = there.keep(SESSION, "c", Some(60));
        assert_eq!(
            kept,
            "__Host-firsthand-session=c; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=60"
        );
    }

    #[test]
    fn only_the_loopback_goes_without_tls() {
        for host in ["localhost:8787", "127.0.0.1:8787", "127.0.0.1", "[::1]:8787"] {
            assert_eq!(of(host, "firsthand-session=a").get(SESSION), Some("a"), "{host}");
        }
        for host in ["10.0.0.1", "localhost.example.com", "127.0.0.1.example.com", "[fe80::1]:80"] {
            assert_eq!(of(host, "firsthand-session=a").get(SESSION), None, "{host}");
        }
    }
}
