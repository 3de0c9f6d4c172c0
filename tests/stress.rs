//! Stress: threads on all cores, and noise beside them, use one signal or registry at random, for a
//! while. What must come out even in the end, whatever they did, is asserted.
//!
//! `SMOKE_SIGNAL_STRESS_SECONDS` sets how long all scenarios together take (2 by default), and
//! `SMOKE_SIGNAL_STRESS_SEED` the seed that is printed by each. What each thread does follows from the
//! seed; in what order they meet does not. A hang fails after a time that nothing here takes.
//!
//! Each law was seen to fail when the library was broken on purpose:
//!
//! | law | broken on purpose | fails |
//! |---|---|---|

#[path = "it/common.rs"]
#[allow(dead_code, reason = "what the other binary uses")]
mod common;

use std::collections::HashMap;
use std::env;
use std::hint;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use smoke_signal::{Connection, Receiver, Registry, Signal, WaitError};

use crate::common::{Counter, DEADLOCK, Numbers, within};

/// How many of the tests share the time.
const SCENARIOS: u32 = if cfg!(feature = "async") { 8 } else { 7 };

fn set_by<T: std::str::FromStr>(variable: &str) -> Option<T> {
    let value = env::var(variable).ok()?;
    let value = value.parse().ok();
    Some(value.unwrap_or_else(|| panic!("{variable} must be a number")))
}

fn time_for_each() -> Duration {
    let seconds = set_by("SMOKE_SIGNAL_STRESS_SECONDS").unwrap_or(2.0);
    Duration::from_secs_f64(seconds) / SCENARIOS
}

fn seed() -> u32 {
    static SEED: OnceLock<u32> = OnceLock::new();
    *SEED.get_or_init(|| {
        set_by("SMOKE_SIGNAL_STRESS_SEED").unwrap_or_else(|| {
            let now = SystemTime::now().duration_since(UNIX_EPOCH);
            now.expect("after 1970").subsec_nanos()
        })
    })
}

fn cores() -> usize {
    thread::available_parallelism().map_or(2, usize::from)
}

/// More than there are cores, so that some are stopped in the middle of things.
fn threads() -> usize {
    cores() + 2
}

