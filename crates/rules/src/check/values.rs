//! Properties and traits that were never received (W502), comparisons that their values can never
//! meet (W503), and `!=` where most values are unknown (W509).

use std::ops::Range;

use firsthand_model::Text as Name;
use firsthand_model::diagnostic::{codes, nearest};
use firsthand_model::fact::number_trait;
use firsthand_model::seen::{NAMES_MAX, SeenEvent, SeenValues};

use super::data::Look;
use super::shown::{grouped, listed, times};
use super::test::{Fixed, fixed};
use crate::eval::value::same_text;
use crate::lang::ast::{At, Comparison, Expr, Owner, TextTest};
use crate::lang::print;

/// Traits that are reckoned, not received.
const BUILT_IN: [(Owner, &str); 3] =
    [(Owner::Account, "members"), (Owner::Account, "domain"), (Owner::Person, "email_is_work")];

/// What was received of a property or trait, with its name in messages.
struct Received {
    name: String,
    values: SeenValues,
    /// How often it could have been told.
    told_max: u64,
    /// What tells that.
    beside: String,
}

impl<'a> Look<'a, '_> {
    /// One expression; what is inside it is looked at on its own.
    pub fn expr(
        &mut self,
        expr: &Expr,
        span: &Range<usize>,
        at: Option<&[(&'a Name, &'a SeenEvent)]>,
    ) {
        match expr {
            Expr::Property(path) => self.property(path, span, at.unwrap_or_default()),
            Expr::Trait(owner, path) => self.trait_name(*owner, path, span),
            Expr::NumberFrom(name) => self.number(name, span),
            Expr::Compare(op, left, right) => {
                let (value, other) =
                    if fixed(self.project, left).is_some() { (right, left) } else { (left, right) };
                self.never_met(value, std::slice::from_ref(other.as_ref()), Some(*op), at);
                if *op == Comparison::NotEqual {
                    self.mostly_unknown(value, span, at);
                }
            }
            Expr::In(value, list) => self.never_met(value, list, None, at),
            Expr::TextTest(test, value, part) => self.text_test(*test, value, part, at),
            Expr::Not(inner) => {
                if let Expr::In(value, _) | Expr::TextTest(_, value, _) = &inner.node {
                    self.mostly_unknown(value, span, at);
                }
            }
            _ => {}
        }
    }

    /// A property of some events.
    pub fn property(
        &mut self,
        path: &Name,
        span: &Range<usize>,
        met: &[(&'a Name, &'a SeenEvent)],
    ) {
        if let Some((message, help)) = unknown_property(path, met) {
            self.notes.warn(self.text.source, codes::UNKNOWN_PROPERTY, span, message, help);
        }
    }

    /// A trait of accounts or persons.
    pub fn trait_name(&mut self, owner: Owner, path: &Name, span: &Range<usize>) {
        let (word, known) = match owner {
            Owner::Account => ("account", &self.seen.account_traits),
            Owner::Person => ("person", &self.seen.person_traits),
        };
        let built_in = BUILT_IN.iter().any(|(whose, name)| *whose == owner && name == path);
        if built_in || known.contains_key(path) || known.len() >= NAMES_MAX {
            return;
        }
        let own = BUILT_IN.iter().filter(|(whose, _)| *whose == owner).map(|(_, name)| *name);
        let names = known.keys().map(Name::as_str);
        let help = match nearest(path, names.clone().chain(own)) {
            Some(near) => format!("Did you mean `{word}.{near}`?"),
            None if known.is_empty() => format!("No traits of {word}s have been received at all."),
            None => format!("What has been received of {word}s is {}.", listed(names)),
        };
        let message = format!("no {word} has ever had a trait `{path}`");
        self.notes.warn(self.text.source, codes::UNKNOWN_PROPERTY, span, message, help);
    }

    fn number(&mut self, name: &Name, span: &Range<usize>) {
        let traits = [&self.seen.account_traits, &self.seen.person_traits];
        if traits.iter().any(|it| it.contains_key(&number_trait(name)) || it.len() >= NAMES_MAX) {
            return;
        }
        let prefix = number_trait("");
        let known = traits.iter().flat_map(|it| it.keys());
        let known = known.filter_map(|it| it.strip_prefix(prefix.as_str())).collect::<Vec<_>>();
        let help = match nearest(name, known.iter().copied()) {
            Some(near) => format!("Did you mean `number(\"{near}\")`?"),
            None if known.is_empty() => "No numbers from outside have come in at all.".to_owned(),
            None => format!("The numbers that came in are {}.", listed(known)),
        };
        let message = format!("no number `{name}` has ever come in");
        self.notes.warn(self.text.source, codes::UNKNOWN_PROPERTY, span, message, help);
    }

    /// What was received of a value, if it is a property or trait.
    fn received(&self, value: &Expr, at: Option<&[(&'a Name, &'a SeenEvent)]>) -> Option<Received> {
        match value {
            Expr::Property(path) => {
                let met = at?;
                let mut values = SeenValues::default();
                met.iter()
                    .filter_map(|(_, it)| it.properties.get(path))
                    .for_each(|it| values.merge(it));
                let told_max = met.iter().map(|(_, it)| it.count).sum();
                let beside = format!("of {} such events", grouped(told_max));
                Some(Received { name: path.to_string(), values, told_max, beside })
            }
            Expr::Trait(owner, path) => {
                let (word, known) = match owner {
                    Owner::Account => ("account", &self.seen.account_traits),
                    Owner::Person => ("person", &self.seen.person_traits),
                };
                let values = known.get(path)?.clone();
                // Traits come together mostly: the one told most often says how often.
                let most = known.iter().max_by_key(|(_, it)| it.known() + it.nulls)?;
                let told_max = most.1.known() + most.1.nulls;
                let beside = format!("where `{word}.{}` was told {}", most.0, times(told_max));
                Some(Received { name: format!("{word}.{path}"), values, told_max, beside })
            }
            _ => None,
        }
    }

    /// A value compared with fixed things that it has never been.
    fn never_met(
        &mut self,
        value: &At<Expr>,
        others: &[At<Expr>],
        op: Option<Comparison>,
        at: Option<&[(&'a Name, &'a SeenEvent)]>,
    ) {
        let Some(received) = self.received(&value.node, at) else { return };
        if received.values.known() == 0 {
            return;
        }
        let fixed = |other: &At<Expr>| match &other.node {
            // Lists name many that are not customers yet; only what is written here is meant.
            Expr::Constant(_) => None,
            _ => fixed(self.project, other),
        };
        // Of several texts it is enough that one occurs, unless another is nearly spelt like one.
        let is = |text: &str| received.values.distinct_texts.keys().any(|it| same_text(it, text));
        let one_occurs =
            others.iter().any(|it| matches!(fixed(it), Some(Fixed::Text(text)) if is(&text)));
        let is_plan = received.name == "account.plan";
        let mut found = Vec::new();
        for other in others {
            let Some(fixed) = fixed(other) else { continue };
            let wanted = op != Some(Comparison::NotEqual) && !one_occurs;
            if let Fixed::Text(text) = &fixed
                && is_plan
                && self.project.plans.keys().any(|it| same_text(it, text))
            {
                continue;
            }
            found.extend(never_is(&received, &other.node, &fixed, wanted).map(|it| (other, it)));
        }
        for (other, (message, help)) in found {
            let code = codes::NEVER_SEEN_VALUE;
            self.notes.warn(self.text.source, code, &other.span, message, help);
        }
    }

    fn text_test(
        &mut self,
        test: TextTest,
        value: &At<Expr>,
        part: &At<Expr>,
        at: Option<&[(&'a Name, &'a SeenEvent)]>,
    ) {
        let (Some(received), Expr::Text(part_text)) = (self.received(&value.node, at), &part.node)
        else {
            return;
        };
        let values = &received.values;
        if values.known() == 0 || values.lists > 0 || values.many_texts {
            return;
        }
        let part_text = part_text.to_lowercase();
        let met = values.distinct_texts.keys().map(|it| it.to_lowercase()).any(|it| match test {
            TextTest::Contains => it.contains(&part_text),
            TextTest::StartsWith => it.starts_with(&part_text),
            TextTest::EndsWith => it.ends_with(&part_text),
        });
        if !met {
            let message = format!("no `{}` received so far is like this", received.name);
            let help = format!("It has been {}.", kinds(values));
            self.notes.warn(self.text.source, codes::NEVER_SEEN_VALUE, &part.span, message, help);
        }
    }

    fn mostly_unknown(
        &mut self,
        value: &At<Expr>,
        span: &Range<usize>,
        at: Option<&[(&'a Name, &'a SeenEvent)]>,
    ) {
        let written = print::expr(&value.node);
        let Some(received) = self.received(&value.node, at) else { return };
        let known = received.values.known();
        if known == 0 || known * 2 >= received.told_max || self.guarded.contains(&written) {
            return;
        }
        let message = format!(
            "`{}` is mostly unknown (known {}, {}), and then this is unknown too, not true",
            received.name,
            times(known),
            received.beside
        );
        let help = format!(
            "Say what unknown means: `{written} is unknown or …`, or `default({written}, \"none\")`."
        );
        self.notes.warn(self.text.source, codes::MOSTLY_UNKNOWN, span, message, help);
    }
}

