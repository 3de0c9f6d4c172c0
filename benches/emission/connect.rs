//! A number of slots are connected, then disconnected one by one in a shuffled order; or one slot is
//! connected and disconnected beside a number of others.

use std::hint::black_box;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use signals2::{Connect1, Emit1};
use slotmap::{DefaultKey, SlotMap};
use smoke_signal::{Connection, Signal};

use crate::measure::{Candidate, Effort, Samples, compete};
use crate::report::{Table, Thresholds};
use crate::rivals::{Counters, SharedSlot, Slot};

const ROUNDS: usize = 51;

trait Connects: Default + 'static {
    const NAME: &'static str;
    type Key;

    fn connect(&self, slot: impl Slot) -> Self::Key;
    fn disconnect(&self, key: &Self::Key);
    fn emit(&self, argument: i32);
}

/// The floor: an allocation for the closure, and a slotmap's insertion and removal under a mutex.
#[derive(Default)]
struct Floor(Mutex<SlotMap<DefaultKey, SharedSlot>>);

impl Connects for Floor {
    const NAME: &'static str = "Mutex<SlotMap>";
    type Key = DefaultKey;

    fn connect(&self, slot: impl Slot) -> DefaultKey {
        self.0.lock().unwrap().insert(Arc::new(slot))
    }

    fn disconnect(&self, key: &DefaultKey) {
        // In two steps, so that captures are not dropped under the lock.
        let slot = self.0.lock().unwrap().remove(*key);
        drop(slot);
    }

    fn emit(&self, argument: i32) {
        self.0.lock().unwrap().values().for_each(|f| f(argument));
    }
}

impl Connects for Signal<(i32,)> {
    const NAME: &'static str = "smoke-signal";
    type Key = Connection;

    fn connect(&self, slot: impl Slot) -> Connection {
        self.connect(slot)
    }

    fn disconnect(&self, key: &Connection) {
        self.disconnect(*key);
    }

    fn emit(&self, argument: i32) {
        self.emit(argument);
    }
}

#[derive(Default)]
struct Signals2(signals2::Signal<(i32,)>);

impl Connects for Signals2 {
    const NAME: &'static str = "signals2";
    type Key = signals2::Connection;

    fn connect(&self, slot: impl Slot) -> signals2::Connection {
        self.0.connect(slot)
    }

    fn disconnect(&self, key: &signals2::Connection) {
        key.disconnect();
    }

    fn emit(&self, argument: i32) {
        self.0.emit(argument);
    }
}

fn candidate<C: Connects>(slots: u32) -> Candidate {
    let counters = Counters::new(slots);
    let closures = counters.slots();
    let order = shuffled(slots);
    let signal = C::default();
    let mut keys = Vec::with_capacity(order.len());

    // Connected slots are called, and disconnected ones are not.
    keys.extend(closures.iter().map(|&slot| signal.connect(slot)));
    signal.emit(1);
    assert!(counters.each_was(1), "calls by {}", C::NAME);
    for key in keys.drain(..) {
        signal.disconnect(&key);
    }
    signal.emit(1);
    assert!(counters.each_was(0), "calls by {}", C::NAME);

    Candidate::new(C::NAME, move |repetitions| {
        let start = Instant::now();
        for _ in 0..repetitions {
            keys.extend(closures.iter().map(|&slot| signal.connect(slot)));
            for &index in &order {
                signal.disconnect(&keys[index]);
            }
            keys.clear();
        }
        start.elapsed()
    })
}

/// Returns the numbers below `count` in a random order that is the same every time.
fn shuffled(count: u32) -> Vec<usize> {
    let mut order: Vec<_> = (0..count as usize).collect();
    let mut state = 1_u32;
    for last in (1..order.len()).rev() {
        // Knuth's generator, of which only the high bits are random.
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        order.swap(last, (state >> 8) as usize % (last + 1));
    }
    order
}

pub(crate) struct Connecting {
    slots: u32,
    /// The floor comes first.
    candidates: Vec<Samples>,
}

pub(crate) fn run(effort: Effort) -> Vec<Connecting> {
    [16, 1000, 10_000]
        .map(|slots| {
            let mut candidates = vec![
                candidate::<Floor>(slots),
                candidate::<Signal<(i32,)>>(slots),
            ];
            // `signals2` copies all slots for each change: 10000 slots would take minutes.
            if slots <= 1000 {
                candidates.push(candidate::<Signals2>(slots));
            }
            let samples = compete(candidates, effort, ROUNDS).into_iter();
            Connecting {
                slots,
                candidates: samples.map(|samples| samples.divided(slots)).collect(),
            }
        })
        .into()
}

/// Connects and disconnects one slot beside others that stay. Nothing is emitted in between.
fn one_more<C: Connects>(others: u32) -> Candidate {
    let counters = Counters::new(others);
    let closures = counters.slots();
    let signal = C::default();
    for &slot in &closures {
        signal.connect(slot);
    }

    Candidate::new(C::NAME, move |repetitions| {
        let signal = black_box(&signal);
        let start = Instant::now();
        for _ in 0..repetitions {
            signal.disconnect(&signal.connect(closures[0]));
        }
        let time = start.elapsed();
        // The others stayed.
        signal.emit(1);
        assert!(counters.each_was(1), "calls by {}", C::NAME);
        time
    })
}

pub(crate) fn one(effort: Effort) -> Vec<(u32, Vec<Samples>)> {
    let compete = |others| {
        let candidates = vec![
            one_more::<Floor>(others),
            one_more::<Signal<(i32,)>>(others),
        ];
        (others, compete(candidates, effort, ROUNDS))
    };
    [16, 10_000].map(compete).into()
}

pub(crate) fn one_table(rows: &[(u32, Vec<Samples>)]) -> Table {
    let mut table = Table::new("connect + disconnect one slot beside others", "others");
    for (others, samples) in rows {
        table.row(others, samples);
    }
    table
}

pub(crate) fn table(rows: &[Connecting]) -> Table {
    let mut table = Table::new("connect + disconnect, per slot", "slots");
    for row in rows {
        table.row(row.slots, &row.candidates);
    }
    table
}

pub(crate) fn thresholds(rows: &[Connecting], thresholds: &mut Thresholds) {
    for row in rows {
        let [floor, ours, ..] = &row.candidates[..] else {
            unreachable!("there are at least two candidates");
        };
        let what = format!(
            "connect + disconnect, {} slots, against the floor",
            row.slots
        );
        let limit = if row.slots == 16 { 2.5 } else { 2.0 };
        thresholds.ratio(what, ours, floor, limit);
    }
    for (index, name) in [(1, "ours"), (0, "the floor")] {
        let times = || rows.iter().map(|row| row.candidates[index].best());
        let what = format!("connect + disconnect, slowest against fastest number of slots, {name}");
        let slowest = times().fold(0.0, f64::max);
        let fastest = times().fold(f64::INFINITY, f64::min);
        thresholds.plain(what, slowest, fastest, 1.3);
    }
}
