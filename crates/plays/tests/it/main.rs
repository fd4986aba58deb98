//! What the planner promises.

mod demo;
mod laws;
mod stories;
mod town;
mod words;
