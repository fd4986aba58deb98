//! Ctrl-C ends the program at once, and with the status that shells expect.
//!
//! Nothing needs to be finished first: whatever writes, writes beside what is there and puts it in
//! place with one rename, so that an end at any instant leaves the old state or the new.

use std::process;

/// Takes over Ctrl-C for the life of the process.
pub fn install() {
    // Where the handler cannot be set, the process dies of the signal instead.
    let _ = ctrlc::set_handler(|| {
        eprintln!("interrupted; nothing was changed by what was not finished");
        process::exit(i32::from(crate::exit::INTERRUPTED));
    });
}
