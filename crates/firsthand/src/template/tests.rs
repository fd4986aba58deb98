//! Templates as people write them.

use std::sync::Arc;

use firsthand_model::config::Project;
use firsthand_model::diagnostic::{SourceFile, Style, render};
use firsthand_model::fact::{Kind, Row, RowBody};
use firsthand_model::{Scalar, Span, Text, Time};

use super::{Amount, Standing, Template, Values, check};

fn values() -> Values {
    let text = |it: &str| Scalar::Text(it.into());
    let account = [
        ("name".into(), text("Acme Bikes")),
        ("employees".into(), Scalar::Number(1_200_i64.into())),
        ("address.city".into(), text("York")),
        ("tags".into(), Scalar::List([text("retail"), text("bikes")].into())),
        ("beta".into(), Scalar::Bool(true)),
    ];
    Values {
        account: Arc::new(account.into()),
        usage: [("contacts".into(), 8_060_i64.into()), ("seats".into(), 3_i64.into())].into(),
        limit: [
            ("contacts".into(), Amount::Of(10_000_i64.into())),
            ("seats".into(), Amount::Unlimited),
        ]
        .into(),
        score: Some("48.3025".parse().unwrap()),
        trial_age: Some(Span::HOUR.times(47)),
        trial_left: Some(Span::HOUR.times(49)),
        members: Some(4),
        ..Values::default()
    }
}

fn filled(text: &str) -> String {
    let template = Template::read(text).unwrap_or_else(|it| panic!("{text}: {}", it.message));
    template.fill(&values()).unwrap_or_else(|| panic!("{text} cannot be filled in"))
}

#[test]
fn values_read_as_people_write_them() {
    for (text, shown) in [
        (
            "{{ account.name }} uses {{ usage.contacts }} of {{ limit.contacts }}; {{ left.contacts }} left",
            "Acme Bikes uses 8,060 of 10,000; 1,940 left",
        ),
        (
            "{{ account.employees }} employees in {{ account.address.city }}",
            "1,200 employees in York",
        ),
        ("{{ account.tags }}, {{ account.beta }}", "retail, bikes, true"),
        ("{{ left.seats }} of {{ limit.seats }}", "unlimited of unlimited"),
        ("{{ score }}: {{ members }} members", "48.302: 4 members"),
        ("day {{ trial_age }}, {{ trial_left }} days left", "day 1, 3 days left"),
        ("{{ usage.contacts * 2 }} {{ account.name | upper }}", "16,120 ACME BIKES"),
        ("{% if usage.contacts > 8000 %}many{% else %}few{% endif %}", "many"),
        ("two\n   lines\n", "two lines"),
    ] {
        assert_eq!(filled(text), shown);
    }
}

#[test]
fn what_is_not_known_reads_unknown_and_breaks_nothing() {
    for (text, shown) in [
        ("{{ account.city }}, {{ account.address.zip.code }}", "unknown, unknown"),
        ("{{ person.name }} {{ usage.videos }} {{ left.videos }}", "unknown unknown unknown"),
        ("{{ account.city | default('somewhere') }}", "somewhere"),
        ("{% if account.city %}in {{ account.city }}{% else %}anywhere{% endif %}", "anywhere"),
        ("{{ account.city is known }} {{ account.name is known }}", "false true"),
        ("{{ account.city | upper }}", "UNKNOWN"),
        ("{% for x in account.cities %}{{ x }}{% endfor %}nowhere", "nowhere"),
    ] {
        assert_eq!(filled(text), shown);
    }
    let nothing = Template::read("{{ score }} {{ trial_left }} {{ members }}").unwrap();
    assert_eq!(nothing.fill(&Values::default()).as_deref(), Some("unknown unknown unknown"));
}

#[test]
fn no_template_runs_or_grows_without_end() {
    let endless = "{% for a in account.tags %}{% for b in account.tags %}x{% endfor %}{% endfor %}";
    assert_eq!(filled(endless), "xxxx");
    let mut deep = "x".to_owned();
    for level in 0..14 {
        deep = format!("{{% for v{level} in account.tags %}}{deep}{{% endfor %}}");
    }
    assert_eq!(Template::read(&deep).unwrap().fill(&values()), None, "2^14 rounds");
    let wide = format!("{{% for a in account.tags %}}{}{{% endfor %}}", "y".repeat(3_000));
    assert_eq!(filled(&wide).chars().count(), super::SHOWN_CHARS_MAX);
    assert!(Template::read(&"z".repeat(super::TEXT_BYTES_MAX + 1)).is_err());
}

