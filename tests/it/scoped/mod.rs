//! Scoped handles, which disconnect when they are dropped.

use std::sync::{Arc, Mutex};

use smoke_signal::{Connection, ScopedConnection, Signal, SignatureMismatch};

mod dropped;
mod handles;

type Outcome = Result<(), SignatureMismatch>;

/// A handle to be dropped later, by a slot that exists before it.
type Later = Arc<Mutex<Option<ScopedConnection>>>;

/// A signal with the slots `a`, `b`, `c`; the handle of `b`.
fn abc() -> (Signal<(), char>, ScopedConnection, Connection) {
    let signal = Signal::<(), char>::new();
    signal.connect(|| 'a');
    let slot = signal.connect(|| 'b');
    signal.connect(|| 'c');
    let scoped = signal.scoped(slot);
    (signal, scoped, slot)
}
