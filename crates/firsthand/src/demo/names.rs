//! What firms and people of the simulated world are called. All domains end in `.example`, which
//! belongs to nobody.

use super::chance::Chance;

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

/// A firm's name, and the industry it is in.
pub fn firm(chance: &mut Chance) -> (String, &'static str) {
    let (trade, industry) = chance.pick(TRADES);
    (format!("{} {trade}", chance.pick(FIRST)), industry)
}

/// A person's first name.
pub fn person(chance: &mut Chance) -> &'static str {
    chance.pick(PEOPLE)
}

/// The id that goes with a name: `Amber Books` is `amber-books`.
pub fn slug(name: &str) -> String {
    name.to_lowercase().replace(' ', "-")
}
