//! Tokens by which the product's page says who reads: JSON Web Tokens (RFC 7519), signed by the
//! product's server with HMAC-SHA-256, good for a few minutes.
//!
//! Only this one shape is taken. There is no `none`, no other algorithm, and nothing in the token
//! chooses how it is checked but `kid`, which names a key.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use firsthand_model::{Span, Time};
use hmac::{Hmac, KeyInit, Mac};
use serde::Deserialize;
use sha2::Sha256;

use crate::backend::SigningSecret;

/// The longest that a token may still be good for.
const TOKEN_LIFE_MAX: Span = Span::HOUR;
/// How far the product's clock may be off.
const CLOCK_TOLERANCE: Span = Span::MINUTE;
/// The longest token, in bytes.
const TOKEN_BYTES_MAX: usize = 2_048;
/// The longest id of a person, in bytes.
const ID_BYTES_MAX: usize = 255;
/// Whom a token is for, where it says so.
const AUDIENCE: &str = "firsthand";

/// Why a token is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TokenError {
    #[error("the token is not three parts of base64url with JSON in the first two")]
    Malformed,
    #[error("the token is not signed with `HS256`")]
    Algorithm,
    #[error("no key signed this token")]
    Signature,
    #[error("the token names nobody in `sub`")]
    Nobody,
    #[error("the token is not for `firsthand`, but says `aud`")]
    Audience,
    #[error("the token does not say in `exp` when it runs out")]
    Endless,
    #[error("the token has run out")]
    Expired,
    #[error("the token is not good yet")]
    Early,
    #[error("the token is good for longer than an hour")]
    TooLong,
}

/// A token that has been taken apart, and not been believed yet.
#[derive(Debug)]
pub(crate) struct Presented<'t> {
    /// The key that it says it was signed with.
    pub kid: Option<String>,
    signed: &'t str,
    signature: Vec<u8>,
    claims: Claims,
}

/// Whom a token names, and until when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reader {
    /// The person, by the product's own id.
    pub person: String,
    /// When the token runs out.
    pub until: Time,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    #[serde(default)]
    crit: Option<serde::de::IgnoredAny>,
}

