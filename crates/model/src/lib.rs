//! The nouns of Firsthand: facts and their values, time and the calendar, the configuration, and
//! the diagnostics that every part speaks in.
//!
//! Start at [`fact::Fact`], the one envelope for everything recorded, then at
//! [`config::Project`], what a team writes down about its product. Nothing here knows async, SQL,
//! HTTP or Arrow; the crates to the right of this one bring those.

pub mod config;
pub mod decimal;
pub mod diagnostic;
pub mod fact;
pub mod lead;
pub mod members;
pub mod mention;
pub mod message;
pub mod play;
pub mod scalar;
pub mod seen;
pub mod stage;
pub mod time;

pub use decimal::Decimal;
pub use fact::Fact;
pub use mention::Mentions;
pub use scalar::{Json, JsonView, Scalar};
pub use time::{Calendar, Date, Span, Time};

/// A short text that is cheap to clone: ids, names, property values.
pub type Text = smol_str::SmolStr;
