//! Two threads emit on one signal, next to one thread alone.

use std::cell::Cell as ThreadCell;
use std::hint::black_box;
use std::sync::Barrier;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::measure::{Effort, Samples, median, nanoseconds};
use crate::report::{Bars, Table};
use crate::rivals::{ByArcSwap, ByName, ByRwLock, RawLoop, Rival, Signals2, Slot, SmokeSignal};

/// How many rounds are wanted in which both threads ran side by side, and how many are tried: where
/// other programs are running, the two may get one core between them.
const ROUNDS: usize = 21;
const TRIES: usize = 61;
/// How many batches must count for a round to count.
const ENOUGH: usize = 40;

const SLOTS: u32 = 4;

/// A scheduler may need some milliseconds to find out that there are two cores for two threads.
const DUET: Duration = Duration::from_millis(20);
const SOLO: Duration = Duration::from_millis(5);

/// A batch takes some 20 microseconds: far less than a scheduler's slice, so that hardly any is
/// shared with the other thread for a part of its time only.
const PUBLICATIONS: u32 = 8;
const EMISSIONS_EACH: u32 = 128;
const EMISSIONS: u32 = PUBLICATIONS * EMISSIONS_EACH;

thread_local! {
    static CALLS: ThreadCell<u32> = const { ThreadCell::new(0) };
}

static ONE: AtomicU32 = AtomicU32::new(1);

/// Reads what all threads share, and counts where no other thread writes: what contends is the
/// signal alone.
fn independent(factor: &'static AtomicU32) -> impl Slot {
    move |argument: i32| {
        let step = factor.load(Ordering::Relaxed) * argument.unsigned_abs();
        CALLS.set(CALLS.get() + step);
    }
}

/// How far a thread has come. Alone on its cache lines.
#[derive(Default)]
#[repr(align(128))]
struct Progress(AtomicU32);

struct Batch {
    nanoseconds: f64,
    /// The other thread demonstrably ran at the same time.
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
            // Less, and the other thread was idle for a part of it. More, and this one was.
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

pub(crate) struct Duet {
    name: &'static str,
    /// Round by round.
    one: Samples,
    two: Samples,
    tries: usize,
}

impl Duet {
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

type Round = Box<dyn FnMut(&mut Duet)>;

fn contestant<R: Rival + 'static>([solo_time, duet_time]: [Duration; 2]) -> (Duet, Round) {
    let samples = || Samples {
        name: R::NAME,
        rounds: Vec::new(),
    };
    let duet = Duet {
        name: R::NAME,
        one: samples(),
        two: samples(),
        tries: 0,
    };
    let rival = R::with_slots(vec![independent(&ONE); SLOTS as usize]);
    let round = move |duet: &mut Duet| {
        duet.round(alone(&rival, solo_time), together(&rival, duet_time));
    };
    (duet, Box::new(round))
}

pub(crate) fn run(effort: Effort) -> Vec<Duet> {
    let times = match effort {
        Effort::Full | Effort::Quick => [SOLO, DUET],
        Effort::Check => [Duration::ZERO; 2],
    };
    let mut contestants = [
        // No signal at all: what the second thread costs the first on this machine in any case.
        contestant::<RawLoop>(times),
        contestant::<SmokeSignal>(times),
        contestant::<ByRwLock>(times),
        contestant::<ByArcSwap>(times),
        contestant::<Signals2>(times),
        contestant::<ByName>(times),
    ];
    for _ in 0..effort.rounds(TRIES) {
        for (duet, round) in &mut contestants {
            if duet.two.rounds.len() < ROUNDS {
                round(duet);
            }
        }
    }
    contestants.into_iter().map(|(duet, _)| duet).collect()
}

pub(crate) fn table(duets: &[Duet]) -> Table {
    let mut table = Table::new("emit to 4 slots, one thread and two at once", "contestant");
    for duet in duets {
        table.row(
            duet.name,
            &[duet.one.renamed("one"), duet.two.renamed("two at once")],
        );
    }
    table
}

/// The other rounds say nothing about two threads.
pub(crate) fn rounds(duets: &[Duet]) -> String {
    let rounds = duets
        .iter()
        .map(|duet| format!("{} of {}", duet.two.rounds.len(), duet.tries));
    let rounds = rounds.collect::<Vec<_>>().join(", ");
    format!("rounds in which two threads ran side by side: {rounds}\n")
}

pub(crate) fn bars(duets: &[Duet], bars: &mut Bars) {
    let of = |name: &str| duets.iter().find(|duet| duet.name == name).unwrap();
    for name in [SmokeSignal::NAME, ByName::NAME] {
        let what = format!("emit, two threads against one, {name}");
        // By the median, which is of batches too: a best time is of a batch that was disturbed less.
        bars.plain(
            what,
            median(of(name).two.rounds.clone()),
            median(of(name).one.rounds.clone()),
            1.1,
        );
    }
    let ours = &of(SmokeSignal::NAME).two;
    for (rival, limit) in [(ByRwLock::NAME, 1.0 / 8.0), (Signals2::NAME, 1.0)] {
        let what = format!("emit, two threads, against {rival} on two");
        bars.plain(
            what,
            median(ours.rounds.clone()),
            median(of(rival).two.rounds.clone()),
            limit,
        );
    }
}
