//! The behaviours of Python's smokesignal, as shown by its own tests and by what its code visibly does.
//! A comment names the original test, and says how [`Registry`](smoke_signal::Registry) differs if it does.

use smoke_signal::{Registry, SignatureMismatch};

mod disconnecting;
mod emission;
mod guard;
mod limits;
mod module;
mod registration;

type Outcome = Result<(), SignatureMismatch>;

/// Emits a name `times` times without arguments, and returns how many callbacks ran.
#[track_caller]
fn emit_often(registry: &Registry, name: &str, times: usize) -> usize {
    (0..times)
        .map(|_| registry.emit(name, ()).expect("bound to no arguments"))
        .sum()
}
