//! Help and misuse.

use crate::run::Place;

#[test]
fn help_says_what_there_is() {
    insta::assert_snapshot!(Place::empty().run("--help"));
}

#[test]
fn no_command_is_misuse_and_shows_the_help() {
    let told = Place::empty().run("");
    assert!(told.starts_with("exit status 2\n--- stderr\n"), "{told}");
    assert!(told.contains("Commands:"));
}

#[test]
fn a_misspelt_command_is_answered_with_the_nearest() {
    insta::assert_snapshot!(Place::empty().run("innit"), @r"
    exit status 2
    --- stderr
    error: unrecognized subcommand 'innit'

      tip: a similar subcommand exists: 'init'

    Usage: firsthand [OPTIONS] <COMMAND>

    For more information, try '--help'.
    ");
}

#[test]
fn two_formats_at_once_are_misuse() {
    let told = Place::empty().run("--json --csv init");
    assert!(told.starts_with("exit status 2"), "{told}");
}
