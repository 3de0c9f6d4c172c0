//! Budgets: every call is charged once, whoever emits, and no further call is made.

use std::sync::Arc;

use loom::sync::atomic::{AtomicUsize, Ordering};

use crate::{alongside, counting, emitter, signal, with_preemptions};

/// Rule 4: two emissions share a budget of one; the slot is disconnected before its call.
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
        let other = emitter(&signal);
        let here = signal.emit().len();
        let there = other.join().unwrap();
        assert_eq!(here + there, 1);
        assert_eq!(calls.load(Ordering::Relaxed), 1);
        assert!(signal.is_empty());
    });
}

/// Rule 5: of the last call and a disconnect, one wins.
#[test]
fn last_call_against_disconnect() {
    loom::model(|| {
        let signal = signal();
        let calls = Arc::new(AtomicUsize::new(0));
        let slot = signal.options().max_calls(1).connect(counting(&calls));
        let other = emitter(&signal);
        let disconnected = signal.disconnect(slot);
        let called = other.join().unwrap();
        assert_eq!(called + usize::from(disconnected), 1);
        assert_eq!(calls.load(Ordering::Relaxed), called);
    });
}

/// Rule 4: three emissions share a budget of two. Two preemptions.
#[test]
fn three_emitters_and_a_budget_of_two() {
    with_preemptions(2, || {
        let signal = signal();
        let calls = Arc::new(AtomicUsize::new(0));
        signal.options().max_calls(2).connect(counting(&calls));
        let others = [emitter(&signal), emitter(&signal)];
        let here = signal.emit().len();
        let there: usize = others.into_iter().map(|e| e.join().unwrap()).sum();
        assert_eq!(here + there, 2);
        assert_eq!(calls.load(Ordering::Relaxed), 2);
        assert!(signal.is_empty());
    });
}

/// The captures of a `FnOnce` are moved out once, and what happened before `once` is visible to its call.
/// Two preemptions.
#[test]
fn two_emitters_and_a_closure_that_is_consumed() {
    with_preemptions(2, || {
        let signal = signal();
        let given = Arc::new(AtomicUsize::new(0));
        let gift = Box::new(counting(&given));
        signal.once(move || (*gift)());
        let other = emitter(&signal);
        let here = signal.emit().len();
        let there = other.join().unwrap();
        assert_eq!(here + there, 1);
        assert_eq!(given.load(Ordering::Relaxed), 1);
    });
}

/// Rules 4 and 5: two emissions and a `disconnect` race for a slot with one call left. Whoever wins, it is
/// called at most once, and disconnected. Two preemptions.
#[test]
fn two_emitters_and_a_budget_against_disconnect() {
    with_preemptions(2, || {
        let signal = signal();
        let calls = Arc::new(AtomicUsize::new(0));
        let slot = signal.once(counting(&calls));
        let others = [emitter(&signal), emitter(&signal)];
        let disconnected = signal.disconnect(slot);
        assert!(!signal.contains(slot));
        let ran: usize = others.into_iter().map(|e| e.join().unwrap()).sum();
        assert_eq!(calls.load(Ordering::Relaxed), ran);
        assert!(ran <= 1, "the budget allows one call");
        assert!(disconnected || ran == 1, "it was called or disconnected");
        assert!(signal.emit().is_empty());
    });
}

/// A blocked slot is not charged, and a charged slot is called even if it is blocked then. Three
/// preemptions.
#[test]
fn budget_against_block_and_unblock() {
    with_preemptions(3, || {
        let signal = signal();
        let calls = Arc::new(AtomicUsize::new(0));
        let slot = signal.once(counting(&calls));
        let blocker = alongside(&signal, move |signal| drop(signal.block(slot)));
        let ran = signal.emit().len();
        blocker.join().unwrap();
        assert_eq!(calls.load(Ordering::Relaxed), ran);
        assert_eq!(
            signal.contains(slot),
            ran == 0,
            "charged and called, or not"
        );
        assert_eq!(signal.emit().len(), 1 - ran);
    });
}
