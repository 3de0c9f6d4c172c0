//! Emissions into a queue while its thread delivers, and while slots, signals and the queue itself go.
//!
//! The queue is on the first thread of each model. What is read and written to find out what happened is relaxed,
//! or not seen by `loom` at all.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::sync::{Condvar, Mutex};
use loom::thread::{self, JoinHandle};
use smoke_signal::{Args, Queue, Signal};

use crate::with_preemptions;

type Shared<A> = Arc<Signal<A>>;

/// A signal whose state exists already.
fn signal<A: Args>() -> Shared<A> {
    let signal = Arc::new(Signal::new());
    let placeholder = signal.connect_tuple(|_| ());
    signal.disconnect(placeholder);
    signal
}

/// The numbers that were delivered.
#[derive(Clone, Default)]
struct Seen(Rc<RefCell<Vec<u8>>>);

impl Seen {
    fn adding(&self) -> impl FnMut(u8) + 'static {
        let seen = self.clone();
        move |n| seen.0.borrow_mut().push(n)
    }

    fn take(&self) -> Vec<u8> {
        self.0.take()
    }
}

/// Emits numbers on a thread of its own.
fn emitter(signal: &Shared<(u8,)>, numbers: &'static [u8]) -> JoinHandle<()> {
    let signal = Arc::clone(signal);
    thread::spawn(move || {
        for &n in numbers {
            signal.emit(n);
        }
    })
}

/// An event loop that sleeps until the hook wakes it.
#[derive(Default)]
struct Loop {
    woken: Mutex<bool>,
    wakes: Condvar,
}

impl Loop {
    fn of(queue: &Queue) -> Arc<Self> {
        let events: Arc<Self> = Arc::default();
        let woken = Arc::clone(&events);
        queue.on_wake(move || {
            *woken.woken.lock().unwrap() = true;
            woken.wakes.notify_one();
        });
        events
    }

    /// Sleeps until the hook has been called. If it never is, `loom` reports a deadlock.
    fn sleep(&self) {
        let mut woken = self.woken.lock().unwrap();
        while !*woken {
            woken = self.wakes.wait(woken).unwrap();
        }
        *woken = false;
    }
}

/// `drain` during emissions of one thread to two signals. They are delivered in order, and what was emitted before
/// is visible.
#[test]
fn drain_against_an_emitter_with_two_signals() {
    loom::model(|| {
        let (one, other) = (signal::<(u8,)>(), signal::<(u8,)>());
        let (queue, seen) = (Queue::new(9), Seen::default());
        let data = Arc::new(AtomicUsize::new(0));
        for signal in [&one, &other] {
            let (mut add, written) = (seen.adding(), Arc::clone(&data));
            queue.connect(signal, move |n| {
                assert!(
                    written.load(Ordering::Relaxed) >= usize::from(n),
                    "not visible"
                );
                add(n);
            });
        }
        let emitter = thread::spawn({
            let (one, other) = (Arc::clone(&one), Arc::clone(&other));
            move || {
                for (n, signal) in [(1, &one), (2, &other), (3, &one)] {
                    data.store(n, Ordering::Relaxed);
                    signal.emit(u8::try_from(n).unwrap());
                }
            }
        });
        let first = queue.drain();
        assert_eq!(seen.0.borrow().len(), first);
        emitter.join().unwrap();
        assert_eq!((first + queue.drain(), queue.len()), (3, 0));
        assert_eq!(seen.take(), [1, 2, 3]);
    });
}

/// The same slot, and a slot of each emitter.
#[test]
fn drain_against_two_emitters() {
    for same_signal in [false, true] {
        with_preemptions(3, move || {
            let one = signal::<(u8,)>();
            let other = if same_signal {
                Arc::clone(&one)
            } else {
                signal()
            };
            let (queue, seen) = (Queue::new(9), Seen::default());
            queue.connect(&one, seen.adding());
            if !same_signal {
                queue.connect(&other, seen.adding());
            }
            let emitters = [emitter(&one, &[1, 2]), emitter(&other, &[3])];
            let mut delivered = queue.drain();
            for emitter in emitters {
                emitter.join().unwrap();
            }
            delivered += queue.drain();
            let seen = seen.take();
            assert_eq!((delivered, seen.len(), queue.len()), (3, 3, 0));
            let place = |n| seen.iter().position(|&seen| seen == n).unwrap();
            assert!(place(1) < place(2), "{seen:?}");
            assert!(place(3) < 3);
        });
    }
}

