//! Differential tests: the library and a reference model run the same random programs. After each
//! operation, including those that slots perform while they are called, everything observable is
//! compared.
//!
//! `signal` compares signals, those for threads and those for one thread, also with each other: their traces are equal.
//! `registry` compares registries. Both have the same structure:
//!
//! - `operations` defines programs; `strategies` generates them with proptest.
//! - `events` defines what can be observed.
//! - `model` predicts what should happen; `library` records what does happen.
//! - `regressions` holds programs on which the two once disagreed.
//!
//! `streams` and `queue` are smaller: they compare a signal's streams, and the `Queue`, with plain queues.
//!
//! Each property runs 500 programs, or as many as `PROPTEST_CASES` says (2000 in CI):
//! `PROPTEST_CASES=20000 cargo test --release --test it reference`. The fuzz targets in `fuzz/` use
//! the same files.
//!
//! Each property was seen to fail when the library was broken on purpose:
//!
//! | broken on purpose | fails |
//! |---|---|
//! | groups are ignored, or used only with `first`; `first` is ignored, never ends, or puts the newest last | `signal` |
//! | a snapshot is published before it is sorted; a copied snapshot lacks a slot | `signal` |
//! | `len` counts reserved keys, or expired slots | `signal` |
//! | a second guard, or blocked slots, are not counted; blocking a slot does not mark the snapshot | `signal`, `registry` |
//! | one of several guards unblocks all; the empty snapshot stays published; a change publishes despite a block | `signal` |
//! | disconnected slots, or their snapshot, are not marked; the mark is read only once | `signal`, `registry` |
//! | an emission that switches to checking each slot skips one, repeats one, or loses the results so far | `signal`, `registry` |
//! | one call more than the budget; the last call does not disconnect its slot; a limited slot is called without being charged | `signal` |
//! | weak slots never expire, are never removed, or count as disconnected once they have expired | `signal` |
//! | `Calls` advances after the call | `signal` |
//! | the last call, or `disconnect`, removes a callback from only one of its names | `registry` |
//! | `LocalSignal`: slots that leave are not marked; the last call does not disconnect; an ended emission puts back a list that has been changed; `block_all` leaves the list current; orphans are forgotten; a connect looks at 2 weak slots and not 8; a copied list is not current at once | `signal`: the model (but for the last one), and the traces of both kinds |
//! | `connect_mut`: a running slot is called, is not blocked, or does not count what it missed; its closure is not put back | `signal` |
//! | a callback is charged after its call; an emission returns the number of slots, not of calls | `registry` |
//! | `disconnect` returns `true` for a callback whose slots were disconnected through a typed signal | `registry` |
//! | items are added at the front; missed items are not counted; the stream ends before its buffered items | `streams` |
//!
//! A failure prints the smallest program that still fails. Add it to `regressions` as printed, with a
//! `vec!` before each bracket.

#[cfg(not(fuzzing))]
mod queue;
pub(crate) mod registry;
pub(crate) mod signal;
#[cfg(all(feature = "async", not(fuzzing)))]
mod streams;
mod table;

use std::fmt::Debug;
use std::panic::{self, AssertUnwindSafe};

/// The payload of a deliberate panic in this slot, or outside of slots if `None`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Thrown(pub(crate) Option<usize>);

impl Thrown {
    /// Panics without printing a message.
    fn throw(self) -> ! {
        panic::resume_unwind(Box::new(self))
    }

    /// Recovers the payload. Anything else is a failed assertion and continues to unwind.
    fn of(payload: Box<dyn std::any::Any + Send>) -> Self {
        match payload.downcast() {
            Ok(thrown) => *thrown,
            Err(payload) => panic::resume_unwind(payload),
        }
    }

    fn caught<T>(work: impl FnOnce() -> T) -> Result<T, Self> {
        panic::catch_unwind(AssertUnwindSafe(work)).map_err(Self::of)
    }
}

/// The element at `pick`, modulo the length of the list; `None` if the list is empty.
fn one_of<T: Copy>(list: &[T], pick: u8) -> Option<T> {
    let index = usize::from(pick) % list.len().max(1);
    list.get(index).copied()
}

/// Compares the events that the model expects of an operation with those of the library.
#[track_caller]
fn agree<E: Debug>(
    operation: &impl Debug,
    (expected, actual): (&[E], &[E]),
    allows: impl Fn(&E, &E) -> bool,
) {
    for index in 0..expected.len().max(actual.len()) {
        let (expected, actual) = (expected.get(index), actual.get(index));
        let agreed = match (expected, actual) {
            (Some(expected), Some(actual)) => allows(expected, actual),
            _ => false,
        };
        assert!(
            agreed,
            "{operation:?}, event {index}:\n    expected {expected:?}\n    actual   {actual:?}"
        );
    }
}

/// Runs as many programs as `PROPTEST_CASES` says, or 500. Failures are shrunk and printed, not saved
/// to a file.
#[cfg(not(fuzzing))]
pub(crate) fn config() -> proptest::test_runner::Config {
    let default = proptest::test_runner::Config::default();
    let cases = match std::env::var_os("PROPTEST_CASES") {
        Some(_) => default.cases,
        None => 500,
    };
    proptest::test_runner::Config {
        cases,
        failure_persistence: None,
        ..default
    }
}