/// Runs one scenario, alone, and tells the seed if it fails or hangs.
fn scenario(name: &str, work: impl FnOnce(Scenario) + Send + 'static) {
    static ONE: Mutex<()> = Mutex::new(());
    let _one = lock(&ONE);
    let (seed, time) = (seed(), time_for_each());
    let what = format!("{name}, SMOKE_SIGNAL_STRESS_SEED={seed}");
    println!("{what}");
    let until = Instant::now() + time;
    within(time + DEADLOCK, &what, move || {
        work(Scenario { seed, until });
    });
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How long a scenario runs, and by what numbers.
struct Scenario {
    seed: u32,
    until: Instant,
}

impl Scenario {
    fn numbers(&self, thread: usize) -> Numbers {
        // Odd multipliers spread the threads' numbers; a generator of this kind must not begin at 0.
        let thread = u32::try_from(thread).expect("few threads");
        let mixed = (self.seed ^ thread.wrapping_mul(0x9E37_79B9)).wrapping_mul(0x85EB_CA6B);
        Numbers(mixed | 1)
    }

    fn is_on(&self) -> bool {
        Instant::now() < self.until
    }

    /// Takes steps on all threads until the time is up.
    fn run(&self, step: impl Fn(&mut Numbers, usize) + Sync) {
        let over = AtomicBool::new(false);
        thread::scope(|scope| {
            for _ in 0..cores() {
                scope.spawn(|| make_noise(&over));
            }
            let threads: Vec<_> = (0..threads())
                .map(|thread| {
                    let (step, mut numbers) = (&step, self.numbers(thread));
                    scope.spawn(move || {
                        while self.is_on() {
                            step(&mut numbers, thread);
                        }
                    })
                })
                .collect();
            let outcomes: Vec<_> = threads
                .into_iter()
                .map(thread::ScopedJoinHandle::join)
                .collect();
            over.store(true, SeqCst);
            for outcome in outcomes {
                outcome.unwrap_or_else(|payload| panic!("{}", common::message(&*payload)));
            }
        });
    }

    /// Plays rounds until the time is up: each is set up by one thread, played by all, checked by one.
    fn rounds<S: Sync>(
        &self,
        mut set_up: impl FnMut(&mut Numbers) -> S,
        play: impl Fn(&S, &mut Numbers, usize) + Sync,
        mut check: impl FnMut(S),
    ) {
        let mut numbers = self.numbers(threads());
        while self.is_on() {
            let round = set_up(&mut numbers);
            let salt = numbers.next();
            common::together(threads(), |thread| {
                let mut numbers = Numbers((self.numbers(thread).next() ^ salt) | 1);
                play(&round, &mut numbers, thread);
            });
            check(round);
        }
    }
}

/// Takes the cores away from the others, now and then, for a while.
fn make_noise(over: &AtomicBool) {
    let mut numbers = Numbers(1);
    while !over.load(SeqCst) {
        for _ in 0..numbers.below(5000) {
            hint::spin_loop();
        }
        if numbers.below(4) == 0 {
            thread::sleep(Duration::from_micros(200));
        } else {
            thread::yield_now();
        }
    }
}

/// Counts what lives: records, objects, captures.
#[derive(Default)]
struct Live {
    now: AtomicI64,
    made: AtomicUsize,
    /// Records whose calls and results differ.
    unaccounted: AtomicUsize,
}

/// A capture that counts as alive.
struct Held(Arc<Live>);

impl Held {
    fn new(live: &Arc<Live>) -> Self {
        live.now.fetch_add(1, SeqCst);
        live.made.fetch_add(1, SeqCst);
        Self(Arc::clone(live))
    }

    fn touch(&self) {
        let _ = &self.0;
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.0.now.fetch_sub(1, SeqCst);
    }
}

impl Live {
    #[track_caller]
    fn assert_none(&self) {
        assert_eq!(self.now.load(SeqCst), 0, "alive in the end");
        assert!(self.made.load(SeqCst) > 0, "something was made");
        assert_eq!(self.unaccounted.load(SeqCst), 0, "calls without a result");
    }
}

/// One slot of the churn: what it is and what happened to it.
struct Record {
    held: Held,
    thread: usize,
    group: i32,
    /// Among the slots of its group and thread: the order they are to be called in.
    rank: i64,
    calls: AtomicUsize,
    results: AtomicUsize,
    disconnects: AtomicU32,
}

impl Drop for Record {
    fn drop(&mut self) {
        if self.calls.load(SeqCst) != self.results.load(SeqCst) {
            self.held.0.unaccounted.fetch_add(1, SeqCst);
        }
    }
}

type Churned = Signal<(), Arc<Record>>;

#[derive(Clone)]
struct Entry {
    key: Connection,
    record: Arc<Record>,
}

/// How many of the slots are known to all threads.
const TABLE: usize = 24;

/// The shared state of the churn.
struct Churn {
    signal: Churned,
    table: Vec<Mutex<Option<Entry>>>,
    live: Arc<Live>,
    ranks: AtomicI64,
    connects: AtomicUsize,
    disconnects: AtomicUsize,
}

impl Churn {
    fn connect(&self, numbers: &mut Numbers, thread: usize) -> Entry {
        let first = numbers.below(4) == 0;
        let group = i32::try_from(numbers.below(3)).unwrap() - 1;
        let rank = self.ranks.fetch_add(1, SeqCst) + 1;
        let record = Arc::new(Record {
            held: Held::new(&self.live),
            thread,
            group,
            rank: if first { -rank } else { rank },
            calls: AtomicUsize::new(0),
            results: AtomicUsize::new(0),
            disconnects: AtomicU32::new(0),
        });
        let own = Arc::clone(&record);
        let slot = move || {
            own.calls.fetch_add(1, SeqCst);
            Arc::clone(&own)
        };
        let mut options = self.signal.options().group(group);
        if first {
            options = options.first();
        }
        if numbers.below(3) == 0 {
            options = options.waitable();
        }
        let key = if numbers.below(2) == 0 {
            options.connect(slot)
        } else {
            options.connect_with_key(|_| slot)
        };
        self.connects.fetch_add(1, SeqCst);
        Entry { key, record }
    }

    /// Emits, checks the order, and tells whether one slot was called.
    #[track_caller]
    fn calls(&self, numbers: &mut Numbers, sought: &Record) -> bool {
        let results: Vec<_> = match numbers.below(3) {
            0 => self.signal.calls().collect(),
            _ => self.signal.emit().into_vec(),
        };
        let mut ranks = HashMap::new();
        let mut groups = i32::MIN;
        for result in &results {
            result.results.fetch_add(1, SeqCst);
            assert!(groups <= result.group, "the order of groups");
            groups = result.group;
            let former = ranks.insert((result.group, result.thread), result.rank);
            assert!(former < Some(result.rank), "the order within a group");
        }
        results
            .iter()
            .any(|result| std::ptr::eq(&raw const **result, sought))
    }

    fn disconnect(&self, numbers: &mut Numbers, entry: &Entry) {
        let (signal, key) = (&self.signal, entry.key);
        let did = match numbers.below(4) {
            0 => match signal.disconnect_and_wait(key) {
                Ok(did) => did,
                Err(refused) => {
                    assert_eq!(refused, WaitError::NotWaitable);
                    signal.disconnect(key)
                }
            },
            _ => signal.disconnect(key),
        };
        if did {
            self.disconnects.fetch_add(1, SeqCst);
            let before = entry.record.disconnects.fetch_add(1, SeqCst);
            assert_eq!(before, 0, "disconnected once");
        }
        if did || numbers.below(2) == 0 {
            let gone = !signal.contains(key);
            let called = self.calls(numbers, &entry.record);
            assert!(!(gone && called), "called after it was gone");
        }
    }

    fn entry(&self, numbers: &mut Numbers) -> MutexGuard<'_, Option<Entry>> {
        lock(&self.table[numbers.below(TABLE)])
    }
}

