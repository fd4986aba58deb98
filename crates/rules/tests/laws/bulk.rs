//! P1: what is judged in bulk, from columns, comes out as judged row by row.

use std::collections::{BTreeMap, BTreeSet};

use firsthand_model::fact::{Kind, Row, RowBody};
use firsthand_model::{Calendar, Time};
use firsthand_rules::bulk::plan::BulkPlan;
use firsthand_rules::bulk::words::Words;
use firsthand_rules::bulk::{BulkJudge, Columns, Found, KeptAccount, Known, NeedsRows, Sparse};
use firsthand_rules::compile::program::Program;
use firsthand_rules::judge::Judge;
use firsthand_rules::story;
use firsthand_rules::world::{self, Judged, Verdicts};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use crate::pool::{POOL, World, accounts, any_world, compiled};

/// An account's verdicts, in bulk.
pub fn in_bulk(
    plan: &BulkPlan,
    account: &str,
    rows: &[Row],
    until: Time,
    only_held: bool,
    turn: usize,
) -> Result<Option<Found>, NeedsRows> {
    let mut words = Words::default();
    let (mut names, mut persons) = (Vec::new(), Vec::new());
    let mut values = vec![(Vec::new(), Vec::new()); plan.paths().len()];
    let mut wanted = Vec::new();
    for (place, row) in (0..).zip(rows) {
        persons.push(row.person.as_ref().map_or(Words::NONE, |it| words.person(it)));
        let RowBody::Event { name, record, values: own } = &row.body else {
            names.push(Words::NONE);
            let kind = match &row.body {
                RowBody::Traits { of, .. } => Some(*of),
                _ => None,
            };
            if plan.wants_standing(kind) {
                wanted.push(row.clone());
            }
            continue;
        };
        names.push(words.name(name, *record));
        let given = plan.wants_values(name, *record);
        for ((rows, numbers), value) in values.iter_mut().zip(own.iter()).filter(|_| given) {
            rows.push(place);
            numbers.push(words.value(value.clone()));
        }
        if plan.wants_row(name, *record) {
            wanted.push(row.clone());
        }
    }
    let read = plan.values_read();
    for (path, column) in (0..).zip(&mut values) {
        if !read.contains(&path) {
            *column = Default::default();
        }
    }
    let told = rows.iter().any(|it| it.known_at.is_some());
    let known = (0..).zip(rows).filter_map(|(row, it)| Some((row, it.known_at?, it.time)));
    let later = known.filter(|(_, at, time)| at > time).map(|(row, at, _)| (row, at.0));
    let columns = Columns {
        account,
        times: &rows.iter().map(|it| it.time.0).collect::<Vec<_>>(),
        known: Known { told, later: &later.collect::<Vec<_>>(), first: 0 },
        names: &names,
        persons: &persons,
        values: values.iter().map(|(rows, numbers)| Sparse { rows, numbers, first: 0 }).collect(),
    };
    let mut judge = BulkJudge::new(plan, Time::MIN, only_held);
    if turn == 0 {
        // What is kept can be put aside, and judged again any number of times.
        if let Some(kept) = judge.keep(&columns, &words, until, || wanted.clone())? {
            let saved = postcard::to_stdvec(&kept).unwrap();
            let mut loaded: KeptAccount = postcard::from_bytes(&saved).unwrap();
            assert_eq!(loaded, kept);
            let first = judge.again(&mut loaded)?;
            let again = judge.again(&mut loaded)?;
            assert_eq!(again, first);
            // What is kept cannot be asked what was thought before.
            if first.as_ref().is_none_or(|it| it.by_rows.is_empty()) {
                assert_eq!(first, judge.account(&columns, &words, until, || wanted.clone())?);
            }
        }
    }
    // The turns of the measures are learnt from the first accounts.
    for _ in 0..turn {
        judge.account(&columns, &words, until, || wanted.clone())?;
    }
    judge.account(&columns, &words, until, || wanted.clone())
}

/// How many timelines were told, and how many of them only by rows.
#[derive(Clone, Copy, Debug, Default)]
struct Told {
    all: usize,
    by_rows: usize,
}

