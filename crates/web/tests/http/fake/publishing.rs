//! The fake's publications: each is done at once.

use async_trait::async_trait;
use firsthand_web::backend::{Answer, Caller, Failure, Publishing};
use firsthand_web::noun::{NewVersion, Publication, PublicationState};

use super::{Fake, now};

/// A text with this in it is not sound.
const UNSOUND: &str = "\"Report exportd\"";

/// What the fake has published before.
pub fn published_before() -> Publication {
    done("outgrowing-free", false, &Caller { name: "kim".to_owned() })
}

fn done(definition: &str, apply_to_existing: bool, by: &Caller) -> Publication {
    Publication {
        definitions: vec![definition.to_owned()],
        by: by.name.clone(),
        asked_at: now().into(),
        apply_to_existing,
        state: PublicationState::Done,
        done: 0,
        total: None,
        problem: None,
        needs_restart: Vec::new(),
    }
}

impl Fake {
    fn published(&self, it: Publication) -> Publication {
        *self.published.lock().unwrap() = Some(it.clone());
        it
    }
}

#[async_trait]
impl Publishing for Fake {
    async fn publish(&self, name: &str, new: NewVersion, by: &Caller) -> Answer<Publication> {
        if new.text.contains(UNSOUND) || !new.text.contains("when:") {
            return Err(Failure::Invalid {
                parameter: "text",
                detail: "the definition is not sound".to_owned(),
                help: "Mend what is told, and publish it again.".to_owned(),
            });
        }
        Ok(self.published(done(name, new.apply_to_existing, by)))
    }

    async fn retire(&self, name: &str, by: &Caller) -> Answer<Option<Publication>> {
        let known = name == "outgrowing-free";
        Ok(known.then(|| self.published(done(name, false, by))))
    }

    async fn reload(&self, apply_to_existing: bool, by: &Caller) -> Answer<Publication> {
        Ok(self.published(done("outgrowing-free", apply_to_existing, by)))
    }

    async fn publication(&self) -> Answer<Option<Publication>> {
        Ok(self.published.lock().unwrap().clone())
    }
}
