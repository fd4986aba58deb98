//! Writes a tree in its canonical form: one line, the shortest units, no parentheses but those
//! that the parser needs ([`super::level`] holds the table) and those around what `not` negates.
//! Reading it back gives the same tree.
//!
//! The version of a definition is hashed over this form, and evidence quotes it, so a change
//! here changes every version: it belongs into the changelog.

mod events;

use std::fmt::Write;

use firsthand_model::Text;

pub use events::{events, key, length, length_unit, moment, window};

use super::ast::{Arithmetic, At, Expr, Owner, Quantifier, TextTest, Unit, Window};
use super::level::{self, Level, level};
use super::words;
use events::{write_events, write_key, write_moment, write_window};

/// Writes a condition or value.
pub fn expr(expr: &Expr) -> String {
    let mut out = String::new();
    write_expr(&mut out, expr, Level::If);
    out
}

/// Writes an expression where operators of at least `floor` may stand.
fn write_expr(out: &mut String, expr: &Expr, floor: Level) {
    if level(expr) < floor {
        out.push('(');
        write_form(out, expr);
        out.push(')');
    } else {
        write_form(out, expr);
    }
}

fn write_form(out: &mut String, expr: &Expr) {
    match expr {
        Expr::Number(it) => push(out, it),
        Expr::Percent(it) => push(out, format_args!("{it}%")),
        Expr::Amount(it, unit) => push(out, format_args!("{it} {}", unit_word(unit))),
        Expr::Length(it) => out.push_str(&length(*it)),
        Expr::Text(it) => write_text(out, it),
        Expr::Bool(it) => push(out, it),
        Expr::Date(it) => out.push_str(it),
        Expr::Constant(name) => {
            out.push('@');
            write_name(out, name);
        }
        Expr::Unlimited => out.push_str("unlimited"),
        Expr::Property(path) => write_property(out, path),
        Expr::Field(it) => out.push_str(words::field_word(*it)),
        Expr::It => out.push_str("it"),
        Expr::Trait(owner, name) => write_trait(out, *owner, name),
        Expr::TrialAge => out.push_str("trial_age"),
        Expr::TrialLeft => out.push_str("trial_left"),
        Expr::Now => out.push_str("now"),

        Expr::Aggregate { kind, of, events, windows } => {
            out.push_str(words::aggregate_word(*kind));
            out.push('(');
            match &of[..] {
                [] => {}
                [one] => {
                    write_expr(out, &one.node, Level::Add);
                    out.push_str(", ");
                }
                many => {
                    write_enclosed_list(out, many);
                    out.push_str(", ");
                }
            }
            write_events(out, &events.node, false);
            write_windows(out, windows);
            out.push(')');
        }
        Expr::Sequence { steps, within, windows } => {
            out.push_str("seen(");
            for (index, step) in steps.iter().enumerate() {
                if index > 0 {
                    out.push_str(" then ");
                }
                write_events(out, &step.node, false);
            }
            if let Some(within) = within {
                push(out, format_args!(" within {}", length(*within)));
            }
            write_windows(out, windows);
            out.push(')');
        }
        Expr::Since(it) => {
            out.push_str("since(");
            match &it.node {
                super::ast::Moment::Last(last) => write_events(out, last, false),
                other => write_moment(out, other, false),
            }
            out.push(')');
        }
        Expr::Until(it) => {
            out.push_str("until(");
            write_moment(out, &it.node, false);
            out.push(')');
        }
        Expr::Meter(asked, name) => write_named(out, words::meter_word(*asked), name),
        Expr::Score(name, None) => write_named(out, "score", name),
        Expr::Score(name, Some(part)) => {
            out.push_str("score(");
            write_name(out, name);
            out.push_str(", ");
            write_name(out, part);
            out.push(')');
        }
        Expr::Grade(name) => write_named(out, "grade", name),
        Expr::Qualified(name) => write_named(out, "qualified", name),
        Expr::NumberFrom(name) => {
            out.push_str("number(");
            write_text(out, name);
            out.push(')');
        }
        Expr::Propensity(name) => write_named(out, "propensity", name),
        Expr::Share(share, whole) => {
            write_expr(out, &share.node, Level::Postfix);
            out.push_str(" of ");
            write_expr(out, &whole.node, Level::Share);
        }
        Expr::OfAccount(inner) => {
            out.push_str("account ");
            write_enclosed(out, &inner.node);
        }
        Expr::Ago(inner, back) => {
            write_postfixed(out, &inner.node, level::is_value_call(&inner.node));
            push(out, format_args!(" {} ago", length(*back)));
        }
        Expr::AtMoment(inner, moment) => {
            write_postfixed(out, &inner.node, level::is_value_call(&inner.node));
            out.push_str(" at ");
            write_moment(out, &moment.node, true);
        }
        Expr::For(inner, long) => {
            write_postfixed(out, &inner.node, level::is_condition_call(&inner.node));
            push(out, format_args!(" for {}", length(*long)));
        }
        Expr::Growth(inner, back) => {
            out.push_str("growth(");
            write_expr(out, &inner.node, Level::If);
            if let Some(back) = back {
                push(out, format_args!(", {}", length(*back)));
            }
            out.push(')');
        }
        Expr::Was(inner, windows) => {
            out.push_str("was (");
            write_expr(out, &inner.node, Level::If);
            write_windows(out, windows);
            out.push(')');
        }
        Expr::Streak(period, inner) => {
            push(out, format_args!("streak({}, ", words::period_word(*period)));
            write_expr(out, &inner.node, Level::If);
            out.push(')');
        }
        Expr::Each { over, key, inner, within } => {
            write_each(out, *over, key, &inner.node, within.as_ref());
        }
        Expr::Percentile(inner, among) => {
            out.push_str("percentile(");
            write_expr(out, &inner.node, Level::If);
            out.push_str(" among ");
            write_enclosed(out, &among.node);
            out.push(')');
        }
        Expr::Rank(inner) => {
            out.push_str("rank(");
            write_expr(out, &inner.node, Level::If);
            out.push_str(" among members)");
        }
        Expr::AtLeast(count, conditions) => {
            push(out, format_args!("at least {count} of "));
            write_enclosed_list(out, conditions);
        }
        Expr::If { then, when, otherwise } => {
            write_expr(out, &then.node, Level::Or);
            out.push_str(" if ");
            write_expr(out, &when.node, Level::Or);
            out.push_str(" else ");
            write_expr(out, &otherwise.node, Level::If);
        }
        Expr::Default(inner, instead) => {
            out.push_str("default(");
            write_expr(out, &inner.node, Level::If);
            out.push_str(", ");
            write_expr(out, &instead.node, Level::If);
            out.push(')');
        }
        Expr::Min(values) => {
            out.push_str("min");
            write_enclosed_list(out, values);
        }
        Expr::Max(values) => {
            out.push_str("max");
            write_enclosed_list(out, values);
        }
        Expr::Round(inner) => {
            out.push_str("round");
            write_enclosed(out, &inner.node);
        }
        Expr::Arithmetic(operator, left, right) => {
            let (sign, level, tighter) = match operator {
                Arithmetic::Add => ('+', Level::Add, Level::Multiply),
                Arithmetic::Subtract => ('-', Level::Add, Level::Multiply),
                Arithmetic::Multiply => ('*', Level::Multiply, Level::Negate),
                Arithmetic::Divide => ('/', Level::Multiply, Level::Negate),
            };
            write_expr(out, &left.node, level);
            push(out, format_args!(" {sign} "));
            write_expr(out, &right.node, tighter);
        }
        Expr::Negate(inner) => {
            out.push('-');
            write_expr(out, &inner.node, Level::Share);
        }

        Expr::Not(inner) if level::negates_inside(&inner.node) => {
            write_test(out, &inner.node, "not ");
        }
        Expr::Not(inner) => {
            out.push_str("not ");
            // `not a = b` would be read right, but not by everybody.
            write_expr(out, &inner.node, Level::Atom);
        }
        Expr::And(parts) => write_joined(out, parts, " and ", Level::Not),
        Expr::Or(parts) => write_joined(out, parts, " or ", Level::And),
        test => write_test(out, test, ""),
    }
}

