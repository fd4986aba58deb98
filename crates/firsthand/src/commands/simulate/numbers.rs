//! Counts and dates as people write them on a command line.

use firsthand_model::Date;

/// Reads a count: `250`, `10k`, `2.5M`, `1B`.
pub fn count(text: &str) -> Result<u64, String> {
    let problem = || "not a count such as 10k, 2.5M or 1B".to_owned();
    let plain = text.replace([',', '_'], "");
    let (digits, zeros) = match plain.char_indices().last() {
        Some((at, 'k' | 'K')) => (&plain[..at], 3),
        Some((at, 'm' | 'M')) => (&plain[..at], 6),
        Some((at, 'b' | 'B' | 'g' | 'G')) => (&plain[..at], 9),
        _ => (plain.as_str(), 0),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = [whole, part].iter().all(|it| it.bytes().all(|it| it.is_ascii_digit()));
    let zeros = usize::checked_sub(zeros, part.len()).filter(|_| all_digits).ok_or_else(problem)?;
    let number = format!("{whole}{part}{}", "0".repeat(zeros));
    number.parse().ok().filter(|it| *it > 0).ok_or_else(problem)
}

/// Reads a date: `2025-09-01`.
pub fn date(text: &str) -> Result<Date, String> {
    let read = || {
        let mut parts = text.splitn(3, '-');
        let year = parts.next()?.parse().ok().filter(|it| (1990..=2100).contains(it))?;
        Date::from_civil(year, parts.next()?.parse().ok()?, parts.next()?.parse().ok()?)
    };
    read().ok_or_else(|| "not a date such as 2025-09-01, from 1990 to 2100".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_written_as_people_write_them() {
        for (text, number) in [
            ("1", 1),
            ("10k", 10_000),
            ("2.5M", 2_500_000),
            ("1B", 1_000_000_000),
            ("1,000", 1_000),
        ] {
            assert_eq!(count(text), Ok(number), "{text}");
        }
        for text in ["", "0", "k", "-1", "1.5", "1.2345k", "ten", "99999999999B", "+1k"] {
            assert!(count(text).is_err(), "{text}");
        }
    }

    #[test]
    fn dates_are_real_ones() {
        assert_eq!(date("2025-09-01").map(|it| it.0), Ok(20_332));
        for text in ["", "2025", "2025-02-30", "2025-9", "0001-01-01", "2025-01-01-01"] {
            assert!(date(text).is_err(), "{text}");
        }
    }
}
