//! The pages: who may open which, forms and their secrets, what browsers are told, and that what
//! people wrote stays text.

use firsthand_web::backend::Role;
use firsthand_web::noun::LeadStatus;
use firsthand_web::pages::{Route, Who, routes};

use crate::Server;
use crate::client::{Reply, send};
use crate::fake_people::{FIRST_LINK, GOOD_QUERY, PASSWORD, SEALED, session_of};
use crate::imports::upload;

/// A browser: it keeps cookies, and talks to this machine.
#[derive(Default)]
pub struct Browser {
    pub cookies: Vec<(String, String)>,
}

impl Browser {
    /// One in which the one of a role is signed in.
    pub fn of(role: Role) -> Self {
        Self { cookies: vec![("firsthand-session".to_owned(), session_of(role))] }
    }

    pub async fn ask(&mut self, server: &Server, method: &str, path: &str, form: &str) -> Reply {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let cookies = format!("cookie: {}", cookies.join("; "));
        let mut headers = vec!["accept: text/html", cookies.as_str()];
        if method == "POST" {
            headers.push("content-type: application/x-www-form-urlencoded");
        }
        let reply = send(server.at, method, path, &headers, form).await;
        for line in &reply.set_cookies {
            let (name, rest) = line.split_once('=').expect("a cookie has a value");
            let value = rest.split(';').next().unwrap_or_default();
            self.cookies.retain(|it| it.0 != name);
            if !value.is_empty() {
                self.cookies.push((name.to_owned(), value.to_owned()));
            }
        }
        reply
    }

    pub async fn get(&mut self, server: &Server, path: &str) -> Reply {
        self.ask(server, "GET", path, "").await
    }

    /// Sends a form with the secret that stands on another page.
    pub async fn post(&mut self, server: &Server, on: &str, path: &str, form: &str) -> Reply {
        let page = self.get(server, on).await;
        let secret = secret_on(page.text());
        let form = if form.is_empty() { String::new() } else { format!("&{form}") };
        self.ask(server, "POST", path, &format!("csrf={secret}{form}")).await
    }
}

pub fn secret_on(page: &str) -> &str {
    let (_, after) = page.split_once("name=\"csrf\" value=\"").expect("the page has a form");
    after.split('"').next().unwrap()
}

/// The path of a route with something in its places.
fn example(route: &Route) -> String {
    // Of all messages some are e-mails, which are pages by themselves.
    let path = match route.path {
        "/plays/{play}/mail" => "/plays/{play}/mail?at=1",
        "/deliveries/{delivery}/mail" => "/deliveries/dlv_1/mail",
        other => other,
    };
    path.replace("{secret}", FIRST_LINK)
        .replace("{lead}", "lead_00")
        .replace("{account}", "acct_1")
        .replace("{definition}", "outgrowing-free")
        .replace("{item}", "quar_1")
        .replace("{import}", "imp_1")
        .replace("{play}", "outgrowing")
        .replace("{source}", "web")
        .replace("{act}", "act_1")
        .replace("{delivery}", "dlv_0")
        .replace("{channel}", "sales")
}

/// What a form must say to be understood, beside its secret.
fn form_of(route: &Route) -> &'static str {
    match route.path {
        "/leads/act" => "do=accept&lead=lead_00",
        "/leads/{lead}/act" => "do=note&word=hello",
        "/leads/views" => "name=mine&query=view%3Dmine",
        "/leads/views/forget" => "name=mine",
        "/sources/quarantine/{item}/act" => "do=replay",
        "/sources/identity" => "kind=merge&person=u1&other=u2",
        "/sources/identity/{act}" => "do=make",
        "/sources/import/{import}/act" => "do=take",
        "/keys" => "name=crm&scope=leads%3Aread",
        "/keys/revoke" => "id=key_1",
        "/people" => "name=Jo&email=jo%40example.com&role=rep",
        "/people/change" => "id=user_rep&role=analyst&do=role",
        "/definitions/new" => "name=team&title=Team",
        "/definitions/{definition}/versions/take" => "version=v1",
        "/look" => "theme=dark&to=%2Fleads",
        _ => "",
    }
}

