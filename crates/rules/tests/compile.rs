//! What compiling refuses, and that it stays small however often names are read.

use std::fmt::Write;
use std::sync::Arc;

use firsthand_model::config::Project;
use firsthand_model::diagnostic::SourceFile;
use firsthand_rules::compile::{Compiled, compile};

fn compiled(text: &str) -> Compiled {
    let file = SourceFile { name: "firsthand.yaml".to_owned(), text: text.to_owned() };
    let loaded = Project::from_files(&[Arc::new(file)], &|path| {
        Err(std::io::Error::new(std::io::ErrorKind::NotFound, path.to_owned()))
    });
    let misread = loaded.diagnostics.iter().map(|it| &it.problem.message).collect::<Vec<_>>();
    assert_eq!(misread, [""; 0]);
    compile(&loaded.project)
}

/// A project of which something is wrong is no use for what is claimed of it.
fn sound(text: &str) -> Compiled {
    let compiled = compiled(text);
    let wrong = compiled.diagnostics.iter().map(|it| &it.problem.message).collect::<Vec<_>>();
    assert_eq!(wrong, [""; 0]);
    compiled
}

/// What is wrong with a condition on accounts: code, message and help, beside some more of a project.
fn wrong(when: &str, more: &str) -> Vec<String> {
    let found = compiled(&format!("{more}\n---\ndefinition: asked\nwhen: '{when}'\n")).diagnostics;
    let shown = found.iter().map(|it| {
        let marked = &it.file.text[it.problem.span.clone()];
        let help = it.problem.help.as_deref().unwrap_or_default();
        format!("{} {} | {marked} | {help}", it.problem.code.0, it.problem.message)
    });
    shown.collect()
}

/// Definitions that each read the one before twice: 60 of them could be compiled 2⁶⁰ times.
fn chain(first: &str) -> String {
    let mut text = format!("definition: d0\nwhen: {first}\n");
    for n in 1..60 {
        let before = format!("qualified(d{})", n - 1);
        write!(text, "---\ndefinition: d{n}\nwhen: {before} or not {before}\n").unwrap();
    }
    text
}

#[test]
fn a_definition_is_compiled_once_however_often_it_is_read() {
    assert!(sound(&chain("seen(any)")).program.account.graph.len() < 100);
}

#[test]
fn scores_and_grades_are_compiled_once_too() {
    let mut text = "score: s0\nrules: [{ points: count(any) }]\n".to_owned();
    text.push_str("---\ngrade: g0\nladder: { A: seen(any), B: count(any) = 0 }\n");
    for n in 1..60 {
        let (score, grade) = (format!("score(s{})", n - 1), format!("grade(g{})", n - 1));
        write!(
            text,
            "---\nscore: s{n}\nrules: [{{ points: '{score} - {score} / 2' }}]\n\
             ---\ngrade: g{n}\nladder: {{ A: '{grade} = \"A\"', B: '{grade} = \"B\"' }}\n",
        )
        .unwrap();
    }
    assert!(sound(&text).program.account.graph.len() < 200);
}

#[test]
fn what_is_refused_is_refused_once() {
    assert_eq!(compiled(&chain("qualified(nobody)")).diagnostics.len(), 1);
}

#[test]
fn a_value_between_two_is_looked_at_once() {
    let mut when = "count(any)".to_owned();
    for _ in 0..12 {
        when = format!("(1 if {when} between 0 and 1 else 0)");
    }
    let compiled = sound(&format!("definition: d\nwhen: {when} = 1\n"));
    let gate = compiled.program.account.gate(compiled.program.account.definitions[0].node);
    assert!(format!("{:?}", gate.when).len() < 10_000);
}

#[test]
fn growth_compares_only_windows_that_have_one_before_them() {
    let asked = |of: &str| wrong(&format!("growth(count(any, {of})) >= 20%"), "project: p");
    for window in [
        "last 7d",
        "7d before now",
        "last 7 dates",
        "last 2mo",
        "last full week",
        "last full billing period",
    ] {
        assert_eq!(asked(window), Vec::<String>::new(), "{window}");
    }
    for window in [
        "first 7d",
        "7d after start",
        "since start",
        "before first \"A\"",
        "3d before start",
        "ever",
    ] {
        let said = asked(window);
        assert_eq!(said.len(), 1, "{window}: {said:?}");
        assert!(said[0].contains("Say over how long: `growth(…, 30d)`."), "{window}: {said:?}");
    }
    assert_eq!(wrong("growth(count(any, first 7d), 30d) >= 20%", "project: p"), [""; 0]);
}

