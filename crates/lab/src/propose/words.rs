//! What the name of an event says about it, before any of its figures are known.
//!
//! Teams call the same things by much the same words, so the words are a good first guess. They
//! are only that: every guess is written down with the figures that belong to it, for a person to
//! judge.

/// What an event probably is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// A customer's first step: `Signed up`.
    SignUp,
    /// A first payment: `Subscription started`, `Order completed`.
    Paid,
    /// A customer who pays moves to more: `Plan upgraded`.
    Upgraded,
    /// Sales has won a deal.
    Won,
    /// A bill, a deal or an act of sales: on record, but nothing that anybody did in the product.
    Record,
    /// Something done with what marketing publishes.
    Content,
    /// Something done in the product by the way: looking, signing in, settings, errors.
    Noise(Noise),
    /// Something done with the product.
    Product,
}

/// Why an event is no use of the product to speak of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Noise {
    /// Looking at a page, a button, a notice.
    Looking,
    /// Coming and going.
    SigningIn,
    /// Inviting, joining, settings, help.
    SettingUp,
    /// Taking away what was there.
    Removing,
    /// It did not work.
    Failing,
}

impl Noise {
    /// In the words of a comment.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Looking => "looking",
            Self::SigningIn => "coming and going",
            Self::SettingUp => "setting up",
            Self::Removing => "taking away",
            Self::Failing => "what failed",
        }
    }
}

impl Role {
    /// Whether it is a success that definitions are held against.
    pub const fn is_outcome(self) -> bool {
        matches!(self, Self::Paid | Self::Upgraded | Self::Won)
    }
}

/// Verbs for what there is more of afterwards.
pub const ADDS: &[&str] = &[
    "created",
    "create",
    "added",
    "add",
    "imported",
    "import",
    "uploaded",
    "upload",
    "published",
    "publish",
    "installed",
    "connected",
    "stored",
    "enabled",
    "joined",
    "invited",
    "recorded",
    "activated",
    "received",
];
/// Verbs for what there is less of afterwards.
pub const REMOVES: &[&str] = &[
    "deleted",
    "delete",
    "removed",
    "remove",
    "archived",
    "archive",
    "unpublished",
    "uninstalled",
    "disconnected",
    "disabled",
    "left",
    "revoked",
    "deactivated",
    "purged",
    "trashed",
];
/// Words that say nothing about what a thing is.
const FILLERS: &[&str] = &["list", "new", "item", "the", "a", "an", "to", "of", "from", "in", "by"];

const LOOKING: &[&str] = &[
    "viewed",
    "view",
    "visited",
    "visit",
    "opened",
    "open",
    "loaded",
    "load",
    "scrolled",
    "hovered",
    "clicked",
    "click",
    "seen",
    "shown",
    "displayed",
    "impression",
    "pageview",
    "navigated",
    "autocapture",
    "rageclick",
    "notification",
    "heartbeat",
    "ping",
    "landed",
    "browsed",
];
/// Things to look at, unless somebody makes them.
const PLACES: &[&str] =
    &["page", "screen", "tab", "home", "catalog", "about", "tooltip", "modal", "banner"];
const SIGNING_IN: &[&str] = &["login", "logout", "signin", "signout", "session"];
const SETTING_UP: &[&str] = &[
    "setting",
    "settings",
    "password",
    "profile",
    "avatar",
    "verified",
    "verification",
    "invited",
    "invite",
    "invitation",
    "joined",
    "preference",
    "cookie",
    "consent",
    "unsubscribed",
    "support",
    "ticket",
    "feedback",
    "survey",
    "help",
    "onboarding",
    "tour",
    "token",
    "upgrade",
    "downgrade",
];
/// What the product says about itself, for those who use it.
const HELP: &[&str] = &["help", "doc", "documentation", "faq", "support", "changelog"];
const FAILING: &[&str] = &[
    "failed",
    "fail",
    "refused",
    "rejected",
    "exception",
    "crash",
    "crashed",
    "timeout",
    "denied",
    "blocked",
    "error",
    "cancelled",
    "canceled",
    "abandoned",
];
const CONTENT: &[&str] = &[
    "article",
    "blog",
    "whitepaper",
    "ebook",
    "webinar",
    "newsletter",
    "cta",
    "podcast",
    "landing",
    "pricing",
    "brochure",
    "advert",
    "ad",
    "content",
    "guide",
    "paper",
    "resource",
    "press",
];
const BILLING: &[&str] = &[
    "invoice",
    "payment",
    "charge",
    "charged",
    "refund",
    "refunded",
    "billing",
    "subscription",
    "renewal",
    "renewed",
    "deal",
    "opportunity",
    "quote",
    "contract",
    "churn",
    "churned",
    "downgraded",
    "dunning",
    "lead",
    "crm",
    "sale",
    "rep",
    "outreach",
    "meeting",
    "call",
];

