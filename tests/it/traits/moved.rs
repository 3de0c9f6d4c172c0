//! Signals and registries that are moved, swapped and taken.

use std::mem;

use smoke_signal::{Registry, Signal};

use crate::common::Recorder;

use super::debug;

// Boost.Signals2: signal_test.cpp, test_swap; palacaze/sigslot: test_signal_moving
#[test]
fn keys_stay_with_the_slots_when_signals_are_swapped() {
    let mut one: Signal<(), &str> = Signal::new();
    let mut other: Signal<(), &str> = Signal::new();
    other.connect(|| "other");
    other.connect(|| "other again");
    let key = one.connect(|| "one");
    let later = one.connect(|| "one again");

    mem::swap(&mut one, &mut other);
    assert_eq!(one.emit(), ["other", "other again"]);
    assert_eq!(other.emit(), ["one", "one again"]);
    assert_eq!(other.connections(), [key, later]);
    assert!(other.disconnect(key));
    assert_eq!(other.emit(), ["one again"]);
    assert_eq!(one.len(), 2, "its own slots are unaffected");

    let mut moved = other;
    assert!(moved.contains(later));
    one = mem::replace(&mut moved, one);
    assert_eq!(moved.emit(), ["other", "other again"]);
    assert!(one.disconnect(later));
    assert!(one.is_empty());
}

// Boost.Signals2: signal_test.cpp, test_swap; palacaze/sigslot: test_signal_moving
#[test]
fn emissions_in_progress_stay_with_the_slots() {
    let mut signal: Signal<(i32,), i32> = Signal::new();
    let seen = Recorder::new();
    let record = seen.clone();
    let key = signal.connect(move |n| {
        record.add(n);
        n
    });
    let guard = signal.emitting(2);
    let mut calls = signal.calls(1);

    let moved = mem::take(&mut signal);
    let record = seen.clone();
    signal.connect(move |n| {
        record.add(100 + n);
        n
    });
    assert_eq!(calls.next(), Some(1));
    drop(guard);
    assert_eq!(seen.take(), [1, 2], "not the new signal in the old place");

    let mut calls = moved.calls(3);
    assert!(moved.disconnect(key));
    assert_eq!(calls.next(), None);
    let record = seen.clone();
    moved.connect(move |n| {
        record.add(n);
        n
    });
    let guard = moved.emitting(4);
    drop(moved);
    drop(guard);
    assert_eq!(seen.take(), [], "the slots were dropped");
}

// Boost.Signals2: signal_test.cpp, test_move
#[test]
fn a_signal_left_by_take_is_empty_and_usable() {
    let mut signal: Signal<(u8,), u8> = Signal::new();
    let old = signal.connect(|n| n);
    let taken = mem::take(&mut signal);

    assert!(signal.is_empty());
    assert_eq!(signal.connections(), []);
    assert!(!signal.contains(old));
    assert!(!signal.disconnect(old));
    signal.disconnect_all();
    assert!(signal.emit(1).is_empty());
    assert_eq!(signal.calls(1).next(), None);
    drop(signal.emitting(1));

    signal.connect(|n| n + 1);
    assert_eq!(signal.emit(1), [2]);
    assert_eq!(taken.emit(1), [1]);
    assert!(taken.disconnect(old));

    // An unused signal has nothing to take.
    let mut unused: Signal<()> = Signal::new();
    assert!(mem::take(&mut unused).is_empty());
    assert!(unused.is_empty());
}

// Boost.Signals2: signal_test.cpp, test_swap, test_move; palacaze/sigslot: test_signal_moving
#[test]
fn registries_are_moved_as_signals_are() {
    let mut registry = Registry::new();
    let callback = registry.on("a", || ()).unwrap();
    let mut taken = mem::take(&mut registry);
    assert_eq!(debug(&registry), "Registry { signals: {}, .. }");
    assert!(!registry.disconnect(callback));
    assert_eq!(registry.emit("a", (1,)), Ok(0), "the name is unbound");

    let mut other = Registry::new();
    mem::swap(&mut other, &mut taken);
    assert_eq!(taken.emit("a", ()), Ok(0));
    assert_eq!(other.emit("a", ()), Ok(1));
    assert!(other.disconnect(callback));
}
