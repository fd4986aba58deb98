//! Claims about the text of stories.

use std::fmt::Write as _;

use firsthand_model::time::Weekday;
use proptest::prelude::*;

use super::*;

fn berlin() -> Calendar {
    Calendar::new("Europe/Berlin", Weekday::Monday).unwrap()
}

/// One line a fact, or one line a problem with the text it points at.
fn read(text: &str) -> String {
    let mut out = String::new();
    match facts(text, &berlin(), Some(DEFAULT_ACCOUNT)) {
        Ok(facts) => {
            for Fact { id, source, time, known_at, who, body } in facts {
                let known = known_at.unwrap();
                let late = if known == time { String::new() } else { format!(" known {known}") };
                let from =
                    if source == "story" { String::new() } else { format!(" from {source}") };
                let name = |id: Option<Text>| id.unwrap_or_else(|| "-".into());
                let (user, anonymous) = (name(who.user), name(who.anonymous));
                let account = name(who.account);
                writeln!(
                    out,
                    "{id}{from} {time}{late} {user}/{anonymous}@{account} {}",
                    show(body)
                )
                .unwrap();
            }
        }
        Err(problems) => problems.iter().for_each(|it| write_problem(&mut out, text, it)),
    }
    out
}

fn show(body: Body) -> String {
    match body {
        Body::Event { name, properties } => format!("event {name} {}", properties.as_str()),
        Body::Record { name, properties } => format!("record {name} {}", properties.as_str()),
        Body::Traits { of, traits } => format!("{of} {}", traits.as_str()),
        other => format!("{other:?}"),
    }
}

fn write_problem(out: &mut String, text: &str, problem: &Problem) {
    let at = &text[problem.span.clone()];
    let help = problem.help.as_deref().unwrap_or_default();
    writeln!(out, "{} `{at}`: {}. {help}", problem.code.0, problem.message).unwrap();
}

/// One line a subject, or one line a problem.
fn expect(text: &str) -> String {
    let mut out = String::new();
    match timeline(text, &berlin()) {
        Ok(subjects) => {
            for Expected { subject, course } in subjects {
                let subject = subject.unwrap_or_else(|| "it".into());
                write!(out, "{subject}:").unwrap();
                match course {
                    Course::Never => write!(out, " never").unwrap(),
                    Course::Unknown => write!(out, " unknown").unwrap(),
                    Course::Stretches(them) => {
                        for Stretch { entered, left } in them {
                            let left = left.map_or_else(String::new, |it| it.to_string());
                            write!(out, " {entered}..{left}").unwrap();
                        }
                    }
                }
                out.push('\n');
            }
        }
        Err(problems) => problems.iter().for_each(|it| write_problem(&mut out, text, it)),
    }
    out
}