#[test]
fn slots_that_come_and_go() {
    scenario("slots that come and go", |scenario| {
        let churn = Churn {
            signal: Signal::new(),
            table: (0..TABLE).map(|_| Mutex::default()).collect(),
            live: Arc::default(),
            ranks: AtomicI64::new(0),
            connects: AtomicUsize::new(0),
            disconnects: AtomicUsize::new(0),
        };
        let nobody = Record {
            held: Held::new(&Arc::default()),
            thread: 0,
            group: 0,
            rank: 0,
            calls: AtomicUsize::new(0),
            results: AtomicUsize::new(0),
            disconnects: AtomicU32::new(0),
        };
        scenario.run(|numbers, thread| match numbers.below(8) {
            0 | 1 => {
                let entry = churn.connect(numbers, thread);
                assert!(churn.calls(numbers, &entry.record), "called once connected");
                let former = churn.entry(numbers).replace(entry);
                if let Some(former) = former {
                    churn.disconnect(numbers, &former);
                }
            }
            2 => {
                // Nobody else knows this one.
                let entry = churn.connect(numbers, thread);
                drop(churn.signal.scoped(entry.key));
                assert!(!churn.signal.disconnect(entry.key), "the scope did it");
                churn.disconnects.fetch_add(1, SeqCst);
                assert!(
                    !churn.calls(numbers, &entry.record),
                    "called after its scope"
                );
            }
            3 | 4 => {
                // It stays in the table: others may disconnect it at the same time.
                let entry = churn.entry(numbers).clone();
                if let Some(entry) = entry {
                    churn.disconnect(numbers, &entry);
                }
            }
            5 => {
                let mut some = churn.signal.calls();
                for result in some.by_ref().take(numbers.below(TABLE)) {
                    result.results.fetch_add(1, SeqCst);
                }
            }
            _ => {
                churn.calls(numbers, &nobody);
                // Each thread may hold one old snapshot.
                let most = (threads() + 1) * (TABLE + threads());
                let now = usize::try_from(churn.live.now.load(SeqCst)).unwrap();
                assert!(now <= most, "{now} slots are alive");
            }
        });
        let left = churn.signal.len();
        let gone = churn.disconnects.load(SeqCst);
        assert_eq!(
            churn.connects.load(SeqCst),
            gone + left,
            "disconnected or left"
        );
        churn.signal.disconnect_all();
        drop(churn.table);
        churn.live.assert_none();
    });
}

