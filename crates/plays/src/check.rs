//! What is wrong with messages and plays, beyond what reading them shows.

use std::fmt;
use std::ops::Range;

use firsthand_model::config::{Channel, ChannelKind, Project, Receiver, Step, Track};
use firsthand_model::diagnostic::{Diagnostic, Problem, SourceText, codes, nearest};
use firsthand_model::{Text, Time};
use minijinja::ErrorKind;

use crate::planner::is_reachable;
use crate::render::{Renderer, Telling, names};
use crate::sample::sample;

/// When the account that templates are tried on is looked at: 2026-01-01.
const SAMPLED_AT: Time = Time(1_767_225_600_000_000);

/// Reads every template of a project's messages and looks its names up; looks whether channels
/// reach those to whom steps go, and whether every message is sent.
pub fn check(project: &Project) -> Vec<Diagnostic> {
    let renderer = Renderer::default();
    let mut found = Vec::new();
    for message in project.messages.values() {
        for text in message.templates() {
            let problems = match renderer.read(&text.text) {
                Ok(names) => {
                    let unknown = unknown_names(project, text, &names);
                    let fails = unknown.is_empty().then(|| fails(&renderer, project, text));
                    unknown.into_iter().chain(fails.flatten()).collect()
                }
                Err(problem) => vec![problem],
            };
            found.extend(problems.into_iter().map(|it| text.locate(it)));
        }
        let sent = |step: &Step| step.variants.iter().any(|(name, _)| *name == message.name);
        if !project.plays.values().flat_map(|it| &it.steps).any(sent) {
            let message_text = format!("no play sends the message `{}`", message.name);
            let span = 0..message.declared.text.len();
            let problem = Problem::warning(codes::UNUSED, span, message_text)
                .with_help("Name it behind `message:` of a step, or remove it.");
            found.push(message.declared.locate(problem));
        }
    }
    for step in project.plays.values().flat_map(|it| &it.steps) {
        found.extend(unreachable(project, step));
    }
    found.extend(owners_out_of_reach(project).into_iter().map(|it| {
        let span = 0..it.by.text.len();
        let help = format!("Give `{}` an `email:`, or with Slack a `slack:` member id.", it.owner);
        it.by.locate(Problem::warning(codes::MISSING_KEY, span, it.to_string()).with_help(help))
    }));
    found
}

/// An owner whom a step of a play is to tell and cannot.
#[derive(Clone, Debug)]
pub struct OutOfReach {
    /// The owner's name.
    pub owner: Text,
    /// The channel, as the step names it.
    pub by: SourceText,
}

impl fmt::Display for OutOfReach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the owner `{}` has no address to which `{}` writes", self.owner, self.by.text)
    }
}

/// The configured owners whom a channel that tells owners cannot reach: nothing would be sent to
/// them. Each owner and channel once.
pub fn owners_out_of_reach(project: &Project) -> Vec<OutOfReach> {
    let mut found: Vec<OutOfReach> = Vec::new();
    let plays = project.plays.values().filter(|it| it.enabled);
    for step in plays.flat_map(|it| &it.steps).filter(|it| it.to == Receiver::Owner) {
        let channel = project.channels.get(&step.by.text).filter(|it| it.enabled);
        let writes =
            |it: &&Channel| matches!(it.kind, ChannelKind::Slack(_) | ChannelKind::Email(_));
        let Some(channel) = channel.filter(writes) else { continue };
        for owner in project.leads.owners.keys() {
            let told = |it: &OutOfReach| it.owner == *owner && it.by.text == step.by.text;
            if !is_reachable(project, channel, owner) && !found.iter().any(told) {
                found.push(OutOfReach { owner: owner.clone(), by: step.by.clone() });
            }
        }
    }
    found
}

