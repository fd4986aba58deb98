//! What a date looks like: `2026-03-01`, `2026-03-01T09:00`, with seconds and an offset if wanted.

use std::ops::RangeInclusive;

use firsthand_model::Date;

/// What follows `2026-3-1`, something meant to be a date: four digits, one or two, one or two.
pub(super) fn date_parts(text: &str) -> Option<&str> {
    let rest = after_digits(text, 4..=4)?;
    let rest = after_digits(rest.strip_prefix('-')?, 1..=2)?;
    after_digits(rest.strip_prefix('-')?, 1..=2)
}

fn after_digits(text: &str, many: RangeInclusive<usize>) -> Option<&str> {
    let count = text.bytes().take_while(u8::is_ascii_digit).count();
    many.contains(&count).then(|| &text[count..])
}

/// Whether a text is a date, or a date with a time of day and perhaps an offset.
pub(super) fn is_date(text: &str) -> bool {
    let (day, time) = match text.split_once('T') {
        Some((day, time)) => (day, Some(time)),
        None => (text, None),
    };
    day.len() == 10 && day.parse::<Date>().is_ok() && time.is_none_or(is_time)
}

fn is_time(text: &str) -> bool {
    let (clock, offset) = match text.find(['Z', '+', '-']) {
        Some(at) => text.split_at(at),
        None => (text, ""),
    };
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let parts: Vec<&str> = clock.split(':').collect();
    let whole_seconds = parts.len() == 3 || !text.contains('.');
    let offset = match offset {
        "" | "Z" => true,
        _ => offset[1..].split_once(':').is_some_and(|(h, m)| below(h, 24) && below(m, 60)),
    };
    let fraction =
        (1..=6).contains(&fraction.len()) && fraction.bytes().all(|b| b.is_ascii_digit());
    let clock = match parts[..] {
        [h, m] => below(h, 24) && below(m, 60),
        [h, m, s] => below(h, 24) && below(m, 60) && below(s, 60),
        _ => false,
    };
    clock && fraction && whole_seconds && offset
}

/// Whether a text is two digits below a bound.
fn below(text: &str, bound: u8) -> bool {
    text.len() == 2
        && text.bytes().all(|b| b.is_ascii_digit())
        && text.parse::<u8>().is_ok_and(|it| it < bound)
}
