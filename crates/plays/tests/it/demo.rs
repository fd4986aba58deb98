//! The project of the simulated company, whose plays everybody sees first.

use std::path::Path;

use firsthand_model::config::Project;
use firsthand_model::diagnostic::{Style, render};

#[test]
fn the_plays_of_the_demonstration_are_without_fault() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../simulate/project");
    let loaded = Project::load(&folder);
    assert_eq!(render(&loaded.diagnostics, Style::default()), "");
    assert_eq!(render(&firsthand_plays::check(&loaded.project), Style::default()), "");
    assert!(loaded.project.plays.len() >= 3);
}
