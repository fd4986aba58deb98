//! Serves the fake backend of the tests, for checks from outside: `cargo run --example fake PORT`.

#[path = "../tests/http/fake.rs"]
#[expect(dead_code, reason = "the tests look into the fake, this does not")]
mod fake;
#[path = "../tests/http/fake_imports.rs"]
mod fake_imports;
#[path = "../tests/http/fake_people.rs"]
mod fake_people;

use std::sync::Arc;
use std::time::Duration;

use firsthand_web::{Settings, log, serve};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let port = std::env::args().nth(1).unwrap_or_else(|| "8080".to_owned());
    let listener = TcpListener::bind(format!("127.0.0.1:{port}")).await?;
    let clock = Arc::new(fake::now);
    log::start(log::Format::Json, log::LevelFilter::INFO, clock.clone());
    let mut settings = Settings::new(clock);
    // Whoever checks every path waits for every answer to end.
    settings.limits.listen_max = Duration::from_millis(200);
    serve(listener, Arc::new(fake::Fake::default()), settings, std::future::pending()).await
}