/// What the engine only finds when it fills a template in: filters and tests that there are not,
/// and texts without end.
fn fails(renderer: &Renderer, project: &Project, text: &SourceText) -> Option<Problem> {
    let (lead, picture) = sample(project, Track::Product, SAMPLED_AT);
    let person = picture.people.first();
    let telling = Telling { project, lead: &lead, picture: &picture, person };
    let error = renderer.try_text(&text.text, telling)?;
    let kinds = [
        ErrorKind::UnknownFilter,
        ErrorKind::UnknownTest,
        ErrorKind::UnknownFunction,
        ErrorKind::UnknownMethod,
        ErrorKind::OutOfFuel,
    ];
    kinds.contains(&error.kind()).then(|| {
        let span = error.range().filter(|it| it.end <= text.text.len());
        let message = format!("the template cannot be filled in: {}", error.kind());
        let help = "Filters are `default`, `upper`, `lower`, `title`, `capitalize`, `replace`, \
                    `round`, `abs`, `first`, `join`, `length` and `amount`.";
        Problem::error(codes::SYNTAX, span.unwrap_or(0..text.text.len()), message).with_help(help)
    })
}

/// A channel that cannot reach those to whom the step goes.
fn unreachable(project: &Project, step: &Step) -> Option<Diagnostic> {
    let channel = project.channels.get(&step.by.text)?;
    let (what, help) = match (&channel.kind, step.to.are_users()) {
        (ChannelKind::Slack(_) | ChannelKind::HubSpot(_), true) => (
            "users of the product are not reached by",
            "Write `to: owner` or `to: team`, or use a channel that is `in_app` or `email`.",
        ),
        (ChannelKind::InApp(_), false) => (
            "the team is not reached by",
            "Write `to: most active`, or use a channel that is `slack` or `email`.",
        ),
        _ => return None,
    };
    let message = format!("{what} `{}`", channel.name);
    let problem = Problem::error(codes::WRONG_PLACE, 0..step.by.text.len(), message);
    Some(step.by.locate(problem.with_help(help)))
}

fn unknown_names(project: &Project, text: &SourceText, found: &[String]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for name in found {
        let (root, inner) = name.split_once('.').unwrap_or((name, ""));
        let problem = if names::METERS.contains(&root) {
            inner_name(root, inner, "meter", project.meters.keys().map(Text::as_str))
        } else if root == names::NEAREST {
            let parts = names::NEAREST_PARTS.into_iter();
            (!inner.is_empty()).then(|| inner_name(root, inner, "part", parts)).flatten()
        } else if names::TRAITS.contains(&root) {
            inner.is_empty().then(|| {
                let help = format!("Write such as `{{{{ {root}.name }}}}`.");
                (codes::SYNTAX, format!("`{root}` needs a trait"), help)
            })
        } else if names::PLAIN.contains(&root) {
            None
        } else {
            let known = || {
                let roots = names::PLAIN.into_iter().chain(names::METERS).chain(names::TRAITS);
                roots.chain([names::NEAREST])
            };
            let help = match nearest(root, known()) {
                Some(near) => format!("Did you mean `{near}`?"),
                None => format!("There is `{}`.", known().collect::<Vec<_>>().join("`, `")),
            };
            Some((codes::UNKNOWN_NAME, format!("a message knows no `{root}`"), help))
        };
        problems.extend(problem.map(|(code, message, help)| {
            Problem::error(code, place(&text.text, name), message).with_help(help)
        }));
    }
    problems
}

type Found = (firsthand_model::diagnostic::Code, String, String);

fn inner_name<'k>(
    root: &str,
    inner: &str,
    what: &str,
    known: impl Iterator<Item = &'k str> + Clone,
) -> Option<Found> {
    if known.clone().any(|it| it == inner) {
        return None;
    }
    if inner.is_empty() {
        let example = known.into_iter().next().unwrap_or("contacts");
        let help = format!("Write such as `{{{{ {root}.{example} }}}}`.");
        return Some((codes::SYNTAX, format!("`{root}` needs a {what}"), help));
    }
    let help = match nearest(inner, known.clone()) {
        Some(near) => format!("Did you mean `{near}`?"),
        None => format!("There is `{}`.", known.collect::<Vec<_>>().join("`, `")),
    };
    Some((codes::UNKNOWN_NAME, format!("unknown {what} `{inner}`"), help))
}

/// Where a name stands in a template; the whole of it, if it is written in another way.
fn place(text: &str, name: &str) -> Range<usize> {
    text.find(name).map_or(0..text.len(), |at| at..at + name.len())
}
