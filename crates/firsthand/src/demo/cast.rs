//! Two free accounts whose weeks are written out, so that the documentation can tell of them:
//! `acme-bikes` has reached 80 % of its contacts limit, `blue-door-yoga` next door has not, and
//! nothing else is different.

use firsthand_model::{Span, Time};
use serde_json::json;

use super::instant;
use super::tape::Tape;

/// The account at 8,060 of 10,000 contacts.
pub const QUALIFIED: &str = "acme-bikes";
/// The account at 7,400 of 10,000 contacts.
pub const NEIGHBOUR: &str = "blue-door-yoga";

struct Cast {
    id: &'static str,
    name: &'static str,
    industry: &'static str,
    employees: i64,
    people: [(&'static str, &'static str, &'static str); 4],
    /// Day and contacts of each import.
    imports: &'static [(i64, i64)],
}

const ACME: Cast = Cast {
    id: QUALIFIED,
    name: "Acme Bikes",
    industry: "retail",
    employees: 22,
    people: [
        ("acme-1", "Rita", "admin"),
        ("acme-2", "Jo", "marketer"),
        ("acme-3", "Sunil", "analyst"),
        ("acme-4", "Eva", "marketer"),
    ],
    imports: &[(284, 2_000), (301, 2_500), (322, 1_800), (340, 1_100), (360, 660)],
};

const BLUE_DOOR: Cast = Cast {
    id: NEIGHBOUR,
    name: "Blue Door Yoga",
    industry: "health",
    employees: 18,
    people: [
        ("blue-1", "Mona", "admin"),
        ("blue-2", "Pat", "marketer"),
        ("blue-3", "Lev", "analyst"),
        ("blue-4", "Iris", "marketer"),
    ],
    imports: &[(286, 2_400), (305, 2_100), (326, 1_700), (344, 1_200)],
};

/// The tapes of both.
pub fn tapes() -> [Tape; 2] {
    [ACME.play(), BLUE_DOOR.play()]
}

impl Cast {
    fn play(&self) -> Tape {
        let mut tape = Tape::new(self.id);
        let sign_up = self.imports[0].0 - 1;
        let at = instant(sign_up, 10 * 3_600);
        tape.account_is(
            at,
            json!({"name": self.name, "employees": self.employees, "industry": self.industry,
                   "country": "GB", "domain": format!("{}.example", self.id)}),
        );
        for (place, (id, name, role)) in self.people.iter().enumerate() {
            let at = instant(sign_up + 6 * i64::try_from(place).expect("four"), 10 * 3_600);
            let email = format!("{}@{}.example", name.to_lowercase(), self.id);
            tape.person_is(at, id, json!({"name": name, "email": email}));
            tape.joined(at, id, role);
        }
        tape.did(at, self.people[0].0, "Signed up", json!({"plan": "free"}));
        tape.account_is(at, json!({"plan": "free"}));
        for (day, contacts) in self.imports {
            let at = instant(*day, 9 * 3_600 + 12 * 60);
            tape.did(at, self.people[0].0, "Contact list imported", json!({"contacts": contacts}));
        }
        self.work(&mut tape);
        tape
    }

    /// Three people export, as they do every week since July.
    fn work(&self, tape: &mut Tape) {
        for week in 44..52 {
            for (place, minute, format) in
                [(0, 5, "pdf"), (1, 20, "pdf"), (2, 35, "pdf"), (1, 50, "csv"), (2, 95, "pdf")]
            {
                let day = week * 7 + 1 + i64::try_from(place).expect("three");
                let (user, ..) = self.people[place];
                let at: Time = instant(day, 14 * 3_600) + Span::MINUTE.times(minute);
                tape.did(
                    at - Span::MINUTE.times(4),
                    user,
                    "Dashboard viewed",
                    json!({"page": "overview"}),
                );
                tape.did(at, user, "Report exported", json!({"format": format}));
            }
        }
    }
}
