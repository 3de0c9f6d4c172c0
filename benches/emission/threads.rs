//! Two threads emit on one signal, compared with one thread alone.

use std::cell::Cell as ThreadCell;
use std::hint::black_box;
use std::sync::Barrier;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::measure::{Effort, Samples, median, nanoseconds};
use crate::report::{Table, Thresholds};
use crate::rivals::{ByArcSwap, ByName, ByRwLock, RawLoop, Rival, Signals2, Slot, SmokeSignal};

/// The number of rounds to collect in which both threads ran side by side, and the number of attempts
/// to make: if other programs are running, the two threads may have to share one core.
const ROUNDS: usize = 21;
const TRIES: usize = 61;
/// A round counts if it has this many batches during which both threads ran.
const ENOUGH: usize = 40;

const SLOTS: u32 = 4;

/// A scheduler may need some milliseconds to move two threads to two cores.
const PAIR_TIME: Duration = Duration::from_millis(20);
const SOLO_TIME: Duration = Duration::from_millis(5);

/// A batch takes about 20 microseconds. This is far less than a scheduler's time slice, so the other
/// thread runs during all of a batch or during none of it, with few exceptions.
const PUBLICATIONS: u32 = 8;
const EMISSIONS_EACH: u32 = 128;
const EMISSIONS: u32 = PUBLICATIONS * EMISSIONS_EACH;

thread_local! {
    static CALLS: ThreadCell<u32> = const { ThreadCell::new(0) };
}

static ONE: AtomicU32 = AtomicU32::new(1);

/// Reads a shared value and writes to a counter of its own thread, so that the threads contend for
/// nothing but the signal.
fn independent(factor: &'static AtomicU32) -> impl Slot {
    move |argument: i32| {
        let step = factor.load(Ordering::Relaxed) * argument.unsigned_abs();
        CALLS.set(CALLS.get() + step);
    }
}

/// The number of blocks of emissions that a thread has finished, on cache lines of its own.
#[derive(Default)]
#[repr(align(128))]
struct Progress(AtomicU32);

struct Batch {
    nanoseconds: f64,
    /// The other thread made progress at a similar rate during this batch.
    shared: bool,
}

fn run_batches<R: Rival>(
    rival: &R,
    duration: Duration,
    own: &Progress,
    other: &Progress,
) -> Vec<Batch> {
    CALLS.set(0);
    let mut progress = 0;
    let mut batches = Vec::with_capacity(10_000);
    let end = Instant::now() + duration;
    loop {
        let other_before = other.0.load(Ordering::Relaxed);
        let start = Instant::now();
        for _ in 0..PUBLICATIONS {
            for _ in 0..EMISSIONS_EACH {
                black_box(rival).emit(black_box(1));
            }
            progress += 1;
            own.0.store(progress, Ordering::Relaxed);
        }
        let now = Instant::now();
        let other_progress = other.0.load(Ordering::Relaxed) - other_before;
        batches.push(Batch {
            nanoseconds: nanoseconds(now - start, EMISSIONS),
            // With less progress, the other thread was idle for a while; with more, this one was.
            shared: (PUBLICATIONS / 2..=PUBLICATIONS * 8).contains(&other_progress),
        });
        if now >= end {
            break;
        }
    }
    assert_eq!(
        CALLS.get(),
        progress * EMISSIONS_EACH * SLOTS,
        "{}",
        R::NAME
    );
    batches
}

fn alone<R: Rival>(rival: &R, duration: Duration) -> Vec<Batch> {
    let [own, nobody] = Default::default();
    thread::scope(|scope| {
        let thread = scope.spawn(|| run_batches(rival, duration, &own, &nobody));
        thread.join().unwrap()
    })
}

fn together<R: Rival>(rival: &R, duration: Duration) -> Vec<Batch> {
    let [left, right] = &Default::default();
    let start = &Barrier::new(2);
    thread::scope(|scope| {
        [(left, right), (right, left)]
            .map(|(own, other)| {
                scope.spawn(move || {
                    start.wait();
                    run_batches(rival, duration, own, other)
                })
            })
            .into_iter()
            .flat_map(|thread| thread.join().unwrap())
            .collect()
    })
}

