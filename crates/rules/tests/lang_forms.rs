//! Every form of the language, as it is written and as it is printed.

use firsthand_rules::lang::{parse, print};

fn canonical(text: &str) -> String {
    match parse::condition(text) {
        Ok(tree) => print::expr(&tree.node),
        Err(problems) => panic!("{text}: {problems:#?}"),
    }
}

fn canonical_events(text: &str) -> String {
    match parse::events(text) {
        Ok(tree) => print::events(&tree.node),
        Err(problems) => panic!("{text}: {problems:#?}"),
    }
}

/// Claims that each text is canonical already.
fn unchanged(texts: &[&str]) {
    for text in texts {
        assert_eq!(canonical(text), *text);
    }
}

#[test]
fn conditions_and_values_print_as_they_are_written() {
    unchanged(&[
        // Literals.
        "8000 >= 2.5",
        "-5 + 3 MB - -20 USD",
        "80% > 14d",
        "14 dates = 1 date",
        "3 B + 3 KB + 3 MB + 3 GB + 3 TB",
        "\"say \\\"hi\\\"\\n\" = \"\\\\\"",
        "true or false",
        "now >= 2026-03-01",
        "now >= 2026-03-01T09:00+02:00",
        "now >= 2026-03-01T09:00:00.5Z",
        "usage(contacts) < unlimited",
        "@threshold <= @free-plans",
        "@`odd name` = 1",
        "it + 1",
        // Names of every kind.
        "account.plan",
        "person.role",
        "account.members >= 2",
        "account.address.country = \"DE\"",
        "account.`Plan Type` = \"x\"",
        "account.limit > account.start",
        "person.email_is_work",
        "trial_age > 7d and trial_left <= 3d",
        // Aggregates.
        "count(\"Report exported\")",
        "count(\"Report exported\", last 14d) >= 5",
        "count(\"Report exported\" where format = \"pdf\", last 14d) >= 5",
        "count((\"A\", \"B\"))",
        "count((\"A\", core) where x = 1)",
        "count(any)",
        "count(any marketing where campaign is known)",
        "count(core)",
        "count(power-core)",
        "count(`start`)",
        "seen(core, last 7d)",
        "never(\"A\", first 7d)",
        "people(any, last 30d) >= 50% of account.seats",
        "days(core, this month)",
        "distinct(feature, any, last 30d)",
        "distinct((feature, day), any)",
        "distinct(`Feature Name`, any)",
        "sum(amount, \"Invoice paid\")",
        "sum(price * quantity, \"Order\")",
        "avg(amount, core)",
        "min(amount, \"Invoice paid\", last 30d)",
        "max(file.size, (\"A\", \"B\"))",
        "min(amount, core)",
        "max(amount, any)",
        "max(amount, any marketing)",
        "max(amount, becomes (account.paid))",
        "latest(status, \"Health set\")",
        "count(E, first 365d, before first \"Subscribed\")",
        // Sequences.
        "seen(\"A\" then \"B\")",
        "seen(\"A\" where x = 1 then \"B\" then \"C\" within 3d, last 30d)",
        // Moments.
        "since(\"A\") > 14d",
        "since(core)",
        "since(`now`)",
        "since(first \"A\" where x = 1)",
        "since(3rd core)",
        "since(account.created_at) > 1y",
        "since(start) < 30d",
        "since(2026-01-01)",
        "since(@launch)",
        "until(account.renews_at) <= 30d",
        "until(now)",
        "count(\"A\", since 22nd \"B\")",
        "count(\"A\", since 11th \"B\")",
        // Windows.
        "count(E, last 30s, last 5min, last 4h, last 2w, last 3mo, last 1y)",
        "count(E, 10d after first \"A\")",
        "count(E, 3d to 10d after last \"A\" where x = 1, last 7d)",
        "count(E, 14d before account.renews_at)",
        "count(E, since last \"A\", before first \"B\")",
        "count(E, this day, this week, this month, this year)",
        "count(E, this billing period)",
        "count(E, last full week)",
        "count(E, last 4 full months)",
        "count(E, last full billing period)",
        "count(E, last 2 full billing periods)",
        "count(E, ever)",
        // Meters and others' results.
        "usage(contacts) >= 80% of limit(contacts)",
        "left(contacts) < 10 and limit_reached_in(contacts) < 14d",
        "usage(`API calls`) > 1",
        "score(usage-points) >= 60",
        "score(usage-points, fit) >= 10",
        "grade(adoption) at least \"B\"",
        "qualified(enterprise)",
        "number(\"health\") < 50",
        "propensity(upgrade) > 0.5",
        "(10% + 5%) of usage(x)",
        "10% of 20% of usage(x)",
        "@share of limit(x)",
        // As it was.
        "usage(contacts) 30d ago",
        "(usage(a) + usage(b)) 30d ago",
        "account.plan at first \"A\" = \"free\"",
        "usage(a) at first (\"A\" where x = 1) > 5",
        "(account.plan = \"pro\") at account.renews_at",
        "(account.plan = \"pro\") for 7d",
        "seen(core, last 7d) for 14d",
        "qualified(active) for 2w",
        "((account.paid) for 7d) for 3d",
        "growth(count(\"A\", last 7d)) >= 50%",
        "growth(usage(contacts), 30d) > 10%",
        "was (usage(a) > 5)",
        "was (usage(a) > 5, last 30d, since start)",
        "streak(week, days(core, this week) >= 3) >= 4",
        "account (usage(contacts) > 5)",
        // For each.
        "any member has (count(\"A\") >= 3)",
        "every sibling has (qualified(x))",
        "any project_id has (people(\"Edited\", last 7d) >= 3)",
        "any `day` has (seen(core))",
        "any file.id has (seen(core))",
        "number of members with (days(core, last 7d) >= 3) >= 2",
        "number of weeks in last 8 full weeks with (seen(core)) >= 6",
        "every week in last 4 full weeks has (seen(core))",
        "sum of (count(\"A\")) per member",
        "avg of (count(\"A\")) per week in last 4 full weeks > 3",
        "avg of (count(\"A\")) per week in (1, 2)",
        "min of (usage(x)) per sibling",
        "max of (count(\"A\")) per day in since first (\"A\" where x = 1) > 3",
        // Standing.
        "percentile(usage(x) among (account.plan = \"free\")) >= 90%",
        "rank(count(core) among members) <= 3",
        // Arithmetic and choice.
        "at least 2 of (seen(a), seen(b), usage(c) > 5)",
        "20 if account.plan = \"pro\" else 10 if account.paid else 0",
        "(1 if account.a else 2) if account.b else 3",
        "default(account.seats, 0)",
        "min(usage(a), 5, limit(b))",
        "max(count(a), sum of (count(b)) per member)",
        "round(usage(a) / 3)",
        "1 + 2 * 3 - 4 / 5",
        "(1 + 2) * (3 - (4 - 5))",
        "-usage(a) + -(usage(b) + 1)",
        // Tests.
        "account.a = 1 and account.b != 2 or account.c < 3",
        "account.a <= 1 and (account.b > 2 or account.c >= 3)",
        "account.employees between 200 and 5000",
        "account.plan in (\"pro\", \"business\")",
        "account.domain in @competitors",
        "account.plan not in (\"pro\", @plans)",
        "person.title contains \"head\"",
        "person.title contains @words",
        "person.title not contains \"intern\"",
        "person.email starts with \"info@\" or person.email ends with \".edu\"",
        "person.role matches /(vp|head) of \\/ x/",
        "person.role not matches /^\\\\\\//",
        "account.plan is known and account.seats is unknown",
        "not qualified(x)",
        "not (account.a = 1 or account.b = 2)",
        "not (account.a = 1)",
        "not (not account.a)",
        "not ((account.a) for 7d)",
        "(account.a = 1) is known",
    ]);
}

