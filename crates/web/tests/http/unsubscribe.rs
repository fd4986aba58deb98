//! The link at the end of each message.

use firsthand_web::backend::SigningSecret;
use firsthand_web::unsubscribe;

use crate::Server;
use crate::fake::inbox::SECRET;

fn path(person: &str) -> String {
    unsubscribe::path(&SigningSecret::new(SECRET), person)
}

#[tokio::test]
async fn looking_at_the_page_changes_nothing() {
    let server = Server::start().await;
    for method in ["GET", "HEAD"] {
        let page = server.send(method, &path("u1"), &["accept-language: en"], "").await;
        assert_eq!(page.status, 200);
        assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
        let policy = page.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
        assert_eq!(page.header("cache-control"), "no-store");
        assert_eq!(page.header("referrer-policy"), "no-referrer");
    }
    let page = server.send("GET", &path("u1"), &["accept-language: en"], "").await;
    assert!(page.text().contains("<form method=\"post\">") && !page.text().contains("<script"));
    assert!(server.fake.unsubscribed.lock().unwrap().is_empty());
}

/// RFC 8058: a mail program posts for its reader, without cookies, without signing in.
#[tokio::test]
async fn one_click_unsubscribes_and_another_takes_it_back() {
    let server = Server::start().await;
    let form = "content-type: application/x-www-form-urlencoded";
    let clicked = "List-Unsubscribe=One-Click";
    let page = server.send("POST", &path("u1"), &[form], clicked).await;
    assert_eq!(page.status, 200);
    assert!(page.text().contains("You are unsubscribed"));
    let multipart = "content-type: multipart/form-data; boundary=b";
    let body = "--b\r\ncontent-disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--b--";
    assert_eq!(server.send("POST", &path("zoë"), &[multipart], body).await.status, 200);
    assert_eq!(server.send("POST", &path("u2"), &[], "").await.status, 200, "no body at all");
    let page = server.send("POST", &path("u1"), &[form], "act=subscribe").await;
    assert!(page.text().contains("You are subscribed again"));
    let done = server.fake.unsubscribed.lock().unwrap().clone();
    let wanted = [("u1", true), ("zoë", true), ("u2", true), ("u1", false)];
    assert_eq!(done, wanted.map(|(who, whether)| (who.to_owned(), whether)));
}

#[tokio::test]
async fn a_link_that_is_not_ours_does_nothing_and_says_so_in_the_readers_language() {
    let server = Server::start().await;
    let other = unsubscribe::token(&SigningSecret::new("guessed"), "u1");
    for method in ["GET", "POST"] {
        for wrong in [&*other, "x", "u1.AAAA"] {
            let path = format!("/unsubscribe/{wrong}");
            let page = server.send(method, &path, &["accept-language: zh-TW"], "").await;
            assert_eq!(page.status, 404);
            assert!(page.text().contains("lang=\"zh-Hant\"") && page.text().contains("連結不完整"));
        }
    }
    assert!(server.fake.unsubscribed.lock().unwrap().is_empty());
}

#[tokio::test]
async fn where_it_cannot_be_recorded_nobody_is_told_that_it_was() {
    let server = Server::start().await;
    let page = server.send("POST", &path("busy"), &[], "").await;
    assert_eq!(page.status, 503);
    assert!(page.text().contains("Nothing was changed"));
}
