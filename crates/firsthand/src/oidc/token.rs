//! ID tokens: JSON Web Tokens (RFC 7519) that a provider has signed.
//!
//! RS256 and ES256 are taken and nothing else: no `none`, no shared secrets. The token says which
//! key, never how it is checked: a key takes the one algorithm that it is made for.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use firsthand_model::{Span, Time};
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};
use serde::Deserialize;
use serde_json::{Map, Value};

/// How far the provider's clock may be off.
const CLOCK_TOLERANCE: Span = Span::MINUTE;
/// The longest token, in bytes.
const TOKEN_BYTES_MAX: usize = 16 << 10;
/// Most keys of a provider that are looked at.
const KEYS_MAX: usize = 64;

/// Why a token is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// It is no token.
    #[error("the token is not three parts of base64url with JSON in the first two")]
    Malformed,
    /// It is signed in another way.
    #[error("the token is signed neither with RS256 nor with ES256")]
    Algorithm,
    /// The provider has no such key; it may have a new one.
    #[error("the provider has no key by which the token was signed")]
    UnknownKey,
    /// The signature is not the key's.
    #[error("the signature is not right")]
    Signature,
    /// Another provider has made it.
    #[error("the token is of another issuer")]
    Issuer,
    /// It is for somebody else.
    #[error("the token is for another audience")]
    Audience,
    /// It answers another question.
    #[error("the token answers another sign-in")]
    Nonce,
    /// It is too old.
    #[error("the token has run out")]
    Expired,
    /// It is of the future.
    #[error("the token is not good yet")]
    Early,
    /// It names nobody.
    #[error("the token names nobody")]
    Nobody,
}

/// The keys of a provider.
#[derive(Clone, Debug, Default)]
pub struct Keys(Vec<Key>);

#[derive(Clone, Debug)]
struct Key {
    id: Option<String>,
    material: Material,
}

#[derive(Clone, Debug)]
enum Material {
    Rsa { n: Vec<u8>, e: Vec<u8> },
    P256(Vec<u8>),
}

#[derive(Deserialize)]
struct JwkSet {
    keys: Vec<Value>,
}

#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: Option<String>,
    r#use: Option<String>,
    alg: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    /// What must be understood; nothing is.
    crit: Option<Value>,
}

/// What a token must say.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'e> {
    /// Who has made it.
    pub issuer: &'e str,
    /// For whom.
    pub client_id: &'e str,
    /// Which question it answers.
    pub nonce: &'e str,
    /// What time it is.
    pub now: Time,
}

fn decoded(text: &str) -> Option<Vec<u8>> {
    BASE64_URL_SAFE_NO_PAD.decode(text).ok()
}

impl Keys {
    /// Reads a set (RFC 7517); keys of other kinds and uses are passed over.
    pub fn read(set: &[u8]) -> Option<Self> {
        let set: JwkSet = serde_json::from_slice(set).ok()?;
        let keys = set.keys.into_iter().take(KEYS_MAX);
        let keys = keys.filter_map(|it| Key::read(serde_json::from_value(it).ok()?));
        Some(Self(keys.collect()))
    }

    /// The keys that a token may have been signed by.
    fn fitting<'k>(&'k self, header: &'k Header) -> impl Iterator<Item = &'k Key> {
        let rsa = header.alg == "RS256";
        self.0.iter().filter(move |it| {
            matches!(it.material, Material::Rsa { .. }) == rsa
                && (header.kid.is_none() || it.id == header.kid)
        })
    }
}

impl Key {
    fn read(jwk: Jwk) -> Option<Self> {
        if jwk.r#use.is_some_and(|it| it != "sig") {
            return None;
        }
        let alg = jwk.alg.as_deref();
        let material = match jwk.kty.as_str() {
            "RSA" if alg.is_none_or(|it| it == "RS256") => {
                Material::Rsa { n: decoded(&jwk.n?)?, e: decoded(&jwk.e?)? }
            }
            "EC" if jwk.crv.as_deref() == Some("P-256") && alg.is_none_or(|it| it == "ES256") => {
                let (x, y) = (decoded(&jwk.x?)?, decoded(&jwk.y?)?);
                // An uncompressed point.
                Material::P256([&[4], x.as_slice(), y.as_slice()].concat())
            }
            _ => return None,
        };
        Some(Self { id: jwk.kid, material })
    }

    fn signed(&self, text: &[u8], signature: &[u8]) -> bool {
        match &self.material {
            Material::Rsa { n, e } => RsaPublicKeyComponents { n, e }
                .verify(&RSA_PKCS1_2048_8192_SHA256, text, signature)
                .is_ok(),
            Material::P256(point) => UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
                .verify(text, signature)
                .is_ok(),
        }
    }
}

