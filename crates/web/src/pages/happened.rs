//! What happened to a customer, newest first: qualifications, stages, what people did with a lead, and
//! the messages that went out or were held back.

use std::collections::BTreeMap;

use firsthand_model::Time;

use super::error::PageError;
use super::inbox::{Stage, TrackMark, status_word};
use super::owners::Owners;
use super::profile::calm;
use super::sending::{Badge, short_kind, why};
use super::show::Show;
use super::texts::fill;
use crate::app::App;
use crate::backend::Someone;
use crate::noun::{
    Delivery, DeliveryFilter, LeadChange, LeadDetail, LeadStatus, Listing, PlayFilter,
    Qualification, StageMove, SubjectKind, Suppressed,
};

/// Most messages of a kind that a lead tells: those that went out, and those that did not.
pub(super) const MESSAGES_MAX: u32 = 20;

/// Something that happened.
pub(crate) struct Happening {
    at: Time,
    pub when: String,
    /// The time of day alone.
    pub clock: String,
    pub machine: String,
    /// The tint of the dot.
    pub class: &'static str,
    /// The icon in the dot; a track's own glyph if empty.
    pub icon: &'static str,
    pub text: String,
    pub below: String,
    /// Where more of it stands.
    pub to: Option<String>,
    /// Who did it, with where no more than what they did is told.
    pub who: Option<(String, String)>,
    /// Where no more than what is called so is told.
    pub alike: Option<String>,
    /// When it became known, where that was late.
    pub late: Option<String>,
    /// What is folded into it: how often and when, and each of them.
    pub each: Option<Each>,
}

impl Happening {
    /// When it happened.
    pub fn at(&self) -> Time {
        self.at
    }
}

/// Several alike, folded into one line.
pub(crate) struct Each {
    /// How often, and between when.
    pub summary: String,
    /// When each was, as people and as machines read it, and what was told with it.
    pub all: Vec<(String, String, String)>,
    /// How many more there are than are listed.
    pub more: Option<String>,
}

/// What people are called, by their ids.
pub(super) fn names_of(people: &[Someone]) -> BTreeMap<&str, &str> {
    people.iter().filter_map(|it| Some((&*it.id, it.name.as_deref()?))).collect()
}

/// All that happened, as it is gathered.
pub(super) struct Happened<'a> {
    pub(super) show: &'a Show,
    owners: &'a Owners,
    all: Vec<Happening>,
}

impl<'a> Happened<'a> {
    /// Nothing yet.
    pub fn begin(show: &'a Show, owners: &'a Owners) -> Self {
        Self { show, owners, all: Vec::new() }
    }

    /// The newest first; what happened at once stays in the order it was told in.
    pub fn newest_first(mut self) -> Vec<Happening> {
        self.all.sort_by_key(|it| std::cmp::Reverse(it.at));
        self.all
    }

    pub(super) fn tell(
        &mut self,
        at: Time,
        (class, icon): (&'static str, &'static str),
        text: String,
        below: String,
    ) -> &mut Happening {
        let (when, machine) = (self.show.when(at), self.show.machine(at));
        let clock = self.show.clock(at);
        let (to, who, alike, late, each) = (None, None, None, None, None);
        self.all.push(Happening {
            at,
            when,
            clock,
            machine,
            class,
            icon,
            text,
            below,
            to,
            who,
            alike,
            late,
            each,
        });
        self.all.last_mut().expect("it was just pushed")
    }

    /// What qualified, with its reason.
    pub fn qualified(
        &mut self,
        all: &[Qualification],
        track: impl Fn(&Qualification) -> &'static str,
    ) {
        let l = &self.show.t.leads;
        for it in all {
            let mut below: Vec<String> = it.why.iter().cloned().collect();
            if it.subject.kind == SubjectKind::Person {
                below.push(fill(l.h_person, &[("person", &it.subject.id)]));
            }
            let text = fill(l.h_qualified, &[("definition", &it.definition)]);
            self.tell(it.entered_at.0, (track(it), ""), text, below.join(", "));
            if let Some(left) = it.left_at {
                let text = fill(l.h_left, &[("definition", &it.definition)]);
                self.tell(left.0, ("", "minus"), text, String::new());
            }
        }
    }

