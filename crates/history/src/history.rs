//! A history on disk: creating, opening, and the one way in which it changes.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use firsthand_model::config::IdentityRules;
use firsthand_model::fact::FactView;
use firsthand_model::seen::Seen;
use firsthand_model::{Fact, Text};
use firsthand_rules::resolve::Resolver;
use rayon::prelude::*;
use rustc_hash::FxHashSet;

use crate::catalogue::{Catalogue, INTAKE, KNOWLEDGE, SEGMENTS, SegmentEntry};
use crate::compact::Compaction;
use crate::error::{HistoryError, Result};
use crate::files::{self, FileRef, WriteLock};
use crate::hash::bucket_of;
use crate::kept::KEPT;
use crate::overlay::Overlay;
use crate::segment::SegmentWriter;
use crate::spool::Spool;
use crate::wire::{write_fact, write_row};
use crate::{attribute, identity, sort};

/// Facts that one bucket should hold, when the number of buckets is chosen.
pub const BUCKET_FACTS: u64 = 1_000_000;
/// Fewest buckets: enough to keep the threads of a large machine busy.
pub const BUCKETS_MIN: u32 = 16;
/// Most buckets.
pub const BUCKETS_MAX: u32 = 4096;

/// The most of a change that is held in memory. Reaching a limit costs passes over the disk.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Bytes of facts taken in that are kept in memory, and as many of rows waiting to be sealed.
    pub spool_bytes: usize,
    /// Bytes of rows that are sorted at a time in each thread.
    pub run_bytes: usize,
    /// New facts held by key while repeated ones are looked for; about 40 bytes each.
    pub keys_per_pass: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            spool_bytes: 32 * 1024 * 1024,
            run_bytes: 12 * 1024 * 1024,
            keys_per_pass: 2_000_000,
        }
    }
}

/// The facts of a project, on disk.
pub struct History {
    pub(crate) state: State,
    pub(crate) limits: Limits,
    /// Whether what a change replaces stays on disk, because somebody still reads it.
    pub(crate) keeps_replaced: bool,
}

/// What a history is at one moment. It is replaced as a whole, by a commit.
#[derive(Clone)]
pub(crate) struct State {
    pub dir: PathBuf,
    pub rules: Arc<IdentityRules>,
    pub catalogue: Catalogue,
    pub overlay: Overlay,
    pub resolver: Arc<Resolver>,
    pub seen: Arc<Seen>,
}

impl History {
    /// Makes an empty history in a folder.
    ///
    /// `facts_expected` decides over how many buckets the accounts are spread; a wrong guess costs
    /// some speed, nothing else.
    ///
    /// # Errors
    /// [`HistoryError::Exists`] where there is one already.
    pub fn create(
        dir: impl Into<PathBuf>,
        rules: &IdentityRules,
        facts_expected: u64,
    ) -> Result<Self> {
        let dir = dir.into();
        if Catalogue::exists(&dir) {
            return Err(HistoryError::Exists(dir));
        }
        for folder in [SEGMENTS, KNOWLEDGE] {
            files::create_dir(&dir.join(folder))?;
        }
        let buckets = u32::try_from(facts_expected / BUCKET_FACTS).unwrap_or(BUCKETS_MAX);
        let buckets = buckets.clamp(BUCKETS_MIN, BUCKETS_MAX);
        let _lock = WriteLock::take(&dir)?;
        let overlay = Overlay::default().save(&dir, 0)?;
        Catalogue::empty(buckets, identity::digest(rules), overlay).commit(&dir)?;
        Self::open(dir, rules)
    }

    /// Opens the history of a folder.
    ///
    /// If the identity rules have changed since it was written, every fact is attributed anew
    /// first, which takes a while.
    ///
    /// # Errors
    /// [`HistoryError::Absent`] where there is none.
    pub fn open(dir: impl Into<PathBuf>, rules: &IdentityRules) -> Result<Self> {
        let dir = dir.into();
        let catalogue = Catalogue::load(&dir)?;
        let overlay = Overlay::load(&dir, &catalogue.overlay)?;
        let seen = match &catalogue.seen {
            Some(file) => load_seen(&dir, file)?,
            None => Seen::default(),
        };
        let same_rules = catalogue.identity_rules == identity::digest(rules);
        let resolver = match identity::load(&dir, &catalogue).filter(|_| same_rules) {
            Some(resolver) => resolver,
            None => identity::rebuild(&dir, rules, &catalogue, &overlay)?,
        };
        let (rules, resolver) = (Arc::new(rules.clone()), Arc::new(resolver));
        let state = State { dir, rules, catalogue, overlay, resolver, seen: Arc::new(seen) };
        let mut history = Self { state, limits: Limits::default(), keeps_replaced: false };
        if !same_rules {
            history.attribute_anew()?;
        }
        Ok(history)
    }

