//! The problems that a path may answer with, for the description.

use std::collections::BTreeMap;

use utoipa::IntoResponses;
use utoipa::openapi::{ContentBuilder, Ref, RefOr, Response, ResponseBuilder};

use crate::problem::PROBLEM_JSON;

type Responses = BTreeMap<String, RefOr<Response>>;

/// What may come of reading a list.
pub(crate) struct Reads;

/// What may come of reading one thing.
pub(crate) struct Finds;

/// What may come of doing something that needs no body.
pub(crate) struct Does;

/// What may come of sending a body.
pub(crate) struct Sends;

/// What may come of reading what is one's own, with a person's token.
pub(crate) struct ReadsOwn;

/// What may come of sending something about what is one's own.
pub(crate) struct SendsOwn;

const READS: [(u16, &str); 6] = [
    (400, "A parameter is wrong; `parameter` names it."),
    (401, "There is no token, or it is not known."),
    (403, "The token lacks the scope."),
    (422, "A value means nothing here; `parameter` names it."),
    (500, "Something broke; the log tells more under `request_id`."),
    (503, "The server is busy, or not ready. Ask again after `Retry-After` seconds."),
];
const OWN: [(u16, &str); 5] = [
    READS[0],
    (401, "There is no token, or it is not good; ask your server for a fresh one."),
    (429, "You ask too often. Ask again after `Retry-After` seconds."),
    READS[4],
    READS[5],
];
const NOT_FOUND: (u16, &str) = (404, "There is no such thing.");
const CONFLICT: (u16, &str) = (409, "It cannot be done as things stand; `help` says what can.");
const SENDS: [(u16, &str); 3] = [
    (408, "The body took too long to come."),
    (413, "The body is too large."),
    (415, "The body is not said to be JSON."),
];

fn problems(of: impl IntoIterator<Item = (u16, &'static str)>) -> Responses {
    let response = |(status, told): (u16, &str)| {
        let schema = Ref::from_schema_name("Problem");
        let content = ContentBuilder::new().schema(Some(schema)).build();
        let response = ResponseBuilder::new().description(told).content(PROBLEM_JSON, content);
        (status.to_string(), response.build().into())
    };
    of.into_iter().map(response).collect()
}

impl IntoResponses for Reads {
    fn responses() -> Responses {
        problems(READS)
    }
}

impl IntoResponses for Finds {
    fn responses() -> Responses {
        problems(READS.into_iter().chain([NOT_FOUND]))
    }
}

impl IntoResponses for Does {
    fn responses() -> Responses {
        problems(READS.into_iter().chain([NOT_FOUND, CONFLICT]))
    }
}

impl IntoResponses for Sends {
    fn responses() -> Responses {
        problems(READS.into_iter().chain([NOT_FOUND, CONFLICT]).chain(SENDS))
    }
}

impl IntoResponses for ReadsOwn {
    fn responses() -> Responses {
        problems(OWN)
    }
}

impl IntoResponses for SendsOwn {
    fn responses() -> Responses {
        problems(OWN.into_iter().chain([NOT_FOUND, READS[3]]).chain(SENDS))
    }
}
