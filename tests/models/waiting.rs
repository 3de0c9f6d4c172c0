//! Waiting for a slot to complete. Threads may switch inside its calls.

use std::sync::Arc;
use std::time::Duration;

use loom::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use loom::thread;
use smoke_signal::{Connection, Signal, WaitError};

use crate::{alongside, emitter, signal, with_preemptions};

/// Whether a call of the slot is running, and whether its capture was dropped.
#[derive(Default)]
struct Seen {
    running: AtomicUsize,
    dropped: AtomicUsize,
}

/// A capture that records its drop.
struct Capture(Arc<Seen>);

impl Drop for Capture {
    fn drop(&mut self) {
        self.0.dropped.fetch_add(1, Ordering::Relaxed);
    }
}

/// Connects a waitable slot with this budget.
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

/// The guarantee of `disconnect_and_wait`. Relaxed loads suffice, because the wait orders everything.
fn assert_over(seen: &Seen) {
    assert_eq!(seen.running.load(Ordering::Relaxed), 0, "still running");
    assert_eq!(seen.dropped.load(Ordering::Relaxed), 1, "captures dropped");
}

/// Once without a timeout, and once with one that never expires, because time stands still in `loom`.
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
    loom::model(|| {
        let signal = signal();
        let (slot, seen) = waitable(&signal, 9);
        let emitter = emitter(&signal);
        let hour = Duration::from_secs(3600);
        let answer = signal.disconnect_and_wait_timeout(slot, hour);
        assert_eq!(answer, Ok(true));
        assert_over(&seen);
        emitter.join().unwrap();
    });
}

#[test]
fn wait_against_two_emitters() {
    with_preemptions(2, || {
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

/// The slot is used up by its last call.
#[test]
fn wait_against_the_last_call() {
    loom::model(|| {
        let signal = signal();
        let (slot, seen) = waitable(&signal, 1);
        let emitter = emitter(&signal);
        let disconnected = signal.disconnect_and_wait(slot).unwrap();
        assert_over(&seen);
        let ran = emitter.join().unwrap();
        assert!(disconnected || ran == 1, "it was called or disconnected");
        assert_over(&seen);
    });
}

/// One of two emissions makes the last call, which uses the slot up.
#[test]
fn wait_against_two_emitters_and_the_last_call() {
    with_preemptions(2, || {
        let signal = signal();
        let (slot, seen) = waitable(&signal, 1);
        let emitters = [emitter(&signal), emitter(&signal)];
        let disconnected = signal.disconnect_and_wait(slot).unwrap();
        assert_over(&seen);
        let ran: usize = emitters.into_iter().map(|e| e.join().unwrap()).sum();
        assert!(ran <= 1, "the budget allows one call");
        assert!(disconnected || ran == 1, "it was called or disconnected");
        assert_over(&seen);
    });
}

/// Another thread disconnects without waiting, and an emission may be calling the slot.
#[test]
fn wait_against_disconnect_and_an_emitter() {
    with_preemptions(2, || {
        let signal = signal();
        let (slot, seen) = waitable(&signal, 9);
        let emitter = emitter(&signal);
        let disconnecter = alongside(&signal, move |signal| signal.disconnect(slot));
        let here = signal.disconnect_and_wait(slot).unwrap();
        assert_over(&seen);
        let there = disconnecter.join().unwrap();
        assert!(here != there, "exactly one disconnected it");
        emitter.join().unwrap();
    });
}

/// Two threads wait and one of them disconnects. After either answer the slot is complete.
#[test]
fn two_waits() {
    with_preemptions(2, || {
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

/// The slot completes even if the emission that called it still holds its snapshot.
#[test]
fn wait_with_an_emission_in_progress() {
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

/// A slot that would wait for itself gets an error, while another thread does wait for it.
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
        assert_eq!(
            ran == 1,
            called,
            "it completed before the wait returned, or never ran"
        );
        assert!(disconnected || called);
    });
}
