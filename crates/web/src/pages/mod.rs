//! The pages: where people work.
//!
//! Start at [`access::ROUTES`]: every page with who may open it. [`access::admit`] stands in front of all of
//! them; a path that the table does not name is not served. A page is an askama struct in the file
//! of its path; its words are in [`texts`], its markup in `templates/`, and what all pages share in
//! [`shell`]. Pages work without the script of `assets/`, which only adds to them.
//!
//! # Invariants
//!
//! - PAGE-1: who is signed out sees the pages of signing in, and nothing else.
//! - PAGE-2: nothing is changed by a GET; every POST carries the secret of its form ([`csrf`]), before
//!   anything else where it brings a file.
//! - PAGE-3: no page loads anything from elsewhere, and none has a style or a script of its own
//!   ([`access::POLICY`]); but for an e-mail that is looked at by itself, which may only have styles.

mod access;
mod account;
mod accounts;
mod acts;
mod assets;
mod audit;
mod bench;
mod channels;
mod cookies;
mod csrf;
mod definitions;
mod deliveries;
mod elsewhere;
mod entitled;
mod error;
mod evidence;
mod facts;
mod flow;
mod following;
mod gauge;
mod happened;
mod health;
mod held;
mod identity;
mod imports;
mod inbox;
mod join;
mod keys;
mod lead;
mod look;
mod message;
mod owners;
mod people;
mod plays;
mod previews;
mod profile;
mod quarantine;
mod reports;
mod sending;
mod settings;
mod shell;
mod show;
mod sign_in;
mod snippets;
mod source;
mod sources;
mod talk;
mod texts;
mod timeline;
mod tour;
mod views;
mod visitor;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};

use crate::app::App;

pub(crate) use access::takes_its_time;
pub use access::{Route, Who};
pub(crate) use error::for_browsers;
pub(crate) use sign_in::Attempts;

/// Every page with who may open it.
pub fn routes() -> &'static [Route] {
    access::ROUTES
}

/// All pages; who may open which stands in [`access::ROUTES`].
pub(crate) fn router(app: &App) -> Router<App> {
    Router::new()
        .route("/", get(inbox::home))
        .route("/sign-in", get(sign_in::show).post(sign_in::sign_in))
        .route("/sign-in/oidc", get(elsewhere::begin))
        .route("/sign-in/oidc/back", get(elsewhere::end))
        .route("/sign-out", post(sign_in::sign_out))
        .route("/join/{secret}", get(join::show).post(join::join))
        .route("/look", post(look::change))
        .route("/leads", get(inbox::list))
        .route("/leads/act", post(acts::several))
        .route("/leads/views", post(views::keep))
        .route("/leads/views/forget", post(views::forget))
        .route("/leads/events", get(inbox::events))
        .route("/leads.csv", get(inbox::export))
        .route("/leads/{lead}", get(lead::show))
        .route("/leads/{lead}/reject", get(acts::reject_dialog))
        .route("/leads/{lead}/act", post(acts::one))
        .route("/accounts", get(accounts::list))
        .route("/accounts/{account}", get(account::show))
        .route("/accounts/{account}/timeline", get(timeline::show))
        .route("/definitions", get(definitions::list))
        .route("/definitions/new", get(bench::new::show).post(bench::new::begin))
        .route("/definitions/{definition}", get(definitions::open))
        .route("/definitions/{definition}/explain", get(definitions::show))
        .route("/definitions/{definition}/draft", post(bench::editor::keep))
        .route("/definitions/{definition}/check", post(bench::editor::check))
        .route(
            "/definitions/{definition}/publish",
            get(bench::publish::show).post(bench::publish::publish),
        )
        .route("/definitions/{definition}/versions", get(bench::versions::show))
        .route("/definitions/{definition}/versions/take", post(bench::versions::take))
        .route("/plays", get(plays::list))
        .route("/plays/{play}", get(plays::show))
        .route("/plays/{play}/preview", get(previews::show))
        .route("/plays/{play}/mail", get(previews::mail))
        .route("/deliveries", get(deliveries::list))
        .route("/deliveries/resend", post(deliveries::resend_all))
        .route("/deliveries/{delivery}", get(deliveries::show))
        .route("/deliveries/{delivery}/mail", get(deliveries::mail))
        .route("/deliveries/{delivery}/resend", post(deliveries::resend))
        .route("/held-back", get(held::held))
        .route("/holdouts", get(held::holdouts))
        .route("/channels", get(channels::list))
        .route("/channels/{channel}/enable", post(channels::enable))
        .route("/reports", get(reports::lifecycle::show))
        .route("/reports/lifecycle.csv", get(reports::lifecycle::export))
        .route("/reports/backtests", get(reports::backtests::list))
        .route("/reports/backtests.csv", get(reports::backtests::export))
        .route("/reports/backtests/{definition}", get(reports::backtests::show))
        .route("/reports/holdouts", get(reports::holdouts::show))
        .route("/reports/holdouts.csv", get(reports::holdouts::export))
        .route("/sources", get(sources::show))
        .route("/sources/named/{source}", get(source::show))
        .route("/sources/identity", get(identity::show).post(identity::propose))
        .route("/sources/identity/{act}", post(identity::act))
        .route("/sources/quarantine", get(quarantine::list))
        .route(
            imports::UPLOAD,
            get(imports::list).post(imports::upload).layer(DefaultBodyLimit::disable()),
        )
        .route("/sources/import/{import}", get(imports::show))
        .route("/sources/import/{import}/rejects", get(imports::rejects))
        .route("/sources/import/{import}/act", post(imports::act))
        .route("/sources/quarantine/{item}", get(quarantine::show))
        .route("/sources/quarantine/{item}/act", post(quarantine::act))
        .route("/settings", get(settings::show))
        .route("/settings/audit", get(audit::show))
        .route("/keys", get(keys::list).post(keys::add))
        .route("/keys/revoke", post(keys::revoke))
        .route("/people", get(people::list).post(people::add))
        .route("/people/change", post(people::change))
        .route_layer(from_fn_with_state(app.clone(), access::admit))
        .route("/assets/{file}", get(assets::serve))
}
