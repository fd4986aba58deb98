//! The columns of a segment being written, filled row by row.

use std::sync::Arc;

use arrow_array::builder::{
    BooleanBuilder, Decimal128Builder, Int64Builder, StringBuilder, TimestampMicrosecondBuilder,
};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::SchemaRef;
use firsthand_model::fact::BodyView;
use firsthand_model::{Scalar, Time};
use parquet::errors::ParquetError;

use super::schema::{NUMBER_DIGITS, NUMBER_PLACES};
use super::{later, promote};
use crate::catalogue::{ColumnKind, PromotedColumn};
use crate::stored::{RowView, kind_word};

/// Rows on their way into a segment, as columns.
pub(super) struct Columns {
    account: StringBuilder,
    time: TimestampMicrosecondBuilder,
    known_after: Int64Builder,
    attributed_after: Int64Builder,
    source: StringBuilder,
    id: StringBuilder,
    kind: StringBuilder,
    name: StringBuilder,
    person: StringBuilder,
    copy: BooleanBuilder,
    homes: Int64Builder,
    of: StringBuilder,
    user: StringBuilder,
    anonymous: StringBuilder,
    named_account: StringBuilder,
    other: StringBuilder,
    joined: BooleanBuilder,
    role: StringBuilder,
    properties: StringBuilder,
    traits: StringBuilder,
    promoted: Vec<Promoted>,
    rows: usize,
    json_bytes: usize,
}

impl Columns {
    /// Columns without rows.
    pub fn new(promoted: &[PromotedColumn]) -> Result<Self, ParquetError> {
        let texts = StringBuilder::new;
        Ok(Self {
            account: texts(),
            time: TimestampMicrosecondBuilder::new().with_timezone("UTC"),
            known_after: Int64Builder::new(),
            attributed_after: Int64Builder::new(),
            source: texts(),
            id: texts(),
            kind: texts(),
            name: texts(),
            person: texts(),
            copy: BooleanBuilder::new(),
            homes: Int64Builder::new(),
            of: texts(),
            user: texts(),
            anonymous: texts(),
            named_account: texts(),
            other: texts(),
            joined: BooleanBuilder::new(),
            role: texts(),
            properties: texts(),
            traits: texts(),
            promoted: promoted.iter().map(|it| Promoted::new(it.kind)).collect::<Result<_, _>>()?,
            rows: 0,
            json_bytes: 0,
        })
    }

    /// How many rows there are.
    pub const fn rows(&self) -> usize {
        self.rows
    }

    /// How long their JSON is.
    pub const fn json_bytes(&self) -> usize {
        self.json_bytes
    }

    /// Adds a row. Promoted columns that cannot hold their value are marked as not complete.
    pub fn push(&mut self, row: &RowView<'_>, promoted: &mut [PromotedColumn]) {
        let RowView { place, fact } = row;
        let later = |it: Option<Time>| later::written(it, fact.time);
        self.rows += 1;
        self.account.append_value(place.account);
        self.time.append_value(fact.time.micros());
        self.known_after.append_option(later(fact.known_at));
        self.attributed_after.append_option(later(place.attributed_at));
        self.source.append_value(fact.source);
        self.id.append_value(fact.id);
        self.kind.append_value(kind_word(&fact.body));
        self.person.append_option(place.person);
        self.copy.append_value(place.copy);
        self.homes.append_option(place.homes);
        self.user.append_option(fact.who.user);
        self.anonymous.append_option(fact.who.anonymous);
        self.named_account.append_option(fact.who.account);

        let (mut name, mut of, mut other, mut joined, mut role) = (None, None, None, None, None);
        let (mut properties, mut traits) = (None, None);
        match fact.body {
            BodyView::Event { name: it, properties: json }
            | BodyView::Record { name: it, properties: json } => {
                (name, properties) = (Some(it), Some(json.as_str()));
            }
            BodyView::Traits { of: whose, traits: json } => {
                (of, traits) = (Some(whose.word()), Some(json.as_str()));
            }
            BodyView::Alias { other: it } | BodyView::Split { other: it } => other = Some(it),
            BodyView::Membership { joined: it, role: told } => (joined, role) = (Some(it), told),
            BodyView::Link => {}
        }
        self.name.append_option(name);
        self.of.append_option(of);
        self.other.append_option(other);
        self.joined.append_option(joined);
        self.role.append_option(role);
        self.traits.append_option(traits);
        self.json_bytes += properties.or(traits).map_or(0, str::len);
        if let Some(text) = properties {
            let (rest, values) = promote::take_out(text, promoted);
            self.properties.append_value(rest);
            for (column, value) in self.promoted.iter_mut().zip(&values) {
                column.push(value);
            }
        } else {
            self.properties.append_null();
            for column in &mut self.promoted {
                column.push(&Scalar::Missing);
            }
        }
    }

    /// The rows as a batch of the schema; the columns are empty afterwards.
    pub fn finish(&mut self, schema: &SchemaRef) -> Result<RecordBatch, ParquetError> {
        (self.rows, self.json_bytes) = (0, 0);
        let mut columns: Vec<ArrayRef> = vec![
            Arc::new(self.account.finish()),
            Arc::new(self.time.finish()),
            Arc::new(self.known_after.finish()),
            Arc::new(self.attributed_after.finish()),
            Arc::new(self.source.finish()),
            Arc::new(self.id.finish()),
            Arc::new(self.kind.finish()),
            Arc::new(self.name.finish()),
            Arc::new(self.person.finish()),
            Arc::new(self.copy.finish()),
            Arc::new(self.homes.finish()),
            Arc::new(self.of.finish()),
            Arc::new(self.user.finish()),
            Arc::new(self.anonymous.finish()),
            Arc::new(self.named_account.finish()),
            Arc::new(self.other.finish()),
            Arc::new(self.joined.finish()),
            Arc::new(self.role.finish()),
            Arc::new(self.properties.finish()),
            Arc::new(self.traits.finish()),
        ];
        columns.extend(self.promoted.iter_mut().map(Promoted::finish));
        Ok(RecordBatch::try_new(Arc::clone(schema), columns)?)
    }
}

/// A promoted column under construction.
enum Promoted {
    Number(Decimal128Builder),
    Text(StringBuilder),
    Bool(BooleanBuilder),
}

impl Promoted {
    fn new(kind: ColumnKind) -> Result<Self, ParquetError> {
        Ok(match kind {
            ColumnKind::Number => Self::Number(
                Decimal128Builder::new().with_precision_and_scale(NUMBER_DIGITS, NUMBER_PLACES)?,
            ),
            ColumnKind::Text => Self::Text(StringBuilder::new()),
            ColumnKind::Bool => Self::Bool(BooleanBuilder::new()),
        })
    }

    fn push(&mut self, value: &Scalar) {
        match (self, value) {
            (Self::Number(to), Scalar::Number(it)) => to.append_value(it.raw()),
            (Self::Text(to), Scalar::Text(it)) => to.append_value(it),
            (Self::Bool(to), Scalar::Bool(it)) => to.append_value(*it),
            (Self::Number(to), _) => to.append_null(),
            (Self::Text(to), _) => to.append_null(),
            (Self::Bool(to), _) => to.append_null(),
        }
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            Self::Number(it) => Arc::new(it.finish()),
            Self::Text(it) => Arc::new(it.finish()),
            Self::Bool(it) => Arc::new(it.finish()),
        }
    }
}
