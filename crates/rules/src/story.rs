//! Stories: facts and expected timelines as lines of text that a salesperson can review.
//!
//! Definitions carry stories as examples (`expect:`), and the golden corpus is made of them. The
//! format is described in `docs/stories.md`. Start at [`facts`] and [`timeline`]; both say all
//! that is wrong at once, each problem at its place in the text.

mod expected;
mod piece;
mod properties;
mod when;

use firsthand_model::diagnostic::Problem;
use firsthand_model::fact::{Body, Fact, ID_BYTES_MAX, Kind, Who, number_trait};
use firsthand_model::{Calendar, Json, Span, Text, Time};
use smol_str::format_smolstr;

pub use self::expected::{Course, Expected, Stretch, timeline};
use self::piece::Piece;
use self::properties::{Properties, Value};

/// The account of a story that names none.
pub const DEFAULT_ACCOUNT: &str = "acme";
/// Most facts of one story, repeated ones counted.
pub const FACTS_MAX: usize = 10_000;

/// Reads the facts of a story, in the order of its lines.
///
/// Times without an offset are those of the calendar's zone. Facts that name no account belong to
/// `default_account`, unless the story begins with the line `individuals`. A fact is known at its
/// own time where the line does not say otherwise; its id is `line-N`, or `line-N.k` where the
/// line stands for several.
///
/// # Errors
/// Every line that cannot be read, as a `BAD_STORY` with its place in `text`.
pub fn facts(
    text: &str,
    calendar: &Calendar,
    default_account: Option<&str>,
) -> Result<Vec<Fact>, Vec<Problem>> {
    let account = default_account.map(Text::from);
    let mut reader = Reader { calendar, account, before: None, facts: Vec::new() };
    let mut problems = Vec::new();
    let mut header = true;
    for (number, line) in piece::lines(text) {
        if std::mem::take(&mut header) && line.text == "individuals" {
            reader.account = None;
        } else if let Err(problem) = reader.line(number, line) {
            problems.push(problem);
        }
    }
    if problems.is_empty() { Ok(reader.facts) } else { Err(problems) }
}

const COLUMNS_HELP: &str = "Write time, who, what and properties in columns two spaces apart: \
    `2026-01-05 09:00  ana  Report exported  format=pdf`.";
/// Reads facts line by line.
struct Reader<'a> {
    calendar: &'a Calendar,
    account: Option<Text>,
    /// The time of the line before, from which `+2d` counts.
    before: Option<Time>,
    facts: Vec<Fact>,
}

impl Reader<'_> {
    fn line(&mut self, number: usize, line: Piece<'_>) -> Result<(), Problem> {
        let (when, rest) = line.column();
        let when = when::When::read(when, self.before, self.calendar)?;
        // Even where the rest is wrong, `+2d` of the next line has something to count from.
        self.before = Some(when.time);
        let (who, rest) = rest.column();
        let (what, rest) = rest.name_column()?;
        if what.text.is_empty() {
            let missing = if who.text.is_empty() { line } else { who };
            return Err(missing
                .error("a fact needs a time, somebody or something, and what happened")
                .with_help(COLUMNS_HELP));
        }
        let properties = properties::read(rest)?;
        let people = who_list(who, self.account.as_ref())?;
        let (times, apart) = properties.repeat.unwrap_or((1, Span::ZERO));
        let count = people.len().saturating_mul(times);
        if self.facts.len().saturating_add(count) > FACTS_MAX {
            return Err(line.error(format!("a story has at most {FACTS_MAX} facts")));
        }

        let mut index = 0;
        for turn in 0..times {
            let shift = apart.times(i64::try_from(turn).unwrap_or(i64::MAX));
            let time = when.time + shift;
            let known_at = when.known(time).map_err(|message| {
                line.error(message).with_help("Write a later time, or `known +2d`: two days later.")
            })?;
            for person in &people {
                index += 1;
                let (who, body) = fact_of(person, who, what, &properties)?;
                let id = match &properties.id {
                    Some(id) => id.clone(),
                    None if count == 1 => format_smolstr!("line-{number}"),
                    None => format_smolstr!("line-{number}.{index}"),
                };
                let source = properties.source.clone().unwrap_or_else(|| "story".into());
                self.facts.push(Fact { id, source, time, known_at: Some(known_at), who, body });
            }
            self.before = Some(time);
        }
        Ok(())
    }
}

/// The ids in the column WHO: `ana`, `ana, bob`, `-`, `anon:x1`, `account`, with ` @ beta`.
fn who_list(column: Piece<'_>, default_account: Option<&Text>) -> Result<Vec<Who>, Problem> {
    let (people, account) = match column.split_once(" @ ") {
        None => (column, default_account.cloned()),
        Some((people, account)) if account.text == "-" => (people, None),
        Some((people, account)) => (people, Some(id(account)?)),
    };
    let mut list = Vec::new();
    for person in people.split(',') {
        let account = account.clone();
        list.push(match person.text.split_once(':') {
            _ if person.text == "account" && account.is_none() => {
                return Err(person
                    .error("no account is meant here")
                    .with_help("Name it: `account @ beta`."));
            }
            _ if matches!(person.text, "account" | "-") => Who { account, ..Who::default() },
            Some(("anon", _)) => {
                let anonymous = Some(id(person.skip("anon:".len()))?);
                Who { anonymous, account, user: None }
            }
            _ => Who { user: Some(id(person)?), account, anonymous: None },
        });
    }
    Ok(list)
}

