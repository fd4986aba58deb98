//! What the facts have taught about who is who, kept beside them.
//!
//! The snapshot is there for a quick start: it can always be worked out again from the facts.

use std::path::Path;

use firsthand_model::config::IdentityRules;
use firsthand_model::{Fact, Text};
use firsthand_rules::resolve::{Attribution, Excluded, Home, RawId, Refused, Resolver};
use rayon::prelude::*;

use crate::catalogue::{Catalogue, KNOWLEDGE};
use crate::error::Result;
use crate::files::{self, FileRef};
use crate::overlay::Overlay;
use crate::segment::Segment;
use crate::stored::Stored;

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
    let resolvers = catalogue.segments.par_iter().map(|entry| {
        let segment = Segment::open(dir, entry)?;
        let mut resolver = Resolver::new(rules);
        for row in segment.whole_rows(&overlay.live(&entry.file.file, 0..segment.rows()))? {
            let (_, row) = row?;
            if !row.copy {
                learn(&mut resolver, &row.fact, |_| ());
            }
        }
        Ok(resolver)
    });
    resolvers.try_reduce(
        || Resolver::new(rules),
        |mut one, other| {
            one.merge(&other);
            Ok(one)
        },
    )
}

/// Teaches a resolver one fact, and passes on the ids that it touched. A refused fact is stored
/// all the same, so that a later change of the rules can take it in; [`place`] tells that it was.
pub(crate) fn learn(resolver: &mut Resolver, fact: &Fact, touch: impl FnMut(RawId)) {
    if let Ok(touched) = resolver.learn(fact) {
        touched.into_iter().for_each(touch);
    }
}

/// Where a fact stands, and what of it does not count.
pub(crate) struct Placed {
    attribution: Attribution,
    /// Why it does not do all that its ids say.
    pub refused: Option<Refused>,
    /// Why it stands in nobody's stream, although it is about somebody.
    pub excluded: Option<Excluded>,
}

/// Says where a fact stands.
pub(crate) fn place(resolver: &Resolver, fact: &Fact) -> Placed {
    let mut attribution = resolver.attribute(fact);
    Placed { refused: attribution.refused.take(), excluded: attribution.excluded, attribution }
}

/// The rows of a fact: one for each account in whose stream it stands, or one for no account.
pub(crate) fn rows_of(resolver: &Resolver, fact: Fact) -> Vec<Stored> {
    rows(place(resolver, &fact), fact)
}

/// The rows of a fact that has been placed.
pub(crate) fn rows(placed: Placed, fact: Fact) -> Vec<Stored> {
    let Attribution { person, mut accounts, excluded, .. } = placed.attribution;
    if excluded.is_some() || accounts.is_empty() {
        let attributed_at = fact.known_at;
        let account = Text::default();
        return vec![Stored { account, person, attributed_at, copy: false, homes: None, fact }];
    }
    let row = |home: Home, fact| Stored {
        account: home.account,
        person: person.clone(),
        attributed_at: home.known_at,
        copy: home.copy,
        homes: None,
        fact,
    };
    if accounts.len() == 1 {
        // Nearly always so, and then nothing need be copied.
        return accounts.pop().map(|it| row(it, fact)).into_iter().collect();
    }
    let mut rows: Vec<Stored> = accounts.into_iter().map(|it| row(it, fact.clone())).collect();
    let homes = Some(homes_digest(&rows));
    for row in &mut rows {
        row.homes = homes;
    }
    rows
}

/// Names the set of all homes of a fact, so that each of its rows tells by itself whether any of
/// them has changed.
fn homes_digest(rows: &[Stored]) -> i64 {
    let mut hasher = blake3::Hasher::new();
    for row in rows {
        let home = (&row.account, &row.person, row.attributed_at, row.copy);
        hasher.update(&postcard::to_stdvec(&home).expect("a home serialises"));
    }
    let hash = hasher.finalize();
    i64::from_le_bytes(hash.as_bytes()[..8].try_into().expect("a hash has 32 bytes"))
}

/// Whether a stored row is among the rows its fact has now, and so are the fact's other rows.
pub(crate) fn is_settled(stored: &Stored, now: &[Stored]) -> bool {
    let same = |it: &Stored| {
        (&it.account, &it.person, it.attributed_at, it.copy, it.homes)
            == (&stored.account, &stored.person, stored.attributed_at, stored.copy, stored.homes)
    };
    now.iter().any(same)
}
