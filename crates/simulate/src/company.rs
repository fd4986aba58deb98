//! What a company is like before anything happens: who it is, how it buys, what it is used to do.

use firsthand_model::Text;
use serde::Serialize;
use smol_str::format_smolstr;

use crate::OWN_DOMAIN;
use crate::chance::Chance;
use crate::names;
use crate::world::World;

/// Events that a diligent person makes in a year, roughly; keeps companies within their share.
const EVENTS_PER_PERSON: u64 = 350;
/// Where students have their e-mail.
const STUDENT_DOMAIN: &str = "students.example";
/// Where those have it who sign up without a work address.
const FREE_MAIL_DOMAIN: &str = "freemail.example";

/// A kind of customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Persona {
    /// One or two people, who buy by themselves.
    Solo,
    /// A small firm that tries, invites colleagues, and buys by itself.
    Team,
    /// A middling firm: buys by itself, or with a word from sales.
    Midsize,
    /// Cannot use the free version: reads, talks to sales, and rolls out after a deal.
    Enterprise,
    /// Works for others: several workspaces, and brings other firms.
    Agency,
    /// Uses much and never pays.
    Student,
    /// The company's own people, who try things out.
    Staff,
}

/// How often each kind of customer comes.
const PERSONAS: &[(u16, Persona)] = &[
    (330, Persona::Solo),
    (340, Persona::Team),
    (120, Persona::Midsize),
    (60, Persona::Enterprise),
    (45, Persona::Agency),
    (100, Persona::Student),
    (5, Persona::Staff),
];
const COUNTRIES: &[(u16, (&str, i64))] = &[
    (34, ("US", -6)),
    (16, ("GB", 0)),
    (14, ("DE", 1)),
    (9, ("FR", 1)),
    (9, ("NL", 1)),
    (7, ("CA", -5)),
    (6, ("ES", 1)),
    (5, ("AU", 10)),
];
const OWNERS: &[&str] = &["dana", "luis", "priya"];
/// What the ids of further workspaces of a company end in.
const WORKSPACES: [&str; 4] = ["", "-emea", "-shop", "-labs"];

/// A company: one e-mail domain, one or several accounts.
#[derive(Clone, Debug)]
pub(crate) struct Company {
    pub founding: Founding,
    /// The domain of its e-mail.
    pub domain: String,
    /// How many work there.
    pub employees: i64,
    pub country: &'static str,
    /// Where its clocks are.
    pub hours_east: i64,
    /// The sales representative who looks after it; small companies have none.
    pub owner: Option<&'static str>,
    /// Who told it of the product.
    pub referrer: Option<Referrer>,
    pub habits: Habits,
    /// Begins with a trial instead of the free plan.
    pub tries: bool,
    /// It would rather tidy its list for ever than pay.
    pub thrifty: bool,
    /// Drawn by lot: whether sales would contact it.
    pub contacted: bool,
    /// Most people who use it, in each of its workspaces.
    pub people: Vec<usize>,
    /// Most events of the company.
    pub events_max: u64,
}

/// What is known of a company by its number alone, so that others can refer to it.
#[derive(Clone, Debug)]
pub(crate) struct Founding {
    pub number: u64,
    /// Short and unique; ids of its people and facts begin with it.
    pub key: Text,
    pub name: String,
    /// The id of its first account.
    pub slug: Text,
    pub industry: &'static str,
    pub persona: Persona,
    /// The day on which it signs up, or first reads something.
    pub first_day: i64,
}

/// Who brought a company.
#[derive(Clone, Debug)]
pub(crate) struct Referrer {
    pub account: Text,
    pub user: Text,
}

/// What a company is used to do. Chances are in 10,000.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Habits {
    /// That a person uses the product on a working day.
    pub diligence: i64,
    /// That somebody reads content on a working day.
    pub curiosity: i64,
    /// Contacts that a usual import adds.
    pub import_size: i64,
    /// Weights of some actions among all that a person does in the product.
    pub exports: u16,
    pub videos: u16,
    pub audits: u16,
}

impl Founding {
    pub fn draw(world: &World, number: u64) -> Self {
        let mut chance = world.chance(number).fork(1);
        let (name, industry) = names::firm(number, world.seed());
        let persona = chance.weighted(PERSONAS);
        let mut slug = names::slug(&name);
        if persona == Persona::Staff {
            slug = format!("postbox-qa-{number}");
        }
        Self {
            number,
            key: base_36(number),
            name,
            slug: slug.into(),
            industry,
            persona,
            first_day: world.calendar().sign_up(&mut chance),
        }
    }
}

