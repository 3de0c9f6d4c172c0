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
//! | `block` only outdates the snapshot | `block_against_emit` |
//! | `block` marks the slot before it tells the list to ask its slots | `block_once_seen_stays_seen` |
//! | `block` reads and writes the count in two steps, without the mutex | `two_blocks` |
//! | `block_all` does not outdate the snapshot | `block_all_against_emit` |
//! | an emission does not take out a slot whose object has gone | `weak_drop_against_emit` |
//! | a call of a waitable slot is counted after the slot has been found alive | the `wait` models |
//! | the end of a slot is noted without a notification, or notified before it is noted | the `wait` models |
//! | a waiter sleeps without looking again | the `wait` models |
//! | waitable slots that have left are not remembered | `two_waits`, `wait_against_the_last_call` |
//! | the captures are let go of by the emission, not by the call | `wait_with_an_emission_going_on` |
#![cfg(smoke_signal_loom)]

use std::sync::Arc;

use loom::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use loom::thread;
use smoke_signal::{Connection, Signal, WaitError};

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

/// A blocked slot is not called by an emission that starts afterwards, nor by one under way that
/// comes to its turn afterwards; when the guard has gone it is called again.
#[test]
fn block_against_emit() {
    loom::model(|| {
        let signal = signal();
        let blocked = Arc::new(AtomicBool::new(false));
        let slot = signal.connect(|| ());
        let emitter = thread::spawn({
            let signal = Arc::clone(&signal);
            let blocked = Arc::clone(&blocked);
            move || {
                let mut calls = signal.calls();
                // Acquire pairs with the release below: `block` had returned by then.
                let too_late = blocked.load(Ordering::Acquire);
                (too_late, calls.next().is_some())
            }
        });
        let guard = signal.block(slot).unwrap();
        blocked.store(true, Ordering::Release);
        assert!(signal.emit().is_empty());
        let (too_late, called) = emitter.join().unwrap();
        assert!(!(too_late && called), "called after it was blocked");
        drop(guard);
        assert_eq!(signal.emit().len(), 1);
    });
}

/// Who has found a slot blocked does not call it afterwards, even where `block` has not returned yet.
#[test]
fn block_once_seen_stays_seen() {
    loom::model(|| {
        let signal = signal();
        let slot = signal.connect(|| ());
        signal.emit();
        let emitter = thread::spawn({
            let signal = Arc::clone(&signal);
            move || {
                let found_blocked = signal.calls().next().is_none();
                let called = !signal.emit().is_empty();
                assert!(
                    !(found_blocked && called),
                    "called after it was found blocked"
                );
            }
        });
        let guard = signal.block(slot).unwrap();
        emitter.join().unwrap();
        drop(guard);
        assert_eq!(signal.emit().len(), 1);
    });
}

/// Blocks are counted: none is lost, whichever threads they come from.
#[test]
fn two_blocks() {
    loom::model(|| {
        let signal = signal();
        let slot = signal.connect(|| ());
        let other = thread::spawn({
            let signal = Arc::clone(&signal);
            move || signal.block(slot).unwrap()
        });
        let here = signal.block(slot).unwrap();
        let there = other.join().unwrap();
        let dropping = thread::spawn(move || drop(there));
        drop(here);
        dropping.join().unwrap();
        assert!(!signal.is_blocked(slot));
        assert_eq!(signal.emit().len(), 1);
    });
}

/// An emission that starts after `block_all` has returned calls nothing; after the guard has gone,
/// everything.
#[test]
fn block_all_against_emit() {
    loom::model(|| {
        let signal = signal();
        signal.connect(|| ());
        let emitter = thread::spawn({
            let signal = Arc::clone(&signal);
            move || signal.emit().len()
        });
        let guard = signal.block_all();
        assert!(signal.emit().is_empty());
        drop(guard);
        assert_eq!(signal.emit().len(), 1);
        assert!(emitter.join().unwrap() <= 1);
    });
}

