//! What the planner promises.

mod demo;
mod laws;
mod samples;
mod stories;
mod town;
mod words;
