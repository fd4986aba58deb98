//! Segments: immutable Parquet files of rows that are sorted by account and time.
//!
//! `schema` lists the columns, `write` seals a sorted run of rows into a file by way of a `table`,
//! `read` brings whole rows back, `columns` reads single columns for scans. `bulk` reads columns of
//! numbers: a row `group` at a time, from its `pages`, in their `encodings`: the `levels` say which rows
//! have `values`. `later` is how instants are written that are mostly those of another column.
//!
//! # Invariants
//!
//! - SEG-1: a fact read back is the fact that was written, to the byte.
//! - SEG-2: a promoted column holds exactly what `Json::get` says of its path, or nothing; where
//!   nothing may stand for something, the segment's entry says that the column is not complete.

pub(crate) mod batch;
pub(crate) mod bulk;
pub(crate) mod columns;
mod encodings;
mod group;
pub(crate) mod later;
mod levels;
mod pages;
pub(crate) mod promote;
pub(crate) mod read;
pub(crate) mod schema;
mod table;
mod values;
pub(crate) mod write;

pub(crate) use read::Segment;
pub(crate) use write::SegmentWriter;
