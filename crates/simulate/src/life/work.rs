//! What people do in the product on a day on which they use it.

use firsthand_model::{Span, Time};
use smol_str::format_smolstr;

use super::views::Audience;
use super::{Life, Plan};
use crate::chance::Chance;
use crate::company::Habits;

/// One of the things to do.
#[derive(Clone, Copy, Debug)]
enum Action {
    ViewReport,
    SearchContacts,
    EditTemplate,
    CreateCampaign,
    SendCampaign,
    ExportReport,
    CreateSegment,
    PublishAutomation,
    PublishPage,
    StartTest,
    OpenHelp,
    PublishVideo,
    ViewAuditLog,
}

/// How often each action is taken, among all.
#[derive(Clone, Debug)]
pub(super) struct Mix([(u16, Action); 13]);

impl Mix {
    pub fn of(habits: &Habits) -> Self {
        Self([
            (150, Action::ViewReport),
            (habits.exports, Action::ExportReport),
            (150, Action::SendCampaign),
            (110, Action::SearchContacts),
            (100, Action::EditTemplate),
            (80, Action::CreateCampaign),
            (45, Action::CreateSegment),
            (25, Action::OpenHelp),
            (35, Action::PublishAutomation),
            (35, Action::PublishPage),
            (habits.audits, Action::ViewAuditLog),
            (habits.videos, Action::PublishVideo),
            (12, Action::StartTest),
        ])
    }
}

const REPORTS: [&str; 5] = ["campaign", "audience", "revenue", "clicks", "deliverability"];
const TEMPLATES: [&str; 5] = ["welcome", "newsletter", "offer", "event", "plain"];

