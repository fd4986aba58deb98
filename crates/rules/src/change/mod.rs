//! A definition with a changed threshold, in the language's own words:
//! `people(core, last 7d) >= 4` takes the place of `people(core, last 7d) >= 3`.
//!
//! Start at [`change`]: it takes a sound project and gives another, in which every comparison of
//! the same value is the one that was given. [`wanted`] reads what is given, [`site`] finds the
//! comparisons in a text, [`splice`] puts the one in the other's place, [`missing`] says what
//! there is where nothing is found. No file is touched, and what is wrong is told with a place in
//! the text that was given (P7).
//!
//! # What is changed
//!
//! - Comparisons in `when`, `stay` and `unless` of the definitions that are asked for; where one
//!   has none of that value, those of the definitions that it reads, the nearest first.
//! - The first of `when`, `stay` and `unless` that compares the value decides. What stands in the
//!   others is changed along where it says the same, and left as it is where it says something
//!   else: 80 % to enter and 70 % to stay are two decisions. `stay: …` means `stay` alone.
//! - Of several different comparisons of one value, those of the same sense are meant: `>= 3` and
//!   `<= 10` are a lower and an upper bound.
//! - Conditions on single events (`where …`), and the rules of scores and grades, never.

mod missing;
mod site;
mod splice;
mod threshold;
mod wanted;

use std::collections::BTreeSet;
use std::fmt;

use firsthand_model::Text;
use firsthand_model::config::{Definition, Project};
use firsthand_model::diagnostic::{Diagnostic, Problem, Severity, SourceText, codes};

use crate::compile::compile;

pub use threshold::{Number, Threshold, conjuncts, thresholds};

use site::Site;
use wanted::Wanted;

/// A part of a definition that is a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "docs/language.md, section 1")]
pub enum Clause {
    When,
    Stay,
    Unless,
}

impl Clause {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::When, Self::Stay, Self::Unless];

    /// The key under which it is written.
    pub const fn word(self) -> &'static str {
        match self {
            Self::When => "when",
            Self::Stay => "stay",
            Self::Unless => "unless",
        }
    }

    /// What a definition says there.
    pub fn text(self, of: &Definition) -> Option<&SourceText> {
        match self {
            Self::When => Some(&of.when),
            Self::Stay => of.stay.as_ref(),
            Self::Unless => of.unless.as_ref(),
        }
    }

    /// The same, to be changed.
    pub fn text_mut(self, of: &mut Definition) -> Option<&mut SourceText> {
        match self {
            Self::When => Some(&mut of.when),
            Self::Stay => of.stay.as_mut(),
            Self::Unless => of.unless.as_mut(),
        }
    }
}

/// A project in which some comparisons are others.
#[derive(Clone, Debug)]
pub struct Changed {
    /// The project; sound if the one was that it was made from.
    pub project: Project,
    /// What was changed, in the order given; also what was met and left as it is.
    pub changes: Vec<Change>,
}

/// One comparison of a definition, and what became of it. Shown as a line for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The definition that makes it.
    pub definition: Text,
    /// In which of its parts.
    pub clause: Clause,
    /// The comparison in canonical form.
    pub old: String,
    /// What became of it.
    pub effect: Effect,
}

/// What became of a comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It is taken as this, in canonical form; the value is left out where it begins both.
    TakenAs(String),
    /// It says already what it was to say.
    AsBefore,
    /// It compares the same value, but another part of the definition was meant.
    LeftAlone,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { definition, clause, old, effect } = self;
        write!(f, "{definition}: ")?;
        if *clause != Clause::When {
            write!(f, "in `{}`, ", clause.word())?;
        }
        match effect {
            Effect::TakenAs(new) => write!(f, "{old} is taken as {new}"),
            Effect::AsBefore => write!(f, "{old} is what it says already"),
            Effect::LeftAlone => {
                write!(f, "{old} stays as it is; `{}: …` would change it", clause.word())
            }
        }
    }
}

/// Takes comparisons of some definitions, and of what they read, as others. Each text is one
/// comparison, with `when:`, `stay:` or `unless:` before it where only that part is meant; they
/// are taken one after the other.
///
/// # Errors
/// Returns what is wrong with the texts, each at its place in the text: it is no comparison, no
/// definition compares that value, or the language has no meaning for it there.
pub fn change(
    project: &Project,
    definitions: &[Text],
    texts: &[SourceText],
) -> Result<Changed, Vec<Diagnostic>> {
    let mut work =
        Work { project: project.clone(), definitions, changes: Vec::new(), put: BTreeSet::new() };
    let mut errors = Vec::new();
    for text in texts {
        if let Err(found) = work.take(text) {
            errors.extend(found.into_iter().map(|it| text.locate(it)));
        }
    }
    if errors.is_empty() {
        Ok(Changed { project: work.project, changes: work.changes })
    } else {
        Err(errors)
    }
}

/// A project while it is being changed.
struct Work<'a> {
    project: Project,
    definitions: &'a [Text],
    changes: Vec<Change>,
    /// What was put where, in canonical form.
    put: BTreeSet<(Text, Clause, String)>,
}

