//! The laws of parser and printer, over trees of every form.

use std::cell::RefCell;
use std::collections::HashMap;

use firsthand_model::time::Period;
use firsthand_model::{Decimal, Text};
use firsthand_rules::lang::ast::{
    Aggregate, Arithmetic, At, Comparison, EventName, Events, Expr, Field, Key, Length, LengthUnit,
    MeterValue, Moment, Owner, Quantifier, TextTest, Unit, Window,
};
use firsthand_rules::lang::{parse, print};
use proptest::prelude::*;

fn at<T>(node: T) -> At<T> {
    At::new(node, 0..0)
}

fn boxed(expr: Expr) -> Box<At<Expr>> {
    Box::new(at(expr))
}

/// Builds a strategy once for each depth and scope: building costs far more than drawing.
macro_rules! built_once {
    ($($name:ident: $node:ty = $build:path;)+) => {$(
        fn $name(depth: u32, scope: Scope) -> BoxedStrategy<$node> {
            thread_local! {
                static BUILT: RefCell<HashMap<(u32, Scope), BoxedStrategy<$node>>> =
                    RefCell::default();
            }
            let built = BUILT.with_borrow(|it| it.get(&(depth, scope)).cloned());
            built.unwrap_or_else(|| {
                let fresh = $build(depth, scope);
                BUILT.with_borrow_mut(|it| it.insert((depth, scope), fresh.clone()));
                fresh
            })
        }
    )+};
}

built_once! {
    expr: Expr = build_expr;
    events: Events = build_events;
    moment: Moment = build_moment;
    window: At<Window> = build_window;
}

/// Whether a tree stands where bare words are properties.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Scope {
    Subject,
    Event,
}

fn text() -> impl Strategy<Value = Text> {
    prop_oneof![
        4 => "[A-Za-z ]{0,8}",
        1 => "[\\PC\\n\\t\"'`\\\\]{0,6}",
    ]
    .prop_map(Text::from)
}

/// Names as configurations have them, words of the language and odd ones included.
fn name() -> impl Strategy<Value = Text> {
    prop_oneof![
        6 => "[a-z_][a-z0-9_]{0,5}",
        2 => "[a-z]{1,3}-[0-9]{0,2}[a-z]{0,2}",
        2 => word_of_the_language().prop_map(str::to_owned),
        1 => "[\\PC]{1,6}",
        1 => "[a-z]{1,2}-2024-0[1-9]-01",
        1 => "[äöü]{1,3}",
    ]
    .prop_map(Text::from)
}

fn word_of_the_language() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "any",
        "and",
        "where",
        "start",
        "now",
        "first",
        "last",
        "count",
        "day",
        "days",
        "week",
        "member",
        "members",
        "marketing",
        "person",
        "account",
        "number",
        "sum",
        "min",
        "of",
        "at",
        "least",
        "in",
        "is",
        "known",
        "it",
        "true",
        "unlimited",
        "limit",
        "has",
        "with",
        "per",
        "every",
        "becomes",
        "trial_age",
        "ago",
        "for",
        "full",
        "billing",
        "period",
        "since",
        "m",
        "USD",
        "AND",
        "If",
        "event",
    ])
}

fn path() -> impl Strategy<Value = Text> {
    prop_oneof![
        4 => name(),
        1 => (name(), name()).prop_map(|(a, b)| format!("{a}.{b}").into()),
    ]
}

fn amount() -> impl Strategy<Value = Decimal> {
    prop_oneof![
        (-100_i64..10_000).prop_map(Decimal::from),
        (-(10_i128.pow(12))..10_i128.pow(12)).prop_map(Decimal::from_raw),
    ]
}

fn length() -> impl Strategy<Value = Length> {
    use LengthUnit::{Dates, Days, Hours, Minutes, Months, Seconds, Weeks, Years};
    let units = vec![Seconds, Minutes, Hours, Days, Weeks, Dates, Months, Years];
    (prop_oneof![0_u32..400, any::<u32>()], prop::sample::select(units))
        .prop_map(|(count, unit)| Length { count, unit })
}

