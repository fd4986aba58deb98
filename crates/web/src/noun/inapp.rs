//! Messages inside the product, as pages read them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::At;

/// A message for one person, to be shown inside the product.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct InAppMessage {
    /// Its id.
    pub id: String,
    /// How it is shown.
    pub form: InAppForm,
    /// One line.
    pub title: String,
    /// The sentences below, as plain text; paragraphs are parted by an empty line.
    pub body: String,
    /// The reasons, or the steps of a checklist, one line each.
    pub points: Vec<InAppPoint>,
    /// How much of a limit is used, where it is about one.
    pub usage: Option<InAppUsage>,
    /// What can be done.
    pub action: Option<InAppAction>,
    /// The language it is written in, as a language tag (BCP 47).
    pub language: String,
    /// From when on it is of no use.
    pub until: Option<At>,
    /// Whether it was on the person's screen before.
    pub shown: bool,
}

/// How a message is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum InAppForm {
    /// A line in the page.
    Banner,
    /// A dialog over it.
    Modal,
    /// Steps, some done.
    Checklist,
}

/// A reason, or a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InAppPoint {
    /// The words.
    pub text: String,
    /// Whether the step is done; `null` where it is a reason.
    pub done: Option<bool>,
}

/// How much of a limit is used.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct InAppUsage {
    /// What is measured, for people.
    pub meter: String,
    /// How much is used, as written for the reader.
    pub used: String,
    /// How much may be used, as written for the reader.
    pub limit: String,
    /// The share used: 0.81 is 81 %.
    pub share: f64,
}

/// What can be done with a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InAppAction {
    /// The words on the button.
    pub label: String,
    /// Where it leads: an address of the web or of mail, or a path of the product.
    pub url: String,
}

/// What a person did with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum InAppAct {
    /// It was on the screen.
    Shown,
    /// They did what it offers.
    Clicked,
    /// They put it away.
    Dismissed,
}
