//! One middling world that several claims look at, and what was recorded of each of its accounts.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::sync::LazyLock;

use firsthand_model::fact::{Body, Fact};
use firsthand_model::{Date, Scalar, Text};
use firsthand_simulate::{AccountTruth, Mess, Options, Recorded, Size, Totals, World};

/// 2025-09-01.
pub const FIRST_DAY: Date = Date(20_332);

/// Options of a clean year.
pub fn options(seed: u64, size: Size) -> Options {
    Options { seed, size, first_day: FIRST_DAY, days: 365, mess: Mess::default() }
}

/// Everything that a world recorded, in order.
pub fn facts(options: Options) -> (Vec<Fact>, Totals) {
    let mut facts = Vec::new();
    let made = World::new(options).stream(
        |it| it.facts,
        |it| {
            facts.extend(it);
            Ok::<(), Infallible>(())
        },
    );
    let Ok(totals) = made;
    (facts, totals)
}

/// An account: the truth about it, and what its facts say.
pub struct Account {
    pub truth: AccountTruth,
    /// How often each event and record is there.
    pub names: BTreeMap<Text, u64>,
    /// All views of its videos.
    pub views: u64,
    /// Persons who did something in its name.
    pub people: BTreeSet<Text>,
}

impl Account {
    pub fn has(&self, name: &str) -> bool {
        self.names.contains_key(name)
    }

    pub fn count(&self, name: &str) -> u64 {
        self.names.get(name).copied().unwrap_or(0)
    }

    pub fn bought(&self) -> bool {
        self.truth.fate.bought_day.is_some()
    }
}

/// The world that most claims look at.
pub static WORLD: LazyLock<Vec<Account>> = LazyLock::new(|| {
    let mut accounts = Vec::new();
    let world = World::new(options(11, Size::Companies(2_500)));
    let made = world.stream(read, |them| {
        accounts.extend(them);
        Ok::<(), Infallible>(())
    });
    let Ok(_) = made;
    accounts
});

fn read(recorded: Recorded) -> Vec<Account> {
    let new = |truth| Account { truth, names: BTreeMap::new(), views: 0, people: BTreeSet::new() };
    let mut accounts: Vec<Account> = recorded.truths.into_iter().map(new).collect();
    for fact in &recorded.facts {
        let Some(id) = &fact.who.account else { continue };
        let Some(account) = accounts.iter_mut().find(|it| it.truth.account == *id) else {
            // A referral is an act of another company's account.
            continue;
        };
        if let Body::Event { name, properties } | Body::Record { name, properties } = &fact.body {
            *account.names.entry(name.clone()).or_default() += 1;
            if name == "Video views counted"
                && let Scalar::Number(views) = properties.get("views")
            {
                account.views += u64::try_from(views.raw() / 1_000_000).unwrap();
            }
        }
        account.people.extend(fact.who.user.clone());
    }
    accounts
}

/// The share of accounts that bought, in percent.
pub fn bought_percent<'a>(accounts: impl IntoIterator<Item = &'a Account>) -> (u64, f64) {
    let (mut all, mut bought) = (0, 0);
    for account in accounts {
        all += 1;
        bought += u64::from(account.bought());
    }
    (all, bought as f64 * 100.0 / all as f64)
}