/// What is wrong with a property of some events, and what to do.
pub(super) fn unknown_property(
    path: &Name,
    met: &[(&Name, &SeenEvent)],
) -> Option<(String, String)> {
    let full = |it: &SeenEvent| it.properties.len() >= NAMES_MAX;
    let known = |it: &SeenEvent| it.properties.contains_key(path);
    // Of events that never came, nothing is known; that they never came is said elsewhere.
    if met.is_empty() || met.iter().any(|(_, it)| known(it) || full(it)) {
        return None;
    }
    let mut names = met.iter().flat_map(|(_, it)| it.properties.keys()).collect::<Vec<_>>();
    names.sort();
    names.dedup();
    let names = names.iter().map(|it| it.as_str());
    let help = match nearest(path, names.clone()) {
        Some(near) => format!("Did you mean `{near}`?"),
        None if names.len() == 0 => "They come without properties.".to_owned(),
        None => format!("The properties received are {}.", listed(names)),
    };
    let message = match met {
        [(event, _)] => format!("`{event}` has never had a property `{path}`"),
        _ => format!("none of these events has ever had a property `{path}`"),
    };
    Some((message, help))
}

/// Why a value received can never meet a comparison, and what to do. Texts that nobody misspelt
/// count only where they are `wanted`: what must not be may well never have been.
fn never_is(
    received: &Received,
    other: &Expr,
    fixed: &Fixed,
    wanted: bool,
) -> Option<(String, String)> {
    let Received { name, values, .. } = received;
    let never = |what: &str, help: String| Some((format!("`{name}` has never been {what}"), help));
    let was = || format!("It has been {}.", kinds(values));
    match fixed {
        // A list is met by each of its entries in other ways than these.
        _ if values.lists > 0 => None,
        Fixed::Bool(_) if values.bools == 0 => never("true or false", was()),
        // Instants are texts in the data.
        Fixed::Number(_) if matches!(other, Expr::Date(_)) => None,
        Fixed::Number(_) if values.numbers == 0 => {
            let help = if values.texts > 0 {
                format!("{} Send numbers without quotes, or compare with a text.", was())
            } else {
                was()
            };
            never("a number", help)
        }
        Fixed::Text(_) if values.texts == 0 => never("a text", was()),
        Fixed::Text(text) if !values.many_texts => {
            let known = || values.distinct_texts.keys().map(Name::as_str);
            if known().any(|it| same_text(it, text)) {
                return None;
            }
            // A code of a letter or two is as near to any other as to the one that is meant.
            match nearest(text, known()).filter(|_| text.chars().count() > 2) {
                Some(near) => {
                    let count = values.distinct_texts[near];
                    never(
                        &format!("`{text}`"),
                        format!("Did you mean `{near}`, seen {}?", times(count)),
                    )
                }
                None => wanted.then(|| never(&format!("`{text}`"), was())).flatten(),
            }
        }
        _ => None,
    }
}

/// What values have been, in words.
fn kinds(values: &SeenValues) -> String {
    let mut kinds = Vec::new();
    if values.texts > 0 {
        let mut often = values.distinct_texts.iter().collect::<Vec<_>>();
        often.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        kinds.push(if often.is_empty() {
            "one of many texts".to_owned()
        } else {
            listed(often.into_iter().map(|(text, _)| text.as_str()))
        });
    }
    if let (Some(min), Some(max)) = (values.min, values.max) {
        kinds.push(if min == max {
            format!("the number {min}")
        } else {
            format!("a number from {min} to {max}")
        });
    }
    if values.bools > 0 {
        kinds.push("true or false".to_owned());
    }
    if values.lists > 0 {
        kinds.push("a list".to_owned());
    }
    kinds.join(" or ")
}
