//! What every client may rely on, whatever its protocol.

use std::io::Write as _;

use firsthand_collect::MEMBERS_MAX;
use firsthand_collect::live::{
    BODY_BYTES_MAX, ITEM_BYTES_MAX, ITEMS_MAX, Method, POSTHOG_BODY_BYTES_MAX, Refusal, Route,
    UNPACKED_BYTES_MAX, refuse, reread,
};
use firsthand_model::Span;
use firsthand_model::config::Protocol;

use super::support::{KEY, NOW, body, get, gzip, header, lines, post, report, sources};

const TRACK: &str = r#"{"type":"track","messageId":"m1","userId":"u","event":"E","timestamp":"2026-05-04T09:00:00Z"}"#;

fn batch(items: &[&str]) -> String {
    format!(r#"{{"batch":[{}]}}"#, items.join(","))
}

/// Of every path one that posts, with a body that it takes.
fn posts() -> Vec<(&'static str, String)> {
    let posthog = r#"{"api_key":"wk_web","event":"E","distinct_id":"u","uuid":"1"}"#.to_owned();
    let track = TRACK.to_owned();
    vec![
        ("/v1/identify", track.clone()),
        ("/v1/track", track.clone()),
        ("/v1/page", track.clone()),
        ("/v1/screen", track.clone()),
        ("/v1/t", track.clone()),
        ("/v1/batch", batch(&[TRACK])),
        ("/v1/b", batch(&[TRACK])),
        ("/v1/import", batch(&[TRACK])),
        ("/beacon/v1/batch", batch(&[TRACK])),
        ("/batch", format!(r#"{{"batch":[{posthog}]}}"#)),
        ("/capture", posthog.clone()),
        ("/e", posthog.clone()),
        ("/i/v0/e", posthog.clone()),
        ("/track", posthog.clone()),
        ("/engage", posthog.clone()),
        ("/i/v1/analytics/events", format!(r#"{{"batch":[{posthog}]}}"#)),
        (
            "/com.snowplowanalytics.snowplow/tp2",
            r#"{"data":[{"e":"pv","eid":"1","uid":"u"}]}"#.to_owned(),
        ),
        (
            "/v1/cloudevents",
            r#"{"specversion":"1.0","id":"1","type":"t","subject":"u"}"#.to_owned(),
        ),
        ("/v1/facts", r#"{"id":"1","event":"E","person":"u"}"#.to_owned()),
    ]
}

/// A8, 1 and 2.
#[test]
fn every_path_takes_a_slash_at_its_end_and_any_content_type() {
    for (path, body) in posts() {
        for path in [path.to_owned(), format!("{path}/"), format!("/in/{KEY}{path}")] {
            for kind in ["application/json", "text/plain", "application/x-www-form-urlencoded", ""]
            {
                let call = post(&path, &body).key().header("content-type", kind);
                let facts = call.facts();
                assert_eq!(facts.len(), 1, "{path} as `{kind}`");
                assert_eq!((facts[0].source.as_str(), facts[0].known_at), ("web", Some(NOW)));
            }
        }
    }
}

/// A8, 3.
#[test]
fn every_encoding_is_unpacked_by_its_header_and_gzip_and_zstd_by_their_first_bytes() {
    let zlib = {
        let mut it = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
        it.write_all(TRACK.as_bytes()).unwrap();
        it.finish().unwrap()
    };
    let bare = {
        let mut it = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
        it.write_all(TRACK.as_bytes()).unwrap();
        it.finish().unwrap()
    };
    let zstd = zstd::encode_all(TRACK.as_bytes(), 3).unwrap();
    // What brotli makes of it, uncompressed: a block header, the bytes, and the end.
    let brotli = brotli_stored(TRACK.as_bytes());
    let gzipped = gzip(TRACK.as_bytes());
    for (encoding, packed) in [
        ("gzip", &gzipped),
        ("x-gzip", &gzipped),
        ("GZIP", &gzipped),
        ("", &gzipped),
        ("deflate", &zlib),
        ("deflate", &bare),
        ("zstd", &zstd),
        ("", &zstd),
        ("br", &brotli),
        ("identity", &TRACK.as_bytes().to_vec()),
        // A proxy has unpacked it and left the header.
        ("gzip", &TRACK.as_bytes().to_vec()),
        ("gzip, identity", &gzipped),
    ] {
        let call = post("/v1/track", packed).key().header("content-encoding", encoding);
        assert_eq!(call.facts().len(), 1, "`{encoding}`");
    }
    let unknown = post("/v1/track", TRACK).key().header("content-encoding", "snappy");
    assert_eq!(unknown.status(), 415);
    let broken = post("/v1/track", &gzipped[..gzipped.len() / 2]).key();
    assert_eq!(broken.status(), 400);
}

/// A stream of brotli with one block that is not compressed (RFC 7932, 9.2).
fn brotli_stored(bytes: &[u8]) -> Vec<u8> {
    let length = u32::try_from(bytes.len() - 1).unwrap();
    assert!(length < 1 << 16);
    // Window of 16 bits: `0`; not the last block: `0`; four nibbles of length: `00`; the length;
    // not compressed: `1`.
    let header = length << 4 | 1 << 20;
    let mut out = header.to_le_bytes()[..3].to_vec();
    out.extend_from_slice(bytes);
    // The last block, and empty.
    out.push(3);
    out
}

/// LIVE-5, P8.
#[test]
fn a_body_is_refused_that_is_too_large_packed_or_unpacked() {
    let large = vec![b' '; BODY_BYTES_MAX + 1];
    assert_eq!(post("/v1/track", &large).key().status(), 413);
    let bomb = vec![b' '; UNPACKED_BYTES_MAX + 1];
    assert_eq!(post("/v1/track", gzip(&bomb)).key().status(), 413);
    assert_eq!(post("/e/", gzip(&bomb)).key().status(), 413);
    assert_eq!(post("/v1/track", zstd::encode_all(&bomb[..], 1).unwrap()).key().status(), 413);
    let many = batch(&vec!["{}"; ITEMS_MAX + 1]);
    assert_eq!(post("/v1/batch", many).key().status(), 413);
    let lines = "{}\n".repeat(ITEMS_MAX + 1);
    assert_eq!(post("/v1/facts", lines).key().status(), 413);
    let members = vec!["\"a\":0"; MEMBERS_MAX + 1].join(",");
    assert_eq!(post("/v1/track", format!("{{{members}}}")).key().status(), 400);
    let item = post("/v1/batch", batch(&[&format!("{{{members}}}"), TRACK])).key().received();
    assert_eq!((item.rejects[0].code.code(), item.facts.len()), ("bad_json", 1));
}

/// A8, 5.
#[test]
fn a_key_is_found_in_all_its_places() {
    let with_key = TRACK.replacen('{', r#"{"writeKey":"wk_web","#, 1);
    for (what, call) in [
        ("basic", post("/v1/track", TRACK).basic("wk_web:")),
        ("basic without colon", post("/v1/track", TRACK).basic("wk_web")),
        ("basic with password", post("/v1/track", TRACK).basic("wk_web:x")),
        ("bearer", post("/v1/track", TRACK).header("authorization", "Bearer wk_web")),
        // A token of somebody else's sign-in, and the key in the body.
        ("oauth", post("/v1/track", &with_key).header("authorization", "Bearer eyJhbGciOi")),
        ("header", post("/v1/track", TRACK).header("x-write-key", "wk_web")),
        ("body", post("/v1/track", &with_key)),
        ("query", post("/v1/track?writeKey=wk_web", TRACK)),
        ("path", post("/in/wk_web/v1/track", TRACK)),
        ("environment", post("/v1/track", TRACK).basic("wk_env:")),
    ] {
        assert_eq!(call.facts()[0].source, "web", "{what}");
    }
    assert_eq!(post("/v1/track", TRACK).status(), 401);
    assert_eq!(post("/v1/track", TRACK).basic("wk_nobody:").status(), 401);
    assert_eq!(post("/v1/track", TRACK).header("authorization", "Basic ???").status(), 401);
    // The key of a source that speaks something else.
    let posthog = r#"{"api_key":"wk_segment","event":"E","distinct_id":"u"}"#;
    let refused = post("/e/", posthog).send().unwrap_err();
    assert_eq!((refused.answer.status, refused.source.as_deref()), (403, Some("segment-only")));
    assert_eq!(post("/v1/track", TRACK).basic("wk_segment:").status(), 200);
}

/// A8, 6.
#[test]
fn a_browser_may_ask_and_send_from_anywhere() {
    for (path, _) in posts() {
        let asked = "anonymousid,authorization,content-type,sentat";
        let answer = post(path, "")
            .method(Method::Options)
            .header("origin", "https://app.example")
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", asked)
            .answer();
        assert_eq!(answer.status, 204, "{path}");
        assert_eq!(header(&answer, "access-control-allow-origin"), Some("https://app.example"));
        assert_eq!(header(&answer, "access-control-allow-headers"), Some(asked));
        assert!(header(&answer, "access-control-allow-methods").unwrap().contains("POST"));
        assert_eq!(header(&answer, "vary"), Some("Origin"));
    }
    // A refusal can be read by the page as well.
    let refused = post("/v1/track", "").header("origin", "https://app.example").answer();
    assert_eq!(refused.status, 400);
    assert_eq!(header(&refused, "access-control-allow-origin"), Some("https://app.example"));
    let strange = post("/v1/track", TRACK).key().header("origin", "x\r\nset-cookie: a").answer();
    assert_eq!(header(&strange, "access-control-allow-origin"), None);
}

/// A8, 7; LIVE-2.
#[test]
fn a_bad_item_costs_nothing_but_itself_and_can_be_read_again() {
    let bad =
        r#"{"type":"track","messageId":"m2","userId":"u","timestamp":"2026-05-04T09:00:00Z"}"#;
    let body = format!(
        r#"{{"sentAt":"2026-05-04T09:50:00Z","context":{{"groupId":"acme"}},"batch":[{TRACK},{bad},{}]}}"#,
        TRACK.replace("m1", "m3")
    );
    let received = post("/v1/batch", body).key().received();
    let ids: Vec<_> = received.facts.iter().map(|it| it.id.as_str()).collect();
    assert_eq!((ids, received.items), (vec!["m1", "m3"], 3));
    let [reject] = &received.rejects[..] else { panic!("one reject") };
    assert_eq!((reject.index, reject.code.code()), (1, "no_event_name"));

    // As it stands it is rejected again; mended by hand it is what it would have been.
    let sources = sources();
    let web = sources.by_name("web").unwrap();
    let again = reread(web, reject, NOW).unwrap();
    assert_eq!(again.rejects, [firsthand_collect::live::Reject { index: 0, ..reject.clone() }]);
    let mut mended = reject.clone();
    mended.raw = mended.raw.replace(r#""userId":"u""#, r#""userId":"u","event":"E""#);
    let fact = &reread(web, &mended, NOW).unwrap().facts[0];
    assert_eq!((fact.id.as_str(), fact.who.account.as_deref()), ("m2", Some("acme")));
    assert_eq!(fact.time, received.facts[0].time);
}

/// LIVE-2, for every protocol.
#[test]
fn what_is_rejected_under_any_path_is_rejected_for_the_same_reason_when_read_again() {
    let sources = sources();
    let web = sources.by_name("web").unwrap();
    let event = r#"{"event":"E","uuid":"1","timestamp":"2026-05-04T09:00:00Z"}"#;
    for call in [
        post("/v1/batch", batch(&[r#"{"type":"track"}"#])).key(),
        post("/v1/import", batch(&[r#"{"type":"track"}"#])).key(),
        post("/v1/track", r#"{"userId":"u"}"#).key(),
        post("/v1/t", r#"{"userId":"u"}"#).key(),
        get("/v1/pixel/track?data=eyJ1c2VySWQiOiJ1In0").key(),
        get("/pixel/v1/page?properties.a=1").key(),
        post("/e", event).key(),
        post("/e", format!("[{event}]")).key(),
        post("/batch", batch(&[event])).key(),
        post("/i/v1/analytics/events", batch(&[event])).key(),
        post("/com.snowplowanalytics.snowplow/tp2", r#"{"data":[{"e":"se","uid":"u"}]}"#).key(),
        get("/i?e=se&uid=u").key(),
        post("/v1/cloudevents", r#"{"specversion":"1.0"}"#).key(),
        post("/v1/facts", "{\"event\":\"E\"}").key(),
        post("/v1/facts", "nonsense").key(),
    ] {
        let received = call.received();
        let [reject] = &received.rejects[..] else { panic!("{}", report(&received)) };
        let again = reread(web, reject, NOW).unwrap();
        assert_eq!(again.rejects.len(), 1, "{reject:?}");
        assert_eq!(again.rejects[0].reason, reject.reason, "{reject:?}");
    }
}

#[test]
fn an_item_that_is_too_long_is_named_and_not_kept_whole() {
    let long = TRACK.replace("\"E\"", &format!("\"{}\"", "x".repeat(ITEM_BYTES_MAX)));
    let received = post("/v1/batch", batch(&[&long, TRACK])).key().received();
    assert_eq!(received.facts.len(), 1);
    assert_eq!(received.rejects[0].code.code(), "too_long");
    assert!(received.rejects[0].raw.len() < 10_000);
}

/// A8, 8: the log drops the second by its id.
#[test]
fn an_item_that_comes_twice_has_the_same_id_twice() {
    let facts = post("/v1/batch", batch(&[TRACK, TRACK])).key().facts();
    assert_eq!((facts.len(), facts[0] == facts[1]), (2, true));
    let later = post("/v1/batch", batch(&[TRACK])).key().at(NOW + Span::HOUR).facts();
    assert_eq!(later[0].id, facts[0].id);
}

/// A8, 9.
#[test]
fn ids_may_be_null_empty_or_numbers() {
    let who = |user: &str, anonymous: &str| {
        let item =
            format!(r#"{{"type":"track","event":"E","userId":{user},"anonymousId":{anonymous}}}"#);
        let received = post("/v1/batch", batch(&[&item])).key().received();
        let who = received.facts.first().map(|it| it.who.clone());
        who.map(|it| (it.user.map(String::from), it.anonymous.map(String::from)))
    };
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(who("null", r#""d1""#), Some((None, some("d1"))));
    assert_eq!(who("42", "\"\""), Some((some("42"), None)));
    assert_eq!(
        who("12345678901234567890123", "null"),
        Some((some("12345678901234567890123"), None))
    );
    assert_eq!(who("null", "null"), None);
    assert_eq!(who("\"\"", "\"  \""), None);
    assert_eq!(who("{}", "\"d\""), None);
}

/// A8, 10.
#[test]
fn strange_values_are_kept_to_the_letter() {
    let deep = format!("{}1{}", "{\"a\":".repeat(20), "}".repeat(20));
    let long = "x".repeat(32 << 10);
    for value in [
        deep.as_str(),
        &format!("\"{long}\""),
        r#""a\u0000b""#,
        "123456789012345678901234567890",
        "1e400",
        r#"{"a":1,"a":2}"#,
        r#""日本 \ud83d\ude00""#,
    ] {
        let item = TRACK.replacen('{', &format!(r#"{{"properties":{{"v":{value}}},"#), 1);
        let facts = post("/v1/batch", batch(&[&item])).key().facts();
        assert!(lines(&facts).contains(value), "{value}");
    }
    // Half a character is replaced, as a browser would.
    let half = TRACK.replacen('{', r#"{"properties":{"v":"\ud800x"},"#, 1);
    assert!(lines(&post("/v1/batch", batch(&[&half])).key().facts()).contains(r"\ufffdx"));
    let too_deep = format!("{}1{}", "[".repeat(150), "]".repeat(150));
    let item = TRACK.replacen('{', &format!(r#"{{"properties":{{"v":{too_deep}}},"#), 1);
    let received = post("/v1/batch", batch(&[&item, TRACK])).key().received();
    assert_eq!((received.rejects[0].code.code(), received.facts.len()), ("too_deep", 1));
}

#[test]
fn bytes_that_are_not_text_cost_only_themselves() {
    let mut body = batch(&[TRACK, &TRACK.replace("\"E\"", "\"?\"")]).into_bytes();
    let at = body.iter().position(|it| *it == b'?').unwrap();
    body[at] = 0xFF;
    let facts = post("/v1/batch", body).key().facts();
    assert!(lines(&facts).contains('\u{fffd}'));
    assert_eq!(facts.len(), 2);
}

/// A8, 11.
#[test]
fn times_are_read_as_every_client_writes_them() {
    let time = |said: &str| {
        let item = TRACK.replace("2026-05-04T09:00:00Z", said);
        let received = post("/v1/batch", batch(&[&item])).key().received();
        match received.facts.first() {
            Some(fact) => fact.time.to_string(),
            None => received.rejects[0].code.code().to_owned(),
        }
    };
    for (said, read) in [
        ("2026-05-04T09:00:00.123Z", "2026-05-04T09:00:00.123Z"),
        ("2026-05-04T09:00:00.123+00:00", "2026-05-04T09:00:00.123Z"),
        ("2026-05-04T09:00:00.123456+00:00", "2026-05-04T09:00:00.123456Z"),
        ("2026-05-04T09:00:00.123456789Z", "2026-05-04T09:00:00.123456Z"),
        ("2026-05-04T11:00:00+02:00", "2026-05-04T09:00:00Z"),
        ("", "2026-05-04T10:00:00Z"),
        ("2031-05-04T09:00:00Z", "2026-05-04T10:00:00Z"),
        ("1970-01-01T00:00:00Z", "time_too_early"),
        ("yesterday", "bad_time"),
    ] {
        assert_eq!(time(said), read, "{said}");
    }
}

#[test]
fn a_path_that_is_not_collected_and_a_method_that_is_not_taken_are_said_so() {
    assert_eq!(post("/v1/nothing", "{}").status(), 404);
    assert_eq!(post("/", "{}").status(), 404);
    assert_eq!(post("/in/wk_web", "{}").status(), 404);
    assert_eq!(get("/v1/batch").key().status(), 405);
    assert_eq!(post("/i", "").status(), 405);
    assert_eq!(post("/v1/track", "").key().method(Method::Other).status(), 405);
    assert!(Route::of("/api/leads").is_none());
}

#[test]
fn being_busy_is_said_in_the_protocols_words_with_the_time_to_wait() {
    for (path, _) in posts() {
        let refused = refuse(path, Refusal::Busy { retry_after_s: 3 }, Some("https://a.example"));
        // PostHog's browser client drops its events for good at a 429, and comes again after a 503.
        let v0 = Route::of(path).is_some_and(|it| it.protocol() == Protocol::PostHog)
            && !path.starts_with("/i/v1/");
        assert_eq!(refused.answer.status, if v0 { 503 } else { 429 }, "{path}");
        assert_eq!(header(&refused.answer, "retry-after"), Some("3"), "{path}");
        assert!(header(&refused.answer, "access-control-allow-origin").is_some());
        let refused = refuse(path, Refusal::Unavailable { retry_after_s: 1 }, None);
        assert_eq!(refused.answer.status, 503, "{path}");
    }
    let told = |path: &str| body(&refuse(path, Refusal::TooLarge, None).answer).to_owned();
    insta::assert_snapshot!(
        [told("/v1/batch"), told("/e"), told("/i/v1/analytics/events"), told("/v1/facts")].join("\n"),
        @r#"
        {"code":"too_large","message":"the body is larger than the limit"}
        the body is larger than the limit
        {"error":"too_large","error_description":"the body is larger than the limit","error_uri":""}
        {"status":413,"title":"the body is larger than the limit","code":"too_large"}
        "#
    );
}

#[test]
fn keys_and_bodies_are_not_in_what_prints() {
    let sources = sources();
    let shown = format!("{sources:?}");
    for secret in ["wk_web", "wk_env", "whsec_new"] {
        assert!(!shown.contains(secret), "{secret}");
    }
    let refused = post("/v1/track", TRACK).basic("wk_secret:").send().unwrap_err();
    assert!(!format!("{refused:?}").contains("wk_secret"));
}

#[test]
fn the_page_for_people_states_the_limits_and_every_path() {
    let page = include_str!("../../../../docs/sources.md");
    let mib = |bytes: usize| format!("{} MiB", bytes >> 20);
    let body = format!("{}; PostHog {}", mib(BODY_BYTES_MAX), mib(POSTHOG_BODY_BYTES_MAX));
    let items = format!("{},{:03}", ITEMS_MAX / 1_000, ITEMS_MAX % 1_000);
    for limit in [body, mib(UNPACKED_BYTES_MAX), items, mib(ITEM_BYTES_MAX)] {
        assert!(page.contains(&format!("| {limit} |")), "{limit}");
    }
    for (path, _) in posts() {
        let last = path.rsplit('/').next().unwrap();
        assert!(page.contains(path) || page.contains(&format!("`{last}`")), "{path}");
    }
}
