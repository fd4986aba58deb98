//! What the crate promises, seen from outside.

mod laws;
mod mapped;
mod parquet;
mod support;
mod ugly;
mod vendors;