fn period() -> impl Strategy<Value = Period> {
    prop::sample::select(vec![Period::Day, Period::Week, Period::Month, Period::Year])
}

fn owner() -> impl Strategy<Value = Owner> {
    prop::sample::select(vec![Owner::Account, Owner::Person])
}

fn date() -> impl Strategy<Value = Text> {
    prop::sample::select(vec![
        "2026-03-01",
        "2024-02-29T09:00",
        "2026-03-01T23:59:59.5Z",
        "2026-03-01T09:00-05:30",
    ])
    .prop_map(Text::from)
}

fn pattern() -> impl Strategy<Value = Text> {
    prop::sample::select(vec!["", "a/b", "\\\\", "(vp|head) of", "\\d+\\s/", "\\\\/x\\.", "[/]"])
        .prop_map(Text::from)
}

fn leaf(scope: Scope) -> BoxedStrategy<Expr> {
    use Field::{Day, Event, Hour, Month, Person, Source, Time, Week, Weekday};
    use MeterValue::{Left, Limit, LimitReachedIn, Usage};
    let unit = prop_oneof![
        prop::sample::select(vec![0, 3, 6, 9, 12]).prop_map(Unit::Bytes),
        prop::sample::select(vec!["USD", "EUR", "ALL"]).prop_map(|it| Unit::Money(it.into())),
    ];
    let anywhere = prop_oneof![
        amount().prop_map(Expr::Number),
        amount().prop_map(Expr::Percent),
        (amount(), unit).prop_map(|(it, unit)| Expr::Amount(it, unit)),
        length().prop_map(Expr::Length),
        text().prop_map(Expr::Text),
        any::<bool>().prop_map(Expr::Bool),
        date().prop_map(Expr::Date),
        name().prop_map(Expr::Constant),
        prop::sample::select(vec![
            Expr::Unlimited,
            Expr::It,
            Expr::TrialAge,
            Expr::TrialLeft,
            Expr::Now
        ]),
        (owner(), path()).prop_map(|(owner, name)| Expr::Trait(owner, name)),
        (prop::sample::select(vec![Usage, Limit, Left, LimitReachedIn]), name())
            .prop_map(|(asked, name)| Expr::Meter(asked, name)),
        (name(), prop::option::of(name())).prop_map(|(name, part)| Expr::Score(name, part)),
        name().prop_map(Expr::Grade),
        name().prop_map(Expr::Qualified),
        text().prop_map(Expr::NumberFrom),
        name().prop_map(Expr::Propensity),
    ];
    if scope == Scope::Subject {
        return anywhere.boxed();
    }
    let fields = vec![Event, Source, Person, Time, Day, Week, Month, Hour, Weekday];
    prop_oneof![
        2 => anywhere,
        2 => path().prop_map(Expr::Property),
        1 => prop::sample::select(fields).prop_map(Expr::Field),
    ]
    .boxed()
}

fn event_name() -> impl Strategy<Value = EventName> {
    prop_oneof![
        text().prop_map(EventName::Name),
        name().prop_map(EventName::Group),
        Just(EventName::Any),
        Just(EventName::AnyMarketing),
    ]
}

fn build_events(depth: u32, scope: Scope) -> BoxedStrategy<Events> {
    let names = prop::collection::vec(event_name().prop_map(at), 1..4);
    if depth == 0 {
        return names.prop_map(|names| Events::Named { names, filter: None }).boxed();
    }
    prop_oneof![
        4 => (names, prop::option::of(expr(depth - 1, Scope::Event))).prop_map(
            |(names, filter)| Events::Named { names, filter: filter.map(boxed) }
        ),
        1 => expr(depth - 1, scope).prop_map(|it| Events::Becomes(boxed(it))),
        1 => (length(), expr(depth - 1, scope))
            .prop_map(|(every, it)| Events::EveryWhile(every, boxed(it))),
    ]
    .boxed()
}

