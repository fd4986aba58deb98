//! The timeline of an account: every kind of fact in words, in days, page by page.

use firsthand_web::backend::Role;
use serde_json::json;

use crate::pages::Browser;
use crate::{Server, told};

const TIMELINE: &str = "/accounts/acct_0/timeline";

async fn page(server: &Server, query: &str) -> String {
    let reply = Browser::of(Role::Rep).get(server, &format!("{TIMELINE}{query}")).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.text().to_owned()
}

#[tokio::test]
async fn every_kind_of_fact_stands_in_the_timeline_beside_what_was_decided_and_sent() {
    let server = Server::start().await;
    let page = page(&server, "").await;
    for told in [
        "<h3>Today</h3>",
        "<h3>Yesterday</h3>",
        ">Ana &#34;A&#34; Haddad</a>: <a class=\"what\" href=\"/accounts/acct_0/timeline?name=Login\">Login</a>",
        "format: pdf &#38; &#60;b&#62;, pages: 3</span>",
        "Plan: free → pro<span class=\"sub\">seats: taken away, was 3</span>",
        "Subscription started</a><span class=\"sub\">value: 49</span>",
        "joined as owner &#60;b&#62;",
        "recognised: what was done before as device-7 is theirs",
        "Late: known Yesterday, 13:20",
        "Lead opened",
        "Slack, to Kim Sand",
    ] {
        assert!(page.contains(told), "{told}: {page}");
    }
    assert!(!page.contains("Lead accepted"), "the lead tells it: {page}");
    for unsaid in ["$lib", "deep"] {
        assert!(!page.contains(unsaid), "{unsaid}");
    }
}

#[tokio::test]
async fn what_somebody_does_again_in_a_day_is_folded_into_one_line_that_opens() {
    let server = Server::start().await;
    let page = page(&server, "").await;
    let (_, after) = page.split_once("<summary>3 times, 08:00 to 08:50</summary>").unwrap();
    let (list, _) = after.split_once("</details>").unwrap();
    assert_eq!(list.matches("<li>").count(), 3, "{list}");
    assert!(list.contains("format: pdf"), "{list}");
    assert_eq!(page.matches("class=\"each\"").count(), 1, "other days have it once");
}

#[tokio::test]
async fn the_pages_of_a_timeline_are_whole_days_and_together_all_of_them() {
    let server = Server::start().await;
    let (mut query, mut days) = ("?name=Visited".to_owned(), 0);
    for number in 0.. {
        let text = page(&server, &query).await;
        days += text.matches("<h3>").count();
        let Some((before, _)) = text.split_once("\" data-part>Older") else {
            assert!(number > 0, "there are several pages");
            break;
        };
        let (_, to) = before.rsplit_once(&format!("{TIMELINE}?")).unwrap();
        query = format!("?{}", to.replace("&#38;", "&"));
    }
    assert_eq!(days, 398);
}

#[tokio::test]
async fn a_timeline_is_narrowed_by_kind_person_and_name() {
    let server = Server::start().await;
    let decisions = page(&server, "?kind=decisions").await;
    assert!(decisions.contains("Lead opened") && !decisions.contains(">Login<"), "{decisions}");
    let messages = page(&server, "?kind=messages").await;
    assert!(messages.contains("Slack, to Kim Sand") && !messages.contains("Lead opened"));
    let traits = page(&server, "?kind=traits").await;
    assert!(traits.contains("Plan: free → pro") && !traits.contains(">Login<"), "{traits}");
    let named = page(&server, "?name=Login").await;
    assert!(named.contains(">Login</a>") && !named.contains("Plan: free"), "{named}");
    assert!(named.contains("<option value=\"Login\" selected>"), "what is chosen is a choice");
    let nobody = page(&server, "?person=nobody").await;
    assert!(nobody.contains("Nothing is here"), "{nobody}");
    let unreadable = page(&server, "?until=yesterday&kind=nothing").await;
    assert!(unreadable.contains("<h3>Today</h3>"), "{unreadable}");
}

#[tokio::test]
async fn an_accounts_page_begins_its_timeline_and_says_where_the_rest_is() {
    let server = Server::start().await;
    let page = Browser::of(Role::Rep).get(&server, "/accounts/acct_0").await;
    assert!(page.text().contains(&format!("<a href=\"{TIMELINE}\">The whole timeline</a>")));
    assert!(page.text().contains(">Login</a>"), "{}", page.text());
    let missing = Browser::of(Role::Rep).get(&server, "/accounts/nobody/timeline").await;
    assert_eq!(missing.status, 404);
}

#[tokio::test]
async fn the_api_tells_the_facts_of_an_account_page_by_page() {
    let server = Server::start().await;
    let path = "/api/v1/accounts/acct_0/facts";
    let first = server.get(&format!("{path}?limit=5&kind=event,traits")).await.json();
    let kinds: Vec<_> = first["items"].as_array().unwrap().iter().map(|it| &it["kind"]).collect();
    assert_eq!(kinds, ["event", "event", "event", "event", "traits"]);
    assert_eq!(
        first["items"][4]["changes"],
        json!([
            {"trait": "plan", "from": "free", "to": "pro"},
            {"trait": "seats", "from": "3", "to": null}
        ])
    );
    let cursor = first["next"].as_str().unwrap();
    let same = format!("{path}?limit=5&kind=event,traits&cursor={cursor}");
    assert_eq!(server.get(&same).await.status, 200);
    let other = format!("/api/v1/accounts/acct_1/facts?kind=event,traits&cursor={cursor}");
    assert_eq!(told(&server.get(&other).await).1, "invalid_cursor", "it is of another account");
    assert_eq!(told(&server.get("/api/v1/accounts/nobody/facts").await).0, 404);
    let wrong = server.get(&format!("{path}?kind=nothing")).await;
    assert_eq!(told(&wrong).2.as_deref(), Some("kind"));
}
