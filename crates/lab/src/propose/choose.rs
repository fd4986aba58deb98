//! Chooses among thresholds by what each of them found in the recorded facts.

use super::Draft;
use super::groups::PAID_MIN;

/// What one variant of a draft came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tried {
    /// Subjects for which it held at some time.
    pub entered: u64,
    /// Of these, those with the outcome within 28 days of it.
    pub hits: u64,
}

/// A variant that was chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Its place among the draft's.
    pub variant: usize,
    /// Why this one.
    pub by: By,
}

/// Why a variant was chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// It is the usual one, and finds a sensible share.
    Custom,
    /// Success was most frequent after it.
    Success,
    /// It finds about the share that was aimed at.
    Share,
    /// None of them finds anybody.
    Nothing,
}

/// Chooses a variant: `None` if none of them ever held for anybody.
///
/// The one that is preferred, if it finds a sensible share; else, of those that find a share within
/// the aim, the one after which success was most frequent, if there is enough of it to tell; else
/// the one nearest to the middle of the aim. `outcomes` is how many subjects had the outcome at all.
pub fn choose(draft: &Draft, tried: &[Tried], outcomes: u64) -> Option<Choice> {
    let share = |it: &Tried| it.entered as f64 / draft.eligible.max(1) as f64;
    let (low, high) = draft.aim;
    let within = |it: &Tried| it.entered > 0 && (low..=high).contains(&share(it));
    if let Some(preferred) = draft.preferred
        && tried.get(preferred).is_some_and(within)
    {
        return Some(Choice { variant: preferred, by: By::Custom });
    }
    let off = |it: &Tried| (share(it) / draft.middle()).ln().abs();
    let mut found: Vec<usize> = (0..tried.len()).filter(|it| within(&tried[*it])).collect();
    if found.is_empty() || outcomes < PAID_MIN {
        found = (0..tried.len()).filter(|it| tried[*it].entered > 0).collect();
        let nearest = |a: &usize, b: &usize| off(&tried[*a]).total_cmp(&off(&tried[*b]));
        let variant = found.into_iter().min_by(nearest)?;
        return Some(Choice { variant, by: By::Share });
    }
    // Few subjects prove little: each rate is drawn towards that of all within the aim.
    let all = found
        .iter()
        .fold((0, 0), |(hits, entered), it| (hits + tried[*it].hits, entered + tried[*it].entered));
    let usual = all.0 as f64 / all.1.max(1) as f64;
    let rate = |it: &Tried| (it.hits as f64 + 20.0 * usual) / (it.entered as f64 + 20.0);
    // `max_by` takes the last of equals; the first is the plainest.
    let best = |a: &usize, b: &usize| rate(&tried[*a]).total_cmp(&rate(&tried[*b]));
    let variant = found.into_iter().rev().max_by(best)?;
    Some(Choice { variant, by: By::Success })
}

#[cfg(test)]
mod tests {
    use super::*;
    use firsthand_model::config::Track;
    use firsthand_model::fact::Kind;

    fn draft(preferred: Option<usize>) -> Draft {
        Draft {
            name: "d".into(),
            title: "D".into(),
            track: Track::Product,
            subject: Kind::Account,
            variants: Vec::new(),
            preferred,
            stay: None,
            unless: None,
            why: None,
            eligible: 1_000,
            of: "1,000 accounts".to_owned(),
            aim: (0.05, 0.15),
            reason: String::new(),
        }
    }

    fn tried(of: &[(u64, u64)]) -> Vec<Tried> {
        of.iter().map(|(entered, hits)| Tried { entered: *entered, hits: *hits }).collect()
    }

    fn choose(draft: &Draft, tried: &[Tried], outcomes: u64) -> Option<(usize, By)> {
        super::choose(draft, tried, outcomes).map(|it| (it.variant, it.by))
    }

    #[test]
    fn success_decides_within_the_aim() {
        let these = tried(&[(400, 90), (140, 20), (100, 30), (60, 12), (10, 9)]);
        assert_eq!(choose(&draft(None), &these, 120), Some((2, By::Success)));
        assert_eq!(choose(&draft(Some(3)), &these, 120), Some((3, By::Custom)), "goes first");
        assert_eq!(choose(&draft(Some(0)), &these, 120), Some((2, By::Success)), "too many");
    }

    #[test]
    fn the_nearest_is_taken_where_success_tells_nothing() {
        assert_eq!(
            choose(&draft(None), &tried(&[(400, 1), (140, 1), (80, 0)]), 2),
            Some((2, By::Share))
        );
        assert_eq!(choose(&draft(None), &tried(&[(900, 99), (2, 2)]), 200), Some((0, By::Share)));
        assert_eq!(choose(&draft(None), &tried(&[(0, 0), (1, 0)]), 0), Some((1, By::Share)));
        assert_eq!(choose(&draft(None), &tried(&[(0, 0)]), 0), None);
    }
}
