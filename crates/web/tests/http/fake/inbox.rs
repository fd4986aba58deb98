//! The fake's messages inside the product.

use std::sync::Mutex;

use firsthand_web::backend::SigningSecret;
use firsthand_web::noun::{InAppAct, InAppAction, InAppForm, InAppMessage, InAppPoint, InAppUsage};
use tokio::sync::watch;

/// The key that signs, by its name.
pub const KID: &str = "key_1";
/// Its secret.
pub const SECRET: &str = "the product's secret";

/// What waits for whom, and what they did with it.
pub struct Inbox {
    pub waiting: Mutex<Vec<(String, InAppMessage)>>,
    pub acts: Mutex<Vec<(String, String, InAppAct)>>,
    pub changed: watch::Sender<u64>,
}

impl Default for Inbox {
    fn default() -> Self {
        let waiting = vec![
            ("u1".to_owned(), message("msg_1", InAppForm::Banner)),
            ("u2".to_owned(), message("msg_2", InAppForm::Modal)),
        ];
        Self {
            waiting: Mutex::new(waiting),
            acts: Mutex::default(),
            changed: watch::Sender::new(0),
        }
    }
}

impl Inbox {
    pub fn of(&self, person: &str) -> Vec<InAppMessage> {
        let waiting = self.waiting.lock().unwrap();
        waiting.iter().filter(|(whose, _)| whose == person).map(|(_, it)| it.clone()).collect()
    }

    /// Adds a message and tells those who listen.
    pub fn add(&self, person: &str, message: InAppMessage) {
        self.waiting.lock().unwrap().push((person.to_owned(), message));
        self.changed.send_modify(|it| *it += 1);
    }

    pub fn act(&self, person: &str, message: &str, act: InAppAct) -> Option<()> {
        self.of(person).iter().any(|it| it.id == message).then_some(())?;
        self.acts.lock().unwrap().push((person.to_owned(), message.to_owned(), act));
        Some(())
    }
}

pub fn secrets(kid: Option<&str>) -> Vec<SigningSecret> {
    let known = kid.is_none_or(|it| it == KID);
    known.then(|| SigningSecret::new(SECRET)).into_iter().collect()
}

pub fn message(id: &str, form: InAppForm) -> InAppMessage {
    InAppMessage {
        id: id.to_owned(),
        form,
        title: "8,140 of 10,000 contacts used".to_owned(),
        body: "At this pace your list is full around 2 April.".to_owned(),
        points: vec![InAppPoint { text: "Your list goes on growing".to_owned(), done: None }],
        usage: Some(InAppUsage {
            meter: "contacts".to_owned(),
            used: "8,140".to_owned(),
            limit: "10,000".to_owned(),
            share: 0.814,
        }),
        action: Some(InAppAction { label: "See Pro".to_owned(), url: "/plans".to_owned() }),
        language: "en".to_owned(),
        until: None,
        shown: false,
    }
}
