//! What happens to leads, as it is told to those who listen.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use firsthand_model::Time;
use firsthand_store::Commit;
use firsthand_web::noun::{LeadEvent, LeadEventKind};
use tokio::sync::watch;

use super::leads::lead_noun;

/// Most events that are kept for those who come back; who was away for longer reads the list.
const KEPT_MAX: usize = 10_000;

/// The newest lead events, in order.
pub struct LeadEvents {
    kept: Mutex<VecDeque<LeadEvent>>,
    /// The sequence of the newest. It begins at the start of the server in microseconds, so that
    /// no number is ever given twice.
    sequence: watch::Sender<u64>,
}

impl LeadEvents {
    /// Nothing has happened yet.
    pub fn new(started_at: Time) -> Self {
        let begin = u64::try_from(started_at.micros()).unwrap_or(0);
        Self { kept: Mutex::new(VecDeque::new()), sequence: watch::Sender::new(begin) }
    }

    /// Takes in a commit that is durable.
    pub fn hear(&self, commit: &Commit) {
        // Whoever listens may act on it: of accounts that are held out nobody is told.
        let mut told = commit.leads.iter().filter(|it| !it.held_out).peekable();
        if told.peek().is_none() {
            return;
        }
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let mut sequence = *self.sequence.borrow();
        for lead in told {
            let opened =
                commit.lead_changes.iter().any(|it| it.lead == lead.id && it.from.is_none());
            sequence += 1;
            kept.push_back(LeadEvent {
                sequence,
                kind: if opened { LeadEventKind::Opened } else { LeadEventKind::Changed },
                at: lead.changed_at.into(),
                lead: lead_noun(lead, &commit.evidence, None),
            });
        }
        let over = kept.len().saturating_sub(KEPT_MAX);
        kept.drain(..over);
        drop(kept);
        self.sequence.send_replace(sequence);
    }

    /// Forgets all of them: who was erased may be named there. Who comes back reads the list anew.
    pub fn forget(&self) {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.sequence.send_modify(|it| *it += 1);
    }

    /// What came after a sequence; `None` if what came right after is not kept any more.
    pub fn after(&self, sequence: u64, limit: usize) -> Option<Vec<LeadEvent>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let newest = *self.sequence.borrow();
        let first = kept.front().map_or(newest + 1, |it| it.sequence);
        if sequence + 1 < first || sequence > newest {
            return None;
        }
        Some(kept.iter().filter(|it| it.sequence > sequence).take(limit).cloned().collect())
    }

    /// The sequence of the newest.
    pub fn sequence(&self) -> watch::Receiver<u64> {
        self.sequence.subscribe()
    }
}
