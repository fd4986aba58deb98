//! What fuzzing has kept, through the functions that the fuzzer runs.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{fs, panic};

use firsthand_fuzzing::TARGETS;

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus")
}

#[test]
fn what_is_claimed_of_strangers_bytes_holds_for_the_kept_corpus() {
    let mut broken = Vec::new();
    for (name, target) in TARGETS {
        let files = fs::read_dir(corpus().join(name)).unwrap();
        let files = files.map(|it| it.unwrap().path()).collect::<BTreeSet<_>>();
        assert!(!files.is_empty(), "the corpus of `{name}` is empty");
        for file in files {
            let bytes = fs::read(&file).unwrap();
            if panic::catch_unwind(|| target(&bytes)).is_err() {
                broken.push(file);
            }
        }
    }
    assert!(broken.is_empty(), "claims do not hold for {broken:#?}");
}

#[test]
fn every_target_has_a_program_for_the_fuzzer() {
    let programs = fs::read_dir(corpus().join("../targets")).unwrap();
    let programs = programs.map(|it| it.unwrap().path().file_stem().unwrap().to_owned());
    let targets = TARGETS.iter().map(|(name, _)| (*name).into());
    assert_eq!(programs.collect::<BTreeSet<_>>(), targets.collect::<BTreeSet<_>>());
}
