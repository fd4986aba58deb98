//! PostHog: events, and events about who people are.

use firsthand_model::Fact;
use firsthand_model::fact::{Body, Kind};
use smol_str::format_smolstr;

use super::{Object, only};

pub(super) fn write(out: &mut String, fact: &Fact) {
    match &fact.body {
        Body::Event { name, properties } | Body::Record { name, properties } => {
            event(out, fact, name, |it| {
                it.members(properties);
            });
        }
        Body::Traits { of: Kind::Person, traits } => {
            event(out, fact, "$set", |it| {
                it.raw("$set", traits.as_str());
            });
        }
        Body::Traits { of: Kind::Account, traits } => {
            event(out, fact, "$groupidentify", |it| {
                it.text("$group_type", "company")
                    .text_if("$group_key", fact.who.account.as_deref())
                    .raw("$group_set", traits.as_str());
            });
        }
        Body::Link => event(out, fact, "$identify", |it| {
            it.text_if("$anon_distinct_id", fact.who.anonymous.as_deref());
        }),
        Body::Alias { other } => event(out, fact, "$create_alias", |it| {
            it.text_if("distinct_id", fact.who.user.as_deref()).text("alias", other);
        }),
        Body::Membership { role: Some(role), .. } => event(out, fact, "$set", |it| {
            it.raw("$set", only("role", role).as_str());
        }),
        Body::Membership { .. } | Body::Split { .. } => {}
    }
}

fn event(out: &mut String, fact: &Fact, name: &str, write: impl FnOnce(&mut Object<'_>)) {
    let who = &fact.who;
    // What no person did is sent by a server, under an id of its own.
    let server = || format_smolstr!("server:{}", who.account.as_deref().unwrap_or_default());
    let distinct_id = who.user.clone().or_else(|| who.anonymous.clone()).unwrap_or_else(server);
    let mut object = Object::open(out);
    object.text("uuid", &fact.id).text("event", name).text("distinct_id", &distinct_id);
    object.object("properties", |it| {
        if who.user.is_none() {
            it.raw("$process_person_profile", "false");
        }
        if let Some(account) = &who.account {
            it.object("$groups", |it| {
                it.text("company", account);
            });
        }
        write(it);
    });
    object.time("timestamp", fact.time);
    if let Some(known_at) = fact.known_at {
        object.time("_inserted_at", known_at);
    }
    object.end_line();
}
