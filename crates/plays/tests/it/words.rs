//! What people read.

use firsthand_model::message::{Email, InAppMessage, Outgoing};

use crate::town::{Town, person};

fn sent(more: &str, traits: &[(&str, &str)]) -> Outgoing {
    let mut town = Town::new(&format!(
        r##"
project: Acme
url: https://firsthand.acme.example
meters:
  contacts: {{kind: count, add: '"Contact created"'}}
channels:
  product: {{in_app: }}
  mail: {{email: {{smtp: env:SMTP, from: a@acme.example}}}}
  sales: {{slack: {{token: env:T, channel: "#leads", signing_secret: env:S}}}}
leads: {{owners: {{ana: {{name: Ana, email: ana@acme.example}}}}}}
{more}"##
    ));
    town.people("acme", [person("zoe", traits), person("yan", &[("name", "<b>Yan</b>")])]);
    town.open("acme");
    town.sent.remove(0).outgoing
}

fn in_app(more: &str, traits: &[(&str, &str)]) -> InAppMessage {
    match sent(more, traits) {
        Outgoing::InApp(it) => it,
        other => panic!("{other:?}"),
    }
}

fn email(more: &str, traits: &[(&str, &str)]) -> Email {
    match sent(more, traits) {
        Outgoing::Email(it) => it,
        other => panic!("{other:?}"),
    }
}

const BANNER: &str = "plays: {grow: {track: product, steps: [{by: product}]}}";

#[test]
fn an_owner_whom_no_channel_reaches_is_told_once_for_each_channel() {
    let text = r##"
project: Acme
definitions:
  near: {track: product, when: "true"}
channels:
  mail: {email: {smtp: env:SMTP, from: a@acme.example}}
  slack: {slack: {token: env:SLACK}}
  room: {slack: {token: env:SLACK, channel: "#leads"}}
leads:
  owners: {ana: {email: ana@acme.example}, ben: {slack: U1}, cleo: {}}
plays:
  tell:
    track: product
    touch: high
    steps: [{by: mail}, {by: slack}, {by: room}, {by: mail}, {by: slack, to: team}]
"##;
    let file = firsthand_model::diagnostic::SourceFile {
        name: "firsthand.yaml".into(),
        text: text.into(),
    };
    let files = [std::sync::Arc::new(file)];
    let loaded = firsthand_model::config::Project::from_files(&files, &|_| Ok(String::new()));
    let told = firsthand_plays::check(&loaded.project);
    let told: Vec<&str> = told.iter().map(|it| it.problem.message.as_str()).collect();
    assert_eq!(
        told,
        [
            "the owner `ben` has no address to which `mail` writes",
            "the owner `cleo` has no address to which `mail` writes",
            "the owner `cleo` has no address to which `slack` writes",
        ]
    );
}

#[test]
fn the_message_that_comes_with_the_program_tells_of_the_limit_that_is_near() {
    let message = in_app(BANNER, &[]);
    assert_eq!(message.title, "8,140 of 10,000 contacts are in use");
    let usage = message.usage.unwrap();
    assert_eq!(
        (usage.used.as_str(), usage.limit.as_str(), usage.thousandths),
        ("8,140", "10,000", 814)
    );
    assert_eq!(
        message.body,
        "You are close to what your plan Free allows. Pro has room for what comes next, and nothing \
         you made is lost."
    );
    assert_eq!(message.points[0].text, "2 people of your team work with it");
}

#[test]
fn readers_get_their_own_language() {
    for (language, title) in [
        ("zh-CN", "contacts：已使用 8,140，上限为 10,000"),
        ("zh_TW", "contacts：已使用 8,140，上限為 10,000"),
        ("zh-Hant-HK", "contacts：已使用 8,140，上限為 10,000"),
        ("de", "8,140 of 10,000 contacts are in use"),
    ] {
        let message = in_app(BANNER, &[("language", language)]);
        assert_eq!(message.title, title, "{language}");
    }
}

