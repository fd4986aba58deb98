//! The HTTP face over real sockets on loopback, in front of a fake backend.

mod client;
mod connections;
mod fake;
mod fake_imports;
mod fake_people;
mod imports;
mod inapp;
mod ingest;
mod lists;
mod operations;
mod pages;
mod pages_definitions;
mod pages_identity;
mod pages_leads;
mod pages_sending;
mod pages_timeline;
mod problems;
mod reports;
mod slack;
mod stream;
mod unsubscribe;
mod watched;

use std::net::SocketAddr;
use std::sync::Arc;

use firsthand_web::backend::Scope;
use firsthand_web::{Limits, Settings, serve};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use client::Reply;
use fake::Fake;

/// A server of a test's own.
struct Server {
    at: SocketAddr,
    fake: Arc<Fake>,
    stop: Option<oneshot::Sender<()>>,
    served: JoinHandle<std::io::Result<()>>,
}

impl Server {
    async fn start() -> Self {
        Self::with(|_| {}).await
    }

    /// Starts with other limits.
    async fn with(change: impl FnOnce(&mut Limits)) -> Self {
        let mut settings = Settings::new(Arc::new(fake::now));
        change(&mut settings.limits);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        let fake = Arc::new(Fake::default());
        let (stop, stopped) = oneshot::channel();
        let shutdown = async {
            let _ = stopped.await;
        };
        let served = tokio::spawn(serve(listener, fake.clone(), settings, shutdown));
        Self { at, fake, stop: Some(stop), served }
    }

    async fn send(&self, method: &str, path: &str, headers: &[&str], body: &str) -> Reply {
        client::send(self.at, method, path, headers, body).await
    }

    /// Asks with a token that may do everything.
    async fn get(&self, path: &str) -> Reply {
        self.send("GET", path, &[&bearer(Scope::Admin)], "").await
    }

    /// Sends JSON with a token that may do everything.
    async fn post(&self, path: &str, body: &str) -> Reply {
        let headers = [&*bearer(Scope::Admin), "content-type: application/json"];
        self.send("POST", path, &headers, body).await
    }

    /// Tells the server to stop.
    fn stop(&mut self) {
        self.stop.take().map(|it| it.send(()));
    }
}

fn bearer(scope: Scope) -> String {
    format!("authorization: Bearer {}", fake::token_of(scope))
}

/// What a problem says of itself: its status, code and parameter.
fn told(reply: &Reply) -> (u16, String, Option<String>) {
    assert_eq!(reply.header("content-type"), "application/problem+json", "{}", reply.text());
    let problem = reply.json();
    assert_eq!(problem["status"], reply.status);
    assert_eq!(problem["request_id"], reply.header("x-request-id"));
    assert_eq!(
        problem["type"],
        format!("urn:firsthand:problem:{}", problem["code"].as_str().unwrap())
    );
    let text = |name: &str| problem[name].as_str().map(str::to_owned);
    (reply.status, text("code").unwrap(), text("parameter"))
}
