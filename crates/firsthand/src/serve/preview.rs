//! What plays would send, as the API tells it.

use firsthand_model::config::Track;
use firsthand_model::lead::{Lead, LeadId, LeadStatus};
use firsthand_model::message::Outgoing;
use firsthand_model::{Text, Time};
use firsthand_plays::{Preview, Verdict};
use firsthand_store::Leads;
use firsthand_web::noun::{
    LeadPreview, MessagePreview, PreviewFilter, PreviewVerdict, SampleMessage,
};
use firsthand_web::{Answer, Failure};
use serde_json::Value;

use super::plays::seconds;
use super::{LiveEngine, Server};

/// Most leads that are previewed where none is named.
const LEADS_MAX: usize = 20;

impl Server {
    pub(super) async fn preview(
        &self,
        play: &str,
        of: &PreviewFilter,
    ) -> Answer<Option<Vec<LeadPreview>>> {
        let project = self.project().await?;
        let Some(track) = project.plays.get(play).map(|it| it.track) else { return Ok(None) };
        let mut previews = Vec::new();
        // Each on its own: what comes in meanwhile is decided between two of them.
        for (lead, is_open) in self.leads_to_preview(track, of).await? {
            let (play, now, asked) = (Text::from(play), self.now(), lead.clone());
            let account = lead.account.clone();
            let reading = self.ask(move |engine| engine.read_one(&account)).await?;
            let read = tokio::task::spawn_blocking(move || reading.run()).await;
            let read = read.map_err(Failure::broken)?;
            let preview = move |engine: &mut LiveEngine| {
                engine.put_read(read, now);
                engine.preview(&play, &asked, now)
            };
            let messages = self.ask(preview).await?;
            previews.push(LeadPreview {
                lead: is_open.then(|| lead.id.to_string()),
                account: lead.account.to_string(),
                messages: messages.unwrap_or_default().iter().map(message_preview).collect(),
            });
        }
        Ok(Some(previews))
    }

    /// The leads that are asked for, with whether each is there.
    async fn leads_to_preview(
        &self,
        track: Track,
        of: &PreviewFilter,
    ) -> Answer<Vec<(Lead, bool)>> {
        if let Some(id) = &of.lead {
            let Ok(id) = id.parse::<LeadId>() else { return Ok(Vec::new()) };
            let found = self.stored(move |store| store.lead(&id)).await?;
            let asked = |it: &Lead| of.account.as_ref().is_none_or(|of| it.account == *of);
            let lead = found.map(|it| it.lead).filter(asked);
            return Ok(lead.into_iter().map(|it| (it, true)).collect());
        }
        let now = self.now();
        let account = of.account.clone();
        self.ask(move |engine| {
            if let Some(account) = account {
                let lead = engine.lead_or_as_if(&account, Some(track), now);
                let is_there = |it: &Lead| engine.desk().leads().any(|lead| lead.id == it.id);
                return lead.into_iter().map(|it| (it.clone(), is_there(&it))).collect();
            }
            let fits = |it: &&Lead| it.track == track && it.status == LeadStatus::Open;
            let mut open: Vec<&Lead> = engine.desk().leads().filter(fits).collect();
            open.sort_by(|a, b| b.id.cmp(&a.id));
            open.into_iter().take(LEADS_MAX).map(|it| (it.clone(), true)).collect()
        })
        .await
    }

    pub(super) async fn samples(&self, play: &str) -> Answer<Option<Vec<SampleMessage>>> {
        let (play, now) = (Text::from(play), self.now());
        let samples = self.ask(move |engine| engine.samples(&play, now)).await?;
        let sample = |it: firsthand_plays::Sampled| SampleMessage {
            step: it.step,
            channel: it.channel.to_string(),
            name: it.message.map(|it| it.to_string()),
            language: it.language.map(|it| it.to_string()),
            message: it.outgoing.as_ref().map(message_value),
        };
        Ok(samples.map(|all| all.into_iter().map(sample).collect()))
    }
}

fn message_preview(it: &Preview) -> MessagePreview {
    let (verdict, until, reason) = match it.verdict {
        Verdict::Goes => (PreviewVerdict::Goes, None, None),
        // Nobody knows when a rep lets go.
        Verdict::Waits(Time::MAX, reason) => (PreviewVerdict::Waits, None, Some(reason)),
        Verdict::Waits(at, reason) => (PreviewVerdict::Waits, Some(at), Some(reason)),
        Verdict::Not(reason) => (PreviewVerdict::Not, None, Some(reason)),
        Verdict::PassedOver => (PreviewVerdict::PassedOver, None, None),
        Verdict::HeldOut => (PreviewVerdict::HeldOut, None, None),
    };
    MessagePreview {
        step: it.step,
        wait_s: seconds(it.wait),
        channel: it.channel.to_string(),
        name: it.message.as_ref().map(ToString::to_string),
        receiver: it.receiver.as_ref().map(ToString::to_string),
        verdict,
        until: until.map(Into::into),
        reason: reason.map(|it| it.word().to_owned()),
        why: reason.map(|it| it.plain().to_owned()),
        message: it.outgoing.as_ref().map(message_value),
    }
}

/// A message as it is kept and sent.
fn message_value(it: &Outgoing) -> Value {
    serde_json::to_value(it).unwrap_or_default()
}