/// A weak slot is called with its object or not at all, and has left after the next emission.
#[test]
fn weak_drop_against_emit() {
    struct Object(Arc<AtomicUsize>);
    impl Drop for Object {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    loom::model(|| {
        let signal = signal();
        let (object_dropped, capture_dropped) = (Arc::default(), Arc::default());
        let object = Arc::new(Object(Arc::clone(&object_dropped)));
        let capture = Object(Arc::clone(&capture_dropped));
        let slot = signal.connect_weak(&object, move |object| {
            let _ = &capture;
            assert_eq!(object.0.load(Ordering::Relaxed), 0, "it is alive");
        });
        let emitter = thread::spawn({
            let signal = Arc::clone(&signal);
            move || {
                signal.emit();
            }
        });
        // The object's count is not loom's: this is where the other thread may come before.
        thread::yield_now();
        drop(object);
        emitter.join().unwrap();
        assert_eq!(object_dropped.load(Ordering::Relaxed), 1);
        assert!(!signal.contains(slot));
        signal.emit();
        assert_eq!(capture_dropped.load(Ordering::Relaxed), 1);
    });
}

/// What a waitable slot tells of itself: whether a call is running, and whether its capture is gone.
#[derive(Default)]
struct Seen {
    running: AtomicUsize,
    dropped: AtomicUsize,
}

/// A capture that tells when it is dropped.
struct Capture(Arc<Seen>);

impl Drop for Capture {
    fn drop(&mut self) {
        self.0.dropped.fetch_add(1, Ordering::Relaxed);
    }
}

/// Connects a waitable slot that can be called so often.
fn waitable(signal: &Signal<()>, max_calls: u32) -> (Connection, Arc<Seen>) {
    let seen = Arc::new(Seen::default());
    let capture = Capture(Arc::clone(&seen));
    let options = signal.options().waitable().max_calls(max_calls);
    let slot = options.connect(move || {
        capture.0.running.fetch_add(1, Ordering::Relaxed);
        thread::yield_now();
        capture.0.running.fetch_sub(1, Ordering::Relaxed);
    });
    (slot, seen)
}

/// The promise of `disconnect_and_wait`. Relaxed is enough to see it: the wait orders everything.
fn assert_over(seen: &Seen) {
    assert_eq!(seen.running.load(Ordering::Relaxed), 0, "still running");
    assert_eq!(seen.dropped.load(Ordering::Relaxed), 1, "captures dropped");
}

fn emitter(signal: &Arc<Signal<()>>) -> thread::JoinHandle<usize> {
    let signal = Arc::clone(signal);
    thread::spawn(move || signal.emit().len())
}

#[test]
fn wait_against_an_emitter() {
    loom::model(|| {
        let signal = signal();
        let (slot, seen) = waitable(&signal, 9);
        let emitter = emitter(&signal);
        assert_eq!(signal.disconnect_and_wait(slot), Ok(true));
        assert_over(&seen);
        emitter.join().unwrap();
        assert_over(&seen);
    });
}

#[test]
fn wait_against_two_emitters() {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(2);
    model.check(|| {
        let signal = signal();
        let (slot, seen) = waitable(&signal, 9);
        let emitters = [emitter(&signal), emitter(&signal)];
        assert_eq!(signal.disconnect_and_wait(slot), Ok(true));
        assert_over(&seen);
        for emitter in emitters {
            emitter.join().unwrap();
        }
        assert_over(&seen);
    });
}

/// The slot leaves by itself, with its last call.
#[test]
fn wait_against_the_last_call() {
    loom::model(|| {
        let signal = signal();
        let (slot, seen) = waitable(&signal, 1);
        let emitter = emitter(&signal);
        let disconnected = signal.disconnect_and_wait(slot).unwrap();
        assert_over(&seen);
        let ran = emitter.join().unwrap();
        assert!(disconnected || ran == 1, "somebody has it");
        assert_over(&seen);
    });
}

/// Two wait, one of them disconnects; after either answer it is over.
#[test]
fn two_waits() {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(2);
    model.check(|| {
        let signal = signal();
        let (slot, seen) = waitable(&signal, 9);
        let emitter = emitter(&signal);
        let waiter = thread::spawn({
            let (signal, seen) = (Arc::clone(&signal), Arc::clone(&seen));
            move || {
                let answer = signal.disconnect_and_wait(slot).unwrap();
                assert_over(&seen);
                answer
            }
        });
        let here = signal.disconnect_and_wait(slot).unwrap();
        assert_over(&seen);
        let there = waiter.join().unwrap();
        assert!(here != there);
        emitter.join().unwrap();
    });
}

/// The emission has called the slot and holds its view still: the slot is over all the same.
#[test]
fn wait_with_an_emission_going_on() {
    loom::model(|| {
        let signal = signal();
        let (slot, seen) = waitable(&signal, 9);
        let mut calls = signal.calls();
        let waiter = thread::spawn({
            let (signal, seen) = (Arc::clone(&signal), Arc::clone(&seen));
            move || {
                assert_eq!(signal.disconnect_and_wait(slot), Ok(true));
                assert_over(&seen);
            }
        });
        calls.next();
        waiter.join().unwrap();
        assert_over(&seen);
    });
}

/// A slot that would wait for itself is told so, while another thread does wait for it.
#[test]
fn wait_from_inside_against_wait() {
    loom::model(|| {
        let signal = signal();
        let inside = Arc::new(AtomicBool::new(false));
        let slot = signal.options().waitable().connect_with_key(|me| {
            let (weak, inside) = (Arc::downgrade(&signal), Arc::clone(&inside));
            move || {
                let signal = weak.upgrade().unwrap();
                assert_eq!(signal.disconnect_and_wait(me), Err(WaitError::InsideSlot));
                inside.store(true, Ordering::Relaxed);
            }
        });
        let emitter = emitter(&signal);
        let disconnected = signal.disconnect_and_wait(slot).unwrap();
        let called = inside.load(Ordering::Relaxed);
        let ran = emitter.join().unwrap();
        assert_eq!(ran == 1, called, "over before the wait was, or never");
        assert!(disconnected || called);
    });
}
