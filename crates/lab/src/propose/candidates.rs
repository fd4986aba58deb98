//! What is worth measuring, told from names and types alone: the survey then goes over the facts
//! once for all of it.

use std::collections::{BTreeMap, BTreeSet};

use firsthand_model::Text;
use firsthand_model::seen::{Seen, SeenEvent, SeenValues};

use super::words::{self, ADDS, Noise, REMOVES, Role};

/// Most meters that are tried.
pub const METERS_TRIED_MAX: usize = 48;
/// Most values of the trait `plan` that are taken for plans.
pub const PLANS_MAX: usize = 12;
/// Longest name that is proposed, in characters.
const NAME_CHARS_MAX: usize = 120;

/// What a survey looks for.
#[derive(Clone, Debug, Default)]
pub struct Look {
    /// The names of events, with what each probably is.
    pub events: BTreeMap<Text, Role>,
    /// The values of the account trait `plan`, in lower case, with what each probably is.
    pub plans: BTreeMap<Text, PlanKind>,
    /// Meters to try.
    pub meters: Vec<Candidate>,
    /// The properties that the survey needs of each event, in this order.
    pub paths: Vec<Text>,
}

/// What a plan probably is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PlanKind {
    /// For nothing, for ever.
    Free,
    /// For nothing, for some time.
    Trial,
    /// For money.
    Paid,
}

/// A meter to try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// What it would be called.
    pub name: Text,
    /// How it measures.
    pub kind: Kind,
    /// The event that adds.
    pub add: Text,
    /// The event that takes away.
    pub remove: Option<Text>,
    /// The place in [`Look::paths`] of the property that tells things apart.
    pub key: Option<usize>,
    /// The place in [`Look::paths`] of the property that says how much.
    pub value: Option<usize>,
    /// Whether it begins anew every month.
    pub monthly: bool,
}

/// How a meter measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// What was added less what was removed.
    Level,
    /// The sum of a property.
    Sum,
    /// How many events.
    Count,
}

/// Whether a name can stand in a file that a person reads.
pub fn is_sayable(name: &str) -> bool {
    !name.is_empty()
        && name.trim() == name
        && name.chars().count() <= NAME_CHARS_MAX
        && !name.contains('*')
        && !name.chars().any(is_unsayable)
}

/// Control characters, and those that YAML does not print.
fn is_unsayable(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
        || ('\u{200b}'..='\u{200f}').contains(&letter)
        || ('\u{202a}'..='\u{202e}').contains(&letter)
}

impl Look {
    /// Decides what to look for.
    pub fn at(seen: &Seen) -> Self {
        let mut look = Self::default();
        let mut spelt: BTreeSet<String> = BTreeSet::new();
        // Names compare without case: of two spellings the more frequent one stands for both.
        let mut often: Vec<(&Text, &SeenEvent)> = seen.events.iter().collect();
        often.sort_by_key(|(name, it)| (std::cmp::Reverse(it.count), *name));
        for (name, _) in often {
            if is_sayable(name) && spelt.insert(name.to_lowercase()) {
                look.events.insert(name.clone(), words::role(name));
            }
        }
        look.plans = plans(seen.account_traits.get("plan"));
        look.try_meters(seen);
        look
    }

    fn try_meters(&mut self, seen: &Seen) {
        let mut tried: Vec<(u64, Candidate)> = Vec::new();
        let mut paired: BTreeSet<Text> = BTreeSet::new();
        for (add, remove) in self.pairs() {
            let (adds, removes) = (&seen.events[&add], &seen.events[&remove]);
            let about = words::things(&add);
            let value = shared(adds, removes, |name, it| is_amount(name, it, &about));
            let key = shared(adds, removes, is_key);
            let (value, key) = if value.is_some() { (value, None) } else { (None, key) };
            let name = value.as_deref().map_or_else(|| thing(&add), meter_name);
            paired.insert(add.clone());
            let candidate = Candidate {
                name,
                kind: Kind::Level,
                add,
                remove: Some(remove),
                key: key.map(|it| self.path(&it)),
                value: value.map(|it| self.path(&it)),
                monthly: false,
            };
            tried.push((adds.count, candidate));
        }
        for (add, role) in self.events.clone() {
            let event = &seen.events[&add];
            if role != Role::Product || paired.contains(&add) {
                continue;
            }
            for monthly in [false, true] {
                let (kind, remove, key) = (Kind::Count, None, None);
                let candidate = Candidate {
                    name: thing(&add),
                    kind,
                    add: add.clone(),
                    remove,
                    key,
                    value: None,
                    monthly,
                };
                tried.push((event.count, candidate.clone()));
                for (path, _) in event.properties.iter().filter(|(name, it)| is_summed(name, it)) {
                    let (name, value) = (meter_name(path), Some(self.path(path)));
                    let candidate = Candidate { name, kind: Kind::Sum, value, ..candidate.clone() };
                    tried.push((event.count, candidate));
                }
            }
        }
        // What is there and can be taken away again is what plans limit most.
        tried.sort_by(|(a, one), (b, other)| {
            (one.kind, b, &one.name, one.monthly).cmp(&(other.kind, a, &other.name, other.monthly))
        });
        tried.truncate(METERS_TRIED_MAX);
        self.meters = tried.into_iter().map(|(_, it)| it).collect();
    }

