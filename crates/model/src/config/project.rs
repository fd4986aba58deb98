//! The settings: the first document of `firsthand.yaml`.

use std::collections::BTreeMap;

use super::channel::{self, CHANNEL, Channel};
use super::constant::{self, CONSTANT, Constant};
use super::contact::{self, CONTACT, ContactRules};
use super::definition::{self, DEFINITION, Definition};
use super::events::{EVENTS, Events, START, Start, read_events, read_start};
use super::grade::{self, GRADE, Grade};
use super::identity::{
    EXCLUSION, Exclusion, IDENTITY, IdentityRules, read_exclusions, read_identity,
};
use super::import::{self, IMPORT, ImportMapping};
use super::keys::{Key, Section, Takes};
use super::lead::{self, LEADS, LeadRules};
use super::message::{self, MESSAGE, Message};
use super::meter::{self, METER, Meter};
use super::names::check_name;
use super::outcome::{self, OUTCOME, Outcome};
use super::plan::{self, PLAN, Plan};
use super::play::{self, PLAY, Play};
use super::read::{Fields, Reader, Slot};
use super::retention::{self, RETENTION, RetentionRules};
use super::score::{self, SCORE, Score};
use super::sign_in::{self, SIGN_IN, SignInRules};
use super::source::{self, SOURCE, Source};
use super::value::is_currency;
use super::working::WorkingTime;
use crate::diagnostic::{SourceText, codes};
use crate::time::Weekday;
use crate::{Calendar, Text};

/// All that a team wrote down about its product.
#[derive(Clone, Debug, Default)]
pub struct Project {
    /// The project's name; shown, never judged.
    pub name: Text,
    /// Zone and week start.
    pub calendar: Calendar,
    /// The one currency of all money, such as `USD`.
    pub currency: Option<Text>,
    /// Named constants and lists, read as `@name`.
    pub constants: BTreeMap<Text, Constant>,
    /// Event groups and classes.
    pub events: Events,
    /// Where a subject's life begins.
    pub start: Start,
    /// Price tiers by id.
    pub plans: BTreeMap<Text, Plan>,
    /// How persons and accounts are recognised.
    pub identity: IdentityRules,
    /// Subjects that are never judged: staff, tests, students.
    pub exclude: Vec<Exclusion>,
    /// What counts as success.
    pub outcomes: BTreeMap<Text, Outcome>,
    /// Measured amounts of usage.
    pub meters: BTreeMap<Text, Meter>,
    /// Points.
    pub scores: BTreeMap<Text, Score>,
    /// Ladders and matrices.
    pub grades: BTreeMap<Text, Grade>,
    /// Definitions.
    pub definitions: BTreeMap<Text, Definition>,
    /// How files of other shapes become facts, by name of the mapping (`import: {…}`).
    pub imports: BTreeMap<Text, ImportMapping>,
    /// Who may send facts to the running server, by name.
    pub sources: BTreeMap<Text, Source>,
    /// After how long what the server remembers is forgotten.
    pub retention: RetentionRules,
    /// Where people reach the server, without a slash at its end; for links in messages.
    pub url: Option<Text>,
    /// How people come in to the pages.
    pub sign_in: SignInRules,
    /// By what messages go out, by name.
    pub channels: BTreeMap<Text, Channel>,
    /// The words that plays send, by name.
    pub messages: BTreeMap<Text, Message>,
    /// What is done about leads, by name.
    pub plays: BTreeMap<Text, Play>,
    /// How often people hear of us.
    pub contact: ContactRules,
    /// By when leads are answered, whom they go to, when they end.
    pub leads: LeadRules,
}

const WEEKDAYS: &[(&str, &str)] = &[
    ("monday", "as in ISO 8601"),
    ("tuesday", ""),
    ("wednesday", ""),
    ("thursday", ""),
    ("friday", ""),
    ("saturday", ""),
    ("sunday", ""),
];

