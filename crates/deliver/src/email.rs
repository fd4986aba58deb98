//! E-mail over SMTP.
//!
//! The `Message-ID` is made of the message's key: whoever sees the mail twice can tell. Every mail
//! to a user of the product has a way out by one click (RFC 8058).

use std::error::Error as _;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use firsthand_model::message::{Email, Outgoing, UNSUBSCRIBE_URL};
use firsthand_model::{Span, Time};
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message as Mail, MultiPart};
use lettre::transport::smtp::{
    AsyncSmtpTransport, AsyncSmtpTransportBuilder, Error as SmtpError, PoolConfig,
};
use lettre::{Address, AsyncTransport, Tokio1Executor};
use reqwest::Url;

use crate::channel::wrong_kind;
use crate::{Channel, Limits, Message, Outcome, Schedule, SetupError, Tried, mask};

/// How long each step of the conversation with the relay may take.
const STEP_MAX: Duration = Duration::from_secs(30);
/// How many mails are under way at once.
const CALLS_MAX: usize = 4;
/// Most letters of a subject or a name; what is beyond is cut.
const LINE_CHARS_MAX: usize = 250;

/// The relay, and who writes.
#[derive(Clone)]
pub struct EmailSettings {
    /// `smtps://user:password@host:465`, or `smtp://host:587`, with TLS where it is offered.
    pub smtp: String,
    /// `Name <address>`.
    pub from: String,
    /// Where answers go, if not to the sender.
    pub reply_to: Option<String>,
    /// Makes the address by which a person unsubscribes: it acts on `POST` alone and needs no
    /// sign-in. Without it users are not written to.
    pub unsubscribe: Option<UnsubscribeLink>,
}

/// Makes a person's own address to unsubscribe.
pub type UnsubscribeLink = Arc<dyn Fn(&str) -> String + Send + Sync>;

/// Sends mails through one relay.
pub struct EmailChannel {
    builder: AsyncSmtpTransportBuilder,
    /// Made with the first mail, inside the runtime that its connections need.
    relay: OnceLock<AsyncSmtpTransport<Tokio1Executor>>,
    relay_name: String,
    from: Mailbox,
    reply_to: Option<Mailbox>,
    unsubscribe: Option<UnsubscribeLink>,
}

impl EmailChannel {
    /// Sets the channel up; nothing is connected yet.
    ///
    /// # Errors
    /// Where the relay's address or a mailbox is none.
    pub fn new(settings: &EmailSettings) -> Result<Self, SetupError> {
        rustls::crypto::ring::default_provider().install_default().ok();
        let shown = || settings.smtp.rsplit('@').next().unwrap_or_default().to_owned();
        let bad = |why| SetupError::BadUrl { url: shown(), why };
        let mut url = Url::parse(&settings.smtp).map_err(|_| bad("it is not written like one"))?;
        if url.host_str().is_none_or(str::is_empty) {
            return Err(bad("it names no host"));
        }
        match url.scheme() {
            "smtps" => {}
            "smtp" if url.query().is_some() => {}
            "smtp" => url.set_query(Some("tls=opportunistic")),
            _ => return Err(bad("it is neither `smtps` nor `smtp`")),
        }
        let from = mailbox(&settings.from)?;
        let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(url.as_str())
            .map_err(|it| SetupError::Tls(it.into()))?
            .timeout(Some(STEP_MAX))
            .pool_config(PoolConfig::new().max_size(u32::try_from(CALLS_MAX).unwrap_or(1)));
        Ok(Self {
            builder,
            relay: OnceLock::new(),
            relay_name: shown().split(['?', '/']).next_back().unwrap_or_default().to_owned(),
            reply_to: settings.reply_to.as_deref().map(mailbox).transpose()?,
            unsubscribe: settings.unsubscribe.clone(),
            from,
        })
    }

    async fn try_one(&self, message: &Message) -> Tried {
        let Outgoing::Email(email) = &message.outgoing else { return wrong_kind("e-mail") };
        let mail = match self.mail(&message.key, message.now, email) {
            Ok(mail) => mail,
            Err(reason) => return Tried::unsent(Outcome::Dead(reason)),
        };
        let request = format!(
            "to {} by {}, a subject of {} characters, {} bytes",
            mask::address(&email.to),
            self.relay_name,
            email.subject.chars().count(),
            mail.formatted().len()
        );
        let relay = self.relay.get_or_init(|| self.builder.clone().build());
        let (outcome, answer) = match relay.send(mail).await {
            Ok(response) => {
                let lines: Vec<&str> = response.message().collect();
                let told = format!("{} {}", response.code(), lines.join(" "));
                (Outcome::Sent, mask::text(&told))
            }
            Err(error) => judge(&error),
        };
        Tried { outcome, request: Some(request), answer: Some(answer), note: None }
    }

