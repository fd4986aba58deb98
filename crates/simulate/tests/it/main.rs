//! What the simulated world promises, as claims.

mod mess;
mod same;
mod truth;
mod world;
