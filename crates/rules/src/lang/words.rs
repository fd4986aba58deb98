//! The words of the language: which are taken, which units there are, and what to say about the
//! words of other languages that people bring along.

use firsthand_model::Text;
use firsthand_model::time::Period;

use super::ast::{Aggregate, Field, LengthUnit, MeterValue, Unit};

/// Words that begin a form with parentheses, for suggestions.
pub(super) const FUNCTIONS: &[&str] = &[
    "account",
    "avg",
    "count",
    "days",
    "default",
    "distinct",
    "grade",
    "growth",
    "latest",
    "left",
    "limit",
    "limit_reached_in",
    "max",
    "min",
    "never",
    "number",
    "people",
    "percentile",
    "propensity",
    "qualified",
    "rank",
    "round",
    "score",
    "seen",
    "since",
    "streak",
    "sum",
    "until",
    "usage",
    "was",
];

/// Words that are values by themselves, for suggestions.
pub(super) const VALUES: &[&str] =
    &["false", "it", "now", "trial_age", "trial_left", "true", "unlimited"];

/// Words between values.
pub(super) const OPERATORS: &[&str] = &[
    "ago", "among", "and", "at", "becomes", "between", "contains", "else", "ends", "for", "has",
    "if", "in", "is", "matches", "not", "of", "or", "per", "starts", "then", "where", "while",
    "with", "within",
];

/// Words that begin a form of several words, or a moment.
const OPENERS: &[&str] = &[
    "account", "any", "avg", "every", "first", "last", "max", "min", "number", "person", "start",
    "sum",
];

/// Whether a name must stand between backticks because the word means something else.
pub(super) fn is_taken(word: &str) -> bool {
    OPERATORS.contains(&word)
        || is_capital_operator(word)
        || VALUES.contains(&word)
        || OPENERS.contains(&word)
        || field(word).is_some()
}

/// Whether a text can be written as a word: letters, digits and `_`, no digit first.
pub(super) fn is_word(text: &str) -> bool {
    text.starts_with(starts_word) && text.chars().all(continues_word)
}

/// Whether a text can be written as a name: words joined by hyphens, such as `usage-points`.
/// Behind a hyphen digits may come first, unless that could be a date.
pub(super) fn is_name(text: &str) -> bool {
    const DIGITS_MAX: usize = 9;
    let mut after_year = false;
    for (index, part) in text.split('-').enumerate() {
        let rest = part.trim_start_matches(|c: char| c.is_ascii_digit());
        let digits = part.len() - rest.len();
        let is_word = is_word(rest) && !(digits > 0 && rest.starts_with('_'));
        let is_part = is_word && !is_capital_operator(rest) || rest.is_empty() && digits > 0;
        if !is_part || digits > 0 && (index == 0 || after_year) || digits > DIGITS_MAX {
            return false;
        }
        after_year = digits == 4 && rest.is_empty();
    }
    true
}

/// Whether a word is `AND`, `Or`, `IS` or the like: taken for the word in lower case and refused.
pub(super) fn is_capital_operator(word: &str) -> bool {
    let lower = word.to_lowercase();
    if lower == word {
        return false;
    }
    let joins = matches!(lower.as_str(), "and" | "or" | "not");
    let is_word = OPERATORS.contains(&lower.as_str()) || matches!(lower.as_str(), "true" | "false");
    joins || is_word && word.chars().all(char::is_uppercase)
}

pub(super) fn starts_word(c: char) -> bool {
    c == '_' || c.is_alphabetic()
}

pub(super) fn continues_word(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

/// The field of an event that a word names inside `where`.
pub(super) fn field(word: &str) -> Option<Field> {
    FIELDS.iter().find(|(name, _)| *name == word).map(|(_, field)| *field)
}

/// How a field is written.
pub(super) fn field_word(field: Field) -> &'static str {
    FIELDS.iter().find(|(_, it)| *it == field).map_or("event", |(name, _)| name)
}

const FIELDS: &[(&str, Field)] = &[
    ("event", Field::Event),
    ("source", Field::Source),
    ("person", Field::Person),
    ("time", Field::Time),
    ("day", Field::Day),
    ("week", Field::Week),
    ("month", Field::Month),
    ("hour", Field::Hour),
    ("weekday", Field::Weekday),
];

