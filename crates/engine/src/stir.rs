//! Whom of an account's people a change of the account concerns, and how.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use firsthand_model::fact::Row;
use firsthand_model::{Text, Time};

/// What has happened to people, until they are judged.
#[derive(Debug, Default)]
pub(crate) struct Stirs {
    people: BTreeMap<Text, Stir>,
}

/// What has happened to one person.
#[derive(Debug, Default)]
pub(crate) struct Stir {
    /// New rows of their stream.
    pub rows: Vec<Row>,
    /// From when on their account tells them something else.
    pub changed: Option<Time>,
    /// Whether only judging them anew from all their rows will do.
    pub anew: bool,
    /// Accounts in which they now have facts of their own.
    pub entered: Vec<Text>,
    /// Accounts in which they now have none.
    pub left: Vec<Text>,
}

impl Stirs {
    fn of(&mut self, person: &Text) -> &mut Stir {
        self.people.entry(person.clone()).or_default()
    }

    /// New rows came to their stream.
    pub fn rows(&mut self, person: &Text, rows: impl IntoIterator<Item = Row>) {
        self.of(person).rows.extend(rows);
    }

    /// Their account tells them something else from an instant on, if it does.
    pub fn told(&mut self, person: &Text, changed: Option<Time>) {
        let stir = self.of(person);
        stir.changed = [stir.changed, changed].into_iter().flatten().min();
    }

    /// They have facts of their own in an account.
    pub fn enters(&mut self, person: &Text, account: &Text, anew: bool) {
        let stir = self.of(person);
        stir.anew |= anew;
        stir.entered.push(account.clone());
    }

    /// They have no facts of their own in an account any more.
    pub fn leaves(&mut self, person: &Text, account: &Text) {
        let stir = self.of(person);
        stir.anew = true;
        stir.left.push(account.clone());
    }

    /// What has happened to others, or to the same since.
    pub fn append(&mut self, later: Self) {
        if self.people.is_empty() {
            self.people = later.people;
            return;
        }
        for (person, later) in later.people {
            match self.people.entry(person) {
                Entry::Vacant(new) => _ = new.insert(later),
                Entry::Occupied(mut known) => known.get_mut().append(later),
            }
        }
    }

    /// What has happened to somebody; nothing has afterwards.
    pub fn take_of(&mut self, person: &Text) -> Option<Stir> {
        self.people.remove(person)
    }

    /// Everybody concerned, in order; nobody is afterwards.
    pub fn take(&mut self) -> BTreeMap<Text, Stir> {
        std::mem::take(&mut self.people)
    }
}

impl Stir {
    fn append(&mut self, later: Self) {
        let Self { rows, changed, anew, entered, left } = later;
        self.rows.extend(rows);
        self.changed = [self.changed, changed].into_iter().flatten().min();
        self.anew |= anew;
        self.entered.extend(entered);
        self.left.extend(left);
    }
}
