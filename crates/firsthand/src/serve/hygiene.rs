//! How well people and accounts are told apart, as the API tells it.
//!
//! A look at everybody takes a while, and the engine has other things to do: it is asked a stretch
//! at a time, and what was found is kept for a minute.

use std::sync::Arc;

use firsthand_engine::Refusals;
use firsthand_model::{Span, Text, Time};
use firsthand_rules::resolve::{Finding, Striking, Survey};
use firsthand_web::Answer;
use firsthand_web::noun::{Example, Found, Hygiene};
use tokio::sync::Mutex;

use super::Server;

/// How many names are looked at between two commits: well below ten milliseconds.
const NAMES_AT_A_TIME: usize = 2_000;
/// For how long what was found is told again.
const KEPT: Span = Span::MINUTE;
/// Most ids that name nobody which are shown.
const JUNK_IDS_SHOWN: usize = 20;

/// What was found last. Whoever asks meanwhile waits for the same look.
pub type Looked = Mutex<Option<(Time, Arc<Hygiene>)>>;

impl Server {
    pub(super) async fn hygiene(&self) -> Answer<Hygiene> {
        let mut looked = self.hygiene.lock().await;
        let now = self.now();
        if let Some((at, found)) = looked.as_ref()
            && now - *at < KEPT
        {
            return Ok(Hygiene::clone(found));
        }
        let mut survey = Survey::default();
        loop {
            let (further, more) = self
                .ask(move |engine| {
                    let more = engine.live().resolver().survey(&mut survey, NAMES_AT_A_TIME);
                    (survey, more)
                })
                .await?;
            survey = further;
            if !more {
                break;
            }
        }
        let found = self
            .ask(move |engine| {
                let live = engine.live();
                let resolver = live.resolver();
                let by_domain =
                    (survey.unmatched_domains(resolver), survey.split_domains(resolver));
                hygiene(survey, by_domain, live.refusals(), now)
            })
            .await?;
        *looked = Some((now, Arc::new(found.clone())));
        Ok(found)
    }
}

fn hygiene(
    survey: Survey,
    (unmatched, split): (Finding, Finding),
    refusals: &Refusals,
    now: Time,
) -> Hygiene {
    Hygiene {
        at: now.into(),
        persons: survey.persons,
        with_account: survey.with_account,
        own_staff: survey.own_staff,
        free_mail: survey.free_mail,
        devices: survey.devices,
        shared_devices: found(survey.shared_devices),
        many_ids: found(survey.many_ids),
        full: found(survey.full),
        several_accounts: found(survey.several_accounts),
        unmatched_domains: found(unmatched),
        split_domains: found(split),
        junk_ids: junk(refusals),
        refused_links: refusals.links,
    }
}

fn found(it: Finding) -> Found {
    let example = |it: Striking| Example {
        id: it.id.to_string(),
        count: it.count,
        names: it.names.iter().map(ToString::to_string).collect(),
    };
    Found { count: it.count, examples: it.examples.into_iter().map(example).collect() }
}

fn junk(refusals: &Refusals) -> Found {
    let mut met: Vec<(&Text, u64)> = refusals.junk_ids.iter().map(|(id, n)| (id, *n)).collect();
    met.sort_by_key(|it| std::cmp::Reverse(it.1));
    let example = |(id, count): &(&Text, u64)| Example {
        id: id.to_string(),
        count: *count,
        names: Vec::new(),
    };
    Found { count: refusals.junk, examples: met.iter().take(JUNK_IDS_SHOWN).map(example).collect() }
}
