//! LIVE-1, LIVE-2 (P1, P2): however facts arrive, what has become known folds to the replay.

mod world;

use std::collections::BTreeMap;

use firsthand_engine::{Chunk, Judged, JudgingAnew, Known, Live, Rules, Sealing};
use firsthand_history::{History, Scan};
use firsthand_model::fact::{Body, Kind, Who};
use firsthand_model::{Span, Text, Time};
use firsthand_rules::ledger::{self, Entry, SETTLE};
use firsthand_rules::timeline::Subject;
use proptest::prelude::*;
use world::{
    Draw, Stretches, Timelines, World, any_world, cases, chunks, json, replayed, rules, rules_of,
    stretches,
};

fn told(known: &[Known]) -> String {
    let line = |Known { subject, entry }: &Known| {
        let Entry { definition, change, held_at, known_at } = entry;
        format!("{} {definition} {change:?} {held_at} known {known_at}\n", subject.id)
    };
    known.iter().map(line).collect()
}

fn folded(rules: &Rules, known: &[Known]) -> Timelines {
    let mut ledgers: BTreeMap<Subject, Vec<Entry>> = BTreeMap::new();
    for it in known {
        ledgers.entry(it.subject.clone()).or_default().push(it.entry.clone());
    }
    let mut timelines = Timelines::new();
    for (subject, ledger) in ledgers {
        let definitions = rules.program.root(subject.kind).definitions.len();
        for (place, timeline) in ledger::fold(&ledger, definitions).into_iter().enumerate() {
            if !timeline.is_empty() {
                timelines.insert((subject.clone(), place), timeline);
            }
        }
    }
    timelines
}

/// Long enough after the last fact for all windows to run empty.
const BEYOND: Span = Span::DAY.times(20);

/// How the history is sealed now and then, and who is judged anew from it.
#[derive(Clone, Copy, Debug)]
struct Seals {
    /// After how many chunks.
    every: usize,
    /// How many chunks more come until it is on disk.
    takes: usize,
    /// How many chunks more come until the engine goes on with it.
    waits: usize,
    /// Whether the server is started anew afterwards.
    restart: bool,
    /// Whether all late facts are judged before it begins.
    drains: bool,
    /// How who is to be judged anew is.
    lane: Lane,
}

/// How who is to be judged anew from the history is.
#[derive(Clone, Copy, Debug)]
struct Lane {
    /// After how many chunks that begins, if it is not under way.
    every: usize,
    /// How many chunks more come until they are read.
    reads: usize,
    /// How many chunks more come until they take their places, one after each.
    ends: usize,
    /// How many at a time.
    most: usize,
    /// Whether it is given up instead.
    abandons: bool,
}

impl Lane {
    const AT_ONCE: Self = Self { every: 3, reads: 0, ends: 0, most: 1, abandons: false };
}

impl Seals {
    const NEVER: Self = Self {
        every: usize::MAX,
        takes: 0,
        waits: 0,
        restart: false,
        drains: true,
        lane: Lane::AT_ONCE,
    };

    fn every(every: usize) -> Self {
        Self { every, ..Self::NEVER }
    }
}

prop_compose! {
    fn any_lane()(
        every in 1..4_usize,
        reads in 0..4_usize,
        ends in 0..4_usize,
        most in 1..4_usize,
        abandons in prop::bool::weighted(0.1),
    ) -> Lane {
        Lane { every, reads, ends, most, abandons }
    }
}

prop_compose! {
    fn any_seals()(
        every in 1..12_usize,
        takes in 0..4_usize,
        waits in 0..4_usize,
        restart: bool,
        drains: bool,
        lane in any_lane(),
    ) -> Seals {
        Seals { every, takes, waits, restart, drains, lane }
    }
}

/// Who is being judged anew.
enum Job {
    Begun(Box<JudgingAnew>),
    Done(Judged),
}

struct Running {
    live: Live,
    known: Vec<Known>,
    job: Option<(usize, Job)>,
}

