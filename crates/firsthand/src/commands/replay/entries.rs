//! Every entry that a replay finds, kept small: whole qualifications are made of those that
//! somebody looks at.

use std::cmp::Reverse;

use firsthand_history::Whom;
use firsthand_model::{Text, Time};
use firsthand_rules::timeline::{Interval, Subject};
use firsthand_rules::world::Verdicts;
use rayon::slice::ParallelSliceMut;

use super::qualification::Qualification;
use crate::study::{Asked, Study};

/// Every qualification up to an instant, newest first; excluded subjects have none.
pub struct Entries {
    /// The names of definitions, and the subjects with their accounts: in order, so that numbers
    /// compare as these do.
    definitions: Vec<Text>,
    subjects: Vec<(Subject, Text)>,
    all: Vec<Entry>,
}

/// One of them. Of a large history there are millions.
#[derive(Clone, Copy, Debug)]
struct Entry {
    entered: Time,
    /// [`Time::MAX`], while it holds.
    left: Time,
    known_at: Time,
    definition: u32,
    subject: u32,
}

const _: () = assert!(size_of::<Entry>() == 32);

impl Entry {
    fn left(&self) -> Option<Time> {
        (self.left < Time::MAX).then_some(self.left)
    }
}

impl Entries {
    /// Judges everybody.
    pub fn of(study: &Study, definitions: &[Asked], until: Time) -> anyhow::Result<Self> {
        let mut names: Vec<Text> = definitions.iter().map(|it| it.name.clone()).collect();
        names.sort_unstable();
        let of_subject = |verdicts: &Verdicts| {
            let asked = definitions.iter().filter(|it| it.kind == verdicts.subject.kind);
            let held = asked.flat_map(|it| {
                let definition = names.binary_search(&it.name).expect("all names are there");
                let entry = move |it: &Interval| Entry {
                    entered: it.entered,
                    left: it.left.unwrap_or(Time::MAX),
                    known_at: it.known_at,
                    definition: number(definition),
                    subject: 0,
                };
                verdicts.timelines[it.place].iter().map(entry)
            });
            let held: Box<[Entry]> = held.collect();
            let is_one = verdicts.excluded.is_none() && !held.is_empty();
            is_one.then(|| (verdicts.subject.clone(), verdicts.account.clone(), held))
        };
        let mut kept = study.verdicts(Whom::Qualified, definitions, until, of_subject)?.kept;
        kept.par_sort_unstable_by(|a, b| (&a.0, &a.1).cmp(&(&b.0, &b.1)));
        let mut all = Vec::with_capacity(kept.iter().map(|it| it.2.len()).sum());
        let mut subjects = Vec::with_capacity(kept.len());
        for (subject, account, held) in kept {
            let place = number(subjects.len());
            all.extend(held.iter().map(|it| Entry { subject: place, ..*it }));
            subjects.push((subject, account));
        }
        all.par_sort_unstable_by_key(|it| (Reverse(it.entered), it.definition, it.subject));
        Ok(Self { definitions: names, subjects, all })
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Leaves out those of subjects that are not meant, and if `holding` those that are over.
    pub fn retain(&mut self, holding: bool, is_meant: impl Fn(&Subject) -> bool) {
        let Self { subjects, all, .. } = self;
        let subject = |it: &Entry| &subjects[it.subject as usize].0;
        all.retain(|it| (it.left().is_none() || !holding) && is_meant(subject(it)));
    }

    /// Whether any was known later than it was entered.
    pub fn any_known_late(&self) -> bool {
        self.all.iter().any(|it| it.known_at != it.entered)
    }

    /// The newest, at most so many, whole.
    pub fn newest(&self, count: usize) -> Vec<Qualification> {
        self.whole().take(count).collect()
    }

    /// All of them, whole, one after the other.
    pub fn whole(&self) -> impl Iterator<Item = Qualification> {
        self.all.iter().map(|it| {
            let (subject, account) = &self.subjects[it.subject as usize];
            Qualification {
                definition: self.definitions[it.definition as usize].clone(),
                subject: subject.clone(),
                account: account.clone(),
                interval: Interval { entered: it.entered, left: it.left(), known_at: it.known_at },
                lead: None,
            }
        })
    }
}

fn number(place: usize) -> u32 {
    u32::try_from(place).expect("there are fewer subjects and definitions than 2^32")
}
