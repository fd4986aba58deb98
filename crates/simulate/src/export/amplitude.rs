//! Amplitude: events, and events about who people are. It knows no two ids of one person.

use firsthand_model::Fact;
use firsthand_model::fact::{Body, Kind};

use super::{Object, only};

pub(super) fn write(out: &mut String, fact: &Fact) {
    match &fact.body {
        Body::Event { name, properties } | Body::Record { name, properties } => {
            event(out, fact, name, |it| {
                it.raw("event_properties", properties.as_str());
            });
        }
        Body::Traits { of: Kind::Person, traits } => event(out, fact, "$identify", |it| {
            it.raw("user_properties", traits.as_str());
        }),
        Body::Membership { role: Some(role), .. } => event(out, fact, "$identify", |it| {
            it.raw("user_properties", only("role", role).as_str());
        }),
        Body::Traits { of: Kind::Account, traits } => event(out, fact, "$groupidentify", |it| {
            it.raw("group_properties", traits.as_str());
        }),
        Body::Link => event(out, fact, "$identify", |_| {}),
        Body::Membership { .. } | Body::Alias { .. } | Body::Split { .. } => {}
    }
}

fn event(out: &mut String, fact: &Fact, name: &str, write: impl FnOnce(&mut Object<'_>)) {
    let who = &fact.who;
    let mut object = Object::open(out);
    object
        .text("uuid", &fact.id)
        .text("event_type", name)
        .text_if("user_id", who.user.as_deref())
        .text_if("device_id", who.anonymous.as_deref())
        .time("event_time", fact.time);
    if let Some(known_at) = fact.known_at {
        object.time("server_received_time", known_at);
    }
    if let Some(account) = &who.account {
        object.object("groups", |it| {
            it.text("company", account);
        });
    }
    write(&mut object);
    object.end_line();
}
