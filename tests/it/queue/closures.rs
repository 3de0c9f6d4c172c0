//! When, and on which thread, the closures of a queue are dropped.

use std::cell::RefCell;
use std::rc::Rc;
use std::thread;

use smoke_signal::{Queue, Signal};

use crate::common::OnDrop;

use super::Seen;

/// A closure that holds an `Rc`, and what tells whether it has been dropped.
fn held() -> (impl FnMut() + 'static, Rc<()>) {
    let witness = Rc::new(());
    let own = Rc::clone(&witness);
    (move || _ = &own, witness)
}

fn is_dropped(witness: &Rc<()>) -> bool {
    Rc::strong_count(witness) == 1
}

#[test]
fn disconnecting_on_the_queues_thread_drops_the_closure_at_once() {
    let (signal, queue) = (Signal::<()>::new(), Queue::new(8));
    let (f, witness) = held();
    let slot = queue.connect(&signal, f);
    let mut calls = signal.calls(); // an emission that holds the slot does not hold the closure
    signal.emit();
    assert!(!is_dropped(&witness));
    signal.disconnect(slot);
    assert!(is_dropped(&witness));
    assert_eq!(calls.next(), None);
}

#[test]
fn dropping_the_signal_drops_the_closure_at_once_if_nothing_is_stored() {
    let (signal, queue) = (Signal::<()>::new(), Queue::new(8));
    let (f, witness) = held();
    queue.connect(&signal, f);
    signal.emit();
    queue.drain();
    drop(signal);
    assert!(is_dropped(&witness));
}

#[test]
fn dropping_the_queue_drops_the_closures() {
    let (signal, queue) = (Signal::<()>::new(), Queue::new(8));
    let (f, witness) = held();
    queue.connect(&signal, f);
    signal.emit();
    drop(queue);
    assert!(is_dropped(&witness));
}

/// Another thread cannot drop it.
#[test]
fn after_another_thread_has_disconnected_the_next_drain_or_connect_drops_the_closure() {
    let use_again: [fn(&Queue); 3] = [
        |queue| assert_eq!(queue.drain(), 0),
        |queue| _ = queue.connect(&Signal::<()>::new(), || ()),
        |queue| {
            // Whatever leaves on this thread takes the others with it.
            let signal = Signal::<()>::new();
            signal.disconnect(queue.connect(&signal, || ()));
        },
    ];
    for use_again in use_again {
        let (signal, queue) = (Signal::<()>::new(), Queue::new(8));
        let (f, witness) = held();
        queue.connect(&signal, f);
        signal.emit();
        thread::scope(|scope| {
            scope.spawn(|| signal.disconnect_all()).join().unwrap();
        });
        assert_eq!(queue.len(), 0);
        assert!(!is_dropped(&witness));
        use_again(&queue);
        assert!(is_dropped(&witness));
    }
}

#[test]
fn after_another_thread_has_dropped_the_signal_the_last_delivery_drops_the_closure() {
    for stored in [0, 2] {
        let (signal, queue) = (Signal::<()>::new(), Queue::new(8));
        let (f, witness) = held();
        queue.connect(&signal, f);
        for _ in 0..stored {
            signal.emit();
        }
        thread::spawn(move || drop(signal)).join().unwrap();
        assert!(!is_dropped(&witness));
        assert_eq!(queue.drain(), stored);
        assert!(is_dropped(&witness));
    }
}

#[test]
fn a_closure_that_disconnects_itself_is_dropped_when_it_returns() {
    let (signal, queue) = (Rc::new(Signal::<()>::new()), Queue::new(8));
    let seen = Seen::new();
    let (own, record) = (Rc::clone(&signal), seen.clone());
    let witness = Rc::new(());
    let captured = Rc::clone(&witness);
    queue.connect(&signal, move || {
        own.disconnect_all();
        record.add(Rc::strong_count(&captured));
    });
    signal.emit();
    signal.emit();
    assert_eq!(queue.drain(), 1);
    assert_eq!(seen.take(), [2], "while it runs");
    assert!(is_dropped(&witness));
}

