//! Usage against plans, and what an account may use.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::At;

/// An account's plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PlanRef {
    /// Its name.
    pub name: String,
    /// Since when the account is on it.
    pub since: Option<At>,
    /// When the trial ends, or ended.
    pub trial_ends_at: Option<At>,
    /// What the plan to move to next is called; `null` if none is.
    pub next: Option<String>,
}

/// What an account has used against what its plan allows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Usage {
    /// The account's id.
    pub account: String,
    /// Its plan; `null` if it is on none.
    pub plan: Option<PlanRef>,
    /// Each meter.
    pub meters: Vec<MeterUsage>,
    /// What its plan switches on, by name.
    pub features: Vec<String>,
    /// What instant the figures are of.
    pub as_of: At,
    /// Whether they are the last known, because the state is still being rebuilt.
    pub stale: bool,
}

/// A measured amount against its limit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MeterUsage {
    /// The meter's name.
    pub meter: String,
    /// How much was used.
    pub used: f64,
    /// How much the plan allows; `null` if it sets no limit.
    pub limit: Option<f64>,
    /// How much is left, never below 0; `null` if there is no limit.
    pub left: Option<f64>,
    /// When it starts again at nothing; `null` if it never does.
    pub reset_at: Option<At>,
}

/// Whether an account may use something now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Entitlement {
    /// The account's id.
    pub account: String,
    /// The feature's or meter's name.
    pub name: String,
    /// Whether it may be used: switched on by the plan, and something is left.
    pub allowed: bool,
    /// Why not, in one sentence; `null` where it is allowed.
    pub reason: Option<String>,
    /// How much was used; `null` for a feature that no meter measures.
    pub used: Option<f64>,
    /// How much the plan allows; `null` if it sets no limit.
    pub limit: Option<f64>,
    /// How much is left, never below 0; `null` if there is no limit.
    pub left: Option<f64>,
    /// When it starts again at nothing; `null` if it never does.
    pub reset_at: Option<At>,
    /// Whether this is the last known, because the state is still being rebuilt.
    pub stale: bool,
}