#[test]
fn growth_of_growth_is_refused() {
    let said = wrong("growth(growth(count(any, last full week)), 7d) >= 20%", "project: p");
    insta::assert_snapshot!(said.join("\n"), @"E309 growth of a growth cannot be asked | growth(growth(count(any, last full week)), 7d) | Ask for each growth on its own.");
}

#[test]
fn windows_that_begin_or_end_now_are_refused() {
    let windows = ["since now", "before now", "7d after now", "1d to 7d after now"];
    let said = windows.map(|it| wrong(&format!("seen(any, {it})"), "project: p").join("\n"));
    insta::assert_snapshot!(said.join("\n"), @r"
    E307 nothing ever lies in `since now`: what is still to come is not known | since now | Say how far back: `last 14d`.
    E307 `before now` is always so: nothing later is known | before now | Leave it out, or say how far back: `last 14d`.
    E307 nothing ever lies in `7d after now`: what is still to come is not known | 7d after now | Say how far back: `last 14d`.
    E307 nothing ever lies in `1d to 7d after now`: what is still to come is not known | 1d to 7d after now | Say how far back: `last 14d`.
    ");
}

#[test]
fn siblings_and_standings_are_asked_of_what_subjects_are_by_themselves() {
    let before = "definition: big-family\nwhen: any sibling has (count(any) >= 10)";
    let after = "definition: top\nwhen: percentile(count(any) among (seen(any))) >= 90%";
    let names = format!("{before}\n---\n{after}");
    let conditions = [
        "any sibling has (any sibling has (seen(any)))",
        "any sibling has (qualified(big-family))",
        "any sibling has (qualified(top))",
        "percentile(count(any) among (qualified(big-family))) > 50%",
        "percentile(count(any) among (qualified(top))) > 50%",
        "any sibling has (percentile(count(any) among (seen(any))) >= 90%)",
    ];
    let said = conditions.map(|it| wrong(it, &names).join("\n"));
    insta::assert_snapshot!(said.join("\n"), @r"
    E309 what is asked of siblings asks siblings itself | any sibling has (any sibling has (seen(any))) | Siblings and standings are judged by what each subject is by itself: ask each question on its own.
    E309 what is asked of siblings reads the definition `big-family`, which asks siblings | any sibling has (qualified(big-family)) | Siblings and standings are judged by what each subject is by itself: ask each question on its own.
    E309 what is asked of siblings reads the definition `top`, which takes a standing | any sibling has (qualified(top)) | Siblings and standings are judged by what each subject is by itself: ask each question on its own.
    E309 what a standing is taken by reads the definition `big-family`, which asks siblings | percentile(count(any) among (qualified(big-family))) | Siblings and standings are judged by what each subject is by itself: ask each question on its own.
    E309 what a standing is taken by reads the definition `top`, which takes a standing | percentile(count(any) among (qualified(top))) | Siblings and standings are judged by what each subject is by itself: ask each question on its own.
    E309 what is asked of siblings takes a standing itself | any sibling has (percentile(count(any) among (seen(any))) >= 90%) | Siblings and standings are judged by what each subject is by itself: ask each question on its own.
    ");
}

/// Whatever comes first, the definition that is read or the one that reads it.
#[test]
fn the_order_of_definitions_changes_no_refusal() {
    let inner = "definition: inner\nwhen: any sibling has (seen(any))";
    let outer = "definition: outer\nwhen: number of sibling with (qualified(inner)) >= 2";
    let one = compiled(&format!("{inner}\n---\n{outer}\n")).diagnostics;
    let other = compiled(&format!("{outer}\n---\n{inner}\n")).diagnostics;
    assert_eq!((one.len(), other.len()), (1, 1));
    assert_eq!(one[0].problem.message, other[0].problem.message);
}

#[test]
fn it_means_something_only_in_the_formula_of_a_reset() {
    let score = |set: &str| format!("score: s\nrules: [{{ on: '\"A\"', set: '{set}' }}]");
    assert_eq!(wrong("score(s) > 1", &score("min(it, count(any))")), [""; 0]);
    let said = wrong("score(s) > 1", &score("min(it, count(any where size > it))"));
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].contains("`it` stands for nothing here"), "{said:?}");
}

/// A graph for each member is a new one, in which names are built anew.
#[test]
fn names_that_members_read_of_accounts_and_accounts_of_members_are_built_once() {
    let mut text = "definition: p0\nsubject: person\nwhen: seen(any)\n".to_owned();
    for n in 1..30 {
        let before = format!("any member has (qualified(p{}))", n - 1);
        let when = format!("account ({before} or not {before})");
        write!(text, "---\ndefinition: p{n}\nsubject: person\nwhen: {when}\n").unwrap();
    }
    assert!(sound(&text).program.account.graph.len() < 100);
    assert_eq!(compiled(&text.replace("seen(any)", "seen(none)")).diagnostics.len(), 1);
}