#[test]
fn where_reads_properties_fields_and_traits_at_the_event() {
    unchanged(&[
        "count(any where format = \"pdf\" and file.size > 3 MB)",
        "count(any where account.plan = \"free\" and person.role != \"admin\")",
        "count(any where weekday in (\"saturday\", \"sunday\") and hour < 6)",
        "count(any where event = \"X\" and source = \"web\" and person is known)",
        "count(any where day = 2026-03-01 and time > 2026-03-01T09:00)",
        "count(any where week = 2026-03-02 or month = 2026-03-01)",
        "count(any where `day` = 3 and `account`.plan = 1 and a.day = 2)",
        "count(any where count > 3 and score > 5 and limit = 1 and days = 2)",
        "count(any where `Plan Type`.x = 1 and `a..b` = 2)",
        "count(any where min(width, height) > 3)",
        "count(any where not archived)",
    ]);
}

#[test]
fn other_spellings_are_read_and_printed_canonically() {
    for (text, shown) in [
        ("8_000.50", "8000.5"),
        (".5", "0.5"),
        ("80 %", "80%"),
        ("3MB + 20USD + 5 bytes + 1 kb", "3 MB + 20 USD + 5 B + 1 KB"),
        ("14 d + 7days + 2 weeks + 3 hours", "14d + 7d + 2w + 3h"),
        ("5 minutes + 1 second + 2 months + 1 year", "5min + 1s + 2mo + 1y"),
        ("1 dates", "1 date"),
        ("'pdf' = 'it\\'s \"x\"'", "\"pdf\" = \"it's \\\"x\\\"\""),
        ("1 ≤ 2 and 2 ≥ 1 and 1 ≠ 2", "1 <= 2 and 2 >= 1 and 1 != 2"),
        ("usage('API calls')", "usage(`API calls`)"),
        ("number(health)", "number(\"health\")"),
        ("count(\"A\", 10d after start)", "count(\"A\", first 10d)"),
        ("count(\"A\", first 7 days after first \"B\")", "count(\"A\", 7d after first \"B\")"),
        ("count(\"A\", after first \"B\")", "count(\"A\", since first \"B\")"),
        ("count(\"A\", since \"B\")", "count(\"A\", since last \"B\")"),
        ("count(\"A\", last 1 full weeks)", "count(\"A\", last full week)"),
        ("count((\"A\"))", "count(\"A\")"),
        ("count((\"A\", (\"B\", c)))", "count((\"A\", \"B\", c))"),
        ("count((\"A\" where x = 1))", "count(\"A\" where x = 1)"),
        ("since(last \"A\")", "since(\"A\")"),
        ("since(1st \"A\")", "since(first \"A\")"),
        (
            "any week has (seen(a)) in last 4 full weeks",
            "any week in last 4 full weeks has (seen(a))",
        ),
        ("number of project_id with (seen(a))", "number of project_id with (seen(a))"),
        ("sum of count(a) per week", "sum of (count(a)) per week"),
        ("(usage(a)) 30 days ago", "usage(a) 30d ago"),
        (
            "account.a is not known or account.b is not unknown",
            "account.a is unknown or account.b is known",
        ),
        ("not account.plan in (\"a\")", "account.plan not in (\"a\")"),
        ("account.plan in (@list)", "account.plan in @list"),
        ("(account.a and account.b) and (account.c)", "account.a and account.b and account.c"),
        ("((1 + 2)) + 3", "1 + 2 + 3"),
        ("-(-5) = -(3)", "5 = -3"),
        ("- 80% of usage(a)", "-80% of usage(a)"),
        ("percentile(usage(a) among account.paid)", "percentile(usage(a) among (account.paid))"),
        ("streak(weeks, seen(a))", "streak(week, seen(a))"),
        ("usage ( a )\n  >=   3", "usage(a) >= 3"),
        ("count(any where not x in (1))", "count(any where x not in (1))"),
        ("distinct((p), any)", "distinct(p, any)"),
    ] {
        assert_eq!(canonical(text), shown, "{text}");
        assert_eq!(canonical(shown), shown, "{text}");
    }
}

