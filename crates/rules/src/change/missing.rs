//! What there is to change, where what was asked for is not there.

use std::collections::BTreeSet;

use firsthand_model::Text;
use firsthand_model::config::{GradeForm, Project, ScoreAct};
use firsthand_model::diagnostic::{Problem, SourceText, codes};
use strsim::damerau_levenshtein;

use super::site::{self, Site};
use super::wanted::Wanted;
use super::{Clause, levels};

/// Comparisons named to choose from.
const NAMED_MAX: usize = 4;

/// Says that none of some definitions compares the value, and what they do compare.
pub(super) fn problem(project: &Project, definitions: &[Text], wanted: &Wanted<'_>) -> Problem {
    let value = &wanted.value;
    let clause = wanted.clause.map(|it| format!("`{}` of ", it.word())).unwrap_or_default();
    let message = match definitions {
        [only] => format!("{clause}`{only}` does not compare `{value}`"),
        _ => format!("{clause}none of the definitions compares `{value}`"),
    };
    Problem::error(codes::UNKNOWN_COMPARISON, wanted.value_span.clone(), message).with_help(help(
        project,
        definitions,
        wanted,
    ))
}

fn help(project: &Project, definitions: &[Text], wanted: &Wanted<'_>) -> String {
    let fits = |it: &Site| it.value == wanted.value;
    let read: BTreeSet<&Text> = definitions
        .iter()
        .flat_map(|name| levels(project, name).into_iter().flatten())
        .map(|it| &it.name)
        .collect();
    let all = read.iter().flat_map(|name| stated(project, name));
    let all: Vec<(Clause, Site)> = all.collect();
    if let Some((clause, site)) = all.iter().find(|(_, it)| fits(it)) {
        return format!("It stands in `{}`: `{}`.", clause.word(), site.shown);
    }
    if let Some((what, site)) = elsewhere(project).into_iter().find(|(_, it)| fits(it)) {
        return format!(
            "`{}` stands in the {what}, whose rules are not changed from here: change its file.",
            site.shown
        );
    }
    let others = project.definitions.keys().filter(|it| !read.contains(it));
    let mut others = others.flat_map(|it| stated(project, it).map(move |(_, site)| (it, site)));
    if let Some((name, site)) = others.find(|(_, it)| fits(it)) {
        return format!("The definition `{name}` says `{}`: name that one.", site.shown);
    }
    let here = all.into_iter().filter(|(at, _)| wanted.clause.is_none_or(|only| only == *at));
    nearest_first(here.map(|(_, site)| site).collect(), &wanted.value)
}

/// The comparisons of one definition.
fn stated(project: &Project, name: &Text) -> impl Iterator<Item = (Clause, Site)> {
    let definition = project.definitions.get(name);
    Clause::ALL.into_iter().filter_map(move |it| Some((it, it.text(definition?)?))).flat_map(
        |(clause, text)| site::comparisons(text).into_iter().map(move |site| (clause, site)),
    )
}

/// The comparisons in scores and grades, with what they stand in.
fn elsewhere(project: &Project) -> Vec<(String, Site)> {
    let mut texts: Vec<(String, &SourceText)> = Vec::new();
    for score in project.scores.values() {
        let mut add = |it| texts.push((format!("score `{}`", score.name), it));
        score.when.iter().for_each(&mut add);
        for rule in &score.rules {
            match &rule.act {
                ScoreAct::Each { when, points, .. } => {
                    when.iter().chain([points]).for_each(&mut add);
                }
                ScoreAct::While { condition, points } => {
                    [condition, points].into_iter().for_each(&mut add);
                }
                ScoreAct::Now { points } => add(points),
                ScoreAct::Set { set, .. } => add(set),
            }
        }
    }
    for grade in project.grades.values() {
        let GradeForm::Ladder(rungs) = &grade.form else { continue };
        let rungs = rungs.iter().flat_map(|it| [Some(&it.when), it.stay.as_ref()]);
        texts.extend(rungs.flatten().map(|it| (format!("grade `{}`", grade.name), it)));
    }
    let sites = |text| site::comparisons(text).into_iter();
    texts.iter().flat_map(|(what, it)| sites(it).map(|site| (what.clone(), site))).collect()
}

/// Names comparisons, that of the value most like the wanted one first.
fn nearest_first(mut sites: Vec<Site>, value: &str) -> String {
    let far = |it: &Site| damerau_levenshtein(&it.value, value);
    sites.sort_by_cached_key(|it| (!is_alike(&it.value, value), far(it)));
    let mut named = Vec::new();
    for site in &sites {
        let name = format!("`{}`", site.shown);
        if !named.contains(&name) {
            named.push(name);
        }
    }
    let more = named.len().saturating_sub(NAMED_MAX);
    named.truncate(NAMED_MAX);
    let [first, others @ ..] = &named[..] else {
        return "There is no comparison to change.".to_owned();
    };
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let near = far(&sites[0]) <= (value.chars().count() / 3).max(1);
    match (near || is_alike(&sites[0].value, value), others) {
        (true, []) => format!("Did you mean `{}`?", sites[0].shown),
        (true, _) => format!("Did you mean {first}? There is also {}{more}.", others.join(", ")),
        (false, _) => format!("There is {}{more}.", named.join(", ")),
    }
}

/// Whether two values are of one form: `people(…)` both.
fn is_alike(one: &str, other: &str) -> bool {
    let form = |it: &str| it.split_once('(').map(|(form, _)| form.to_owned());
    form(one).is_some_and(|it| form(other) == Some(it))
}
