//! Reads what Slack says of a pressed button.

use firsthand_model::Text;
use firsthand_model::message::LeadButton;
use serde::Deserialize;
use serde_json::Value;

use crate::backend::SlackPress;

/// What `response_url` must begin with: answers go to Slack and to nobody else.
const HOOKS: &str = "https://hooks.slack.com/";

#[derive(Deserialize)]
struct Payload {
    #[serde(rename = "type")]
    kind: String,
    user: Option<User>,
    #[serde(default)]
    actions: Vec<Action>,
    message: Option<Message>,
    response_url: Option<String>,
}

#[derive(Deserialize)]
struct User {
    id: String,
    name: Option<String>,
    username: Option<String>,
}

#[derive(Deserialize)]
struct Action {
    #[serde(rename = "action_id")]
    id: String,
    #[serde(rename = "block_id")]
    block: Option<String>,
    value: Option<String>,
    selected_option: Option<Choice>,
}

#[derive(Deserialize)]
struct Choice {
    text: Option<PlainText>,
    value: Option<String>,
}

#[derive(Deserialize)]
struct PlainText {
    text: String,
}

#[derive(Deserialize)]
struct Message {
    #[serde(default)]
    text: String,
    #[serde(default)]
    blocks: Vec<Value>,
}

/// The press of one of our buttons; `None` where it is something else.
pub(super) fn read(payload: &str, channel: Text) -> Result<Option<SlackPress>, serde_json::Error> {
    let payload: Payload = serde_json::from_str(payload)?;
    if payload.kind != "block_actions" {
        return Ok(None);
    }
    let (Some(user), Some(action)) = (payload.user, payload.actions.into_iter().next()) else {
        return Ok(None);
    };
    let Some(button) = LeadButton::from_action_id(&action.id) else { return Ok(None) };
    // Of a button the value is the lead; of a menu the block is, and the option says why.
    let (lead, reason) = match action.selected_option {
        None => (action.value, None),
        Some(chosen) => (action.block, chosen.text.map(|it| it.text).or(chosen.value)),
    };
    let Some(lead) = lead else { return Ok(None) };
    let message = payload.message.unwrap_or(Message { text: String::new(), blocks: Vec::new() });
    Ok(Some(SlackPress {
        channel,
        member: user.id,
        member_name: user.name.or(user.username),
        button,
        lead,
        reason,
        text: message.text,
        blocks: message.blocks,
        answer_to: payload.response_url.filter(|it| it.starts_with(HOOKS)),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As Slack's documentation shows it (the payload of `block_actions`), with our ids.
    const PRESSED: &str = r#"{
        "type": "block_actions",
        "team": {"id": "T9TK3CUKW", "domain": "example"},
        "user": {"id": "UA8RXUSPL", "username": "jtorrance", "name": "jtorrance", "team_id": "T9TK3CUKW"},
        "api_app_id": "AABA1ABCD",
        "token": "9s8d9as89d8as9d8as989",
        "container": {"type": "message", "message_ts": "1548261231.000200", "channel_id": "CBR2V3XEX"},
        "trigger_id": "12321423423.333649436676.d8c1bb837935619ccad0f624c448ffb3",
        "channel": {"id": "CBR2V3XEX", "name": "review-updates"},
        "message": {"bot_id": "BAH5CA16Z", "type": "message", "text": "Harborlight qualified",
            "user": "UAJ2RU415", "ts": "1548261231.000200",
            "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "*Harborlight*"}}]},
        "response_url": "https://hooks.slack.com/actions/AABA1ABCD/1232321423432/D09sSasdasdAS9091209",
        "actions": [{"action_id": "lead_accept", "block_id": "=qXel", "type": "button",
            "text": {"type": "plain_text", "text": "Accept", "emoji": true},
            "value": "lead_01", "action_ts": "1548426417.840180"}]
    }"#;

    fn pressed(payload: &str) -> Option<SlackPress> {
        read(payload, "sales".into()).unwrap()
    }

    #[test]
    fn a_pressed_button_names_lead_member_and_message() {
        let press = pressed(PRESSED).unwrap();
        assert_eq!((press.button, &*press.lead), (LeadButton::Accept, "lead_01"));
        assert_eq!(
            (&*press.member, press.member_name.as_deref()),
            ("UA8RXUSPL", Some("jtorrance"))
        );
        assert_eq!((press.blocks.len(), press.reason), (1, None));
        assert!(press.answer_to.unwrap().ends_with("D09sSasdasdAS9091209"));
    }

    #[test]
    fn a_menu_names_its_reason_and_the_lead_by_its_block() {
        let menu = r#"{"type": "block_actions", "user": {"id": "U1"}, "actions": [{
            "action_id": "lead_reject", "block_id": "lead_02", "type": "static_select",
            "selected_option": {"text": {"type": "plain_text", "text": "No budget"}, "value": "no_budget"}}]}"#;
        let press = pressed(menu).unwrap();
        assert_eq!((press.button, &*press.lead), (LeadButton::Reject, "lead_02"));
        assert_eq!(press.reason.as_deref(), Some("No budget"));
        assert_eq!(press.answer_to, None);
    }

    #[test]
    fn nothing_but_our_buttons_is_a_press_and_answers_go_to_slack_alone() {
        for other in [
            r#"{"type": "view_submission", "user": {"id": "U1"}}"#,
            r#"{"type": "block_actions", "user": {"id": "U1"}, "actions": []}"#,
            &PRESSED.replace("lead_accept", "open_page"),
            &PRESSED.replace(r#""value": "lead_01","#, ""),
        ] {
            assert_eq!(pressed(other), None, "{other}");
        }
        for host in ["https://hooks.slack.com.evil.example/", "http://hooks.slack.com/", "//x/"] {
            let elsewhere = PRESSED.replace("https://hooks.slack.com/", host);
            assert_eq!(pressed(&elsewhere).unwrap().answer_to, None, "{host}");
        }
        assert!(read("{", "sales".into()).is_err());
    }
}
