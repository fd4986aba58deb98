//! An account's life, day by day: it signs up, works, imports contacts, nears its limit, buys or not.
//!
//! Three streams of chance keep things apart: what people do, whether the account buys, and what
//! sales does. A life can so be played twice, once with and once without outreach: until outreach
//! makes a difference, both are the same to the letter.

mod billing;
mod buying;
mod growth;
mod outreach;
mod people;
mod reading;
mod sales;
mod views;
mod work;

use firsthand_model::{Text, Time};

use crate::chance::Chance;
use crate::company::{Company, Persona};
use crate::hazard::Standing;
use crate::tape::Tape;
use crate::truth::{AccountTruth, Fate, Outreach};
use crate::world::World;

use people::Member;
use sales::Deal;
use views::Audience;
use work::Mix;

/// Long ago: before anything that a life asks about.
const NEVER: i64 = i64::MIN / 2;

/// What the account has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Plan {
    #[default]
    Nothing,
    Free,
    Trial,
    Starter,
    Pro,
}

/// Plays the lives of all accounts of a company; tells what is true of each.
pub(crate) fn play(world: &World, company: &Company, tape: &mut Tape) -> Vec<AccountTruth> {
    let accounts = 0..company.people.len();
    accounts.map(|workspace| play_account(world, company, workspace, tape)).collect()
}

fn play_account(
    world: &World,
    company: &Company,
    workspace: usize,
    tape: &mut Tape,
) -> AccountTruth {
    let contacted = company.contacted;
    let life = Life::new(world, company, workspace, contacted, tape);
    let (account, first_day) = (life.account.clone(), life.first_day);
    let fate = life.live();
    let outreach = fate.lot_day.map(|day| {
        let mut silence = Tape::mute();
        let other = Life::new(world, company, workspace, !contacted, &mut silence).live();
        let buys = [other.bought_day.is_some(), fate.bought_day.is_some()];
        Outreach {
            day,
            contacted,
            buys_if_contacted: buys[usize::from(contacted)],
            buys_if_left_alone: buys[usize::from(!contacted)],
        }
    });
    AccountTruth {
        account,
        company: company.founding.number,
        domain: company.domain.clone(),
        persona: company.founding.persona,
        employees: company.employees,
        thrifty: company.thrifty,
        referred_by: company.referrer.as_ref().map(|it| it.account.clone()),
        first_day,
        fate,
        outreach,
    }
}

struct Life<'a> {
    world: &'a World,
    company: &'a Company,
    workspace: usize,
    account: Text,
    /// The day of its sign-up, or of the first thing that it reads.
    first_day: i64,
    tape: &'a mut Tape,
    /// Events on the tape beyond which nobody does anything any more.
    events_end: u64,

    /// What people do.
    chance: Chance,
    /// Whether they buy: one number a day.
    luck: Chance,
    /// What sales does.
    sales: Chance,

    people: Vec<Member>,
    mix: Mix,
    plan: Plan,
    contacts: i64,
    /// The day on which the trial or the subscription began.
    plan_day: i64,
    integrations: usize,
    campaigns: i64,
    videos: Vec<i64>,
    audiences: Vec<Audience>,
    /// Nobody uses it any more.
    dormant: bool,

    /// Points of interest in content, halving every four weeks or so.
    interest: i64,
    reader_known: bool,
    deal: Option<Deal>,
    /// Whether the lot sends sales.
    contacted: bool,
    acts: Vec<(i64, outreach::Act)>,
    fate: Fate,
}

