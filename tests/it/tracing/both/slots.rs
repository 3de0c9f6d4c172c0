//! Which slots are called, and why others are not. The text of two modules, whose parents say which kind of signal it is
//! about.

use super::{Pointer, Signal};
use crate::common::Counter;
use crate::tracing::log::{events, log};

#[test]
fn slots_are_told_in_the_order_of_their_calls() {
    let signal = Signal::<()>::new();
    signal.options().group(1).connect(|| ());
    signal.connect(|| ());
    signal.options().first().connect(|| ());
    let told = events(|| signal.emit());
    let lines = ["-1", "-2", "-3"];
    assert_eq!(
        told,
        lines.map(|line| format!("slot connected_at=@{line} outcome=called"))
    );
}

#[test]
fn a_blocked_slot_is_blocked() {
    let signal = Signal::<()>::new();
    let slot = signal.connect(|| ());
    signal.connect(|| ());
    let _guard = signal.block(slot);
    let told = events(|| signal.emit());
    let expected = [
        "slot connected_at=@-3 outcome=blocked",
        "slot connected_at=@-2 outcome=called",
    ];
    assert_eq!(told, expected);
}

#[test]
fn a_slot_that_another_disconnects_is_gone() {
    let signal = Pointer::new(Signal::<()>::new());
    let weak = Pointer::downgrade(&signal);
    signal.connect(move || {
        let signal = weak.upgrade().unwrap();
        let slots = signal.connections();
        assert!(signal.disconnect(slots[1]));
    });
    signal.connect(|| ());
    signal.connect(|| ());
    let told = events(|| signal.emit());
    let expected = [
        "slot connected_at=@-7 outcome=called",
        "disconnected connected_at=@-2 reason=disconnected",
        "slot connected_at=@-2 outcome=gone",
        "slot connected_at=@-1 outcome=called",
    ];
    assert_eq!(told, expected);
}

#[test]
fn a_slot_whose_last_call_was_made_meanwhile_is_used_up() {
    let signal = Pointer::new(Signal::<()>::new().named("ticks"));
    let weak = Pointer::downgrade(&signal);
    signal.once(move || drop(weak.upgrade().unwrap().emit()));
    signal.once(|| ());
    signal.options().max_calls(3).connect(|| ());
    let told = events(|| signal.emit());
    let expected = [
        "disconnected signal=ticks connected_at=@-3 reason=used up",
        "slot connected_at=@-3 outcome=called",
        // The emission inside.
        "disconnected signal=ticks connected_at=@-2 reason=used up",
        "slot connected_at=@-2 outcome=called",
        "slot connected_at=@-1 outcome=called",
        // The one outside.
        "slot connected_at=@-2 outcome=used up",
        "slot connected_at=@-1 outcome=called",
    ];
    assert_eq!(told, expected);
}

#[test]
fn a_slot_whose_object_is_dropped_meanwhile_has_its_object_gone() {
    let signal = Signal::<()>::new();
    let object = std::cell::Cell::new(Some(Pointer::new(1)));
    let first = Pointer::new(2);
    signal.connect_weak(&first, |_| ());
    let borrowed = object.take().unwrap();
    signal.connect_weak(&borrowed, |_| ());
    let mut calls = Vec::new();
    let told = events(|| {
        calls.extend(Some(signal.calls()));
        calls[0].next();
        drop(borrowed);
        calls[0].next();
    });
    let expected = [
        "slot connected_at=@-4 outcome=called",
        "disconnected connected_at=@-2 reason=object gone",
        "slot connected_at=@-2 outcome=object gone",
    ];
    assert_eq!(told, expected);
}

#[test]
fn a_slot_whose_object_is_not_born_waits_for_it() {
    let signal = Signal::<()>::new();
    let mut told = Vec::new();
    let _object = Pointer::new_cyclic(|object| {
        signal.connect_weak(object, |(): &()| ());
        told = events(|| signal.emit());
    });
    assert_eq!(told, ["slot connected_at=@-1 outcome=object awaited"]);
    let told = events(|| signal.emit());
    assert_eq!(told, ["slot connected_at=@-4 outcome=called"]);
}

#[test]
fn a_slot_is_told_before_it_runs_and_before_its_arguments_are_cloned() {
    #[derive(Clone)]
    struct Nested(Counter);

    let signal = Signal::<(Nested,)>::new();
    signal.connect(|nested| {
        let inner = Signal::<()>::new().named("inside");
        inner.emit();
        nested.0.add();
    });
    let counter = Counter::default();
    let log = log(|| signal.emit(Nested(counter.clone())));
    assert_eq!(counter.get(), 1);
    assert_eq!(log[2], "  TRACE slot connected_at=@-6 outcome=called");
    assert_eq!(log[3], "  + DEBUG emit{signal=inside at=@-4 slots=0}");
}

#[test]
fn what_changes_during_an_emission_is_told_inside_it() {
    let signal = Pointer::new(Signal::<()>::new());
    let weak = Pointer::downgrade(&signal);
    signal.once(move || {
        let signal = weak.upgrade().unwrap();
        let added = signal.connect(|| ());
        signal.disconnect(added);
    });
    let log = log(|| signal.emit());
    let expected = [
        "+ DEBUG emit{at=@+0 slots=1}",
        "> emit{at=@+0 slots=1}",
        "  TRACE disconnected connected_at=@-5 reason=used up",
        "  TRACE slot connected_at=@-5 outcome=called",
        "  TRACE connected connected_at=@-3",
        "  TRACE disconnected connected_at=@-3 reason=disconnected",
        "< emit{at=@+0 slots=1}",
        "- emit{at=@+0 slots=1}",
    ];
    assert_eq!(log, expected);
}

#[test]
fn slots_of_a_dropped_signal_are_still_told() {
    let signal = Signal::<()>::new().named("short");
    let scoped = signal.connect_scoped(|| ());
    signal.connect(|| ());
    let mut signal = Some(signal);
    let told = events(|| {
        let calls = signal.as_ref().unwrap().calls();
        signal = None;
        drop(scoped);
        calls.for_each(drop);
    });
    let expected = [
        "signal dropped signal=short slots=2",
        "disconnected signal=short connected_at=@-3 reason=disconnected",
        "slot connected_at=@-3 outcome=gone",
        "slot connected_at=@-2 outcome=called",
    ];
    assert_eq!(told, expected);
}
