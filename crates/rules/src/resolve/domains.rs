//! Which e-mail domains stand for a company.

use firsthand_model::Text;
use firsthand_model::config::IdentityRules;
use rustc_hash::FxHashSet;
use serde::{Deserialize, Serialize};

/// Providers of mail to the public, around the world, and of throw-away addresses; one a line.
const FREE_MAIL: &str = include_str!("free_mail.txt");

/// What a domain says about the person who writes from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// Works for us.
    Own,
    /// Anybody's: free mail, or shut out by the project.
    Anybody,
    /// Works at that company.
    Work,
}

/// The built-in list and a project's own.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Domains {
    own: FxHashSet<Text>,
    anybody: FxHashSet<Text>,
}

impl Domains {
    /// Joins the built-in list and a project's own.
    pub fn new(rules: &IdentityRules) -> Self {
        let theirs = rules.free_mail_domains.iter().chain(&rules.excluded_domains);
        Self {
            own: rules.own_domains.iter().map(|it| plain(it)).collect(),
            anybody: FREE_MAIL
                .lines()
                .map(Text::new_static)
                .chain(theirs.map(|it| plain(it)))
                .collect(),
        }
    }

    /// Whether an e-mail address is that of a company; `None` where it is no address.
    pub fn is_work_email(&self, email: &str) -> Option<bool> {
        Some(self.class(&domain_of(email)?) == Class::Work)
    }

    /// Whether the project named domains of its own.
    pub(super) fn has_own(&self) -> bool {
        !self.own.is_empty()
    }

    /// Judges a domain; what holds for `acme.com` holds for `mail.acme.com`.
    pub(super) fn class(&self, domain: &str) -> Class {
        let mut parents = std::iter::successors(Some(domain), |it| Some(it.split_once('.')?.1));
        parents
            .find_map(|it| {
                if self.own.contains(it) {
                    Some(Class::Own)
                } else if self.anybody.contains(it) {
                    Some(Class::Anybody)
                } else {
                    None
                }
            })
            .unwrap_or(Class::Work)
    }
}

/// The domain of an e-mail address, in lower case; `None` where it is not one.
pub(super) fn domain_of(email: &str) -> Option<Text> {
    let (user, domain) = email.trim().rsplit_once('@')?;
    let domain = plain(domain);
    let shaped = domain.contains('.')
        && domain.split('.').all(|it| !it.is_empty())
        && domain.chars().all(|it| it.is_alphanumeric() || matches!(it, '.' | '-'));
    (!user.is_empty() && shaped).then_some(domain)
}

fn plain(domain: &str) -> Text {
    let bare = domain.trim().trim_start_matches('@').trim_end_matches('.');
    bare.chars().flat_map(char::to_lowercase).collect()
}
