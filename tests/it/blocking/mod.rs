//! Blocking one slot and the whole signal.

use std::sync::{Arc, Mutex};

use smoke_signal::{BlockGuard, Connection, Signal};

mod emissions;
mod signals;
mod slots;

/// A guard that a slot connected before it drops later.
type Later = Arc<Mutex<Option<BlockGuard>>>;

/// A signal with the slots `a`, `b` and `c`.
fn abc() -> (Signal<(), char>, [Connection; 3]) {
    let signal = Signal::<(), char>::new();
    let slots = ['a', 'b', 'c'].map(|letter| signal.connect(move || letter));
    (signal, slots)
}

/// Whether each slot is blocked, according to `slots`.
fn shown(signal: &Signal<(), char>) -> Vec<bool> {
    signal.slots().iter().map(|slot| slot.blocked).collect()
}
