use std::fs;

use firsthand_model::diagnostic::{Style, render};
use tempfile::TempDir;

use super::*;

const TWO: &str = "# Both.\n---\n# First.\ndefinition: first\ntrack: product\nwhen: count(\"Report exported\", last 7d) >= 3\n---\ndefinition: second\ntrack: none\nwhen: qualified(first)\n";

fn folder(files: &[(&str, &str)]) -> (TempDir, Folder) {
    let temporary = TempDir::new().unwrap();
    fs::create_dir(temporary.path().join("definitions")).unwrap();
    fs::write(temporary.path().join("firsthand.yaml"), "project: Acme\n").unwrap();
    for (name, text) in files {
        fs::write(temporary.path().join("definitions").join(name), text).unwrap();
    }
    let folder = Folder::find(Some(temporary.path())).unwrap();
    (temporary, folder)
}

fn shown(drafted: &Drafted, temporary: &TempDir) -> String {
    let root = format!("{}/", temporary.path().display());
    render(&drafted.diagnostics, Style { color: false }).replace(&root, "")
}

#[test]
fn a_definitions_text_is_its_document_with_its_comments() {
    let (_it, folder) = folder(&[("both.yaml", TWO)]);
    let first = written(&folder, "first").unwrap().unwrap();
    let wanted = "# First.\ndefinition: first\ntrack: product\nwhen: count(\"Report exported\", last 7d) >= 3\n";
    assert_eq!(first.text, wanted);
    assert_eq!(first.path, Path::new("definitions/both.yaml"));
    assert_eq!(first.hash, blake3::hash(TWO.as_bytes()));
    assert_eq!(written(&folder, "third"), Ok(None));
}

#[test]
fn a_draft_takes_its_place_and_no_other_byte_changes() {
    let (_it, folder) = folder(&[("both.yaml", TWO)]);
    let text = written(&folder, "first").unwrap().unwrap().text.replace(">= 3", ">= 4");
    let drafted = draft(&folder, "first", &text, None).unwrap();
    assert_eq!(drafted.change.contents, Some(TWO.replace(">= 3", ">= 4")));
    assert_eq!(drafted.change.before, Some(blake3::hash(TWO.as_bytes())));
    let sound = drafted.publishable().unwrap();
    assert!(sound.project.definitions["first"].when.text.ends_with(">= 4"));
    assert!(sound.program.definition("second").is_some());
    assert_eq!(fs::read_to_string(folder.path().join("definitions/both.yaml")).unwrap(), TWO);
}

#[test]
fn lines_end_as_they_do_in_the_file() {
    let windows = TWO.replace('\n', "\r\n");
    let (_it, folder) = folder(&[("both.yaml", &windows)]);
    let text = written(&folder, "first").unwrap().unwrap().text;
    assert!(!text.contains('\r'));
    let drafted = draft(&folder, "first", &text, None).unwrap();
    assert_eq!(drafted.change.contents.as_deref(), Some(windows.as_str()));

    let wrong = text.replace(">= 3", ">= thre");
    let drafted = draft(&folder, "first", &wrong, None).unwrap();
    let told = &drafted.diagnostics[0];
    assert_eq!(&drafted.place.text.text[told.problem.span.clone()], "thre");
}

