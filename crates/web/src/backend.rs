//! The one trait through which the HTTP face talks to the rest of the program.
//!
//! The binary implements it over engine and store; the tests over a few maps. "Not there" is
//! `Ok(None)`; an [`Err`] says what went wrong in words that may be shown to the client, but for
//! [`Failure::Broken`], which is logged and told as a bare 500.

mod configured;
mod entrance;
mod failure;
mod imports;
mod measure;
mod people;
mod publishing;
mod reports;
mod secret;
mod slack;
mod token;
mod workbench;

use std::sync::Arc;

use async_trait::async_trait;
use firsthand_collect::live::{Reject, Sources};
use firsthand_model::{Fact, Text, Time};
use tokio::sync::watch;

use crate::noun::{
    Account, AccountDetail, AccountFacts, AccountFilter, Channel, Definition, DefinitionDetail,
    Delivery, DeliveryDetail, DeliveryFilter, Entitlement, Erasure, Explanation, Exposure,
    FactFilter, Hygiene, IdentityAct, InAppAct, InAppMessage, Lead, LeadAct, LeadDetail, LeadEvent,
    LeadFilter, LeadPreview, LedgerEntry, LedgerFilter, Listing, NewIdentityAct, Page, PersonIds,
    Play, PlayDetail, PlayFilter, PlayRun, PreviewFilter, QuarantineFilter, Quarantined,
    QuarantinedDetail, Readiness, Replayed, RunState, SampleMessage, ServerStatus, Source,
    SourceHour, Subject, Suppressed, Usage,
};

pub use configured::{Configuration, Configured, ConfiguredFile};
pub use entrance::{Begun, Entrance, NotIn, WaysIn};
pub use failure::Failure;
pub use imports::{
    Counted, FILE_NAME_CHARS_MAX, Import, ImportColumn, ImportFound, ImportPhase, ImportProblem,
    ImportProgress, ImportReject, ImportResult, ImportState, Imports, Reading, SampleFact,
    UPLOAD_BYTES_MAX, Upload,
};
pub use measure::{Family, FamilyKind, Histogram, Sample, SampleValue};
pub use people::{
    About, ApiKey, AuditAsked, Audited, Brief, CloseUp, Invited, Joining, People, Role, SavedView,
    SignedIn, Someone, User,
};
pub use publishing::Publishing;
pub use reports::Reports;
pub use secret::SigningSecret;
pub use slack::{SlackPress, SlackSecret};
pub use token::{Caller, Scope, Token, TokenHash};
pub use workbench::Workbench;

/// What the backend answers.
pub type Answer<T> = Result<T, Failure>;

/// What one tracking call brought.
#[derive(Clone, Debug)]
pub struct Submission {
    /// The source's name.
    pub source: Text,
    /// What was taken in.
    pub facts: Vec<Fact>,
    /// What was refused, to be quarantined.
    pub rejects: Vec<Reject>,
    /// When the call arrived.
    pub received_at: Time,
}