/// Writes a comparison or test; `not` stands in its middle.
fn write_test(out: &mut String, test: &Expr, not: &str) {
    let (Expr::Compare(_, left, _)
    | Expr::Between(left, ..)
    | Expr::In(left, _)
    | Expr::TextTest(_, left, _)
    | Expr::Matches(left, _)
    | Expr::IsKnown(left)
    | Expr::IsUnknown(left)
    | Expr::AtLeastGrade(left, _)) = test
    else {
        unreachable!("every other form is written by `write_form`");
    };
    write_expr(out, &left.node, Level::Add);
    push(out, format_args!(" {not}"));
    match test {
        Expr::Compare(comparison, _, right) => {
            push(out, format_args!("{comparison} "));
            write_expr(out, &right.node, Level::Add);
        }
        Expr::Between(_, low, high) => {
            out.push_str("between ");
            write_expr(out, &low.node, Level::Add);
            out.push_str(" and ");
            write_expr(out, &high.node, Level::Add);
        }
        Expr::In(_, values) => {
            out.push_str("in ");
            match &values[..] {
                [At { node: list @ Expr::Constant(_), .. }] => write_form(out, list),
                values => write_enclosed_list(out, values),
            }
        }
        Expr::TextTest(test, _, right) => {
            out.push_str(match test {
                TextTest::Contains => "contains ",
                TextTest::StartsWith => "starts with ",
                TextTest::EndsWith => "ends with ",
            });
            write_expr(out, &right.node, Level::Add);
        }
        Expr::Matches(_, pattern) => {
            out.push_str("matches ");
            write_pattern(out, pattern);
        }
        Expr::AtLeastGrade(_, right) => {
            out.push_str("at least ");
            write_expr(out, &right.node, Level::Add);
        }
        Expr::IsUnknown(_) => out.push_str("is unknown"),
        _ => out.push_str("is known"),
    }
}

