//! Replay: a program over everybody's recorded facts, exactly as they would have been judged live.
//!
//! Accounts are judged in parallel, bucket by bucket, each from its own rows alone; what has to
//! be brought together (families, populations, persons of several accounts) goes over changes
//! only. The subjects themselves would not fit into memory: the caller says what to keep of each.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use firsthand_model::fact::{Kind, Row};
use firsthand_model::{Text, Time};
use firsthand_rules::bulk::plan::BulkPlan;
use firsthand_rules::bulk::{BulkJudge, Found, NeedsRows};
use firsthand_rules::compile::program::{DefinitionRoot, Program};
use firsthand_rules::judge::Judge;
use firsthand_rules::society::{Said, Society};
use firsthand_rules::timeline::Subject;
use firsthand_rules::travel;
use firsthand_rules::world::{self, Imports, Judged, Told, Verdicts};

use crate::kept::{KeptBucket, KeptSet};
use crate::scan::{scan_bucket, scan_bucket_in_bulk};
use crate::{AccountRows, History, Projection, Result, Scan, Traveller};

/// A program over a history, up to an instant.
#[derive(Clone, Copy)]
pub struct Replay<'a> {
    /// What is recorded.
    pub history: &'a History,
    /// What is judged.
    pub program: &'a Program,
    /// The account trait that names a parent, for families.
    pub parent_trait: &'a str,
    /// Where recorded history begins; windows that reach before it are short.
    pub history_from: Time,
    /// How far to judge.
    pub until: Time,
    /// Threads, progress, and how to stop.
    pub scan: Scan<'a>,
}

/// Whose verdicts are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whom {
    /// Everybody's.
    Everybody,
    /// Theirs who have qualified at some time, without outcomes; others may be left out.
    Qualified,
}

/// What came of judging everybody.
pub struct Everybody<T> {
    /// What the caller wanted to keep, in the same order for any number of threads.
    pub kept: Vec<T>,
    /// Whether any fact says when it arrived.
    pub arrival_times: bool,
}

impl<T> Everybody<T> {
    /// Puts the buckets together.
    fn of(buckets: Vec<Self>) -> Self {
        Self {
            arrival_times: buckets.iter().any(|it| it.arrival_times),
            kept: buckets.into_iter().flat_map(|it| it.kept).collect(),
        }
    }
}