impl Running {
    /// Goes on with who is to be judged anew, after a chunk.
    fn judge(&mut self, index: usize, lane: Lane, now: Time) {
        self.known.extend(self.live.take_near(now).unwrap().into_iter().flatten());
        match self.job.take() {
            None if index.is_multiple_of(lane.every) => {
                let begun = self.live.begin_judging(lane.most).unwrap();
                self.job = begun.map(|it| (index + lane.reads, Job::Begun(Box::new(it))));
                if lane.reads == 0 && self.job.is_some() {
                    self.judge(index, lane, now);
                }
            }
            Some((at, job)) if at > index => self.job = Some((at, job)),
            Some((_, Job::Begun(_))) if lane.abandons => self.live.abandon_judging().unwrap(),
            Some((_, Job::Begun(it))) => {
                self.job = Some((index + lane.ends, Job::Done(it.run().unwrap())));
            }
            Some((at, Job::Done(mut it))) => {
                let known = self.live.take_judged(&mut it, now).unwrap();
                self.job = known.is_some().then_some((at, Job::Done(it)));
                self.known.extend(known.into_iter().flatten());
            }
            None => {}
        }
    }

    /// Judges all that waits.
    fn drain(&mut self, now: Time) {
        self.job = None;
        self.live.abandon_judging().unwrap();
        while let Some(late) = self.live.take_late(now).unwrap() {
            self.known.extend(late);
        }
        assert_eq!(self.live.late(), 0);
    }
}

/// Runs chunks through, with time passed and the history sealed now and then.
fn run(rules: &Rules, chunks: &[Chunk], seals: Seals) -> (Vec<Known>, Held, Time) {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("history");
    let identity = &rules.project.identity;
    let history = History::create(&folder, identity, 100).unwrap();
    let live = Live::new(rules.clone(), history);
    let mut it = Running { live, known: Vec::new(), job: None };
    let mut now = Time::MIN;
    let (mut sealing, mut sealed) = (None::<(usize, Sealing)>, None);
    for (index, chunk) in chunks.iter().enumerate() {
        it.known.extend(it.live.take(chunk).unwrap());
        now = chunk.known_at + Span::MINUTE.times(20);
        if index % 2 == 0 {
            it.known.extend(it.live.pass(now).unwrap());
        }
        it.judge(index, seals.lane, now);
        if (index + 1) % seals.every == 0 && !it.live.is_sealing() {
            if seals.drains {
                it.drain(now);
            }
            sealing = Some((index + seals.takes, it.live.begin_seal()));
        }
        if let Some((_, sealing)) = sealing.take_if(|(done, _)| *done <= index) {
            sealed = Some((index + seals.waits, sealing.run().unwrap()));
        }
        if let Some((_, sealed)) = sealed.take_if(|(taken, _)| *taken <= index) {
            it.live.end_seal(sealed).unwrap();
            if seals.restart {
                it.known.extend(it.live.pass(now).unwrap());
                // Who is told something else by time alone may wait as well.
                it.drain(now);
                if it.live.unsealed() > 0 {
                    it.live.seal().unwrap();
                }
                let history = History::open(&folder, identity).unwrap();
                it.live = Live::rebuild(rules.clone(), history, now, Scan::default()).unwrap();
            }
        }
    }
    let end = now + BEYOND;
    it.drain(now);
    it.known.extend(it.live.pass(end).unwrap());
    it.drain(end);
    (it.known, held(&it.live), end)
}

/// What everybody is thought to have come to.
type Held = BTreeMap<(Subject, usize), Stretches>;

fn held(live: &Live) -> Held {
    let accounts = live.customers().map(|(id, it)| (Kind::Account, id, it.stream()));
    let people = live.people().map(|(id, it)| (Kind::Person, id, it.stream()));
    let mut held = Held::new();
    for (kind, id, stream) in accounts.chain(people) {
        for (place, it) in stream.record().held.iter().enumerate().filter(|(_, it)| !it.is_empty())
        {
            held.insert((Subject { kind, id: id.clone() }, place), it.clone());
        }
    }
    held
}

fn check(world: &World, seals: Seals) -> Result<(), TestCaseError> {
    check_by(&rules(), world, seals)
}

