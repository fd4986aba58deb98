//! What the configuration understands, and what it says about mistakes.

use std::io;
use std::sync::Arc;

use firsthand_model::config::{
    AtMost, ChannelKind, Clock, Condition, ConstantValues, CrmField, FadeCurve, GradeForm, Limit,
    Loaded, Members, MeterKind, OwnerRule, PersonField, Project, Protocol, Rate, Receiver,
    ScoreAct, Share, StripeAccount, Track, What,
};
use firsthand_model::diagnostic::{Problem, SourceFile, Style, codes, render, to_json};
use firsthand_model::fact::Kind;
use firsthand_model::{Scalar, Span};

fn file(name: &str, text: &str) -> Arc<SourceFile> {
    Arc::new(SourceFile { name: name.to_owned(), text: text.to_owned() })
}

/// Reads settings and, behind a line `=== NAME`, further files; those not in YAML are lists.
fn read(text: &str) -> Loaded {
    let mut files = Vec::new();
    let mut lists = Vec::new();
    let mut name = "firsthand.yaml";
    let mut rest = text;
    loop {
        let (body, more) = rest.split_once("=== ").unwrap_or((rest, ""));
        if name.contains(".yaml") {
            files.push(file(name, body));
        } else {
            lists.push((name.to_owned(), body.to_owned()));
        }
        let Some((next, body)) = more.split_once('\n') else {
            break;
        };
        (name, rest) = (next, body);
    }
    Project::from_files(&files, &|path| {
        let found = lists.iter().find(|(name, _)| name == path);
        found.map(|(_, text)| text.clone()).ok_or_else(|| io::ErrorKind::NotFound.into())
    })
}

/// The project, which must be without fault.
fn clean(text: &str) -> Project {
    let loaded = read(text);
    assert_eq!(render(&loaded.diagnostics, Style::default()), "");
    loaded.project
}

/// What is said about mistakes.
fn mistakes(text: &str) -> String {
    render(&read(text).diagnostics, Style::default())
}

#[test]
fn all_of_the_settings_are_read() {
    let project = clean(
        r#"
project: Acme
zone: Europe/Berlin
week_starts: sunday
currency: USD
constants:
  competitors: [a.com, b.com]
  vip: {file: lists/vip.txt}
  target: 50
  share: 80%
  region: "50"
  ask: unset
events:
  groups:
    core: [Report exported, "Dashboard *"]
    one: Signed up
  marketing: "Page *"
start: {event: '"Signed up"', trait: created_at, history_from: 2025-01-01}
plans:
  free: {title: Free, price: 0, limits: {contacts: "10,000", storage: 5 GB}, trial: 14d, next: Pro}
  pro:
    features: [exports]
    limits: {contacts: unlimited}
    terms:
      - {price: $49}
      - {from: 2026-01-01, price: 59 USD}
meters:
  contacts: {kind: level, add: '"Contact created"', remove: '"Contact deleted"', key: contact_id}
  storage: {kind: sum, add: '"File stored"', value: size, reset: billing period}
identity: {own_domains: [Acme.com], company_domains: true, membership_reach: 4 weeks}
exclude:
  - {name: staff, subject: person, when: person.email ends with "@acme.com"}
outcomes:
  subscribed: {on: '"Subscribed"', value: amount}
import:
  old: {event: action, time: at, time_format: day first, rename: {a: b}}
=== lists/vip.txt
# Important people
x.com
y.com, 2026-01-01
"#,
    );
    assert_eq!(project.calendar.zone_name(), "Europe/Berlin");
    assert_eq!(project.start.history_from.unwrap().to_string(), "2024-12-31T23:00:00Z");
    let values = |name: &str| &project.constants[name].values;
    assert!(matches!(values("ask"), ConstantValues::Unset));
    assert!(matches!(values("target"), ConstantValues::One(Scalar::Number(_))));
    assert!(matches!(values("region"), ConstantValues::One(Scalar::Text(_))));
    assert!(matches!(values("share"), ConstantValues::Literal(it) if it.text == "80%"));
    let ConstantValues::List(vip) = values("vip") else { panic!("not a list") };
    assert_eq!(vip[1].from.unwrap().to_string(), "2026-01-01");

    assert_eq!(project.events.groups["core"][1].text, "Dashboard *");
    assert_eq!(project.events.groups["one"].len(), 1);
    let free = &project.plans["free"].terms[0];
    assert_eq!(free.limits["storage"], Limit::AtMost("5000000000".parse().unwrap()));
    assert_eq!(free.trial, Some(Span::DAY.times(14)));
    let pro = &project.plans["pro"].terms;
    assert_eq!(pro.len(), 2);
    assert_eq!(pro[0].price.unwrap().to_string(), "49");
    assert_eq!(pro[1].price.unwrap().to_string(), "59");
    assert_eq!(pro[1].limits["contacts"], Limit::Unlimited, "what is not said stays as it was");
    assert_eq!(project.meters["contacts"].kind, MeterKind::Level);
    assert_eq!(project.identity.own_domains, ["acme.com"]);
    assert_eq!(project.exclude[0].subject, Kind::Person);
    assert_eq!(project.outcomes["subscribed"].value.as_deref(), Some("amount"));
    assert_eq!(project.imports["old"].rename["a"], "b");
}