    /// Opens the history of a folder, or makes one if there is none.
    pub fn open_or_create(
        dir: impl Into<PathBuf>,
        rules: &IdentityRules,
        facts_expected: u64,
    ) -> Result<Self> {
        let dir = dir.into();
        if Catalogue::exists(&dir) {
            Self::open(dir, rules)
        } else {
            Self::create(dir, rules, facts_expected)
        }
    }

    /// The same history once more, for a change that takes its time. Until [`History::tidy`] what
    /// it replaces stays on disk, so that this one can be read meanwhile, but not changed.
    #[must_use]
    pub fn fork(&self) -> Self {
        Self { state: self.state.clone(), limits: self.limits, keeps_replaced: true }
    }

    /// Removes what changes of a fork have replaced: nobody reads it any more. Where another fork
    /// has changed the history since, nothing: it has files that this one knows nothing of.
    pub fn tidy(&mut self) -> Result<()> {
        let _lock = match self.right_to_write() {
            Err(HistoryError::Changed(_)) => return Ok(()),
            lock => lock?,
        };
        self.keeps_replaced = false;
        self.clear_leftovers()
    }

    /// The right to write to what is on disk.
    ///
    /// # Errors
    /// [`HistoryError::Changed`] if that is not what this one knows.
    fn right_to_write(&self) -> Result<WriteLock> {
        let State { dir, catalogue, .. } = &self.state;
        let lock = WriteLock::take(dir)?;
        if Catalogue::load(dir)? == *catalogue {
            Ok(lock)
        } else {
            Err(HistoryError::Changed(dir.clone()))
        }
    }

    /// Removes what no catalogue names. Only for who has the right to write.
    fn clear_leftovers(&self) -> Result<()> {
        let State { dir, catalogue, .. } = &self.state;
        if !self.keeps_replaced {
            for path in orphans(dir, catalogue)? {
                files::remove(&path)?;
            }
        }
        // Timelines kept of what was recorded before are of no use any more.
        files::remove_dir(&dir.join(KEPT))?;
        files::remove_dir(&dir.join(INTAKE))
    }

    /// The folder.
    pub fn dir(&self) -> &Path {
        &self.state.dir
    }

    /// How many facts there are.
    pub fn facts(&self) -> u64 {
        self.state.catalogue.facts
    }

    /// The facts of a server's log before this offset are in the history.
    pub fn logged(&self) -> u64 {
        self.state.catalogue.logged
    }

    /// Counts the commits: the same number means the same content.
    pub fn generation(&self) -> u64 {
        self.state.catalogue.generation
    }

    /// Identifies what scans see.
    pub fn content_key(&self) -> blake3::Hash {
        self.state.catalogue.content_key()
    }

    /// What the data has shown so far.
    pub fn seen(&self) -> &Seen {
        &self.state.seen
    }

    /// What is known about who is who.
    pub fn resolver(&self) -> &Resolver {
        &self.state.resolver
    }

    /// Asks for typed columns for these property paths. Segments written from now on have them;
    /// [`History::compact`] brings them to the older ones.
    pub fn promote(&mut self, paths: &[Text]) -> Result<()> {
        if paths.iter().all(|it| self.state.catalogue.promoted.contains_key(it)) {
            return Ok(());
        }
        let mut change = Change::begin(self)?;
        for path in paths {
            change.next.catalogue.promoted.entry(path.clone()).or_default();
        }
        change.next.catalogue.settle_promoted(&change.next.seen);
        change.commit()?;
        Ok(())
    }

    /// The property paths that have been asked to have typed columns.
    pub fn promoted(&self) -> impl Iterator<Item = &Text> {
        self.state.catalogue.promoted.keys()
    }

    fn attribute_anew(&mut self) -> Result<()> {
        let mut change = Change::begin(self)?;
        change.next.catalogue.identity_rules = identity::digest(&change.next.rules);
        change.identity_changed = true;
        attribute::attribute_anew(&mut change, None)?;
        change.seal()?;
        change.commit()?.compact(Compaction::WhereDue)?;
        Ok(())
    }
}

fn load_seen(dir: &Path, file: &FileRef) -> Result<Seen> {
    let bytes = file.read(dir)?;
    serde_json::from_slice(&bytes)
        .map_err(|error| HistoryError::damaged(&dir.join(&file.file), error.to_string()))
}

/// A change of a history in the making. Dropped before [`Change::commit`], it has changed nothing.
pub(crate) struct Change<'h> {
    history: &'h mut History,
    /// What the history will be.
    pub next: State,
    /// Rows that will be sealed, by bucket.
    pub rows: Spool,
    /// Whether the resolver is another than before.
    pub identity_changed: bool,
    /// Whether the statistics are others than before.
    pub seen_changed: bool,
    _lock: WriteLock,
}

