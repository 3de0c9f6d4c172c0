//! Emissions beside a thread that changes the same list without pause, compared with emissions while nothing changes.

use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::measure::{Effort, Samples, median, nanoseconds};
use crate::report::{Table, Thresholds};
use crate::rivals::{ByArcSwap, ByRwLock, Counters, Rival, SharedSlot, SmokeSignal};

const SLOTS: u32 = 16;
/// The number of rounds to collect in which both threads ran side by side, and the number of attempts to make.
const ROUNDS: usize = 21;
const TRIES: usize = 61;
const TIME: Duration = Duration::from_millis(20);
/// Far shorter than a scheduler's time slice: threads that share a core do not both make progress in a batch.
const BATCH: u32 = 256;

/// A list of slots that one thread can change while others emit.
trait Changing: Rival {
    /// Appends a slot, and then removes it.
    fn change(&self);
}

fn another(argument: i32) {
    black_box(argument);
}

impl Changing for SmokeSignal {
    fn change(&self) {
        let slot = self.signal().connect(another);
        self.signal().disconnect(slot);
    }
}

impl Changing for ByRwLock {
    fn change(&self) {
        let slot: SharedSlot = Arc::new(another);
        let mut list = self.list().write().unwrap();
        *list = list.iter().cloned().chain([slot]).collect();
        drop(list);
        let mut list = self.list().write().unwrap();
        *list = list[..SLOTS as usize].iter().cloned().collect();
    }
}

impl Changing for ByArcSwap {
    fn change(&self) {
        let slot: SharedSlot = Arc::new(another);
        let mut list = Vec::clone(&self.list().load());
        list.push(slot);
        self.list().store(Arc::new(list));
        let mut list = Vec::clone(&self.list().load());
        list.pop();
        self.list().store(Arc::new(list));
    }
}

/// How long each emission takes, and the share of batches during which `changes` went up.
fn emit_for(rival: &impl Rival, time: Duration, changes: &AtomicU32) -> (f64, f64) {
    let start = Instant::now();
    let (mut batches, mut beside_changes) = (0, 0);
    loop {
        let before = changes.load(Ordering::Relaxed);
        for _ in 0..BATCH {
            black_box(rival).emit(black_box(1));
        }
        batches += 1;
        beside_changes += u32::from(changes.load(Ordering::Relaxed) != before);
        let taken = start.elapsed();
        if taken >= time {
            let share = f64::from(beside_changes) / f64::from(batches);
            return (nanoseconds(taken, batches * BATCH), share);
        }
    }
}

fn emit_beside_changes(rival: &impl Changing, time: Duration) -> (f64, f64) {
    let (changes, over) = (AtomicU32::new(0), AtomicBool::new(false));
    thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                rival.change();
                changes.fetch_add(1, Ordering::Relaxed);
            }
        });
        while changes.load(Ordering::Relaxed) == 0 {
            thread::yield_now();
        }
        let measured = emit_for(rival, time, &changes);
        over.store(true, Ordering::Relaxed);
        measured
    })
}

struct Beside {
    name: &'static str,
    /// While nothing changes, and beside changes. One value for each round that counts.
    samples: [Samples; 2],
    tries: usize,
}

impl Beside {
    fn rounds(&self) -> usize {
        self.samples[0].rounds.len()
    }

    fn add_threshold(&self, what: String, thresholds: &mut Thresholds) {
        let [quiet, changing] = [0, 1].map(|nth: usize| median(self.samples[nth].rounds.clone()));
        thresholds.plain(what, changing, quiet, 3.0);
    }
}

type Round = Box<dyn FnMut(&mut Beside)>;

fn candidate<R: Changing + 'static>(time: Duration) -> (Beside, Round) {
    let samples = |name| Samples {
        name,
        rounds: Vec::new(),
    };
    let beside = Beside {
        name: R::NAME,
        samples: [samples("quiet"), samples("beside changes")],
        tries: 0,
    };
    let counters = Counters::new(SLOTS);
    let rival = R::with_slots(counters.slots());
    let round = move |beside: &mut Beside| {
        let (quiet, _) = emit_for(&rival, time, &AtomicU32::new(0));
        let (changing, share) = emit_beside_changes(&rival, time);
        beside.tries += 1;
        // If both threads shared a core, the emissions ran as if nothing changed.
        if share > 0.9 {
            beside.samples[0].rounds.push(quiet);
            beside.samples[1].rounds.push(changing);
        }
    };
    (beside, Box::new(round))
}

pub(crate) fn run(effort: Effort, thresholds: &mut Thresholds) {
    let time = match effort {
        Effort::Check => Duration::ZERO,
        Effort::Quick | Effort::Full => TIME,
    };
    let mut candidates = [
        candidate::<SmokeSignal>(time),
        candidate::<ByArcSwap>(time),
        candidate::<ByRwLock>(time),
    ];
    for _ in 0..effort.rounds(TRIES) {
        for (beside, round) in &mut candidates {
            if beside.rounds() < ROUNDS {
                round(beside);
            }
        }
    }
    let title =
        format!("emit to {SLOTS} slots, alone and beside a thread that connects and disconnects");
    let mut table = Table::new(title, "candidate");
    for (beside, _) in &candidates {
        table.row(beside.name, &beside.samples);
    }
    effort.show(&table);
    let rounds = candidates
        .iter()
        .map(|(beside, _)| format!("{} of {}", beside.rounds(), beside.tries));
    let rounds = rounds.collect::<Vec<_>>().join(", ");
    effort.show(&format!(
        "rounds in which two threads ran side by side: {rounds}\n"
    ));

    let [(ours, _), (by_arc_swap, _), _] = &candidates;
    let what = format!("emit, {SLOTS} slots, beside constant changes, against quiet");
    ours.add_threshold(what, thresholds);
    // This one copies its list for each change, which no emission waits for: what a machine allows.
    by_arc_swap.add_threshold(format!("the same, {}", by_arc_swap.name), thresholds);
}
