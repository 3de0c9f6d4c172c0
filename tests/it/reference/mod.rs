//! The library next to reference models: random programs are run by both, and everything that can
//! be observed is compared after each operation, those of slots that are being called included.
//!
//! `signal` compares signals, `registry` compares registries, in the same way:
//!
//! - `operations`: what a program is; `strategies`: how proptest makes one up.
//! - `events`: what can be observed.
//! - `model`: what should be. `library`: what is.
//! - `regressions`: programs that told the two apart.
//!
//! `streams`, a smaller one, compares the streams of a signal with queues.
//!
//! Each property runs 500 programs, or as many as it is told to (CI: 2000):
//! `PROPTEST_CASES=20000 cargo test --release --test it reference`. The same files serve the fuzz
//! targets in `fuzz/`.
//!
//! Each was seen to fail when the library was broken on purpose:
//!
//! | broken on purpose | fails |
//! |---|---|
//! | groups do not count, or only with `first`; `first` does not count, holds for ever, or puts the latest behind | `signal` |
//! | the list is published without being arranged; the copy of a list lacks a slot | `signal` |
//! | `len` counts promised keys, or what has expired | `signal` |
//! | a second guard, or blocked slots, are not counted; the list is not marked as a slot is blocked | `signal`, `registry` |
//! | one guard of several unblocks all; the list of no slots stays; a change publishes in spite of a block | `signal` |
//! | slots that leave, or the list they leave, are not marked; that mark is asked for once | `signal`, `registry` |
//! | an emission that begins to ask each slot skips one, goes back by one, or forgets the results so far | `signal`, `registry` |
//! | one call more than the budget; the last call leaves its slot; a limited slot is called without being charged | `signal` |
//! | weak slots never expire, are not swept, or count as disconnected when they have expired | `signal` |
//! | `Calls` advances after the call | `signal` |
//! | the last call takes a callback off one of its names only; so does `disconnect` | `registry` |
//! | a callback is charged after its call; an emission tells how many slots there were | `registry` |
//! | `disconnect` answers `true` for a callback whose slots have left through a typed signal | `registry` |
//! | items go to the front; missed ones are not counted; the end comes before what is buffered | `streams` |
//!
//! A failure prints the smallest program that still fails. Add that to `regressions`: as printed, but
//! for a `vec!` before each bracket.

pub(crate) mod registry;
pub(crate) mod signal;
#[cfg(all(feature = "async", not(fuzzing)))]
mod streams;
mod table;

use std::fmt::Debug;
use std::panic::{self, AssertUnwindSafe};

/// A panic on purpose, of that slot; `None`: from outside of slots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Thrown(pub(crate) Option<usize>);

impl Thrown {
    /// Panics without a word on the terminal.
    fn throw(self) -> ! {
        panic::resume_unwind(Box::new(self))
    }

    /// What was thrown. Anything else is a failed assertion, and goes on.
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

/// Where `pick` points to in a list; `None` if that is empty.
fn one_of<T: Copy>(list: &[T], pick: u8) -> Option<T> {
    let place = usize::from(pick) % list.len().max(1);
    list.get(place).copied()
}

/// Compares what the model has foreseen of an operation with what the library has shown.
#[track_caller]
fn agree<E: Debug>(
    operation: &impl Debug,
    (foreseen, shown): (&[E], &[E]),
    admits: impl Fn(&E, &E) -> bool,
) {
    for place in 0..foreseen.len().max(shown.len()) {
        let (foreseen, shown) = (foreseen.get(place), shown.get(place));
        let agreed = match (foreseen, shown) {
            (Some(foreseen), Some(shown)) => admits(foreseen, shown),
            _ => false,
        };
        assert!(
            agreed,
            "{operation:?}, event {place}:\n    foreseen {foreseen:?}\n    shown    {shown:?}"
        );
    }
}

/// So many programs as `PROPTEST_CASES` says, or 500. A failure is shrunk and printed; there is no
/// file of them to carry along.
#[cfg(not(fuzzing))]
fn config() -> proptest::test_runner::Config {
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