/// The aggregate of a name.
pub(super) fn aggregate(word: &str) -> Option<Aggregate> {
    AGGREGATES.iter().find(|(name, _)| *name == word).map(|(_, kind)| *kind)
}

/// How an aggregate is written.
pub(super) fn aggregate_word(kind: Aggregate) -> &'static str {
    AGGREGATES.iter().find(|(_, it)| *it == kind).map_or("count", |(name, _)| name)
}

const AGGREGATES: &[(&str, Aggregate)] = &[
    ("count", Aggregate::Count),
    ("seen", Aggregate::Seen),
    ("never", Aggregate::Never),
    ("people", Aggregate::People),
    ("days", Aggregate::Days),
    ("distinct", Aggregate::Distinct),
    ("sum", Aggregate::Sum),
    ("avg", Aggregate::Avg),
    ("min", Aggregate::Min),
    ("max", Aggregate::Max),
    ("latest", Aggregate::Latest),
];

/// Whether an aggregate is taken over a property.
pub(super) const fn has_property(kind: Aggregate) -> bool {
    use Aggregate::{Avg, Distinct, Latest, Max, Min, Sum};
    matches!(kind, Distinct | Sum | Avg | Min | Max | Latest)
}

/// What is asked of a meter, by name.
pub(super) fn meter_value(word: &str) -> Option<MeterValue> {
    METER_VALUES.iter().find(|(name, _)| *name == word).map(|(_, value)| *value)
}

/// How a question to a meter is written.
pub(super) fn meter_word(value: MeterValue) -> &'static str {
    METER_VALUES.iter().find(|(_, it)| *it == value).map_or("usage", |(name, _)| name)
}

const METER_VALUES: &[(&str, MeterValue)] = &[
    ("usage", MeterValue::Usage),
    ("limit", MeterValue::Limit),
    ("left", MeterValue::Left),
    ("limit_reached_in", MeterValue::LimitReachedIn),
];

/// A calendar period in singular or plural.
pub(super) fn period(word: &str) -> Option<Period> {
    Some(match word {
        "day" | "days" => Period::Day,
        "week" | "weeks" => Period::Week,
        "month" | "months" => Period::Month,
        "year" | "years" => Period::Year,
        _ => return None,
    })
}

/// How a period is written in singular.
pub(super) const fn period_word(period: Period) -> &'static str {
    match period {
        Period::Day => "day",
        Period::Week => "week",
        Period::Month => "month",
        Period::Year => "year",
    }
}

/// Whether a word names a key of a for-each that is no property.
pub(super) fn is_key_word(word: &str) -> bool {
    matches!(word, "member" | "members" | "sibling" | "siblings") || period(word).is_some()
}

/// The unit of a duration, short or spelled out.
pub(super) fn length_unit(word: &str) -> Option<LengthUnit> {
    Some(match word {
        "s" | "sec" | "secs" | "second" | "seconds" => LengthUnit::Seconds,
        "min" | "mins" | "minute" | "minutes" => LengthUnit::Minutes,
        "h" | "hr" | "hrs" | "hour" | "hours" => LengthUnit::Hours,
        "d" | "day" | "days" => LengthUnit::Days,
        "w" | "wk" | "wks" | "week" | "weeks" => LengthUnit::Weeks,
        "date" | "dates" => LengthUnit::Dates,
        "mo" | "mos" | "month" | "months" => LengthUnit::Months,
        "y" | "yr" | "yrs" | "year" | "years" => LengthUnit::Years,
        _ => return None,
    })
}

/// The unit of an amount: bytes in powers of ten, or the three capitals of a currency.
pub(super) fn amount_unit(word: &str) -> Option<Unit> {
    Some(match word {
        "B" | "byte" | "bytes" => Unit::Bytes(0),
        "KB" | "kB" | "kb" => Unit::Bytes(3),
        "MB" | "mb" => Unit::Bytes(6),
        "GB" | "gb" => Unit::Bytes(9),
        "TB" | "tb" => Unit::Bytes(12),
        _ if word.len() == 3 && word.bytes().all(|b| b.is_ascii_uppercase()) => {
            Unit::Money(Text::new(word))
        }
        _ => return None,
    })
}

