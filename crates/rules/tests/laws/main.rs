//! The laws of judging (docs/language.md, sections 6 and 7; ARCHITECTURE.md, promises), for any facts.
//!
//! The definitions are those of the golden corpus, so every kind of node takes part ([`pool`]);
//! the facts are drawn from what its stories tell, at random times that often coincide. What the
//! engine says is held against itself under every disturbance that must not matter, and, in
//! [`oracle`], against an evaluator so naive that it can be seen to be right.

mod arrival;
mod bulk;
mod limits;
mod oracle;
mod pool;
mod regressions;
mod streams;
mod together;
