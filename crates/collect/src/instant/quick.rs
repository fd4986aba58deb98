//! The spelling of an instant that most exports use, read in one go.

use super::date_micros;

/// Reads `2026-01-02T03:04:05Z` and `2026-01-02T03:04:05.678Z`, with one to six places, in
/// microseconds since 1970; `None` for anything else, which may be another spelling.
pub(super) fn utc(text: &str) -> Option<i64> {
    let bytes = text.as_bytes().strip_suffix(b"Z")?;
    let (whole, fraction) = bytes.split_first_chunk::<19>()?;
    let marks = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
    if marks.iter().any(|(at, mark)| whole[*at] != *mark) {
        return None;
    }
    let part = |from: usize, length: usize| digits(&whole[from..from + length]);
    let date = date_micros(part(0, 4)?, part(5, 2)?, part(8, 2)?)?;
    let (hour, minute, second) = (part(11, 2)?, part(14, 2)?, part(17, 2)?);
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let micros = match fraction {
        [] => 0,
        [b'.', places @ ..] if (1..=6).contains(&places.len()) => {
            let missing = u32::try_from(6 - places.len()).ok()?;
            digits(places)? * 10_i64.pow(missing)
        }
        _ => return None,
    };
    Some(date + ((hour * 60 + minute) * 60 + second) * 1_000_000 + micros)
}

fn digits(bytes: &[u8]) -> Option<i64> {
    bytes.iter().try_fold(0, |sum, digit| {
        digit.is_ascii_digit().then(|| sum * 10 + i64::from(digit - b'0'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::instant::slow_iso;

    #[test]
    fn what_is_read_in_one_go_is_read_as_ever() {
        for text in [
            "2026-01-02T03:04:05Z",
            "1999-12-31T23:59:59.999999Z",
            "2024-02-29T00:00:00.5Z",
            "2026-01-02T03:04:05.678Z",
        ] {
            let found = utc(text).unwrap();
            let known = slow_iso(text).unwrap();
            assert_eq!((found, known.offset_micros), (known.micros, Some(0)), "{text}");
        }
        for text in [
            "",
            "Z",
            "2026-02-29T03:04:05Z",
            "2026-01-02T24:00:00Z",
            "2026-01-02T03:04:05.Z",
            "2026-01-02T03:04:05.1234567Z",
            "2026-01-02 03:04:05Z",
            "2026-01-02T03:04:05+00:00",
            "2026-1-02T03:04:05.67Z",
            "+026-01-02T03:04:05Z",
        ] {
            assert_eq!(utc(text), None, "{text}");
        }
    }
}
