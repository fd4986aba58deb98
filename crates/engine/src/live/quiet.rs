//! Packing who is quiet: most accounts and people do nothing most of the time, and then take up a
//! fraction of the room. What they come to is the same, packed or not.

use std::collections::VecDeque;

use firsthand_model::fact::Kind;
use firsthand_model::{Span, Time};
use firsthand_rules::arrivals::MEMORY;
use firsthand_rules::timeline::Subject;

use super::Live;

/// Who nothing has come to for so long is packed. Tests do it at once.
const QUIET: Span = if cfg!(feature = "canary") { Span::ZERO } else { Span::MINUTE.times(10) };
/// So many are packed in passing, whatever else there is to do. Tests leave nobody open.
const PACKED_IN_PASSING: usize = if cfg!(feature = "canary") { usize::MAX } else { 8 };

/// Those who are open, the ones first that have been so for longest.
#[derive(Default)]
pub(super) struct Open {
    order: VecDeque<(Time, Subject)>,
}

/// What is remembered of somebody by whom they are found quiet.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Touched {
    /// When something last came to them.
    at: Time,
    /// Whether they are among those who are open.
    is_open: bool,
}

impl Open {
    /// Notes that something has come to somebody.
    pub fn note(&mut self, touched: &mut Touched, now: Time, subject: impl FnOnce() -> Subject) {
        touched.at = now;
        if !touched.is_open {
            touched.is_open = true;
            self.order.push_back((now, subject()));
        }
    }
}

impl Live {
    /// Packs some of those to whom nothing has come for a while, at most so many.
    pub fn pack_quiet(&mut self, most: usize) {
        let mut rest = most;
        while rest > 0
            && self.has_quiet()
            && let Some((_, subject)) = self.open.order.pop_front()
        {
            self.pack_if_quiet(subject);
            rest -= 1;
        }
    }

    /// Whether somebody may have been quiet for so long that they are to be packed.
    pub fn has_quiet(&self) -> bool {
        self.open.order.front().is_some_and(|(at, _)| *at <= self.known_at - QUIET)
    }

    /// Packs everybody.
    pub(crate) fn pack_all(&mut self) {
        let memory = self.known_at - MEMORY;
        self.open = Open::default();
        for it in self.customers.values_mut() {
            it.touched = Touched::default();
            it.customer.pack(memory);
        }
        for it in self.people.values_mut() {
            it.it.touched = Touched::default();
            it.it.pack(memory);
        }
    }

    pub(super) fn pack_in_passing(&mut self) {
        self.pack_quiet(PACKED_IN_PASSING);
    }

    fn pack_if_quiet(&mut self, subject: Subject) {
        let quiet_since = self.known_at - QUIET;
        let memory = self.known_at - MEMORY;
        let touched = match subject.kind {
            Kind::Account => self.customers.get_mut(&subject.id).map(|it| &mut it.touched),
            Kind::Person => self.people.get_mut(&subject.id).map(|it| &mut it.it.touched),
        };
        // Who is gone needs no packing.
        let Some(touched) = touched else { return };
        if touched.at > quiet_since {
            let at = touched.at;
            self.open.order.push_back((at, subject));
            return;
        }
        touched.is_open = false;
        match subject.kind {
            Kind::Account => {
                if let Some(it) = self.customers.get_mut(&subject.id) {
                    it.customer.pack(memory);
                }
            }
            Kind::Person => {
                if let Some(it) = self.people.get_mut(&subject.id) {
                    it.it.pack(memory);
                }
            }
        }
    }
}
