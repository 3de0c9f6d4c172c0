//! When captured values are dropped, and that nothing accumulates.

use std::sync::{Arc, Mutex};

use smoke_signal::Signal;

use crate::common::{Counter, OnDrop, throw, thrown};

#[test]
fn captures_are_dropped_when_disconnect_returns() {
    let signal = Signal::<()>::new();
    let dropped = Counter::default();
    let slot = signal.connect(dropped.tracked().held());
    signal.emit();
    assert_eq!(dropped.get(), 0);
    signal.disconnect(slot);
    assert_eq!(dropped.get(), 1);
}

#[test]
fn captures_are_dropped_when_disconnect_all_returns() {
    let signal = Signal::<()>::new();
    let dropped = Counter::default();
    for _ in 0..5 {
        signal.connect(dropped.tracked().held());
    }
    signal.emit();
    signal.disconnect_all();
    assert_eq!(dropped.get(), 5);
}

#[test]
fn an_emission_in_progress_keeps_captures_until_it_ends() {
    static SIGNAL: Signal<(u8,)> = Signal::new();
    let dropped = Counter::default();
    let (tracked, seen) = (dropped.tracked(), dropped.clone());
    SIGNAL.connect_with_key(|me| {
        move |depth| {
            tracked.touch();
            if depth < 2 {
                SIGNAL.emit(depth + 1);
            } else {
                SIGNAL.disconnect(me);
            }
            assert_eq!(seen.get(), 0, "it is running");
        }
    });
    SIGNAL.emit(0);
    assert_eq!(dropped.get(), 1);
}

#[test]
fn a_lazy_emission_keeps_captures_until_it_is_dropped() {
    let signal = Signal::<()>::new();
    let dropped = Counter::default();
    let slot = signal.connect(dropped.tracked().held());
    let calls = signal.calls();
    signal.disconnect(slot);
    assert_eq!(dropped.get(), 0);
    drop(calls);
    assert_eq!(dropped.get(), 1);
}

// blinker: test_empty_bucket_growth
#[test]
fn every_closure_is_dropped_once() {
    let dropped = Counter::default();
    let signal = Signal::<()>::new();
    let held = || dropped.tracked().held();
    let disconnected = signal.connect(held());
    signal.once(held());
    signal.options().max_calls(3).connect(held());
    signal.connect_with_key(|_| held());
    signal.connect(held());
    signal.disconnect(disconnected);
    signal.emit();
    let half = signal.calls();
    signal.disconnect_all();
    drop(signal);
    drop(half);
    assert_eq!(dropped.get(), 5);
}

// Boost.Signals2: deletion_test.cpp, test_signal_deletion
#[test]
fn captures_dropped_with_the_signal_cannot_upgrade_it() {
    let signal = Arc::new(Signal::<()>::new());
    let (weak, found) = (Arc::downgrade(&signal), Counter::default());
    let counter = found.clone();
    let capture = OnDrop(move || {
        assert!(weak.upgrade().is_none());
        counter.add();
    });
    signal.connect(move || {
        let _ = &capture;
    });
    signal.emit();
    drop(signal);
    assert_eq!(found.get(), 1);
}

// smokesignal: shaunduncan/smokesignal#6
#[test]
fn captures_of_a_used_up_slot_are_dropped_with_its_last_emission() {
    let signal = Signal::<()>::new();
    let dropped = Counter::default();
    signal
        .options()
        .max_calls(2)
        .connect(dropped.tracked().held());
    signal.once(dropped.tracked().held());
    signal.emit();
    assert_eq!(dropped.get(), 1);
    signal.emit();
    assert_eq!(dropped.get(), 2);
}

#[test]
fn a_slot_with_a_weak_reference_does_not_keep_its_signal_alive() {
    let signal = Arc::new(Signal::<()>::new());
    let weak = Arc::downgrade(&signal);
    let own = weak.clone();
    signal.connect(move || {
        assert!(own.upgrade().is_some());
    });
    signal.emit();
    drop(signal);
    assert_eq!(weak.strong_count(), 0);
    assert_eq!(weak.weak_count(), 0, "its slots were dropped with it");
}

#[test]
fn a_snapshot_keeps_no_slot_that_was_connected_after_it() {
    let signal = Signal::<()>::new();
    let dropped = Counter::default();
    signal.connect(|| ());
    signal.emit();
    // No emission in between, so the old snapshot never contained the slot.
    let slot = signal.connect(dropped.tracked().held());
    signal.disconnect(slot);
    assert_eq!(dropped.get(), 1);
}

#[test]
fn connect_with_key_leaves_nothing_behind_if_its_closure_panics() {
    let signal = Signal::<(), u8>::new();
    let reserved = Mutex::new(None);
    let made = thrown(|| {
        signal.connect_with_key(|me| -> fn() -> u8 {
            *reserved.lock().unwrap() = Some(me);
            throw("no closure");
        })
    });
    assert_eq!(made, "no closure");
    let reserved = reserved.into_inner().unwrap().unwrap();
    assert!(signal.is_empty());
    assert!(!signal.contains(reserved) && !signal.disconnect(reserved));
    signal.connect(|| 1);
    assert_eq!(signal.emit(), [1]);
}
