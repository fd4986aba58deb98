//! The wire protocols of the live server: bytes in, facts and an answer out.
//!
//! Nothing here waits, reads a clock or holds a connection. Start at [`read`]: whoever holds the
//! connection reads the body, calls it, makes what it gives durable, and only then sends the
//! answer. What an item of a vendor *means* stands in `crate::shape`, which the import of files
//! shares; here stands how items come over the wire, who sent them, and whose clock is right.
//!
//! ```text
//!  Request ─► Route ─► unpack ─► who sent it ─► items ─► shape ─► Received { facts, rejects, answer }
//!                └──────────────────┴───────────► Refused { answer }
//! ```
//!
//! # Invariants
//!
//! - LIVE-1: any bytes under any path get an answer; nothing panics.
//! - LIVE-2: a bad item never costs its neighbours: it becomes a [`Reject`], and [`reread`] takes it
//!   again as if it had come alone.
//! - LIVE-3: the same body sent again gives facts with the same ids, whenever it arrives.
//! - LIVE-4: no fact is later than its arrival, but for imports of old events.
//! - LIVE-5: unpacking never takes more memory than [`UNPACKED_BYTES_MAX`].

mod answer;
mod base64;
mod call;
mod clock;
mod cloudevents;
mod cors;
mod globs;
mod intake;
mod own;
mod pixel;
mod posthog;
mod query;
mod received;
mod request;
mod route;
mod segment;
mod snowplow;
mod sources;
mod start;
mod stripe;
mod unpack;

pub use answer::{Answer, Refusal, Refused};
pub use intake::{ITEM_BYTES_MAX, ITEMS_MAX};
pub use received::{Received, Reject};
pub use request::{Method, Request};
pub use route::{BODY_BYTES_MAX, POSTHOG_BODY_BYTES_MAX, Route};
pub use sources::{Source, SourceError, Sources};
pub use unpack::UNPACKED_BYTES_MAX;

use firsthand_model::Time;

use call::Context;

/// Reads a request: facts, rejects, and the answer to give once all of it is durable.
///
/// Answers a browser's preflight, and the questions that clients ask when they start, as well.
///
/// # Errors
/// [`Refused`] where nothing of the request is taken in, with the answer to give at once.
pub fn read(request: &Request<'_>, sources: &Sources) -> Result<Received, Refused> {
    let route = Route::of(request.path);
    let origin = request.header("origin");
    let Some(found) = &route else {
        return Err(refusal(Refusal::NoSuchPath, None, origin));
    };
    if request.method == Method::Options {
        let mut answer = cors::preflight(request);
        cors::allow(&mut answer, origin, Some(found));
        return Ok(Received::nothing(answer));
    }
    let context = Context::of(request, found, sources);
    match context.read() {
        Ok(mut received) => {
            cors::allow(&mut received.answer, origin, Some(found));
            Ok(received)
        }
        Err(why) => Err(Refused { source: context.whose(), ..refusal(why, Some(found), origin) }),
    }
}

/// The answer to a request that is refused for reasons of the server: too busy, too large a body,
/// in the words of the protocol of its path. `origin` is the header of that name.
pub fn refuse(path: &str, why: Refusal, origin: Option<&str>) -> Refused {
    refusal(why, Route::of(path).as_ref(), origin)
}

fn refusal(why: Refusal, route: Option<&Route<'_>>, origin: Option<&str>) -> Refused {
    let mut answer = why.answer(route);
    cors::allow(&mut answer, origin, route);
    Refused { refusal: why, source: None, answer }
}

/// Reads a rejected item again, perhaps mended by hand or under other rules: as if a client of the
/// source had sent it alone, at the time at which it arrived.
///
/// # Errors
/// [`Refused`] where it is not even a body of the protocol.
pub fn reread(source: &Source, reject: &Reject, received_at: Time) -> Result<Received, Refused> {
    let request = Request {
        method: Method::Post,
        path: &reject.path,
        query: "",
        headers: &|_| None,
        body: reject.raw.as_bytes(),
        received_at,
    };
    let Some(route) = Route::of(request.path) else {
        return Err(refusal(Refusal::NoSuchPath, None, None));
    };
    Context::trusted(&request, &route, source)
        .read()
        .map_err(|why| refusal(why, Some(&route), None))
}
