//! Plays: whom to tell what about a lead, when, by which channel, and when not.
//!
//! [`Planner`] is a state machine. It is told of leads as they change, of what people did with
//! messages, and of time; it asks a [`World`] what it must know of an account; it answers with
//! [`Decisions`], which the caller writes down together with what they follow from. Nothing here
//! knows a clock, a disk, a network or a thread (P9). [`Renderer`] puts messages into words.
//!
//! # Promises
//!
//! - PLAYS-1: no person and no account hears of us more often than the contact budget allows, in
//!   any stretch of time, whatever the order in which things happen; only critical plays may pass.
//! - PLAYS-2: of an account that is held out nobody is told anything.
//! - PLAYS-3: a message has one id, by lead, play, step and receiver, and is decided on once (P5).
//! - PLAYS-4: while a rep works on a lead of an account, no offer goes to its people.
//! - PLAYS-5: a planner that is made again from what was written down decides as the first would.
//! - PLAYS-6: what is not sent is written down with its reason (P7).

mod arms;
mod budget;
mod check;
mod decisions;
mod owners;
mod planner;
mod preview;
mod render;
mod sample;
mod samples;
mod world;

pub use check::{OutOfReach, check, owners_out_of_reach};
pub use decisions::{Assignment, Decisions, Planned, message_id};
pub use planner::{Planner, variant_of};
pub use preview::{Preview, Verdict};
pub use render::{Renderer, TEXT_BYTES_MAX};
pub use sample::sample;
pub use samples::Sampled;
pub use world::{AccountView, MeterView, PersonView, Picture, ReasonView, World};
