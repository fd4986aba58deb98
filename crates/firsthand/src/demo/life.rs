//! A firm's year, day by day: it signs up, works, imports contacts, nears its limit, buys or not.
//!
//! The truth that definitions are to find is simple and stands in [`Life::buying`]: a firm near its
//! contacts limit with several people at work buys within a few weeks; one of the two alone does
//! little. A firm that reads a lot talks to sales, if it is large.

use firsthand_model::{Span, Text, Time};
use serde_json::json;
use smol_str::format_smolstr;

use super::chance::Chance;
use super::firm::{Firm, Motion, Person};
use super::tape::Tape;
use super::{DAYS, instant};

/// Contacts allowed by each plan.
const FREE_LIMIT: i64 = 10_000;
const STARTER_LIMIT: i64 = 25_000;
const PRO_LIMIT: i64 = 250_000;
/// Price a month, in dollars.
const STARTER_PRICE: i64 = 49;
const PRO_PRICE: i64 = 199;
const TRIAL_DAYS: i64 = 14;

/// What the account has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Plan {
    Nothing,
    Free,
    Trial,
    Starter,
    Pro,
}

/// Plays a firm's year and returns what was recorded of it.
pub fn play(firm: &Firm, chance: &mut Chance) -> Tape {
    let mut life = Life::new(firm, chance);
    for day in firm.first_day..DAYS {
        life.day(day);
    }
    life.tape
}

struct Life<'a> {
    firm: &'a Firm,
    chance: &'a mut Chance,
    tape: Tape,
    plan: Plan,
    contacts: i64,
    /// The day on which the trial began.
    trial_from: i64,
    /// For each person, the day from which on they use the product.
    joins: Vec<Option<i64>>,
    /// For each person, the last day on which they did.
    active: Vec<i64>,
    integrations: usize,
    /// Points of interest in content, halving every four weeks or so.
    interest: i64,
    reader_known: bool,
    /// Nobody uses it any more.
    dormant: bool,
}

impl<'a> Life<'a> {
    fn new(firm: &'a Firm, chance: &'a mut Chance) -> Self {
        Self {
            firm,
            chance,
            tape: Tape::new(&firm.id),
            plan: Plan::Nothing,
            contacts: 0,
            trial_from: 0,
            joins: vec![None; firm.people.len()],
            active: vec![i64::MIN / 2; firm.people.len()],
            integrations: 0,
            interest: 0,
            reader_known: false,
            dormant: false,
        }
    }

    fn day(&mut self, day: i64) {
        if day == self.firm.first_day {
            self.begin(day);
        }
        // Day 0 is a Monday; offices are closed at weekends.
        if day % 7 < 5 {
            self.reading(day);
            if self.plan != Plan::Nothing && !self.dormant {
                self.work(day);
                self.import(day);
                self.invite(day);
            }
        }
        self.buying(day);
        if day % 4 == 0 {
            self.interest -= self.interest / 10;
        }
        let tired = if self.firm.diligence < 1_000 { 150 } else { 15 };
        self.dormant |= self.plan == Plan::Free && self.chance.hit(tired);
    }

    fn begin(&mut self, day: i64) {
        let firm = self.firm;
        // Before the office hours, so that nothing else of the day comes first.
        let at = instant(day, self.chance.between(6 * 3_600, 7 * 3_600));
        self.tape.account_is(
            at,
            json!({"name": firm.name, "employees": firm.employees, "industry": firm.industry,
                   "country": firm.country, "domain": firm.domain}),
        );
        if let Some(owner) = firm.owner {
            self.tape.account_is(at, json!({"owner": owner}));
        }
        match firm.motion {
            Motion::Free => self.sign_up(at, day, Plan::Free),
            Motion::Trial => self.sign_up(at, day, Plan::Trial),
            Motion::Sales => {}
        }
    }

    fn sign_up(&mut self, at: Time, day: i64, plan: Plan) {
        let admin = &self.firm.people[0];
        self.arrive(at, day, 0);
        self.tape.did(at, &admin.id, "Signed up", json!({"plan": plan.id()}));
        self.trial_from = day;
        self.take(at, plan);
    }

    fn arrive(&mut self, at: Time, day: i64, place: usize) {
        let person = &self.firm.people[place];
        let traits = json!({"name": person.name, "email": self.firm.email(person)});
        self.tape.person_is(at, &person.id, traits);
        self.tape.joined(at, &person.id, person.role);
        self.joins[place] = Some(day);
    }