/// If the queue is not empty and nobody delivers, the hook has been called since somebody did.
#[test]
fn no_wake_up_is_lost_with_one_emitter() {
    for same_signal in [false, true] {
        loom::model(move || {
            let one = signal::<(u8,)>();
            let other = if same_signal {
                Arc::clone(&one)
            } else {
                signal()
            };
            let (queue, seen) = (Queue::new(9), Seen::default());
            let events = Loop::of(&queue);
            queue.connect(&one, seen.adding());
            if !same_signal {
                queue.connect(&other, seen.adding());
            }
            let emitter = thread::spawn(move || {
                one.emit(1);
                other.emit(2);
            });
            let mut delivered = 0;
            while delivered < 2 {
                events.sleep();
                delivered += queue.drain();
            }
            assert_eq!(seen.take(), [1, 2]);
            emitter.join().unwrap();
        });
    }
}

#[test]
fn no_wake_up_is_lost_with_two_emitters() {
    with_preemptions(3, || {
        let signal = signal::<(u8,)>();
        let (queue, seen) = (Queue::new(9), Seen::default());
        let events = Loop::of(&queue);
        queue.connect(&signal, seen.adding());
        let emitters = [emitter(&signal, &[1, 2]), emitter(&signal, &[3])];
        let mut delivered = 0;
        while delivered < 3 {
            events.sleep();
            delivered += queue.drain();
        }
        for emitter in emitters {
            emitter.join().unwrap();
        }
        assert_eq!(seen.take().len(), 3);
    });
}

/// A loop that does not call `drain` if it finds the queue empty.
#[test]
fn no_wake_up_is_lost_to_a_disconnect() {
    with_preemptions(3, || {
        let (one, other) = (signal::<(u8,)>(), signal::<(u8,)>());
        let (queue, seen) = (Queue::new(9), Seen::default());
        let events = Loop::of(&queue);
        let slot = queue.connect(&one, seen.adding());
        queue.connect(&other, seen.adding());
        let leaver = thread::spawn(move || {
            one.emit(1);
            assert!(one.disconnect(slot));
        });
        let emitter = emitter(&other, &[2]);
        loop {
            events.sleep();
            if !queue.is_empty() && queue.drain() > 0 && seen.0.borrow().contains(&2) {
                break;
            }
        }
        leaver.join().unwrap();
        emitter.join().unwrap();
        assert_eq!((queue.drain(), queue.len()), (0, 0));
    });
}

/// Each call is delivered or missed, and there is always room for the newest.
#[test]
fn a_full_queue_against_two_emitters() {
    for same_signal in [false, true] {
        with_preemptions(3, move || {
            let one = signal::<(u8,)>();
            let other = if same_signal {
                Arc::clone(&one)
            } else {
                signal()
            };
            let (queue, seen) = (Queue::new(1), Seen::default());
            let events = Loop::of(&queue);
            queue.connect(&one, seen.adding());
            if !same_signal {
                queue.connect(&other, seen.adding());
            }
            let emitters = [emitter(&one, &[1]), emitter(&other, &[2])];
            events.sleep();
            let mut delivered = queue.drain();
            for emitter in emitters {
                emitter.join().unwrap();
            }
            assert!(queue.len() <= 1);
            delivered += queue.drain();
            let missed = usize::try_from(queue.missed()).unwrap();
            assert_eq!((delivered + missed, seen.take().len()), (2, delivered));
            assert!(delivered >= 1);
        });
    }
}

/// An argument that another slot's clone does not count.
type Counted = Arc<()>;

