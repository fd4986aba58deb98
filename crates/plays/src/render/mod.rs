//! Messages into words, and words into what each channel shows.
//!
//! A message's texts are templates without markup. They are filled in first and escaped
//! afterwards, by the kind of channel: HTML for e-mail, mrkdwn for Slack, nothing for plain text.
//! So nothing that a trait says can become markup. What is not known breaks a message instead of
//! leaving a hole in it; `default` and `if` are for what may not be known.

mod context;
mod crm;
mod email;
mod in_app;
mod phrases;
mod slack;
mod standard;

use std::collections::BTreeMap;

use firsthand_model::config::{Message, Project, Words};
use firsthand_model::diagnostic::{Problem, SourceText, codes};
use firsthand_model::lead::Lead;
use firsthand_model::message::InAppForm;
use firsthand_model::{Span, Text};
use minijinja::{Environment, UndefinedBehavior, Value};

use crate::world::{PersonView, Picture};
pub(crate) use context::names;
use context::{amount_filter, context};
pub(crate) use crm::{crm_people, crm_task, crm_write};
pub(crate) use email::{to_colleague, to_user};
pub(crate) use in_app::in_app;
pub(crate) use phrases::{Phrases, phrases};
pub(crate) use slack::{Notice, digest_blocks, lead_blocks};
pub(crate) use standard::STANDARD;

/// Longest template, in bytes.
pub const TEXT_BYTES_MAX: usize = 8 * 1024;
/// Steps of the template engine that one filling may take.
const FUEL_MAX: u64 = 10_000;
/// Longest text that comes of a template, in characters.
const SHOWN_CHARS_MAX: usize = 4_000;

/// A message filled in for one reader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Filled {
    /// The language it is in.
    pub language: Text,
    pub title: String,
    /// Paragraphs.
    pub body: Vec<String>,
    pub points: Vec<String>,
    pub button: Option<(String, Text)>,
    pub form: InAppForm,
    pub meter: Option<Text>,
    pub lasts: Span,
}

/// Fills in the messages of a project.
#[derive(Clone, Debug)]
pub struct Renderer {
    engine: Environment<'static>,
}

/// What messages are filled in from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Telling<'a> {
    pub project: &'a Project,
    pub lead: &'a Lead,
    pub picture: &'a Picture,
    /// The reader, if it is a person of the account.
    pub person: Option<&'a PersonView>,
}

impl Telling<'_> {
    /// Where the lead is to be seen.
    pub fn link(&self) -> Option<Text> {
        let url = self.project.url.as_ref()?;
        Some(format!("{url}/leads/{}", self.lead.id).into())
    }
}

impl Default for Renderer {
    fn default() -> Self {
        let mut engine = Environment::empty();
        // What is missing may be asked for (`if`, `default`), and is never printed.
        engine.set_undefined_behavior(UndefinedBehavior::SemiStrict);
        engine.set_fuel(Some(FUEL_MAX));
        furnish(&mut engine);
        Self { engine }
    }
}

impl Renderer {
    /// Fills in a message for a reader; why not, if it cannot be.
    pub(crate) fn fill(
        &self,
        message: &Message,
        telling: Telling<'_>,
    ) -> Result<Filled, minijinja::Error> {
        let language = language_of(telling, &message.languages.keys());
        let other = language.as_ref().and_then(|it| message.languages.get(it));
        let context = context(telling);
        let fill = |text: &SourceText| self.fill_text(&text.text, &context);
        let pick = |of: fn(&Words) -> Option<&SourceText>| {
            other.and_then(of).or_else(|| of(&message.words))
        };
        let points = other.map(|it| &it.points).filter(|it| !it.is_empty());
        let points = points.unwrap_or(&message.words.points);
        let title = pick(|it| it.title.as_ref()).map(fill).transpose()?;
        let body = pick(|it| it.body.as_ref()).map(fill).transpose()?.unwrap_or_default();
        let button = pick(|it| it.button.as_ref()).map(fill).transpose()?;
        let link = message.link.as_ref().map(fill).transpose()?;
        let paragraphs: Vec<String> = body.split("\n\n").map(one_line).collect();
        let points: Vec<String> = points.iter().map(fill).collect::<Result<_, _>>()?;
        let kept = |all: Vec<String>| all.into_iter().filter(|it| !it.is_empty()).collect();
        let title = title.map(|it| one_line(&it)).unwrap_or_default();
        let default = &telling.project.contact.language;
        Ok(Filled {
            language: language.unwrap_or_else(|| default.clone()),
            title,
            body: kept(paragraphs),
            points: kept(points.iter().map(|it| one_line(it)).collect()),
            button: button.map(|it| one_line(&it)).zip(link.map(|it| one_line(&it).into())),
            form: message.form,
            meter: message.meter.clone(),
            lasts: message.lasts,
        })
    }