#[test]
fn what_a_project_does_not_know_is_refused_at_its_place() {
    let project = |why: &str| {
        let text = format!(
            "meters:\n  contacts:\n    kind: count\n    add: '\"Added\"'\n---\ndefinition: full\n\
             when: usage(contacts) > 5\nwhy: \"{why}\"\n"
        );
        let file = SourceFile { name: "firsthand.yaml".to_owned(), text };
        let loaded =
            Project::from_files(&[Arc::new(file)], &|_| Err(std::io::ErrorKind::NotFound.into()));
        assert_eq!(render(&loaded.diagnostics, Style { color: false }), "");
        loaded.project
    };
    assert_eq!(check(&project("{{ usage.contacts }} {{ account.anything.at.all }}")), []);
    let told = |why: &str| {
        let found = check(&project(why));
        assert_eq!(found.len(), 1, "{why}");
        render(&found, Style { color: false })
    };
    insta::assert_snapshot!(told("It uses {{ usage.contcats }} contacts."), @r#"
    error[E301]: there is no meter `contcats`
     --> firsthand.yaml:8:18
      |
    8 | why: "It uses {{ usage.contcats }} contacts."
      |                  ^^^^^^^^^^^^^^
      |
      = help: Did you mean `contacts`?
    "#);
    insta::assert_snapshot!(told("{{ account.name }} uses {{ usage.contacts }"), @r#"
    error[E201]: the template cannot be read: unexpected `}`, expected end of variable block
     --> firsthand.yaml:8:49
      |
    8 | why: "{{ account.name }} uses {{ usage.contacts }"
      |                                                 ^
      |
      = help: Write values as `{{ account.name }}`; the form is that of Jinja.
    "#);
    for (why, message) in [
        ("{{ acount.name }}", "a template knows no `acount`"),
        ("{{ usage }}", "`usage` needs a meter"),
        ("{{ account }}", "`account` needs a trait"),
        ("{{ person.name }}", "`person.name` is of a person, and this definition judges accounts"),
        ("{{ score }}", "the definition has no score"),
        ("{{ trial_left }}", "no plan is a trial"),
        ("{% for x in account.tags %}{{ x }}{{ y }}{% endfor %}", "a template knows no `y`"),
        ("{{ account.name | shout }}", "the template cannot be read: filter shout is unknown"),
    ] {
        let found = check(&project(why));
        let messages: Vec<&str> = found.iter().map(|it| it.problem.message.as_str()).collect();
        assert_eq!(messages, [message], "{why}");
    }
}

#[test]
fn a_standing_is_what_was_so_at_the_instant() {
    let at = |text: &str| text.parse::<Time>().unwrap();
    let row = |time: &str, person: Option<&str>, body| Row {
        time: at(time),
        known_at: None,
        id: Text::default(),
        source: Text::default(),
        person: person.map(Into::into),
        copy: false,
        body,
    };
    let plan = |time, plan: &str| {
        let traits = [("plan".into(), Scalar::Text(plan.into()))].into();
        row(time, None, RowBody::Traits { of: Kind::Account, traits })
    };
    let rows = [
        plan("2026-03-01T00:00:00Z", "Trial"),
        row(
            "2026-03-02T00:00:00Z",
            Some("ana"),
            RowBody::Membership { joined: true, role: Some("admin".into()) },
        ),
        row(
            "2026-03-03T00:00:00Z",
            Some("ben"),
            RowBody::Event { name: "x".into(), record: false, values: [].into() },
        ),
        row("2026-03-04T00:00:00Z", Some("ana"), RowBody::Membership { joined: false, role: None }),
        plan("2026-03-05T00:00:00Z", "free"),
    ];
    let text = "plans:\n  trial:\n    trial: 14d\n  free:\n    price: 0\n";
    let file = SourceFile { name: "firsthand.yaml".to_owned(), text: text.to_owned() };
    let loaded =
        Project::from_files(&[Arc::new(file)], &|_| Err(std::io::ErrorKind::NotFound.into()));
    let standing =
        |time| Standing::of("domain:acme.example", &rows, Some("ana"), at(time), &loaded.project);
    let then = standing("2026-03-03T00:00:00Z");
    assert_eq!((then.members, then.person["role"].to_string()), (2, "admin".to_owned()));
    assert_eq!(then.account["domain"].to_string(), "acme.example");
    assert_eq!(then.trial_ends, Some(at("2026-03-15T00:00:00Z")));
    let later = standing("2026-03-06T00:00:00Z");
    assert_eq!((later.members, later.trial_since, later.trial_ends), (1, None, None));
}
