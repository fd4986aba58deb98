//! LIVE-1: whatever comes gets an answer.

use firsthand_collect::live::{Method, Request, read, reread};
use firsthand_model::Fact;
use firsthand_model::fact::{Body, Who};
use proptest::prelude::*;

use super::support::{NOW, base64, gzip, lines, post, sources};

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

/// The paths that take items of all kinds.
const MAIN: &[&str] = &[
    "/v1/batch",
    "/v1/track",
    "/v1/import",
    "/batch/",
    "/e/",
    "/i/v1/analytics/events",
    "/com.snowplowanalytics.snowplow/tp2",
    "/v1/cloudevents",
    "/v1/facts",
];

/// Members of items, right and wrong, of all protocols.
const MEMBERS: &[&str] = &[
    r#""type":"track""#,
    r#""type":"identify""#,
    r#""type":"group""#,
    r#""type":"alias""#,
    r#""type":"page""#,
    r#""type":7"#,
    r#""event":"Report exported""#,
    r#""event":"$identify""#,
    r#""event":"$create_alias""#,
    r#""event":"$groupidentify""#,
    r#""event":"$autocapture""#,
    r#""event":"\ud800""#,
    r#""event":null"#,
    r#""userId":"u""#,
    r#""userId":12345678901234567890"#,
    r#""anonymousId":"d""#,
    r#""anonymousId":{}"#,
    r#""groupId":"a""#,
    r#""previousId":"b""#,
    r#""previousId":"u""#,
    r#""messageId":"m""#,
    r#""messageId":" \u0000""#,
    r#""uuid":"1""#,
    r#""distinct_id":"u""#,
    r#""distinct_id":"""#,
    r#""properties":{"a":{"b":[1,1e400]},"distinct_id":"u","alias":"x","$anon_distinct_id":"d"}"#,
    r#""properties":{"$set":{"a":1},"$set_once":{"b":2},"$groups":{"company":"a"}}"#,
    r#""properties":{"$group_type":"company","$group_key":"k","$group_set":{"n":1}}"#,
    r#""properties":{"token":"wk_web","$device_id":"d","$is_server":true,"a":1,"a":2}"#,
    r#""properties":[]"#,
    r#""traits":{"a":"\ud800"}"#,
    r#""context":{"groupId":"g","traits":{"t":1}}"#,
    r#""channel":"server""#,
    r#""timestamp":"2026-05-04T09:00:00Z""#,
    r#""timestamp":"9999-12-31T23:59:59Z""#,
    r#""timestamp":1777888740"#,
    r#""originalTimestamp":"2026-05-04T09:30:00.123456789Z""#,
    r#""sentAt":"2026-05-04T09:50:00Z""#,
    r#""sentAt":"-009999-01-01T00:00:00Z""#,
    r#""offset":90000"#,
    r#""offset":-99999999999999999"#,
    r#""e":"ue""#,
    r#""e":"pv""#,
    r#""e":"se","se_ac":"x","se_va":"1e9""#,
    r#""ue_pr":"{\"data\":{\"schema\":\"iglu:a/b/jsonschema/1-0-0\",\"data\":{\"x\":1}}}""#,
    r#""ue_px":"e30""#,
    r#""co":"{\"data\":[{\"schema\":\"iglu:com.acme/account/jsonschema/1-0-0\",\"data\":{\"id\":7}}]}""#,
    r#""cx":"!""#,
    r#""eid":"e""#,
    r#""uid":"u""#,
    r#""duid":"d""#,
    r#""dtm":"1777888740000","stm":"1777888741000""#,
    r#""aid":"shop""#,
    r#""specversion":"1.0""#,
    r#""subject":"u""#,
    r#""id":"1""#,
    r#""source":"s""#,
    r#""data":{"x":0}"#,
    r#""data":"text""#,
    r#""time":"2026-05-04T09:00:00Z""#,
    r#""person":"u""#,
    r#""anonymous":"d""#,
    r#""account":"a""#,
    r#""membership":"joined","role":"admin""#,
    r#""link":true"#,
    r#""record":"Invoice paid""#,
    r#""alias":"z""#,
];

/// The beginnings of items that are well, of all protocols.
const WELL: &[&str] = &[
    r#"{"type":"track","userId":"u","event":"E""#,
    r#"{"type":"identify","userId":"u","anonymousId":"d","traits":{"a":1}"#,
    r#"{"type":"group","userId":"u","groupId":"a","messageId":"m""#,
    r#"{"event":"E","distinct_id":"u","uuid":"1","properties":{"a":1}"#,
    r#"{"event":"$identify","distinct_id":"u","properties":{"$anon_distinct_id":"d"}"#,
    r#"{"e":"pv","uid":"u","aid":"shop","eid":"e","dtm":"1777888740000""#,
    r#"{"specversion":"1.0","id":"1","type":"t","subject":"u""#,
    r#"{"event":"E","person":"u","time":"2026-05-04T09:00:00Z""#,
    r#"{"traits":{"plan":"pro"},"account":"a""#,
];

/// Parts of objects of Stripe, right and wrong.
const OBJECTS: &[&str] = &[
    r#""status":"active""#,
    r#""status":"trialing""#,
    r#""status":"incomplete""#,
    r#""status":{}"#,
    r#""customer":"cus_1""#,
    r#""customer":{"id":"cus_2"}"#,
    r#""object":"customer","id":"cus_3""#,
    r#""metadata":{"account_id":"acme"}"#,
    r#""metadata":[]"#,
    r#""currency":"jpy""#,
    r#""amount_paid":9223372036854775807"#,
    r#""amount_total":-9223372036854775808"#,
    r#""trial_end":9223372036854775807,"ended_at":-9223372036854775808"#,
    r#""cancel_at_period_end":true"#,
    r#""items":{"data":[{"quantity":9223372036854775807,"price":{"id":"p","unit_amount":9}}]}"#,
    r#""items":{"data":[{"quantity":2,"price":{"id":"p","unit_amount":9,"recurring":{"interval":"year","interval_count":-1}}}]}"#,
    r#""items":{"data":[{}]}"#,
    r#""plan":{"id":"price_pro","amount":4900,"interval":"month"},"quantity":3"#,
];

