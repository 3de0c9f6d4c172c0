//! User code that uses the queue while it delivers: closures, hooks, and the drop of arguments and closures.

use std::cell::RefCell;
use std::rc::{Rc, Weak};
use std::sync::{Arc, Mutex};

use smoke_signal::{Connection, Queue, Signal};

use crate::common::{DEADLOCK, OnDrop, within};

use super::Seen;

#[test]
fn a_closure_may_drain_its_queue_which_delivers_nothing() {
    let (signal, queue) = (Signal::<(u8,)>::new(), Rc::new(Queue::new(8)));
    let seen = Seen::new();
    let (own, record) = (Rc::downgrade(&queue), seen.clone());
    queue.connect(&signal, move |n| {
        let queue = own.upgrade().unwrap();
        record.add((n, queue.drain(), queue.len()));
    });
    signal.emit(1);
    signal.emit(2);
    assert_eq!(queue.drain(), 2);
    assert_eq!(seen.take(), [(1, 0, 1), (2, 0, 0)]);
    signal.emit(3);
    assert_eq!(queue.drain(), 1, "it delivers again");
}

#[test]
fn a_closure_may_drain_another_queue() {
    let signal: Signal<(u8,)> = Signal::new();
    let (outer, inner) = (Queue::new(8), Queue::new(8));
    let seen = Seen::new();
    inner.connect(&signal, seen.adding());
    let drained = seen.clone();
    outer.connect(&signal, move |_| {
        drained.add(u8::try_from(inner.drain()).unwrap());
    });
    signal.emit(7);
    signal.emit(8);
    assert_eq!(outer.drain(), 2);
    assert_eq!(seen.take(), [7, 8, 2, 0]);
}

#[test]
fn a_closure_may_emit() {
    static SIGNAL: Signal<(u8,)> = Signal::new();
    let (queue, seen) = (Queue::new(8), Seen::new());
    let record = seen.clone();
    SIGNAL.connect(|_| ());
    queue.connect(&SIGNAL, move |n| {
        record.add(n);
        if n < 3 {
            SIGNAL.emit(n + 1);
        }
    });
    SIGNAL.emit(1);
    assert_eq!([(); 4].map(|()| queue.drain()), [1, 1, 1, 0]);
    assert_eq!(seen.take(), [1, 2, 3]);
}

/// The new slot is called for what is emitted from then on, which the next `drain` delivers.
#[test]
fn a_closure_may_connect_to_its_queue() {
    static SIGNAL: Signal<(u8,)> = Signal::new();
    let (queue, seen) = (Rc::new(Queue::new(8)), Seen::new());
    let (own, record) = (Rc::downgrade(&queue), seen.clone());
    queue.connect(&SIGNAL, move |n| {
        record.add(("old", n));
        if n == 1 {
            let record = record.clone();
            let add = move |n| record.add(("new", n));
            own.upgrade().unwrap().connect(&SIGNAL, add);
            SIGNAL.emit(3);
        }
    });
    SIGNAL.emit(1);
    SIGNAL.emit(2);
    assert_eq!(queue.drain(), 2);
    assert_eq!(seen.take(), [("old", 1), ("old", 2)]);
    assert_eq!(queue.drain(), 2);
    assert_eq!(seen.take(), [("old", 3), ("new", 3)]);
}

#[test]
fn a_closure_may_disconnect_others_whose_calls_are_discarded() {
    let (signal, queue) = (Rc::new(Signal::<(u8,)>::new()), Queue::new(8));
    let (seen, victim) = (Seen::new(), Rc::new(RefCell::new(None::<Connection>)));
    let (own, record) = (Rc::clone(&signal), seen.clone());
    let key = Rc::clone(&victim);
    queue.connect(&signal, move |n| {
        record.add(("first", n));
        if let Some(key) = key.take() {
            assert!(own.disconnect(key));
        }
    });
    let record = seen.clone();
    let slot = queue.connect(&signal, move |n| record.add(("second", n)));
    signal.emit(1);
    assert_eq!(queue.drain(), 2);
    assert_eq!(seen.take(), [("first", 1), ("second", 1)]);
    victim.replace(Some(slot));
    signal.emit(2);
    signal.emit(3);
    assert_eq!(queue.drain(), 2);
    assert_eq!(seen.take(), [("first", 2), ("first", 3)]);
}

#[test]
fn a_closure_may_drop_its_signal_and_the_handle_of_its_queue() {
    let signal = Rc::new(RefCell::new(Some(Signal::<(u8,)>::new())));
    let queue = Rc::new(Queue::new(8));
    let handle = Rc::new(RefCell::new(Some(Rc::clone(&queue))));
    let seen = Seen::new();
    let (own, handle, record) = (Rc::clone(&signal), Rc::clone(&handle), seen.clone());
    queue.connect(signal.borrow().as_ref().unwrap(), move |n| {
        drop(own.take());
        drop(handle.take());
        record.add(n);
    });
    for n in [1, 2] {
        signal.borrow().as_ref().unwrap().emit(n);
    }
    let drained = {
        let queue = queue; // the last one, once the closure has run
        queue.drain()
    };
    assert_eq!(drained, 2);
    assert_eq!(seen.take(), [1, 2]);
}

