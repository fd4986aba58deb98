//! Pictures that count: one message of Segment or `RudderStack` in the query of a picture's address.

use super::answer::{Answer, Refusal};
use super::call::Context;
use super::received::Received;
use super::segment::{Form, read_text};
use super::{base64, query};
use crate::json::{ObjectWriter, write_string};

/// What an object can be that is written with dots: `properties.plan=pro`.
const OBJECTS: [&str; 3] = ["properties", "traits", "context"];

/// Segment: all of the message in base64.
pub(super) fn segment(context: &Context<'_, '_>, kind: &'static str) -> Result<Received, Refusal> {
    let data = query::value(context.request.query, "data").unwrap_or_default();
    let decoded = base64::decode(data.as_bytes()).and_then(|it| String::from_utf8(it).ok());
    let Some(text) = decoded else {
        return Err(Refusal::bad_body("`data` is not base64"));
    };
    with_picture(kind, read_text(context, Form::One(kind), &text))
}

/// `RudderStack`: a parameter for each part of the message.
pub(super) fn rudder(context: &Context<'_, '_>, kind: &'static str) -> Result<Received, Refusal> {
    let query = context.request.query;
    let mut message = ObjectWriter::new();
    write_string(message.member("type"), kind);
    for (name, value) in query::pairs(query) {
        if name != "writeKey" && name != "type" && !name.contains('.') {
            write_string(message.member(&name), &value);
        }
    }
    for object in OBJECTS {
        let mut members = ObjectWriter::new();
        for (name, value) in query::pairs(query) {
            let inside = name.strip_prefix(object).and_then(|it| it.strip_prefix('.'));
            if let Some(name) = inside.filter(|it| !it.is_empty()) {
                write_string(members.member(name), &value);
            }
        }
        let members = members.finish();
        if !members.is_empty() {
            message.member(object).push_str(members.as_str());
        }
    }
    with_picture(kind, read_text(context, Form::One(kind), message.finish().as_str()))
}

fn with_picture(kind: &str, received: Result<Received, Refusal>) -> Result<Received, Refusal> {
    let mut received = received?;
    received.answer = Answer::pixel();
    for reject in &mut received.rejects {
        // A picture has no body to be read again from.
        reject.path = smol_str::format_smolstr!("/v1/{kind}");
    }
    Ok(received)
}
