//! Leads: by when they are answered, whom they go to, when they end.

use std::collections::{BTreeMap, BTreeSet};

use super::Track;
use super::check::Referent;
use super::form::{DATES, Dates, HOURS, WEEKDAYS};
use super::keys::{Key, Section, Takes};
use super::names::check_name;
use super::read::{Fields, Slot};
use super::value::{Count, Plain};
use super::working::WorkingTime;
use super::yaml::shorten;
use crate::diagnostic::{SourceText, codes};
use crate::{Calendar, Span, Text};

/// The rules of leads on one track.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrackRules {
    /// How long no lead opens after one was rejected. Verdicts hold all the same.
    pub cool_down: Span,
    /// After how long without any news an open lead expires.
    pub expires: Span,
    /// Within how much working time a lead is to be answered.
    pub answer_within: Span,
}

impl Default for TrackRules {
    fn default() -> Self {
        Self {
            cool_down: Span::DAY.times(90),
            expires: Span::DAY.times(30),
            answer_within: Span::HOUR.times(8),
        }
    }
}

/// The rules of leads.
#[derive(Clone, Debug)]
pub struct LeadRules {
    /// When people work.
    pub work: WorkingTime,
    /// On the product track.
    pub product: TrackRules,
    /// On the marketing track.
    pub marketing: TrackRules,
    /// On the expansion track.
    pub expansion: TrackRules,
    /// Which tracks accounts of a segment use; the first that holds counts.
    pub segments: Vec<SegmentTracks>,
    /// The people who work on leads, by name.
    pub owners: BTreeMap<Text, Owner>,
    /// How the owner of a lead is found, in this order.
    pub assign: Vec<OwnerRule>,
    /// The account trait that names the owner in the CRM: an e-mail address or a name.
    pub crm_owner_trait: Text,
    /// Who takes what nobody else does, and what was not answered in time.
    pub fallback: Option<Text>,
    /// After how much working time the owner of an unanswered lead is reminded; never if `None`.
    pub remind_after: Option<Span>,
    /// For how long after a message to an owner further ones are gathered into one.
    pub digest_every: Span,
    /// Why leads are rejected: the words to choose from.
    pub reject_reasons: Vec<Text>,
}

/// Which tracks the accounts of a segment use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SegmentTracks {
    /// The segment: a definition.
    pub segment: Text,
    /// Its tracks.
    pub tracks: Vec<Track>,
}

/// Somebody who works on leads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Owner {
    /// The name by which leads carry them.
    pub name: Text,
    /// Their name for people.
    pub title: Text,
    /// Their e-mail address; also how Slack and the CRM know them.
    pub email: Option<Text>,
    /// Their member id in Slack, where their address there is another.
    pub slack: Option<Text>,
    /// Whose accounts are theirs: for each account trait the values, all of which must fit.
    pub territory: BTreeMap<Text, Vec<Text>>,
    /// Most leads that they work on at a time; any number if `None`.
    pub capacity: Option<u32>,
    /// When they are away: nothing new goes to them.
    pub away: Vec<Dates>,
}

/// How the owner of a lead is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OwnerRule {
    /// Who owns the account in the CRM.
    CrmOwner,
    /// Whose territory it lies in; of several the one with the least to do.
    Territory,
    /// Who has the least to do for their capacity.
    RoundRobin,
    /// Always the same one.
    Named(Text),
}

/// Why leads are rejected, where the team names no reasons of its own.
const REASONS: [&str; 6] =
    ["bad_fit", "no_budget", "not_now", "not_the_buyer", "known_already", "not_real"];

impl Default for LeadRules {
    fn default() -> Self {
        Self {
            work: WorkingTime::default(),
            product: TrackRules::default(),
            marketing: TrackRules::default(),
            expansion: TrackRules::default(),
            segments: Vec::new(),
            owners: BTreeMap::new(),
            assign: vec![OwnerRule::CrmOwner, OwnerRule::Territory, OwnerRule::RoundRobin],
            crm_owner_trait: Text::new_static("crm_owner"),
            fallback: None,
            remind_after: Some(Span::HOUR.times(4)),
            digest_every: Span::MINUTE.times(30),
            reject_reasons: REASONS.map(Text::new_static).to_vec(),
        }
    }
}

impl LeadRules {
    /// Those of a track.
    pub fn of(&self, track: Track) -> &TrackRules {
        match track {
            Track::Product | Track::None => &self.product,
            Track::Marketing => &self.marketing,
            Track::Expansion => &self.expansion,
        }
    }

    /// By when a lead known at an instant is to be answered: only working time counts.
    pub fn due(&self, track: Track, known_at: crate::Time) -> crate::Time {
        self.work.after(known_at, self.of(track).answer_within)
    }

    /// Whether leads of a track open for an account, by the segments that it is in.
    pub fn uses(&self, track: Track, mut is_in: impl FnMut(&str) -> bool) -> bool {
        let of = self.segments.iter().find(|it| is_in(&it.segment));
        of.is_none_or(|it| it.tracks.contains(&track))
    }
}

