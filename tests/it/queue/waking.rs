//! When the hook is called.

use std::sync::{Arc, Mutex};
use std::thread;

use smoke_signal::{Queue, Signal};

use crate::common::{Counter, DEADLOCK, within};

use super::counting_wakes;

#[test]
fn the_emitting_thread_calls_the_hook_when_the_queue_stops_being_empty() {
    static SIGNAL: Signal<(u8,)> = Signal::new();
    let queue = Queue::new(8);
    let threads = Arc::new(Mutex::new(Vec::new()));
    let called = Arc::clone(&threads);
    queue.on_wake(move || called.lock().unwrap().push(thread::current().id()));
    queue.connect(&SIGNAL, |_| ());
    assert_eq!(threads.lock().unwrap().len(), 0, "nothing is stored");
    let emitter = thread::spawn(|| {
        SIGNAL.emit(1);
        SIGNAL.emit(2);
        thread::current().id()
    });
    let emitter = emitter.join().unwrap();
    assert_eq!(*threads.lock().unwrap(), [emitter]);
    SIGNAL.emit(3);
    assert_eq!(threads.lock().unwrap().len(), 1, "it was not empty");
    assert_eq!(queue.drain(), 3);
    SIGNAL.emit(4);
    assert_eq!(*threads.lock().unwrap(), [emitter, thread::current().id()]);
}

#[test]
fn the_hook_is_called_once_for_all_signals() {
    let (one, other) = (Signal::<()>::new(), Signal::<(u8,)>::new());
    let queue = Queue::new(8);
    let woken = counting_wakes(&queue);
    queue.connect(&one, || ());
    queue.connect(&one, || ());
    queue.connect(&other, |_| ());
    one.emit();
    other.emit(1);
    one.emit();
    assert_eq!(woken.take(), 1);
    assert_eq!(queue.drain(), 5);
    other.emit(1);
    assert_eq!(woken.take(), 1);
}

/// The emitted call is not delivered by the `drain` that is running, whether or not more calls are left for that.
#[test]
fn a_call_that_is_stored_while_the_queue_delivers_wakes_again() {
    static SIGNAL: Signal<(u8,)> = Signal::new();
    let queue = Queue::new(8);
    let woken = counting_wakes(&queue);
    queue.connect(&SIGNAL, |n| {
        if n > 0 {
            SIGNAL.emit(n - 1);
            SIGNAL.emit(n - 1);
        }
    });
    SIGNAL.emit(1);
    SIGNAL.emit(0);
    assert_eq!(woken.take(), 1);
    assert_eq!(queue.drain(), 2);
    assert_eq!((woken.take(), queue.len()), (1, 2));
    assert_eq!(queue.drain(), 2);
    assert_eq!(woken.take(), 0);
    SIGNAL.emit(1);
    assert_eq!(
        (woken.take(), queue.drain(), woken.take()),
        (1, 1, 1),
        "from its last call"
    );
}

#[test]
fn after_what_was_stored_has_been_discarded_the_next_call_wakes_again() {
    let (one, other) = (Signal::<()>::new(), Signal::<()>::new());
    let queue = Queue::new(8);
    let woken = counting_wakes(&queue);
    let slot = queue.connect(&one, || ());
    queue.connect(&other, || ());
    one.emit();
    assert_eq!(woken.take(), 1);
    one.disconnect(slot);
    assert!(queue.is_empty());
    assert_eq!(woken.take(), 0);
    other.emit();
    assert_eq!(woken.take(), 1);
    other.emit();
    assert_eq!(woken.take(), 0);
}

/// A loop that looks before it drains, and finds the queue empty, misses nothing.
#[test]
fn a_drain_of_an_empty_queue_changes_nothing() {
    let signal: Signal<()> = Signal::new();
    let queue = Queue::new(8);
    let woken = counting_wakes(&queue);
    queue.connect(&signal, || ());
    assert_eq!(queue.drain(), 0);
    signal.emit();
    assert_eq!(woken.take(), 1);
}

#[test]
fn a_new_hook_is_called_at_once_if_calls_are_stored() {
    let signal: Signal<()> = Signal::new();
    let queue = Queue::new(8);
    queue.connect(&signal, || ());
    signal.emit();
    let first = counting_wakes(&queue);
    assert_eq!(first.take(), 1);
    signal.emit();
    assert_eq!(first.take(), 0, "it has been called");
    let second = counting_wakes(&queue);
    assert_eq!((first.take(), second.take()), (0, 1));
    queue.drain();
    let third = counting_wakes(&queue);
    assert_eq!(third.take(), 0, "nothing is stored");
    signal.emit();
    assert_eq!((first.take(), second.take(), third.take()), (0, 0, 1));
}

#[test]
fn a_hook_is_dropped_when_it_is_replaced_and_with_the_queue() {
    let (queue, dropped) = (Queue::new(8), Counter::default());
    for _ in 0..2 {
        queue.on_wake(dropped.tracked().held());
    }
    assert_eq!(dropped.get(), 1);
    drop(queue);
    assert_eq!(dropped.get(), 2);
}

#[test]
fn what_is_not_stored_does_not_wake() {
    let signal: Signal<()> = Signal::new();
    let queue = Queue::new(8);
    let woken = counting_wakes(&queue);
    let slot = queue.connect(&signal, || ());
    let guard = signal.block(slot);
    signal.emit();
    drop(guard);
    signal.disconnect(slot);
    signal.emit();
    assert_eq!(woken.get(), 0);
}

#[test]
fn when_it_is_full_the_queue_wakes_nobody_again() {
    let signal: Signal<(u8,)> = Signal::new();
    let queue = Queue::new(1);
    let woken = counting_wakes(&queue);
    queue.connect(&signal, |_| ());
    for n in 0..10 {
        signal.emit(n);
    }
    assert_eq!((woken.take(), queue.drain()), (1, 1));
}

/// A loop that parks until the hook unparks it sees every call, for as long as others emit.
#[test]
fn a_loop_that_waits_for_the_hook_sees_everything() {
    within(DEADLOCK, "a loop that parks", || {
        const EACH: usize = 2000;
        static SIGNAL: Signal<(usize,)> = Signal::new();
        let queue = Queue::new(usize::MAX);
        let this = thread::current();
        queue.on_wake(move || this.unpark());
        queue.connect(&SIGNAL, drop);
        let emitters = [(); 3].map(|()| {
            thread::spawn(|| {
                for n in 0..EACH {
                    SIGNAL.emit(n);
                }
            })
        });
        let mut delivered = 0;
        while delivered < 3 * EACH {
            match queue.drain() {
                0 => thread::park(),
                calls => delivered += calls,
            }
        }
        for emitter in emitters {
            emitter.join().unwrap();
        }
        assert_eq!(queue.drain(), 0);
    });
}