/// Holds bulk against rows for every account and definition, each alone and all together.
fn compare(world: &World) -> Result<Told, TestCaseError> {
    let shelf = world.shelf();
    let mut told = Told::default();
    let definitions = &shelf.program.account.definitions;
    let plan = |places: &[usize]| {
        let named = |name: &str| places.iter().any(|it| definitions[*it].name == name);
        BulkPlan::of(&shelf.program, |it| named(&it.name), true)
    };
    let mut plans: Vec<(Vec<usize>, BulkPlan)> =
        (0..definitions.len()).filter_map(|it| Some((vec![it], plan(&[it])?))).collect();
    let together: Vec<usize> = plans.iter().flat_map(|(places, _)| places).copied().collect();
    plans.extend(plan(&together).map(|it| (together, it)));
    let accounts = world.streams().into_iter().filter(|(kind, ..)| *kind == Kind::Account);
    for (_, id, rows) in accounts {
        let mut judge = Judge::new(&shelf.program, Time::MIN);
        let nothing = world::Told::default();
        let by_rows = world::account(&mut judge, &id, &rows, &nothing, &|_| true, world.until());
        let by_rows = by_rows.map(|it| Verdicts::from(&it.account));
        for (places, plan) in &plans {
            let in_bulk =
                |only_held, turn| in_bulk(plan, &id, &rows, world.until(), only_held, turn);
            let Ok(found) = in_bulk(false, 0) else { continue };
            for turn in [0, 40] {
                let held = |it: &Option<Found>| {
                    let held = it.iter().flat_map(|it| &it.verdicts.timelines).cloned();
                    held.map(|it| it.into_iter().collect::<Vec<_>>()).collect::<Vec<_>>()
                };
                let only_held = in_bulk(true, turn).unwrap();
                let any = held(&found).iter().any(|it| !it.is_empty());
                if any || only_held.is_some() {
                    prop_assert_eq!(held(&only_held), held(&found), "{:?} on {}", places, id);
                }
            }
            let general = |it: &Verdicts| {
                (it.started, it.first, it.last, it.outcomes.clone(), it.excluded.clone())
            };
            let verdicts = found.as_ref().map(|it| &it.verdicts);
            prop_assert_eq!(verdicts.map(general), by_rows.as_ref().map(general), "on {}", id);
            let Some(found) = &found else { continue };
            for place in places {
                told.all += 1;
                if found.by_rows.contains(place) {
                    told.by_rows += 1;
                    continue;
                }
                let expected = &by_rows.as_ref().unwrap().timelines[*place];
                let name = &definitions[*place].name;
                prop_assert_eq!(&found.verdicts.timelines[*place], expected, "{} on {}", name, id);
            }
        }
    }
    Ok(told)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(160))]

    #[test]
    fn in_bulk_and_row_by_row_are_the_same(world in any_world(0)) {
        compare(&world)?;
    }

    /// So is an account whose facts were known late, where bulk can tell when entries were known.
    #[test]
    fn late_facts_change_nothing_in_bulk(world in any_world(3)) {
        compare(&world)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// What a definition needs is all that it needs.
    #[test]
    fn a_program_narrowed_to_a_definition_judges_it_alike(world in any_world(1)) {
        let shelf = world.shelf();
        let accounts = accounts(&shelf.project, &shelf.program, &world.facts());
        let judged = |program: &Program| {
            let parent = &shelf.project.identity.parent_trait;
            world::judge_all(program, &accounts, parent, Time::MIN, world.until())
        };
        let whole = judged(&shelf.program);
        for kind in [Kind::Account, Kind::Person] {
            for (place, definition) in shelf.program.root(kind).definitions.iter().enumerate() {
                let narrow = judged(&shelf.program.narrowed(|it| it.name == definition.name));
                let told = |all: &[Judged]| {
                    let of_kind = all.iter().filter(|it| it.subject.kind == kind);
                    let told = of_kind.map(|it| (it.subject.clone(), it.timelines[place].clone()));
                    told.collect::<BTreeMap<_, _>>()
                };
                prop_assert_eq!(told(&narrow), told(&whole), "{}", definition.name);
            }
        }
    }
}

