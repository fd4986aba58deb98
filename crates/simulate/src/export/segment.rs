//! Segment and RudderStack: calls. A record is a call without a person.

use firsthand_model::Fact;
use firsthand_model::fact::{Body, Kind};

use super::{Object, only};

pub(super) fn write(out: &mut String, fact: &Fact, library: &str) {
    match &fact.body {
        Body::Event { name, properties } | Body::Record { name, properties } => {
            call(out, fact, "track", library)
                .text("event", name)
                .raw("properties", properties.as_str())
                .end_line();
        }
        Body::Traits { of: Kind::Person, traits } => {
            call(out, fact, "identify", library).raw("traits", traits.as_str()).end_line();
        }
        Body::Traits { of: Kind::Account, traits } => {
            call(out, fact, "group", library).raw("traits", traits.as_str()).end_line();
        }
        Body::Link => call(out, fact, "identify", library).raw("traits", "{}").end_line(),
        Body::Alias { other } => {
            call(out, fact, "alias", library).text("previousId", other).end_line();
        }
        Body::Membership { role, .. } => {
            call(out, fact, "group", library).raw("traits", "{}").end_line();
            if let Some(role) = role {
                let traits = only("role", role);
                let id = smol_str::format_smolstr!("{}-role", fact.id);
                let told = Fact { id, ..fact.clone() };
                call(out, &told, "identify", library).raw("traits", traits.as_str()).end_line();
            }
        }
        Body::Split { .. } => {}
    }
}

/// What all calls have.
fn call<'t>(out: &'t mut String, fact: &Fact, kind: &str, library: &str) -> Object<'t> {
    let mut object = Object::open(out);
    object
        .text("type", kind)
        .text("messageId", &fact.id)
        .text_if("userId", fact.who.user.as_deref())
        .text_if("anonymousId", fact.who.anonymous.as_deref())
        .time("timestamp", fact.time);
    if let Some(known_at) = fact.known_at {
        object.time("receivedAt", known_at);
    }
    if kind == "group" {
        object.text_if("groupId", fact.who.account.as_deref());
    }
    object.object("context", |it| {
        if kind != "group" {
            it.text_if("groupId", fact.who.account.as_deref());
        }
        it.object("library", |it| {
            it.text("name", library);
        });
    });
    object
}
