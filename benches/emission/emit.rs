//! One thread emits to 0 to 100000 slots.

use std::hint::black_box;
use std::sync::Arc;

use smoke_signal::Signal;

use crate::measure::{Candidate, Effort, Samples, compete};
use crate::report::{Table, Thresholds};
use crate::rivals::{
    ByArcSwap, ByRwLock, Counters, RawLoop, Rival, Signals2, SmokeSignal, emitting,
};

const ROUNDS: usize = 301;
const SLOTS: [u32; 7] = [0, 1, 4, 16, 64, 1000, 100_000];
const WEAK_SLOTS: u32 = 16;

pub(crate) struct Emissions {
    pub(crate) slots: u32,
    /// The floor comes first.
    pub(crate) candidates: Vec<Samples>,
}

impl Emissions {
    fn of<R: Rival>(&self) -> &Samples {
        let found = self.candidates.iter().find(|c| c.name == R::NAME);
        found.expect("every candidate has a row")
    }
}

pub(crate) fn run(effort: Effort) -> Vec<Emissions> {
    let slots = SLOTS.into_iter().filter(|&slots| match effort {
        Effort::Full => true,
        Effort::Quick | Effort::Check => slots <= 1000,
    });
    let compete = |slots| Emissions {
        slots,
        candidates: compete(candidates(slots), effort, ROUNDS),
    };
    slots.map(compete).collect()
}

fn candidates(slots: u32) -> Vec<Candidate> {
    let mut candidates = vec![
        candidate::<RawLoop>(slots),
        candidate::<SmokeSignal>(slots),
        candidate::<ByRwLock>(slots),
        candidate::<ByArcSwap>(slots),
    ];
    // `signals2` copies all slots for each `connect`: 100000 slots would take minutes.
    if slots <= 1000 {
        candidates.push(candidate::<Signals2>(slots));
    }
    candidates
}

fn candidate<R: Rival + 'static>(slots: u32) -> Candidate {
    let counters = Counters::new(slots);
    emitting(R::with_slots(counters.slots()), counters)
}

/// Measures how many nanoseconds longer it takes to emit a signal that was never connected to than to
/// call a function that does nothing.
pub(crate) fn unused(effort: Effort, thresholds: &mut Thresholds) {
    #[inline(never)]
    fn nothing(argument: i32) {
        black_box(argument);
    }
    let signal = Signal::<(i32,)>::new();
    let candidates = vec![
        Candidate::checked("an empty call", nothing, |_| ()),
        Candidate::checked(
            "unused signal",
            move |argument| {
                black_box(&signal).emit(argument);
            },
            |_| (),
        ),
    ];
    let samples = compete(candidates, effort, ROUNDS);
    let (call, signal) = (samples[0].best(), samples[1].best());
    let what = format!(
        "emit, signal never used: ns more than an empty call ({signal:.1} against {call:.1})"
    );
    thresholds.plain(what, signal - call, 1.0, 1.0);
}

/// Emits to slots that are connected with `connect_weak`, each to an object of its own, compared with
/// the same number of plain slots.
pub(crate) fn weak(effort: Effort) -> Vec<Samples> {
    let plain = Counters::new(WEAK_SLOTS);
    let weak = Counters::new(WEAK_SLOTS);
    let signal = Signal::<(i32,)>::new();
    let objects = weak.slots().into_iter().map(|slot| {
        let object = Arc::new(slot);
        signal.connect_weak(&object, |slot, argument| slot(argument));
        object
    });
    let objects = Vec::from_iter(objects);
    let candidates = vec![
        emitting(SmokeSignal::with_slots(plain.slots()), plain),
        Candidate::checked(
            "weak slots",
            move |argument| {
                black_box(&signal).emit(argument);
            },
            move |emissions| {
                assert_eq!(objects.len(), WEAK_SLOTS as usize);
                assert!(weak.each_was(emissions), "calls of weak slots");
            },
        ),
    ];
    compete(candidates, effort, ROUNDS)
}

pub(crate) fn weak_table(samples: &[Samples]) -> Table {
    let mut table = Table::new("emit, one thread, weak slots", "slots");
    table.row(WEAK_SLOTS, samples);
    table
}

pub(crate) fn table(rows: &[Emissions]) -> Table {
    let mut table = Table::new("emit, one thread", "slots");
    for row in rows {
        table.row(row.slots, &row.candidates);
    }
    table
}

pub(crate) fn thresholds(rows: &[Emissions], thresholds: &mut Thresholds) {
    let mut all = |rival: &str, limit: fn(u32) -> Option<f64>| {
        for row in rows {
            let Some(floor) = row.candidates.iter().find(|c| c.name == rival) else {
                continue;
            };
            if let Some(limit) = limit(row.slots) {
                let what = format!("emit, {} slots, against {rival}", row.slots);
                thresholds.ratio(what, row.of::<SmokeSignal>(), floor, limit);
            }
        }
    };
    all(RawLoop::NAME, |slots| match slots {
        1 => Some(3.0),
        4 => Some(1.45),
        16 => Some(1.15),
        64 => Some(1.05),
        1000 => Some(1.03),
        _ => None,
    });
    let hand_written = |slots| match slots {
        0 => None,
        1 | 4 => Some(1.0),
        16 => Some(1.08),
        _ => Some(1.03),
    };
    all(ByArcSwap::NAME, hand_written);
    all(ByRwLock::NAME, hand_written);
    all(Signals2::NAME, |slots| match slots {
        1 => Some(0.5),
        _ => Some(1.0),
    });
}
