//! To whom a fact belongs, by all that was learnt.

use std::cmp::Reverse;

use firsthand_model::fact::{BodyView, FactView, Kind};
use firsthand_model::{Text, Time};
use smol_str::format_smolstr;

use super::domains::{Class, domain_of};
use super::learn::{Named, Refused};
use super::names::Name;
use super::person::{Person, anonymous_person};
use super::series::{Known, Run};
use super::{Id, Resolver};

/// To whom a fact belongs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attribution {
    /// The canonical id of the person it is about, if any.
    pub person: Option<Text>,
    /// The accounts in whose streams it stands. None for a fact that only teaches identity; one
    /// for most; for a trait of a person every account of theirs, the original first.
    pub accounts: Vec<Home>,
    /// Why it should be left out, if it should.
    pub excluded: Option<Excluded>,
    /// Why it does not do all that its ids say: one of them names nobody, or a link is refused.
    /// It may count for somebody by its other ids all the same.
    pub refused: Option<Refused>,
}

/// An account in whose stream a fact stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Home {
    /// The account's id; derived ones are `domain:<domain>` and `own:<person>`.
    pub account: Text,
    /// When it was known that the fact belongs here; `None` if nothing says when.
    pub known_at: Option<Time>,
    /// Whether the original stands in another account.
    pub copy: bool,
}

/// Why a fact should be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Excluded {
    /// It names neither a person nor an account, or only by ids that name nobody.
    Nobody,
    /// It was done by, or tells about, somebody who works for us. What is recorded *about an
    /// account* by one of us, such as what a rep did with a lead, is not left out.
    OwnStaff,
}

/// A person as the facts name them, and since when that is known.
struct Found {
    /// `None` if nothing was ever learnt about them.
    person: Option<Person>,
    text: Text,
    known: Known,
}

