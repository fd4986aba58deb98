//! The tables of the lifecycle: what buyers bring, groups against each other, stages, months.

use firsthand_model::Date;

use super::super::chart::{self, Whisker};
use super::super::{base, base_between, interval, notes, points, points_between, rate, rounded};
use super::{ContrastRow, ENOUGH, MeasureRow, MonthRow, StepRow, many, shown};
use crate::noun::{
    Contrast, Estimate, LifecycleGroup, LifecycleReport, MonthFigures, Reading, Share,
};
use crate::pages::inbox::Stage;
use crate::pages::show::Show;
use crate::pages::texts::fill;

pub(super) fn measures(show: &Show, report: &LifecycleReport) -> Vec<MeasureRow> {
    let r = &show.t.reports;
    let row = |name, sub, cell: &dyn Fn(&LifecycleGroup) -> (String, String)| {
        let cells: Vec<(String, String)> = shown(report).map(cell).collect();
        cells.iter().any(|it| it.0 != "–").then_some(MeasureRow { name, sub, cells })
    };
    let none = || ("–".to_owned(), String::new());
    let rows = [
        row(r.bought, "", &|it| (rate(&it.converted), base(show, &it.converted))),
        row(r.days_to, r.days_to_sub, &|it| {
            it.days.map_or_else(none, |it| (rounded(show, it.value), interval(show, &it)))
        }),
        row(r.worth_of_one, r.worth_of_one_sub, &|it| {
            let mean = it.worth.map(|it| it.mean);
            mean.map_or_else(none, |it| (rounded(show, it.value), interval(show, &it)))
        }),
        row(r.worth_in_all, r.worth_in_all_sub, &|it| {
            it.worth.map_or_else(none, |it| {
                let told = Share { count: it.told, of: 0, rate: None, low: None, high: None };
                (rounded(show, it.total), show.count(told.count))
            })
        }),
        row(r.lift, r.lift_sub, &|it| {
            it.alike_lift.map_or_else(none, |it| (rounded(show, it.value), interval(show, &it)))
        }),
    ];
    rows.into_iter().flatten().collect()
}

pub(super) fn contrasts(show: &Show, report: &LifecycleReport) -> Vec<ContrastRow> {
    let differences: Vec<_> = report.contrasts.iter().map(|it| Some(&it.difference)).collect();
    let drawn = chart::whiskers(&differences);
    let rows = report.contrasts.iter().zip(drawn);
    rows.map(|(it, chart)| contrast(show, it, chart)).collect()
}

fn contrast(show: &Show, it: &Contrast, chart: Option<Whisker>) -> ContrastRow {
    let (t, r) = (show.t, &show.t.reports);
    let names = [("one", many(t, it.one)), ("other", many(t, it.other))];
    let (class, badge, reading) = match it.difference.reading {
        Reading::Higher => ("good", "good", r.more_often),
        Reading::Lower => ("bad", "bad", r.less_often),
        Reading::Unclear => ("hollow", "", r.unclear),
    };
    let days = it.days.map(|days| {
        let text = if days < 0.0 { r.sooner } else { r.later };
        fill(text, &[("n", &rounded(show, days.abs()))])
    });
    let d = &it.difference;
    let told = [("value", points(d.value)), ("low", points(d.low)), ("high", points(d.high))];
    let told: Vec<(&str, &str)> = told.iter().map(|it| (it.0, it.1.as_str())).collect();
    ContrastRow {
        name: fill(r.less, &names),
        chart,
        chart_label: fill(r.interval_label, &told),
        class,
        points: points(d.value),
        between: points_between(t, d),
        reading,
        badge,
        days: days.unwrap_or_default(),
    }
}

pub(super) fn stages_title(show: &Show, report: &LifecycleReport) -> String {
    let r = &show.t.reports;
    // The stage that most have come to and half have surely left: what the figures can tell.
    let sure = |it: &Estimate| it.low.is_some() && it.high.is_some();
    let told = report
        .stages
        .iter()
        .filter(|it| it.entered >= ENOUGH && it.days.as_ref().is_some_and(sure));
    let widest = told.max_by_key(|it| it.entered);
    widest.and_then(|it| Some((it, it.days?))).map_or(r.stages.to_owned(), |(it, days)| {
        let stage = Stage::of(show.t, Some(&it.stage)).word;
        fill(r.stages_found, &[("stage", &stage), ("n", &rounded(show, days.value))])
    })
}

pub(super) fn steps(show: &Show, report: &LifecycleReport) -> Vec<StepRow> {
    let r = &show.t.reports;
    let cell = |it: &Share| (rate(it), base_between(show, it));
    let none = || ("–".to_owned(), String::new());
    let rows = report.stages.iter().filter(|it| it.entered > 0);
    rows.map(|it| StepRow {
        stage: Stage::of(show.t, Some(&it.stage)),
        came: show.count(it.entered),
        early: show.count(it.too_early),
        further: if it.customer.is_some() { cell(&it.further) } else { none() },
        became: it.customer.as_ref().map_or_else(none, cell),
        days: match &it.days {
            Some(days) => (rounded(show, days.value), interval(show, days)),
            None => ("–".to_owned(), r.most_stay.to_owned()),
        },
        now: show.count(it.now),
    })
    .collect()
}

pub(super) fn months(show: &Show, report: &LifecycleReport) -> Vec<MonthRow> {
    let w = &show.t.words;
    let row = |it: &MonthFigures| {
        let date = it.month.parse::<Date>().unwrap_or(Date(0));
        let (year, month, _) = date.civil();
        let name = w.months.split(' ').nth(usize::try_from(month - 1).unwrap_or(0));
        let cell = |it: &Share| (rate(it), show.count(it.count));
        MonthRow {
            month: fill(
                show.t.reports.month_year,
                &[("month", name.unwrap_or_default()), ("year", &year.to_string())],
            ),
            accounts: show.count(it.accounts),
            early: show.count(it.too_early),
            cells: [&it.mql, &it.pql, &it.sql, &it.opportunity, &it.customer].map(cell).into(),
        }
    };
    report.months.iter().map(row).collect()
}

pub(super) fn all_notes(show: &Show, report: &LifecycleReport) -> Vec<String> {
    let r = &show.t.reports;
    let absent = &report.left_out;
    let counts =
        [(absent.excluded, r.excluded), (absent.visitors, r.visitors), (absent.older, r.older)];
    let told = counts.into_iter().filter(|it| it.0 > 0);
    let mut all = notes(show.t, &report.notes);
    all.extend(told.map(|(count, text)| fill(text, &[("n", &show.count(count))])));
    all
}