#[test]
fn a_closure_whose_slot_another_thread_disconnects_while_it_runs_is_dropped_by_that_drain() {
    static SIGNAL: Signal<()> = Signal::new();
    let queue = Queue::new(8);
    let witness = Rc::new(());
    let captured = Rc::clone(&witness);
    queue.connect(&SIGNAL, move || {
        _ = &captured;
        thread::spawn(|| SIGNAL.disconnect_all()).join().unwrap();
    });
    SIGNAL.emit();
    SIGNAL.emit();
    assert_eq!(queue.drain(), 1);
    assert!(is_dropped(&witness));
}

/// Its place among the slots of the queue is free for the new one before its closure has been dropped.
#[test]
fn a_closure_whose_slot_left_while_connect_dropped_others_may_use_the_queue_in_its_drop() {
    static FIRST: Signal<()> = Signal::new();
    static SECOND: Signal<()> = Signal::new();
    let (queue, seen) = (Rc::new(Queue::new(8)), Seen::new());
    let first = OnDrop(|| {
        let leave = thread::spawn(|| SECOND.disconnect_all());
        leave.join().unwrap();
    });
    queue.connect(&FIRST, move || _ = &first);
    let (own, record) = (Rc::downgrade(&queue), seen.clone());
    let second = OnDrop(move || {
        let queue = own.upgrade().unwrap();
        queue.drain();
        queue.connect(&SECOND, || ());
        record.add(SECOND.len());
    });
    queue.connect(&SECOND, move || _ = &second);
    let leave = thread::spawn(|| FIRST.disconnect_all());
    leave.join().unwrap();
    queue.connect(&FIRST, || ());
    assert_eq!(seen.take(), [1]);
    FIRST.emit();
    SECOND.emit();
    assert_eq!(queue.drain(), 2);
}

/// Queues of one thread are told apart, also if one is made where another was.
#[test]
fn queues_of_one_thread_do_not_meet() {
    for _ in 0..3 {
        let signal = Signal::<()>::new();
        let queues = [(); 3].map(|()| Queue::new(8));
        let (closures, witnesses): (Vec<_>, Vec<_>) = [(); 3].map(|()| held()).into_iter().unzip();
        let connect = |(queue, f): (&Queue, _)| queue.connect(&signal, f);
        let slots: Vec<_> = queues.iter().zip(closures).map(connect).collect();
        signal.disconnect(slots[1]);
        let dropped: Vec<bool> = witnesses.iter().map(is_dropped).collect();
        assert_eq!(dropped, [false, true, false]);
        let [first, ..] = queues;
        drop(first);
        assert!(is_dropped(&witnesses[0]));
    }
}

/// The thread's other thread-locals, and the library's own, are being destroyed at that time.
#[test]
fn a_queue_may_be_a_thread_local() {
    thread_local! {
        static BEFORE: RefCell<Option<Queue>> = const { RefCell::new(None) };
        static SIGNAL: Signal<()> = const { Signal::new() };
        static QUEUE: Queue = Queue::new(8);
        static AFTER: RefCell<Option<Queue>> = const { RefCell::new(None) };
    }
    static SHARED: Signal<()> = Signal::new();
    thread::spawn(|| {
        BEFORE.with(|queue| queue.replace(Some(Queue::new(1))));
        QUEUE.with(|queue| SIGNAL.with(|signal| queue.connect(signal, || ())));
        QUEUE.with(|queue| queue.connect(&SHARED, || ()));
        AFTER.with(|after| after.replace(Some(Queue::new(1))));
        for queue in [&BEFORE, &AFTER] {
            queue.with_borrow(|queue| {
                let queue = queue.as_ref().unwrap();
                SIGNAL.with(|signal| queue.connect(signal, || ()));
                queue.connect(&SHARED, || ());
            });
        }
        SIGNAL.with(Signal::<()>::emit);
        SHARED.emit();
        QUEUE.with(|queue| assert_eq!(queue.drain(), 2));
        SHARED.emit();
    })
    .join()
    .unwrap();
    assert!(SHARED.is_empty());
}
