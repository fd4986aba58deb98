//! Reading single columns of a segment into rows, account by account.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;
use std::vec::IntoIter;

use arrow_array::{Array, StringArray};
use firsthand_model::fact::{Kind, Row, RowBody};
use firsthand_model::{Json, Scalar, Text, Time};

use super::Segment;
use super::batch::{Batch, Batches, Promoted, WordColumn, text_at};
use super::later::instant_at;
use super::schema::promoted_name;
use crate::catalogue::PromotedColumn;
use crate::error::Result;
use crate::json::Object;
use crate::scan::{NameFilter, Projection};

/// What every scan reads.
const ALWAYS: [&str; 13] = [
    "account",
    "time",
    "attributed_after",
    "source",
    "id",
    "kind",
    "name",
    "person",
    "copy",
    "of",
    "joined",
    "role",
    "traits",
];

/// Where the values of a scan come from in one segment.
pub(crate) struct RowPlan {
    values: Vec<ValueSource>,
    names: Option<NameFilter>,
    accounts: Option<Arc<BTreeSet<Text>>>,
    reads_json: bool,
}

/// Where the values of one path come from.
struct ValueSource {
    path: Text,
    column: Option<PromotedColumn>,
}

impl ValueSource {
    /// Whether the JSON may hold values that the column does not.
    fn reads_json(&self) -> bool {
        self.column.as_ref().is_none_or(|it| !it.complete)
    }
}

impl RowPlan {
    pub fn new(segment: &Segment, projection: &Projection) -> Self {
        let Projection { paths, names, accounts } = projection.clone();
        let column = |path: &Text| segment.promoted().iter().find(|it| it.path == *path).cloned();
        let values: Vec<ValueSource> = paths
            .iter()
            .map(|path| ValueSource { path: path.clone(), column: column(path) })
            .collect();
        let reads_json = values.iter().any(ValueSource::reads_json);
        Self { values, names, accounts, reads_json }
    }

    fn columns(&self) -> Vec<String> {
        let promoted = self.values.iter().filter_map(|it| it.column.as_ref());
        ALWAYS
            .iter()
            .copied()
            .chain(self.reads_json.then_some("properties"))
            .map(str::to_owned)
            .chain(promoted.map(|it| promoted_name(&it.path)))
            .collect()
    }
}

/// The rows of one account that stand together in a batch.
struct Run {
    account: Text,
    rows: Vec<Row>,
    /// How many rows it was made of, those filtered out included.
    read: usize,
    /// Whether the scan asks for the account.
    wanted: bool,
}

/// Goes through a segment account by account.
pub(crate) struct Cursor {
    batches: Batches,
    plan: RowPlan,
    names: Entries<(Text, bool)>,
    persons: Entries<Text>,
    sources: Entries<Text>,
    runs: IntoIter<Run>,
    next: Option<Run>,
}

impl Cursor {
    pub fn new(segment: &Segment, live: &[Range<usize>], plan: RowPlan) -> Result<Self> {
        let columns = plan.columns();
        let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
        Ok(Self {
            batches: segment.batches(Some(&columns), live)?,
            plan,
            names: Entries::default(),
            persons: Entries::default(),
            sources: Entries::default(),
            runs: Vec::new().into_iter(),
            next: None,
        })
    }

    /// The account it stands at; `None` at the end.
    pub fn account(&mut self) -> Result<Option<&Text>> {
        while self.next.is_none() {
            self.next = self.runs.next();
            if self.next.is_none() {
                let Some(batch) = self.batches.next().transpose()? else {
                    return Ok(None);
                };
                self.runs = self.decode(&batch)?.into_iter();
            }
        }
        Ok(self.next.as_ref().map(|it| &it.account))
    }

    /// Appends the rows of the account it stands at, and goes on to the next. Returns how many
    /// rows were read for it.
    pub fn take_account(&mut self, rows: &mut Vec<Row>) -> Result<usize> {
        let mut read = 0;
        let mut account: Option<Text> = None;
        // An account may go on in the next batch.
        while let Some(next) = self.account()?.cloned() {
            if account.as_ref().is_some_and(|it| *it != next) {
                break;
            }
            let mut run = self.next.take().expect("the cursor stands at an account");
            read += run.read;
            rows.append(&mut run.rows);
            account = Some(run.account);
        }
        Ok(read)
    }

