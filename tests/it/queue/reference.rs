//! Random programs compared with a model of a queue that is a plain `VecDeque`.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::{Rc, Weak};

use proptest::collection::vec;
use proptest::prelude::*;
use smoke_signal::{Connection, Queue, Signal};

use crate::common::Counter;

/// The number of signals. Each has arguments of a type of its own.
const SIGNALS: usize = 3;

/// What a closure does when it is called. Slots are numbered as they are connected.
#[derive(Clone, Copy, Debug)]
enum Act {
    Nothing,
    Emit(usize),
    Connect(usize),
    Disconnect(usize),
    Drain,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Emit(usize),
    Connect(usize, Act),
    Disconnect(usize),
    DropSignal(usize),
    Drain,
    Hook,
}

fn acts() -> impl Strategy<Value = Act> {
    prop_oneof![
        3 => Just(Act::Nothing),
        2 => (0..SIGNALS).prop_map(Act::Emit),
        1 => (0..SIGNALS).prop_map(Act::Connect),
        2 => (0..8_usize).prop_map(Act::Disconnect),
        1 => Just(Act::Drain),
    ]
}

fn steps() -> impl Strategy<Value = Step> {
    prop_oneof![
        12 => (0..SIGNALS).prop_map(Step::Emit),
        4 => ((0..SIGNALS), acts()).prop_map(|(signal, act)| Step::Connect(signal, act)),
        2 => (0..8_usize).prop_map(Step::Disconnect),
        1 => (0..SIGNALS).prop_map(Step::DropSignal),
        4 => Just(Step::Drain),
        1 => Just(Step::Hook),
    ]
}

/// What can be seen after a step.
#[derive(Debug, PartialEq)]
struct Seen {
    /// The slot and the emission of each call.
    calls: Vec<(usize, u32)>,
    len: usize,
    missed: u64,
    wakes: usize,
    /// Which slots are connected, and whose closures exist.
    connected: Vec<bool>,
    closures: Vec<bool>,
}

/// The model.
#[derive(Default)]
struct Model {
    capacity: usize,
    stored: VecDeque<Stored>,
    missed: u64,
    woken: bool,
    wakes: usize,
    hook: bool,
    draining: bool,
    emissions: u32,
    next: u64,
    slots: Vec<Slot>,
    dropped: [bool; SIGNALS],
    /// Slots whose last call was missed: their closures are dropped when the queue is used next.
    to_drop: Vec<usize>,
    calls: Vec<(usize, u32)>,
}

struct Stored {
    number: u64,
    slot: usize,
    emission: u32,
}

struct Slot {
    signal: usize,
    act: Act,
    connected: bool,
    closure: bool,
}

impl Model {
    fn connect(&mut self, signal: usize, act: Act) {
        let connected = !self.dropped[signal];
        let closure = connected;
        if connected {
            self.sweep();
        }
        self.slots.push(Slot {
            signal,
            act,
            connected,
            closure,
        });
    }

    fn wake(&mut self) {
        if !std::mem::replace(&mut self.woken, true) {
            self.wakes += usize::from(self.hook);
        }
    }

    fn emit(&mut self, signal: usize) {
        self.emissions += 1;
        for slot in 0..self.slots.len() {
            if self.slots[slot].signal == signal && self.slots[slot].connected {
                self.store(slot);
            }
        }
    }

    fn store(&mut self, slot: usize) {
        if self.capacity == 0 {
            self.missed += 1;
            return;
        }
        let (number, emission) = (self.next, self.emissions);
        self.next += 1;
        self.stored.push_back(Stored {
            number,
            slot,
            emission,
        });
        self.wake();
        if self.stored.len() > self.capacity {
            let oldest = self.stored.pop_front().unwrap();
            self.missed += 1;
            self.to_drop.push(oldest.slot);
        }
    }

    fn sweep(&mut self) {
        for slot in std::mem::take(&mut self.to_drop) {
            self.end(slot);
        }
    }

