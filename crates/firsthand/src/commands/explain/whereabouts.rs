//! What to say of an id of which nothing is judged: who may be meant.

use std::collections::BTreeSet;

use firsthand_history::{AccountRows, Projection, Scan};
use firsthand_model::diagnostic::nearest;
use firsthand_model::fact::{Kind, RowBody};
use firsthand_model::{Text, Time};

use super::when;
use crate::exit::Misuse;
use crate::study::Study;

/// Ids that are suggested.
const SUGGESTED: usize = 3;

/// Why nobody was found under an id, and whom it may mean.
pub fn nobody(study: &Study, id: &str, kind: Option<Kind>, at: Time) -> anyhow::Result<Misuse> {
    let known = |it: &AccountRows<'_>| Known::of(it, at);
    let mut known =
        study.history.for_each_account(&Projection::default(), Scan::default(), known)?;
    known.retain(|it| it.begun);
    if kind != Some(Kind::Account)
        && let Some(home) = known.iter().find(|it| it.people.contains(id))
    {
        let home = &home.account;
        return Ok(Misuse::new(format!("`{id}` is a person, and no definition judges persons"))
            .help(format!(
                "The person's account may have qualified: `firsthand explain {home}`."
            )));
    }
    let what = kind.map_or("somebody", Kind::word);
    let message = match kind {
        None => format!("nothing was recorded of `{id}` by {}", when(study, at)),
        Some(_) => format!("nothing was recorded of {what} `{id}` by {}", when(study, at)),
    };
    let near = near(id, kind, &known);
    let help = if near.is_empty() {
        "`firsthand accounts` lists all accounts.".to_owned()
    } else {
        let near: Vec<String> = near.iter().map(|it| format!("`{it}`")).collect();
        format!("Did you mean {}?", near.join(" or "))
    };
    Ok(Misuse::new(message).help(help))
}

/// Ids that look alike, contain the text, or belong to an account of that name.
fn near(id: &str, kind: Option<Kind>, known: &[Known]) -> Vec<Text> {
    let text = id.to_lowercase();
    let accounts = known.iter().filter(|_| kind != Some(Kind::Person));
    let people = known.iter().filter(|_| kind != Some(Kind::Account)).flat_map(|it| &it.people);
    let mut near: Vec<Text> = Vec::new();
    for it in accounts.clone() {
        if it.name.as_ref().is_some_and(|name| name.to_lowercase() == text) {
            near.push(it.account.clone());
        }
    }
    let mut ids: BTreeSet<&Text> = accounts.map(|it| &it.account).chain(people).collect();
    while near.len() < SUGGESTED {
        let Some(next) = nearest(id, ids.iter().map(|it| it.as_str())).map(Text::from) else {
            break;
        };
        ids.remove(&next);
        near.push(next);
    }
    let containing = ids.iter().filter(|it| !text.is_empty() && it.to_lowercase().contains(&text));
    near.extend(containing.take(SUGGESTED).map(|it| (*it).clone()));
    let mut seen = BTreeSet::new();
    near.retain(|it| seen.insert(it.clone()));
    near.truncate(SUGGESTED);
    near
}

/// The ids of an account and its people.
struct Known {
    account: Text,
    name: Option<Text>,
    people: BTreeSet<Text>,
    begun: bool,
}

impl Known {
    fn of(stream: &AccountRows<'_>, at: Time) -> Self {
        let rows = &stream.rows[..stream.rows.partition_point(|it| it.time <= at)];
        let mut name = None;
        for row in rows {
            if let RowBody::Traits { of: Kind::Account, traits } = &row.body {
                let names = traits.iter().filter(|(path, _)| path == "name");
                name = names.map(|(_, it)| it.to_string().into()).next_back().or(name);
            }
        }
        Self {
            account: stream.account.into(),
            name,
            people: rows.iter().filter_map(|it| it.person.clone()).collect(),
            begun: !rows.is_empty(),
        }
    }
}
