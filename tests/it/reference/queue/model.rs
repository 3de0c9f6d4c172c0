//! What should happen.

use std::collections::VecDeque;
use std::mem;

use super::{Act, SIGNALS, Seen, Step};

#[derive(Default)]
pub(super) struct Model {
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
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            capacity,
            ..Self::default()
        }
    }

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
        if !mem::replace(&mut self.woken, true) {
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
        for slot in mem::take(&mut self.to_drop) {
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
        if mem::replace(&mut self.draining, true) {
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

    pub(super) fn step(&mut self, step: Step) {
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

    pub(super) fn seen(&mut self) -> Seen {
        Seen {
            calls: mem::take(&mut self.calls),
            len: self.stored.len(),
            missed: self.missed,
            wakes: self.wakes,
            connected: self.slots.iter().map(|slot| slot.connected).collect(),
            closures: self.slots.iter().map(|slot| slot.closure).collect(),
        }
    }
}
