//! Who is no customer: own staff, tests, students.

use std::cmp::Reverse;

use firsthand_model::Text;
use firsthand_model::fact::Kind;
use firsthand_model::seen::{Seen, SeenValues};

use super::candidates::is_sayable;
use super::say::{counted, is_one_of, names, share, times};
use super::survey::{DomainFigures, Survey};
use super::{Excluded, Named, OwnDomain, words};

/// Fewest accounts that people of one domain are in, for it to be that of staff who help customers.
const STAFF_ACCOUNTS_MIN: u64 = 6;
/// Fewest of them who are in several accounts.
const STAFF_MIN: usize = 2;
/// Fewest accounts that have people of one domain, for it to be a provider of mail.
const MAIL_ACCOUNTS_MIN: u64 = 15;
/// Values of a trait that say somebody is no customer.
const NOBODY: &[&str] =
    &["internal", "test", "testing", "staff", "employee", "sandbox", "demo", "student", "intern"];
/// Traits that are `true` for who is no customer.
const MARKS: &[&str] = &["internal", "test", "staff", "employee", "sandbox", "student"];

/// The domain that is probably the company's own: its people are in several accounts each.
pub(super) fn own_domain(survey: &Survey, unsure: &mut Vec<String>) -> Option<OwnDomain> {
    let companies =
        || survey.domains.iter().filter(|(name, it)| is_domain(name) && !is_anybody(it));
    let mut by_accounts: Vec<(&Text, &DomainFigures)> = companies().collect();
    by_accounts.sort_by_key(|(name, it)| (Reverse(it.accounts), *name));
    let second = by_accounts.get(1).map_or(0, |it| it.1.accounts);
    let staff = by_accounts.first().filter(|(_, it)| {
        it.accounts >= STAFF_ACCOUNTS_MIN
            && it.accounts >= 2 * second
            && it.in_several().0 >= STAFF_MIN
    });
    if let Some((domain, figures)) = staff {
        let (several, _) = figures.in_several();
        let why = format!(
            "those who write from there are in {}, {several} of them in several; of no other company \
             in more than {second}",
            counted(figures.accounts, "account"),
        );
        return Some(OwnDomain { domain: (*domain).clone(), certain: true, why });
    }
    let (domain, largest) = companies().max_by_key(|it| it.1.people)?;
    let all: u64 = survey.domains.values().map(|it| it.people).sum();
    if largest.people < 10 || largest.people * 5 < all {
        return None;
    }
    let people = counted(largest.people, "person");
    unsure.push(format!(
        "{people} write from `{domain}` ({} of all with a work address). If that is you, take the \
         `#` from `own_domains` under `identity`.",
        share(largest.people, all),
    ));
    let why = format!("{people} write from there");
    Some(OwnDomain { domain: domain.clone(), certain: false, why })
}

/// Domains from which single people of very many accounts write: providers of mail.
pub(super) fn mail_domains(survey: &Survey) -> Vec<Named> {
    let domains = survey.domains.iter().filter(|(name, it)| is_domain(name) && is_anybody(it));
    let why = |it: &DomainFigures| {
        let (people, accounts) = (counted(it.people, "person"), counted(it.accounts, "account"));
        format!("{people} in {accounts}: hardly one company")
    };
    domains.map(|(name, it)| Named { name: name.clone(), why: why(it) }).collect()
}

/// Whether everybody seems to write from a domain: people of many accounts, each of one of them.
fn is_anybody(figures: &DomainFigures) -> bool {
    let (several, known) = figures.in_several();
    figures.accounts >= MAIL_ACCOUNTS_MIN
        && figures.people * 2 <= figures.accounts * 3
        && several * 10 <= known
}

fn is_domain(text: &str) -> bool {
    let allowed = |it: char| it.is_ascii_alphanumeric() || it == '.' || it == '-';
    text.contains('.')
        && text.starts_with(|it: char| it.is_ascii_alphabetic())
        && text.chars().all(allowed)
}

/// Whom to leave out, by what their traits say.
pub(super) fn excluded(seen: &Seen) -> Vec<Excluded> {
    let mut excluded = Vec::new();
    for (subject, traits) in
        [(Kind::Account, &seen.account_traits), (Kind::Person, &seen.person_traits)]
    {
        for (path, values) in traits {
            let Some((what, found)) = nobody(path, values) else { continue };
            let owner = subject.word();
            let (name, said, when) = match found {
                Found::Mark => {
                    let name = words::words(path).join(" ");
                    (name, "`true`".to_owned(), format!("{owner}.{path} = true"))
                }
                Found::Values(values) => {
                    let when = is_one_of(&format!("{owner}.{path}"), &values);
                    (values.join(" or ").to_lowercase(), names(&values), when)
                }
            };
            let why = format!("`{owner}.{path}` was {said}, {}", times(what));
            excluded.push(Excluded { name: name.into(), subject, when, why });
        }
    }
    excluded
}

enum Found {
    Mark,
    Values(Vec<Text>),
}

/// How often a trait says that somebody is no customer, and how.
fn nobody(path: &str, values: &SeenValues) -> Option<(u64, Found)> {
    // Bare words only: other paths need quotes that differ from place to place.
    let bare = path.starts_with(|it: char| it.is_ascii_lowercase())
        && path.chars().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '_');
    if !bare || path == "plan" || path == "name" || path == "email" {
        return None;
    }
    let marked = words::any_of(path, MARKS);
    if marked && values.bools > 0 && values.bools == values.known() {
        return Some((values.bools, Found::Mark));
    }
    // What is told of a role in a customer's team stays theirs, but for students.
    let nobody = if path == "role" { &["student"] } else { NOBODY };
    let named: Vec<(&Text, u64)> = values
        .distinct_texts
        .iter()
        .filter(|(text, _)| nobody.contains(&text.to_lowercase().as_str()) && is_sayable(text))
        .map(|(text, count)| (text, *count))
        .collect();
    if named.is_empty() {
        return None;
    }
    let count = named.iter().map(|it| it.1).sum();
    Some((count, Found::Values(named.into_iter().map(|it| it.0.clone()).collect())))
}
