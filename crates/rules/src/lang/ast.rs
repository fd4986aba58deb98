//! What a text of the language says, before anything is looked up.
//!
//! Every node carries the bytes it came from, so that checks point at the right place. Two
//! trees are equal when they say the same thing: spans do not count.

use std::fmt;
use std::ops::Range;

use firsthand_model::time::{Period, Weekday};
use firsthand_model::{Decimal, Text};

/// Something of the language together with the bytes it stands on.
#[derive(Clone)]
pub struct At<T> {
    /// What it is.
    pub node: T,
    /// Byte range in the snippet.
    pub span: Range<usize>,
}

impl<T> At<T> {
    /// Puts a node at a place.
    pub fn new(node: T, span: Range<usize>) -> Self {
        Self { node, span }
    }
}

impl<T: PartialEq> PartialEq for At<T> {
    fn eq(&self, other: &Self) -> bool {
        self.node == other.node
    }
}

impl<T: fmt::Debug> fmt::Debug for At<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.node.fmt(f)
    }
}

/// A boxed expression with its place.
pub type Node = Box<At<Expr>>;

/// A condition or a value. Which of the two is a matter of type, not of grammar.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// `12`, `8,000`? no: digits, optional fraction, `_` between digits allowed: `8_000`.
    Number(Decimal),
    /// `80%`.
    Percent(Decimal),
    /// `3 MB`, `20 USD`.
    Amount(Decimal, Unit),
    /// `14d` as a value.
    Length(Length),
    /// `"pdf"`.
    Text(Text),
    /// `true`, `false`.
    Bool(bool),
    /// `2026-03-01` or `2026-03-01T09:00` (project's zone) or with an offset: kept as written.
    Date(Text),
    /// `@name`.
    Constant(Text),
    /// `unlimited`.
    Unlimited,
    /// A bare word inside `where` and in event scope: a property path (`format`, `file.size`,
    /// or between backticks for other spellings).
    Property(Text),
    /// Inside `where`: `event`, `source`, `person`, `time`, `day`, `week`, `month`, `hour`,
    /// `weekday` of the event.
    Field(Field),
    /// `it`, in `set:` of a score.
    It,
    /// `account.T`, `person.T`; the built-in ones (`account.members`, `account.domain`,
    /// `person.email_is_work`) too.
    Trait(Owner, Text),
    /// `trial_age`, `trial_left`.
    TrialAge,
    /// See [`Expr::TrialAge`].
    TrialLeft,
    /// `now` as a value.
    Now,

    /// `count(E, W, …)` and its kin; properties only where the kind takes them.
    Aggregate {
        /// Which.
        kind: Aggregate,
        /// The property, or the combination of `distinct((p, day), …)`.
        of: Vec<At<Expr>>,
        /// Over which events.
        events: At<Events>,
        /// Overlap of these; `ever` if none.
        windows: Vec<At<Window>>,
    },
    /// `seen("A" then "B" within 3d, W)`.
    Sequence {
        /// Two or more steps.
        steps: Vec<At<Events>>,
        /// First to last.
        within: Option<Length>,
        /// Overlap of these; `ever` if none.
        windows: Vec<At<Window>>,
    },
    /// `since(M)`: a duration; `since(E)` is since the last E.
    Since(Box<At<Moment>>),
    /// `until(M)`.
    Until(Box<At<Moment>>),
    /// `usage(m)`, `limit(m)`, `left(m)`, `limit_reached_in(m)`.
    Meter(MeterValue, Text),
    /// `score(x)`, `score(x, part)`.
    Score(Text, Option<Text>),
    /// `grade(x)`.
    Grade(Text),
    /// `qualified(D)`.
    Qualified(Text),
    /// `number("health")`.
    NumberFrom(Text),
    /// `propensity(model)`.
    Propensity(Text),
    /// `p% of V`; the share may be any percentage value.
    Share(Node, Node),
    /// `account (V)`, in a person's definition.
    OfAccount(Node),
    /// `(V) 30d ago`.
    Ago(Node, Length),
    /// `(V) at M`.
    AtMoment(Node, Box<At<Moment>>),
    /// `growth(V)`, `growth(V, 30d)`.
    Growth(Node, Option<Length>),
    /// `was (C, W)`.
    Was(Node, Vec<At<Window>>),
    /// `(C) for 7d`.
    For(Node, Length),
    /// `streak(week, C)`.
    Streak(Period, Node),
    /// `any K has (C)`, `number of K with (C)`, `sum of (V) per K in last 4 full weeks`.
    Each {
        /// How the keys' answers are brought together.
        over: Quantifier,
        /// The keys.
        key: Key,
        /// The condition (any, every, number) or value (sum, avg, min, max) for one key.
        inner: Node,
        /// For calendar periods: which ones.
        within: Option<At<Window>>,
    },
    /// `percentile(V among (C))`.
    Percentile(Node, Node),
    /// `rank(V among members)`.
    Rank(Node),
    /// `at least 2 of (C1, C2, C3)`.
    AtLeast(u32, Vec<At<Expr>>),
    /// `V if C else V`.
    If {
        /// The value if true.
        then: Node,
        /// The condition.
        when: Node,
        /// The value if not.
        otherwise: Node,
    },
    /// `default(V, 0)`.
    Default(Node, Node),
    /// `min(a, b, …)` of values.
    Min(Vec<At<Expr>>),
    /// `max(a, b, …)` of values.
    Max(Vec<At<Expr>>),
    /// `round(V)`: half away from zero, to a whole number.
    Round(Node),
    /// `a + b` and its kin.
    Arithmetic(Arithmetic, Node, Node),
    /// `-V`.
    Negate(Node),

    /// `a >= b`; `!=` too.
    Compare(Comparison, Node, Node),
    /// `V between a and b`, inclusive.
    Between(Node, Node, Node),
    /// `V in (…)`, `V in @list`.
    In(Node, Vec<At<Expr>>),
    /// `V contains "x"`, `V starts with "x"`, `V ends with "x"`; the right side may be `@list`.
    TextTest(TextTest, Node, Node),
    /// `V matches /re/`.
    Matches(Node, Text),
    /// `V is known`.
    IsKnown(Node),
    /// `V is unknown`.
    IsUnknown(Node),
    /// `grade(x) at least "B"`.
    AtLeastGrade(Node, Node),
    /// `not C`.
    Not(Node),
    /// `C and C …`, flattened: two or more.
    And(Vec<At<Expr>>),
    /// `C or C …`, flattened: two or more.
    Or(Vec<At<Expr>>),
}