#[test]
fn definitions_scores_and_grades_come_as_documents_of_any_file() {
    let project = clean(
        r#"
zone: Europe/Berlin
---
meter: contacts
kind: count
add: '"Contact created"'
=== definitions/a.yaml
definition: outgrowing-free
title: Free team about to outgrow its contacts
track: product
when: |
  usage(contacts) >= 80% of limit(contacts)
  and people("Report exported", last 7d) >= 3
grace: 2d
expect:
  - story: three people export
    facts: |
      2026-03-08 09:00 ann exports
    enters: 2026-03-08T09:00:00Z
    leaves: never
    until: 2026-04-01
  - story: from a file
    events: stories/one.txt
    timeline: entered
---
score: usage-points
cap: 100
groups: { fit: { cap: 40 } }
rules:
  - each: '"Report exported"'
    if: account.members >= 2
    points: 5
    at_most: 1 per day
    fades: half life 14d while idle
  - while: account.employees between 200 and 5000
    points: 20
    group: fit
  - points: 2 * days(core, last 14d)
  - on: '"Lead recycled"'
    set: 10
---
grade: adoption
subject: person
ladder:
  A: { when: days(core) >= 5, stay: days(core) >= 4 }
  B: seen(core)
---
grade: both
matrix: { rows: grade(adoption), columns: grade(adoption), cells: { A: {A: hot, B: warm}, B: {A: warm} } }
=== stories/one.txt
the facts
"#,
    );
    let definition = &project.definitions["outgrowing-free"];
    assert_eq!(definition.track, Track::Product);
    assert_eq!(definition.grace, Span::DAY.times(2));
    assert_eq!(definition.expect[0].leaves, Some(None));
    assert_eq!(definition.expect[0].until.unwrap().to_string(), "2026-03-31T22:00:00Z");
    assert_eq!(definition.expect[1].facts.text, "the facts\n");
    let rules = &project.scores["usage-points"].rules;
    let ScoreAct::Each { at_most, fades, points, .. } = &rules[0].act else { panic!("not each") };
    assert_eq!(points.text, "5", "a number is taken as the text it is");
    assert!(matches!(at_most, Some(AtMost::PerPeriod(1, _))));
    assert!(fades.is_some_and(|it| it.while_idle && matches!(it.curve, FadeCurve::HalfLife(_))));
    assert!(matches!(&rules[3].act, ScoreAct::Set { set, .. } if set.text == "10"));
    let GradeForm::Ladder(rungs) = &project.grades["adoption"].form else { panic!("no ladder") };
    assert_eq!(rungs[0].stay.as_ref().unwrap().text, "days(core) >= 4");
    let GradeForm::Matrix { cells, .. } = &project.grades["both"].form else { panic!("no matrix") };
    assert_eq!(cells.len(), 3);
    assert_eq!(project.grades["both"].subject, Kind::Person, "that of its axes");
}

#[test]
fn an_empty_project_is_a_project() {
    for text in ["", "# nothing\n", "---\n", "constants:\nplans: {}\nexclude:\ncurrency:\n"] {
        assert_eq!(clean(text).calendar.zone_name(), "UTC");
    }
}

#[test]
fn a_project_in_which_everything_is_in_one_file_needs_no_settings() {
    let project = clean("definition: a\nwhen: true\n---\ndefinition: b\nwhen: true\n");
    assert_eq!(project.definitions.len(), 2);
    assert_eq!(project.definitions["a"].when.text, "true");
}

