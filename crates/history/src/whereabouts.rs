//! In which accounts the facts of each id stand.

use firsthand_model::Text;
use firsthand_model::fact::Who;
use rustc_hash::FxHashSet;

use crate::error::Result;
use crate::history::History;
use crate::scan::Scan;
use crate::segment::Segment;

/// Ids that facts name together, and an account in which such facts stand.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Whereabout {
    /// The ids, without the account that the facts name.
    pub who: Who,
    /// The account; empty for facts that count for none.
    pub account: Text,
}

impl History {
    /// Where the facts of all ids stand, each combination once in a bucket.
    pub fn whereabouts(&self, scan: Scan<'_>) -> Result<Vec<Whereabout>> {
        let state = &self.state;
        let parts = self.in_buckets(scan, |bucket| {
            let mut found = FxHashSet::default();
            for entry in state.catalogue.in_bucket(bucket) {
                let segment = Segment::open(&state.dir, entry)?;
                let live = state.overlay.live(&entry.file.file, 0..segment.rows());
                for batch in segment.batches(Some(&["account", "user", "anonymous"]), &live)? {
                    scan.check()?;
                    let batch = batch?;
                    let accounts = batch.words("account")?;
                    let (users, anonymous) = (batch.words("user")?, batch.words("anonymous")?);
                    let mut last = None;
                    for row in 0..batch.len() {
                        let keys = (accounts.key(row), users.key(row), anonymous.key(row));
                        if last == Some(keys) {
                            continue;
                        }
                        last = Some(keys);
                        let account = accounts.get(row).unwrap_or_default();
                        let (user, anonymous) = (users.get(row), anonymous.get(row));
                        let who = Who {
                            user: user.map(Text::from),
                            anonymous: anonymous.map(Text::from),
                            account: None,
                        };
                        if who != Who::default() {
                            found.insert(Whereabout { who, account: account.into() });
                        }
                    }
                }
            }
            Ok(found)
        })?;
        Ok(parts.into_iter().flatten().collect())
    }
}