/// One round with budgets.
struct Budgets {
    signal: Signal<()>,
    registry: Registry,
    limits: [u32; 3],
    calls: [Counter; 4],
    slots: [Connection; 3],
    receiver: Receiver,
    emissions: AtomicUsize,
    emissions_by_name: AtomicUsize,
    ran: AtomicUsize,
    live: Arc<Live>,
}

const NAMES: [&str; 3] = ["a", "b", "c"];

#[test]
fn budgets_are_exact() {
    scenario("budgets", |scenario| {
        scenario.rounds(
            |numbers| {
                let (signal, registry) = (Signal::<()>::new(), Registry::new());
                let (live, calls) = (Arc::default(), <[Counter; 4]>::default());
                let mut limit = || 1 + numbers.next() % 40;
                let limits = [limit(), 1, limit()];
                let slot = |number: usize| {
                    let (held, count) = (Held::new(&live), calls[number].adding());
                    move || {
                        held.touch();
                        count();
                    }
                };
                let options = signal.options();
                let slots = [
                    options.max_calls(limits[0]).connect(slot(0)),
                    options.waitable().once(slot(1)),
                    options.max_calls(limits[2]).waitable().connect(slot(2)),
                ];
                let receiver = registry.on_max(NAMES, limits[0], slot(3)).unwrap();
                Budgets {
                    signal,
                    registry,
                    limits,
                    calls,
                    slots,
                    receiver,
                    emissions: AtomicUsize::new(0),
                    emissions_by_name: AtomicUsize::new(0),
                    ran: AtomicUsize::new(0),
                    live,
                }
            },
            |round, numbers, _| {
                for _ in 0..numbers.below(20) {
                    match numbers.below(4) {
                        0 => {
                            let name = NAMES[numbers.below(3)];
                            round.emissions_by_name.fetch_add(1, SeqCst);
                            let ran = round.registry.emit(name, ()).unwrap();
                            round.ran.fetch_add(ran, SeqCst);
                        }
                        1 => {
                            let come_and_gone = round.signal.connect(|| ());
                            assert!(round.signal.disconnect(come_and_gone));
                        }
                        _ => {
                            round.emissions.fetch_add(1, SeqCst);
                            round.signal.emit();
                        }
                    }
                }
            },
            |round| {
                let emissions = round.emissions.load(SeqCst);
                for (number, &slot) in round.slots.iter().enumerate() {
                    let limit = round.limits[number] as usize;
                    assert_eq!(round.calls[number].get(), emissions.min(limit));
                    assert_eq!(round.signal.contains(slot), emissions < limit);
                }
                let limit = round.limits[0] as usize;
                let emissions = round.emissions_by_name.load(SeqCst);
                assert_eq!(round.calls[3].get(), emissions.min(limit), "over all names");
                assert_eq!(round.ran.load(SeqCst), round.calls[3].get());
                for name in NAMES {
                    let there = round.registry.responds_to(round.receiver, name);
                    assert_eq!(there, emissions < limit);
                }
                drop((round.signal, round.registry));
                round.live.assert_none();
            },
        );
    });
}

/// One round with a slot that several threads wait for.
struct Waited {
    signal: Signal<()>,
    slot: Connection,
    over: Arc<AtomicBool>,
    live: Arc<Live>,
    disconnects: AtomicUsize,
    called_when_over: Counter,
}

