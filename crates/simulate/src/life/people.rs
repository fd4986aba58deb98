//! Who uses an account, and how they come to it.

use firsthand_model::{Span, Text, Time};
use smol_str::format_smolstr;

use super::{Life, NEVER, Plan};
use crate::chance::Chance;
use crate::company::{Company, Persona};
use crate::{OWN_DOMAIN, names};

const ROLES: &[(u16, &str)] =
    &[(45, "marketer"), (25, "analyst"), (15, "designer"), (10, "manager"), (5, "intern")];
/// What people look at before they sign up.
const VISITS: &[(u16, (&str, &str))] = &[
    (40, ("Article viewed", "Ten subject lines that get opened")),
    (25, ("Article viewed", "E-mail for shops")),
    (10, ("CTA clicked", "Start for free")),
    (25, ("Pricing page viewed", "Pricing")),
];

/// Somebody who may use the account.
#[derive(Clone, Debug)]
pub(super) struct Member {
    /// The user id.
    pub id: Text,
    pub given_name: &'static str,
    pub family_name: &'static str,
    pub role: &'static str,
    /// The browser at work.
    pub device: Text,
    /// A telephone, until it is known whose it is.
    pub other_device: Option<Text>,
    /// The day from which on they use the product.
    pub joined: Option<i64>,
    /// The last day on which they did.
    pub last_active: i64,
    /// The last day on which they exported a report.
    pub last_export: i64,
}

impl Member {
    /// Those of one workspace. The first person of a company is in all of its workspaces.
    pub fn all(company: &Company, workspace: usize, chance: &mut Chance) -> Vec<Self> {
        let before: usize = company.people[..workspace].iter().sum();
        let places = 0..company.people[workspace];
        let people = places.map(|place| {
            let shared = workspace > 0 && place == 0;
            let number = if shared { 0 } else { before + place };
            Self::draw(company, number, place == 0, chance)
        });
        people.collect()
    }

    fn draw(company: &Company, number: usize, is_admin: bool, chance: &mut Chance) -> Self {
        let key = &company.founding.key;
        let (given_name, family_name) = names::person(number, company.founding.number);
        let role = match company.founding.persona {
            Persona::Student => "student",
            Persona::Staff => "tester",
            _ if is_admin => "admin",
            _ => chance.weighted(ROLES),
        };
        let number = number + 1;
        Self {
            id: format_smolstr!("{key}-{number}"),
            given_name,
            family_name,
            role,
            device: format_smolstr!("d-{key}-{number}"),
            other_device: chance.hit(2_500).then(|| format_smolstr!("m-{key}-{number}")),
            joined: None,
            last_active: NEVER,
            last_export: NEVER,
        }
    }

    fn email(&self, domain: &str) -> String {
        let local = format!("{}.{}", self.given_name, self.family_name).to_lowercase();
        // At a public provider, names alone are long taken.
        let tail = if domain.ends_with("mail.example") || domain.starts_with("students") {
            self.id.as_str()
        } else {
            ""
        };
        format!("{local}{tail}@{domain}")
    }
}

impl Life<'_> {
    /// The first day: the account is there, and whoever buys by themselves signs up.
    pub(super) fn begin(&mut self, day: i64) {
        let company = self.company;
        // Before the office hours, so that nothing else of the day comes first.
        let morning = 5 * 3_600 - company.hours_east * 3_600;
        let second = (morning + self.chance.between(0, 3_599)).max(0);
        let at = self.world.calendar().instant(day, second);
        let name = company.account_name(self.workspace);
        self.tape.account_is(at, &self.account, |it| {
            it.text("name", &name)
                .number("employees", company.employees)
                .text("industry", company.founding.industry)
                .text("country", company.country)
                .text("domain", &company.domain);
        });
        if let Some(owner) = company.owner {
            self.tape.account_is(at, &self.account, |it| {
                it.text("owner", owner);
            });
        }
        if company.founding.persona == Persona::Enterprise {
            return;
        }
        if self.workspace == 0 {
            self.look_around(day);
        }
        self.sign_up(at, day, if company.tries { Plan::Trial } else { Plan::Free });
    }

    /// Visits without a name, in the weeks before.
    fn look_around(&mut self, day: i64) {
        if !self.chance.hit(6_000) {
            return;
        }
        let device = self.people[0].device.clone();
        for _ in 0..self.chance.between(1, 6) {
            let on = day - self.chance.between(1, 25);
            if on >= 0 {
                let at = self.office_hour(on);
                let (name, title) = self.chance.weighted(VISITS);
                let source = self.chance.pick(&["search", "newsletter", "social", "direct"]);
                self.tape.visited(at, &device, name, |it| {
                    it.text("title", title).text("source", source);
                });
            }
        }
    }

    fn sign_up(&mut self, at: Time, day: i64, plan: Plan) {
        let referrer = self.company.referrer.as_ref().filter(|_| self.workspace == 0);
        if let Some(by) = referrer {
            let on = at - Span::DAY.times(self.chance.between(1, 9)) + Span::HOUR.times(4);
            let domain = &self.company.domain;
            self.tape.did(on, &by.user, &by.account, "Referral sent", |it| {
                it.text("domain", domain);
            });
        }
        self.arrive(at, day, 0);
        let method = self.chance.weighted(&[(55, "google"), (35, "e-mail"), (10, "microsoft")]);
        let admin = self.admin();
        self.tape.did(at, &admin, &self.account, "Signed up", |it| {
            it.text("plan", plan.id()).text("method", method);
            if let Some(by) = referrer {
                it.text("referred_by", &by.account);
            }
        });
        self.plan_day = day;
        self.take(at, plan);
    }

    /// A person comes to the account, with the device on which they looked around before.
    pub(super) fn arrive(&mut self, at: Time, day: i64, place: usize) {
        let member = &self.people[place];
        let email = member.email(&self.company.domain);
        self.tape.person_is(at, &member.id, |it| {
            it.text("name", &format!("{} {}", member.given_name, member.family_name))
                .text("email", &email);
        });
        self.tape.linked(at, &member.device, &member.id);
        self.tape.joined(at, &member.id, &self.account, member.role);
        self.people[place].joined = Some(day);
    }

    pub(super) fn take(&mut self, at: Time, plan: Plan) {
        self.plan = plan;
        self.tape.account_is(at, &self.account, |it| {
            it.text("plan", plan.id());
        });
    }

    /// One of the company's own people has a look, as support does.
    pub(super) fn support_looks(&mut self, day: i64) {
        let staff = format_smolstr!("staff-{}", self.company.founding.number % 9 + 1);
        let at = self.office_hour(day);
        self.tape.person_is(at, &staff, |it| {
            it.text("email", &format!("{staff}@{OWN_DOMAIN}"));
        });
        self.tape.did(at, &staff, &self.account, "Dashboard viewed", |it| {
            it.text("page", "overview").text("as", "support");
        });
    }
}
