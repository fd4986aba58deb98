//! Kept timelines of measures, on disk: a changed threshold is judged without reading events.
//!
//! What measures came to does not depend on what they are compared with
//! ([`firsthand_rules::bulk::KeptAccount`]). It is written once, a file for each bucket, under a
//! key of everything that it does depend on; a changed history or other measures have another key.
//! It can be worked out again at any time: nothing here is ever missed, or synced.

use std::fs;
use std::path::{Path, PathBuf};

use firsthand_model::Text;
use firsthand_rules::bulk::KeptAccount;
use serde::{Deserialize, Serialize};

use crate::error::{HistoryError, Result};
use crate::files;

/// The folder, inside the history's.
pub(crate) const KEPT: &str = "kept";
/// Sets of timelines that are kept beside each other; the oldest go first.
const SETS_MAX: usize = 4;

/// What was kept of a bucket.
#[derive(Serialize, Deserialize)]
pub(crate) struct KeptBucket {
    /// In order.
    pub accounts: Vec<KeptAccount>,
    /// Accounts that must be judged from their rows.
    pub by_rows: Vec<Text>,
    /// Whether any fact says when it arrived.
    pub arrival_times: bool,
}

/// A set of kept timelines.
pub(crate) struct KeptSet {
    folder: PathBuf,
}

impl KeptSet {
    /// The set of a key, which may not have been written yet.
    pub fn open(history: &Path, key: &blake3::Hash) -> Self {
        Self { folder: history.join(KEPT).join(&key.to_hex()[..32]) }
    }

    fn path(&self, bucket: u32) -> PathBuf {
        self.folder.join(format!("{bucket:05}.bin"))
    }

    /// What was kept of a bucket; `None` if nothing was, or if it cannot be read any more.
    pub fn read(&self, bucket: u32) -> Option<KeptBucket> {
        let bytes = fs::read(self.path(bucket)).ok()?;
        let (checksum, content) = bytes.split_first_chunk::<32>()?;
        let whole = blake3::hash(content).as_bytes() == checksum;
        whole.then(|| postcard::from_bytes(content).ok()).flatten()
    }

    /// Keeps a bucket.
    ///
    /// # Errors
    /// Where the disk takes no more. Who judges can go on without.
    pub fn write(&self, bucket: u32, kept: &KeptBucket) -> Result<()> {
        files::create_dir(&self.folder)?;
        let content = postcard::to_stdvec(kept).expect("timelines serialise");
        let mut bytes = blake3::hash(&content).as_bytes().to_vec();
        bytes.extend(content);
        let path = self.path(bucket);
        let temporary = path.with_extension("tmp");
        fs::write(&temporary, bytes)
            .and_then(|()| fs::rename(&temporary, &path))
            .map_err(HistoryError::io("write", &path))
    }

    /// Makes room for this set.
    pub fn make_room(&self) -> Result<()> {
        let Some(all) = self.folder.parent() else { return Ok(()) };
        let written =
            |name: &String| fs::metadata(all.join(name)).and_then(|it| it.modified()).ok();
        let mut sets = files::names_in(all).unwrap_or_default();
        sets.retain(|it| all.join(it) != self.folder);
        sets.sort_by_key(written);
        let too_many = (sets.len() + 1).saturating_sub(SETS_MAX);
        sets.iter().take(too_many).try_for_each(|it| files::remove_dir(&all.join(it)))
    }
}
