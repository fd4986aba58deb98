//! Two resolvers, each taught a part of the facts, made one.

use super::names::Name;
use super::series::Point;
use super::{Id, Resolver};

impl Resolver {
    /// Takes in all that another resolver was taught under the same rules.
    pub fn merge(&mut self, other: &Self) {
        let limit = self.rules.ids_per_person_max;
        let names: Vec<Name> = other.names.iter().map(|text| self.names.take(text)).collect();
        let ours = |name: Name| names[name.index()];
        let our_id = |id: Id| match id {
            Id::User(name) => Id::User(ours(name)),
            Id::Anonymous(name) => Id::Anonymous(ours(name)),
        };

        for (anonymous, point) in other.links.points() {
            let point = Point { value: ours(point.value), ..point };
            self.links.say(ours(anonymous), point, limit, &self.names);
        }
        self.aliases.merge(&other.aliases, ours, limit, &self.names);
        for (&id, all) in &other.stays {
            let id = our_id(id);
            for (account, stays) in all {
                self.stays_in(id, ours(*account)).add(stays, |_, known| Some(known));
            }
        }
        for (&id, series) in &other.domains {
            let domains = self.domains.entry(our_id(id)).or_default();
            for point in series.points() {
                let point = Point { value: ours(point.value), ..*point };
                domains.insert(point, |a, b| self.names.order(a, b));
            }
        }
        self.addresses.merge(&other.addresses, |at| names[at]);
    }
}
