//! Two free accounts whose weeks are written out, so that the documentation can tell of them:
//! `acme-bikes` has reached 80 % of its contacts limit, `blue-door-yoga` next door has not, and
//! nothing else is different.

use firsthand_model::{Fact, Span, Text};

use crate::tape::Tape;
use crate::world::World;

/// The account at 8,060 of 10,000 contacts.
pub const QUALIFIED: &str = "acme-bikes";
/// The account at 7,400 of 10,000 contacts.
pub const NEIGHBOUR: &str = "blue-door-yoga";

struct Cast {
    id: &'static str,
    name: &'static str,
    industry: &'static str,
    employees: i64,
    people: [Person; 4],
    /// Day and contacts of each import.
    imports: &'static [(i64, i64)],
}

/// User id, name, role.
type Person = (&'static str, &'static str, &'static str);

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

/// How many accounts are written out.
pub const CAST: usize = 2;

impl World {
    /// The facts of the accounts that are written out: of a world of 364 days, as the demonstration
    /// has it.
    pub fn cast(&self) -> Vec<Fact> {
        [ACME, BLUE_DOOR].iter().flat_map(|it| it.play(self)).collect()
    }
}

impl Cast {
    fn play(&self, world: &World) -> Vec<Fact> {
        let (calendar, account) = (world.calendar(), Text::new_static(self.id));
        let mut tape = Tape::new(account.clone());
        let sign_up = self.imports[0].0 - 1;
        let at = calendar.instant(sign_up, 10 * 3_600);
        tape.account_is(at, &account, |it| {
            it.text("name", self.name)
                .number("employees", self.employees)
                .text("industry", self.industry)
                .text("country", "GB")
                .text("domain", &format!("{}.example", self.id));
        });
        for (weeks, (id, name, role)) in (0..).zip(self.people) {
            let at = calendar.instant(sign_up + 6 * weeks, 10 * 3_600);
            let (user, email) = (id.into(), format!("{}@{}.example", name.to_lowercase(), self.id));
            tape.person_is(at, &user, |it| {
                it.text("name", name).text("email", &email);
            });
            tape.joined(at, &user, &account, role);
        }
        let admin = self.user(0);
        tape.did(at, &admin, &account, "Signed up", |it| {
            it.text("plan", "free").text("method", "google");
        });
        tape.account_is(at, &account, |it| {
            it.text("plan", "free");
        });
        for (day, contacts) in self.imports {
            let at = calendar.instant(*day, 9 * 3_600 + 12 * 60);
            tape.did(at, &admin, &account, "Contact list imported", |it| {
                it.number("contacts", *contacts).text("from", "csv");
            });
        }
        self.work(world, &account, &mut tape);
        tape.into_facts()
    }

    /// Three people export, as they do every week since July.
    fn work(&self, world: &World, account: &Text, tape: &mut Tape) {
        for week in 44..52 {
            for (place, minute, format) in
                [(0, 5, "pdf"), (1, 20, "pdf"), (2, 35, "pdf"), (1, 50, "csv"), (2, 95, "pdf")]
            {
                let day = week * 7 + 1 + i64::from(place);
                let user = self.user(place);
                let at = world.calendar().instant(day, 14 * 3_600) + Span::MINUTE.times(minute);
                let before = at - Span::MINUTE.times(4);
                tape.did(before, &user, account, "Dashboard viewed", |it| {
                    it.text("page", "overview");
                });
                tape.did(at, &user, account, "Report exported", |it| {
                    it.text("format", format).text("report", "campaign");
                });
            }
        }
    }

    fn user(&self, place: u8) -> Text {
        Text::new_static(self.people[usize::from(place)].0)
    }
}
