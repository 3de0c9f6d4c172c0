//! Models of what threads may do to one signal at once, run by the model checker `loom` in every
//! order that its memory model allows:
//!
//! ```text
//! RUSTFLAGS="--cfg smoke_signal_loom" cargo test --release --test models
//! ```
//!
//! Under that flag the signal's mutex and atomics are loom's, and the snapshot cell is a stand-in
//! built on loom's mutex. Loom threads are real threads of the model: a promise that one order of
//! steps breaks fails here every time, where a stress test would need luck.
//!
//! | broken on purpose | fails |
//! |---|---|
//! | `connect` does not outdate the snapshot, or does so before it edits the truth | `connect_against_emit`, `two_connects_against_emit` |
//! | an emission stores its snapshot after unlocking the truth | those, `captures_go_with_the_last_user` |
//! | `disconnect` does not mark the slot as gone | `disconnect_against_emit` |
//! | `disconnect` does not outdate the snapshot | `captures_go_with_the_last_user` |
//! | `disconnect` unlocks between finding the slot and taking it out | `two_disconnects` |
//! | a budget is read and written in two steps | `two_emitters_and_a_budget` |
//! | the last call does not take its slot out before it begins | `two_emitters_and_a_budget` |
//! | a slot is charged, then refused because it has gone meanwhile | `last_call_against_disconnect` |
#![cfg(smoke_signal_loom)]

use std::sync::Arc;

use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::thread;
use smoke_signal::Signal;

/// A signal whose core is made already: loom's objects must be made on the model's first thread.
fn signal() -> Arc<Signal<()>> {
    let signal = Arc::new(Signal::<()>::new());
    let placeholder = signal.connect(|| ());
    signal.disconnect(placeholder);
    signal
}

/// A slot that counts its calls.
fn counting(calls: &Arc<AtomicUsize>) -> impl Fn() + Send + Sync + 'static {
    let calls = Arc::clone(calls);
    move || {
        calls.fetch_add(1, Ordering::Relaxed);
    }
}

/// Rule 10: an emission that starts after `connect` has returned calls the slot, whatever another
/// emission does to the snapshot meanwhile.
#[test]
fn connect_against_emit() {
    loom::model(|| {
        let signal = signal();
        let calls = Arc::new(AtomicUsize::new(0));
        let emitter = thread::spawn({
            let signal = Arc::clone(&signal);
            move || signal.emit().len()
        });
        signal.connect(counting(&calls));
        let ran_here = signal.emit().len();
        let ran_there = emitter.join().unwrap();
        assert_eq!(ran_here, 1, "connected before this emission");
        assert_eq!(calls.load(Ordering::Relaxed), ran_here + ran_there);
        signal.emit();
        assert_eq!(calls.load(Ordering::Relaxed), ran_here + ran_there + 1);
    });
}

/// Two changes and an emission between them: neither is lost.
#[test]
fn two_connects_against_emit() {
    loom::model(|| {
        let signal = signal();
        let calls = Arc::new(AtomicUsize::new(0));
        let connecter = thread::spawn({
            let signal = Arc::clone(&signal);
            let slot = counting(&calls);
            move || {
                signal.connect(slot);
            }
        });
        signal.connect(counting(&calls));
        assert!(!signal.emit().is_empty());
        connecter.join().unwrap();
        assert_eq!(signal.emit().len(), 2);
    });
}

/// An emission that starts after `disconnect` has returned does not call the slot, and one under
/// way passes it over once it can know.
#[test]
fn disconnect_against_emit() {
    loom::model(|| {
        let signal = signal();
        let disconnected = Arc::new(AtomicUsize::new(0));
        let slot = signal.connect(|| ());
        let emitter = thread::spawn({
            let signal = Arc::clone(&signal);
            let disconnected = Arc::clone(&disconnected);
            move || {
                let mut calls = signal.calls();
                // Acquire pairs with the release below: `disconnect` had returned by then.
                let too_late = disconnected.load(Ordering::Acquire) == 1;
                (too_late, calls.next().is_some())
            }
        });
        assert!(signal.disconnect(slot));
        disconnected.store(1, Ordering::Release);
        assert!(signal.emit().is_empty());
        let (too_late, called) = emitter.join().unwrap();
        assert!(!(too_late && called), "called after it was disconnected");
    });
}

/// Rule 5: of two that disconnect one slot, one is told that it did.
#[test]
fn two_disconnects() {
    loom::model(|| {
        let signal = signal();
        let slot = signal.connect(|| ());
        let other = thread::spawn({
            let signal = Arc::clone(&signal);
            move || signal.disconnect(slot)
        });
        let here = signal.disconnect(slot);
        let there = other.join().unwrap();
        assert!(here != there);
    });
}

/// Rule 4: two emissions share a budget of one; the slot has left before its call.
#[test]
fn two_emitters_and_a_budget() {
    loom::model(|| {
        let signal = signal();
        let calls = Arc::new(AtomicUsize::new(0));
        signal.options().max_calls(1).connect_with_key(|me| {
            let signal = Arc::downgrade(&signal);
            let count = counting(&calls);
            move || {
                let signal = signal.upgrade().unwrap();
                assert!(!signal.contains(me), "its last call has begun");
                count();
            }
        });
        let other = thread::spawn({
            let signal = Arc::clone(&signal);
            move || signal.emit().len()
        });
        let here = signal.emit().len();
        let there = other.join().unwrap();
        assert_eq!(here + there, 1);
        assert_eq!(calls.load(Ordering::Relaxed), 1);
        assert!(signal.is_empty());
    });
}

/// Rules 4 and 5: a last call and a `disconnect` race for the slot; whichever way it goes, it is
/// called at most once, and gone.
#[test]
fn last_call_against_disconnect() {
    loom::model(|| {
        let signal = signal();
        let slot = signal.once(|| ());
        let emitter = thread::spawn({
            let signal = Arc::clone(&signal);
            move || signal.emit().len()
        });
        let disconnected = signal.disconnect(slot);
        let ran = emitter.join().unwrap();
        assert!(disconnected || ran == 1, "somebody has it");
        assert!(!signal.contains(slot));
        assert!(signal.emit().is_empty());
    });
}

/// Rule 6: when `disconnect` and the emission under way are both over, the captures are gone, and
/// they went once.
#[test]
fn captures_go_with_the_last_user() {
    struct Capture(Arc<AtomicUsize>);
    impl Drop for Capture {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    loom::model(|| {
        let signal = signal();
        let dropped = Arc::new(AtomicUsize::new(0));
        let capture = Capture(Arc::clone(&dropped));
        let slot = signal.connect(move || {
            let _ = &capture;
        });
        let emitter = thread::spawn({
            let signal = Arc::clone(&signal);
            move || {
                signal.emit();
            }
        });
        signal.disconnect(slot);
        emitter.join().unwrap();
        assert_eq!(dropped.load(Ordering::Relaxed), 1);
    });
}
