//! What is delivered, and in which order.

use std::rc::Rc;
use std::thread;

use smoke_signal::{Queue, Signal};

use crate::common::Counted;

use super::Seen;

// psygnal: test_queued_connections
#[test]
fn closures_are_called_by_drain_on_its_thread_and_may_change_an_rc() {
    static LOADED: Signal<(u32,)> = Signal::new();
    let queue = Queue::new(8);
    let name = Rc::new("total");
    let seen = Seen::new();
    let record = seen.clone();
    let mut total = 0;
    queue.connect(&LOADED, move |bytes| {
        total += bytes;
        record.add((*name, total, thread::current().id()));
    });
    thread::spawn(|| {
        LOADED.emit(1);
        LOADED.emit(10);
    })
    .join()
    .unwrap();
    assert_eq!((queue.len(), queue.is_empty()), (2, false));
    assert_eq!(seen.take(), [], "only stored");
    assert_eq!(queue.drain(), 2);
    let here = thread::current().id();
    assert_eq!(seen.take(), [("total", 1, here), ("total", 11, here)]);
    assert_eq!((queue.len(), queue.is_empty()), (0, true));
    assert_eq!(queue.drain(), 0);
}

// Qt: Qt::QueuedConnection, not Qt::AutoConnection
#[test]
fn what_the_queues_own_thread_emits_waits_for_drain_too() {
    let signal: Signal<(u8,)> = Signal::new();
    let (queue, seen) = (Queue::new(8), Seen::new());
    queue.connect(&signal, seen.adding());
    signal.emit(1);
    assert_eq!(seen.take(), []);
    assert_eq!(queue.drain(), 1);
    assert_eq!(seen.take(), [1]);
}

#[test]
fn calls_are_delivered_in_the_order_of_emission_over_all_signals() {
    let (number, text): (Signal<(u32,)>, Signal<(String,)>) = Default::default();
    let tick: Signal<()> = Signal::new();
    let (queue, seen) = (Queue::new(100), Seen::new());
    let record = seen.clone();
    queue.connect(&text, move |text| record.add(text));
    let record = seen.clone();
    queue.connect(&number, move |n| record.add(n.to_string()));
    let record = seen.clone();
    queue.connect(&tick, move || record.add("tick".to_owned()));
    number.emit(1);
    number.emit(2);
    text.emit("a".to_owned());
    number.emit(3);
    tick.emit();
    text.emit("b".to_owned());
    text.emit("c".to_owned());
    tick.emit();
    number.emit(4);
    assert_eq!(queue.drain(), 9);
    let expected = ["1", "2", "a", "3", "tick", "b", "c", "tick", "4"];
    assert_eq!(seen.take(), expected);
}

#[test]
fn slots_of_one_signal_are_delivered_in_call_order() {
    let signal: Signal<(u8,)> = Signal::new();
    let (queue, seen) = (Queue::new(8), Seen::new());
    for slot in ["first", "second"] {
        let record = seen.clone();
        queue.connect(&signal, move |n| record.add((slot, n)));
    }
    signal.emit(1);
    signal.emit(2);
    queue.drain();
    let expected = [("first", 1), ("second", 1), ("first", 2), ("second", 2)];
    assert_eq!(seen.take(), expected);
}

/// A nested emission is depth first, so what it stores comes before what the rest of the outer one stores.
#[test]
fn nested_emissions_are_stored_as_they_happen() {
    static OUTER: Signal<(&str,)> = Signal::new();
    static INNER: Signal<(&str,)> = Signal::new();
    let (queue, seen) = (Queue::new(8), Seen::new());
    queue.connect(&OUTER, seen.adding());
    OUTER.connect(|_| {
        INNER.emit("inner");
    });
    queue.connect(&INNER, seen.adding());
    let record = seen.clone();
    queue.connect(&OUTER, move |_| record.add("outer again"));
    OUTER.emit("outer");
    queue.drain();
    assert_eq!(seen.take(), ["outer", "inner", "outer again"]);
}

#[test]
fn one_drain_delivers_what_was_stored_when_it_began() {
    static COUNTDOWN: Signal<(u32,)> = Signal::new();
    static OTHER: Signal<(u32,)> = Signal::new();
    let (queue, seen) = (Queue::new(8), Seen::new());
    let record = seen.clone();
    queue.connect(&COUNTDOWN, move |n| {
        record.add(n);
        if n > 0 {
            COUNTDOWN.emit(n - 1);
            OTHER.emit(n + 100);
        }
    });
    queue.connect(&OTHER, seen.adding());
    COUNTDOWN.emit(2);
    COUNTDOWN.emit(0);
    assert_eq!(queue.drain(), 2);
    assert_eq!(seen.take(), [2, 0]);
    assert_eq!(queue.len(), 2);
    assert_eq!(queue.drain(), 2);
    assert_eq!(seen.take(), [1, 102]);
    assert_eq!(queue.drain(), 2);
    assert_eq!(seen.take(), [0, 101]);
    assert_eq!(queue.drain(), 0);
}

