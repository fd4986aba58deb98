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
            "Given to an owner<span class=\"sub\">by the rules of leads</span>",
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
