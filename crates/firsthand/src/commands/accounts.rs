//! `firsthand accounts`: who is recorded, with plan, usage against limits, people, and which
//! definitions hold.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use clap::ValueEnum;
use firsthand_history::{AccountRows, Projection, Scan};
use firsthand_model::fact::{Kind, RowBody};
use firsthand_model::{Decimal, Scalar, Text, Time};
use firsthand_rules::explain::Words;
use firsthand_rules::world::Judged;

use crate::args::Global;
use crate::exit::Status;
use crate::headline::Amounts;
use crate::output::{Cell, Output, Table, UNBROKEN, counted};
use crate::study::{Study, is_visitor};
use crate::template::Amount;

/// Arguments of `accounts`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
                        firsthand accounts --plan free --sort usage\n  \
                        firsthand accounts --holding outgrowing-free --csv")]
pub struct Args {
    /// Only accounts whose id or name contains this
    #[arg(value_name = "TEXT")]
    search: Option<String>,
    /// Only accounts on this plan
    #[arg(long, value_name = "PLAN")]
    plan: Option<String>,
    /// Only accounts for which this definition holds now
    #[arg(long, value_name = "DEF")]
    holding: Option<String>,
    /// In which order: activity (the latest first), usage (the fullest limit first), people,
    /// events (the most first), or name
    #[arg(long, value_name = "BY", default_value = "activity", hide_possible_values = true)]
    sort: Sort,
    /// Also visitors who have never signed up
    #[arg(long)]
    visitors: bool,
    /// Show at most so many rows
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Sort {
    Activity,
    Usage,
    People,
    Events,
    Name,
}

pub fn run(args: &Args, global: &Global, output: Output) -> anyhow::Result<Status> {
    let study = Study::open(global.project.as_deref(), output)?;
    if let Some(name) = &args.holding {
        study.definitions(std::slice::from_ref(name))?;
    }
    let mut accounts = accounts(&study)?;
    let all = accounts.len();
    accounts.retain(|it| args.visitors || !is_visitor(&it.id));
    let visitors = all - accounts.len();
    accounts.retain(|it| args.wants(it));
    args.sort(&mut accounts);
    let rows_max = output.rows_max(args.limit);
    let shown = &accounts[..accounts.len().min(rows_max)];
    let mut table = table(&study, shown, args.sort, output);
    table.left_out(accounts.len().saturating_sub(rows_max) as u64);
    output.table(&table)?;
    if visitors > 0 && args.search.is_none() && args.plan.is_none() && args.holding.is_none() {
        let visitors = counted(visitors, "visitor");
        output.note(&format!("and {visitors} who never signed up; `--visitors` shows them too"));
    }
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
            && self.holding.as_ref().is_none_or(|it| account.holds.iter().any(|held| held == it))
    }

    fn sort(&self, accounts: &mut [Account]) {
        accounts.sort_by(|a, b| {
            let order = match self.sort {
                Sort::Activity => b.last_event.cmp(&a.last_event),
                Sort::Usage => {
                    let share = |it: &Account| it.fullest().unwrap_or(-1.0);
                    share(b).total_cmp(&share(a))
                }
                Sort::People => b.people.cmp(&a.people),
                Sort::Events => b.events.cmp(&a.events),
                Sort::Name => a.name.cmp(&b.name),
            };
            order.then_with(|| a.id.cmp(&b.id))
        });
    }
}

/// Every account with what is recorded of it, and how it is judged at the newest fact.
fn accounts(study: &Study) -> anyhow::Result<Vec<Account>> {
    let root = &study.program.account;
    let judge = |judged: &Judged| {
        (judged.subject.kind == Kind::Account).then(|| {
            let held = root.definitions.iter().zip(&judged.timelines);
            let held = held.filter(|(_, it)| it.last().is_some_and(|it| it.left.is_none()));
            let holds = match judged.excluded {
                None => held.map(|(it, _)| it.name.clone()).collect(),
                Some(_) => Vec::new(),
            };
            (judged.subject.id.clone(), (holds, Amounts::of(root, &judged.stream)))
        })
    };
    let judged = study.replay(study.until(None)).everybody(judge)?;
    let mut judged: BTreeMap<Text, (Vec<Text>, Amounts)> = judged.kept.into_iter().collect();
    let history = Arc::clone(&study.history);
    let mut accounts =
        history.for_each_account(&Projection::default(), Scan::default(), Account::of)?;
    accounts.retain(|it| it.first < Time::MAX);
    for account in &mut accounts {
        if let Some((holds, amounts)) = judged.remove(&account.id) {
            account.holds = holds;
            account.amounts = amounts;
        }
    }
    Ok(accounts)
}

