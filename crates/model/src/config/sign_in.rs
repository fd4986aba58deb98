//! Signing in to the pages: by passwords, and by another system (OpenID Connect).

use std::collections::BTreeMap;

use super::keys::{Key, Section, Takes};
use super::read::Fields;
use super::secret::Secret;
use super::value::{Plain, pick};
use crate::Text;
use crate::diagnostic::codes;

/// How people come in.
#[derive(Clone, Debug)]
pub struct SignInRules {
    /// Whether passwords are taken.
    pub passwords: bool,
    /// The system that says who somebody is.
    pub oidc: Option<OidcRules>,
}

impl Default for SignInRules {
    fn default() -> Self {
        Self { passwords: true, oidc: None }
    }
}

/// A system that says who somebody is, by OpenID Connect.
#[derive(Clone, Debug)]
pub struct OidcRules {
    /// What people call it, on the button.
    pub title: Option<Text>,
    /// Its address; what it says of itself lies below it.
    pub issuer: Text,
    /// As what we are known there.
    pub client_id: Text,
    /// By which we are known there; none for a public client.
    pub client_secret: Option<Secret>,
    /// What is asked for beside `openid`, `email` and `profile`.
    pub scopes: Vec<Text>,
    /// Domains of addresses that may come in; any if empty.
    pub domains: Vec<Text>,
    /// The role of who comes for the first time. Without it only those come in whom an admin has
    /// added.
    pub default_role: Option<UserRole>,
    /// The claim that lists groups.
    pub group_claim: Text,
    /// Roles by group; the highest counts, at each sign-in.
    pub roles: BTreeMap<Text, UserRole>,
    /// Whether who has a password here is taken for who has the same verified address there.
    pub link_by_email: bool,
}

/// What somebody may do on the pages, from the least to the most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum UserRole {
    /// Works on leads.
    Rep,
    /// Looks at everything, and writes definitions.
    Analyst,
    /// Everything.
    Admin,
}

impl UserRole {
    /// The word in files.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Rep => "rep",
            Self::Analyst => "analyst",
            Self::Admin => "admin",
        }
    }
}

impl Plain for UserRole {
    fn read(text: &str) -> Option<Self> {
        pick(text, &[("admin", Self::Admin), ("analyst", Self::Analyst), ("rep", Self::Rep)])
    }
}

const ROLES: &[(&str, &str)] = &[
    ("admin", "everything, people and keys included"),
    ("analyst", "looks at everything, and writes definitions"),
    ("rep", "works on leads"),
];

pub(super) static SIGN_IN: Section = Section {
    name: "the sign-in",
    doc: "How people come in to the pages.",
    keys: &[
        Key::or(
            "passwords",
            Takes::Bool,
            "true",
            "Whether passwords are taken; without them a link of `firsthand user link` still lets \
             somebody in, once.",
        ),
        Key::optional(
            "oidc",
            Takes::Section(&OIDC),
            "The system that says who somebody is, by OpenID Connect. It needs `url`: people are sent \
             back to `/sign-in/oidc/back` there.",
        ),
    ],
};

static OIDC: Section = Section {
    name: "the OpenID provider",
    doc: "A system that says who somebody is, by OpenID Connect.",
    keys: &[
        Key::optional("title", Takes::Text, "What people call it, on the button."),
        Key::required(
            "issuer",
            Takes::Text,
            "Its address, such as `https://login.acme.example`; over TLS, but on this machine.",
        ),
        Key::required("client_id", Takes::Text, "As what the server is known there."),
        Key::optional(
            "client_secret",
            Takes::Secret,
            "By what it is known there; left out for a public client.",
        ),
        Key::optional(
            "scopes",
            Takes::List(&Takes::Text),
            "What is asked for beside `openid`, `email` and `profile`, such as `groups`.",
        ),
        Key::optional(
            "domains",
            Takes::OneOrMany(&Takes::Domain),
            "Domains of verified addresses that may come in; any if left out.",
        ),
        Key::optional(
            "default_role",
            Takes::Choice(ROLES),
            "The role of who comes for the first time; left out, only those come in whom an admin has \
             added.",
        ),
        Key::or("group_claim", Takes::Text, "groups", "The claim that lists somebody's groups."),
        Key::optional(
            "roles",
            Takes::Map("groups", &Takes::Choice(ROLES)),
            "Roles by group; the highest counts, at each sign-in. Who is in none has the \
             `default_role`, or does not come in.",
        ),
        Key::or(
            "link_by_email",
            Takes::Bool,
            "false",
            "Whether who has a password here is taken for who has the same verified address there. \
             Say so only if the provider gives nobody another's address.",
        ),
    ],
};

pub(super) fn read(fields: &Fields<'_>) -> SignInRules {
    SignInRules {
        passwords: fields.value("passwords").unwrap_or(true),
        oidc: fields.fields("oidc").and_then(|it| read_oidc(&it)),
    }
}

fn read_oidc(fields: &Fields<'_>) -> Option<OidcRules> {
    let issuer = fields.get("issuer")?;
    let address = issuer.text()?;
    if !is_issuer(&address) {
        let help = "Write it whole and over TLS, such as `https://login.acme.example`.";
        issuer.error(codes::WRONG_VALUE, format!("`{address}` is no address of a provider"), help);
        return None;
    }
    let roles = fields.entries("roles").into_iter();
    Some(OidcRules {
        title: fields.text("title"),
        issuer: address,
        client_id: fields.text("client_id")?,
        client_secret: fields.text("client_secret").map(Secret::new),
        scopes: fields.texts("scopes"),
        domains: fields.texts("domains").iter().map(|it| it.to_lowercase().into()).collect(),
        default_role: fields.value("default_role"),
        group_claim: fields.text("group_claim").unwrap_or_else(|| "groups".into()),
        roles: roles.filter_map(|(name, slot)| Some((name.text, slot.value()?))).collect(),
        link_by_email: fields.value("link_by_email").unwrap_or(false),
    })
}

/// Whether it is an address over TLS, or one on this machine, without query.
fn is_issuer(address: &str) -> bool {
    let local = ["localhost", "127.0.0.1", "[::1]"];
    let host = |rest: &str| rest.split(['/', ':']).next().unwrap_or_default().to_owned();
    let fits = |rest: &str| {
        !rest.is_empty() && !rest.contains(|it: char| it.is_whitespace() || "?#@".contains(it))
    };
    match (address.strip_prefix("https://"), address.strip_prefix("http://")) {
        (Some(rest), _) => fits(rest),
        (_, Some(rest)) => {
            fits(rest) && (local.contains(&host(rest).as_str()) || rest.starts_with("[::1]"))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provider_is_reached_over_tls_or_on_this_machine() {
        for good in
            ["https://login.acme.example/realms/a", "http://localhost:3000", "http://[::1]:1/x"]
        {
            assert!(is_issuer(good), "{good}");
        }
        for bad in [
            "http://login.acme.example",
            "login.acme.example",
            "https://",
            "https://a/?x",
            "https://u@a",
        ] {
            assert!(!is_issuer(bad), "{bad}");
        }
    }
}
