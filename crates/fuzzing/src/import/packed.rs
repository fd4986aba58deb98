//! Compressed and otherwise encoded texts, whole and damaged.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::{input, read};
use crate::draw::Draw;

/// Bytes as they are; then packed, which changes nothing; then packed and damaged, which is named
/// or leaves part of what was there.
pub fn import_packed(data: &[u8]) {
    read(input(data), None).ok();
    let mut draw = Draw::new(data);
    let (packing, damages, at, by) = (draw.below(4), draw.below(3), draw.i64(), draw.i64());
    let plain = draw.rest();
    let mut packed = match packing {
        0 => gzip(plain),
        1 => [gzip(&plain[..plain.len() / 2]), gzip(&plain[plain.len() / 2..])].concat(),
        2 => zstd::encode_all(plain, 3).expect("memory can be read and written"),
        _ => return utf_16(plain),
    };
    let whole = read(input(&packed), None);
    let as_is = read(input(plain), None);
    // What looks packed itself, or like no text at all, is not unpacked twice.
    assert_eq!(whole.is_ok(), as_is.is_ok(), "{:?} {:?}", whole.err(), as_is.err());
    if let (Ok(whole), Ok(as_is)) = (whole, as_is) {
        assert_eq!(whole.facts, as_is.facts);
        assert_eq!(whole.rejects, as_is.rejects);
    }
    let length = packed.len();
    let place = |it: i64| usize::try_from(it.unsigned_abs()).unwrap_or(0) % length;
    match damages {
        0 => packed.truncate(place(at)),
        1 => packed[place(at)] ^= by.to_le_bytes()[0],
        _ => {
            packed[place(at)] ^= by.to_le_bytes()[0];
            packed[place(by)] ^= at.to_le_bytes()[0];
        }
    }
    read(input(&packed), None).ok();
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("memory can be written to");
    encoder.finish().expect("memory can be written to")
}

/// A text in UTF-16 is the same text.
fn utf_16(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if text.starts_with('\u{feff}') {
        return;
    }
    let encoded: Vec<u8> =
        "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let (one, other) = (read(input(bytes), None), read(input(&encoded), None));
    if let (Ok(one), Ok(other)) = (one, other) {
        assert_eq!(one.facts, other.facts);
        assert_eq!(one.rejects, other.rejects);
    }
}