#[test]
fn slots_that_are_waited_for() {
    scenario("waiting", |scenario| {
        scenario.rounds(
            |numbers| {
                let (signal, over) = (Signal::<()>::new(), Arc::new(AtomicBool::new(false)));
                let (live, called_when_over) = (Arc::default(), Counter::default());
                let (held, is_over, count) = (
                    Held::new(&live),
                    Arc::clone(&over),
                    called_when_over.clone(),
                );
                let (times, limit) = (numbers.below(200), numbers.below(2));
                signal.connect(|| ());
                let mut options = signal.options().waitable();
                if limit == 1 {
                    options = options.max_calls(3);
                }
                let slot = options.connect(move || {
                    held.touch();
                    for _ in 0..=times {
                        hint::spin_loop();
                        if is_over.load(SeqCst) {
                            count.add();
                        }
                    }
                });
                signal.connect(|| ());
                Waited {
                    signal,
                    slot,
                    over,
                    live,
                    disconnects: AtomicUsize::new(0),
                    called_when_over,
                }
            },
            |round, numbers, thread| {
                for _ in 0..numbers.below(10) {
                    round.signal.emit();
                }
                // Not on every thread: some are to be emitting then.
                if thread % 2 == 0 {
                    let waited = match numbers.below(3) {
                        0 => Ok(round.signal.disconnect(round.slot)),
                        1 => {
                            let a_moment = Duration::from_micros(1);
                            let (signal, slot) = (&round.signal, round.slot);
                            match signal.disconnect_and_wait_timeout(slot, a_moment) {
                                // Whether this or another call disconnected it, is not told.
                                Err(WaitError::TimedOut) => signal.disconnect_and_wait(slot),
                                waited => waited,
                            }
                        }
                        _ => round.signal.disconnect_and_wait(round.slot),
                    };
                    if waited == Ok(true) {
                        round.disconnects.fetch_add(1, SeqCst);
                    }
                    assert!(waited.is_ok());
                    assert_eq!(round.signal.disconnect_and_wait(round.slot), Ok(false));
                    round.over.store(true, SeqCst);
                    assert_eq!(round.live.now.load(SeqCst), 0, "its captures are gone");
                }
                for _ in 0..numbers.below(10) {
                    round.signal.emit();
                }
            },
            |round| {
                assert_eq!(round.called_when_over.get(), 0, "called when it was over");
                assert!(round.disconnects.load(SeqCst) <= 1, "disconnected once");
                assert!(!round.signal.contains(round.slot));
                assert_eq!(round.signal.emit().len(), 2, "the others");
                round.live.assert_none();
            },
        );
    });
}

/// An object that weak slots need: it knows whether it is being dropped.
struct Object {
    held: Held,
    is_there: AtomicBool,
    calls: Counter,
}

impl Drop for Object {
    fn drop(&mut self) {
        self.is_there.store(false, SeqCst);
    }
}

