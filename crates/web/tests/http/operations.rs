//! Every operation that the description names, called: with what it wants, without a token, with
//! the wrong one, with unknown ids and parameters, and with wrong bodies.

use std::collections::BTreeMap;

use firsthand_web::backend::Scope;
use jsonschema::Validator;
use serde_json::{Value, json};

use crate::client::Reply;
use crate::{Server, bearer, inapp, told};

/// One operation as the description tells it.
struct Operation {
    id: String,
    method: String,
    template: String,
    described: Value,
}

impl Operation {
    fn all(api: &Value) -> Vec<Self> {
        let paths = api["paths"].as_object().unwrap();
        let operations = paths.iter().flat_map(|(template, methods)| {
            methods.as_object().unwrap().iter().map(|(method, described)| Self {
                id: described["operationId"].as_str().unwrap().to_owned(),
                method: method.to_uppercase(),
                template: template.clone(),
                described: described.clone(),
            })
        });
        operations.collect()
    }

    fn parameters(&self, of: &str) -> Vec<&Value> {
        let all = self.described["parameters"].as_array();
        all.into_iter().flatten().filter(|it| it["in"] == of).collect()
    }

    fn has_body(&self) -> bool {
        self.described["requestBody"].is_object()
    }

    /// The one scope that it needs; none if it is open to all.
    fn scope(&self) -> Option<Scope> {
        let ways = self.described["security"].as_array().unwrap();
        let needed = ways.iter().find_map(|way| way["token"][0].as_str())?;
        Some(needed.parse().unwrap())
    }

    /// Whether it asks for a person's token.
    fn is_for_a_person(&self) -> bool {
        let ways = self.described["security"].as_array().unwrap();
        ways.iter().any(|way| way["person"].is_array())
    }

    /// Its path with ids that exist, or with this one in the place of them all.
    fn path(&self, id: Option<&str>) -> String {
        let mut path = self.template.clone();
        // What is deleted is not needed by anybody else.
        let item = if self.method == "DELETE" { "quar_1" } else { "quar_0" };
        for (name, known) in [
            ("lead", "lead_01"),
            ("account", "acct_1"),
            ("feature", "export"),
            ("meter", "contacts"),
            ("definition", "outgrowing-free"),
            ("item", item),
            ("id", "u1"),
            ("act", "act_1"),
            ("erasure", "erase_1"),
            ("delivery", "dlv_0"),
            ("channel", "sales"),
            ("play", "outgrowing"),
            ("import", "imp_1"),
        ] {
            path = path.replace(&format!("{{{name}}}"), id.unwrap_or(known));
        }
        let needed = self.parameters("query").into_iter().filter(|it| it["required"] == true);
        let query = needed.map(|it| match it["name"].as_str().unwrap() {
            "subject" => "subject=account:acct_1",
            "definition" => "definition=outgrowing-free",
            "file" => "file=events.csv",
            other => panic!("`{other}` needs a sample"),
        });
        let query = query.collect::<Vec<_>>().join("&");
        if query.is_empty() { path } else { format!("{path}?{query}") }
    }

    /// A body that it takes.
    fn body(&self) -> String {
        if !self.has_body() {
            return String::new();
        }
        let body = match &*self.id {
            "reject_lead" => json!({"reason": "too small"}),
            "snooze_lead" => json!({"until": "2026-04-01T09:00:00+02:00", "reason": "budget"}),
            "reopen_lead" | "win_lead" | "lose_lead" => json!({}),
            "assign_lead" => json!({"owner": "kim"}),
            "note_lead" => json!({"text": "Called.\nWill call again."}),
            "propose_identity_act" => json!({"kind": "merge", "person": "u1", "other": "u2"}),
            "erase" => json!({"kind": "person", "id": "u1"}),
            "read_import" => json!({"source": "events", "mapping": {"time": "day"}}),
            "take_import" => json!({"apply_to_existing": false}),
            // Any bytes.
            "upload_import" => json!({"day": "2026-01-02"}),
            "resend_dead" => json!({"channel": "sales"}),
            "act_on_my_message" => json!({"message": "msg_1", "act": "shown"}),
            "reload_project" => json!({"apply_to_existing": true}),
            "check_definition" | "preview_definition" | "publish_definition" => {
                json!({"text": crate::fake::workbench::TEXT})
            }
            other => panic!("`{other}` needs a sample body"),
        };
        body.to_string()
    }

