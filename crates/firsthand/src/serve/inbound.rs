//! What the configuration says of those who come in by channels: who may sign, from which pages
//! they come, and which rep they are.

use std::collections::BTreeMap;
use std::sync::Arc;

use firsthand_model::Text;
use firsthand_model::config::{ChannelKind, Project, Secret};
use firsthand_web::backend::{SigningSecret, SlackSecret};

/// The environment variable of a secret is not set.
#[derive(Debug, thiserror::Error)]
#[error("the channel `{channel}` needs the environment variable `{variable}`, which is not set")]
pub struct Unset {
    channel: Text,
    variable: String,
}

impl Unset {
    /// What to do about it.
    pub fn help(&self) -> String {
        format!("Set `{}`, or switch the channel off with `enabled: false`.", self.variable)
    }
}

/// What is known of those who come in by channels.
#[derive(Clone, Debug, Default)]
pub struct Inbound {
    /// The secrets with which the product signs tokens of persons.
    pub in_app_secrets: Vec<SigningSecret>,
    /// The origins of the pages that may show messages; any if empty.
    pub origins: Arc<[Text]>,
    /// The secrets with which Slack signs.
    pub slack_secrets: Arc<[SlackSecret]>,
    /// What each channel is, and whether it is switched on, by name.
    pub channels: BTreeMap<Text, (&'static str, bool)>,
    /// The reps.
    pub reps: Vec<Rep>,
    /// The person trait that says that they do not want to hear of us.
    pub opt_out_trait: Text,
}

/// A rep, as channels know them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rep {
    /// The name by which leads carry them.
    pub name: Text,
    /// Their e-mail address.
    pub email: Option<Text>,
    /// Their member id in Slack.
    pub slack: Option<Text>,
}

impl Inbound {
    /// Reads it out of a project.
    ///
    /// # Errors
    /// [`Unset`] for the first secret whose environment variable is not set.
    pub fn of(
        project: &Project,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, Unset> {
        let mut inbound =
            Self { opt_out_trait: project.contact.opt_out_trait.clone(), ..Self::default() };
        let (mut origins, mut slack_secrets) = (Vec::new(), Vec::new());
        for channel in project.channels.values().filter(|it| it.enabled) {
            let reveal = |secrets: &[Secret]| {
                let one = |it: &Secret| match it.reveal(environment) {
                    Ok(secret) => Ok(SigningSecret::new(&secret)),
                    Err(variable) => {
                        let variable = variable.to_owned();
                        Err(Unset { channel: channel.name.clone(), variable })
                    }
                };
                secrets.iter().map(one).collect::<Result<Vec<_>, _>>()
            };
            match &channel.kind {
                ChannelKind::InApp(it) => {
                    inbound.in_app_secrets.extend(reveal(&it.secrets)?);
                    origins.extend(it.origins.iter().cloned());
                }
                ChannelKind::Slack(it) => {
                    let secrets = reveal(&it.signing_secrets)?.into_iter();
                    let of = |secret| SlackSecret { channel: channel.name.clone(), secret };
                    slack_secrets.extend(secrets.map(of));
                }
                ChannelKind::Email(_) | ChannelKind::Webhook(_) | ChannelKind::HubSpot(_) => {}
            }
        }
        let channels = project.channels.values();
        inbound.channels =
            channels.map(|it| (it.name.clone(), (it.kind.word(), it.enabled))).collect();
        inbound.origins = origins.into();
        inbound.slack_secrets = slack_secrets.into();
        let owners = project.leads.owners.values();
        inbound.reps = owners
            .map(|it| Rep {
                name: it.name.clone(),
                email: it.email.clone(),
                slack: it.slack.clone(),
            })
            .collect();
        Ok(inbound)
    }
}
