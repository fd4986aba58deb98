//! Mixpanel: events, and profiles of people. There are no profiles of accounts in its exports.

use firsthand_model::Fact;
use firsthand_model::fact::{Body, Kind};

use super::{Object, only};

pub(super) fn write(out: &mut String, fact: &Fact) {
    match &fact.body {
        Body::Event { name, properties } | Body::Record { name, properties } => {
            event(out, fact, name, |it| {
                it.members(properties);
            });
        }
        Body::Traits { of: Kind::Person, traits } => profile(out, fact, |it| {
            it.members(traits);
        }),
        Body::Membership { role: Some(role), .. } => profile(out, fact, |it| {
            it.members(&only("role", role));
        }),
        Body::Link => event(out, fact, "$identify", |it| {
            it.text_if("$identified_id", fact.who.user.as_deref())
                .text_if("$anon_id", fact.who.anonymous.as_deref());
        }),
        Body::Alias { other } => event(out, fact, "$create_alias", |it| {
            it.text("alias", other);
        }),
        Body::Traits { .. } | Body::Membership { .. } | Body::Split { .. } => {}
    }
}

fn event(out: &mut String, fact: &Fact, name: &str, write: impl FnOnce(&mut Object<'_>)) {
    let who = &fact.who;
    let mut object = Object::open(out);
    object.text("event", name).object("properties", |it| {
        it.millis("time", fact.time).text("$insert_id", &fact.id);
        match (&who.user, &who.anonymous) {
            (Some(user), _) => {
                it.text("distinct_id", user).text("$user_id", user);
            }
            (None, Some(device)) => {
                it.name("distinct_id").push_str("\"$device:");
                it.0.push_str(device);
                it.0.push('"');
            }
            (None, None) => {}
        }
        it.text_if("$device_id", who.anonymous.as_deref());
        it.text_if("company", who.account.as_deref());
        if let Some(known_at) = fact.known_at {
            it.millis("mp_processing_time_ms", known_at);
        }
        write(it);
    });
    object.end_line();
}

fn profile(out: &mut String, fact: &Fact, write: impl FnOnce(&mut Object<'_>)) {
    let mut object = Object::open(out);
    object.text_if("$distinct_id", fact.who.user.as_deref());
    object.object("$properties", |it| {
        it.time("$last_seen", fact.time);
        write(it);
    });
    object.end_line();
}