impl<'h> Change<'h> {
    /// Takes the right to write, and clears away what an interrupted change has left.
    pub fn begin(history: &'h mut History) -> Result<Self> {
        let lock = history.right_to_write()?;
        history.clear_leftovers()?;
        let work = history.state.dir.join(INTAKE);
        files::create_dir(&work)?;
        let mut next = history.state.clone();
        next.catalogue.generation += 1;
        let buckets = next.catalogue.buckets as usize;
        Ok(Self {
            rows: Spool::new(&work, "rows", buckets, history.limits.spool_bytes),
            history,
            next,
            identity_changed: false,
            seen_changed: false,
            _lock: lock,
        })
    }

    /// The history as it is.
    pub fn now(&self) -> &State {
        &self.history.state
    }

    /// How much may be held in memory.
    pub fn limits(&self) -> Limits {
        self.history.limits
    }

    /// The folder for what is in the making.
    pub fn work_dir(&self) -> PathBuf {
        self.next.dir.join(INTAKE)
    }

    /// Adds a fact, in the stream of every account that it belongs to.
    pub fn add(&mut self, fact: &Fact) -> Result<()> {
        let fact = FactView::from(fact);
        let mut written = Vec::new();
        write_fact(&mut written, &fact);
        for place in identity::place(&self.next.resolver, &fact).places() {
            let bucket = bucket_of(place.account, self.next.catalogue.buckets);
            self.rows.push(bucket as usize, |to| write_row(to, &place, &written))?;
        }
        Ok(())
    }

    /// Writes the waiting rows as one segment a bucket.
    pub fn seal(&mut self) -> Result<()> {
        self.next.catalogue.settle_promoted(&self.next.seen);
        let (next, rows, work) = (&self.next, &self.rows, self.work_dir());
        let run_bytes = self.limits().run_bytes;
        let Catalogue { buckets, generation, .. } = &next.catalogue;
        let columns = next.catalogue.columns_now();
        let sealed: Vec<Option<SegmentEntry>> = (0..*buckets)
            .into_par_iter()
            .map(|bucket| {
                let part = bucket as usize;
                let mut writer =
                    SegmentWriter::new(&next.dir, bucket, *generation, columns.clone());
                sort::sorted(rows, part, &work, run_bytes, |row| writer.push(row))?;
                writer.finish()
            })
            .collect::<Result<_>>()?;
        self.next.catalogue.segments.extend(sealed.into_iter().flatten());
        self.next.catalogue.segments.sort_by_key(|it| (it.bucket, it.generation));
        Ok(())
    }

    /// Leaves the history as it is, and nothing behind.
    pub fn abandon(self) -> Result<()> {
        self.history.clear_leftovers()
    }

    /// Makes the change the history, at once and for good.
    pub fn commit(mut self) -> Result<&'h mut History> {
        let State { dir, catalogue, overlay, resolver, seen, .. } = &mut self.next;
        let generation = catalogue.generation;
        if *overlay != self.history.state.overlay {
            catalogue.overlay = overlay.save(dir, generation)?;
        }
        if self.identity_changed {
            catalogue.identity = Some(identity::save(resolver, dir, generation)?);
        }
        if self.seen_changed {
            let file = format!("{KNOWLEDGE}/seen-{generation:08}.json");
            let text = serde_json::to_vec(&**seen).expect("statistics serialise");
            files::write_whole(&dir.join(&file), &text)?;
            catalogue.seen = Some(FileRef::of(dir, file)?);
        }
        for folder in [SEGMENTS, KNOWLEDGE] {
            files::sync_dir(&dir.join(folder))?;
        }
        catalogue.commit(dir)?;
        // From here on the change holds. Other readers of the folder must not meet the same rows
        // twice, so that what it has replaced goes at once.
        self.history.state = self.next;
        self.history.clear_leftovers()?;
        Ok(self.history)
    }
}

/// The files in a history's folders that its catalogue does not name.
pub(crate) fn orphans(dir: &Path, catalogue: &Catalogue) -> Result<Vec<PathBuf>> {
    let known: FxHashSet<PathBuf> = catalogue.files().map(|it| dir.join(&it.file)).collect();
    let mut orphans = Vec::new();
    for folder in [SEGMENTS, KNOWLEDGE] {
        let folder = dir.join(folder);
        let names = files::names_in(&folder)?;
        orphans.extend(names.iter().map(|it| folder.join(it)).filter(|it| !known.contains(it)));
    }
    Ok(orphans)
}
