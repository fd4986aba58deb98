//! Two versions side by side: `--against` names another definition of the project, a file with
//! another version, or a whole project folder; with `--set` it is the published one.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use firsthand_lab::compare::Group;
use firsthand_lab::{Backtest, Comparison, compare, report};
use firsthand_model::config::Project;
use firsthand_model::diagnostic::{SourceFile, has_errors};
use firsthand_model::{Text, Time};
use firsthand_rules::timeline::Subject;

use super::BacktestArgs;
use super::backtest::{backtests, written};
use crate::exit::{Misuse, Told};
use crate::output::{Output, counted, printable};
use crate::project::tell;
use crate::study::{Asked, Study};

/// Subjects listed of those who enter, and of those who leave; `--each` lists all.
const SUBJECTS_SHOWN: usize = 10;

/// The version to compare with.
#[derive(Clone, Copy)]
pub enum Other<'a> {
    /// A definition, a file or a folder.
    Named(&'a str),
    /// The project as it stands, without what `--set` changes.
    Published(&'a Study),
}

/// Compares each definition with its counterpart in `other`.
pub fn compare_all(
    study: &Study,
    definitions: &[Asked],
    args: &BacktestArgs,
    other: Other<'_>,
    new: &[Backtest],
    until: Time,
    output: Output,
) -> anyhow::Result<Vec<Comparison>> {
    let old = match other {
        Other::Named(other) => named(study, definitions, args, other, until, output)?,
        Other::Published(then) => {
            let names: Vec<String> = definitions.iter().map(|it| it.name.to_string()).collect();
            counterparts_of(then, definitions, &names, args, until)?
        }
    };
    old.iter()
        .zip(new)
        .map(|(old, new)| {
            compare(old, new).map_err(|it| Misuse::new(it.to_string()).help(it.help()).into())
        })
        .collect()
}

/// The backtests of the version that somebody named.
fn named(
    study: &Study,
    definitions: &[Asked],
    args: &BacktestArgs,
    other: &str,
    until: Time,
    output: Output,
) -> anyhow::Result<Vec<Backtest>> {
    let path = Path::new(other);
    if study.project.definitions.contains_key(other) {
        let [one] = definitions else {
            return Err(Misuse::new(format!("`{other}` is one definition, to compare one with"))
                .help("Name the one: `firsthand replay DEF --backtest --against OTHER`.")
                .into());
        };
        let asked = study.definitions(&[other.to_owned()])?;
        refuse_other_subject(one, &asked[0])?;
        backtests(study, &asked, args, until)
    } else if path.exists() {
        let (project, told) = other_version(&study.project, path, output)?;
        let then = Study::new(project, Arc::clone(&study.history), output)?;
        let names = counterparts(definitions, &told, other)?;
        counterparts_of(&then, definitions, &names, args, until)
    } else {
        let known = study.project.definitions.keys().map(Text::as_str).collect::<Vec<_>>();
        Err(Misuse::unknown("file, folder or definition", other, known).into())
    }
}

/// The backtests of these names in another project, in the order of the definitions here, which
/// that of the other need not be.
fn counterparts_of(
    then: &Study,
    definitions: &[Asked],
    names: &[String],
    args: &BacktestArgs,
    until: Time,
) -> anyhow::Result<Vec<Backtest>> {
    let mut old = Vec::new();
    for (name, new) in names.iter().zip(definitions) {
        let asked = then.definitions(std::slice::from_ref(name))?;
        refuse_other_subject(new, &asked[0])?;
        old.extend(backtests(then, &asked, args, until)?);
    }
    Ok(old)
}

/// The names under which the other version has these definitions: the same ones, or the only one
/// that it tells.
fn counterparts(definitions: &[Asked], told: &[Text], other: &str) -> anyhow::Result<Vec<String>> {
    if let ([_], [only]) = (definitions, told) {
        return Ok(vec![only.to_string()]);
    }
    let missing = definitions.iter().find(|it| !told.contains(&it.name));
    if let Some(missing) = missing {
        let known = told.iter().map(|it| format!("`{it}`")).collect::<Vec<_>>().join(", ");
        let message = format!("`{other}` has no definition `{}`", missing.name);
        return Err(Misuse::new(message)
            .help(format!("It has {known}. Name those to compare: `firsthand replay DEF …`."))
            .into());
    }
    Ok(definitions.iter().map(|it| it.name.to_string()).collect())
}

fn refuse_other_subject(new: &Asked, old: &Asked) -> anyhow::Result<()> {
    if new.kind == old.kind {
        return Ok(());
    }
    let Asked { name, kind, .. } = old;
    let message = format!("`{}` judges {}s and `{name}` judges {kind}s", new.name, new.kind);
    Err(Misuse::new(message).help("Compare two definitions of the same kind of subject.").into())
}

/// The other version's project, and the names of the definitions that it tells. A folder is taken
/// whole; a file replaces only what it defines, and the rest stays as it is here.
fn other_version(
    project: &Project,
    path: &Path,
    output: Output,
) -> anyhow::Result<(Project, Vec<Text>)> {
    let loaded = if path.is_dir() {
        Project::load(path)
    } else {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("`{}` cannot be read", path.display()))?;
        let file = SourceFile { name: path.display().to_string(), text };
        let folder = path.parent().unwrap_or(path);
        Project::from_files(&[Arc::new(file)], &|inside| {
            std::fs::read_to_string(folder.join(inside))
        })
    };
    if has_errors(&loaded.diagnostics) {
        tell(loaded.diagnostics, output);
        return Err(Told.into());
    }
    let other = loaded.project;
    let told = other.definitions.keys().cloned().collect();
    if path.is_dir() {
        return Ok((other, told));
    }
    let mut mixed = project.clone();
    mixed.definitions.extend(other.definitions);
    mixed.meters.extend(other.meters);
    mixed.scores.extend(other.scores);
    mixed.grades.extend(other.grades);
    Ok((mixed, told))
}

