//! Instants and lengths of time as stories write them.

use firsthand_model::diagnostic::Problem;
use firsthand_model::{Calendar, Date, Decimal, Span, Time};

use super::piece::Piece;

const TIME_HELP: &str = "Write `2026-01-05`, `2026-01-05 09:00`, `2026-01-05T09:00:00Z`, or `+2d` \
    for two days after the line before.";
const LENGTH_HELP: &str = "Write a length such as `90min`, `3h`, `2d`, `1w` or `1d 12h`.";

/// The column TIME.
#[derive(Clone, Copy)]
pub(super) struct When {
    pub time: Time,
    known: Known,
}

/// When a fact is known.
#[derive(Clone, Copy)]
enum Known {
    AtOnce,
    At(Time),
    Later(Span),
}

impl When {
    /// Reads `TIME` or `TIME known TIME`; a leading `+` counts from the line before.
    pub(super) fn read(
        column: Piece<'_>,
        before: Option<Time>,
        calendar: &Calendar,
    ) -> Result<Self, Problem> {
        let (time, known) = match column.split_once(" known ") {
            Some((time, known)) => (time, Some(known)),
            None => (column, None),
        };
        let time = match (time.text.starts_with('+'), before) {
            (true, Some(before)) => before + length(time.skip(1))?,
            (true, None) => {
                return Err(time
                    .error("there is no line before to count from")
                    .with_help("Begin the story with a date: `2026-01-05 09:00`."));
            }
            (false, _) => instant(time, calendar)?,
        };
        let known = match known {
            None => Known::AtOnce,
            Some(piece) if piece.text.starts_with('+') => Known::Later(length(piece.skip(1))?),
            Some(piece) => Known::At(instant(piece, calendar)?),
        };
        Ok(Self { time, known })
    }

    /// When a fact of this line that happens at `time` is known; the error is a message.
    pub(super) fn known(self, time: Time) -> Result<Time, &'static str> {
        match self.known {
            Known::AtOnce => Ok(time),
            Known::Later(span) => Ok(time + span),
            Known::At(at) if at >= time => Ok(at),
            Known::At(_) => Err("a fact cannot be known before it happens"),
        }
    }
}

/// Reads a date, a date with a time of day in the project's zone, or RFC 3339.
pub(super) fn instant(piece: Piece<'_>, calendar: &Calendar) -> Result<Time, Problem> {
    let text = piece.text;
    if let Ok(time) = text.parse() {
        return Ok(time);
    }
    let (date, clock) = text.split_once([' ', 'T']).unwrap_or((text, ""));
    let clock = if clock.is_empty() { Some(Span::ZERO) } else { time_of_day(clock) };
    match (calendar_date(date), clock) {
        (Some(date), Some(Span::ZERO)) => Ok(calendar.start_of(date)),
        (Some(date), Some(clock)) => Ok(calendar.instant(date, clock)),
        _ => Err(piece.error(format!("`{text}` is not a time")).with_help(TIME_HELP)),
    }
}

/// Exactly `2026-01-05`.
fn calendar_date(text: &str) -> Option<Date> {
    let shape = text.bytes().map(|byte| if byte.is_ascii_digit() { b'0' } else { byte });
    shape.eq(*b"0000-00-00").then(|| text.parse().ok())?
}

/// `09:00`, `09:00:30`, `09:00:30.5`.
fn time_of_day(text: &str) -> Option<Span> {
    let two = |text: &str, max: i64| {
        let digits = text.len() == 2 && text.bytes().all(|it| it.is_ascii_digit());
        text.parse::<i64>().ok().filter(|number| digits && *number <= max)
    };
    let mut parts = text.splitn(3, ':');
    let hours = two(parts.next()?, 23)?;
    let minutes = two(parts.next()?, 59)?;
    let micros = match parts.next() {
        None => 0,
        Some(seconds) => {
            let (whole, fraction) = seconds.split_once('.').unwrap_or((seconds, "0"));
            two(whole, 59)?;
            let digits = !fraction.is_empty() && fraction.bytes().all(|it| it.is_ascii_digit());
            let fits = digits && fraction.len() <= 6;
            let seconds: Decimal = fits.then(|| seconds.parse().ok())??;
            i64::try_from(seconds.raw()).ok()?
        }
    };
    Some(Span(hours * Span::HOUR.0 + minutes * Span::MINUTE.0 + micros))
}

/// Reads `90min`, `2d`, `1d 12h`; a day is 24 hours.
pub(super) fn length(piece: Piece<'_>) -> Result<Span, Problem> {
    let mut sum = Span::ZERO;
    for part in piece.text.split_whitespace() {
        let digits = part.bytes().take_while(u8::is_ascii_digit).count();
        let unit = match &part[digits..] {
            "s" => Some(Span::SECOND),
            "min" => Some(Span::MINUTE),
            "h" => Some(Span::HOUR),
            "d" => Some(Span::DAY),
            "w" => Some(Span::WEEK),
            _ => None,
        };
        let (Ok(count), Some(unit)) = (part[..digits].parse::<u32>(), unit) else {
            let message = format!("`{}` is not a length of time", piece.text);
            return Err(piece.error(message).with_help(LENGTH_HELP));
        };
        sum = Span(sum.0.saturating_add(unit.times(count.into()).0));
    }
    if sum == Span::ZERO {
        return Err(piece.error("a length of time is missing").with_help(LENGTH_HELP));
    }
    Ok(sum)
}
