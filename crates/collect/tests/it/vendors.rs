//! The exports of the usual trackers, as their vendors document them, become these facts.

use crate::support::{import, input, run};

#[test]
fn segment_calls_become_facts() {
    let imported = import(include_str!("fixtures/segment.ndjson"));
    insta::assert_snapshot!(imported.report());
}

#[test]
fn rudderstack_calls_become_facts() {
    let imported = import(include_str!("fixtures/rudderstack.ndjson"));
    insta::assert_snapshot!(imported.report());
}

#[test]
fn posthog_events_become_facts() {
    let imported = import(include_str!("fixtures/posthog.ndjson"));
    insta::assert_snapshot!(imported.report());
}

#[test]
fn posthog_events_downloaded_as_csv_become_the_same_kind_of_facts() {
    let imported = import(include_str!("fixtures/posthog.csv"));
    insta::assert_snapshot!(imported.report());
}

#[test]
fn mixpanel_events_and_profiles_become_facts() {
    let imported = import(include_str!("fixtures/mixpanel.ndjson"));
    insta::assert_snapshot!(imported.report());
    let profiles = import(include_str!("fixtures/mixpanel_people.ndjson"));
    insta::assert_snapshot!("mixpanel_profiles_become_traits", profiles.report());
}

#[test]
fn amplitude_events_become_facts_and_repeated_user_properties_count_once() {
    let imported = import(include_str!("fixtures/amplitude.ndjson"));
    insta::assert_snapshot!(imported.report());
}

#[test]
fn our_own_shape_holds_every_kind_of_fact() {
    let imported = import(include_str!("fixtures/own.ndjson"));
    insta::assert_snapshot!(imported.report());
}

#[test]
fn the_type_of_group_that_is_the_account_can_be_named() {
    let text = include_str!("fixtures/posthog.ndjson");
    let imported = run(|it| it.group_type = Some("project".into()), vec![input(text)]).unwrap();
    let accounts: Vec<_> =
        imported.facts.iter().filter_map(|it| it.who.account.as_deref()).collect();
    assert_eq!(accounts, ["apollo", "apollo"]);
}

#[test]
fn a_mixpanel_property_can_be_the_account() {
    let text = include_str!("fixtures/mixpanel.ndjson");
    let imported = run(|it| it.group_type = Some("company_id".into()), vec![input(text)]).unwrap();
    let accounts: Vec<_> =
        imported.facts.iter().filter_map(|it| it.who.account.as_deref()).collect();
    assert_eq!(accounts, ["acme", "globex"]);
}

/// Traits that nobody has were made a fact, which `export` wrote and `import` refused (IMP-3).
#[test]
fn amplitude_user_properties_of_nobody_are_left_out() {
    let imported = import(
        r#"{"event_type":"A","amplitude_id":1,"event_time":"2026-01-02 03:05:05","$insert_id":"i","uuid":"a-1","user_properties":{"plan":"free"},"groups":{"company":"acme"}}"#,
    );
    assert_eq!(imported.ids(), ["a-1"]);
    assert_eq!(imported.noticed(), [("nothing_to_keep", 1)]);
    assert_eq!(import(imported.lines()).facts, imported.facts);
}
