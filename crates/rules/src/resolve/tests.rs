//! The rules and traps of identity, as tables that a salesperson can review.
//!
//! A line is a fact: the day in January 2026 (`5`, with an hour `5.14`, and `5@9` if it only
//! became known on the 9th, `5@-` if nothing says when), whom it names (`ann on phone at acme`;
//! `-` where there is no user id), and what it says. Behind `=>` stands to whom it belongs.

use firsthand_model::config::IdentityRules;
use firsthand_model::fact::{Body, Kind, RowBody, Who};
use firsthand_model::{Fact, Json, Scalar, Span, Text, Time};

use super::{Addressee, Attribution, Excluded, RawId, Refused, Resolver};

fn rules() -> IdentityRules {
    IdentityRules {
        own_domains: vec!["firsthand.example".into()],
        excluded_domains: vec!["agency.example".into()],
        company_domains: true,
        ..IdentityRules::default()
    }
}

/// Reads one line of a table, without its expectation.
pub(super) fn fact(line: &str) -> Fact {
    let mut words = line.split_whitespace().peekable();
    let (time, known_at) = instant(words.next().expect("a day"));
    let text = |word: &str| Some(Text::from(word)).filter(|it| it != "-");
    let user = words.next().and_then(text);
    let anonymous = words.next_if_eq(&"on").and_then(|_| words.next()).and_then(text);
    let account = words.next_if_eq(&"at").and_then(|_| words.next()).and_then(text);
    let verb = words.next().expect("a verb");
    let rest: Vec<&str> = words.collect();
    let object = || Text::from(rest.join(" "));
    let json = |name: &str| Json::parse(format!(r#"{{"{name}":"{}"}}"#, object())).unwrap();
    let body = match verb {
        "clicks" => Body::Event { name: "Clicked".into(), properties: json("on") },
        "bills" => Body::Record { name: "Bill".into(), properties: json("sum") },
        "writes-as" => Body::Traits { of: Kind::Person, traits: json("email") },
        "is-called" => Body::Traits { of: Kind::Person, traits: json("name") },
        "has-plan" => Body::Traits { of: Kind::Account, traits: json("plan") },
        "joins" => Body::Membership { joined: true, role: rest.first().map(|it| (*it).into()) },
        "leaves" => Body::Membership { joined: false, role: None },
        "links" => Body::Link,
        "is-also" => Body::Alias { other: object() },
        "is-not" => Body::Split { other: object() },
        other => panic!("no such verb: {other}"),
    };
    let who = Who { user, anonymous, account };
    Fact { id: line.into(), source: "test".into(), time, known_at, who, body }
}

fn instant(text: &str) -> (Time, Option<Time>) {
    let new_year: Time = "2026-01-01T00:00:00Z".parse().unwrap();
    let day = |text: &str| {
        let (day, hour) = text.split_once('.').unwrap_or((text, "0"));
        let (day, hour): (i64, i64) = (day.parse().unwrap(), hour.parse().unwrap());
        new_year + Span(Span::DAY.0 * (day - 1) + Span::HOUR.0 * hour)
    };
    match text.split_once('@') {
        Some((time, "-")) => (day(time), None),
        Some((time, known)) => (day(time), Some(day(known))),
        None => (day(text), Some(day(text))),
    }
}

fn show(fact: &Fact, it: &Attribution) -> String {
    match it.excluded {
        Some(Excluded::Nobody) => return "nobody".into(),
        Some(Excluded::OwnStaff) => return "own staff".into(),
        None => {}
    }
    let person = it.person.as_deref().unwrap_or("-");
    let homes: Vec<String> = it
        .accounts
        .iter()
        .map(|home| {
            let copy = if home.copy { " (copy)" } else { "" };
            let known = match home.known_at {
                known if known == fact.known_at => String::new(),
                None => " known -".into(),
                Some(at) => format!(" known {}", 1 + (at - instant("1").0).0 / Span::DAY.0),
            };
            format!("{}{copy}{known}", home.account)
        })
        .collect();
    format!("{person} in {}", homes.join(", "))
}

/// Learns all facts of the table and holds each attribution against what it says, in the
/// table's order and backwards.
fn check_with(rules: &IdentityRules, table: &str) {
    let lines = || {
        let lines = table.lines().map(|it| it.split("//").next().unwrap_or("").trim());
        lines.filter(|it| !it.is_empty()).map(|it| it.split_once("=>").unwrap_or((it, "")))
    };
    let facts: Vec<Fact> = lines().map(|it| fact(it.0)).collect();
    let expected: Vec<String> = lines().map(|it| format!("{}=>{}", it.0, it.1)).collect();

    let forwards: Vec<&Fact> = facts.iter().collect();
    let backwards: Vec<&Fact> = facts.iter().rev().collect();
    for order in [forwards, backwards] {
        let mut resolver = Resolver::new(rules);
        for fact in order {
            // What is refused shows in the attribution.
            let _ = resolver.learn(fact);
        }
        let got: Vec<String> = std::iter::zip(lines(), &facts)
            .map(|((line, expected), fact)| match expected {
                "" => format!("{line}=>"),
                _ => format!("{line}=> {}", show(fact, &resolver.attribute(fact))),
            })
            .collect();
        assert_eq!(got.join("\n"), expected.join("\n"));
    }
}

fn check(table: &str) {
    check_with(&rules(), table);
}

pub(super) fn learnt(lines: &[&str]) -> Resolver {
    let mut resolver = Resolver::new(&rules());
    for line in lines {
        let _ = resolver.learn(&fact(line));
    }
    resolver
}

fn texts(texts: &[&str]) -> Vec<Text> {
    texts.iter().map(|it| Text::from(*it)).collect()
}

// Persons.

#[test]
fn an_anonymous_id_belongs_to_whom_it_was_linked_last_and_before_that_to_the_first() {
    check(
        "
        1  -   on phone  clicks  => ann in own:ann known 3  // Before the first link: hers too.
        3  ann on phone  links
        4  -   on phone  clicks  => ann in own:ann
        5  bob on phone  links                              // The phone changes hands.
        6  -   on phone  clicks  => bob in own:bob
        7  ann on phone  clicks  => ann in own:ann          // The user id beats the phone ...
        8  -   on phone  clicks  => ann in own:ann          // ... and ties it to her again.
        8  -   on tablet clicks  => anon:tablet in own:anon:tablet
        ",
    );
}

#[test]
fn hands_that_change_within_a_day_are_kept_apart() {
    check(
        "
        3.09  ann on phone  links
        3.10  bob on phone  links
        3.11  ann on phone  links
        3.12  -   on phone  clicks  => ann in own:ann
        3.10  -   on phone  clicks  => bob in own:bob
        ",
    );
}

#[test]
fn of_two_links_of_one_instant_the_greater_user_counts() {
    check(
        "
        3  ann on phone  links
        3  bob on phone  links
        4  -   on phone  clicks  => bob in own:bob
        ",
    );
}

#[test]
fn an_alias_unites_and_the_least_id_names_the_person() {
    check(
        "
        1  zoe  clicks       => ann in own:ann known 4
        1  ann  clicks       => ann in own:ann
        2  mia  is-also zoe
        4  zoe  is-also ann
        5  ann  is-also mia                             // A cycle is harmless.
        5  mia  clicks       => ann in own:ann
        ",
    );
}

#[test]
fn an_alias_may_name_an_anonymous_id() {
    check(
        "
        1  -   on phone  clicks   => ann in own:ann known 2
        2  ann is-also phone
        ",
    );
}

#[test]
fn a_split_undoes_and_the_later_word_wins() {
    check(
        "
        1  zoe  is-also ann
        2  zoe  is-not ann
        3  zoe  clicks        => zoe in own:zoe
        1  bob  is-not cyd
        2  bob  is-also cyd
        3  cyd  clicks        => bob in own:bob
        1  dan  is-also eve
        1  eve  is-not dan                         // At the same time the split.
        3  eve  clicks        => eve in own:eve
        1  fay  is-also gus
        2  fay  is-not gus
        4  fay  is-also gus
        3  gus  clicks        => fay in own:fay known 4
        ",
    );
}

#[test]
fn a_split_leaves_the_other_ids_united() {
    check(
        "
        1  ann  is-also bob
        2  bob  is-also cyd
        3  ann  is-not bob
        4  ann  clicks        => ann in own:ann
        4  cyd  clicks        => bob in own:bob
        ",
    );
}

// Junk, and ids of too many.

#[test]
fn an_id_that_names_nobody_unites_nobody() {
    check(
        "
        1  undefined on phone   links
        1  undefined on tablet  links
        2  - on phone           clicks  => anon:phone in own:anon:phone
        2  \"NULL\" on tablet   clicks  => anon:tablet in own:anon:tablet
        3  ann                  is-also undefined
        3  bob                  is-also undefined
        4  bob                  clicks  => bob in own:bob
        5  guest                clicks  => nobody
        5  ann at null          clicks  => ann in own:ann
        6  ann at undefined     joins   => nobody
        ",
    );
}

#[test]
fn an_id_of_the_built_in_list_can_be_a_real_one() {
    let real = |real: &[&str], junk: &[&str]| IdentityRules {
        real_ids: real.iter().map(|it| (*it).into()).collect(),
        junk_ids: junk.iter().map(|it| (*it).into()).collect(),
        ..rules()
    };
    check_with(
        &real(&["0", "Guest", ""], &[]),
        "
        1  0 at guest  clicks  => 0 in guest
        1  00          clicks  => nobody
        1  null        clicks  => nobody
        ",
    );
    // What a project calls junk is junk.
    check_with(&real(&["0", "nil"], &["0", "nil"]), "1  0 at nil  clicks  => nobody");
}

#[test]
fn what_an_id_does_not_do_is_said_with_where_the_fact_belongs() {
    let mut resolver = Resolver::new(&IdentityRules { ids_per_person_max: 1, ..rules() });
    let links = ["1 ann on phone links", "2 ann on tablet links"].map(fact);
    for link in &links {
        _ = resolver.learn(link);
    }
    let refused = |it: &Fact| resolver.attribute(it).refused;
    assert_eq!(refused(&links[0]), None);
    assert_eq!(refused(&links[1]), Some(Refused::TooManyIds { user: "ann".into() }));
    let at_null = resolver.attribute(&fact("3 ann at null clicks"));
    assert_eq!(at_null.refused, Some(Refused::JunkId { id: "null".into() }));
    assert_eq!(at_null.accounts[0].account, "own:ann");
    assert_eq!(refused(&fact("3 ann joins")), Some(Refused::Missing { what: "account" }));
    assert_eq!(refused(&fact("3 ann at acme clicks")), None);
}

#[test]
fn a_refusal_says_why_and_what_to_do() {
    let mut resolver = Resolver::new(&IdentityRules { ids_per_person_max: 1, ..rules() });
    let mut refuse = |line: &str| resolver.learn(&fact(line)).unwrap_err();
    assert_eq!(refuse("1 Undefined on phone links").to_string(), "id `Undefined` names nobody");
    assert_eq!(refuse("1 - on phone links").to_string(), "no user id given");
    assert_eq!(refuse("1 ann links"), Refused::Missing { what: "anonymous id" });
    assert_eq!(refuse("1 ann joins").to_string(), "no account given");
    assert_eq!(refuse("1 ann is-also NaN").code(), "junk_id");

    resolver.learn(&fact("1 ann on phone links")).unwrap();
    let refused = resolver.learn(&fact("2 ann on tablet links")).unwrap_err();
    assert_eq!(refused.to_string(), "user `ann` has too many anonymous ids");
    assert!(refused.help().contains("identity.ids_per_person_max"));
}

#[test]
fn a_person_has_only_so_many_ids_and_the_earliest_count() {
    let rules = IdentityRules { ids_per_person_max: 2, ..rules() };
    check_with(
        &rules,
        "
        1  ann on phone   links
        2  ann on tablet  links
        3  ann on laptop  links                            // One too many.
        4  -   on tablet  clicks  => ann in own:ann
        4  -   on laptop  clicks  => anon:laptop in own:anon:laptop
        2  cyd            is-also dan
        3  bob            is-also cyd                      // One too many.
        5  dan            clicks  => cyd in own:cyd
        5  bob            clicks  => bob in own:bob
        ",
    );
}

// Accounts.

#[test]
fn the_account_that_a_fact_names_goes_before_all() {
    check(
        "
        1  ann at acme  joins
        2  ann at beta  clicks    => ann in beta
        2  -   at beta  bills 9   => - in beta
        2  ann          bills 9   => ann in acme
        3  ann          clicks    => ann in acme
        3  ann          has-plan pro  => ann in acme
        ",
    );
}

#[test]
fn the_membership_in_force_decides_and_of_several_the_latest_joined() {
    check(
        "
        1   ann at acme  joins admin  => ann in acme
        2   ann          clicks  => ann in acme
        3   ann at beta  joins
        4   ann          clicks  => ann in beta
        5   ann at acme  joins                      // Said again, not joined again.
        6   ann          clicks  => ann in beta
        7   ann at beta  leaves  => ann in beta
        8   ann          clicks  => ann in acme
        9   ann at acme  leaves
        10  ann          clicks  => ann in own:ann
        ",
    );
}

#[test]
fn the_first_account_joined_soon_after_takes_what_was_before() {
    check(
        "
        1    ann          clicks  => ann in own:ann        // More than 90 days before.
        20   ann          clicks  => ann in acme known 100
        100  ann at acme  joins
        110  ann at beta  joins
        ",
    );
}

#[test]
fn an_event_that_names_an_account_shows_membership_from_then_on() {
    check(
        "
        1  ann           clicks  => ann in acme known 2
        2  ann at acme   clicks  => ann in acme
        3  ann           clicks  => ann in acme
        4  ann at beta   clicks  => ann in beta
        5  ann           clicks  => ann in acme     // She was in acme already.
        6  ann at beta   joins                      // Said goes before shown.
        7  ann           clicks  => ann in beta
        8  bob at acme   clicks
        9  bob at acme   leaves
        10 bob           clicks  => bob in own:bob
        1  rep at acme   bills 5                    // A record shows nothing about who made it.
        2  rep           clicks  => rep in own:rep
        ",
    );
}

#[test]
fn all_ids_of_a_person_share_its_accounts() {
    check(
        "
        1  ann at acme           joins
        2  zoe                   is-also ann
        3  zoe                   clicks  => ann in acme
        4  - on phone at beta    clicks  => bob in beta known 6
        5  - on phone            clicks  => bob in beta known 6
        6  bob on phone          links
        7  bob                   clicks  => bob in beta
        ",
    );
}

#[test]
fn a_company_is_known_by_the_domain_of_a_work_e_mail() {
    check(
        "
        1  ann  clicks                          => ann in domain:acme.example known 2
        2  ann  writes-as Ann@ACME.example      => ann in domain:acme.example
        3  ann  clicks                          => ann in domain:acme.example
        2  bob  writes-as bob@gmail.com         => bob in own:bob
        2  cyd  writes-as cyd@web.de            => cyd in own:cyd
        2  dan  writes-as dan@eu.agency.example => dan in own:dan
        2  eve  writes-as eve-at-acme           => eve in own:eve
        2  fay  writes-as fay@acme.example
        3  fay at beta  joins
        4  fay  clicks                          => fay in beta
        5  ann  writes-as ann@beta.example
        6  ann  clicks                          => ann in domain:beta.example
        4  ann  clicks                          => ann in domain:acme.example
        ",
    );
}

#[test]
fn domains_form_accounts_only_if_switched_on() {
    check_with(
        &IdentityRules { company_domains: false, ..rules() },
        "
        2  ann  writes-as ann@acme.example  => ann in own:ann
        ",
    );
}

#[test]
fn own_staff_is_left_out_but_not_what_they_record_about_an_account() {
    check(
        "
        1  sam          writes-as sam@firsthand.example   => own staff
        2  sam          clicks                            => own staff
        2  sam at acme  clicks                            => own staff
        2  sam at acme  bills 3                           => sam in acme
        2  sam at acme  has-plan pro                      => sam in acme
        ",
    );
}

#[test]
fn traits_of_a_person_stand_in_every_account_of_theirs() {
    check(
        "
        1   bob          is-called Bob  => bob in own:bob
        1   ann          is-called Ann  => ann in acme known 2, beta (copy) known 9
        2   ann at acme  joins
        5   ann at acme  leaves
        9   ann at beta  joins
        10  ann          is-called Anna => ann in beta, acme (copy)
        ",
    );
}

// What was known when.

#[test]
fn a_fact_belongs_from_when_all_that_ties_it_is_known() {
    check(
        "
        1      -   on phone  clicks  => ann in acme known 20
        2@20   ann on phone  links                           // Told late.
        3@9    ann at acme   joins
        4      ann           clicks  => ann in acme known 9
        5      -   on phone  clicks  => ann in acme known 20
        25     -   on phone  clicks  => ann in acme
        ",
    );
}

#[test]
fn a_link_said_again_later_does_not_make_knowledge_younger() {
    check(
        "
        1     -   on phone  clicks  => ann in own:ann known 2
        2     ann on phone  links
        9     ann on phone  links
        3     -   on phone  clicks  => ann in own:ann
        2     bob on tablet links
        1@30  bob on tablet links                           // An older one comes late.
        1     -   on tablet clicks  => bob in own:bob known 2
        ",
    );
}

#[test]
fn an_import_without_arrival_times_says_so() {
    check(
        "
        1@-  -   on phone  clicks  => ann in acme
        2@-  ann on phone  links
        3@-  ann at acme   joins   => ann in acme
        1@5  ann           clicks  => ann in acme
        1@-  - on tablet   clicks  => bob in own:bob known 4
        4    bob on tablet links
        ",
    );
}

// Rows and lists.

#[test]
fn rows_carry_what_the_program_reads() {
    let resolver = learnt(&["1 ann at acme joins admin", "2 ann at beta joins"]);
    let paths = texts(&["missing", "on"]);

    let rows = resolver.rows(&fact("3 ann clicks button"), &paths);
    let [(account, row)] = rows.as_slice() else { panic!("one row") };
    assert_eq!((account.as_str(), row.person.as_deref()), ("beta", Some("ann")));
    let values = [Scalar::Missing, Scalar::Text("button".into())];
    assert_eq!(
        row.body,
        RowBody::Event { name: "Clicked".into(), record: false, values: values.into() }
    );

    let rows = resolver.rows(&fact("3 ann is-called Ann"), &paths);
    let copies: Vec<_> = rows.iter().map(|it| (it.0.as_str(), it.1.copy)).collect();
    assert_eq!(copies, [("beta", false), ("acme", true)]);
    let traits = [("name".into(), Scalar::Text("Ann".into()))];
    assert_eq!(rows[0].1.body, RowBody::Traits { of: Kind::Person, traits: traits.into() });

    let rows = resolver.rows(&fact("1 ann at acme joins admin"), &paths);
    assert_eq!(rows[0].1.body, RowBody::Membership { joined: true, role: Some("admin".into()) });

    for line in ["1 ann on phone links", "1 ann is-also bob", "1 ann is-not bob", "1 - clicks"] {
        assert_eq!(resolver.rows(&fact(line), &paths), [], "{line}");
    }
}

#[test]
fn persons_of_several_accounts_are_listed() {
    let resolver = learnt(&[
        "1 ann at acme joins",
        "2 zoe at beta joins",
        "3 zoe is-also ann",
        "3 bob at acme clicks",
        "4 - on tablet at acme clicks",
        "5 - on tablet at beta clicks",
        "6 ann on phone links",
    ]);
    assert_eq!(resolver.persons_with_several_accounts(), texts(&["ann", "anon:tablet"]));
    assert_eq!(resolver.accounts_of("ann"), texts(&["acme", "beta"]));
    assert_eq!(resolver.accounts_of("bob"), texts(&["acme"]));
    assert_eq!(resolver.accounts_of("nobody-we-know"), texts(&[]));
    let ids = [
        RawId::User("ann".into()),
        RawId::User("zoe".into()),
        RawId::Anonymous("ann".into()), // Should some client send it so: aliases do not tell.
        RawId::Anonymous("phone".into()),
        RawId::Anonymous("zoe".into()),
    ];
    assert_eq!(resolver.ids_of("ann"), ids);
}

#[test]
fn learning_tells_whose_facts_moved_and_a_repetition_moves_none() {
    let mut resolver = learnt(&["1 ann at acme joins"]);
    let mut learn = |line: &str| resolver.learn(&fact(line)).unwrap();
    let phone = RawId::Anonymous("phone".into());
    assert_eq!(learn("2 ann on phone links"), std::slice::from_ref(&phone));
    assert_eq!(learn("3 ann on phone clicks"), [], "the phone was hers already");
    assert_eq!(
        learn("4 zoe is-also ann"),
        [
            RawId::User("ann".into()),
            RawId::User("zoe".into()),
            RawId::Anonymous("ann".into()),
            phone,
            RawId::Anonymous("zoe".into())
        ]
    );
    assert_eq!(learn("4 zoe is-also ann"), []);
    assert_eq!(learn("5 ann at acme joins"), [], "she was a member already");
}

#[test]
fn a_repetition_between_the_sayings_of_another_id_moves_facts() {
    let mut resolver = learnt(&[
        "1 zoe is-also ann",
        "1 ann writes-as ann@acme.example",
        "2 zoe writes-as zoe@beta.example",
    ]);
    let click = fact("4 ann clicks");
    assert_eq!(resolver.attribute(&click).accounts[0].account, "domain:beta.example");
    let touched = resolver.learn(&fact("3 ann writes-as ann@acme.example")).unwrap();
    assert_eq!(resolver.attribute(&click).accounts[0].account, "domain:acme.example");
    assert!(touched.contains(&RawId::User("ann".into())));
}

fn addressee(lines: &[&str], address: &str) -> Addressee {
    let mut forwards = Resolver::new(&rules());
    let mut halves = [Resolver::new(&rules()), Resolver::new(&rules())];
    for (at, line) in lines.iter().enumerate() {
        forwards.learn(&fact(line)).ok();
        // Another order, in two parts.
        halves[at % 2].learn(&fact(lines[lines.len() - 1 - at])).ok();
    }
    let [mut first, second] = halves;
    first.merge(&second);
    let found = forwards.addressee(address);
    assert_eq!(first.addressee(address), found, "whatever the order");
    found
}

#[test]
fn an_address_means_who_has_it_and_nobody_where_several_do() {
    let person = |id: &str, since: &str| Addressee::Person {
        id: id.into(),
        namesake: None,
        since: instant(since).0,
    };
    let ann = ["3@3 u1 writes-as Ann@Acme.example", "5@5 u1 writes-as ann@acme.example"];
    assert_eq!(addressee(&ann, " ANN@acme.example "), person("u1", "3"));
    assert_eq!(addressee(&ann, "bob@acme.example"), Addressee::Stranger);
    let two = [ann[0], "4@4 u2 writes-as ann@acme.example"];
    assert_eq!(addressee(&two, "ann@acme.example"), Addressee::Several);
    let united = [ann[0], two[1], "6@6 u1 is-also u2"];
    assert_eq!(addressee(&united, "ann@acme.example"), person("u1", "3"));
    // A device's address is nobody's until somebody signs in.
    let device = ["3@3 - on phone writes-as ann@acme.example"];
    assert_eq!(addressee(&device, "ann@acme.example"), Addressee::Stranger);
}

#[test]
fn who_has_the_address_as_user_id_stands_back_where_another_user_has_it() {
    let made =
        ["2@2 ann@acme.example at acme joins", "2@2 ann@acme.example writes-as ann@acme.example"];
    let alone =
        Addressee::Person { id: "ann@acme.example".into(), namesake: None, since: instant("2").0 };
    assert_eq!(addressee(&made, "ann@acme.example"), alone);
    let signed_up = [made[0], made[1], "7@7 u1 writes-as ann@acme.example"];
    let both = Addressee::Person {
        id: "u1".into(),
        namesake: Some("ann@acme.example".into()),
        since: instant("7").0,
    };
    assert_eq!(addressee(&signed_up, "Ann@acme.example"), both);
    let one = [made[0], made[1], signed_up[2], "8@8 u1 is-also ann@acme.example"];
    let united =
        Addressee::Person { id: "ann@acme.example".into(), namesake: None, since: instant("2").0 };
    assert_eq!(addressee(&one, "ann@acme.example"), united);
}

#[test]
fn nobody_is_behind_the_address_of_a_machine_of_our_own_or_of_none() {
    for address in
        ["", "ann", "@acme.example", "ann@acme", "noreply@acme.example", "a@firsthand.example"]
    {
        assert_eq!(addressee(&[], address), Addressee::Nobody, "{address}");
    }
}
