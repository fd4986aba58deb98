//! A lead and an account: what is told of them to whoever is to talk with them.

use firsthand_web::backend::Role;

use crate::Server;
use crate::pages::Browser;

#[tokio::test]
async fn a_lead_and_its_account_tell_which_messages_went_out_and_which_did_not() {
    let server = Server::start().await;
    for path in ["/leads/lead_00", "/accounts/acct_0"] {
        let page = Browser::of(Role::Rep).get(&server, path).await;
        for told in [
            "<a href=\"/deliveries/dlv_0\">Slack, to Kim Sand</a>",
            "Given up, outgrowing",
            "Held back from product, to Ana &#34;A&#34; Haddad",
            "the person has heard from us often enough, outgrowing",
            "Lead opened",
            "Given to Kim Sand<span class=\"sub\">by the rules of leads</span>",
        ] {
            assert!(page.text().contains(told), "{path}: {told}: {}", page.text());
        }
    }
}

#[tokio::test]
async fn a_lead_says_what_to_talk_about() {
    let server = Server::start().await;
    let page = Browser::of(Role::Rep).get(&server, "/leads/lead_00").await;
    for told in [
        "What to talk about",
        "Talk to Ana &#34;A&#34; Haddad, owner.</b> In 30 days: Report &#60;exported&#62; 12",
        "Starter &#60;plan&#62; is the plan that comes next.",
    ] {
        assert!(page.text().contains(told), "{told}: {}", page.text());
    }
}

#[tokio::test]
async fn what_holds_no_more_is_not_called_evidence_of_now() {
    let server = Server::start().await;
    let page = Browser::of(Role::Rep).get(&server, "/leads/lead_03").await;
    assert!(page.text().contains("Evidence when it qualified"), "{}", page.text());
    assert!(page.text().contains("This no longer holds since"), "{}", page.text());
    assert!(!page.text().contains("Evidence now"), "{}", page.text());
    let other = Browser::of(Role::Rep).get(&server, "/leads/lead_00").await;
    assert!(!other.text().contains("no longer holds"), "{}", other.text());
}

#[tokio::test]
async fn owners_are_called_by_their_names() {
    let server = Server::start().await;
    for path in ["/leads", "/leads/lead_00"] {
        let page = Browser::of(Role::Admin).get(&server, path).await;
        assert!(page.text().contains("</span>Kim Sand</span>"), "{path}: {}", page.text());
        assert!(page.text().contains("<option value=\"=kim\">Kim Sand</option>"), "{path}");
        assert!(!page.text().contains(">kim<"), "{path}: {}", page.text());
    }
}

#[tokio::test]
async fn a_rep_begins_with_their_own_queue_and_others_with_all_that_is_open() {
    let server = Server::start().await;
    let current = |view: &str| format!("<a href=\"/leads?view={view}\" data-part aria-current");
    for (role, path, view) in [
        (Role::Rep, "/leads", "mine"),
        (Role::Rep, "/leads?view=open", "open"),
        (Role::Rep, "/leads?track=product", "open"),
        (Role::Analyst, "/leads", "open"),
        (Role::Admin, "/leads", "open"),
    ] {
        let page = Browser::of(role).get(&server, path).await;
        assert!(page.text().contains(&current(view)), "{role:?} {path}: {}", page.text());
    }
}

#[tokio::test]
async fn an_account_tells_what_it_may_use_and_what_is_left_of_it() {
    let server = Server::start().await;
    let page = Browser::of(Role::Rep).get(&server, "/accounts/acct_0").await;
    let (_, card) = page.text().split_once("What it may use").unwrap();
    for told in [
        "contacts<span class=\"sub\">7,400 of 10,000 used, 2,600 left</span>",
        "sends<span class=\"sub\">50 of 50 used, nothing left, starts again 9 Mar</span>",
        "api &#60;b&#62;<span class=\"sub\">not in the plan free</span>",
    ] {
        assert!(card.contains(told), "{told}: {card}");
    }
    assert!(card.find(">sso<").unwrap() < card.find(">sends<").unwrap(), "what it may comes first");
    let all = server.get("/api/v1/accounts/acct_0/entitlements").await.json();
    assert_eq!(all["items"].as_array().unwrap().len(), 4);
    assert_eq!(all["items"][0]["allowed"], false);
    assert_eq!(server.get("/api/v1/accounts/nobody/entitlements").await.status, 404);
}
