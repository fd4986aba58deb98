//! `firsthand accounts`: who is recorded, with plan, people and activity.

use std::collections::BTreeSet;

use firsthand_history::{AccountRows, History, Projection, Scan};
use firsthand_model::fact::{Kind, RowBody};
use firsthand_model::{Scalar, Text, Time};

use crate::args::Global;
use crate::exit::Status;
use crate::output::{Cell, Output, Table};
use crate::project::Folder;

/// Arguments of `accounts`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only accounts whose id or name contains this
    #[arg(value_name = "TEXT")]
    search: Option<String>,
    /// Only accounts on this plan
    #[arg(long, value_name = "PLAN")]
    plan: Option<String>,
    /// Show at most so many rows
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
}

pub fn run(args: &Args, global: &Global, output: Output) -> anyhow::Result<Status> {
    let folder = Folder::find(global.project.as_deref())?;
    let project = folder.sound_project(output)?;
    let history = History::open(folder.history(), &project.identity)?;
    let mut accounts =
        history.for_each_account(&Projection::default(), Scan::default(), Account::of)?;
    accounts.retain(|it| it.events > 0 || it.last > Time::MIN);
    accounts.retain(|it| args.wants(it));
    accounts.sort_by(|a, b| b.last_event.cmp(&a.last_event).then_with(|| a.id.cmp(&b.id)));

    let mut table = Table::new(&[
        ("account", "account"),
        ("name", "name"),
        ("plan", "plan"),
        ("people", "people"),
        ("events", "events"),
        ("first", "first"),
        ("last_event", "last event"),
    ]);
    let rows_max = output.rows_max(args.limit);
    table.left_out(accounts.len().saturating_sub(rows_max) as u64);
    for account in accounts.iter().take(rows_max) {
        table.push([
            account.id.as_str().into(),
            account.name.as_deref().into(),
            account.plan.as_deref().into(),
            account.people.into(),
            account.events.into(),
            Cell::time(account.first, &project.calendar),
            Cell::maybe_time(account.last_event, &project.calendar),
        ]);
    }
    output.table(&table)?;
    Ok(Status::Done)
}

impl Args {
    fn wants(&self, account: &Account) -> bool {
        let contains = |text: &str, part: &str| text.to_lowercase().contains(&part.to_lowercase());
        let name = account.name.as_deref().unwrap_or_default();
        self.search.as_ref().is_none_or(|it| contains(&account.id, it) || contains(name, it))
            && self.plan.as_ref().is_none_or(|plan| {
                account.plan.as_ref().is_some_and(|it| it.eq_ignore_ascii_case(plan))
            })
    }
}

struct Account {
    id: Text,
    name: Option<Text>,
    plan: Option<Text>,
    people: usize,
    events: u64,
    first: Time,
    last: Time,
    last_event: Option<Time>,
}

impl Account {
    fn of(stream: &AccountRows<'_>) -> Self {
        let mut account = Self {
            id: stream.account.into(),
            name: None,
            plan: None,
            people: 0,
            events: 0,
            first: stream.rows.first().map_or(Time::MAX, |it| it.time),
            last: stream.rows.last().map_or(Time::MIN, |it| it.time),
            last_event: None,
        };
        let mut people: BTreeSet<&Text> = BTreeSet::new();
        for row in stream.rows {
            people.extend(&row.person);
            match &row.body {
                RowBody::Event { record: false, .. } => {
                    account.events += 1;
                    account.last_event = Some(row.time);
                }
                RowBody::Traits { of: Kind::Account, traits } => {
                    for (path, value) in traits {
                        let text = match value {
                            Scalar::Missing => None,
                            other => Some(Text::from(other.to_string())),
                        };
                        match path.as_str() {
                            "name" => account.name = text,
                            "plan" => account.plan = text,
                            _ => {}
                        }
                    }
                }
                _ => {}
            }
        }
        account.people = people.len();
        account
    }
}
