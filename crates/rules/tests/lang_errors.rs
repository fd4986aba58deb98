//! What a person sees who wrote it wrong: message, place, help.

use firsthand_model::diagnostic::Problem;
use firsthand_rules::lang::parse;

/// Draws each problem under its line, as the command line does in its own way.
fn drawn(text: &str, problems: &[Problem]) -> String {
    let drawn = problems.iter().map(|problem| {
        let start = text[..problem.span.start].rfind('\n').map_or(0, |at| at + 1);
        let line = text[start..].lines().next().unwrap_or_default().replace('\u{200b}', "·");
        let indent = " ".repeat(text[start..problem.span.start].chars().count());
        let carets = "^".repeat(text[problem.span.clone()].chars().count().max(1));
        let (code, message) = (problem.code.0, &problem.message);
        let help = problem.help.as_deref().expect("every problem says what to do");
        format!("{line}\n{indent}{carets} {code} {message}\n{help}")
    });
    drawn.collect::<Vec<_>>().join("\n")
}

fn refused(texts: &[&str]) -> String {
    let drawn = texts.iter().map(|text| {
        let problems = parse::condition(text).err().unwrap_or_else(|| panic!("accepted: {text}"));
        drawn(text, &problems)
    });
    drawn.collect::<Vec<_>>().join("\n\n")
}

