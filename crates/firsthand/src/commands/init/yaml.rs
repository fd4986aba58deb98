//! Writes a proposal as the files of a project, each entry with a comment that says why.

use firsthand_collect::mapping;
use firsthand_lab::propose::{Draft, Excluded, MeterKind, Named, Proposal, Success, say};
use firsthand_model::Text;
use firsthand_model::config::{ImportMapping, Track};
use firsthand_model::fact::Kind;

use crate::output::UNBROKEN;

/// Widest line of a comment, in characters.
const WIDTH: usize = 100;

/// A text that grows line by line.
#[derive(Default)]
struct Page(String);

impl Page {
    fn line(&mut self, indent: usize, text: &str) {
        self.0.extend(std::iter::repeat_n(' ', indent));
        self.0.push_str(text);
        self.0.push('\n');
    }

    /// Words behind `#`, broken into lines.
    fn comment(&mut self, indent: usize, words: &str) {
        let mut line = String::from("#");
        // A number and its `%` stay together.
        let words = words.replace(" %", &format!("{UNBROKEN}%"));
        for word in words.split(' ').filter(|it| !it.is_empty()) {
            let long = indent + line.chars().count() + 1 + word.chars().count() > WIDTH;
            if long && line.len() > 1 {
                self.line(indent, &line);
                line.truncate(1);
            }
            line.push(' ');
            line.push_str(&word.replace(UNBROKEN, " "));
        }
        self.line(indent, &line);
    }

    fn gap(&mut self) {
        self.0.push('\n');
    }
}

/// What is said of the whole at the top.
pub struct Head<'h> {
    /// The project's name.
    pub project: &'h str,
    /// What it was proposed from, in words.
    pub from: &'h str,
}

/// The settings, without definitions.
pub fn settings(
    head: &Head<'_>,
    proposal: &Proposal,
    mappings: &[(Text, ImportMapping)],
) -> String {
    let mut page = Page::default();
    page.comment(0, &format!("Proposed by `firsthand init --from` from {}.", head.from));
    page.comment(
        0,
        "Every entry says why it is here, by what the data shows. Change what you know better, then \
         run `firsthand check`. `firsthand config defaults` prints all that can be set.",
    );
    page.gap();
    page.line(0, &format!("project: {}", scalar(head.project)));
    page.line(0, "zone: UTC                        # days, weeks and months begin in this zone");
    if let Some(start) = &proposal.start {
        page.gap();
        page.comment(0, &format!("Where a customer's life begins: {}.", start.why));
        page.line(0, "start:");
        page.line(2, &format!("event: {}", single(&start.event)));
    }
    events(&mut page, proposal);
    plans(&mut page, proposal);
    meters(&mut page, proposal);
    outcomes(&mut page, proposal);
    people(&mut page, proposal);
    if !mappings.is_empty() {
        page.gap();
        page.comment(0, "How files of no known shape are read: `firsthand import --as NAME FILE`.");
        page.comment(0, "Guessed from the names of columns and the look of their values.");
        page.line(0, "import:");
        for (name, mapping) in mappings {
            let text = mapping::to_yaml(name, mapping);
            page.0.push_str(text.strip_prefix("import:\n").unwrap_or(&text));
        }
    }
    page.0
}

fn events(page: &mut Page, proposal: &Proposal) {
    let groups = &proposal.groups;
    let core = !groups.core.is_empty();
    let noise: Vec<String> =
        groups.noise.iter().map(|it| format!("`{}` ({})", it.name, it.why)).collect();
    if !core && groups.marketing.is_empty() && groups.records.is_empty() {
        return;
    }
    page.gap();
    page.comment(0, "Groups give several events one name. All that is not marketing's nor a record is use of the product.");
    page.line(0, "events:");
    if core {
        page.line(2, "groups:");
        page.comment(4, "What the product is really for, the most telling first.");
        if !noise.is_empty() {
            page.comment(4, &format!("Left out: {}.", noise.join(", ")));
        }
        page.line(4, "core:");
        named(page, 6, &groups.core);
    }
    if !groups.marketing.is_empty() {
        page.comment(2, "What marketing publishes, told by names and by who does it.");
        page.line(2, "marketing:");
        named(page, 4, &groups.marketing);
    }
    if !groups.records.is_empty() {
        page.comment(
            2,
            "Arrives as events, but nobody did it in the product: `any` never counts it.",
        );
        page.line(2, "records:");
        named(page, 4, &groups.records);
    }
}

fn named(page: &mut Page, indent: usize, all: &[Named]) {
    for it in all {
        page.comment(indent, &it.why);
        page.line(indent, &format!("- {}", scalar(&it.name)));
    }
}

fn plans(page: &mut Page, proposal: &Proposal) {
    if proposal.plans.is_empty() {
        return;
    }
    page.gap();
    page.comment(
        0,
        "Price tiers, by the account trait `plan`. The data does not tell prices: add `price:`.",
    );
    page.line(0, "plans:");
    for plan in &proposal.plans {
        page.comment(2, &plan.why);
        let limits = proposal.meters.iter().flat_map(|meter| {
            let limits = meter.limits.iter().filter(|it| *it.plan == *plan.id.to_lowercase());
            limits.map(move |limit| (meter, limit))
        });
        let limits: Vec<_> = limits.collect();
        let key = scalar(&plan.id);
        if limits.is_empty() && plan.next.is_none() && plan.trial_days.is_none() {
            page.line(2, &format!("{key}: {{}}"));
            continue;
        }
        page.line(2, &format!("{key}:"));
        if let Some(days) = plan.trial_days {
            page.line(4, &format!("trial: {days}d"));
        }
        if !limits.is_empty() {
            page.line(4, "limits:");
            for (meter, limit) in limits {
                page.comment(6, &limit.why);
                let amount = say::count(limit.amount.unsigned_abs());
                page.line(6, &format!("{}: {amount}", meter.name));
            }
        }
        if let Some(next) = &plan.next {
            page.line(4, &format!("next: {}", scalar(next)));
        }
    }
}

