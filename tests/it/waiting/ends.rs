//! How a wait ends: timeouts, panics, slots that disconnect by themselves, several threads.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use smoke_signal::{Signal, WaitError};

use crate::common::{Counter, DEADLOCK, OnDrop, throw, thrown, together, within};

use super::{A_WHILE, Gate, emit_elsewhere, wait_elsewhere};

#[test]
fn after_a_timeout_the_slot_is_still_disconnected() {
    within(DEADLOCK, "a timeout", || {
        let signal = Arc::new(Signal::<()>::new());
        let (gate, stop) = Gate::new();
        let slot = signal.options().waitable().connect(stop);
        let emitter = emit_elsewhere(&signal);
        gate.wait_until_entered();
        for timeout in [A_WHILE, Duration::ZERO] {
            let answer = signal.disconnect_and_wait_timeout(slot, timeout);
            assert_eq!(answer, Err(WaitError::TimedOut));
            assert!(!signal.contains(slot));
        }
        gate.open();
        let answer = signal.disconnect_and_wait_timeout(slot, Duration::MAX);
        assert_eq!(answer, Ok(false));
        assert_eq!(emitter.join().unwrap(), 1);
    });
}

#[test]
fn a_panic_completes_the_call() {
    within(DEADLOCK, "a panicking call", || {
        let signal = Arc::new(Signal::<()>::new());
        let (gate, stop) = Gate::new();
        let slot = signal.options().waitable().connect(move || {
            stop();
            throw("in the slot");
        });
        let emitter = thread::spawn({
            let signal = Arc::clone(&signal);
            move || thrown(|| signal.emit())
        });
        gate.wait_until_entered();
        let answer = wait_elsewhere(&signal, slot);
        gate.open();
        assert_eq!(answer.recv(), Ok(Ok(true)));
        assert_eq!(emitter.join().unwrap(), "in the slot");
    });
}

#[test]
fn a_panicking_drop_of_captures_completes_the_slot() {
    within(DEADLOCK, "a panicking drop", || {
        let signal = Signal::<()>::new();
        let bomb = OnDrop(|| throw("dropped"));
        let slot = signal.options().waitable().connect(move || {
            let _ = &bomb;
        });
        assert_eq!(thrown(|| signal.disconnect(slot)), "dropped");
        assert_eq!(signal.disconnect_and_wait(slot), Ok(false));
    });
}

#[test]
fn a_used_up_slot_is_waited_for_until_its_last_call_returns() {
    within(DEADLOCK, "a last call", || {
        let signal = Arc::new(Signal::<()>::new());
        let (gate, stop) = Gate::new();
        let slot = signal.options().waitable().once(stop);
        let emitter = emit_elsewhere(&signal);
        gate.wait_until_entered();
        assert!(!signal.contains(slot));
        let answer = wait_elsewhere(&signal, slot);
        assert!(answer.recv_timeout(A_WHILE).is_err());
        gate.open();
        assert_eq!(answer.recv(), Ok(Ok(false)));
        emitter.join().unwrap();
    });
}

/// Even if many others are disconnected meanwhile, some of them in the same storage.
#[test]
fn a_disconnected_slot_is_remembered_while_it_runs() {
    within(DEADLOCK, "a slot among others", || {
        let signal = Arc::new(Signal::<()>::new());
        let (gate, stop) = Gate::new();
        let slot = signal.options().waitable().connect(stop);
        let emitter = emit_elsewhere(&signal);
        gate.wait_until_entered();
        signal.disconnect(slot);
        for _ in 0..100 {
            let other = signal.options().waitable().connect(|| ());
            assert_eq!(signal.disconnect_and_wait(other), Ok(true));
        }
        let soon = signal.disconnect_and_wait_timeout(slot, A_WHILE);
        assert_eq!(soon, Err(WaitError::TimedOut));
        gate.open();
        assert_eq!(signal.disconnect_and_wait(slot), Ok(false));
        emitter.join().unwrap();
    });
}