#[test]
fn what_is_wrong_has_its_place_in_the_draft() {
    let (temporary, folder) = folder(&[("both.yaml", TWO)]);
    let text = "definition: first\ntrack: product\nhold_for: 2d\nwhen: cuont(any) >= 3";
    let drafted = draft(&folder, "first", text, None).unwrap();
    assert!(drafted.sound.is_none());
    insta::assert_snapshot!(shown(&drafted, &temporary), @r"
    error[E102]: unknown key `hold_for` in a definition
     --> definitions/both.yaml:3:1
      |
    3 | hold_for: 2d
      | ^^^^^^^^
      |
      = help: Did you mean `holds_for`? Known keys: `definition`, `title`, `track`, `subject`, `when`, `stay`, `unless`, `holds_for`, `grace`, `score`, `why`, `expect`.

    error[E202]: `cuont` is no function
     --> definitions/both.yaml:4:7
      |
    4 | when: cuont(any) >= 3
      |       ^^^^^
      |
      = help: Did you mean `count`?
    ");
}

#[test]
fn what_a_draft_breaks_elsewhere_is_told_there() {
    let (temporary, folder) = folder(&[
        ("first.yaml", "definition: first\nwhen: seen(any)\n"),
        ("second.yaml", "definition: second\nwhen: qualified(first)\n"),
    ]);
    let text = "definition: first\nsubject: person\nwhen: seen(any)\n";
    let drafted = draft(&folder, "first", text, None).unwrap();
    assert!(drafted.sound.is_none());
    insta::assert_snapshot!(shown(&drafted, &temporary), @r"
    error[E308]: the definition `first` is judged on persons, and this is judged on accounts
     --> definitions/second.yaml:2:7
      |
    2 | when: qualified(first)
      |       ^^^^^^^^^^^^^^^^
      |
      = help: Ask it of the account's people: `any member has (…)`.
    ");
}

#[test]
fn a_draft_is_one_definition_under_its_own_name() {
    let (temporary, folder) = folder(&[]);
    let renamed = draft(&folder, "first", "definition: other\nwhen: seen(any)\n", None).unwrap();
    assert!(renamed.sound.is_none());
    let two = "definition: first\nwhen: seen(any)\n---\ndefinition: other\nwhen: seen(any)\n";
    let two = draft(&folder, "first", two, None).unwrap();
    assert!(two.sound.is_none());
    insta::assert_snapshot!(shown(&renamed, &temporary), @r"
    error[E104]: this is the draft of `first`, not of the definition `other`
     --> definitions/first.yaml:1:13
      |
    1 | definition: other
      |             ^^^^^
      |
      = help: Begin it with its name; another name is another definition.
    ");
    insta::assert_snapshot!(shown(&two, &temporary), @r"
    error[E104]: a draft holds one definition, nothing else
     --> definitions/first.yaml:4:1
      |
    4 | definition: other
      | ^
      |
      = help: Remove the line `---` and what follows it, or give that a file of its own.
    ");
}

#[test]
fn a_new_definition_gets_a_file_of_its_own() {
    let (_it, folder) =
        folder(&[("both.yaml", TWO), ("taken.yaml", "definition: other\nwhen: seen(any)\n")]);
    let drafted = draft(&folder, "third", "definition: third\nwhen: seen(any)", None).unwrap();
    let wanted = Change {
        path: "definitions/third.yaml".into(),
        before: None,
        contents: Some("definition: third\nwhen: seen(any)\n".into()),
    };
    assert_eq!(drafted.change, wanted);
    assert!(drafted.sound.is_some());
    let taken = draft(&folder, "taken", "definition: taken\nwhen: seen(any)", None).err().unwrap();
    assert_eq!(taken, DraftError::FileTaken("definitions/taken.yaml".into()));
    assert_eq!(taken.help(), "Choose another name, or rename that file.");
    for name in ["", "../x", "A", "a b", &"a".repeat(NAME_BYTES_MAX + 1)] {
        let refused = draft(&folder, name, "definition: x", None).err();
        assert_eq!(refused, Some(DraftError::BadName(name.into())));
    }
    let long = draft(&folder, "third", &"#".repeat(DRAFT_BYTES_MAX + 1), None).err();
    assert_eq!(long, Some(DraftError::TooLarge(DRAFT_BYTES_MAX + 1)));
}

#[test]
fn what_stands_within_the_settings_has_no_text_of_its_own() {
    let (temporary, folder) = folder(&[]);
    let settings = "project: Acme\ndefinitions:\n  first: { when: seen(any) }\n";
    fs::write(temporary.path().join("firsthand.yaml"), settings).unwrap();
    let refused = DraftError::InSettings("first".into());
    assert_eq!(written(&folder, "first"), Err(refused.clone()));
    assert_eq!(draft(&folder, "first", "definition: first", None).err(), Some(refused.clone()));
    assert_eq!(without(&folder, "first").err(), Some(refused));
}

#[test]
fn a_definition_is_taken_out_and_its_file_goes_with_it_where_it_was_all() {
    let (_it, folder) = folder(&[
        ("both.yaml", &TWO.replace("qualified(first)", "seen(any)")),
        ("alone.yaml", "definition: alone\nwhen: seen(any)\n"),
    ]);
    let drafted = without(&folder, "first").unwrap();
    let left = "# Both.\n---\n---\ndefinition: second\ntrack: none\nwhen: seen(any)\n";
    assert_eq!(drafted.change.contents.as_deref(), Some(left));
    assert!(!drafted.sound.unwrap().project.definitions.contains_key("first"));
    assert_eq!(without(&folder, "alone").unwrap().change.contents, None);
    assert_eq!(without(&folder, "third").err(), Some(DraftError::Unknown("third".into())));
}

#[test]
fn what_others_read_cannot_be_taken_out() {
    let (temporary, folder) = folder(&[("both.yaml", TWO)]);
    let drafted = without(&folder, "first").unwrap();
    assert!(drafted.sound.is_none());
    insta::assert_snapshot!(shown(&drafted, &temporary), @r"
    error[E301]: there is no definition `first`
     --> definitions/both.yaml:6:17
      |
    6 | when: qualified(first)
      |                 ^^^^^
      |
      = help: Define the definition `first` first.
    ");
}

#[test]
fn stories_are_run_and_each_tells_how_it_came_out() {
    let (_it, folder) = folder(&[]);
    let text = "\
definition: first
when: count(\"A\", last 7d) >= 2
expect:
  - story: twice is enough
    facts: |
      2026-03-01T09:00Z  ana  A
      2026-03-02T09:00Z  ana  A
    enters: 2026-03-02T09:00:00Z
  - story: once is enough
    facts: |
      2026-03-01T09:00Z  ana  A
    enters: 2026-03-01T09:00:00Z
";
    let drafted = draft(&folder, "first", text, None).unwrap();
    let wanted =
        [("twice is enough".into(), Outcome::Passed), ("once is enough".into(), Outcome::Failed)];
    assert_eq!(drafted.stories, wanted);
    assert!(drafted.sound.is_some(), "it can be tried");
    assert!(drafted.publishable().is_none(), "it does not do what it says");
}