#[test]
fn objects_that_come_and_go() {
    scenario("weak slots", |scenario| {
        let live = Arc::<Live>::default();
        let signal = Signal::<(), bool>::new();
        let objects: Vec<_> = (0..TABLE).map(|_| Mutex::new(None)).collect();
        let make = || {
            Arc::new(Object {
                held: Held::new(&live),
                is_there: AtomicBool::new(true),
                calls: Counter::default(),
            })
        };
        let connect = |object: &Arc<Object>, waitable: bool| {
            let capture = Held::new(&live);
            let options = signal.options();
            let options = if waitable {
                options.waitable()
            } else {
                options
            };
            options.connect_weak(object, move |object: &Object| {
                capture.touch();
                object.held.touch();
                object.calls.add();
                object.is_there.load(SeqCst)
            })
        };
        scenario.run(|numbers, _| match numbers.below(6) {
            0 | 1 => {
                let object = make();
                connect(&object, numbers.below(2) == 0);
                let calls = object.calls.clone();
                signal.emit();
                assert!(calls.get() > 0, "called once connected");
                let former = lock(&objects[numbers.below(TABLE)]).replace(object);
                drop(former); // its slot goes with it
            }
            2 => {
                // Nobody else has this object.
                let object = make();
                let slot = connect(&object, numbers.below(2) == 0);
                assert!(signal.contains(slot));
                let gone = Arc::downgrade(&object);
                drop(object);
                while gone.strong_count() > 0 {
                    thread::yield_now(); // a call on another thread has it
                }
                assert!(!signal.contains(slot), "gone with its object");
                assert!(!signal.disconnect(slot), "gone with its object");
            }
            3 => drop(lock(&objects[numbers.below(TABLE)]).take()),
            _ => {
                let results = signal.emit();
                assert!(
                    results.iter().all(|&there| there),
                    "called with a dead object"
                );
            }
        });
        drop(objects);
        assert_eq!(signal.len(), 0);
        assert!(signal.emit().is_empty());
        live.assert_none();
    });
}

/// A callback of the registry scenario.
#[derive(Clone)]
struct Called {
    receiver: Receiver,
    disconnects: Arc<AtomicU32>,
    limit: Option<u32>,
    calls: Counter,
}

#[test]
fn a_registry_over_several_names() {
    scenario("registry", |scenario| {
        let (live, registry) = (Arc::<Live>::default(), Registry::new());
        let table: Vec<Mutex<Option<Called>>> = (0..TABLE).map(|_| Mutex::default()).collect();
        let (calls, ran) = (Counter::default(), AtomicUsize::new(0));
        let emit = |name: &str, times: usize| {
            for _ in 0..times {
                ran.fetch_add(registry.emit(name, (7,)).unwrap(), SeqCst);
            }
        };
        let register = |numbers: &mut Numbers, names: &[&str]| {
            let own = Counter::default();
            let (held, all, counter) = (Held::new(&live), calls.clone(), own.clone());
            let callback = move |_: i32| {
                held.touch();
                all.add();
                counter.add();
            };
            let (receiver, limit) = match numbers.below(3) {
                0 => (registry.on(names, callback), None),
                1 => (registry.once(names, callback), Some(1)),
                _ => (registry.on_max(names, 9, callback), Some(9)),
            };
            Called {
                receiver: receiver.unwrap(),
                disconnects: Arc::default(),
                limit,
                calls: own,
            }
        };
        scenario.run(|numbers, thread| match numbers.below(8) {
            0 | 1 => {
                let names = &NAMES[numbers.below(3)..];
                let called = register(numbers, names);
                let former = lock(&table[numbers.below(TABLE)]).replace(called);
                if let Some(Called {
                    receiver,
                    limit,
                    calls,
                    disconnects,
                }) = former
                {
                    if registry.disconnect(receiver) {
                        assert_eq!(disconnects.fetch_add(1, SeqCst), 0, "disconnected once");
                    }
                    assert!(registry.signals(receiver).is_empty());
                    let most = limit.map_or(usize::MAX, |limit| limit as usize);
                    assert!(calls.get() <= most, "within its budget");
                }
            }
            2 => {
                // On a name that no other thread emits or clears: all is known.
                let own = format!("own {thread}");
                let called = register(numbers, &[own.as_str()]);
                let times = numbers.below(12);
                emit(&own, times);
                let limit = called.limit.map_or(usize::MAX, |limit| limit as usize);
                assert_eq!(called.calls.get(), times.min(limit), "an exact budget");
                assert_eq!(registry.responds_to(called.receiver, &own), times < limit);
                assert_eq!(registry.disconnect(called.receiver), times < limit);
                emit(&own, 1);
                assert_eq!(called.calls.get(), times.min(limit), "disconnected");
            }
            3 => {
                let called = lock(&table[numbers.below(TABLE)]).clone();
                if let Some(Called {
                    receiver,
                    disconnects,
                    ..
                }) = called
                {
                    if registry.disconnect(receiver) {
                        assert_eq!(disconnects.fetch_add(1, SeqCst), 0, "disconnected once");
                    }
                    assert!(!registry.disconnect(receiver));
                }
            }
            4 if numbers.below(16) == 0 => registry.clear(&NAMES[..=numbers.below(3)]),
            _ => emit(NAMES[numbers.below(3)], 2),
        });
        assert_eq!(
            calls.get(),
            ran.load(SeqCst),
            "calls and what emissions told"
        );
        registry.clear_all();
        for name in NAMES {
            assert_eq!(registry.emit(name, (0,)), Ok(0));
        }
        live.assert_none();
    });
}

