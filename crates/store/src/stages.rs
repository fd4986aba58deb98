//! The lifecycle stage of each account, and how it came there.

use firsthand_model::stage::StageMove;
use firsthand_model::{Text, Time};
use serde::Serialize;

use crate::{Page, PageRequest, Result};

/// The stage that an account is in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AccountStage {
    /// The account.
    pub account: Text,
    /// The stage.
    pub stage: Text,
    /// From when on.
    pub since: Time,
}

/// How many accounts are in a stage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StageCount {
    /// The stage.
    pub stage: Text,
    /// How many accounts.
    pub accounts: u64,
}

/// The stages of accounts. The last move written of an account says where it is.
pub trait Stages {
    /// The stage that an account is in; `None` where it never came to one.
    fn stage_of(&self, account: &str) -> Result<Option<AccountStage>>;

    /// All moves of an account, in the order in which they were written.
    fn stage_moves(&self, account: &str) -> Result<Vec<StageMove>>;

    /// A page of the accounts in a stage, or in any, by account.
    fn accounts_by_stage(
        &self,
        stage: Option<&str>,
        page: &PageRequest,
    ) -> Result<Page<AccountStage>>;

    /// How many accounts are in each stage, by stage.
    fn count_stages(&self) -> Result<Vec<StageCount>>;
}
