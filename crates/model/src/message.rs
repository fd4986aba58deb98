//! What goes out: a message or a write, as the play rendered it and the channel sends it.
//!
//! It is rendered when it is decided, and kept with the delivery as JSON. So what is sent is what
//! was decided, however often it is tried.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use crate::{Json, Text, Time};

/// Stands in the text and the HTML of an e-mail where the reader's own link to unsubscribe is to
/// be. The channel puts it there: only the server can sign it. Where it does not stand, the channel
/// adds a line of its own at the end.
pub const UNSUBSCRIBE_URL: &str = "https://unsubscribe.invalid/";

/// What is to be sent through one channel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Outgoing {
    /// An e-mail.
    Email(Email),
    /// A message in Slack.
    Slack(SlackMessage),
    /// A call of a webhook.
    Webhook(WebhookCall),
    /// A message inside the product; it waits there until the person comes.
    InApp(InAppMessage),
    /// A write to the CRM about an account.
    Crm(CrmWrite),
    /// A write to the CRM about people of an account.
    CrmPeople(CrmPeople),
}

/// An e-mail to one person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Email {
    /// The address.
    pub to: Text,
    /// The reader's name, if known.
    pub name: Option<Text>,
    /// Where answers go, if not to the sender.
    pub reply_to: Option<Text>,
    /// One line.
    pub subject: String,
    /// The text for readers without HTML.
    pub text: String,
    /// The same as HTML.
    pub html: String,
    /// The person, where they may unsubscribe with one click: a user of the product, not a
    /// colleague.
    pub unsubscribes: Option<Text>,
}

/// A message in Slack.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SlackMessage {
    /// Where to.
    pub to: SlackTarget,
    /// What is shown where blocks are not: notifications.
    pub text: String,
    /// Block Kit's blocks: the text of a JSON array.
    pub blocks: String,
}

/// Where a message in Slack goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SlackTarget {
    /// The channel of that name or id.
    Channel(Text),
    /// The member with that e-mail address, as a direct message.
    Member(Text),
    /// Wherever the incoming webhook leads.
    Webhook,
    /// In the place of the message whose button was pressed, by the `response_url` that Slack
    /// gave; good for half an hour.
    Pressed(Text),
}

/// A button of a message in Slack about a lead. Its `action_id` is [`Self::action_id`], its `value`
/// the lead's id. A select menu in its place has the reason as the text of the chosen option, and the
/// lead's id as `block_id`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeadButton {
    /// Takes the lead on.
    Accept,
    /// Turns it down.
    Reject,
    /// Puts it off until the next day.
    Snooze,
}

impl LeadButton {
    /// All of them, in the order in which they stand.
    pub const ALL: [Self; 3] = [Self::Accept, Self::Reject, Self::Snooze];

    /// The `action_id` in Block Kit.
    pub const fn action_id(self) -> &'static str {
        match self {
            Self::Accept => "lead_accept",
            Self::Reject => "lead_reject",
            Self::Snooze => "lead_snooze",
        }
    }

    /// The button with this `action_id`.
    pub fn from_action_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.action_id() == id)
    }
}

/// A call of a webhook (Standard Webhooks).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WebhookCall {
    /// What happened, such as `lead.opened`.
    #[serde(rename = "type")]
    pub event: Text,
    /// When it did.
    pub at: Time,
    /// What is told about it, an object.
    pub data: Json,
}

/// A message inside the product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InAppMessage {
    /// The person, by canonical id, who is to see it.
    pub person: Text,
    /// The account that it is about.
    pub account: Text,
    /// How it is shown.
    pub form: InAppForm,
    /// One line.
    pub title: String,
    /// The sentences below, as plain text; paragraphs are parted by an empty line.
    pub body: String,
    /// The reasons, one line each; the steps of a checklist.
    pub points: Vec<InAppPoint>,
    /// How much of a limit is used, where it is about one.
    pub usage: Option<InAppUsage>,
    /// What can be done.
    pub action: Option<InAppAction>,
    /// The language it is written in, as a language tag.
    pub language: Text,
    /// When it is of no use any more.
    pub until: Option<Time>,
}

/// How a message inside the product is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InAppForm {
    /// A line at the edge of the page.
    Banner,
    /// A dialog over it.
    Modal,
    /// Steps, some done.
    Checklist,
}

/// A reason, or a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InAppPoint {
    /// The words.
    pub text: String,
    /// Whether the step is done; `None` where it is a reason.
    pub done: Option<bool>,
}

/// How much of a limit is used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InAppUsage {
    /// What is measured, for people.
    pub meter: String,
    /// How much is used, as written for the reader.
    pub used: String,
    /// How much may be used, as written for the reader.
    pub limit: String,
    /// The share used, in thousandths.
    pub thousandths: u32,
}

/// What can be done with a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InAppAction {
    /// The words on the button.
    pub label: String,
    /// Where it leads.
    pub url: Text,
}

/// A write to the CRM about one account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CrmWrite {
    /// The account here.
    pub account: Text,
    /// The company there, if its id is known.
    pub company: Option<Text>,
    /// The company's domain, by which it is found or made otherwise.
    pub domain: Option<Text>,
    /// The company's name.
    pub name: Option<Text>,
    /// The properties to be written, by the CRM's names, in its form (texts).
    pub properties: BTreeMap<Text, String>,
    /// A task for the owner.
    pub task: Option<CrmTask>,
}

/// A write to the CRM about people of one account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CrmPeople {
    /// The account here.
    pub account: Text,
    /// Who, the most active first.
    pub people: Vec<CrmPerson>,
}

/// What is written about one person. Nobody is made in the CRM by it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CrmPerson {
    /// The person here, by canonical id.
    pub person: Text,
    /// The contact there, if its id is known.
    pub contact: Option<Text>,
    /// The address by which the contact is found otherwise, in lower case.
    pub email: Option<Text>,
    /// The properties to be written, by the CRM's names, in its form (texts).
    pub properties: BTreeMap<Text, String>,
}

/// A task in the CRM.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CrmTask {
    /// One line.
    pub subject: String,
    /// The rest.
    pub body: String,
    /// By when.
    pub due_at: Time,
    /// The owner's e-mail address, by which they are found there.
    pub owner: Option<Text>,
}
