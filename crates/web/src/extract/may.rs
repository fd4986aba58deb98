//! Who calls, and whether they may.

use std::marker::PhantomData;

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;

use crate::app::App;
use crate::backend::{Caller, Scope, TokenHash};
use crate::problem::Problem;

/// The caller, who may do what `S` says. A handler that takes it is closed to all others.
pub(crate) struct May<S>(pub Caller, pub PhantomData<S>);

/// A scope as a type, so that a handler's signature says who may call it.
pub(crate) trait Needed: Send {
    const SCOPE: Scope;
}

/// The scopes as types.
pub(crate) mod scope {
    use super::{Needed, Scope};

    macro_rules! scopes {
        ($($name:ident)*) => {$(
            pub(crate) struct $name;

            impl Needed for $name {
                const SCOPE: Scope = Scope::$name;
            }
        )*};
    }

    scopes! {
        LeadsRead LeadsWrite AccountsRead UsageRead DefinitionsRead DefinitionsWrite LedgerRead
        StatusRead PlaysRead ReportsRead DeliveriesRead DeliveriesWrite QuarantineRead
        QuarantineWrite ImportsRead ImportsWrite IdentityWrite Admin
    }
}

impl<S: Needed> FromRequestParts<App> for May<S> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let given = parts.headers.get(header::AUTHORIZATION).ok_or_else(Problem::missing_token)?;
        let token = given.to_str().ok().and_then(bearer).ok_or_else(Problem::missing_token)?;
        let known = app.backend.token(TokenHash::of(token)).await?;
        let known = known.ok_or_else(Problem::unknown_token)?;
        if !known.may(S::SCOPE) {
            return Err(Problem::missing_scope(S::SCOPE));
        }
        Ok(Self(Caller { name: known.name }, PhantomData))
    }
}

/// The token in `Bearer TOKEN`; the scheme's case does not matter (RFC 9110, 11.1).
pub(crate) fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}
