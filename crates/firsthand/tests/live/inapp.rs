//! Messages inside the product, from the store to the page and back into the history.

use std::path::Path;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use firsthand_model::Time;
use firsthand_model::message::{InAppForm, InAppMessage, Outgoing};
use firsthand_store::{
    Commit, Deliveries, Delivery, DeliveryState, Log, Settings, SqliteOptions, SqliteStore,
};
use firsthand_web::backend::SigningSecret;
use firsthand_web::unsubscribe;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::server::{Server, WRITE_KEY, exchange, firsthand, post, project};

/// What the product's server does: signs who reads.
fn token(key: &Value, person: &str, exp: i64) -> String {
    let part = |it: &Value| BASE64_URL_SAFE_NO_PAD.encode(it.to_string());
    let header = json!({"alg": "HS256", "typ": "JWT", "kid": key["id"]});
    let signed = format!("{}.{}", part(&header), part(&json!({"sub": person, "exp": exp})));
    let secret = key["secret"].as_str().unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(signed.as_bytes());
    format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}

fn now_s() -> i64 {
    let since = std::time::UNIX_EPOCH.elapsed().unwrap();
    since.as_secs().cast_signed()
}

/// Writes a message into the store, as a decision does.
fn decide(folder: &Path, id: &str, person: &str) {
    let message = Outgoing::InApp(InAppMessage {
        person: person.into(),
        account: "acme".into(),
        form: InAppForm::Banner,
        title: "8,140 of 10,000 contacts used".to_owned(),
        body: String::new(),
        points: Vec::new(),
        usage: None,
        action: None,
        language: "en".into(),
        until: None,
    });
    let at = Time((now_s() - 60) * 1_000_000);
    let delivery = Delivery {
        id: id.into(),
        lead: None,
        account: Some("acme".into()),
        channel: "product".into(),
        queued_at: at,
        due_at: at,
        payload: serde_json::to_vec(&message).unwrap(),
        state: DeliveryState::Pending,
        attempts: 0,
        error: None,
    };
    let commit = Commit { deliveries: vec![delivery], ..Commit::default() };
    store(folder).commit(&commit).unwrap();
}

fn store(folder: &Path) -> SqliteStore {
    let path = folder.join("data").join("store.db");
    SqliteStore::open(&path, &SqliteOptions::default()).unwrap()
}

fn ids(body: &str) -> Vec<String> {
    let page: Value = serde_json::from_str(body).unwrap();
    let items = page["items"].as_array().unwrap();
    items.iter().map(|it| it["id"].as_str().unwrap().to_owned()).collect()
}

fn send(server: &Server, path: &str, token: Option<&str>, body: &str) -> (u16, String) {
    let auth = token.map(|it| format!("Authorization: Bearer {it}\r\n")).unwrap_or_default();
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: x\r\n{auth}Content-Type: application/json\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    exchange(server.at, &request).unwrap()
}

const MESSAGES: &str = "/api/v1/in-app/messages";
const ACTS: &str = "/api/v1/in-app/acts";
const SETTINGS: &str = "project: inbox\nsources:\n  web:\n    key: a-write-key\n";

#[test]
fn a_message_is_shown_to_its_person_by_any_of_their_ids_and_what_they_did_is_recorded_once() {
    assert_eq!(WRITE_KEY, "a-write-key");
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    project(folder, SETTINGS);
    let key = firsthand(folder, &["key", "sign", "product", "--json"]);
    let key: Value = serde_json::from_str(&key).unwrap();
    let key = &key[0];
    let server = Server::start(folder);
    server.ready();
    // Ann was known by another id before.
    let alias = r#"{"previousId": "ann-before", "userId": "ann"}"#;
    assert_eq!(post(server.at, "/v1/alias", alias), Some(200));
    decide(folder, "msg_1", "ann");
    decide(folder, "msg_2", "bob");
    let exp = now_s() + 600;
    let (ann, before) = (token(key, "ann", exp), token(key, "ann-before", exp));
    for reader in [&ann, &before] {
        let (status, body) = server.get(MESSAGES, Some(reader));
        assert_eq!((status, ids(&body)), (200, vec!["msg_1".to_owned()]), "{body}");
    }
    assert_eq!(send(&server, ACTS, Some(&ann), r#"{"message":"msg_2","act":"shown"}"#).0, 404);
    for act in ["shown", "shown", "dismissed", "dismissed"] {
        let body = format!(r#"{{"message":"msg_1","act":"{act}"}}"#);
        assert_eq!(send(&server, ACTS, Some(&before), &body).0, 204);
    }
    assert_eq!(ids(&server.get(MESSAGES, Some(&ann)).1), Vec::<String>::new(), "put away for all");
    let (delivery, _) = store(folder).delivery("msg_1").unwrap().unwrap();
    assert_eq!(delivery.state, DeliveryState::Sent);

    // A key that is taken back opens nothing any more.
    firsthand(folder, &["key", "revoke", key["id"].as_str().unwrap()]);
    assert_eq!(server.get(MESSAGES, Some(&ann)).0, 401);
    server.stop();
    let exported = firsthand(folder, &["export"]);
    for (name, times) in [("Message shown", 1), ("Message dismissed", 1), ("Message clicked", 0)] {
        let lines = exported.lines().filter(|it| it.contains(name)).collect::<Vec<_>>();
        assert_eq!(lines.len(), times, "{name}: {lines:?}");
        for line in lines {
            assert!(line.contains("\"record\"") && line.contains("\"acme\""), "{line}");
            assert!(line.contains("msg_1") && line.contains("ann-before"), "{line}");
        }
    }
}

#[test]
fn who_unsubscribes_is_marked_by_a_trait() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    project(folder, SETTINGS);
    let server = Server::start(folder);
    server.ready();
    // The link as it stands in the mail: signed with what only this server knows.
    let root = store(folder).setting("root_secret").unwrap().unwrap();
    let root = *blake3::Hash::from_hex(&root).unwrap().as_bytes();
    let secret = blake3::keyed_hash(&root, b"unsubscribe\n").as_bytes().to_vec();
    let path = unsubscribe::path(&SigningSecret::from_bytes(secret), "ann");
    assert_eq!(server.get(&path, None).0, 200);
    assert_eq!(send(&server, "/unsubscribe/guessed.AAAA", None, "").0, 404);
    assert_eq!(send(&server, &path, None, "List-Unsubscribe=One-Click").0, 200);
    server.stop();
    let exported = firsthand(folder, &["export"]);
    let traits = exported.lines().filter(|it| it.contains("unsubscribed")).collect::<Vec<_>>();
    assert_eq!(traits.len(), 1, "looking changes nothing: {traits:?}");
    assert!(traits[0].contains("\"ann\"") && traits[0].contains("true"), "{traits:?}");
}