fn build_moment(depth: u32, scope: Scope) -> BoxedStrategy<Moment> {
    prop_oneof![
        Just(Moment::Start),
        Just(Moment::Now),
        events(depth, scope).prop_map(Moment::First),
        events(depth, scope).prop_map(Moment::Last),
        (2_u32..120, events(depth, scope)).prop_map(|(count, it)| Moment::Nth(count, it)),
        (owner(), path()).prop_map(|(owner, name)| Moment::Trait(owner, name)),
        date().prop_map(Moment::Date),
        name().prop_map(Moment::Constant),
    ]
    .boxed()
}

fn build_window(depth: u32, scope: Scope) -> BoxedStrategy<At<Window>> {
    let moment = || moment(depth, scope);
    prop_oneof![
        length().prop_map(Window::Last),
        length().prop_map(Window::First),
        // `10d after start` is `first 10d`.
        (length(), moment())
            .prop_filter("has its own form", |(_, it)| *it != Moment::Start)
            .prop_map(|(long, it)| Window::After(long, it)),
        (length(), length(), moment()).prop_map(|(a, b, it)| Window::FromToAfter(a, b, it)),
        (length(), moment()).prop_map(|(long, it)| Window::LengthBefore(long, it)),
        moment().prop_map(Window::Since),
        moment().prop_map(Window::Before),
        period().prop_map(Window::This),
        Just(Window::ThisBillingPeriod),
        (1_u32..10, period()).prop_map(|(count, it)| Window::LastFull(count, it)),
        (1_u32..10).prop_map(Window::LastFullBillingPeriods),
        Just(Window::Ever),
    ]
    .prop_map(at)
    .boxed()
}

fn key() -> impl Strategy<Value = Key> {
    prop_oneof![
        path().prop_map(Key::Property),
        Just(Key::Member),
        Just(Key::Sibling),
        period().prop_map(Key::Period),
    ]
}

fn aggregate(depth: u32, scope: Scope) -> BoxedStrategy<Expr> {
    use Aggregate::{Avg, Count, Days, Distinct, Latest, Max, Min, Never, People, Seen, Sum};
    let plain = prop::sample::select(vec![Count, Seen, Never, People, Days]);
    let over = prop::sample::select(vec![Distinct, Sum, Avg, Min, Max, Latest]);
    let of = prop::collection::vec(
        expr(depth, Scope::Event)
            .prop_filter("a text is an event", |it| !matches!(it, Expr::Text(_)))
            .prop_map(at),
        1..3,
    );
    let windows = || prop::collection::vec(window(depth, scope), 0..3);
    prop_oneof![
        (plain, events(depth, scope), windows()).prop_map(|(kind, events, windows)| {
            Expr::Aggregate { kind, of: Vec::new(), events: at(events), windows }
        }),
        (over, of, events(depth, scope), windows())
            // Inside `where`, a bare word is a property, so `min(a, b)` is of values there.
            .prop_filter("reads as values", move |(kind, _, events, _)| {
                let group = matches!(events, Events::Named { names, .. }
                    if matches!(names[0].node, EventName::Group(_)));
                scope == Scope::Subject || !group || !matches!(kind, Min | Max)
            })
            .prop_map(|(kind, of, events, windows)| {
                Expr::Aggregate { kind, of, events: at(events), windows }
            }),
    ]
    .boxed()
}

/// A condition of `and` or `or`: never the same again (it would be flattened), never a bare
/// number or text (it would be refused).
fn part(depth: u32, scope: Scope, is_and: bool) -> BoxedStrategy<At<Expr>> {
    expr(depth, scope)
        .prop_filter("flattened or refused", move |it| match it {
            Expr::And(_) => !is_and,
            Expr::Or(_) => is_and,
            Expr::Text(_) | Expr::Number(_) => false,
            _ => true,
        })
        .prop_map(at)
        .boxed()
}

