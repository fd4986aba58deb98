//! People who do not want to hear of us.

use firsthand_engine::{Batch, OWN_SOURCE};
use firsthand_model::fact::{Body, Kind, Who};
use firsthand_model::{Fact, Json, Text};
use firsthand_web::Answer;

use super::Server;

impl Server {
    /// Records it as a trait of the person, which the contact budget obeys and definitions can read.
    pub(super) async fn set_unsubscribed(&self, person: &str, unsubscribed: bool) -> Answer<()> {
        let now = self.now();
        let traits = serde_json::json!({ self.inbound.opt_out_trait.as_str(): unsubscribed });
        let whose = blake3::hash(person.as_bytes()).to_hex();
        let fact = Fact {
            id: format!("unsubscribe:{}:{}", &whose[..20], now.micros()).into(),
            source: OWN_SOURCE,
            time: now,
            known_at: Some(now),
            who: Who { user: Some(Text::from(person)), ..Who::default() },
            body: Body::Traits {
                of: Kind::Person,
                traits: Json::parse(traits.to_string()).expect("it was just written"),
            },
        };
        self.submit_batch(Batch { facts: vec![fact], ..Batch::default() }).await
    }
}