fn write_each(
    out: &mut String,
    over: Quantifier,
    key: &super::ast::Key,
    inner: &Expr,
    within: Option<&At<Window>>,
) {
    let (lead, link) = match over {
        Quantifier::Any => ("any ", " has "),
        Quantifier::Every => ("every ", " has "),
        Quantifier::Number => ("number of ", " with "),
        Quantifier::Sum => ("sum of ", ""),
        Quantifier::Avg => ("avg of ", ""),
        Quantifier::Min => ("min of ", ""),
        Quantifier::Max => ("max of ", ""),
    };
    out.push_str(lead);
    if link.is_empty() {
        write_enclosed(out, inner);
        out.push_str(" per ");
    }
    write_key(out, key, over == Quantifier::Number);
    if let Some(window) = within {
        out.push_str(" in ");
        write_window(out, &window.node, true);
    }
    if !link.is_empty() {
        out.push_str(link);
        write_enclosed(out, inner);
    }
}

/// Writes what a postfix stands behind; between parentheses unless it is a plain call.
fn write_postfixed(out: &mut String, inner: &Expr, plain: bool) {
    if plain {
        write_form(out, inner);
    } else {
        write_enclosed(out, inner);
    }
}

fn write_enclosed(out: &mut String, inner: &Expr) {
    out.push('(');
    write_form(out, inner);
    out.push(')');
}

fn write_joined(out: &mut String, parts: &[At<Expr>], link: &str, floor: Level) {
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            out.push_str(link);
        }
        write_expr(out, &part.node, floor);
    }
}

fn write_enclosed_list(out: &mut String, parts: &[At<Expr>]) {
    out.push('(');
    write_joined(out, parts, ", ", Level::If);
    out.push(')');
}

fn write_windows(out: &mut String, windows: &[At<Window>]) {
    for window in windows {
        out.push_str(", ");
        write_window(out, &window.node, false);
    }
}

fn write_named(out: &mut String, word: &str, name: &str) {
    out.push_str(word);
    out.push('(');
    write_name(out, name);
    out.push(')');
}

fn write_text(out: &mut String, text: &str) {
    write_quoted(out, text, '"');
}

fn write_quoted(out: &mut String, text: &str, quote: char) {
    out.push(quote);
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            _ => {
                if c == '\\' || c == quote {
                    out.push('\\');
                }
                out.push(c);
            }
        }
    }
    out.push(quote);
}

/// Writes a pattern; only the slash needs care, all other escapes are the pattern's own.
fn write_pattern(out: &mut String, pattern: &str) {
    out.push('/');
    let mut escaped = false;
    for c in pattern.chars() {
        if c == '/' && !escaped {
            out.push('\\');
        }
        escaped = c == '\\' && !escaped;
        out.push(c);
    }
    out.push('/');
}

/// Writes a name that the configuration gives.
fn write_name(out: &mut String, name: &str) {
    if words::is_name(name) {
        out.push_str(name);
    } else {
        write_quoted(out, name, '`');
    }
}

/// Writes a property; its first part must not be a word that means something else.
fn write_property(out: &mut String, path: &str) {
    let taken = path.split('.').next().is_some_and(words::is_taken);
    write_path(out, path, taken);
}

fn write_trait(out: &mut String, owner: Owner, name: &Text) {
    out.push_str(match owner {
        Owner::Account => "account.",
        Owner::Person => "person.",
    });
    write_path(out, name, false);
}

fn write_path(out: &mut String, path: &str, quote_first: bool) {
    if path.split('.').any(str::is_empty) {
        return write_quoted(out, path, '`');
    }
    for (index, part) in path.split('.').enumerate() {
        if index > 0 {
            out.push('.');
        }
        if words::is_word(part) && !(quote_first && index == 0) {
            out.push_str(part);
        } else {
            write_quoted(out, part, '`');
        }
    }
}

fn unit_word(unit: &Unit) -> &str {
    match unit {
        Unit::Bytes(0) => "B",
        Unit::Bytes(3) => "KB",
        Unit::Bytes(6) => "MB",
        Unit::Bytes(9) => "GB",
        Unit::Bytes(_) => "TB",
        Unit::Money(currency) => currency,
    }
}

fn push(out: &mut String, shown: impl std::fmt::Display) {
    write!(out, "{shown}").expect("a string takes whatever is written");
}
