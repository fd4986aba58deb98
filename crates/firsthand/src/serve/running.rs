//! A running server: everything put together, from the start to the end.

use std::net::SocketAddr;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, anyhow};
use firsthand_collect::live::Sources;
use firsthand_deliver::{Outbox, Way, Worker};
use firsthand_engine::service::{Clock, Service};
use firsthand_engine::{
    EarlyService, Engine, Rules, StartOptions, Started, StateFile, history_from,
};
use firsthand_history::{History, Scan};
use firsthand_model::Time;
use firsthand_model::config::Project;
use firsthand_model::diagnostic::Severity;
use firsthand_rules::compile::compile;
use firsthand_store::{SqliteOptions, SqliteStore, Store, Users};
use firsthand_web::Settings;
use firsthand_web::backend::About;
use firsthand_web::noun::Phase;

use super::headlines::describe;
use super::imports::shelf::Shelf;
use super::inbound::Inbound;
use super::{LiveEngine, Server, crm, outgoing};
use crate::exit::{Misuse, Told};
use crate::interrupt;
use crate::oidc::Oidc;
use crate::output::{Output, counted};
use crate::people;
use crate::project::{Folder, tell};
use crate::reading::Reading;
use crate::retention::Sweeper;
use crate::signing::Root;

/// How often it is looked whether the engine still runs, and the store's log is folded in.
const WATCH_EVERY: Duration = Duration::from_secs(1);
/// How many differences between ledger and state are told.
const DIFFERENCES_TOLD: usize = 5;

/// That nobody can be heard at an address, and what to do.
fn deaf(at: SocketAddr, why: &std::io::Error) -> Misuse {
    let help = match why.kind() {
        std::io::ErrorKind::AddrInUse => {
            "Another program listens there, another server perhaps: end it, or name another address with `--listen`."
        }
        _ => "Name an address of this machine with `--listen`, such as `127.0.0.1:8787`.",
    };
    Misuse::new(format!("cannot listen on {at}: {why}")).help(help)
}

/// What goes on beside a server, which is told where it listens, until the server ends.
pub type Beside = Box<dyn FnOnce(SocketAddr, Arc<Server>) -> BoxFuture + Send>;
type BoxFuture = Pin<Box<dyn Future<Output = ()> + Send>>;

/// How a server is to run.
pub struct Running {
    /// Where to listen.
    pub listen: SocketAddr,
    /// The time that it goes by.
    pub clock: Clock,
    /// Whether leads open also for who qualifies already when a definition is published.
    pub apply_to_existing: bool,
    /// Whether `/metrics` is answered without a token.
    pub open_metrics: bool,
    /// What sends messages, in place of the configuration's channels.
    pub ways: Option<Vec<Way>>,
    /// Whether people are offered the guided tour of the demo.
    pub tour: bool,
    /// What goes on beside it.
    pub beside: Option<Beside>,
}

impl Running {
    /// As a project says.
    pub fn new(listen: SocketAddr, clock: Clock) -> Self {
        Self {
            listen,
            clock,
            apply_to_existing: false,
            open_metrics: false,
            ways: None,
            tour: false,
            beside: None,
        }
    }

