//! Panics in what a queue calls and drops.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use smoke_signal::{Queue, Signal};

use crate::common::{Counter, OnDrop, throw, thrown};

use super::{Seen, counting_wakes};

#[test]
fn a_call_that_panics_counts_as_delivered_and_the_rest_stays() {
    let signal: Signal<(u8,)> = Signal::new();
    let (queue, seen) = (Queue::new(8), Seen::new());
    let record = seen.clone();
    let slot = queue.connect(&signal, move |n| {
        record.add(n);
        if n == 2 {
            throw("two");
        }
    });
    for n in 1..=4 {
        signal.emit(n);
    }
    assert_eq!(thrown(|| queue.drain()), "two");
    assert_eq!(seen.take(), [1, 2]);
    assert_eq!((queue.len(), queue.missed()), (2, 0));
    assert!(signal.contains(slot));
    assert_eq!(queue.drain(), 2);
    assert_eq!(seen.take(), [3, 4]);
    signal.emit(5);
    assert_eq!((queue.drain(), seen.take()), (1, vec![5]));
}

/// A loop that catches the panic, and then waits for the hook, gets to the rest.
#[test]
fn after_a_panic_the_hook_is_called_again_if_calls_are_left() {
    let signal: Signal<(bool,)> = Signal::new();
    let queue = Queue::new(8);
    let woken = counting_wakes(&queue);
    queue.connect(&signal, |throws| {
        if throws {
            throw("a call");
        }
    });
    signal.emit(true);
    signal.emit(false);
    assert_eq!(woken.take(), 1);
    thrown(|| queue.drain());
    assert_eq!((woken.take(), queue.len()), (1, 1));
    assert_eq!(queue.drain(), 1);
    signal.emit(true);
    assert_eq!(woken.take(), 1);
    thrown(|| queue.drain());
    assert_eq!((woken.take(), queue.len()), (0, 0), "nothing is left");
}

#[test]
fn a_hook_that_panics_while_drain_unwinds_is_discarded() {
    let signal: Signal<(u8,)> = Signal::new();
    let queue = Queue::new(8);
    queue.connect(&signal, |_| throw("a call"));
    signal.emit(1);
    signal.emit(2);
    assert_eq!(thrown(|| queue.on_wake(|| throw("the hook"))), "the hook");
    assert_eq!(thrown(|| queue.drain()), "a call");
    assert_eq!(queue.len(), 1);
}

#[test]
fn a_hook_that_panics_unwinds_out_of_the_emission_whose_call_is_stored() {
    let signal: Signal<(u8,)> = Signal::new();
    let (queue, seen) = (Queue::new(8), Seen::new());
    queue.connect(&signal, seen.adding());
    let later = Counter::default();
    let count = later.clone();
    signal.connect(move |_| count.add());
    queue.on_wake(|| throw("the hook"));
    assert_eq!(thrown(|| signal.emit(1)), "the hook");
    assert_eq!(
        (queue.len(), later.get()),
        (1, 0),
        "like a slot that panics"
    );
    signal.emit(2);
    assert_eq!((queue.drain(), seen.take()), (2, vec![1, 2]));
}

#[test]
fn a_clone_that_panics_stores_nothing() {
    struct Bad;
    impl Clone for Bad {
        fn clone(&self) -> Self {
            throw("a clone")
        }
    }
    let signal: Signal<(Bad,)> = Signal::new();
    let queue = Queue::new(8);
    queue.connect(&signal, drop);
    signal.connect(drop);
    assert_eq!(thrown(|| signal.emit(Bad)), "a clone");
    assert_eq!((queue.len(), queue.drain()), (0, 0));
}

/// Panics when it is dropped, but not twice if the test fails.
#[derive(Clone)]
struct Bomb(&'static str);

impl Drop for Bomb {
    fn drop(&mut self) {
        if !self.0.is_empty() && !thread::panicking() {
            throw(self.0);
        }
    }
}

#[test]
fn an_argument_whose_drop_panics_leaves_the_queue_usable() {
    let signal: Signal<(Bomb,)> = Signal::new();
    let (queue, seen) = (Queue::new(1), Seen::new());
    let woken = counting_wakes(&queue);
    let record = seen.clone();
    let slot = queue.connect(&signal, move |bomb| {
        record.add(bomb.0);
        drop(bomb);
    });
    signal.emit(Bomb("missed"));
    assert_eq!(thrown(|| signal.emit(Bomb(""))), "missed");
    assert_eq!((queue.len(), queue.missed(), woken.take()), (1, 1, 1));
    assert_eq!(queue.drain(), 1);
    signal.emit(Bomb("delivered"));
    assert_eq!(thrown(|| queue.drain()), "delivered");
    assert_eq!(seen.take(), ["", "delivered"]);
    signal.emit(Bomb("discarded"));
    assert_eq!(thrown(|| signal.disconnect(slot)), "discarded");
    assert!(signal.is_empty() && queue.is_empty());
    queue.connect(&signal, drop);
    signal.emit(Bomb("with the queue"));
    assert_eq!(thrown(|| drop(queue)), "with the queue");
    assert!(signal.is_empty());
}

#[test]
fn a_closure_whose_drop_panics_leaves_the_queue_usable() {
    let signal: Signal<()> = Signal::new();
    let queue = Queue::new(8);
    let connect = |bomb: Bomb| queue.connect(&signal, move || _ = &bomb);
    let slot = connect(Bomb("by disconnect"));
    assert_eq!(thrown(|| signal.disconnect(slot)), "by disconnect");
    connect(Bomb("by drain"));
    thread::scope(|scope| {
        scope.spawn(|| signal.disconnect_all());
    });
    assert_eq!(thrown(|| queue.drain()), "by drain");
    connect(Bomb(""));
    signal.emit();
    assert_eq!(queue.drain(), 1);
}

/// The closure has left, so that the panic of its call drops it. A second panic would abort the process.
#[test]
fn a_closure_that_has_left_panics_and_so_does_its_drop() {
    static SIGNAL: Signal<()> = Signal::new();
    static DROPPED: AtomicBool = AtomicBool::new(false);
    let queue = Queue::new(8);
    let on_drop = OnDrop(|| {
        DROPPED.store(true, Ordering::Relaxed);
        throw("its drop");
    });
    queue.connect(&SIGNAL, move || {
        _ = &on_drop;
        SIGNAL.disconnect_all();
        throw("the call");
    });
    SIGNAL.emit();
    assert_eq!(thrown(|| queue.drain()), "the call");
    assert!(DROPPED.load(Ordering::Relaxed));
    assert_eq!(queue.drain(), 0);
}
