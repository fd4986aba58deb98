//! Whether a webhook is signed by Stripe: `Stripe-Signature: t=1700000000,v1=…`.

use firsthand_model::{Span, Text, Time};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// How old a signature may be, and how far ahead its clock.
const TOLERANCE: Span = Span(300 * Span::SECOND.0);
/// Signatures of one request that are looked at: there are two while a secret is being replaced.
const SIGNATURES_MAX: usize = 10;

/// Checks a body against the signatures of its header, under any of the secrets.
///
/// # Errors
/// Says what is wrong, in lower case, without a full stop.
pub(super) fn check(
    header: &str,
    body: &[u8],
    secrets: &[Text],
    now: Time,
) -> Result<(), &'static str> {
    let parts = || header.split(',').filter_map(|it| it.trim().split_once('='));
    let Some((_, signed_at)) = parts().find(|(name, _)| *name == "t") else {
        return Err("the request is not signed");
    };
    let signatures = parts().filter(|(name, _)| *name == "v1").filter_map(|(_, it)| from_hex(it));
    let signatures: Vec<[u8; 32]> = signatures.take(SIGNATURES_MAX).collect();
    if signatures.is_empty() {
        return Err("the request is not signed");
    }
    let fits = secrets.iter().any(|secret| {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else {
            return false;
        };
        mac.update(signed_at.as_bytes());
        mac.update(b".");
        mac.update(body);
        // Compares in constant time.
        signatures.iter().any(|it| mac.clone().verify_slice(it).is_ok())
    });
    if !fits {
        return Err("the signature does not fit");
    }
    let at = signed_at.parse::<i64>().map(|it| Time(it.saturating_mul(Span::SECOND.0)));
    match at {
        Ok(at) if (now - at).0.abs() <= TOLERANCE.0 => Ok(()),
        _ => Err("the signature is too old"),
    }
}

fn from_hex(text: &str) -> Option<[u8; 32]> {
    let digits: Vec<u32> = text
        .chars()
        .map(|it| it.to_digit(16))
        .collect::<Option<_>>()
        .filter(|it: &Vec<u32>| it.len() == 64)?;
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = u8::try_from(pair[0] * 16 + pair[1]).ok()?;
    }
    Some(bytes)
}
