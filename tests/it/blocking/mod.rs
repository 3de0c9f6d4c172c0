//! Blocking one slot and the whole signal.

use std::sync::{Arc, Mutex};

use smoke_signal::{BlockGuard, Connection, Signal};

mod emissions;
mod signals;
mod slots;

/// A guard to be dropped later, by a slot that exists before it.
type Later = Arc<Mutex<Option<BlockGuard>>>;

/// A signal with the slots `a`, `b`, `c`.
fn abc() -> (Signal<(), char>, [Connection; 3]) {
    let signal = Signal::<(), char>::new();
    let slots = ['a', 'b', 'c'].map(|letter| signal.connect(move || letter));
    (signal, slots)
}

/// How the listing shows the signal's slots: for each whether it is blocked.
fn shown(signal: &Signal<(), char>) -> Vec<bool> {
    signal.slots().iter().map(|slot| slot.blocked).collect()
}
