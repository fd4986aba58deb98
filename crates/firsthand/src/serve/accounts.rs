//! Accounts, definitions and explanations, as the API tells them.

use std::collections::BTreeMap;

use firsthand_engine::Live;
use firsthand_model::fact::{Kind, Row, RowBody};
use firsthand_model::{Scalar, Text, Time};
use firsthand_rules::explain::{Conditions, Met, explain};
use firsthand_rules::timeline::Subject as Who;
use firsthand_rules::world::{self, Told};
use firsthand_store::{
    Definitions, LeadFilter, LeadSort, Leads, Ledger, PageRequest, PublishedState, Stages,
};
use firsthand_web::noun::{
    Account, AccountDetail, AccountFilter, At, Definition, DefinitionDetail, DefinitionState,
    DefinitionVersion, Explanation, Listing, Member, Page, StageMove, Subject, SubjectKind,
};
use firsthand_web::{Answer, Failure};
use serde_json::{Map, Value};

use super::Server;
use super::leads::{held_noun, lead_noun};
use super::usage::trait_of;

/// Most people that are told of an account.
const PEOPLE_MAX: usize = 100;
/// Ids of accounts that are sorted at a time.
const SORTED_AT_ONCE: usize = 1_000;

impl Server {
    pub(super) async fn accounts(
        &self,
        filter: &AccountFilter,
        listing: &Listing,
    ) -> Answer<Page<Account>> {
        let (filter, after) = (filter.clone(), listing.after.clone());
        let limit = usize::try_from(listing.limit).unwrap_or(usize::MAX);
        // The stages stand in the store, all else in the engine's memory: one more than a page is
        // asked for, until a page is full.
        let mut items: Vec<Account> = Vec::new();
        let mut after = after.unwrap_or_default();
        loop {
            let (plan, text, from) = (filter.plan.clone(), filter.text.clone(), after.clone());
            let found = self
                .ask(move |engine| {
                    let live = engine.live();
                    let ids = live.customers().map(|(id, _)| id);
                    let ids = in_order(ids.filter(|it| it.as_str() > &*from).collect());
                    let accounts = ids.filter_map(|id| account(live, id));
                    let fits = |it: &Account| {
                        plan.as_ref().is_none_or(|plan| it.plan.as_ref() == Some(plan))
                            && text.as_ref().is_none_or(|text| matches_text(it, text))
                    };
                    accounts.filter(fits).take(limit + 1).collect::<Vec<_>>()
                })
                .await?;
            let more = found.len() > limit;
            if let Some(last) = found.last() {
                after.clone_from(&last.id);
            }
            let staged = self
                .stored(move |store| {
                    let mut staged = Vec::with_capacity(found.len());
                    for mut it in found {
                        it.stage = store.stage_of(&it.id)?.map(|it| it.stage.to_string());
                        staged.push(it);
                    }
                    Ok(staged)
                })
                .await?;
            let in_stage = |it: &Account| {
                filter.stages.is_empty()
                    || it.stage.as_ref().is_some_and(|stage| filter.stages.contains(stage))
            };
            items.extend(staged.into_iter().filter(in_stage));
            if !more || items.len() > limit {
                break;
            }
        }
        let next = (items.len() > limit).then(|| items[limit - 1].id.clone());
        items.truncate(limit);
        Ok(Page { items, next })
    }

    pub(super) async fn account(&self, id: &str) -> Answer<Option<AccountDetail>> {
        let id = Text::from(id);
        let asked = id.clone();
        let found = self.ask(move |engine| {
            let live = engine.live();
            let customer = live.customer(&asked)?;
            let people = customer.people().iter().take(PEOPLE_MAX).map(|it| Member {
                id: it.to_string(),
                role: None,
                last_seen_at: None,
            });
            Some(AccountDetail {
                account: account(live, &asked)?,
                traits: traits(customer.traits()),
                stages: Vec::new(),
                qualifications: Vec::new(),
                leads: Vec::new(),
                people: people.collect(),
                people_count: customer.people().len() as u64,
            })
        });
        let Some(mut detail) = found.await? else { return Ok(None) };
        self.stored(move |store| {
            detail.account.stage = store.stage_of(&id)?.map(|it| it.stage.to_string());
            detail.stages = store
                .stage_moves(&id)?
                .into_iter()
                .map(|it| StageMove {
                    at: it.held_at.into(),
                    from: it.from.map(|it| it.to_string()),
                    to: it.to.to_string(),
                    cause: Some(it.why.to_string()),
                    corrected: it.correction,
                })
                .collect();
            let who = Who { kind: Kind::Account, id: id.clone() };
            let mut held = store.qualifications_of(&who)?;
            held.extend(
                store.open_qualifications_in(&id)?.into_iter().filter(|it| it.subject != who),
            );
            held.sort_by_key(|it| std::cmp::Reverse(it.interval.entered));
            detail.qualifications = held.iter().map(held_noun).collect();
            let filter = LeadFilter { account: Some(id.clone()), ..LeadFilter::default() };
            let page = PageRequest::first(PEOPLE_MAX.try_into().unwrap_or(100));
            for lead in store.leads(&filter, LeadSort::Newest, &page)?.rows {
                let evidence = store.lead(&lead.id)?.map(|it| it.evidence).unwrap_or_default();
                let mut lead = lead_noun(&lead, &evidence, detail.account.stage.clone());
                lead.account_name.clone_from(&detail.account.name);
                detail.leads.push(lead);
            }
            Ok(Some(detail))
        })
        .await
    }