    fn take(&mut self, at: Time, plan: Plan) {
        self.plan = plan;
        self.tape.account_is(at, json!({"plan": plan.id()}));
    }

    /// Everybody who has joined may look, send and export.
    fn work(&mut self, day: i64) {
        for place in 0..self.firm.people.len() {
            let here = self.joins[place].is_some_and(|since| since <= day);
            // The first weeks are curious, and work on a full list is frequent.
            let fresh = if day - self.firm.first_day < 10 { 1_500 } else { 0 };
            let busy = if self.near_limit() { 1_200 } else { 0 };
            if !here || !self.chance.hit(self.firm.diligence + fresh + busy) {
                continue;
            }
            self.active[place] = day;
            let user = self.firm.people[place].id.clone();
            let at = self.office_hour(day);
            self.tape.did(at, &user, "Dashboard viewed", json!({"page": "overview"}));
            if self.contacts > 0 && self.chance.hit(2_200) {
                let recipients = self.contacts * self.chance.between(20, 95) / 100;
                let at = at + Span::MINUTE.times(self.chance.between(4, 50));
                self.tape.did(at, &user, "Campaign sent", json!({"recipients": recipients}));
            }
            let often = if self.near_limit() { 5_500 } else { 1_800 };
            if self.contacts > 0 && self.chance.hit(often) {
                for _ in 0..self.chance.between(1, 2) {
                    let format = self.chance.weighted(&[(65, "pdf"), (35, "csv")]);
                    let at = at + Span::MINUTE.times(self.chance.between(10, 90));
                    self.tape.did(at, &user, "Report exported", json!({"format": format}));
                }
            }
            self.integrate(at, &user);
        }
    }

    fn integrate(&mut self, at: Time, user: &Text) {
        const KINDS: [&str; 3] = ["shop", "crm", "forms"];
        // Who tries it in earnest connects it first.
        let likely = if self.plan == Plan::Trial { 2_000 } else { 350 };
        if let Some(kind) = KINDS.get(self.integrations)
            && self.chance.hit(likely)
        {
            self.integrations += 1;
            self.tape.did(at + Span::MINUTE, user, "Integration connected", json!({"kind": kind}));
        }
    }

    fn import(&mut self, day: i64) {
        let worked = self.active.contains(&day);
        if !worked || !self.chance.hit(2_100) {
            return;
        }
        let user = self.firm.people[0].id.clone();
        let at = self.office_hour(day);
        let wanted = self.firm.import_size * self.chance.between(50, 200) / 100;
        let free = self.limit() - self.contacts;
        let taken = wanted.min(free);
        if taken > 0 {
            self.contacts += taken;
            self.tape.did(at, &user, "Contact list imported", json!({"contacts": taken}));
        }
        if taken < wanted {
            self.tape.did(at, &user, "Import refused", json!({"contacts": wanted - taken}));
        } else if self.chance.hit(800) {
            let removed = self.contacts * self.chance.between(1, 8) / 100;
            let at = at + Span::HOUR;
            self.contacts -= removed;
            self.tape.did(at, &user, "Contacts removed", json!({"contacts": removed}));
        }
    }

    /// People bring their colleagues.
    fn invite(&mut self, day: i64) {
        let likely = if self.plan == Plan::Trial { 3_000 } else { 900 };
        let Some(next) = self.joins.iter().position(Option::is_none) else {
            return;
        };
        if next == 0 || !self.active.contains(&day) || !self.chance.hit(likely) {
            return;
        }
        let host = self.firm.people[next - 1].id.clone();
        let at = self.office_hour(day);
        self.tape.did(at, &host, "Teammate invited", json!({"role": self.firm.people[next].role}));
        let joins = day + self.chance.between(0, 3);
        if joins < DAYS {
            let at = self.office_hour(joins).max(at + Span::MINUTE);
            self.arrive(at, joins, next);
        }
    }

    /// Content is read, at first by nobody in particular.
    fn reading(&mut self, day: i64) {
        if !self.chance.hit(self.firm.curiosity) {
            return;
        }
        let reader = self.firm.people.last().unwrap_or(&self.firm.people[0]).clone();
        let visitor = format_smolstr!("v-{}", reader.id);
        let at = self.office_hour(day);
        let (name, points, properties) = self.chance.weighted(CONTENT);
        let properties = json!({"title": properties});
        if !self.reader_known && name == "Article viewed" {
            self.tape.visited(at, &visitor, name, properties);
        } else {
            self.introduce(at, day, &reader, &visitor);
            self.tape.did(at, &reader.id, name, properties);
        }
        self.interest += points;
    }

