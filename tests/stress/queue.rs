//! A queue whose thread sleeps between the hook's calls, while several threads emit two signals and another one
//! disconnects slots.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::hint;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Barrier, Mutex};
use std::thread;

use smoke_signal::{Connection, Queue, Signal};

use crate::common::Numbers;
use crate::live::{Held, Live};
use crate::scenario::{lock, scenario, threads};

type Plain = Signal<(usize, usize, Arc<Held>)>;
type Boxed = Signal<(Box<(usize, usize)>, Arc<Held>)>;

/// How many slots are connected to each of the two signals.
const SLOTS: usize = 3;

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    /// All slots stay to the end.
    Whole,
    /// Another thread disconnects some.
    Leaving,
    /// The queue is dropped early.
    Dropped,
}

struct Round {
    kind: Kind,
    capacity: usize,
    plain: Plain,
    boxed: Boxed,
    /// Emitted last, after all others.
    over: Signal<()>,
    /// The keys of the slots, of both signals in turn.
    keys: Mutex<Vec<Connection>>,
    /// Whether the slot has been disconnected.
    left: [AtomicBool; 2 * SLOTS],
    connected: Barrier,
    emitters: AtomicUsize,
    emitted: AtomicUsize,
    live: Arc<Live>,
}

impl Round {
    fn new(numbers: &mut Numbers) -> Self {
        Self {
            kind: [Kind::Whole, Kind::Leaving, Kind::Dropped][numbers.below(3)],
            capacity: [1, 2, 7, usize::MAX][numbers.below(4)],
            plain: Signal::new(),
            boxed: Signal::new(),
            over: Signal::new(),
            keys: Mutex::default(),
            left: Default::default(),
            connected: Barrier::new(threads()),
            emitters: AtomicUsize::new(threads() - 2),
            emitted: AtomicUsize::new(0),
            live: Arc::default(),
        }
    }

    fn left(&self) -> [bool; 2 * SLOTS] {
        self.left.each_ref().map(|left| left.load(SeqCst))
    }

    /// Connects a queue and delivers until the end.
    fn deliver(&self, numbers: &mut Numbers) {
        let queue = Queue::new(self.capacity);
        let this = thread::current();
        queue.on_wake(move || this.unpark());
        let seen = Rc::new(Deliveries::default());
        for slot in 0..SLOTS {
            let (held, own) = (Held::new(&self.live), Rc::clone(&seen));
            let key = queue.connect(&self.plain, move |thread, number, _| {
                held.touch();
                own.add(2 * slot, thread, number);
            });
            lock(&self.keys).push(key);
            let (held, own) = (Held::new(&self.live), Rc::clone(&seen));
            let key = queue.connect(&self.boxed, move |call, _| {
                held.touch();
                own.add(2 * slot + 1, call.0, call.1);
            });
            lock(&self.keys).push(key);
        }
        let own = Rc::clone(&seen);
        queue.connect(&self.over, move || own.over.set(true));
        self.connected.wait();
        let drains = if self.kind == Kind::Dropped {
            numbers.below(10)
        } else {
            usize::MAX
        };
        let mut delivered = 0;
        for _ in 0..drains {
            seen.left.set(self.left());
            match queue.drain() {
                0 => thread::park(),
                calls => delivered += calls,
            }
            if seen.over.get() {
                break;
            }
        }
        if drains < usize::MAX {
            return;
        }
        assert_eq!((queue.drain(), queue.len()), (0, 0));
        assert_eq!(delivered, seen.calls.get() + 1, "of `over`");
        let missed = usize::try_from(queue.missed()).unwrap();
        let stored = self.emitted.load(SeqCst) * SLOTS;
        match self.kind {
            Kind::Whole => assert_eq!(seen.calls.get() + missed, stored, "delivered or missed"),
            _ => assert!(seen.calls.get() + missed <= stored),
        }
        assert!(self.capacity < usize::MAX || missed == 0, "there was room");
    }

    /// Emits, now through one signal and now through the other.
    fn emit(&self, numbers: &mut Numbers, thread: usize) {
        self.connected.wait();
        for number in 0..=numbers.below(60) {
            self.emitted.fetch_add(1, SeqCst);
            let held = Arc::new(Held::new(&self.live));
            if numbers.below(2) == 0 {
                self.plain.emit(thread, number, held);
            } else {
                self.boxed.emit(Box::new((thread, number)), held);
            }
        }
        if self.emitters.fetch_sub(1, SeqCst) == 1 {
            self.over.emit();
        }
    }

    fn leave(&self, numbers: &mut Numbers) {
        self.connected.wait();
        if self.kind != Kind::Leaving {
            return;
        }
        let keys = lock(&self.keys).clone();
        for (slot, &key) in keys.iter().enumerate() {
            for _ in 0..numbers.below(2000) {
                hint::spin_loop();
            }
            let left = numbers.below(3) > 0
                && if slot % 2 == 0 {
                    self.plain.disconnect(key)
                } else {
                    self.boxed.disconnect(key)
                };
            self.left[slot].store(left, SeqCst);
        }
    }
}

/// What the closures have seen.
#[derive(Default)]
struct Deliveries {
    calls: Cell<usize>,
    over: Cell<bool>,
    /// The slots that had been disconnected when the `drain` began.
    left: Cell<[bool; 2 * SLOTS]>,
    /// The last number of each thread.
    last: RefCell<HashMap<usize, usize>>,
}

impl Deliveries {
    fn add(&self, slot: usize, thread: usize, number: usize) {
        assert!(!self.left.get()[slot], "called after it was disconnected");
        assert!(!self.over.get(), "emitted before the end");
        let former = self.last.borrow_mut().insert(thread, number);
        assert!(former <= Some(number), "in the order of emission");
        self.calls.set(self.calls.get() + 1);
    }
}

#[test]
fn queues_lose_nothing_and_wake_their_threads() {
    scenario("queue", |scenario| {
        scenario.rounds(
            Round::new,
            |round, numbers, thread| match thread {
                0 => round.deliver(numbers),
                1 => round.leave(numbers),
                _ => round.emit(numbers, thread),
            },
            |round| {
                assert!(round.plain.is_empty() && round.boxed.is_empty());
                round.live.assert_none();
            },
        );
    });
}
