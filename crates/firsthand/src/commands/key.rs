//! `firsthand key`: tokens for the API, and keys with which the product signs tokens of persons.

use firsthand_model::{Calendar, Span, Text};
use firsthand_store::{Key, KeyKind, Keys, SqliteStore};
use firsthand_web::backend::{Scope, TokenHash};

use crate::args::Global;
use crate::clock;
use crate::exit::{Misuse, Status};
use crate::output::{Cell, Output, Table};
use crate::people;
use crate::project::Folder;
use crate::serve::running::open_store;
use crate::signing::{self, Root};

/// Arguments of `key`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    act: Act,
}

#[derive(Debug, clap::Subcommand)]
enum Act {
    /// Make a token and show it, once
    Add {
        /// What people call it; acts are recorded under this name
        name: String,
        /// What it may do; may be given several times [default: everything but `admin`]
        #[arg(long, value_name = "SCOPE")]
        scope: Vec<String>,
        /// After how many days it is no longer taken [default: never]
        #[arg(long, value_name = "DAYS")]
        days: Option<u16>,
    },
    /// Make a key with which your server signs who reads messages inside the product, and show its
    /// secret
    Sign {
        /// What people call it
        name: String,
        /// After how many days what it signs is no longer taken [default: never]
        #[arg(long, value_name = "DAYS")]
        days: Option<u16>,
    },
    /// Show all tokens and signing keys, without what is secret
    List,
    /// Take a token or a signing key back
    Revoke {
        /// Its id, as `list` shows it
        id: String,
    },
}

pub fn run(args: &Args, global: &Global, output: Output) -> anyhow::Result<Status> {
    let folder = Folder::find(global.project.as_deref())?;
    let store = open_store(&folder.store())?;
    match &args.act {
        Act::Add { name, scope, days } => add(&store, name, scope, *days, output),
        Act::Sign { name, days } => sign(&store, name, *days, output),
        Act::List => list(&store, output),
        Act::Revoke { id } => revoke(&store, id, output),
    }
}

fn add(
    store: &SqliteStore,
    name: &str,
    scopes: &[String],
    days: Option<u16>,
    output: Output,
) -> anyhow::Result<Status> {
    let mut parsed = Vec::new();
    for scope in scopes {
        let known = || Scope::ALL.iter().map(|it| it.word());
        let scope: Scope = scope
            .parse()
            .map_err(|_| Misuse::unknown("scope", scope, known().collect::<Vec<_>>()))?;
        parsed.push(scope);
    }
    if parsed.is_empty() {
        parsed = Scope::ALL.into_iter().filter(|it| *it != Scope::Admin).collect();
    }
    let now = clock::now();
    let scopes = parsed.iter().map(|it| Text::new_static(it.word())).collect();
    let expires_at = days.map(|days| now + Span::DAY.times(i64::from(days)));
    let (key, token) = people::new_key(name, scopes, "firsthand key add", expires_at, now)?;
    store.add_key(&key)?;
    show(&key, "token", token, output)?;
    output.note("The token is shown this once; only its hash is kept.");
    Ok(Status::Done)
}

fn sign(
    store: &SqliteStore,
    name: &str,
    days: Option<u16>,
    output: Output,
) -> anyhow::Result<Status> {
    let id = format!("key_{}", &blake3::Hash::from_bytes(signing::random()?).to_hex()[..12]);
    let secret = Root::of(store)?.signing_secret(&id);
    let now = clock::now();
    let key = Key {
        hash: blake3::Hash::from_bytes(TokenHash::of(&secret).0).to_hex().as_str().into(),
        hint: secret[secret.len() - people::HINT_LETTERS..].into(),
        id: id.into(),
        kind: KeyKind::Sign,
        name: name.into(),
        scopes: Vec::new(),
        created_by: "firsthand key sign".into(),
        created_at: now,
        expires_at: days.map(|days| now + Span::DAY.times(i64::from(days))),
        last_used_at: None,
        revoked_at: None,
    };
    store.add_key(&key)?;
    show(&key, "secret", secret, output)?;
    output.note(&format!(
        "Give it to your server alone, and put the key's id into each token: `kid: {}`.",
        key.id
    ));
    Ok(Status::Done)
}

/// Shows what is secret about a key, this once.
fn show(key: &Key, called: &'static str, secret: String, output: Output) -> anyhow::Result<()> {
    if output.for_people() {
        // Whole and alone, so that it can be taken into a variable.
        return output.text(&format!("{secret}\n"));
    }
    let mut table = Table::new(&[("id", "id"), ("name", "name"), (called, called)]);
    let (id, name) = (key.id.to_string(), key.name.to_string());
    table.push([Cell::Text(id), Cell::Text(name), Cell::Text(secret)]);
    output.table(&table)
}

/// The keys that this command makes; write keys are the configuration's.
fn listed(store: &SqliteStore) -> anyhow::Result<Vec<Key>> {
    let mut keys = store.keys(None)?;
    keys.retain(|it| it.kind != KeyKind::Write);
    Ok(keys)
}

fn list(store: &SqliteStore, output: Output) -> anyhow::Result<Status> {
    let keys = listed(store)?;
    let mut table = Table::new(&[
        ("id", "id"),
        ("kind", "kind"),
        ("name", "name"),
        ("hint", "ends in"),
        ("scopes", "scopes"),
        ("created_at", "created"),
        ("expires_at", "expires"),
        ("revoked_at", "revoked"),
    ]);
    let calendar = Calendar::default();
    for key in &keys {
        table.push([
            Cell::Text(key.id.to_string()),
            Cell::Text(key.kind.word().to_owned()),
            Cell::Text(key.name.to_string()),
            Cell::Text(key.hint.to_string()),
            Cell::List(key.scopes.iter().map(ToString::to_string).collect()),
            Cell::time(key.created_at, &calendar),
            Cell::maybe_time(key.expires_at, &calendar),
            Cell::maybe_time(key.revoked_at, &calendar),
        ]);
    }
    output.table(&table)?;
    Ok(Status::Done)
}

fn revoke(store: &SqliteStore, id: &str, output: Output) -> anyhow::Result<Status> {
    let keys = listed(store)?;
    let known = || keys.iter().map(|it| it.id.as_str());
    if !known().any(|it| it == id) {
        return Err(Misuse::unknown("key", id, known().collect::<Vec<_>>()).into());
    }
    let was_in_force = store.revoke_key(id, clock::now())?;
    output.note(if was_in_force { "revoked" } else { "it was revoked before" });
    Ok(Status::Done)
}