/// What an amount is counted in.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Unit {
    /// Bytes, and the power of ten of the prefix: `B` 0, `KB` 3, `MB` 6, `GB` 9, `TB` 12.
    Bytes(u8),
    /// Money of a currency, by its three capital letters.
    Money(Text),
}

/// A duration as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Length {
    /// How many; whole.
    pub count: u32,
    /// Of what.
    pub unit: LengthUnit,
}

/// The units of a duration; the last three are calendar units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names say it")]
pub enum LengthUnit {
    Seconds,
    Minutes,
    Hours,
    Days,
    Weeks,
    Dates,
    Months,
    Years,
}

/// A field of an event in `where`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "docs/language.md, section 3")]
pub enum Field {
    Event,
    Source,
    Person,
    Time,
    Day,
    Week,
    Month,
    Hour,
    Weekday,
}

/// Whose trait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Owner {
    Account,
    Person,
}

/// What is computed over events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "docs/language.md, section 4")]
pub enum Aggregate {
    Count,
    Seen,
    Never,
    People,
    Days,
    Distinct,
    Sum,
    Avg,
    Min,
    Max,
    Latest,
}

/// What is asked of a meter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "docs/language.md, section 4")]
pub enum MeterValue {
    Usage,
    Limit,
    Left,
    LimitReachedIn,
}

/// Which events.
#[derive(Clone, Debug, PartialEq)]
pub enum Events {
    /// `"A"`, `core`, `("A", core)`, `any`, `any marketing`, with `where`.
    Named {
        /// One or more of names, groups, `any`, `any marketing`.
        names: Vec<At<EventName>>,
        /// The condition on each event.
        filter: Option<Node>,
    },
    /// `becomes (C)`.
    Becomes(Node),
    /// `every 7d while (C)`.
    EveryWhile(Length, Node),
}

/// How events are named.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum EventName {
    /// `"Report exported"`; globs (`"Dashboard *"`) too.
    Name(Text),
    /// `core`.
    Group(Text),
    /// `any`: every product event.
    Any,
    /// `any marketing`.
    AnyMarketing,
}

/// A point in time that a subject may or may not have.
#[derive(Clone, Debug, PartialEq)]
pub enum Moment {
    /// `start`.
    Start,
    /// `now`.
    Now,
    /// `first E`.
    First(Events),
    /// `last E`; also what a bare E means in `since(E)`.
    Last(Events),
    /// `3rd E`; 1 is printed `first`.
    Nth(u32, Events),
    /// A time trait: `account.renews_at`.
    Trait(Owner, Text),
    /// A date as written.
    Date(Text),
    /// `@launch`: a constant that holds a date.
    Constant(Text),
}

/// A stretch of time, relative to the instant of judging or to a moment.
#[derive(Clone, Debug, PartialEq)]
pub enum Window {
    /// `last 14d`.
    Last(Length),
    /// `first 10d`: the same as `10d after start`, and printed so.
    First(Length),
    /// `10d after M`: [M, M + 10d).
    After(Length, Moment),
    /// `3d to 10d after M`: [M + 3d, M + 10d).
    FromToAfter(Length, Length, Moment),
    /// `14d before M`: [M - 14d, M).
    LengthBefore(Length, Moment),
    /// `since M`: after M, M itself left out.
    Since(Moment),
    /// `before M`.
    Before(Moment),
    /// `this month`, `this day`.
    This(Period),
    /// `this billing period`.
    ThisBillingPeriod,
    /// `last full week`, `last 4 full months`; `last 1 full` is printed `last full`.
    LastFull(u32, Period),
    /// `last full billing period`, `last 2 full billing periods`.
    LastFullBillingPeriods(u32),
    /// `ever`.
    Ever,
}

/// How the answers for each key are brought together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "docs/language.md, section 4")]
pub enum Quantifier {
    Any,
    Every,
    Number,
    Sum,
    Avg,
    Min,
    Max,
}

/// What a for-each goes over.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Key {
    /// A property of events: `project_id`.
    Property(Text),
    /// `member`: the persons of the account.
    Member,
    /// `sibling`: the accounts of the same domain or parent.
    Sibling,
    /// `day`, `week`, `month`, `year`.
    Period(Period),
}

/// `+ - * /`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
}

/// `= != < <= > >=`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// How a text is looked into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names say it")]
pub enum TextTest {
    Contains,
    StartsWith,
    EndsWith,
}

/// A day of the week compares as its English name; listed here so that a misspelt one is found.
pub const WEEKDAYS: [Weekday; 7] = Weekday::ALL;