#[tokio::test]
async fn every_page_opens_for_those_it_is_for_and_for_nobody_else() {
    let server = Server::start().await;
    for route in routes().iter().filter(|it| it.path != "/leads/events") {
        for role in Role::ALL {
            if route.path.starts_with("/sign") || route.path.starts_with("/join") {
                continue;
            }
            let mut browser = Browser::of(role);
            let reply = if route.method == "POST" && route.path == "/sources/import" {
                upload(&mut browser, &server, "a.csv", "day\n").await
            } else if route.method == "GET" {
                browser.get(&server, &example(route)).await
            } else {
                browser.post(&server, "/leads", &example(route), form_of(route)).await
            };
            let what = format!("{} {} as {}", route.method, route.path, role.word());
            if route.who.includes(role) {
                assert!(matches!(reply.status, 200 | 303 | 409), "{what}: {}", reply.status);
            } else {
                assert_eq!(reply.status, 403, "{what}");
            }
        }
        let mut stranger = Browser::default();
        let reply = stranger.ask(&server, route.method, &example(route), "").await;
        let what = format!("{} {} signed out", route.method, route.path);
        match (route.who, route.method) {
            // There, and not back by itself.
            (Who::Anybody, "GET") if route.path.starts_with("/sign-in/oidc") => {
                assert!(matches!(reply.status, 303 | 422), "{what}: {}", reply.status);
            }
            (Who::Anybody, "GET") => assert_eq!(reply.status, 200, "{what}"),
            (Who::Anybody, _) => assert_eq!(reply.status, 403, "{what}: without a secret"),
            (Who::Roles(_), "GET") => {
                assert_eq!(reply.status, 303, "{what}");
                assert!(reply.header("location").starts_with("/sign-in"), "{what}");
            }
            (Who::Roles(_), _) => assert_eq!(reply.status, 403, "{what}"),
        }
        assert!(!reply.text().contains("acct_"), "{what}: nothing is told");
    }
}

#[tokio::test]
async fn no_form_counts_without_the_secret_of_its_own_session() {
    let server = Server::start().await;
    let others = Browser::of(Role::Admin).get(&server, "/leads").await;
    let others = secret_on(others.text()).to_owned();
    for route in routes().iter().filter(|it| it.method == "POST") {
        for form in ["", "csrf=", &format!("csrf={others}")] {
            let mut browser = Browser::of(Role::Rep);
            let form = format!("{form}&{}", form_of(route));
            let reply = browser.ask(&server, "POST", &example(route), &form).await;
            assert_eq!(reply.status, 403, "{} with `{form}`", route.path);
        }
    }
    assert!(server.fake.kept.views.lock().unwrap().is_empty(), "nothing was changed");
}

#[tokio::test]
async fn pages_load_nothing_from_elsewhere_and_have_no_style_or_script_of_their_own() {
    let server = Server::start().await;
    let mut browser = Browser::of(Role::Admin);
    for route in routes().iter().filter(|it| it.method == "GET") {
        let is_page = !matches!(route.path, "/leads/events" | "/leads.csv" | "/");
        // There and back again, nothing is shown.
        let passes_on = route.path.starts_with("/sign-in/oidc");
        if !is_page || passes_on || route.path.ends_with("/mail") {
            continue;
        }
        let reply = if matches!(route.who, Who::Anybody) {
            Browser::default().get(&server, &example(route)).await
        } else {
            browser.get(&server, &example(route)).await
        };
        assert_eq!(reply.status, 200, "{}", route.path);
        let policy = reply.header("content-security-policy");
        for part in
            ["default-src 'none'", "script-src 'self'", "style-src 'self'", "form-action 'self'"]
        {
            assert!(policy.contains(part), "{}: {policy}", route.path);
        }
        assert_eq!(reply.header("cache-control"), "no-store", "{}", route.path);
        let page = reply.text();
        for own in ["<style", " style=", "<script>", " onclick=", "javascript:", "data:"] {
            assert!(!page.contains(own), "{}: {own}", route.path);
        }
        for elsewhere in ["src=\"http", "href=\"http", "src=\"//", "href=\"//"] {
            assert!(!page.contains(elsewhere), "{}: {elsewhere}", route.path);
        }
    }
}

#[tokio::test]
async fn what_people_wrote_stays_text() {
    let server = Server::start().await;
    let mut browser = Browser::of(Role::Rep);
    for path in ["/leads", "/leads/lead_00", "/accounts/acct_1"] {
        let page = browser.get(&server, path).await;
        assert!(!page.text().contains("<b>acct_"), "{path}");
        assert!(!page.text().contains("Acme <Forms>"), "{path}");
    }
}

