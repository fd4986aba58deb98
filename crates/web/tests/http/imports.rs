//! Files that are uploaded: the form whose body is read as it comes.

use firsthand_web::backend::{Role, Scope};

use crate::client::{Reply, send};
use crate::fake_imports::FILE_BYTES_MAX;
use crate::pages::{Browser, secret_on};
use crate::{Server, bearer, told};

const BOUNDARY: &str = "----firsthand-test";

fn part(name: &str, file: Option<&str>, content: &str) -> String {
    let file = file.map_or_else(String::new, |it| format!("; filename=\"{it}\""));
    format!(
        "--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"{name}\"{file}\r\n\r\n{content}\r\n"
    )
}

/// Sends a form in parts.
async fn send_parts(browser: &Browser, server: &Server, parts: &str) -> Reply {
    let cookies: Vec<String> =
        browser.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let cookies = format!("cookie: {}", cookies.join("; "));
    let kind = format!("content-type: multipart/form-data; boundary={BOUNDARY}");
    let headers = ["accept: text/html", cookies.as_str(), kind.as_str()];
    send(server.at, "POST", "/sources/import", &headers, &format!("{parts}--{BOUNDARY}--\r\n"))
        .await
}

/// Uploads a file as the form does.
pub async fn upload(browser: &mut Browser, server: &Server, name: &str, content: &str) -> Reply {
    let page = browser.get(server, "/leads").await;
    let secret = secret_on(page.text()).to_owned();
    let parts = part("csrf", None, &secret)
        + &part("source", None, "billing")
        + &part("file", Some(name), content);
    send_parts(browser, server, &parts).await
}

#[tokio::test]
async fn a_file_comes_whole_with_its_source() {
    let server = Server::start().await;
    let mut browser = Browser::of(Role::Analyst);
    let reply = upload(&mut browser, &server, "bills.csv", "day,who\n2026-01-02,ana\n").await;
    assert_eq!((reply.status, reply.header("location")), (303, "/sources/import/imp_1"));
    let whole = server.fake.uploads.whole.lock().unwrap().clone();
    let content = b"day,who\n2026-01-02,ana\n".to_vec();
    assert_eq!(whole, [("bills.csv".to_owned(), "billing".to_owned(), content)]);
}

#[tokio::test]
async fn no_file_is_kept_before_the_secret_of_the_session_has_come() {
    let server = Server::start().await;
    let mut browser = Browser::of(Role::Admin);
    let page = browser.get(&server, "/leads").await;
    let secret = part("csrf", None, secret_on(page.text()));
    let file = part("file", Some("a.csv"), "day\n");
    for parts in [file.clone(), part("csrf", None, "") + &file, file.clone() + &secret] {
        assert_eq!(send_parts(&browser, &server, &parts).await.status, 403);
    }
    assert!(server.fake.uploads.whole.lock().unwrap().is_empty());
    let stranger = Browser::default();
    assert_eq!(send_parts(&stranger, &server, &(secret + &file)).await.status, 403);
}

#[tokio::test]
async fn a_file_that_is_too_large_is_told_at_the_field() {
    let server = Server::start().await;
    let mut browser = Browser::of(Role::Admin);
    let reply = upload(&mut browser, &server, "a.csv", &"x".repeat(FILE_BYTES_MAX + 1)).await;
    assert_eq!(reply.status, 200);
    assert!(reply.text().contains("The file is too large. Split it."), "{}", reply.text());
    let reply = upload(&mut browser, &server, "", "").await;
    assert!(reply.text().contains("Choose a file first."));
    assert!(server.fake.uploads.whole.lock().unwrap().is_empty());
}

#[tokio::test]
async fn what_stands_in_a_file_stays_text_and_only_an_admin_opens_leads() {
    let server = Server::start().await;
    let mut admin = Browser::of(Role::Admin);
    let page = admin.get(&server, "/sources/import/imp_1").await;
    assert!(page.text().contains("&#60;i&#62;ana&#60;/i&#62;"), "{}", page.text());
    assert!(page.text().contains("name=\"apply\""));
    let rejects = admin.get(&server, "/sources/import/imp_1/rejects?from=50").await;
    assert!(
        rejects.text().contains("soon,&#60;script&#62;") && rejects.text().contains("from=100")
    );
    let act = "/sources/import/imp_1/act";
    assert_eq!(admin.post(&server, "/leads", act, "do=take&apply=yes").await.status, 303);
    let mut analyst = Browser::of(Role::Analyst);
    assert!(!analyst.get(&server, "/sources/import/imp_1").await.text().contains("name=\"apply\""));
    assert_eq!(analyst.post(&server, "/leads", act, "do=take&apply=yes").await.status, 403);
    assert_eq!(analyst.post(&server, "/leads", act, "do=take").await.status, 303);
    assert_eq!(*server.fake.uploads.taken.lock().unwrap(), [true, false]);
}

