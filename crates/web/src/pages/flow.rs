//! The steps of a play as a flow that people read from top to bottom, with who is where.

use super::inbox::TrackMark;
use super::sending::{kind, long, percent, rate, why};
use super::shell::Shell;
use super::texts::{Texts, fill};
use crate::noun::{Play, PlayDetail, PlayStep};

/// A stop of the flow: a step, or what stands between two.
pub(super) struct Stop {
    pub class: &'static str,
    pub icon: &'static str,
    pub title: String,
    pub sub: Vec<String>,
    /// What is wrong with it.
    pub warning: Option<&'static str>,
    pub count: String,
    pub below: Vec<String>,
}

/// The flow of a play.
pub(super) fn flow(shell: &Shell, detail: &PlayDetail) -> Vec<Stop> {
    let (o, show) = (&shell.t.out, &shell.show);
    let play = &detail.play;
    let begun = play.running + play.done + play.stopped;
    let mut flow = vec![opening(shell, play, begun + play.held_out)];
    if play.holdout > 0.0 {
        let share = percent(play.holdout);
        flow.push(Stop {
            class: "",
            icon: "shuffle",
            title: o.drawn.to_owned(),
            sub: vec![fill(o.drawn_sub, &[("share", &share)])],
            warning: None,
            count: show.count(play.held_out),
            below: vec![o.n_held.to_owned()],
        });
    }
    for (place, step) in (0..).zip(&play.steps) {
        let at = detail.at_steps.iter().find(|it| it.step == place);
        let here = at.map_or(0, |it| it.here);
        let waits = (here > 0).then(|| fill(o.n_here, &[("n", &show.count(here))]));
        if step.wait_s > 0 {
            flow.push(Stop {
                class: "wait",
                icon: "clock",
                title: fill(o.wait, &[("span", &long(show, step.wait_s))]),
                sub: vec![o.wait_until.to_owned()],
                warning: None,
                count: String::new(),
                below: Vec::new(),
            });
        }
        let (title, icon) = kind(shell.t, &step.kind);
        let mut below = vec![o.n_came.to_owned()];
        below.extend(waits);
        below.extend(at.into_iter().flat_map(|it| &it.kept_back).map(|it| {
            let why = why(shell.t, &it.reason, &it.why);
            fill(o.n_kept, &[("n", &show.count(it.runs)), ("why", &why)])
        }));
        let not_sent = detail.suppressed.iter().filter(|it| it.step == place);
        below.extend(not_sent.map(|it| {
            let why = why(shell.t, &it.reason, &it.why);
            fill(o.n_suppressed, &[("n", &show.count(it.messages)), ("why", &why)])
        }));
        flow.push(Stop {
            class: "",
            icon,
            title: title.to_owned(),
            sub: step_words(shell.t, step),
            warning: (!step.enabled).then_some(o.channel_is_off),
            count: show.count(at.map_or(0, |it| it.reached)),
            below,
        });
    }
    flow.push(Stop {
        class: "",
        icon: "check",
        title: o.ends.to_owned(),
        sub: vec![o.ends_sub.to_owned()],
        warning: None,
        count: show.count(play.done),
        below: Vec::new(),
    });
    flow
}

fn opening(shell: &Shell, play: &Play, begun: u64) -> Stop {
    let (o, show) = (&shell.t.out, &shell.show);
    let track = TrackMark::of(shell.t, play.track).word;
    let mut sub = vec![fill(o.begins_track, &[("track", track)])];
    if !play.definitions.is_empty() {
        let definitions = play.definitions.join(", ");
        sub.push(fill(o.begins_by, &[("definitions", &definitions)]));
    }
    sub.extend(play.segment.as_ref().map(|it| fill(o.begins_segment, &[("segment", it)])));
    sub.extend(play.except.as_ref().map(|it| fill(o.begins_except, &[("segment", it)])));
    sub.extend(play.at_most.map(|it| fill(o.begins_at_most, &[("rate", &rate(show, it))])));
    Stop {
        class: "",
        icon: "flag",
        title: o.begins.to_owned(),
        sub,
        warning: None,
        count: show.count(begun),
        below: vec![o.in_all.to_owned()],
    }
}

/// To whom a step goes, what it sends, and what it asks for.
fn step_words(t: &Texts, step: &PlayStep) -> Vec<String> {
    let o = &t.out;
    let count = step.to.strip_suffix(" most active");
    let to = match step.to.as_str() {
        "most active" => o.to_most_active.to_owned(),
        "everyone" => o.to_everyone.to_owned(),
        "qualified" => o.to_qualified.to_owned(),
        "owner" => o.to_owner.to_owned(),
        "team" => o.to_team.to_owned(),
        other => match count {
            Some(n) => fill(o.to_n_most_active, &[("n", n)]),
            None => fill(o.to_segment, &[("segment", other)]),
        },
    };
    let mut words = vec![to, fill(o.by_channel, &[("channel", &step.channel)])];
    let names: Vec<String> = step.variants.iter().map(|it| it.message.clone()).collect();
    match names.as_slice() {
        [] if step.to_users => words.push(o.standard.to_owned()),
        [] => {}
        [one] => words.push(fill(o.with_message, &[("message", one)])),
        _ => words.push(fill(o.one_of, &[("messages", &names.join(", "))])),
    }
    let asked = |all: &[String], and: &str| {
        all.iter().map(|it| condition(t, it)).collect::<Vec<_>>().join(and)
    };
    if !step.only_if.is_empty() {
        words.push(fill(o.only_if, &[("what", &asked(&step.only_if, o.and))]));
    }
    if !step.unless.is_empty() {
        words.push(fill(o.unless, &[("what", &asked(&step.unless, o.or))]));
    }
    words
}

/// What a step asks for, in the reader's language; a definition by its name.
fn condition(t: &Texts, condition: &str) -> String {
    let o = &t.out;
    if let Some(bare) = condition.strip_prefix("not ") {
        return fill(o.not, &[("what", &self::condition(t, bare))]);
    }
    let known = match condition {
        "seen" => o.c_seen,
        "clicked" => o.c_clicked,
        "dismissed" => o.c_dismissed,
        "converted" => o.c_converted,
        "answered" => o.c_answered,
        "qualified" => o.c_qualified,
        name => name,
    };
    known.to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::texts::Language;
    use super::*;

    #[test]
    fn a_step_is_told_as_a_sentence_would_tell_it() {
        let step = PlayStep {
            channel: "mail".to_owned(),
            kind: "email".to_owned(),
            enabled: true,
            to: "3 most active".to_owned(),
            to_users: true,
            wait_s: 0,
            only_if: vec!["qualified".to_owned(), "not clicked".to_owned()],
            unless: vec!["small-teams".to_owned()],
            variants: Vec::new(),
        };
        assert_eq!(
            step_words(Language::English.texts(), &step).join(", "),
            "to the 3 most active, by mail, the text that comes with the program, only if still \
             qualified and not clicked, unless small-teams"
        );
    }
}
