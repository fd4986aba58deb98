//! Tiles, bars and curves of the lifecycle, and what they show in a sentence.

use super::super::chart::{self, Scale};
use super::super::{base_between, percent, rate, rounded, tick as scale_tick, times};
use super::{
    Column, Curve, CurveChart, Guide, LevelBar, StageRow, Tile, class, many, shown, title,
};
use crate::noun::{GroupName, LifecycleGroup, LifecycleReport, Reading, Share};
use crate::pages::inbox::glyph;
use crate::pages::show::Show;
use crate::pages::texts::fill;

pub(super) fn tiles(show: &Show, report: &LifecycleReport) -> Vec<Tile> {
    let r = &show.t.reports;
    let tile = |group, name| {
        let it = report.groups.iter().find(|it| it.group == group)?;
        let class = class(group);
        let (figure, note) = (rate(&it.converted), base_between(show, &it.converted));
        Some(Tile { class, glyph: glyph(class), name, figure, note })
    };
    let mut tiles: Vec<Tile> = [
        tile(GroupName::Product, r.product_buy),
        tile(GroupName::Marketing, r.marketing_buy),
        tile(GroupName::Neither, r.neither_buy),
    ]
    .into_iter()
    .flatten()
    .collect();
    let product = report.groups.iter().find(|it| it.group == GroupName::Product);
    if let Some((it, share)) = product.and_then(|it| Some((it, it.alike?))) {
        let note = match &it.alike_lift {
            Some(lift) => fill(
                r.alike_times,
                &[
                    ("n", &rounded(show, lift.value)),
                    ("low", &rounded(show, lift.low.unwrap_or(lift.value))),
                    ("high", &rounded(show, lift.high.unwrap_or(lift.value))),
                ],
            ),
            None => r.alike_note.to_owned(),
        };
        let (class, glyph) = ("nobody", glyph("nobody"));
        tiles.push(Tile { class, glyph, name: r.alike_buy, figure: percent(share), note });
    }
    tiles
}

/// The finding that the figures support, or what they are about.
pub(super) fn finding(show: &Show, report: &LifecycleReport) -> String {
    let r = &show.t.reports;
    let clear = report.contrasts.iter().find(|it| it.difference.reading != Reading::Unclear);
    let first = report.contrasts.iter().find(|it| it.one == GroupName::Product);
    let Some(it) = clear.or(first) else { return r.who_buys.to_owned() };
    let (one, other) = (many(show.t, it.one), many(show.t, it.other));
    let text = match (it.difference.reading, it.times) {
        (Reading::Higher, Some(_)) => r.found_times,
        (Reading::Higher, None) => r.found_more,
        (Reading::Lower, _) => r.found_less,
        (Reading::Unclear, _) => r.found_unclear,
    };
    let of = it.times.map(|it| times(show, it)).unwrap_or_default();
    fill(text, &[("one", one), ("other", other), ("n", &of)])
}

pub(super) fn columns(show: &Show, report: &LifecycleReport) -> Vec<Column> {
    let compared = || shown(report).filter(|it| it.group != GroupName::Expansion);
    // A stage that nobody reaches is one that the team does not use.
    let used =
        [compared().any(|it| it.sql.count > 0), compared().any(|it| it.opportunity.count > 0)];
    compared().map(|it| column(show, it, used)).collect()
}

fn column(show: &Show, it: &LifecycleGroup, used: [bool; 2]) -> Column {
    let (t, r) = (show.t, &show.t.reports);
    let of = it.converted.of;
    let first = match it.group {
        GroupName::Product => t.words.pql,
        GroupName::Marketing => t.words.mql,
        _ => r.began,
    };
    let whole = Share { count: of, of, rate: (of > 0).then_some(1.0), low: None, high: None };
    let mut levels = vec![(first, whole)];
    let between = [(t.words.sql, it.sql), (t.words.opportunity, it.opportunity)];
    for ((name, share), used) in between.into_iter().zip(used) {
        // Nobody works on who was not found; where somebody does, it is shown.
        if share.count > 0 || used && it.group != GroupName::Neither {
            levels.push((name, share));
        }
    }
    levels.push((r.bought, it.converted));
    let widths: Vec<f64> = levels.iter().map(|it| it.1.rate.unwrap_or(0.0)).collect();
    let bars = levels.iter().enumerate().map(|(place, (name, share))| {
        let (count, percent) = (show.count(share.count), rate(share));
        let drop = widths.get(place + 1).map(|next| {
            let number = |share: f64| chart::y(share * 100.0);
            format!("M0 0H{}L{} 42H0z", number(widths[place]), number(*next))
        });
        LevelBar {
            label: fill(r.of_observed, &[("stage", name), ("n", &count), ("share", &percent)]),
            name: (*name).to_owned(),
            count,
            share: percent,
            width: chart::x(widths[place]),
            drop,
        }
    });
    let class = class(it.group);
    let (n, m) = (show.count(it.entered), show.count(it.too_early));
    let sub = if it.too_early > 0 { r.entered_early } else { r.entered };
    Column {
        class,
        glyph: glyph(class),
        name: title(t, it.group),
        sub: fill(sub, &[("n", &n), ("m", &m)]),
        levels: bars.collect(),
    }
}

