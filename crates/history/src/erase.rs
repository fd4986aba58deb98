//! Erasing people and accounts from the history.
//!
//! Facts *about* them go. In facts about others that *mention* them, the texts that do become
//! `null`, and ids of facts that do become digests. With an account that a domain forms go the
//! e-mail addresses that form it, whosever they are. Afterwards the history is one that never had
//! them: who is who, statistics and kept timelines included.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use firsthand_model::fact::{Body, BodyView, FactView, Kind};
use firsthand_model::{Calendar, Fact, Json, Mentions, Scalar, Text};
use firsthand_rules::resolve::{RawId, Resolver};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use smol_str::format_smolstr;

use crate::error::Result;
use crate::history::{History, State, orphans};
use crate::identity;
use crate::rewrite::{Fate, Rewritten, WouldGo};
use crate::scan::Scan;
use crate::segment::Segment;
use crate::segment::read::WholeRows;
use crate::stored::Stored;

/// The shortest id that is looked for in what others did, in letters. A shorter one is as often
/// another word or number, and what others did must stay as it was.
pub const MENTION_LETTERS_MIN: usize = 6;

/// The person trait that holds an e-mail address.
const EMAIL_TRAIT: &str = "email";
/// Before the canonical id of a person who is only known by an anonymous id.
const ANONYMOUS_PREFIX: &str = "anon:";
/// Before the account of a person who has no other.
const OWN_PREFIX: &str = "own:";

/// Somebody who is to be erased, by every id that is known of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gone {
    /// Canonical ids of persons.
    pub persons: BTreeSet<Text>,
    /// Their user ids.
    pub users: BTreeSet<Text>,
    /// Their anonymous ids, but for those that others had as well: a shared device stays theirs.
    pub anonymous: BTreeSet<Text>,
    /// Their e-mail addresses.
    pub emails: BTreeSet<Text>,
    /// Accounts, a person's own included.
    pub accounts: BTreeSet<Text>,
}

impl Gone {
    /// Every id of a person, of whatever kind.
    pub fn of_persons(&self) -> impl Iterator<Item = &Text> {
        self.persons.union(&self.users).chain(&self.anonymous).chain(&self.emails)
    }

    /// The ids that are looked for in what others did.
    pub fn mentioned_by(&self) -> impl Iterator<Item = &Text> {
        let all = self.of_persons().chain(&self.accounts);
        all.filter(|it| it.contains('@') || it.chars().count() >= MENTION_LETTERS_MIN)
    }

    fn add_person(&mut self, resolver: &Resolver, person: &Text) {
        self.persons.insert(person.clone());
        match person.strip_prefix(ANONYMOUS_PREFIX) {
            Some(anonymous) => self.anonymous.insert(anonymous.into()),
            None => self.users.insert(person.clone()),
        };
        for id in resolver.ids_of(person) {
            match id {
                RawId::User(id) => self.users.insert(id),
                RawId::Anonymous(id) => self.anonymous.insert(id),
            };
        }
    }

    fn add_own_accounts(&mut self) {
        let own = self.persons.iter().chain(&self.users);
        self.accounts.extend(own.map(|it| format_smolstr!("{OWN_PREFIX}{it}")));
        let own = self.anonymous.iter();
        self.accounts.extend(own.map(|it| format_smolstr!("{OWN_PREFIX}{ANONYMOUS_PREFIX}{it}")));
    }

    /// Whether a fact is about them, by itself and by where it stands.
    fn has(
        &self,
        resolver: &Resolver,
        fact: &FactView<'_>,
        person: Option<&str>,
        homes: Homes<'_>,
    ) -> bool {
        let named = |id: Option<&str>, of: &BTreeSet<Text>| id.is_some_and(|it| of.contains(it));
        let is_theirs = |id| match id {
            RawId::User(id) => self.users.contains(&id),
            RawId::Anonymous(id) => self.anonymous.contains(&id),
        };
        // By its user id even where that names nobody: it may have been asked for.
        named(fact.who.user, &self.users)
            || named(fact.who.account, &self.accounts)
            || named(person, &self.persons)
            || resolver.ids_in(fact).any(is_theirs)
            || homes.are_in(&self.accounts)
    }

    fn fate(&self, mentions: &Mentions<'_>, resolver: &Resolver, row: &Stored) -> Fate {
        let view = FactView::from(&row.fact);
        let homes = match row.homes {
            Some(_) if self.accounts.contains(&row.account) => Homes::Several(resolver, &view),
            Some(_) => Homes::Others,
            None => Homes::One(&row.account),
        };
        if self.has(resolver, &view, row.person.as_deref(), homes) {
            return Fate::Gone;
        }
        self.cleaned(mentions, resolver, &row.fact).map_or(Fate::Kept, Fate::Changed)
    }

