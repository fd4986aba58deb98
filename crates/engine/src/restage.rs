//! Bringing accounts to the stage that [`stages`] says they are in.

use firsthand_model::config::Track;
use firsthand_model::fact::{Kind, Row};
use firsthand_model::stage::StageMove;
use firsthand_model::{Text, Time};
use firsthand_rules::arrivals::Arrivals;
use firsthand_rules::ledger::Change;
use firsthand_store::Store;

use crate::desk::Qualified;
use crate::engine::Engine;
use crate::error::Result;
use crate::live::Success;
use crate::stages::{self, Milestone};

/// The stage that a qualification on a track brings an account to.
fn stage_of(track: Track) -> Option<&'static str> {
    match track {
        Track::Product => Some("pql"),
        Track::Marketing => Some("mql"),
        Track::Expansion | Track::None => None,
    }
}

impl<S: Store> Engine<S> {
    /// Takes a milestone in that was told.
    pub(crate) fn reach(&mut self, account: &Text, it: Milestone, known_at: Time) -> Result<()> {
        self.restage(account, Some(it), known_at)
    }

    /// Takes in that an account did what brings it to a stage.
    pub(crate) fn reach_by(&mut self, it: &Success, known_at: Time) -> Result<()> {
        let milestone = Milestone { stage: it.stage.into(), at: it.at, why: it.outcome.clone() };
        self.restage(&it.account, Some(milestone), known_at)
    }

    /// Takes in what has become known of a qualification.
    pub(crate) fn restage_by(&mut self, it: &Qualified) -> Result<()> {
        let Some(stage) = stage_of(it.track) else { return Ok(()) };
        match it.change {
            Change::Entered => {
                let current = self.current_stage(&it.account)?.unwrap_or_default();
                if stages::rank(&current) < stages::rank(stage) {
                    self.restage(&it.account, None, it.known_at)?;
                }
                Ok(())
            }
            Change::Retracted | Change::Revised { entry: true, .. } => {
                self.restage(&it.account, None, it.known_at)
            }
            Change::Left | Change::Revised { .. } => Ok(()),
        }
    }

    /// The stage that an account is in, with what is not yet written down.
    fn current_stage(&self, account: &Text) -> Result<Option<Text>> {
        let mut unwritten = self.unwritten().flat_map(|it| &it.stage_moves).rev();
        Ok(match unwritten.find(|it| it.account == *account) {
            Some(it) => Some(it.to.clone()),
            None => self.store.stage_of(account)?.map(|it| it.stage),
        })
    }

    /// Brings an account to the stage that all its milestones say, and one more.
    fn restage(&mut self, account: &Text, more: Option<Milestone>, known_at: Time) -> Result<()> {
        let moved = self.moved(account, more, known_at)?;
        self.untold_moves.extend(moved.clone());
        self.pending.stage_moves.extend(moved);
        Ok(())
    }

    /// Brings an account to the stage that its milestones say, where what is judged has become
    /// another. Nobody is told.
    pub(crate) fn restage_quietly(&mut self, account: &Text) -> Result<()> {
        let moved = self.moved(account, None, self.now)?;
        self.pending.stage_moves.extend(moved);
        Ok(())
    }

    /// How an account comes to the stage that all its milestones say, and one more.
    fn moved(
        &self,
        account: &Text,
        more: Option<Milestone>,
        known_at: Time,
    ) -> Result<Option<StageMove>> {
        let mut moves = self.store.stage_moves(account)?;
        let unwritten = self.unwritten().flat_map(|it| &it.stage_moves);
        moves.extend(unwritten.filter(|it| it.account == *account).cloned());
        let mut milestones = self.qualifications(account);
        milestones.extend(stages::told(&moves));
        milestones.extend(more);
        let from = moves.last().map(|it: &StageMove| &it.to);
        Ok(stages::next(account, from, &milestones, known_at))
    }

    /// Whether there is any qualification that counts for the stage of an account.
    pub(crate) fn has_qualified(&self, account: &Text) -> bool {
        !self.qualifications(account).is_empty()
    }

    /// All qualifications of an account and its people on the tracks that have a stage; none of an
    /// account that is left out.
    fn qualifications(&self, account: &Text) -> Vec<Milestone> {
        let Some(customer) = self.live.customer(account) else { return Vec::new() };
        let root = self.live.rules().program.root(Kind::Account);
        let state = customer.stream().stream();
        if root.exclusions.iter().any(|(_, node)| state.frame().value(*node).is_true()) {
            return Vec::new();
        }
        let mut found = self.held(Kind::Account, customer.stream());
        for id in customer.people() {
            if let Some(person) = self.live.person(id).filter(|it| it.account() == Some(account)) {
                found.extend(self.held(Kind::Person, person.stream()));
            }
        }
        found
    }

    fn held(&self, kind: Kind, of: &Arrivals<Row>) -> Vec<Milestone> {
        let definitions = &self.live.rules().program.root(kind).definitions;
        let held = definitions.iter().zip(&of.record().held);
        let milestones = held.flat_map(|(definition, held)| {
            let stage = stage_of(definition.track);
            let entries = held.iter().filter_map(move |(at, _)| Some((stage?, *at)));
            entries.map(|(stage, at)| Milestone {
                stage: stage.into(),
                at,
                why: definition.name.clone(),
            })
        });
        milestones.collect()
    }
}
