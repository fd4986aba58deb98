//! Definitions over recorded history: everything that `replay`, `backtest` and `explain` share.
//!
//! A [`Study`] is a sound project, compiled, with its history. [`Study::judge`] runs it over every
//! account in parallel and hands each judged subject to the caller, who keeps what is needed: the
//! subjects themselves would not fit into memory.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use firsthand_history::{AccountRows, History, Projection, Scan, Traveller};
use firsthand_model::config::Project;
use firsthand_model::diagnostic::{Diagnostic, Severity};
use firsthand_model::fact::{Kind, Row};
use firsthand_model::{Text, Time};
use firsthand_rules::compile::program::Program;
use firsthand_rules::compile::{Compiled, compile};
use firsthand_rules::explain::{Explanation, explain};
use firsthand_rules::judge::{Judge, Stream};
use firsthand_rules::society::{Said, Society};
use firsthand_rules::timeline::Subject;
use firsthand_rules::travel;
use firsthand_rules::world::{self, Imports, Judged, Told};

use crate::exit::{Misuse, Told as ToldAlready};
use crate::output::Output;
use crate::project::{Folder, tell};
use crate::values::Moment;

/// A project and its history, ready to be judged.
pub struct Study {
    /// What the team wrote.
    pub project: Project,
    /// The same, compiled.
    pub program: Arc<Program>,
    /// What is recorded.
    pub history: Arc<History>,
    history_from: Time,
}

/// What came of judging everybody.
pub struct Everybody<T> {
    /// What the caller wanted to keep.
    pub kept: Vec<T>,
    /// Whether any fact says when it arrived.
    pub arrival_times: bool,
}

/// Which events a judgement needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// Those that the definitions read: enough for timelines.
    Needed,
    /// All, so that everybody who did anything is counted.
    Everything,
}

impl Study {
    /// Opens the project of a folder with its history.
    pub fn open(named: Option<&Path>, output: Output) -> anyhow::Result<Self> {
        let folder = Folder::find(named)?;
        let project = folder.sound_project(output)?;
        let history = History::open(folder.history(), &project.identity)?;
        Self::new(project, Arc::new(history), output)
    }

    /// Compiles a project over a history; errors are told on standard error.
    pub fn new(project: Project, history: Arc<History>, output: Output) -> anyhow::Result<Self> {
        let Compiled { program, diagnostics } = compile(&project);
        refuse_errors(&diagnostics, output)?;
        let first = history.seen().first.unwrap_or(Time::MIN);
        let history_from = project.start.history_from.unwrap_or(first);
        Ok(Self { project, program: Arc::new(program), history, history_from })
    }

    /// The instant that somebody named, else the newest fact.
    pub fn until(&self, moment: Option<&Moment>) -> Time {
        let newest = self.history.seen().last.unwrap_or(Time::MIN);
        moment.map_or(newest, |it| it.on(&self.project.calendar))
    }

