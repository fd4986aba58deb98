//! A process that commits is killed at any instant: what it was told is there, is there whole, and
//! nothing is there by half (STORE-1, P4, P5).

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use firsthand_model::lead::LeadStatus;
use firsthand_rules::ledger::Change;
use firsthand_store::contract::sample;
use firsthand_store::{
    Commit, Deliveries, LeadFilter, LeadSort, Leads, Ledger, LedgerFilter, LedgerOrder, Log,
    PageRequest, Quarantine, QuarantineFilter, SqliteOptions, SqliteStore, Stages, Store,
};

/// Tells the child process where the store is.
const STORE: &str = "FIRSTHAND_TEST_STORE";
const KILLS: u64 = 30;

fn open(path: &Path) -> SqliteStore {
    SqliteStore::open(path, &SqliteOptions::default()).unwrap()
}

/// What the commit of a number holds: a chunk of the log, and something in every other part that
/// tells the number.
fn commit(number: u64) -> Commit {
    let account = format!("account {number}");
    let at = sample::minute(number.cast_signed());
    let lead = sample::lead(&account, number);
    let mut chunk = sample::chunk(number, number);
    // Large enough to fill many pages, so that a commit takes a while to write.
    chunk.bytes.resize(200_000, u8::try_from(number % 251).unwrap());
    let qualified = sample::line(sample::account(&account), Change::Entered, at);
    Commit {
        chunk: Some(chunk),
        applied: Some(number),
        quarantined: vec![sample::refused("web", "no-name", &account)],
        evidence: vec![sample::evidence(&lead, sample::account(&account), at)],
        deliveries: vec![sample::delivery(&account, &account, at)],
        stage_moves: vec![firsthand_model::stage::StageMove {
            account: account.as_str().into(),
            from: None,
            to: "pql".into(),
            held_at: at,
            known_at: at,
            why: "qualified".into(),
            correction: false,
        }],
        leads: vec![lead],
        ledger: vec![qualified],
        ..Commit::default()
    }
}

#[test]
#[ignore = "is the process that the test below kills"]
fn child() {
    let path = std::env::var_os(STORE).expect("the parent says where");
    let store = open(Path::new(&path));
    let mut out = std::io::stdout();
    for number in store.log_state().unwrap().next.. {
        store.commit(&commit(number)).unwrap();
        writeln!(out, "committed {number}").and_then(|()| out.flush()).unwrap();
    }
}

/// Lets a child commit for a while, kills it, and gives the last number it was told.
fn kill_one(path: &Path, after: Duration) -> Option<u64> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "child", "--nocapture", "--test-threads=1"])
        .env(STORE, path)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let told = |line: String| line.strip_prefix("committed ")?.parse::<u64>().ok();
    // The clock runs from the first commit on, so that kills hit commits and not the start.
    let first = lines.by_ref().map_while(Result::ok).find_map(told);
    std::thread::sleep(after);
    child.kill().unwrap();
    child.wait().unwrap();
    lines.map_while(Result::ok).filter_map(told).last().or(first)
}

fn check_whole(store: &SqliteStore, number: u64) {
    let commit = commit(number);
    assert_eq!(store.chunk_at(number).unwrap(), commit.chunk);
    let sheet = store.lead(&commit.leads[0].id).unwrap().expect("the lead is there");
    assert_eq!((&sheet.lead, &sheet.evidence), (&commit.leads[0], &commit.evidence));
    let about =
        LedgerFilter { subject: Some(commit.ledger[0].subject.clone()), ..LedgerFilter::default() };
    let page = PageRequest::first(10);
    let lines = store.ledger(&about, LedgerOrder::OldestFirst, &page).unwrap().rows;
    assert_eq!(lines.into_iter().map(|it| it.line).collect::<Vec<_>>(), commit.ledger);
    assert_eq!(store.qualifications_of(&commit.ledger[0].subject).unwrap().len(), 1);
    let account = &commit.stage_moves[0].account;
    assert_eq!(store.stage_moves(account).unwrap(), commit.stage_moves);
}

#[test]
fn whatever_was_acknowledged_before_a_kill_is_there_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let mut checked = 0;
    for round in 0..KILLS {
        let after = Duration::from_micros(round * round * 7_919 % 60_000);
        let told = kill_one(&path, after).expect("the child commits before it is killed");
        let store = open(&path);
        let state = store.log_state().unwrap();
        assert!(state.next > told, "commit {told} was acknowledged, {} are there", state.next);
        assert!(state.next <= told + 2, "one commit may have been under way");
        assert_eq!(state.applied, Some(state.next - 1));
        for number in checked..state.next {
            check_whole(&store, number);
        }
        checked = state.next;
        // And of what was under way, nothing else is there.
        let end = PageRequest::first(1);
        let leads = store.leads(&LeadFilter::default(), LeadSort::Newest, &end).unwrap().rows;
        assert_eq!(leads[0].account, format!("account {}", state.next - 1));
        assert_eq!(leads[0].status, LeadStatus::Open);
        let counted = store.count_leads().unwrap().into_iter().map(|it| it.leads).sum::<u64>();
        assert_eq!(counted, state.next);
        let refused = store.quarantined(&QuarantineFilter::default(), &end).unwrap().rows;
        assert_eq!(refused[0].raw, format!("account {}", state.next - 1).into_bytes());
        let due =
            store.due_deliveries(None, sample::minute(i64::MAX / 100_000_000), 1_000).unwrap();
        assert_eq!(due.len() as u64, state.next.min(1_000));
    }
    let store = open(&path);
    assert_eq!(store.problems().unwrap(), Vec::<String>::new());
    assert!(checked >= KILLS, "each child committed something");
}
