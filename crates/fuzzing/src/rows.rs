//! Facts through programs: the golden corpus' way, with random stories.

use std::collections::{BTreeMap, BTreeSet};

use firsthand_model::config::Project;
use firsthand_model::diagnostic::has_errors;
use firsthand_model::fact::{Fact, Kind, Row, RowBody};
use firsthand_model::{Span, Text, Time};
use firsthand_rules::compile::compile_loaded;
use firsthand_rules::compile::program::Program;
use firsthand_rules::eval::value::Value;
use firsthand_rules::expect;
use firsthand_rules::explain::explain;
use firsthand_rules::judge::{self, Judge, Record, Stream};
use firsthand_rules::resolve::Resolver;
use firsthand_rules::story;
use firsthand_rules::timeline::Interval;
use firsthand_rules::world::{Judged, watched};

use crate::configuration::project;

/// Most facts of a story that are judged: more find nothing else, and take their time.
const FACTS_MAX: usize = 120;
/// Longest time from the first fact to the last.
const LENGTH_MAX: Span = Span(3 * 366 * Span::DAY.0);
/// How long after the last fact everything is judged to.
const BEYOND: Span = Span(45 * Span::DAY.0);

/// Whatever its definitions and stories say, a project that has no errors is judged, and comes to
/// the same if it is saved and loaded on the way, looked at more often, or told late.
pub fn rows(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let loaded = project(text);
    let compiled = compile_loaded(&loaded);
    if has_errors(&loaded.diagnostics) || has_errors(&compiled.diagnostics) {
        return;
    }
    let (project, program) = (&loaded.project, &compiled.program);
    for definition in project.definitions.values() {
        for it in &definition.expect {
            let account = Some(story::DEFAULT_ACCOUNT);
            let Ok(facts) = story::facts(&it.facts.text, &project.calendar, account) else {
                continue;
            };
            let times = facts.iter().map(|it| it.time);
            let (Some(first), Some(last)) = (times.clone().min(), times.max()) else { continue };
            if facts.len() > FACTS_MAX || last.0.saturating_sub(first.0) > LENGTH_MAX.0 {
                continue;
            }
            let until = last + BEYOND;
            told_late_it_is_the_same(project, program, &facts, until);
            for (kind, rows) in streams(project, program, &facts, until) {
                cut_anywhere_it_is_the_same(program, kind, &rows, until);
            }
        }
    }
}

/// P2: what was told late comes to the same in the end. P6: whatever it comes to is explained.
fn told_late_it_is_the_same(project: &Project, program: &Program, facts: &[Fact], until: Time) {
    let on_time = facts.iter().map(|it| Fact { known_at: Some(it.time), ..it.clone() });
    let on_time = expect::judge(project, program, &on_time.collect::<Vec<_>>(), until);
    let judged = expect::judge(project, program, facts, until);
    let timelines = |of: &[Judged]| -> Vec<_> {
        let held = |it: &Vec<Interval>| it.iter().map(|it| (it.entered, it.left)).collect();
        let timelines = |it: &Judged| it.timelines.iter().map(held).collect::<Vec<Vec<_>>>();
        of.iter().map(|it| (it.subject.clone(), timelines(it))).collect()
    };
    assert_eq!(timelines(&judged), timelines(&on_time), "late facts came to something else");
    let judge = Judge::new(program, Time::MIN);
    for subject in &judged {
        for definition in
            project.definitions.values().filter(|it| it.subject == subject.subject.kind)
        {
            if let Some(it) = explain(project, &judge, &subject.stream, &definition.name) {
                assert!(it.when.reasons().len() <= it.when.all().len());
            }
        }
    }
}

/// P1 and T2: saved, loaded and looked at on the way, it is as if nothing had happened.
fn cut_anywhere_it_is_the_same(program: &Program, kind: Kind, rows: &[Row], until: Time) {
    let whole = judged(program, kind, rows, &[until]);
    let mut stops = Vec::new();
    for pair in rows.windows(2) {
        let (one, next) = (pair[0].time, pair[1].time);
        stops.extend([one - Span(1), one, one + Span((next.0 - one.0) / 2)]);
    }
    if let Some(last) = rows.last() {
        let left = until.0 - last.time.0;
        stops.extend([last.time, last.time + Span(left / 3), last.time + Span(left / 2)]);
    }
    stops.push(until);
    stops.sort_unstable();
    stops.dedup();
    assert_eq!(judged(program, kind, rows, &stops), whole, "a cut changed something");
}

/// What a subject comes to if it is judged up to each stop in turn, saved and loaded in between.
fn judged(program: &Program, kind: Kind, rows: &[Row], stops: &[Time]) -> (Record, Vec<Value>) {
    let root = program.root(kind);
    let watched = watched(program, kind);
    let mut record = Record::new(root);
    let mut stream = Stream::new(kind);
    let mut rest = rows;
    for stop in stops {
        let mut judge = Judge::new(program, Time::MIN);
        let (now, later) = rest.split_at(rest.partition_point(|row| row.time <= *stop));
        let mut note = |at, frame: &_| record.note(root, &watched, at, frame);
        let now = now.iter().collect::<Vec<_>>();
        judge::run(&mut judge, &mut stream, &now, &[], *stop, &mut note);
        let saved = postcard::to_stdvec(&stream).expect("a stream is plain data");
        stream = postcard::from_bytes(&saved).expect("it was saved just now");
        rest = later;
    }
    (record, stream.frame().values().to_vec())
}

/// The rows of every account and every person in it, in order.
fn streams(
    project: &Project,
    program: &Program,
    facts: &[Fact],
    until: Time,
) -> Vec<(Kind, Vec<Row>)> {
    let mut resolver = Resolver::new(&project.identity);
    for fact in facts {
        // What teaches nothing is still a fact.
        resolver.learn(fact).ok();
    }
    let mut accounts: BTreeMap<Text, Vec<Row>> = BTreeMap::new();
    for fact in facts.iter().filter(|it| it.time <= until) {
        for (account, row) in resolver.rows(fact, &program.paths) {
            accounts.entry(account).or_default().push(row);
        }
    }
    let mut streams = Vec::new();
    for mut rows in accounts.into_values() {
        rows.sort_by(|a, b| a.order().cmp(&b.order()));
        let people = rows.iter().filter_map(|row| row.person.clone()).collect::<BTreeSet<_>>();
        for person in people {
            let of_account =
                |row: &&Row| matches!(row.body, RowBody::Traits { of: Kind::Account, .. });
            let own = |row: &&Row| row.person.as_ref() == Some(&person) || of_account(row);
            streams.push((Kind::Person, rows.iter().filter(own).cloned().collect()));
        }
        streams.push((Kind::Account, rows));
    }
    streams
}
