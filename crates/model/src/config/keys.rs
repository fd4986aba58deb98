//! What can be written where: the one description of every key.
//!
//! It drives three things, which therefore cannot disagree: the reader's known keys and its
//! messages ([`super::read`]), the JSON Schema ([`super::schema`]) and the tables of
//! `docs/configuration.md` ([`super::page`]). Each section stands in the file of the type that it
//! fills; the whole begins at [`super::project::PROJECT`].

use super::project::PROJECT;

/// A mapping with known keys.
#[derive(Debug)]
pub struct Section {
    /// What it describes, with its article: `a plan`.
    pub name: &'static str,
    /// One sentence.
    pub doc: &'static str,
    /// Its keys, in the order in which a person would write them.
    pub keys: &'static [Key],
}

/// One key of a section.
#[derive(Debug)]
pub struct Key {
    /// As it is written.
    pub name: &'static str,
    /// What stands behind it.
    pub takes: Takes,
    /// Whether it must be there, and what holds if it is not.
    pub need: Need,
    /// One sentence.
    pub doc: &'static str,
}

/// Whether a key must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// It must.
    Required,
    /// It need not; nothing is assumed.
    Optional,
    /// It need not; this is assumed.
    Default(&'static str),
}

/// What stands behind a key.
#[derive(Debug)]
pub enum Takes {
    /// Words for people.
    Text,
    /// A name that others refer to.
    Name,
    /// The name of something defined elsewhere: `a plan`.
    Reference(&'static str),
    /// The name of a property, trait or column.
    Property,
    /// A condition in the definition language.
    Condition,
    /// An event with its filter, in the definition language.
    Events,
    /// A value in the definition language.
    Value,
    /// A text with `{{ values }}` in it.
    Template,
    /// The facts or the timeline of a story.
    Story,
    /// Event names with `*` for any letters.
    EventNames,
    /// `true` or `false`.
    Bool,
    /// One of these words, each with its meaning.
    Choice(&'static [(&'static str, &'static str)]),
    /// A whole number from 1.
    Count,
    /// A number.
    Number,
    /// An amount of money.
    Money,
    /// An allowed amount.
    Limit,
    /// A length of time.
    Duration,
    /// A calendar date.
    Date,
    /// An instant, or a date with or without time in the project's zone.
    Instant,
    /// The same, or `never`.
    InstantOrNever,
    /// An IANA time zone.
    Zone,
    /// Three capital letters.
    Currency,
    /// The domain of a company.
    Domain,
    /// A file inside the project folder.
    File,
    /// A secret, or the environment variable that holds it.
    Secret,
    /// How often a rule may earn.
    AtMost,
    /// How points wear off.
    Fade,
    /// One value of a constant.
    Scalar,
    /// A text of a form of its own.
    Form(&'static Form),
    /// A mapping with known keys.
    Section(&'static Section),
    /// A mapping from names to such values; the word says what the names are.
    Map(&'static str, &'static Takes),
    /// A list of such values.
    List(&'static Takes),
    /// One such value, or a list of them.
    OneOrMany(&'static Takes),
    /// Any of these.
    Either(&'static [Takes]),
}

/// A form that a text must have: a share, hours of the day.
#[derive(Debug)]
pub struct Form {
    /// What it is, as the end of a sentence: `a share`.
    pub name: &'static str,
    /// A whole sentence that says how to write one.
    pub help: &'static str,
    /// What the schema holds it against.
    pub pattern: &'static str,
}

impl Key {
    /// A key that must be there.
    pub const fn required(name: &'static str, takes: Takes, doc: &'static str) -> Self {
        Self { name, takes, need: Need::Required, doc }
    }

    /// A key that may be left out.
    pub const fn optional(name: &'static str, takes: Takes, doc: &'static str) -> Self {
        Self { name, takes, need: Need::Optional, doc }
    }

    /// A key that stands for this value when it is left out.
    pub const fn or(
        name: &'static str,
        takes: Takes,
        default: &'static str,
        doc: &'static str,
    ) -> Self {
        Self { name, takes, need: Need::Default(default), doc }
    }
}

impl Section {
    /// The key of this name.
    pub fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|it| it.name == name)
    }
}

impl Takes {
    /// What it is, as the end of a sentence: `a duration`.
    pub fn expected(&self) -> String {
        let fixed = match self {
            Self::Text => "a text",
            Self::Name => "a name",
            Self::Reference(what) => return format!("the name of {what}"),
            Self::Property => "a name as it comes in the data",
            Self::Condition => "a condition",
            Self::Events => "an event",
            Self::Value => "a value in the language",
            Self::Template => "a text with `{{ values }}`",
            Self::Story => "lines of text",
            Self::EventNames => "event names",
            Self::Bool => "`true` or `false`",
            Self::Choice(words) => {
                let words: Vec<_> = words.iter().map(|(word, _)| format!("`{word}`")).collect();
                let (last, others) = words.split_last().expect("a choice has words");
                return format!("{} or {last}", others.join(", "));
            }
            Self::Count => "a whole number from 1",
            Self::Number => "a number",
            Self::Money => "an amount of money",
            Self::Limit => "a number, an amount of bytes or `unlimited`",
            Self::Duration => "a duration",
            Self::Date => "a date",
            Self::Instant => "an instant or a date",
            Self::InstantOrNever => "an instant, a date or `never`",
            Self::Zone => "a time zone",
            Self::Currency => "a currency",
            Self::Domain => "a domain",
            Self::File => "a file inside the project folder",
            Self::Secret => "a secret",
            Self::AtMost => "a frequency",
            Self::Fade => "a fade",
            Self::Scalar => "a single value",
            Self::Form(form) => form.name,
            Self::Section(section) => return format!("the keys of {}", section.name),
            Self::Map(what, _) => return format!("{what}, each with its value"),
            Self::List(_) => "a list",
            Self::OneOrMany(of) => return format!("{} or a list", of.expected()),
            Self::Either(all) => {
                let all: Vec<_> = all.iter().map(Self::expected).collect();
                return all.join(", or ");
            }
        };
        fixed.to_owned()
    }

    /// A whole sentence that says how to write one.
    pub fn help(&self) -> String {
        let fixed = match self {
            Self::Text | Self::Template | Self::Property | Self::Reference(_) | Self::Story => {
                "Write one text."
            }
            Self::Name => {
                "Use small letters, digits, `-` and `_`, beginning with a letter or digit, \
                 such as `outgrowing-free`."
            }
            Self::Condition => "Write a condition such as `days(core, last 14d) >= 3`.",
            Self::Events => {
                "Write an event such as `'\"Report exported\" where format = \"pdf\"'`."
            }
            Self::Value => "Write a value such as `20` or `2 * days(core, last 14d)`.",
            Self::EventNames => "Write names such as `[Report exported, \"Dashboard *\"]`.",
            Self::Bool => "Write `true` or `false`.",
            Self::Choice(_) => return format!("Write {}.", self.expected()),
            Self::Count => "Write a number such as `100`.",
            Self::Number => "Write a number such as `40`, `2.5` or `10,000`.",
            Self::Money => "Write an amount such as `49`, `49 USD` or `$49`.",
            Self::Limit => "Write an amount such as `10,000`, `5 GB` or `unlimited`.",
            Self::Duration => {
                "Write a number and `s`, `min`, `h`, `d` or `w`, such as `14d`; \
                 for months count the days."
            }
            Self::Date => "Write year, month and day, such as `2026-03-08`.",
            Self::Instant => "Write `2026-03-08`, `2026-03-08T09:00` or `2026-03-08T09:00:00Z`.",
            Self::InstantOrNever => "Write `2026-03-08`, `2026-03-08T09:00:00Z` or `never`.",
            Self::Zone => "Write a name such as `Europe/Berlin`, or `UTC`.",
            Self::Currency => "Write three capital letters such as `USD`.",
            Self::Domain => "Write only the domain, such as `acme.com`.",
            Self::File => "Write a path such as `lists/vip.txt`, without `..`.",
            Self::Secret => {
                "Write `env:NAME` for the environment variable that holds it, or the secret itself."
            }
            Self::AtMost => {
                "Write `once`, `3 per day`, `3 per week`, `3 per month`, `2 per 90d` or \
                 `1 per project_id`."
            }
            Self::Fade => {
                "Write `half life 14d`, `linear 90d`, `5 per week` or `50% per month`, each with \
                 ` while idle` if you like, or `never`; spans are whole days."
            }
            Self::Scalar => "Write one text, number, amount or duration.",
            Self::Form(form) => form.help,
            Self::Section(section) => {
                let keys: Vec<_> = section.keys.iter().map(|it| it.name).collect();
                return format!("Write keys below it: {}.", listed(&keys));
            }
            Self::Map(what, of) => {
                return format!("Write {what} below it, each with {}.", of.expected());
            }
            Self::List(of) => return format!("Write a list, behind each `-` {}.", of.expected()),
            Self::OneOrMany(of) => return of.help(),
            Self::Either(all) => {
                let all: Vec<_> = all.iter().map(Self::help).collect();
                return all.join(" Or: ");
            }
        };
        fixed.to_owned()
    }
}

/// Every section, the settings first, each before those that stand in it.
pub fn sections() -> Vec<&'static Section> {
    let mut found = Vec::new();
    visit(&PROJECT, &mut found);
    found
}

fn visit(section: &'static Section, found: &mut Vec<&'static Section>) {
    if found.iter().any(|it| it.name == section.name) {
        return;
    }
    found.push(section);
    for key in section.keys {
        visit_takes(&key.takes, found);
    }
}

fn visit_takes(takes: &'static Takes, found: &mut Vec<&'static Section>) {
    match takes {
        Takes::Section(section) => visit(section, found),
        Takes::Map(_, of) | Takes::List(of) | Takes::OneOrMany(of) => visit_takes(of, found),
        Takes::Either(all) => all.iter().for_each(|it| visit_takes(it, found)),
        _ => {}
    }
}

/// Names between backticks, with commas.
pub(super) fn listed(names: &[&str]) -> String {
    let quoted: Vec<_> = names.iter().map(|it| format!("`{it}`")).collect();
    quoted.join(", ")
}
