//! The few pages a person sees who unsubscribes, in their language. They need no script.

use std::fmt::Write as _;
use std::sync::LazyLock;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha256};

const STYLE: &str = "\
:root{color-scheme:light dark;--ink:light-dark(#1b1f24,#eef0f2);--quiet:light-dark(#59626d,#a4adb8)}\
body{margin:0;font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:light-dark(#f6f7f8,#14171a)}\
main{box-sizing:border-box;max-width:30rem;margin:12vh auto;padding:2rem 1.5rem}\
h1{margin:0 0 .75rem;font-size:1.375rem;line-height:1.3;letter-spacing:-.01em}\
p{margin:0 0 1.5rem;color:var(--quiet)}\
button{min-height:2.75rem;padding:.5rem 1.25rem;border:1px solid transparent;border-radius:8px;\
background:var(--ink);color:light-dark(#fff,#15181c);font:inherit;font-weight:600;cursor:pointer}\
button:focus-visible{outline:2px solid var(--ink);outline-offset:2px}";

/// Nothing but this style, and a form to where the page came from.
static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
    let hash = BASE64_STANDARD.encode(Sha256::digest(STYLE.as_bytes()));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{hash}'; form-action 'self'; base-uri 'none'; \
         frame-ancestors 'none'"
    );
    HeaderValue::try_from(policy).expect("base64 is a header")
});

/// What a page says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Page {
    /// Asks whether they mean it.
    Ask,
    /// It is done.
    Done,
    /// It is undone.
    Undone,
    /// The link is not whole.
    NoLink,
    /// It cannot be done now.
    Later,
}

/// A language of these pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    English,
    Simplified,
    Traditional,
}

impl Language {
    /// The first language of an `Accept-Language` header that we speak.
    pub fn of(accepted: &str) -> Self {
        let one = |range: &str| {
            let tag = range.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
            let mut parts = tag.split('-');
            match parts.next() {
                Some("en") => Some(Self::English),
                Some("zh") if parts.any(|it| matches!(it, "hant" | "tw" | "hk" | "mo")) => {
                    Some(Self::Traditional)
                }
                Some("zh") => Some(Self::Simplified),
                _ => None,
            }
        };
        accepted.split(',').find_map(one).unwrap_or(Self::English)
    }

    const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Simplified => "zh-Hans",
            Self::Traditional => "zh-Hant",
        }
    }
}

/// Title, sentence, and the words on the button, if there is one.
type Words = (&'static str, &'static str, Option<&'static str>);

const fn words(page: Page, language: Language) -> Words {
    use Language::{English, Simplified, Traditional};
    match (page, language) {
        (Page::Ask, English) => (
            "Stop hearing from us?",
            "You will get no more tips and offers, neither by e-mail nor inside the product. \
             Messages that you need, such as receipts, are not affected.",
            Some("Unsubscribe"),
        ),
        (Page::Ask, Simplified) => (
            "不再接收我们的消息？",
            "您将不再收到任何使用建议和优惠信息，包括电子邮件和产品内消息。收据等必要的消息不受影响。",
            Some("退订"),
        ),
        (Page::Ask, Traditional) => (
            "不再接收我們的訊息？",
            "您將不再收到任何使用建議和優惠資訊，包括電子郵件和產品內訊息。收據等必要的訊息不受影響。",
            Some("取消訂閱"),
        ),
        (Page::Done, English) => (
            "You are unsubscribed",
            "We will send you no more tips and offers. It was a mistake? Then take it back here.",
            Some("Subscribe again"),
        ),
        (Page::Done, Simplified) => (
            "您已退订",
            "我们不会再向您发送使用建议和优惠信息。操作有误？您可以在此恢复订阅。",
            Some("重新订阅"),
        ),
        (Page::Done, Traditional) => (
            "您已取消訂閱",
            "我們不會再向您發送使用建議和優惠資訊。操作有誤？您可以在此恢復訂閱。",
            Some("重新訂閱"),
        ),
        (Page::Undone, English) => (
            "You are subscribed again",
            "You can unsubscribe at any time by the link in any of our messages.",
            None,
        ),
        (Page::Undone, Simplified) => {
            ("您已重新订阅", "您可以随时通过我们任何一封邮件中的链接退订。", None)
        }
        (Page::Undone, Traditional) => {
            ("您已重新訂閱", "您可以隨時透過我們任何一封郵件中的連結取消訂閱。", None)
        }
        (Page::NoLink, English) => (
            "This link is not whole",
            "Open the link in the message again, or copy all of it.",
            None,
        ),
        (Page::NoLink, Simplified) => {
            ("链接不完整", "请重新打开邮件中的链接，或完整复制该链接。", None)
        }
        (Page::NoLink, Traditional) => {
            ("連結不完整", "請重新開啟郵件中的連結，或完整複製該連結。", None)
        }
        (Page::Later, English) => {
            ("That did not work", "Nothing was changed. Try again in a minute.", None)
        }
        (Page::Later, Simplified) => ("操作未成功", "未作任何更改，请稍后再试。", None),
        (Page::Later, Traditional) => ("操作未成功", "未作任何變更，請稍後再試。", None),
    }
}

impl Page {
    const fn status(self) -> StatusCode {
        match self {
            Self::Ask | Self::Done | Self::Undone => StatusCode::OK,
            Self::NoLink => StatusCode::NOT_FOUND,
            Self::Later => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// Draws the page.
    pub fn draw(self, language: Language) -> Response {
        let (title, sentence, button) = words(self, language);
        let act = if self == Self::Done { "subscribe" } else { "unsubscribe" };
        let mut html = String::new();
        // Writing to a text never fails.
        let _ = write!(
            html,
            "<!doctype html><html lang=\"{}\"><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
             <meta name=\"robots\" content=\"noindex\"><title>{title}</title>\
             <style>{STYLE}</style><main><h1>{title}</h1><p>{sentence}</p>",
            language.tag()
        );
        if let Some(button) = button {
            let _ = write!(
                html,
                "<form method=\"post\"><input type=\"hidden\" name=\"act\" value=\"{act}\">\
                 <button>{button}</button></form>"
            );
        }
        html.push_str("</main></html>\n");
        let mut response = (self.status(), html).into_response();
        let headers = response.headers_mut();
        let html = HeaderValue::from_static("text/html; charset=utf-8");
        headers.insert(header::CONTENT_TYPE, html);
        headers.insert(header::CONTENT_SECURITY_POLICY, POLICY.clone());
        headers.insert(header::VARY, HeaderValue::from_static("Accept-Language"));
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reader_is_spoken_to_in_a_language_of_theirs() {
        for (accepted, language) in [
            ("", Language::English),
            ("de, zh-CN;q=0.5, en;q=0.3", Language::Simplified),
            ("zh-TW", Language::Traditional),
            ("zh-Hant-HK", Language::Traditional),
            ("ZH", Language::Simplified),
            ("fr", Language::English),
        ] {
            assert_eq!(Language::of(accepted), language, "{accepted}");
        }
    }
}
