//! Claims about stages.

use firsthand_model::stage::StageMove;

use super::claims;
use super::sample::{commit, minute};
use crate::{AccountStage, Commit, PageRequest, StageCount, Store};

claims![an_account_is_where_its_last_move_led, accounts_are_found_and_counted_by_stage];

fn moved(account: &str, from: Option<&str>, to: &str, held_at: i64) -> StageMove {
    StageMove {
        account: account.into(),
        from: from.map(Into::into),
        to: to.into(),
        held_at: minute(held_at),
        known_at: minute(held_at + 1),
        why: "power".into(),
        correction: false,
    }
}

fn moves(stage_moves: Vec<StageMove>) -> Commit {
    Commit { stage_moves, ..Commit::default() }
}

fn an_account_is_where_its_last_move_led(store: &dyn Store) {
    assert_eq!(store.stage_of("acme").unwrap(), None);
    let up = [moved("acme", None, "lead", 1), moved("acme", Some("lead"), "pql", 2)];
    // A correction leads back, to before what was known first.
    let back = StageMove { correction: true, ..moved("acme", Some("pql"), "subscriber", 0) };
    commit(store, &moves(up.to_vec()));
    commit(store, &moves(vec![back.clone(), moved("other", None, "pql", 9)]));
    let [first, second] = up;
    assert_eq!(store.stage_moves("acme").unwrap(), [first, second, back]);
    let now = AccountStage { account: "acme".into(), stage: "subscriber".into(), since: minute(0) };
    assert_eq!(store.stage_of("acme").unwrap(), Some(now));
}

fn accounts_are_found_and_counted_by_stage(store: &dyn Store) {
    let many = (0..20)
        .map(|it| moved(&format!("a{it:02}"), None, if it % 2 == 0 { "lead" } else { "pql" }, it));
    commit(store, &moves(many.collect()));
    let count = |stage: &str, accounts| StageCount { stage: stage.into(), accounts };
    assert_eq!(store.count_stages().unwrap(), [count("lead", 10), count("pql", 10)]);
    for (stage, step) in [(None, 1), (Some("lead"), 2)] {
        let mut found = Vec::new();
        let mut request = PageRequest::first(3);
        loop {
            let page = store.accounts_by_stage(stage, &request).unwrap();
            found.extend(page.rows.into_iter().map(|it| it.account));
            let Some(next) = page.next else { break };
            request = PageRequest::after(next, 3);
        }
        let wanted = (0..20).step_by(step).map(|it| format!("a{it:02}")).collect::<Vec<_>>();
        assert_eq!(found, wanted);
    }
}
