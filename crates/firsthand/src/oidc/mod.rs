//! Signing in by another system: OpenID Connect, the authorization code flow with PKCE (RFC 7636).
//!
//! [`Oidc::begin`] sends somebody there, [`Oidc::end`] takes them back; [`admit`] says who they are
//! here. In between the browser holds one sealed value. From it, and a key that never leaves the
//! server, come the state, the nonce and the verifier: nothing has to be remembered here, and nobody
//! can make one up.
//!
//! # What is checked
//!
//! - The provider's own description names the configured issuer, and its endpoints are over TLS (but on
//!   this machine). Redirects are not followed. The addresses come from the configuration alone.
//! - The state belongs to the sealed value of this browser, which is ten minutes old at most.
//! - The ID token, by [`token::verify`]. Unknown keys are asked for anew, once a minute at most.
//! - What is asked for separately (`userinfo`) is about the same subject.

pub mod admit;
pub mod token;

use std::time::Duration;

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use firsthand_engine::service::Clock;
use firsthand_model::config::{Environment, OidcRules, Project};
use firsthand_model::{Span, Text, Time};
use reqwest::{Client, RequestBuilder, Url};
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use tokio::sync::Mutex;

use admit::Identity;
use token::{Expected, Keys, TokenError, verify};

/// Where people are sent back to.
pub const BACK: &str = "/sign-in/oidc/back";
/// How long somebody may take to sign in there.
const PATIENCE: Span = Span(10 * Span::MINUTE.0);
/// After how long the provider is asked anew what it is.
const DESCRIPTION_LASTS: Span = Span::HOUR;
/// How often keys are asked for anew.
const KEYS_ANEW: Span = Span::MINUTE;
const CONNECT_MAX: Duration = Duration::from_secs(5);
const CALL_MAX: Duration = Duration::from_secs(10);
/// Most of an answer that is read, in bytes.
const ANSWER_BYTES_MAX: usize = 1 << 20;
/// The longest place that somebody is brought back to, in bytes.
const TO_BYTES_MAX: usize = 60;
const SEED_BYTES: usize = 16;

/// Why somebody does not come in this way.
#[derive(Debug, thiserror::Error)]
pub enum OidcError {
    /// It was not begun in this browser, or too long ago.
    #[error("the sign-in was not begun in this browser, or too long ago")]
    Stale,
    /// The provider says no, by a code.
    #[error("the provider said `{0}`")]
    Denied(String),
    /// The provider does not answer, or not as it must.
    #[error("the provider {0}")]
    Provider(String),
    /// Its token is not believed.
    #[error("the ID token is refused: {0}")]
    Token(#[from] TokenError),
}

/// A provider, and what we are there.
pub struct Oidc {
    rules: OidcRules,
    secret: Option<Text>,
    redirect: String,
    key: [u8; 32],
    client: Client,
    clock: Clock,
    provider: Mutex<Option<Provider>>,
}

/// What a provider says of itself.
#[derive(Clone)]
struct Provider {
    described: Description,
    described_at: Time,
    keys: Keys,
    keys_at: Time,
}

#[derive(Clone, Deserialize)]
struct Description {
    issuer: String,
    #[serde(deserialize_with = "address")]
    authorization_endpoint: Url,
    #[serde(deserialize_with = "address")]
    token_endpoint: Url,
    #[serde(default, deserialize_with = "address_if_any")]
    userinfo_endpoint: Option<Url>,
    #[serde(deserialize_with = "address")]
    jwks_uri: Url,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Vec<String>,
}

fn address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Url, D::Error> {
    String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
}

fn address_if_any<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Url>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    text.map(|it| it.parse().map_err(D::Error::custom)).transpose()
}

/// What the browser brings back.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Answer {
    code: String,
    state: String,
    error: String,
    iss: Option<String>,
}

impl Answer {
    /// Reads the query of the address that the browser was sent back to.
    pub fn of(query: &str) -> Result<Self, serde_json::Error> {
        let pairs = form_urlencoded::parse(query.as_bytes());
        let pairs: Map<String, Value> =
            pairs.map(|(name, value)| (name.into_owned(), value.into_owned().into())).collect();
        serde_json::from_value(Value::Object(pairs))
    }
}