#[test]
fn what_is_judged_at_an_event_reads_its_properties() {
    for text in
        ["min(0.5 * pages, 20)", "20 if campaign.kind = \"launch\" else 8", "weekday = \"monday\""]
    {
        assert!(parse::condition(text).is_err());
        assert_eq!(print::expr(&parse::at_event(text).unwrap().node), text);
    }
}

#[test]
fn events_print_as_they_are_written() {
    for text in [
        "\"Contact created\"",
        "core",
        "(\"A\", \"Dashboard *\", core, any marketing)",
        "any where account.plan = \"free\"",
        "\"Report exported\" where format = \"pdf\"",
        "becomes (usage(contacts) >= 80% of limit(contacts))",
        "every 7d while (account.plan = \"free\")",
    ] {
        assert_eq!(canonical_events(text), text);
    }
}

#[test]
fn the_example_of_the_specification_is_read() {
    let text = "usage(contacts) >= 80% of limit(contacts)
        and people(\"Report exported\", last 7d) >= 3
        and count(\"Report exported\" where format = \"pdf\", last 14d) >= 5";
    let one_line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(canonical(text), one_line);
}

#[test]
fn what_cannot_be_told_apart_is_decided_by_the_second_argument() {
    use firsthand_rules::lang::ast::{Aggregate, Expr};
    let is_aggregate = |text: &str| match parse::condition(text).unwrap().node {
        Expr::Aggregate { kind: Aggregate::Min, .. } => true,
        Expr::Min(_) => false,
        other => panic!("{other:?}"),
    };
    for text in [
        "min(p, \"E\")",
        "min(p, (\"E\", core))",
        "min(p, ((core)))",
        "min(p, any)",
        "min(p, any where x = 1)",
        "min(p, every 7d while (account.paid))",
        "min((a + b) * 2, core, last 7d)",
    ] {
        assert!(is_aggregate(text), "{text}");
    }
    for text in [
        "min(1, 2)",
        "min(usage(a), limit(a))",
        "min(count(\"A\", last 7d), (5))",
        "min(usage(a), account.seats)",
        "min(usage(a), trial_age)",
        "min(usage(a), number of members with (account.paid))",
        "min(account.a, any member has (account.paid))",
        "min(usage(a), @cap)",
    ] {
        assert!(!is_aggregate(text), "{text}");
    }
}

#[test]
fn places_are_those_of_the_text() {
    let text = "usage(a) > 5 and (count(\"B\", last 7d) = 1)";
    let tree = parse::condition(text).unwrap();
    let mut seen = Vec::new();
    firsthand_rules::lang::walk::parts(
        firsthand_rules::lang::walk::Part::expr(&tree),
        &mut |part| seen.push(&text[part.span().clone()]),
    );
    assert_eq!(
        seen,
        [
            text,
            "usage(a) > 5",
            "usage(a)",
            "5",
            "(count(\"B\", last 7d) = 1)",
            "count(\"B\", last 7d)",
            "\"B\"",
            "\"B\"",
            "last 7d",
            "1",
        ]
    );
}

#[test]
fn the_lower_end_of_between_may_end_with_an_event() {
    let text = r#"account.tier between (grade(fit) at last "A") and "B""#;
    let tree = parse::condition(text).unwrap();
    assert_eq!(parse::condition(&print::expr(&tree.node)).unwrap(), tree);
}