fn table(study: &Study, accounts: &[Account], sort: Sort, output: Output) -> Table {
    let calendar = &study.project.calendar;
    // A terminal has no room for everything; what is told in one cell there, programs get apart.
    let for_people = output.for_people();
    let meters: Vec<&Text> = study.program.account.meters.iter().map(|it| &it.name).collect();
    let mut table = Table::new(&[("account", "account"), ("name", "name"), ("plan", "plan")]);
    for meter in &meters {
        if for_people {
            table.column(meter.to_string(), meter.to_string());
        } else {
            for what in ["used", "limit", "share"] {
                table.column(format!("{meter}_{what}"), String::new());
            }
        }
    }
    table.column("people", "people");
    let with_events = !for_people || sort == Sort::Events;
    if with_events {
        table.column("events", "events");
    }
    if !for_people {
        table.column("first", "first");
    }
    table.column("last_event", "last event");
    table.column("holds", "holds now");
    for account in accounts {
        let mut row: Vec<Cell> = vec![
            account.id.as_str().into(),
            account.name.as_deref().into(),
            account.plan.as_deref().into(),
        ];
        for meter in &meters {
            let (used, limit) =
                (account.amounts.usage.get(*meter), account.amounts.limit.get(*meter));
            let share = share(used, limit);
            if for_people {
                let words = in_words(used, limit, share);
                row.push(words.map(|it| it.replace(' ', UNBROKEN)).into());
            } else {
                row.push(used.map_or(Cell::Empty, |it| Cell::Number(*it)));
                row.push(match limit {
                    None => Cell::Empty,
                    Some(Amount::Of(it)) => Cell::Number(*it),
                    Some(Amount::Unlimited) => "unlimited".into(),
                });
                row.push(share.map_or(Cell::Empty, Cell::Share));
            }
        }
        row.push(account.people.into());
        if with_events {
            row.push(account.events.into());
        }
        if !for_people {
            row.push(Cell::time(account.first, calendar));
        }
        row.push(match account.last_event {
            Some(at) if for_people => calendar.date(at).to_string().into(),
            other => Cell::maybe_time(other, calendar),
        });
        row.push(Cell::List(account.holds.iter().map(Text::to_string).collect()));
        table.push(row);
    }
    table
}

/// How much of a limit is used, if there is one.
fn share(used: Option<&Decimal>, limit: Option<&Amount>) -> Option<f64> {
    match (used?, limit?) {
        (used, Amount::Of(limit)) if limit.raw() > 0 => Some(used.to_f64() / limit.to_f64()),
        _ => None,
    }
}

/// `8,060 of 10,000 (81 %)`.
fn in_words(used: Option<&Decimal>, limit: Option<&Amount>, share: Option<f64>) -> Option<String> {
    let used = Words::number(*used?);
    Some(match (limit, share) {
        (Some(Amount::Of(limit)), Some(share)) => {
            format!("{used} of {} ({:.0} %)", Words::number(*limit), share * 100.0)
        }
        (Some(Amount::Of(limit)), None) => format!("{used} of {}", Words::number(*limit)),
        (Some(Amount::Unlimited), _) => format!("{used} of unlimited"),
        (None, _) => used,
    })
}

struct Account {
    id: Text,
    name: Option<Text>,
    plan: Option<Text>,
    people: usize,
    events: u64,
    first: Time,
    last_event: Option<Time>,
    holds: Vec<Text>,
    amounts: Amounts,
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
            last_event: None,
            holds: Vec::new(),
            amounts: Amounts::default(),
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

    /// The largest share of a limit that is used.
    fn fullest(&self) -> Option<f64> {
        let Amounts { usage, limit } = &self.amounts;
        let shares = usage.iter().filter_map(|(meter, used)| share(Some(used), limit.get(meter)));
        shares.max_by(f64::total_cmp)
    }
}