/// The only owner calls `drain` through a `Weak`: the queue is dropped as the statement ends.
#[test]
fn the_last_handle_may_be_dropped_while_the_queue_delivers() {
    let signal: Signal<()> = Signal::new();
    let owner = Rc::new(RefCell::new(Some(Rc::new(Queue::new(8)))));
    let queue: Weak<Queue> = Rc::downgrade(owner.borrow().as_ref().unwrap());
    let own = Rc::clone(&owner);
    queue
        .upgrade()
        .unwrap()
        .connect(&signal, move || drop(own.take()));
    signal.emit();
    signal.emit();
    assert_eq!(queue.upgrade().unwrap().drain(), 2);
    assert!(queue.upgrade().is_none() && signal.is_empty());
}

/// An argument that does something when it is dropped. The last slot gets the original, so it is dropped once.
#[derive(Clone)]
struct Acting(#[allow(dead_code, reason = "dropped")] Arc<OnDrop<Box<dyn FnMut() + Send + Sync>>>);

impl Acting {
    fn new(act: impl FnMut() + Send + Sync + 'static) -> Self {
        Self(Arc::new(OnDrop(Box::new(act))))
    }
}

/// Whatever drops a stored argument: a missed call, a slot that leaves, a queue that is dropped, a delivery.
#[test]
fn the_drop_of_an_argument_may_use_signals_and_queues() {
    static SIGNAL: Signal<(Acting,)> = Signal::new();
    static NESTED: Signal<(u8,)> = Signal::new();
    static COUNT: Mutex<u32> = Mutex::new(0);
    type Drops = fn(Queue, Connection);
    let ways: [Drops; 4] = [
        |_queue, _| _ = SIGNAL.emit(Acting::new(|| ())),
        |_queue, slot| assert!(SIGNAL.disconnect(slot)),
        |queue, _| drop(queue),
        |queue, _| assert_eq!(queue.drain(), 1), // the other has been missed by then
    ];
    within(DEADLOCK, "the drop of an argument", move || {
        for way in ways {
            *COUNT.lock().unwrap() = 0;
            let queue = Queue::new(2);
            let slot = queue.connect(&SIGNAL, drop);
            queue.connect(&NESTED, drop);
            queue.on_wake(|| ());
            SIGNAL.emit(Acting::new(|| {
                *COUNT.lock().unwrap() += 1;
                NESTED.emit(1);
                NESTED.emit(2);
                let other = Queue::new(1);
                other.connect(&NESTED, drop);
                NESTED.emit(3);
                assert_eq!(other.drain(), 1);
            }));
            NESTED.emit(0);
            way(queue, slot);
            assert_eq!(*COUNT.lock().unwrap(), 1);
            SIGNAL.disconnect_all();
            NESTED.disconnect_all();
        }
    });
}

/// What a closure owns is dropped at the end of its slot, or of its queue.
#[test]
fn the_drop_of_a_closure_may_use_signals_and_queues() {
    static SIGNAL: Signal<()> = Signal::new();
    static NESTED: Signal<(u8,)> = Signal::new();
    within(DEADLOCK, "the drop of a closure", || {
        for drops_queue in [false, true] {
            let queue = Rc::new(Queue::new(2));
            let seen = Seen::new();
            let (weak, record) = (Rc::downgrade(&queue), seen.clone());
            let on_drop = OnDrop(move || {
                NESTED.emit(1);
                let Some(queue) = weak.upgrade() else {
                    return record.add(0);
                };
                record.add(queue.drain());
                let inner = queue.connect(&NESTED, drop);
                NESTED.disconnect(inner);
            });
            queue.connect(&NESTED, drop);
            let slot = queue.connect(&SIGNAL, move || _ = &on_drop);
            SIGNAL.emit();
            if drops_queue {
                drop(queue);
                assert_eq!(seen.take(), [0]);
            } else {
                SIGNAL.disconnect(slot);
                assert_eq!(seen.take(), [1]);
            }
            NESTED.disconnect_all();
        }
    });
}

/// The closure of a slot that another thread has disconnected is dropped by `drain`, inside of which the queue
/// delivers nothing.
#[test]
fn a_closure_that_drain_drops_is_inside_that_drain() {
    static SIGNAL: Signal<()> = Signal::new();
    static OTHER: Signal<()> = Signal::new();
    let (queue, seen) = (Rc::new(Queue::new(2)), Seen::new());
    let (own, record) = (Rc::downgrade(&queue), seen.clone());
    let on_drop = OnDrop(move || record.add(own.upgrade().unwrap().drain()));
    queue.connect(&SIGNAL, move || _ = &on_drop);
    queue.connect(&OTHER, || ());
    OTHER.emit();
    std::thread::spawn(|| SIGNAL.disconnect_all())
        .join()
        .unwrap();
    assert_eq!(queue.drain(), 1);
    assert_eq!(seen.take(), [0]);
}

#[test]
fn a_hook_and_its_drop_may_use_signals() {
    static SIGNAL: Signal<(u8,)> = Signal::new();
    within(DEADLOCK, "a hook", || {
        let (queue, seen) = (Queue::new(8), Seen::new());
        queue.connect(&SIGNAL, seen.adding());
        let dropped = OnDrop(|| _ = SIGNAL.emit(9));
        queue.on_wake(move || {
            _ = &dropped;
            SIGNAL.emit(2);
        });
        SIGNAL.emit(1);
        assert_eq!(queue.drain(), 2);
        queue.on_wake(|| _ = SIGNAL.emit(4)); // drops the former, which emits, which calls this one
        assert_eq!(queue.drain(), 2);
        assert_eq!(seen.take(), [1, 2, 9, 4]);
        queue.on_wake(|| ());
        let own = OnDrop(|| _ = SIGNAL.emit(9));
        queue.on_wake(move || _ = &own);
        drop(queue); // and its hook
        assert_eq!(seen.take(), []);
    });
}