#[test]
fn of_several_waiting_threads_one_disconnects() {
    within(DEADLOCK, "several waits", || {
        for _ in 0..200 {
            let signal = Signal::<()>::new();
            let running = AtomicUsize::new(0);
            let dropped = Counter::default();
            let (tracked, shared) = (dropped.tracked(), Arc::new(running));
            let inside = Arc::clone(&shared);
            let slot = signal.options().waitable().connect(move || {
                inside.fetch_add(1, Ordering::Relaxed);
                thread::yield_now();
                tracked.touch();
                inside.fetch_sub(1, Ordering::Relaxed);
            });
            let answers = together(5, |number| match number {
                0 | 1 => {
                    while !signal.emit().is_empty() {}
                    false
                }
                _ => {
                    let answer = signal.disconnect_and_wait(slot).unwrap();
                    assert_eq!(shared.load(Ordering::Relaxed), 0);
                    assert_eq!(dropped.get(), 1);
                    answer
                }
            });
            assert_eq!(answers.iter().filter(|&&yes| yes).count(), 1);
        }
    });
}

#[test]
fn every_kind_of_slot_can_be_waitable() {
    within(DEADLOCK, "every kind", || {
        let signal = Signal::<(u8,), u8>::new();
        let object = Arc::new(3);
        let options = signal.options().waitable();
        let slots = [
            options.connect(|n| n),
            options.once(|n| n + 1),
            options.connect_with_key(|_| |n| n + 2),
            options.connect_weak(&object, |object, n| n + object),
            options.group(1).max_calls(9).connect(|n| n + 4),
        ];
        assert_eq!(signal.emit(0), [0, 1, 2, 3, 4]);
        let answers = slots.map(|slot| signal.connector().disconnect_and_wait(slot));
        assert_eq!(answers, [Ok(true), Ok(false), Ok(true), Ok(true), Ok(true)]);
        assert!(signal.is_empty());
        let limit = Duration::from_secs(1);
        let again = slots.map(|slot| signal.connector().disconnect_and_wait_timeout(slot, limit));
        assert_eq!(again, [Ok(false); 5]);
    });
}

#[test]
fn a_weak_slot_whose_object_is_dropped_counts_as_disconnected() {
    let signal = Signal::<()>::new();
    let dropped = Counter::default();
    let (object, tracked) = (Arc::new(()), dropped.tracked());
    let slot = signal
        .options()
        .waitable()
        .connect_weak(&object, move |()| tracked.touch());
    signal.emit();
    let _calls = signal.calls();
    drop(object);
    assert!(!signal.contains(slot));
    assert_eq!(signal.disconnect_and_wait(slot), Ok(false));
    assert_eq!(dropped.get(), 1);
}

#[test]
fn the_signal_may_be_dropped_while_a_waitable_slot_runs() {
    within(DEADLOCK, "dropping the signal", || {
        let signal = Arc::new(Signal::<()>::new());
        let dropped = Counter::default();
        let own = Mutex::new(Some(Arc::clone(&signal)));
        let tracked = dropped.tracked();
        signal.options().waitable().connect(move || {
            drop(own.lock().unwrap().take());
            tracked.touch();
        });
        let calls = signal.calls();
        drop(signal);
        assert_eq!(calls.count(), 1);
        assert_eq!(dropped.get(), 1);
    });
}

#[test]
fn error_texts() {
    let texts = [
        WaitError::InsideSlot,
        WaitError::NotWaitable,
        WaitError::TimedOut,
    ]
    .map(|e| {
        let error: Box<dyn std::error::Error + Send + Sync> = Box::new(e);
        error.to_string()
    });
    assert_eq!(
        texts,
        [
            "a slot can't wait for itself; it was disconnected without waiting",
            "the slot was connected without `waitable`; it is still connected",
            "timed out; the slot was disconnected but is still running",
        ]
    );
}