#[test]
fn late_facts_seldom_need_rows() {
    let mut runner = TestRunner::deterministic();
    let (mut all, mut by_rows) = (0, 0);
    for _ in 0..40 {
        let world = any_world(3).new_tree(&mut runner).unwrap().current();
        let told = compare(&world).unwrap();
        (all, by_rows) = (all + told.all, by_rows + told.by_rows);
    }
    assert!(all > 500 && by_rows * 50 < all, "{by_rows} of {all}");
}

#[test]
fn most_of_the_corpus_is_judged_in_bulk() {
    let definitions = POOL.iter().flat_map(|shelf| {
        shelf.program.account.definitions.iter().map(|it| (&shelf.program, &it.name))
    });
    let (mut all, mut left_out) = (0, BTreeSet::new());
    for (program, name) in definitions {
        all += 1;
        if BulkPlan::of(program, |it| it.name == *name, true).is_none() {
            left_out.insert(name);
        }
    }
    assert!(left_out.len() * 4 < all, "{} of {all} are left out: {left_out:?}", left_out.len());
}

/// What stands only in what a measure is compared with was not told to matter, so a fact of it
/// known late was thought known in time.
#[test]
fn a_late_fact_read_only_by_a_threshold_matters() {
    let when = r#"count("Report exported") >= since("Signed up") / 1d"#;
    let (project, program) = compiled(&format!("definition: d\nwhen: '{when}'\n"));
    let facts = "
        2026-01-05 00:00  ana  Signed up
        2026-01-05 01:00 known 2026-01-05 02:00  ana  Signed up
        2026-01-05 02:00  ana  Signed up
    ";
    let facts = story::facts(facts, &Calendar::default(), Some(story::DEFAULT_ACCOUNT)).unwrap();
    let rows = accounts(&project, &program, &facts).remove(story::DEFAULT_ACCOUNT).unwrap();
    let plan = BulkPlan::of(&program, |_| true, true).unwrap();
    let until = "2026-01-06T00:00:00Z".parse().unwrap();
    let found = in_bulk(&plan, story::DEFAULT_ACCOUNT, &rows, until, false, 0);
    let found = found.unwrap().unwrap();
    assert!(found.by_rows.is_empty());
    let timeline = found.verdicts.timelines[0].iter();
    let known = timeline.map(|it| it.known_at).collect::<Vec<Time>>();
    let expected = ["2026-01-05T00:00:00Z", "2026-01-05T02:00:00Z", "2026-01-05T02:00:00Z"];
    assert_eq!(known, expected.map(|it| it.parse().unwrap()));
}

/// P8: an account is judged anew before so many arrivals only.
#[test]
fn of_an_account_full_of_surprises_some_definitions_need_rows() {
    let text = "
definition: ever
when: count(\"Report exported\") >= 1
---
definition: often
when: count(\"Report exported\", last 10min) >= 1
";
    let (project, program) = compiled(text);
    let lines = (0..200).map(|it| {
        let (day, hour) = (1 + it / 24, it % 24);
        let known = format!("2026-01-{:02} {:02}:30", 1 + (it + 3) / 24, (it + 3) % 24);
        format!("2026-01-{day:02} {hour:02}:00 known {known}  ana  Report exported\n")
    });
    let calendar = Calendar::default();
    let facts = story::facts(&lines.collect::<String>(), &calendar, Some(story::DEFAULT_ACCOUNT));
    let rows =
        accounts(&project, &program, &facts.unwrap()).remove(story::DEFAULT_ACCOUNT).unwrap();
    let plan = BulkPlan::of(&program, |_| true, true).unwrap();
    let until = "2026-02-01T00:00:00Z".parse().unwrap();
    let found = in_bulk(&plan, story::DEFAULT_ACCOUNT, &rows, until, false, 0).unwrap().unwrap();
    assert_eq!(found.by_rows, [1]);
    assert_eq!(found.verdicts.timelines[0].len(), 1);
}
