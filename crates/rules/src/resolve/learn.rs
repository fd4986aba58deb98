//! What facts teach.

use firsthand_model::fact::{BodyView, FactView, Kind, WhoView};
use firsthand_model::{Scalar, Text};

use super::domains::domain_of;
use super::names::Name;
use super::series::{Change, Known, Point};
use super::stays::Stays;
use super::{Id, Resolver};

/// The person trait that holds an e-mail address.
const EMAIL_TRAIT: &str = "email";
/// What a fact about identity lacks most often, in words.
const USER: &str = "user id";

/// An id as facts carry it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RawId {
    /// The product's own id of a person.
    User(Text),
    /// A device's or browser's id.
    Anonymous(Text),
}

/// Why a fact teaches nothing about identity.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The id is one that clients send when they have none.
    #[error("id `{id}` names nobody")]
    JunkId {
        /// The id.
        id: Text,
    },
    /// The fact does not say whom it ties to what.
    #[error("no {what} given")]
    Missing {
        /// What is missing: `user id`, `anonymous id` or `account`.
        what: &'static str,
    },
    /// The user has as many anonymous ids as one may have, all of them linked earlier.
    #[error("user `{user}` has too many anonymous ids")]
    TooManyIds {
        /// The user.
        user: Text,
    },
}

impl Refused {
    /// A stable word for counters and the API.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::JunkId { .. } => "junk_id",
            Self::Missing { .. } => "missing_id",
            Self::TooManyIds { .. } => "too_many_ids",
        }
    }

    /// What to do, as a whole sentence.
    pub const fn help(&self) -> &'static str {
        match self {
            Self::JunkId { .. } => "Send no id at all while there is none.",
            Self::Missing { .. } => "Send both ids that belong together.",
            Self::TooManyIds { .. } => {
                "If this id stands for many people, add it to `identity.junk_ids`; if it is one \
                 person, raise `identity.ids_per_person_max`."
            }
        }
    }
}

/// The ids of a fact that name somebody.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Named<'a> {
    pub user: Option<&'a str>,
    pub anonymous: Option<&'a str>,
    pub account: Option<&'a str>,
}

impl<'a> Named<'a> {
    /// The first id of a fact that was left out of these, as it names nobody.
    fn dropped(&self, who: WhoView<'a>) -> Option<&'a str> {
        let ids =
            [(who.user, self.user), (who.anonymous, self.anonymous), (who.account, self.account)];
        ids.into_iter().find_map(|(raw, kept)| raw.filter(|_| kept.is_none()))
    }
}

impl Resolver {
    /// Takes in what a fact teaches: a link, an alias or split, a membership, an e-mail.
    ///
    /// Returns the ids of whose other facts the attribution may have changed by it; mostly none.
    /// Learning a fact again changes nothing, and neither does the order of learning.
    ///
    /// # Errors
    /// A fact that is *about* identity and cannot be taken in is [`Refused`]. Any other fact
    /// teaches what it can.
    pub fn learn<'a>(&mut self, fact: impl Into<FactView<'a>>) -> Result<Vec<RawId>, Refused> {
        self.learn_view(&fact.into())
    }

    fn learn_view(&mut self, fact: &FactView<'_>) -> Result<Vec<RawId>, Refused> {
        let named = self.named(fact.who);
        let mut touched = Vec::new();
        let mut refused = None;

        self.check(fact, named)?;
        match fact.body {
            BodyView::Alias { other } => self.learn_alias(fact, named, other, true, &mut touched),
            BodyView::Split { other } => self.learn_alias(fact, named, other, false, &mut touched),
            BodyView::Membership { joined, .. } => {
                self.learn_membership(fact, named, joined, &mut touched);
            }
            BodyView::Event { .. } => self.learn_presence(fact, named, &mut touched),
            BodyView::Traits { of: Kind::Person, traits } => {
                if let Scalar::Text(email) = traits.get(EMAIL_TRAIT) {
                    self.learn_email(fact, named, &email, &mut touched);
                }
            }
            BodyView::Link
            | BodyView::Traits { of: Kind::Account, .. }
            | BodyView::Record { .. } => {}
        }

        let teaches_link = !matches!(fact.body, BodyView::Alias { .. } | BodyView::Split { .. });
        if teaches_link && let (Some(user), Some(anonymous)) = (named.user, named.anonymous) {
            refused = self.learn_link(fact, user, anonymous, &mut touched);
        }

        touched.sort_unstable();
        touched.dedup();
        match refused {
            Some(refused) if fact.body == BodyView::Link => Err(refused),
            _ => Ok(touched),
        }
    }

