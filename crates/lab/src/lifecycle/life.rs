//! One account's life, reduced to what reports need: when it began, what was found of it, what it
//! did, and the stages that it went through.

use firsthand_model::config::Track;
use firsthand_model::stage::STAGES;
use firsthand_model::{Decimal, Span, Text, Time};
use serde::{Serialize, Serializer};

/// Who was in a segment at some time on the first day counts as in it: what tells it (a number of
/// employees, a role) is often told minutes after the sign-up.
pub const FIRST_DAY: Span = Span::DAY;

/// How far an account has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// Known by content alone. Nothing recorded tells these from visitors yet.
    Subscriber,
    /// Signed up, or otherwise known by name; where a lost deal leads back to.
    Lead,
    /// Marketing-qualified.
    Mql,
    /// Product-qualified.
    Pql,
    /// Accepted by a rep.
    Sql,
    /// With a deal.
    Opportunity,
    /// Did what counts as success.
    Customer,
    /// No longer a customer.
    Former,
}

impl Stage {
    /// All of them, in the order of [`STAGES`].
    pub const ALL: [Self; 8] = [
        Self::Subscriber,
        Self::Lead,
        Self::Mql,
        Self::Pql,
        Self::Sql,
        Self::Opportunity,
        Self::Customer,
        Self::Former,
    ];

    /// The word in files, the API and the store.
    pub const fn word(self) -> &'static str {
        STAGES[self as usize]
    }

    /// The stage of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.word() == word)
    }

    /// The stage that a qualification on a track brings an account to.
    pub const fn of_track(track: Track) -> Option<Self> {
        match track {
            Track::Product => Some(Self::Pql),
            Track::Marketing => Some(Self::Mql),
            Track::Expansion | Track::None => None,
        }
    }

    /// Whether coming to it is a new beginning: what was reached before counts no more.
    const fn recycles(self) -> bool {
        matches!(self, Self::Lead | Self::Former)
    }

    /// How high it is; who has left is below all others.
    const fn height(self) -> usize {
        if matches!(self, Self::Former) { 0 } else { self as usize }
    }
}

impl Serialize for Stage {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.word())
    }
}

/// That a definition was known to hold for an account, or for somebody in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// The definition's track.
    pub track: Track,
    /// When it was known: what counts (LAB-1).
    pub known_at: Time,
}

/// A stretch in which an account was in a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Within {
    /// The segment's place in [`super::Lives::segments`].
    pub segment: u16,
    /// From when on.
    pub from: Time,
    /// Until when, exclusive; `None` while it is.
    pub to: Option<Time>,
}

/// That an account did what counts as success.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Success {
    /// The outcome's place in [`super::Lives::outcomes`].
    pub outcome: u16,
    /// When.
    pub time: Time,
    /// Its worth, where that is told.
    pub value: Option<Decimal>,
}

/// Why an account is left out of every figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeftOut {
    /// The project never judges it: staff, tests.
    Excluded,
    /// Nobody knows who it is: a visitor who never signed up.
    Visitor,
}

/// The life of one account.
#[derive(Clone, Debug)]
pub struct Life {
    /// The account.
    pub account: Text,
    /// When it began: its sign-up where that is known, else its first fact.
    pub began: Time,
    /// Why it is left out, if it is.
    pub left_out: Option<LeftOut>,
    /// What was found of it, by when it was known.
    pub found: Vec<Found>,
    /// The segments that it was in.
    pub segments: Vec<Within>,
    /// What it did that counts as success, in order of time.
    pub successes: Vec<Success>,
    /// What people and other systems told of its stage, in order of time.
    pub told: Vec<(Stage, Time)>,
}

/// A stretch of a life in one stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stay {
    /// The stage.
    pub stage: Stage,
    /// From when on.
    pub from: Time,
    /// Until when; `None` while it lasts.
    pub to: Option<Time>,
}

impl Life {
    /// What was found of it first on one of these tracks. Of several at one instant, that on the
    /// track named first.
    pub fn first_found(&self, tracks: &[Track]) -> Option<Found> {
        let place = |it: &Found| tracks.iter().position(|track| *track == it.track);
        let of = self.found.iter().filter(|it| place(it).is_some());
        of.min_by_key(|it| (it.known_at, place(it))).copied()
    }

    /// Whether it was in a segment at an instant, or within [`FIRST_DAY`] after it.
    pub fn is_in(&self, segment: u16, at: Time) -> bool {
        self.segments.iter().any(|it| {
            it.segment == segment && it.from <= at + FIRST_DAY && it.to.is_none_or(|to| to > at)
        })
    }

    /// When it first reached a stage from an instant on.
    pub fn reached(&self, stage: Stage, from: Time) -> Option<Time> {
        let told = self.told.iter().filter(|it| it.0 == stage).map(|it| it.1);
        let found = self.found.iter().filter(|it| Stage::of_track(it.track) == Some(stage));
        let done = self.successes.iter().filter(|_| stage == Stage::Customer);
        told.chain(found.map(|it| it.known_at))
            .chain(done.map(|it| it.time))
            .filter(|at| *at >= from)
            .min()
    }

    /// The stages that it went through up to an instant: the highest reached since the last new
    /// beginning, as the server has it.
    pub fn path(&self, until: Time) -> Vec<Stay> {
        let found =
            self.found.iter().filter_map(|it| Some((it.known_at, Stage::of_track(it.track)?)));
        let done = self.successes.iter().map(|it| (it.time, Stage::Customer));
        let told = self.told.iter().map(|(stage, at)| (*at, *stage));
        let mut milestones: Vec<(Time, Stage)> =
            found.chain(done).chain(told).filter(|it| it.0 <= until).collect();
        // Of one instant the new beginnings come last: what was reached by then counts no more.
        milestones.sort_unstable_by_key(|(at, stage)| (*at, stage.recycles(), stage.height()));
        let began = milestones.first().map_or(self.began, |it| it.0.min(self.began));
        let mut path = vec![Stay { stage: Stage::Lead, from: began, to: None }];
        for (at, stage) in milestones {
            let last = path.last_mut().expect("it has a first one");
            let moves =
                stage.recycles() && stage != last.stage || stage.height() > last.stage.height();
            if moves {
                last.to = Some(at);
                path.push(Stay { stage, from: at, to: None });
            }
        }
        path
    }
}