pub(super) static PROJECT: Section = Section {
    name: "the settings",
    doc: "The first document of `firsthand.yaml`.",
    keys: &[
        Key::optional("project", Takes::Text, "The name of the project, for people."),
        Key::or("zone", Takes::Zone, "UTC", "The time zone in which days, weeks and months begin."),
        Key::or("week_starts", Takes::Choice(WEEKDAYS), "monday", "The first day of a week."),
        Key::optional("currency", Takes::Currency, "The one currency of all money, such as `USD`."),
        Key::optional(
            "constants",
            Takes::Map("names", &CONSTANT),
            "Values and lists that conditions read as `@name`; `unset` where others fill it in.",
        ),
        Key::optional("events", Takes::Section(&EVENTS), "Groups of events, and which are what."),
        Key::optional("start", Takes::Section(&START), "When the life of a customer begins."),
        Key::optional("plans", Takes::Map("plan ids", &Takes::Section(&PLAN)), "Price tiers."),
        Key::optional(
            "identity",
            Takes::Section(&IDENTITY),
            "How persons and accounts are recognised.",
        ),
        Key::optional(
            "exclude",
            Takes::List(&Takes::Section(&EXCLUSION)),
            "Who is never judged: staff, tests, students.",
        ),
        Key::optional(
            "outcomes",
            Takes::Map("names", &Takes::Section(&OUTCOME)),
            "What counts as success. Also as documents: `outcome: NAME`.",
        ),
        Key::optional(
            "meters",
            Takes::Map("names", &Takes::Section(&METER)),
            "Measured amounts of usage. Also as documents: `meter: NAME`.",
        ),
        Key::optional(
            "scores",
            Takes::Map("names", &Takes::Section(&SCORE)),
            "Points. Also as documents: `score: NAME`.",
        ),
        Key::optional(
            "grades",
            Takes::Map("names", &Takes::Section(&GRADE)),
            "Ordered judgements. Also as documents: `grade: NAME`.",
        ),
        Key::optional(
            "definitions",
            Takes::Map("names", &Takes::Section(&DEFINITION)),
            "Who has qualified. Also as documents: `definition: NAME`.",
        ),
        Key::optional(
            "import",
            Takes::Map("names", &Takes::Section(&IMPORT)),
            "How files of other shapes become facts, by the name of the mapping.",
        ),
        Key::optional(
            "sources",
            Takes::Map("names", &Takes::Section(&SOURCE)),
            "Who may send facts to the running server.",
        ),
        Key::optional(
            "url",
            Takes::Text,
            "Where people reach the server, such as `https://firsthand.acme.example`, for links in \
             messages.",
        ),
        Key::optional("sign_in", Takes::Section(&SIGN_IN), "How people come in to the pages."),
        Key::optional(
            "leads",
            Takes::Section(&LEADS),
            "The rules of leads, and who works on them.",
        ),
        Key::optional(
            "channels",
            Takes::Map("names", &Takes::Section(&CHANNEL)),
            "By what messages go out.",
        ),
        Key::optional(
            "contact",
            Takes::Section(&CONTACT),
            "How often people hear of you, over all plays and channels.",
        ),
        Key::optional(
            "messages",
            Takes::Map("names", &Takes::Section(&MESSAGE)),
            "The words that plays send.",
        ),
        Key::optional(
            "plays",
            Takes::Map("names", &Takes::Section(&PLAY)),
            "What is done about leads.",
        ),
        Key::optional(
            "retention",
            Takes::Section(&RETENTION),
            "After how long what the server remembers is forgotten.",
        ),
    ],
};

/// Whether there is a time zone of this name.
pub(super) fn zone_exists(zone: &str) -> bool {
    Calendar::new(zone, Weekday::Monday).is_some()
}

/// Reads the settings. The calendar and the currency come first: other values depend on them.
pub(super) fn read(fields: &Fields<'_>) -> Project {
    let reader = fields.reader;
    let calendar = read_calendar(fields);
    reader.set_calendar(calendar.clone());
    let currency = read_currency(fields);
    if let Some(currency) = &currency {
        reader.set_currency(currency.clone());
    }
    let leads = match fields.fields("leads") {
        Some(it) => lead::read(&it, &calendar),
        None => LeadRules {
            work: WorkingTime { calendar: calendar.clone(), ..WorkingTime::default() },
            ..LeadRules::default()
        },
    };
    let mut project = Project {
        name: fields.text("project").unwrap_or_default(),
        calendar,
        currency,
        constants: named(fields, "constants", "a constant", constant::read),
        events: fields.fields("events").map(|it| read_events(&it)).unwrap_or_default(),
        start: fields.fields("start").map(|it| read_start(&it)).unwrap_or_default(),
        plans: read_plans(fields),
        identity: fields.fields("identity").map(|it| read_identity(&it)).unwrap_or_default(),
        exclude: read_exclusions(fields),
        imports: named(fields, "import", "an import mapping", |_, slot| import::read(slot)),
        sources: source::read_all(fields),
        retention: fields.fields("retention").map(|it| retention::read(&it)).unwrap_or_default(),
        url: read_url(fields),
        sign_in: read_sign_in(fields),
        channels: named(fields, "channels", "a channel", channel::read),
        messages: named(fields, "messages", "a message", message::read),
        plays: named(fields, "plays", "a play", play::read),
        contact: fields.fields("contact").map(|it| contact::read(&it)).unwrap_or_default(),
        leads,
        ..Project::default()
    };
    for word in Word::ALL {
        for (name, slot) in fields.entries(word.plural()) {
            match slot.fields() {
                Some(fields) => project.add(word, &name, &fields),
                None => reader.set_broken(&name.text),
            }
        }
    }
    project
}

/// What can be defined by a document of its own, or in the settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    Outcome,
    Meter,
    Score,
    Grade,
    Definition,
}

impl Word {
    /// In the order in which a document's words are looked for: `score` is also a key of a
    /// definition.
    pub const ALL: [Self; 5] =
        [Self::Definition, Self::Meter, Self::Grade, Self::Outcome, Self::Score];

