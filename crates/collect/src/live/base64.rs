//! Base64 as clients write it: in either alphabet, with or without padding, with line ends.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

/// Decodes a text; `None` where it is not base64. A blank stands for the `+` that a form decoded.
pub(super) fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let mut plain = Vec::with_capacity(text.len());
    for &byte in text.trim_ascii() {
        match byte {
            b'\r' | b'\n' | b'\t' => {}
            b' ' => plain.push(b'+'),
            _ => plain.push(byte),
        }
    }
    let is_url_safe = memchr::memchr2(b'-', b'_', &plain).is_some();
    let engine = if is_url_safe { &URL_SAFE } else { &STANDARD };
    engine.decode(plain).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_write_base64_is_read() {
        for text in ["e30", "e30=", " e30=\n", "e3\n0="] {
            assert_eq!(decode(text.as_bytes()).unwrap(), b"{}", "{text:?}");
        }
        assert_eq!(decode(b"-_-_").unwrap(), decode(b"+/+/").unwrap());
        assert_eq!(decode(b"/+/+").unwrap(), decode(b"/ /+").unwrap());
        assert_eq!(decode(b"{}"), None);
    }
}
