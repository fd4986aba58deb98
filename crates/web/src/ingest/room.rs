//! How many bytes of tracking calls are in memory at a time.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The room that one call takes; given back when it is dropped.
pub(super) struct Room {
    all: Arc<Semaphore>,
    taken: Option<OwnedSemaphorePermit>,
}

impl Room {
    pub fn new(all: &Arc<Semaphore>) -> Self {
        Self { all: all.clone(), taken: None }
    }

    /// Takes room for so many bytes more, if there is any.
    pub fn take(&mut self, bytes: usize) -> bool {
        let Ok(bytes) = u32::try_from(bytes) else { return false };
        let Ok(more) = self.all.clone().try_acquire_many_owned(bytes) else { return false };
        match &mut self.taken {
            Some(taken) => taken.merge(more),
            None => self.taken = Some(more),
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_bounded_and_given_back() {
        let all = Arc::new(Semaphore::new(10));
        let mut one = Room::new(&all);
        assert!(one.take(4) && one.take(4));
        assert!(!Room::new(&all).take(3));
        drop(one);
        assert!(Room::new(&all).take(10));
    }
}
