//! A message as it looks at its receiver's, drawn from what is kept of it.
//!
//! What is in it was written by templates and traits: it is read as data, and nothing of it becomes
//! markup. Mrkdwn of Slack is told apart here into pieces; an e-mail's HTML is a page of its own,
//! under a policy of its own ([`mail`]).

use axum::http::{HeaderValue, header};
use axum::response::{Html, IntoResponse, Response};
use firsthand_model::message::UNSUBSCRIBE_URL;
use serde_json::Value;

use super::texts::{Texts, fill};

/// What an e-mail shown by itself may load: the styles within it, and nothing else.
const MAIL_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; sandbox; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// A message, ready to be drawn.
pub(super) enum Drawn {
    Email(Email),
    Slack(Slack),
    InApp(InApp),
    Task(Task),
    /// A call of another system, as it is sent; what is of another kind as well.
    Call {
        event: String,
        body: String,
    },
}

pub(super) struct Email {
    pub to: String,
    pub subject: String,
    pub text: String,
}

pub(super) struct Slack {
    pub to: String,
    pub blocks: Vec<Block>,
}

/// A block of a message in Slack.
pub(super) enum Block {
    Header(String),
    /// Lines of pieces.
    Text(Vec<Vec<Piece>>),
    Divider,
    /// What can be pressed: the words, and whether it is the main one.
    Actions(Vec<(String, bool)>),
}

/// A piece of a line.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub text: String,
    pub bold: bool,
    /// Where it leads, if it does.
    pub link: Option<String>,
}

pub(super) struct InApp {
    /// `banner`, `modal` or `checklist`.
    pub form: String,
    pub title: String,
    pub body: Vec<String>,
    /// The words, and whether a step is done.
    pub points: Vec<(String, Option<bool>)>,
    /// The share used, in whole percent, and the same in words.
    pub usage: Option<(u64, String)>,
    pub action: Option<String>,
    pub language: String,
}

pub(super) struct Task {
    pub subject: String,
    pub body: String,
    pub properties: Vec<(String, String)>,
}

impl Drawn {
    pub fn of(t: &Texts, message: &Value) -> Self {
        let text = |name: &str| message[name].as_str().unwrap_or_default().to_owned();
        match message["kind"].as_str() {
            Some("email") => Self::Email(Email {
                to: match message["name"].as_str() {
                    Some(name) => format!("{name} <{}>", text("to")),
                    None => text("to"),
                },
                subject: text("subject"),
                text: text("text").replace(UNSUBSCRIBE_URL, t.out.unsubscribe_link),
            }),
            Some("slack") => Self::Slack(Slack {
                to: slack_target(t, &message["to"]),
                blocks: blocks(message["blocks"].as_str().unwrap_or_default()),
            }),
            Some("in-app") => Self::InApp(in_app(t, message)),
            Some("crm") => Self::Task(task(message)),
            _ => {
                // What a webhook tells is kept as the text of an object.
                let data = message["data"].as_str().and_then(|it| serde_json::from_str(it).ok());
                let data: &Value = data.as_ref().unwrap_or(message);
                let body = serde_json::to_string_pretty(data).unwrap_or_default();
                Self::Call { event: text("type"), body }
            }
        }
    }

    pub fn email(&self) -> Option<&Email> {
        if let Self::Email(it) = self { Some(it) } else { None }
    }

    pub fn slack(&self) -> Option<&Slack> {
        if let Self::Slack(it) = self { Some(it) } else { None }
    }

    pub fn in_app(&self) -> Option<&InApp> {
        if let Self::InApp(it) = self { Some(it) } else { None }
    }

    pub fn task(&self) -> Option<&Task> {
        if let Self::Task(it) = self { Some(it) } else { None }
    }

    pub fn call(&self) -> Option<(&str, &str)> {
        if let Self::Call { event, body } = self { Some((event, body)) } else { None }
    }

    /// It in one line.
    pub fn line(&self) -> &str {
        match self {
            Self::Email(it) => &it.subject,
            Self::Slack(it) => it
                .blocks
                .iter()
                .find_map(|it| if let Block::Header(text) = it { Some(text) } else { None })
                .map_or("", String::as_str),
            Self::InApp(it) => &it.title,
            Self::Task(it) => &it.subject,
            Self::Call { event, .. } => event,
        }
    }
}

impl InApp {
    pub fn is_banner(&self) -> bool {
        self.form == "banner"
    }

    pub fn is_checklist(&self) -> bool {
        self.form == "checklist"
    }

    /// The arc of the ring: how much of a hundred is drawn.
    pub fn arc(&self) -> String {
        let share = self.usage.as_ref().map_or(0, |it| it.0).min(100);
        format!("{share} 100")
    }
}

/// The HTML of an e-mail, as a page by itself in which nothing runs and which loads nothing.
pub(super) fn mail(message: &Value) -> Option<Response> {
    let html = message["html"].as_str().filter(|_| message["kind"] == "email")?;
    let mut response = Html(html.to_owned()).into_response();
    let policy = HeaderValue::from_static(MAIL_POLICY);
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    Some(response)
}

fn slack_target(t: &Texts, to: &Value) -> String {
    if let Some(channel) = to["channel"].as_str() {
        return channel.to_owned();
    }
    to["member"].as_str().map_or_else(|| t.out.slack_webhook.to_owned(), str::to_owned)
}

