//! Ctrl-C ends the program at once, and with the status that shells expect.
//!
//! What writes, writes beside what is there and puts it in place with one rename, so that an end
//! at any instant leaves the old state or the new. What would be left behind besides, such as a
//! temporary folder or a child process, is cleared away by whoever has said so with [`before_end`].

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::{process, thread};

type Action = Box<dyn FnOnce() + Send>;

/// What is done before an early end, in the order in which it was asked for.
static ACTIONS: Mutex<Vec<Action>> = Mutex::new(Vec::new());
/// What is done instead of an early end, once.
static INSTEAD: Mutex<Option<Action>> = Mutex::new(None);
/// Whether the end has begun.
static ENDING: AtomicBool = AtomicBool::new(false);

/// Takes over Ctrl-C for the life of the process.
pub fn install() {
    // Where the handler cannot be set, the process dies of the signal instead.
    let _ = ctrlc::set_handler(|| {
        let instead = INSTEAD.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(action) = instead {
            return action();
        }
        ENDING.store(true, Ordering::SeqCst);
        let mut actions = ACTIONS.lock().unwrap_or_else(PoisonError::into_inner);
        // The latest first: what came later may live in what came before.
        while let Some(action) = actions.pop() {
            action();
        }
        eprintln!("interrupted; nothing was changed by what was not finished");
        process::exit(i32::from(crate::exit::INTERRUPTED));
    });
}

/// Does this the first time that the program is interrupted, which then ends by itself. The second
/// time it ends at once.
pub fn instead(action: impl FnOnce() + Send + 'static) {
    *INSTEAD.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(action));
}

/// Does this if the program is interrupted, and not otherwise. It must do no harm where there is
/// nothing left to clear away.
pub fn before_end(action: impl FnOnce() + Send + 'static) {
    ACTIONS.lock().unwrap_or_else(PoisonError::into_inner).push(Box::new(action));
}

/// Returns only if the program goes on: whoever meets what has been cleared away would take it for
/// a failure.
pub fn wait_if_ending() {
    while ENDING.load(Ordering::SeqCst) {
        thread::park();
    }
}
