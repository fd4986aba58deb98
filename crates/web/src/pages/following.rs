//! A publication on its way: how far it is, that it is done, or why it could not be.

use firsthand_model::Span;

use super::show::Show;
use super::texts::fill;
use crate::noun::{Publication, PublicationState};

/// How long it is told that one is done.
const DONE_FOR: Span = Span::MINUTE.times(10);

/// A publication, in words.
pub(super) struct Following {
    pub class: &'static str,
    pub icon: &'static str,
    pub words: String,
    /// What comes of it, or what is wrong.
    pub more: Vec<String>,
    /// Why it failed, as the program says it.
    pub problem: Option<String>,
    /// How much of it is done, from 0 to 100, where that is known.
    pub percent: Option<u64>,
    /// The same in numbers.
    pub so_far: Option<String>,
    pub goes_on: bool,
}

impl Following {
    /// What there is to tell of the newest publication, of one definition or of all.
    pub fn of(show: &Show, it: Option<&Publication>, definition: Option<&str>) -> Option<Self> {
        let it = it?;
        if definition.is_some_and(|name| !it.definitions.iter().any(|it| it == name)) {
            return None;
        }
        if it.state == PublicationState::Done && show.now - it.asked_at.0 > DONE_FOR {
            return None;
        }
        let f = &show.t.following;
        let when = show.when(it.asked_at.0);
        let values = [("names", &*it.definitions.join(", ")), ("when", &*when), ("who", &*it.by)];
        let (class, icon, words) = match it.state {
            PublicationState::Waiting => ("", "clock", f.waiting),
            PublicationState::Reading => ("", "clock", f.reading),
            PublicationState::Recording => ("", "clock", f.recording),
            PublicationState::Applying => ("", "clock", f.applying),
            PublicationState::Done => ("good", "check", f.done),
            PublicationState::Failed => ("bad", "alert", f.failed),
        };
        let mut more = vec![match it.state {
            PublicationState::Done if it.apply_to_existing => f.done_applied.to_owned(),
            PublicationState::Done => f.done_recorded.to_owned(),
            PublicationState::Failed => f.failed_help.to_owned(),
            _ => f.goes_on.to_owned(),
        }];
        if it.state != PublicationState::Done {
            more.push(fill(f.by, &values));
        }
        if !it.needs_restart.is_empty() {
            more.push(fill(f.restart, &[("keys", &it.needs_restart.join(", "))]));
        }
        let done = show.count(it.done);
        let (percent, so_far) = match (it.state, it.total) {
            // Rows of which a fact has several are counted each.
            (PublicationState::Reading, Some(total)) => {
                let done = it.done.min(total);
                let numbers = [("n", &*show.count(done)), ("m", &*show.count(total))];
                (Some(100 * done / total.max(1)), Some(fill(f.read, &numbers)))
            }
            (PublicationState::Recording, _) => (None, Some(fill(f.lines, &[("n", &done)]))),
            _ => (None, None),
        };
        Some(Self {
            class,
            icon,
            words: fill(words, &values),
            more,
            problem: it.problem.clone(),
            percent,
            so_far,
            goes_on: it.state.goes_on(),
        })
    }
}

#[cfg(test)]
mod tests {
    use firsthand_model::Calendar;

    use super::super::texts::Language;
    use super::*;

    fn told(minutes: i64, change: impl Fn(&mut Publication)) -> Option<Following> {
        let now = "2026-03-17T13:32:00Z".parse().unwrap();
        let show = Show { t: Language::English.texts(), calendar: Calendar::default(), now };
        let mut it = Publication {
            definitions: vec!["busy-team".to_owned()],
            by: "Mara".to_owned(),
            asked_at: (now - Span::MINUTE.times(minutes)).into(),
            apply_to_existing: false,
            state: PublicationState::Done,
            done: 0,
            total: None,
            problem: None,
            needs_restart: Vec::new(),
        };
        change(&mut it);
        Following::of(&show, Some(&it), Some("busy-team"))
    }

    #[test]
    fn how_far_it_is_is_told_in_numbers() {
        let reading = told(1, |it| {
            it.state = PublicationState::Reading;
            (it.done, it.total) = (250, Some(1_000));
        });
        let reading = reading.unwrap();
        assert_eq!(reading.words, "busy-team: the history is judged anew");
        assert_eq!(reading.so_far.as_deref(), Some("250 of 1,000 facts"));
        assert_eq!((reading.percent, reading.goes_on), (Some(25), true));
        let beyond = told(1, |it| {
            it.state = PublicationState::Reading;
            (it.done, it.total) = (1_200, Some(1_000));
        });
        assert_eq!(beyond.unwrap().percent, Some(100));
    }

    #[test]
    fn a_done_one_is_told_for_a_while_and_a_failed_one_until_the_next() {
        assert!(told(9, |_| {}).is_some_and(|it| !it.goes_on && it.class == "good"));
        assert!(told(11, |_| {}).is_none());
        let failed = told(9_000, |it| {
            it.state = PublicationState::Failed;
            it.problem = Some("the disk is full".to_owned());
        });
        assert!(failed.is_some_and(|it| it.problem.as_deref() == Some("the disk is full")));
        assert!(told(1, |it| it.definitions = vec!["another".to_owned()]).is_none());
    }
}