#[test]
fn nothing_that_a_trait_says_becomes_markup() {
    let more = "
messages:
  hello:
    title: 'Hello {{ person.name | default(\"there\") }}'
    body: '{{ person.role }} of {{ account.name }}'
    button: Go
    link: 'https://acme.example/?a={{ person.name }}'
plays: {grow: {track: product, steps: [{by: mail, message: hello}]}}
";
    let nasty = "<script>alert('x')</script>";
    let mail = email(more, &[("email", "z@z.example"), ("name", nasty), ("role", "a & b")]);
    assert_eq!(mail.subject, format!("Hello {nasty}"));
    assert!(mail.text.contains("a & b of acme Inc."), "{}", mail.text);
    assert!(!mail.html.contains("<script>"), "{}", mail.html);
    assert!(mail.html.contains("a &amp; b of acme Inc."), "{}", mail.html);
    assert_eq!(mail.unsubscribes.as_deref(), Some("zoe"));
}

#[test]
fn what_is_not_known_breaks_the_message_instead_of_leaving_a_hole() {
    let more = "
messages: {hello: {title: 'Hello {{ person.name }}'}}
plays: {grow: {track: product, steps: [{by: product, message: hello}]}}
";
    let mut town = Town::new(&format!("channels: {{product: {{in_app: }}}}\n{more}"));
    town.people("acme", [person("zoe", &[])]);
    town.open("acme");
    assert!(town.sent.is_empty());
    assert_eq!(town.suppressed[0].reason, firsthand_model::play::Reason::Unwritten);
}

#[test]
fn an_owner_reads_why_how_much_whom_and_what() {
    let more = "plays: {tell: {track: product, touch: high, steps: [{by: sales}]}}";
    let Outgoing::Slack(message) = sent(more, &[("name", "Zoe & Co"), ("role", "admin")]) else {
        panic!("not Slack")
    };
    let blocks: serde_json::Value = serde_json::from_str(&message.blocks).unwrap();
    insta::assert_snapshot!(message.text, @"acme Inc. is ready to buy: 8,140 of 10,000 contacts are in use");
    let texts: Vec<&str> =
        blocks.as_array().unwrap().iter().filter_map(|it| it["text"]["text"].as_str()).collect();
    insta::assert_snapshot!(texts.join("\n---\n").replace(
        message.blocks.split("/leads/").nth(1).unwrap().split('|').next().unwrap(),
        "LEAD"
    ));
    let actions = blocks.as_array().unwrap().last().unwrap();
    assert_eq!(actions["elements"][0]["action_id"], "lead_accept");
    assert_eq!(actions["elements"][1]["options"][0]["text"]["text"], "bad_fit");
    assert_eq!(actions["block_id"], actions["elements"][0]["value"]);
}

#[test]
fn mistakes_in_messages_are_told_at_their_place() {
    use firsthand_model::config::Project;
    use firsthand_model::diagnostic::{SourceFile, Style, render};
    let said = |title: &str, by: &str| {
        let text = format!(
            "meters: {{contacts: {{kind: count, add: any}}}}\n\
             channels: {{product: {{in_app: }}, sales: {{slack: {{webhook: env:W}}}}}}\n\
             messages: {{hello: {{title: '{title}'}}}}\n\
             plays: {{grow: {{track: product, steps: [{{by: {by}, message: hello}}]}}}}\n"
        );
        let file = SourceFile { name: "firsthand.yaml".into(), text };
        let loaded = Project::from_files(&[std::sync::Arc::new(file)], &|_| Ok(String::new()));
        let loaded_said = render(&loaded.diagnostics, Style::default());
        format!(
            "{loaded_said}{}",
            render(&firsthand_plays::check(&loaded.project), Style::default())
        )
    };
    assert_eq!(said("Hello", "product"), "");
    for (title, says) in [
        ("{{ usage.contact }}", "Did you mean `contacts`?"),
        ("{{ usge.contacts }}", "Did you mean `usage`?"),
        ("{{ person }}", "`person` needs a trait"),
        ("{{ usage.contacts ", "the template cannot be read"),
        ("{{ project | shout }}", "the template cannot be filled in"),
        ("{% for a in range(99999999) %}x{% endfor %}", "a message knows no `range`"),
    ] {
        let said = said(title, "product");
        assert!(said.contains(says), "{title}: {said}");
    }
    assert!(said("Hello", "sales").contains("users of the product are not reached by `sales`"));
}
