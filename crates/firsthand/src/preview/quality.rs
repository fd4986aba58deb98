//! How well two versions find those who succeed.

use firsthand_lab::backtest::Status;
use firsthand_lab::statistics::{Difference, Lift};
use firsthand_lab::{Backtest, Rate};
use firsthand_model::Span;
use firsthand_web::noun::{Beside, Measured, Quality, Share};

use super::Pass;
use super::side::Side;

/// Holds both versions against the outcome; `None` without one.
pub fn of(
    pass: &Pass<'_>,
    draft: &Side,
    running: Option<&Side>,
    outcomes: Vec<String>,
) -> Option<Quality> {
    let question = pass.question.as_ref()?;
    let draft = draft.backtest.as_ref()?;
    let running = running.and_then(|it| it.backtest.as_ref());
    let (new, old) = (&draft.all, running.map(|it| &it.all));
    let difference = |new: Rate, old: Option<Rate>| {
        let Difference { value, low, high, .. } = Difference::between(new, old?)?;
        Some(Measured { value, low, high })
    };
    Some(Quality {
        outcome: question.outcome.to_string(),
        outcomes,
        within_days: u32::try_from(question.within.0 / Span::DAY.0).unwrap_or(u32::MAX),
        reached: new.recall_of_all.of,
        base: share(new.base),
        precision: Beside {
            draft: share(new.precision),
            running: old.map(|it| share(it.precision)),
        },
        recall: Beside { draft: share(new.recall), running: old.map(|it| share(it.recall)) },
        lift: Beside { draft: new.lift.map(lift), running: old.map(|it| it.lift.map(lift)) },
        lead_days: Beside { draft: lead(draft), running: running.map(lead) },
        precision_difference: difference(new.precision, old.map(|it| it.precision)),
        recall_difference: difference(new.recall, old.map(|it| it.recall)),
    })
}

/// A rate as it goes over the wire.
pub fn share(rate: Rate) -> Share {
    let Rate { count, of, rate, low, high } = rate;
    Share { count, of, rate, low, high }
}

fn lift(it: Lift) -> Measured {
    Measured { value: it.value, low: it.low, high: it.high }
}

/// Days from entering to the outcome: the median, and the quartiles.
fn lead(of: &Backtest) -> Option<Measured> {
    let hits = of.qualifications.iter().filter(|it| it.status == Status::Hit);
    let mut days: Vec<f64> = hits.filter_map(|it| it.lead_days).collect();
    days.sort_unstable_by(f64::total_cmp);
    let last = days.len().checked_sub(1)?;
    Some(Measured { value: of.all.lead_days?, low: days[last / 4], high: days[last * 3 / 4] })
}
