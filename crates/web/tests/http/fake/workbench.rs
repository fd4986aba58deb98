//! The fake's definitions while they are written. What a draft would have done is reckoned from
//! its first number alone, so that moving it moves everything.

use async_trait::async_trait;
use firsthand_web::backend::{Answer, Failure, User, Workbench};
use firsthand_web::noun::{
    Beside, CheckedDraft, Diagnosis, DiagnosisSeverity, Draft, Line, LineBin, LineOther, Measured,
    MovableNumber, Mover, MoverGroup, Movers, Near, NearOne, Preview, PreviewAsked, PreviewWeek,
    Quality, Share, StoryRun, Subject, Tried, WrittenDefinition,
};

use super::{Fake, at, now};

/// What the fake's one definition says.
pub const TEXT: &str = "\
# Free accounts that use most of what is free, with a team at work on it.
definition: outgrowing-free
title: Free team about to outgrow its contacts
track: product
subject: account
when: |
  usage(contacts) >= 80% of limit(contacts)
  and people(\"Report exported\", last 7d) >= 3
  and count(\"Report exported\", last 14d) >= 5
stay: usage(contacts) >= 70% of limit(contacts)
unless: account.plan in (\"pro\", \"business\") or account.domain in @competitors
grace: 2d
why: \"{{ account.name }} uses {{ usage.contacts }} of {{ limit.contacts }} contacts.\"
expect:
  - story: 3 people export 5 PDFs in a week at 8,100 of 10,000
    events: stories/outgrowing.csv
    enters: 2026-03-08T09:00:00Z
";
const NAME: &str = "outgrowing-free";
const RUNNING: &str = "7c1e9a30b2d4f681";
/// A draft is refused while it holds this.
const WRONG: &str = "\"Report exportd\"";

#[async_trait]
impl Workbench for Fake {
    async fn written(&self, definition: &str) -> Answer<Option<WrittenDefinition>> {
        Ok((definition == NAME).then(|| WrittenDefinition {
            text: TEXT.to_owned(),
            file: "definitions/outgrowing-free.yaml".to_owned(),
            hash: "0".repeat(64),
        }))
    }

    async fn check(&self, definition: &str, text: &str) -> Answer<CheckedDraft> {
        check(definition, text)
    }

    async fn try_out(
        &self,
        definition: &str,
        text: &str,
        asked: &PreviewAsked,
        _: &str,
    ) -> Answer<Tried> {
        let checked = check(definition, text)?;
        let preview = checked.version.clone().map(|version| preview(&checked, version, asked));
        Ok(Tried { checked, preview, withheld: None })
    }

    async fn drafts(&self, user: &User) -> Answer<Vec<Draft>> {
        let kept = self.kept.drafts.lock().expect("nobody panicked");
        Ok(kept.iter().filter(|(of, _)| *of == user.id).map(|(_, it)| it.clone()).collect())
    }

    async fn draft(&self, user: &User, definition: &str) -> Answer<Option<Draft>> {
        Ok(self.drafts(user).await?.into_iter().find(|it| it.definition == definition))
    }

    async fn keep_draft(
        &self,
        user: &User,
        definition: &str,
        text: &str,
        base: Option<&str>,
    ) -> Answer<()> {
        self.discard_draft(user, definition).await?;
        let draft = Draft {
            definition: definition.to_owned(),
            text: text.to_owned(),
            base: base.map(str::to_owned),
            saved_at: now().into(),
        };
        self.kept.drafts.lock().expect("nobody panicked").push((user.id.clone(), draft));
        Ok(())
    }

    async fn discard_draft(&self, user: &User, definition: &str) -> Answer<()> {
        let mut kept = self.kept.drafts.lock().expect("nobody panicked");
        kept.retain(|(of, it)| *of != user.id || it.definition != definition);
        Ok(())
    }
}

fn check(definition: &str, text: &str) -> Answer<CheckedDraft> {
    let named = |it: char| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '-';
    if definition.is_empty() || !definition.chars().all(named) {
        return Err(Failure::Invalid {
            parameter: "definition",
            detail: format!("`{definition}` cannot be the name of a definition"),
            help: "Write small letters, digits, `-` and `_`, at most 100.".to_owned(),
        });
    }
    let mut diagnostics = Vec::new();
    if let Some(start) = text.find(WRONG) {
        let help = "Did you mean `Report exported`, seen 1,204 times since 2025-09-01?";
        let message = "unknown event `Report exportd`";
        let told = told(text, start, WRONG.len(), DiagnosisSeverity::Error, "E301", message, help);
        let replacement = Some("\"Report exported\"".to_owned());
        diagnostics.push(Diagnosis { replacement, ..told });
    }
    if let Some(start) = text.find("@competitors") {
        let message = "3 of the 41 values of `@competitors` can never be met";
        let help = "A domain looks like `acme.example`; the first that does not is `Zentra Ltd`.";
        let severity = DiagnosisSeverity::Warning;
        diagnostics.push(told(text, start, 12, severity, "W503", message, help));
    }
    let sound = diagnostics.iter().all(|it| it.severity == DiagnosisSeverity::Warning);
    let exists = definition == NAME;
    let version = if exists && text == TEXT { RUNNING } else { "b3d204c1a5e6f798" };
    let outcome = if sound { "passed" } else { "not run" };
    let story = StoryRun {
        title: "3 people export 5 PDFs in a week at 8,100 of 10,000".to_owned(),
        outcome: outcome.to_owned(),
    };
    Ok(CheckedDraft {
        definition: definition.to_owned(),
        version: sound.then(|| version.to_owned()),
        publishable: sound,
        running: exists.then(|| RUNNING.to_owned()),
        file: format!("definitions/{definition}.yaml"),
        title: Some("Free team about to outgrow its contacts".to_owned()),
        stories: if text.contains("expect:") { vec![story] } else { Vec::new() },
        thresholds: if sound { numbers(text) } else { Vec::new() },
        diagnostics,
    })
}

fn told(
    text: &str,
    start: usize,
    length: usize,
    severity: DiagnosisSeverity,
    code: &str,
    message: &str,
    help: &str,
) -> Diagnosis {
    let line = text[..start].matches('\n').count();
    let begins = text[..start].rfind('\n').map_or(0, |it| it + 1);
    let count = |it: usize| u32::try_from(it).expect("few");
    Diagnosis {
        severity,
        code: code.to_owned(),
        message: message.to_owned(),
        help: Some(help.to_owned()),
        file: None,
        line: count(line + 1),
        column: count(start - begins + 1),
        snippet: text.lines().nth(line).unwrap_or_default().to_owned(),
        length: count(length),
        from_byte: start,
        to_byte: start + length,
        replacement: None,
    }
}

/// Every number behind `>=`.
fn numbers(text: &str) -> Vec<MovableNumber> {
    let mut found = Vec::new();
    for (sign, _) in text.match_indices(">= ") {
        let from = sign + 3;
        let number: String =
            text[from..].chars().take_while(|it| it.is_ascii_digit() || *it == '%').collect();
        let Ok(figure) = number.trim_end_matches('%').parse::<f64>() else { continue };
        let begins = text[..sign].rfind('\n').map_or(0, |it| it + 1);
        let line = text[begins..].lines().next().unwrap_or_default();
        let stay = line.starts_with("stay:");
        let line = line.trim().trim_start_matches("and ").trim_start_matches("stay: ");
        found.push(MovableNumber {
            clause: if stay { "stay" } else { "when" }.to_owned(),
            value: line.split(" >= ").next().unwrap_or_default().to_owned(),
            condition: line.to_owned(),
            from_byte: from,
            to_byte: from + number.len(),
            number,
            figure,
            at_least: true,
        });
    }
    found
}

fn share(count: u64, of: u64) -> Share {
    if of == 0 {
        return Share::default();
    }
    let rate = count as f64 / of as f64;
    let half = 1.96 * (rate * (1.0 - rate) / of as f64).sqrt();
    Share {
        count,
        of,
        rate: Some(rate),
        low: Some((rate - half).max(0.0)),
        high: Some((rate + half).min(1.0)),
    }
}

fn measured(value: f64, low: f64, high: f64) -> Measured {
    Measured { value, low, high }
}

/// A number of things: the fake has a few hundred at most.
fn whole(of: f64) -> u64 {
    (0..10_000).find(|it| *it as f64 >= of.round()).unwrap_or(10_000)
}

/// How many a number lets in, against 80 %.
fn wide(figure: f64) -> f64 {
    (1.0 + (80.0 - figure) / 40.0).max(0.1)
}

fn preview(checked: &CheckedDraft, version: String, asked: &PreviewAsked) -> Preview {
    let figure = checked.thresholds.first().map_or(80.0, |it| it.figure);
    let wide = wide(figure);
    let times = |of: f64| whole(of * wide);
    let running = checked.running.is_some();
    let beside = |of: f64| Beside { draft: times(of), running: running.then_some(whole(of)) };
    let weeks = (0..26).map(|it| {
        let of = 14.0 + f64::from((it * 7) % 9);
        let week = now() - firsthand_model::Span::WEEK.times(i64::from(25 - it));
        PreviewWeek {
            week: week.to_string()[..10].to_owned(),
            draft: times(of),
            running: if running { whole(of) } else { 0 },
        }
    });
    let quality = Quality {
        outcome: asked.outcome.clone().unwrap_or_else(|| "paid".to_owned()),
        outcomes: vec!["paid".to_owned(), "upgraded".to_owned()],
        within_days: asked.within_days.unwrap_or(14),
        reached: 412,
        base: share(390, 12_187),
        precision: Beside {
            draft: share(times(160.0), times(387.0) + 20),
            running: running.then(|| share(160, 387)),
        },
        recall: Beside {
            draft: share(times(160.0), 412),
            running: running.then(|| share(160, 412)),
        },
        lift: Beside {
            draft: Some(measured(13.5, 11.6, 15.6)),
            running: running.then(|| Some(measured(12.9, 11.0, 15.0))),
        },
        lead_days: Beside {
            draft: Some(measured(9.0, 4.0, 17.0)),
            running: running.then(|| Some(measured(6.0, 3.0, 12.0))),
        },
        precision_difference: running.then(|| measured(0.018, -0.049, 0.085)),
        recall_difference: running.then(|| measured(0.073, 0.006, 0.139)),
    };
    let mover = |id: usize, because: &str, succeeded| Mover {
        subject: Subject::account(format!("acct_{id}")),
        name: Some(["Northlight Dental", "Sable & Finch", "Marlowe Tutoring"][id % 3].to_owned()),
        entered_at: at(-600),
        because: vec![because.to_owned()],
        succeeded,
    };
    let group = |count, some| MoverGroup { count, succeeded: share(count / 3, count), some };
    let movers = Movers {
        same: 266,
        enters: group(
            175,
            vec![
                mover(0, "contacts: 76% of the limit; at least 80% needed", Some(true)),
                mover(1, "contacts: 78% of the limit; at least 80% needed", Some(false)),
            ],
        ),
        leaves: group(
            121,
            vec![mover(2, "4 exports in the last 14 days; at least 5 needed", None)],
        ),
    };
    let near = Near {
        count: 23,
        some: vec![NearOne {
            subject: Subject::account("acct_4"),
            name: Some("Vantage Orchard".to_owned()),
            missing: vec!["480 more contacts".to_owned()],
        }],
    };
    Preview {
        version,
        running: checked.running.clone(),
        from: at(-1440 * 365),
        until: at(0),
        facts: 6_112_004,
        took_ms: 212,
        weeks: weeks.collect(),
        per_week: Beside { draft: 14.9 * wide, running: running.then_some(14.9) },
        holds: beside(38.0),
        newly: times(15.0),
        no_longer: if running { 9 } else { 0 },
        quality: Some(quality),
        movers: running.then_some(movers),
        near: Some(near),
        line: line(checked, asked.number.unwrap_or(0)),
    }
}

fn line(checked: &CheckedDraft, number: u32) -> Option<Line> {
    let chosen = checked.thresholds.get(number as usize)?;
    let percent = chosen.number.ends_with('%');
    let marks: Vec<f64> = if percent {
        (0..17).map(|it| 20.0 + 5.0 * f64::from(it)).collect()
    } else {
        (1..=10).map(f64::from).collect()
    };
    let shown = |it: f64| if percent { format!("{it}%") } else { it.to_string() };
    let width = marks[1] - marks[0];
    let last = marks[marks.len() - 1];
    let bins = marks[..marks.len() - 1].iter().map(|it| {
        let share_of = it / last;
        LineBin {
            from: *it,
            to: it + width,
            label: shown(*it),
            succeeded: share(
                whole(share_of * share_of * 60.0),
                whole(700.0 / (1.0 + 4.0 * share_of)),
            ),
        }
    });
    let running = if percent { 80.0 } else { 3.0 };
    let mut figures = if percent { vec![70.0, 75.0, 80.0, 90.0] } else { vec![2.0, 3.0, 4.0, 5.0] };
    if !figures.contains(&chosen.figure) {
        figures.push(chosen.figure);
        figures.sort_by(f64::total_cmp);
    }
    let others = figures.into_iter().map(|it| LineOther {
        at: shown(it),
        figure: it,
        is_draft: shown(it) == shown(chosen.figure),
        is_running: checked.running.is_some() && shown(it) == shown(running),
        per_week: 14.9 * wide(if percent { it } else { 60.0 + it * 6.0 }),
        precision: Some(0.30 + it / last / 6.0),
        recall: Some(0.60 - it / last / 4.0),
        lead_days: Some(12.0 - 8.0 * it / last),
    });
    Some(Line {
        number,
        value: chosen.value.clone(),
        at: chosen.number.clone(),
        figure: chosen.figure,
        running: checked.running.as_ref().map(|_| running),
        least: marks[0],
        most: last,
        step: 1.0,
        at_least: true,
        bins: bins.collect(),
        beyond: 7_824,
        others: others.collect(),
    })
}
