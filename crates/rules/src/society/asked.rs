//! What families ask of an account by itself: the first of the two passes.

use crate::compile::program::{Program, Root};

/// A program of which only what families ask for is left. It reads nothing that others say, so that
/// each account answers it alone.
#[derive(Clone, Debug)]
pub struct Asked {
    /// What is judged: no definition, no outcome, nobody but accounts.
    pub program: Program,
    /// The slots and nodes that are asked for.
    pub watched: Vec<(u32, u32)>,
}

impl Asked {
    /// What a program asks of siblings; `None` if it does not.
    pub fn of(program: &Program) -> Option<Self> {
        if program.families.is_empty() {
            return None;
        }
        let watched: Vec<(u32, u32)> =
            program.families.iter().map(|it| (it.slot, it.node)).collect();
        let graph = program.account.graph.needed_part(watched.iter().map(|(_, node)| *node));
        let account = Root { graph, ..Root::default() };
        let program = Program { account, person: Root::default(), ..program.clone() };
        Some(Self { program, watched })
    }
}
