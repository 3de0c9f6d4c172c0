//! Slots that leave, and queues and signals that are dropped, while calls are stored.

use std::sync::{Arc, Mutex, OnceLock};
use std::thread;

use smoke_signal::{Connection, Queue, Signal};

use crate::common::Counter;

use super::Seen;

/// How many of the arguments are still held by a queue.
fn held(argument: &Arc<()>) -> usize {
    Arc::strong_count(argument) - 1
}

/// Every way to disconnect a slot, on this thread and on another.
#[test]
fn disconnecting_discards_what_is_stored_at_once() {
    type Leave = fn(&Signal<(Arc<()>,)>, Connection);
    let ways: [Leave; 6] = [
        |signal, slot| assert!(signal.disconnect(slot)),
        |signal, slot| assert!(signal.connector().disconnect(slot)),
        |signal, slot| drop(signal.scoped(slot)),
        |signal, slot| assert!(signal.scoped(slot).disconnect()),
        |signal, _| signal.disconnect_all(),
        |signal, slot| {
            thread::scope(|scope| {
                let leave = scope.spawn(|| signal.disconnect(slot));
                assert!(leave.join().unwrap());
            });
        },
    ];
    for leave in ways {
        let (signal, other) = (Signal::<(Arc<()>,)>::new(), Signal::<()>::new());
        let (queue, seen) = (Queue::new(8), Seen::new());
        let slot = queue.connect(&signal, |_: Arc<()>| unreachable!("discarded"));
        queue.connect(&other, {
            let seen = seen.clone();
            move || seen.add(())
        });
        let argument = Arc::new(());
        signal.emit(Arc::clone(&argument));
        other.emit();
        signal.emit(Arc::clone(&argument));
        assert_eq!((held(&argument), queue.len()), (2, 3));
        leave(&signal, slot);
        assert_eq!((held(&argument), queue.len()), (0, 1));
        assert!(!signal.contains(slot) && signal.is_empty());
        signal.emit(Arc::clone(&argument));
        assert_eq!((held(&argument), queue.drain()), (0, 1));
        assert_eq!((seen.take().len(), queue.missed()), (1, 0));
    }
}

#[test]
fn an_emission_in_progress_that_holds_the_slot_stores_nothing_more() {
    let signal: Signal<(Arc<()>,)> = Signal::new();
    let queue = Queue::new(8);
    signal.connect(|_| ());
    let slot = queue.connect(&signal, |_| unreachable!("discarded"));
    let argument = Arc::new(());
    signal.emit(Arc::clone(&argument));
    let mut calls = signal.calls(Arc::clone(&argument));
    assert!(calls.next().is_some());
    assert_eq!((held(&argument), queue.len()), (2, 1)); // one of them is with the emission
    assert!(signal.disconnect(slot));
    assert_eq!((held(&argument), queue.len()), (1, 0));
    assert_eq!(calls.next(), None);
    assert_eq!((held(&argument), queue.drain()), (0, 0));
}

#[test]
fn a_slot_that_comes_first_may_disconnect_it() {
    static SIGNAL: Signal<(u8,)> = Signal::new();
    static SLOT: OnceLock<Connection> = OnceLock::new();
    let queue = Queue::new(8);
    SIGNAL.connect(|n| {
        if n == 2 {
            SIGNAL.disconnect(*SLOT.get().unwrap());
        }
    });
    let slot = queue.connect(&SIGNAL, |_| unreachable!("discarded"));
    SLOT.set(slot).unwrap();
    SIGNAL.emit(1);
    assert_eq!(queue.len(), 1);
    SIGNAL.emit(2);
    assert_eq!((queue.len(), queue.drain()), (0, 0));
}

/// Between the check whether the slot is connected and the moment in which the call is stored.
#[test]
fn the_clone_of_an_argument_may_disconnect_it() {
    static SIGNAL: Signal<(Leaving,)> = Signal::new();
    static DROPS: Mutex<u32> = Mutex::new(0);
    struct Leaving;
    impl Clone for Leaving {
        fn clone(&self) -> Self {
            SIGNAL.disconnect_all();
            Self
        }
    }
    impl Drop for Leaving {
        fn drop(&mut self) {
            *DROPS.lock().unwrap() += 1;
        }
    }
    let queue = Queue::new(8);
    queue.connect(&SIGNAL, |_| unreachable!("discarded"));
    SIGNAL.connect(drop);
    SIGNAL.emit(Leaving);
    assert_eq!(*DROPS.lock().unwrap(), 2, "the original and the clone");
    assert_eq!((queue.len(), queue.drain()), (0, 0));
}