impl Replay<'_> {
    /// A judge of this program.
    pub fn judge(&self) -> Judge<'_> {
        Judge::new(self.program, self.history_from)
    }

    /// Judges everybody; `keep` says what to remember of a judged subject.
    pub fn everybody<T: Send>(
        &self,
        keep: impl Fn(&Judged) -> Option<T> + Sync,
    ) -> Result<Everybody<T>> {
        self.judge_from(&self.projection(), keep)
    }

    /// Judges some accounts and their people by the definitions `asked` for, and others only as
    /// far as these depend on them.
    pub fn accounts<T: Send>(
        &self,
        accounts: BTreeSet<Text>,
        asked: impl Fn(&DefinitionRoot) -> bool,
        keep: impl Fn(&Judged) -> Option<T> + Sync,
    ) -> Result<Everybody<T>> {
        let program = &self.program.narrowed(asked);
        let narrow = Replay { program, ..*self };
        let alone = !Society::new(program).is_asked() && program.person.is_idle();
        let wanted = Arc::new(accounts);
        let read = alone.then(|| Arc::clone(&wanted));
        let projection = Projection { accounts: read, ..self.projection() };
        narrow.judge_from(
            &projection,
            |it| if wanted.contains(&it.account) { keep(it) } else { None },
        )
    }

    fn judge_from<T: Send>(
        &self,
        projection: &Projection,
        keep: impl Fn(&Judged) -> Option<T> + Sync,
    ) -> Result<Everybody<T>> {
        let mut society = Society::new(self.program);
        let travellers = self.travellers()?;
        let mut told = BTreeMap::new();
        if society.is_asked() {
            let first = self.pass(projection, &told, &travellers, true, |_| None::<T>)?;
            for said in first.said {
                society.hear(said);
            }
            told = society.told(self.until);
        }
        let Pass { kept, arrival_times, .. } =
            self.pass(projection, &told, &travellers, false, keep)?;
        Ok(Everybody { kept, arrival_times })
    }

    /// Judges everybody by the definitions `asked` for, and keeps what `keep` says of the
    /// verdicts. Much quicker than [`Replay::everybody`]: no state is left to look at afterwards,
    /// so that accounts can be judged in bulk, from columns. The other definitions may come out as
    /// never holding.
    pub fn verdicts<T: Send>(
        &self,
        whom: Whom,
        asked: impl Fn(&DefinitionRoot) -> bool,
        keep: impl Fn(&Verdicts) -> Option<T> + Sync,
    ) -> Result<Everybody<T>> {
        let Some(plan) = self.plan(whom, &asked) else {
            let program = &self.program.narrowed(asked);
            let narrow = Replay { program, ..*self };
            return narrow.everybody(|judged| keep(&judged.into()));
        };
        let buckets = self.history.in_buckets(self.scan, |bucket| {
            self.bucket(bucket, &plan, whom == Whom::Qualified, &keep)
        });
        Ok(Everybody::of(buckets?))
    }

    /// As [`Replay::verdicts`], from kept timelines of measures: where only what they are compared
    /// with has changed since the last time, no events are read.
    pub fn verdicts_from_kept<T: Send>(
        &self,
        whom: Whom,
        asked: impl Fn(&DefinitionRoot) -> bool,
        keep: impl Fn(&Verdicts) -> Option<T> + Sync,
    ) -> Result<Everybody<T>> {
        let Some(plan) = self.plan(whom, &asked) else { return self.verdicts(whom, asked, keep) };
        let mut key = blake3::Hasher::new();
        key.update(plan.measures_key().as_bytes());
        key.update(self.history.state.catalogue.content_key().as_bytes());
        key.update(&self.until.0.to_le_bytes());
        let set = KeptSet::open(&self.history.state.dir, &key.finalize());
        // Where nothing can be written, nothing is kept.
        set.make_room().ok();
        let buckets = self.history.in_buckets(self.scan, |bucket| {
            let mut judge = BulkJudge::new(&plan, self.history_from, whom == Whom::Qualified);
            let bucket = match set.read(bucket) {
                Some(kept) => self.again(bucket, kept, &plan, &mut judge, &keep)?,
                None => match self.keep_bucket(bucket, &plan, &mut judge)? {
                    Some(kept) => {
                        // A full disk is no reason not to judge.
                        set.write(bucket, &kept).ok();
                        self.again(bucket, kept, &plan, &mut judge, &keep)?
                    }
                    None => self.bucket(bucket, &plan, whom == Whom::Qualified, &keep)?,
                },
            };
            Ok(bucket)
        });
        Ok(Everybody::of(buckets?))
    }

    /// How to judge in bulk; `None` if people are asked about, or what takes more than one
    /// account's own facts.
    fn plan(&self, whom: Whom, asked: impl Fn(&DefinitionRoot) -> bool) -> Option<BulkPlan> {
        let of_persons = self.program.person.definitions.iter().any(&asked);
        let with_outcomes = whom == Whom::Everybody;
        if of_persons { None } else { BulkPlan::of(self.program, asked, with_outcomes) }
    }

    /// Works out the timelines of a bucket; `None` where its pages are too unusual.
    fn keep_bucket(
        &self,
        bucket: u32,
        plan: &BulkPlan,
        judge: &mut BulkJudge<'_>,
    ) -> Result<Option<KeptBucket>> {
        let state = &self.history.state;
        let mut kept =
            KeptBucket { accounts: Vec::new(), by_rows: Vec::new(), arrival_times: false };
        let scanned = scan_bucket_in_bulk(state, bucket, plan, self.scan, |it| {
            kept.arrival_times |= it.columns.known.told;
            match judge.keep(&it.columns, it.words, self.until, || it.wanted_rows()) {
                Ok(account) if it.in_order => kept.accounts.extend(account),
                _ => kept.by_rows.push(it.columns.account.into()),
            }
        });
        match scanned {
            Err(error) if error.is_unusual_page() => Ok(None),
            other => other.map(|()| Some(kept)),
        }
    }

    /// Judges a bucket from what was kept of it.
    fn again<T>(
        &self,
        bucket: u32,
        mut kept: KeptBucket,
        plan: &BulkPlan,
        judge: &mut BulkJudge<'_>,
        keep: &impl Fn(&Verdicts) -> Option<T>,
    ) -> Result<Everybody<T>> {
        self.scan.check()?;
        let mut found = Vec::new();
        for account in &mut kept.accounts {
            match judge.again(account) {
                Ok(Some(Found { verdicts, by_rows })) if by_rows.is_empty() => {
                    let told = keep(&verdicts);
                    found.extend(told.map(|it| (account.account.clone(), it)));
                }
                Ok(None) => {}
                Ok(Some(_)) | Err(NeedsRows) => kept.by_rows.push(account.account.clone()),
            }
        }
        if !kept.by_rows.is_empty() {
            let accounts = kept.by_rows.into_iter().collect();
            self.by_rows(bucket, plan, Some(accounts), keep, &mut found)?;
        }
        let kept_of = found.into_iter().map(|(_, it)| it).collect();
        Ok(Everybody { kept: kept_of, arrival_times: kept.arrival_times })
    }

    /// Judges some accounts of a bucket, or all, from their rows; returns whether any fact says
    /// when it arrived. What is found comes into the order of the accounts.
    fn by_rows<T>(
        &self,
        bucket: u32,
        plan: &BulkPlan,
        accounts: Option<BTreeSet<Text>>,
        keep: &impl Fn(&Verdicts) -> Option<T>,
        found: &mut Vec<(Text, T)>,
    ) -> Result<bool> {
        let projection = Projection { accounts: accounts.map(Arc::new), ..self.projection() };
        // Progress was told when the rows were first read.
        let scan = Scan { progress: None, ..self.scan };
        let mut judge = Judge::new(plan.by_rows(), self.history_from);
        let mut arrival_times = false;
        scan_bucket(&self.history.state, bucket, &projection, scan, |stream| {
            arrival_times |= stream.rows.iter().any(|it| it.known_at.is_some());
            let verdicts = self.account_by_rows(&mut judge, stream.account, stream.rows);
            found.extend(verdicts.and_then(|it| Some((Text::from(stream.account), keep(&it)?))));
        })?;
        found.sort_by(|(a, _), (b, _)| a.cmp(b));
        Ok(arrival_times)
    }

    fn account_by_rows(
        &self,
        judge: &mut Judge<'_>,
        account: &str,
        rows: &[Row],
    ) -> Option<Verdicts> {
        let (told, nobody) = (Told::default(), |_: &str| true);
        let judged = world::account(judge, account, rows, &told, &nobody, self.until);
        judged.map(|it| Verdicts::from(&it.account))
    }

    /// Judges an account from its rows by the definitions whose timelines were not told in bulk.
    fn some_by_rows(&self, plan: &BulkPlan, found: Found, rows: &[Row]) -> Verdicts {
        let Found { mut verdicts, by_rows } = found;
        let program = plan.by_rows_of(&by_rows);
        let mut judge = Judge::new(&program, self.history_from);
        if let Some(mut told) = self.account_by_rows(&mut judge, &verdicts.account, rows) {
            for definition in by_rows {
                verdicts.timelines[definition] = std::mem::take(&mut told.timelines[definition]);
            }
        }
        verdicts
    }

    /// Judges the accounts of a bucket in bulk, those that need their rows by these.
    fn bucket<T>(
        &self,
        bucket: u32,
        plan: &BulkPlan,
        only_held: bool,
        keep: &impl Fn(&Verdicts) -> Option<T>,
    ) -> Result<Everybody<T>> {
        let state = &self.history.state;
        let mut in_bulk = BulkJudge::new(plan, self.history_from, only_held);
        let mut by_rows = Judge::new(plan.by_rows(), self.history_from);
        let (mut found, mut left) = (Vec::new(), BTreeSet::new());
        let mut arrival_times = false;
        let scanned = scan_bucket_in_bulk(state, bucket, plan, self.scan, |it| {
            let account = it.columns.account;
            arrival_times |= it.columns.known.told;
            let judged = in_bulk.account(&it.columns, it.words, self.until, || it.wanted_rows());
            let all_rows = || it.all_rows().ok_or(NeedsRows);
            let verdicts = match judged {
                _ if !it.in_order => Err(NeedsRows),
                Ok(None) => Ok(None),
                Ok(Some(found)) if found.by_rows.is_empty() => Ok(Some(found.verdicts)),
                Ok(Some(found)) => all_rows().map(|it| Some(self.some_by_rows(plan, found, &it))),
                Err(NeedsRows) => {
                    all_rows().map(|it| self.account_by_rows(&mut by_rows, account, &it))
                }
            };
            match verdicts {
                Ok(of) => found.extend(of.and_then(|of| Some((account.into(), keep(&of)?)))),
                Err(NeedsRows) => _ = left.insert(Text::from(account)),
            }
        });
        match scanned {
            // A bucket with pages that only the general reader knows is read by that.
            Err(error) if error.is_unusual_page() => {
                found.clear();
                left.clear();
                arrival_times |= self.by_rows(bucket, plan, None, keep, &mut found)?;
            }
            other => other?,
        }
        if !left.is_empty() {
            self.by_rows(bucket, plan, Some(left), keep, &mut found)?;
        }
        Ok(Everybody { kept: found.into_iter().map(|(_, it)| it).collect(), arrival_times })
    }

    /// Judges whoever has this id: the account, the person, or both.
    pub fn one(&self, id: &str) -> Result<Vec<Judged>> {
        let alone = !Society::new(self.program).is_asked();
        let rows = self.history.rows_of(id, &self.projection())?;
        if alone && !rows.is_empty() {
            let mut judge = self.judge();
            // Nobody is counted as a person here: an account is asked about.
            let nobody = |_: &str| true;
            let judged =
                world::account(&mut judge, id, &rows, &Told::default(), &nobody, self.until);
            return Ok(judged.map(|it| it.account).into_iter().collect());
        }
        let keep = |judged: &Judged| (judged.subject.id == id).then(|| judged.clone());
        Ok(self.everybody(keep)?.kept)
    }

    /// What a scan must read. Names are not filtered: an account's life begins with its first
    /// fact, whichever definitions happen to be compiled together.
    pub fn projection(&self) -> Projection {
        Projection { paths: self.program.paths.clone(), ..Projection::default() }
    }

    fn pass<T: Send>(
        &self,
        projection: &Projection,
        told: &BTreeMap<Text, Told>,
        travellers: &[Traveller],
        listens: bool,
        keep: impl Fn(&Judged) -> Option<T> + Sync,
    ) -> Result<Pass<T>> {
        let names: BTreeSet<&str> = travellers.iter().map(|it| it.person.as_str()).collect();
        let stops: BTreeSet<&str> = travellers
            .iter()
            .flat_map(|it| &it.rows)
            .map(|(account, _)| account.as_str())
            .collect();
        let nothing = Told::default();
        let take = |(judge, pass): &mut (Judge<'_>, Pass<T>), stream: &AccountRows<'_>| {
            pass.arrival_times |= stream.rows.iter().any(|it| it.known_at.is_some());
            let told = told.get(stream.account).unwrap_or(&nothing);
            let travels = |person: &str| names.contains(person);
            let judged =
                world::account(judge, stream.account, stream.rows, told, &travels, self.until);
            let Some(judged) = judged else { return };
            if listens {
                pass.said.push(Said::account(&judged.account, stream.rows, self.parent_trait));
                pass.said.extend(judged.persons.iter().map(Said::person));
            }
            if stops.contains(stream.account) {
                let exports = world::exports(self.program, &judged.account.record);
                pass.exports.insert(stream.account.into(), exports);
                pass.rows.insert(stream.account.into(), stream.rows.to_vec());
            }
            pass.kept.extend(keep(&judged.account));
            pass.kept.extend(judged.persons.iter().filter_map(&keep));
        };
        let new = || (self.judge(), Pass::default());
        let parts = self.history.fold_accounts(projection, self.scan, new, take)?;
        let mut pass = Pass::default();
        for (_, part) in parts {
            pass.absorb(part);
        }

        let mut judge = self.judge();
        for traveller in travellers {
            let judged = pass.traveller(&mut judge, traveller, told, self.until);
            let Some(judged) = judged else { continue };
            if listens {
                pass.said.push(Said::person(&judged));
            }
            pass.kept.extend(keep(&judged));
        }
        Ok(pass)
    }

    /// Those with facts in several accounts; nobody, if persons are not judged at all.
    fn travellers(&self) -> Result<Vec<Traveller>> {
        if self.program.person.is_idle() {
            return Ok(Vec::new());
        }
        let mut travellers = self.history.travellers(&self.projection(), self.scan)?;
        for traveller in &mut travellers {
            // What comes later says nothing about where a person is.
            traveller.rows.retain(|(_, row)| row.time <= self.until);
        }
        Ok(travellers)
    }
}