    /// Whatever is more than an article asks for a name.
    fn introduce(&mut self, at: Time, day: i64, reader: &Person, visitor: &Text) {
        if self.reader_known {
            return;
        }
        self.reader_known = true;
        let place = self.firm.people.len() - 1;
        if self.joins[place].is_none() {
            self.arrive(at, day, place);
        }
        self.tape.linked(at, visitor, &reader.id);
    }

    fn buying(&mut self, day: i64) {
        let at = self.office_hour(day);
        let team = self.active.iter().filter(|last| day - **last < 7).count() >= 3;
        match self.plan {
            Plan::Free => {
                let likely = match (self.near_limit(), team) {
                    _ if self.firm.thrifty => 1,
                    (true, true) => 550,
                    (true, false) => 40,
                    (false, _) => 4,
                };
                if self.chance.hit(likely) {
                    self.subscribe(at, Plan::Starter, STARTER_PRICE);
                }
            }
            Plan::Trial => self.trial(at, day, team),
            Plan::Starter => {
                if self.chance.hit(if self.near_limit() && team { 400 } else { 3 }) {
                    self.tape.recorded(at, "Plan upgraded", json!({"amount": PRO_PRICE}));
                    self.take(at, Plan::Pro);
                } else if self.chance.hit(if team { 3 } else { 14 }) {
                    self.cancel(at);
                }
            }
            Plan::Pro => {
                if self.chance.hit(4) {
                    self.cancel(at);
                }
            }
            Plan::Nothing => self.talk_to_sales(at, day),
        }
    }

    fn trial(&mut self, at: Time, day: i64, team: bool) {
        let age = day - self.trial_from;
        let likely = match (self.integrations > 0, team) {
            (true, true) => 1_600,
            (true, false) => 500,
            _ => 40,
        };
        if age >= 8 && self.chance.hit(likely) {
            self.subscribe(at, Plan::Starter, STARTER_PRICE);
        } else if age > TRIAL_DAYS {
            self.take(at, Plan::Free);
            self.contacts_above_free_are_removed(at);
        }
    }

    fn contacts_above_free_are_removed(&mut self, at: Time) {
        let above = self.contacts - FREE_LIMIT;
        if above > 0 {
            let user = self.firm.people[0].id.clone();
            self.contacts -= above;
            self.tape.did(at, &user, "Contacts removed", json!({"contacts": above}));
        }
    }

    /// A firm that cannot use the free version reads first; sales does the rest.
    fn talk_to_sales(&mut self, at: Time, day: i64) {
        let likely = if self.interest >= 40 { 250 } else { 2 };
        if self.chance.hit(likely) {
            let amount = 1_200 + self.firm.employees.min(2_000) * 12;
            self.tape.recorded(at, "Deal won", json!({"amount": amount}));
            if self.joins[0].is_none() {
                self.arrive(at, day, 0);
            }
            self.take(at, Plan::Pro);
        }
    }

    fn subscribe(&mut self, at: Time, plan: Plan, amount: i64) {
        self.tape.recorded(at, "Subscription started", json!({"amount": amount}));
        self.take(at, plan);
    }

    fn cancel(&mut self, at: Time) {
        self.tape.recorded(at, "Subscription cancelled", json!({}));
        self.take(at, Plan::Free);
        self.contacts_above_free_are_removed(at);
        self.dormant = true;
    }

    const fn limit(&self) -> i64 {
        match self.plan {
            Plan::Nothing => 0,
            Plan::Free => FREE_LIMIT,
            Plan::Trial | Plan::Starter => STARTER_LIMIT,
            Plan::Pro => PRO_LIMIT,
        }
    }

    const fn near_limit(&self) -> bool {
        self.contacts > 0 && self.contacts * 10 >= self.limit() * 8
    }

    fn office_hour(&mut self, day: i64) -> Time {
        instant(day, self.chance.between(8 * 3_600, 17 * 3_600))
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
}

/// What there is to read: weight; event, points of interest, title.
const CONTENT: &[(i64, (&str, i64, &str))] = &[
    (30, ("Article viewed", 2, "Ten subject lines that get opened")),
    (25, ("Article viewed", 2, "E-mail for shops")),
    (15, ("Article viewed", 3, "Moving to Postbox")),
    (12, ("Whitepaper downloaded", 10, "Deliverability in 2026")),
    (10, ("Webinar attended", 14, "Automation live")),
    (8, ("CTA clicked", 16, "Talk to us")),
];