/// What a token says, if it is to be believed (OpenID Connect Core, 3.1.3.7).
pub fn verify(
    token: &str,
    keys: &Keys,
    expected: &Expected<'_>,
) -> Result<Map<String, Value>, TokenError> {
    if token.len() > TOKEN_BYTES_MAX {
        return Err(TokenError::Malformed);
    }
    let (signed, signature) = token.rsplit_once('.').ok_or(TokenError::Malformed)?;
    let (head, body) = signed.split_once('.').ok_or(TokenError::Malformed)?;
    let read = |part: &str| decoded(part).ok_or(TokenError::Malformed);
    let header: Header = serde_json::from_slice(&read(head)?).map_err(|_| TokenError::Malformed)?;
    if !matches!(header.alg.as_str(), "RS256" | "ES256") || header.crit.is_some() {
        return Err(TokenError::Algorithm);
    }
    let signature = read(signature)?;
    let mut keys = keys.fitting(&header).peekable();
    if keys.peek().is_none() {
        return Err(TokenError::UnknownKey);
    }
    if !keys.any(|it| it.signed(signed.as_bytes(), &signature)) {
        return Err(TokenError::Signature);
    }
    // Only now is it worth reading.
    let claims: Map<String, Value> =
        serde_json::from_slice(&read(body)?).map_err(|_| TokenError::Malformed)?;
    says_what_is_expected(&claims, expected).map(|()| claims)
}

fn says_what_is_expected(
    claims: &Map<String, Value>,
    expected: &Expected<'_>,
) -> Result<(), TokenError> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    if text("iss") != Some(expected.issuer) {
        return Err(TokenError::Issuer);
    }
    let ours = |it: &Value| it.as_str() == Some(expected.client_id);
    let for_us = match claims.get("aud") {
        // Where others may use it too, it says who has asked for it.
        Some(Value::Array(them)) if them.len() > 1 => {
            them.iter().any(ours) && text("azp") == Some(expected.client_id)
        }
        Some(Value::Array(them)) => them.iter().all(ours) && !them.is_empty(),
        Some(one) => ours(one),
        None => false,
    };
    if !for_us || text("azp").is_some_and(|it| it != expected.client_id) {
        return Err(TokenError::Audience);
    }
    let second = |name: &str| {
        let seconds = claims.get(name)?.as_i64()?;
        Some(Time(seconds.saturating_mul(Span::SECOND.0)))
    };
    let until = second("exp").ok_or(TokenError::Expired)?;
    if until.saturating_add(CLOCK_TOLERANCE) <= expected.now {
        return Err(TokenError::Expired);
    }
    let early = |it: Time| it > expected.now.saturating_add(CLOCK_TOLERANCE);
    if second("iat").is_none_or(early) || second("nbf").is_some_and(early) {
        return Err(TokenError::Early);
    }
    if text("nonce") != Some(expected.nonce) {
        return Err(TokenError::Nonce);
    }
    if text("sub").is_none_or(|it| it.is_empty() || it.len() > 255) {
        return Err(TokenError::Nobody);
    }
    Ok(())
}

#[cfg(test)]
pub mod tests {
    use ring::rand::SystemRandom;
    use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
    use serde_json::json;

    use super::*;

    /// A provider's key, and what it signs.
    pub struct Signer(EcdsaKeyPair, &'static str);

    impl Signer {
        pub fn new(id: &'static str) -> Self {
            let (chance, of) = (SystemRandom::new(), &ECDSA_P256_SHA256_FIXED_SIGNING);
            let key = EcdsaKeyPair::generate_pkcs8(of, &chance).unwrap();
            Self(EcdsaKeyPair::from_pkcs8(of, key.as_ref(), &chance).unwrap(), id)
        }

        pub fn jwk(&self) -> Value {
            let point = self.0.public_key().as_ref();
            let part = |it: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(it);
            json!({"kty": "EC", "crv": "P-256", "kid": self.1, "use": "sig", "alg": "ES256",
                   "x": part(&point[1..33]), "y": part(&point[33..])})
        }

        pub fn sign(&self, claims: &Value) -> String {
            self.sign_as(&json!({"alg": "ES256", "kid": self.1}), claims)
        }

        fn sign_as(&self, header: &Value, claims: &Value) -> String {
            let part = |it: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(it);
            let signed = format!(
                "{}.{}",
                part(header.to_string().as_bytes()),
                part(claims.to_string().as_bytes())
            );
            let signature = self.0.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
            format!("{signed}.{}", part(signature.as_ref()))
        }
    }

    pub fn keys(of: &[&Signer]) -> Keys {
        let set: Vec<Value> = of.iter().map(|it| it.jwk()).collect();
        Keys::read(json!({ "keys": set }).to_string().as_bytes()).unwrap()
    }

    const NOW: i64 = 1_800_000_000;

    fn expected() -> Expected<'static> {
        let now = Time(NOW * 1_000_000);
        Expected { issuer: "https://login.example", client_id: "firsthand", nonce: "n1", now }
    }

    fn claims() -> Value {
        json!({"iss": "https://login.example", "aud": "firsthand", "sub": "248", "nonce": "n1",
               "iat": NOW - 5, "exp": NOW + 300, "email": "ann@acme.example"})
    }