    async fn call(&self, server: &Server, path: &str, token: Option<Scope>, body: &str) -> Reply {
        let person = || format!("authorization: Bearer {}", inapp::token("u1", 900));
        let token = token.map(bearer).or_else(|| self.is_for_a_person().then(person));
        let mut headers = token.iter().map(String::as_str).collect::<Vec<_>>();
        if !body.is_empty() {
            headers.push("content-type: application/json");
        }
        let reply = server.send(&self.method, path, &headers, body).await;
        self.check(&reply);
        reply
    }

    /// WEB-5: the status is described, and so is what came with it.
    fn check(&self, reply: &Reply) {
        let described = &self.described["responses"][reply.status.to_string()];
        let Self { id, .. } = self;
        assert!(described.is_object(), "{id} gave {}, which is not described", reply.status);
        assert!(reply.status != 500 || reply.text().contains("broken"), "{id}");
        let Some(content) = described["content"].as_object() else {
            assert!(reply.body.is_empty(), "{id} gave a body that is not described");
            return;
        };
        let given = reply.header("content-type").split(';').next().unwrap();
        assert!(content.contains_key(given), "{id} gave {given}, which is not described");
    }
}

/// A server whose open streams end soon, so that every answer has an end.
async fn server() -> Server {
    Server::with(|limits| limits.listen_max = std::time::Duration::from_millis(50)).await
}

async fn described(server: &Server) -> Value {
    let reply = server.send("GET", "/api/v1/openapi.json", &[], "").await;
    assert_eq!(reply.status, 200);
    reply.json()
}

/// Checks values against the schemas of the description.
fn validator(api: &Value, schema: &Value) -> Validator {
    let mut schema = schema.clone();
    schema["components"] = api["components"].clone();
    jsonschema::options()
        .with_draft(jsonschema::Draft::Draft202012)
        .build(&schema)
        .expect("the description holds schemas")
}

#[tokio::test]
async fn every_operation_answers_as_it_is_described() {
    let server = server().await;
    let api = described(&server).await;
    let operations = Operation::all(&api);
    assert!(operations.len() > 30, "the description names every path");
    for operation in &operations {
        let (path, body) = (operation.path(None), operation.body());
        let reply = operation.call(&server, &path, operation.scope(), &body).await;
        assert!(reply.status < 300, "{} gave {}", operation.id, reply.text());
        let content = &operation.described["responses"][reply.status.to_string()]["content"];
        let schema = &content["application/json"]["schema"];
        if schema.is_object() {
            let validator = validator(&api, schema);
            let given = reply.json();
            let errors = validator.iter_errors(&given).map(|it| it.to_string());
            let errors = errors.collect::<Vec<_>>();
            assert_eq!(errors, Vec::<String>::new(), "{}", operation.id);
        }
    }
}

