//! Reports made up of a few figures.

use async_trait::async_trait;
use firsthand_model::Span;
use firsthand_web::backend::{Answer, Failure, Reports};
use firsthand_web::noun::{
    AccountsLeftOut, BacktestAsked, BacktestFigure, BacktestList, BacktestReport, BacktestSide,
    BacktestSummary, BacktestWeek, Contrast, CurvePoint, DefinitionHealth, Difference, Effect,
    EffectsAsked, EffectsReport, Estimate, FigureMeaning, GroupName, HealthReport, HealthWeek,
    LifecycleAsked, LifecycleGroup, LifecycleReport, MonthFigures, Observed, PaceChange,
    PaceReading, PrecisionChange, Reading, ReportNote, ReportTable, Share, StageFigures, Track,
    Worth,
};

use super::{Fake, now};

const OUTCOMES: [&str; 2] = ["paid", "upgraded"];
const SEGMENTS: [&str; 1] = ["enterprise"];

#[async_trait]
impl Reports for Fake {
    async fn lifecycle(&self, asked: &LifecycleAsked) -> Answer<LifecycleReport> {
        known("outcome", asked.outcome.as_deref(), &OUTCOMES)?;
        known("segment", asked.segment.as_deref(), &SEGMENTS)?;
        Ok(LifecycleReport {
            asked: LifecycleAsked {
                within_days: Some(asked.within_days.unwrap_or(60)),
                ..asked.clone()
            },
            observed: observed(),
            segments: SEGMENTS.map(str::to_owned).into(),
            outcomes: OUTCOMES.map(str::to_owned).into(),
            accounts: 12_480,
            left_out: AccountsLeftOut { excluded: 3, visitors: 20, older: 0 },
            groups: vec![
                group(GroupName::Product, 1_124, 271),
                group(GroupName::Marketing, 1_380, 66),
                group(GroupName::Neither, 10_350, 124),
                group(GroupName::Expansion, 0, 0),
            ],
            contrasts: vec![Contrast {
                one: GroupName::Product,
                other: GroupName::Marketing,
                difference: difference(0.193),
                times: Some(5.02),
                days: Some(-36.0),
            }],
            stages: vec![
                stage("lead", 12_480, Some(share(461, 12_480))),
                stage("customer", 461, None),
            ],
            months: vec![MonthFigures {
                month: "2026-01-01".to_owned(),
                accounts: 900,
                too_early: 12,
                mql: share(90, 888),
                pql: share(80, 888),
                sql: share(30, 888),
                opportunity: share(20, 888),
                customer: share(33, 888),
            }],
            notes: vec![note()],
            figures: vec![meaning("converted")],
        })
    }

    async fn backtests(&self, asked: &BacktestAsked) -> Answer<BacktestList> {
        known("outcome", asked.outcome.as_deref(), &OUTCOMES)?;
        let outcomes = OUTCOMES.map(str::to_owned).into();
        Ok(BacktestList { observed: observed(), outcomes, items: vec![summary(asked)] })
    }

    async fn backtest(
        &self,
        definition: &str,
        asked: &BacktestAsked,
    ) -> Answer<Option<BacktestReport>> {
        known("outcome", asked.outcome.as_deref(), &OUTCOMES)?;
        let side = |side: &str| BacktestSide {
            side: side.to_owned(),
            figures: vec![figure("precision", Some(share(62, 200))), figure("lead_days", None)],
        };
        let mut sides = vec![side("all")];
        if asked.split.is_some() {
            sides.extend([side("before"), side("after")]);
        }
        Ok((definition == "outgrowing-free").then(|| BacktestReport {
            summary: summary(asked),
            observed: observed(),
            outcomes: OUTCOMES.map(str::to_owned).into(),
            sides,
            weeks: vec![BacktestWeek {
                week: "2026-01-05".to_owned(),
                started: 40,
                qualified: 9,
                hits: 3,
            }],
            notes: vec![note()],
            figures: vec![meaning("precision")],
        }))
    }

    async fn health(&self) -> Answer<HealthReport> {
        let week = |at: u32| HealthWeek {
            week: format!("2026-02-{:02}", 2 + 7 * at),
            entries: u64::from(at) * 3,
            subjects: 900,
        };
        let reading = PaceReading::Fewer;
        let pace = PaceChange {
            recent: 4.5,
            before: 9.0,
            times: Some(0.5),
            low: 0.3,
            high: Some(0.8),
            reading,
        };
        Ok(HealthReport {
            observed: observed(),
            recent_weeks: 2,
            items: vec![DefinitionHealth {
                definition: "outgrowing-free".to_owned(),
                version: "v1".to_owned(),
                published_at: now().into(),
                weeks: (0..4).map(week).collect(),
                entries: 240,
                last_entry_at: Some(now().into()),
                holds: share(90, 900),
                open_leads: 12,
                volume: Some(pace),
                share: Some(pace),
                precision: Some(PrecisionChange {
                    outcome: "paid".to_owned(),
                    within_days: 14,
                    before: share(62, 200),
                    since: share(6, 40),
                    too_early: 3,
                    difference: Some(Difference { reading: Reading::Lower, ..difference(-0.16) }),
                }),
                hint: None,
            }],
            figures: vec![meaning("volume")],
        })
    }

