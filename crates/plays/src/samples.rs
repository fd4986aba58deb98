//! How each message of a play reads: every variant, in every language, for an account that nobody
//! has.

use std::sync::Arc;

use firsthand_model::config::{Channel, ChannelKind, Message, Play, Step};
use firsthand_model::lead::Lead;
use firsthand_model::message::Outgoing;
use firsthand_model::{Scalar, Text, Time};

use crate::planner::Planner;
use crate::preview::fresh;
use crate::render::STANDARD;
use crate::sample::sample;
use crate::world::{PersonView, Picture};

/// One message of a step, as it reads.
#[derive(Clone, Debug, PartialEq)]
pub struct Sampled {
    /// The step, from 0.
    pub step: u32,
    /// The channel's name.
    pub channel: Text,
    /// The message's name; the one that comes with the program if `None`.
    pub message: Option<Text>,
    /// The language it is in, where the reader's counts.
    pub language: Option<Text>,
    /// What would be sent; `None` where it cannot be written.
    pub outgoing: Option<Outgoing>,
}

impl Planner {
    /// How each message of a play reads: step by step, variant by variant, language by language.
    /// `None` where there is no such play.
    pub fn samples(&self, play: &str, now: Time) -> Option<Vec<Sampled>> {
        let project = Arc::clone(self.project());
        let play = project.plays.get(play)?;
        let (lead, picture) = sample(&project, play.track, now);
        let mut samples = Vec::new();
        for (place, step) in (0..).zip(&play.steps) {
            let Some(channel) = project.channels.get(&step.by.text) else { continue };
            let names: Vec<Option<&Text>> = match step.variants.as_slice() {
                [] => vec![None],
                variants => variants.iter().map(|(name, _)| Some(name)).collect(),
            };
            for name in names {
                let message = name.and_then(|it| project.messages.get(it));
                let written = self.written(play, (place, step), channel, message, &lead, &picture);
                samples.extend(written.into_iter().map(|(language, outgoing)| Sampled {
                    step: place,
                    channel: channel.name.clone(),
                    message: name.cloned(),
                    language,
                    outgoing,
                }));
            }
        }
        Some(samples)
    }

    /// A message as a channel carries it, in every language in which it is written.
    fn written(
        &self,
        play: &Play,
        (place, step): (u32, &Step),
        channel: &Channel,
        message: Option<&Message>,
        lead: &Lead,
        picture: &Picture,
    ) -> Vec<(Option<Text>, Option<Outgoing>)> {
        let run =
            || firsthand_model::play::PlayRun { step: place, ..fresh(play, lead, lead.opened_at) };
        let one = |outgoing| vec![(None, outgoing)];
        match &channel.kind {
            ChannelKind::Webhook(_) => one(self.call("play.step", lead, picture, Some(&run()))),
            ChannelKind::HubSpot(it) => one(self.task(&run(), lead, picture, it)),
            _ if step.to.are_users() => {
                let message = message.unwrap_or(&STANDARD);
                let in_language = |language: Text| {
                    let reader = self.reader_of(&language, picture);
                    (Some(language), self.write_to(message, channel, lead, picture, &reader))
                };
                self.languages_of(message).into_iter().map(in_language).collect()
            }
            _ => {
                let notice = self.notice_by(message, lead, picture, None);
                let owner = lead.owner.clone().unwrap_or_default();
                one(notice.and_then(|it| self.for_colleague(&owner, channel, &[it], lead)))
            }
        }
    }

    /// The languages in which a message is written, the one of those who name none first.
    fn languages_of(&self, message: &Message) -> Vec<Text> {
        let own = &self.project().contact.language;
        let others = message.languages.keys().filter(|it| *it != own);
        std::iter::once(own).chain(others).cloned().collect()
    }

    /// Somebody who reads a language.
    fn reader_of(&self, language: &Text, picture: &Picture) -> PersonView {
        let mut reader = picture.people.first().cloned().unwrap_or_default();
        let name = self.project().contact.language_trait.clone();
        reader.traits.insert(name, Scalar::Text(language.clone()));
        reader
    }
}
