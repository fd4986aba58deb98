//! Proposes a mapping for a file of unknown shape, by the names of its columns and the look of
//! their values. A proposal is shown, never used unasked.

use std::fmt::Write as _;

use firsthand_model::Text;
use firsthand_model::config::ImportMapping;
use firsthand_model::fact::Kind;

use crate::instant::{self, DayOrder};
use crate::record::Record;
use crate::{identity, mapping};

/// Most columns shown.
const COLUMNS_SHOWN_MAX: usize = 40;

/// What was found in a file, and a mapping that may fit.
#[derive(Clone, Debug)]
pub struct Proposal {
    /// A name for the mapping, from the file's name.
    pub name: Text,
    /// The columns found, in order.
    pub columns: Vec<Column>,
    /// The mapping; keys that could not be guessed are empty.
    pub mapping: ImportMapping,
    /// Keys that are needed and could not be guessed.
    pub missing: Vec<&'static str>,
    /// Whether the first row looks like data rather than names.
    pub headerless: bool,
    /// An example of a date that may have the day or the month first.
    pub ambiguous_date: Option<Text>,
}

/// A column that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: Text,
    /// The first few of its values.
    pub examples: Vec<Text>,
}

const TIME: &[&str] = &[
    "time",
    "timestamp",
    "ts",
    "eventtime",
    "occurredat",
    "happenedat",
    "datetime",
    "eventdate",
    "date",
    "day",
    "createdat",
    "timecreated",
    "creationtime",
    "at",
];
const PERSON: &[&str] = &[
    "personid",
    "person",
    "userid",
    "user",
    "uid",
    "distinctid",
    "studentid",
    "memberid",
    "contactid",
    "customerid",
    "profileid",
];
/// Taken for a person only where nothing in the file is an id of one.
const PERSON_ADDRESS: &[&str] = &["useremail", "email", "emailaddress", "username", "login"];
const ACCOUNT: &[&str] = &[
    "accountid",
    "account",
    "companyid",
    "company",
    "orgid",
    "organizationid",
    "organisationid",
    "organization",
    "organisation",
    "workspaceid",
    "workspace",
    "teamid",
    "tenantid",
    "groupid",
];
const ANONYMOUS: &[&str] =
    &["anonymousid", "anonid", "deviceid", "visitorid", "cookieid", "clientid", "anonymous"];
const EVENT: &[&str] =
    &["event", "eventname", "action", "activity", "eventtype", "page", "eventaction"];
const ID: &[&str] = &["id", "eventid", "uuid", "messageid", "insertid", "rowid"];

/// The values of one column in the sample.
struct Seen {
    name: Text,
    plain: String,
    values: Vec<Text>,
}

impl Seen {
    /// Whether most of its values pass.
    fn mostly(&self, test: impl Fn(&str) -> bool) -> bool {
        let passed = self.values.iter().filter(|it| test(it)).count();
        passed > 0 && passed * 10 >= self.values.len() * 9
    }

    fn all_different(&self) -> bool {
        let distinct: rustc_hash::FxHashSet<&Text> = self.values.iter().collect();
        self.values.len() >= 2 && distinct.len() == self.values.len()
    }
}