pub(super) fn stage_rows(show: &Show, report: &LifecycleReport) -> Vec<StageRow> {
    let r = &show.t.reports;
    let cell = |it: &Share| format!("{} ({})", show.count(it.count), rate(it));
    let row = |it: &LifecycleGroup| {
        let values =
            [("n", &*show.count(it.too_early)), ("m", &*show.count(it.too_early_converted))];
        StageRow {
            name: title(show.t, it.group),
            watched: show.count(it.converted.of),
            early: fill(r.had_already, &values),
            sql: cell(&it.sql),
            opportunity: cell(&it.opportunity),
            bought: cell(&it.converted),
        }
    };
    shown(report).map(row).collect()
}

pub(super) fn curves(show: &Show, report: &LifecycleReport) -> Option<CurveChart> {
    let (t, r) = (show.t, &show.t.reports);
    let drawn: Vec<&LifecycleGroup> = shown(report)
        .filter(|it| it.group != GroupName::Expansion && it.converted.of > 0)
        .collect();
    let days = drawn.first()?.curve.last()?.days;
    let end = |it: &LifecycleGroup| it.curve.last().map_or(0.0, |it| it.share);
    let scale = Scale::to(drawn.iter().map(|it| end(it)).fold(0.0, f64::max));
    let ends: Vec<f64> = drawn.iter().map(|it| scale.y(end(it))).collect();
    let labels = chart::labels(&ends);
    let name = |it: &LifecycleGroup| match it.group {
        GroupName::Product => t.words.product,
        GroupName::Marketing => t.words.marketing,
        _ => r.neither,
    };
    let curve = |(it, label_y): (&&LifecycleGroup, f64)| Curve {
        class: class(it.group),
        d: chart::path(&it.curve, &scale),
        label: format!("{} {}", name(it), percent(end(it))),
        label_y: chart::y(label_y),
    };
    let lines = scale.lines.iter().map(|it| {
        let down = scale.y(*it);
        (chart::y(down), chart::y(down + 4.0), scale_tick(show, *it))
    });
    let tick = |part: f64, class| {
        let text = rounded(show, days * part);
        let text = if part >= 1.0 { fill(r.n_days_axis, &[("n", &text)]) } else { text };
        (chart::x(part), class, text)
    };
    let half = drawn.first().and_then(|it| Some((it, it.days?))).map(|(it, median)| {
        let top = scale.y(end(it) / 2.0);
        Guide {
            class: class(it.group),
            x: chart::x(median.value / days),
            y: chart::y(top),
            text_y: chart::y(f64::midpoint(top, chart::HEIGHT)),
            text: fill(r.half_by, &[("n", &rounded(show, median.value.ceil()))]),
        }
    });
    let points = drawn[0].curve.len();
    let row = |place: usize| {
        let cells = drawn.iter().map(|it| percent(it.curve[place].share));
        (rounded(show, drawn[0].curve[place].days), cells.collect())
    };
    let told: Vec<String> =
        drawn.iter().map(|it| format!("{} {}", name(it), percent(end(it)))).collect();
    Some(CurveChart {
        label: format!("{}: {}", r.how_soon, told.join(", ")),
        lines: lines.collect(),
        curves: drawn.iter().zip(labels).map(curve).collect(),
        half,
        names: drawn.iter().map(|it| name(it)).collect(),
        ticks: vec![
            tick(0.0, ""),
            tick(0.25, "middle"),
            tick(0.5, "middle"),
            tick(0.75, "middle"),
            tick(1.0, "end"),
        ],
        rows: (0..points)
            .step_by(5)
            .filter(|it| drawn.iter().all(|of| of.curve.len() > *it))
            .map(row)
            .collect(),
    })
}
