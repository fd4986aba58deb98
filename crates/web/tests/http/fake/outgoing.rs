//! The fake's plays and deliveries.

use firsthand_web::noun::{
    At, Attempt, AttemptOutcome, Channel, Delivery, DeliveryDetail, DeliveryState, Exposure, Play,
    PlayStep, Suppressed, Track,
};
use serde_json::json;

/// Messages of the fake.
pub const DELIVERIES: usize = 7;

pub fn delivery(number: usize, at: At) -> Delivery {
    Delivery {
        id: format!("dlv_{number}"),
        channel: "sales".to_owned(),
        kind: Some("slack".to_owned()),
        lead: Some("lead_01".to_owned()),
        account: Some("acct_1".to_owned()),
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
    Some(DeliveryDetail { delivery, message: json!({"kind": "slack"}), attempts: vec![attempt] })
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

pub fn play() -> Play {
    Play {
        name: "outgrowing".to_owned(),
        title: "Outgrowing Free".to_owned(),
        track: Track::Product,
        touch: "low".to_owned(),
        enabled: true,
        segment: None,
        holdout: 0.1,
        steps: vec![PlayStep {
            channel: "product".to_owned(),
            to_users: true,
            wait_s: 0,
            messages: Vec::new(),
        }],
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
