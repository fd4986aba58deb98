//! The fake's plays and deliveries.

use firsthand_web::noun::{
    ArmFigures, At, Attempt, AttemptOutcome, Channel, ContactBudget, DayHours, Delivery,
    DeliveryDetail, DeliveryState, Exposure, Frequency, KeptBack, LeadPreview, MessagePreview,
    Play, PlayDetail, PlayRun, PlayStep, PlayVariant, PreviewVerdict, Reactions, RunState,
    SampleMessage, StepFigures, Suppressed, SuppressedFigures, Track, VariantFigures,
};
use serde_json::{Value, json};

/// Messages of the fake.
pub const DELIVERIES: usize = 7;
/// The account of which nobody is told.
pub const HELD_OUT: &str = "acct_6";
/// The one that is an e-mail.
pub const EMAIL: &str = "dlv_1";

pub fn delivery(number: usize, at: At) -> Delivery {
    Delivery {
        id: format!("dlv_{number}"),
        channel: "sales".to_owned(),
        kind: Some("slack".to_owned()),
        play: Some("outgrowing".to_owned()),
        receiver: Some("kim".to_owned()),
        receiver_name: None,
        // All but one are about a lead of Kim's.
        lead: Some(if number == 2 { "lead_01" } else { "lead_02" }.to_owned()),
        account: Some("acct_2".to_owned()),
        state: [DeliveryState::Dead, DeliveryState::Sent][number % 2],
        queued_at: at,
        due_at: at,
        attempts: 1,
        error: number.is_multiple_of(2).then(|| "answered 410".to_owned()),
    }
}

pub fn detail(id: &str, at: At) -> Option<DeliveryDetail> {
    let delivery = (0..DELIVERIES).map(|it| delivery(it, at)).find(|it| it.id == id)?;
    let attempt = Attempt {
        at,
        duration_ms: 12,
        outcome: AttemptOutcome::Dead,
        reason: Some("answered 410".to_owned()),
        request: Some("POST /hook".to_owned()),
        answer: Some("410".to_owned()),
    };
    let message = if id == EMAIL { messages().remove(1).1 } else { slack() };
    Some(DeliveryDetail { delivery, message, attempts: vec![attempt] })
}

pub fn channel(at: At) -> Channel {
    Channel {
        name: "sales".to_owned(),
        kind: Some("slack".to_owned()),
        enabled: false,
        stopped_because: Some("answered 410".to_owned()),
        stopped_at: Some(at),
        pending: 0,
        sent: 3,
        dead: 4,
        cancelled: 0,
    }
}

fn step(channel: &str, kind: &str, to: &str, messages: &[&str]) -> PlayStep {
    let share = 1.0 / f64::from(u32::try_from(messages.len()).expect("few").max(1));
    let variant = |it: &&str| PlayVariant { message: (*it).to_owned(), share };
    PlayStep {
        channel: channel.to_owned(),
        kind: kind.to_owned(),
        enabled: true,
        to: to.to_owned(),
        to_users: true,
        wait_s: 0,
        only_if: Vec::new(),
        unless: Vec::new(),
        variants: messages.iter().map(variant).collect(),
    }
}

pub fn play_detail() -> PlayDetail {
    let reactions = Reactions { runs: 5, seen: 4, clicked: 2, dismissed: 1 };
    let variant = |message: &str| VariantFigures {
        step: 0,
        message: message.to_owned(),
        share: 0.5,
        reactions,
    };
    let kept = KeptBack {
        reason: "quiet_hours".to_owned(),
        why: "these are quiet hours where the person is".to_owned(),
        runs: 1,
    };
    PlayDetail {
        play: play(),
        at_steps: [(5, 1), (4, 2), (1, 0)]
            .into_iter()
            .zip(0..)
            .map(|((reached, here), step)| StepFigures {
                step,
                reached,
                here,
                kept_back: if step == 1 { vec![kept.clone()] } else { Vec::new() },
            })
            .collect(),
        reactions,
        variants: vec![variant("room <to> grow"), variant("think-big")],
        arms: vec![ArmFigures { size: "2-9".to_owned(), told: 9, held_out: 1 }],
        suppressed: vec![SuppressedFigures {
            step: 0,
            reason: "person_budget".to_owned(),
            why: "the person has heard from us often enough".to_owned(),
            messages: 5,
        }],
        budget: ContactBudget {
            person: vec![Frequency { count: 1, within_s: 86_400 }],
            account: vec![Frequency { count: 5, within_s: 7 * 86_400 }],
            quiet_hours: Some(DayHours { from_min: 20 * 60, to_min: 8 * 60 }),
            patience_s: 3 * 86_400,
        },
    }
}

pub fn run(number: usize, at: At) -> PlayRun {
    PlayRun {
        play: "outgrowing".to_owned(),
        lead: format!("lead_{number:02}"),
        account: format!("acct_{number}"),
        state: RunState::Running,
        step: 1,
        began_at: at,
        due_at: Some(at),
        reason: Some("quiet_hours".to_owned()),
        why: Some("these are quiet hours where the person is".to_owned()),
        seen_at: None,
        clicked_at: None,
        dismissed_at: None,
    }
}

