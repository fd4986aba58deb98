//! What handlers ask of a request. Every refusal is a [`Problem`](crate::problem::Problem) that names
//! the parameter.

mod body;
mod cursor;
mod may;
mod path;
mod place;
mod query;

pub(crate) use body::{BodyError, Json, discard, read};
pub(crate) use cursor::List;
pub(crate) use may::{May, bearer, scope};
pub(crate) use path::Path;
pub(crate) use query::{Limit, Name, OneOf, Query, SubjectParam};
