//! A stranger's records among good ones of the same shape.

use firsthand_collect::ImportError;
use firsthand_model::Fact;
use firsthand_model::config::ImportMapping;

use super::{Imported, input, read};

/// Facts in our own shape.
pub fn import_own(data: &[u8]) {
    json(data, |n| {
        format!(
            r#"{{"id":"good-{n}","time":"2026-02-01T00:00:0{n}Z","event":"Good","person":"u","account":"a","properties":{{"n":{n}}}}}"#
        )
    });
}

/// Exports of Segment and RudderStack.
pub fn import_segment(data: &[u8]) {
    json(data, |n| {
        format!(
            r#"{{"type":"track","messageId":"good-{n}","userId":"u","event":"Good","properties":{{"n":{n}}},"context":{{"groupId":"a"}},"timestamp":"2026-03-01T09:05:0{n}.000Z"}}"#
        )
    });
}

/// Exports of PostHog.
pub fn import_posthog(data: &[u8]) {
    json(data, |n| {
        format!(
            r#"{{"uuid":"good-{n}","event":"Good","distinct_id":"u","properties":{{"n":{n},"$groups":{{"company":"a"}}}},"timestamp":"2026-05-01T08:00:0{n}.000000Z"}}"#
        )
    });
}

/// Exports of Mixpanel.
pub fn import_mixpanel(data: &[u8]) {
    json(data, |n| {
        format!(
            r#"{{"event":"Good","properties":{{"time":177235560{n},"distinct_id":"u","$insert_id":"good-{n}","n":{n}}}}}"#
        )
    });
}

/// Exports of Amplitude.
pub fn import_amplitude(data: &[u8]) {
    json(data, |n| {
        format!(
            r#"{{"event_type":"Good","user_id":"u","device_id":"d","event_time":"2026-01-02 03:04:0{n}","uuid":"good-{n}","$insert_id":"good-{n}","event_properties":{{"n":{n}}},"groups":{{"company":["a"]}}}}"#
        )
    });
}

/// CSV files, of a shape that is recognised by its header or not.
pub fn import_csv(data: &[u8]) {
    read(input(data), None).ok();
    let mapping = ImportMapping {
        event: Some("event".into()),
        time: Some("time".into()),
        // A time that may be read in two ways stops an import until somebody says which.
        time_format: Some("iso".into()),
        person: Some("person".into()),
        id: Some("id".into()),
        ..ImportMapping::default()
    };
    // Without quotes: one that a stranger opens would be closed by that of a good row.
    let row = |n: usize| format!("good-{n},Good,2026-01-0{}T00:00:00Z,u,a b", n + 1);
    let file = |of: &[Vec<u8>]| {
        let header = b"id,event,time,person,note".to_vec();
        [&[header], of].concat().join(&b'\n')
    };
    beside(data, row, |lines| read(input(file(lines)), Some(&mapping)));
}

/// Any bytes as they are, and as lines among good ones.
fn json(data: &[u8], good: fn(usize) -> String) {
    read(input(data), None).ok();
    beside(data, good, |lines| read(input(lines.join(&b'\n')), None));
}

/// P7: the good records before and behind bad ones are kept, and each bad one is told.
fn beside(
    data: &[u8],
    good: impl Fn(usize) -> String,
    import: impl Fn(&[Vec<u8>]) -> Result<Imported, ImportError>,
) {
    const GOOD: usize = 8;
    let strange = data.split(|it| *it == b'\n').map(<[u8]>::to_vec).collect::<Vec<_>>();
    // The shape is what most of the first records have.
    if strange.len() + 1 >= GOOD {
        return;
    }
    let lines = (0..GOOD).map(|n| good(n).into_bytes()).collect::<Vec<_>>();
    let alone = import(&lines).expect("a good file is read");
    assert_eq!(alone.facts.len(), GOOD, "{:?}", alone.rejects);
    let mut mixed = lines;
    mixed.splice(GOOD - 1..GOOD - 1, strange.iter().cloned());
    let mixed_in = import(&mixed).expect("a file of mostly good records is read");
    let (first, last) = alone.facts.split_at(GOOD - 1);
    assert_eq!(mixed_in.facts.get(..GOOD - 1), Some(first), "those before it were not kept");
    // Unless the stranger has used the good one's id, in which case the first counts.
    let used = |it: &Fact| mixed_in.facts[GOOD - 1..].iter().any(|fact| fact.id == it.id);
    assert!(used(&last[0]), "the one behind it was not kept: {:?}", mixed_in.rejects);
    let told = mixed_in.facts.len() > GOOD
        || !mixed_in.rejects.is_empty()
        || mixed_in.noticed() > alone.noticed();
    assert!(told || strange.iter().all(|it| it.trim_ascii().is_empty()), "{mixed_in:?}");
}