/// The words of a name in lower case: parted at signs and capitals, plurals as singulars.
pub fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut after_small = false;
    let mut open = false;
    for letter in name.chars() {
        if !letter.is_alphanumeric() {
            open = false;
            continue;
        }
        if !open || (letter.is_uppercase() && after_small) {
            words.push(String::new());
            open = true;
        }
        after_small = !letter.is_uppercase();
        words.last_mut().expect("one was just opened").extend(letter.to_lowercase());
    }
    words.iter().map(|it| singular(it)).collect()
}

fn singular(word: &str) -> String {
    let kept = ["ss", "us", "is", "ews"].iter().any(|it| word.ends_with(it));
    if word.len() > 3 && !kept {
        if let Some(stem) = word.strip_suffix("ies") {
            return format!("{stem}y");
        }
        if let Some(stem) = word.strip_suffix('s') {
            return stem.to_owned();
        }
    }
    word.to_owned()
}

/// What a thing's name is when there are several.
pub fn plural(word: &str) -> String {
    match word.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'i', 'o', 'u']) => format!("{stem}ies"),
        _ if word.ends_with('s') || word.ends_with('x') => format!("{word}es"),
        _ => format!("{word}s"),
    }
}

/// The words of a name that say what it is about: `Contact list imported` is about `contact`.
pub fn things(name: &str) -> Vec<String> {
    let known = [ADDS, REMOVES, FILLERS];
    words(name).into_iter().filter(|it| !known.iter().any(|list| has(list, it))).collect()
}

/// Whether one of the words of a name is listed.
pub fn any_of(name: &str, list: &[&str]) -> bool {
    words(name).iter().any(|it| has(list, it))
}

fn has(list: &[&str], word: &str) -> bool {
    list.contains(&word)
}

/// What an event of this name probably is.
pub fn role(name: &str) -> Role {
    let words = words(name);
    let any = |list: &[&str]| words.iter().any(|it| has(list, it));
    let row = |one: &[&str], other: &str| {
        words.windows(2).any(|it| one.contains(&it[0].as_str()) && it[1] == other)
    };
    let makes = any(ADDS);
    let looks = any(LOOKING) || name.starts_with('$') || (any(PLACES) && !makes);
    let fails = any(FAILING) || any(&["expired", "lost", "requested", "request", "prompt"]);
    let intends = looks || fails || any(&["intent", "reminder", "dismissed", "abandoned"]);
    let deal = any(&["deal", "opportunity", "contract"]);

    let signs_up = row(&["sign", "signed"], "up") || any(&["signup", "registered", "registration"]);
    if signs_up && !intends && !any(CONTENT) {
        return Role::SignUp;
    }
    if !intends {
        if (deal || any(&["closed"])) && any(&["won", "signed"]) {
            return Role::Won;
        }
        if any(&["upgraded"]) || (any(&["upgrade"]) && any(&["submit", "submitted", "completed"])) {
            return Role::Upgraded;
        }
        if pays(&any) {
            return Role::Paid;
        }
    }
    // What the product itself makes of articles and ads is no marketing of ours.
    if (any(CONTENT) && !makes && !any(HELP))
        || (any(&["demo", "sale"]) && any(&["requested", "contact", "booked"]))
    {
        return Role::Content;
    }
    if any(&["error", "failed", "exception", "declined", "timeout"]) {
        return Role::Noise(Noise::Failing);
    }
    if any(BILLING)
        || (any(&["trial"]) && any(&["started", "ended", "expired", "extended"]))
        || (any(&["plan"]) && any(&["changed", "cancelled", "canceled"]))
    {
        return Role::Record;
    }
    if any(HELP) {
        return Role::Noise(Noise::SettingUp);
    }
    if any(SIGNING_IN)
        || ["in", "out"].iter().any(|it| row(&["log", "logged", "sign", "signed"], it))
    {
        return Role::Noise(Noise::SigningIn);
    }
    if any(FAILING) {
        return Role::Noise(Noise::Failing);
    }
    if looks {
        return Role::Noise(Noise::Looking);
    }
    if any(REMOVES) {
        return Role::Noise(Noise::Removing);
    }
    if any(SETTING_UP) {
        return Role::Noise(Noise::SettingUp);
    }
    Role::Product
}

