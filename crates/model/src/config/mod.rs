//! The configuration: `firsthand.yaml` and `definitions/*.yaml`, read into a [`Project`].
//!
//! The texts in the definition language stay texts here, each with its place in its file
//! ([`SourceText`](crate::diagnostic::SourceText)); the crate `rules` parses them. Everything else
//! is checked while it is read, and all that is wrong is said at once (docs/language.md, section 9).
//!
//! Start at [`Project::load`]. A file goes through three steps: `yaml` makes a tree whose nodes
//! know their places, `read` walks it along the description of keys in `keys`, and the file of each
//! type (`plan`, `meter`, `score` …) holds the struct, its keys and the few lines that fill it.

mod align;
mod channel;
mod check;
mod constant;
mod contact;
mod definition;
mod document;
mod events;
mod form;
mod grade;
mod hubspot;
mod identity;
mod import;
pub mod keys;
mod lead;
mod load;
mod masked;
mod message;
mod meter;
mod mistakes;
mod names;
mod outcome;
pub mod page;
mod plan;
mod play;
mod project;
mod read;
mod retention;
pub mod schema;
mod score;
mod secret;
mod sign_in;
mod source;
mod value;
mod working;
mod yaml;

pub use channel::{
    Channel, ChannelKind, EmailChannel, InAppChannel, SlackChannel, WEBHOOK_EVENTS, WebhookChannel,
};
pub use constant::{Constant, ConstantValues, DatedValue};
pub use contact::{CRM_OPT_OUT_TRAIT, ContactRules};
pub use definition::{Definition, Story, Track};
pub use document::{Document, documents};
pub use events::{Events, Start};
pub use form::{Dates, Hours, Rate, Share, Weekdays};
pub use grade::{Grade, GradeForm, Rung};
pub use hubspot::{CrmField, HubSpotChannel, HubSpotContacts, Members, Overwrite, PersonField};
pub use identity::{Exclusion, IdentityRules};
pub use import::ImportMapping;
pub use lead::{LeadRules, Owner, OwnerRule, SegmentTracks, TrackRules};
pub use load::{DEFINITIONS_FOLDER, Files, Loaded, SETTINGS_FILE};
pub use masked::masked;
pub use message::{Message, Words};
pub use meter::{Meter, MeterKind, Reset};
pub use names::NAME_BYTES_MAX;
pub use outcome::Outcome;
pub use plan::{Limit, Plan, PlanTerms};
pub use play::{Condition, Play, RECEIVERS_MAX, Receiver, Step, Touch, What};
pub use project::Project;
pub use read::Open;
pub use retention::RetentionRules;
pub use score::{AtMost, Bounds, Fade, FadeCurve, Score, ScoreAct, ScoreRule};
pub use secret::{Environment, Secret};
pub use sign_in::{OidcRules, SignInRules, UserRole};
pub use source::{
    Clock, CloudEventRules, Protocol, SnowplowRules, Source, SourceLimits, StripeAccount,
    StripeRules,
};
pub use working::WorkingTime;
pub use yaml::{DEPTH_MAX, FILE_BYTES_MAX, NODES_MAX};

/// The settings with every key shown and explained; those that only repeat a default are comments
/// that begin with `#` and no blank. `firsthand init` writes it.
pub const DEFAULTS: &str = include_str!("defaults.yaml");