pub(crate) struct Pair {
    name: &'static str,
    /// One value for each round that counts.
    one: Samples,
    two: Samples,
    tries: usize,
}

impl Pair {
    fn round(&mut self, one: Vec<Batch>, two: Vec<Batch>) {
        let times = |batches: Vec<Batch>| batches.into_iter().map(|b| b.nanoseconds).collect();
        let mut shared = two;
        shared.retain(|batch| batch.shared);
        self.tries += 1;
        if shared.len() >= ENOUGH {
            self.one.rounds.push(median(times(one)));
            self.two.rounds.push(median(times(shared)));
        }
    }
}

type Round = Box<dyn FnMut(&mut Pair)>;

fn candidate<R: Rival + 'static>([solo_time, pair_time]: [Duration; 2]) -> (Pair, Round) {
    let samples = || Samples {
        name: R::NAME,
        rounds: Vec::new(),
    };
    let pair = Pair {
        name: R::NAME,
        one: samples(),
        two: samples(),
        tries: 0,
    };
    let rival = R::with_slots(vec![independent(&ONE); SLOTS as usize]);
    let round = move |pair: &mut Pair| {
        pair.round(alone(&rival, solo_time), together(&rival, pair_time));
    };
    (pair, Box::new(round))
}

pub(crate) fn run(effort: Effort) -> Vec<Pair> {
    let times = match effort {
        Effort::Full | Effort::Quick => [SOLO_TIME, PAIR_TIME],
        Effort::Check => [Duration::ZERO; 2],
    };
    let mut candidates = [
        // Without a signal: the cost of a second thread on this machine in any case.
        candidate::<RawLoop>(times),
        candidate::<SmokeSignal>(times),
        candidate::<ByRwLock>(times),
        candidate::<ByArcSwap>(times),
        candidate::<Signals2>(times),
        candidate::<ByName>(times),
    ];
    for _ in 0..effort.rounds(TRIES) {
        for (pair, round) in &mut candidates {
            if pair.two.rounds.len() < ROUNDS {
                round(pair);
            }
        }
    }
    candidates.into_iter().map(|(pair, _)| pair).collect()
}

pub(crate) fn table(pairs: &[Pair]) -> Table {
    let mut table = Table::new("emit to 4 slots, one thread and two at once", "candidate");
    for pair in pairs {
        table.row(
            pair.name,
            &[pair.one.renamed("one"), pair.two.renamed("two at once")],
        );
    }
    table
}

/// Tells how many rounds counted, because the others say nothing about two threads.
pub(crate) fn rounds(pairs: &[Pair]) -> String {
    let rounds = pairs
        .iter()
        .map(|pair| format!("{} of {}", pair.two.rounds.len(), pair.tries));
    let rounds = rounds.collect::<Vec<_>>().join(", ");
    format!("rounds in which two threads ran side by side: {rounds}\n")
}

pub(crate) fn thresholds(pairs: &[Pair], thresholds: &mut Thresholds) {
    let of = |name: &str| pairs.iter().find(|pair| pair.name == name).unwrap();
    for name in [SmokeSignal::NAME, ByName::NAME] {
        let what = format!("emit, two threads against one, {name}");
        // Compare medians, as each round does, because a best time only shows the luckiest batch.
        thresholds.plain(
            what,
            median(of(name).two.rounds.clone()),
            median(of(name).one.rounds.clone()),
            1.05,
        );
    }
    let ours = &of(SmokeSignal::NAME).two;
    for (rival, limit) in [(ByRwLock::NAME, 1.0 / 8.0), (Signals2::NAME, 1.0)] {
        let what = format!("emit, two threads, against {rival} on two");
        thresholds.plain(
            what,
            median(ours.rounds.clone()),
            median(of(rival).two.rounds.clone()),
            limit,
        );
    }
}
