//! Claims about previews, on a small simulated company.

use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use firsthand_history::{Compaction, History};
use firsthand_model::Date;
use firsthand_rules::compile::compile;
use firsthand_simulate::{Mess, Options, PROJECT, Size, World};
use firsthand_web::noun::PreviewAsked;
use tempfile::TempDir;

use super::*;
use crate::commands::replay::{BacktestArgs, backtest};
use crate::draft::{draft, written};
use crate::project::Folder;
use crate::serve::on_newest;

const NAME: &str = "team-near-limit";

/// A company with its history, and the past that previews look at.
struct Company {
    _dir: TempDir,
    folder: Folder,
    past: Past,
}

impl Company {
    fn new() -> Self {
        let dir = TempDir::new().unwrap();
        crate::commands::init::write_new(dir.path(), PROJECT).unwrap();
        let folder = Folder::find(Some(dir.path())).unwrap();
        let project = folder.load().project;
        let options = Options {
            seed: 7,
            size: Size::Companies(150),
            first_day: Date(20_332),
            days: 200,
            mess: Mess::default(),
        };
        let mut history = History::create(folder.history(), &project.identity, 0).unwrap();
        let mut intake = history.intake(&project.calendar).unwrap();
        let made = World::new(options).stream(
            |it| it.facts,
            |facts| {
                for it in facts {
                    intake.take(&it).unwrap();
                }
                Ok::<(), Infallible>(())
            },
        );
        made.unwrap();
        intake.finish().unwrap();
        let program = Arc::new(compile(&project).program);
        let past = Past::new(project, program, Arc::new(history)).unwrap();
        Self { _dir: dir, folder, past }
    }

    fn text(&self) -> String {
        written(&self.folder, NAME).unwrap().unwrap().text
    }

    fn preview(&self, text: &str, asked: &PreviewAsked) -> Preview {
        let drafted = draft(&self.folder, NAME, text, None).unwrap();
        self.past.preview(NAME, &drafted, asked, &AtomicBool::new(false)).unwrap().unwrap()
    }
}

#[test]
fn a_draft_is_judged_and_held_against_outcomes_as_a_backtest_does_it() {
    let company = Company::new();
    let text = company.text().replace("last 7d) >= 3", "last 7d) >= 2");
    assert_ne!(text, company.text());
    let preview = company.preview(&text, &PreviewAsked::default());
    let drafted = draft(&company.folder, NAME, &text, None).unwrap().sound.unwrap();
    let history = Arc::clone(&company.past.running.history);
    let draft = Study::of(drafted.project, Arc::new(drafted.program), history);
    let args = BacktestArgs { outcome: Some("paid".into()), ..BacktestArgs::default() };
    let quality = preview.quality.clone().unwrap();
    let backtest = |study: &Study| {
        let asked = study.definitions(&[NAME.to_owned()]).unwrap();
        backtest::backtests(study, &asked, &args, company.past.until).unwrap().remove(0).all
    };
    let (new, old) = (backtest(&draft), backtest(&company.past.running));
    assert!(new.qualified > old.qualified, "the looser one finds more: {new:?}");
    assert_eq!(quality.precision.draft, quality::share(new.precision));
    assert_eq!(quality.precision.running, Some(quality::share(old.precision)));
    assert_eq!(quality.recall.draft, quality::share(new.recall));
    assert_eq!(quality.lead_days.draft.map(|it| it.value), new.lead_days);
    let movers = preview.movers.unwrap();
    assert!(movers.enters.count > 0);
    assert_eq!(movers.leaves.count, 0, "a looser one loses nobody");
    let because = &movers.enters.some[0].because;
    assert!(because.iter().any(|it| it.contains('3')), "what the running one missed: {because:?}");
    assert_eq!(preview.holds.draft, preview.holds.running.unwrap() + preview.newly);
    let entries: u64 = preview.weeks.iter().map(|it| it.draft).sum();
    assert!(entries > 0);
}

#[test]
fn the_same_text_moves_nobody_and_the_line_lies_where_it_lay() {
    let company = Company::new();
    let preview = company.preview(&company.text(), &PreviewAsked::default());
    assert_eq!(Some(&preview.version), preview.running.as_ref());
    let movers = preview.movers.unwrap();
    assert_eq!((movers.enters.count, movers.leaves.count), (0, 0));
    assert_eq!((preview.newly, preview.no_longer), (0, 0));
    assert_eq!(preview.per_week.draft.to_bits(), preview.per_week.running.unwrap().to_bits());
    let line = preview.line.unwrap();
    assert_eq!((line.at.as_str(), line.running), ("80%", Some(80.0)));
    assert_eq!((line.least, line.most, line.step), (20.0, 100.0, 1.0));
}

#[test]
fn other_numbers_give_what_a_draft_with_them_gives() {
    let company = Company::new();
    let text = company.text();
    let line = company.preview(&text, &PreviewAsked::default()).line.unwrap();
    assert!(line.others.len() >= 4, "{:?}", line.others);
    for other in line.others.iter().filter(|it| !it.is_draft) {
        let moved = text.replace("80%", &other.at);
        let preview = company.preview(&moved, &PreviewAsked::default());
        assert_eq!(preview.per_week.draft.to_bits(), other.per_week.to_bits(), "{}", other.at);
        assert_eq!(preview.quality.unwrap().precision.draft.rate, other.precision);
        // The scale rests on the running version: only the draft's own row differs.
        let again = preview.line.unwrap();
        assert_eq!(again.bins, line.bins);
        assert_eq!(again.at, other.at);
    }
    let reached: u64 = line.bins.iter().map(|it| it.succeeded.of).sum();
    assert!(reached > 0);
}