/// What the HTTP face needs of the rest of the program.
///
/// All methods may be called at once from many tasks; none may block the thread. A future that is
/// dropped (the client went away) must leave nothing half done.
#[async_trait]
pub trait Backend:
    People + Configuration + Entrance + Imports + Workbench + Reports + Publishing
{
    /// The sources with their keys, by which tracking calls are read. Asked for at each call, so that
    /// a changed configuration counts at once.
    fn keyring(&self) -> Arc<Sources>;

    /// Takes in facts and rejects. Resolves only once all of it is durable (P4).
    /// [`Failure::Busy`] when the log is full: the client is told to come again.
    async fn submit(&self, submission: Submission) -> Answer<()>;

    /// The token with this hash; `None` if there is none or it was revoked.
    async fn token(&self, hash: TokenHash) -> Answer<Option<Token>>;

    /// Whether the server decides yet.
    fn readiness(&self) -> Readiness;

    /// How the server is doing.
    async fn status(&self) -> Answer<ServerStatus>;

    /// What the rest of the program measures, for `/metrics`. Names begin with `firsthand_`;
    /// labels hold no personal data.
    fn measures(&self) -> Vec<Family>;

    /// All sources, by name.
    async fn sources(&self) -> Answer<Vec<Source>>;

    /// What a source sent in each of the last hours, the oldest first, those without anything
    /// included; `None` if there is no such source.
    async fn source_hours(&self, source: &str, hours: u32) -> Answer<Option<Vec<SourceHour>>>;

    /// Leads.
    async fn leads(&self, filter: &LeadFilter, listing: &Listing) -> Answer<Page<Lead>>;

    /// One lead.
    async fn lead(&self, id: &str) -> Answer<Option<LeadDetail>>;

    /// Does something with a lead and tells how it then is; `None` if there is no such lead,
    /// [`Failure::Conflict`] if that cannot be done with it as it stands.
    async fn act(&self, id: &str, act: LeadAct, by: &Caller) -> Answer<Option<LeadDetail>>;

    /// What happened to leads after `sequence`, oldest first, at most `limit`.
    ///
    /// `None` if what came right after is no longer kept: the listener must read the list anew.
    async fn lead_events(&self, sequence: u64, limit: u32) -> Answer<Option<Vec<LeadEvent>>>;

    /// The sequence of the newest lead event; changes as soon as it can be read.
    fn lead_sequence(&self) -> watch::Receiver<u64>;

    /// Accounts, by id.
    async fn accounts(&self, filter: &AccountFilter, listing: &Listing) -> Answer<Page<Account>>;

    /// One account.
    async fn account(&self, id: &str) -> Answer<Option<AccountDetail>>;

    /// What happened in an account, newest first; `None` if there is no such account. Facts that
    /// are not to be shown any more are not among them. A page that is not full may have a next
    /// one: only so much is read at a time.
    async fn account_facts(
        &self,
        account: &str,
        filter: &FactFilter,
        listing: &Listing,
    ) -> Answer<Option<AccountFacts>>;

    /// What an account has used; `None` if there is no such account. Answered from memory.
    async fn usage(&self, account: &str) -> Answer<Option<Usage>>;

    /// What an account may use: every feature that a plan of the project has, and every meter, by
    /// name; `None` if there is no such account. Answered from memory.
    async fn entitlements(&self, account: &str) -> Answer<Option<Vec<Entitlement>>>;

    /// Whether an account may use a feature; `None` if there is no such account or feature.
    /// Answered from memory.
    async fn feature(&self, account: &str, feature: &str) -> Answer<Option<Entitlement>>;

    /// Whether an account may use more of a meter; `None` if there is no such account or meter.
    /// Answered from memory.
    async fn meter(&self, account: &str, meter: &str) -> Answer<Option<Entitlement>>;

    /// Why a definition holds for a subject at `at`, or why not; `None` if there is no such
    /// subject or definition.
    async fn explain(
        &self,
        subject: &Subject,
        definition: &str,
        at: Option<Time>,
    ) -> Answer<Option<Explanation>>;

    /// All definitions, by name.
    async fn definitions(&self) -> Answer<Vec<Definition>>;

    /// One definition.
    async fn definition(&self, name: &str) -> Answer<Option<DefinitionDetail>>;

    /// What was refused, newest first.
    async fn quarantine(
        &self,
        filter: &QuarantineFilter,
        listing: &Listing,
    ) -> Answer<Page<Quarantined>>;

    /// One refused item.
    async fn quarantined(&self, id: &str) -> Answer<Option<QuarantinedDetail>>;

    /// Reads a refused item again; `None` if there is no such item, [`Failure::Conflict`] if it
    /// was taken in already.
    async fn replay(&self, id: &str, by: &Caller) -> Answer<Option<Replayed>>;

    /// Deletes a refused item; `None` if there is no such item.
    async fn discard(&self, id: &str, by: &Caller) -> Answer<Option<()>>;

    /// All ids of the person with this id, of whatever kind.
    async fn person(&self, id: &str) -> Answer<Option<PersonIds>>;

    /// All plays, by name.
    async fn plays(&self) -> Answer<Vec<Play>>;

    /// One play with its figures.
    async fn play(&self, name: &str) -> Answer<Option<PlayDetail>>;

    /// How far plays have come for leads, those that began last first; only those that stand so, if
    /// a state is named.
    async fn play_runs(
        &self,
        filter: &PlayFilter,
        state: Option<RunState>,
        listing: &Listing,
    ) -> Answer<Page<PlayRun>>;

    /// What a play would send now, without sending it; `None` if there is no such play. Nothing
    /// where there is no such lead or account.
    async fn preview(&self, play: &str, of: &PreviewFilter) -> Answer<Option<Vec<LeadPreview>>>;

    /// How each message of a play reads for an account that nobody has: step by step, variant by
    /// variant, language by language; `None` if there is no such play.
    async fn samples(&self, play: &str) -> Answer<Option<Vec<SampleMessage>>>;

    /// Messages that were not sent, the newest first.
    async fn suppressed(&self, filter: &PlayFilter, listing: &Listing) -> Answer<Page<Suppressed>>;

    /// Accounts that are told or held out, the newest assignment first.
    async fn exposures(&self, filter: &PlayFilter, listing: &Listing) -> Answer<Page<Exposure>>;

    /// Messages that go out, those put into the queue last first.
    async fn deliveries(
        &self,
        filter: &DeliveryFilter,
        listing: &Listing,
    ) -> Answer<Page<Delivery>>;

    /// One of them, with its tries.
    async fn delivery(&self, id: &str) -> Answer<Option<DeliveryDetail>>;

    /// Puts a message that was given up into the queue again; `None` if there is no such message,
    /// [`Failure::Conflict`] if it was not given up.
    async fn resend(&self, id: &str) -> Answer<Option<DeliveryDetail>>;

    /// Puts everything that was given up into the queue again, of one channel if it is named;
    /// how many.
    async fn resend_dead(&self, channel: Option<&str>) -> Answer<u64>;

    /// All channels, by name.
    async fn channels(&self) -> Answer<Vec<Channel>>;

    /// Lets messages go through a channel again; `None` if there is no such channel,
    /// [`Failure::Conflict`] if nothing had stopped it.
    async fn enable_channel(&self, name: &str) -> Answer<Option<Channel>>;

    /// The secrets that may have signed a person's token: of the key that it names, or those that
    /// sign without a name. None means that nobody can.
    async fn signing_secrets(&self, kid: Option<&str>) -> Answer<Vec<SigningSecret>>;

    /// The origins of the pages that may show messages; any if empty.
    fn in_app_origins(&self) -> Arc<[Text]>;

    /// What is to be shown to a person inside the product, the longest waiting first. By any id of
    /// theirs; nothing if nobody has it.
    async fn inbox(&self, person: &str) -> Answer<Vec<InAppMessage>>;

    /// Changes when what is to be shown to the person may have changed; sometimes when it has not.
    async fn inbox_changes(&self, person: &str) -> Answer<watch::Receiver<u64>>;

    /// Records what a person did with a message; `None` if it is none of theirs. Each act counts
    /// once, however often it is said.
    async fn act_on_message(
        &self,
        person: &str,
        message: &str,
        act: InAppAct,
    ) -> Answer<Option<()>>;

    /// The secret with which links to unsubscribe are signed.
    fn unsubscribe_secret(&self) -> SigningSecret;

    /// Records that a person does not want to hear of us any more, or does again. Resolves once
    /// it is durable.
    async fn set_unsubscribed(&self, person: &str, unsubscribed: bool) -> Answer<()>;

    /// The secrets with which Slack signs.
    fn slack_secrets(&self) -> Arc<[SlackSecret]>;

    /// Does with a lead what a button in Slack says, as the rep who pressed it, and tells in the
    /// message's place what became of it. Whoever may not, or a lead with which it cannot be done,
    /// is told there too and is no failure.
    async fn press(&self, press: SlackPress) -> Answer<()>;

    /// Merges and splits by hand, newest first.
    async fn identity_acts(&self, listing: &Listing) -> Answer<Page<IdentityAct>>;

    /// Proposes a merge or split.
    async fn propose(&self, act: NewIdentityAct, by: &Caller) -> Answer<IdentityAct>;

    /// Makes what was proposed; `None` if there is no such act, [`Failure::Conflict`] if it is
    /// not a proposal any more.
    async fn make(&self, id: &str, by: &Caller) -> Answer<Option<IdentityAct>>;

    /// Undoes what was made, or drops a proposal; as [`Backend::make`].
    async fn undo(&self, id: &str, by: &Caller) -> Answer<Option<IdentityAct>>;

    /// How well people and accounts are told apart. Gathered bit by bit between commits, and kept
    /// for a while.
    async fn hygiene(&self) -> Answer<Hygiene>;

    /// Begins to erase a person or account everywhere; `None` if nobody has that id.
    async fn erase(&self, subject: &Subject, by: &Caller) -> Answer<Option<Erasure>>;

    /// How far an erasure has come.
    async fn erasure(&self, id: &str) -> Answer<Option<Erasure>>;

    /// The ledger, oldest first.
    async fn ledger(&self, filter: &LedgerFilter, listing: &Listing) -> Answer<Page<LedgerEntry>>;
}
