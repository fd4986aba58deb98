//! The flow against a provider on the loopback that says what a test wants it to.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use firsthand_model::config::Project;
use firsthand_model::diagnostic::SourceFile;
use serde_json::json;

use super::token::tests::Signer;
use super::*;

const NOW: i64 = 1_800_000_000;

/// A provider. What it signs with and says may be changed between calls.
struct Fake {
    at: SocketAddr,
    said: Arc<Mutex<Said>>,
}

struct Said {
    signer: Signer,
    /// What the token and `userinfo` say, over what they always do.
    claims: Value,
    more: Value,
    nonce: String,
    /// The issuer that the description names, in place of its own.
    issuer: Option<String>,
    /// What the token call brought.
    redeemed: Vec<String>,
    /// How often the keys were asked for.
    keys_asked: u32,
}

impl Fake {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let at = listener.local_addr().unwrap();
        let said = Arc::new(Mutex::new(Said {
            signer: Signer::new("one"),
            claims: json!({}),
            more: json!({}),
            nonce: String::new(),
            issuer: None,
            redeemed: Vec::new(),
            keys_asked: 0,
        }));
        let shared = Arc::clone(&said);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                answer(stream.unwrap(), at, &mut shared.lock().unwrap());
            }
        });
        Self { at, said }
    }

    fn oidc(&self, clock: Clock) -> Oidc {
        let text = format!(
            "project: p\nurl: https://leads.example\nsign_in:\n  oidc: {{ issuer: 'http://{}', client_id: firsthand, client_secret: 'env:S' }}\n",
            self.at
        );
        let file = SourceFile { name: "firsthand.yaml".to_owned(), text };
        let loaded = Project::from_files(&[Arc::new(file)], &|_| unreachable!("it names no files"));
        assert!(loaded.diagnostics.is_empty(), "{:?}", loaded.diagnostics);
        let environment = |name: &str| (name == "S").then(|| "p&ss word".to_owned());
        Oidc::of(&loaded.project, &environment, [7; 32], clock).unwrap().unwrap()
    }

    /// Goes there and back.
    async fn round(&self, oidc: &Oidc) -> Result<(Identity, String), OidcError> {
        let begun = oidc.begin("/accounts", [1; 16]).await?;
        let url = Url::parse(&begun.url).unwrap();
        let of = |name: &str| {
            url.query_pairs()
                .find(|it| it.0 == name)
                .map(|it| it.1.into_owned())
                .unwrap_or_default()
        };
        self.said.lock().unwrap().nonce = of("nonce");
        let answer = Answer { code: "c0de".to_owned(), state: of("state"), ..Answer::default() };
        oidc.end(&begun.sealed, &answer).await
    }
}

fn answer(mut stream: TcpStream, at: SocketAddr, said: &mut Said) {
    let mut request = Vec::new();
    let mut piece = [0; 4_096];
    let body_of = |request: &[u8]| {
        let text = String::from_utf8_lossy(request).into_owned();
        let (head, body) = text.split_once("\r\n\r\n")?;
        let length = head.lines().find_map(|it| it.strip_prefix("content-length: "));
        let length: usize = length.map_or(0, |it| it.parse().unwrap());
        (body.len() >= length).then(|| (head.to_owned(), body.to_owned()))
    };
    let (head, body) = loop {
        let count = stream.read(&mut piece).unwrap();
        request.extend_from_slice(&piece[..count]);
        if let Some(whole) = body_of(&request) {
            break whole;
        }
    };
    let own = format!("http://{at}");
    let mut claims = json!({"iss": own, "aud": "firsthand", "sub": "248", "nonce": said.nonce,
                            "iat": NOW, "exp": NOW + 60});
    for (name, value) in said.claims.as_object().unwrap() {
        claims[name] = value.clone();
    }
    let answered = match head.split(' ').nth(1).unwrap() {
        "/.well-known/openid-configuration" => json!({
            "issuer": said.issuer.clone().unwrap_or_else(|| own.clone()),
            "authorization_endpoint": format!("{own}/authorize?tenant=1"),
            "token_endpoint": format!("{own}/token"),
            "userinfo_endpoint": format!("{own}/userinfo"),
            "jwks_uri": format!("{own}/keys"),
        }),
        "/keys" => {
            said.keys_asked += 1;
            json!({"keys": [said.signer.jwk()]})
        }
        "/token" => {
            said.redeemed.push(format!("{head}\n{body}"));
            json!({"id_token": said.signer.sign(&claims), "access_token": "acc", "token_type": "Bearer"})
        }
        "/userinfo" => said.more.clone(),
        other => panic!("{other}"),
    };
    let text = answered.to_string();
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close";
    stream
        .write_all(format!("{head}\r\nContent-Length: {}\r\n\r\n{text}", text.len()).as_bytes())
        .unwrap();
}

fn clock() -> (Clock, Arc<Mutex<i64>>) {
    let seconds = Arc::new(Mutex::new(NOW));
    let told = Arc::clone(&seconds);
    (Arc::new(move || Time(*told.lock().unwrap() * 1_000_000)), seconds)
}