    /// A judge of this program.
    pub fn new_judge(&self) -> Judge<'_> {
        Judge::new(&self.program, self.history_from)
    }

    /// The definitions of these names; all that have a track, if none is named.
    pub fn definitions(&self, names: &[String]) -> anyhow::Result<Vec<Asked>> {
        let known = || self.project.definitions.keys().map(Text::as_str);
        if let Some(name) = names.iter().find(|name| !known().any(|it| it == name.as_str())) {
            return Err(Misuse::unknown("definition", name, known().collect::<Vec<_>>()).into());
        }
        let wanted = |name: &Text| match names {
            [] => self.project.definitions[name].track != firsthand_model::config::Track::None,
            _ => names.iter().any(|it| *name == *it),
        };
        let of = |kind| {
            let root = self.program.root(kind);
            let all = root.definitions.iter().enumerate();
            all.filter(|(_, it)| wanted(&it.name)).map(move |(place, it)| Asked {
                kind,
                place,
                name: it.name.clone(),
                version: it.version.clone(),
            })
        };
        Ok(of(Kind::Account).chain(of(Kind::Person)).collect())
    }

    /// Judges everybody up to an instant; `keep` says what to remember of a judged subject.
    pub fn judge<T: Send>(
        &self,
        until: Time,
        reading: Reading,
        keep: impl Fn(&Judged) -> Option<T> + Sync,
    ) -> anyhow::Result<Everybody<T>> {
        let mut society = Society::new(&self.program);
        let travellers = self.travellers(reading)?;
        let mut told = BTreeMap::new();
        if society.is_asked() {
            let first = self.pass(&told, &travellers, until, reading, true, |_| None::<T>)?;
            first.said.into_iter().for_each(|it| society.hear(it));
            told = society.told(until);
        }
        let Pass { kept, arrival_times, .. } =
            self.pass(&told, &travellers, until, reading, false, keep)?;
        Ok(Everybody { kept, arrival_times })
    }

    /// Judges whoever has this id, an account or a person, up to an instant.
    pub fn one(&self, id: &str, until: Time) -> anyhow::Result<Vec<Judged>> {
        let alone = !Society::new(&self.program).is_asked();
        let rows = self.history.rows_of(id, &self.projection(Reading::Needed))?;
        if alone && !rows.is_empty() {
            let mut judge = self.new_judge();
            // Nobody is counted as a person here: an account is asked about.
            let judged = world::account(&mut judge, id, &rows, &Told::default(), &|_| true, until);
            return Ok(judged.map(|it| it.account).into_iter().collect());
        }
        let keep = |judged: &Judged| (judged.subject.id == id).then(|| judged.clone());
        Ok(self.judge(until, Reading::Needed, keep)?.kept)
    }

    /// Explains a definition for a subject, as its stream stands.
    pub fn explain(&self, stream: &Stream, definition: &str) -> Option<Explanation> {
        explain(&self.project, &self.new_judge(), stream, definition)
    }

    fn pass<T: Send>(
        &self,
        told: &BTreeMap<Text, Told>,
        travellers: &[Traveller],
        until: Time,
        reading: Reading,
        listens: bool,
        keep: impl Fn(&Judged) -> Option<T> + Sync,
    ) -> anyhow::Result<Pass<T>> {
        let names: BTreeSet<&str> = travellers.iter().map(|it| it.person.as_str()).collect();
        let stops: BTreeSet<&str> = travellers
            .iter()
            .flat_map(|it| &it.rows)
            .map(|(account, _)| account.as_str())
            .collect();
        let nothing = Told::default();
        let parent = self.project.identity.parent_trait.as_str();
        let take = |part: &mut Part<'_, T>, stream: &AccountRows<'_>| {
            part.pass.arrival_times |= stream.rows.iter().any(|it| it.known_at.is_some());
            let told = told.get(stream.account).unwrap_or(&nothing);
            let travels = |person: &str| names.contains(person);
            let judge = &mut part.judge;
            let judged = world::account(judge, stream.account, stream.rows, told, &travels, until);
            let Some(judged) = judged else { return };
            if listens {
                part.pass.said.push(Said::account(&judged.account, stream.rows, parent));
                part.pass.said.extend(judged.persons.iter().map(Said::person));
            }
            if stops.contains(stream.account) {
                let exports = world::exports(&self.program, &judged.account.record);
                part.pass.exports.insert(stream.account.into(), exports);
                part.pass.rows.insert(stream.account.into(), stream.rows.to_vec());
            }
            part.pass.kept.extend(keep(&judged.account));
            part.pass.kept.extend(judged.persons.iter().filter_map(&keep));
        };
        let new = || Part { judge: self.new_judge(), pass: Pass::default() };
        let parts =
            self.history.fold_accounts(&self.projection(reading), Scan::default(), new, take)?;
        let mut pass = Pass::default();
        for part in parts {
            pass.absorb(part.pass);
        }

        let mut judge = self.new_judge();
        for traveller in travellers {
            let Some(judged) = pass.traveller(&mut judge, traveller, until) else {
                continue;
            };
            if listens {
                pass.said.push(Said::person(&judged));
            }
            pass.kept.extend(keep(&judged));
        }
        Ok(pass)
    }

    /// Those with facts in several accounts; nobody, if persons are not judged at all.
    fn travellers(&self, reading: Reading) -> anyhow::Result<Vec<Traveller>> {
        if self.program.person.is_idle() {
            return Ok(Vec::new());
        }
        Ok(self.history.travellers(&self.projection(reading), Scan::default())?)
    }

    /// What a scan must read.
    pub fn projection(&self, reading: Reading) -> Projection {
        let program = Arc::clone(&self.program);
        let wanted = move |name: &str| program.wants(name, false) || program.wants(name, true);
        Projection {
            paths: self.program.paths.clone(),
            names: (reading == Reading::Needed).then(|| Arc::new(wanted) as _),
        }
    }
}

/// A definition that was asked about, and where it stands among those of its subject.
#[derive(Clone, Debug)]
pub struct Asked {
    /// What it judges.
    pub kind: Kind,
    /// Its place in [`Judged::timelines`].
    pub place: usize,
    /// Its name.
    pub name: Text,
    /// Its version.
    pub version: Text,
}

/// What one pass over all accounts has brought.
struct Pass<T> {
    kept: Vec<T>,
    arrival_times: bool,
    said: Vec<Said>,
    /// Of the accounts that travellers come through: what people there are told, and the rows.
    exports: BTreeMap<Text, Imports>,
    rows: BTreeMap<Text, Vec<Row>>,
}

struct Part<'p, T> {
    judge: Judge<'p>,
    pass: Pass<T>,
}

impl<T> Default for Pass<T> {
    fn default() -> Self {
        Self {
            kept: Vec::new(),
            arrival_times: false,
            said: Vec::new(),
            exports: BTreeMap::new(),
            rows: BTreeMap::new(),
        }
    }
}

impl<T> Pass<T> {
    /// Judges a traveller by what the accounts on the way have said.
    fn traveller(
        &self,
        judge: &mut Judge<'_>,
        traveller: &Traveller,
        until: Time,
    ) -> Option<Judged> {
        let (rows, imports) = travel::stream(&traveller.rows, &self.rows, &self.exports);
        let rows: Vec<&Row> = rows.iter().filter(|it| it.time <= until).collect();
        let (newest, _) = traveller.rows.last()?;
        rows.first()?;
        let id = Subject { kind: Kind::Person, id: traveller.person.clone() };
        Some(world::person(judge, id, newest.clone(), &rows, &imports, until))
    }

    fn absorb(&mut self, other: Self) {
        self.kept.extend(other.kept);
        self.arrival_times |= other.arrival_times;
        self.said.extend(other.said);
        self.exports.extend(other.exports);
        self.rows.extend(other.rows);
    }
}

/// Goes on only without errors; else tells them.
fn refuse_errors(diagnostics: &[Diagnostic], output: Output) -> anyhow::Result<()> {
    let errors: Vec<Diagnostic> =
        diagnostics.iter().filter(|it| it.problem.severity == Severity::Error).cloned().collect();
    if errors.is_empty() {
        return Ok(());
    }
    tell(errors, output);
    Err(ToldAlready.into())
}