    /// Runs until the program is interrupted, or the engine cannot go on.
    pub fn run(self, folder: &Folder, output: Output) -> anyhow::Result<()> {
        let Self { listen, clock, apply_to_existing, open_metrics, ways, tour, beside } = self;
        let loaded = folder.sound(output)?;
        let reading = Reading::of(&loaded.files);
        let project = Arc::new(loaded.project);
        let _claim = folder.claim()?;
        let compiled = compile(&project);
        if compiled.diagnostics.iter().any(|it| it.problem.severity == Severity::Error) {
            tell(compiled.diagnostics, output);
            return Err(Told.into());
        }
        let program = Arc::new(compiled.program);
        let environment = |name: &str| std::env::var(name).ok();
        let sources = Sources::new(&project, &environment).map_err(|errors| {
            let first = &errors[0];
            Misuse::new(first.to_string()).help(first.help())
        })?;
        let inbound = Inbound::of(&project, &environment)
            .map_err(|error| Misuse::new(error.to_string()).help(error.help()))?;
        if sources.iter().next().is_none() {
            output.note("No sources are configured: nobody can send events. See docs/configuration.md, `sources`.");
        }
        let store = Arc::new(open_store(&folder.store())?);
        let root = Root::of(&*store)?;
        let unsubscribe = project.url.as_deref().map(|url| root.unsubscribe_link(url));
        let ways = match ways {
            Some(ways) => ways,
            None => outgoing::ways(&project, &environment, unsubscribe.as_ref())?,
        };
        let readers = crm::readers(&project, &environment)?;
        let about = About { name: project.name.clone(), calendar: project.calendar.clone() };
        let oidc = Oidc::of(&project, &environment, root.oidc_key(), Arc::clone(&clock))
            .map_err(|error| Misuse::new(error.to_string()))?;
        let server = Server::new(Arc::clone(&store), sources, inbound, root, Arc::clone(&clock));
        let server = server.with_sign_in(project.sign_in.passwords, oidc);
        let shelf = Shelf::open(&folder.data(), Arc::clone(&project), Arc::clone(&clock))
            .context("the folder of uploads cannot be opened")?;
        let server = server.with_rejects(folder.rejects()).with_about(about).with_shelf(shelf);
        let server = Arc::new(server.with_folder(folder.clone(), reading));
        for it in firsthand_plays::owners_out_of_reach(&project) {
            output.note(&it.to_string());
            server.warn(it.to_string());
        }

        let stopping = Arc::new(AtomicBool::new(false));
        let (stop, mut stopped) = tokio::sync::watch::channel(false);
        let stop = Arc::new(stop);
        let (on_signal, signalled) = (Arc::clone(&stop), Arc::clone(&stopping));
        interrupt::instead(move || {
            signalled.store(true, Ordering::SeqCst);
            on_signal.send_replace(true);
        });

        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let listener = runtime
            .block_on(tokio::net::TcpListener::bind(listen))
            .map_err(|it| deaf(listen, &it))?;
        let at = listener.local_addr()?;
        output.note(&format!("listening on http://{at}"));
        welcome(&store, at, clock(), output)?;
        let settings = Settings { open_metrics, tour, ..Settings::new(Arc::clone(&clock)) };
        let face = runtime.spawn({
            let server = Arc::clone(&server);
            async move {
                let shutdown = async move {
                    stopped.wait_for(|it| *it).await.ok();
                };
                firsthand_web::serve(listener, server, settings, shutdown).await
            }
        });

        if let Some(beside) = beside {
            runtime.spawn(beside(at, Arc::clone(&server)));
        }
        for it in readers {
            runtime.spawn(it.run(Arc::clone(&server), stop.subscribe()));
        }

        let rules = |history: &History| Rules {
            history_from: history_from(&project, history),
            program,
            project: Arc::clone(&project),
        };
        // Facts are taken in at once; they are decided about once all is rebuilt.
        let early = EarlyService::run(Arc::clone(&store), Arc::clone(&clock))?;
        server.takes_in(early.handle().clone());
        let rebuilt = rebuild(
            folder,
            &project,
            rules,
            &store,
            &server,
            (apply_to_existing, clock()),
            &stopping,
        );
        let ended = match rebuilt {
            Ok((mut engine, mut started)) => {
                engine.listen(Box::new(server.listener()));
                early.hand_over(engine, &mut started).map_err(anyhow::Error::from).and_then(
                    |service| {
                        tell_start(&started, &server, output);
                        work(
                            service,
                            &server,
                            &store,
                            ways,
                            Sweeper::new(project.retention),
                            &clock,
                            &stopping,
                        )
                    },
                )
            }
            Err(error) => {
                early.stop();
                if stopping.load(Ordering::SeqCst) { Ok(()) } else { Err(error) }
            }
        };
        if ended.is_err() {
            server.enter(Phase::Failed);
        }
        stop.send_replace(true);
        runtime.block_on(face)??;
        ended
    }
}

/// Shows the link by which the first admin comes in, while there is nobody.
fn welcome(store: &SqliteStore, at: SocketAddr, now: Time, output: Output) -> anyhow::Result<()> {
    if store.users()?.is_empty() {
        let secret = people::invite(store, None, now)?;
        output.note(&format!(
            "Nobody can sign in yet. The first admin begins at http://{at}/join/{secret}"
        ));
    }
    Ok(())
}

