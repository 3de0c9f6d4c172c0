//! The signal is dropped while other threads use handles of it: guards, scopes, an emission in progress. (A
//! thread that borrows a signal keeps it from being dropped.)

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use smoke_signal::Signal;

use crate::orders::{self, Crossing, Scenario, Step, step};

/// An operation of a handle.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Handle {
    Scoped,
    Block,
    BlockAll,
    Emitting,
    /// Continues an emission in progress, with the slot, and ends it.
    Calls,
}

const HANDLES: [Handle; 5] = [
    Handle::Scoped,
    Handle::Block,
    Handle::BlockAll,
    Handle::Emitting,
    Handle::Calls,
];

#[derive(Clone, Copy, Debug)]
struct Kind {
    one_call_left: bool,
    waitable: bool,
}

/// Counts the calls and drops of the capture.
#[derive(Debug, Default)]
struct Seen {
    calls: AtomicUsize,
    dropped: AtomicUsize,
}

struct Capture(Arc<Seen>);

impl Drop for Capture {
    fn drop(&mut self) {
        self.0.dropped.fetch_add(1, Ordering::Relaxed);
    }
}

/// Each handle is used on its own thread, and the signal is dropped on another. The captures are dropped
/// with it, even if a guard is using what remains of the signal.
fn scenario(kind: Kind, handles: &[Handle]) -> Scenario {
    let signal = Signal::<()>::new();
    let seen = Arc::new(Seen::default());
    let capture = Capture(Arc::clone(&seen));
    let mut options = signal.options();
    if kind.one_call_left {
        options = options.max_calls(1);
    }
    if kind.waitable {
        options = options.waitable();
    }
    let slot = options.connect(move || {
        capture.0.calls.fetch_add(1, Ordering::Relaxed);
    });
    let mut steps: Vec<Step> = Vec::new();
    for handle in handles {
        steps.push(match handle {
            Handle::Scoped => {
                let scoped = signal.scoped(slot);
                step(move || drop(scoped))
            }
            Handle::Block => {
                let guard = signal.block(slot);
                step(move || drop(guard))
            }
            Handle::BlockAll => {
                let guard = signal.block_all();
                step(move || drop(guard))
            }
            Handle::Emitting => {
                let guard = signal.emitting();
                step(move || drop(guard))
            }
            Handle::Calls => {
                let mut calls = signal.calls();
                step(move || calls.next())
            }
        });
    }
    drop(signal.calls()); // publishes the snapshot
    let drops_all = handles
        .iter()
        .all(|handle| matches!(handle, Handle::Block | Handle::BlockAll));
    steps.push({
        let seen = Arc::clone(&seen);
        step(move || {
            drop(signal);
            // A thread that is emitting or disconnecting the slot may hold it.
            drops_all.then(|| seen.dropped.load(Ordering::Relaxed))
        })
    });
    // A handle checks whether the signal exists by a reference count that `loom` does not see.
    let crossing = Crossing::default();
    let threads = steps
        .into_iter()
        .map(|operation| {
            let crossing = crossing.clone();
            let operation: Step = Box::new(move || {
                crossing.pass();
                operation()
            });
            vec![operation]
        })
        .collect();
    let afterwards = step(move || {
        assert_eq!(seen.dropped.load(Ordering::Relaxed), 1, "the captures");
        seen
    });
    Scenario {
        threads,
        afterwards,
    }
}

fn check(kind: Kind, preemptions: Option<usize>, handles: &[Handle]) {
    let handles = handles.to_vec();
    let name = format!("the signal is dropped, {handles:?}, {kind:?}");
    orders::check(
        &name,
        preemptions,
        move || scenario(kind, &handles),
        |_| None,
    );
}

const KINDS: [Kind; 3] = [
    Kind {
        one_call_left: false,
        waitable: false,
    },
    Kind {
        one_call_left: true,
        waitable: false,
    },
    Kind {
        one_call_left: false,
        waitable: true,
    },
];

#[test]
fn signal_drop_against_a_handle() {
    for kind in KINDS {
        for handle in HANDLES {
            check(kind, None, &[handle]);
        }
    }
}

/// Two preemptions.
#[test]
fn signal_drop_against_two_handles() {
    for kind in KINDS {
        for (n, one) in HANDLES.into_iter().enumerate() {
            for other in HANDLES.into_iter().take(n + 1) {
                check(kind, Some(2), &[one, other]);
            }
        }
    }
}