    /// Refuses a fact about identity that does not say whom it ties to what.
    pub(super) fn check(&self, fact: &FactView<'_>, named: Named<'_>) -> Result<(), Refused> {
        let WhoView { user, anonymous, account } = fact.who;
        // A client without a user id names the anonymous one.
        let somebody = || needed(named.user.or(named.anonymous), user.or(anonymous), USER);
        match fact.body {
            BodyView::Link => {
                needed(named.user, user, USER)?;
                needed(named.anonymous, anonymous, "anonymous id")
            }
            BodyView::Membership { .. } => {
                somebody()?;
                needed(named.account, account, "account")
            }
            BodyView::Alias { other } | BodyView::Split { other } => {
                somebody()?;
                needed(Some(other).filter(|it| !self.rules.junk.contains(it)), Some(other), USER)
            }
            BodyView::Event { .. } | BodyView::Record { .. } | BodyView::Traits { .. } => Ok(()),
        }
    }

    /// Why a fact does not do all that its ids say, by all that was learnt.
    pub(super) fn refused(&self, fact: &FactView<'_>, named: Named<'_>) -> Option<Refused> {
        let dropped = || named.dropped(fact.who).map(|id| Refused::JunkId { id: id.into() });
        let beyond = || {
            let (user, anonymous) = named.user.zip(named.anonymous)?;
            if fact.body != BodyView::Link {
                return None;
            }
            let (known, device) = self.names.find(user).zip(self.names.find(anonymous))?;
            let limit = self.rules.ids_per_person_max;
            let refuses = self.links.refuses(known, device, limit);
            refuses.then(|| Refused::TooManyIds { user: user.into() })
        };
        self.check(fact, named).err().or_else(dropped).or_else(beyond)
    }

    /// The ids by which a fact says whom it is about, without those that name nobody: the user id,
    /// else the anonymous one. An alias or a split is about both its ends, and each may be an id of
    /// either kind.
    pub fn ids_in(&self, fact: &FactView<'_>) -> impl Iterator<Item = RawId> + use<> {
        let named = self.named(fact.who);
        let (user, anonymous) =
            (|id: &str| RawId::User(id.into()), |id: &str| RawId::Anonymous(id.into()));
        let ids = match (fact.body, named.user) {
            (BodyView::Alias { other } | BodyView::Split { other }, first) => {
                let first = first.or(named.anonymous);
                [first.map(user), first.map(anonymous), Some(user(other)), Some(anonymous(other))]
            }
            (_, Some(id)) => [Some(user(id)), None, None, None],
            (_, None) => [named.anonymous.map(anonymous), None, None, None],
        };
        ids.into_iter().flatten()
    }

