//! The states of a subject: the newest, and those to go back to.
//!
//! Open, they are what the evaluator works on. Most subjects do nothing most of the time, so states
//! may be packed: a fifteenth of the room, and a few microseconds to open them again.

use std::sync::Arc;

use firsthand_model::Time;
use firsthand_model::fact::Kind;
use serde::{Deserialize, Serialize};

use crate::judge::{Mark, Stream};

/// The states of a subject. They are written down packed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) enum States {
    Packed(Packed),
    // Where one in front is left out, formats without names tell the others apart wrongly.
    #[serde(skip)]
    Open(Open),
}

/// States that can be gone on with.
#[derive(Clone, Debug)]
pub(super) struct Open {
    /// The newest.
    pub stream: Arc<Stream>,
    /// Those to go back to, the oldest first; never empty.
    pub checkpoints: Vec<Checkpoint>,
}

/// A state to go back to.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Checkpoint {
    pub stream: Arc<Stream>,
    pub record: Mark,
    /// How many rows it has taken in.
    pub rows: usize,
    /// The same with the imports.
    pub steps: usize,
}

/// The newest state and the oldest, as bytes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Packed {
    #[serde(with = "raw")]
    bytes: Box<[u8]>,
    kind: Kind,
    newest: Reached,
    oldest: Reached,
    /// When the newest next changes by time alone.
    next: Time,
}

/// How far a state has come.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Reached {
    /// The last instant taken in.
    pub now: Time,
    /// How many rows and imports were taken in.
    pub steps: usize,
}

/// What is packed: the oldest checkpoint, and the newest state where that is another.
type Content = (Checkpoint, Option<Arc<Stream>>);

impl States {
    /// Those of a subject of which nothing has been heard yet.
    pub fn new(kind: Kind, record: Mark) -> Self {
        let stream = Arc::new(Stream::new(kind));
        let fresh = Checkpoint { stream: Arc::clone(&stream), record, rows: 0, steps: 0 };
        Self::Open(Open { stream, checkpoints: vec![fresh] })
    }

    /// Opens them, if they are packed.
    pub fn open(&mut self) -> &mut Open {
        if let Self::Packed(packed) = self {
            *self = Self::Open(packed.opened());
        }
        match self {
            Self::Open(open) => open,
            Self::Packed(_) => unreachable!("they have just been opened"),
        }
    }

    /// Packs them, if they are open; of those to go back to, the oldest stays. `steps` is how far
    /// the newest has come.
    pub fn pack(&mut self, steps: usize) {
        let Self::Open(Open { stream, checkpoints }) = self else { return };
        let oldest = checkpoints.swap_remove(0);
        let reached = |now, steps| Reached { now, steps };
        let (kind, next) = (stream.kind(), stream.next());
        let (of_newest, of_oldest) = (stream.now(), oldest.stream.now());
        let (newest, oldest_reached) =
            (reached(of_newest, steps), reached(of_oldest, oldest.steps));
        let same = Arc::ptr_eq(stream, &oldest.stream);
        let content: Content = (oldest, (!same).then(|| Arc::clone(stream)));
        let bytes = postcard::to_allocvec(&content).expect("plain data is written to memory");
        let bytes = bytes.into_boxed_slice();
        *self = Self::Packed(Packed { bytes, kind, newest, oldest: oldest_reached, next });
    }

    /// Whether they are packed.
    pub fn is_packed(&self) -> bool {
        matches!(self, Self::Packed(_))
    }

    /// The newest.
    pub fn newest(&self) -> Arc<Stream> {
        match self {
            Self::Open(open) => Arc::clone(&open.stream),
            Self::Packed(packed) => packed.opened().stream,
        }
    }

    /// The newest, of a subject that nobody asks any more.
    pub fn into_newest(self) -> Stream {
        let Open { stream, checkpoints } = match self {
            Self::Open(open) => open,
            Self::Packed(packed) => packed.opened(),
        };
        drop(checkpoints);
        Arc::unwrap_or_clone(stream)
    }

    /// What the subject is.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Open(open) => open.stream.kind(),
            Self::Packed(packed) => packed.kind,
        }
    }

    /// The last instant that the newest has taken in.
    pub fn now(&self) -> Time {
        match self {
            Self::Open(open) => open.stream.now(),
            Self::Packed(packed) => packed.newest.now,
        }
    }

    /// When the newest next changes by time alone.
    pub fn next(&self) -> Time {
        match self {
            Self::Open(open) => open.stream.next(),
            Self::Packed(packed) => packed.next,
        }
    }

    /// How far the oldest has come.
    pub fn oldest(&self) -> Reached {
        match self {
            Self::Open(open) => open.checkpoints[0].reached(),
            Self::Packed(packed) => packed.oldest,
        }
    }

    /// The newest to go back to that had not come to an instant; none if all had.
    pub fn before(&self, instant: Time) -> Option<Reached> {
        let reached = match self {
            Self::Open(open) => {
                open.checkpoints.iter().rfind(|it| it.stream.now() < instant)?.reached()
            }
            Self::Packed(packed) => packed.oldest,
        };
        Some(reached).filter(|it| it.now < instant)
    }
}

impl Checkpoint {
    fn reached(&self) -> Reached {
        Reached { now: self.stream.now(), steps: self.steps }
    }
}

impl Packed {
    fn opened(&self) -> Open {
        let (oldest, newest): Content =
            postcard::from_bytes(&self.bytes).expect("what was packed is opened");
        let stream = newest.unwrap_or_else(|| Arc::clone(&oldest.stream));
        Open { stream, checkpoints: vec![oldest] }
    }
}

/// Bytes, written as they are.
mod raw {
    use std::fmt;

    use serde::de::{Error, Visitor};
    use serde::{Deserializer, Serializer};

    pub fn serialize<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_bytes(bytes)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Box<[u8]>, D::Error> {
        from.deserialize_bytes(Bytes)
    }

    struct Bytes;

    impl Visitor<'_> for Bytes {
        type Value = Box<[u8]>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("bytes")
        }

        fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Self::Value, E> {
            Ok(bytes.into())
        }
    }
}