/// What one pass over all accounts has brought.
struct Pass<T> {
    kept: Vec<T>,
    arrival_times: bool,
    said: Vec<Said>,
    /// Of the accounts that travellers come through: what people there are told, and the rows.
    exports: BTreeMap<Text, Imports>,
    rows: BTreeMap<Text, Vec<Row>>,
}

impl<T> Default for Pass<T> {
    fn default() -> Self {
        Self {
            kept: Vec::new(),
            arrival_times: false,
            said: Vec::new(),
            exports: BTreeMap::new(),
            rows: BTreeMap::new(),
        }
    }
}

impl<T> Pass<T> {
    /// Judges a traveller by what the accounts on the way have said.
    fn traveller(
        &self,
        judge: &mut Judge<'_>,
        traveller: &Traveller,
        told: &BTreeMap<Text, Told>,
        until: Time,
    ) -> Option<Judged> {
        let (rows, mut imports) = travel::stream(&traveller.rows, &self.rows, &self.exports);
        let rows: Vec<&Row> = rows.iter().filter(|it| it.time <= until).collect();
        let newest = travel::newest(&traveller.rows)?;
        rows.first()?;
        let standing = told.get(newest).and_then(|it| it.persons.get(&traveller.person));
        imports.extend(standing.into_iter().flatten().cloned());
        imports.sort_by_key(|(at, slot, _)| (*at, *slot));
        let id = Subject { kind: Kind::Person, id: traveller.person.clone() };
        Some(world::person(judge, id, newest.clone(), &rows, &imports, until))
    }

    fn absorb(&mut self, other: Self) {
        self.kept.extend(other.kept);
        self.arrival_times |= other.arrival_times;
        self.said.extend(other.said);
        self.exports.extend(other.exports);
        self.rows.extend(other.rows);
    }
}
