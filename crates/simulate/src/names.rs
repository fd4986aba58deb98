//! Names of firms and people. A firm's name follows from its number, so that no two are the same.

/// What the name of a firm begins with.
const FIRST: &[&str] = &[
    "Amber", "Aspen", "Bright", "Cedar", "Cobalt", "Copper", "Coral", "Crescent", "Echo", "Ember",
    "Fern", "Foxglove", "Granite", "Harbour", "Hazel", "Indigo", "Iron", "Juniper", "Kestrel",
    "Lantern", "Linden", "Lunar", "Maple", "Marble", "Meadow", "Misty", "Northern", "Oak", "Olive",
    "Orchard", "Pebble", "Pine", "Quiet", "Raven", "River", "Rowan", "Saffron", "Silver", "Summit",
    "Swift", "Thistle", "Tidal", "Velvet", "Violet", "Walnut", "Willow", "Winter", "Yellow",
];

/// A trade and the industry that it belongs to.
const TRADES: &[(&str, &str)] = &[
    ("Bakery", "food"),
    ("Books", "retail"),
    ("Brewing", "food"),
    ("Ceramics", "retail"),
    ("Clinic", "health"),
    ("Coaching", "education"),
    ("Consulting", "services"),
    ("Courses", "education"),
    ("Cycles", "retail"),
    ("Dental", "health"),
    ("Events", "services"),
    ("Fitness", "health"),
    ("Flowers", "retail"),
    ("Foods", "food"),
    ("Gardens", "services"),
    ("Hotels", "travel"),
    ("Insurance", "finance"),
    ("Interiors", "retail"),
    ("Legal", "services"),
    ("Logistics", "transport"),
    ("Media", "media"),
    ("Motors", "transport"),
    ("Outdoors", "retail"),
    ("Photo", "media"),
    ("Press", "media"),
    ("Software", "software"),
    ("Studios", "media"),
    ("Tea", "food"),
    ("Tours", "travel"),
    ("Tutors", "education"),
    ("Wealth", "finance"),
    ("Yoga", "health"),
];

const PEOPLE: &[&str] = &[
    "Ada", "Amir", "Anna", "Ben", "Carla", "Chen", "Chloe", "Dario", "Dina", "Elif", "Emil",
    "Fatima", "Finn", "Grace", "Hana", "Hugo", "Ines", "Ivan", "Jana", "Jonas", "Kai", "Kim",
    "Lara", "Leo", "Lina", "Marco", "Maya", "Mia", "Milan", "Nadia", "Noah", "Nora", "Olga",
    "Omar", "Paula", "Pia", "Rafael", "Rosa", "Sam", "Sara", "Sofia", "Tariq", "Theo", "Uma",
    "Vera", "Will", "Yara", "Zoe",
];

/// Family names.
const FAMILIES: &[&str] = &[
    "Abe", "Almeida", "Bauer", "Bianchi", "Brandt", "Castro", "Dubois", "Eriksen", "Farah",
    "Fischer", "Garcia", "Haddad", "Ivanova", "Jensen", "Kaya", "Keller", "Kowalski", "Laurent",
    "Lindgren", "Lopez", "Mensah", "Moreau", "Nguyen", "Novak", "Okafor", "Olsen", "Park", "Patel",
    "Petrov", "Ricci", "Rossi", "Sato", "Schmidt", "Silva", "Tanaka", "Visser", "Walsh", "Weber",
    "Wong", "Yilmaz",
];

/// A step through all pairs of a first word and a trade that meets each once before any again.
const STRIDE: usize = 739;

/// A firm's name and the industry it is in. Another `world` begins elsewhere in the list.
pub(crate) fn firm(number: u64, world: u64) -> (String, &'static str) {
    let pairs = (FIRST.len() * TRADES.len()) as u64;
    let place = usize::try_from((number % pairs + world % pairs) % pairs).expect("a small number");
    let place = place * STRIDE % (FIRST.len() * TRADES.len());
    let (trade, industry) = TRADES[place % TRADES.len()];
    let first = FIRST[place / TRADES.len()];
    let name = match number / pairs {
        0 => format!("{first} {trade}"),
        round => format!("{first} {trade} {}", round + 1),
    };
    (name, industry)
}

/// The first and the family name of the person of a number; at a firm, no two have the same.
pub(crate) fn person(number: usize, firm: u64) -> (&'static str, &'static str) {
    let shift = usize::try_from(firm % 65_521).expect("a small number");
    let family = number / PEOPLE.len() + number + shift / 7;
    (PEOPLE[(number * 5 + shift) % PEOPLE.len()], FAMILIES[family % FAMILIES.len()])
}

/// The id that goes with a name: `Amber Books` is `amber-books`.
pub(crate) fn slug(name: &str) -> String {
    name.to_lowercase().replace(' ', "-")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_two_firms_have_one_name() {
        let names: BTreeSet<String> = (0..10_000).map(|number| firm(number, 80).0).collect();
        assert_eq!(names.len(), 10_000);
    }

    #[test]
    fn no_two_of_a_firm_have_one_name() {
        for number in [0, 7, 1_000_003] {
            let names: BTreeSet<_> = (0..900).map(|it| person(it, number)).collect();
            assert_eq!(names.len(), 900, "firm {number}");
        }
    }
}