    /// A fact about others that does not mention them; `None` if it did not before.
    fn cleaned(&self, mentions: &Mentions<'_>, resolver: &Resolver, fact: &Fact) -> Option<Fact> {
        let device = fact.who.anonymous.as_ref().is_some_and(|it| self.anonymous.contains(it));
        let named = mentions.in_words(&fact.id);
        let json = match &fact.body {
            Body::Event { properties: json, .. } | Body::Record { properties: json, .. } => {
                mentions.blanked(json.as_str())
            }
            Body::Traits { traits: json, .. } => match self.email_forming(resolver, fact) {
                None => mentions.blanked(json.as_str()),
                Some(email) => {
                    let ids = self.mentioned_by().chain([&email]);
                    Mentions::of(ids.map(Text::as_str)).blanked(json.as_str())
                }
            },
            _ => None,
        };
        if !device && !named && json.is_none() {
            return None;
        }
        let mut fact = fact.clone();
        if device {
            fact.who.anonymous = None;
        }
        if named {
            let digest = blake3::hash(fact.id.as_bytes()).to_hex();
            fact.id = format_smolstr!("erased:{}", &digest[..32]);
        }
        if let (
            Body::Event { properties: to, .. }
            | Body::Record { properties: to, .. }
            | Body::Traits { traits: to, .. },
            Some(json),
        ) = (&mut fact.body, json)
        {
            *to = Json::from_written(&json);
        }
        Some(fact)
    }

    /// The e-mail address that a fact tells of a person and that forms one of the accounts.
    fn email_forming(&self, resolver: &Resolver, fact: &Fact) -> Option<Text> {
        let email = email_of(&FactView::from(fact))?;
        resolver.company_of(&email).is_some_and(|it| self.accounts.contains(&it)).then_some(email)
    }
}

/// The e-mail address that a fact tells of a person.
fn email_of(fact: &FactView<'_>) -> Option<Text> {
    match fact.body {
        BodyView::Traits { of: Kind::Person, traits } => match traits.get(EMAIL_TRAIT) {
            Scalar::Text(email) => Some(email),
            _ => None,
        },
        _ => None,
    }
}

/// In which accounts a fact stands.
#[derive(Clone, Copy)]
enum Homes<'a> {
    One(&'a str),
    /// In several, this one among them; the resolver knows the rest.
    Several(&'a Resolver, &'a FactView<'a>),
    /// In several, as another row tells.
    Others,
}

impl Homes<'_> {
    fn are_in(self, accounts: &BTreeSet<Text>) -> bool {
        match self {
            Self::One(account) => accounts.contains(account),
            Self::Several(resolver, fact) => {
                let placed = identity::place(resolver, fact);
                placed.places().all(|it| accounts.contains(it.account))
            }
            Self::Others => false,
        }
    }
}

impl History {
    /// Who a person or an account is, by every id; with an account go the people of whom nothing
    /// is known elsewhere. `None` if there is nobody of that id.
    pub fn who_is(&self, kind: Kind, id: &str, scan: Scan<'_>) -> Result<Option<Gone>> {
        let resolver = &*self.state.resolver;
        let mut gone = Gone::default();
        let persons = match (kind, id.strip_prefix(OWN_PREFIX)) {
            (Kind::Account, None) => {
                gone.accounts.insert(id.into());
                self.people_only_of(id, scan)?
            }
            (Kind::Person, _) | (Kind::Account, Some(_)) => {
                let id =
                    id.strip_prefix(OWN_PREFIX).filter(|_| kind == Kind::Account).unwrap_or(id);
                match resolver.person_of(id) {
                    Some(person) => BTreeSet::from([person]),
                    // Of whom nothing was learnt, there may be facts all the same.
                    None => [id.into(), format_smolstr!("{ANONYMOUS_PREFIX}{id}")].into(),
                }
            }
        };
        for person in &persons {
            gone.add_person(resolver, person);
        }
        let met = self.meet(&mut gone, scan)?;
        gone.add_own_accounts();
        Ok(met.then_some(gone))
    }

