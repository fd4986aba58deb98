//! Runs the stories that definitions carry (`expect:`), like tests.

use std::collections::BTreeMap;

use firsthand_model::config::{Definition, Project, Story};
use firsthand_model::diagnostic::{Diagnostic, Problem, codes};
use firsthand_model::fact::{Fact, Kind, Row};
use firsthand_model::{Calendar, Span, Text, Time};

use crate::compile::program::Program;
use crate::eval::value::Value;
use crate::judge::Judge;
use crate::resolve::Resolver;
use crate::story::{self, Course, Expected};
use crate::timeline::Interval;
use crate::world::{self, Judged};

/// Longest time that a story may span. Time alone can flip a condition each hour, so what a mistyped
/// year makes of a story would be judged for minutes; it is told instead.
pub const LENGTH_MAX: Span = Span(100 * 366 * Span::DAY.0);

/// Runs every story of a definition; returns what is wrong with them, by their places.
pub fn run(project: &Project, program: &Program, definition: &Definition) -> Vec<Diagnostic> {
    let stories = definition.expect.iter();
    stories.flat_map(|story| run_one(project, program, definition, story)).collect()
}

fn run_one(
    project: &Project,
    program: &Program,
    definition: &Definition,
    story: &Story,
) -> Vec<Diagnostic> {
    let facts =
        match story::facts(&story.facts.text, &project.calendar, Some(story::DEFAULT_ACCOUNT)) {
            Ok(facts) => facts,
            Err(problems) => {
                return problems.into_iter().map(|problem| story.facts.locate(problem)).collect();
            }
        };
    let expected = match story.timeline.as_ref() {
        None => vec![Expected { subject: None, course: Course::Never }],
        Some(text) => match story::timeline(&text.text, &project.calendar) {
            Ok(expected) => expected,
            Err(problems) => return problems.into_iter().map(|it| text.locate(it)).collect(),
        },
    };
    let last = facts.iter().map(|fact| fact.time).max().unwrap_or(Time(0));
    let until = story.until.unwrap_or(last);
    let first = facts.iter().map(|fact| fact.time).min().unwrap_or(until);
    if until.0.saturating_sub(first.0) > LENGTH_MAX.0 {
        let (first, until) = (project.calendar.show(first), project.calendar.show(until));
        let message = format!("this story goes from {first} to {until}, longer than 100 years");
        let span = 0..story.facts.text.trim_end().len();
        let problem = Problem::error(codes::BAD_STORY, span, message)
            .with_help("Look for a mistyped year, or let the story begin later or end earlier.");
        return vec![story.facts.locate(problem)];
    }
    let judged = judge(project, program, &facts, until);
    let Some((kind, root)) = program.definition(&definition.name) else { return Vec::new() };
    let place = program.root(kind).definitions.iter().position(|it| it.node == root.node);
    let Some(place) = place else { return Vec::new() };
    let found = judged.iter().filter(|it| it.subject.kind == kind);
    let found = found.map(|it| (it.subject.id.clone(), it)).collect::<BTreeMap<_, _>>();

    let mut problems = Vec::new();
    for expected in expected {
        let Some(subject) = subject_of(&expected, story, &found, kind) else {
            let who = found.keys().map(|it| format!("`{it}`")).collect::<Vec<_>>().join(", ");
            let help = format!(
                "Say which of {who} is meant: `{}: entered …`.",
                found.keys().next().map_or("ana", |it| it)
            );
            problems.push(failed(story, "the story does not say which subject is meant", &help));
            continue;
        };
        let judged = found.get(&subject).copied();
        let timeline = judged.map_or(&[][..], |it| &it.timelines[place]);
        if story.timeline.is_none() {
            if let Some(difference) = first_difference(story, timeline, &project.calendar) {
                let message =
                    format!("the story `{}` came out differently: {difference}", story.title);
                let came = timeline_text(timeline, &project.calendar);
                problems.push(failed(story, &message, &format!("`{subject}` came out: {came}.")));
            }
            continue;
        }
        let judge = Judge::new(program, history_from(project));
        let when = &program.root(kind).gate(root.node).when;
        let value = judged.map(|it| judge.evaluate(&it.stream, when));
        if let Some(difference) = difference(&expected.course, timeline, value.as_ref()) {
            let wanted = course_text(&expected.course, &project.calendar);
            let came = timeline_text(timeline, &project.calendar);
            let message = format!("the story `{}` came out differently: {difference}", story.title);
            let help = format!("`{subject}` was expected: {wanted}; it came out: {came}.");
            problems.push(failed(story, &message, &help));
        }
    }
    problems
}

fn failed(story: &Story, message: &str, help: &str) -> Diagnostic {
    let text = story.timeline.as_ref().unwrap_or(&story.facts);
    let span = 0..text.text.trim_end().len();
    text.locate(Problem::error(codes::STORY_FAILED, span, message).with_help(help))
}

