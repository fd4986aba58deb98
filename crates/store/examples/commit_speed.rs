//! How long a commit takes, beside the disk's own time to make as many bytes durable.
//!
//! `cargo run --release -p firsthand-store --example commit_speed`

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use firsthand_rules::ledger::Change;
use firsthand_store::contract::sample;
use firsthand_store::{Chunk, Commit, Log, SqliteOptions, SqliteStore, Store};

const COMMITS: u64 = 200;
/// What 10 ms of 20,000 events a second take.
const SMALL_BYTES: usize = 60 << 10;
const LARGE_BYTES: usize = 1 << 20;

fn commit(number: u64, bytes: usize, lines: u64) -> Commit {
    let chunk = Chunk { bytes: vec![7; bytes], ..sample::chunk(number, number) };
    let line = |it: u64| {
        // Subjects come in no order.
        let id = (number * lines + it).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let subject = sample::account(&format!("account {id:016x}"));
        sample::line(subject, Change::Entered, sample::minute(number.cast_signed()))
    };
    let opened = sample::lead(&format!("account {number}"), number);
    Commit {
        chunk: Some(chunk),
        applied: Some(number),
        ledger: (0..lines).map(line).collect(),
        evidence: vec![sample::evidence(&opened, sample::account("a"), sample::minute(0))],
        leads: vec![opened],
        ..Commit::default()
    }
}

/// The disk's own time: append to a file and wait until it is there.
fn yardstick(folder: &Path, size: usize) -> Vec<Duration> {
    let mut file = File::create(folder.join("yardstick")).expect("the folder may be written");
    let bytes = vec![7; size];
    let one = |_| {
        let start = Instant::now();
        file.write_all(&bytes).and_then(|()| file.sync_data()).expect("the disk has room");
        start.elapsed()
    };
    (0..COMMITS).map(one).collect()
}

fn measure(folder: &Path, bytes: usize, lines: u64) -> Vec<Duration> {
    let path = folder.join(format!("{bytes} {lines}.db"));
    let store = SqliteStore::open(&path, &SqliteOptions::default()).expect("a new store opens");
    let commits = (0..COMMITS).map(|number| commit(number, bytes, lines)).collect::<Vec<_>>();
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let one = |commit| {
                let start = Instant::now();
                store.commit(commit).expect("the disk has room");
                start.elapsed()
            };
            commits.iter().map(one).collect()
        });
        // As a server does, in a thread of its own.
        while !writer.is_finished() {
            store.upkeep().expect("the store is sound");
            std::thread::sleep(Duration::from_millis(200));
        }
        writer.join().expect("the writer does not panic")
    })
}

fn print(what: &str, mut times: Vec<Duration>) {
    times.sort();
    let at = |percent: usize| times[(times.len() - 1) * percent / 100].as_secs_f64() * 1e3;
    println!("{what:<44} p50 {:7.2} ms   p99 {:7.2} ms", at(50), at(99));
}

fn main() {
    let folder = tempfile::tempdir().expect("there is room for a folder");
    for (name, bytes) in [("60 kB", SMALL_BYTES), ("1 MB", LARGE_BYTES)] {
        let durable = format!("{name} appended to a file, synchronised");
        print(&durable, yardstick(folder.path(), bytes));
        for lines in [1, 100, 1_000] {
            let what = format!("commit of {name}, a lead, {lines} ledger lines");
            print(&what, measure(folder.path(), bytes, lines));
        }
    }
}
