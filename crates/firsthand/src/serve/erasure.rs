//! Erasing a person or an account, as the API asks for it.

use std::path::Path;
use std::sync::Arc;

use firsthand_engine::{ErasureOrder, identities};
use firsthand_history::Gone;
use firsthand_model::fact::Kind;
use firsthand_model::{Mentions, Text, Time};
use firsthand_rules::timeline::Subject as Whom;
use firsthand_store::{Erasure as Row, Erasures, Settings, SqliteStore, StoreError};
use firsthand_web::backend::Caller;
use firsthand_web::noun::{At, Erasure, ErasureState, Subject, SubjectKind};
use firsthand_web::{Answer, Failure};
use tokio::sync::oneshot;

use super::imports::shelf::{FOLDER, Shelf, erase as erase_uploads};
use super::{Server, busy};
use crate::rejects;

/// The setting that holds the key of the hashes.
const KEY: &str = "erasure_key";
const KEY_BYTES: usize = 32;

/// The order to erase somebody: its name and the hash come from a key that never leaves the store.
pub fn order(
    store: &SqliteStore,
    subject: Whom,
    by: &str,
    now: Time,
) -> anyhow::Result<ErasureOrder> {
    let mut fresh = [0; KEY_BYTES];
    getrandom::fill(&mut fresh).map_err(|error| anyhow::anyhow!("no random numbers: {error}"))?;
    let key = store.setting_or(KEY, &blake3::Hash::from_bytes(fresh).to_hex())?;
    let key = blake3::Hash::from_hex(&key)?;
    let named = format!("{}\n{}", subject.kind, subject.id);
    let hash = blake3::keyed_hash(key.as_bytes(), named.as_bytes()).to_hex();
    let id = blake3::hash(format!("{now}\n{hash}").as_bytes()).to_hex();
    Ok(ErasureOrder {
        id: format!("erase_{}", &id[..20]).into(),
        subject,
        subject_hash: hash.as_str().into(),
        by: by.into(),
    })
}

/// Takes somebody out of what imports could not read and of uploaded files, which lie beside it
/// where no server looks after them; adds that to the count.
///
/// # Errors
/// Where the file cannot be read or written.
pub fn erase_rejects(path: &Path, shelf: Option<&Shelf>, erasure: &mut Row) -> anyhow::Result<()> {
    let Some(ids) = &erasure.ids else { return Ok(()) };
    let gone: Gone = serde_json::from_str(ids)?;
    let who = identities(&gone);
    let mentions = Mentions::of(who.all().map(Text::as_str));
    let mut erased = rejects::erase(path, &mentions)?;
    erased += match shelf {
        Some(shelf) => shelf.erase(&mentions)?,
        None => erase_uploads(&path.with_file_name(FOLDER), &mentions)?,
    };
    if erased > 0 {
        *erasure.erased.entry("rejects".into()).or_default() += erased;
    }
    Ok(())
}

impl Server {
    pub(super) async fn erase(&self, subject: &Subject, by: &Caller) -> Answer<Option<Erasure>> {
        let kind = match subject.kind {
            SubjectKind::Account => Kind::Account,
            SubjectKind::Person => Kind::Person,
        };
        let (now, by) = (self.now(), by.name.clone());
        let whom = Whom { kind, id: subject.id.as_str().into() };
        let (events, rejects) = (Arc::clone(&self.events), self.rejects.clone());
        let (shelf, reporting) = (self.shelf.clone(), Arc::clone(&self.reporting));
        let (answer, begun) = oneshot::channel();
        let put = self.engine()?.ask(move |engine| {
            let ordered = order(engine.store(), whom, &by, now)
                .and_then(|order| Ok(engine.order_erasure(&order, now)?));
            let mut erasure = match ordered {
                Ok(Some(erasure)) => erasure,
                other => {
                    answer.send(other).ok();
                    return;
                }
            };
            // Whoever asked may have gone away; it is done all the same.
            answer.send(Ok(Some(erasure.clone()))).ok();
            let erased = erase_rejects(&rejects, shelf.as_deref(), &mut erasure)
                .and_then(|()| Ok(engine.erase(erasure, now)?));
            events.forget();
            reporting.forget();
            if let Err(error) = erased {
                tracing::error!(%error, "an erasure was cut off; asking once more, or the next start, goes on with it");
            }
        });
        put.map_err(busy)?;
        let begun = begun.await.map_err(|_| Failure::broken("the engine has stopped"))?;
        Ok(begun.map_err(Failure::broken)?.as_ref().map(noun))
    }

    pub(super) async fn erasure(&self, id: &str) -> Answer<Option<Erasure>> {
        let id = id.to_owned();
        let found = self.stored(move |store| -> Result<_, StoreError> { store.erasure(&id) });
        Ok(found.await?.as_ref().map(noun))
    }
}

fn noun(row: &Row) -> Erasure {
    Erasure {
        id: row.id.to_string(),
        subject: Subject {
            kind: match row.kind {
                Kind::Account => SubjectKind::Account,
                Kind::Person => SubjectKind::Person,
            },
            id: row.subject_hash.to_string(),
        },
        state: if row.done_at.is_some() { ErasureState::Done } else { ErasureState::Running },
        requested_at: row.asked_at.into(),
        done_at: row.done_at.map(At),
        erased: row.erased.iter().map(|(what, count)| (what.to_string(), *count)).collect(),
        left: row.left,
    }
}