impl Life<'_> {
    /// Everybody who has joined may come, fewer in summer and at weekends.
    pub(super) fn work(&mut self, day: i64) {
        let busy = self.world.calendar().work_percent(day);
        // The first days are curious.
        let fresh = if day - self.first_day < 10 { 1_500 } else { 0 };
        let likely = (self.company.habits.diligence + fresh) * busy / 100;
        for place in 0..self.people.len() {
            let here = self.people[place].joined.is_some_and(|since| since <= day);
            if here && self.chance.hit(likely) {
                self.people[place].last_active = day;
                self.session(day, place);
            }
        }
        if self.company.founding.number % 50 == 1 && self.chance.hit(250) {
            self.support_looks(day);
        }
    }

    fn session(&mut self, day: i64, place: usize) {
        let mut at = self.office_hour(day);
        let id = self.people[place].id.clone();
        if self.chance.hit(4_500) {
            self.sign_in(at, day, place);
        }
        let page = self.chance.weighted(&[(6, "overview"), (3, "campaigns"), (1, "audience")]);
        at = at + Span::SECOND;
        self.tape.did(at, &id, &self.account, "Dashboard viewed", |it| {
            it.text("page", page);
        });
        let mut actions = self.chance.between(1, 6);
        if self.chance.hit(600) {
            actions += self.chance.between(4, 24);
        }
        for _ in 0..actions {
            at = at + pause(&mut self.chance);
            let action = self.chance.weighted(&self.mix.0);
            self.perform(at, day, place, action);
        }
        if self.near_limit() && !self.plan.is_paid() && self.chance.hit(700) {
            at = at + pause(&mut self.chance);
            self.tape.did(at, &id, &self.account, "Upgrade page viewed", |it| {
                it.text("from", "limit");
            });
        }
        self.integrate(at, place);
    }

    /// A telephone is nobody's until they sign in on it.
    fn sign_in(&mut self, at: Time, day: i64, place: usize) {
        let member = &mut self.people[place];
        let id = member.id.clone();
        let known_for = day - member.joined.unwrap_or(day);
        let fresh = if known_for >= 5 { member.other_device.take() } else { None };
        let device = match &fresh {
            Some(device) => {
                self.tape.visited(at - Span::MINUTE, device, "Article viewed", |it| {
                    it.text("title", "E-mail for shops").text("source", "social");
                });
                self.tape.linked(at, device, &id);
                "phone"
            }
            None => "browser",
        };
        self.tape.did(at, &id, &self.account, "Signed in", |it| {
            it.text("device", device);
        });
    }

    fn perform(&mut self, at: Time, day: i64, place: usize, action: Action) {
        let Self { tape, chance, account, people, .. } = self;
        let user = &people[place].id;
        match action {
            Action::ViewReport => {
                let report = chance.pick(&REPORTS);
                tape.did(at, user, account, "Report viewed", |it| {
                    it.text("report", report);
                });
            }
            Action::SearchContacts => {
                let found = chance.heavy(1, 5_000, 0.8) - 1;
                tape.did(at, user, account, "Contacts searched", |it| {
                    it.number("found", found);
                });
            }
            Action::EditTemplate => {
                let (template, blocks) = (chance.pick(&TEMPLATES), chance.between(1, 12));
                tape.did(at, user, account, "Template edited", |it| {
                    it.text("template", template).number("blocks", blocks);
                });
            }
            Action::CreateCampaign => {
                let template = chance.pick(&TEMPLATES);
                self.campaigns += 1;
                let campaign = format_smolstr!("campaign-{}", self.campaigns);
                tape.did(at, user, account, "Campaign created", |it| {
                    it.text("campaign", &campaign).text("template", template);
                });
            }
            Action::SendCampaign => {
                let recipients = self.contacts * chance.between(20, 95) / 100;
                let campaign = format_smolstr!("campaign-{}", self.campaigns.max(1));
                tape.did(at, user, account, "Campaign sent", |it| {
                    it.text("campaign", &campaign).number("recipients", recipients);
                });
            }
            Action::ExportReport => {
                let format = chance.weighted(&[(65, "pdf"), (35, "csv")]);
                let report = chance.pick(&REPORTS);
                tape.did(at, user, account, "Report exported", |it| {
                    it.text("format", format).text("report", report);
                });
                people[place].last_export = day;
            }
            Action::CreateSegment => {
                let rules = chance.between(1, 6);
                tape.did(at, user, account, "Segment created", |it| {
                    it.number("rules", rules);
                });
            }
            Action::PublishAutomation => {
                let steps = chance.between(2, 9);
                tape.did(at, user, account, "Automation published", |it| {
                    it.number("steps", steps);
                });
            }
            Action::PublishPage => {
                let template = chance.pick(&TEMPLATES);
                tape.did(at, user, account, "Landing page published", |it| {
                    it.text("template", template);
                });
            }
            Action::StartTest => {
                let variants = chance.between(2, 4);
                tape.did(at, user, account, "Test started", |it| {
                    it.number("variants", variants);
                });
            }
            Action::OpenHelp => {
                let topic = chance.pick(&["import", "limits", "spam", "domains", "billing"]);
                tape.did(at, user, account, "Help article opened", |it| {
                    it.text("topic", topic);
                });
            }
            Action::PublishVideo => {
                let seconds = chance.between(15, 240);
                let number = self.audiences.len() + self.videos.len() + 1;
                let video = format_smolstr!("v-{}-{number}", self.company.founding.key);
                tape.did(at, user, account, "Video published", |it| {
                    it.text("video", &video).number("seconds", seconds);
                });
                self.videos.push(day);
                self.audiences.push(Audience::draw(video, day, chance));
            }
            Action::ViewAuditLog => {
                let days = chance.pick(&[1, 7, 30]);
                tape.did(at, user, account, "Audit log viewed", |it| {
                    it.number("days", days);
                });
            }
        }
    }

    /// Who tries it in earnest connects it first.
    fn integrate(&mut self, at: Time, place: usize) {
        const KINDS: [&str; 3] = ["shop", "crm", "forms"];
        let likely = if self.plan == Plan::Trial { 1_200 } else { 150 };
        if let Some(kind) = KINDS.get(self.integrations)
            && self.chance.hit(likely)
        {
            self.integrations += 1;
            let user = self.people[place].id.clone();
            let at = at + Span::MINUTE;
            self.tape.did(at, &user, &self.account, "Integration connected", |it| {
                it.text("kind", kind);
            });
        }
    }
}

/// From one action to the next: seconds to minutes.
fn pause(chance: &mut Chance) -> Span {
    Span(chance.between(8_000, 260_000) * 1_000)
}
