//! Accepts connections, and ends them in good order.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tower::ServiceExt;

use super::write_deadline::WriteDeadline;
use crate::app::App;

/// How long to wait when the system has no more file descriptors, or the like.
const BREATH: Duration = Duration::from_millis(100);
/// What is held of a connection at a time.
const BUFFER_BYTES_MAX: usize = 128 << 10;
/// The size of a request's head: pictures in mails carry whole events in their address.
const HEAD_BYTES_MAX: usize = 64 << 10;

/// Accepts until `shutdown` resolves, then waits for what is under way.
pub(super) async fn run(
    listener: TcpListener,
    router: Router,
    app: &App,
    stop: &watch::Sender<bool>,
    shutdown: impl Future<Output = ()>,
) {
    let room = Arc::new(Semaphore::new(app.settings.limits.connections_max));
    let mut connections = JoinSet::new();
    let accepting = async {
        loop {
            let (stream, permit) = next(&listener, &room).await;
            app.meters.connected();
            connections.spawn(connection(stream, router.clone(), app.clone(), permit));
            // Those that ended are let go of, lest they gather.
            while connections.try_join_next().is_some() {}
        }
    };
    tokio::select! {
        () = accepting => {}
        () = shutdown => {}
    }
    drop(listener);
    stop.send_replace(true);
    let under_way = connections.len();
    tracing::info!(under_way, "stopping");
    let ended = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(app.settings.limits.stop_timeout, ended).await.is_err() {
        tracing::warn!(cut_off = connections.len(), "some requests took too long to stop");
        connections.shutdown().await;
    }
}

/// The next connection, once there is room for it.
async fn next(listener: &TcpListener, room: &Arc<Semaphore>) -> (TcpStream, OwnedSemaphorePermit) {
    let permit = room.clone().acquire_owned().await.expect("the semaphore is never closed");
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return (stream, permit),
            // A client that went away before it was accepted says nothing about the listener.
            Err(error) if of_the_client(&error) => {}
            Err(error) => {
                tracing::error!(%error, "cannot accept connections");
                tokio::time::sleep(BREATH).await;
            }
        }
    }
}

fn of_the_client(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

/// Counts a connection as open for as long as it is held.
struct Open(App);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.meters.disconnected();
    }
}

async fn connection(stream: TcpStream, router: Router, app: App, permit: OwnedSemaphorePermit) {
    let limits = &app.settings.limits;
    let mut stopping = app.stopping.clone();
    let _open = (Open(app.clone()), permit);
    // Answers are small and wanted at once.
    let _ = stream.set_nodelay(true);
    let io = TokioIo::new(WriteDeadline::new(stream, limits.write_timeout));
    let service = router.map_request(|request: Request<Incoming>| request.map(Body::new));
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(limits.head_timeout)
        .max_buf_size(BUFFER_BYTES_MAX)
        .max_header_size(HEAD_BYTES_MAX);
    let connection = http.serve_connection(io, TowerToHyperService::new(service));
    tokio::pin!(connection);
    // How a connection ends is the client's business; it is not logged.
    tokio::select! {
        _ = connection.as_mut() => return,
        _ = stopping.wait_for(|it| *it) => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}
