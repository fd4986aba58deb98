//! Simulated reps and readers: what they do with leads and messages. It follows from the id of the
//! lead or message alone, so that every run is alike.

use firsthand_engine::desk::Act;
use firsthand_model::lead::{Lead, LeadStatus};
use firsthand_model::play::Reaction;
use firsthand_model::{Span, Text, Time};

/// The working day, in hours; from Monday to Friday.
const WORK: std::ops::Range<i64> = 9..17;
/// After how long everything has been answered.
const LEFT_LYING: Span = Span(8 * Span::DAY.0);
/// Who answers what belongs to nobody.
const ANYBODY: Text = Text::new_static("tom");

/// What a rep does about a lead at an instant, and who; nothing, if it is not time for that.
pub fn answer(lead: &Lead, now: Time, reasons: &[Text]) -> Option<(Text, Act)> {
    if !is_working(now) {
        return None;
    }
    let of = |what: &str, below: u64| chance(lead.id.as_str(), what, below);
    let by = lead.owner.clone().unwrap_or(ANYBODY);
    let reason = |what: &str| {
        let count = u64::try_from(reasons.len().max(1)).unwrap_or(1);
        reasons.get(usize::try_from(of(what, count)).unwrap_or(0)).cloned()
    };
    let act = match lead.status {
        LeadStatus::Open => {
            let waits = 4 + i64::try_from(of("waits", 44)).unwrap_or(0);
            let waited = now - lead.known_at;
            if waited < Span::HOUR.times(waits) {
                return None;
            }
            match of("answer", 100) {
                // Some are left lying for long.
                _ if waited > LEFT_LYING => Act::Reject { reason: reason("rejects")? },
                0..=57 => Act::Accept,
                58..=72 => Act::Reject { reason: reason("rejects")? },
                73..=79 => {
                    let days = 2 + i64::try_from(of("puts off", 6)).unwrap_or(0);
                    Act::Snooze { until: now + Span::DAY.times(days), reason: None }
                }
                _ => return None,
            }
        }
        LeadStatus::Accepted => {
            let works = 8 + i64::try_from(of("works", 25)).unwrap_or(0);
            let since = lead.touched_at.unwrap_or(lead.known_at);
            if now < since + Span::DAY.times(works) || of("loses", 100) >= 55 {
                return None;
            }
            Act::Lost { reason: reason("loses it") }
        }
        _ => return None,
    };
    Some((by, act))
}

/// What a rep writes down when a lead was accepted, about one in three times.
pub fn note(lead: &Lead) -> Option<Act> {
    const NOTES: [&str; 4] = [
        "Called: they compare us with two others, and want to see automation first.",
        "The admin asked for a quote for the whole team by the end of the month.",
        "Left a message. They answer mails in the morning.",
        "They move their newsletter over from another tool; the limit is what holds them up.",
    ];
    let at = chance(lead.id.as_str(), "note", 12);
    let text = NOTES.get(usize::try_from(at).unwrap_or(NOTES.len()))?;
    Some(Act::Note { text: Text::new_static(text) })
}

/// What somebody does with a message that stands on their page.
pub fn reactions(delivery: &str) -> &'static [Reaction] {
    match chance(delivery, "reacts", 100) {
        0..=23 => &[Reaction::Shown, Reaction::Clicked],
        24..=55 => &[Reaction::Shown, Reaction::Dismissed],
        _ => &[Reaction::Shown],
    }
}

/// A number below another one, which follows from what it is about.
pub fn chance(about: &str, what: &str, below: u64) -> u64 {
    let hash = blake3::hash(format!("{what}\n{about}").as_bytes());
    let number = hash.as_bytes()[..8].iter().fold(0, |all, it| all << 8 | u64::from(*it));
    number % below.max(1)
}

fn is_working(now: Time) -> bool {
    let (day, hour) = (now.0.div_euclid(Span::DAY.0), now.0.rem_euclid(Span::DAY.0) / Span::HOUR.0);
    // 1970 began on a Thursday.
    (day + 3).rem_euclid(7) < 5 && WORK.contains(&hour)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_works_at_night_or_on_sundays() {
        let at = |day: i64, hour: i64| Time(day * Span::DAY.0 + hour * Span::HOUR.0);
        assert!(is_working(at(0, 9)), "a Thursday");
        assert!(!is_working(at(0, 8)) && !is_working(at(0, 17)) && !is_working(at(3, 12)));
    }

    #[test]
    fn chances_repeat_and_differ() {
        let all: std::collections::BTreeSet<u64> =
            (0..100).map(|it| chance(&format!("lead {it}"), "waits", 30)).collect();
        assert!(all.len() > 20 && all.iter().all(|it| *it < 30));
        assert_eq!(chance("a", "b", 1_000), chance("a", "b", 1_000));
    }
}
