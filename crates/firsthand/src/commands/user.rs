//! `firsthand user`: who works with Firsthand.

use firsthand_model::Calendar;
use firsthand_store::{Role, SqliteStore, User, Users};

use crate::args::Global;
use crate::clock;
use crate::exit::{Misuse, Status};
use crate::output::{Cell, Output, Table};
use crate::people;
use crate::project::Folder;
use crate::serve::running::open_store;

/// As whom the command acts, in the audit.
const BY: &str = "firsthand user";

/// Arguments of `user`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Passwords are set by links, each of which works once and for a week:\n  \
                        firsthand user add ann@example.com --name \"Ann Lee\" --role rep\n  \
                        firsthand user link ann@example.com")]
pub struct Args {
    #[command(subcommand)]
    act: Act,
}

#[derive(Debug, clap::Subcommand)]
enum Act {
    /// Add somebody, and show the link by which they set their password
    Add {
        /// Their e-mail address
        email: String,
        /// Their name; they own leads, and act, under it
        #[arg(long)]
        name: String,
        /// What they may do: admin, analyst or rep
        #[arg(long, default_value = "rep")]
        role: String,
        /// Where the pages are, for the link
        #[arg(long, value_name = "ADDRESS", default_value = "http://127.0.0.1:8787")]
        url: String,
    },
    /// Show everybody
    List,
    /// Make a new link for somebody; the old password works until it is used
    Link {
        /// Their e-mail address
        email: String,
        /// Where the pages are, for the link
        #[arg(long, value_name = "ADDRESS", default_value = "http://127.0.0.1:8787")]
        url: String,
    },
    /// Give somebody another role
    Role {
        /// Their e-mail address
        email: String,
        /// What they may do: admin, analyst or rep
        role: String,
    },
    /// Sign somebody out, and let them in no more
    Disable {
        /// Their e-mail address
        email: String,
    },
}

pub fn run(args: &Args, global: &Global, output: Output) -> anyhow::Result<Status> {
    let folder = Folder::find(global.project.as_deref())?;
    let store = open_store(&folder.store())?;
    let now = clock::now();
    match &args.act {
        Act::Add { email, name, role, url } => {
            let role = parse(role)?;
            let user = people::add(&store, name, email, role, now).map_err(misuse)?;
            people::write_down(&store, BY, "user added", &user.email, now)?;
            link(&store, &user, url, output)?;
        }
        Act::List => list(&store, output)?,
        Act::Link { email, url } => {
            let user = find(&store, email)?;
            people::write_down(&store, BY, "link made", &user.email, now)?;
            link(&store, &user, url, output)?;
        }
        Act::Role { email, role } => {
            let (user, role) = (find(&store, email)?, parse(role)?);
            people::set_role(&store, user, Some(role), BY, now).map_err(misuse)?;
        }
        Act::Disable { email } => {
            let user = find(&store, email)?;
            people::set_role(&store, user, None, BY, now).map_err(misuse)?;
        }
    }
    Ok(Status::Done)
}

fn parse(word: &str) -> anyhow::Result<Role> {
    let known = || Role::ALL.iter().map(|it| it.word()).collect::<Vec<_>>();
    Role::from_word(word).ok_or_else(|| Misuse::unknown("role", word, known()).into())
}

fn find(store: &SqliteStore, email: &str) -> anyhow::Result<User> {
    let email = people::address(email);
    let all = store.users()?;
    let known = || all.iter().map(|it| it.email.as_str()).collect::<Vec<_>>();
    let found = all.iter().find(|it| *it.email == *email);
    found.cloned().ok_or_else(|| Misuse::unknown("user", &email, known()).into())
}

fn misuse(error: people::Error) -> anyhow::Error {
    match error {
        people::Error::Store(_) | people::Error::Broken(_) => error.into(),
        other => Misuse::new(other.to_string()).help(other.help()).into(),
    }
}

fn link(store: &SqliteStore, user: &User, url: &str, output: Output) -> anyhow::Result<()> {
    let secret = people::invite(store, Some(user), clock::now())?;
    output.text(&format!("{}/join/{secret}\n", url.trim_end_matches('/')))?;
    output.note(&format!("Send it to {}. It works once, and for a week.", user.name));
    Ok(())
}

fn list(store: &SqliteStore, output: Output) -> anyhow::Result<()> {
    let mut table = Table::new(&[
        ("email", "e-mail"),
        ("name", "name"),
        ("role", "role"),
        ("signed_in_at", "signed in"),
        ("state", "state"),
    ]);
    let calendar = Calendar::default();
    for user in &store.users()? {
        let state = match (user.disabled_at, &user.password) {
            (Some(_), _) => "disabled",
            (None, Some(_)) => "active",
            (None, None) => "invited",
        };
        table.push([
            Cell::Text(user.email.to_string()),
            Cell::Text(user.name.to_string()),
            Cell::Text(user.role.word().to_owned()),
            Cell::maybe_time(user.signed_in_at, &calendar),
            Cell::Text(state.to_owned()),
        ]);
    }
    output.table(&table)
}
