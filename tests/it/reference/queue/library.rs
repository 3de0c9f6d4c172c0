//! What does happen.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use smoke_signal::{Connection, Queue, Signal};

use crate::common::Counter;

use super::{Act, Seen, Step};

pub(super) struct Library {
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
    pub(super) fn new(capacity: usize) -> Rc<Self> {
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

    pub(super) fn step(&self, step: Step) {
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

    pub(super) fn seen(&self) -> Seen {
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
