//! What reps do in Slack.

use firsthand_model::Text;
use firsthand_model::message::LeadButton;
use serde_json::Value;

use super::SigningSecret;

/// A secret with which Slack signs, and the channel that has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlackSecret {
    /// The channel's name in the configuration.
    pub channel: Text,
    /// The secret.
    pub secret: SigningSecret,
}

/// Somebody pressed a button of a message about a lead.
#[derive(Clone, Debug, PartialEq)]
pub struct SlackPress {
    /// The channel's name in the configuration.
    pub channel: Text,
    /// Who pressed it, by their id in Slack.
    pub member: String,
    /// What they are called there; they can change it at will.
    pub member_name: Option<String>,
    /// Which button.
    pub button: LeadButton,
    /// The lead's id.
    pub lead: String,
    /// Why, where it was chosen from a menu.
    pub reason: Option<String>,
    /// The message's text.
    pub text: String,
    /// The message's blocks.
    pub blocks: Vec<Value>,
    /// Where the message can be replaced; always a host of Slack.
    pub answer_to: Option<String>,
}