#[test]
fn a_signal_may_have_slots_in_several_queues() {
    let signal: Signal<(u8,)> = Signal::new();
    let (one, other, seen) = (Queue::new(8), Queue::new(8), Seen::new());
    let record = seen.clone();
    one.connect(&signal, move |n| record.add(("one", n)));
    let record = seen.clone();
    other.connect(&signal, move |n| record.add(("other", n)));
    signal.emit(1);
    assert_eq!((other.drain(), one.drain()), (1, 1));
    assert_eq!(seen.take(), [("other", 1), ("one", 1)]);
}

#[test]
fn no_result_is_added() {
    let numbers: Signal<(u8,), u8> = Signal::new();
    let units: Signal<()> = Signal::new();
    let (queue, seen) = (Queue::new(8), Seen::new());
    queue.connect(&numbers, seen.adding());
    assert!(numbers.emit(1).is_empty());
    numbers.connect(|n| n + 1);
    queue.connect(&numbers, seen.adding());
    assert_eq!(numbers.emit(2), [3]);
    assert_eq!(numbers.calls(3).collect::<Vec<_>>(), [4]);
    assert_eq!(numbers.calls(4).catch_unwind().count(), 1);
    queue.connect(&units, || ());
    assert_eq!(units.emit().len(), 0);
    queue.drain();
    assert_eq!(seen.take(), [1, 2, 2, 3, 3, 4, 4]);
}

/// A lazy emission that stops early does not reach it.
#[test]
fn a_lazy_emission_stores_when_it_reaches_the_slot() {
    let signal: Signal<(u8,), u8> = Signal::new();
    let queue = Queue::new(8);
    signal.connect(|n| n);
    queue.connect(&signal, |_| ());
    signal.connect(|n| n);
    let mut calls = signal.calls(1);
    assert_eq!((calls.next(), queue.len()), (Some(1), 0));
    assert_eq!((calls.next(), queue.len()), (Some(1), 1));
}

#[test]
fn a_guard_stores_when_it_emits() {
    let signal: Signal<(u8,)> = Signal::new();
    let (queue, seen) = (Queue::new(8), Seen::new());
    queue.connect(&signal, seen.adding());
    let guard = signal.emitting(1);
    assert_eq!(queue.drain(), 0);
    drop(guard);
    assert_eq!(queue.drain(), 1);
    assert_eq!(seen.take(), [1]);
}

#[test]
fn arguments_are_cloned_for_all_slots_but_the_last() {
    let signal: Signal<(Counted,)> = Signal::new();
    let (queue, seen) = (Queue::new(8), Seen::new());
    queue.connect(&signal, seen.adding());
    let argument = Counted::default();
    let clones = argument.clones.clone();
    signal.emit(argument);
    assert_eq!(clones.take(), 0);
    queue.connect(&signal, seen.adding());
    let argument = Counted::default();
    let clones = argument.clones.clone();
    signal.emit(argument);
    queue.drain();
    assert_eq!(clones.take(), 1);
    let is_clone = seen.take().into_iter().map(|counted| counted.is_clone);
    assert_eq!(is_clone.collect::<Vec<_>>(), [false, true, false]);
}

#[test]
fn a_blocked_slot_stores_nothing_but_what_is_stored_is_delivered() {
    let signal: Signal<(u8,)> = Signal::new();
    let (queue, seen) = (Queue::new(8), Seen::new());
    let slot = queue.connect(&signal, seen.adding());
    signal.emit(1);
    let guard = signal.block(slot).unwrap();
    signal.emit(2);
    assert_eq!(queue.drain(), 1);
    drop(guard);
    signal.emit(3);
    let guard = signal.block_all();
    signal.emit(4);
    assert_eq!(queue.drain(), 1);
    drop(guard);
    assert_eq!(seen.take(), [1, 3]);
}

#[test]
fn its_slots_are_listed_with_the_line_that_connected_them() {
    let signal: Signal<(u8,)> = Signal::new();
    let queue = Queue::new(8);
    let first = queue.connect(&signal, |_| ());
    let line = line!() - 1;
    let second = queue.connect_tuple(&signal, |(_,)| ());
    let slots = signal.slots();
    assert_eq!(signal.connections(), [first, second]);
    for (slot, line) in slots.iter().zip([line, line + 2]) {
        assert_eq!(
            (slot.location.file(), slot.location.line()),
            (file!(), line)
        );
        assert_eq!(
            (slot.group, slot.calls_left, slot.blocked),
            (0, None, false)
        );
        assert!(!slot.weak);
    }
}

#[test]
fn debug_shows_how_full_it_is() {
    let signal: Signal<()> = Signal::new();
    let queue = Queue::new(1);
    queue.connect(&signal, || ());
    signal.emit();
    signal.emit();
    let text = "Queue { len: 1, capacity: 1, missed: 1, .. }";
    assert_eq!(format!("{queue:?}"), text);
}