fn build_expr(depth: u32, scope: Scope) -> BoxedStrategy<Expr> {
    use Arithmetic::{Add, Divide, Multiply, Subtract};
    use Comparison::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotEqual};
    use Quantifier::{Any, Avg, Every, Max, Min, Number, Sum};
    if depth == 0 {
        return leaf(scope);
    }
    let below = move || expr(depth - 1, scope).prop_map(boxed);
    let list = move |many| prop::collection::vec(expr(depth - 1, scope).prop_map(at), many);
    let windows = move || prop::collection::vec(window(depth - 1, scope), 0..3);
    let moment = move || moment(depth - 1, scope).prop_map(|it| Box::new(at(it)));
    let events_forms = prop_oneof![
        4 => aggregate(depth - 1, scope),
        1 => (
            prop::collection::vec(events(depth - 1, scope).prop_map(at), 2..4),
            prop::option::of(length()),
            windows(),
        )
            .prop_map(|(steps, within, windows)| Expr::Sequence { steps, within, windows }),
        1 => moment().prop_map(Expr::Since),
        1 => moment().prop_map(Expr::Until),
    ];
    let over = prop::sample::select(vec![Any, Every, Number, Sum, Avg, Min, Max]);
    let within = prop::option::of(window(depth - 1, scope));
    let across = prop_oneof![
        (below(), below()).prop_map(|(a, b)| Expr::Share(a, b)),
        below().prop_map(Expr::OfAccount),
        (below(), length()).prop_map(|(it, back)| Expr::Ago(it, back)),
        (below(), moment()).prop_map(|(it, moment)| Expr::AtMoment(it, moment)),
        (below(), prop::option::of(length())).prop_map(|(it, back)| Expr::Growth(it, back)),
        (below(), windows()).prop_map(|(it, windows)| Expr::Was(it, windows)),
        (below(), length()).prop_map(|(it, long)| Expr::For(it, long)),
        (period(), below()).prop_map(|(period, it)| Expr::Streak(period, it)),
        (over, key(), below(), within).prop_map(|(over, key, inner, within)| Expr::Each {
            over,
            key,
            inner,
            within
        }),
        (below(), below()).prop_map(|(a, b)| Expr::Percentile(a, b)),
        below().prop_map(Expr::Rank),
        (any::<u32>(), list(1..4)).prop_map(|(count, them)| Expr::AtLeast(count, them)),
    ];
    let operator = prop::sample::select(vec![Add, Subtract, Multiply, Divide]);
    let arithmetic = prop_oneof![
        (below(), below(), below()).prop_map(|(then, when, otherwise)| Expr::If {
            then,
            when,
            otherwise
        }),
        (below(), below()).prop_map(|(a, b)| Expr::Default(a, b)),
        values(depth, scope).prop_map(Expr::Min),
        values(depth, scope).prop_map(Expr::Max),
        below().prop_map(Expr::Round),
        (operator, below(), below()).prop_map(|(sign, a, b)| Expr::Arithmetic(sign, a, b)),
        below()
            .prop_filter("a literal has its own sign", |it| {
                !matches!(it.node, Expr::Number(_) | Expr::Percent(_) | Expr::Amount(..))
            })
            .prop_map(Expr::Negate),
    ];
    let comparison =
        prop::sample::select(vec![Equal, NotEqual, Less, LessOrEqual, Greater, GreaterOrEqual]);
    let text_test =
        prop::sample::select(vec![TextTest::Contains, TextTest::StartsWith, TextTest::EndsWith]);
    let conditions = prop_oneof![
        (comparison, below(), below()).prop_map(|(sign, a, b)| Expr::Compare(sign, a, b)),
        (below(), below(), below()).prop_map(|(it, low, high)| Expr::Between(it, low, high)),
        (below(), list(1..4)).prop_map(|(it, them)| Expr::In(it, them)),
        (text_test, below(), below()).prop_map(|(test, a, b)| Expr::TextTest(test, a, b)),
        (below(), pattern()).prop_map(|(it, pattern)| Expr::Matches(it, pattern)),
        below().prop_map(Expr::IsKnown),
        below().prop_map(Expr::IsUnknown),
        (below(), below()).prop_map(|(a, b)| Expr::AtLeastGrade(a, b)),
        below().prop_map(Expr::Not),
        prop::collection::vec(part(depth - 1, scope, true), 2..4).prop_map(Expr::And),
        prop::collection::vec(part(depth - 1, scope, false), 2..4).prop_map(Expr::Or),
    ];
    prop_oneof![
        1 => leaf(scope),
        3 => events_forms,
        3 => across,
        2 => arithmetic,
        3 => conditions,
    ]
    .boxed()
}