#[derive(Debug, Deserialize)]
struct Claims {
    sub: Option<String>,
    exp: Option<f64>,
    nbf: Option<f64>,
    aud: Option<Audience>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

impl<'t> Presented<'t> {
    /// Takes a token apart.
    pub fn read(token: &'t str) -> Result<Self, TokenError> {
        if token.len() > TOKEN_BYTES_MAX {
            return Err(TokenError::Malformed);
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(TokenError::Malformed)?;
        let (header, claims) = signed.split_once('.').ok_or(TokenError::Malformed)?;
        let bytes =
            |part: &str| BASE64_URL_SAFE_NO_PAD.decode(part).map_err(|_| TokenError::Malformed);
        let header: Header =
            serde_json::from_slice(&bytes(header)?).map_err(|_| TokenError::Malformed)?;
        if header.alg != "HS256" || header.crit.is_some() {
            return Err(TokenError::Algorithm);
        }
        let claims = serde_json::from_slice(&bytes(claims)?).map_err(|_| TokenError::Malformed)?;
        let signature = bytes(signature)?;
        Ok(Self { kid: header.kid, signed, signature, claims })
    }

    /// Whom it names, if one of these secrets signed it and it is good now.
    pub fn reader(&self, secrets: &[SigningSecret], now: Time) -> Result<Reader, TokenError> {
        if !secrets.iter().any(|it| self.is_signed_with(it)) {
            return Err(TokenError::Signature);
        }
        let Claims { sub, exp, nbf, aud } = &self.claims;
        let person = sub.clone().ok_or(TokenError::Nobody)?;
        if person.trim().is_empty() || person.len() > ID_BYTES_MAX {
            return Err(TokenError::Nobody);
        }
        let for_us = match aud {
            None => true,
            Some(Audience::One(it)) => it == AUDIENCE,
            Some(Audience::Several(them)) => them.iter().any(|it| it == AUDIENCE),
        };
        if !for_us {
            return Err(TokenError::Audience);
        }
        let until = instant(exp.ok_or(TokenError::Endless)?);
        if until + CLOCK_TOLERANCE <= now {
            return Err(TokenError::Expired);
        }
        if until > now + TOKEN_LIFE_MAX + CLOCK_TOLERANCE {
            return Err(TokenError::TooLong);
        }
        if nbf.is_some_and(|it| instant(it) > now + CLOCK_TOLERANCE) {
            return Err(TokenError::Early);
        }
        Ok(Reader { person, until: until + CLOCK_TOLERANCE })
    }

    /// Compares in constant time.
    fn is_signed_with(&self, secret: &SigningSecret) -> bool {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.bytes()) else { return false };
        mac.update(self.signed.as_bytes());
        mac.verify_slice(&self.signature).is_ok()
    }
}

/// Seconds since 1970, as tokens count; far-off ones are cut.
fn instant(seconds: f64) -> Time {
    const FAR: f64 = 1e11; // The year 5138.
    #[expect(clippy::cast_possible_truncation, reason = "held within what fits")]
    let seconds = seconds.clamp(0.0, FAR) as i64;
    Time(seconds * 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Time = Time(1_772_960_400_000_000);
    const NOW_S: i64 = NOW.0 / 1_000_000;

    fn secret(text: &str) -> SigningSecret {
        SigningSecret::new(text)
    }

    fn sign(header: &str, claims: &str, with: &str) -> String {
        let part = |it: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(it);
        let signed = format!("{}.{}", part(header.as_bytes()), part(claims.as_bytes()));
        let mut mac = Hmac::<Sha256>::new_from_slice(with.as_bytes()).unwrap();
        mac.update(signed.as_bytes());
        format!("{signed}.{}", part(&mac.finalize().into_bytes()))
    }

    fn read(header: &str, claims: &str) -> Result<Reader, TokenError> {
        let token = sign(header, claims, "s");
        Presented::read(&token)?.reader(&[secret("other"), secret("s")], NOW)
    }

    const HEADER: &str = r#"{"alg":"HS256","typ":"JWT"}"#;

    /// The example of RFC 7515, appendix A.1: its key, its bytes, its signature.
    #[test]
    fn the_example_of_the_standard_is_signed_as_it_says() {
        let token = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4\
                     MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27\
                     uhbUJU1p1r_wW1gFWFOEjXk";
        let key = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
        let key = BASE64_URL_SAFE_NO_PAD.decode(key).unwrap();
        let presented = Presented::read(token).unwrap();
        assert!(presented.is_signed_with(&SigningSecret::from_bytes(key)));
        assert!(!presented.is_signed_with(&secret("another key")));
    }

    #[test]
    fn a_token_names_a_person_for_a_few_minutes() {
        let claims = format!(r#"{{"sub":"u1","exp":{}}}"#, NOW_S + 900);
        let reader = read(HEADER, &claims).unwrap();
        assert_eq!(reader.person, "u1");
        assert_eq!(reader.until, NOW + Span::MINUTE.times(16), "a minute for the clocks");
        for aud in [r#""firsthand""#, r#"["a","firsthand"]"#] {
            let claims = format!(r#"{{"sub":"u1","aud":{aud},"nbf":0,"exp":{}}}"#, NOW_S + 9);
            assert!(read(HEADER, &claims).is_ok(), "{aud}");
        }
    }

    #[test]
    fn what_could_let_another_in_is_refused() {
        let good = format!(r#"{{"sub":"u1","exp":{}}}"#, NOW_S + 900);
        for header in [
            r#"{"alg":"none"}"#,
            r#"{"alg":"HS512"}"#,
            r#"{"alg":"RS256"}"#,
            r#"{"alg":"hs256"}"#,
            r#"{"alg":"HS256","crit":["b64"],"b64":false}"#,
        ] {
            assert_eq!(read(header, &good), Err(TokenError::Algorithm), "{header}");
        }
        let exp = |after: i64| format!(r#""exp":{}"#, NOW_S + after);
        for (claims, why) in [
            (format!("{{{}}}", exp(9)), TokenError::Nobody),
            (format!(r#"{{"sub":" ",{}}}"#, exp(9)), TokenError::Nobody),
            (format!(r#"{{"sub":"{}",{}}}"#, "x".repeat(256), exp(9)), TokenError::Nobody),
            (r#"{"sub":"u1"}"#.to_owned(), TokenError::Endless),
            (format!(r#"{{"sub":"u1",{}}}"#, exp(-60)), TokenError::Expired),
            (format!(r#"{{"sub":"u1",{}}}"#, exp(3_661)), TokenError::TooLong),
            (r#"{"sub":"u1","exp":1e300}"#.to_owned(), TokenError::TooLong),
            (format!(r#"{{"sub":"u1","aud":"crm",{}}}"#, exp(9)), TokenError::Audience),
            (format!(r#"{{"sub":"u1","nbf":{},{}}}"#, NOW_S + 61, exp(99)), TokenError::Early),
            ("[]".to_owned(), TokenError::Malformed),
        ] {
            assert_eq!(read(HEADER, &claims), Err(why), "{claims}");
        }
        let token = sign(HEADER, &good, "s");
        let presented = Presented::read(&token).unwrap();
        assert_eq!(presented.reader(&[], NOW), Err(TokenError::Signature), "no key, no entry");
        let none = format!("{}.", token.rsplit_once('.').unwrap().0);
        let unsigned = Presented::read(&none).unwrap();
        assert_eq!(unsigned.reader(&[secret("s")], NOW), Err(TokenError::Signature));
        for broken in ["", "a", "a.b", "a.b.c", &token.replace('.', ","), &"x.".repeat(2_000)] {
            assert_eq!(Presented::read(broken).unwrap_err(), TokenError::Malformed, "{broken}");
        }
    }
}
