//! What a simulated firm is like before anything happens: size, people, habits, and how it buys.

use firsthand_model::Text;
use smol_str::format_smolstr;

use super::chance::Chance;
use super::{DAYS, names};

/// A firm of the simulated world. Days are counted from the world's first.
#[derive(Clone, Debug)]
pub struct Firm {
    /// The account id.
    pub id: Text,
    /// The name for people.
    pub name: String,
    /// The domain of its e-mail.
    pub domain: String,
    /// How many work there.
    pub employees: i64,
    /// What it does.
    pub industry: &'static str,
    /// Where it is.
    pub country: &'static str,
    /// The sales representative who looks after it; small firms have none.
    pub owner: Option<&'static str>,
    /// How it comes to pay.
    pub motion: Motion,
    /// The day on which it signs up, or first reads something.
    pub first_day: i64,
    /// Those who may use the product, in the order in which they join.
    pub people: Vec<Person>,
    /// Contacts that a usual import adds.
    pub import_size: i64,
    /// How many times in 10,000 a person uses the product on a working day.
    pub diligence: i64,
    /// How many times in 10,000 somebody reads content on a working day.
    pub curiosity: i64,
    /// It would rather tidy its list for ever than pay.
    pub thrifty: bool,
}

/// How a firm comes to pay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Motion {
    /// It begins with the free plan.
    Free,
    /// It begins with a trial.
    Trial,
    /// It cannot use the free version; it reads, and then talks to sales.
    Sales,
}

/// Somebody who works at a firm.
#[derive(Clone, Debug)]
pub struct Person {
    /// The user id.
    pub id: Text,
    /// First name.
    pub name: &'static str,
    /// Role in the account.
    pub role: &'static str,
}

const COUNTRIES: &[(i64, &str)] =
    &[(34, "US"), (16, "GB"), (14, "DE"), (9, "FR"), (9, "NL"), (7, "CA"), (6, "ES"), (5, "AU")];
const OWNERS: &[&str] = &["dana", "luis", "priya"];
const ROLES: &[(i64, &str)] =
    &[(45, "marketer"), (25, "analyst"), (15, "designer"), (10, "manager"), (5, "intern")];

/// The four kinds of firms: weight, employees, people who use it, usual import, buys by itself.
const SIZES: &[(i64, Size)] = &[
    (34, Size { employees: (1, 4), people: (1, 2), import: (60, 420), sales: 0 }),
    (38, Size { employees: (5, 49), people: (2, 5), import: (200, 900), sales: 0 }),
    (19, Size { employees: (50, 249), people: (3, 7), import: (250, 1_100), sales: 3_000 }),
    (9, Size { employees: (250, 4_000), people: (4, 9), import: (500, 2_400), sales: 7_500 }),
];

#[derive(Clone, Copy)]
struct Size {
    employees: (i64, i64),
    people: (i64, i64),
    import: (i64, i64),
    /// How many times in 10,000 such a firm goes through sales.
    sales: i64,
}

impl Firm {
    /// Draws the firm of a number from its own stream of chance.
    pub fn draw(number: usize, chance: &mut Chance) -> Self {
        let size = chance.weighted(SIZES);
        let (name, industry) = names::firm(chance);
        let employees = chance.between(size.employees.0, size.employees.1);
        let motion = if chance.hit(size.sales) {
            Motion::Sales
        } else {
            chance.weighted(&[(70, Motion::Free), (30, Motion::Trial)])
        };
        let mut people = Vec::new();
        for _ in 0..chance.between(size.people.0, size.people.1) {
            people.push(Person::draw(number, &people, chance));
        }
        let large = employees >= 50;
        Self {
            id: names::slug(&name).into(),
            domain: format!("{}.example", names::slug(&name)),
            name,
            employees,
            industry,
            country: chance.weighted(COUNTRIES),
            owner: large.then(|| chance.pick(OWNERS)),
            motion,
            // Nobody signs up in the last week, so that everybody has something to look at.
            first_day: chance.between(0, DAYS - 7),
            people,
            import_size: chance.between(size.import.0, size.import.1),
            diligence: chance.weighted(&[(30, 600), (45, 3_000), (25, 6_000)]),
            curiosity: match (large, motion) {
                (true, Motion::Sales) => chance.between(300, 3_500),
                (true, _) => chance.between(0, 900),
                (false, _) => chance.between(0, 300),
            },
            thrifty: chance.hit(2_000),
        }
    }

    /// A person's e-mail address.
    pub fn email(&self, person: &Person) -> String {
        format!("{}@{}", person.name.to_lowercase(), self.domain)
    }
}

impl Person {
    fn draw(firm: usize, others: &[Self], chance: &mut Chance) -> Self {
        let mut name = names::person(chance);
        while others.iter().any(|it| it.name == name) {
            name = names::person(chance);
        }
        let role = if others.is_empty() { "admin" } else { chance.weighted(ROLES) };
        Self { id: format_smolstr!("u{}", firm * 10 + others.len()), name, role }
    }
}