impl Company {
    pub fn draw(world: &World, number: u64) -> Self {
        let founding = Founding::draw(world, number);
        let chance = &mut world.chance(number).fork(2);
        let persona = founding.persona;
        let employees = match persona {
            Persona::Solo => chance.between(1, 4),
            Persona::Team => chance.between(5, 49),
            Persona::Midsize => chance.between(50, 249),
            Persona::Enterprise => chance.heavy(250, 60_000, 1.1),
            Persona::Agency => chance.between(4, 60),
            Persona::Student => 1,
            Persona::Staff => 90,
        };
        let events_max = world.company_events_max();
        let workspaces = match persona {
            Persona::Agency => chance.between(2, 4),
            Persona::Enterprise | Persona::Midsize if chance.hit(1_000) => chance.between(2, 3),
            _ => 1,
        };
        let people_max = i64::try_from((events_max / EVENTS_PER_PERSON).max(3)).unwrap_or(i64::MAX);
        let people = (0..workspaces).map(|_| {
            let drawn = match persona {
                Persona::Solo | Persona::Student => chance.between(1, 2),
                Persona::Team | Persona::Agency => chance.between(2, 7),
                Persona::Midsize => chance.heavy(4, 40, 1.6),
                Persona::Enterprise => chance.heavy(6, 400, 1.1),
                Persona::Staff => chance.between(2, 4),
            };
            usize::try_from(drawn.min(employees.max(2)).min(people_max)).expect("a small number")
        });
        let people = people.collect();
        let (country, hours_east) = chance.weighted(COUNTRIES);
        Self {
            domain: match persona {
                Persona::Student => STUDENT_DOMAIN.to_owned(),
                Persona::Staff => OWN_DOMAIN.to_owned(),
                Persona::Solo if chance.hit(4_000) => FREE_MAIL_DOMAIN.to_owned(),
                _ => format!("{}.example", founding.slug),
            },
            employees,
            country,
            hours_east,
            owner: (employees >= 50 && persona != Persona::Staff).then(|| chance.pick(OWNERS)),
            referrer: Referrer::draw(world, &founding, chance),
            habits: Habits::draw(persona, employees, chance),
            tries: persona != Persona::Student && chance.hit(3_000),
            thrifty: chance.hit(2_000),
            contacted: chance.hit(5_000),
            people,
            events_max,
            founding,
        }
    }

    /// The id of one of its accounts.
    pub fn account(&self, workspace: usize) -> Text {
        format_smolstr!("{}{}", self.founding.slug, WORKSPACES[workspace])
    }

    /// The name of one of its accounts.
    pub fn account_name(&self, workspace: usize) -> String {
        let ending = WORKSPACES[workspace].trim_start_matches('-');
        if self.founding.persona == Persona::Staff {
            format!("Postbox QA {}", self.founding.number)
        } else if ending.is_empty() {
            self.founding.name.clone()
        } else {
            format!("{} ({ending})", self.founding.name)
        }
    }

    /// Whether somebody there may buy at all.
    pub const fn may_buy(&self) -> bool {
        !matches!(self.founding.persona, Persona::Student | Persona::Staff)
    }
}

impl Referrer {
    /// Agencies and small firms bring others; they must have been there before.
    fn draw(world: &World, founding: &Founding, chance: &mut Chance) -> Option<Self> {
        if founding.number == 0 || !chance.hit(1_500) {
            return None;
        }
        let by = Founding::draw(world, chance.below(founding.number));
        let brings = matches!(by.persona, Persona::Solo | Persona::Team | Persona::Agency);
        (brings && by.first_day + 14 < founding.first_day)
            .then(|| Self { account: by.slug, user: format_smolstr!("{}-1", by.key) })
    }
}

impl Habits {
    fn draw(persona: Persona, employees: i64, chance: &mut Chance) -> Self {
        let large = employees >= 50;
        let diligence = match persona {
            Persona::Student => chance.between(300, 3_000),
            Persona::Enterprise => chance.between(800, 3_500),
            _ => chance.weighted(&[(34, 400), (44, 2_000), (22, 4_500)]),
        };
        let (least, steepness) = match persona {
            Persona::Solo | Persona::Student => (110, 1.2),
            Persona::Team | Persona::Agency | Persona::Staff => (330, 1.2),
            Persona::Midsize => (400, 1.2),
            Persona::Enterprise => (600, 1.2),
        };
        Self {
            diligence,
            curiosity: match persona {
                Persona::Enterprise => chance.between(300, 3_500),
                _ if large => chance.between(0, 900),
                _ => chance.between(0, 300),
            },
            import_size: chance.heavy(least, 20_000, steepness),
            exports: chance.weighted(&[(35, 60), (40, 190), (25, 380)]),
            videos: chance.weighted(&[(60, 0), (25, 12), (15, 45)]),
            // The confounder: larger firms look at the audit log, and larger firms buy more; the
            // one does nothing for the other.
            audits: if large {
                chance.weighted(&[(20, 0), (30, 20), (50, 60)])
            } else {
                chance.weighted(&[(85, 0), (10, 10), (5, 30)])
            },
        }
    }
}

fn base_36(mut number: u64) -> Text {
    const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    let mut digits = Vec::new();
    while digits.is_empty() || number > 0 {
        let digit = usize::try_from(number % 36).expect("below 36");
        digits.push(char::from(DIGITS[digit]));
        number /= 36;
    }
    digits.push('c');
    digits.into_iter().rev().collect()
}