fn check_by(rules: &Rules, World(draws): &World, seals: Seals) -> Result<(), TestCaseError> {
    let chunks = chunks(draws);
    let (known, held, end) = run(rules, &chunks, seals);
    let replay = replayed(rules, &chunks, end - SETTLE - Span(1));
    let held: BTreeMap<_, _> = held.iter().map(|(key, it)| (key, it.clone())).collect();
    prop_assert_eq!(held, stretches(&replay), "the state; {}", told(&known));
    let folded = folded(rules, &known);
    prop_assert_eq!(stretches(&folded), stretches(&replay), "{}", told(&known));
    Ok(())
}

proptest! {
    #![proptest_config(cases(60))]

    #[test]
    fn what_becomes_known_folds_to_the_replay(
        world in any_world(),
    ) {
        check(&world, Seals::NEVER)?;
    }

    #[test]
    fn judging_anew_beside_it_changes_nothing(
        world in any_world(),
        lane in any_lane(),
    ) {
        check(&world, Seals { lane, ..Seals::NEVER })?;
    }

    #[test]
    fn sealing_and_starting_anew_change_nothing(
        world in any_world(),
        seals in any_seals(),
    ) {
        check(&world, seals)?;
    }

    /// Standings are taken as the others were known that day: where all come in time, that is what
    /// a replay takes.
    #[test]
    fn who_comes_in_time_stands_where_a_replay_has_them(
        world in any_punctual_world(),
        seals in any_seals(),
    ) {
        check_by(&rules_of(STANDINGS), &world, seals)?;
    }
}

const STANDINGS: &str = include_str!("world/standings.yaml");

