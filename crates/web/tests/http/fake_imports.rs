//! The fake backend's uploads: one that can be taken in, and whatever a test sends.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use firsthand_web::backend::{
    Answer, Counted, Failure, Import, ImportColumn, ImportFound, ImportReject, ImportState,
    Imports, Reading, SampleFact, Upload,
};

use crate::fake::{Fake, now};

/// The largest file that the fake takes.
pub const FILE_BYTES_MAX: usize = 1_000;

/// A file that has come whole: name, source, content.
pub type Whole = (String, String, Vec<u8>);

/// What of uploads a test may look at.
#[derive(Clone, Default)]
pub struct Uploads {
    /// Files that have come whole.
    pub whole: Arc<Mutex<Vec<Whole>>>,
    /// How files were asked to be read.
    pub readings: Arc<Mutex<Vec<Reading>>>,
    /// Whether leads were to open for what was taken in.
    pub taken: Arc<Mutex<Vec<bool>>>,
}

fn import() -> Import {
    let reject = Counted {
        code: "bad_time".to_owned(),
        meaning: "The time cannot be read.".to_owned(),
        count: 2,
        example: String::new(),
    };
    Import {
        id: "imp_1".to_owned(),
        file: "events <b>.csv".to_owned(),
        size_bytes: 5_000_000,
        by: "Ines Duarte".to_owned(),
        uploaded_at: now(),
        state: ImportState::Ready,
        reading: Reading {
            source: "events".to_owned(),
            named: None,
            mapping: vec![("time".to_owned(), "day".to_owned())],
        },
        progress: None,
        columns: vec![ImportColumn {
            name: "day".to_owned(),
            examples: vec!["2026-01-02".to_owned()],
        }],
        missing: Vec::new(),
        found: Some(ImportFound {
            read_as: "CSV".to_owned(),
            records: 12,
            facts: 10,
            rejects: vec![reject],
            first: Some(now()),
            last: Some(now()),
            sample: vec![SampleFact {
                time: now(),
                who: "<i>ana</i>".to_owned(),
                kind: "event".to_owned(),
                what: "Signed up".to_owned(),
                more: "{}".to_owned(),
            }],
            ..ImportFound::default()
        }),
        problem: None,
        result: None,
    }
}

#[async_trait]
impl Imports for Fake {
    async fn imports(&self) -> Answer<Vec<Import>> {
        Ok(vec![import()])
    }

    async fn import(&self, id: &str) -> Answer<Option<Import>> {
        Ok((id == "imp_1").then(import))
    }

    async fn import_rejects(
        &self,
        id: &str,
        skip: usize,
        most: usize,
    ) -> Answer<Option<Vec<ImportReject>>> {
        let reject = |line: usize| ImportReject {
            line: line as u64,
            column: Some("day".to_owned()),
            code: "bad_time".to_owned(),
            reason: "`soon` is no time".to_owned(),
            record: "soon,<script>".to_owned(),
        };
        Ok((id == "imp_1").then(|| (0..120).skip(skip).take(most).map(reject).collect()))
    }

    fn import_mappings(&self) -> Vec<String> {
        vec!["bills".to_owned()]
    }

    async fn begin_upload(&self, file: &str, _: &str) -> Answer<Box<dyn Upload>> {
        let (to, file) = (self.uploads.clone(), file.to_owned());
        Ok(Box::new(Coming { to, file, bytes: Vec::new() }))
    }

    async fn read_import(&self, id: &str, reading: Reading, _: &str) -> Answer<Option<()>> {
        self.uploads.readings.lock().unwrap().push(reading);
        Ok((id == "imp_1").then_some(()))
    }

    async fn take_import(&self, id: &str, apply: bool, _: &str) -> Answer<Option<()>> {
        self.uploads.taken.lock().unwrap().push(apply);
        Ok((id == "imp_1").then_some(()))
    }

    async fn drop_import(&self, id: &str, _: &str) -> Answer<Option<()>> {
        Ok((id == "imp_1").then_some(()))
    }
}

struct Coming {
    to: Uploads,
    file: String,
    bytes: Vec<u8>,
}

#[async_trait]
impl Upload for Coming {
    async fn write(&mut self, bytes: Bytes) -> Answer<()> {
        self.bytes.extend_from_slice(&bytes);
        if self.bytes.len() <= FILE_BYTES_MAX {
            return Ok(());
        }
        Err(Failure::Invalid {
            parameter: "file",
            detail: "the file is too large".to_owned(),
            help: "Split it.".to_owned(),
        })
    }

    async fn finish(self: Box<Self>, source: &str) -> Answer<String> {
        let Self { to, file, bytes } = *self;
        to.whole.lock().unwrap().push((file, source.to_owned(), bytes));
        Ok("imp_1".to_owned())
    }
}
