//! What the facts have taught about who is who, kept beside them.
//!
//! The snapshot is there for a quick start: it can always be worked out again from the facts.

use std::path::Path;

use firsthand_model::Time;
use firsthand_model::config::IdentityRules;
use firsthand_model::fact::FactView;
use firsthand_rules::resolve::{Attribution, Excluded, RawId, Refused, Resolver};
use rayon::prelude::*;

use crate::catalogue::{Catalogue, KNOWLEDGE};
use crate::error::Result;
use crate::files::{self, FileRef};
use crate::overlay::Overlay;
use crate::segment::Segment;
use crate::stored::{Place, Stored};

/// Groups of segments that are learnt from side by side.
const GROUPS: usize = 16;

/// Names a set of rules: rows attributed under other rules are attributed anew.
pub(crate) fn digest(rules: &IdentityRules) -> String {
    // The debug form lists every field, those of later releases included.
    blake3::hash(format!("{rules:?}").as_bytes()).to_hex()[..16].to_owned()
}

/// Keeps what a resolver knows.
pub(crate) fn save(resolver: &Resolver, dir: &Path, generation: u64) -> Result<FileRef> {
    let file = format!("{KNOWLEDGE}/identity-{generation:08}.bin");
    let bytes = postcard::to_stdvec(resolver).expect("a resolver serialises");
    files::write_whole(&dir.join(&file), &bytes)?;
    FileRef::of(dir, file)
}

/// Brings a resolver back; `None` where the snapshot is absent, damaged or of another release.
pub(crate) fn load(dir: &Path, catalogue: &Catalogue) -> Option<Resolver> {
    let bytes = catalogue.identity.as_ref()?.read(dir).ok()?;
    postcard::from_bytes(&bytes).ok()
}

/// Works out from the facts what they teach.
pub(crate) fn rebuild(
    dir: &Path,
    rules: &IdentityRules,
    catalogue: &Catalogue,
    overlay: &Overlay,
) -> Result<Resolver> {
    // The same groups for any number of threads, so that names are numbered alike.
    let group = catalogue.segments.len().div_ceil(GROUPS).max(1);
    let groups = catalogue.segments.par_chunks(group).map(|entries| {
        let mut resolver = Resolver::new(rules);
        for entry in entries {
            let segment = Segment::open(dir, entry)?;
            for row in segment.whole_rows(&overlay.live(&entry.file.file, 0..segment.rows()))? {
                let (_, row) = row?;
                if !row.copy {
                    learn(&mut resolver, &FactView::from(&row.fact), |_| ());
                }
            }
        }
        Ok(resolver)
    });
    let mut groups = groups.collect::<Result<Vec<Resolver>>>()?.into_iter();
    let first = groups.next().unwrap_or_else(|| Resolver::new(rules));
    Ok(groups.fold(first, |mut all, one| {
        all.merge(&one);
        all
    }))
}

/// Teaches a resolver one fact, and passes on the ids that it touched. A refused fact is stored
/// all the same, so that a later change of the rules can take it in; [`place`] tells that it was.
pub(crate) fn learn(resolver: &mut Resolver, fact: &FactView<'_>, touch: impl FnMut(RawId)) {
    if let Ok(touched) = resolver.learn(*fact) {
        touched.into_iter().for_each(touch);
    }
}

/// Where a fact stands, and what of it does not count.
pub(crate) struct Placed {
    attribution: Attribution,
    known_at: Option<Time>,
    /// A digest of all homes, where there are several.
    homes: Option<i64>,
    /// Why it does not do all that its ids say.
    pub refused: Option<Refused>,
    /// Why it stands in nobody's stream, although it is about somebody.
    pub excluded: Option<Excluded>,
}

/// Says where a fact stands.
pub(crate) fn place(resolver: &Resolver, fact: &FactView<'_>) -> Placed {
    let mut attribution = resolver.attribute(*fact);
    let excluded = attribution.excluded;
    if excluded.is_some() {
        attribution.accounts.clear();
    }
    let refused = attribution.refused.take();
    let homes = (attribution.accounts.len() > 1).then(|| homes_digest(&attribution));
    Placed { attribution, known_at: fact.known_at, homes, refused, excluded }
}

impl Placed {
    /// The places of the fact: one for each account in whose stream it stands, or one in no
    /// account.
    pub fn places(&self) -> impl Iterator<Item = Place<'_>> {
        let Attribution { person, accounts, .. } = &self.attribution;
        let person = person.as_deref();
        let nowhere =
            Place { account: "", person, attributed_at: self.known_at, copy: false, homes: None };
        let places = accounts.iter().map(move |home| Place {
            account: &home.account,
            person,
            attributed_at: home.known_at,
            copy: home.copy,
            homes: self.homes,
        });
        places.chain(accounts.is_empty().then_some(nowhere))
    }

    /// Whether a stored row of the fact stands in one of these places, and so do its other rows.
    pub fn holds(&self, row: &Stored) -> bool {
        self.places().any(|it| it == row.place())
    }
}

/// Names the set of all homes of a fact, so that each of its rows tells by itself whether any of
/// them has changed.
fn homes_digest(attribution: &Attribution) -> i64 {
    let mut hasher = blake3::Hasher::new();
    for home in &attribution.accounts {
        let home = (&home.account, &attribution.person, home.known_at, home.copy);
        hasher.update(&postcard::to_stdvec(&home).expect("a home serialises"));
    }
    let hash = hasher.finalize();
    i64::from_le_bytes(hash.as_bytes()[..8].try_into().expect("a hash has 32 bytes"))
}
