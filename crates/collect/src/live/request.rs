//! One HTTP request, as far as the protocols look at it.

use std::fmt;

use firsthand_model::Time;

/// A request, its body read to the end. Whoever holds the connection fills it in.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// What is asked.
    pub method: Method,
    /// The path, from the first `/`, without the query.
    pub path: &'a str,
    /// What follows the `?`; empty if nothing does.
    pub query: &'a str,
    /// Gives the value of a header by its name in small letters.
    pub headers: &'a dyn Fn(&str) -> Option<&'a str>,
    /// The body as it came, packed or not.
    pub body: &'a [u8],
    /// When it arrived, by our clock.
    pub received_at: Time,
}

impl<'a> Request<'a> {
    /// The value of a header, by its name in small letters.
    pub(super) fn header(&self, name: &str) -> Option<&'a str> {
        (self.headers)(name).map(str::trim).filter(|it| !it.is_empty())
    }
}

impl fmt::Debug for Request<'_> {
    /// Leaves out the headers, the query and the body: they hold keys and personal data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("body_bytes", &self.body.len())
            .field("received_at", &self.received_at)
            .finish_non_exhaustive()
    }
}

/// What is asked of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// `GET`.
    Get,
    /// `HEAD`.
    Head,
    /// `POST`.
    Post,
    /// `OPTIONS`: a browser asks whether it may send.
    Options,
    /// Anything else.
    Other,
}

impl Method {
    /// By its name on the wire.
    pub fn of(name: &str) -> Self {
        match name {
            "GET" => Self::Get,
            "HEAD" => Self::Head,
            "POST" => Self::Post,
            "OPTIONS" => Self::Options,
            _ => Self::Other,
        }
    }
}