    pub(super) async fn explain(
        &self,
        subject: &Subject,
        definition: &str,
        at: Option<Time>,
    ) -> Answer<Option<Explanation>> {
        let (subject, definition, now) = (subject.clone(), Text::from(definition), self.now());
        self.ask(move |engine| explain_one(engine.live(), &subject, &definition, at, now))
            .await?
            .map_err(Failure::broken)
    }

    pub(super) async fn definitions(&self) -> Answer<Vec<Definition>> {
        let about = self.ask(|engine| about_definitions(engine.live())).await?;
        self.stored(move |store| {
            // While a version is judged over the history, the one that decides is told of.
            let mut current = store.current_definitions()?;
            current.sort_by_key(|it| (it.name.clone(), !it.state.decides()));
            current.dedup_by(|later, first| later.name == first.name);
            let mut all = Vec::new();
            for it in current {
                let holds = store.count_open_qualifications(&it.name, &it.version)?;
                let about = about.get(&it.name).cloned().unwrap_or_default();
                all.push(Definition {
                    name: it.name.to_string(),
                    version: it.version.to_string(),
                    of: about.of.unwrap_or(SubjectKind::Account),
                    track: about.track,
                    description: about.title,
                    state: state_noun(it.state),
                    published_at: it.published_at.into(),
                    holds,
                });
            }
            Ok(all)
        })
        .await
    }

    pub(super) async fn definition(&self, name: &str) -> Answer<Option<DefinitionDetail>> {
        let found = self.definitions().await?.into_iter().find(|it| it.name == name);
        let Some(definition) = found else { return Ok(None) };
        let name = name.to_owned();
        self.stored(move |store| {
            let versions = store.definition_versions(&name)?;
            let text = versions.iter().find(|it| it.version == *definition.version);
            Ok(Some(DefinitionDetail {
                text: text.map(|it| it.text.clone()).unwrap_or_default(),
                versions: versions
                    .iter()
                    .map(|it| DefinitionVersion {
                        version: it.version.to_string(),
                        state: state_noun(it.state),
                        published_at: it.published_at.into(),
                        applied_to_existing: it.applied_to_existing,
                        published_by: it.published_by.to_string(),
                        text: it.text.clone(),
                    })
                    .collect(),
                definition,
            }))
        })
        .await
    }
}

/// What the project says of a definition.
#[derive(Clone, Default)]
struct About {
    of: Option<SubjectKind>,
    track: String,
    title: Option<String>,
}

fn about_definitions(live: &Live) -> BTreeMap<Text, About> {
    let definitions = live.rules().project.definitions.values();
    let about = definitions.map(|it| {
        let of = match it.subject {
            Kind::Account => SubjectKind::Account,
            Kind::Person => SubjectKind::Person,
        };
        let title = it.title.as_ref().map(ToString::to_string);
        (it.name.clone(), About { of: Some(of), track: it.track.word().to_owned(), title })
    });
    about.collect()
}

fn state_noun(state: PublishedState) -> DefinitionState {
    match state {
        // It decides; that something is still being done for it concerns nobody who reads.
        PublishedState::Running | PublishedState::Applying => DefinitionState::Running,
        PublishedState::Backfilling => DefinitionState::Backfilling,
        PublishedState::Retired => DefinitionState::Retired,
    }
}

fn account(live: &Live, id: &Text) -> Option<Account> {
    let customer = live.customer(id).filter(|it| it.first() < Time::MAX)?;
    let text = |name| trait_of(customer.traits(), name).map(|(text, _)| text.to_string());
    Some(Account {
        id: id.to_string(),
        name: text("name"),
        stage: None,
        plan: text("plan"),
        first_seen_at: Some(customer.first().into()),
        last_seen_at: customer.last().map(At),
    })
}

