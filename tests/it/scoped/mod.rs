//! Scoped handles, which disconnect when they are dropped.

use std::sync::{Arc, Mutex};

use smoke_signal::{Connection, ScopedConnection, Signal, SignatureMismatch};

mod dropped;
mod handles;
mod methods;

type Outcome = Result<(), SignatureMismatch>;

/// A handle that a slot connected before it drops later.
type Later = Arc<Mutex<Option<ScopedConnection>>>;

/// A signal with the slots `a`, `b` and `c`, and the handle of `b`.
fn abc() -> (Signal<(), char>, ScopedConnection, Connection) {
    let signal = Signal::<(), char>::new();
    signal.connect(|| 'a');
    let slot = signal.connect(|| 'b');
    signal.connect(|| 'c');
    let scoped = signal.scoped(slot);
    (signal, scoped, slot)
}