/// The values of `min` and `max`; a text as the second one would be an event.
fn values(depth: u32, scope: Scope) -> BoxedStrategy<Vec<At<Expr>>> {
    prop::collection::vec(expr(depth - 1, scope).prop_map(at), 2..4)
        .prop_filter("reads as events", |them| {
            let printed = print::expr(&them[1].node);
            !printed.trim_start_matches('(').starts_with('"')
        })
        .boxed()
}

/// Texts made of the language's own pieces, most of them nonsense.
fn soup() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        word_of_the_language().prop_map(str::to_owned),
        prop::sample::select(vec![
            "(",
            ")",
            ",",
            ".",
            "\"A\"",
            "\"",
            "'",
            "`",
            "/",
            "/x/",
            "matches",
            "%",
            "@",
            "@x",
            "14d",
            "8,000",
            "80%",
            "2026-03-01",
            "2026-3-1",
            "1.2.3",
            "-",
            "+",
            "*",
            "<",
            ">=",
            "==",
            "&&",
            "!",
            "seen(",
            "count(",
            "min(",
            "sum(",
            "then",
            "within",
            "last 7d",
            "7",
            "not",
            "between",
            "or",
            "if",
            "else",
            "“",
            "#",
            "\n",
            "3rd",
            "ä",
            "\u{a0}",
            "\u{200b}",
        ])
        .prop_map(str::to_owned),
    ];
    (prop::collection::vec(piece, 0..24), any::<bool>())
        .prop_map(|(pieces, spaced)| pieces.join(if spaced { " " } else { "" }))
}

/// Claims that every problem lies inside the text, on whole characters, and says what to do.
fn check_problems(text: &str, problems: &[firsthand_model::diagnostic::Problem]) {
    assert!(!problems.is_empty() && problems.len() <= parse::PROBLEMS_MAX);
    for problem in problems {
        assert!(text.get(problem.span.clone()).is_some(), "{problem:?} in {text:?}");
        assert!(problem.help.as_ref().is_some_and(|it| it.ends_with(['.', '?'])), "{problem:?}");
        assert!(!problem.message.ends_with('.'), "{problem:?}");
        let first = problem.message.chars().next().expect("a message is not empty");
        assert!(!first.is_uppercase(), "{problem:?}");
    }
}