    /// The key with which a document says what it is.
    pub const fn singular(self) -> &'static str {
        match self {
            Self::Outcome => "outcome",
            Self::Meter => "meter",
            Self::Score => "score",
            Self::Grade => "grade",
            Self::Definition => "definition",
        }
    }

    /// The key in the settings.
    pub const fn plural(self) -> &'static str {
        match self {
            Self::Outcome => "outcomes",
            Self::Meter => "meters",
            Self::Score => "scores",
            Self::Grade => "grades",
            Self::Definition => "definitions",
        }
    }

    pub fn section(self) -> &'static Section {
        match self {
            Self::Outcome => &OUTCOME,
            Self::Meter => &METER,
            Self::Score => &SCORE,
            Self::Grade => &GRADE,
            Self::Definition => &DEFINITION,
        }
    }
}

impl Project {
    /// Reads one thing that is defined under a name, and adds it unless the name is taken.
    pub(super) fn add(&mut self, word: Word, name: &SourceText, fields: &Fields<'_>) {
        let reader = fields.reader;
        check_name(reader, word.section().name, name);
        match word {
            Word::Outcome => {
                let read = outcome::read(name, fields);
                insert(reader, word, &mut self.outcomes, name, read, |it| &it.declared);
            }
            Word::Meter => {
                let read = meter::read(name, fields);
                insert(reader, word, &mut self.meters, name, read, |it| &it.declared);
            }
            Word::Score => {
                let read = score::read(name, fields);
                insert(reader, word, &mut self.scores, name, read, |it| &it.declared);
            }
            Word::Grade => {
                let read = grade::read(name, fields);
                insert(reader, word, &mut self.grades, name, read, |it| &it.declared);
            }
            Word::Definition => {
                let read = definition::read(name, fields);
                insert(reader, word, &mut self.definitions, name, read, |it| &it.declared);
            }
        }
    }
}

fn insert<T>(
    reader: &Reader<'_>,
    word: Word,
    all: &mut BTreeMap<Text, T>,
    name: &SourceText,
    read: Option<T>,
    declared: fn(&T) -> &SourceText,
) {
    if let Some(first) = all.get(&name.text) {
        reader.repeated(word.singular(), name, declared(first));
    } else if let Some(read) = read {
        all.insert(name.text.clone(), read);
    } else {
        reader.set_broken(&name.text);
    }
}

/// Reads the entries of a mapping from names.
pub(super) fn named<T>(
    fields: &Fields<'_>,
    key: &str,
    what: &str,
    read: impl Fn(&SourceText, &Slot<'_>) -> Option<T>,
) -> BTreeMap<Text, T> {
    let mut all = BTreeMap::new();
    for (name, slot) in fields.entries(key) {
        check_name(fields.reader, what, &name);
        match read(&name, &slot) {
            Some(value) => {
                all.insert(name.text, value);
            }
            None => fields.reader.set_broken(&name.text),
        }
    }
    all
}

/// Plan ids come from the data, so they may be spelt in any way.
fn read_plans(fields: &Fields<'_>) -> BTreeMap<Text, Plan> {
    let entries = fields.entries("plans");
    let plans =
        entries.iter().filter_map(|(id, slot)| Some((id.text.clone(), plan::read(id, slot)?)));
    plans.collect()
}

fn read_calendar(fields: &Fields<'_>) -> Calendar {
    let week_starts = fields.value("week_starts").unwrap_or(Weekday::Monday);
    let utc = || Calendar::new("UTC", week_starts).unwrap_or_default();
    let Some(slot) = fields.get("zone") else {
        return utc();
    };
    let Some(zone) = slot.text() else {
        return utc();
    };
    Calendar::new(zone.trim(), week_starts).unwrap_or_else(|| {
        let help = Takes::Zone.help();
        slot.error(codes::WRONG_VALUE, format!("unknown time zone `{zone}`"), help);
        utc()
    })
}

fn read_url(fields: &Fields<'_>) -> Option<Text> {
    let slot = fields.get("url")?;
    let url = slot.text()?;
    let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    if host.is_none_or(|it| it.is_empty() || it.contains(char::is_whitespace)) {
        let help = "Write it whole, such as `https://firsthand.acme.example`.";
        slot.error(codes::WRONG_VALUE, format!("`{url}` is no address of a server"), help);
        return None;
    }
    Some(url.trim_end_matches('/').into())
}

fn read_sign_in(fields: &Fields<'_>) -> SignInRules {
    let rules = fields.fields("sign_in").map(|it| sign_in::read(&it)).unwrap_or_default();
    if rules.oidc.is_some()
        && !fields.has("url")
        && let Some(slot) = fields.get("sign_in")
    {
        let help = "Add `url`, such as `url: https://firsthand.acme.example`.";
        slot.error(
            codes::MISSING_KEY,
            "the OpenID provider has to know where to send people back to",
            help,
        );
    }
    rules
}

fn read_currency(fields: &Fields<'_>) -> Option<Text> {
    let slot = fields.get("currency")?;
    let currency = slot.text()?;
    if !is_currency(&currency) {
        slot.wrong();
        return None;
    }
    Some(currency)
}
