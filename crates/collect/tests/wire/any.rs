//! LIVE-1: whatever comes gets an answer.

use firsthand_collect::live::{Method, Request, read, reread};
use proptest::prelude::*;

use super::support::{NOW, gzip, sources};

/// Every path there is, and some that there are not.
const PATHS: &[&str] = &[
    "/v1/identify",
    "/v1/track",
    "/v1/t",
    "/v1/p",
    "/v1/group",
    "/v1/a",
    "/v1/merge",
    "/v1/batch",
    "/v1/b",
    "/v1/import",
    "/v1/m",
    "/v1/pixel/track",
    "/pixel/v1/page",
    "/beacon/v1/batch",
    "/sourceConfig",
    "/v1/projects/wk_web/settings",
    "/batch/",
    "/capture",
    "/e/",
    "/i/v0/e/",
    "/track",
    "/engage/",
    "/i/v1/analytics/events",
    "/array/x/config",
    "/array/x/config.js",
    "/flags",
    "/decide",
    "/s/",
    "/com.snowplowanalytics.snowplow/tp2",
    "/i",
    "/v1/cloudevents",
    "/v1/facts",
    "/webhooks/billing",
    "/webhooks/web",
    "/in/wk_web/v1/batch",
    "/in/",
    "/in//i",
    "",
    "/v1/nothing",
];

/// Pieces of bodies, so that many of them are nearly right.
const PIECES: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "null",
    "1",
    "-1e400",
    "true",
    " ",
    "\n",
    "data=",
    "&",
    "{\"batch\":[",
    "]}",
    "{\"type\":\"track\",",
    "\"type\":\"identify\",",
    "\"event\":\"E\",",
    "\"event\":\"$identify\",",
    "\"event\":\"$create_alias\",",
    "\"event\":\"$groupidentify\",",
    "\"userId\":\"u\",",
    "\"anonymousId\":null,",
    "\"groupId\":\"a\",",
    "\"previousId\":\"b\",",
    "\"messageId\":\"m\",",
    "\"uuid\":\"1\",",
    "\"distinct_id\":\"u\",",
    "\"properties\":{",
    "\"$set\":{\"a\":1},",
    "\"$groups\":{\"company\":\"a\"},",
    "\"timestamp\":\"2026-05-04T09:00:00Z\",",
    "\"timestamp\":\"9999-12-31T23:59:59Z\",",
    "\"sentAt\":\"-009999-01-01T00:00:00Z\",",
    "\"sent_at\":\"2026-05-04T09:00:00Z\",",
    "\"offset\":99999999999999999,",
    "\"context\":{\"groupId\":\"g\"},",
    "\"traits\":{\"a\":\"\\ud800\"},",
    "{\"data\":[{\"e\":\"ue\",",
    "\"ue_px\":\"e30\",",
    "\"cx\":\"!\",",
    "\"dtm\":\"1777888740000\",",
    "\"stm\":\"1e99\",",
    "\"aid\":\"shop\",",
    "{\"specversion\":\"1.0\",",
    "\"subject\":\"u\",",
    "\"id\":\"1\",",
    "\"data\":",
    "\"x\":0}",
    "\"time\":\"2026-05-04T09:00:00Z\",",
    "\"person\":\"u\",",
    "\"traits\":{},",
    "\"membership\":\"joined\",",
    "\"account\":\"a\",",
    "{\"id\":\"evt_1\",\"type\":\"customer.subscription.updated\",\"created\":1777888740,",
    "\"created\":9223372036854775807,",
    "\"data\":{\"object\":{\"status\":\"active\",\"customer\":\"cus_1\",",
    "\"previous_attributes\":{\"items\":{\"data\":[{}]}},",
    "\"amount_paid\":9223372036854775807,",
    "\"items\":{\"data\":[{\"quantity\":9223372036854775807,\"price\":{\"id\":\"p\",\"unit_amount\":9,\"recurring\":{\"interval_count\":0}}}]},",
    "\"trial_end\":-9223372036854775808,",
];

fn bodies() -> impl Strategy<Value = Vec<u8>> {
    let nearly = prop::collection::vec(prop::sample::select(PIECES), 0..24)
        .prop_map(|it| it.concat().into_bytes());
    let bytes = prop::collection::vec(any::<u8>(), 0..200);
    let packed = prop_oneof![nearly.clone(), bytes.clone()].prop_map(|it| gzip(&it));
    let base64 = nearly.clone().prop_map(|it| super::support::base64(&it).into_bytes());
    prop_oneof![4 => nearly, 2 => bytes, 1 => packed, 1 => base64]
}

fn methods() -> impl Strategy<Value = Method> {
    use Method::{Get, Options, Other, Post};
    prop::sample::select(vec![Post, Post, Post, Get, Options, Other])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6_000))]

    #[test]
    fn any_bytes_under_any_path_get_an_answer(
        path in prop_oneof![9 => prop::sample::select(PATHS).prop_map(str::to_owned), 1 => "/.{0,40}"],
        method in methods(),
        body in bodies(),
        query in "(data|e|aid|writeKey|compression|uid)?=[a-zA-Z0-9%+/={}\"]{0,40}(&[a-z.]{1,10}=[^&]{0,10}){0,3}",
        encoding in prop::sample::select(vec!["", "", "", "gzip", "deflate", "br", "zstd", "x"]),
        authorized in any::<bool>(),
    ) {
        let sources = sources();
        let header = |name: &str| match name {
            "content-encoding" => Some(encoding),
            "x-write-key" if authorized => Some("wk_web"),
            "origin" => Some("https://a.example"),
            "ce-specversion" if query.len() % 5 == 0 => Some("1.0"),
            _ => None,
        };
        let request =
            Request { method, path: &path, query: &query, headers: &header, body: &body, received_at: NOW };
        match read(&request, sources) {
            Ok(received) => {
                prop_assert!((200..300).contains(&received.answer.status) || received.facts.is_empty());
                for fact in &received.facts {
                    prop_assert_eq!(fact.known_at, Some(NOW));
                    prop_assert!(!fact.id.is_empty() && fact.id.len() <= 255, "{}", fact.id);
                    // LIVE-4; an import of old events may be ahead by a day, as in a file.
                    let ahead = if path.contains("import") { firsthand_model::Span::DAY.0 } else { 0 };
                    prop_assert!(fact.time.0 <= NOW.0 + ahead, "{}", fact.time);
                }
                if let Some(source) = received.source.and_then(|it| sources.by_name(&it)) {
                    for reject in &received.rejects {
                        let again = reread(source, reject, NOW);
                        prop_assert!(again.is_err() || !again.unwrap().rejects.is_empty(), "{reject:?}");
                    }
                }
            }
            Err(refused) => prop_assert!((400..600).contains(&refused.answer.status)),
        }
    }

    /// Signed or not, no object of Stripe is too strange.
    #[test]
    fn any_object_of_stripe_that_is_read_again_gets_an_answer(body in bodies()) {
        let sources = sources();
        let reject = firsthand_collect::live::Reject {
            index: 0,
            column: None,
            code: firsthand_collect::RejectCode::BadValue,
            reason: String::new(),
            path: "/webhooks/billing".into(),
            raw: String::from_utf8_lossy(&body).into_owned(),
        };
        let again = reread(sources.by_name("billing").unwrap(), &reject, NOW);
        prop_assert!(again.is_err() || again.unwrap().answer.status == 200);
    }
}