fn check_any_text(text: &str) {
    match parse::condition(text) {
        Ok(tree) => {
            let printed = print::expr(&tree.node);
            let again = parse::condition(&printed)
                .unwrap_or_else(|problems| panic!("{text:?} as {printed:?}: {problems:?}"));
            assert_eq!(again, tree, "{text:?} as {printed:?}");
        }
        Err(problems) => check_problems(text, &problems),
    }
    match parse::events(text) {
        Ok(tree) => {
            let printed = print::events(&tree.node);
            assert_eq!(parse::events(&printed).expect("it was printed"), tree, "{text:?}");
        }
        Err(problems) => check_problems(text, &problems),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, max_shrink_iters: 300, ..ProptestConfig::default() })]

    #[test]
    fn a_printed_condition_reads_as_the_same_tree(tree in (0_u32..4).prop_flat_map(|depth| expr(depth, Scope::Subject))) {
        let printed = print::expr(&tree);
        let read = parse::condition(&printed);
        let Ok(read) = read else { panic!("{printed}\n{read:?}\n{tree:?}") };
        prop_assert_eq!(&read.node, &tree, "{}", printed);
        prop_assert_eq!(print::expr(&read.node), printed);
    }

    #[test]
    fn printed_events_read_as_the_same_tree(tree in (0_u32..4).prop_flat_map(|depth| events(depth, Scope::Subject))) {
        let printed = print::events(&tree);
        let read = parse::events(&printed);
        let Ok(read) = read else { panic!("{printed}\n{read:?}\n{tree:?}") };
        prop_assert_eq!(&read.node, &tree, "{}", printed);
        prop_assert_eq!(print::events(&read.node), printed);
    }

    #[test]
    fn any_text_is_read_or_refused_with_help(text in "\\PC{0,40}") {
        check_any_text(&text);
    }

    #[test]
    fn any_soup_of_words_is_read_or_refused_with_help(text in soup()) {
        check_any_text(&text);
    }
}

#[test]
fn depth_and_length_have_limits() {
    use firsthand_model::diagnostic::codes::TOO_LARGE;
    let limit = parse::DEPTH_MAX;
    for opening in [
        "(",
        "not ",
        "- ",
        "10% of ",
        "1 if ",
        "account (",
        "count(any where ",
        "1 + (",
        "1 if true else ",
        "count((",
        "any member has (",
        "becomes (",
        "since(",
        "min(1, (",
    ] {
        for text in [
            opening.repeat(10_000),
            opening.repeat(limit + 1),
            format!("count({}", opening.repeat(4_000)),
        ] {
            for problems in [parse::condition(&text).map(drop), parse::events(&text).map(drop)] {
                assert!(!problems.expect_err("nothing is closed").is_empty());
            }
        }
    }
    let too_deep = parse::condition(&"(".repeat(10_000)).unwrap_err();
    assert_eq!(too_deep[0].code, TOO_LARGE);

    let deep = limit - 1;
    let nested = format!("{}1{}", "(".repeat(deep), ")".repeat(deep));
    assert_eq!(print::expr(&parse::condition(&nested).unwrap().node), "1");

    let long = "1 + ".repeat(parse::ARITHMETIC_MAX) + "1";
    assert_eq!(print::expr(&parse::condition(&long).unwrap().node), long);
    let longer = format!("1 + {long}");
    assert_eq!(parse::condition(&longer).unwrap_err()[0].code, TOO_LARGE);

    let wide = "account.a or ".repeat(3_000) + "account.a";
    assert_eq!(print::expr(&parse::condition(&wide).unwrap().node), wide);
    let wider = wide.repeat(2);
    assert!(wider.len() > parse::LENGTH_MAX_BYTES);
    assert_eq!(parse::condition(&wider).unwrap_err()[0].code, TOO_LARGE);
}

/// Each `-` and `not` is printed with parentheses, which count as depth: near the limit a text was
/// read whose canonical form was refused.
#[test]
fn a_text_is_too_deep_if_its_canonical_form_is() {
    use firsthand_model::diagnostic::codes::TOO_LARGE;
    for (opening, innermost) in [("-", "account.a"), ("not ", "seen(any)")] {
        let text = |depth| opening.repeat(depth) + innermost;
        let deepest = (1..parse::DEPTH_MAX).rfind(|it| parse::condition(&text(*it)).is_ok());
        let deepest = deepest.unwrap();
        assert!(deepest >= parse::DEPTH_MAX / 3, "{opening}: {deepest}");
        for depth in 1..=deepest {
            let tree = parse::condition(&text(depth)).unwrap();
            assert_eq!(parse::condition(&print::expr(&tree.node)), Ok(tree));
        }
        assert_eq!(parse::condition(&text(deepest + 1)).unwrap_err()[0].code, TOO_LARGE);
    }
}
