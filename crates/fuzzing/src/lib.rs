//! What is claimed of strangers' texts, files and calls: one function for each fuzz target.
//!
//! Each takes any bytes whatever and panics where a claim does not hold. The fuzzer (`fuzz/`, a
//! nightly compiler) looks for such bytes; the test `corpus` runs those it has kept, with every
//! ordinary `cargo test`. Start at [`TARGETS`].
//!
//! # Invariants
//!
//! - FUZZ-1: the same bytes take the same way each time: nothing here asks clock or chance.

mod configuration;
mod draw;
mod import;
mod language;
mod live;
mod rows;

pub use configuration::configuration;
pub use import::beside::{
    import_amplitude, import_csv, import_mixpanel, import_own, import_posthog, import_segment,
};
pub use import::mapped::import_mapped;
pub use import::packed::import_packed;
pub use import::parquet::import_parquet;
pub use language::language;
pub use live::live;
pub use rows::rows;

/// One target: its name, which is that of its folder in `fuzz/corpus`, and what it claims.
pub type Target = (&'static str, fn(&[u8]));

/// Every target.
pub const TARGETS: &[Target] = &[
    ("language", language),
    ("configuration", configuration),
    ("rows", rows),
    ("import_own", import_own),
    ("import_segment", import_segment),
    ("import_posthog", import_posthog),
    ("import_mixpanel", import_mixpanel),
    ("import_amplitude", import_amplitude),
    ("import_csv", import_csv),
    ("import_mapped", import_mapped),
    ("import_parquet", import_parquet),
    ("import_packed", import_packed),
    ("live", live),
];
