//! The pages of plays, deliveries and channels.

use firsthand_web::backend::Role;

use crate::Server;
use crate::pages::Browser;

#[tokio::test]
async fn a_play_tells_its_steps_its_budget_and_who_is_under_way() {
    let server = Server::start().await;
    let page = Browser::of(Role::Rep).get(&server, "/plays/outgrowing").await;
    for told in [
        "to whoever is most active",
        "one of room &#60;to&#62; grow, think-big",
        "Wait 2 d",
        "unless seen",
        "only if still qualified and not clicked",
        "The channel is off: nothing goes by it.",
        "10% are left alone",
        "1 kept back: these are quiet hours where the person is",
        "5 not sent: the person has heard from us often enough",
        "1 a day",
        "20:00 to 08:00, where the person is",
        "4 of 5",
        "Step 2: E-mail",
    ] {
        assert!(page.text().contains(told), "{told}: {}", page.text());
    }
    assert_eq!(Browser::of(Role::Rep).get(&server, "/plays/none").await.status, 404);
}

#[tokio::test]
async fn a_preview_draws_every_message_as_text() {
    let server = Server::start().await;
    let mut browser = Browser::of(Role::Analyst);
    for path in ["/plays/outgrowing/preview", "/plays/outgrowing/preview?account=acct_1"] {
        let page = browser.get(&server, path).await;
        let text = page.text();
        for told in [
            "8,140 of 10,000 &#60;contacts&#62;",
            "Acme &#60;is&#62; ready",
            "8,140 of 10,000 &#38; more",
            "Room &#60;to&#62; grow",
            "(the reader&#39;s own link to unsubscribe)",
            "a rep works on a lead of the account",
        ] {
            assert!(text.contains(told), "{path}: {told}: {text}");
        }
        assert!(!text.contains("javascript:") && !text.contains("unsubscribe.invalid"), "{path}");
    }
    let none = browser.get(&server, "/plays/outgrowing/preview?account=nobody").await;
    assert!(none.text().contains("There is no such account."));
}

#[tokio::test]
async fn an_email_by_itself_may_have_styles_and_nothing_else() {
    let server = Server::start().await;
    let mut browser = Browser::of(Role::Rep);
    for path in [
        "/plays/outgrowing/mail?at=1",
        "/plays/outgrowing/mail?account=acct_1&at=1",
        "/deliveries/dlv_1/mail",
    ] {
        let page = browser.get(&server, path).await;
        assert_eq!(page.status, 200, "{path}");
        let policy = page.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; style-src 'unsafe-inline'; sandbox;"));
        assert!(!policy.contains("script-src"), "{policy}");
        assert!(page.text().contains("<h1>Room &lt;to&gt; grow</h1>"), "{path}");
    }
    for path in
        ["/plays/outgrowing/mail?at=0", "/plays/outgrowing/mail?at=99", "/deliveries/dlv_0/mail"]
    {
        assert_eq!(browser.get(&server, path).await.status, 404, "{path}");
    }
    assert_eq!(Browser::default().get(&server, "/deliveries/dlv_1/mail").await.status, 303);
}

#[tokio::test]
async fn what_was_given_up_is_sent_again_and_it_is_told() {
    let server = Server::start().await;
    let mut browser = Browser::of(Role::Admin);
    let list = "/deliveries?state=dead";
    let page = browser.get(&server, list).await;
    assert!(page.text().contains("Send all 4 given up again"), "{}", page.text());
    let form = "to=%2Fdeliveries%3Fstate%3Ddead";
    let reply = browser.post(&server, list, "/deliveries/dlv_0/resend", form).await;
    assert_eq!((reply.status, reply.header("location")), (303, list));
    assert!(browser.get(&server, list).await.text().contains("Put into the queue again."));
    let reply = browser.post(&server, list, "/deliveries/resend", "channel=sales").await;
    assert_eq!(reply.status, 303);
    assert!(browser.get(&server, list).await.text().contains("Put into the queue again: 4."));
    let reply = browser.post(&server, "/channels", "/channels/sales/enable", "").await;
    assert_eq!((reply.status, reply.header("location")), (303, "/channels"));
    assert!(
        browser.get(&server, "/channels").await.text().contains("The channel is enabled again.")
    );
}

#[tokio::test]
async fn a_rep_sends_again_what_is_about_a_lead_of_their_own_and_an_analyst_nothing() {
    let server = Server::start().await;
    let mut rep = Browser::of(Role::Rep);
    let own = rep.get(&server, "/deliveries/dlv_0").await;
    assert!(own.text().contains("action=\"/deliveries/dlv_0/resend\""), "{}", own.text());
    assert_eq!(rep.post(&server, "/leads", "/deliveries/dlv_0/resend", "").await.status, 303);
    let other = rep.get(&server, "/deliveries/dlv_2").await;
    assert!(!other.text().contains("/resend"), "{}", other.text());
    assert_eq!(rep.post(&server, "/leads", "/deliveries/dlv_2/resend", "").await.status, 403);
    let mut analyst = Browser::of(Role::Analyst);
    for path in ["/deliveries", "/deliveries/dlv_0", "/channels"] {
        let page = analyst.get(&server, path).await;
        assert!(!page.text().contains("/resend") && !page.text().contains("/enable"), "{path}");
    }
}

#[tokio::test]
async fn who_answers_leads_is_not_told_who_is_left_alone() {
    let server = Server::start().await;
    let page = Browser::of(Role::Rep).get(&server, "/plays").await;
    assert!(!page.text().contains("href=\"/holdouts\""), "{}", page.text());
    let preview = "/plays/outgrowing/preview?account=acct_6";
    let page = Browser::of(Role::Rep).get(&server, preview).await;
    assert!(page.text().contains("There is no such account."), "{}", page.text());
    let mail = "/plays/outgrowing/mail?account=acct_6&at=1";
    assert_eq!(Browser::of(Role::Rep).get(&server, mail).await.status, 404);
    let page = Browser::of(Role::Analyst).get(&server, preview).await;
    assert!(page.text().contains("nobody is told of this account"), "{}", page.text());
    let page = Browser::of(Role::Analyst).get(&server, "/holdouts").await;
    assert!(page.text().contains("Held out") && page.text().contains("Told"));
}

#[tokio::test]
async fn the_tries_of_a_message_are_shown_with_what_was_answered() {
    let server = Server::start().await;
    let page = Browser::of(Role::Admin).get(&server, "/deliveries/dlv_0").await;
    for told in ["Given up", "answered 410", "POST /hook", "12 ms", "#leads", "Accept"] {
        assert!(page.text().contains(told), "{told}: {}", page.text());
    }
    let held = Browser::of(Role::Rep).get(&server, "/held-back").await;
    for told in ["the person has heard from us often enough", "Ana &#34;A&#34; Haddad"] {
        assert!(held.text().contains(told), "{told}: {}", held.text());
    }
}