#[test]
fn emissions_from_inside_slots() {
    type Ring = [Signal<(u32, u32), usize>; 3];
    scenario("nested emissions", |scenario| {
        let (live, ring) = (Arc::<Live>::default(), Arc::<Ring>::default());
        let (calls, results) = (Counter::default(), AtomicUsize::new(0));
        // Counts itself and what it calls. What it does follows from its number.
        let connect = |at: usize| {
            let (held, count) = (Held::new(&live), calls.clone());
            let signals = Arc::downgrade(&ring);
            ring[at].connect_with_key(|me| {
                move |depth, number| {
                    held.touch();
                    count.add();
                    let signals = signals.upgrade().expect("it is emitting");
                    let mut numbers = Numbers(number | 1);
                    let next = &signals[(at + 1) % 3];
                    match numbers.below(40) {
                        0 => drop(signals[at].disconnect(me)),
                        1 => next.disconnect_all(),
                        2 => drop(next.once(|_, _| 0)),
                        3 => drop(signals[at].block(me)),
                        _ => {}
                    }
                    if depth == 0 {
                        return 1;
                    }
                    let within = next.emit(depth - 1, numbers.next());
                    1 + within.into_iter().sum::<usize>()
                }
            });
        };
        scenario.run(|numbers, _| {
            let at = numbers.below(3);
            if ring[at].len() < 3 {
                connect(at);
            }
            let depth = numbers.next() % 4;
            let called: usize = ring[at].emit(depth, numbers.next()).into_iter().sum();
            results.fetch_add(called, SeqCst);
        });
        assert_eq!(calls.get(), results.load(SeqCst), "calls and results");
        for signal in &*ring {
            signal.disconnect_all();
            assert!(signal.is_empty() && signal.emit(0, 0).is_empty());
        }
        live.assert_none();
    });
}

/// A state that one thread changes at a time. Odd: the state holds for all emissions that start and
/// end while the number stays the same.
#[derive(Default)]
struct Epoch(AtomicUsize);

impl Epoch {
    fn step(&self) {
        self.0.fetch_add(1, SeqCst);
    }

    fn now(&self) -> usize {
        self.0.load(SeqCst)
    }
}

/// A slot that is blocked now and then, or, as the last, the signal as a whole.
#[derive(Default)]
struct Blocked {
    owner: Mutex<()>,
    /// Odd from the return of `block` to before the guard's drop.
    closed: Epoch,
    /// Even while there is no guard, from before `block` to after the guard's drop it is odd.
    touched: Epoch,
}