/// Whether somebody pays for the first time, as far as words can say.
fn pays(any: &dyn Fn(&[&str]) -> bool) -> bool {
    let begins = any(&["started", "created", "activated", "purchased", "bought", "new", "paid"]);
    let letters = any(&["newsletter", "blog", "mailing", "email", "channel", "topic", "digest"]);
    (any(&["subscription", "licence", "license"]) && begins)
        || (any(&["subscribed"]) && !letters)
        || any(&["purchased", "purchase", "bought", "converted", "conversion"])
        || (any(&["order", "checkout", "payment"])
            && any(&["completed", "succeeded", "success", "placed", "paid"]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fall_into_words_however_they_are_written() {
        for name in ["Contact lists imported", "contact_list_imported", "contactListImported"] {
            assert_eq!(words(name), ["contact", "list", "imported"]);
        }
        assert_eq!(things("Contact lists imported"), ["contact"]);
        assert_eq!(words("CTA clicked"), ["cta", "clicked"]);
        assert_eq!((plural("contact"), plural("company")), ("contacts".into(), "companies".into()));
    }

    #[test]
    fn usual_names_are_what_people_take_them_for() {
        use Noise::{Failing, Looking, Removing, SettingUp, SigningIn};
        for (name, expected) in [
            ("Signed up", Role::SignUp),
            ("user_registered", Role::SignUp),
            ("Signup page viewed", Role::Noise(Looking)),
            ("Subscription started", Role::Paid),
            ("Subscription cancelled", Role::Record),
            ("Subscribed", Role::Paid),
            ("Newsletter subscribed", Role::Content),
            ("Order completed", Role::Paid),
            ("payment_success", Role::Paid),
            ("Checkout started", Role::Product),
            ("Plan upgraded", Role::Upgraded),
            ("Submit Upgrade", Role::Upgraded),
            ("Upgrade clicked", Role::Noise(Looking)),
            ("Deal won", Role::Won),
            ("Deal lost", Role::Record),
            ("Invoice paid", Role::Record),
            ("Trial started", Role::Record),
            ("Whitepaper downloaded", Role::Content),
            ("Demo requested", Role::Content),
            ("Help article opened", Role::Noise(SettingUp)),
            ("Landing page published", Role::Product),
            ("Dashboard viewed", Role::Noise(Looking)),
            ("$pageview", Role::Noise(Looking)),
            ("Logged in", Role::Noise(SigningIn)),
            ("Login", Role::Noise(SigningIn)),
            ("payment_error", Role::Noise(Failing)),
            ("Import refused", Role::Noise(Failing)),
            ("Contacts removed", Role::Noise(Removing)),
            ("Teammate invited", Role::Noise(SettingUp)),
            ("Article published", Role::Product),
            ("Report exported", Role::Product),
            ("NextSong", Role::Product),
        ] {
            assert_eq!(role(name), expected, "{name}");
        }
    }
}
