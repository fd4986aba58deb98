//! What is asked of subjects by themselves, for others to read: the first of the two passes.

use firsthand_model::fact::Kind;

use super::AMONG;
use crate::compile::program::{Program, Root};

/// A program of which only what families and populations ask for is left. It reads nothing that
/// siblings say and no standing, so that each subject answers it alone.
#[derive(Clone, Debug)]
pub struct Asked {
    /// What is judged: no definition, no outcome.
    pub program: Program,
    /// The slots and nodes that are asked of accounts.
    pub of_accounts: Vec<(u32, u32)>,
    /// Those that are asked of people.
    pub of_people: Vec<(u32, u32)>,
}

impl Asked {
    /// What a program asks across subjects; `None` if it does not.
    pub fn of(program: &Program) -> Option<Self> {
        if program.families.is_empty() && program.populations.is_empty() {
            return None;
        }
        let standings = |kind: Kind| {
            let asked = program.populations.iter().filter(move |it| it.kind == kind);
            asked.flat_map(|it| {
                let among = it.among.map(|node| (it.slot | AMONG, node));
                among.into_iter().chain([(it.slot, it.value)])
            })
        };
        let of_families = program.families.iter().map(|it| (it.slot, it.node));
        let of_accounts: Vec<_> = of_families.chain(standings(Kind::Account)).collect();
        let of_people: Vec<_> = standings(Kind::Person).collect();
        let part = |root: &Root, asked: &[(u32, u32)]| Root {
            graph: root.graph.needed_part(asked.iter().map(|(_, node)| *node)),
            ..Root::default()
        };
        let account = part(&program.account, &of_accounts);
        let person = part(&program.person, &of_people);
        let program = Program { account, person, ..program.clone() };
        Some(Self { program, of_accounts, of_people })
    }

    /// The slots and nodes that are asked of a kind of subject.
    pub fn of_kind(&self, kind: Kind) -> &[(u32, u32)] {
        match kind {
            Kind::Account => &self.of_accounts,
            Kind::Person => &self.of_people,
        }
    }
}