/// What a story expects of the first entry and exit, where it tells no whole timeline; what it
/// leaves open is not compared.
fn first_difference(story: &Story, timeline: &[Interval], calendar: &Calendar) -> Option<String> {
    let first = timeline.first();
    let told = |what: &str, wanted: Option<Time>, came: Option<Time>| {
        let shown = |it: Option<Time>| it.map_or("never".to_owned(), |at| calendar.show(at));
        (wanted != came).then(|| format!("it {what} {}, not {}", shown(came), shown(wanted)))
    };
    let entered = story.enters.and_then(|it| told("enters", it, first.map(|it| it.entered)));
    let left = || story.leaves.and_then(|it| told("leaves", it, first.and_then(|it| it.left)));
    entered.or_else(left)
}

fn subject_of(
    expected: &Expected,
    story: &Story,
    found: &BTreeMap<Text, &Judged>,
    kind: Kind,
) -> Option<Text> {
    expected.subject.clone().or_else(|| story.subject.clone()).or_else(|| match found.len() {
        0 => Some(story::DEFAULT_ACCOUNT.into()),
        1 => found.keys().next().cloned(),
        _ if kind == Kind::Account => {
            found.get_key_value(story::DEFAULT_ACCOUNT).map(|(id, _)| id.clone())
        }
        _ => None,
    })
}

/// What differs, in a few words. `value` is what the condition came to at the end.
fn difference(expected: &Course, timeline: &[Interval], value: Option<&Value>) -> Option<String> {
    match expected {
        Course::Never if timeline.is_empty() => None,
        Course::Never => Some("it was entered".to_owned()),
        Course::Unknown => {
            if !timeline.is_empty() {
                return Some("it was entered".to_owned());
            }
            (!value?.is_unknown()).then(|| "its condition is false, not unknown".to_owned())
        }
        Course::Stretches(stretches) => {
            for (index, wanted) in stretches.iter().enumerate() {
                let Some(came) = timeline.get(index) else {
                    return Some(if index == 0 {
                        "it was never entered".to_owned()
                    } else {
                        format!("it was entered {index} times only")
                    });
                };
                if came.entered != wanted.entered {
                    return Some(format!("entry {} is at another time", index + 1));
                }
                if came.left != wanted.left {
                    return Some(format!("exit {} is at another time", index + 1));
                }
            }
            (timeline.len() > stretches.len()).then(|| "it was entered once more".to_owned())
        }
    }
}

fn course_text(course: &Course, calendar: &Calendar) -> String {
    match course {
        Course::Never => "never".to_owned(),
        Course::Unknown => "unknown".to_owned(),
        Course::Stretches(stretches) => {
            stretches_text(stretches.iter().map(|it| (it.entered, it.left)), calendar)
        }
    }
}

fn timeline_text(timeline: &[Interval], calendar: &Calendar) -> String {
    if timeline.is_empty() {
        return "never".to_owned();
    }
    stretches_text(timeline.iter().map(|it| (it.entered, it.left)), calendar)
}

fn stretches_text(
    stretches: impl Iterator<Item = (Time, Option<Time>)>,
    calendar: &Calendar,
) -> String {
    let lines = stretches.map(|(entered, left)| {
        let entered = calendar.show(entered);
        match left {
            Some(left) => format!("entered {entered}, left {}", calendar.show(left)),
            None => format!("entered {entered}"),
        }
    });
    lines.collect::<Vec<_>>().join(", ")
}

/// Judges facts in memory, as a replay over a history of just these facts would.
pub fn judge(project: &Project, program: &Program, facts: &[Fact], until: Time) -> Vec<Judged> {
    let mut resolver = Resolver::new(&project.identity);
    for fact in facts {
        // What teaches nothing (a junk id) is still a fact; `rows` leaves out what names nobody.
        resolver.learn(fact).ok();
    }
    let mut accounts: BTreeMap<Text, Vec<Row>> = BTreeMap::new();
    // Of a repeated id the copy that was known first counts, as in the history.
    let mut once: BTreeMap<(&Text, &Text), &Fact> = BTreeMap::new();
    for fact in facts {
        let known = |fact: &Fact| (fact.known_at.is_none(), fact.known_at, fact.time);
        let kept = once.entry((&fact.source, &fact.id)).or_insert(fact);
        if known(fact) < known(kept) {
            *kept = fact;
        }
    }
    for fact in once.into_values() {
        for (account, row) in resolver.rows(fact, &program.paths) {
            accounts.entry(account).or_default().push(row);
        }
    }
    for rows in accounts.values_mut() {
        rows.sort_by(|a, b| a.order().cmp(&b.order()));
    }
    let from = history_from(project);
    world::judge_all(program, &accounts, &project.identity.parent_trait, from, until)
}

/// Where the recorded history begins.
fn history_from(project: &Project) -> Time {
    project.start.history_from.unwrap_or(Time::MIN)
}
