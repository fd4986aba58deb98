//! Takes the items of one request in, each by itself.

use std::sync::Arc;

use firsthand_model::fact::Body;
use firsthand_model::{Text, Time};
use rustc_hash::FxHashMap;

use super::answer::{Answer, Refusal};
use super::received::{Received, Reject};
use super::sources::Source;
use crate::draft::{Draft, Fault, Out};
use crate::json::Raw;
use crate::record::Record;
use crate::report::{Notices, RejectCode, cut};
use crate::text::one_object;

/// Most bytes of one item.
pub const ITEM_BYTES_MAX: usize = 1 << 20;
/// Most items of one request.
pub const ITEMS_MAX: usize = 20_000;
/// Most bytes that are kept of an item longer than [`ITEM_BYTES_MAX`], which can never be read.
const TOO_LONG_KEPT_BYTES: usize = 4_000;

/// What came of one item.
pub(super) type Outcome = Result<(), RejectCode>;

/// The items of a list, unless there are too many of them. They are counted while they are read,
/// so that a list of millions costs no memory.
pub(super) fn items(list: Raw<'_>) -> Result<Vec<Raw<'_>>, Refusal> {
    list.items_up_to(ITEMS_MAX).ok_or(Refusal::TooMany)
}

/// The items of one request on their way in.
pub(super) struct Intake<'a> {
    source: &'a Source,
    received_at: Time,
    /// The path under which a rejected item can be read again.
    path: &'a str,
    /// The source's name, as notices have it.
    label: Arc<str>,
    drafts: Vec<Draft>,
    rejects: Vec<Reject>,
    notices: Notices,
    items: u64,
    dropped: u64,
    stand_ins: StandIns,
}

impl<'a> Intake<'a> {
    pub(super) fn new(source: &'a Source, received_at: Time, path: &'a str) -> Self {
        Self {
            source,
            received_at,
            path,
            label: source.name().as_str().into(),
            drafts: Vec::new(),
            rejects: Vec::new(),
            notices: Notices::default(),
            items: 0,
            dropped: 0,
            stand_ins: StandIns::default(),
        }
    }

    /// Makes room for so many items.
    pub(super) fn expect(&mut self, items: usize) {
        self.drafts.reserve(items);
    }

    /// Takes one item: all its facts, or one reject. `alone` makes the body that a reject is kept
    /// in.
    pub(super) fn item(
        &mut self,
        raw: &str,
        alone: &dyn Fn(&str) -> String,
        read: &mut dyn FnMut(&Record<'_>, &mut Out<'_>, &mut StandIns) -> Result<(), Fault>,
    ) -> Outcome {
        let index = self.items;
        self.items += 1;
        let before = self.drafts.len();
        let mut result = Ok(());
        if raw.len() > ITEM_BYTES_MAX {
            let reason = format!("the item is longer than {ITEM_BYTES_MAX} bytes");
            result = Err(Fault::new(RejectCode::TooLong, reason));
        } else {
            let Self { source, label, drafts, notices, stand_ins, .. } = self;
            let mut of_text = Notices::default();
            let line = index + 1;
            one_object(label, line, raw.as_bytes(), &mut of_text, &mut |_, _, record| {
                let mut out = Out {
                    source: source.name(),
                    file: label,
                    line,
                    record: index,
                    drafts,
                    notices,
                };
                result = record.and_then(|record| read(&record, &mut out, stand_ins));
            });
            notices.merge(of_text);
        }
        match result {
            Ok(()) => {
                self.drop_from(before);
                Ok(())
            }
            Err(fault) => {
                self.drafts.truncate(before);
                let code = fault.code;
                self.reject(index, fault, raw, alone);
                Err(code)
            }
        }
    }

    fn reject(&mut self, index: u64, fault: Fault, raw: &str, alone: &dyn Fn(&str) -> String) {
        let Fault { code, column, reason } = fault;
        let raw = if code == RejectCode::TooLong {
            let mut kept = raw.to_owned();
            cut(&mut kept, TOO_LONG_KEPT_BYTES);
            kept
        } else {
            alone(raw)
        };
        self.rejects.push(Reject { index, column, code, reason, path: self.path.into(), raw });
    }

    /// The reason of the reject that came last.
    pub(super) fn last_reason(&self) -> &str {
        self.rejects.last().map_or("", |it| it.reason.as_str())
    }

    /// The rejects so far.
    pub(super) fn rejects(&self) -> &[Reject] {
        &self.rejects
    }

    /// How many items were taken in.
    pub(super) fn accepted(&self) -> u64 {
        self.items - self.rejects.len() as u64
    }

    /// Leaves out the events that the source drops; what they say of persons stays.
    fn drop_from(&mut self, before: usize) {
        let dropped = &self.source.dropped;
        let is_dropped = |draft: &Draft| match &draft.fact.body {
            Body::Event { name, .. } => dropped.fit(name),
            _ => false,
        };
        if self.drafts[before..].iter().any(is_dropped) {
            let kept: Vec<Draft> =
                self.drafts.drain(before..).filter(|it| !is_dropped(it)).collect();
            self.drafts.extend(kept);
            self.dropped += 1;
        }
    }

    /// All that came in, with the answer to give.
    pub(super) fn finish(self, answer: Answer) -> Received {
        let known_at = Some(self.received_at);
        let facts = self.drafts.into_iter().map(|it| it.fact);
        Received {
            source: Some(self.source.name().clone()),
            facts: facts
                .map(|mut fact| {
                    fact.known_at = known_at;
                    fact
                })
                .collect(),
            rejects: self.rejects,
            notices: self.notices,
            items: self.items,
            dropped: self.dropped,
            answer,
        }
    }
}

/// Ids for items that have none.
///
/// It is a hash of the item's bytes, so that a request that is sent again is known by it (LIVE-3);
/// equal items of one request are numbered. An item that does not even say when it happened is
/// told apart by its arrival: then sending it again counts twice, which is the lesser evil.
#[derive(Debug, Default)]
pub(super) struct StandIns {
    seen: FxHashMap<Text, u32>,
}

impl StandIns {
    /// The id for an item; `arrival` where nothing in it says when it happened.
    pub(super) fn of(&mut self, raw: &str, arrival: Option<Time>) -> Text {
        let id = match arrival {
            None => crate::identity::hashed_text(raw),
            Some(arrival) => crate::identity::hashed_text(&format!("{arrival} {raw}")),
        };
        let times = self.seen.entry(id.clone()).or_default();
        *times += 1;
        if *times == 1 { id } else { smol_str::format_smolstr!("{id}-{times}") }
    }
}