#[tokio::test]
async fn somebody_signs_in_comes_to_where_they_were_going_and_signs_out() {
    let server = Server::start().await;
    let mut browser = Browser::default();
    let reply = browser.get(&server, "/leads?view=late").await;
    let to = reply.header("location").to_owned();
    assert_eq!(to, "/sign-in?to=%2Fleads%3Fview%3Dlate");
    let form = |password: &str| {
        let password = password.replace(' ', "+");
        format!("email=rep%40example.com&password={password}&to=%2Fleads%3Fview%3Dlate")
    };
    let wrong = browser.post(&server, &to, "/sign-in", &form("wrong")).await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.text().contains("4 attempts left"));
    assert!(wrong.text().contains("value=\"rep@example.com\""), "the address is kept");
    let right = browser.post(&server, &to, "/sign-in", &form(PASSWORD)).await;
    assert_eq!((right.status, right.header("location")), (303, "/leads?view=late"));
    assert_eq!(browser.get(&server, "/leads?view=late").await.status, 200);
    let session = browser.cookies.clone();
    let out = browser.post(&server, "/leads", "/sign-out", "").await;
    assert_eq!((out.status, out.header("location")), (303, "/sign-in"));
    let mut stolen = Browser { cookies: session };
    assert_eq!(
        stolen.get(&server, "/leads").await.status,
        303,
        "the session is over, not only its cookie"
    );
}

#[tokio::test]
async fn nobody_is_sent_to_another_site_after_signing_in() {
    let server = Server::start().await;
    let mut browser = Browser::default();
    let form = format!(
        "email=rep%40example.com&password={}&to=%2F%2Fevil.example",
        PASSWORD.replace(' ', "+")
    );
    let reply = browser.post(&server, "/sign-in", "/sign-in", &form).await;
    assert_eq!((reply.status, reply.header("location")), (303, "/"));
}

#[tokio::test]
async fn after_five_wrong_passwords_even_the_right_one_has_to_wait() {
    let server = Server::start().await;
    let mut browser = Browser::default();
    let form =
        |password: &str| format!("email=rep%40example.com&password={}", password.replace(' ', "+"));
    for _ in 0..5 {
        let reply = browser.post(&server, "/sign-in", "/sign-in", &form("wrong")).await;
        assert_eq!(reply.status, 422);
    }
    let reply = browser.post(&server, "/sign-in", "/sign-in", &form(PASSWORD)).await;
    assert_eq!(reply.status, 422);
    assert!(reply.text().contains("Too many attempts"), "{}", reply.text());
}

#[tokio::test]
async fn the_first_admin_comes_in_by_the_link_once() {
    let server = Server::start().await;
    let mut browser = Browser::default();
    let link = format!("/join/{FIRST_LINK}");
    let short = browser.post(&server, &link, &link, "name=Ann&email=a%40b.c&password=short").await;
    assert_eq!(short.status, 422);
    assert!(short.text().contains("value=\"Ann\""), "what was written is kept");
    let form = "name=Ann&email=a%40b.c&password=correct+horse+battery";
    let reply = browser.post(&server, &link, &link, form).await;
    assert_eq!((reply.status, reply.header("location")), (303, "/"));
    assert_eq!(browser.get(&server, "/people").await.status, 200);
    assert_eq!(Browser::default().get(&server, &link).await.status, 404);
}

#[tokio::test]
async fn a_rep_answers_leads_and_is_told_what_was_done() {
    let server = Server::start().await;
    let mut browser = Browser::of(Role::Rep);
    let reply =
        browser.post(&server, "/leads", "/leads/lead_00/act", "do=accept&to=%2Fleads").await;
    assert_eq!((reply.status, reply.header("location")), (303, "/leads"));
    let status = server.fake.leads.lock().unwrap()[0].status;
    assert_eq!(status, LeadStatus::Accepted);
    let page = browser.get(&server, "/leads").await;
    assert!(page.text().contains("role=\"status\""), "it is told");
    assert!(page.text().contains("is accepted."));
    let again = browser.get(&server, "/leads").await;
    assert!(!again.text().contains("is accepted."), "it is told once");
}