/// What to say about [`is_foreign_size`].
pub(super) const SIZES: &str = "Sizes are `B`, `KB`, `MB`, `GB` and `TB`; 1 MB is 1,000,000 B.";

/// Whether a word is a unit of size that the language does not have: powers of two, and bits.
pub(super) fn is_foreign_size(word: &str) -> bool {
    matches!(word, "KiB" | "MiB" | "GiB" | "TiB" | "Kb" | "Mb" | "Gb" | "Tb")
}

/// The nearest of some words, if one is near enough to be a slip of the fingers.
pub(super) fn nearest<'w>(word: &str, among: impl Iterator<Item = &'w str>) -> Option<&'w str> {
    let word = word.to_lowercase();
    let length = word.chars().count();
    let most = if length < 3 { 0 } else { (length / 3).max(1) };
    among
        .map(|it| (strsim::damerau_levenshtein(&word, it), it))
        .filter(|(distance, it)| *distance <= most && *distance < it.len())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, it)| it)
}

/// What to say about a word that other languages, or plain English, would use here.
pub(super) fn advice(word: &str) -> Option<&'static str> {
    Some(match word.to_lowercase().as_str() {
        "average" | "mean" => "Write `avg`.",
        "unique" | "uniques" | "count_distinct" | "countdistinct" | "uniq" => "Write `distinct`.",
        "users" | "persons" | "visitors" | "user_count" => {
            "Write `people(…)` for the number of different persons."
        }
        "total" => "Write `sum`.",
        "exists" | "did" | "done" | "happened" => "Write `seen(…)`.",
        "null" | "nil" | "none" | "empty" | "missing" | "undefined" => {
            "What is missing is unknown: write `… is known` or `… is unknown`."
        }
        "today" => "Write `this day` as a window, or `now` as a moment.",
        "yesterday" => "Write `last full day`.",
        "yes" => "Write `true`.",
        "no" => "Write `false`, or `not any … has (…)`.",
        "like" | "ilike" | "includes" | "include" => {
            "Write `contains`, `starts with`, `ends with` or `matches /…/`."
        }
        "contain" | "containing" => "Write `contains`, or `not contains`.",
        "equals" | "equal" | "eq" | "is_equal" => "Write `=`.",
        "gt" | "over" | "above" | "exceeds" | "more" => "Write `>`.",
        "lt" | "under" | "below" | "less" | "fewer" => "Write `<`.",
        "gte" => "Write `>=`.",
        "lte" => "Write `<=`.",
        "unless" => "Write `and not (…)`, or use the key `unless:` of the definition.",
        "but" => "Write `and`.",
        "except" => "Write `and not (…)`.",
        "where" => {
            "`where` follows the events inside a call: `count(\"Report exported\" where \
             format = \"pdf\")`."
        }
        "within" => {
            "Name the window inside the call: `count(\"Report exported\", last 7d)`. `within` \
             belongs to `seen(\"A\" then \"B\" within 3d)`."
        }
        "then" => {
            "`then` joins the steps of a sequence: `seen(\"A\" then \"B\" within 3d)`. A choice is \
             written `V if C else V`."
        }
        "if" | "case" | "switch" | "when" | "iff" | "ifelse" => {
            "A choice is written `V if C else V`."
        }
        "each" | "all" | "some" => "Write `any … has (…)` or `every … has (…)`.",
        "second" => "Write `2nd`.",
        "third" => "Write `3rd`.",
        "start" => "`start` is a moment: write `since(start)`, or `first 10d` as a window.",
        "ever" | "this" | "last" | "first" | "before" | "after" => {
            "Windows stand inside a call, after the events: `count(\"Report exported\", last 7d)`."
        }
        "plan" => "Write `account.plan`.",
        "domain" => "Write `account.domain`.",
        "email" => "Write `person.email`, or `person.email_is_work`.",
        "day" | "week" | "month" | "hour" | "weekday" | "event" | "source" | "time" => {
            "The fields of an event are read inside `where`: `count(any where weekday = \
             \"monday\")`."
        }
        "user" | "users.email" => "Write `person.…` for a trait of the person.",
        "company" | "organisation" | "organization" | "workspace" => {
            "Write `account.…` for a trait of the account."
        }
        _ => return None,
    })
}