/// Shows a comparison to people: the groups, then who enters and who leaves.
pub fn show(comparison: &Comparison, each: bool, output: Output) -> anyhow::Result<()> {
    let Comparison { old, new, enters, leaves, earlier_days, .. } = comparison;
    let named = |definition: &Text, version: Option<&Text>| {
        let version = version.map_or("?", Text::as_str);
        format!("{definition} ({})", version.get(..12).unwrap_or(version))
    };
    output.heading(&format!(
        "From {} to {}",
        named(&old.definition, old.version.as_ref()),
        named(&new.definition, new.version.as_ref())
    ))?;
    if old.version == new.version {
        output.say("Both are the same version: nothing can be different.\n")?;
    }
    output.table(&written(report::comparison(comparison)))?;
    if let Some(days) = earlier_days.filter(|it| *it != 0.0) {
        let when = if days > 0.0 { "earlier" } else { "later" };
        let days = days.abs();
        output.say(&format!("\nOf both, the new knows half at least {days:.1} days {when}."))?;
    }
    list("Enter", enters, each, output)?;
    list("Leave", leaves, each, output)
}

fn list(title: &str, group: &Group, each: bool, output: Output) -> anyhow::Result<()> {
    let all = group.subjects.len();
    if all == 0 {
        return Ok(());
    }
    let shown = if each { all } else { all.min(SUBJECTS_SHOWN) };
    let ids = |them: &[Subject]| {
        let ids: Vec<String> = them.iter().map(|it| printable(&it.id)).collect();
        ids.join(", ")
    };
    let more = match all - shown {
        0 => String::new(),
        more => format!(", and {} (`--each` lists all)", counted(more, "other")),
    };
    output.paragraph("", &format!("\n{title}: {}{more}", ids(&group.subjects[..shown])), 2)
}
