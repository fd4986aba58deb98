//! Signing in by another system, as the pages ask for it.

use async_trait::async_trait;
use firsthand_web::backend::{Begun, Entrance, NotIn, SignedIn, WaysIn};
use firsthand_web::{Answer, Failure};

use super::Server;
use super::people::signed_in;
use crate::oidc::{self, OidcError, admit};
use crate::people::{self, Lifetime};

/// What the other system is called where nobody has said so.
const TITLE: &str = "single sign-on";

#[async_trait]
impl Entrance for Server {
    fn ways_in(&self) -> WaysIn {
        let title = |it: &oidc::Oidc| it.rules().title.as_deref().unwrap_or(TITLE).to_owned();
        WaysIn { passwords: self.passwords, other: self.oidc.as_deref().map(title) }
    }

    async fn begin_elsewhere(&self, to: &str) -> Answer<Result<Begun, NotIn>> {
        let Some(oidc) = &self.oidc else { return Ok(Err(NotIn::Stale)) };
        let mut seed = [0; 16];
        getrandom::fill(&mut seed).map_err(|it| Failure::broken(it.to_string()))?;
        Ok(match oidc.begin(to, seed).await {
            Ok(oidc::Begun { url, sealed }) => Ok(Begun { url, sealed }),
            Err(error) => Err(told(&error)),
        })
    }

    async fn end_elsewhere(
        &self,
        sealed: &str,
        query: &str,
    ) -> Answer<Result<(SignedIn, String), NotIn>> {
        let Some(oidc) = self.oidc.clone() else { return Ok(Err(NotIn::Stale)) };
        let Ok(answer) = oidc::Answer::of(query) else { return Ok(Err(NotIn::Stale)) };
        let (identity, to) = match oidc.end(sealed, &answer).await {
            Ok(known) => known,
            Err(error) => return Ok(Err(told(&error))),
        };
        let now = self.now();
        let came = self.people(move |store| {
            Ok(match admit::admit(store, oidc.rules(), &identity, now)? {
                Ok(user) => Ok(people::begin(store, &user, Lifetime::HalfDay, now)?),
                Err(not) => Err(not),
            })
        });
        Ok(came.await?.map(|begun| (signed_in(begun), to)))
    }
}

/// What is told to who does not come in; the log says more, and nothing of whom it was about.
fn told(error: &OidcError) -> NotIn {
    match error {
        OidcError::Stale => NotIn::Stale,
        OidcError::Denied(_) => NotIn::Denied,
        OidcError::Provider(_) | OidcError::Token(_) => {
            tracing::warn!(%error, "a sign-in by the OpenID provider has failed");
            NotIn::Failed
        }
    }
}
