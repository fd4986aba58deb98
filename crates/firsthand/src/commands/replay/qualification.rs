//! Who qualified when, and for those who still do: why, in words.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use firsthand_model::fact::Kind;
use firsthand_model::{Decimal, Text, Time};
use firsthand_rules::explain::{Explanation, Met};
use firsthand_rules::timeline::{Interval, Subject};
use firsthand_rules::world::Judged;

use crate::headline::{About, Amounts, Headlines};
use crate::study::{Asked, Study};

/// One qualification of one subject.
pub struct Qualification {
    /// Which definition.
    pub definition: Text,
    /// Who.
    pub subject: Subject,
    /// The subject's account.
    pub account: Text,
    /// When.
    pub interval: Interval,
    /// What is known of it where it still holds, once it has been looked up.
    pub lead: Option<Box<Lead>>,
}

impl Qualification {
    /// Whether it holds at the end.
    pub fn holds(&self) -> bool {
        self.interval.left.is_none()
    }
}

/// A qualification that holds at the end.
pub struct Lead {
    /// The account's amounts.
    amounts: Arc<Amounts>,
    /// The value of the definition's score.
    pub score: Option<Decimal>,
    /// The definition's `why`, filled in.
    pub headline: Option<String>,
    /// Why it holds, in plain words.
    pub reasons: Vec<String>,
}

/// Looks up what is known of those that hold.
pub fn look_up(
    study: &Study,
    definitions: &[Asked],
    qualifications: &mut [Qualification],
    until: Time,
) -> anyhow::Result<()> {
    let with_amounts = Headlines::new(study).tells_persons_of_amounts();
    let holding = || qualifications.iter().filter(|it| it.holds());
    let open: BTreeSet<(Text, Subject)> =
        holding().map(|it| (it.definition.clone(), it.subject.clone())).collect();
    if open.is_empty() {
        return Ok(());
    }
    let accounts = holding().map(|it| it.account.clone()).collect();
    let named = |name: &str| definitions.iter().any(|it| it.name == name);
    let of_subject = |judged: &Judged| {
        let kind = judged.subject.kind;
        let asked = definitions.iter().filter(|it| it.kind == kind);
        let asked = asked.filter(|it| open.contains(&(it.name.clone(), judged.subject.clone())));
        let amounts = Arc::new(Amounts::of(study.program.root(kind), &judged.stream));
        let leads = asked.map(|it| {
            let lead = Lead {
                amounts: Arc::clone(&amounts),
                score: it.score(judged),
                headline: None,
                reasons: reasons(study, judged, &it.name),
            };
            ((it.name.clone(), judged.subject.clone()), lead)
        });
        let leads: Vec<_> = leads.collect();
        let told = with_amounts && kind == Kind::Account;
        let told = told.then(|| (judged.subject.id.clone(), Arc::clone(&amounts)));
        (!leads.is_empty() || told.is_some()).then_some((leads, told))
    };
    let kept = study.replay(until).accounts(accounts, |it| named(&it.name), of_subject)?.kept;
    let amounts: BTreeMap<Text, Arc<Amounts>> =
        kept.iter().filter_map(|(_, told)| told.clone()).collect();
    let leads = kept.into_iter().flat_map(|(leads, _)| leads);
    let mut leads: BTreeMap<(Text, Subject), Lead> = leads.collect();
    for it in qualifications.iter_mut().filter(|it| it.holds()) {
        let lead = leads.remove(&(it.definition.clone(), it.subject.clone()));
        it.lead = lead.map(Box::new);
        if it.subject.kind == Kind::Person
            && let Some(lead) = &mut it.lead
            && let Some(amounts) = amounts.get(&it.account)
        {
            lead.amounts = Arc::clone(amounts);
        }
    }
    Ok(())
}

/// Puts leads into the order in which they are worked on: those of a definition with a score
/// first, the highest first; then the newest first.
pub fn order(leads: &mut [Qualification]) {
    // Stable: among equals the newest stays first.
    leads.sort_by_key(|it| Reverse(it.lead.as_ref().and_then(|it| it.score)));
}

/// Fills in the headlines.
pub fn tell(study: &Study, leads: &mut [Qualification], until: Time) -> anyhow::Result<()> {
    let (mut open, about): (Vec<&mut Lead>, Vec<About>) = leads
        .iter_mut()
        .filter_map(|it| {
            let lead = it.lead.as_deref_mut()?;
            let about = About {
                definition: it.definition.clone(),
                subject: it.subject.clone(),
                account: it.account.clone(),
                amounts: Arc::clone(&lead.amounts),
                score: lead.score,
            };
            Some((lead, about))
        })
        .unzip();
    let headlines = Headlines::new(study).of_each(&about, until)?;
    for (lead, headline) in open.iter_mut().zip(headlines) {
        lead.headline = headline;
    }
    Ok(())
}

/// Why a definition holds for a subject at the end.
fn reasons(study: &Study, judged: &Judged, definition: &str) -> Vec<String> {
    study.explain(&judged.stream, definition).map(|it| in_words(study, &it)).unwrap_or_default()
}

/// Why a definition that holds does so: by `when`, kept by `stay`, or for its grace.
pub fn in_words(study: &Study, explanation: &Explanation) -> Vec<String> {
    let Explanation { definition, when, stay, .. } = explanation;
    if when.met() == Met::Met {
        return when.reasons().into_iter().map(|it| it.words.clone()).collect();
    }
    if let Some(stay) = stay.as_ref().filter(|it| it.met() == Met::Met) {
        return stay.reasons().into_iter().map(|it| format!("kept: {}", it.words)).collect();
    }
    let grace = study.project.definitions[definition].grace;
    vec![format!("kept: nothing has to hold for a grace of {grace}")]
}