pub(super) static LEADS: Section = Section {
    name: "the rules of leads",
    doc: "By when leads are answered, whom they go to, when they end.",
    keys: &[
        ANSWER_WITHIN,
        EXPIRES,
        COOL_DOWN,
        Key::optional("tracks", Takes::Section(&TRACKS), "What is different on a track."),
        Key::or(
            "working_hours",
            HOURS,
            "09:00 to 17:00",
            "When people work, in the project's zone.",
        ),
        Key::or("working_days", WEEKDAYS, "monday to friday", "On which days."),
        Key::optional("holidays", Takes::OneOrMany(&DATES), "On which dates nobody works."),
        Key::optional(
            "segments",
            Takes::List(&Takes::Section(&SEGMENT_TRACKS)),
            "Which tracks the accounts of a segment use; the first segment that holds counts. \
             Accounts in none use all of them.",
        ),
        Key::optional(
            "owners",
            Takes::Map("names", &Takes::Section(&OWNER)),
            "The people who work on leads.",
        ),
        Key::or(
            "assign",
            Takes::OneOrMany(&Takes::Text),
            "[crm owner, territory, round robin]",
            "How the owner of a lead is found, in this order: `crm owner`, `territory`, `round \
             robin`, or the name of an owner.",
        ),
        Key::or(
            "crm_owner_trait",
            Takes::Property,
            "crm_owner",
            "The account trait that names its owner in the CRM: an e-mail address, or a name.",
        ),
        Key::optional(
            "fallback",
            Takes::Reference("an owner"),
            "Who takes what nobody else does, and what was not answered in time.",
        ),
        Key::or(
            "remind_after",
            Takes::Duration,
            "4h",
            "After how much working time the owner of an unanswered lead is reminded; never if `0`.",
        ),
        Key::or(
            "digest_every",
            Takes::Duration,
            "30min",
            "For how long after a message to an owner further leads are gathered into one message.",
        ),
        Key::or(
            "reject_reasons",
            Takes::OneOrMany(&Takes::Text),
            "[bad_fit, no_budget, not_now, not_the_buyer, known_already, not_real]",
            "Why leads are rejected: the words to choose from.",
        ),
    ],
};

const ANSWER_WITHIN: Key = Key::or(
    "answer_within",
    Takes::Duration,
    "8h",
    "Within how much working time a lead is to be answered.",
);
const EXPIRES: Key =
    Key::or("expires", Takes::Duration, "30d", "After how long without news a lead expires.");
const COOL_DOWN: Key = Key::or(
    "cool_down",
    Takes::Duration,
    "90d",
    "How long no lead opens after one of the account and track was rejected.",
);

static TRACKS: Section = Section {
    name: "the tracks of leads",
    doc: "What is different on a track.",
    keys: &[
        Key::optional("product", Takes::Section(&TRACK), "Product-qualified leads."),
        Key::optional("marketing", Takes::Section(&TRACK), "Marketing-qualified leads."),
        Key::optional(
            "expansion",
            Takes::Section(&TRACK),
            "Paying accounts that outgrow their plan.",
        ),
    ],
};

static TRACK: Section = Section {
    name: "a track of leads",
    doc: "What is different on the track; what is left out is as for all leads.",
    keys: &[
        Key::optional("answer_within", Takes::Duration, ANSWER_WITHIN.doc),
        Key::optional("expires", Takes::Duration, EXPIRES.doc),
        Key::optional("cool_down", Takes::Duration, COOL_DOWN.doc),
    ],
};

static SEGMENT_TRACKS: Section = Section {
    name: "the tracks of a segment",
    doc: "Which tracks the accounts of a segment use.",
    keys: &[
        Key::required("segment", Takes::Reference("a definition"), "The segment."),
        Key::required(
            "tracks",
            Takes::OneOrMany(&Takes::Choice(TRACK_WORDS)),
            "Its tracks; on the others no lead opens.",
        ),
    ],
};

pub(super) const TRACK_WORDS: &[(&str, &str)] = &[
    ("product", "product-qualified leads"),
    ("marketing", "marketing-qualified leads"),
    ("expansion", "paying accounts that outgrow their plan"),
];

static OWNER: Section = Section {
    name: "an owner",
    doc: "Somebody who works on leads.",
    keys: &[
        Key::optional("name", Takes::Text, "Their name for people."),
        Key::optional("email", Takes::Text, "Their e-mail address, also in Slack and the CRM."),
        Key::optional(
            "slack",
            Takes::Text,
            "Their member id in Slack, if the address there differs.",
        ),
        Key::optional(
            "territory",
            Takes::Map("account traits", &Takes::OneOrMany(&Takes::Text)),
            "Whose accounts are theirs, such as `country: [DE, AT, CH]`; all of it must fit.",
        ),
        Key::optional("capacity", Takes::Count, "Most leads at a time; any number if left out."),
        Key::optional("away", Takes::OneOrMany(&DATES), "When nothing new goes to them."),
    ],
};

