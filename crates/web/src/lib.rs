//! The HTTP face of the live server: tracking calls in, the JSON API, and what operators watch.
//!
//! Start at [`Backend`], the one trait through which this crate talks to the rest of the program,
//! then at [`noun`], what goes over the wire. Nothing here knows SQL or the engine.

pub mod backend;
pub mod noun;

pub use backend::{Answer, Backend, Caller, Failure, Submission};