    /// Drops the closure of a slot that can get no calls any more.
    fn end(&mut self, slot: usize) {
        let is_stored = self.stored.iter().any(|stored| stored.slot == slot);
        let gone = !self.slots[slot].connected;
        self.slots[slot].closure &= is_stored || !gone;
    }

    fn disconnect(&mut self, slot: usize) {
        if slot < self.slots.len() && self.slots[slot].connected {
            self.slots[slot].connected = false;
            self.stored.retain(|stored| stored.slot != slot);
            self.woken &= !self.stored.is_empty();
            self.end(slot);
            self.sweep();
        }
    }

    fn drop_signal(&mut self, signal: usize) {
        self.dropped[signal] = true;
        for slot in 0..self.slots.len() {
            if self.slots[slot].signal == signal && self.slots[slot].connected {
                self.slots[slot].connected = false;
                self.end(slot);
                self.sweep();
            }
        }
    }

    fn drain(&mut self) {
        if std::mem::replace(&mut self.draining, true) {
            return;
        }
        self.woken = false;
        let end = self.next;
        while self.stored.front().is_some_and(|first| first.number < end) {
            let Stored { slot, emission, .. } = self.stored.pop_front().unwrap();
            self.woken &= !self.stored.is_empty();
            self.calls.push((slot, emission));
            match self.slots[slot].act {
                Act::Nothing => {}
                Act::Emit(signal) => self.emit(signal),
                Act::Connect(signal) => self.connect(signal, Act::Nothing),
                Act::Disconnect(slot) => self.disconnect(slot),
                Act::Drain => self.drain(),
            }
            self.end(slot);
        }
        self.sweep();
        self.draining = false;
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Emit(signal) => self.emit(signal),
            Step::Connect(signal, act) => self.connect(signal, act),
            Step::Disconnect(slot) => self.disconnect(slot),
            Step::DropSignal(signal) => self.drop_signal(signal),
            Step::Drain => self.drain(),
            Step::Hook => {
                self.hook = true;
                self.woken = false;
                if !self.stored.is_empty() {
                    self.wake();
                }
            }
        }
    }

    fn seen(&mut self) -> Seen {
        Seen {
            calls: std::mem::take(&mut self.calls),
            len: self.stored.len(),
            missed: self.missed,
            wakes: self.wakes,
            connected: self.slots.iter().map(|slot| slot.connected).collect(),
            closures: self.slots.iter().map(|slot| slot.closure).collect(),
        }
    }
}

/// The library.
struct Library {
    queue: Queue,
    one: RefCell<Option<Signal<(u32,)>>>,
    two: RefCell<Option<Signal<(String, u32), u8>>>,
    three: RefCell<Option<Signal<(Box<u32>, u8, u8)>>>,
    slots: RefCell<Vec<(usize, Option<Connection>, Weak<()>)>>,
    emissions: Cell<u32>,
    calls: RefCell<Vec<(usize, u32)>>,
    wakes: Counter,
    this: Weak<Self>,
}

impl Library {
    fn new(capacity: usize) -> Rc<Self> {
        Rc::new_cyclic(|this| Self {
            queue: Queue::new(capacity),
            one: RefCell::new(Some(Signal::new())),
            two: RefCell::new(Some(Signal::new())),
            three: RefCell::new(Some(Signal::new())),
            slots: RefCell::default(),
            emissions: Cell::default(),
            calls: RefCell::default(),
            wakes: Counter::default(),
            this: this.clone(),
        })
    }