    /// Events that add and remove the same things.
    fn pairs(&self) -> Vec<(Text, Text)> {
        let named = |list: &'static [&str]| {
            self.events
                .iter()
                .filter(|(_, role)| matches!(role, Role::Product | Role::Noise(_)))
                .map(|(name, _)| name)
                .filter(move |name| words::any_of(name, list))
        };
        let mut pairs = Vec::new();
        for remove in named(REMOVES) {
            let about = words::things(remove);
            let adds = named(ADDS).filter(|add| {
                let failed = self.events.get(*add) == Some(&Role::Noise(Noise::Failing));
                !failed && words::things(add).iter().any(|it| about.contains(it))
            });
            // The names most alike belong together.
            if let Some(add) = adds.min_by_key(|add| words::things(add).len()) {
                pairs.push((add.clone(), remove.clone()));
            }
        }
        pairs
    }

    fn path(&mut self, path: &str) -> usize {
        self.paths.iter().position(|it| it == path).unwrap_or_else(|| {
            self.paths.push(path.into());
            self.paths.len() - 1
        })
    }
}

fn plans(values: Option<&SeenValues>) -> BTreeMap<Text, PlanKind> {
    let Some(values) = values else { return BTreeMap::new() };
    let names = values.distinct_texts.keys().filter(|it| is_sayable(it));
    let plans: BTreeMap<Text, PlanKind> =
        names.map(|it| (it.to_lowercase().into(), plan_kind(it))).collect();
    if values.many_texts || plans.len() > PLANS_MAX { BTreeMap::new() } else { plans }
}

fn plan_kind(name: &str) -> PlanKind {
    const FREE: &[&str] = &["free", "freemium", "community", "hobby", "none", "gratis", "personal"];
    if words::any_of(name, &["trial", "trialing", "evaluation", "poc"]) {
        PlanKind::Trial
    } else if words::any_of(name, FREE) {
        PlanKind::Free
    } else {
        PlanKind::Paid
    }
}

/// The first property of both events that passes.
fn shared(
    one: &SeenEvent,
    other: &SeenEvent,
    passes: impl Fn(&str, &SeenValues) -> bool,
) -> Option<Text> {
    let both = one.properties.iter().filter(|(name, _)| other.properties.contains_key(*name));
    let mut both = both.filter(|(name, it)| is_sayable(name) && passes(name, it));
    both.next().map(|(name, _)| name.clone())
}

/// Whether most of a property's values are numbers of at least 0.
fn is_number(values: &SeenValues) -> bool {
    values.numbers * 10 >= values.known() * 9
        && values.min.is_some_and(|it| it.raw() >= 0)
        && values.max.is_some_and(|it| it.raw() > 0)
}

/// Whether a property says how many things there are, rather than which one.
fn is_amount(name: &str, values: &SeenValues, about: &[String]) -> bool {
    const AMOUNTS: &[&str] = &["amount", "count", "quantity", "number", "size", "byte", "total"];
    let words = words::words(name);
    let named = words.iter().any(|it| AMOUNTS.contains(&it.as_str()) || about.contains(it));
    is_number(values) && named && !is_id(name)
}

fn is_key(name: &str, values: &SeenValues) -> bool {
    is_id(name) && (values.many_texts || values.distinct_texts.len() > 1 || values.numbers > 1)
}

fn is_id(name: &str) -> bool {
    words::words(name).last().is_some_and(|it| ["id", "key", "uuid", "guid"].contains(&it.as_str()))
}

/// Whether the amounts of a property could be something that a plan limits.
fn is_summed(name: &str, values: &SeenValues) -> bool {
    const OTHERS: &[&str] = &[
        "id",
        "position",
        "index",
        "age",
        "year",
        "month",
        "day",
        "hour",
        "price",
        "amount",
        "score",
        "rating",
        "version",
        "latitude",
        "longitude",
        "lat",
        "lon",
        "percent",
        "status",
        "code",
        "rank",
        "width",
        "height",
        "item",
        "step",
        "time",
        "timestamp",
        "result",
        "revenue",
        "value",
    ];
    // What is always the same says no more than how often.
    let varies = values.min != values.max;
    is_sayable(name) && is_number(values) && varies && !words::any_of(name, OTHERS)
}

/// A name for a meter of what an event is about.
fn thing(event: &str) -> Text {
    let things = words::things(event);
    let name = things.first().map_or("events".to_owned(), |it| words::plural(it));
    meter_name(&name)
}

/// A text as the name of a meter: small letters, digits and `-`.
fn meter_name(text: &str) -> Text {
    let mut name = String::new();
    for letter in text.chars() {
        if letter.is_ascii_alphanumeric() {
            name.push(letter.to_ascii_lowercase());
        } else if !name.ends_with('-') && !name.is_empty() {
            name.push('-');
        }
    }
    let name = name.trim_end_matches('-');
    let begins = name.starts_with(|it: char| it.is_ascii_alphabetic());
    if begins { name.into() } else { format!("meter-{name}").trim_end_matches('-').into() }
}
