use std::sync::Arc;
use firsthand_engine::{Live, Rules};
use firsthand_history::{History, Scan};
use firsthand_model::config::Project;
use firsthand_model::diagnostic::SourceFile;
use firsthand_model::Time;
use firsthand_rules::compile::compile;
fn main() {
    let root = std::path::PathBuf::from(std::env::args().nth(1).unwrap());
    let mut files = vec![root.join("firsthand.yaml")];
    let mut defs: Vec<_> = std::fs::read_dir(root.join("definitions")).unwrap().map(|e| e.unwrap().path()).collect();
    defs.sort();
    files.extend(defs);
    let sources: Vec<_> = files.iter().map(|p| Arc::new(SourceFile { name: p.strip_prefix(&root).unwrap().display().to_string().into(), text: std::fs::read_to_string(p).unwrap().into() })).collect();
    let loaded = Project::from_files(&sources, &|p| std::fs::read_to_string(root.join(p)));
    let compiled = compile(&loaded.project);
    for d in loaded.diagnostics.iter().chain(&compiled.diagnostics) { eprintln!("{}", d.problem.message); }
    let history = History::open(root.join("data/history"), &loaded.project.identity).unwrap();
    let newest = std::env::args().nth(2).and_then(|it| it.parse().ok()).unwrap_or(Time::MAX);
    let rules = Rules { project: Arc::new(loaded.project), program: Arc::new(compiled.program), history_from: Time::MIN };
    let live = Live::rebuild(rules, history, newest, Scan::default()).unwrap();
    let rows: usize = live.customers().map(|(_, c)| c.stream().rows().len()).sum();
    let prow: usize = live.people().map(|(_, c)| c.stream().rows().len()).sum();
    println!("accounts {} people {} rows {} {}", live.accounts(), live.people().count(), rows, prow);
    let s = std::fs::read_to_string("/proc/self/status").unwrap();
    println!("{}", s.lines().find(|l| l.starts_with("VmRSS")).unwrap());
    if std::env::args().nth(3).is_some() { std::process::abort(); }
}
