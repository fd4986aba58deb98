//! The HTTP face of the live server: tracking calls in, the JSON API, and what operators watch.
//!
//! Start at [`serve`]. [`Backend`] is the one trait through which this crate talks to the rest of the
//! program, [`noun`] is what goes over the wire. Nothing here knows SQL or the engine, and TLS is
//! the proxy's.
//!
//! # Invariants
//!
//! - WEB-1: a tracking call is answered 2xx only after [`Backend::submit`] said that it is durable (P4).
//! - WEB-2: whatever goes wrong with the API is a problem (RFC 9457) with the request's id; a panic
//!   in a handler is one too, and ends nothing else.
//! - WEB-3: no client, however slow, holds up another; every wait has a limit (P8).
//! - WEB-4: logs and metrics name templates of routes and configured sources, never people.
//! - WEB-5: the description names every path of API and operation, and every status that a path
//!   answers with.

mod api;
mod app;
pub mod backend;
#[cfg(test)]
mod docs;
mod extract;
mod inapp;
mod ingest;
pub mod log;
mod meters;
pub mod noun;
mod observe;
mod operation;
pub mod pages;
mod problem;
mod request_id;
mod server;
mod settings;
mod slack;
pub mod unsubscribe;

pub use backend::{Answer, Backend, Caller, Failure, Submission};
pub use problem::ProblemBody;
pub use server::{openapi, serve};
pub use settings::{Clock, Limits, Settings};
