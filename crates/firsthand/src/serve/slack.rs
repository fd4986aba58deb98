//! Buttons pressed in Slack: what becomes of the lead, and of the message.

use firsthand_model::message::{LeadButton, Outgoing, SlackMessage, SlackTarget};
use firsthand_model::{Span, Text};
use firsthand_store::{Commit, Delivery, DeliveryState, Log};
use firsthand_web::backend::{Caller, SlackPress};
use firsthand_web::noun::{At, LeadAct};
use firsthand_web::{Answer, Failure};
use serde_json::{Value, json};

use super::Server;

/// Why a lead was turned down, where the button does not ask.
const NO_REASON: &str = "rejected in Slack";
/// How long a lead is put off.
const SNOOZED_FOR: Span = Span::DAY;

/// What is told in the message's place.
struct Told {
    words: String,
    /// Whether the buttons stay: nothing was done, and somebody else may do it.
    buttons_stay: bool,
}

impl Server {
    pub(super) async fn press(&self, press: SlackPress) -> Answer<()> {
        let told = match self.rep(&press) {
            Some(rep) => self.act_by_button(&press, &rep).await?,
            None => Told {
                words: format!(
                    ":warning: <@{}> is not among the owners of leads; nothing was done.",
                    escaped(&press.member)
                ),
                buttons_stay: true,
            },
        };
        self.replace_message(&press, &told).await
    }

    /// Which rep pressed it. A team that names no reps goes by the members' names.
    fn rep(&self, press: &SlackPress) -> Option<Text> {
        let reps = &self.inbound.reps;
        if reps.is_empty() {
            return Some(press.member_name.as_ref().unwrap_or(&press.member).as_str().into());
        }
        let rep = reps.iter().find(|it| it.slack.as_deref() == Some(&*press.member));
        rep.map(|it| it.name.clone())
    }

    async fn act_by_button(&self, press: &SlackPress, rep: &Text) -> Answer<Told> {
        let reason = || press.reason.clone();
        let (act, done) = match press.button {
            LeadButton::Accept => (LeadAct::Accept, "accepted"),
            LeadButton::Reject => {
                let reason = reason().unwrap_or_else(|| NO_REASON.to_owned());
                (LeadAct::Reject { reason }, "rejected")
            }
            LeadButton::Snooze => {
                let until = At(self.now() + SNOOZED_FOR);
                (LeadAct::Snooze { until, reason: reason() }, "put off until tomorrow")
            }
        };
        let by = Caller { name: rep.to_string() };
        let why = press.reason.as_ref().map(|it| format!(": {}", escaped(it)));
        let member = escaped(&press.member);
        let told = |words| Told { words, buttons_stay: false };
        match self.act(&press.lead, act, &by).await {
            Ok(Some(_)) => {
                let why = why.unwrap_or_default();
                Ok(Told {
                    words: format!(":white_check_mark: <@{member}> {done}{why}"),
                    buttons_stay: press.button == LeadButton::Snooze,
                })
            }
            Ok(None) => Ok(told("This lead is no more.".to_owned())),
            // It was answered elsewhere: that is news for whoever pressed, and no failure.
            Err(Failure::Conflict { detail, .. }) => {
                Ok(told(format!("Nothing was done: {}.", escaped(&detail))))
            }
            Err(other) => Err(other),
        }
    }

    /// Queues the new message; Slack gave the address where it goes.
    async fn replace_message(&self, press: &SlackPress, told: &Told) -> Answer<()> {
        let Some(answer_to) = &press.answer_to else { return Ok(()) };
        let blocks = Value::Array(with_line(&press.blocks, &press.lead, told)).to_string();
        let message = Outgoing::Slack(SlackMessage {
            to: SlackTarget::Pressed(answer_to.as_str().into()),
            text: format!("{}\n{}", press.text, told.words),
            blocks,
        });
        let payload = serde_json::to_vec(&message).map_err(Failure::broken)?;
        let now = self.now();
        let delivery = Delivery {
            // The address is given out once for each press.
            id: format!("press_{}", &blake3::hash(answer_to.as_bytes()).to_hex()[..24]).into(),
            lead: None,
            account: None,
            channel: press.channel.clone(),
            queued_at: now,
            due_at: now,
            payload,
            state: DeliveryState::Pending,
            attempts: 0,
            error: None,
        };
        let commit = Commit { deliveries: vec![delivery], ..Commit::default() };
        let commit = self.stored(move |store| store.commit(&commit).map(|_| commit)).await?;
        self.hear(&commit);
        Ok(())
    }
}

/// The message's blocks with a line at the end that tells what became of it.
fn with_line(blocks: &[Value], lead: &str, told: &Told) -> Vec<Value> {
    // A message may be about several leads: the buttons of the others stay.
    let ours = |it: &Value| it["type"] == "actions" && it["block_id"] == lead && !told.buttons_stay;
    let mut blocks: Vec<Value> = blocks.iter().filter(|it| !ours(it)).cloned().collect();
    // Fifty blocks are the most that Slack takes.
    blocks.truncate(49);
    let line = json!({"type": "mrkdwn", "text": told.words});
    blocks.push(json!({"type": "context", "elements": [line]}));
    blocks
}

/// Slack's escapes.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_became_of_it_stands_at_the_end_and_the_buttons_go_when_all_is_done() {
        let blocks = [json!({"type": "section"}), json!({"type": "actions", "block_id": "lead_1"})];
        let told = |buttons_stay| Told { words: "done".to_owned(), buttons_stay };
        let kinds = |told: &Told| {
            let all = with_line(&blocks, "lead_1", told);
            all.iter().map(|it| it["type"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(kinds(&told(false)), ["section", "context"]);
        assert_eq!(kinds(&told(true)), ["section", "actions", "context"]);
        let many = vec![json!({"type": "section"}); 50];
        assert_eq!(with_line(&many, "lead_1", &told(false)).len(), 50);
        let other = with_line(&blocks, "lead_2", &told(false));
        assert_eq!(other.len(), 3, "the buttons of another lead stay");
        assert_eq!(escaped("a <@U1> & b"), "a &lt;@U1&gt; &amp; b");
    }
}
