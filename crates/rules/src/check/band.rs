//! Bands of numbers: what a comparison lets through, and what a value can be at all.

use firsthand_model::Decimal;

/// All numbers from one end to another, in millionths. An end that is `None` is open for ever.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Band {
    /// The lower end.
    pub low: Option<End>,
    /// The upper end.
    pub high: Option<End>,
}

/// An end of a band.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct End {
    /// Where it lies, in millionths.
    pub at: i128,
    /// Whether the end itself is left out.
    pub open: bool,
}

impl End {
    /// An end that belongs to the band.
    pub const fn at(at: i128) -> Self {
        Self { at, open: false }
    }

    /// An end that does not.
    pub const fn beyond(at: i128) -> Self {
        Self { at, open: true }
    }

    /// The lower end as a place to compare: an open one lies just above a closed one.
    const fn low_place(self) -> (i128, bool) {
        (self.at, self.open)
    }

    /// The upper end as a place to compare: an open one lies just below a closed one.
    const fn high_place(self) -> (i128, bool) {
        (self.at, !self.open)
    }
}

impl Band {
    /// Every number.
    pub const ALL: Self = Self { low: None, high: None };
    /// Zero and more.
    pub const NOT_NEGATIVE: Self = Self { low: Some(End::at(0)), high: None };

    /// From one number to another, both within.
    pub const fn between(low: i128, high: i128) -> Self {
        Self { low: Some(End::at(low)), high: Some(End::at(high)) }
    }

    /// From zero up to a whole number.
    pub fn up_to(high: u32) -> Self {
        Self::between(0, i128::from(high) * Decimal::SCALE)
    }

    /// The numbers that lie in both.
    pub fn and(self, other: Self) -> Self {
        let low = [self.low, other.low].into_iter().flatten().max_by_key(|it| it.low_place());
        let high = [self.high, other.high].into_iter().flatten().min_by_key(|it| it.high_place());
        Self { low, high }
    }

    /// Whether no number lies in it.
    pub fn is_empty(self) -> bool {
        let (Some(low), Some(high)) = (self.low, self.high) else { return false };
        low.at > high.at || low.at == high.at && (low.open || high.open)
    }

    /// Whether every number of another lies in it.
    pub fn holds(self, other: Self) -> bool {
        self.and(other) == other
    }

    /// The same for a value that is always whole: both ends move to whole numbers within.
    pub fn whole(self) -> Self {
        let scale = Decimal::SCALE;
        let low = self.low.map(|end| {
            let up = end.at.div_euclid(scale) + i128::from(end.at.rem_euclid(scale) != 0);
            let skips = end.open && up * scale == end.at;
            End::at((up + i128::from(skips)) * scale)
        });
        let high = self.high.map(|end| {
            let down = end.at.div_euclid(scale);
            let skips = end.open && down * scale == end.at;
            End::at((down - i128::from(skips)) * scale)
        });
        Self { low, high }
    }

    /// Whether nothing lies between this band and one above it. Of whole numbers, 5 and 6 touch.
    pub fn touches(self, above: Self, whole: bool) -> bool {
        let (Some(high), Some(low)) = (self.high, above.low) else { return true };
        let apart = low.at.saturating_sub(high.at);
        apart < 0 || apart == 0 && !(low.open && high.open) || whole && apart <= Decimal::SCALE
    }
}

/// Whether some bands together hold all of another.
pub(super) fn cover(bands: &[Band], all: Band, whole: bool) -> bool {
    let mut bands =
        bands.iter().map(|it| it.and(all)).filter(|it| !it.is_empty()).collect::<Vec<_>>();
    bands.sort_by_key(|it| it.low.map(End::low_place));
    let Some((first, rest)) = bands.split_first() else { return all.is_empty() };
    if first.low != all.low {
        return false;
    }
    let mut reached = *first;
    for band in rest {
        if !reached.touches(*band, whole) {
            return false;
        }
        let higher = match (reached.high, band.high) {
            (Some(ours), Some(theirs)) => theirs.high_place() > ours.high_place(),
            (Some(_), None) => true,
            (None, _) => false,
        };
        if higher {
            reached.high = band.high;
        }
    }
    reached.high == all.high
}

#[cfg(test)]
mod tests {
    use super::*;

    fn band(low: Option<End>, high: Option<End>) -> Band {
        Band { low, high }
    }

    #[test]
    fn ends_that_only_touch_leave_nothing_unless_both_are_closed() {
        let upwards = |end| band(Some(end), None);
        let downwards = |end| band(None, Some(end));
        assert!(!upwards(End::at(5)).and(downwards(End::at(5))).is_empty());
        assert!(upwards(End::at(5)).and(downwards(End::beyond(5))).is_empty());
        assert!(upwards(End::beyond(5)).and(downwards(End::at(5))).is_empty());
        assert!(upwards(End::at(5)).holds(upwards(End::beyond(5))));
        assert!(!upwards(End::beyond(5)).holds(upwards(End::at(5))));
    }

    #[test]
    fn between_two_whole_numbers_lies_no_whole_number() {
        let scale = Decimal::SCALE;
        let open = band(Some(End::beyond(3 * scale)), Some(End::beyond(4 * scale)));
        assert!(!open.is_empty() && open.whole().is_empty());
        let half = band(Some(End::at(scale / 2)), None);
        assert_eq!(half.whole().low, Some(End::at(scale)));
    }

    #[test]
    fn two_half_lines_cover_everything_if_they_meet() {
        let up = |at| band(Some(End::at(at)), None);
        let down = |end| band(None, Some(end));
        assert!(cover(&[up(5), down(End::beyond(10))], Band::ALL, false));
        assert!(cover(&[up(5), down(End::beyond(5))], Band::ALL, false));
        assert!(!cover(&[up(6), down(End::at(5))], Band::ALL, false));
        assert!(cover(
            &[up(6 * Decimal::SCALE), down(End::at(5 * Decimal::SCALE))],
            Band::ALL,
            true
        ));
        assert!(!cover(&[up(5)], Band::ALL, false));
        assert!(cover(&[up(0)], Band::NOT_NEGATIVE, false));
    }
}