/// As the page does it.
#[tokio::test]
async fn a_program_uploads_a_file_has_it_read_otherwise_and_taken_in() {
    let server = Server::start().await;
    let token = bearer(Scope::ImportsWrite);
    let path = "/api/v1/imports?file=old+events.csv&source=crm";
    let file = "day,user\n2026-01-02,ana\n";
    let reply = server.send("POST", path, &[&token, "content-type: text/csv"], file).await;
    assert_eq!((reply.status, &reply.json()["id"]), (201, &serde_json::json!("imp_1")));
    let wanted = ("old events.csv".to_owned(), "crm".to_owned(), file.as_bytes().to_vec());
    assert_eq!(*server.fake.uploads.whole.lock().unwrap(), [wanted]);

    let json = "content-type: application/json";
    let reading = r#"{"source": "crm", "mapping": {"time": "day", "person": "user"}}"#;
    let reply =
        server.send("POST", "/api/v1/imports/imp_1/reading", &[&token, json], reading).await;
    assert_eq!(reply.status, 202);
    assert_eq!(server.fake.uploads.readings.lock().unwrap()[0].mapping.len(), 2);
    for (body, applies) in [("{}", false), (r#"{"apply_to_existing": true}"#, true)] {
        let reply = server.send("POST", "/api/v1/imports/imp_1/take", &[&token, json], body).await;
        assert_eq!(reply.status, 202);
        assert_eq!(server.fake.uploads.taken.lock().unwrap().last(), Some(&applies));
    }
    let first = server.get("/api/v1/imports/imp_1/rejects?limit=100").await.json();
    let next = first["next"].as_str().unwrap();
    let path = format!("/api/v1/imports/imp_1/rejects?limit=100&cursor={next}");
    let rest = server.get(&path).await.json();
    assert_eq!(first["items"].as_array().unwrap().len(), 100);
    assert_eq!(rest["items"][0]["line"], 100);
    assert_eq!(
        (rest["items"].as_array().unwrap().len(), &rest["next"]),
        (20, &serde_json::Value::Null)
    );
    let reply = server.send("DELETE", "/api/v1/imports/imp_1", &[&token], "").await;
    assert_eq!(reply.status, 204);
}

#[tokio::test]
async fn a_file_of_a_program_that_is_too_large_is_refused_and_none_is_kept() {
    let server = Server::start().await;
    let token = bearer(Scope::ImportsWrite);
    let large = "x".repeat(FILE_BYTES_MAX + 1);
    let reply = server.send("POST", "/api/v1/imports?file=a.csv", &[&token], &large).await;
    assert_eq!(told(&reply).0, 422);
    assert!(server.fake.uploads.whole.lock().unwrap().is_empty());
    let reply = server.send("POST", "/api/v1/imports?file=a.csv", &[&token], "").await;
    assert_eq!(told(&reply).2.as_deref(), Some("body"), "it is empty");
    assert!(server.fake.uploads.whole.lock().unwrap().is_empty());
    let (json, path) = ("content-type: application/json", "/api/v1/imports/imp_1/reading");
    for source in [String::new(), "x".repeat(101)] {
        let sent = format!("/api/v1/imports?file=old.csv&source={source}");
        let reply = server.send("POST", &sent, &[&token], "ts\n").await;
        assert_eq!(told(&reply).2.as_deref(), Some("source"), "{}", reply.text());
        let reading = format!(r#"{{"source": "{source}"}}"#);
        let reply = server.send("POST", path, &[&token, json], &reading).await;
        assert_eq!(told(&reply).2.as_deref(), Some("source"), "facts have a source");
    }
    let reply = server.send("POST", "/api/v1/imports", &[&token], "x").await;
    assert_eq!(told(&reply).2.as_deref(), Some("file"), "it has no name");
}
