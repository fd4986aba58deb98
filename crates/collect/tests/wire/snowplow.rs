//! Snowplow: payloads of its trackers.

use super::support::{base64, base64_url, body, get, lines, post};

const EVENT: &str = r#"{"schema":"iglu:com.snowplowanalytics.snowplow/unstruct_event/jsonschema/1-0-0","data":{"schema":"iglu:com.acme/report_exported/jsonschema/1-0-0","data":{"format":"pdf","pages":3}}}"#;
const CONTEXTS: &str = r#"{"schema":"iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-1","data":[{"schema":"iglu:com.acme/account/jsonschema/2-0-0","data":{"id":"acme"}},{"schema":"iglu:com.snowplowanalytics.snowplow/web_page/jsonschema/1-0-0","data":{"id":"p1"}}]}"#;

fn payload(events: &[String]) -> String {
    format!(
        r#"{{"schema":"iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4","data":[{}]}}"#,
        events.join(",")
    )
}

const COMMON: &str = r#""aid":"shop","p":"srv","tv":"py-1.0","uid":"ann","duid":"d1","dtm":"1777888140000","stm":"1777888200000""#;
const PATH: &str = "/com.snowplowanalytics.snowplow/tp2";

#[test]
fn described_events_and_contexts_are_unwrapped_from_every_encoding() {
    let quoted = |text: &str| serde_json::to_string(text).unwrap();
    let mut facts = Vec::new();
    for (event, contexts) in [
        (format!(r#""ue_pr":{}"#, quoted(EVENT)), format!(r#""co":{}"#, quoted(CONTEXTS))),
        // Node leaves out the padding, Python keeps it.
        (
            format!(r#""ue_px":"{}""#, base64_url(EVENT.as_bytes())),
            format!(r#""cx":"{}""#, base64_url(CONTEXTS.as_bytes())),
        ),
        (
            format!(r#""ue_px":"{}""#, base64(EVENT.as_bytes())),
            format!(r#""cx":"{}""#, base64(CONTEXTS.as_bytes())),
        ),
    ] {
        let body = payload(&[format!(r#"{{"e":"ue","eid":"e-1",{COMMON},{event},{contexts}}}"#)]);
        facts.push(post(PATH, body).facts());
    }
    insta::assert_snapshot!(lines(&facts[0]), @r#"{"id":"e-1","source":"web","time":"2026-05-04T09:59:00Z","known_at":"2026-05-04T10:00:00Z","person":"ann","anonymous":"d1","account":"acme","event":"report_exported","properties":{"format":"pdf","pages":3,"contexts":{"web_page":{"id":"p1"}}}}"#);
    assert!(facts.iter().all(|it| *it == facts[0]));
}

#[test]
fn every_kind_of_event_has_a_name() {
    let body = payload(&[
        format!(
            r#"{{"e":"pv","eid":"1",{COMMON},"url":"https://a.example/p","page":"Pricing","refr":"https://b.example"}}"#
        ),
        format!(r#"{{"e":"pp","eid":"2",{COMMON},"url":"https://a.example/p"}}"#),
        format!(
            r#"{{"e":"se","eid":"3",{COMMON},"se_ca":"report","se_ac":"export","se_la":"pdf","se_pr":"pages","se_va":"3.0"}}"#
        ),
        format!(r#"{{"e":"tr","eid":"4",{COMMON},"tr_id":"o1","tr_tt":"49"}}"#),
        format!(r#"{{"e":"zz","eid":"5",{COMMON}}}"#),
    ]);
    insta::assert_snapshot!(post(PATH, body).report(), @r#"
    {"id":"1","source":"web","time":"2026-05-04T09:59:00Z","known_at":"2026-05-04T10:00:00Z","person":"ann","anonymous":"d1","event":"Page viewed","properties":{"url":"https://a.example/p","title":"Pricing","referrer":"https://b.example"}}
    {"id":"2","source":"web","time":"2026-05-04T09:59:00Z","known_at":"2026-05-04T10:00:00Z","person":"ann","anonymous":"d1","event":"Page pinged","properties":{"url":"https://a.example/p"}}
    {"id":"3","source":"web","time":"2026-05-04T09:59:00Z","known_at":"2026-05-04T10:00:00Z","person":"ann","anonymous":"d1","event":"export","properties":{"category":"report","label":"pdf","property":"pages","value":3.0}}
    {"id":"4","source":"web","time":"2026-05-04T09:59:00Z","known_at":"2026-05-04T10:00:00Z","person":"ann","anonymous":"d1","event":"Transaction","properties":{"id":"o1","tt":"49"}}
    reject 4: other_shape: `zz` is no kind of event
    "#);
}

#[test]
fn a_true_time_is_not_corrected() {
    let body = payload(&[format!(r#"{{"e":"pv","eid":"1",{COMMON},"ttm":"1777802400000"}}"#)]);
    assert_eq!(post(PATH, body).facts()[0].time.to_string(), "2026-05-03T10:00:00Z");
}

#[test]
fn whose_it_is_follows_from_the_app_id_or_the_path() {
    let body = |aid: &str| payload(&[format!(r#"{{"e":"pv","eid":"1","aid":"{aid}","uid":"u"}}"#)]);
    assert_eq!(post(PATH, body("shop")).status(), 200);
    assert_eq!(post(PATH, body("other")).status(), 401);
    assert_eq!(post(&format!("/in/wk_web{PATH}"), body("other")).status(), 200);
}

#[test]
fn one_event_in_a_question_shows_a_picture() {
    let call =
        get("/i?e=pv&eid=1&aid=shop&uid=ann&url=https%3A%2F%2Fa.example%2Fp&page=Our+prices");
    let facts = call.facts();
    assert!(lines(&facts).contains("Our prices"));
    assert_eq!(call.answer().content_type, Some("image/gif"));
}

#[test]
fn all_is_well_is_said_in_the_collectors_words() {
    let body_text = payload(&[r#"{"e":"pv","eid":"1","aid":"shop","uid":"u"}"#.to_owned()]);
    let answer = post(PATH, body_text).answer();
    assert_eq!((answer.status, body(&answer)), (200, "ok"));
}
