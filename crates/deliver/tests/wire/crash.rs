//! DELIVER-1: whenever the sender is killed, every message arrives, and with the same key.

use std::collections::BTreeSet;
use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use firsthand_store::DeliveryState;

use crate::receiver::{Call, Receiver};
use crate::{all, count, enqueue, message, open, start, until};

const FOLDER: &str = "DELIVER_TEST_FOLDER";
const PORT: &str = "DELIVER_TEST_PORT";
const ROUNDS: usize = 30;
const MESSAGES: usize = 400;

/// Not a test of its own: what the test below kills.
#[test]
#[ignore = "needs to be started by the other test"]
fn child() {
    let (Ok(folder), Ok(port)) = (std::env::var(FOLDER), std::env::var(PORT)) else { return };
    let store = open(Path::new(&folder));
    let _worker = start(&store, port.parse().unwrap(), ["hook"]);
    // Until it is killed, or nobody is left to do it.
    std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
}

fn start_child(folder: &Path, port: u16) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "crash::child", "--test-threads=1"])
        .env(FOLDER, folder)
        .env(PORT, port.to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

#[test]
fn every_message_arrives_however_often_the_sender_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    enqueue(&store, (0..MESSAGES).map(|it| message(&format!("m{it}"), "hook")).collect());

    // The receiver itself pulls the plug: half of the times before it answers, so that the message
    // is between decision and delivery; else after, so that it is between delivery and record.
    let victim = Arc::new(Mutex::new(None::<Child>));
    let fuse = Arc::new(AtomicUsize::new(usize::MAX));
    let (pulls, left) = (Arc::clone(&victim), Arc::clone(&fuse));
    let receiver = Receiver::start(move |_, before| {
        let answer = Some("200 OK".to_owned());
        let burnt = left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |it| {
            (it != usize::MAX).then(|| it.saturating_sub(1))
        });
        if burnt != Ok(1) {
            return answer;
        }
        let pulls = Arc::clone(&pulls);
        let pull = move || {
            if let Some(mut child) = pulls.lock().unwrap().take() {
                child.kill().unwrap();
                child.wait().unwrap();
            }
        };
        if before % 2 == 0 {
            pull();
        } else {
            std::thread::spawn(move || {
                std::thread::sleep(Duration::from_micros(u64::try_from(before % 7).unwrap() * 300));
                pull();
            });
        }
        answer
    });

    for round in 0..ROUNDS {
        if count(&store, DeliveryState::Pending) == 0 {
            break;
        }
        fuse.store(1 + round % 11, Ordering::SeqCst);
        *victim.lock().unwrap() = Some(start_child(folder.path(), receiver.port));
        until("the plug is pulled, or all is sent", || {
            victim.lock().unwrap().is_none() || count(&store, DeliveryState::Pending) == 0
        });
        if let Some(mut child) = victim.lock().unwrap().take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }
    fuse.store(usize::MAX, Ordering::SeqCst);
    let worker = start(&store, receiver.port, ["hook"]);
    until("all is sent", || count(&store, DeliveryState::Sent) == MESSAGES as u64);
    worker.stop();

    let calls = receiver.calls();
    let keys: BTreeSet<&str> = calls.iter().map(Call::id).collect();
    let wanted: BTreeSet<String> = all(&store).into_iter().map(|it| it.id.to_string()).collect();
    assert_eq!(keys, wanted.iter().map(String::as_str).collect(), "none lost, none made up");
    // A receiver that acts once for each key has acted once for each message; that there were
    // repetitions shows that the plug was pulled where it hurts.
    assert!(calls.len() > MESSAGES, "no message was ever between delivery and record");
}
