//! Whether it buys today. One number is drawn a day, and held against the hazard.

use super::{Life, Plan};
use crate::company::Persona;
use crate::hazard::{HAZARDS, Standing};

const TRIAL_DAYS: i64 = 14;
/// Trials make up their minds in the second week.
const TRIAL_DECIDES_AFTER: i64 = 8;
/// What a number drawn for a day lies below.
const WHOLE: i64 = 1_000_000;

impl Life<'_> {
    pub(super) fn buying(&mut self, day: i64) {
        let drawn = self.luck.between(0, WHOLE - 1);
        let standing = self.standing(day);
        if self.fate.bought_day.is_none() {
            self.note(standing);
        }
        match self.plan {
            Plan::Nothing => self.talk_to_sales(day, drawn),
            Plan::Free => {
                if drawn < self.hazard(HAZARDS.of_free(standing)) {
                    self.subscribe(day, Plan::Starter);
                }
            }
            Plan::Trial => self.trial(day, drawn, standing),
            Plan::Starter | Plan::Pro => self.renew(day, drawn, standing),
        }
    }

    fn note(&mut self, standing: Standing) {
        let fate = &mut self.fate;
        fate.days_near_limit += i64::from(standing.near_limit);
        fate.days_team += i64::from(standing.team);
        fate.days_both += i64::from(standing.near_limit && standing.team);
    }

    /// The hazard of this account, which may not buy at all.
    fn hazard(&mut self, hazard: i64) -> i64 {
        if !self.company.may_buy() || self.company.thrifty {
            return 0;
        }
        if self.fate.bought_day.is_none() {
            self.fate.hazard += hazard;
        }
        hazard
    }

    fn trial(&mut self, day: i64, drawn: i64, standing: Standing) {
        let age = day - self.plan_day;
        if age >= TRIAL_DECIDES_AFTER
            && drawn < self.hazard(HAZARDS.of_trial(self.integrations > 0, standing))
        {
            self.subscribe(day, Plan::Starter);
        } else if age > TRIAL_DAYS {
            let at = self.office_hour(day);
            self.take(at, Plan::Free);
            self.contacts_above_the_limit_are_removed(at);
        }
    }

    /// A paying account takes more, takes less, leaves, or stays as it is.
    fn renew(&mut self, day: i64, drawn: i64, standing: Standing) {
        let up = if self.plan == Plan::Starter { HAZARDS.of_upgrade(standing) } else { 0 };
        let cancel = HAZARDS.of_cancelling(standing);
        let little = self.contacts < Plan::Starter.contacts() / 2;
        let by_deal = self.company.founding.persona == Persona::Enterprise;
        let down = if self.plan == Plan::Pro && little && !by_deal { HAZARDS.downgrade } else { 0 };
        if drawn < up {
            self.change(day, Plan::Pro, "Plan upgraded");
        } else if drawn >= WHOLE - cancel {
            self.cancel(day);
        } else if drawn >= WHOLE - cancel - down {
            self.change(day, Plan::Starter, "Plan downgraded");
        }
    }
}