#[tokio::test]
async fn a_lead_that_is_held_out_is_marked_for_analysts_and_is_not_there_for_reps() {
    let server = Server::start().await;
    server.fake.leads.lock().unwrap()[0].held_out = true;
    let (mut rep, mut analyst) = (Browser::of(Role::Rep), Browser::of(Role::Analyst));
    let link = "href=\"/leads/lead_00\"";
    let inbox = rep.get(&server, "/leads?view=open").await;
    assert!(inbox.text().contains("lead_03") && !inbox.text().contains("lead_00"));
    assert_eq!(rep.get(&server, "/leads/lead_00").await.status, 404);
    assert!(!rep.get(&server, "/accounts/acct_0").await.text().contains(link));
    let form = "lead=lead_00&lead=lead_03&do=accept";
    rep.post(&server, "/leads", "/leads/act", form).await;
    assert_eq!(rep.post(&server, "/leads", "/leads/lead_00/act", "do=accept").await.status, 404);
    let status = |of: usize| server.fake.leads.lock().unwrap()[of].status;
    assert_eq!((status(0), status(3)), (LeadStatus::Open, LeadStatus::Accepted));
    let inbox = analyst.get(&server, "/leads").await;
    assert!(inbox.text().contains("lead_00") && inbox.text().contains("Held out"));
    assert!(analyst.get(&server, "/leads/lead_00").await.text().contains("nobody is told"));
}

#[tokio::test]
async fn leads_are_theirs_by_the_name_that_the_settings_give_their_address() {
    let server = Server::start().await;
    let mut rep = Browser::of(Role::Rep);
    let mine = rep.get(&server, "/leads?view=mine").await;
    let ids: Vec<bool> = ["lead_06", "lead_03"].iter().map(|it| mine.text().contains(it)).collect();
    assert_eq!(ids, [true, false]);
}

#[tokio::test]
async fn several_leads_are_answered_at_once() {
    let server = Server::start().await;
    let mut browser = Browser::of(Role::Rep);
    let form = "do=reject&reason=1&lead=lead_00&lead=lead_03&lead=lead_99";
    let reply = browser.post(&server, "/leads", "/leads/act", form).await;
    assert_eq!(reply.status, 303);
    let page = browser.get(&server, "/leads").await;
    assert!(page.text().contains("Done for 2. 1 had changed"), "{}", page.text());
}

#[tokio::test]
async fn a_view_is_kept_without_the_words_that_were_searched_for() {
    let server = Server::start().await;
    let mut browser = Browser::of(Role::Rep);
    let page = browser.get(&server, "/leads?view=late&track=product&text=ana").await;
    assert!(
        page.text().contains("name=\"query\" value=\"view=late&#38;track=product\""),
        "{}",
        page.text()
    );
    let form = "name=Late+ones&query=view%3Dlate%26track%3Dproduct";
    browser.post(&server, "/leads", "/leads/views", form).await;
    let page = browser.get(&server, "/leads?view=late&track=product").await;
    assert!(page.text().contains("Late ones"));
    let page = Browser::of(Role::Admin).get(&server, "/leads").await;
    assert!(!page.text().contains("Late ones"), "it is nobody else's");
}

#[tokio::test]
async fn language_and_theme_are_chosen_and_kept() {
    let server = Server::start().await;
    let mut browser = Browser::of(Role::Rep);
    let form = "language=zh-Hant&theme=dark&to=%2Fleads";
    let reply = browser.post(&server, "/leads", "/look", form).await;
    assert_eq!((reply.status, reply.header("location")), (303, "/leads"));
    let page = browser.get(&server, "/leads").await;
    assert!(page.text().contains("<html lang=\"zh-Hant\" data-theme=\"dark\">"));
    assert!(page.text().contains("潛在客戶"));
    let missing = browser.get(&server, "/leads/lead_77").await;
    assert_eq!(missing.status, 404);
    assert!(missing.text().contains("這裡沒有內容"), "errors are told in the language too");
}

#[tokio::test]
async fn an_address_that_is_none_is_told_to_a_browser_as_a_page_and_to_a_program_as_a_problem() {
    let server = Server::start().await;
    let page = Browser::default().get(&server, "/nothing").await;
    assert_eq!(page.status, 404);
    assert!(page.text().contains("<h1>Nothing is here</h1>"));
    let problem = server.send("GET", "/nothing", &[], "").await;
    assert_eq!(problem.json()["code"], "no_such_path");
}

