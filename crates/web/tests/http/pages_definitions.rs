//! The pages of definitions.

use firsthand_web::backend::Role;
use firsthand_web::noun::{Publication, PublicationState};

use crate::Server;
use crate::pages::Browser;

#[tokio::test]
async fn the_list_says_in_words_how_a_definition_fares() {
    let server = Server::start().await;
    for role in Role::ALL {
        let reply = Browser::of(role).get(&server, "/definitions").await;
        let page = reply.text();
        for words in [
            "1 definition is to be looked at",
            "fewer than usual",
            "0.3 to 0.8 times the 9 before",
            "fell by 16.0 points",
            "31.0% before: 62 of 200",
            "6 of 40 since published; 3 too early",
            "10.0% of 900",
            "over 4 full weeks up to 1 Mar: 0, 3, 6, 9\"",
            "href=\"/leads?track=product\">12</a>",
            "7 newer facts do not count yet",
        ] {
            assert!(page.contains(words), "{role:?}: {words}\n{page}");
        }
    }
}

/// The page of its versions, the list, and the editor, which is not replaced under who writes.
#[tokio::test]
async fn a_publication_is_followed_until_it_is_done_or_has_failed() {
    let server = Server::start().await;
    let publish = |change: &dyn Fn(&mut Publication)| {
        change(server.fake.published.lock().unwrap().as_mut().unwrap());
    };
    let pages =
        ["/definitions", "/definitions/outgrowing-free/versions", "/definitions/outgrowing-free"];
    let mut browser = Browser::of(Role::Analyst);
    publish(&|it| {
        it.state = PublicationState::Reading;
        (it.done, it.total) = (250, Some(1_000));
    });
    for (page, again) in pages.into_iter().zip(["data-again", "data-again", "data-follow"]) {
        let reply = browser.get(&server, page).await;
        let text = reply.text();
        assert!(text.contains("the history is judged anew"), "{page}: {text}");
        assert!(text.contains("250 of 1,000 facts") && text.contains("value=\"25\""), "{page}");
        assert!(text.contains(again), "{page}: {again}");
        let comes_back = text.contains("<noscript><meta http-equiv=\"refresh\"");
        assert_eq!(comes_back, again == "data-again", "{page}");
    }
    publish(&|it| {
        it.state = PublicationState::Failed;
        it.problem = Some("the <disk> is full".to_owned());
    });
    for page in pages {
        let reply = browser.get(&server, page).await;
        let text = reply.text();
        assert!(text.contains("it could not be published"), "{page}: {text}");
        assert!(text.contains("the &#60;disk&#62; is full"), "{page}");
        assert!(!text.contains("data-again") && !text.contains("data-follow"), "{page}");
    }
}

#[tokio::test]
async fn an_account_is_explained_by_its_id_and_by_its_name() {
    let server = Server::start().await;
    let mut browser = Browser::of(Role::Analyst);
    let path = "/definitions/outgrowing-free/explain?account=";
    for said in ["acct_5", "Blue%20Door", "blue+door"] {
        let page = browser.get(&server, &format!("{path}{said}")).await;
        assert!(page.text().contains("600 more contacts"), "{said}: {}", page.text());
    }
    let page = browser.get(&server, &format!("{path}Red%20Door")).await;
    assert!(page.text().contains("There is no such account."), "{}", page.text());
}

#[tokio::test]
async fn who_may_write_finds_the_definitions_tabs_where_an_account_is_explained() {
    let server = Server::start().await;
    let path = "/definitions/outgrowing-free/explain";
    let tab = format!("<a href=\"{path}\" aria-current=\"page\">");
    let page = Browser::of(Role::Analyst).get(&server, path).await;
    assert!(page.text().contains(&tab), "{}", page.text());
    assert_eq!(page.text().matches("<h1>").count(), 1);
    let page = Browser::of(Role::Rep).get(&server, path).await;
    assert!(!page.text().contains("class=\"tabs\""), "{}", page.text());
    assert_eq!(page.text().matches("<h1>").count(), 1);
}

#[tokio::test]
async fn what_came_and_was_refused_is_quoted_as_code() {
    let server = Server::start().await;
    for path in ["/sources/quarantine", "/sources/quarantine/quar_0"] {
        let page = Browser::of(Role::Analyst).get(&server, path).await;
        let quoted = "An event needs a name: <code>&#60;b&#62;</code> is none";
        assert!(page.text().contains(quoted), "{path}: {}", page.text());
    }
}