fn meters(page: &mut Page, proposal: &Proposal) {
    if proposal.meters.is_empty() {
        return;
    }
    page.gap();
    page.comment(0, "Measured amounts, held against the limits of the plan in force.");
    page.line(0, "meters:");
    for meter in &proposal.meters {
        page.comment(2, &meter.why);
        page.line(2, &format!("{}:", meter.name));
        let kind = match meter.kind {
            MeterKind::Level => "level",
            MeterKind::Sum => "sum",
            MeterKind::Count => "count",
        };
        page.line(4, &format!("kind: {kind}"));
        page.line(4, &format!("add: {}", single(&say::events([&meter.add]))));
        if let Some(remove) = &meter.remove {
            page.line(4, &format!("remove: {}", single(&say::events([remove]))));
        }
        for (key, path) in [("key", &meter.key), ("value", &meter.value)] {
            if let Some(path) = path {
                page.line(4, &format!("{key}: {}", scalar(path)));
            }
        }
        if meter.monthly {
            page.line(4, "reset: month");
        }
    }
}

fn outcomes(page: &mut Page, proposal: &Proposal) {
    if proposal.outcomes.is_empty() {
        return;
    }
    page.gap();
    page.comment(0, "What counts as success: the backtest holds definitions against it.");
    page.line(0, "outcomes:");
    for outcome in &proposal.outcomes {
        page.comment(2, &outcome.why);
        page.line(2, &format!("{}:", outcome.name));
        page.line(4, &format!("subject: {}", outcome.subject));
        match &outcome.success {
            Success::On { events, value } => {
                page.line(4, &format!("on: {}", single(&say::events(events))));
                if let Some(value) = value {
                    page.line(4, &format!("value: {}", scalar(value)));
                }
            }
            Success::When(condition) => page.line(4, &format!("when: {}", single(condition))),
        }
    }
}

fn people(page: &mut Page, proposal: &Proposal) {
    let own = proposal.own_domain.as_ref();
    let certain = own.is_some_and(|it| it.certain);
    if own.is_some() || !proposal.mail_domains.is_empty() {
        page.gap();
        page.comment(0, "Whose addresses say nothing about a customer.");
        let open = certain || !proposal.mail_domains.is_empty();
        page.line(0, if open { "identity:" } else { "# identity:" });
    }
    if let Some(own) = own {
        let words = if own.certain { "Your own people" } else { "Are these your own people?" };
        let mark = if own.certain { "" } else { "# " };
        page.comment(2, &format!("{words}: {}.", own.why));
        page.line(2, &format!("{mark}own_domains: [{}]", scalar(&own.domain)));
    }
    if !proposal.mail_domains.is_empty() {
        page.comment(2, "Providers of mail, beside those that are known.");
        page.line(2, "free_mail_domains:");
        named(page, 4, &proposal.mail_domains);
    }
    if proposal.excluded.is_empty() {
        return;
    }
    page.gap();
    page.comment(0, "Who is never judged.");
    page.line(0, "exclude:");
    for Excluded { name, subject, when, why } in &proposal.excluded {
        page.comment(2, why);
        page.line(2, &format!("- name: {}", scalar(name)));
        if *subject == Kind::Person {
            page.line(4, "subject: person");
        }
        page.line(4, &format!("when: {}", single(when)));
    }
}

/// One definition with one of its thresholds.
pub fn definition(draft: &Draft, name: &str, variant: usize, comment: &str) -> String {
    let mut page = Page::default();
    if !comment.is_empty() {
        page.comment(0, comment);
    }
    page.line(0, &format!("definition: {name}"));
    page.line(0, &format!("title: {}", scalar(&draft.title)));
    page.line(0, &format!("track: {}", track(draft.track)));
    page.line(0, &format!("subject: {}", draft.subject));
    page.line(0, "when: |");
    for line in draft.variants[variant].lines() {
        page.line(2, line);
    }
    for (key, text) in [("stay", &draft.stay), ("unless", &draft.unless), ("why", &draft.why)] {
        if let Some(text) = text {
            page.line(0, &format!("{key}: {}", single(text)));
        }
    }
    page.0
}

const fn track(track: Track) -> &'static str {
    match track {
        Track::Product => "product",
        Track::Marketing => "marketing",
        Track::Expansion => "expansion",
        Track::None => "none",
    }
}

/// A text as a YAML scalar: bare where nothing in it could be taken for anything else.
fn scalar(text: &str) -> String {
    let bare = text.starts_with(|it: char| it.is_ascii_alphabetic())
        && text.chars().all(|it| it.is_ascii_alphanumeric() || " _-.".contains(it))
        && !text.ends_with(' ')
        && !["true", "false", "yes", "no", "on", "off", "null", "y", "n", "unset"]
            .contains(&text.to_ascii_lowercase().as_str());
    if bare { text.to_owned() } else { single(text) }
}

/// A text between single quotes, in which only these mean anything.
fn single(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