impl<'a> Life<'a> {
    fn new(
        world: &'a World,
        company: &'a Company,
        workspace: usize,
        contacted: bool,
        tape: &'a mut Tape,
    ) -> Self {
        let of_account = world.chance(company.founding.number).fork(10 + workspace as u64);
        let mut chance = of_account.fork(1);
        let later = match workspace {
            0 => 0,
            1 => chance.between(15, 60),
            _ => chance.between(60, 150),
        };
        let share = company.events_max / company.people.len() as u64;
        Self {
            world,
            company,
            workspace,
            account: company.account(workspace),
            first_day: company.founding.first_day + later,
            events_end: tape.events() + share,
            tape,
            people: Member::all(company, workspace, &mut chance),
            mix: Mix::of(&company.habits),
            chance,
            luck: of_account.fork(2),
            sales: of_account.fork(3),
            plan: Plan::Nothing,
            contacts: 0,
            plan_day: 0,
            integrations: 0,
            campaigns: 0,
            videos: Vec::new(),
            audiences: Vec::new(),
            dormant: false,
            interest: 0,
            reader_known: false,
            deal: None,
            contacted,
            acts: Vec::new(),
            fate: Fate::default(),
        }
    }

    fn live(mut self) -> Fate {
        for day in self.first_day..self.world.calendar().days() {
            if self.tape.events() >= self.events_end {
                break;
            }
            self.day(day);
        }
        self.fate.plan = self.plan.id();
        self.fate
    }

    fn day(&mut self, day: i64) {
        if day == self.first_day {
            self.begin(day);
        }
        if self.world.calendar().is_weekday(day) {
            self.reading(day);
        }
        if self.plan != Plan::Nothing && !self.dormant {
            self.work(day);
            if self.active_since(day) > 0 {
                self.import(day);
                self.invite(day);
            }
        }
        self.count_views(day);
        self.draw_lot(day);
        self.act(day);
        self.buying(day);
        self.bill(day);
        if day % 4 == 0 {
            self.interest -= self.interest / 10;
        }
        self.tire();
    }

    /// Free accounts fall asleep, those of the half-hearted soon.
    fn tire(&mut self) {
        let tired = match self.company.founding.persona {
            Persona::Student => 80,
            _ if self.company.habits.diligence < 1_000 => 200,
            _ => 20,
        };
        self.dormant |= self.plan == Plan::Free && self.chance.hit(tired);
    }

    /// What decides whether it buys.
    fn standing(&self, day: i64) -> Standing {
        let videos = self.videos.iter().filter(|it| day - **it < 28).count();
        Standing {
            near_limit: self.near_limit(),
            team: self.people.iter().filter(|it| day - it.last_export < 7).count() >= 3,
            employees: self.company.employees,
            contacted: self.is_contacted(day),
            videos: i64::try_from(videos).unwrap_or(i64::MAX),
        }
    }

    /// How many have used the product since a day.
    fn active_since(&self, day: i64) -> usize {
        self.people.iter().filter(|it| it.last_active >= day).count()
    }

    const fn near_limit(&self) -> bool {
        self.contacts > 0 && self.contacts * 10 >= self.plan.contacts() * 8
    }

    fn office_hour(&mut self, day: i64) -> Time {
        self.world.calendar().office_hour(day, self.company.hours_east, &mut self.chance)
    }

    /// The person who signed up.
    fn admin(&self) -> Text {
        self.people[0].id.clone()
    }
}

impl Plan {
    const fn id(self) -> &'static str {
        match self {
            Self::Nothing => "none",
            Self::Free => "free",
            Self::Trial => "trial",
            Self::Starter => "starter",
            Self::Pro => "pro",
        }
    }

    /// Contacts that it allows.
    const fn contacts(self) -> i64 {
        match self {
            Self::Nothing => 0,
            Self::Free => 10_000,
            Self::Trial | Self::Starter => 25_000,
            Self::Pro => 250_000,
        }
    }

    /// Dollars a month.
    const fn price(self) -> i64 {
        match self {
            Self::Nothing | Self::Free | Self::Trial => 0,
            Self::Starter => 49,
            Self::Pro => 199,
        }
    }

    const fn is_paid(self) -> bool {
        matches!(self, Self::Starter | Self::Pro)
    }
}
