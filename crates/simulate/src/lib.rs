//! A company to practise on, whose hidden truth is known.
//!
//! **Postbox** sells e-mail marketing: free up to 10,000 contacts, by trial, or through sales. Start
//! at [`World`]: from a seed and a size it makes companies, their people and all that they do, as
//! [`Fact`](firsthand_model::Fact)s, in parallel and in bounded memory. What makes them buy is
//! planted ([`HAZARDS`]) and written down beside the data ([`WorldTruth`], [`AccountTruth`]), so that
//! whatever claims to find it can be held against it.
//!
//! # Promises
//!
//! - SIM-1: the same options give the same facts, on every machine and for any number of threads.
//!   Nothing reads a clock; what needs a logarithm computes it in software.
//! - SIM-2: memory is bounded by two batches of companies, each company by
//!   [`COMPANY_EVENTS_MAX`] (P8).
//! - SIM-3: nothing but chance and [`HAZARDS`] decides who buys.

mod calendar;
mod cast;
mod chance;
mod company;
mod export;
mod hazard;
mod life;
mod mess;
mod names;
mod tape;
mod truth;
mod world;

pub use cast::{CAST, NEIGHBOUR, QUALIFIED};
pub use company::Persona;
pub use export::Export;
pub use hazard::{HAZARDS, Hazards};
pub use mess::{JUNK_IDS, Mess, Share, ShareError};
pub use truth::{AccountTruth, Fate, Outreach, Parts, WorldTruth};
pub use world::{COMPANY_EVENTS_MAX, DAYS_MAX, DAYS_MIN, Options, Recorded, Size, Totals, World};

/// The source that all facts name.
pub const SOURCE: &str = "postbox";
/// The e-mail domain of the company's own staff.
pub const OWN_DOMAIN: &str = "postbox.example";

/// The project that the simulated company would write: path and text of each file.
pub const PROJECT: &[(&str, &str)] = &[
    ("firsthand.yaml", include_str!("../project/firsthand.yaml")),
    (
        "definitions/activated-trial.yaml",
        include_str!("../project/definitions/activated-trial.yaml"),
    ),
    ("definitions/content-lead.yaml", include_str!("../project/definitions/content-lead.yaml")),
    (
        "definitions/outgrowing-free.yaml",
        include_str!("../project/definitions/outgrowing-free.yaml"),
    ),
    (
        "definitions/ready-to-expand.yaml",
        include_str!("../project/definitions/ready-to-expand.yaml"),
    ),
    (
        "definitions/team-near-limit.yaml",
        include_str!("../project/definitions/team-near-limit.yaml"),
    ),
    (".gitignore", include_str!("../project/gitignore")),
];