#[test]
fn who_is_near_lacks_one_condition_and_is_told_which() {
    let company = Company::new();
    // Asked so much of everybody that somebody lacks something.
    let text = company.text().replace("last 14d) >= 5", "last 14d) >= 50");
    let preview = company.preview(&text, &PreviewAsked::default());
    let near = preview.near.unwrap();
    assert!(near.count > 0);
    for it in &near.some {
        assert_eq!(it.missing.len(), 1, "{it:?}");
    }
}

#[test]
fn what_is_stopped_comes_to_nothing_and_does_no_harm() {
    let company = Company::new();
    let drafted = draft(&company.folder, NAME, &company.text(), None).unwrap();
    let stop = AtomicBool::new(true);
    let asked = PreviewAsked::default();
    let stopped = company.past.preview(NAME, &drafted, &asked, &stop);
    assert!(matches!(stopped, Err(PreviewError::Stopped)), "{stopped:?}");
    stop.store(false, Ordering::Relaxed);
    assert!(company.past.preview(NAME, &drafted, &asked, &stop).unwrap().is_some());
}

#[test]
fn a_definition_that_does_not_exist_yet_has_nothing_to_stand_beside() {
    let company = Company::new();
    let text = "definition: busy\ntrack: product\nwhen: days(any, last 7d) >= 4\n";
    let drafted = draft(&company.folder, "busy", text, None).unwrap();
    let asked = PreviewAsked { outcome: Some("paid".into()), ..PreviewAsked::default() };
    let preview =
        company.past.preview("busy", &drafted, &asked, &AtomicBool::new(false)).unwrap().unwrap();
    assert_eq!((preview.running, preview.movers), (None, None));
    assert_eq!(preview.newly, preview.holds.draft);
    assert!(preview.near.is_none(), "it has one condition");
    let unknown = PreviewAsked { outcome: Some("nothing".into()), ..PreviewAsked::default() };
    let refused = company.past.preview("busy", &drafted, &unknown, &AtomicBool::new(false));
    assert!(matches!(refused, Err(PreviewError::UnknownOutcome(_))));
}

/// What seals meanwhile rewrites segments, and what it has replaced is gone.
#[tokio::test]
async fn a_history_that_is_rewritten_under_a_preview_is_taken_anew() {
    let company = Company::new();
    let text = company.text().replace("last 7d) >= 3", "last 7d) >= 2");
    let wanted = company.preview(&text, &PreviewAsked::default());
    let project = company.folder.load().project;
    let program = Arc::new(compile(&project).program);
    let mut history = History::open(company.folder.history(), &project.identity).unwrap();
    let past = |history: &History| {
        let (project, program) = (project.clone(), Arc::clone(&program));
        Arc::new(Past::new(project, program, Arc::new(history.fork())).unwrap())
    };
    let before = past(&history);
    history.promote(&["format".into()]).unwrap();
    assert!(history.compact(Compaction::Everywhere).unwrap() > 0);
    let after = past(&history);

    let drafted = draft(&company.folder, NAME, &text, None).unwrap();
    let stop = AtomicBool::new(false);
    let preview =
        |of: &Past| of.preview(NAME, &drafted, &PreviewAsked::default(), &stop).map(Option::unwrap);
    let broken = |it: &PreviewError| matches!(it, PreviewError::Broken(_));
    assert!(preview(&before).is_err_and(|it| broken(&it)), "its files are gone");

    let taken = AtomicUsize::new(0);
    let newest = async || {
        let taken = taken.fetch_add(1, Ordering::Relaxed);
        Ok((taken, Arc::clone(if taken == 0 { &before } else { &after })))
    };
    let found = on_newest(newest, async |past: Arc<Past>| Ok(preview(&past)), broken).await;
    assert_eq!(found.unwrap().unwrap().holds, wanted.holds);
    assert_eq!(taken.load(Ordering::Relaxed), 2);

    // A history that is the same and broken is broken.
    let same = async || Ok((0, Arc::clone(&before)));
    let found = on_newest(same, async |past: Arc<Past>| Ok(preview(&past)), broken).await;
    assert!(found.unwrap().is_err_and(|it| broken(&it)));
}

#[test]
fn a_text_that_was_tried_is_not_tried_again() {
    let company = Company::new();
    let text = company.text();
    let first = company.preview(&text, &PreviewAsked::default());
    assert_eq!(company.preview(&text, &PreviewAsked::default()), first, "took_ms included");
    assert_eq!(company.past.previews.lock().unwrap().len(), 1);
    let asked = PreviewAsked { within_days: Some(30), ..PreviewAsked::default() };
    assert_ne!(company.preview(&text, &asked).quality, first.quality);
    let moved = company.preview(&text.replace("80%", "70%"), &PreviewAsked::default());
    assert_ne!(moved.version, first.version);
    assert_eq!(company.past.previews.lock().unwrap().len(), 3);
}
