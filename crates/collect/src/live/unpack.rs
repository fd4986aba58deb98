//! Unpacks a body: by its header, or by its first bytes where the header says nothing.
//!
//! What comes out is never larger than [`UNPACKED_BYTES_MAX`], whatever it claims to be (LIVE-5).

use std::borrow::Cow;
use std::io::Read;

use super::answer::Refusal;

/// Most bytes of a body once it is unpacked.
pub const UNPACKED_BYTES_MAX: usize = 20 << 20;

/// Packed in so many ways, one inside the other, at most.
const LAYERS_MAX: usize = 2;
const GZIP_MAGIC: &[u8] = &[0x1F, 0x8B];
const ZSTD_MAGIC: &[u8] = &[0x28, 0xB5, 0x2F, 0xFD];
/// The most that zstd may look back: 8 MB.
const ZSTD_WINDOW_LOG_MAX: u32 = 23;
const BROTLI_BUFFER_BYTES: usize = 4_096;

/// Unpacks a body as its `Content-Encoding` says. A body that is not packed although the header
/// says so has been unpacked on the way, and is taken as it is.
pub(super) fn unpack<'a>(body: &'a [u8], encoding: &str) -> Result<Cow<'a, [u8]>, Refusal> {
    let mut unpacked = Cow::Borrowed(body);
    let layers: Vec<&str> =
        encoding.split(',').map(str::trim).filter(|it| !it.is_empty()).collect();
    if layers.len() > LAYERS_MAX {
        return Err(Refusal::UnknownEncoding);
    }
    // The last one named was put on last.
    for layer in layers.into_iter().rev() {
        let plain = is_json(&unpacked);
        unpacked = match layer.to_ascii_lowercase().as_str() {
            "identity" => unpacked,
            "gzip" | "x-gzip" | "deflate" | "br" | "zstd" if plain => unpacked,
            "gzip" | "x-gzip" => Cow::Owned(gunzip(&unpacked)?),
            "deflate" => Cow::Owned(inflate(&unpacked)?),
            "br" => Cow::Owned(unbrotli(&unpacked)?),
            "zstd" => Cow::Owned(unzstd(&unpacked)?),
            _ => return Err(Refusal::UnknownEncoding),
        };
    }
    if unpacked.starts_with(GZIP_MAGIC) {
        unpacked = Cow::Owned(gunzip(&unpacked)?);
    } else if unpacked.starts_with(ZSTD_MAGIC) {
        unpacked = Cow::Owned(unzstd(&unpacked)?);
    }
    if unpacked.len() > UNPACKED_BYTES_MAX {
        return Err(Refusal::TooLarge);
    }
    Ok(unpacked)
}

/// Whether a body begins as JSON does.
pub(super) fn is_json(body: &[u8]) -> bool {
    matches!(body.trim_ascii_start().first(), Some(b'{' | b'['))
}

/// Whether a body begins as gzip does.
pub(super) fn is_gzip(body: &[u8]) -> bool {
    body.starts_with(GZIP_MAGIC)
}

pub(super) fn gunzip(packed: &[u8]) -> Result<Vec<u8>, Refusal> {
    bounded(flate2::read::MultiGzDecoder::new(packed), packed.len())
}

/// `deflate` is zlib's format by the standard, and the bare one by habit.
fn inflate(packed: &[u8]) -> Result<Vec<u8>, Refusal> {
    match bounded(flate2::read::ZlibDecoder::new(packed), packed.len()) {
        Err(Refusal::BadBody(_)) => {
            bounded(flate2::read::DeflateDecoder::new(packed), packed.len())
        }
        other => other,
    }
}

fn unbrotli(packed: &[u8]) -> Result<Vec<u8>, Refusal> {
    let decoder = brotli_decompressor::Decompressor::new(packed, BROTLI_BUFFER_BYTES);
    bounded(decoder, packed.len())
}

fn unzstd(packed: &[u8]) -> Result<Vec<u8>, Refusal> {
    let broken = |_| Refusal::bad_body("the body cannot be unpacked");
    let mut decoder = zstd::stream::read::Decoder::with_buffer(packed).map_err(broken)?;
    decoder.window_log_max(ZSTD_WINDOW_LOG_MAX).map_err(broken)?;
    bounded(decoder, packed.len())
}

fn bounded(reader: impl Read, packed_bytes: usize) -> Result<Vec<u8>, Refusal> {
    let mut out = Vec::with_capacity(packed_bytes.saturating_mul(4).min(UNPACKED_BYTES_MAX));
    let mut reader = reader.take(UNPACKED_BYTES_MAX as u64 + 1);
    if reader.read_to_end(&mut out).is_err() {
        return Err(Refusal::bad_body("the body cannot be unpacked"));
    }
    if out.len() > UNPACKED_BYTES_MAX { Err(Refusal::TooLarge) } else { Ok(out) }
}
