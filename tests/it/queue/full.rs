//! What a full queue does.

use std::sync::Arc;

use smoke_signal::{Queue, Signal};

use super::{Seen, counting_wakes};

#[test]
fn when_it_is_full_the_oldest_is_dropped_and_counted() {
    let signal: Signal<(u8,)> = Signal::new();
    let (queue, seen) = (Queue::new(3), Seen::new());
    queue.connect(&signal, seen.adding());
    for n in 0..3 {
        signal.emit(n);
    }
    assert_eq!((queue.len(), queue.missed()), (3, 0));
    signal.emit(3);
    signal.emit(4);
    assert_eq!((queue.len(), queue.missed()), (3, 2));
    assert_eq!(queue.drain(), 3);
    assert_eq!(seen.take(), [2, 3, 4]);
    signal.emit(5);
    assert_eq!((queue.drain(), queue.missed()), (1, 2), "there was room");
}

#[test]
fn the_oldest_may_be_a_call_of_another_slot() {
    let (number, text) = (Signal::<(Arc<u8>,)>::new(), Signal::<(Arc<str>,)>::new());
    let (queue, seen) = (Queue::new(2), Seen::new());
    let record = seen.clone();
    queue.connect(&number, move |n| record.add(n.to_string()));
    let record = seen.clone();
    queue.connect(&text, move |text| record.add(text.to_string()));
    let (one, a) = (Arc::new(1), Arc::from("a"));
    number.emit(Arc::clone(&one));
    text.emit(Arc::clone(&a));
    assert_eq!((Arc::strong_count(&one), Arc::strong_count(&a)), (2, 2));
    text.emit("b".into());
    assert_eq!((Arc::strong_count(&one), Arc::strong_count(&a)), (1, 2));
    number.emit(Arc::new(2));
    assert_eq!((Arc::strong_count(&one), Arc::strong_count(&a)), (1, 1));
    assert_eq!((queue.drain(), queue.missed()), (2, 2));
    assert_eq!(seen.take(), ["b", "2"]);
}

#[test]
fn the_capacity_is_that_of_all_slots_together() {
    let signal: Signal<(u8,)> = Signal::new();
    let (queue, seen) = (Queue::new(3), Seen::new());
    for slot in ["a", "b"] {
        let record = seen.clone();
        queue.connect(&signal, move |n| record.add((slot, n)));
    }
    signal.emit(1);
    signal.emit(2);
    assert_eq!((queue.drain(), queue.missed()), (3, 1));
    assert_eq!(seen.take(), [("b", 1), ("a", 2), ("b", 2)]);
}

#[test]
fn with_a_capacity_of_0_each_emission_is_missed() {
    let signal: Signal<(Arc<()>,)> = Signal::new();
    let queue = Queue::new(0);
    let woken = counting_wakes(&queue);
    queue.connect(&signal, |_| unreachable!("nothing is stored"));
    let argument = Arc::new(());
    for _ in 0..3 {
        signal.emit(Arc::clone(&argument));
    }
    assert_eq!((queue.len(), queue.missed(), queue.drain()), (0, 3, 0));
    assert_eq!(Arc::strong_count(&argument), 1);
    assert_eq!(woken.get(), 0);
}

#[test]
fn a_huge_capacity_is_not_allocated() {
    let signal: Signal<(u8,)> = Signal::new();
    let (queue, seen) = (Queue::new(usize::MAX), Seen::new());
    queue.connect(&signal, seen.adding());
    signal.emit(1);
    assert_eq!(queue.drain(), 1);
    assert_eq!(seen.take(), [1]);
}

/// The closure of a slot that can get no more calls is dropped if its last call is missed.
#[test]
fn missing_the_last_call_of_a_dropped_signal_ends_its_slot() {
    let (gone, signal) = (Signal::<()>::new(), Signal::<()>::new());
    let queue = Queue::new(1);
    let held = Arc::new(());
    let own = Arc::clone(&held);
    queue.connect(&gone, move || _ = &own);
    queue.connect(&signal, || ());
    gone.emit();
    drop(gone);
    assert_eq!(Arc::strong_count(&held), 2, "its call is stored");
    signal.emit();
    assert_eq!(queue.missed(), 1);
    assert_eq!(queue.drain(), 1);
    assert_eq!(Arc::strong_count(&held), 1);
}
