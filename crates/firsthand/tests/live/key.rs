//! Tokens, from the command to the API.

use crate::server::{Server, firsthand, project};

#[test]
fn a_token_is_shown_whole_and_taken_until_it_is_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    project(folder.path(), "project: keys\n");
    let token = firsthand(folder.path(), &["key", "add", "crm", "--scope", "leads:read"]);
    let token = token.trim();
    let server = Server::start(folder.path());
    server.ready();
    assert_eq!(server.get("/api/v1/leads", Some(token)).0, 200, "{token}");
    assert_eq!(server.get("/api/v1/status", Some(token)).0, 403, "another scope");
    assert_eq!(server.get("/api/v1/leads", Some("fh_wrong")).0, 401);
    let keys = firsthand(folder.path(), &["key", "list", "--json"]);
    let keys: serde_json::Value = serde_json::from_str(&keys).unwrap();
    assert!(!keys.to_string().contains(token), "only the hash is kept");
    firsthand(folder.path(), &["key", "revoke", keys[0]["id"].as_str().unwrap()]);
    assert_eq!(server.get("/api/v1/leads", Some(token)).0, 401, "it was taken back");
}