#[tokio::test]
async fn every_operation_asks_for_its_scope_and_no_other_will_do() {
    let server = server().await;
    let api = described(&server).await;
    let mut open = Vec::new();
    for operation in Operation::all(&api) {
        let (path, body) = (operation.path(None), operation.body());
        let Some(needed) = operation.scope() else {
            if !operation.is_for_a_person() {
                open.push(operation.id);
            }
            continue;
        };
        let missing = operation.call(&server, &path, None, &body).await;
        assert_eq!(told(&missing), (401, "missing_token".to_owned(), None), "{}", operation.id);
        assert!(missing.header("www-authenticate").starts_with("Bearer"));
        let unknown = server.send(&operation.method, &path, &["authorization: Bearer x"], "").await;
        assert_eq!(told(&unknown).1, "unknown_token");
        for scope in Scope::ALL {
            let reply = operation.call(&server, &path, Some(scope), &body).await;
            let may = scope == needed || scope == Scope::Admin;
            let refused = reply.status == 403;
            assert_eq!(refused, !may, "{} with {scope}: {}", operation.id, reply.status);
        }
    }
    assert_eq!(open, ["openapi", "live", "ready"], "these alone are open to all");
}

#[tokio::test]
async fn an_unknown_id_is_not_found() {
    let server = server().await;
    let api = described(&server).await;
    let mut asked = 0;
    for operation in Operation::all(&api) {
        if operation.parameters("path").is_empty() {
            continue;
        }
        // A text may be one of a definition that does not exist yet.
        let new = ["check_definition", "preview_definition", "publish_definition"];
        if new.contains(&&*operation.id) {
            continue;
        }
        asked += 1;
        let body = operation.body();
        for id in ["nobody", "%00", "a%2Fb", "%C3%BC", &"x".repeat(300)] {
            let path = operation.path(Some(id));
            let reply = operation.call(&server, &path, operation.scope(), &body).await;
            assert_eq!(told(&reply), (404, "not_found".to_owned(), None), "{} {id}", operation.id);
        }
        let path = operation.path(Some("%FF"));
        let reply = operation.call(&server, &path, operation.scope(), &body).await;
        assert_eq!(told(&reply).0, 400, "what is not UTF-8 is no path");
    }
    assert!(asked > 15);
}

#[tokio::test]
async fn a_wrong_parameter_is_refused_by_name() {
    let server = server().await;
    let api = described(&server).await;
    let wrong = BTreeMap::from([
        ("track", "email"),
        ("status", "open,closed"),
        ("since", "yesterday"),
        ("at", "2026-13-01T00:00:00Z"),
        ("sort", "name"),
        ("direction", "up"),
        ("limit", "0"),
        ("cursor", "abc"),
        ("subject", "acme"),
        ("state", "gone"),
        ("owner", ""),
        ("text", "a%00b"),
        ("stage", "pql,,sql"),
    ]);
    let mut asked = 0;
    for operation in Operation::all(&api) {
        for parameter in operation.parameters("query") {
            let name = parameter["name"].as_str().unwrap();
            let Some(value) = wrong.get(name) else { continue };
            let template = operation.template.replace("{lead}", "lead_01");
            let others = if operation.id == "explain" && name == "at" {
                "&subject=account:acct_1&definition=outgrowing-free"
            } else {
                ""
            };
            let path = format!("{template}?{name}={value}{others}");
            let reply = operation.call(&server, &path, operation.scope(), "").await;
            let (status, _, parameter) = told(&reply);
            assert_eq!((status, parameter.as_deref()), (400, Some(name)), "{}", reply.text());
            assert!(reply.json()["help"].is_string());
            asked += 1;
        }
        if !operation.parameters("query").is_empty() {
            let path = format!("{}?colour=red", operation.template);
            let reply = operation.call(&server, &path, operation.scope(), "").await;
            assert_eq!(told(&reply).2.as_deref(), Some("colour"), "{}", operation.id);
        }
    }
    assert!(asked > 20, "{asked}");
}

