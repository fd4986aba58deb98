//! How an account grows: contacts come in up to the limit, people bring their colleagues.

use firsthand_model::{Span, Time};
use smol_str::format_smolstr;

use super::{Life, Plan};

impl Life<'_> {
    pub(super) fn import(&mut self, day: i64) {
        if !self.chance.hit(1_800) {
            return;
        }
        let user = self.admin();
        let at = self.office_hour(day);
        let wanted = self.company.habits.import_size * self.chance.between(50, 200) / 100;
        let free = self.plan.contacts() - self.contacts;
        let taken = wanted.min(free);
        let was_near = self.near_limit();
        if taken > 0 {
            let from = self.chance.weighted(&[(70, "csv"), (20, "crm"), (10, "shop")]);
            self.contacts += taken;
            self.tape.did(at, &user, &self.account, "Contact list imported", |it| {
                it.number("contacts", taken).text("from", from);
            });
        }
        if self.near_limit() && !was_near {
            let percent = self.contacts * 100 / self.plan.contacts();
            self.tape.did(at + Span::SECOND, &user, &self.account, "Limit warning shown", |it| {
                it.text("meter", "contacts").number("percent", percent);
            });
        }
        if taken < wanted {
            self.tape.did(at, &user, &self.account, "Import refused", |it| {
                it.number("contacts", wanted - taken.max(0));
            });
        }
        let tidies = if self.company.thrifty && self.near_limit() { 5_000 } else { 700 };
        if self.chance.hit(tidies) {
            let removed = self.contacts * self.chance.between(1, 8) / 100;
            self.remove_contacts(at + Span::HOUR, removed);
        }
    }

    pub(super) fn contacts_above_the_limit_are_removed(&mut self, at: Time) {
        self.remove_contacts(at, self.contacts - self.plan.contacts());
    }

    fn remove_contacts(&mut self, at: Time, removed: i64) {
        if removed <= 0 {
            return;
        }
        self.contacts -= removed;
        let user = self.admin();
        self.tape.did(at, &user, &self.account, "Contacts removed", |it| {
            it.number("contacts", removed);
        });
    }

    /// People bring their colleagues; after a deal, whole departments come.
    pub(super) fn invite(&mut self, day: i64) {
        let (likely, most) = match self.plan {
            Plan::Trial => (3_000, 1),
            Plan::Pro if self.people.len() > 12 => (6_000, 8),
            _ => (900, 1),
        };
        if !self.chance.hit(likely) {
            return;
        }
        for _ in 0..most {
            let Some(next) = self.people.iter().position(|it| it.joined.is_none()) else {
                return;
            };
            if next == 0 {
                return;
            }
            let host = self.people[next - 1].id.clone();
            let at = self.office_hour(day);
            let role = self.people[next].role;
            self.tape.did(at, &host, &self.account, "Teammate invited", |it| {
                it.text("role", role);
            });
            let joins = day + self.chance.between(0, 3);
            let at = self.office_hour(joins).max(at + Span::MINUTE);
            self.accept(at, joins, next);
        }
    }

    /// Some accept under the id that the invitation gave them, and turn out to be themselves.
    fn accept(&mut self, at: Time, day: i64, place: usize) {
        let id = self.people[place].id.clone();
        let as_guest = self.chance.hit(600).then(|| format_smolstr!("inv-{id}"));
        let user = as_guest.as_ref().unwrap_or(&id);
        self.tape.did(at, user, &self.account, "Invitation accepted", |_| {});
        let at = at + Span::MINUTE;
        self.arrive(at, day, place);
        if let Some(guest) = &as_guest {
            self.tape.alias(at, &id, guest);
        }
    }
}
