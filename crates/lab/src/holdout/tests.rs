use std::fmt::Write;

use firsthand_model::lead::LeadId;

use super::*;
use crate::lifecycle::tests::{day, lives};

fn exposure(account: &str, play: &str, arm: Arm, at: i64) -> Exposure {
    Exposure {
        account: account.into(),
        track: Track::Product,
        play: play.into(),
        lead: LeadId::mint(day(at), 0),
        arm,
        size: "1".into(),
        share: 500,
        part: 0,
        at: day(at),
    }
}

fn ask(text: &str, exposures: &[Exposure]) -> Holdouts {
    let question = Question { within: Span::DAY.times(30), ..Question::default() };
    holdouts(&lives(text), exposures, &question)
}

/// `told 1 of 2, held out 0 of 1, 1 too early`.
fn told(it: &Effect) -> String {
    format!(
        "told {} of {}, held out {} of {}, {} too early",
        it.told.count, it.told.of, it.held_out.count, it.held_out.of, it.too_early
    )
}

#[test]
fn arms_are_compared_by_assignment_and_only_where_watched_to_the_end() {
    let report = ask(
        "
        a: began 1, paid 9
        b: began 1, paid 2
        c: began 1
        d: began 1, paid 50
        e: began 1, paid 95
        ",
        &[
            exposure("a", "offer", Arm::Treated, 5),
            // What was done before the assignment is no answer to it.
            exposure("b", "offer", Arm::Treated, 5),
            exposure("c", "offer", Arm::HeldOut, 5),
            exposure("d", "offer", Arm::HeldOut, 5),
            exposure("e", "offer", Arm::Treated, 90),
            exposure("gone", "offer", Arm::Treated, 5),
        ],
    );
    assert_eq!(told(&report.plays[0]), "told 1 of 2, held out 0 of 2, 1 too early");
    assert_eq!((report.plays[0].assigned_told, report.plays[0].assigned_held_out), (3, 2));
}

#[test]
fn an_account_counts_once_a_track_from_its_first_assignment() {
    let report = ask(
        "a: began 1, paid 9\nb: began 1",
        &[
            exposure("a", "second", Arm::Treated, 10),
            exposure("a", "first", Arm::Treated, 5),
            exposure("b", "first", Arm::HeldOut, 5),
        ],
    );
    assert_eq!(report.tracks.len(), 1);
    assert_eq!(told(&report.tracks[0]), "told 1 of 1, held out 0 of 1, 0 too early");
    let plays: Vec<_> = report.plays.iter().map(|it| it.play.as_deref()).collect();
    assert_eq!(plays, [Some("first"), Some("second")]);
    assert_eq!(told(&report.plays[1]), "told 0 of 1, held out 0 of 0, 0 too early");
    assert_eq!(report.plays[1].difference, None);
}

#[test]
fn few_accounts_show_nothing_clear_and_how_many_more_it_takes() {
    let (mut text, mut exposures) = (String::new(), Vec::new());
    for number in 0..40 {
        let account = format!("a{number}");
        let arm = if number % 4 == 0 { Arm::HeldOut } else { Arm::Treated };
        let paid = if number % 5 == 1 || number == 4 { ", paid 9" } else { "" };
        writeln!(text, "{account}: began 1{paid}").unwrap();
        exposures.push(exposure(&account, "offer", arm, 5));
    }
    let effect = &ask(&text, &exposures).tracks[0];
    assert_eq!(told(effect), "told 6 of 30, held out 3 of 10, 0 too early");
    let difference = effect.difference.unwrap();
    assert_eq!(difference.reading, crate::statistics::Reading::Unclear);
    assert!(effect.more_needed.unwrap() > 400, "{:?}", effect.more_needed);
}

#[test]
fn a_share_that_was_changed_is_told() {
    let mut exposures =
        [exposure("a", "offer", Arm::Treated, 5), exposure("b", "offer", Arm::HeldOut, 6)];
    let text = "a: began 1\nb: began 1";
    assert!(!ask(text, &exposures).tracks[0].share_changed);
    exposures[1].share = 100;
    assert!(ask(text, &exposures).tracks[0].share_changed);
}