#[tokio::test]
async fn a_wrong_body_is_refused_by_name() {
    let server = server().await;
    let api = described(&server).await;
    let mut asked = 0;
    // A file may be anything.
    let has_body = |it: &&Operation| it.has_body() && it.id != "upload_import";
    for operation in Operation::all(&api).iter().filter(has_body) {
        let (path, body) = (operation.path(None), operation.body());
        let token = match operation.scope() {
            Some(scope) => bearer(scope),
            None => format!("authorization: Bearer {}", inapp::token("u1", 900)),
        };
        let send = async |content_type: &str, body: &str| {
            let reply = server.send(&operation.method, &path, &[&token, content_type], body).await;
            operation.check(&reply);
            told(&reply)
        };
        let json = "content-type: application/json";
        assert_eq!(send("accept: */*", &body).await.1, "unsupported_media_type");
        assert_eq!(send("content-type: text/plain", &body).await.0, 415);
        assert_eq!(send(json, "{").await, (400, "malformed_body".to_owned(), None));
        assert_eq!(send(json, "").await.1, "malformed_body");
        let large = format!("{{\"reason\": \"{}\"}}", "x".repeat(65 << 10));
        assert_eq!(send(json, &large).await, (413, "body_too_large".to_owned(), None));
        let (status, code, place) = send(json, r#"{"colour": "red"}"#).await;
        assert_eq!((status, &*code), (422, "invalid"));
        assert!(place.is_some(), "{}", operation.id);
        assert_eq!(send(json, "[]").await.0, 422);
        asked += 1;
    }
    assert_eq!(asked, 17);
}

#[tokio::test]
async fn texts_are_checked_where_they_come_in() {
    let server = Server::start().await;
    for (path, body, place) in [
        ("reject", json!({"reason": " "}), "reason"),
        ("reject", json!({"reason": "a\u{0}b"}), "reason"),
        ("reject", json!({"reason": "x".repeat(1_001)}), "reason"),
        ("snooze", json!({"until": "2026-03-08T08:59:59Z"}), "until"),
        ("snooze", json!({"until": 5}), "until"),
        ("assign", json!({"owner": ""}), "owner"),
        ("assign", json!({}), "owner"),
        ("notes", json!({"text": "x".repeat(10_001)}), "text"),
    ] {
        let reply = server.post(&format!("/api/v1/leads/lead_01/{path}"), &body.to_string()).await;
        let (status, _, parameter) = told(&reply);
        assert_eq!((status, parameter.as_deref()), (422, Some(place)), "{}", reply.text());
    }
    let same = json!({"kind": "merge", "person": "u1", "other": "u1"}).to_string();
    let reply = server.post("/api/v1/identity/acts", &same).await;
    assert_eq!(told(&reply).2.as_deref(), Some("other"));
}

/// The oracle is the `OpenAPI` Initiative's own schema of 2022-10-07.
#[test]
fn the_description_is_one_of_openapi_3_1() {
    let schema: Value = serde_json::from_str(include_str!("openapi-3.1.json")).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let mut api: Value = serde_json::from_str(&firsthand_web::openapi()).unwrap();
    let errors = validator.iter_errors(&api).map(|it| it.to_string()).collect::<Vec<_>>();
    assert_eq!(errors, Vec::<String>::new());
    api["paths"]["/api/v1/leads"]["get"]["responses"]["ok"] = json!({});
    assert!(!validator.is_valid(&api), "the schema looks that deep");
}

#[test]
fn the_description_holds_together() {
    let api: Value = serde_json::from_str(&firsthand_web::openapi()).unwrap();
    assert!(api["openapi"].as_str().unwrap().starts_with("3.1"));
    let text = api.to_string();
    for part in text.split("\"$ref\":\"#/").skip(1) {
        let path = part.split('"').next().unwrap();
        assert!(api.pointer(&format!("/{path}")).is_some(), "`{path}` leads nowhere");
    }
    let operations = Operation::all(&api);
    let ids = operations.iter().map(|it| &it.id).collect::<std::collections::BTreeSet<_>>();
    assert_eq!(ids.len(), operations.len(), "no two operations have the same id");
    for operation in &operations {
        let named = operation.parameters("path").len();
        assert_eq!(named, operation.template.matches('{').count(), "{}", operation.id);
        assert!(operation.described["summary"].is_string(), "{}", operation.id);
    }
}