/// A part of a definition that makes a comparison of the wanted value.
struct Place {
    definition: Text,
    clause: Clause,
    /// Those that are meant.
    meant: Vec<Site>,
    /// Those of the same value that are not, where another part has decided.
    other: Vec<Site>,
}

impl Work<'_> {
    fn take(&mut self, text: &SourceText) -> Result<(), Vec<Problem>> {
        let wanted = Wanted::read(&text.text)?;
        let mut places: Vec<Place> = Vec::new();
        for name in self.definitions {
            for place in places_from(&self.project, name, &wanted) {
                let known =
                    |it: &Place| (&it.definition, it.clause) == (&place.definition, place.clause);
                if !places.iter().any(known) {
                    places.push(place);
                }
            }
        }
        if places.is_empty() {
            return Err(vec![missing::problem(&self.project, self.definitions, &wanted)]);
        }
        let before = self.project.clone();
        let mut pieces = Vec::new();
        for place in &places {
            self.refuse_repeated(place, &wanted)?;
            pieces.extend(self.put(place, &wanted));
        }
        let wrong = compile(&self.project).diagnostics;
        let wrong: Vec<Diagnostic> =
            wrong.into_iter().filter(|it| it.problem.severity == Severity::Error).collect();
        if wrong.is_empty() {
            return Ok(());
        }
        // Those that follow are judged as if this had not been given.
        self.project = before;
        Err(splice::brought_back(wrong, &pieces, &wanted))
    }

    fn refuse_repeated(&self, place: &Place, wanted: &Wanted) -> Result<(), Vec<Problem>> {
        let key = |it: &Site| (place.definition.clone(), place.clause, it.shown.clone());
        let Some(again) = place.meant.iter().find(|it| self.put.contains(&key(it))) else {
            return Ok(());
        };
        let message = format!("`{}` has been set already", again.shown);
        let help = "Say once what is to become of it.";
        Err(vec![Problem::error(codes::REPEATED, wanted.span(), message).with_help(help)])
    }

    /// Puts the comparison into its places in one text.
    fn put(&mut self, place: &Place, wanted: &Wanted) -> Option<splice::Spliced> {
        let Place { definition, clause, meant, other } = place;
        let told = meant.iter().map(|it| (it, wanted.effect_on(it)));
        let told = told.chain(other.iter().map(|it| (it, Effect::LeftAlone)));
        for (site, effect) in told {
            let (definition, old) = (definition.clone(), site.shown.clone());
            let change = Change { definition, clause: *clause, old, effect };
            if !self.changes.contains(&change) {
                self.changes.push(change);
            }
        }
        self.put.insert((definition.clone(), *clause, wanted.shown.clone()));
        let different: Vec<&Site> = meant.iter().filter(|it| it.shown != wanted.shown).collect();
        if different.is_empty() {
            return None;
        }
        let text = clause.text_mut(self.project.definitions.get_mut(definition)?)?;
        let spliced = splice::splice(text, &different, wanted);
        *text = spliced.text.clone();
        Some(spliced)
    }
}

/// Where a definition makes the comparison; else the definitions that it reads, the nearest first.
fn places_from(project: &Project, name: &Text, wanted: &Wanted) -> Vec<Place> {
    for level in levels(project, name) {
        let places: Vec<Place> = level.into_iter().flat_map(|it| places_in(it, wanted)).collect();
        if !places.is_empty() {
            return places;
        }
    }
    Vec::new()
}

/// A definition, then those that it reads, then those that these read, and so on.
fn levels<'p>(project: &'p Project, name: &str) -> Vec<Vec<&'p Definition>> {
    let mut levels = Vec::new();
    let mut level: Vec<&Definition> = project.definitions.get(name).into_iter().collect();
    let mut met: BTreeSet<&Text> = level.iter().map(|it| &it.name).collect();
    while !level.is_empty() {
        let read: BTreeSet<Text> = level
            .iter()
            .flat_map(|of| Clause::ALL.into_iter().filter_map(|clause| clause.text(of)))
            .flat_map(site::definitions_read)
            .collect();
        let next = read.iter().filter_map(|it| project.definitions.get(it));
        let next: Vec<&Definition> = next.filter(|it| met.insert(&it.name)).collect();
        levels.push(std::mem::replace(&mut level, next));
    }
    levels
}

/// The parts of one definition that compare the value: the first decides what is meant.
fn places_in(definition: &Definition, wanted: &Wanted) -> Vec<Place> {
    let mut places: Vec<Place> = Vec::new();
    for clause in Clause::ALL {
        if wanted.clause.is_some_and(|only| only != clause) {
            continue;
        }
        let Some(text) = clause.text(definition) else { continue };
        let sites = site::comparisons(text).into_iter();
        let sites: Vec<Site> = sites.filter(|it| it.value == wanted.value).collect();
        if sites.is_empty() {
            continue;
        }
        let (meant, other) = match places.first() {
            None => (wanted.meant(sites), Vec::new()),
            Some(first) => sites
                .into_iter()
                .partition(|site| first.meant.iter().any(|it| it.shown == site.shown)),
        };
        places.push(Place {
            definition: definition.name.clone(),
            clause,
            meant: site::outermost(meant),
            other,
        });
    }
    places
}

#[cfg(test)]
mod tests;