fn id(piece: Piece<'_>) -> Result<Text, Problem> {
    if piece.text.is_empty() {
        return Err(piece.error("an id is missing").with_help(COLUMNS_HELP));
    }
    if piece.text.contains(char::is_whitespace) {
        let message = format!("`{}` is no id: it contains a space", piece.text);
        return Err(piece.error(message).with_help(COLUMNS_HELP));
    }
    if piece.text.len() > ID_BYTES_MAX {
        return Err(piece.error(format!("an id has at most {ID_BYTES_MAX} bytes")));
    }
    Ok(piece.text.into())
}

/// What the columns WHAT and PROPERTIES say of one of those in WHO.
fn fact_of(
    who: &Who,
    who_at: Piece<'_>,
    what: Piece<'_>,
    properties: &Properties<'_>,
) -> Result<(Who, Body), Problem> {
    let mut who = who.clone();
    let is_person = who.user.is_some() || who.anonymous.is_some();
    let of = if is_person { Kind::Person } else { Kind::Account };
    if let Some(name) = what.unquoted() {
        return Ok((who, Body::Event { name: name.into(), properties: properties.json() }));
    }
    let (word, argument) = what.first_word();
    let body = match (word.text, argument.text) {
        ("is", "") => {
            somebody(&who, who_at)?;
            something(what, properties)?;
            Body::Traits { of, traits: properties.json() }
        }
        ("number", "") => {
            somebody(&who, who_at)?;
            something(what, properties)?;
            Body::Traits { of, traits: numbers(properties)? }
        }
        ("joins" | "leaves", "") => {
            person(&who, who_at)?;
            if who.account.is_none() {
                return Err(who_at
                    .error("a membership needs an account")
                    .with_help("Name the account: `ana @ beta  joins`."));
            }
            Body::Membership { joined: word.text == "joins", role: role(properties)? }
        }
        ("links", _) if argument.text.starts_with("anon:") => {
            person(&who, who_at)?;
            nothing(properties)?;
            who.anonymous = Some(id(argument.skip("anon:".len()))?);
            Body::Link
        }
        ("alias", other) if !other.is_empty() => {
            person(&who, who_at)?;
            nothing(properties)?;
            Body::Alias { other: id(argument)? }
        }
        ("split", other) if !other.is_empty() => {
            person(&who, who_at)?;
            nothing(properties)?;
            Body::Split { other: id(argument)? }
        }
        ("record", name) if !name.is_empty() => {
            let name = argument.unquoted().unwrap_or(name).into();
            Body::Record { name, properties: properties.json() }
        }
        ("alias" | "split" | "links" | "record", "") => {
            let message = format!("`{}` needs a name behind it", word.text);
            return Err(what.error(message).with_help(
                "Write `links anon:x1`, `alias bob2`, `split bob2` or `record Deal won`.",
            ));
        }
        _ => Body::Event { name: event_name(what)?, properties: properties.json() },
    };
    Ok((who, body))
}

/// An event's name, unless it looks as if the columns ran together.
fn event_name(what: Piece<'_>) -> Result<Text, Problem> {
    let counted = what.text.ends_with(" times") || what.text.ends_with(" apart");
    if counted || what.text.contains('=') {
        return Err(what.error(format!("`{}` is an odd name for an event", what.text)).with_help(
            "Leave two spaces behind the name, or quote it if it is really called so.",
        ));
    }
    Ok(what.text.into())
}

fn person(who: &Who, at: Piece<'_>) -> Result<(), Problem> {
    if who.user.is_some() {
        return Ok(());
    }
    Err(at.error("only a person with a user id can do this").with_help("Name the person: `ana`."))
}

fn somebody(who: &Who, at: Piece<'_>) -> Result<(), Problem> {
    if at.text.starts_with('-') || *who == Who::default() {
        return Err(at
            .error("nobody is named whom this could be true of")
            .with_help("Name a person, or write `account`."));
    }
    Ok(())
}

fn something(what: Piece<'_>, properties: &Properties<'_>) -> Result<(), Problem> {
    if properties.members.is_empty() {
        return Err(what
            .error(format!("`{}` needs something behind it", what.text))
            .with_help("Write what is so two spaces behind: `ana  is  role=admin`."));
    }
    Ok(())
}

fn nothing(properties: &Properties<'_>) -> Result<(), Problem> {
    match properties.members.first() {
        None => Ok(()),
        Some((key, _)) => Err(key.error("no property belongs here").with_help("Leave it out.")),
    }
}

fn role(properties: &Properties<'_>) -> Result<Option<Text>, Problem> {
    let mut role = None;
    for (key, value) in &properties.members {
        match value {
            Value::Text(it) if key.text == "role" => role = Some(it.into()),
            _ => {
                return Err(key
                    .error("a membership has only a role")
                    .with_help("Write `role=admin`, or set traits on a line of their own."));
            }
        }
    }
    Ok(role)
}

/// Numbers from outside are traits under names of their own.
fn numbers(properties: &Properties<'_>) -> Result<Json, Problem> {
    let mut object = String::from("{");
    for (key, value) in &properties.members {
        if !matches!(value, Value::Number(_) | Value::Null) {
            return Err(key
                .error(format!("`{}` is not a number", key.text))
                .with_help("Write `health=72`, or `health=null` to take it back."));
        }
        if object.len() > 1 {
            object.push(',');
        }
        properties::write_text(&number_trait(key.text), &mut object);
        object.push(':');
        value.write(&mut object);
    }
    object.push('}');
    Ok(Json::parse(object).expect("keys and numbers were written as JSON"))
}

#[cfg(test)]
mod tests;