/// Nothing is delivered after `disconnect` has returned, and what is not delivered is dropped.
#[test]
fn disconnect_against_an_emitter_and_drain() {
    with_preemptions(3, || {
        let signal = signal::<(Counted,)>();
        let argument = Counted::default();
        let (queue, calls) = (Queue::new(9), Rc::new(RefCell::new(0)));
        let called = Rc::clone(&calls);
        let slot = queue.connect(&signal, move |_| *called.borrow_mut() += 1);
        let emitter = thread::spawn({
            let (signal, argument) = (Arc::clone(&signal), Arc::clone(&argument));
            move || {
                signal.emit(Arc::clone(&argument));
                signal.emit(argument);
            }
        });
        let leaver = thread::spawn({
            let signal = Arc::clone(&signal);
            move || assert!(signal.disconnect(slot))
        });
        let delivered = queue.drain();
        leaver.join().unwrap();
        assert_eq!((queue.drain(), queue.len()), (0, 0));
        emitter.join().unwrap();
        assert_eq!((queue.drain(), queue.len()), (0, 0));
        assert_eq!(*calls.borrow(), delivered);
        assert_eq!(Rc::strong_count(&calls), 1, "the closure has been dropped");
        assert_eq!(Arc::strong_count(&argument), 1, "discarded or delivered");
    });
}

#[test]
fn disconnect_by_the_queues_thread_against_an_emitter() {
    loom::model(|| {
        let signal = signal::<(Counted,)>();
        let argument = Counted::default();
        let queue = Queue::new(9);
        let slot = queue.connect(&signal, drop);
        let emitter = thread::spawn({
            let (signal, argument) = (Arc::clone(&signal), Arc::clone(&argument));
            move || {
                signal.emit(Arc::clone(&argument));
                signal.emit(argument);
            }
        });
        assert!(signal.disconnect(slot));
        assert_eq!((queue.drain(), queue.len()), (0, 0));
        emitter.join().unwrap();
        assert_eq!((queue.drain(), queue.len()), (0, 0));
        assert_eq!(Arc::strong_count(&argument), 1);
    });
}

#[test]
fn the_drop_of_the_queue_against_an_emitter() {
    loom::model(|| {
        let signal = signal::<(Counted,)>();
        let argument = Counted::default();
        let queue = Queue::new(1);
        let wakes = Arc::new(AtomicUsize::new(0));
        let hook = Arc::clone(&wakes);
        queue.on_wake(move || {
            hook.fetch_add(1, Ordering::Relaxed);
        });
        queue.connect(&signal, drop);
        let emitter = thread::spawn({
            let (signal, argument) = (Arc::clone(&signal), Arc::clone(&argument));
            move || {
                signal.emit(Arc::clone(&argument));
                signal.emit(argument);
            }
        });
        drop(queue);
        assert!(signal.is_empty());
        emitter.join().unwrap();
        assert_eq!(Arc::strong_count(&argument), 1, "dropped");
        assert_eq!(Arc::strong_count(&wakes), 1, "so is the hook");
    });
}

/// What is stored is delivered, and after that the closure is dropped.
#[test]
fn the_drop_of_the_signal_against_drain() {
    loom::model(|| {
        let signal = signal::<(u8,)>();
        let (queue, seen) = (Queue::new(9), Seen::default());
        queue.connect(&signal, seen.adding());
        signal.emit(1);
        let last = thread::spawn(move || {
            signal.emit(2);
            drop(signal);
        });
        let first = queue.drain();
        last.join().unwrap();
        assert_eq!(first + queue.drain(), 2);
        assert_eq!(seen.take(), [1, 2]);
        assert_eq!(Rc::strong_count(&seen.0), 1, "the closure has been dropped");
    });
}

/// Whichever comes first, the hook is called for the call.
#[test]
fn on_wake_against_an_emitter() {
    loom::model(|| {
        let signal = signal::<(u8,)>();
        let (queue, seen) = (Queue::new(9), Seen::default());
        queue.connect(&signal, seen.adding());
        let emitter = emitter(&signal, &[1]);
        let events = Loop::of(&queue);
        events.sleep();
        assert_eq!(queue.drain(), 1);
        assert_eq!(seen.take(), [1]);
        emitter.join().unwrap();
    });
}
