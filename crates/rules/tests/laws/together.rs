//! Definitions compiled together share their nodes, and each comes to the same as alone.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use firsthand_model::config::Project;
use firsthand_model::{Fact, Text, Time};
use firsthand_rules::compile::compile;
use firsthand_rules::compile::program::Program;
use firsthand_rules::expect;
use firsthand_rules::timeline::{Interval, Subject};
use proptest::prelude::*;

use crate::pool::{POOL, Shelf, any_world};

/// Each definition of each file, as if it were the only one.
static ALONE: LazyLock<BTreeMap<String, Vec<(Text, Program)>>> = LazyLock::new(|| {
    let shelves = POOL.iter().map(|shelf| {
        let names = shelf.project.definitions.keys();
        let alone = names.map(|name| (name.clone(), compile(&alone(shelf, name)).program));
        (shelf.name.clone(), alone.collect())
    });
    shelves.collect()
});

/// A project without what a definition does not read.
fn alone(shelf: &Shelf, name: &Text) -> Project {
    let mut project = shelf.project.clone();
    project.outcomes.clear();
    let mut wanted = vec![name.clone()];
    let mut next = 0;
    while let Some(name) = wanted.get(next).cloned() {
        let definition = &shelf.project.definitions[&name];
        let texts = [Some(&definition.when), definition.stay.as_ref(), definition.unless.as_ref()];
        let text = texts.into_iter().flatten().map(|it| it.text.as_str()).collect::<String>();
        // What reads others through a score or a grade keeps them all.
        let deep = text.contains("score(") || text.contains("grade(");
        for other in shelf.project.definitions.keys() {
            if (deep || text.contains(&format!("qualified({other})"))) && !wanted.contains(other) {
                wanted.push(other.clone());
            }
        }
        next += 1;
    }
    project.definitions.retain(|name, _| wanted.contains(name));
    project
}

fn timelines(
    project: &Project,
    program: &Program,
    facts: &[Fact],
    until: Time,
    definition: &Text,
) -> BTreeMap<Subject, Vec<Interval>> {
    let (kind, root) = program.definition(definition).unwrap();
    let place = program.root(kind).definitions.iter().position(|it| it.node == root.node).unwrap();
    let judged = expect::judge(project, program, facts, until);
    let found = judged.into_iter().filter(|it| it.subject.kind == kind);
    found.map(|mut it| (it.subject, it.timelines.swap_remove(place))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_definition_comes_to_the_same_alone_and_among_others(world in any_world(2)) {
        let (shelf, facts, until) = (world.shelf(), world.facts(), world.until());
        for (name, program) in &ALONE[&shelf.name] {
            let alone = timelines(&shelf.project, program, &facts, until, name);
            let together = timelines(&shelf.project, &shelf.program, &facts, until, name);
            prop_assert_eq!(alone, together, "{}", name);
        }
    }
}
