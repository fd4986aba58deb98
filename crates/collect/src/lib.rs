//! Wire formats and files into facts.
//!
//! Two ways lead in. [`Import`] opens NDJSON, CSV and Parquet files, recognises the exports of the
//! usual trackers, and hands on [`Fact`](firsthand_model::Fact)s. [`live`] reads what their clients
//! send over HTTP. What a record of a vendor means is known in one place for both, `shape`.
//! [`write_fact`] is the way out again. Whatever is not taken in, and whatever is not taken in as it
//! stood, is reported ([`Reject`], [`Notice`]): P7.
//!
//! # Invariants
//!
//! - IMP-1: importing the same file again, whole or in part, gives the same facts with the same ids.
//! - IMP-2: the number of threads changes nothing that comes out.
//! - IMP-3: what [`write_fact`] writes is read back as the same facts.
//! - IMP-4: no input whatever makes an import panic, and memory does not grow with the file.

mod columns;
mod draft;
mod error;
mod export;
mod guess;
mod identity;
mod import;
mod input;
mod instant;
mod json;
pub mod live;
pub mod mapping;
mod plan;
mod reader;
mod record;
mod report;
mod shape;
mod split;
mod text;

pub use error::ImportError;
pub use export::write_fact;
pub use guess::{Column, Proposal};
pub use identity::REMEMBERED_MAX;
pub use import::Import;
pub use input::Input;
pub use json::{DEPTH_MAX, MEMBERS_MAX};
pub use plan::SAMPLE_RECORDS;
pub use reader::{CHUNK_BYTES, RECORD_BYTES_MAX};
pub use report::{
    EXAMPLES_MAX, Example, FileSummary, Notice, NoticeCode, Notices, Position, Progress,
    RAW_BYTES_MAX, Reject, RejectCode, Silent, Summary,
};