#[test]
fn dropping_the_queue_disconnects_and_discards() {
    let (one, other) = (Signal::<(Arc<()>,)>::new(), Signal::<(Arc<()>, u8)>::new());
    let queue = Queue::new(8);
    let slot = queue.connect(&one, |_| unreachable!("discarded"));
    queue.connect(&other, |_, _| unreachable!("discarded"));
    let stays = one.connect(|_| ());
    let argument = Arc::new(());
    one.emit(Arc::clone(&argument));
    other.emit(Arc::clone(&argument), 1);
    let mut calls = one.calls(Arc::clone(&argument));
    drop(queue);
    assert_eq!(held(&argument), 1, "the emission in progress");
    assert_eq!(calls.by_ref().count(), 1);
    drop(calls);
    assert_eq!(held(&argument), 0);
    assert!(!one.contains(slot) && other.is_empty());
    assert_eq!(one.connections(), [stays]);
}

// psygnal: test_weak_callable::test_queued_callbacks
#[test]
fn what_is_stored_is_delivered_although_the_signal_has_been_dropped() {
    let (queue, seen, dropped) = (Queue::new(8), Seen::new(), Counter::default());
    let signal: Signal<(u8,)> = Signal::new();
    let (record, tracked) = (seen.clone(), dropped.tracked());
    queue.connect(&signal, move |n| {
        tracked.touch();
        record.add(n);
    });
    signal.emit(1);
    signal.emit(2);
    drop(signal);
    assert_eq!((dropped.get(), queue.len()), (0, 2));
    assert_eq!(queue.drain(), 2);
    assert_eq!(seen.take(), [1, 2]);
    assert_eq!(dropped.get(), 1, "the closure is not needed any more");
}

#[test]
fn an_emission_in_progress_when_the_signal_is_dropped_is_stored() {
    let (queue, seen, dropped) = (Queue::new(8), Seen::new(), Counter::default());
    let signal: Signal<(u8,)> = Signal::new();
    signal.connect(|_| ());
    let (record, tracked) = (seen.clone(), dropped.tracked());
    let slot = queue.connect(&signal, move |n| {
        tracked.touch();
        record.add(n);
    });
    let mut calls = signal.calls(1);
    calls.next();
    let scoped = signal.scoped(slot);
    drop(signal);
    assert_eq!((queue.drain(), dropped.get()), (0, 0));
    assert_eq!(calls.next(), None);
    drop(calls);
    assert_eq!((queue.drain(), seen.take()), (1, vec![1]));
    assert_eq!(dropped.get(), 1);
    drop(scoped);
}

/// A slot of a signal that has been dropped can still leave, while an emission in progress may store a call.
#[test]
fn a_slot_of_a_dropped_signal_can_be_disconnected_during_its_last_emission() {
    let queue = Queue::new(8);
    let signal: Signal<(u8,)> = Signal::new();
    signal.connect(|_| ());
    let slot = queue.connect(&signal, |_| unreachable!("discarded"));
    signal.emit(1);
    let scoped = signal.scoped(slot);
    let mut calls = signal.calls(2);
    calls.next();
    drop(signal);
    assert!(scoped.disconnect());
    assert_eq!(calls.next(), None);
    assert_eq!((queue.len(), queue.drain()), (0, 0));
}

#[test]
fn the_key_belongs_to_the_signal() {
    let (signal, other) = (Signal::<(u8,)>::new(), Signal::<(u8,)>::new());
    let queue = Queue::new(8);
    let slot = queue.connect(&signal, |_| ());
    let foreign = queue.connect(&other, |_| ());
    assert_ne!(slot, foreign);
    assert!(signal.contains(slot) && !other.contains(slot));
    assert!(!other.disconnect(slot));
    assert!(signal.block(slot).is_some() && other.block(slot).is_none());
    assert!(signal.disconnect(slot));
    assert!(!signal.disconnect(slot));
    assert_eq!(other.connections(), [foreign]);
}

/// Slots that come and go between drains leave nothing behind in the order of the others.
#[test]
fn many_slots_may_come_and_go_while_calls_are_stored() {
    let (signal, kept) = (Signal::<(u32,)>::new(), Signal::<(u32,)>::new());
    let (queue, seen) = (Queue::new(8), Seen::new());
    queue.connect(&kept, seen.adding());
    kept.emit(0);
    for n in 1..=1000 {
        let slot = queue.connect(&signal, seen.adding());
        signal.emit(n);
        assert!(signal.disconnect(slot));
        if n % 250 == 0 {
            kept.emit(n);
        }
    }
    assert_eq!((queue.len(), queue.drain(), queue.missed()), (5, 5, 0));
    assert_eq!(seen.take(), [0, 250, 500, 750, 1000]);
}
