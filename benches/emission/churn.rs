//! Slots are connected and disconnected between emissions, or by another thread during them.

use std::hint::black_box;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use smoke_signal::Signal;

use crate::measure::{Candidate, Effort, Samples, compete, nanoseconds};
use crate::report::{Table, Thresholds};
use crate::rivals::Counters;

const ROUNDS: usize = 201;
const SLOTS: u32 = 1000;

/// Measures two emissions, and two emissions with a change before each: either a slot is connected
/// and then disconnected again, or every slot in turn is disconnected and then connected again.
pub(crate) fn run(effort: Effort) -> Vec<Samples> {
    let signal = |counters: Counters| {
        let signal = Signal::<(i32,)>::new();
        let keys = counters
            .slots()
            .into_iter()
            .map(|slot| signal.connect(slot));
        (keys.collect::<Vec<_>>(), signal)
    };
    let check = |counters: Counters| {
        move |times: u32| assert!(counters.each_was(2 * times), "calls between changes")
    };

    let quiet = Counters::new(SLOTS);
    let (_, quiet_signal) = signal(quiet);
    let last = Counters::new(SLOTS);
    let (_, last_signal) = signal(last);
    let middle = Counters::new(SLOTS);
    let (mut keys, middle_signal) = signal(middle);
    let middle_slots = middle.slots();
    let mut index = 0;
    let candidates = vec![
        Candidate::checked(
            "two emissions",
            move |argument| {
                black_box(&quiet_signal).emit(argument);
                black_box(&quiet_signal).emit(argument);
            },
            check(quiet),
        ),
        Candidate::checked(
            "connect, disconnect",
            move |argument| {
                let signal = black_box(&last_signal);
                let slot = signal.connect(|argument| {
                    black_box(argument);
                });
                signal.emit(argument);
                signal.disconnect(slot);
                signal.emit(argument);
            },
            check(last),
        ),
        // A slot misses one emission and is then connected again behind the others.
        Candidate::new("disconnect, reconnect", move |times| {
            let signal = black_box(&middle_signal);
            let start = Instant::now();
            for _ in 0..times {
                index = (index + 389) % keys.len();
                signal.emit(1);
                signal.disconnect(keys[index]);
                keys[index] = signal.connect(middle_slots[index]);
                signal.emit(1);
            }
            let time = start.elapsed();
            assert!(middle.each_was(2 * times), "calls between changes");
            time
        }),
    ];
    compete(candidates, effort, ROUNDS)
}

pub(crate) fn table(samples: &[Samples]) -> Table {
    let mut table = Table::new("two emissions and two changes", "slots");
    table.row(SLOTS, samples);
    table
}

pub(crate) fn thresholds(samples: &[Samples], thresholds: &mut Thresholds) {
    for changing in &samples[1..] {
        let what = format!(
            "churn, {SLOTS} slots, {}, against two emissions",
            changing.name
        );
        thresholds.ratio(what, changing, &samples[0], 2.0);
    }
}

const EMITTED_SLOTS: u32 = 16;
const TIME: Duration = Duration::from_millis(20);
const BESIDE_ROUNDS: usize = 31;

/// Measures emissions while nothing changes, and while another thread connects and disconnects
/// without pause.
pub(crate) fn beside_changes(effort: Effort) -> Vec<Samples> {
    let signal = Signal::<(i32,)>::new();
    for slot in Counters::new(EMITTED_SLOTS).slots() {
        signal.connect(slot);
    }
    let time = match effort {
        Effort::Check => Duration::ZERO,
        Effort::Quick | Effort::Full => TIME,
    };
    let mut quiet = Vec::new();
    let mut beside = Vec::new();
    for _ in 0..effort.rounds(BESIDE_ROUNDS) {
        quiet.push(emit_for(&signal, time));
        let changes = AtomicU32::new(0);
        let over = AtomicBool::new(false);
        let each = thread::scope(|scope| {
            scope.spawn(|| {
                while !over.load(Ordering::Relaxed) {
                    let slot = signal.connect(|argument| {
                        black_box(argument);
                    });
                    signal.disconnect(slot);
                    changes.fetch_add(2, Ordering::Relaxed);
                }
            });
            while changes.load(Ordering::Relaxed) == 0 {
                thread::yield_now();
            }
            changes.store(0, Ordering::Relaxed);
            let each = emit_for(&signal, time);
            over.store(true, Ordering::Relaxed);
            // If both threads shared a core, the emissions ran as if nothing changed.
            (changes.load(Ordering::Relaxed) > 1000).then_some(each)
        });
        beside.extend(each);
    }
    let samples = |name, rounds| Samples { name, rounds };
    vec![samples("quiet", quiet), samples("beside changes", beside)]
}

fn emit_for(signal: &Signal<(i32,)>, time: Duration) -> f64 {
    const EMISSIONS: u32 = 256;
    let start = Instant::now();
    let mut emissions = 0;
    loop {
        for _ in 0..EMISSIONS {
            black_box(signal).emit(black_box(1));
        }
        emissions += EMISSIONS;
        let taken = start.elapsed();
        if taken >= time {
            return nanoseconds(taken, emissions);
        }
    }
}

pub(crate) fn beside_table(samples: &[Samples]) -> Table {
    let mut table = Table::new(
        "emit, alone and beside a thread that connects and disconnects",
        "slots",
    );
    table.row(EMITTED_SLOTS, samples);
    table
}

pub(crate) fn beside_thresholds(samples: &[Samples], thresholds: &mut Thresholds) {
    let what = format!("emit, {EMITTED_SLOTS} slots, beside constant changes, against quiet");
    let middle = |samples: &Samples| crate::measure::median(samples.rounds.clone());
    thresholds.plain(what, middle(&samples[1]), middle(&samples[0]), 3.0);
}
