//! What really was so: written beside the data, and read by nothing but tests.

use firsthand_model::Text;
use serde::Serialize;

use crate::company::Persona;
use crate::hazard::{HAZARDS, Hazards};
use crate::world::{Options, Totals};

/// The truth about the world.
#[derive(Clone, Debug, Serialize)]
pub struct WorldTruth {
    /// What it was made from.
    pub made_from: Options,
    /// How much came out.
    pub totals: Totals,
    /// What plays which part, by the names in the data.
    pub parts: Parts,
    /// How much each thing matters.
    pub hazards: Hazards,
}

impl WorldTruth {
    /// The truth about a world that was made.
    pub const fn of(made_from: Options, totals: Totals) -> Self {
        Self { made_from, totals, parts: PARTS, hazards: HAZARDS }
    }
}

/// What plays which part in the world, by the names in the data.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Parts {
    /// Three people who do this within a week are a team; with `cause_meter` it makes buyers.
    pub cause: &'static str,
    /// The meter of which 80 % of the limit is near; with `cause` it makes buyers.
    pub cause_meter: &'static str,
    /// Goes along with buying, because large companies do both, and has no effect.
    pub confounder: &'static str,
    /// Only buyers do this, because it is part of buying.
    pub leak: &'static str,
    /// A good metric of value.
    pub good_metric: &'static str,
    /// A bad one: one popular video is not fifty videos.
    pub bad_metric: &'static str,
    /// Who is contacted is drawn by lot and stands in this record.
    pub outreach: &'static str,
}

const PARTS: Parts = Parts {
    cause: "Report exported",
    cause_meter: "contacts",
    confounder: "Audit log viewed",
    leak: "Billing details entered",
    good_metric: "Video published",
    bad_metric: "Video views counted",
    outreach: "Outreach assigned",
};

/// The truth about one account. Days count from the first day of the world.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AccountTruth {
    /// The account's id.
    pub account: Text,
    /// The company; several accounts may be of one.
    pub company: u64,
    /// Its e-mail domain.
    pub domain: String,
    /// The kind of customer.
    pub persona: Persona,
    /// How many work there.
    pub employees: i64,
    /// Never pays by itself, whatever happens.
    pub thrifty: bool,
    /// The account that brought it.
    pub referred_by: Option<Text>,
    /// The day of its sign-up, or of the first thing that it read.
    pub first_day: i64,
    /// What happened.
    #[serde(flatten)]
    pub fate: Fate,
    /// The lot, for those whom it concerned.
    pub outreach: Option<Outreach>,
}

/// How a life came out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Fate {
    /// The day of the first purchase.
    pub bought_day: Option<i64>,
    /// The plan in the end.
    pub plan: &'static str,
    /// What was paid in the end, in dollars.
    pub revenue: i64,
    /// The day on which it cancelled.
    pub cancelled_day: Option<i64>,
    /// Days before the first purchase on which it was near its limit.
    pub days_near_limit: i64,
    /// Days before the first purchase on which a team was at work.
    pub days_team: i64,
    /// Days before the first purchase on which it was both.
    pub days_both: i64,
    /// All hazards of buying before the first purchase, in millionths.
    pub hazard: i64,
    /// The day on which the lot was drawn whether sales contacts it.
    #[serde(skip)]
    pub lot_day: Option<i64>,
}

/// What outreach did to an account, and would have done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Outreach {
    /// The day on which the lot was drawn.
    pub day: i64,
    /// Whether sales contacted it.
    pub contacted: bool,
    /// Whether it buys within the year if it is contacted.
    pub buys_if_contacted: bool,
    /// Whether it buys within the year if it is left alone: would have bought anyway.
    pub buys_if_left_alone: bool,
}