/// The ids in order. They are sorted a few at a time: mostly nobody asks for more than the first,
/// and the engine has other things to do.
fn in_order(mut ids: Vec<&Text>) -> impl Iterator<Item = &Text> {
    let sorted = std::iter::from_fn(move || {
        if ids.is_empty() {
            return None;
        }
        let mut rest = Vec::new();
        if ids.len() > SORTED_AT_ONCE {
            ids.select_nth_unstable(SORTED_AT_ONCE);
            rest = ids.split_off(SORTED_AT_ONCE);
        }
        let mut first = std::mem::replace(&mut ids, rest);
        first.sort_unstable();
        Some(first)
    });
    sorted.flatten()
}

/// Whether an id or name begins with a text, or has a word that does.
fn matches_text(account: &Account, text: &str) -> bool {
    let text = text.to_lowercase();
    let begins = |it: &str| {
        let it = it.to_lowercase();
        it.starts_with(&text) || it.split(|c: char| !c.is_alphanumeric()).any(|it| it == text)
    };
    begins(&account.id) || account.name.as_deref().is_some_and(begins)
}

fn traits(rows: &[Row]) -> Map<String, Value> {
    let mut traits = Map::new();
    for row in rows {
        let RowBody::Traits { traits: set, .. } = &row.body else { continue };
        for (name, value) in set {
            match json(value) {
                Value::Null => _ = traits.remove(name.as_str()),
                value => _ = traits.insert(name.to_string(), value),
            }
        }
    }
    traits
}

pub(super) fn json(value: &Scalar) -> Value {
    match value {
        Scalar::Missing => Value::Null,
        Scalar::Bool(it) => Value::Bool(*it),
        Scalar::Number(it) => serde_json::from_str(&it.to_string()).unwrap_or(Value::Null),
        Scalar::Text(it) => Value::String(it.to_string()),
        Scalar::List(of) => Value::Array(of.iter().map(json).collect()),
    }
}

/// A kind of subject as the rules have it.
pub(super) fn kind_row(kind: SubjectKind) -> Kind {
    match kind {
        SubjectKind::Account => Kind::Account,
        SubjectKind::Person => Kind::Person,
    }
}

/// Explains as of now from the engine's state, as of another instant from the facts.
pub(super) fn explain_one(
    live: &Live,
    subject: &Subject,
    definition: &Text,
    at: Option<Time>,
    now: Time,
) -> Result<Option<Explanation>, firsthand_engine::EngineError> {
    let kind = kind_row(subject.kind);
    let rules = live.rules();
    let who = Who { kind, id: subject.id.as_str().into() };
    let mut judge = live.judge();
    let Some(account) = live.account_of(&who) else { return Ok(None) };
    let (judged, held);
    let stream = match at {
        None => match live.subject(&who) {
            Some(state) => {
                held = state.stream();
                &*held
            }
            None => return Ok(None),
        },
        Some(at) => {
            let rows = live.rows_of(&account)?;
            let nobody = |_: &str| false;
            judged = world::account(&mut judge, &account, &rows, &Told::default(), &nobody, at);
            let Some(judged) = &judged else { return Ok(None) };
            let mut all = judged.persons.iter().chain([&judged.account]);
            match all.find(|it| it.subject == who) {
                Some(judged) => &judged.stream,
                None => return Ok(None),
            }
        }
    };
    let Some(found) = explain(&rules.project, &judge, stream, definition) else { return Ok(None) };
    let value = |it: &Conditions| serde_json::to_value(it).unwrap_or(Value::Null);
    let words: Vec<String> = found
        .when
        .all()
        .into_iter()
        .map(|it| format!("{}: {}", if it.met == Met::Met { "met" } else { "not met" }, it.words))
        .collect();
    let missing = if found.holds { Vec::new() } else { found.when.missing() };
    Ok(Some(Explanation {
        subject: subject.clone(),
        definition: found.definition.to_string(),
        version: found.version.to_string(),
        at: at.unwrap_or(now).into(),
        holds: found.holds,
        words: words.join("\n"),
        missing: missing.into_iter().map(|it| it.words.clone()).collect(),
        when: value(&found.when),
        stay: found.stay.as_ref().map(value),
        unless: found.unless.as_ref().map(value),
        next_at: found.next.map(At),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_come_in_order_however_many_there_are() {
        for count in [0, 1, SORTED_AT_ONCE, SORTED_AT_ONCE + 1, 3 * SORTED_AT_ONCE + 7] {
            let ids: Vec<Text> =
                (0..count).map(|it| (it * 7_919 % 10_007).to_string().into()).collect();
            let mut wanted: Vec<&Text> = ids.iter().collect();
            wanted.sort_unstable();
            assert_eq!(in_order(ids.iter().collect()).collect::<Vec<_>>(), wanted);
        }
    }
}