#[test]
fn a_line_says_when_who_what_and_with_which_properties() {
    insta::assert_snapshot!(read("
        # A week at Acme.
        2026-01-05 09:00        ana           Report exported   format=pdf pages=3 draft=false
        2026-01-05 09:00:30.5   anon:x1       Page viewed       path=\"/pricing  #top\" tags=[a, \"b, c\", 3]
        2026-01-06              -             Contact created   contact.id=c1 contact.vip=null  # a comment
        2026-07-06T09:00:00Z    bob @ beta    Report exported
        2026-01-07\tcem @ -\tReport exported\tzip=01067 size=8_000
    "), @r#"
    line-3 2026-01-05T08:00:00Z ana/-@acme event Report exported {"format":"pdf","pages":3,"draft":false}
    line-4 2026-01-05T08:00:30.5Z -/x1@acme event Page viewed {"path":"/pricing  #top","tags":["a","b, c",3]}
    line-5 2026-01-05T23:00:00Z -/-@acme event Contact created {"contact":{"id":"c1","vip":null}}
    line-6 2026-07-06T09:00:00Z bob/-@beta event Report exported {}
    line-7 2026-01-06T23:00:00Z cem/-@- event Report exported {"zip":"01067","size":8000}
    "#);
}

#[test]
fn traits_members_links_numbers_and_records_have_words_of_their_own() {
    insta::assert_snapshot!(read("
        2026-01-05  account           is               plan=free employees=40
        2026-01-05  ana               is               role=admin
        2026-01-05  ana               joins            role=admin
        2026-01-05  bob @ beta        leaves
        2026-01-05  ana               links anon:x1
        2026-01-05  bob               alias bob2
        2026-01-05  bob               split bob2
        2026-01-05  account           number           health=72.5
        2026-01-05  ana               number           propensity.v2=0.4
        2026-01-05  account           record Deal won  amount=500
        2026-01-05  ana               \"is\"             x=1
    "), @r#"
    line-2 2026-01-04T23:00:00Z -/-@acme account {"plan":"free","employees":40}
    line-3 2026-01-04T23:00:00Z ana/-@acme person {"role":"admin"}
    line-4 2026-01-04T23:00:00Z ana/-@acme Membership { joined: true, role: Some("admin") }
    line-5 2026-01-04T23:00:00Z bob/-@beta Membership { joined: false, role: None }
    line-6 2026-01-04T23:00:00Z ana/x1@acme Link
    line-7 2026-01-04T23:00:00Z bob/-@acme Alias { other: "bob2" }
    line-8 2026-01-04T23:00:00Z bob/-@acme Split { other: "bob2" }
    line-9 2026-01-04T23:00:00Z -/-@acme account {"number:health":72.5}
    line-10 2026-01-04T23:00:00Z ana/-@acme person {"number:propensity.v2":0.4}
    line-11 2026-01-04T23:00:00Z -/-@acme record Deal won {"amount":500}
    line-12 2026-01-04T23:00:00Z ana/-@acme event is {"x":1}
    "#);
}

#[test]
fn a_line_can_follow_the_one_before_arrive_late_and_stand_for_several() {
    insta::assert_snapshot!(read("
        2026-01-05 09:00                     ana, bob  Report exported
        +1d 12h                              ana       Report exported  format=csv  2 times
        +90min                               ana       Login            3 times, 1d apart
        +1d                                  ana       Login
        2026-01-12 known 2026-01-14 10:00    ana       Login
        2026-01-12 known +2h                 ana       Login            @id=x @source=crm
    "), @r#"
    line-2.1 2026-01-05T08:00:00Z ana/-@acme event Report exported {}
    line-2.2 2026-01-05T08:00:00Z bob/-@acme event Report exported {}
    line-3.1 2026-01-06T20:00:00Z ana/-@acme event Report exported {"format":"csv"}
    line-3.2 2026-01-06T20:00:00Z ana/-@acme event Report exported {"format":"csv"}
    line-4.1 2026-01-06T21:30:00Z ana/-@acme event Login {}
    line-4.2 2026-01-07T21:30:00Z ana/-@acme event Login {}
    line-4.3 2026-01-08T21:30:00Z ana/-@acme event Login {}
    line-5 2026-01-09T21:30:00Z ana/-@acme event Login {}
    line-6 2026-01-11T23:00:00Z known 2026-01-14T09:00:00Z ana/-@acme event Login {}
    x from crm 2026-01-11T23:00:00Z known 2026-01-12T01:00:00Z ana/-@acme event Login {}
    "#);
}

#[test]
fn times_of_day_follow_the_change_of_clocks() {
    // On 29 March 2026 Berlin's clocks go from 02:00 to 03:00.
    insta::assert_snapshot!(read("
        2026-03-29        ana  Login
        2026-03-29 02:30  ana  Login
        2026-03-29 09:00  ana  Login
        2026-10-25 02:30  ana  Login
    "), @"
    line-2 2026-03-28T23:00:00Z ana/-@acme event Login {}
    line-3 2026-03-29T01:30:00Z ana/-@acme event Login {}
    line-4 2026-03-29T07:00:00Z ana/-@acme event Login {}
    line-5 2026-10-25T00:30:00Z ana/-@acme event Login {}
    ");
}

#[test]
fn individuals_have_no_account_unless_one_is_named() {
    insta::assert_snapshot!(read("
        individuals
        2026-01-05  ana          Login
        2026-01-05  bob @ beta   Login
        2026-01-05  account      is     plan=free
    "), @"E401 `account`: no account is meant here. Name it: `account @ beta`.");
}

#[test]
fn every_line_that_cannot_be_read_is_named_with_what_to_do() {
    insta::assert_snapshot!(read("
        +2d               ana   Login
        2026-13-05        ana   Login
        2026-01-05 9:00   ana   Login
        2026-01-05 ana    Login
        2026-01-05        ana Login
        2026-01-05        ana Login  x=1
        2026-01-05        ana   Login x=1
        2026-01-05        ana   Login 5 times
        2026-01-05        ana   Login   5 fois
        2026-01-05        ana   Login   5 times, 1m apart
        2026-01-05        ana   Login   contacts=8,000
        2026-01-05        ana   Login   title=\"Q1
        2026-01-05        ana   Login   title=
        2026-01-05        ana   Login   tags=[a, b
        2026-01-05        ana   Login   a.b=1 a=2
        2026-01-05        ana   Login   pdf
        2026-01-05        ana   Login   @time=now
        2026-01-05        ana   is
        2026-01-05        -     is      plan=free
        2026-01-05        ana   joins   since=2020
        2026-01-05        ana @ -       joins
        2026-01-05        ana   number  health=good
        2026-01-05        account   links anon:x
        2026-01-05        ana   alias
        2026-01-05 known 2026-01-04  ana  Login
        2026-01-05        ana   Login   20000 times
    "), @r##"
    E401 `+2d`: there is no line before to count from. Begin the story with a date: `2026-01-05 09:00`.
    E401 `2026-13-05`: `2026-13-05` is not a time. Write `2026-01-05`, `2026-01-05 09:00`, `2026-01-05T09:00:00Z`, or `+2d` for two days after the line before.
    E401 `2026-01-05 9:00`: `2026-01-05 9:00` is not a time. Write `2026-01-05`, `2026-01-05 09:00`, `2026-01-05T09:00:00Z`, or `+2d` for two days after the line before.
    E401 `2026-01-05 ana`: `2026-01-05 ana` is not a time. Write `2026-01-05`, `2026-01-05 09:00`, `2026-01-05T09:00:00Z`, or `+2d` for two days after the line before.
    E401 `ana Login`: a fact needs a time, somebody or something, and what happened. Write time, who, what and properties in columns two spaces apart: `2026-01-05 09:00  ana  Report exported  format=pdf`.
    E401 `ana Login`: `ana Login` is no id: it contains a space. Write time, who, what and properties in columns two spaces apart: `2026-01-05 09:00  ana  Report exported  format=pdf`.
    E401 `Login x=1`: `Login x=1` is an odd name for an event. Leave two spaces behind the name, or quote it if it is really called so.
    E401 `Login 5 times`: `Login 5 times` is an odd name for an event. Leave two spaces behind the name, or quote it if it is really called so.
    E401 `5 fois`: `5 fois` is neither a property nor a number of times. Write `5 times`, or `5 times, 1d apart`.
    E401 `1m`: `1m` is not a length of time. Write a length such as `90min`, `3h`, `2d`, `1w` or `1d 12h`.
    E401 `8,000`: `8,000` is not a number. Write `8000` or `8_000`; a text goes between quotes.
    E401 `"Q1`: the quote is not closed. Add a `"`.
    E401 ``: a value is missing. Write `key=value` pairs: `format=pdf pages=3 draft=false title="Q1 report" tags=[a, b]`.
    E401 `[a, b`: the list is not closed. Add a `]`.
    E401 `a`: `a` cannot be added to the properties before it. Name each property once, with a word at each side of a dot.
    E401 `pdf`: `pdf` is not followed by a value. Write `key=value` pairs: `format=pdf pages=3 draft=false title="Q1 report" tags=[a, b]`.
    E401 `@time`: `@time` cannot be set. Only `@id=…` and `@source=…`, both texts, belong to the fact itself.
    E401 `is`: `is` needs something behind it. Write what is so two spaces behind: `ana  is  role=admin`.
    E401 `-`: nobody is named whom this could be true of. Name a person, or write `account`.
    E401 `since`: a membership has only a role. Write `role=admin`, or set traits on a line of their own.
    E401 `ana @ -`: a membership needs an account. Name the account: `ana @ beta  joins`.
    E401 `health`: `health` is not a number. Write `health=72`, or `health=null` to take it back.
    E401 `account`: only a person with a user id can do this. Name the person: `ana`.
    E401 `alias`: `alias` needs a name behind it. Write `links anon:x1`, `alias bob2`, `split bob2` or `record Deal won`.
    E401 `2026-01-05 known 2026-01-04  ana  Login`: a fact cannot be known before it happens. Write a later time, or `known +2d`: two days later.
    E401 `2026-01-05        ana   Login   20000 times`: a story has at most 10000 facts.
    "##);
}

#[test]
fn a_timeline_says_when_it_was_entered_and_left() {
    insta::assert_snapshot!(expect("
        entered 2026-01-02 10:00   # by the third export
        left 2026-01-09 10:00
        entered 2026-01-20
    "), @"it: 2026-01-02T09:00:00Z..2026-01-09T09:00:00Z 2026-01-19T23:00:00Z..");
    insta::assert_snapshot!(expect("
        bob: never
        ana: entered 2026-01-02T10:00:00Z
        cem: unknown
        ana: left 2026-01-03
    "), @"
    ana: 2026-01-02T10:00:00Z..2026-01-02T23:00:00Z
    bob: never
    cem: unknown
    ");
}

#[test]
fn a_timeline_that_makes_no_sense_is_refused() {
    insta::assert_snapshot!(expect("
        left 2026-01-02
        entered 2026-01-02
        entered 2026-01-03
        left 2026-01-02
        never
        arrived 2026-01-02
    "), @r##"
    E401 `left 2026-01-02`: this does not follow from the line before. Write `entered 2026-01-05 09:00` and `left 2026-01-12 09:00` in turn, `never`, or `unknown`.
    E401 `entered 2026-01-03`: this does not follow from the line before. Write `entered 2026-01-05 09:00` and `left 2026-01-12 09:00` in turn, `never`, or `unknown`.
    E401 `left 2026-01-02`: this does not follow from the line before. Write `entered 2026-01-05 09:00` and `left 2026-01-12 09:00` in turn, `never`, or `unknown`.
    E401 `never`: this does not follow from the line before. Write `entered 2026-01-05 09:00` and `left 2026-01-12 09:00` in turn, `never`, or `unknown`.
    E401 `arrived 2026-01-02`: `arrived 2026-01-02` is no part of a timeline. Write `entered 2026-01-05 09:00` and `left 2026-01-12 09:00` in turn, `never`, or `unknown`.
    "##);
    insta::assert_snapshot!(expect("  # nothing"), @"E401 ``: the timeline says nothing. Write `entered 2026-01-05 09:00` and `left 2026-01-12 09:00` in turn, `never`, or `unknown`.");
}

proptest! {
    #[test]
    fn no_text_is_too_odd_to_be_answered(text in "\\PC*") {
        let _ = facts(&text, &berlin(), None);
        let _ = timeline(&text, &berlin());
    }

    /// Bits of real stories find more than random characters do.
    #[test]
    fn no_shuffle_of_story_bits_is_too_odd_to_be_answered(
        bits in prop::collection::vec(prop::sample::select(vec![
            "2026-01-05", "2026-01-05 09:00", "+2d", " known ", "9999-12-31 23:59", "0000-01-01", "  ", "\t", "\n", "ana",
            "-", "anon:", " @ ", "account", "is", "joins", "links anon:x", "alias ", "record ",
            "number", "a=1", "a.b.c=", "\"", "\\", "[", "]", ",", "#", "é", "99999999999999w", "5 times",
            ", 1d apart", "@id=", "entered ", "left ", "x: ", "never", "4294967295w", "individuals",
        ]), 0..24),
    ) {
        let text = bits.concat();
        for problem in facts(&text, &berlin(), None).err().into_iter().flatten() {
            prop_assert!(text.get(problem.span.clone()).is_some(), "{problem:?}");
        }
        for problem in timeline(&text, &berlin()).err().into_iter().flatten() {
            prop_assert!(text.get(problem.span.clone()).is_some(), "{problem:?}");
        }
    }
}
