//! What is refused because it is too much: lengths, pulses, chains of names, stories of ages (P8).

use std::fmt::Write;
use std::sync::Arc;

use firsthand_model::config::Project;
use firsthand_model::diagnostic::{Diagnostic, Severity, SourceFile, codes};
use firsthand_rules::compile::compile;

fn diagnostics(text: &str) -> Vec<Diagnostic> {
    let file = SourceFile { name: "firsthand.yaml".to_owned(), text: text.to_owned() };
    let loaded = Project::from_files(&[Arc::new(file)], &|path| {
        Err(std::io::Error::new(std::io::ErrorKind::NotFound, path.to_owned()))
    });
    assert_eq!(loaded.diagnostics, []);
    compile(&loaded.project).diagnostics
}

/// What is marked in a condition, and what is said of it; nothing but limits is.
fn refused(when: &str) -> Vec<String> {
    let found = diagnostics(&format!("definition: asked\nwhen: '{when}'\n"));
    let shown = found.iter().map(|it| {
        assert_eq!(it.problem.code, codes::LIMIT, "{when}");
        let marked = &it.file.text[it.problem.span.clone()];
        format!("{marked}: {}", it.problem.message)
    });
    shown.collect()
}

#[test]
fn no_length_goes_beyond_a_thousand_years() {
    let said = "this is longer than 1000 years";
    for (when, marked) in [
        ("seen(any, last 1001y)", "last 1001y"),
        ("seen(any, last 300000mo)", "last 300000mo"),
        ("seen(any, last 4294967295 dates)", "last 4294967295 dates"),
        ("seen(any, last 4294967295 full weeks)", "last 4294967295 full weeks"),
        ("seen(any, last 12001 full billing periods)", "last 12001 full billing periods"),
        ("seen(any, last 4294967295d)", "4294967295d"),
        ("seen(any, first 4294967295w)", "4294967295w"),
        ("since(first any) > 4294967295d", "4294967295d"),
        ("growth(count(any, last 7d), 4294967295d) > 0", "4294967295d"),
        ("number of week with (seen(any)) in last 60000 full weeks > 4", "last 60000 full weeks"),
    ] {
        assert_eq!(refused(when), [format!("{marked}: {said}")], "{when}");
    }
    for when in ["seen(any, last 1000y)", "seen(any, last 366000d, last 12000 full months)"] {
        assert_eq!(refused(when), [""; 0], "{when}");
    }
}

#[test]
fn pulses_leave_an_hour_between_them() {
    for length in ["0d", "1s", "59min"] {
        let when = format!("count(every {length} while (seen(any))) >= 3");
        let said = refused(&when);
        assert_eq!(said.len(), 1, "{when}: {said:?}");
        assert!(said[0].ends_with(&format!("`every {length}` comes too often")), "{said:?}");
    }
    assert_eq!(refused("count(every 60min while (seen(any))) >= 3"), [""; 0]);
}

/// Each name in a chain takes its part of the stack, so there is an end to it.
#[test]
fn a_chain_of_too_many_names_is_refused_and_told_where() {
    let mut text = String::new();
    for n in 0..2_000 {
        let next = n + 1;
        writeln!(text, "definition: d{n:04}\nwhen: qualified(d{next:04})\n---").unwrap();
    }
    text.push_str("definition: d2000\nwhen: seen(any)\n");
    let found = diagnostics(&text);
    let [told] = found.as_slice() else { panic!("{} problems", found.len()) };
    assert_eq!(told.problem.code, codes::LIMIT);
    assert_eq!(told.problem.message, "more than 32 names read one another in a chain");
    assert_eq!(&told.file.text[told.problem.span.clone()], "qualified(d0032)");
}

/// Names that read one another and conditions that stand in each other take the same stack.
#[test]
fn a_chain_of_deep_conditions_is_refused_before_the_stack_is_full() {
    let check = || {
        for (open, close, times) in [("not (", ")", 38), ("(1 if ", " else 0) = 1", 20)] {
            let mut text = String::new();
            for n in 0..31 {
                let (open, close, next) = (open.repeat(times), close.repeat(times), n + 1);
                let when = format!("{open}qualified(d{next:02}){close}");
                writeln!(text, "definition: d{n:02}\nwhen: {when}\n---").unwrap();
            }
            text.push_str("definition: d31\nwhen: seen(any)\n");
            let found = diagnostics(&text);
            let [told] = found.as_slice() else { panic!("{open}: {} problems", found.len()) };
            assert_eq!(told.problem.code, codes::LIMIT);
        }
    };
    // As much as the first thread of a program has.
    let thread = std::thread::Builder::new().stack_size(8 << 20).spawn(check).unwrap();
    thread.join().unwrap();
}

/// A fact in the year 1011 was judged day by day up to the others, and hour by hour where a
/// condition asks for hours: a mistyped year took minutes.
#[test]
fn a_story_of_more_than_a_hundred_years_is_not_judged() {
    let story = |facts: &str, until: &str| {
        let text = format!(
            "definition: asked\nwhen: count(every 1h while (seen(any))) >= 0\nexpect:\n\
             - story: long\n  facts: |\n    {facts}  ana  A\n  enters: never\n  until: {until}\n"
        );
        let file = SourceFile { name: "firsthand.yaml".to_owned(), text };
        let loaded =
            Project::from_files(&[Arc::new(file)], &|_| Err(std::io::ErrorKind::NotFound.into()));
        let found = firsthand_rules::check::report(&loaded, None);
        let errors = found.into_iter().filter(|it| it.problem.severity == Severity::Error);
        errors.map(|it| (it.problem.code, it.problem.message)).collect::<Vec<_>>()
    };
    let said = "this story goes from 1011-03-27 01:30 to 2022-04-30, longer than 100 years";
    assert_eq!(story("1011-03-27 01:30", "2022-04-30"), [(codes::BAD_STORY, said.to_owned())]);
    assert_eq!(story("2026-01-05", "9999-12-31")[0].0, codes::BAD_STORY);
    assert_eq!(story("2021-01-05", "2022-04-30")[0].0, codes::STORY_FAILED);
}
