//! Content is read, at first by nobody in particular.

use firsthand_model::{Text, Time};

use super::Life;

/// What there is to read: weight; event, points of interest, title.
const CONTENT: &[(u16, (&str, i64, &str))] = &[
    (30, ("Article viewed", 2, "Ten subject lines that get opened")),
    (25, ("Article viewed", 2, "E-mail for shops")),
    (15, ("Article viewed", 3, "Moving to Postbox")),
    (12, ("Whitepaper downloaded", 10, "Deliverability in 2026")),
    (10, ("Webinar attended", 14, "Automation live")),
    (8, ("CTA clicked", 16, "Talk to us")),
];

impl Life<'_> {
    pub(super) fn reading(&mut self, day: i64) {
        if !self.chance.hit(self.company.habits.curiosity) {
            return;
        }
        let place = self.reader();
        let at = self.office_hour(day);
        let (name, points, title) = self.chance.weighted(CONTENT);
        self.interest += points;
        if !self.reader_known && name == "Article viewed" {
            let device = self.people[place].device.clone();
            self.tape.visited(at, &device, name, |it| {
                it.text("title", title);
            });
            return;
        }
        let reader = self.introduce(at, day, place);
        self.tape.did(at, &reader, &self.account, name, |it| {
            it.text("title", title);
        });
    }

    /// The one who reads: the second who comes, if there is one.
    const fn reader(&self) -> usize {
        if self.people.len() > 1 { 1 } else { 0 }
    }

    /// Whatever is more than an article asks for a name.
    fn introduce(&mut self, at: Time, day: i64, place: usize) -> Text {
        self.reader_known = true;
        if self.people[place].joined.is_none() {
            self.arrive(at, day, place);
        }
        self.people[place].id.clone()
    }
}