    /// The people who have facts in an account, and in no other but their own.
    fn people_only_of(&self, account: &str, scan: Scan<'_>) -> Result<BTreeSet<Text>> {
        let is_other = |it: &str| it != account && !it.is_empty() && !it.starts_with(OWN_PREFIX);
        let (here, elsewhere) = self
            .gather(
                scan,
                Segment::bare_rows,
                |(here, elsewhere): &mut (BTreeSet<Text>, BTreeSet<Text>), row| {
                    let Some(person) = row.person else { return };
                    if row.account == account {
                        here.insert(person);
                    } else if is_other(&row.account) {
                        elsewhere.insert(person);
                    }
                },
            )?
            .into_iter()
            .fold((BTreeSet::new(), BTreeSet::new()), |(mut here, mut elsewhere), part| {
                here.extend(part.0);
                elsewhere.extend(part.1);
                (here, elsewhere)
            });
        Ok(here.difference(&elsewhere).cloned().collect())
    }

    /// Looks for the facts of somebody: whether there are any, what their e-mail addresses are,
    /// and which anonymous ids are not theirs alone.
    fn meet(&self, gone: &mut Gone, scan: Scan<'_>) -> Result<bool> {
        let resolver = &*self.state.resolver;
        let take = |met: &mut Met, row| met.take(gone, resolver, &row);
        let parts = self.gather(scan, Segment::whole_rows, take)?;
        let mut all = Met::default();
        for part in parts {
            all.any |= part.any;
            all.shared.extend(part.shared);
            all.emails.extend(part.emails);
        }
        gone.anonymous.retain(|it| !all.shared.contains(it));
        gone.emails = all.emails;
        Ok(all.any)
    }

    /// Goes over the rows that count, each segment with a value of its own.
    fn gather<T: Default + Send>(
        &self,
        scan: Scan<'_>,
        read: impl Fn(&Segment, &[Range<usize>]) -> Result<WholeRows> + Sync,
        take: impl Fn(&mut T, Stored) + Sync,
    ) -> Result<Vec<T>> {
        let State { dir, catalogue, overlay, .. } = &self.state;
        let segments = catalogue.segments.par_iter().map(|entry| {
            scan.check()?;
            let segment = Segment::open(dir, entry)?;
            let live = overlay.live(&entry.file.file, 0..segment.rows());
            let mut found = T::default();
            for row in read(&segment, &live)? {
                take(&mut found, row?.1);
            }
            Ok(found)
        });
        segments.collect()
    }

    /// What an erasure would do.
    pub fn would_erase(&self, gone: &Gone, calendar: &Calendar, scan: Scan<'_>) -> Result<WouldGo> {
        let mentions = Mentions::of(gone.mentioned_by().map(Text::as_str));
        let resolver = &self.state.resolver;
        self.would_rewrite(calendar, |row| gone.fate(&mentions, resolver, row), scan)
    }

    /// Erases somebody, in one commit. Erasing once more does no harm.
    pub fn erase(&mut self, gone: &Gone, calendar: &Calendar, scan: Scan<'_>) -> Result<Rewritten> {
        let mentions = Mentions::of(gone.mentioned_by().map(Text::as_str));
        let resolver = Arc::clone(&self.state.resolver);
        self.rewrite_facts(calendar, |row| gone.fate(&mentions, &resolver, row), scan)
    }

    /// In how many files somebody is still to be found; none is the proof.
    pub fn traces(&self, gone: &Gone, calendar: &Calendar, scan: Scan<'_>) -> Result<u64> {
        let State { dir, catalogue, .. } = &self.state;
        let mut found = self.would_erase(gone, calendar, scan)?.segments;
        for file in catalogue.identity.iter().chain(&catalogue.seen) {
            let content = file.read(dir)?;
            let holds = |id: &Text| content.windows(id.len()).any(|it| it == id.as_bytes());
            found += u64::from(gone.mentioned_by().any(holds));
        }
        // What no catalogue names is older than the newest commit.
        Ok(found + orphans(dir, catalogue)?.len() as u64)
    }
}

/// What a look at some rows has shown of somebody.
#[derive(Default)]
struct Met {
    any: bool,
    /// Anonymous ids that others had as well.
    shared: BTreeSet<Text>,
    emails: BTreeSet<Text>,
}

impl Met {
    fn take(&mut self, gone: &Gone, resolver: &Resolver, row: &Stored) {
        let view = FactView::from(&row.fact);
        let person = row.person.as_deref();
        let asked_for = view.who.user.is_some_and(|it| gone.users.contains(it));
        if !asked_for && person.is_some_and(|it| !gone.persons.contains(it)) {
            self.any |= gone.accounts.contains(&row.account);
            self.shared.extend(
                view.who.anonymous.filter(|it| gone.anonymous.contains(*it)).map(Text::from),
            );
            return;
        }
        if !gone.has(resolver, &view, person, Homes::One(&row.account)) {
            return;
        }
        self.any = true;
        self.emails.extend(email_of(&view));
    }
}