fn object(members: &'static [&'static str], max: usize) -> impl Strategy<Value = String> + Clone {
    prop::collection::vec(prop::sample::select(members), 0..max)
        .prop_map(|it| format!("{{{}}}", it.join(",")))
}

/// Bodies in all forms, some with one byte of damage, some no bodies at all.
fn bodies() -> impl Strategy<Value = Vec<u8>> {
    // Of a member that is there twice the last counts, so what is added may spoil what was well.
    let item = || {
        let well = (prop::sample::select(WELL), object(MEMBERS, 3)).prop_map(|(well, more)| {
            let comma = if more == "{}" { "" } else { "," };
            format!("{well}{comma}{}", &more[1..])
        });
        prop_oneof![3 => well, 1 => object(MEMBERS, 9)]
    };
    let items = prop::collection::vec(item(), 0..4).prop_map(|it| it.join(","));
    let body = prop_oneof![
        item(),
        items.clone().prop_map(|it| format!("[{it}]")),
        items.clone().prop_map(|it| it.replace("},{", "}\n{")),
        (items.clone(), item()).prop_map(|(items, around)| {
            let rest = if around == "{}" { "}" } else { &around[1..] };
            let comma = if rest == "}" { "" } else { "," };
            format!("{{\"batch\":[{items}]{comma}{rest}")
        }),
        items.prop_map(|it| format!("{{\"data\":[{it}],\"api_key\":\"wk_web\"}}")),
    ];
    let damaged =
        (body.clone(), any::<prop::sample::Index>(), any::<u8>()).prop_map(|(body, at, byte)| {
            let mut bytes = body.into_bytes();
            if !bytes.is_empty() {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            bytes
        });
    let body = body.prop_map(String::into_bytes);
    let bytes = prop::collection::vec(any::<u8>(), 0..200);
    prop_oneof![
        6 => body.clone(),
        2 => damaged,
        1 => bytes,
        1 => body.clone().prop_map(|it| gzip(&it)),
        1 => body.prop_map(|it| base64(&it).into_bytes()),
    ]
}

/// Events of Stripe of every kind, with objects that fit and that do not.
fn events() -> impl Strategy<Value = String> + Clone {
    let kinds = vec![
        "customer.created",
        "customer.subscription.created",
        "customer.subscription.updated",
        "customer.subscription.deleted",
        "customer.subscription.trial_will_end",
        "invoice.paid",
        "invoice.payment_failed",
        "checkout.session.completed",
        "other",
    ];
    let created = prop_oneof![Just(1_777_888_740_i64), any::<i64>()];
    let parts = (prop::sample::select(kinds), object(OBJECTS, 7), object(OBJECTS, 4), created);
    parts.prop_map(|(kind, object, before, created)| {
        format!(
            r#"{{"id":"evt_1","type":"{kind}","created":{created},"data":{{"object":{object},"previous_attributes":{before}}}}}"#
        )
    })
}

fn ids(facts: &[Fact]) -> Vec<(&str, &Who, &Body)> {
    facts.iter().map(|it| (it.id.as_str(), &it.who, &it.body)).collect()
}

fn methods() -> impl Strategy<Value = Method> {
    use Method::{Get, Options, Other, Post};
    prop::sample::select(vec![Post, Post, Post, Post, Post, Post, Get, Get, Options, Other])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn any_bytes_under_any_path_get_an_answer(
        path in prop_oneof![
            12 => prop::sample::select(MAIN).prop_map(str::to_owned),
            7 => prop::sample::select(PATHS).prop_map(str::to_owned),
            1 => "/.{0,40}",
        ],
        method in methods(),
        body in bodies(),
        query in "(data|e|aid|writeKey|compression|uid)?=[a-zA-Z0-9%+/={}\"]{0,40}(&[a-z.]{1,10}=[^&]{0,10}){0,3}",
        encoding in prop::sample::select(vec!["", "", "", "gzip", "deflate", "br", "zstd", "x"]),
        authorized in prop::bool::weighted(0.8),
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
                // What is taken in can be exported and sent again as the same.
                let again = post("/v1/facts", lines(&received.facts)).key();
                if received.source.is_some() && !received.facts.is_empty() {
                    let again = again.received();
                    prop_assert_eq!(&again.rejects, &[]);
                    prop_assert_eq!(ids(&again.facts), ids(&received.facts));
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

    /// No object of Stripe is too strange.
    #[test]
    fn any_event_of_stripe_that_is_read_again_gets_an_answer(raw in events()) {
        let reject = firsthand_collect::live::Reject {
            index: 0,
            column: None,
            code: firsthand_collect::RejectCode::BadValue,
            reason: String::new(),
            path: "/webhooks/billing".into(),
            raw,
        };
        let received = reread(sources().by_name("billing").unwrap(), &reject, NOW).unwrap();
        prop_assert_eq!(received.answer.status, 200);
        prop_assert!(received.facts.iter().all(|it| it.time <= NOW));
        prop_assert!(received.rejects.is_empty() || received.facts.is_empty());
    }
}
