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
/// Seconds within which a preview of a changed threshold is to be there, at the median.
const PREVIEW_WITHIN: f64 = 0.3;
/// How many numbers a threshold is moved to.
const MOVES: usize = 9;
/// The page on which it is moved.
const MOVED: &str = "/definitions/bench";
/// A page that asks nothing of the engine or the store, by which the machine is judged.
const YARDSTICK: &str = "/sign-in";
/// The pages. `{lead}` and `{account}` stand for the first ones on the lists.
const PAGES: &[&str] = &[
    "/leads",
    "/leads?view=decided",
    "{lead}",
    "/accounts",
    "{account}",
    "{account}/timeline",
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
    let (first, again) = moved(&mut reader)?;
    for (what, took) in [("to a number not tried yet", first), ("to one tried before", again)] {
        report.push(
            Row::new(format!("preview, threshold moved {what}"), Figure::Seconds(took))
                .times(format!("page {YARDSTICK}"), yardstick)
                .target(Target::Below(Figure::Seconds(PREVIEW_WITHIN))),
        );
    }
    Ok(())
}

/// Seconds from moving a threshold, as its slider does, to the page with its preview, at the median:
/// to numbers that nobody has tried, then to the same ones once more.
fn moved(reader: &mut Reader) -> anyhow::Result<(f64, f64)> {
    let page = reader.body(MOVED)?;
    let slider = page.split("id=\"slide\"").nth(1).context("the definition has no slider")?;
    let number = |name: &str| -> anyhow::Result<f64> {
        let value = value_of(slider, name).with_context(|| format!("the slider has no {name}"))?;
        Ok(value.parse()?)
    };
    let (least, step) = (number("min")?, number("step")?);
    let csrf = value_of(page.split("name=\"csrf\"").nth(1).unwrap_or_default(), "value");
    let csrf = csrf.context("the page has no form")?.to_owned();
    let mut round = || -> anyhow::Result<f64> {
        let mut took = Vec::with_capacity(MOVES);
        for place in 1..=MOVES {
            let form: String = form_urlencoded::Serializer::new(String::new())
                .append_pair("csrf", &csrf)
                .append_pair("number", "0")
                .append_pair("at", &(least + step * place as f64).to_string())
                .finish();
            let begin = Instant::now();
            reader.send(&format!("{MOVED}/draft"), &form)?;
            reader.body(&format!("{MOVED}?number=0"))?;
            took.push(begin.elapsed().as_secs_f64());
        }
        took.sort_unstable_by(f64::total_cmp);
        Ok(took[MOVES / 2])
    };
    let times = (round()?, round()?);
    reader.send(&format!("{MOVED}/draft"), &format!("csrf={csrf}&do=discard"))?;
    Ok(times)
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

    /// Sends a form, which is answered by where to go next.
    fn send(&mut self, path: &str, form: &str) -> anyhow::Result<()> {
        let (at, cookie, length) = (self.at, &self.cookie, form.len());
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: {at}\r\nCookie: {cookie}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n{form}"
        );
        self.stream.get_mut().write_all(request.as_bytes())?;
        let (status, _) = answer(&mut self.stream)?;
        if status != 303 {
            bail!("the server answered {status} to a form for {path}");
        }
        Ok(())
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

/// The value of the first attribute of this name.
fn value_of<'p>(markup: &'p str, name: &str) -> Option<&'p str> {
    markup.split(&format!(" {name}=\"")).nth(1)?.split('"').next()
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
    fn the_value_of_an_attribute_is_found() {
        let slider = r#" name="at" min="20" max="100" step="1">"#;
        assert_eq!(value_of(slider, "min"), Some("20"));
        assert_eq!(value_of(slider, "value"), None);
    }

    #[test]
    fn the_first_address_that_goes_on_is_found() {
        let page = r#"<a href="/leads">…</a> <a href="/accounts/"> <a href="/accounts/acme">"#;
        assert_eq!(first_link(page, "/accounts/").as_deref(), Some("/accounts/acme"));
        assert_eq!(first_link(page, "/leads/lead_"), None);
    }
}