pub(super) fn read(fields: &Fields<'_>, calendar: &Calendar) -> LeadRules {
    let otherwise = LeadRules::default();
    let all = read_track(Some(fields), TrackRules::default());
    let tracks = fields.fields("tracks");
    let track = |word: &str| {
        let of = tracks.as_ref().and_then(|it| it.fields(word));
        read_track(of.as_ref(), all)
    };
    let hours = fields.value("working_hours").unwrap_or(otherwise.work.hours);
    let reminded = fields.value("remind_after").or(otherwise.remind_after);
    LeadRules {
        product: track("product"),
        marketing: track("marketing"),
        expansion: track("expansion"),
        work: WorkingTime {
            calendar: calendar.clone(),
            hours,
            days: fields.value("working_days").unwrap_or_default(),
            holidays: values(fields, "holidays"),
        },
        segments: fields.items("segments").iter().filter_map(read_segment).collect(),
        owners: super::project::named(fields, "owners", "an owner", read_owner),
        assign: match fields.get("assign") {
            Some(slot) => read_assign(&slot),
            None => otherwise.assign,
        },
        crm_owner_trait: fields.text("crm_owner_trait").unwrap_or(otherwise.crm_owner_trait),
        fallback: fields.source("fallback").map(|it| refer_to_owner(fields, it)),
        remind_after: reminded.filter(|it| *it > Span::ZERO),
        digest_every: fields.value("digest_every").unwrap_or(otherwise.digest_every),
        reject_reasons: read_reasons(fields, otherwise.reject_reasons),
    }
}

fn read_track(fields: Option<&Fields<'_>>, otherwise: TrackRules) -> TrackRules {
    let value = |key: &str| fields.and_then(|it| it.value(key));
    TrackRules {
        cool_down: value("cool_down").unwrap_or(otherwise.cool_down),
        expires: value("expires").unwrap_or(otherwise.expires),
        answer_within: value("answer_within").unwrap_or(otherwise.answer_within),
    }
}

fn values<T: Plain>(fields: &Fields<'_>, key: &str) -> Vec<T> {
    let slots = fields.get(key).map(|it| it.one_or_many()).unwrap_or_default();
    slots.iter().filter_map(Slot::value).collect()
}

fn read_segment(slot: &Slot<'_>) -> Option<SegmentTracks> {
    let fields = slot.fields()?;
    let segment = fields.source("segment")?;
    fields.reader.refer(Referent::Segment, segment.clone());
    let tracks: Vec<Track> = values(&fields, "tracks");
    Some(SegmentTracks { segment: segment.text, tracks })
}

fn read_owner(name: &SourceText, slot: &Slot<'_>) -> Option<Owner> {
    let fields = slot.fields()?;
    let territory = fields.entries("territory").into_iter().map(|(name, slot)| {
        let values = slot.one_or_many().iter().filter_map(Slot::text).collect();
        (name.text, values)
    });
    Some(Owner {
        name: name.text.clone(),
        title: fields.text("name").unwrap_or_else(|| name.text.clone()),
        email: fields.text("email"),
        slack: fields.text("slack"),
        territory: territory.collect(),
        capacity: fields.value::<Count>("capacity").map(|it| it.0),
        away: values(&fields, "away"),
    })
}

/// Reads the rules by which owners are found.
pub(super) fn read_assign(slot: &Slot<'_>) -> Vec<OwnerRule> {
    let rule = |slot: &Slot<'_>| {
        let source = slot.source()?;
        Some(match source.text.trim() {
            "crm owner" => OwnerRule::CrmOwner,
            "territory" => OwnerRule::Territory,
            "round robin" => OwnerRule::RoundRobin,
            _ => {
                slot.reader.refer(Referent::Owner, source.clone());
                OwnerRule::Named(source.text)
            }
        })
    };
    slot.one_or_many().iter().filter_map(rule).collect()
}

fn refer_to_owner(fields: &Fields<'_>, name: SourceText) -> Text {
    fields.reader.refer(Referent::Owner, name.clone());
    name.text
}

fn read_reasons(fields: &Fields<'_>, otherwise: Vec<Text>) -> Vec<Text> {
    let Some(slot) = fields.get("reject_reasons") else { return otherwise };
    let mut reasons = Vec::new();
    let mut met = BTreeSet::new();
    for slot in slot.one_or_many() {
        let Some(reason) = slot.source() else { continue };
        check_name(fields.reader, "a reason", &reason);
        if met.insert(reason.text.clone()) {
            reasons.push(reason.text);
        } else {
            let message = format!("the reason `{}` is there twice", shorten(&reason.text));
            slot.error(codes::REPEATED, message, "Remove one of them.");
        }
    }
    reasons
}
