//! In which accounts the facts of each id stand.

use firsthand_model::Text;
use firsthand_model::fact::Who;
use rustc_hash::FxHashSet;

use crate::error::Result;
use crate::history::History;
use crate::scan::Scan;
use crate::segment::Segment;

/// What is looked at.
const COLUMNS: [&str; 6] = ["account", "user", "anonymous", "named_account", "kind", "of"];
/// Kinds of facts that stand in nobody's stream.
const IDENTITY: [&str; 3] = ["link", "alias", "split"];

/// Ids that facts name together, and an account in which such facts stand.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Whereabout {
    /// The ids, without the account that the facts name.
    pub who: Who,
    /// The account; empty for facts that count for none.
    pub account: Text,
    /// Whether they name no account themselves, or are told of a person in every account.
    pub loose: bool,
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
                for batch in segment.batches(Some(&COLUMNS), &live)? {
                    scan.check()?;
                    let batch = batch?;
                    let accounts = batch.words("account")?;
                    let (users, anonymous) = (batch.words("user")?, batch.words("anonymous")?);
                    let (named, kinds) = (batch.words("named_account")?, batch.words("kind")?);
                    let of = batch.words("of")?;
                    let mut last = None;
                    for row in 0..batch.len() {
                        let kind = kinds.get(row).unwrap_or_default();
                        if IDENTITY.contains(&kind) {
                            continue;
                        }
                        let of_person = kind == "traits" && of.get(row) == Some("person");
                        let loose = named.get(row).is_none() || of_person;
                        let keys = (accounts.key(row), users.key(row), anonymous.key(row), loose);
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
                            found.insert(Whereabout { who, account: account.into(), loose });
                        }
                    }
                }
            }
            Ok(found)
        })?;
        Ok(parts.into_iter().flatten().collect())
    }
}
