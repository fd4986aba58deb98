//! The pages: how long the server takes for each of them, over recorded history.

use std::io::{BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use firsthand_store::{Role, Users};

use super::Sizes;
use super::company::{self, Place};
use super::report::{Figure, Report, Row, Target};
use super::server::{Server, answer};
use crate::clock;
use crate::output::{Output, counted};
use crate::people::{self, Lifetime};
use crate::project::Folder;
use crate::serve::running::open_store;

/// Seconds within which the server is to answer for a page, at the median.
const PAGE_WITHIN: f64 = 0.05;
/// How often each page is asked for.
const TIMES: usize = 25;
/// A page that asks nothing of the engine or the store, by which the machine is judged.
const YARDSTICK: &str = "/sign-in";
/// The pages. `{lead}` and `{account}` stand for the first ones on the lists.
const PAGES: &[&str] = &[
    "/leads",
    "/leads?view=decided",
    "{lead}",
    "/accounts",
    "{account}",
    "/definitions",
    "/definitions/bench",
    "/reports",
    "/reports/backtests",
    "/reports/holdouts",
    "/plays",
    "/plays/room-to-grow",
    "/deliveries",
    "/sources",
    "/sources/quarantine",
    "/people",
    "/keys",
    "/settings",
];

/// Measures it.
pub fn measure(
    place: &Place,
    sizes: Sizes,
    report: &mut Report,
    output: Output,
) -> anyhow::Result<()> {
    let project = company::project(place, sizes.events, sizes.threads, output)?;
    output.note(&format!("opening pages over {}", counted(sizes.events, "event")));
    let server = Server::start_with(&project, &["--apply-to-existing"])?;
    let mut reader = Reader::sign_in(server.at, &project)?;
    let leads = reader.body("/leads")?;
    // A small company may have nobody who qualifies now.
    let lead = first_link(&leads, "/leads/lead_");
    let accounts = reader.body("/accounts")?;
    let account = first_link(&accounts, "/accounts/").context("there are no accounts")?;
    let yardstick = Figure::Seconds(reader.median(YARDSTICK)?.as_secs_f64());
    for page in PAGES {
        let path = match (*page, &lead) {
            ("{lead}", None) => continue,
            ("{lead}", Some(lead)) => lead.clone(),
            _ => page.replace("{account}", &account),
        };
        let took = Figure::Seconds(reader.median(&path)?.as_secs_f64());
        let what = page.replace("{lead}", "/leads/…").replace("{account}", "/accounts/…");
        report.push(
            Row::new(format!("page {what}"), took)
                .times(format!("page {YARDSTICK}"), yardstick)
                .target(Target::Below(Figure::Seconds(PAGE_WITHIN))),
        );
    }
    Ok(())
}

/// Somebody who reads pages, over one connection that is kept.
struct Reader {
    stream: BufReader<TcpStream>,
    at: SocketAddr,
    cookie: String,
}

impl Reader {
    /// Signs an admin in.
    fn sign_in(at: SocketAddr, project: &Path) -> anyhow::Result<Self> {
        let store = open_store(&Folder::find(Some(project))?.store())?;
        let (email, now) = ("reader@bench.example", clock::now());
        let reader = match store.user_by_email(email)? {
            Some(known) => known,
            None => people::add(&store, "Reader", email, Role::Admin, now)?,
        };
        let (token, _) = people::begin(&store, &reader, Lifetime::HalfDay, now)?;
        let stream = TcpStream::connect(at).context("the server cannot be reached")?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream: BufReader::new(stream),
            at,
            cookie: format!("firsthand-session={token}"),
        })
    }

    fn body(&mut self, path: &str) -> anyhow::Result<String> {
        let (at, cookie) = (self.at, &self.cookie);
        let request = format!("GET {path} HTTP/1.1\r\nHost: {at}\r\nCookie: {cookie}\r\n\r\n");
        self.stream.get_mut().write_all(request.as_bytes())?;
        let (status, body) = answer(&mut self.stream)?;
        // The yardstick sends those who are signed in to their leads.
        if status != 200 && !(path == YARDSTICK && status == 303) {
            bail!("the server answered {status} to {path}");
        }
        Ok(body)
    }

    /// How long the server takes for a page, at the median.
    fn median(&mut self, path: &str) -> anyhow::Result<Duration> {
        let mut took = Vec::with_capacity(TIMES);
        for _ in 0..TIMES {
            let begin = Instant::now();
            self.body(path)?;
            took.push(begin.elapsed());
        }
        took.sort_unstable();
        Ok(took[TIMES / 2])
    }
}

/// The first address on a page that begins so and goes on.
fn first_link(page: &str, begins: &str) -> Option<String> {
    let links = page.split("href=\"").skip(1).filter_map(|it| it.split('"').next());
    links.filter(|it| it.len() > begins.len()).find(|it| it.starts_with(begins)).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_address_that_goes_on_is_found() {
        let page = r#"<a href="/leads">…</a> <a href="/accounts/"> <a href="/accounts/acme">"#;
        assert_eq!(first_link(page, "/accounts/").as_deref(), Some("/accounts/acme"));
        assert_eq!(first_link(page, "/leads/lead_"), None);
    }
}
