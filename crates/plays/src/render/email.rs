//! E-mail: the same words as text and as HTML.

use std::fmt::Write;

use firsthand_model::Text;
use firsthand_model::message::Email;

use super::{Filled, Telling};
use crate::render::slack::Notice;

/// An e-mail to a user of the product, who may unsubscribe.
pub(crate) fn to_user(
    filled: &Filled,
    telling: Telling<'_>,
    to: Text,
    reply_to: Option<Text>,
) -> Email {
    let subject = if filled.title.is_empty() {
        filled.body.first().cloned().unwrap_or_default()
    } else {
        filled.title.clone()
    };
    let mut page = Page::default();
    page.heading(&filled.title);
    for paragraph in &filled.body {
        page.paragraph(paragraph);
    }
    page.list(&filled.points);
    if let Some((label, url)) = &filled.button {
        page.button(label, url);
    }
    page.small(super::phrases(&filled.language).unsubscribe_hint);
    let person = telling.person;
    Email {
        to,
        name: person.and_then(|it| it.name().cloned()),
        reply_to,
        subject,
        html: page.html(&filled.language),
        text: page.text,
        unsubscribes: person.map(|it| it.id.clone()),
    }
}

/// An e-mail to a colleague about one lead or several.
pub(crate) fn to_colleague(
    subject: String,
    notices: &[Notice],
    language: &str,
    to: Text,
    name: Option<Text>,
) -> Email {
    let mut page = Page::default();
    for notice in notices {
        page.heading(&notice.title);
        for paragraph in &notice.intro {
            page.paragraph(paragraph);
        }
        for (heading, lines) in &notice.parts {
            page.subheading(heading);
            page.list(lines);
        }
        if let Some((label, url)) = &notice.link {
            page.button(label, url);
        }
    }
    let html = page.html(language);
    Email { to, name, reply_to: None, subject, text: page.text, html, unsubscribes: None }
}

/// A text and the HTML that says the same.
#[derive(Default)]
struct Page {
    text: String,
    html: String,
}

impl Page {
    fn heading(&mut self, text: &str) {
        if !text.is_empty() {
            self.put("h1", "font-size:20px;margin:24px 0 12px", text);
        }
    }

    fn subheading(&mut self, text: &str) {
        self.put("h2", "font-size:14px;margin:16px 0 4px", text);
    }

    fn paragraph(&mut self, text: &str) {
        self.put("p", "margin:0 0 12px", text);
    }

    fn small(&mut self, text: &str) {
        self.put("p", "margin:24px 0 0;font-size:12px;color:#57606a", text);
    }

    fn put(&mut self, tag: &str, style: &str, text: &str) {
        self.line(text);
        let _infallible = writeln!(self.html, "<{tag} style=\"{style}\">{}</{tag}>", escape(text));
    }

    fn line(&mut self, text: &str) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.text.push_str(text);
        self.text.push('\n');
    }

    fn list(&mut self, items: &[String]) {
        if items.is_empty() {
            return;
        }
        let lines: Vec<String> = items.iter().map(|it| format!("- {it}")).collect();
        self.line(&lines.join("\n"));
        self.html.push_str("<ul style=\"margin:0 0 12px;padding-left:20px\">\n");
        for item in items {
            let _infallible = writeln!(self.html, "<li>{}</li>", escape(item));
        }
        self.html.push_str("</ul>\n");
    }

    fn button(&mut self, label: &str, url: &str) {
        self.line(&format!("{label}: {url}"));
        // Only addresses of the web: a `javascript:` in a trait must not become a link.
        if url.starts_with("https://") || url.starts_with("http://") {
            let _infallible = writeln!(
                self.html,
                "<p style=\"margin:16px 0\"><a href=\"{}\" style=\"display:inline-block;padding:10px \
                 18px;background:#1f6feb;color:#ffffff;border-radius:6px;text-decoration:none\">{}\
                 </a></p>",
                escape(url),
                escape(label),
            );
        }
    }

    fn html(&self, language: &str) -> String {
        format!(
            "<!doctype html>\n<html lang=\"{}\">\n<head><meta charset=\"utf-8\"><meta \
             name=\"viewport\" content=\"width=device-width\"></head>\n<body style=\"margin:0;\
             padding:24px;font-family:system-ui,sans-serif;font-size:15px;line-height:1.5;\
             color:#1f2328\">\n{}</body>\n</html>\n",
            escape(language),
            self.html,
        )
    }
}

/// A text as HTML shows it.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}