    fn decode(&mut self, batch: &Batch) -> Result<Vec<Run>> {
        let Self { plan, names, persons, sources, .. } = self;
        let account = batch.words("account")?;
        let time = batch.instants("time")?;
        let attributed_after = batch.wholes("attributed_after")?;
        let source = batch.words("source")?;
        let id = batch.texts("id")?;
        let kind = batch.words("kind")?;
        let name = batch.words("name")?;
        let person = batch.words("person")?;
        let copy = batch.flags("copy")?;
        let of = batch.words("of")?;
        let joined = batch.flags("joined")?;
        let role = batch.words("role")?;
        let traits = batch.texts("traits")?;
        let mut values = Values::of(batch, plan)?;
        let kinds: Vec<Option<RowKind>> =
            kind.values.iter().map(|it| it.and_then(RowKind::of)).collect();
        names.renew(name.values);
        persons.renew(person.values);
        sources.renew(source.values);

        let mut runs: Vec<Run> = Vec::new();
        let mut account_key = None;
        for row in 0..batch.len() {
            let key = account.key(row);
            if key != account_key || runs.is_empty() {
                account_key = key;
                let of_row = account.get(row).unwrap_or_default();
                // The same text may stand in a dictionary twice.
                if runs.last().is_none_or(|it| it.account != of_row) {
                    let wanted = plan.accounts.as_ref().is_none_or(|it| it.contains(of_row));
                    runs.push(Run { account: of_row.into(), rows: Vec::new(), read: 0, wanted });
                }
            }
            let run = runs.last_mut().expect("a run was begun");
            run.read += 1;
            if !run.wanted {
                continue;
            }
            let body = match kind.key(row).and_then(|it| kinds[it]) {
                Some(RowKind::Event { record }) => {
                    let wanted = |it: &str| {
                        (Text::from(it), plan.names.as_ref().is_none_or(|wants| wants(it)))
                    };
                    let Some((name, true)) = names.get(&name, row, wanted) else {
                        continue;
                    };
                    RowBody::Event { name: name.clone(), record, values: values.get(row) }
                }
                Some(RowKind::Traits) => {
                    let account = of.get(row) == Some(Kind::Account.word());
                    let of = if account { Kind::Account } else { Kind::Person };
                    let traits = text_at(traits, row).and_then(|it| Json::parse(it).ok());
                    RowBody::Traits { of, traits: traits.unwrap_or_default().flatten().into() }
                }
                Some(RowKind::Membership) => RowBody::Membership {
                    joined: joined.value(row),
                    role: role.get(row).map(Text::from),
                },
                None => continue,
            };
            let time = Time(time.value(row));
            run.rows.push(Row {
                time,
                known_at: instant_at(attributed_after, row, time),
                id: id.value(row).into(),
                source: sources.get(&source, row, |it| Text::from(it)).cloned().unwrap_or_default(),
                person: persons.get(&person, row, |it| Text::from(it)).cloned(),
                copy: copy.value(row),
                body,
            });
        }
        Ok(runs)
    }
}

/// The kinds of facts that streams take.
#[derive(Clone, Copy)]
pub(crate) enum RowKind {
    Event { record: bool },
    Traits,
    Membership,
}

impl RowKind {
    pub fn of(word: &str) -> Option<Self> {
        Some(match word {
            "event" => Self::Event { record: false },
            "record" => Self::Event { record: true },
            "traits" => Self::Traits,
            "membership" => Self::Membership,
            _ => return None,
        })
    }
}

/// What the entries of a dictionary stand for, made once each. Batches of a row group share theirs.
struct Entries<T> {
    values: Option<StringArray>,
    made: Vec<Option<T>>,
}

impl<T> Default for Entries<T> {
    fn default() -> Self {
        Self { values: None, made: Vec::new() }
    }
}

impl<T> Entries<T> {
    /// Begins anew, unless these are the same values in memory.
    fn renew(&mut self, values: &StringArray) {
        let place = |it: &StringArray| (it.value_data().as_ptr(), it.len());
        if self.values.as_ref().is_none_or(|it| place(it) != place(values)) {
            // Held, so that no other dictionary can come to lie in the same place.
            self.values = Some(values.clone());
            self.made.clear();
            self.made.resize_with(values.len(), || None);
        }
    }

    fn get(
        &mut self,
        words: &WordColumn<'_>,
        row: usize,
        make: impl FnOnce(&str) -> T,
    ) -> Option<&T> {
        let key = words.key(row)?;
        Some(self.made[key].get_or_insert_with(|| make(words.values.value(key))))
    }
}

/// The values of a batch's events.
struct Values<'a> {
    sources: Vec<(&'a ValueSource, Option<Promoted<'a>>)>,
    json: Option<&'a StringArray>,
}

impl<'a> Values<'a> {
    fn of(batch: &'a Batch, plan: &'a RowPlan) -> Result<Self> {
        let sources = plan.values.iter().map(|source| {
            let column = source.column.as_ref().map(|it| batch.promoted(it)).transpose()?;
            Ok((source, column))
        });
        let sources = sources.collect::<Result<_>>()?;
        let json = if plan.reads_json { Some(batch.texts("properties")?) } else { None };
        Ok(Self { sources, json })
    }

    fn get(&mut self, row: usize) -> Arc<[Scalar]> {
        let mut object = None;
        let json = self.json.and_then(|it| text_at(it, row));
        let values = self.sources.iter().map(|(source, column)| {
            let value = column.as_ref().map_or(Scalar::Missing, |it| it.get(row));
            if !value.is_missing() || !source.reads_json() {
                return value;
            }
            let Some(json) = json else {
                return Scalar::Missing;
            };
            let object = object.get_or_insert_with(|| Object::new(json));
            object.get(&source.path).map_or(Scalar::Missing, Scalar::from_json_text)
        });
        values.collect()
    }
}