/// A world in which everything comes in time, and says at once whose it is.
fn any_punctual_world() -> impl Strategy<Value = World> {
    let body = prop_oneof![
        12 => prop::sample::select(vec!["Signed up", "Report exported", "Report exported", "Invited"])
            .prop_map(|name| Body::Event { name: name.into(), properties: json("{}") }),
        2 => prop::sample::select(vec![r#"{"plan":"free"}"#, r#"{"plan":"pro"}"#])
            .prop_map(|plan| Body::Traits { of: Kind::Account, traits: json(plan) }),
    ];
    let people = vec![("ana", "acme"), ("bob", "acme"), ("cleo", "beta"), ("dan", "gamma")];
    let gap = prop_oneof![2 => Just(0_i64), 4 => 1..9_i64, 2 => 9..40_i64];
    let draw =
        (gap, prop::sample::select(people), body).prop_map(|(gap, (user, account), body)| {
            let who =
                Who { user: Some(user.into()), anonymous: None, account: Some(account.into()) };
            Draw { gap, delay: 0, again: None, who, body }
        });
    prop::collection::vec(draw, 1..40).prop_map(World)
}

/// What waited in the late lane of an account had been judged for its people already, and came to
/// them twice.
#[test]
fn a_fact_that_moves_to_another_account_and_waits_there_counts_once_for_its_person() {
    let cleo = |gap, account: Option<&str>, body| draw(gap, [Some("cleo"), None, account], body);
    let plan = Body::Traits { of: Kind::Account, traits: json(r#"{"plan":"free"}"#) };
    let world = World(vec![
        cleo(0, Some("acme"), plan),
        cleo(1, None, event("Report exported")),
        cleo(72, Some("acme"), event("Signed up")),
    ]);
    check(&world, Seals::every(1)).unwrap();
}

fn draw(gap: i64, who: [Option<&str>; 3], body: Body) -> Draw {
    let [user, anonymous, account] = who.map(|it| it.map(Text::from));
    Draw { gap, delay: 0, again: None, who: Who { user, anonymous, account }, body }
}

fn event(name: &str) -> Body {
    Body::Event { name: name.into(), properties: json("{}") }
}

/// A fact that names its account stays there when its person turns out to be elsewhere as well,
/// whatever else moves. It came to its account a second time.
#[test]
fn where_somebody_is_moves_only_what_does_not_say_so_itself() {
    let nobody = || draw(1, [None, None, None], event("Signed up"));
    let ours = Body::Traits { of: Kind::Person, traits: json(r#"{"email":"bob@ours.example"}"#) };
    let beta = [Some("bob"), None, Some("beta")];
    let world = World(vec![
        draw(0, [Some("cleo"), None, Some("acme")], event("Signed up")),
        draw(1, [Some("bob"), Some("a1"), Some("acme")], event("Report exported")),
        Draw { delay: 98, ..draw(1, beta, event("Signed up")) },
        draw(0, [None, Some("a1"), None], Body::Membership { joined: false, role: None }),
        nobody(),
        Draw { delay: 55, ..draw(3, [Some("cleo"), None, None], ours) },
        nobody(),
        nobody(),
    ]);
    for seal_every in 1..6 {
        check(&world, Seals::every(seal_every)).unwrap();
    }
}

/// What stands in nobody's stream is known after a start as well, so that it counts once.
#[test]
fn a_fact_of_our_own_people_is_known_after_a_start() {
    let ours = Body::Traits { of: Kind::Person, traits: json(r#"{"email":"bob@ours.example"}"#) };
    let theirs = Body::Traits { of: Kind::Person, traits: json(r#"{"email":"ana@acme.example"}"#) };
    let bob = || Body::Alias { other: "bob".into() };
    let (ana, a1) = ([Some("ana"), None, None], [None, Some("a1"), None]);
    let world = World(vec![
        draw(0, [Some("cleo"), None, None], bob()),
        Draw { delay: 1, ..draw(2, a1, ours) },
        Draw { delay: 4, ..draw(7, ana, theirs) },
        Draw { again: Some(3), ..draw(1, a1, event("Report exported")) },
        draw(0, ana, bob()),
        draw(1, [Some("ana"), Some("a1"), None], event("Signed up")),
    ]);
    check(&world, Seals { restart: true, ..Seals::every(1) }).unwrap();
}

/// What a sealing has brought into the history is there when the engine goes on with it, although
/// somebody who was judged beside it has taken their place in between. Its files were removed then,
/// or the engine ended because they were being written.
#[test]
fn what_is_being_sealed_stays_when_somebody_takes_their_place() {
    let cleo = |gap| draw(gap, [Some("cleo"), None, Some("acme")], event("Report exported"));
    let late = Draw { delay: 20, ..cleo(1) };
    let draws = [vec![late], (0..12).map(|_| cleo(2)).collect()].concat();
    let rules = rules();
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("history");
    let history = History::create(&folder, &rules.project.identity, 100).unwrap();
    let mut live = Live::new(rules.clone(), history);
    let (mut first, mut job) = (None, None);
    for (index, chunk) in chunks(&draws).iter().enumerate() {
        live.take(chunk).unwrap();
        while live.take_near(chunk.known_at).unwrap().is_some() {}
        if index == 3 {
            first = Some(live.begin_seal());
        }
        if let Some(it) = live.begin_judging(1).unwrap() {
            job = Some((it, chunk.known_at));
        }
    }
    let (job, now) = job.expect("somebody came too late");
    let first = first.unwrap().run().unwrap();
    live.end_seal(first).unwrap();
    let second = live.begin_seal().run().unwrap();
    let mut judged = job.run().unwrap();
    while live.take_judged(&mut judged, now).unwrap().is_some() {}
    live.end_seal(second).unwrap();
    let facts = live.history().facts();
    assert!(facts > 4, "more than the first brought in");
    for history in [live.history(), &History::open(&folder, &rules.project.identity).unwrap()] {
        assert_eq!(history.facts(), facts);
        assert!(history.verify(Scan::default()).unwrap().is_empty());
    }
}

/// Who leaves twice has left at the later one what events had shown in between.
#[test]
fn who_left_earlier_takes_along_what_came_after() {
    let bob = [Some("bob"), None, Some("acme")];
    let left = || Body::Membership { joined: false, role: None };
    let world = World(vec![
        draw(0, bob, left()),
        draw(1, bob, event("Signed up")),
        Draw { delay: 5, ..draw(0, bob, left()) },
        draw(1, [Some("bob"), None, None], event("Signed up")),
    ]);
    for seal_every in 1..5 {
        check(&world, Seals::every(seal_every)).unwrap();
    }
}