    /// What was done with a lead.
    pub fn lead(&mut self, detail: &LeadDetail) {
        let l = &self.show.t.leads;
        let class = TrackMark::of(self.show.t, detail.lead.track).class;
        // The newest first, as all that happened at once is told.
        for it in detail.history.iter().rev() {
            let mut below = Vec::new();
            let (mark, text) = match (it.from, it.to) {
                (None, _) => ((class, "inbox"), l.h_opened.to_owned()),
                (Some(from), to) if from == to => (("", "users"), self.stayed(it)),
                (_, to) => {
                    below.extend(it.reason.clone());
                    let mark = match to {
                        LeadStatus::Accepted | LeadStatus::Won => ("good", "check"),
                        LeadStatus::Rejected | LeadStatus::Lost => ("bad", "cross"),
                        LeadStatus::Snoozed => ("", "snooze"),
                        _ => ("", "inbox"),
                    };
                    (mark, status_word(self.show.t, to).to_owned())
                }
            };
            if let Some(by) = &it.by {
                below.push(fill(l.h_by, &[("who", self.owners.name(by))]));
            } else if it.reason.as_deref() == Some("assigned") {
                below.push(l.h_by_rules.to_owned());
            }
            self.tell(it.at.0, mark, text, below.join(", "));
        }
    }

    /// What happened to a lead that stayed as it was: mostly it got another owner.
    fn stayed(&self, it: &LeadChange) -> String {
        let l = &self.show.t.leads;
        let Some(owner) = &it.owner else {
            let why_none = if it.by.is_some() { l.h_given_nobody } else { l.h_ground };
            return why_none.to_owned();
        };
        let text = match it.reason.as_deref() {
            Some("not_answered") => l.h_passed_on,
            _ => l.h_given,
        };
        fill(text, &[("who", self.owners.name(owner))])
    }

    /// How the account came to its stage.
    pub fn stages(&mut self, moves: &[StageMove]) {
        let l = &self.show.t.leads;
        for it in moves {
            let stage = Stage::of(self.show.t, Some(&it.to)).word;
            let text = if it.corrected { l.h_stage_corrected } else { l.h_stage };
            let text = fill(text, &[("stage", &stage)]);
            self.tell(it.at.0, ("", "flag"), text, it.cause.clone().unwrap_or_default());
        }
    }

    /// The newest messages about a lead or an account, at most so many of each: those that went
    /// out, and those that did not. `names` tells what those they were for are called.
    pub async fn messages(
        &mut self,
        app: &App,
        of: PlayFilter,
        names: &BTreeMap<&str, &str>,
        most: u32,
    ) -> Result<(), PageError> {
        let listing = Listing { limit: most, after: None };
        let held = calm(app.backend.suppressed(&of, &listing).await)?;
        let filter =
            DeliveryFilter { lead: of.lead, account: of.account, ..DeliveryFilter::default() };
        let sent = calm(app.backend.deliveries(&filter, &listing).await)?;
        sent.iter().flat_map(|it| &it.items).for_each(|it| self.sent(it, names));
        held.iter().flat_map(|it| &it.items).for_each(|it| self.held(it, names));
        Ok(())
    }

    fn sent(&mut self, it: &Delivery, names: &BTreeMap<&str, &str>) {
        let (t, l) = (self.show.t, &self.show.t.leads);
        let kind = it.kind.as_deref().unwrap_or_default();
        let icon = super::sending::kind(t, kind).1;
        let kind = short_kind(t, kind);
        // What goes to the team or to another system is told by its channel.
        let who = it.receiver.as_ref().unwrap_or(&it.channel);
        let called = it.receiver_name.as_deref().or_else(|| names.get(&**who).copied());
        let who = called.unwrap_or_else(|| self.owners.name(who));
        let text = fill(l.h_message_to, &[("kind", kind), ("who", who)]);
        let mut below = vec![Badge::of_delivery(t, it).word.to_owned()];
        below.extend(it.play.clone());
        let to = format!("/deliveries/{}", it.id);
        self.tell(it.queued_at.0, ("", icon), text, below.join(t.words.comma)).to = Some(to);
    }

    fn held(&mut self, it: &Suppressed, names: &BTreeMap<&str, &str>) {
        let (t, l) = (self.show.t, &self.show.t.leads);
        let channel = it.channel.as_str();
        let text = match &it.person {
            Some(who) => {
                let called = it.person_name.as_deref().or_else(|| names.get(&**who).copied());
                let who = called.unwrap_or(who);
                fill(l.h_held_from, &[("channel", channel), ("who", who)])
            }
            None => fill(l.h_held, &[("channel", channel)]),
        };
        let below = [why(t, &it.reason, &it.why), it.play.clone()].join(t.words.comma);
        self.tell(it.at.0, ("", "minus"), text, below);
    }
}
