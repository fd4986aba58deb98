//! The pages of who is who, and of one source.

use firsthand_web::backend::Role;
use firsthand_web::noun::IdentityActState;

use crate::Server;
use crate::pages::Browser;

#[tokio::test]
async fn what_is_striking_about_who_is_who_is_told_as_text() {
    let server = Server::start().await;
    let page = Browser::of(Role::Analyst).get(&server, "/sources/identity").await;
    for told in [
        "100 of 120 people",
        "83%",
        "&#60;tablet&#62;",
        "2 people: u1, u2",
        "corp.example",
        "2 accounts: acct_1, acct_3",
        "null",
        "person=u1&#38;other=u2",
    ] {
        assert!(page.text().contains(told), "{told}: {}", page.text());
    }
}

#[tokio::test]
async fn two_ids_are_compared_before_anything_is_proposed() {
    let server = Server::start().await;
    let mut browser = Browser::of(Role::Analyst);
    for (query, told) in [
        ("person=u1&other=u1", "Both ids are the same."),
        ("person=u1", "Name two ids."),
        ("person=u1&other=nobody", "Nobody is known by one of these ids."),
    ] {
        let page = browser.get(&server, &format!("/sources/identity?kind=merge&{query}")).await;
        assert!(page.text().contains(told), "{told}: {}", page.text());
        assert!(!page.text().contains("Propose it"), "{query}");
    }
}

#[tokio::test]
async fn a_merge_is_proposed_made_and_undone() {
    let server = Server::start().await;
    let mut browser = Browser::of(Role::Analyst);
    let on = "/sources/identity";
    let form = "kind=split&person=u1&other=u9&reason=a+shared+tablet";
    let reply = browser.post(&server, on, on, form).await;
    assert_eq!((reply.status, reply.header("location")), (303, on));
    let page = browser.get(&server, on).await;
    assert!(page.text().contains("u1 and u9 are two"), "{}", page.text());
    assert!(page.text().contains("a shared tablet") && page.text().contains("It is proposed."));
    for (form, told) in [("do=make", "It is so from now on."), ("do=undo", "It is undone.")] {
        let reply = browser.post(&server, on, "/sources/identity/act_2", form).await;
        assert_eq!(reply.status, 303, "{form}");
        assert!(browser.get(&server, on).await.text().contains(told), "{told}");
    }
    let states: Vec<IdentityActState> = server.fake.acts().into_iter().map(|it| it.state).collect();
    assert_eq!(states[2], IdentityActState::Undone);
    let gone = browser.post(&server, on, "/sources/identity/act_9", "do=make").await;
    assert_eq!(gone.status, 404);
}

#[tokio::test]
async fn a_source_is_pointed_at_by_the_address_that_was_asked_for() {
    let server = Server::start().await;
    let page = Browser::of(Role::Admin).get(&server, "/sources/named/web").await;
    let text = page.text();
    for told in ["Segment, Node", "WRITE_KEY", "RudderStack, browser", "/firsthand.js"] {
        assert!(text.contains(told), "{told}: {text}");
    }
    assert!(!text.contains("PostHog"), "it does not speak that");
    assert!(!text.contains(crate::fake::WRITE_KEY), "no key is shown");
    assert!(text.contains("1,128 taken in and 141 refused over 48 hours"), "{text}");
    assert_eq!(Browser::of(Role::Admin).get(&server, "/sources/named/none").await.status, 404);
}
