//! Emission on a busy machine: one thread per core reads and writes memory.

use std::hint::black_box;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use crate::measure::{Effort, Samples, compete};
use crate::report::Table;
use crate::rivals::{ByArcSwap, ByRwLock, Counters, RawLoop, Rival, SmokeSignal, emitting};

const ROUNDS: usize = 101;
/// More than fits into the caches of one core.
const WORDS: usize = 1 << 20;

pub(crate) fn run(effort: Effort) -> Vec<(u32, Vec<Samples>)> {
    let over = AtomicBool::new(false);
    let cores = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                let mut memory = vec![1_u64; WORDS];
                while !over.load(Ordering::Relaxed) {
                    for word in &mut memory {
                        *word = word.wrapping_mul(3);
                    }
                    black_box(&mut memory);
                }
            });
        }
        let rows = [1, 4, 64].map(|slots| {
            let counters = Counters::new(slots);
            let candidates = vec![
                emitting(RawLoop::with_slots(counters.slots()), counters),
                emitting(SmokeSignal::with_slots(counters.slots()), counters),
                emitting(ByRwLock::with_slots(counters.slots()), counters),
                emitting(ByArcSwap::with_slots(counters.slots()), counters),
            ];
            (slots, compete(candidates, effort, ROUNDS))
        });
        over.store(true, Ordering::Relaxed);
        rows.into()
    })
}

pub(crate) fn table(rows: &[(u32, Vec<Samples>)]) -> Table {
    let mut table = Table::new("emit, one thread, all cores busy", "slots");
    for (slots, candidates) in rows {
        table.row(slots, candidates);
    }
    table
}