    /// The ids of a fact, without those that name nobody.
    pub(super) fn named<'a>(&self, who: WhoView<'a>) -> Named<'a> {
        let real = |id: Option<&'a str>| id.filter(|it| !self.rules.junk.contains(it));
        Named { user: real(who.user), anonymous: real(who.anonymous), account: real(who.account) }
    }

    fn learn_link(
        &mut self,
        fact: &FactView<'_>,
        user: &str,
        anonymous: &str,
        touched: &mut Vec<RawId>,
    ) -> Option<Refused> {
        let (user_name, anonymous) = (self.names.take(user), self.names.take(anonymous));
        let id = Id::Anonymous(anonymous);
        // Only what an anonymous id taught by itself moves with it from person to person.
        let shares = self.is_teacher(id);
        let mut disturbed = if shares { self.relatives(id) } else { Vec::new() };

        let link = Point { time: fact.time, value: user_name, known: fact.known_at.into() };
        let limit = self.rules.ids_per_person_max;
        let linked = self.links.say(anonymous, link, limit, &self.names);
        if linked.changed {
            disturbed.push(id);
            if shares {
                disturbed.extend(self.relatives(id));
            }
            touched.extend(disturbed.into_iter().map(|it| self.raw_id(it)));
        }
        if let Some(displaced) = linked.displaced.map(Id::Anonymous) {
            touched.push(self.raw_id(displaced));
            if self.is_teacher(displaced) {
                let relatives = [Id::User(user_name), displaced].map(|it| self.relatives(it));
                touched.extend(relatives.concat().into_iter().map(|it| self.raw_id(it)));
            }
        }
        linked.refused.then(|| Refused::TooManyIds { user: user.into() })
    }

    fn learn_alias(
        &mut self,
        fact: &FactView<'_>,
        named: Named<'_>,
        other: &str,
        alias: bool,
        touched: &mut Vec<RawId>,
    ) {
        let Some(id) = named.user.or(named.anonymous).filter(|id| *id != other) else {
            return;
        };
        let pair = (self.names.take(id), self.names.take(other));
        let said = (fact.time, Known::from(fact.known_at));
        let limit = self.rules.ids_per_person_max;
        for user in self.aliases.say(pair, alias, said, limit, &self.names) {
            touched.push(self.raw_id(Id::User(user)));
            touched.push(self.raw_id(Id::Anonymous(user)));
            touched.extend(self.links.devices(user).map(|it| self.raw_id(Id::Anonymous(it))));
        }
    }

    fn learn_membership(
        &mut self,
        fact: &FactView<'_>,
        named: Named<'_>,
        joined: bool,
        touched: &mut Vec<RawId>,
    ) {
        let Some((id, account)) = self.take_id(named).zip(self.take_account(named)) else {
            return;
        };
        let told = Point { time: fact.time, value: joined, known: fact.known_at.into() };
        let change = self.stays_in(id, account).tell(told);
        let tells_else = |other| {
            let mut stays = self.stays.get(&other).into_iter().flatten();
            stays.any(|it| it.0 == account && it.1.tells_else(joined))
        };
        self.touch_person(id, change, tells_else, touched);
    }

    fn learn_presence(&mut self, fact: &FactView<'_>, named: Named<'_>, touched: &mut Vec<RawId>) {
        let Some(account) = self.take_account(named) else {
            return;
        };
        let Some(id) = self.take_id(named) else {
            return;
        };
        let change = self.stays_in(id, account).see(fact.time, fact.known_at.into());
        self.touch_person(id, change, |_| false, touched);
    }

    fn learn_email(
        &mut self,
        fact: &FactView<'_>,
        named: Named<'_>,
        email: &str,
        touched: &mut Vec<RawId>,
    ) {
        let Some(domain) = domain_of(email) else {
            return;
        };
        let Some(id) = self.take_id(named) else {
            return;
        };
        if let Id::User(user) = id {
            self.addresses.learn(email, user, fact.known_at);
        }
        let domain = self.names.take(&domain);
        let point = Point { time: fact.time, value: domain, known: fact.known_at.into() };
        let series = self.domains.entry(id).or_default();
        let change = series.insert(point, |a, b| self.names.order(a, b));
        let says_else = |other| self.domains.get(&other).is_some_and(|it| it.says_else(domain));
        self.touch_person(id, change, says_else, touched);
    }

    /// Adds all ids of whose facts the attribution may have changed by what `id` taught;
    /// `says_else` tells whether another id of the person said anything different.
    fn touch_person(
        &self,
        id: Id,
        change: Change,
        says_else: impl Fn(Id) -> bool,
        touched: &mut Vec<RawId>,
    ) {
        let moves = match change {
            Change::Nothing => false,
            Change::New => true,
            Change::Repeated => {
                self.persons_of(id).len() > 1 || self.relatives(id).into_iter().any(says_else)
            }
        };
        if moves {
            touched.extend(self.relatives(id).into_iter().map(|it| self.raw_id(it)));
        }
    }

    /// The id by which a fact teaches about its person.
    fn take_id(&mut self, named: Named<'_>) -> Option<Id> {
        let user = named.user.map(|it| Id::User(self.names.take(it)));
        user.or_else(|| named.anonymous.map(|it| Id::Anonymous(self.names.take(it))))
    }

    fn take_account(&mut self, named: Named<'_>) -> Option<Name> {
        named.account.map(|it| self.names.take(it))
    }

    pub(super) fn stays_in(&mut self, id: Id, account: Name) -> &mut Stays {
        let all = self.stays.entry(id).or_default();
        let at = all.iter().position(|it| it.0 == account).unwrap_or_else(|| {
            all.push((account, Stays::default()));
            all.len() - 1
        });
        &mut all[at].1
    }

    /// All ids of all persons whose the id ever was.
    fn relatives(&self, id: Id) -> Vec<Id> {
        self.persons_of(id).into_iter().flat_map(|person| self.sources(person)).collect()
    }
}

/// The id that a fact cannot do without; `raw` is what it carries in its place.
fn needed(named: Option<&str>, raw: Option<&str>, what: &'static str) -> Result<(), Refused> {
    match (named, raw) {
        (Some(_), _) => Ok(()),
        (None, Some(id)) => Err(Refused::JunkId { id: id.into() }),
        (None, None) => Err(Refused::Missing { what }),
    }
}
