//! Live traffic: what happens in the simulated company from now on, sent as its clients would send it.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use firsthand_collect::write_fact;
use firsthand_model::play::Reaction;
use firsthand_model::{Fact, Text};
use firsthand_web::Backend;
use firsthand_web::noun::InAppAct;
use reqwest::{Client, StatusCode};

use super::cast;
use super::company::{Company, SOURCES};
use crate::serve::running::Beside;
use crate::serve::{Server, outgoing};

/// How often is sent what has happened since.
const EVERY: Duration = Duration::from_millis(500);
/// Most facts of one call.
const FACTS_PER_CALL: usize = 500;
/// What a broken client sends now and then: nobody's events, and a time that is none.
const BROKEN: &str = r#"{"person":"null","event":"Report exported"}
{"id":"broken-1","time":"yesterday","person":"guest","event":"Dashboard viewed"}
"#;

/// Sends what happens after the visitor has come, as long as the server runs.
pub fn after(company: Company) -> Beside {
    Box::new(move |at, server| Box::pin(run(company, at, server)))
}

async fn run(company: Company, at: SocketAddr, server: Arc<Server>) {
    // Making it chooses the cryptography of the process, which the client below asks for.
    let chosen = outgoing::network().map_err(|it| it.to_string());
    let client =
        chosen.and_then(|_| Client::builder().no_proxy().build().map_err(|it| it.to_string()));
    let client = match client {
        Ok(client) => client,
        Err(error) => return tracing::error!(error, "no live traffic can be sent"),
    };
    let mut sent = company.now;
    let mut greeted = false;
    loop {
        tokio::time::sleep(EVERY).await;
        if !Backend::readiness(&*server).ready {
            continue;
        }
        if !greeted {
            greeted = send(&client, at, SOURCES[1].1, BROKEN.to_owned()).await;
        }
        let now = server.now();
        let facts = company.between(sent, now);
        if deliver(&client, at, facts).await {
            sent = now;
            look_at_messages(&server, facts).await;
        }
    }
}

/// Sends facts, each with the key of its source; whether all were taken.
async fn deliver(client: &Client, at: SocketAddr, facts: &[Fact]) -> bool {
    let mut of: BTreeMap<&Text, Vec<&Fact>> = BTreeMap::new();
    for fact in facts {
        of.entry(&fact.source).or_default().push(fact);
    }
    for (source, facts) in of {
        let key = SOURCES.iter().find(|(name, _)| *source == *name).map_or("", |(_, key)| *key);
        for facts in facts.chunks(FACTS_PER_CALL) {
            let mut body = Vec::new();
            // What is written to memory is written.
            let _ = facts.iter().try_for_each(|it| write_fact(&mut body, it));
            if !send(client, at, key, String::from_utf8_lossy(&body).into_owned()).await {
                // All of it is sent again; what is known already counts once.
                return false;
            }
        }
    }
    true
}

/// Sends a body; whether it need not be sent again.
async fn send(client: &Client, at: SocketAddr, key: &str, body: String) -> bool {
    let call = client.post(format!("http://{at}/v1/facts")).basic_auth(key, Some("")).body(body);
    // What is refused for good would be refused again.
    call.send().await.is_ok_and(|it| {
        !it.status().is_server_error() && it.status() != StatusCode::TOO_MANY_REQUESTS
    })
}

/// Whoever was active sees the messages that wait for them, and does something about them.
async fn look_at_messages(server: &Arc<Server>, facts: &[Fact]) {
    let active: BTreeSet<&Text> = facts.iter().filter_map(|it| it.who.user.as_ref()).collect();
    for person in active {
        let Ok(messages) = Backend::inbox(&**server, person).await else { continue };
        for message in messages.iter().filter(|it| !it.shown) {
            for reaction in cast::reactions(&message.id) {
                let act = match reaction {
                    Reaction::Shown => InAppAct::Shown,
                    Reaction::Clicked => InAppAct::Clicked,
                    Reaction::Dismissed => InAppAct::Dismissed,
                };
                // Nobody waits for it.
                Backend::act_on_message(&**server, person, &message.id, act).await.ok();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_source_of_the_company_has_a_key() {
        for fact in Company::of(firsthand_model::Time(20_776 * firsthand_model::Span::DAY.0)).facts
        {
            assert!(SOURCES.iter().any(|(name, _)| fact.source == *name));
        }
    }
}