#[tokio::test]
async fn stylesheet_and_script_are_kept_by_browsers_for_ever() {
    let server = Server::start().await;
    let page = Browser::of(Role::Rep).get(&server, "/leads").await;
    for (attribute, kind) in [("href=\"", "text/css"), ("src=\"", "text/javascript")] {
        let start = format!("{attribute}/assets/pages-");
        let (_, rest) = page.text().split_once(&start).expect("the page names it");
        let path = format!("/assets/pages-{}", rest.split('"').next().unwrap());
        let reply = Browser::default().get(&server, &path).await;
        assert_eq!(reply.status, 200, "{path}");
        assert!(reply.header("content-type").starts_with(kind), "{path}");
        assert!(reply.header("cache-control").contains("immutable"), "{path}");
    }
}

#[tokio::test]
async fn somebody_comes_in_by_another_system_and_only_in_the_browser_that_began() {
    let server = Server::start().await;
    let mut browser = Browser::default();
    let page = browser.get(&server, "/sign-in?to=%2Faccounts").await;
    assert!(page.text().contains("Sign in with Acme &#60;SSO&#62;"), "{}", page.text());
    assert!(page.text().contains("href=\"/sign-in/oidc?to=%2Faccounts\""));
    let away = browser.get(&server, "/sign-in/oidc?to=%2Faccounts").await;
    assert_eq!(away.status, 303);
    assert_eq!(away.header("location"), "https://login.example/authorize?to=%2Faccounts");
    assert!(browser.cookies.contains(&("firsthand-oidc".to_owned(), SEALED.to_owned())));

    let back = format!("/sign-in/oidc/back?{GOOD_QUERY}");
    let other = Browser::default().get(&server, &back).await;
    assert_eq!(other.status, 422);
    assert!(other.text().contains("begun elsewhere"), "{}", other.text());
    assert!(!other.set_cookies.iter().any(|it| it.contains("session=session")));

    let home = browser.get(&server, &back).await;
    assert_eq!((home.status, home.header("location")), (303, "/accounts"));
    assert!(!browser.cookies.iter().any(|it| it.0 == "firsthand-oidc"), "it counts once");
    assert_eq!(browser.get(&server, "/leads").await.status, 200);
}

#[tokio::test]
async fn where_passwords_are_not_taken_there_is_no_form_for_them() {
    let server = Server::start().await;
    *server.fake.kept.no_passwords.lock().unwrap() = true;
    let mut browser = Browser::default();
    let page = browser.get(&server, "/sign-in").await;
    assert!(!page.text().contains("type=\"password\""));
    let form = format!("email=rep%40example.com&password={}", PASSWORD.replace(' ', "+"));
    let refused = browser.post(&server, "/sign-in", "/sign-in", &form).await;
    assert_eq!(refused.status, 422);
    assert!(refused.text().contains("Passwords are not taken here."));
    assert_eq!(browser.get(&server, "/leads").await.status, 303);
}

#[tokio::test]
async fn the_settings_are_shown_as_text_with_what_is_not_set() {
    let server = Server::start().await;
    let mut admin = Browser::of(Role::Admin);
    let page = admin.get(&server, "/settings").await;
    for words in ["project: &#60;b&#62;", "Not set", "start it again", "is not YAML"] {
        assert!(page.text().contains(words), "{words}: {}", page.text());
    }
    let audit = admin.get(&server, "/settings/audit").await;
    assert!(audit.text().contains("key made"), "{}", audit.text());
    assert!(audit.text().contains("?by=Ines+Duarte"), "a name leads to all by it");
    for (query, found) in [
        ("by=Ines+Duarte&act=key+made&from=2026-03-08&to=2026-03-08", true),
        ("by=Jo+%3Cb%3E", false),
        ("to=2026-03-07", false),
        ("from=never", true),
    ] {
        let audit = admin.get(&server, &format!("/settings/audit?{query}")).await;
        assert_eq!(audit.text().contains("key_1"), found, "{query}: {}", audit.text());
        assert_eq!(audit.text().contains("Nothing of that was done"), !found, "{query}");
    }
}
