//! Slots are connected and disconnected between emissions.

use std::hint::black_box;
use std::time::Instant;

use smoke_signal::Signal;

use crate::measure::{Candidate, Effort, Samples, compete};
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