/// Looks at the first records of a file.
pub(crate) fn propose(file: &str, records: &[Record<'_>], headerless: bool) -> Proposal {
    let seen = columns(records);
    let mut taken: Vec<Text> = Vec::new();
    let mut by_name = |names: &[&str], test: &dyn Fn(&Seen) -> bool| -> Option<Text> {
        let free = |it: &&Seen| !taken.contains(&it.name) && test(it);
        let exact =
            names.iter().find_map(|name| seen.iter().filter(free).find(|it| it.plain == *name));
        let ending = || {
            let long = names.iter().filter(|it| it.len() >= 4);
            long.clone().find_map(|name| {
                seen.iter().filter(free).find(|it| {
                    it.plain.ends_with(name)
                        || (it.plain.starts_with(name) && name.ends_with("date"))
                })
            })
        };
        let found = exact.or_else(ending)?.name.clone();
        taken.push(found.clone());
        Some(found)
    };

    let timely = |it: &Seen| it.mostly(instant::looks_like_time);
    let time = by_name(TIME, &timely)
        .or_else(|| {
            seen.iter()
                .find(|it| timely(it) && (it.plain.contains("date") || it.plain.contains("time")))
                .map(|it| it.name.clone())
        })
        .or_else(|| seen.iter().find(|it| timely(it)).map(|it| it.name.clone()));
    let not_time = |it: &Seen| Some(&it.name) != time.as_ref();
    let first_id = |it: &Seen| {
        let first = seen.first().is_some_and(|first| first.name == it.name);
        first && it.plain.ends_with("id") && it.all_different()
    };
    let has_address = seen.iter().any(|it| PERSON_ADDRESS.contains(&it.plain.as_str()));
    let person = by_name(PERSON, &|it| not_time(it) && !it.plain.contains("invited"))
        // A list of people: its own id stands first, and nobody comes twice.
        .or_else(|| if has_address { by_name(&["id"], &first_id) } else { None })
        .or_else(|| if has_address { by_name(&["objectid"], &first_id) } else { None })
        .or_else(|| by_name(PERSON_ADDRESS, &not_time));
    let mut guess = ImportMapping {
        person,
        account: by_name(ACCOUNT, &not_time),
        anonymous: by_name(ANONYMOUS, &not_time),
        event: by_name(EVENT, &|it| not_time(it) && !it.mostly(|text| text.parse::<f64>().is_ok())),
        id: by_name(ID, &|it| not_time(it) && it.all_different()),
        time,
        ..ImportMapping::default()
    };
    if guess.id.is_none() {
        guess.id = own_id(&seen, &guess);
    }
    what_rows_are(file, &seen, &mut guess);
    if headerless {
        guess.header = seen.iter().map(|it| it.name.clone()).collect();
    }
    let ambiguous_date = day_order(&seen, &mut guess);

    let mut missing = Vec::new();
    if guess.time.is_none() {
        missing.push("time");
    }
    if guess.person.is_none() && guess.account.is_none() && guess.anonymous.is_none() {
        missing.push("person");
    }
    if ambiguous_date.is_some() {
        missing.push("time_format");
    }
    let columns = seen
        .into_iter()
        .map(|it| Column { name: it.name, examples: it.values.into_iter().take(3).collect() })
        .collect();
    let name = identity::stem(file).to_lowercase().replace(['_', ' '], "-").into();
    Proposal { name, columns, mapping: guess, missing, headerless, ambiguous_date }
}

/// Events where a column names them; else, where no person or account comes twice, their traits;
/// else events named after the file.
fn what_rows_are(file: &str, seen: &[Seen], guess: &mut ImportMapping) {
    if guess.event.is_some() {
        return;
    }
    let unique = |column: &Option<Text>| {
        seen.iter().any(|it| Some(&it.name) == column.as_ref() && it.all_different())
    };
    if unique(&guess.person) {
        guess.kind = Some("traits".into());
        guess.of = Some(Kind::Person);
    } else if guess.person.is_none() && unique(&guess.account) {
        guess.kind = Some("traits".into());
        guess.of = Some(Kind::Account);
    } else {
        let words = identity::stem(file).replace(['_', '-'], " ");
        let mut letters = words.chars();
        let first = letters.next().map(|it| it.to_uppercase().to_string()).unwrap_or_default();
        guess.event_name = Some((first + letters.as_str()).into());
    }
    if guess.kind.is_some() {
        guess.id = None;
    }
}

/// A column that ends in `id` and never repeats.
fn own_id(seen: &[Seen], guess: &ImportMapping) -> Option<Text> {
    let taken = [&guess.person, &guess.account, &guess.anonymous, &guess.event, &guess.time];
    let first = seen.first()?;
    let free = !taken.into_iter().any(|it| it.as_ref() == Some(&first.name));
    (free && first.plain.ends_with("id") && first.all_different()).then(|| first.name.clone())
}

/// Sets the format where the dates of the sample tell it; returns one that does not.
fn day_order(seen: &[Seen], guess: &mut ImportMapping) -> Option<Text> {
    let column = seen.iter().find(|it| Some(&it.name) == guess.time.as_ref())?;
    let orders: Vec<DayOrder> =
        column.values.iter().filter_map(|it| instant::day_order(it)).collect();
    if orders.is_empty() {
        if column.mostly(instant::looks_like_epoch) {
            guess.time_format = Some("epoch".into());
        }
        return None;
    }
    if orders.contains(&DayOrder::DayFirst) {
        guess.time_format = Some("day first".into());
    } else if orders.contains(&DayOrder::MonthFirst) {
        guess.time_format = Some("month first".into());
    } else {
        return column.values.first().cloned();
    }
    None
}

fn columns(records: &[Record<'_>]) -> Vec<Seen> {
    let mut seen: Vec<Seen> = Vec::new();
    for record in records {
        for field in &record.fields {
            let at = seen.iter().position(|it| *it.name == *field.name).unwrap_or_else(|| {
                let plain = field.name.chars().filter(|it| it.is_alphanumeric());
                seen.push(Seen {
                    name: Text::new(&field.name),
                    plain: plain.flat_map(char::to_lowercase).collect(),
                    values: Vec::new(),
                });
                seen.len() - 1
            });
            let text = match field.value.text() {
                Some(text) => Text::new(text),
                None if field.value.is_absent() => continue,
                None => {
                    let mut text = String::new();
                    field.value.write_json(&mut text);
                    Text::new(text.trim_matches('"'))
                }
            };
            seen[at].values.push(text);
        }
    }
    seen
}

/// The nearest of some names, if one is near.
pub(crate) fn nearest<'n>(name: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let plain = |it: &str| it.to_lowercase().replace(['_', '-', ' '], "");
    let wanted = plain(name);
    names
        .into_iter()
        .map(|it| (strsim::jaro_winkler(&wanted, &plain(it)), it))
        .filter(|(likeness, _)| *likeness >= 0.8)
        .max_by(|one, other| one.0.total_cmp(&other.0))
        .map(|(_, it)| it)
}

impl Proposal {
    /// What was found and what to write, in whole sentences and as text to paste.
    pub fn help(&self) -> String {
        let mut text = String::from("These columns were found:\n");
        let width =
            self.columns.iter().map(|it| it.name.chars().count()).max().unwrap_or(0).min(40);
        for column in self.columns.iter().take(COLUMNS_SHOWN_MAX) {
            let examples: Vec<String> = column.examples.iter().map(|it| shorten(it)).collect();
            let line = format!("  {:width$}  {}", column.name, examples.join(", "));
            text.push_str(line.trim_end());
            text.push('\n');
        }
        if self.columns.len() > COLUMNS_SHOWN_MAX {
            let more = self.columns.len() - COLUMNS_SHOWN_MAX;
            writeln!(text, "  … and {more} more").expect("writing to a text cannot fail");
        }
        if self.headerless {
            text.push_str(
                "\nThe first row looks like data, so the columns are numbered. Name them in `header`.\n",
            );
        }
        if let Some(date) = &self.ambiguous_date {
            writeln!(
                text,
                "\n`{date}` may have the day or the month first. Say `time_format: day first` or \
                 `month first`."
            )
            .expect("writing to a text cannot fail");
        }
        let unclear: Vec<&str> =
            self.missing.iter().copied().filter(|it| *it != "time_format").collect();
        if !unclear.is_empty() {
            writeln!(text, "\nName the column of: {}.", unclear.join(", "))
                .expect("writing to a text cannot fail");
        }
        write!(
            text,
            "\nA mapping that may fit, for `firsthand.yaml`:\n\n{}\nOr as flags:\n\n  {}\n",
            mapping::to_yaml(&self.name, &self.mapping),
            self.flags()
        )
        .expect("writing to a text cannot fail");
        text
    }
}

impl Proposal {
    /// The flags for the command line. Rows with ids of their own need a source, for ids are unique
    /// within one; a mapping of the configuration names it.
    fn flags(&self) -> String {
        let flags = mapping::to_flags(&self.mapping);
        match self.mapping.id {
            Some(_) => format!("--source {} {flags}", mapping::quoted(&self.name)),
            None => flags,
        }
    }
}

fn shorten(text: &str) -> String {
    let mut text = text.replace(['\n', '\r'], " ");
    crate::report::cut(&mut text, 30);
    text
}