fn slack() -> Value {
    let blocks = json!([
        {"type": "header", "text": {"type": "plain_text", "text": "Acme <is> ready"}},
        {"type": "section", "text": {"type": "mrkdwn", "text": "*Why*\n• 8,140 of 10,000 &amp; more"}},
        {"type": "actions", "elements": [
            {"type": "button", "action_id": "lead_accept",
             "text": {"type": "plain_text", "text": "Accept"}}
        ]}
    ]);
    let text = "Acme <is> ready: 8,140 of 10,000";
    json!({"kind": "slack", "to": {"channel": "#leads"}, "text": text, "blocks": blocks.to_string()})
}

/// A message of each kind, as it is kept.
pub fn messages() -> Vec<(&'static str, Value)> {
    let email = json!({
        "kind": "email", "to": "zoe@acme.example", "name": "Zoë", "reply_to": null,
        "subject": "Room <to> grow", "text": "Room <to> grow\n\nhttps://unsubscribe.invalid/\n",
        "html": "<!doctype html>\n<html lang=\"en\"><body style=\"margin:0\"><h1>Room &lt;to&gt; \
                 grow</h1></body></html>",
        "unsubscribes": "u1",
    });
    let in_app = json!({
        "kind": "in-app", "person": "u1", "account": "acct_1", "form": "banner",
        "title": "8,140 of 10,000 <contacts>", "body": "Your list grows.\n\nPro has room.",
        "points": [{"text": "Nothing is lost", "done": null}],
        "usage": {"meter": "contacts", "used": "8,140", "limit": "10,000", "thousandths": 814},
        "action": {"label": "See plans", "url": "javascript:alert(1)"},
        "language": "en", "until": null,
    });
    vec![("product", in_app), ("mail", email), ("sales", slack())]
}

pub fn preview(held_out: bool) -> LeadPreview {
    let message = |((channel, message), step)| MessagePreview {
        step,
        wait_s: 0,
        channel: String::from(channel),
        name: None,
        receiver: Some("u1".to_owned()),
        verdict: if held_out { PreviewVerdict::HeldOut } else { PreviewVerdict::Waits },
        until: None,
        reason: (!held_out).then(|| "rep_works".to_owned()),
        why: (!held_out).then(|| "a rep works on a lead of the account".to_owned()),
        message: Some(message),
    };
    LeadPreview {
        lead: Some("lead_01".to_owned()),
        account: "acct_1".to_owned(),
        messages: messages().into_iter().zip(0..).map(message).collect(),
    }
}

pub fn samples() -> Vec<SampleMessage> {
    let sample = |((channel, message), step)| SampleMessage {
        step,
        channel: String::from(channel),
        name: Some("room-to-grow".to_owned()),
        language: Some("en".to_owned()),
        message: Some(message),
    };
    messages().into_iter().zip(0..).map(sample).collect()
}

pub fn play() -> Play {
    Play {
        name: "outgrowing".to_owned(),
        title: "Outgrowing Free".to_owned(),
        track: Track::Product,
        touch: "low".to_owned(),
        enabled: true,
        definitions: vec!["outgrowing-free".to_owned()],
        segment: Some("small-teams".to_owned()),
        except: None,
        priority: 1,
        critical: false,
        at_most: Some(Frequency { count: 1, within_s: 90 * 86_400 }),
        quiet_hours: None,
        holdout: 0.1,
        steps: vec![
            step("product", "in_app", "most active", &["room <to> grow", "think-big"]),
            PlayStep {
                wait_s: 2 * 86_400,
                unless: vec!["seen".to_owned()],
                ..step("mail", "email", "everyone", &[])
            },
            PlayStep {
                wait_s: 3_600,
                only_if: vec!["qualified".to_owned(), "not clicked".to_owned()],
                to_users: false,
                enabled: false,
                ..step("sales", "slack", "owner", &[])
            },
        ],
        running: 3,
        done: 2,
        stopped: 1,
        held_out: 1,
    }
}

pub fn suppressed(number: usize, at: At) -> Suppressed {
    Suppressed {
        id: format!("dlv_s{number}"),
        lead: "lead_01".to_owned(),
        account: "acct_1".to_owned(),
        person: Some("u1".to_owned()),
        person_name: Some(r#"Ana "A" Haddad"#.to_owned()),
        play: "outgrowing".to_owned(),
        step: 0,
        channel: "product".to_owned(),
        at,
        reason: "person_budget".to_owned(),
        why: "the person has heard from us often enough".to_owned(),
    }
}

pub fn exposure(number: usize, at: At) -> Exposure {
    Exposure {
        account: format!("acct_{number}"),
        play: "outgrowing".to_owned(),
        track: Track::Product,
        lead: "lead_01".to_owned(),
        held_out: number.is_multiple_of(2),
        size: "2-9".to_owned(),
        share: 0.1,
        at,
    }
}
