//! What the planner promises.

mod laws;
mod stories;
mod town;
mod words;
