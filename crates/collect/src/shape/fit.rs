//! Holds a mapping against a file: what it lacks, which columns are not there, how times are
//! written.

use firsthand_model::Text;
use firsthand_model::config::ImportMapping;

use crate::guess::nearest;
use crate::instant::{DayOrder, TimeFormat, day_order};
use crate::record::{Record, Value};

/// What each row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RowKind {
    Event,
    Record,
    Traits,
    Membership,
    Number,
    Link,
}

/// Why a mapping does not fit; what is so, and what to do.
pub(crate) struct Misfit {
    pub what: String,
    pub help: Option<String>,
}

pub(super) fn misfit(what: impl Into<String>, help: impl Into<String>) -> Misfit {
    Misfit { what: what.into(), help: Some(help.into()) }
}

/// What each row of the mapping is.
pub(super) fn row_kind(mapping: &ImportMapping) -> Result<RowKind, Misfit> {
    Ok(match mapping.kind.as_deref() {
        None | Some("event") => RowKind::Event,
        Some("record") => RowKind::Record,
        Some("traits") => RowKind::Traits,
        Some("membership") => RowKind::Membership,
        Some("number") => RowKind::Number,
        Some("link") => RowKind::Link,
        Some(other) => {
            return Err(misfit(
                format!("`{other}` is no kind of row"),
                format!("`kind` is one of {}.", crate::mapping::KINDS.join(", ")),
            ));
        }
    })
}

/// The keys that name one column each.
pub(super) fn named(mapping: &ImportMapping) -> impl Iterator<Item = (&'static str, &Text)> {
    [
        ("event", &mapping.event),
        ("time", &mapping.time),
        ("known_at", &mapping.known_at),
        ("person", &mapping.person),
        ("anonymous", &mapping.anonymous),
        ("account", &mapping.account),
        ("id", &mapping.id),
    ]
    .into_iter()
    .filter_map(|(key, column)| Some((key, column.as_ref()?)))
}

/// Refuses a mapping that lacks what its rows need.
pub(super) fn check_keys(mapping: &ImportMapping, kind: RowKind) -> Result<(), Misfit> {
    let events = matches!(kind, RowKind::Event | RowKind::Record);
    if events && mapping.event.is_none() && mapping.event_name.is_none() && mapping.wide.is_empty()
    {
        return Err(misfit(
            "nothing says what the events are called",
            "Name their column with `event`, or give all of them one name with `event_name`.",
        ));
    }
    if events && mapping.time.is_none() && mapping.wide.is_empty() {
        return Err(misfit(
            "nothing says when the events happened",
            "Name the column with `time`.",
        ));
    }
    if mapping.person.is_none() && mapping.anonymous.is_none() && mapping.account.is_none() {
        return Err(misfit(
            "nothing says whom the rows are about",
            "Name the column of the person, the anonymous id or the account: `person`, \
             `anonymous`, `account`.",
        ));
    }
    if kind == RowKind::Membership && (mapping.account.is_none() || mapping.person.is_none()) {
        return Err(misfit(
            "a membership needs a person and an account",
            "Name both columns: `person` and `account`.",
        ));
    }
    Ok(())
}

/// Refuses a mapping that names columns the file has not.
pub(super) fn check_columns(mapping: &ImportMapping, sample: &[Record<'_>]) -> Result<(), Misfit> {
    if sample.is_empty() {
        return Ok(());
    }
    let there = |column: &str| {
        sample.iter().any(|record| {
            record.fields.iter().any(|it| it.name == column)
                || !matches!(record.path(column), Value::Missing)
        })
    };
    let wide = mapping.wide.iter().map(|column| ("wide", column));
    let rename = mapping.rename.keys().map(|column| ("rename", column));
    for (key, column) in named(mapping).chain(wide).chain(rename) {
        if there(column) {
            continue;
        }
        let mut names: Vec<&str> = Vec::new();
        for field in sample.iter().flat_map(|it| &it.fields) {
            if !names.contains(&&*field.name) {
                names.push(&field.name);
            }
        }
        let help = match nearest(column, names.iter().copied()) {
            Some(near) => format!("Did you mean `{near}`?"),
            None => format!("The columns are: {}.", names.join(", ")),
        };
        return Err(misfit(format!("there is no column `{column}` for `{key}`"), help));
    }
    Ok(())
}

/// The format that is given; or, for dates that are not ISO, the one that the sample tells.
pub(super) fn time_format(
    mapping: &ImportMapping,
    sample: &[Record<'_>],
) -> Result<(TimeFormat, Option<(DayOrder, Text)>), Misfit> {
    if let Some(name) = &mapping.time_format {
        let format = TimeFormat::from_name(name).ok_or_else(|| {
            misfit(
                format!("`{name}` is no format of times"),
                "Write `iso`, `epoch`, `epoch s`, `epoch ms`, `epoch us`, `epoch ns`, `day first`, \
                 `month first`, or a format such as `%d.%m.%Y %H:%M`.",
            )
        })?;
        return Ok((format, None));
    }
    let columns: Vec<&Text> = match &mapping.time {
        Some(column) => vec![column],
        None => mapping.wide.iter().collect(),
    };
    let mut either = None;
    for record in sample {
        for column in &columns {
            let Some(text) = record.path(column).text().map(Text::new) else {
                continue;
            };
            match day_order(&text) {
                Some(DayOrder::DayFirst) => {
                    return Ok((TimeFormat::DayFirst, Some((DayOrder::DayFirst, text))));
                }
                Some(DayOrder::MonthFirst) => {
                    return Ok((TimeFormat::MonthFirst, Some((DayOrder::MonthFirst, text))));
                }
                Some(DayOrder::Either) => either = Some(text),
                None => {}
            }
        }
    }
    match either {
        Some(text) => Err(misfit(
            format!("`{text}` may have the day or the month first"),
            "Say `time_format: day first` or `time_format: month first`.",
        )),
        None => Ok((TimeFormat::Auto, None)),
    }
}