#[test]
fn signs_of_other_languages_are_named() {
    let shown = refused(&[
        "usage(a) == 5 && account.b",
        "!account.a || account.b",
        "usage(a) =< 5 or usage(a) <> 3",
        "[1] = {2}; 3",
    ]);
    insta::assert_snapshot!(shown, @r#"
    usage(a) == 5 && account.b
             ^^ E201 `==` is no sign of this language
    Write `=`.
    usage(a) == 5 && account.b
                  ^^ E201 `&&` is no sign of this language
    Write `and`.

    !account.a || account.b
    ^ E201 `!` is no sign of this language
    Write `not`.
    !account.a || account.b
               ^^ E201 `||` is no sign of this language
    Write `or`.

    usage(a) =< 5 or usage(a) <> 3
             ^^ E201 `=<` is no sign of this language
    Write `<=`.
    usage(a) =< 5 or usage(a) <> 3
                              ^^ E201 `<>` is no sign of this language
    Write `!=`.

    [1] = {2}; 3
    ^ E201 `[` is no sign of this language
    Write `(`.
    [1] = {2}; 3
      ^ E201 `]` is no sign of this language
    Write `)`.
    [1] = {2}; 3
          ^ E201 `{` is no sign of this language
    Write `(`.
    [1] = {2}; 3
            ^ E201 `}` is no sign of this language
    Write `)`.
    [1] = {2}; 3
             ^ E201 `;` is no sign of this language
    Join conditions with `and` or `or`.
    [1] = {2}; 3
               ^ E201 expected the end, `and` or `or`, found `3`
    Join conditions with `and` or `or`.
    "#);
}

#[test]
fn words_in_capitals_are_named() {
    let shown = refused(&[
        "account.a AND NOT account.b",
        r#"COUNT("A") > 3"#,
        "account.a Or account.b IS KNOWN",
    ]);
    insta::assert_snapshot!(shown, @r#"
    account.a AND NOT account.b
              ^^^ E202 `AND` is written in capitals
    Words of the language are in lower case: write `and`.
    account.a AND NOT account.b
                  ^^^ E202 `NOT` is written in capitals
    Words of the language are in lower case: write `not`.

    COUNT("A") > 3
    ^^^^^ E202 `COUNT` is written in capitals
    Words of the language are in lower case: write `count`.

    account.a Or account.b IS KNOWN
              ^^ E202 `Or` is written in capitals
    Words of the language are in lower case: write `or`.
    account.a Or account.b IS KNOWN
                           ^^ E202 `IS` is written in capitals
    Words of the language are in lower case: write `is`.
    account.a Or account.b IS KNOWN
                              ^^^^^ E201 expected `known` or `unknown`, found `KNOWN`
    Compare with `=`; `is` asks only `is known` or `is unknown`.
    "#);
}

#[test]
fn quotes_of_a_word_processor_are_named() {
    let shown = refused(&["account.plan = “pro”"]);
    insta::assert_snapshot!(shown, @r#"
    account.plan = “pro”
                   ^^^^^ E201 `“` is a quote for printing
    Write straight quotes: `"pro"`.
    "#);
}

#[test]
fn a_thousands_comma_could_be_two_numbers() {
    let shown = refused(&[
        "usage(a) >= 8,000",
        "account.a in (1,200,3)",
        "usage(a) > 3,5",
        "usage(a) > 8.000.000",
    ]);
    insta::assert_snapshot!(shown, @r#"
    usage(a) >= 8,000
                ^^^^^ E204 `8,000` could be one number or several
    Write `8000` for one number, or `8, 000` for several.

    account.a in (1,200,3)
                  ^^^^^ E204 `1,200` could be one number or several
    Write `1200` for one number, or `1, 200` for several.

    usage(a) > 3,5
                ^ E201 expected the end, `and` or `or`, found `,`
    A decimal point is a point: `2.5`.

    usage(a) > 8.000.000
               ^^^^^^^^^ E204 `8.000.000` is no number
    Write numbers like `8000` or `2.5`, and dates like `2026-03-01`.
    "#);
}

#[test]
fn a_number_with_an_odd_unit_is_refused() {
    let shown = refused(&[
        "usage(a) > 8k",
        "trial_age > 14m",
        "trial_age > 1.5d",
        "trial_age > 2d 6h",
        "account.size > 3 MiB",
        "account.size > 3MiB",
        "account.mrr > $20",
        "account.mrr > 20 usd",
    ]);
    insta::assert_snapshot!(shown, @r#"
    usage(a) > 8k
               ^^ E204 `k` in `8k` is no unit
    Write the number out: `8000`.

    trial_age > 14m
                ^^^ E204 `14m` could be minutes or months
    Write `min` for minutes or `mo` for months.

    trial_age > 1.5d
                ^^^^ E204 `1.5d` is no whole duration
    Write `36h`.

    trial_age > 2d 6h
                ^^^^^ E204 a duration has one unit
    Write it in one unit: `54h`.

    account.size > 3 MiB
                     ^^^ E201 expected the end, `and` or `or`, found `MiB`
    Sizes are `B`, `KB`, `MB`, `GB` and `TB`; 1 MB is 1,000,000 B.

    account.size > 3MiB
                   ^^^^ E204 `MiB` in `3MiB` is no unit
    Sizes are `B`, `KB`, `MB`, `GB` and `TB`; 1 MB is 1,000,000 B.

    account.mrr > $20
                  ^ E201 `$` is no sign of this language
    Write the three letters of the currency after the amount: `20 USD`.

    account.mrr > 20 usd
                     ^^^ E201 expected the end, `and` or `or`, found `usd`
    Write a currency in capitals: `20 USD`.
    "#);
}

#[test]
fn a_date_has_one_form() {
    let shown =
        refused(&["now > 2026-3-1", "now > 01.03.2026", "now > 2026-02-30", "now > 03/01/2026"]);
    insta::assert_snapshot!(shown, @r#"
    now > 2026-3-1
          ^^^^^^^^ E204 `2026-3-1` is no date
    Write a date like `2026-03-01`, or a time like `2026-03-01T09:00`.

    now > 01.03.2026
          ^^^^^^^^^^ E204 `01.03.2026` is no number
    Write numbers like `8000` or `2.5`, and dates like `2026-03-01`.

    now > 2026-02-30
          ^^^^^^^^^^ E204 `2026-02-30` is no date
    Write a date like `2026-03-01`, or a time like `2026-03-01T09:00`.

    now > 03/01/2026
          ^^ E204 `03` begins with a zero
    Write numbers like `8000`, and dates like `2026-03-01`.
    "#);
}

#[test]
fn an_event_name_without_quotes_is_named() {
    let shown = refused(&["count(Report exported, last 7d) > 3"]);
    insta::assert_snapshot!(shown, @r#"
    count(Report exported, last 7d) > 3
          ^^^^^^^^^^^^^^^ E201 an event name stands between double quotes
    Write `"Report exported"`.
    "#);
}

#[test]
fn a_window_outside_its_call_is_moved_inside() {
    let shown = refused(&[
        r#"count("A") > 3 in 7d"#,
        r#"count("A") >= 3 in the last 7 days"#,
        r#"count("A") in last 7d > 3"#,
        r#"count("A" where x = 1) > 3 within 7d and account.b"#,
    ]);
    insta::assert_snapshot!(shown, @r#"
    count("A") > 3 in 7d
                   ^^^^^ E201 a window stands inside the call
    Write `count("A", last 7d)`.

    count("A") >= 3 in the last 7 days
                    ^^^^^^^^^^^^^^^^^^ E201 a window stands inside the call
    Write `count("A", last 7d)`.

    count("A") in last 7d > 3
               ^^^^^^^^^^ E201 a window stands inside the call
    Write `count("A", last 7d)`.

    count("A" where x = 1) > 3 within 7d and account.b
                               ^^^^^^^^^ E201 a window stands inside the call
    Write `count("A" where x = 1, last 7d)`.
    "#);
}

#[test]
fn a_window_has_few_forms() {
    let shown = refused(&[
        r#"count("A", 7d)"#,
        r#"count("A", in last 7d)"#,
        r#"count("A", last week)"#,
        r#"count("A", last month)"#,
        r#"count("A", past 7 days)"#,
        r#"count("A" last 7d)"#,
        r#"count("A", today)"#,
        r#"count("A", lst 7d)"#,
        r#"count("A", first "B")"#,
        r#"count("A", "B")"#,
        r#"count("A", before "B")"#,
        r#"count("A", last 7)"#,
        r#"count("A", between 2026-01-01 and 2026-02-01)"#,
        "count(last 7d)",
        r#"count("A", where x = 1)"#,
    ]);
    insta::assert_snapshot!(shown, @r#"
    count("A", 7d)
               ^^ E201 `7d` alone is no window
    Write `last 7d`, `first 7d` or `7d after …`.

    count("A", in last 7d)
               ^^ E201 expected a window, found `in`
    Write `last 7d`.

    count("A", last week)
               ^^^^^^^^^ E201 `last week` could mean two things
    Write `last full week` for the one of the calendar, or `last 1w` for the time up to now.

    count("A", last month)
               ^^^^^^^^^^ E201 `last month` could mean two things
    Write `last full month` for the one of the calendar, or `last 1mo` for the time up to now.

    count("A", past 7 days)
               ^^^^ E201 expected a window, found `past`
    Write `last 7 days`.

    count("A" last 7d)
              ^^^^ E201 expected `,` before `last`
    Put a comma between the events and the window.

    count("A", today)
               ^^^^^ E201 expected a window, found `today`
    Write `this day`.

    count("A", lst 7d)
               ^^^ E201 expected a window, found `lst`
    Did you mean `last`?

    count("A", first "B")
               ^^^^^ E201 a moment is no window
    Write `since first …`, `before first …` or `7d after first …`.

    count("A", "B")
               ^^^ E201 expected a window, found `"B"`
    Several events stand between parentheses: `count(("A", "B"), last 7d)`.

    count("A", before "B")
                      ^^^ E201 expected a moment, found `"B"`
    Say which one: `first "B"` or `last "B"`.

    count("A", last 7)
                     ^ E201 expected a unit of time, found `)`
    Say of what: `7d` for days, `7h` for hours.

    count("A", between 2026-01-01 and 2026-02-01)
               ^^^^^^^ E201 expected a window, found `between`
    Write two windows: `since 2026-01-01, before 2026-02-01`.

    count(last 7d)
          ^^^^ E201 expected events, found `last`
    Name the events first, then the window: `count("Report exported", last 7d)`.

    count("A", where x = 1)
               ^^^^^ E201 expected a window, found `where`
    `where` stands right behind the events, before the comma.
    "#);
}

#[test]
fn unknown_words_get_the_nearest_known_one() {
    let shown = refused(&[
        r#"cuont("A") > 3"#,
        "usage(a) > 3 adn account.b",
        "trail_age > 3d",
        r#"average(amount, "A") > 3"#,
        r#"foo("A")"#,
        r#"plan = "pro""#,
        "company_size > 5",
        "count > 3",
    ]);
    insta::assert_snapshot!(shown, @r#"
    cuont("A") > 3
    ^^^^^ E202 `cuont` is no function
    Did you mean `count`?

    usage(a) > 3 adn account.b
                 ^^^ E201 expected the end, `and` or `or`, found `adn`
    Did you mean `and`?

    trail_age > 3d
    ^^^^^^^^^ E202 `trail_age` means nothing here
    Did you mean `trial_age`?

    average(amount, "A") > 3
    ^^^^^^^ E202 `average` is no function
    Write `avg`.

    foo("A")
    ^^^ E202 `foo` is no function
    Functions are `count`, `people`, `days`, `sum`, `usage`, `score` and others.

    plan = "pro"
    ^^^^ E202 `plan` means nothing here
    Write `account.plan`.

    company_size > 5
    ^^^^^^^^^^^^ E202 `company_size` means nothing here
    A text stands between double quotes, a trait is written `account.company_size` or `person.company_size`, and a property of an event is read inside `where`.

    count > 3
    ^^^^^ E202 `count` means nothing here
    Parentheses follow it: `count(…)`.
    "#);
}

#[test]
fn missing_is_said_with_is_known() {
    let shown = refused(&[
        "account.a is not null",
        "account.a is null",
        r#"account.a is "pro""#,
        r#"account.a is not "pro""#,
        "account.a = null",
        "not null",
    ]);
    insta::assert_snapshot!(shown, @r#"
    account.a is not null
                     ^^^^ E201 expected `known` or `unknown`, found `null`
    Write `account.a is known`.

    account.a is null
                 ^^^^ E201 expected `known` or `unknown`, found `null`
    Write `account.a is unknown`.

    account.a is "pro"
                 ^^^^^ E201 expected `known` or `unknown`, found `"pro"`
    Compare with `=`; `is` asks only `is known` or `is unknown`.

    account.a is not "pro"
                     ^^^^^ E201 expected `known` or `unknown`, found `"pro"`
    Compare with `!=`; `is` asks only `is known` or `is unknown`.

    account.a = null
                ^^^^ E202 `null` means nothing here
    What is missing is unknown: write `… is known` or `… is unknown`.

    not null
        ^^^^ E202 `null` means nothing here
    What is missing is unknown: write `… is known` or `… is unknown`.
    "#);
}

#[test]
fn half_a_comparison_is_completed() {
    let shown = refused(&[r#"account.plan = "pro" or "business""#, "account.seats > 5 and 10"]);
    insta::assert_snapshot!(shown, @r#"
    account.plan = "pro" or "business"
                            ^^^^^^^^^^ E201 `"business"` alone is no condition
    Write `account.plan in ("pro", "business")`.

    account.seats > 5 and 10
                          ^^ E201 `10` alone is no condition
    Repeat what is compared: `account.seats > 10`.
    "#);
}

#[test]
fn comparisons_do_not_chain() {
    let shown = refused(&["1 < account.seats < 5", "account.a = account.b = account.c"]);
    insta::assert_snapshot!(shown, @r#"
    1 < account.seats < 5
                      ^ E201 `<` cannot follow a comparison
    Write `x between 1 and 5`, or join two comparisons with `and`.

    account.a = account.b = account.c
                          ^ E201 `=` cannot follow a comparison
    Write `x between 1 and 5`, or join two comparisons with `and`.
    "#);
}

#[test]
fn events_are_listed_between_parentheses() {
    let shown = refused(&[
        r#"count("A" or "B") > 3"#,
        r#"count("A" and "B", last 7d)"#,
        r#"count("A" "B")"#,
        r#"count(("A" where x = 1, "B"))"#,
        "count(any where x = 1 where y = 2)",
        "count()",
    ]);
    insta::assert_snapshot!(shown, @r#"
    count("A" or "B") > 3
              ^^ E201 events are not joined by words
    List them between parentheses: `("A", "B")` means any of these.

    count("A" and "B", last 7d)
              ^^^ E201 events are not joined by words
    List them between parentheses: `("A", "B")` means any of these.

    count("A" "B")
              ^^^ E201 events are not joined by words
    List them between parentheses: `("A", "B")` means any of these.

    count(("A" where x = 1, "B"))
                            ^^^ E201 a list holds only names and groups
    One `where` is for the whole list: `("A", "B") where …`. For different ones, add two counts.

    count(any where x = 1 where y = 2)
                          ^^^^^ E201 these events have a `where` already
    Join both conditions with `and`.

    count()
          ^ E201 expected events, found `)`
    Name events between double quotes, such as `"Report exported"`, a group such as `core`, or `any`.
    "#);
}

#[test]
fn what_is_open_must_be_closed() {
    let shown = refused(&[
        r#"count("A > 3"#,
        "(account.a",
        "account.a)",
        r#"count("A", last 7d"#,
        "account.a matches /x",
        "count(any where `Plan = 3)",
    ]);
    insta::assert_snapshot!(shown, @r#"
    count("A > 3
         ^ E203 this `(` is never closed
    Close it with `)`.
    count("A > 3
          ^ E203 this text is never closed
    Close it with `"`.

    (account.a
    ^ E203 this `(` is never closed
    Close it with `)`.

    account.a)
             ^ E203 this `)` closes nothing
    Remove it, or add the `(` that it belongs to.

    count("A", last 7d
         ^ E203 this `(` is never closed
    Close it with `)`.

    account.a matches /x
                      ^ E203 this pattern is never closed
    Close it with `/`.

    count(any where `Plan = 3)
         ^ E203 this `(` is never closed
    Close it with `)`.
    count(any where `Plan = 3)
                    ^ E203 this name is never closed
    Close it with a backtick.
    "#);
}

#[test]
fn a_condition_that_must_hold_stands_between_parentheses() {
    let shown = refused(&[
        "usage(a) >= 5 for 7d",
        "account.a for 7d",
        r#"any member has count("A") > 3"#,
        r#"number of members with seen("A")"#,
    ]);
    insta::assert_snapshot!(shown, @r#"
    usage(a) >= 5 for 7d
                  ^^^ E201 `for` follows what stands between parentheses
    Write `(usage(a) >= 5) for 7d`.

    account.a for 7d
              ^^^ E201 `for` follows what stands between parentheses
    Write `(account.a) for 7d`.

    any member has count("A") > 3
                   ^^^^^ E201 expected `(`, found `count`
    Put the condition between parentheses: `any member has (…)`, `becomes (…)`.

    number of members with seen("A")
                           ^^^^ E201 expected `(`, found `seen`
    Put the condition between parentheses: `any member has (…)`, `becomes (…)`.
    "#);
}

#[test]
fn sequences_belong_to_seen() {
    let shown = refused(&[
        r#"count("A" then "B")"#,
        r#"seen("A" within 3d)"#,
        r#"never("A" then "B" within 3d)"#,
    ]);
    insta::assert_snapshot!(shown, @r#"
    count("A" then "B")
              ^^^^ E201 `count` takes no sequence
    Write `seen("A" then "B" within 3d)`, with `not` before it if need be.

    seen("A" within 3d)
             ^^^^^^ E201 `within` needs a sequence
    Write `seen("A", last 3d)`; `within` is for `"A" then "B" within 3d`.

    never("A" then "B" within 3d)
              ^^^^ E201 `never` takes no sequence
    Write `seen("A" then "B" within 3d)`, with `not` before it if need be.
    "#);
}

#[test]
fn aggregates_name_the_property_first() {
    let shown = refused(&[
        r#"sum("Invoice paid")"#,
        r#"sum("Invoice paid", amount)"#,
        "min(usage(a))",
        "sum(amount)",
    ]);
    insta::assert_snapshot!(shown, @r#"
    sum("Invoice paid")
        ^^^^^^^^^^^^^^ E201 expected a property, found `"Invoice paid"`
    Name the property first, then the events: `sum(amount, "Invoice paid")`.

    sum("Invoice paid", amount)
        ^^^^^^^^^^^^^^ E201 expected a property, found `"Invoice paid"`
    Name the property first, then the events: `sum(amount, "Invoice paid")`.

    min(usage(a))
                ^ E201 expected `,` and another value, found `)`
    Write `min(a, b)` for values, or `min(amount, "Invoice paid")` for a property of events.

    sum(amount)
              ^ E201 expected `,`, found `)`
    Name the property first, then the events: `sum(amount, "Invoice paid")`.
    "#);
}

#[test]
fn texts_are_tested_with_words() {
    let shown = refused(&[
        r#"person.title like "%head%""#,
        r#"person.title matches "head""#,
        "person.title matches /(/",
        r#"account.plan in "pro""#,
        r#"person.email starts "info""#,
        r#"person.title includes "x""#,
    ]);
    insta::assert_snapshot!(shown, @r#"
    person.title like "%head%"
                 ^^^^ E201 expected the end, `and` or `or`, found `like`
    Write `contains`, `starts with`, `ends with` or `matches /…/`.

    person.title matches "head"
                         ^^^^^^ E201 expected a pattern, found `"head"`
    A pattern stands between slashes: `person.role matches /(vp|head) of/`.

    person.title matches /(/
                         ^^^ E205 this pattern cannot be read: unclosed group
    Put `\` before a sign that stands for itself, such as `\(`.

    account.plan in "pro"
                    ^^^^^ E201 expected a list, found `"pro"`
    Write `in ("pro")` or use `=`.

    person.email starts "info"
                        ^^^^^^ E201 expected `with`, found `"info"`
    Write `starts with` or `ends with`.

    person.title includes "x"
                 ^^^^^^^^ E201 expected the end, `and` or `or`, found `includes`
    Write `contains`, `starts with`, `ends with` or `matches /…/`.
    "#);
}

#[test]
fn choices_name_both_values() {
    let shown = refused(&["5 if account.a", "if account.a then 5 else 3", "account.a ? 5 : 3"]);
    insta::assert_snapshot!(shown, @r#"
    5 if account.a
                  ^ E201 expected `else`, but the text ends here
    A choice names both values: `20 if account.plan = "pro" else 0`.

    if account.a then 5 else 3
    ^^ E201 expected a value, found `if`
    A choice is written `V if C else V`.

    account.a ? 5 : 3
              ^ E201 `?` is no sign of this language
    A choice is written `V if C else V`.
    account.a ? 5 : 3
                ^ E201 expected the end, `and` or `or`, found `5`
    Join conditions with `and` or `or`.
    account.a ? 5 : 3
                  ^ E201 `:` is no sign of this language
    A choice is written `V if C else V`.
    "#);
}

#[test]
fn notes_are_refused() {
    let shown = refused(&["account.a # because\nand account.b", "account.a // because"]);
    insta::assert_snapshot!(shown, @r#"
    account.a # because
              ^ E201 `#` is no sign of this language
    A note cannot stand inside a text of the language. Put it on a YAML line of its own, above the key.

    account.a // because
              ^^ E201 `//` is no sign of this language
    A note cannot stand inside a text of the language. Put it on a YAML line of its own, above the key.
    "#);
}

#[test]
fn what_is_missing_is_named() {
    let shown = refused(&[
        "",
        "account.a and",
        "usage(a) >=",
        "account.",
        "at least 2 (account.a)",
        "usage()",
        "score(a b)",
        "@ x",
        "between 3 and 5",
        "streak(fortnight, account.a)",
    ]);
    insta::assert_snapshot!(shown, @r#"

    ^ E201 expected a value, but nothing is written here
    Write a value, such as a number, a text in double quotes, `account.plan` or `count("Report exported", last 7d)`.

    account.a and
                 ^ E201 expected a value, but the text ends here
    Write a value, such as a number, a text in double quotes, `account.plan` or `count("Report exported", last 7d)`.

    usage(a) >=
               ^ E201 expected a value, but the text ends here
    Write a value, such as a number, a text in double quotes, `account.plan` or `count("Report exported", last 7d)`.

    account.
            ^ E201 expected a name after the point, but the text ends here
    Write a name such as `account.plan`; odd names stand between backticks.

    at least 2 (account.a)
               ^ E201 expected `of`, found `(`
    Write `at least 2 of (…, …, …)`.

    usage()
          ^ E201 expected the name of a meter, found `)`
    Write the name as the configuration does, such as `usage-points`.

    score(a b)
            ^ E201 expected `)`, found `b`
    Close the parenthesis here.

    @ x
      ^ E201 expected a name right after `@`, found `x`
    Write it like `@competitors`.

    between 3 and 5
    ^^^^^^^ E201 expected a value, found `between`
    Write a value on each side; names that are words of the language stand between backticks.

    streak(fortnight, account.a)
           ^^^^^^^^^ E201 expected a period, found `fortnight`
    Write `streak(week, …)`, with `day`, `week`, `month` or `year`.
    "#);
}

#[test]
fn odd_texts_are_named() {
    let shown = refused(&[
        r#"account.a = "C:\dir""#,
        "account.a = 8_",
        "account.a = 0.1234567",
        "``",
        "a\u{200b}",
    ]);
    insta::assert_snapshot!(shown, @r#"
    account.a = "C:\dir"
                   ^^ E204 `\d` means nothing in a text
    Write `\\` for a backslash.

    account.a = 8_
                ^^ E204 `8_` is no number
    Write numbers like `8000` or `2.5`, and dates like `2026-03-01`.

    account.a = 0.1234567
                ^^^^^^^^^ E204 `0.1234567` has more than six decimal places
    Round it to six places.

    ``
    ^^ E204 this name is empty
    Write the name between the backticks.
    ``
    ^^ E202 `` means nothing here
    A text stands between double quotes, a trait is written `account.` or `person.`, and a property of an event is read inside `where`.

    a·
    ^ E202 `a` means nothing here
    A text stands between double quotes, a trait is written `account.a` or `person.a`, and a property of an event is read inside `where`.
    a·
     ^ E201 there is a hidden character here (U+200B)
    Remove it.
    "#);
}
