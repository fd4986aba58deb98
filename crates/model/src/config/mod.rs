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
mod check;
mod constant;
mod definition;
mod events;
mod grade;
mod identity;
mod import;
pub mod keys;
mod load;
mod meter;
mod mistakes;
mod names;
mod outcome;
pub mod page;
mod plan;
mod project;
mod read;
pub mod schema;
mod score;
mod secret;
mod source;
mod value;
mod yaml;

pub use constant::{Constant, ConstantValues, DatedValue};
pub use definition::{Definition, Story, Track};
pub use events::{Events, Start};
pub use grade::{Grade, GradeForm, Rung};
pub use identity::{Exclusion, IdentityRules};
pub use import::ImportMapping;
pub use load::{DEFINITIONS_FOLDER, Loaded, SETTINGS_FILE};
pub use meter::{Meter, MeterKind, Reset};
pub use names::NAME_BYTES_MAX;
pub use outcome::Outcome;
pub use plan::{Limit, Plan, PlanTerms};
pub use project::Project;
pub use read::Open;
pub use score::{AtMost, Bounds, Fade, FadeCurve, Score, ScoreAct, ScoreRule};
pub use secret::{Environment, Secret};
pub use source::{
    Clock, CloudEventRules, Protocol, SnowplowRules, Source, StripeAccount, StripeRules,
};
pub use yaml::{DEPTH_MAX, FILE_BYTES_MAX, NODES_MAX};

/// The settings with every key shown and explained; those that only repeat a default are comments
/// that begin with `#` and no blank. `firsthand init` writes it.
pub const DEFAULTS: &str = include_str!("defaults.yaml");