impl Resolver {
    /// Says to whom a fact belongs, by all that was learnt, before or after.
    pub fn attribute<'a>(&self, fact: impl Into<FactView<'a>>) -> Attribution {
        self.attribute_view(&fact.into())
    }

    /// The account that an e-mail address forms by its domain, where the rules let it.
    pub fn company_of(&self, email: &str) -> Option<Text> {
        self.company(&domain_of(email)?)
    }

    fn attribute_view(&self, fact: &FactView<'_>) -> Attribution {
        let named = self.named(fact.who);
        let found = self.find(named, fact.time);
        let mut it = Attribution {
            person: found.as_ref().map(|it| it.text.clone()),
            refused: self.refused(fact, named),
            ..Attribution::default()
        };
        match fact.body {
            BodyView::Link | BodyView::Alias { .. } | BodyView::Split { .. } => return it,
            // The account is what it is about: no other will do.
            BodyView::Membership { .. } if named.account.is_none() || found.is_none() => {}
            BodyView::Traits { of: Kind::Person, .. } if found.is_none() => {}
            BodyView::Traits { of: Kind::Person, .. } => {
                let first = self.home(fact, named, found.as_ref());
                it.accounts.extend(first);
                self.copy_to_others(fact, found.as_ref(), &mut it.accounts);
            }
            _ => it.accounts.extend(self.home(fact, named, found.as_ref())),
        }
        it.excluded = if it.accounts.is_empty() {
            Some(Excluded::Nobody)
        } else if is_about_person(&fact.body) && self.is_own_staff(found.as_ref(), fact.time) {
            Some(Excluded::OwnStaff)
        } else {
            None
        };
        it
    }

    fn find(&self, named: Named<'_>, time: Time) -> Option<Found> {
        let (id, stranger) = match (named.user, named.anonymous) {
            (Some(user), _) => (self.names.find(user).map(Id::User), user.into()),
            (None, Some(it)) => (self.names.find(it).map(Id::Anonymous), anonymous_person(it)),
            (None, None) => return None,
        };
        Some(match id.map(|id| self.person_at(id, time)) {
            Some((person, known)) => {
                Found { person: Some(person), text: self.person_text(person), known }
            }
            None => Found { person: None, text: stranger, known: Known::UNTOLD },
        })
    }

    /// The account of a fact, by the first of the rules that gives one.
    fn home(&self, fact: &FactView<'_>, named: Named<'_>, found: Option<&Found>) -> Option<Home> {
        let tied = found.map_or(Known::UNTOLD, |it| it.known);
        let (account, known) = match (named.account, found) {
            (Some(account), _) => (account.into(), Known::UNTOLD),
            (None, Some(found)) => self.account_at(found, fact.time),
            (None, None) => return None,
        };
        let known = known.max(tied).max(fact.known_at.into());
        Some(Home { account, known_at: known.into(), copy: false })
    }

    /// The account of a person at a time, where the fact names none.
    fn account_at(&self, found: &Found, time: Time) -> (Text, Known) {
        let own = || (format_smolstr!("own:{}", found.text), Known::UNTOLD);
        let Some(person) = found.person else {
            return own();
        };
        self.member_at(person, time)
            .map(|(account, known)| (self.names.text(account).clone(), known))
            .or_else(|| self.company_at(person, time))
            .unwrap_or_else(own)
    }

    /// The account that a person is a member of at a time, or soon after.
    fn member_at(&self, person: Person, time: Time) -> Option<(Name, Known)> {
        let stays = self.stays_of(person);
        let in_force = stays.iter().filter_map(|(account, stays)| {
            let stay = stays.in_force(time)?;
            // Told ones first, the latest joined of them; else the first that was shown.
            let since = stay.since.micros();
            let rank = if stay.told { (0, Reverse(since), 0) } else { (1, Reverse(0), since) };
            Some(((rank, self.names.text(*account)), (*account, stay.known)))
        });
        let joined_after = || {
            stays.iter().filter_map(|(account, stays)| {
                let (joined, known) = stays.joined_after(time, self.rules.membership_reach)?;
                Some(((joined, self.names.text(*account)), (*account, known)))
            })
        };
        in_force
            .min_by_key(|it| it.0)
            .map(|it| it.1)
            .or_else(|| joined_after().min_by_key(|it| it.0).map(|it| it.1))
    }

    /// The account that the domain of a person's work e-mail forms.
    fn company_at(&self, person: Person, time: Time) -> Option<(Text, Known)> {
        if !self.rules.company_domains {
            return None;
        }
        let run = self.domain_of(person, time)?;
        Some((self.company(self.names.text(run.value))?, run.known))
    }

    /// The account that a domain forms.
    fn company(&self, domain: &str) -> Option<Text> {
        let forms = self.rules.company_domains && self.rules.domains.class(domain) == Class::Work;
        forms.then(|| format_smolstr!("domain:{domain}"))
    }

    /// A trait of a person counts in every account that they ever belong to.
    fn copy_to_others(&self, fact: &FactView<'_>, found: Option<&Found>, homes: &mut Vec<Home>) {
        let Some((found, person)) = found.and_then(|it| Some((it, it.person?))) else {
            return;
        };
        let mut copies: Vec<Home> = self
            .stays_of(person)
            .iter()
            .filter_map(|(account, stays)| {
                let account = self.names.text(*account);
                let known = stays.ever()?.max(found.known).max(fact.known_at.into());
                let is_new = homes.iter().all(|it| it.account != *account);
                is_new.then(|| Home {
                    account: account.clone(),
                    known_at: known.into(),
                    copy: true,
                })
            })
            .collect();
        copies.sort_unstable_by(|a, b| a.account.cmp(&b.account));
        homes.extend(copies);
    }

    fn is_own_staff(&self, found: Option<&Found>, time: Time) -> bool {
        let domains = &self.rules.domains;
        let domain = || -> Option<Run<Name>> { self.domain_of(found?.person?, time) };
        domains.has_own()
            && domain().is_some_and(|it| domains.class(self.names.text(it.value)) == Class::Own)
    }
}

/// Whether a fact tells what a person did or is, so that it is left out with them.
fn is_about_person(body: &BodyView<'_>) -> bool {
    match body {
        BodyView::Event { .. } | BodyView::Membership { .. } => true,
        BodyView::Traits { of, .. } => *of == Kind::Person,
        BodyView::Record { .. }
        | BodyView::Link
        | BodyView::Alias { .. }
        | BodyView::Split { .. } => false,
    }
}
