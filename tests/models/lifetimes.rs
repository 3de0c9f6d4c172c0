//! The signal is dropped while handles of it are in use on other threads: guards, scopes, an emission
//! under way. (Whoever borrows a signal keeps it from being dropped.)

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use smoke_signal::Signal;

use crate::orders::{self, Crossing, Scene, Step, step};

/// What is done by a handle.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Handle {
    Scoped,
    Block,
    BlockAll,
    Emitting,
    /// An emission under way comes to the slot's turn, and ends.
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

/// What the slot has captured counts its calls, and whether it has gone.
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

/// The handles are used, each on a thread, and the signal is dropped on another: the captures go then
/// and there, though a guard may be using what the signal has left behind.
fn scene(kind: Kind, handles: &[Handle]) -> Scene {
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
    drop(signal.calls()); // a snapshot is there
    let all_goes = handles
        .iter()
        .all(|handle| matches!(handle, Handle::Block | Handle::BlockAll));
    steps.push({
        let seen = Arc::clone(&seen);
        step(move || {
            drop(signal);
            // Whoever emits or disconnects the slot at this moment has it in hand.
            all_goes.then(|| seen.dropped.load(Ordering::Relaxed))
        })
    });
    // A handle asks by a count that `loom` does not see whether the signal is there.
    let crossing = Crossing::default();
    let threads = steps
        .into_iter()
        .map(|deed| {
            let crossing = crossing.clone();
            let deed: Step = Box::new(move || {
                crossing.pass();
                deed()
            });
            vec![deed]
        })
        .collect();
    let afterwards = step(move || {
        assert_eq!(seen.dropped.load(Ordering::Relaxed), 1, "the captures");
        seen
    });
    Scene {
        threads,
        afterwards,
    }
}

fn check(kind: Kind, preemptions: Option<usize>, handles: &[Handle]) {
    let handles = handles.to_vec();
    let name = format!("the signal is dropped, {handles:?}, {kind:?}");
    orders::check(&name, preemptions, move || scene(kind, &handles), |_| None);
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