    fn connect(&self, signal: usize, act: Act) {
        let (this, alive) = (self.this.clone(), Rc::new(()));
        let (slot, weak) = (self.slots.borrow().len(), Rc::downgrade(&alive));
        let call = move |emission| {
            _ = &alive;
            let this = this.upgrade().unwrap();
            this.calls.borrow_mut().push((slot, emission));
            match act {
                Act::Nothing => {}
                Act::Emit(signal) => this.emit(signal),
                Act::Connect(signal) => this.connect(signal, Act::Nothing),
                Act::Disconnect(slot) => this.disconnect(slot),
                Act::Drain => assert_eq!(this.queue.drain(), 0),
            }
        };
        let (one, two, three) = (self.one.borrow(), self.two.borrow(), self.three.borrow());
        let queue = &self.queue;
        let key = match signal {
            0 => one.as_ref().map(|signal| queue.connect(signal, call)),
            1 => two.as_ref().map(|s| queue.connect(s, move |_, n| call(n))),
            _ => three
                .as_ref()
                .map(|s| queue.connect(s, move |n, _, _| call(*n))),
        };
        self.slots.borrow_mut().push((signal, key, weak));
    }

    fn emit(&self, signal: usize) {
        self.emissions.set(self.emissions.get() + 1);
        let n = self.emissions.get();
        let (one, two, three) = (self.one.borrow(), self.two.borrow(), self.three.borrow());
        match signal {
            0 => drop(one.as_ref().map(|signal| signal.emit(n))),
            1 => drop(two.as_ref().map(|signal| signal.emit(n.to_string(), n))),
            _ => drop(three.as_ref().map(|signal| signal.emit(Box::new(n), 0, 0))),
        }
    }

    fn on_signal(
        &self,
        slot: usize,
        one: fn(&Signal<(u32,)>, Connection) -> bool,
        two: fn(&Signal<(String, u32), u8>, Connection) -> bool,
        three: fn(&Signal<(Box<u32>, u8, u8)>, Connection) -> bool,
    ) -> bool {
        let Some((signal, Some(key), _)) = self.slots.borrow().get(slot).cloned() else {
            return false;
        };
        match signal {
            0 => self.one.borrow().as_ref().is_some_and(|s| one(s, key)),
            1 => self.two.borrow().as_ref().is_some_and(|s| two(s, key)),
            _ => self.three.borrow().as_ref().is_some_and(|s| three(s, key)),
        }
    }

    fn disconnect(&self, slot: usize) {
        self.on_signal(
            slot,
            Signal::disconnect,
            Signal::disconnect,
            Signal::disconnect,
        );
    }

    fn step(&self, step: Step) {
        match step {
            Step::Emit(signal) => self.emit(signal),
            Step::Connect(signal, act) => self.connect(signal, act),
            Step::Disconnect(slot) => self.disconnect(slot),
            Step::DropSignal(0) => drop(self.one.take()),
            Step::DropSignal(1) => drop(self.two.take()),
            Step::DropSignal(_) => drop(self.three.take()),
            Step::Drain => {
                let before = self.calls.borrow().len();
                let drained = self.queue.drain();
                assert_eq!(drained, self.calls.borrow().len() - before);
            }
            Step::Hook => {
                let wakes = self.wakes.clone();
                self.queue.on_wake(move || wakes.add());
            }
        }
    }

    fn seen(&self) -> Seen {
        let slots = 0..self.slots.borrow().len();
        let connected =
            |slot| self.on_signal(slot, Signal::contains, Signal::contains, Signal::contains);
        let closure = |slot: usize| self.slots.borrow()[slot].2.strong_count() > 0;
        Seen {
            calls: self.calls.take(),
            len: self.queue.len(),
            missed: self.queue.missed(),
            wakes: self.wakes.get(),
            connected: slots.clone().map(connected).collect(),
            closures: slots.map(closure).collect(),
        }
    }
}

proptest! {
    #[test]
    fn a_queue_does_what_a_plain_one_does(
        capacity in prop_oneof![1 => Just(0_usize), 8 => 1..6_usize, 1 => Just(usize::MAX)],
        steps in vec(steps(), 0..60),
    ) {
        let mut model = Model { capacity, ..Model::default() };
        let library = Library::new(capacity);
        let first = (0..SIGNALS).map(|signal| Step::Connect(signal, Act::Nothing));
        for (nth, step) in first.chain(steps).enumerate() {
            model.step(step);
            library.step(step);
            prop_assert_eq!(library.seen(), model.seen(), "after step {}, {:?}", nth, step);
        }
    }
}