    fn fill_text(&self, text: &str, context: &Value) -> Result<String, minijinja::Error> {
        let text = self.engine.render_str(text, context)?;
        Ok(text.chars().take(SHOWN_CHARS_MAX).collect())
    }

    /// What is wrong with a template as such, and the names that it reads.
    pub(crate) fn read(&self, text: &str) -> Result<Vec<String>, Problem> {
        if text.len() > TEXT_BYTES_MAX {
            let message = format!("the template has more than {TEXT_BYTES_MAX} bytes");
            let problem = Problem::error(codes::TOO_LARGE, 0..text.len(), message);
            return Err(problem.with_help("Say it in fewer words."));
        }
        let unreadable = |error: &minijinja::Error| {
            let span = error.range().filter(|it| it.end <= text.len()).unwrap_or(0..text.len());
            let said = error.detail().unwrap_or("it cannot be read").to_owned();
            let message = format!("the template cannot be read: {said}");
            let help = "Write values as `{{ usage.contacts }}` and choices as \
                        `{% if trial_left %}…{% endif %}`.";
            Problem::error(codes::SYNTAX, span, message).with_help(help)
        };
        let template = self.engine.template_from_str(text).map_err(|it| unreadable(&it))?;
        let mut names: Vec<String> = template.undeclared_variables(true).into_iter().collect();
        names.sort_unstable();
        Ok(names)
    }

    /// Why a text cannot be filled in, if so.
    pub(crate) fn try_text(&self, text: &str, telling: Telling<'_>) -> Option<minijinja::Error> {
        self.fill_text(text, &context(telling)).err()
    }
}

/// The language of a reader among those that there are; `None` is the message's own.
fn language_of<'l>(
    telling: Telling<'_>,
    known: &(impl Iterator<Item = &'l Text> + Clone),
) -> Option<Text> {
    let rules = &telling.project.contact;
    let wanted = telling.person.and_then(|it| it.text(&rules.language_trait));
    let wanted = wanted.unwrap_or(&rules.language);
    nearest_language(wanted, known)
}

/// The language that comes nearest to the one that is wanted: the same, or the same but for the
/// country. Chinese of Taiwan, Hong Kong and Macao is written in the traditional way.
pub(crate) fn nearest_language<'l>(
    wanted: &str,
    known: &(impl Iterator<Item = &'l Text> + Clone),
) -> Option<Text> {
    let wanted = wanted.replace('_', "-").to_lowercase();
    let wanted = match wanted.as_str() {
        "zh" | "zh-cn" | "zh-sg" => "zh-hans".to_owned(),
        "zh-tw" | "zh-hk" | "zh-mo" => "zh-hant".to_owned(),
        _ => wanted,
    };
    let mut asked = wanted.as_str();
    loop {
        if let Some(found) = known.clone().find(|it| it.eq_ignore_ascii_case(asked)) {
            return Some(found.clone());
        }
        asked = asked.rsplit_once('-')?.0;
    }
}

/// Lines and blanks as one blank each.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Gives the engine its filters and tests.
fn furnish(engine: &mut Environment<'static>) {
    use minijinja::{filters, tests};
    engine.set_formatter(context::write);
    engine.add_filter("default", filters::default);
    engine.add_filter("upper", filters::upper);
    engine.add_filter("lower", filters::lower);
    engine.add_filter("title", filters::title);
    engine.add_filter("capitalize", filters::capitalize);
    engine.add_filter("replace", filters::replace);
    engine.add_filter("round", filters::round);
    engine.add_filter("abs", filters::abs);
    engine.add_filter("first", filters::first);
    engine.add_filter("join", filters::join);
    engine.add_filter("length", filters::length);
    engine.add_filter("amount", |it: Value| amount_filter(&it));
    engine.add_test("defined", tests::is_defined);
    engine.add_test("in", tests::is_in);
}

/// The words of messages, for tests that make them by hand.
pub(crate) fn words_of(title: &str, body: &str, points: &[&str], button: &str) -> Words {
    let text = |it: &str| (!it.is_empty()).then(|| SourceText::inline("message", it));
    Words {
        title: text(title),
        body: text(body),
        points: points.iter().filter_map(|it| text(it)).collect(),
        button: text(button),
    }
}

/// A message that comes with the program.
pub(crate) fn own_message(
    name: &str,
    form: InAppForm,
    words: Words,
    languages: BTreeMap<Text, Words>,
    link: Option<&str>,
) -> Message {
    Message {
        name: name.into(),
        form,
        meter: None,
        link: link.map(|it| SourceText::inline("message", it)),
        lasts: Span::DAY.times(14),
        words,
        languages,
        declared: SourceText::inline("message", name),
    }
}