    /// Writes the mail.
    ///
    /// # Errors
    /// Why it cannot be written, in words.
    fn mail(&self, key: &str, now: Time, email: &Email) -> Result<Mail, String> {
        let to: Address =
            email.to.parse().map_err(|_| "the receiver is no e-mail address".to_owned())?;
        let name = email.name.as_ref().map(|it| line(it)).filter(|it| !it.is_empty());
        let mut builder = Mail::builder()
            .from(self.from.clone())
            .to(Mailbox::new(name, to))
            .subject(line(&email.subject))
            .date(
                SystemTime::UNIX_EPOCH
                    + Duration::from_micros(now.micros().try_into().unwrap_or(0)),
            )
            .message_id(Some(message_id(key, self.from.email.domain())));
        let own = email.reply_to.as_deref().map(mailbox).transpose();
        let reply_to = own.map_err(|it| it.to_string())?.or_else(|| self.reply_to.clone());
        if let Some(reply_to) = reply_to {
            builder = builder.reply_to(reply_to);
        }
        let (mut text, mut html) = (email.text.clone(), email.html.clone());
        if let Some(person) = &email.unsubscribes {
            let Some(link) = &self.unsubscribe else {
                return Err("there is no address by which its reader could unsubscribe".to_owned());
            };
            let link = link(person);
            if link
                .contains(|it: char| it.is_control() || it.is_whitespace() || "<>\"".contains(it))
            {
                return Err("the address to unsubscribe is none".to_owned());
            }
            builder = builder
                .raw_header(raw("List-Unsubscribe", format!("<{link}>")))
                .raw_header(raw("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned()));
            (text, html) = (with_link(&text, &link), with_html_link(&html, &link));
        }
        let body = MultiPart::alternative_plain_html(text, html);
        builder.multipart(body).map_err(|it| format!("the mail cannot be written: {it}"))
    }
}

#[async_trait]
impl Channel for EmailChannel {
    fn limits(&self) -> Limits {
        Limits {
            batch: 1,
            calls: CALLS_MAX,
            spacing: Duration::ZERO,
            schedule: Schedule::email(),
            age_max: Span::DAY.times(4),
        }
    }

    async fn send(&self, messages: &[Message]) -> Vec<Tried> {
        let mut tried = Vec::with_capacity(messages.len());
        for message in messages {
            tried.push(self.try_one(message).await);
        }
        tried
    }
}

fn mailbox(written: &str) -> Result<Mailbox, SetupError> {
    let parsed: Mailbox =
        written.parse().map_err(|_| SetupError::BadAddress(mask::address(written)))?;
    Ok(Mailbox::new(parsed.name.map(|it| line(&it)), parsed.email))
}

/// The same for the same message, whatever its key is made of.
fn message_id(key: &str, domain: &str) -> String {
    format!("<{}@{domain}>", blake3::hash(key.as_bytes()).to_hex())
}

/// One line: nothing in it can end a header and begin another.
fn line(text: &str) -> String {
    let clean = text.chars().map(|it| if it.is_control() { ' ' } else { it });
    let clean: String = clean.take(LINE_CHARS_MAX).collect();
    clean.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn raw(name: &'static str, value: String) -> HeaderValue {
    HeaderValue::dangerous_new_pre_encoded(
        HeaderName::new_from_ascii_str(name),
        value.clone(),
        value,
    )
}

fn with_link(text: &str, link: &str) -> String {
    if text.contains(UNSUBSCRIBE_URL) {
        return text.replace(UNSUBSCRIBE_URL, link);
    }
    format!("{}\n\n-- \nUnsubscribe: {link}\n", text.trim_end())
}

fn with_html_link(html: &str, link: &str) -> String {
    let link = link.replace('&', "&amp;");
    if html.contains(UNSUBSCRIBE_URL) {
        return html.replace(UNSUBSCRIBE_URL, &link);
    }
    let footer = format!("<p><a href=\"{link}\">Unsubscribe</a></p>");
    match html.rfind("</body>") {
        Some(at) => format!("{}{footer}{}", &html[..at], &html[at..]),
        None => format!("{html}{footer}"),
    }
}

/// What a refusal means, and how it is told. A refused mailbox stays refused; a relay that does
/// not let us in, or does not answer, may do so once somebody has put it right.
fn judge(error: &SmtpError) -> (Outcome, String) {
    let told = mask::text(&deepest(error));
    let Some(code) = error.status() else {
        let reason = if error.is_timeout() {
            "the relay did not answer in time".to_owned()
        } else {
            format!("the relay cannot be reached: {told}")
        };
        return (Outcome::broken(reason, None), told);
    };
    let reason = format!("the relay answered {code}: {told}");
    let answer = format!("{code} {told}");
    let outcome = match u16::from(code) {
        // About us, not about the mail: too many, or not let in.
        421 | 454 | 530 | 534 | 535 | 538 => Outcome::broken(reason, None),
        500.. => Outcome::Dead(reason),
        _ => Outcome::again(reason),
    };
    (outcome, answer)
}

fn deepest(error: &SmtpError) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    if error.source().is_some() { cause.to_string() } else { error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn channel() -> EmailChannel {
        EmailChannel::new(&EmailSettings {
            smtp: "smtp://user:secret@127.0.0.1:2525".to_owned(),
            from: "Ada of Acme <ada@acme.example>".to_owned(),
            reply_to: None,
            unsubscribe: Some(Arc::new(|person| {
                format!("https://leads.example/u/{person}?a=1&b=2")
            })),
        })
        .unwrap()
    }

    fn email() -> Email {
        Email {
            to: "zoe@customer.example".into(),
            name: Some("Zoë".into()),
            reply_to: None,
            subject: "8,140 of 10,000 contacts".to_owned(),
            text: "Hello".to_owned(),
            html: "<html><body><p>Hello</p></body></html>".to_owned(),
            unsubscribes: None,
        }
    }

    fn written(email: &Email) -> String {
        let mail = channel().mail("dlv_1", Time(1_772_928_000_000_000), email).unwrap();
        String::from_utf8(mail.formatted()).unwrap()
    }

    #[test]
    fn no_text_can_begin_another_header() {
        let nasty = "Hi\r\nBcc: all@victims.example\r\n\r\nbody";
        let email = Email { subject: nasty.to_owned(), name: Some(nasty.into()), ..email() };
        let written = written(&email);
        let (head, _) = written.split_once("\r\n\r\n").unwrap();
        assert!(!head.lines().any(|it| it.to_lowercase().starts_with("bcc")), "{head}");
        let channel = channel();
        for address in ["a@b.example\r\nBcc: x@y.example", "a@b.example, c@d.example", ""] {
            let email = Email { to: address.into(), ..email.clone() };
            assert!(channel.mail("k", Time(0), &email).is_err(), "{address}");
        }
    }

    #[test]
    fn the_same_message_has_the_same_id_in_every_try() {
        let id = |mail: &str| {
            let line = mail.lines().find(|it| it.starts_with("Message-ID: ")).unwrap();
            line.to_owned()
        };
        let first = written(&email());
        assert_eq!(id(&first), id(&written(&Email { text: "other".to_owned(), ..email() })));
        assert!(id(&first).ends_with("@acme.example>"), "{first}");
        assert!(first.contains("Date: Sun, 08 Mar 2026 00:00:00 +0000"), "{first}");
    }

    #[test]
    fn a_user_can_leave_by_one_click_and_a_colleague_is_not_asked() {
        let user = written(&Email { unsubscribes: Some("p1".into()), ..email() });
        assert!(user.contains("List-Unsubscribe: <https://leads.example/u/p1?a=1&b=2>"), "{user}");
        assert!(user.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click"), "{user}");
        assert!(!written(&email()).contains("List-Unsubscribe"));
        let mut silent = channel();
        silent.unsubscribe = None;
        let asked = Email { unsubscribes: Some("p1".into()), ..email() };
        assert!(silent.mail("k", Time(0), &asked).is_err(), "without a way out nothing is sent");
    }

    #[test]
    fn the_link_stands_where_the_template_has_it_or_at_the_end() {
        let link = "https://l.example/?a=1&b=2";
        let there = format!("Bye: {UNSUBSCRIBE_URL}.");
        assert_eq!(with_link(&there, link), "Bye: https://l.example/?a=1&b=2.");
        assert!(with_link("Hello", link).ends_with("Unsubscribe: https://l.example/?a=1&b=2\n"));
        let html = with_html_link("<body><p>x</p></body>", link);
        assert!(html.ends_with("b=2\">Unsubscribe</a></p></body>"), "{html}");
        assert!(html.contains("a=1&amp;b=2"));
    }

    #[test]
    fn a_password_is_never_told() {
        let error = EmailChannel::new(&EmailSettings {
            smtp: "http://user:secret@relay.example".to_owned(),
            from: "ada@acme.example".to_owned(),
            reply_to: None,
            unsubscribe: None,
        });
        let error = error.err().unwrap().to_string();
        assert!(error.contains("relay.example") && !error.contains("secret"), "{error}");
    }
}