fn in_app(t: &Texts, message: &Value) -> InApp {
    let text = |of: &Value, name: &str| of[name].as_str().unwrap_or_default().to_owned();
    let points = message["points"].as_array().into_iter().flatten();
    let usage = Some(&message["usage"]).filter(|it| it.is_object()).map(|it| {
        let values = [
            ("used", &*text(it, "used")),
            ("limit", &text(it, "limit")),
            ("meter", &text(it, "meter")),
        ];
        (it["thousandths"].as_u64().unwrap_or(0) / 10, fill(t.out.usage_of, &values))
    });
    let paragraphs = text(message, "body");
    InApp {
        form: text(message, "form"),
        title: text(message, "title"),
        body: paragraphs.split("\n\n").filter(|it| !it.is_empty()).map(str::to_owned).collect(),
        points: points.map(|it| (text(it, "text"), it["done"].as_bool())).collect(),
        usage,
        action: message["action"]["label"].as_str().map(str::to_owned),
        language: text(message, "language"),
    }
}

fn task(message: &Value) -> Task {
    let text = |name: &str| message["task"][name].as_str().unwrap_or_default().to_owned();
    let properties = message["properties"].as_object().into_iter().flatten();
    Task {
        subject: text("subject"),
        body: text("body"),
        properties: properties
            .map(|(name, it)| (name.clone(), it.as_str().unwrap_or_default().to_owned()))
            .collect(),
    }
}

/// The blocks of a message in Slack: those that we send, the others left out.
fn blocks(text: &str) -> Vec<Block> {
    let all: Vec<Value> = serde_json::from_str(text).unwrap_or_default();
    let words = |it: &Value| it["text"].as_str().unwrap_or_default().to_owned();
    let block = |it: &Value| match it["type"].as_str()? {
        "header" => Some(Block::Header(words(&it["text"]))),
        "section" => Some(Block::Text(words(&it["text"]).lines().map(pieces).collect())),
        "divider" => Some(Block::Divider),
        "actions" => {
            let elements = it["elements"].as_array().into_iter().flatten();
            let element = |it: &Value| {
                let label = if it["type"] == "button" { &it["text"] } else { &it["placeholder"] };
                (words(label), it["style"] == "primary")
            };
            Some(Block::Actions(elements.map(element).collect()))
        }
        _ => None,
    };
    all.iter().filter_map(block).collect()
}

/// A line of mrkdwn: `*bold*`, `<address|words>`, and three signs written out.
fn pieces(line: &str) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut bold = false;
    let mut rest = line;
    let mut plain = String::new();
    let end = |plain: &mut String, pieces: &mut Vec<Piece>, bold| {
        if !plain.is_empty() {
            pieces.push(Piece { text: unescape(&std::mem::take(plain)), bold, link: None });
        }
    };
    while let Some(sign) = rest.chars().next() {
        let after = &rest[sign.len_utf8()..];
        if sign == '<'
            && let Some((inside, behind)) = after.split_once('>')
        {
            end(&mut plain, &mut pieces, bold);
            let (url, label) = inside.split_once('|').unwrap_or((inside, inside));
            let url = unescape(url);
            // Only addresses of the web: nothing that is written here must run.
            let is_web = url.starts_with("https://") || url.starts_with("http://");
            pieces.push(Piece { text: unescape(label), bold, link: is_web.then_some(url) });
            rest = behind;
        } else if sign == '*' && (bold || after.contains('*')) {
            end(&mut plain, &mut pieces, bold);
            bold = !bold;
            rest = after;
        } else {
            plain.push(sign);
            rest = after;
        }
    }
    end(&mut plain, &mut pieces, bold);
    pieces
}

fn unescape(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::super::texts::Language;
    use super::*;

    fn piece(text: &str, bold: bool, link: Option<&str>) -> Piece {
        Piece { text: text.to_owned(), bold, link: link.map(str::to_owned) }
    }

    #[test]
    fn a_line_of_slack_is_told_apart() {
        assert_eq!(
            pieces("*Why* 3 * 4 &lt;b&gt; <https://a.example/?x=1&amp;y=2|Open it>"),
            [
                piece("Why", true, None),
                piece(" 3 * 4 <b> ", false, None),
                piece("Open it", false, Some("https://a.example/?x=1&y=2")),
            ]
        );
        assert_eq!(pieces("<javascript:alert(1)|press>"), [piece("press", false, None)]);
        assert_eq!(pieces("a < b"), [piece("a < b", false, None)]);
    }

    #[test]
    fn what_is_of_no_known_kind_is_shown_as_it_is() {
        let t = Language::English.texts();
        let drawn = Drawn::of(t, &serde_json::json!({"type": "lead.opened", "data": {}}));
        let (event, body) = drawn.call().unwrap();
        assert_eq!(event, "lead.opened");
        assert!(body.contains("\"data\": {}"), "{body}");
        assert_eq!(drawn.line(), "lead.opened");
        let kept = serde_json::json!({"kind": "webhook", "type": "a", "data": "{\"to\": \"pql\"}"});
        assert_eq!(Drawn::of(t, &kept).call(), Some(("a", "{\n  \"to\": \"pql\"\n}")));
    }

    #[test]
    fn only_an_email_is_a_page_by_itself() {
        assert!(mail(&serde_json::json!({"kind": "slack", "html": "<p>"})).is_none());
        let response = mail(&serde_json::json!({"kind": "email", "html": "<p>hi"})).unwrap();
        let policy = response.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.contains("default-src 'none'") && policy.contains("sandbox"), "{policy}");
    }
}
