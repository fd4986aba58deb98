//! Definitions over recorded history: everything that `replay`, `backtest` and `explain` share.
//!
//! A [`Study`] is a sound project, compiled, with its history; [`Study::replay`] runs it.

use std::path::Path;
use std::sync::Arc;

use firsthand_engine::Rules;
use firsthand_history::{Everybody, History, Projection, Replay, Scan, Whom};
use firsthand_model::config::Project;
use firsthand_model::diagnostic::{Diagnostic, Severity};
use firsthand_model::fact::Kind;
use firsthand_model::{Decimal, Text, Time};
use firsthand_rules::compile::program::{DefinitionRoot, Program};
use firsthand_rules::compile::{Compiled, compile};
use firsthand_rules::explain::{Explanation, explain};
use firsthand_rules::judge::{Judge, Stream};
use firsthand_rules::timeline::Subject;
use firsthand_rules::world::{Judged, Verdicts};

use crate::exit::{Misuse, Told as ToldAlready};
use crate::output::Output;
use crate::project::{Folder, tell};
use crate::template;
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
    keeps_timelines: bool,
    /// How many threads judge; as many as there are cores, if 0.
    threads: usize,
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
        refuse_errors(&template::check(&project), output)?;
        Ok(Self::of(project, Arc::new(program), history))
    }

    /// A project that was compiled without errors, over a history.
    pub fn of(project: Project, program: Arc<Program>, history: Arc<History>) -> Self {
        let first = history.seen().first.unwrap_or(Time::MIN);
        let history_from = project.start.history_from.unwrap_or(first);
        Self { project, program, history, history_from, keeps_timelines: false, threads: 0 }
    }

    /// What a server judges by, over its history as it is now: beside the server's own work, on so
    /// many threads.
    pub fn beside(rules: &Rules, history: Arc<History>, threads: usize) -> Self {
        Self {
            project: (*rules.project).clone(),
            program: Arc::clone(&rules.program),
            history,
            history_from: rules.history_from,
            keeps_timelines: false,
            threads,
        }
    }

    /// The same study, which keeps the timelines of measures beside the history: judged again with
    /// other thresholds it reads no events.
    #[must_use]
    pub fn keeping_timelines(self) -> Self {
        Self { keeps_timelines: true, ..self }
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
                score: it.score,
            })
        };
        Ok(of(Kind::Account).chain(of(Kind::Person)).collect())
    }

    /// All definitions, also those that only name a condition.
    pub fn all_definitions(&self) -> anyhow::Result<Vec<Asked>> {
        let all: Vec<String> = self.project.definitions.keys().map(Text::to_string).collect();
        if all.is_empty() { Ok(Vec::new()) } else { self.definitions(&all) }
    }

    /// A replay of the program over the history, up to an instant.
    pub fn replay(&self, until: Time) -> Replay<'_> {
        Replay {
            history: &self.history,
            program: &self.program,
            parent_trait: &self.project.identity.parent_trait,
            history_from: self.history_from,
            until,
            scan: self.scan(),
        }
    }

    /// How the history is read.
    pub fn scan(&self) -> Scan<'static> {
        Scan { threads: self.threads, ..Scan::default() }
    }

    /// What comes out for everybody by some definitions, up to an instant. Others may come out as
    /// never holding.
    pub fn verdicts<T: Send>(
        &self,
        whom: Whom,
        definitions: &[Asked],
        until: Time,
        keep: impl Fn(&Verdicts) -> Option<T> + Sync,
    ) -> anyhow::Result<Everybody<T>> {
        let asked = |name: &str| definitions.iter().any(|it| it.name == name);
        let asked = |it: &DefinitionRoot| asked(&it.name);
        let replay = self.replay(until);
        Ok(if self.keeps_timelines {
            replay.verdicts_from_kept(whom, asked, keep)?
        } else {
            replay.verdicts(whom, asked, keep)?
        })
    }

    /// Judges whoever has this id: the account, the person, or both; or only one kind.
    pub fn subjects(&self, id: &str, kind: Option<Kind>, at: Time) -> anyhow::Result<Vec<Judged>> {
        let replay = self.replay(at);
        let person = |judged: &Judged| {
            let Subject { kind, id: theirs } = &judged.subject;
            (*kind == Kind::Person && theirs == id).then(|| judged.clone())
        };
        if kind == Some(Kind::Person) {
            let judges_none = self.program.person.is_idle();
            return Ok(if judges_none { Vec::new() } else { replay.everybody(person)?.kept });
        }
        let mut found = replay.one(id)?;
        // An account is found without looking at anybody else; its person only if there is a hint.
        let only_account = found.len() == 1 && found[0].subject.kind == Kind::Account;
        if kind.is_none() && only_account && self.may_be_person(id)? {
            found.extend(replay.everybody(person)?.kept);
        }
        found.retain(|it| kind.is_none_or(|kind| it.subject.kind == kind));
        Ok(found)
    }

    /// Whether an account's id may be a person's too: one of its own people, or a known user.
    fn may_be_person(&self, id: &str) -> anyhow::Result<bool> {
        if self.program.person.is_idle() {
            return Ok(false);
        }
        let rows = self.history.rows_of(id, &Projection::default())?;
        Ok(rows.iter().any(|it| it.person.as_deref() == Some(id))
            || !self.history.resolver().ids_of(id).is_empty())
    }

    /// Explains a definition for a subject, as its stream stands.
    pub fn explain(&self, stream: &Stream, definition: &str) -> Option<Explanation> {
        explain(&self.project, &self.new_judge(), stream, definition)
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
    /// The node of its score.
    score: Option<u32>,
}

impl Asked {
    /// Whether the definition has a score, by which its leads are ordered.
    pub fn has_score(&self) -> bool {
        self.score.is_some()
    }

    /// The value of the definition's score for a judged subject, at the end.
    pub fn score(&self, judged: &Judged) -> Option<Decimal> {
        let stream = &judged.stream;
        let number = stream.frame().value(self.score?).number()?;
        number.millionths(stream.now()).map(Decimal::from_raw)
    }
}

/// What the id of an account of one person alone begins with.
const OWN_PREFIX: &str = "own:";
/// What the id of a person begins with whom nobody has identified.
const ANONYMOUS_PREFIX: &str = "anon:";

/// Whether an id is that of a visitor who has never signed up, or of such a visitor's own account.
pub fn is_visitor(id: &str) -> bool {
    id.strip_prefix(OWN_PREFIX).unwrap_or(id).starts_with(ANONYMOUS_PREFIX)
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