    fn check(changes: &[(&str, Value)]) -> Result<(), TokenError> {
        let signer = Signer::new("a");
        let mut claims = claims();
        for (name, value) in changes {
            claims[*name] = value.clone();
        }
        verify(&signer.sign(&claims), &keys(&[&signer]), &expected()).map(drop)
    }

    #[test]
    fn a_token_that_says_all_it_must_is_believed() {
        assert_eq!(check(&[]), Ok(()));
        assert_eq!(check(&[("aud", json!(["firsthand"]))]), Ok(()));
        let several = [("aud", json!(["firsthand", "other"])), ("azp", json!("firsthand"))];
        assert_eq!(check(&several), Ok(()));
        assert_eq!(check(&[("exp", json!(NOW - 30))]), Ok(()), "clocks may differ a little");
    }

    #[test]
    fn a_token_of_somebody_else_for_somebody_else_or_of_another_time_is_not() {
        let wrong = |name: &'static str, value: Value| check(&[(name, value)]).unwrap_err();
        assert_eq!(wrong("iss", json!("https://login.example/")), TokenError::Issuer);
        assert_eq!(wrong("aud", json!("other")), TokenError::Audience);
        assert_eq!(wrong("aud", json!([])), TokenError::Audience);
        assert_eq!(wrong("aud", json!(["firsthand", "other"])), TokenError::Audience);
        assert_eq!(wrong("azp", json!("other")), TokenError::Audience);
        assert_eq!(wrong("nonce", json!("n2")), TokenError::Nonce);
        assert_eq!(wrong("nonce", Value::Null), TokenError::Nonce);
        assert_eq!(wrong("exp", json!(NOW - 61)), TokenError::Expired);
        assert_eq!(wrong("exp", Value::Null), TokenError::Expired);
        assert_eq!(wrong("iat", json!(NOW + 61)), TokenError::Early);
        assert_eq!(wrong("nbf", json!(NOW + 61)), TokenError::Early);
        assert_eq!(wrong("sub", json!("")), TokenError::Nobody);
    }

    #[test]
    fn nothing_in_a_token_chooses_how_it_is_checked() {
        let signer = Signer::new("a");
        let keys = keys(&[&signer]);
        let as_it = |header: Value| {
            verify(&signer.sign_as(&header, &claims()), &keys, &expected()).unwrap_err()
        };
        assert_eq!(as_it(json!({"alg": "none"})), TokenError::Algorithm);
        assert_eq!(as_it(json!({"alg": "HS256", "kid": "a"})), TokenError::Algorithm);
        assert_eq!(as_it(json!({"alg": "RS256", "kid": "a"})), TokenError::UnknownKey);
        assert_eq!(
            as_it(json!({"alg": "ES256", "kid": "a", "crit": ["x"]})),
            TokenError::Algorithm
        );
        let token = signer.sign(&claims());
        let (signed, _) = token.rsplit_once('.').unwrap();
        for broken in [signed, "a.b.c", "", ".."] {
            assert_eq!(verify(broken, &keys, &expected()).unwrap_err(), TokenError::Malformed);
        }
        let unsigned = format!("{signed}.");
        assert_eq!(verify(&unsigned, &keys, &expected()).unwrap_err(), TokenError::Signature);
    }

    #[test]
    fn a_key_that_the_provider_has_not_or_no_more_signs_nothing() {
        let (old, new, other) = (Signer::new("a"), Signer::new("b"), Signer::new("a"));
        let token = new.sign(&claims());
        assert_eq!(
            verify(&token, &keys(&[&old]), &expected()).unwrap_err(),
            TokenError::UnknownKey
        );
        assert!(verify(&token, &keys(&[&old, &new]), &expected()).is_ok());
        let forged = other.sign(&claims());
        assert_eq!(
            verify(&forged, &keys(&[&old]), &expected()).unwrap_err(),
            TokenError::Signature
        );
        let mut for_encryption = old.jwk();
        for_encryption["use"] = json!("enc");
        let set =
            Keys::read(json!({"keys": [for_encryption, {"kty": "oct"}]}).to_string().as_bytes());
        assert_eq!(
            verify(&old.sign(&claims()), &set.unwrap(), &expected()).unwrap_err(),
            TokenError::UnknownKey
        );
    }

    #[test]
    fn what_openssl_has_signed_with_rsa_is_believed() {
        let keys = Keys::read(include_bytes!("rsa_jwks.json")).unwrap();
        let token = include_str!("rsa_token.txt").trim();
        assert!(verify(token, &keys, &expected()).is_ok());
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let (head, _) = signed.split_once('.').unwrap();
        let other = BASE64_URL_SAFE_NO_PAD.encode(claims().to_string().replace("248", "249"));
        let forged = format!("{head}.{other}.{signature}");
        assert_eq!(verify(&forged, &keys, &expected()).unwrap_err(), TokenError::Signature);
    }
}