#[test]
fn a_misspelt_key_is_refused_with_the_nearest_and_all_known_ones() {
    let text = "identity:\n  own_domain: acme.com\nplan:\n  free: {}\n";
    insta::assert_snapshot!(mistakes(text), @r"
    error[E102]: unknown key `own_domain` in the identity rules
     --> firsthand.yaml:2:3
      |
    2 |   own_domain: acme.com
      |   ^^^^^^^^^^
      |
      = help: Did you mean `own_domains`? Known keys: `own_domains`, `excluded_domains`, `free_mail_domains`, `company_domains`, `junk_ids`, `real_ids`, `ids_per_person_max`, `membership_reach`, `parent_trait`.

    error[E102]: unknown key `plan` in the settings
     --> firsthand.yaml:3:1
      |
    3 | plan:
      | ^^^^
      |
      = help: Did you mean `plans`? Known keys: `project`, `zone`, `week_starts`, `currency`, `constants`, `events`, `start`, `plans`, `identity`, `exclude`, `outcomes`, `meters`, `scores`, `grades`, `definitions`, `import`, `sources`, `url`, `sign_in`, `leads`, `channels`, `contact`, `messages`, `plays`, `retention`.
    ");
}

#[test]
fn a_misspelt_document_is_still_known_for_what_it_is() {
    let text = "project: a\n---\ndefiniton: outgrowing\nscore: 5\nwhne: true\n";
    insta::assert_snapshot!(mistakes(text), @r"
    error[E102]: unknown key `definiton` in a definition
     --> firsthand.yaml:3:1
      |
    3 | definiton: outgrowing
      | ^^^^^^^^^
      |
      = help: Did you mean `definition`? Known keys: `definition`, `title`, `track`, `subject`, `when`, `stay`, `unless`, `holds_for`, `grace`, `score`, `why`, `expect`.

    error[E103]: a definition needs `when`
     --> firsthand.yaml:3:1
      |
    3 | definiton: outgrowing
      | ^^^^^^^^^
      |
      = help: Add `when:` with a condition.

    error[E102]: unknown key `whne` in a definition
     --> firsthand.yaml:5:1
      |
    5 | whne: true
      | ^^^^
      |
      = help: Did you mean `when`? Known keys: `definition`, `title`, `track`, `subject`, `when`, `stay`, `unless`, `holds_for`, `grace`, `score`, `why`, `expect`.
    ");
}

#[test]
fn a_key_or_name_that_is_there_twice_is_refused_at_the_second() {
    let text = "\
zone: UTC
zone: Europe/Berlin
meters:
  seats: {kind: count, add: any}
=== definitions/a.yaml
meter: seats
kind: count
add: any
";
    insta::assert_snapshot!(mistakes(text), @r"
    error[E105]: meter `seats` is there twice
     --> definitions/a.yaml:1:8
      |
    1 | meter: seats
      |        ^^^^^
      |
      = help: Remove one of them or rename it; the first is in firsthand.yaml, line 4.

    error[E105]: key `zone` is there twice
     --> firsthand.yaml:2:1
      |
    2 | zone: Europe/Berlin
      | ^^^^
      |
      = help: Remove one of them or rename it; the first is in firsthand.yaml, line 1.
    ");
}

#[test]
fn a_missing_key_is_asked_for() {
    let text = "meters:\n  seats:\n    kind: level\n  size: {kind: sum, key: id, add: any}\n";
    insta::assert_snapshot!(mistakes(text), @r#"
    error[E103]: a meter needs `add`
     --> firsthand.yaml:3:5
      |
    3 |     kind: level
      |     ^^^^
      |
      = help: Add `add:` with an event.

    error[E103]: a meter of this kind needs `remove`
     --> firsthand.yaml:3:5
      |
    3 |     kind: level
      |     ^^^^
      |
      = help: Add the event that takes away, such as `remove: '"Contact deleted"'`.

    error[E103]: a meter of this kind needs `value`
     --> firsthand.yaml:4:10
      |
    4 |   size: {kind: sum, key: id, add: any}
      |          ^^^^
      |
      = help: Name the property of the events, such as `value: amount` or `key: contact_id`.

    error[E104]: `key` has no place in a meter of one value
     --> firsthand.yaml:4:21
      |
    4 |   size: {kind: sum, key: id, add: any}
      |                     ^^^
      |
      = help: Remove it, or choose another `kind`.
    "#);
}

#[test]
fn a_wrong_value_is_told_what_was_expected() {
    let text = "\
zone: Berlin
week_starts: Mon
currency: dollars
identity: {company_domains: yes, own_domains: ['@acme.com'], membership_reach: 3 months}
plans:
  free: {price: [1], limits: {seats: many}, trial: soon}
meters: [seats]
";
    insta::assert_snapshot!(mistakes(text), @r"
    error[E104]: unknown time zone `Berlin`
     --> firsthand.yaml:1:7
      |
    1 | zone: Berlin
      |       ^^^^^^
      |
      = help: Write a name such as `Europe/Berlin`, or `UTC`.

    error[E104]: `week_starts` cannot be `Mon`
     --> firsthand.yaml:2:14
      |
    2 | week_starts: Mon
      |              ^^^
      |
      = help: Write `monday`, `tuesday`, `wednesday`, `thursday`, `friday`, `saturday` or `sunday`.

    error[E104]: `currency` takes a currency, not `dollars`
     --> firsthand.yaml:3:11
      |
    3 | currency: dollars
      |           ^^^^^^^
      |
      = help: Write three capital letters such as `USD`.

    error[E104]: `company_domains` takes `true` or `false`, not `yes`
     --> firsthand.yaml:4:29
      |
    4 | identity: {company_domains: yes, own_domains: ['@acme.com'], membership_reach: 3 months}
      |                             ^^^
      |
      = help: Write `true` or `false`.

    error[E104]: `own_domains` takes a domain, not `@acme.com`
     --> firsthand.yaml:4:48
      |
    4 | identity: {company_domains: yes, own_domains: ['@acme.com'], membership_reach: 3 months}
      |                                                ^^^^^^^^^^^
      |
      = help: Write only the domain, such as `acme.com`.

    error[E104]: `membership_reach` takes a duration, not `3 months`
     --> firsthand.yaml:4:80
      |
    4 | identity: {company_domains: yes, own_domains: ['@acme.com'], membership_reach: 3 months}
      |                                                                                ^^^^^^^^
      |
      = help: Write a number and `s`, `min`, `h`, `d` or `w`, such as `14d`; for months count the days.

    error[E104]: `price` takes an amount of money, not a list
     --> firsthand.yaml:6:18
      |
    6 |   free: {price: [1], limits: {seats: many}, trial: soon}
      |                  ^
      |
      = help: Write an amount such as `49`, `49 USD` or `$49`.

    error[E301]: unknown meter `seats`
     --> firsthand.yaml:6:31
      |
    6 |   free: {price: [1], limits: {seats: many}, trial: soon}
      |                               ^^^^^
      |
      = help: Define it under `meters`, or remove it here.

    error[E104]: `seats` takes a number, an amount of bytes or `unlimited`, not `many`
     --> firsthand.yaml:6:38
      |
    6 |   free: {price: [1], limits: {seats: many}, trial: soon}
      |                                      ^^^^
      |
      = help: Write an amount such as `10,000`, `5 GB` or `unlimited`.

    error[E104]: `trial` takes a duration, not `soon`
     --> firsthand.yaml:6:52
      |
    6 |   free: {price: [1], limits: {seats: many}, trial: soon}
      |                                                    ^^^^
      |
      = help: Write a number and `s`, `min`, `h`, `d` or `w`, such as `14d`; for months count the days.

    error[E104]: `meters` takes names, each with its value, not a list
     --> firsthand.yaml:7:10
      |
    7 | meters: [seats]
      |          ^^^^^
      |
      = help: Write names below it, each with the keys of a meter.
    ");
}

#[test]
fn a_price_in_another_currency_is_refused() {
    let text = "currency: USD\nplans:\n  pro: {price: 49 EUR}\n";
    insta::assert_snapshot!(mistakes(text), @r"
    error[E304]: a price in `EUR`, but the project counts in `USD`
     --> firsthand.yaml:3:16
      |
    3 |   pro: {price: 49 EUR}
      |                ^^^^^^
      |
      = help: Convert it to USD, or change `currency` in the settings.
    ");
}

#[test]
fn a_number_that_yaml_cuts_in_two_is_refused() {
    let text = "plans:\n  free: {limits: {contacts: 10,000, seats: 3}}\n";
    insta::assert_snapshot!(mistakes(text), @r#"
    error[E104]: a number cut in two: between brackets a comma begins the next value
     --> firsthand.yaml:2:32
      |
    2 |   free: {limits: {contacts: 10,000, seats: 3}}
      |                                ^^^
      |
      = help: Write it without the comma or in quotes: `10000` or `"10,000"`; put a blank behind a comma that is meant.
    "#);
}

#[test]
fn a_tab_in_the_indentation_is_named() {
    let text = "plans:\n\tfree:\n\t\tprice: 0\n";
    insta::assert_snapshot!(mistakes(text), @r"
    error[E101]: a tab in the indentation
     --> firsthand.yaml:2:1
      |
    2 |     free:
      | ^^^^
      |
      = help: Indent with spaces; YAML does not take tabs there.
    ");
}

#[test]
fn quotes_that_yaml_takes_for_its_own_are_explained() {
    let text = "definition: a\nwhen: \"Report exported\" where format = 1\n";
    insta::assert_snapshot!(mistakes(text), @r#"
    error[E101]: text behind the closing quote
     --> firsthand.yaml:2:25
      |
    2 | when: "Report exported" where format = 1
      |                         ^
      |
      = help: Put the whole value in single quotes, or write it as a block after `|`: YAML takes quotes at the beginning of a value for its own.
    "#);
    let text = "definition: a\nwhen: days(core) >= 1\nunless: @staff\n";
    insta::assert_snapshot!(mistakes(text), @r"
    error[E101]: a value cannot begin with `@`
     --> firsthand.yaml:3:9
      |
    3 | unless: @staff
      |         ^
      |
      = help: Put the whole value in quotes.
    ");
    let text = "definition: a\ntitle: Growth: fast\nwhen: true\n";
    insta::assert_snapshot!(mistakes(text), @r"
    error[E101]: a `:` where no key can stand
     --> firsthand.yaml:2:14
      |
    2 | title: Growth: fast
      |              ^
      |
      = help: Put a value that contains `: ` in quotes, or check the indentation.
    ");
}

#[test]
fn an_event_that_lost_its_quotes_to_yaml_is_given_them_back() {
    let text =
        "meters:\n  a: {kind: count, add: \"Contact created\"}\noutcomes:\n  b: {on: Signed up}\n";
    insta::assert_snapshot!(mistakes(text), @r#"
    error[E104]: `Contact created` is not in double quotes of its own
     --> firsthand.yaml:2:25
      |
    2 |   a: {kind: count, add: "Contact created"}
      |                         ^^^^^^^^^^^^^^^^^
      |
      = help: Write it as `'"Contact created"'`: the outer quotes are for YAML, the inner ones make it an event.

    error[E104]: `Signed up` is not in double quotes of its own
     --> firsthand.yaml:4:11
      |
    4 |   b: {on: Signed up}
      |           ^^^^^^^^^
      |
      = help: Write it as `'"Signed up"'`: the outer quotes are for YAML, the inner ones make it an event.
    "#);
    clean("outcomes:\n  a: {on: core}\n  b: {on: any marketing}\n  c: {on: becomes (true)}\n");
    clean(
        "outcomes:\n  a: {on: core where size > 3 and Plan = 1}\n  b: {on: every 7d while (true)}\n",
    );
}

#[test]
fn anchors_aliases_and_tags_are_refused() {
    let text = "constants:\n  a: &a 5\n  b: *a\n  c: !secret x\n";
    insta::assert_snapshot!(mistakes(text), @r"
    error[E104]: anchors and aliases (`&name`, `*name`) are not taken
     --> firsthand.yaml:2:6
      |
    2 |   a: &a 5
      |      ^^^^
      |
      = help: Write the value out, or name it under `constants` and read it as `@name`.

    error[E104]: anchors and aliases (`&name`, `*name`) are not taken
     --> firsthand.yaml:3:6
      |
    3 |   b: *a
      |      ^^
      |
      = help: Write the value out, or name it under `constants` and read it as `@name`.

    error[E104]: tags (`!name`) are not taken
     --> firsthand.yaml:4:6
      |
    4 |   c: !secret x
      |      ^^^^^^^^^
      |
      = help: Put a text that begins with `!` in quotes.
    ");
}

#[test]
fn plans_and_meters_that_nobody_defined_are_refused() {
    let text = "\
plans:
  free: {next: prro, limits: {contact: 5}}
  Pro: {next: FREE}
meters:
  contacts: {kind: count, add: any}
";
    insta::assert_snapshot!(mistakes(text), @r"
    error[E301]: unknown plan `prro`
     --> firsthand.yaml:2:16
      |
    2 |   free: {next: prro, limits: {contact: 5}}
      |                ^^^^
      |
      = help: Did you mean `Pro`?

    error[E301]: unknown meter `contact`
     --> firsthand.yaml:2:31
      |
    2 |   free: {next: prro, limits: {contact: 5}}
      |                               ^^^^^^^
      |
      = help: Did you mean `contacts`?
    ");
}

#[test]
fn names_that_the_language_cannot_read_are_refused_with_one_that_it_can() {
    let text = "events: {groups: {any: x}}\n---\ndefinition: Outgrowing (Free)\nwhen: true\n";
    insta::assert_snapshot!(mistakes(text), @r"
    error[E104]: `any` cannot be the name of an event group
     --> firsthand.yaml:1:19
      |
    1 | events: {groups: {any: x}}
      |                   ^^^
      |
      = help: The language has a meaning for this word; choose another name.

    error[E104]: `Outgrowing (Free)` cannot be the name of a definition
     --> firsthand.yaml:3:13
      |
    3 | definition: Outgrowing (Free)
      |             ^^^^^^^^^^^^^^^^^
      |
      = help: Write it as `outgrowing-free`: small letters, digits, `-` and `_`.
    ");
}

#[test]
fn a_rule_of_a_score_has_one_trigger_and_what_goes_with_it() {
    let text = "\
score: usage
cap: 5
floor: 10
groups: {fit: {}}
rules:
  - each: any
    while: true
    points: 5
  - while: true
    at_most: twice
    points: 1
    group: fitt
  - on: any
  - fades: 5 per fortnight
    each: any
    points: 1
";
    insta::assert_snapshot!(mistakes(text), @r"
    error[E104]: a `cap` below the `floor`
     --> firsthand.yaml:1:1
      |
    1 | score: usage
      | ^^^^^
      |
      = help: Exchange them: `floor` is the least, `cap` the most.

    error[E104]: `while` has no place beside `each`
     --> firsthand.yaml:7:5
      |
    7 |     while: true
      |     ^^^^^
      |
      = help: Make two rules of it.

    error[E104]: `at_most` has no place in a rule with `while`
      --> firsthand.yaml:10:5
       |
    10 |     at_most: twice
       |     ^^^^^^^
       |
       = help: Remove it; `if`, `at_most` and `fades` go with `each`, `set` with `on`.

    error[E301]: unknown part `fitt` of this score
      --> firsthand.yaml:12:12
       |
    12 |     group: fitt
       |            ^^^^
       |
       = help: Did you mean `fit`?

    error[E103]: a rule with `on` needs `set`
      --> firsthand.yaml:13:5
       |
    13 |   - on: any
       |     ^^
       |
       = help: Add `set:` with a number or a value in the language.

    error[E104]: `fades` takes a fade, not `5 per fortnight`
      --> firsthand.yaml:14:12
       |
    14 |   - fades: 5 per fortnight
       |            ^^^^^^^^^^^^^^^
       |
       = help: Write `half life 14d`, `linear 90d`, `5 per week` or `50% per month`, each with ` while idle` if you like, or `never`; spans are whole days.
    ");
}

#[test]
fn a_story_needs_facts_and_something_to_expect() {
    let text = "\
definition: a
when: true
expect:
  - story: nothing
  - {story: late, facts: x, enters: tomorrow}
  - {story: lost, events: stories/none.csv, leaves: never}
  - {story: out, events: ../secret.csv, leaves: never}
";
    insta::assert_snapshot!(mistakes(text), @r"
    error[E103]: a story needs `facts` or `events`
     --> firsthand.yaml:4:5
      |
    4 |   - story: nothing
      |     ^^^^^
      |
      = help: Add `facts:` with a line for each fact, or `events:` with a file.

    error[E103]: a story that expects nothing
     --> firsthand.yaml:4:5
      |
    4 |   - story: nothing
      |     ^^^^^
      |
      = help: Add `enters:` or `leaves:` with an instant or `never`, or a `timeline:`.

    error[E104]: `enters` takes an instant, a date or `never`, not `tomorrow`
     --> firsthand.yaml:5:37
      |
    5 |   - {story: late, facts: x, enters: tomorrow}
      |                                     ^^^^^^^^
      |
      = help: Write `2026-03-08`, `2026-03-08T09:00:00Z` or `never`.

    error[E106]: cannot read `stories/none.csv`: there is no such file
     --> firsthand.yaml:6:27
      |
    6 |   - {story: lost, events: stories/none.csv, leaves: never}
      |                           ^^^^^^^^^^^^^^^^
      |
      = help: Paths are counted from the folder of `firsthand.yaml`.

    error[E104]: `events` takes a file inside the project folder, not `../secret.csv`
     --> firsthand.yaml:7:26
      |
    7 |   - {story: out, events: ../secret.csv, leaves: never}
      |                          ^^^^^^^^^^^^^
      |
      = help: Write a path such as `lists/vip.txt`, without `..`.
    ");
}

#[test]
fn a_bad_line_of_a_list_is_told_in_its_own_file() {
    let text = "\
constants:
  vip: {file: vip.txt}
=== vip.txt
acme.com
rival.com, 2026-02-30
";
    insta::assert_snapshot!(mistakes(text), @r"
    error[E104]: a date that cannot be read
     --> vip.txt:2:1
      |
    2 | rival.com, 2026-02-30
      | ^^^^^^^^^^^^^^^^^^^^^
      |
      = help: Write `value`, `value, from` or `value, from, to` with dates such as `2026-03-08`; put a value that contains a comma in double quotes.
    ");
}

#[test]
fn settings_in_the_wrong_document_are_sent_to_the_right_one() {
    let text = "project: a\n---\nzone: UTC\n---\n- 5\n---\nfoo: 1\n";
    insta::assert_snapshot!(mistakes(text), @r"
    error[E103]: settings outside the first document of `firsthand.yaml`
     --> firsthand.yaml:3:1
      |
    3 | zone: UTC
      | ^^^^
      |
      = help: Move these keys there; further documents define one thing each.

    error[E103]: a document takes keys, not a list
     --> firsthand.yaml:5:3
      |
    5 | - 5
      |   ^
      |
      = help: Begin it with one of `definition`, `meter`, `grade`, `outcome`, `score` and a name.

    error[E103]: a document that does not say what it defines
     --> firsthand.yaml:7:1
      |
    7 | foo: 1
      | ^^^
      |
      = help: Begin it with one of `definition`, `meter`, `grade`, `outcome`, `score` and a name.
    ");
}

#[test]
fn a_problem_inside_a_folded_text_points_at_the_word_in_its_line() {
    let project = clean("definition: a\nwhen: >\n  days(core) >= 3\n  and cuont(core) >= 5\n");
    let when = &project.definitions["a"].when;
    let at = when.text.find("cuont").unwrap();
    let problem = Problem::error(codes::UNKNOWN_WORD, at..at + 5, "unknown word `cuont`");
    let found = [when.locate(problem.with_help("Did you mean `count`?"))];
    insta::assert_snapshot!(render(&found, Style::default()), @r"
    error[E202]: unknown word `cuont`
     --> firsthand.yaml:4:7
      |
    4 |   and cuont(core) >= 5
      |       ^^^^^
      |
      = help: Did you mean `count`?
    ");
    insta::assert_snapshot!(to_json(&found).to_string(), @r#"[{"code":"E202","severity":"error","message":"unknown word `cuont`","help":"Did you mean `count`?","file":"firsthand.yaml","line":4,"column":7,"end_line":4,"end_column":12}]"#);
}

#[test]
fn a_source_says_who_sends_and_its_secrets_never_print() {
    let project = clean(
        "sources:\n  web:\n    key: [env:WEB, s3cret]\n    accepts: [segment, posthog]\n    clock: theirs\n    \
         skew_max: 2h\n    drop: \"$auto*\"\n  pay:\n    stripe: {secret: env:PAY, account: metadata.org}\n",
    );
    let web = &project.sources["web"];
    assert_eq!(web.accepts, [Protocol::Segment, Protocol::PostHog]);
    assert_eq!((web.clock, web.skew_max.0), (Clock::Theirs, 7_200_000_000));
    assert_eq!(web.keys[0].variable(), Some("WEB"));
    assert!(!format!("{web:?}").contains("s3cret"));
    let pay = project.sources["pay"].stripe.as_ref().unwrap();
    assert_eq!(pay.account, StripeAccount::Metadata("org".into()));
}

#[test]
fn what_is_wrong_with_a_source_is_said_with_what_to_do() {
    let text = "sources:\n  Web:\n    accepts: [segmnt]\n  a:\n    key: k1\n  b:\n    key: k1\n  c:\n    \
                stripe: {secret: x, account: mail, plan_after: fre}\nplans:\n  free: {}\n";
    insta::assert_snapshot!(mistakes(text), @r"
    error[E104]: `Web` cannot be the name of a source
     --> firsthand.yaml:2:3
      |
    2 |   Web:
      |   ^^^
      |
      = help: Write it as `web`: small letters, digits, `-` and `_`.

    error[E103]: nothing says which calls come from this source
     --> firsthand.yaml:3:5
      |
    3 |     accepts: [segmnt]
      |     ^^^^^^^
      |
      = help: Add `key: env:NAME` with the write key in that environment variable, or `stripe:`, or `snowplow:` with an `app_id`.

    error[E104]: `accepts` cannot be `segmnt`
     --> firsthand.yaml:3:15
      |
    3 |     accepts: [segmnt]
      |               ^^^^^^
      |
      = help: Write `segment`, `posthog`, `snowplow`, `cloudevents` or `facts`.

    error[E105]: `b` has the key of `a`
     --> firsthand.yaml:7:5
      |
    7 |     key: k1
      |     ^^^
      |
      = help: Give each source a key of its own.

    error[E104]: `account` cannot be `mail`
     --> firsthand.yaml:9:34
      |
    9 |     stripe: {secret: x, account: mail, plan_after: fre}
      |                                  ^^^^
      |
      = help: Write `metadata.KEY`, `client_reference_id`, `email` or `customer`.

    error[E301]: unknown plan `fre`
     --> firsthand.yaml:9:52
      |
    9 |     stripe: {secret: x, account: mail, plan_after: fre}
      |                                                    ^^^
      |
      = help: Did you mean `free`?
    ");
}

/// Settings with everything that has to do with acting on leads.
const ACTING: &str = r##"
zone: Europe/Berlin
url: https://firsthand.acme.example/
meters:
  contacts: {kind: count, add: '"Contact created"'}
definitions:
  near: {track: product, when: "true"}
  small: {when: account.employees < 50}
  admins: {subject: person, when: 'person.role = "admin"'}
channels:
  product: {in_app: }
  mail: {email: {smtp: env:SMTP, from: Acme <a@acme.example>}, at_most: 10 per second}
  sales: {slack: {token: env:SLACK, channel: "#leads"}, enabled: false}
  hooks: {webhook: {url: env:HOOK, secret: [env:NEW, env:OLD], events: lead.won}}
  crm:
    hubspot:
      token: env:HS
      read_every: 15min
      properties: {score__c: score, used: usage.contacts}
      contacts:
        user: app_id
        traits: {jobtitle: job}
        new: true
        members: all
        properties: {champ: champion, role: person.role, left: limit.contacts}
messages:
  short: {title: Hello, in: {zh-Hans: {title: 你好}}}
  long: {title: Hello there, body: How are you?, button: Go, link: https://acme.example}
leads:
  answer_within: 4h
  tracks: {marketing: {expires: 60d}}
  holidays: 2026-12-24 to 2026-12-26
  segments: [{segment: small, tracks: product}]
  owners: {ana: {email: ana@acme.example, territory: {country: DE}, away: 2026-08-01}}
  assign: [crm owner, ana]
  fallback: ana
contact: {person: 2 per week, quiet_hours: 20:00 to 08:00}
plays:
  grow:
    track: product
    definitions: near
    segment: small
    holdout: 12.5%
    at_most: 1 per quarter
    steps:
      - by: product
        variants: {short: 50%, long: 50%}
      - {wait: 2d, unless: [seen, small], by: mail, to: admins, message: long}
      - {wait: 1d, if: not clicked, by: sales, to: owner}
"##;

#[test]
fn channels_leads_and_plays_are_read() {
    let project = clean(ACTING);
    assert_eq!(project.url.as_deref(), Some("https://firsthand.acme.example"));
    assert!(matches!(project.channels["product"].kind, ChannelKind::InApp(_)));
    assert!(!project.channels["sales"].enabled);
    assert_eq!(project.channels["mail"].per_minute, Some(600));
    let ChannelKind::Webhook(hooks) = &project.channels["hooks"].kind else { panic!() };
    assert_eq!(hooks.secrets.len(), 2);
    assert!(hooks.hears("lead.won") && !hooks.hears("lead.opened"));
    let ChannelKind::HubSpot(crm) = &project.channels["crm"].kind else { panic!() };
    assert_eq!(crm.properties["used"], CrmField::Usage("contacts".into()));
    let contacts = crm.contacts.as_ref().unwrap();
    assert_eq!((contacts.user.as_deref(), contacts.make_people), (Some("app_id"), true));
    assert_eq!((contacts.members, &*contacts.traits["jobtitle"]), (Members::All, "job"));
    assert_eq!(contacts.properties["champ"], PersonField::Champion);
    assert_eq!(contacts.properties["role"], PersonField::Trait("role".into()));
    let limit = PersonField::OfAccount(CrmField::Limit("contacts".into()));
    assert_eq!(contacts.properties["left"], limit);

    let leads = &project.leads;
    assert_eq!(leads.marketing.answer_within, Span::HOUR.times(4), "as for all leads");
    assert_eq!(leads.marketing.expires, Span::DAY.times(60));
    assert!(!leads.uses(Track::Marketing, |segment| segment == "small"));
    assert!(leads.uses(Track::Marketing, |_| false));
    assert_eq!(leads.assign, [OwnerRule::CrmOwner, OwnerRule::Named("ana".into())]);
    assert_eq!(leads.work.calendar.zone_name(), "Europe/Berlin");

    let play = &project.plays["grow"];
    assert_eq!(play.holdout, Share(125));
    assert_eq!(play.steps[0].to, Receiver::MostActive(1));
    assert_eq!(play.steps[0].variants.len(), 2);
    assert_eq!(play.steps[1].to, Receiver::Segment("admins".into()));
    assert_eq!(play.steps[2].only_if, [Condition { what: What::Clicked, is: false }]);
    assert_eq!(project.messages["short"].languages.len(), 1);
    assert_eq!(project.contact.person, [Rate { count: 2, span: Span::WEEK }]);
}

#[test]
fn mistakes_in_plays_are_told_with_what_was_meant() {
    let wrong = |was: &str, is: &str| {
        assert!(ACTING.contains(was), "{was}");
        mistakes(&ACTING.replacen(was, is, 1))
    };
    for (was, is, says) in [
        ("by: mail", "by: mial", "Did you mean `mail`?"),
        ("if: not clicked", "if: not cliked", "Did you mean `clicked`?"),
        ("to: admins", "to: small", "`small` judges accounts, and one on persons is wanted here"),
        ("segment: small\n", "segment: admins\n", "`admins` judges persons"),
        ("fallback: ana", "fallback: anna", "Did you mean `ana`?"),
        ("long: 50%", "long: 40%", "the shares of the variants come to 90%, not to 100%"),
        ("message: long", "message: longer", "unknown message `longer`"),
        ("used: usage.contacts", "used: usage.contact", "Did you mean `contacts`?"),
        ("left: limit.contacts", "left: limit.contact", "Did you mean `contacts`?"),
        ("champ: champion", "champ: champ", "`champ` is nothing that can be written"),
        ("members: all", "members: some", "Write `new` or `all`"),
        ("      read_every: 15min\n", "", "`members` does nothing: contacts are not read"),
        ("product: {in_app: }", "product: {enabled: true}", "does not say what it is"),
        ("holdout: 12.5%", "holdout: 12.5", "`holdout` takes a share"),
        ("2 per week", "2 a week", "takes so many per time"),
        ("a@acme.example", "acme", "is not an e-mail address"),
        ("url: https://f", "url: f", "is no address of a server"),
        ("zh-Hans: ", "Chinese!: ", "is not a language"),
        (
            "long: {title: Hello there, body: How are you?, button: Go,",
            "long: {title: a,",
            "a button needs",
        ),
    ] {
        let said = wrong(was, is);
        assert!(said.contains(says), "{is}: {said}");
    }
}
