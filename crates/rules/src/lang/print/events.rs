//! The canonical form of events, moments, windows, keys and durations.

use super::super::ast::{EventName, Events, Key, Length, LengthUnit, Moment, Window};
use super::super::level::Level;
use super::super::words;
use super::{push, write_enclosed, write_expr, write_name, write_quoted, write_text, write_trait};

/// Writes an event expression.
pub fn events(events: &Events) -> String {
    let mut out = String::new();
    write_events(&mut out, events, false);
    out
}

/// Writes a moment.
pub fn moment(moment: &Moment) -> String {
    let mut out = String::new();
    write_moment(&mut out, moment, false);
    out
}

/// Writes a window.
pub fn window(window: &Window) -> String {
    let mut out = String::new();
    write_window(&mut out, window, false);
    out
}

/// Writes the key of a for-each, in singular.
pub fn key(key: &Key) -> String {
    let mut out = String::new();
    write_key(&mut out, key, false);
    out
}

/// Writes a duration: `14d`, `3mo`, `14 dates`.
pub fn length(length: Length) -> String {
    match length {
        Length { count: 1, unit: LengthUnit::Dates } => "1 date".to_owned(),
        Length { count, unit: LengthUnit::Dates } => format!("{count} dates"),
        Length { count, unit } => format!("{count}{}", length_unit(unit)),
    }
}

/// Writes the unit of a duration.
pub const fn length_unit(unit: LengthUnit) -> &'static str {
    match unit {
        LengthUnit::Seconds => "s",
        LengthUnit::Minutes => "min",
        LengthUnit::Hours => "h",
        LengthUnit::Days => "d",
        LengthUnit::Weeks => "w",
        LengthUnit::Dates => " dates",
        LengthUnit::Months => "mo",
        LengthUnit::Years => "y",
    }
}

/// Writes events. Where more may follow (`open`), parentheses end a filter.
pub(super) fn write_events(out: &mut String, events: &Events, open: bool) {
    match events {
        Events::Named { names, filter } => {
            let encloses = open && filter.is_some();
            if encloses {
                out.push('(');
            }
            if let [one] = &names[..] {
                write_event_name(out, &one.node);
            } else {
                out.push('(');
                for (index, name) in names.iter().enumerate() {
                    if index > 0 {
                        out.push_str(", ");
                    }
                    write_event_name(out, &name.node);
                }
                out.push(')');
            }
            if let Some(filter) = filter {
                out.push_str(" where ");
                write_expr(out, &filter.node, Level::If);
            }
            if encloses {
                out.push(')');
            }
        }
        Events::Becomes(condition) => {
            out.push_str("becomes ");
            write_enclosed(out, &condition.node);
        }
        Events::EveryWhile(every, condition) => {
            push(out, format_args!("every {} while ", length(*every)));
            write_enclosed(out, &condition.node);
        }
    }
}

fn write_event_name(out: &mut String, name: &EventName) {
    match name {
        EventName::Name(name) => write_text(out, name),
        EventName::Group(group) => {
            if group.split('-').next().is_some_and(words::is_taken) {
                write_quoted(out, group, '`');
            } else {
                write_name(out, group);
            }
        }
        EventName::Any => out.push_str("any"),
        EventName::AnyMarketing => out.push_str("any marketing"),
    }
}

pub(super) fn write_moment(out: &mut String, moment: &Moment, open: bool) {
    match moment {
        Moment::Start => out.push_str("start"),
        Moment::Now => out.push_str("now"),
        Moment::Last(events) => {
            out.push_str("last ");
            write_events(out, events, open);
        }
        Moment::First(events) | Moment::Nth(1, events) => {
            out.push_str("first ");
            write_events(out, events, open);
        }
        Moment::Nth(count, events) => {
            push(out, format_args!("{count}{} ", ordinal(*count)));
            write_events(out, events, open);
        }
        Moment::Trait(owner, name) => write_trait(out, *owner, name),
        Moment::Date(date) => out.push_str(date),
        Moment::Constant(name) => {
            out.push('@');
            write_name(out, name);
        }
    }
}

const fn ordinal(count: u32) -> &'static str {
    match (count % 10, count % 100) {
        (1, tail) if tail != 11 => "st",
        (2, tail) if tail != 12 => "nd",
        (3, tail) if tail != 13 => "rd",
        _ => "th",
    }
}

pub(super) fn write_window(out: &mut String, window: &Window, open: bool) {
    match window {
        Window::Last(it) => push(out, format_args!("last {}", length(*it))),
        Window::First(it) => push(out, format_args!("first {}", length(*it))),
        Window::After(it, from) => {
            push(out, format_args!("{} after ", length(*it)));
            write_moment(out, from, open);
        }
        Window::FromToAfter(begin, end, from) => {
            push(out, format_args!("{} to {} after ", length(*begin), length(*end)));
            write_moment(out, from, open);
        }
        Window::LengthBefore(it, to) => {
            push(out, format_args!("{} before ", length(*it)));
            write_moment(out, to, open);
        }
        Window::Since(from) => {
            out.push_str("since ");
            write_moment(out, from, open);
        }
        Window::Before(to) => {
            out.push_str("before ");
            write_moment(out, to, open);
        }
        Window::This(period) => push(out, format_args!("this {}", words::period_word(*period))),
        Window::ThisBillingPeriod => out.push_str("this billing period"),
        Window::LastFull(count, period) => {
            write_full(out, *count, words::period_word(*period));
        }
        Window::LastFullBillingPeriods(count) => write_full(out, *count, "billing period"),
        Window::Ever => out.push_str("ever"),
    }
}

fn write_full(out: &mut String, count: u32, period: &str) {
    if count == 1 {
        push(out, format_args!("last full {period}"));
    } else {
        push(out, format_args!("last {count} full {period}s"));
    }
}

pub(super) fn write_key(out: &mut String, key: &Key, plural: bool) {
    let word = match key {
        Key::Property(path) => {
            let first = path.split('.').next().unwrap_or_default();
            let taken = words::is_taken(first) || words::is_key_word(first);
            return super::write_path(out, path, taken);
        }
        Key::Member => "member",
        Key::Sibling => "sibling",
        Key::Period(period) => words::period_word(*period),
    };
    out.push_str(word);
    if plural {
        out.push('s');
    }
}