#[tokio::test]
async fn somebody_goes_there_and_comes_back() {
    let (fake, (clock, _)) = (Fake::start(), clock());
    fake.said.lock().unwrap().more =
        json!({"sub": "248", "email": "ann@acme.example", "email_verified": true, "name": "Ann"});
    let oidc = fake.oidc(clock);
    let (identity, to) = fake.round(&oidc).await.unwrap();
    assert_eq!((identity.subject.as_str(), to.as_str()), ("248", "/accounts"));
    assert_eq!(identity.email.as_deref(), Some("ann@acme.example"));

    let begun = oidc.begin("/accounts", [1; 16]).await.unwrap();
    assert!(
        begun.url.contains("/authorize?tenant=1&response_type=code&client_id=firsthand"),
        "{}",
        begun.url
    );
    assert!(begun.url.contains("redirect_uri=https%3A%2F%2Fleads.example%2Fsign-in%2Foidc%2Fback"));
    assert!(begun.sealed.len() <= 200, "a cookie holds it");
    let redeemed = fake.said.lock().unwrap().redeemed.remove(0);
    // The client is told as RFC 6749 has it, and the verifier fits the challenge.
    let pair = BASE64_STANDARD.encode("firsthand:p%26ss+word");
    assert!(redeemed.contains(&format!("authorization: Basic {pair}")), "{redeemed}");
    let verifier = redeemed.split("code_verifier=").nth(1).unwrap().split('&').next().unwrap();
    assert!(begun.url.contains(&format!("code_challenge={}", challenge(verifier))));
}

#[tokio::test]
async fn what_was_not_begun_here_or_too_long_ago_leads_nowhere() {
    let (fake, (clock, seconds)) = (Fake::start(), clock());
    let oidc = fake.oidc(clock);
    let (mine, other) =
        (oidc.begin("/", [1; 16]).await.unwrap(), oidc.begin("/", [2; 16]).await.unwrap());
    let state = |begun: &Begun| {
        let url = Url::parse(&begun.url).unwrap();
        url.query_pairs().find(|it| it.0 == "state").unwrap().1.into_owned()
    };
    let with = |state: String| Answer { code: "c".to_owned(), state, ..Answer::default() };
    let stale = |it| matches!(it, Err(OidcError::Stale));
    assert!(stale(oidc.end(&mine.sealed, &with(state(&other))).await), "another browser's state");
    assert!(stale(oidc.end("", &with(state(&mine))).await));
    assert!(stale(oidc.end(&mine.sealed.replace('.', ".A"), &with(state(&mine))).await));
    let denied = Answer { error: "access_denied".to_owned(), ..with(state(&mine)) };
    assert!(matches!(oidc.end(&mine.sealed, &denied).await, Err(OidcError::Denied(_))));
    let mixed_up = Answer { iss: Some("https://evil.example".to_owned()), ..with(state(&mine)) };
    let refused = oidc.end(&mine.sealed, &mixed_up).await;
    assert!(matches!(refused, Err(OidcError::Token(TokenError::Issuer))));
    *seconds.lock().unwrap() += 601;
    assert!(stale(oidc.end(&mine.sealed, &with(state(&mine))).await), "ten minutes later");
    assert!(fake.said.lock().unwrap().redeemed.is_empty(), "no code was given for a token");
}

#[tokio::test]
async fn a_token_of_another_sign_in_or_of_the_past_is_refused() {
    let (fake, (clock, _)) = (Fake::start(), clock());
    let oidc = fake.oidc(clock);
    for (claims, why) in [
        (json!({"nonce": "another"}), TokenError::Nonce),
        (json!({"exp": NOW - 61}), TokenError::Expired),
        (json!({"aud": "somebody-else"}), TokenError::Audience),
        (json!({"iss": "https://evil.example"}), TokenError::Issuer),
    ] {
        fake.said.lock().unwrap().claims = claims;
        let refused = fake.round(&oidc).await;
        assert!(matches!(&refused, Err(OidcError::Token(it)) if *it == why), "{why}");
    }
    fake.said.lock().unwrap().claims = json!({});
    fake.said.lock().unwrap().more = json!({"sub": "249", "email": "eve@acme.example"});
    assert!(
        matches!(fake.round(&oidc).await, Err(OidcError::Provider(_))),
        "told of somebody else"
    );
}

#[tokio::test]
async fn a_provider_may_change_its_keys_and_is_not_asked_without_end() {
    let (fake, (clock, seconds)) = (Fake::start(), clock());
    fake.said.lock().unwrap().more = json!({"sub": "248"});
    let oidc = fake.oidc(clock);
    assert!(fake.round(&oidc).await.is_ok());
    fake.said.lock().unwrap().signer = Signer::new("two");
    let refused = fake.round(&oidc).await;
    assert!(matches!(refused, Err(OidcError::Token(TokenError::UnknownKey))), "asked just now");
    assert_eq!(fake.said.lock().unwrap().keys_asked, 1);
    *seconds.lock().unwrap() += 61;
    fake.said.lock().unwrap().claims = json!({"iat": NOW + 61, "exp": NOW + 120});
    assert!(fake.round(&oidc).await.is_ok());
    assert_eq!(fake.said.lock().unwrap().keys_asked, 2);
}

#[tokio::test]
async fn a_provider_that_names_another_issuer_is_none() {
    let (fake, (clock, _)) = (Fake::start(), clock());
    fake.said.lock().unwrap().issuer = Some("https://other.example".to_owned());
    let oidc = fake.oidc(clock);
    assert!(matches!(oidc.begin("/", [1; 16]).await, Err(OidcError::Provider(_))));
}
