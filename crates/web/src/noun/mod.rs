//! What the API says: its nouns as they go over the wire.
//!
//! They are this crate's own, not the domain's: a change inside the program does not change what
//! clients read. Times are RFC 3339 in UTC, ids are opaque texts, and what is not there is `null`.

mod account;
mod account_fact;
mod act;
mod at;
mod definition;
mod delivery;
mod draft;
mod health;
mod hygiene;
mod identity;
mod import;
mod inapp;
mod lead;
mod ledger;
mod page;
mod play;
mod play_detail;
mod preview;
mod publication;
mod quarantine;
mod report;
mod source;
mod status;
mod subject;
mod tried;
mod usage;

pub use account::{Account, AccountDetail, AccountFilter, Member, StageMove};
pub use account_fact::{AccountFact, AccountFacts, FactFilter, FactKind, TraitChange};
pub use act::LeadAct;
pub use at::At;
pub use definition::{
    Definition, DefinitionDetail, DefinitionState, DefinitionVersion, Explanation,
};
pub use delivery::{
    Attempt, AttemptOutcome, Channel, Delivery, DeliveryDetail, DeliveryFilter, DeliveryState,
    Resent,
};
pub use draft::{
    CheckedDraft, Diagnosis, DiagnosisSeverity, Draft, MovableNumber, StoryRun, WrittenDefinition,
};
pub use health::{
    DefinitionHealth, HealthHint, HealthReport, HealthWeek, PaceChange, PaceReading,
    PrecisionChange,
};
pub use hygiene::{Example, Found, Hygiene};
pub use identity::{
    Erasure, ErasureState, IdentityAct, IdentityActKind, IdentityActState, LinkedId, LinkedIdKind,
    NewIdentityAct, PersonIds,
};
pub use import::{
    Import, ImportColumn, ImportCount, ImportFound, ImportProblem, ImportProgress, ImportReading,
    ImportReject, ImportResult, ImportTake, SOURCE_CHARS_MAX,
};
pub use inapp::{InAppAct, InAppAction, InAppForm, InAppMessage, InAppPoint, InAppUsage};
pub use lead::{
    Lead, LeadChange, LeadDetail, LeadEvent, LeadEventKind, LeadFilter, LeadOrder, LeadStatus,
    Note, Qualification, Track,
};
pub use ledger::{LedgerChange, LedgerEntry, LedgerFilter};
pub use page::{Direction, Listing, Page};
pub use play::{
    DayHours, Exposure, Frequency, Play, PlayFilter, PlayStep, PlayVariant, Suppressed,
};
pub use play_detail::{
    ArmFigures, ContactBudget, KeptBack, PlayDetail, PlayRun, Reactions, RunState, StepFigures,
    SuppressedFigures, VariantFigures,
};
pub use preview::{LeadPreview, MessagePreview, PreviewFilter, PreviewVerdict, SampleMessage};
pub use publication::{NewVersion, Publication, PublicationState};
pub use quarantine::{
    QuarantineFilter, Quarantined, QuarantinedDetail, QuarantinedState, Replayed,
};
pub use report::{
    AccountsLeftOut, BacktestAsked, BacktestFigure, BacktestList, BacktestReport, BacktestSide,
    BacktestSummary, BacktestWeek, CohortBy, Contrast, CurvePoint, Difference, Effect,
    EffectsAsked, EffectsReport, Estimate, FigureMeaning, GroupName, LifecycleAsked,
    LifecycleGroup, LifecycleReport, MonthFigures, Observed, Reading, ReportNote, ReportTable,
    StageFigures, Worth,
};
pub use source::{Source, SourceHour};
pub use status::{Phase, Queue, Readiness, ServerStatus};
pub use subject::{Subject, SubjectKind, SubjectParseError};
pub use tried::{
    Beside, Line, LineBin, LineOther, Measured, Mover, MoverGroup, Movers, Near, NearOne, Preview,
    PreviewAsked, PreviewWeek, Quality, Share, Tried, Withheld,
};
pub use usage::{Entitlement, MeterUsage, PlanRef, Usage};
