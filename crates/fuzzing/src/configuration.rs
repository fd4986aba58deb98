//! Files of a project folder.

use std::io;
use std::sync::{Arc, LazyLock};

use firsthand_model::config::{Loaded, Project};
use firsthand_model::diagnostic::{Diagnostic, SourceFile, Style, render, to_json};
use firsthand_model::fact::{Body, Fact, Kind, Who};
use firsthand_model::seen::Seen;
use firsthand_model::{Calendar, Json, Time};
use firsthand_rules::check::{check, report};

/// The line behind which an input holds what the files say that its project names.
const NAMED_FILES: &str = "\n%%%\n";

/// Any settings and definitions are read, compiled and checked; whatever is wrong is said at a
/// place that lies in its file, with and without data beside it.
pub fn configuration(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let loaded = project(text);
    say(&loaded.diagnostics);
    say(&check(&loaded.project, None));
    say(&report(&loaded, Some(&SEEN)));
}

/// Reads an input as a project.
pub(crate) fn project(text: &str) -> Loaded {
    let (settings, named) = text.split_once(NAMED_FILES).unwrap_or((text, "acme\n"));
    let file = SourceFile { name: "firsthand.yaml".into(), text: settings.into() };
    Project::from_files(&[Arc::new(file)], &|_| Ok(named.to_owned()))
}

/// Reads a project that names no other files.
pub(crate) fn loaded(file: SourceFile) -> Loaded {
    let missing = |path: &str| Err(io::Error::new(io::ErrorKind::NotFound, path.to_owned()));
    Project::from_files(&[Arc::new(file)], &missing)
}

/// Claims that diagnostics can be shown: to people, and to programs.
pub(crate) fn say(diagnostics: &[Diagnostic]) {
    for Diagnostic { problem, file } in diagnostics {
        let named = file.text.get(problem.span.clone());
        assert!(named.is_some(), "{problem:?} lies outside of {:?}", file.text);
        assert!(!problem.message.is_empty());
    }
    // One after the other they take as long as the file has lines, each time.
    let shown = &diagnostics[..diagnostics.len().min(20)];
    assert_eq!(render(shown, Style::default()).is_empty(), shown.is_empty());
    assert_eq!(to_json(shown).as_array().map(Vec::len), Some(shown.len()));
}

/// Data of the shape that the seeds speak of.
static SEEN: LazyLock<Seen> = LazyLock::new(|| {
    let mut seen = Seen::default();
    let json = |text: &str| Json::parse(text).expect("it is written so");
    let names = ["Report exported", "Signed up", "Article viewed", "A", "B", "Logged in"];
    for (turn, name) in (0_i64..).zip(names) {
        let properties = json(r#"{"format":"pdf","n":3,"amount":1.5,"ok":true}"#);
        let who = Who { user: Some("ana".into()), anonymous: None, account: Some("acme".into()) };
        let bodies = [
            Body::Event { name: name.into(), properties },
            Body::Traits { of: Kind::Account, traits: json(r#"{"plan":"free","employees":25}"#) },
            Body::Traits { of: Kind::Person, traits: json(r#"{"role":"admin"}"#) },
        ];
        for body in bodies {
            let time = Time(1_767_603_600_000_000 + turn * 86_400_000_000);
            let (id, source) = (format!("{turn}").into(), "test".into());
            let fact = Fact { id, source, time, known_at: None, who: who.clone(), body };
            seen.take(&fact, &Calendar::default());
        }
    }
    seen
});