/// Opens the store, which is made where there is none.
pub fn open_store(path: &Path) -> anyhow::Result<SqliteStore> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("cannot make the folder `{}`", folder.display()))?;
    }
    SqliteStore::open(path, &SqliteOptions::default()).map_err(|error| {
        let help = error.help();
        let error = anyhow!(error);
        match help {
            Some(help) => error.context(help),
            None => error,
        }
    })
}

/// How an engine of a project starts.
pub fn start_options(
    folder: &Folder,
    project: &Arc<Project>,
    apply_to_existing: bool,
) -> StartOptions {
    let state = StateFile { path: folder.state(), made_by: this_build() };
    StartOptions { apply_to_existing, state: Some(state), describe: Some(describe(project)) }
}

/// Names the program that runs: another build may remember otherwise, whatever its version.
fn this_build() -> String {
    let made = || {
        let it = std::env::current_exe().ok()?.metadata().ok()?;
        Some((it.len(), it.modified().ok()?))
    };
    format!("{} {:?}", env!("CARGO_PKG_VERSION"), made())
}

fn rebuild(
    folder: &Folder,
    project: &Arc<Project>,
    rules: impl FnOnce(&History) -> Rules,
    store: &Arc<SqliteStore>,
    server: &Arc<Server>,
    (apply_to_existing, now): (bool, Time),
    stopping: &AtomicBool,
) -> anyhow::Result<(LiveEngine, Started)> {
    server.enter(Phase::Rebuilding);
    let history = History::open_or_create(folder.history(), &project.identity, 0)?;
    let facts = history.facts();
    let progress = |rows: u64| server.progress(rows, facts);
    let scan = Scan { progress: Some(&progress), cancelled: Some(stopping), ..Scan::default() };
    let options = start_options(folder, project, apply_to_existing);
    let rules = rules(&history);
    Ok(Engine::rebuild(rules, history, Arc::clone(store), &options, now, scan)?)
}

fn tell_start(started: &Started, server: &Server, output: Output) {
    let Started { from_log, published, differences, erased, remembered, .. } = started;
    if *remembered {
        output.note("went on with the state that the last server had left");
    }
    if *erased > 0 {
        output.note(&format!(
            "{} finished that had been cut off",
            counted(*erased as u64, "erasure")
        ));
    }
    if *from_log > 0 {
        output.note(&format!("{} taken from the log\n", counted(*from_log, "fact")));
    }
    for (name, intervals) in published {
        let recorded = counted(*intervals, "change");
        output.note(&format!("published `{name}`: {recorded} recorded, nobody was told"));
    }
    if !differences.is_empty() {
        let count = counted(differences.len() as u64, "difference");
        server.warn(format!("{count} between the ledger and the rebuilt state were put right."));
        for it in differences.iter().take(DIFFERENCES_TOLD) {
            tracing::error!(definition = %it.definition, written = it.written, "the ledger differs from the rebuilt state");
        }
    }
}

/// Runs the engine until it is told to stop, or ends by itself.
fn work(
    service: Service<SqliteStore>,
    server: &Arc<Server>,
    store: &Arc<SqliteStore>,
    ways: Vec<Way>,
    mut sweeper: Sweeper,
    clock: &Clock,
    stopping: &AtomicBool,
) -> anyhow::Result<()> {
    let outbox = Arc::clone(store) as Outbox;
    let worker = Arc::new(Worker::start(outbox, ways, Arc::clone(clock))?);
    server.sends(Arc::clone(&worker));
    server.decides();
    while !stopping.load(Ordering::SeqCst) && !service.is_finished() {
        std::thread::park_timeout(WATCH_EVERY);
        // What cannot be done now is done later; commits tell of what is wrong.
        store.upkeep().ok();
        sweeper.look(&**store, clock());
    }
    server.enter(Phase::Stopping);
    server.stop_imports();
    let ended = service.stop();
    worker.stop();
    ended?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_address_is_told_with_what_to_do() {
        let first = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let at = first.local_addr().unwrap();
        let told = deaf(at, &std::net::TcpListener::bind(at).unwrap_err());
        assert!(told.to_string().starts_with(&format!("cannot listen on {at}: ")), "{told}");
        assert!(told.advice().unwrap().starts_with("Another program listens there"), "{told:?}");
    }
}