    async fn effects(&self, asked: &EffectsAsked) -> Answer<EffectsReport> {
        known("outcome", asked.outcome.as_deref(), &OUTCOMES)?;
        Ok(EffectsReport {
            asked: EffectsAsked {
                within_days: Some(asked.within_days.unwrap_or(60)),
                ..asked.clone()
            },
            observed: observed(),
            outcomes: OUTCOMES.map(str::to_owned).into(),
            tracks: vec![effect(None, difference(0.101), Some(0))],
            plays: vec![
                effect(Some("outgrowing"), difference(0.014), Some(900)),
                Effect {
                    difference: None,
                    more_needed: None,
                    held_out: Share::default(),
                    ..effect(Some("<new>"), difference(0.0), None)
                },
            ],
            figures: vec![meaning("effect")],
        })
    }

    async fn report_table(&self, of: &ReportTable) -> Answer<String> {
        Ok(match of {
            ReportTable::Lifecycle(asked) => {
                self.lifecycle(asked).await?;
                "part,name,figure,count,of,value,low,high\n".to_owned()
            }
            ReportTable::Backtests(_) => "definition,side,figure\n".to_owned(),
            ReportTable::Effects(_) => "track,play,figure\n".to_owned(),
        })
    }
}

fn known(parameter: &'static str, named: Option<&str>, known: &[&str]) -> Answer<()> {
    match named {
        Some(name) if !known.contains(&name) => Err(Failure::Invalid {
            parameter,
            detail: format!("there is no {parameter} `{name}`"),
            help: format!("There is `{}`.", known.join("`, `")),
        }),
        _ => Ok(()),
    }
}

fn observed() -> Observed {
    let first_at = (now() - Span::DAY.times(400)).into();
    Observed { first_at, last_at: now().into(), waiting: 7 }
}

fn share(count: u64, of: u64) -> Share {
    let rate = Some(count as f64 / of as f64);
    Share { count, of, rate, low: rate.map(|it| it * 0.9), high: rate.map(|it| it * 1.1) }
}

fn estimate(value: f64) -> Estimate {
    Estimate { value, low: Some(value * 0.8), high: None }
}

fn difference(value: f64) -> Difference {
    let (low, high) = (value - 0.04, value + 0.04);
    let reading = if low > 0.0 { Reading::Higher } else { Reading::Unclear };
    Difference { value, low, high, reading }
}

fn group(group: GroupName, entered: u64, converted: u64) -> LifecycleGroup {
    let of = |count: u64| if entered == 0 { Share::default() } else { share(count, entered) };
    let converted_share = of(converted);
    let point = |part: u32| CurvePoint {
        days: f64::from(part) * 6.0,
        share: converted_share.rate.unwrap_or(0.0) * f64::from(part) / 10.0,
    };
    LifecycleGroup {
        group,
        entered,
        too_early: 4,
        too_early_converted: 1,
        sql: of(entered / 3),
        opportunity: of(entered / 5),
        converted: converted_share,
        curve: (0..=10).map(point).collect(),
        days: (converted > 0).then(|| estimate(11.0)),
        worth: (converted > 0).then(|| Worth { told: 3, total: 147.0, mean: estimate(49.0) }),
        alike: (group == GroupName::Product).then_some(0.03),
        alike_lift: (group == GroupName::Product).then(|| estimate(8.0)),
    }
}

fn stage(stage: &str, entered: u64, customer: Option<Share>) -> StageFigures {
    StageFigures {
        stage: stage.to_owned(),
        entered,
        further: share(entered / 9, entered),
        customer,
        too_early: 40,
        days: customer.map(|_| estimate(12.5)),
        now: entered / 2,
    }
}

fn summary(asked: &BacktestAsked) -> BacktestSummary {
    BacktestSummary {
        definition: "outgrowing-free".to_owned(),
        title: Some("Outgrowing <Free>".to_owned()),
        version: "abcdef012345".to_owned(),
        track: Track::Product,
        outcome: asked.outcome.clone().unwrap_or("paid".to_owned()),
        within_days: asked.within_days.unwrap_or(14),
        qualified: 200,
        precision: share(62, 200),
        recall: share(62, 190),
        lift: Some(estimate(6.2)),
        lead_days: Some(4.5),
        too_early: 9,
    }
}

fn figure(code: &str, of: Option<Share>) -> BacktestFigure {
    BacktestFigure {
        code: code.to_owned(),
        label: code.to_owned(),
        shown: "-".to_owned(),
        count: of.map(|it| it.count),
        of: of.map(|it| it.of),
        value: of.and_then(|it| it.rate),
        low: of.and_then(|it| it.low),
        high: of.and_then(|it| it.high),
    }
}

fn effect(play: Option<&str>, difference: Difference, more_needed: Option<u64>) -> Effect {
    Effect {
        track: Track::Product,
        play: play.map(str::to_owned),
        title: play.map(|_| "Upgrade offer".to_owned()),
        assigned_told: 899,
        assigned_held_out: 225,
        too_early: 30,
        told: share(235, 899),
        held_out: share(36, 225),
        difference: Some(difference),
        more_needed,
        share_changed: false,
    }
}

fn note() -> ReportNote {
    ReportNote { code: "association".to_owned(), text: "Lift is association.".to_owned() }
}

fn meaning(code: &str) -> FigureMeaning {
    FigureMeaning { code: code.to_owned(), meaning: "What it is.".to_owned() }
}
