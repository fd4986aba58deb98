//! Expected timelines: when a story's subjects should enter and leave.

use std::collections::BTreeMap;

use firsthand_model::diagnostic::Problem;
use firsthand_model::{Calendar, Text, Time};

use super::piece::{self, Piece};
use super::{id, when};

/// What a story says about one subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    /// The subject's id; `None` for the one that the story is about.
    pub subject: Option<Text>,
    /// How it goes.
    pub course: Course,
}

/// How a definition goes for a subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Course {
    /// `never`: it is not entered.
    Never,
    /// `unknown`: it is not entered, and at the end its condition is unknown, not false.
    Unknown,
    /// Entered and left at exactly these instants, oldest first; at least one.
    Stretches(Vec<Stretch>),
}

/// One stretch in which a definition is expected to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// From when on, inclusive.
    pub entered: Time,
    /// Until when, exclusive; `None` if it still holds at the end of the story.
    pub left: Option<Time>,
}

/// Reads an expected timeline: lines `entered TIME` and `left TIME` in turn, or `never`, or
/// `unknown`, each behind `SUBJECT:` where several subjects are meant. Subjects come out in order
/// of their ids.
///
/// # Errors
/// Every line that cannot be read or does not follow from the one before, as a `BAD_STORY`.
pub fn timeline(text: &str, calendar: &Calendar) -> Result<Vec<Expected>, Vec<Problem>> {
    let mut courses = BTreeMap::new();
    let mut problems = Vec::new();
    for (_, line) in piece::lines(text) {
        if let Err(problem) = expected_line(line, calendar, &mut courses) {
            problems.push(problem);
        }
    }
    if courses.is_empty() && problems.is_empty() {
        let nothing = Piece { text: "", from: 0 };
        problems.push(nothing.error("the timeline says nothing").with_help(TIMELINE_HELP));
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok(courses.into_iter().map(|(subject, course)| Expected { subject, course }).collect())
}

const TIMELINE_HELP: &str = "Write `entered 2026-01-05 09:00` and `left 2026-01-12 09:00` in turn, \
    `never`, or `unknown`.";

/// One line of an expected timeline.
fn expected_line(
    line: Piece<'_>,
    calendar: &Calendar,
    courses: &mut BTreeMap<Option<Text>, Course>,
) -> Result<(), Problem> {
    // A colon followed by a space: those inside times are followed by digits.
    let (subject, what) = match line.split_once(": ") {
        Some((subject, what)) => (Some(id(subject)?), what),
        None => (None, line),
    };
    let (word, rest) = what.first_word();
    let says_more = |piece: Piece<'_>| {
        piece.error("this does not follow from the line before").with_help(TIMELINE_HELP)
    };
    let before = courses.get_mut(&subject);
    match (word.text, before) {
        ("never" | "unknown", None) if rest.text.is_empty() => {
            let course = if word.text == "never" { Course::Never } else { Course::Unknown };
            courses.insert(subject, course);
        }
        ("entered", None) => {
            let entered = when::instant(rest, calendar)?;
            let first = Stretch { entered, left: None };
            courses.insert(subject, Course::Stretches(vec![first]));
        }
        ("entered", Some(Course::Stretches(stretches))) => {
            let entered = when::instant(rest, calendar)?;
            if stretches.last().and_then(|it| it.left).is_none_or(|left| entered < left) {
                return Err(says_more(what));
            }
            stretches.push(Stretch { entered, left: None });
        }
        ("left", Some(Course::Stretches(stretches))) => {
            let left = when::instant(rest, calendar)?;
            match stretches.last_mut() {
                Some(last) if last.left.is_none() && last.entered < left => last.left = Some(left),
                _ => return Err(says_more(what)),
            }
        }
        ("never" | "unknown", Some(_)) | ("entered" | "left", _) => return Err(says_more(what)),
        _ => {
            let message = format!("`{}` is no part of a timeline", what.text);
            return Err(what.error(message).with_help(TIMELINE_HELP));
        }
    }
    Ok(())
}