#[test]
fn slots_that_are_blocked() {
    const SLOTS: usize = 4;
    scenario("blocks", |scenario| {
        let signal = Signal::<(), usize>::new();
        let slots: Vec<_> = (0..SLOTS)
            .map(|slot| signal.connect(move || slot))
            .collect();
        let blocked: [Blocked; SLOTS + 1] = Default::default();
        let look = || {
            blocked
                .each_ref()
                .map(|it| (it.closed.now(), it.touched.now()))
        };
        let checked = [Counter::default(), Counter::default()];
        let emit = || {
            let before = look();
            let called = signal.emit();
            let after = look();
            let open = |n: usize| before[n] == after[n] && before[n].1 % 2 == 0;
            let closed = |n: usize| before[n].0 == after[n].0 && before[n].0 % 2 == 1;
            for slot in 0..SLOTS {
                let times = called.iter().filter(|&&it| it == slot).count();
                if closed(slot) || closed(SLOTS) {
                    assert_eq!(times, 0, "called though it is blocked");
                    checked[0].add();
                } else if open(slot) && open(SLOTS) {
                    assert_eq!(times, 1, "not called though nothing blocks it");
                    checked[1].add();
                }
            }
        };
        scenario.run(|numbers, _| {
            let which = match numbers.below(12) {
                0 => SLOTS,
                slot if slot <= SLOTS => slot - 1,
                _ => return emit(),
            };
            let Ok(_owner) = blocked[which].owner.try_lock() else {
                return;
            };
            blocked[which].touched.step();
            let guards = (0..=numbers.below(2))
                .map(|_| match slots.get(which) {
                    Some(&slot) => signal.block(slot).expect("it is connected"),
                    None => signal.block_all(),
                })
                .collect::<Vec<_>>();
            blocked[which].closed.step();
            if let Some(&slot) = slots.get(which) {
                assert!(signal.is_blocked(slot));
            }
            for _ in 0..numbers.below(4) {
                emit();
            }
            blocked[which].closed.step();
            drop(guards);
            blocked[which].touched.step();
        });
        assert!(slots.iter().all(|&slot| !signal.is_blocked(slot)));
        assert_eq!(signal.emit(), [0, 1, 2, 3]);
        assert!(
            checked.iter().all(|times| times.get() > 0),
            "both were seen"
        );
    });
}

/// One round with streams: a roomy one and a small one, each read on a thread of its own.
#[cfg(feature = "async")]
#[test]
fn streams_lose_nothing_that_fits() {
    use futures::StreamExt;
    use futures::executor::block_on;
    use smoke_signal::SignalStream;

    type Items = SignalStream<(usize, usize, Arc<Held>)>;
    struct Round {
        signal: Mutex<Option<Arc<Signal<(usize, usize, Arc<Held>)>>>>,
        roomy: Mutex<Option<Items>>,
        small: Mutex<Option<Items>>,
        sent: AtomicUsize,
        emitters: AtomicUsize,
        live: Arc<Live>,
    }

    fn read(mut stream: Items) -> (usize, usize) {
        let mut last = HashMap::new();
        let mut read = 0;
        while let Some((thread, number, _held)) = block_on(stream.next()) {
            let former = last.insert(thread, number);
            assert!(former < Some(number), "in the order sent");
            read += 1;
        }
        (read, usize::try_from(stream.missed()).unwrap())
    }

    scenario("streams", |scenario| {
        scenario.rounds(
            |_| {
                let signal = Signal::new();
                Round {
                    roomy: Mutex::new(Some(signal.stream(10_000))),
                    small: Mutex::new(Some(signal.stream(3))),
                    signal: Mutex::new(Some(Arc::new(signal))),
                    sent: AtomicUsize::new(0),
                    emitters: AtomicUsize::new(threads() - 2),
                    live: Arc::default(),
                }
            },
            |round, numbers, thread| {
                if thread < 2 {
                    let cell = [&round.roomy, &round.small][thread];
                    let stream = lock(cell).take().expect("one reader for each");
                    let (read, missed) = read(stream);
                    assert_eq!(read + missed, round.sent.load(SeqCst), "read or missed");
                    assert!(thread == 1 || missed == 0, "all of it fits");
                    return;
                }
                let signal = Arc::clone(lock(&round.signal).as_ref().expect("it is there"));
                for number in 0..=numbers.below(60) {
                    round.sent.fetch_add(1, SeqCst);
                    signal.emit(thread, number, Arc::new(Held::new(&round.live)));
                }
                drop(signal);
                // The last one drops the signal: the streams end.
                if round.emitters.fetch_sub(1, SeqCst) == 1 {
                    lock(&round.signal).take();
                }
            },
            |round| round.live.assert_none(),
        );
    });
}
