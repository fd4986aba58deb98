//! The server: connections in, requests to the router, a graceful end.

mod accept;
mod router;
mod write_deadline;

use std::future::Future;
use std::io;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::app::App;
use crate::backend::Backend;
use crate::settings::Settings;

/// Serves until `shutdown` resolves, then ends gracefully: nothing new is accepted, and requests
/// under way may finish within [`Limits::stop_timeout`](crate::Limits::stop_timeout).
///
/// # Errors
/// Only if the listener itself cannot be used.
pub async fn serve(
    listener: TcpListener,
    backend: Arc<impl Backend>,
    settings: Settings,
    shutdown: impl Future<Output = ()> + Send,
) -> io::Result<()> {
    let (stop, stopping) = watch::channel(false);
    let (router, openapi) = router::parts();
    let app = App::new(backend, settings, stopping, openapi);
    let router = router::finish(router, &app);
    let at = listener.local_addr()?;
    tracing::info!(%at, "listening");
    accept::run(listener, router, &app, &stop, shutdown).await;
    Ok(())
}

/// The API's description as JSON, as `GET /api/v1/openapi.json` answers it.
pub fn openapi() -> String {
    String::from_utf8(router::parts().1.to_vec()).expect("JSON is UTF-8")
}