#[derive(Deserialize)]
struct Tokens {
    id_token: String,
    access_token: Option<String>,
}

/// A sign-in that has begun.
pub struct Begun {
    /// Where the browser goes.
    pub url: String,
    /// What it keeps until it is back.
    pub sealed: String,
}

/// What comes from a seed.
struct Secrets {
    state: String,
    nonce: String,
    verifier: String,
}

impl Oidc {
    /// The provider of a project, if it has one.
    ///
    /// # Errors
    /// Where the client's secret is not set, with the variable's name, or no call can be made.
    pub fn of(
        project: &Project,
        environment: &Environment<'_>,
        key: [u8; 32],
        clock: Clock,
    ) -> anyhow::Result<Option<Self>> {
        let Some(rules) = project.sign_in.oidc.clone() else { return Ok(None) };
        let secret = match &rules.client_secret {
            None => None,
            Some(secret) => Some(secret.reveal(environment).map_err(|variable| {
                anyhow::anyhow!(
                    "`sign_in.oidc` needs the environment variable `{variable}`, which is not set"
                )
            })?),
        };
        let url = project.url.as_deref().unwrap_or_default();
        // Set once for the process; whoever was first has chosen the same.
        rustls::crypto::ring::default_provider().install_default().ok();
        let client = Client::builder()
            .user_agent(concat!("Firsthand/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .no_proxy()
            .http1_only()
            .connect_timeout(CONNECT_MAX)
            .timeout(CALL_MAX)
            .build()?;
        let (redirect, provider) = (format!("{url}{BACK}"), Mutex::new(None));
        Ok(Some(Self { rules, secret, redirect, key, client, clock, provider }))
    }

    /// How it is configured.
    pub fn rules(&self) -> &OidcRules {
        &self.rules
    }

    /// Sends somebody to the provider, who wants to come back to `to`. `seed` is random.
    pub async fn begin(&self, to: &str, seed: [u8; SEED_BYTES]) -> Result<Begun, OidcError> {
        let provider = self.provider().await?;
        let seed = BASE64_URL_SAFE_NO_PAD.encode(seed);
        let secrets = self.secrets(&seed);
        let mut url = provider.described.authorization_endpoint;
        let mut scope = "openid email profile".to_owned();
        for it in &self.rules.scopes {
            scope.extend([" ", it.as_str()]);
        }
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.rules.client_id)
            .append_pair("redirect_uri", &self.redirect)
            .append_pair("scope", &scope)
            .append_pair("state", &secrets.state)
            .append_pair("nonce", &secrets.nonce)
            .append_pair("code_challenge", &challenge(&secrets.verifier))
            .append_pair("code_challenge_method", "S256");
        let sealed = self.seal(&seed, to, (self.clock)() + PATIENCE);
        Ok(Begun { url: url.into(), sealed })
    }

    /// Takes somebody back: who they are there, and where they want to go.
    pub async fn end(
        &self,
        sealed: &str,
        answer: &Answer,
    ) -> Result<(Identity, String), OidcError> {
        let (seed, to) = self.unseal(sealed).ok_or(OidcError::Stale)?;
        let secrets = self.secrets(&seed);
        // Hashes are compared in constant time.
        if blake3::hash(answer.state.as_bytes()) != blake3::hash(secrets.state.as_bytes()) {
            return Err(OidcError::Stale);
        }
        if answer.iss.as_deref().is_some_and(|it| it != self.rules.issuer.as_str()) {
            return Err(TokenError::Issuer.into());
        }
        if !answer.error.is_empty() {
            return Err(OidcError::Denied(answer.error.chars().take(60).collect()));
        }
        let provider = self.provider().await?;
        let tokens = self.redeem(&provider.described, &answer.code, &secrets.verifier).await?;
        let expected = Expected {
            issuer: &self.rules.issuer,
            client_id: &self.rules.client_id,
            nonce: &secrets.nonce,
            now: (self.clock)(),
        };
        let mut claims = match verify(&tokens.id_token, &provider.keys, &expected) {
            Err(TokenError::UnknownKey) => {
                let keys = self.newer_keys(&provider).await?;
                verify(&tokens.id_token, &keys, &expected)?
            }
            verified => verified?,
        };
        self.ask_more(&provider.described, tokens.access_token.as_deref(), &mut claims).await?;
        Ok((Identity::of(&self.rules, &claims), to))
    }

    /// What the provider is: as it said lately.
    async fn provider(&self) -> Result<Provider, OidcError> {
        let mut known = self.provider.lock().await;
        let now = (self.clock)();
        if let Some(known) = known.as_ref().filter(|it| it.described_at + DESCRIPTION_LASTS > now) {
            return Ok(known.clone());
        }
        let address =
            format!("{}/.well-known/openid-configuration", self.rules.issuer.trim_end_matches('/'));
        let described: Description = self.ask(self.client.get(address)).await?;
        if described.issuer != self.rules.issuer.as_str() {
            return Err(OidcError::Provider("names another issuer than `issuer`".to_owned()));
        }
        let endpoints =
            [&described.authorization_endpoint, &described.token_endpoint, &described.jwks_uri];
        let plain = self.rules.issuer.starts_with("http://");
        if endpoints
            .into_iter()
            .chain(&described.userinfo_endpoint)
            .any(|it| it.scheme() != "https" && !plain)
        {
            return Err(OidcError::Provider("has addresses that are not over TLS".to_owned()));
        }
        let keys = self.keys(&described).await?;
        let provider = Provider { described, described_at: now, keys, keys_at: now };
        *known = Some(provider.clone());
        Ok(provider)
    }

    async fn keys(&self, described: &Description) -> Result<Keys, OidcError> {
        let set = self.bytes(self.client.get(described.jwks_uri.clone())).await?;
        Keys::read(&set).ok_or_else(|| OidcError::Provider("has no set of keys".to_owned()))
    }

    /// The keys, asked for anew where that was not just done: the provider changes them.
    async fn newer_keys(&self, than: &Provider) -> Result<Keys, OidcError> {
        let mut known = self.provider.lock().await;
        let now = (self.clock)();
        if let Some(known) = known.as_ref().filter(|it| it.keys_at > than.keys_at) {
            return Ok(known.keys.clone());
        }
        if than.keys_at + KEYS_ANEW > now {
            return Err(TokenError::UnknownKey.into());
        }
        let keys = self.keys(&than.described).await?;
        if let Some(known) = known.as_mut() {
            (known.keys, known.keys_at) = (keys.clone(), now);
        }
        Ok(keys)
    }

    /// Gives the code for the tokens.
    async fn redeem(
        &self,
        at: &Description,
        code: &str,
        verifier: &str,
    ) -> Result<Tokens, OidcError> {
        let call = self.token_call(at, code, verifier);
        self.ask(call).await
    }

    fn token_call(&self, at: &Description, code: &str, verifier: &str) -> RequestBuilder {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", "authorization_code")
            .append_pair("code", code)
            .append_pair("redirect_uri", &self.redirect)
            .append_pair("code_verifier", verifier);
        let methods = &at.token_endpoint_auth_methods_supported;
        let posts = !methods.is_empty() && !methods.iter().any(|it| it == "client_secret_basic");
        let mut call = self.client.post(at.token_endpoint.clone());
        match &self.secret {
            Some(secret) if !posts => {
                let part =
                    |it: &str| form_urlencoded::byte_serialize(it.as_bytes()).collect::<String>();
                let pair = format!("{}:{}", part(&self.rules.client_id), part(secret));
                let basic = format!("Basic {}", BASE64_STANDARD.encode(pair));
                call = call.header("authorization", basic);
            }
            Some(secret) => {
                form.append_pair("client_id", &self.rules.client_id);
                form.append_pair("client_secret", secret);
            }
            None => _ = form.append_pair("client_id", &self.rules.client_id),
        }
        let kind = "application/x-www-form-urlencoded";
        call.header("content-type", kind).body(form.finish())
    }

    /// Adds what the token did not say of who somebody is.
    async fn ask_more(
        &self,
        at: &Description,
        access: Option<&str>,
        claims: &mut Map<String, Value>,
    ) -> Result<(), OidcError> {
        let wants_groups = !self.rules.roles.is_empty();
        let lacks = |name: &str| !claims.contains_key(name);
        let enough = !(lacks("email") || wants_groups && lacks(&self.rules.group_claim));
        let (Some(address), Some(access), false) = (&at.userinfo_endpoint, access, enough) else {
            return Ok(());
        };
        let call =
            self.client.get(address.clone()).header("authorization", format!("Bearer {access}"));
        let more: Map<String, Value> = self.ask(call).await?;
        if more.get("sub") != claims.get("sub") {
            return Err(OidcError::Provider("told of somebody else".to_owned()));
        }
        for (name, value) in more {
            claims.entry(name).or_insert(value);
        }
        Ok(())
    }

    async fn ask<T: DeserializeOwned>(&self, call: RequestBuilder) -> Result<T, OidcError> {
        let bytes = self.bytes(call).await?;
        serde_json::from_slice(&bytes)
            .map_err(|_| OidcError::Provider("did not answer as it must".to_owned()))
    }

    async fn bytes(&self, call: RequestBuilder) -> Result<Vec<u8>, OidcError> {
        // Its words may name an address with a code in it.
        let broken = |it: reqwest::Error| {
            OidcError::Provider(format!("cannot be reached: {}", it.without_url()))
        };
        let mut response =
            call.header("accept", "application/json").send().await.map_err(broken)?;
        let status = response.status();
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(broken)? {
            if bytes.len() + chunk.len() > ANSWER_BYTES_MAX {
                return Err(OidcError::Provider("answers too much".to_owned()));
            }
            bytes.extend_from_slice(&chunk);
        }
        if !status.is_success() {
            let said: Option<Value> = serde_json::from_slice(&bytes).ok();
            let said = said.as_ref().and_then(|it| it["error"].as_str()).unwrap_or_default();
            let said: String = said.chars().take(60).collect();
            return Err(OidcError::Provider(format!("answered {} {said}", status.as_u16())));
        }
        Ok(bytes)
    }

    fn secrets(&self, seed: &str) -> Secrets {
        let of = |what: &str| {
            let hash = blake3::keyed_hash(&self.key, format!("{what}\n{seed}").as_bytes());
            BASE64_URL_SAFE_NO_PAD.encode(hash.as_bytes())
        };
        Secrets { state: of("state"), nonce: of("nonce"), verifier: of("verifier") }
    }

    fn seal(&self, seed: &str, to: &str, until: Time) -> String {
        let to = if to.len() > TO_BYTES_MAX { "" } else { to };
        let text = format!("{seed}.{}.{}", until.micros(), BASE64_URL_SAFE_NO_PAD.encode(to));
        let seal = self.seal_of(&text);
        format!("{text}.{seal}")
    }

    fn seal_of(&self, text: &str) -> String {
        let hash = blake3::keyed_hash(&self.key, format!("seal\n{text}").as_bytes());
        BASE64_URL_SAFE_NO_PAD.encode(&hash.as_bytes()[..16])
    }

    /// The seed and the place, if the value was sealed here and not too long ago.
    fn unseal(&self, sealed: &str) -> Option<(String, String)> {
        let (text, seal) = sealed.rsplit_once('.')?;
        if blake3::hash(seal.as_bytes()) != blake3::hash(self.seal_of(text).as_bytes()) {
            return None;
        }
        let mut parts = text.split('.');
        let (seed, until, to) = (parts.next()?, parts.next()?, parts.next()?);
        if Time(until.parse().ok()?) <= (self.clock)() {
            return None;
        }
        let to = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(to).ok()?).ok()?;
        Some((seed.to_owned(), to))
    }
}

/// The S256 challenge of a verifier.
fn challenge(verifier: &str) -> String {
    let hash = ring::digest::digest(&ring::digest::SHA256, verifier.as_bytes());
    BASE64_URL_SAFE_NO_PAD.encode(hash)
}

#[cfg(test)]
mod tests;
