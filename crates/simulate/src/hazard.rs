//! The planted truth: what makes an account buy, and what only looks as if it did.
//!
//! A hazard is the chance of buying on one day, in millionths. Everything that raises or lowers it
//! stands here, and all of it is written to `truth.json`.

use serde::Serialize;

/// What there is to know of an account when it is asked whether it buys.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Standing {
    /// Uses at least 80 % of the contacts that its plan allows.
    pub near_limit: bool,
    /// At least three people have exported reports in the last seven days.
    pub team: bool,
    /// How many work there.
    pub employees: i64,
    /// Sales has been in touch in the last four weeks.
    pub contacted: bool,
    /// Videos published in the last four weeks.
    pub videos: i64,
}

/// The numbers behind everything that happens for a reason. Hazards are in millionths a day, the
/// rest in percent of the hazard without it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Hazards {
    /// A free account that is neither near its limit nor a team at work.
    pub free_idle: i64,
    /// A free account near its limit, where fewer than three people export.
    pub free_near_limit: i64,
    /// A free account in which a team exports, far from its limit.
    pub free_team: i64,
    /// A free account that is both. **This is what makes buyers.**
    pub free_near_limit_and_team: i64,
    /// A trial from its ninth day on, without and with an integration, alone and as a team.
    pub trial_idle: i64,
    /// See `trial_idle`.
    pub trial_integrated: i64,
    /// See `trial_idle`.
    pub trial_integrated_and_team: i64,
    /// A paying account near its limit with a team at work takes the next plan.
    pub upgrade: i64,
    /// A paying account cancels.
    pub cancel: i64,
    /// A paying account on the larger plan that uses little of it goes back to the smaller one.
    pub downgrade: i64,
    /// A large company that has read a lot begins to talk to sales.
    pub deal_opened: i64,
    /// Of a company with fifty employees or more: whether or not it reads audit logs.
    pub large_percent: i64,
    /// In the four weeks after sales has been in touch.
    pub outreach_percent: i64,
    /// More, for each video published in the last four weeks, up to five.
    pub video_percent: i64,
    /// Of cancelling, with two videos or more in the last four weeks.
    pub cancel_with_videos_percent: i64,
    /// More, for each audit log viewed: none. **The confounder.**
    pub audit_log_percent: i64,
    /// More, for each thousand views that videos receive: none. **The bad value metric.**
    pub views_percent: i64,
}

/// The truth of this company.
pub const HAZARDS: Hazards = Hazards {
    free_idle: 250,
    free_near_limit: 3_500,
    free_team: 900,
    free_near_limit_and_team: 65_000,
    trial_idle: 4_000,
    trial_integrated: 45_000,
    trial_integrated_and_team: 150_000,
    upgrade: 60_000,
    cancel: 1_000,
    downgrade: 1_500,
    deal_opened: 150_000,
    large_percent: 160,
    outreach_percent: 250,
    video_percent: 15,
    cancel_with_videos_percent: 40,
    audit_log_percent: 0,
    views_percent: 0,
};

/// A company with so many employees is large.
const LARGE: i64 = 50;
/// Most videos that count.
const VIDEOS_MAX: i64 = 5;

impl Hazards {
    /// That a free account buys today.
    pub(crate) const fn of_free(&self, standing: Standing) -> i64 {
        let base = match (standing.near_limit, standing.team) {
            (true, true) => self.free_near_limit_and_team,
            (true, false) => self.free_near_limit,
            (false, true) => self.free_team,
            (false, false) => self.free_idle,
        };
        self.of(base, standing)
    }

    /// That a trial buys today.
    pub(crate) const fn of_trial(&self, integrated: bool, standing: Standing) -> i64 {
        let base = match (integrated, standing.team) {
            (true, true) => self.trial_integrated_and_team,
            (true, false) => self.trial_integrated,
            (false, _) => self.trial_idle,
        };
        self.of(base, standing)
    }

    /// That a paying account takes the next plan today.
    pub(crate) const fn of_upgrade(&self, standing: Standing) -> i64 {
        if standing.near_limit && standing.team {
            self.of(self.upgrade, standing)
        } else {
            self.of(self.free_idle, standing)
        }
    }

    /// That a paying account cancels today.
    pub(crate) const fn of_cancelling(&self, standing: Standing) -> i64 {
        let base = if standing.team { self.cancel / 4 } else { self.cancel };
        if standing.videos >= 2 { base * self.cancel_with_videos_percent / 100 } else { base }
    }

    const fn of(&self, base: i64, standing: Standing) -> i64 {
        let videos = if standing.videos < VIDEOS_MAX { standing.videos } else { VIDEOS_MAX };
        let mut hazard = base * (100 + videos * self.video_percent) / 100;
        if standing.employees >= LARGE {
            hazard = hazard * self.large_percent / 100;
        }
        if standing.contacted {
            hazard = hazard * self.outreach_percent / 100;
        }
        hazard
    }
}
