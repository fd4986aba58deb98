//! How fast an account's meters fill: what each gained over the time by which `limit_reached_in`
//! takes its pace.
//!
//! A definition that asks for a forecast has it in its graph. Nobody else pays for it: here it is
//! worked out from an account's rows, when somebody looks.

use firsthand_model::config::{MeterKind, Project, Reset};
use firsthand_model::fact::{Kind, Row};
use firsthand_model::time::Period;
use firsthand_model::{Calendar, Decimal, Text, Time};

use crate::compile::PACE;
use crate::judge::{self, Judge, Stream};

/// What every meter gained in the last [`PACE`] before `now`, by name, in the program's order.
///
/// `rows` are all the account's, in the order of [`Row::order`].
pub fn gained(
    judge: &mut Judge<'_>,
    project: &Project,
    rows: &[Row],
    now: Time,
) -> Vec<(Text, f64)> {
    let until = |at: Time| rows.partition_point(|it| it.time <= at);
    let begin = now - PACE;
    let (before, recent) = rows[..until(now)].split_at(until(begin));
    let mut stream = Stream::new(Kind::Account);
    let refs: Vec<&Row> = before.iter().collect();
    judge::run(judge, &mut stream, &refs, &[], begin, &mut |_, _| {});
    let first = used(judge, &stream);
    let mut added = vec![0.0; first.len()];
    for here in recent.chunk_by(|a, b| a.time == b.time) {
        let at = here[0].time;
        // What time alone takes away, such as at the end of a month, was not used less.
        judge.advance(&mut stream, Time(at.0 - 1), &mut |_, _| {});
        let was = used(judge, &stream);
        let refs: Vec<&Row> = here.iter().collect();
        judge.step(&mut stream, at, &refs, &[], &mut |_, _| {});
        let is = used(judge, &stream);
        for (((name, was), (_, is)), added) in was.iter().zip(is).zip(&mut added) {
            let reset = project.meters.get(name).map(|it| it.reset);
            let anew = reset.is_some_and(|it| begins(it, at, &project.calendar));
            *added += if anew { is } else { is - was };
        }
    }
    judge.advance(&mut stream, now, &mut |_, _| {});
    let last = used(judge, &stream);
    let told = first.into_iter().zip(last).zip(added).map(|(((name, first), (_, last)), added)| {
        let sums = project
            .meters
            .get(&name)
            .is_some_and(|it| matches!(it.kind, MeterKind::Count | MeterKind::Sum));
        (name, if sums { added } else { last - first })
    });
    told.collect()
}

/// What every meter stands at; at nothing before the account's first fact.
fn used(judge: &Judge<'_>, stream: &Stream) -> Vec<(Text, f64)> {
    let root = &judge.program().account;
    if !stream.frame().is_born() {
        return root.meters.iter().map(|it| (it.name.clone(), 0.0)).collect();
    }
    let meters = judge::meters(root, stream).into_iter();
    meters.map(|(name, used, ..)| (name, used.map_or(0.0, Decimal::to_f64))).collect()
}

/// Whether a meter starts again at nothing at exactly this instant.
fn begins(reset: Reset, at: Time, calendar: &Calendar) -> bool {
    let period = match reset {
        Reset::Month => Period::Month,
        Reset::Week => Period::Week,
        Reset::Never | Reset::BillingPeriod => return false,
    };
    calendar.start_of(calendar.period_start(period, calendar.date(at))) == at
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use firsthand_model::Span;
    use firsthand_model::diagnostic::SourceFile;
    use firsthand_model::fact::RowBody;

    use super::*;
    use crate::compile::compile;

    const METERS: &str = r#"
meter: calls
kind: count
add: '"API called"'
reset: month
---
meter: contacts
kind: level
add: '"Contact added"'
remove: '"Contact deleted"'
"#;

    /// What calls and contacts gained by a day of 1970, from events on days of it.
    fn gained_by(now: i64, events: &[(i64, &str)]) -> [String; 2] {
        let file = SourceFile { name: "firsthand.yaml".to_owned(), text: METERS.to_owned() };
        let none =
            |path: &str| Err(std::io::Error::new(std::io::ErrorKind::NotFound, path.to_owned()));
        let project = Project::from_files(&[Arc::new(file)], &none).project;
        let program = compile(&project).program;
        let at = |day: i64| Time(0) + Span::DAY.times(day);
        let event = |(day, name): &(i64, &str)| {
            let values = vec![firsthand_model::Scalar::Missing; program.paths.len()];
            let name = Text::from(*name);
            Row::bare(at(*day), RowBody::Event { name, record: false, values: values.into() })
        };
        let rows: Vec<Row> = events.iter().map(event).collect();
        let found = gained(&mut Judge::new(&program, Time::MIN), &project, &rows, at(now));
        let of =
            |name: &str| found.iter().find(|it| *it.0 == *name).expect("a meter").1.to_string();
        [of("calls"), of("contacts")]
    }

    #[test]
    fn what_was_counted_in_14_days_is_gained_though_a_month_ended() {
        let calls =
            [(10, "API called"), (20, "API called"), (31, "API called"), (33, "API called")];
        assert_eq!(gained_by(23, &calls)[0], "2");
        assert_eq!(gained_by(33, &calls)[0], "3", "the call at midnight of February among them");
        assert_eq!(gained_by(40, &calls)[0], "2");
        assert_eq!(gained_by(60, &calls)[0], "0");
    }

    #[test]
    fn what_is_held_gains_what_came_less_what_went() {
        let (add, delete) = ("Contact added", "Contact deleted");
        let events = [(1, add), (2, add), (18, add), (19, add), (20, add), (21, delete)];
        assert_eq!(gained_by(10, &events[..2])[1], "2", "before the first fact there was nothing");
        assert_eq!(gained_by(22, &events)[1], "2");
        assert_eq!(gained_by(33, &events)[1], "0", "one came since, and one went");
        assert_eq!(gained_by(10, &[])[1], "0");
    }
}
