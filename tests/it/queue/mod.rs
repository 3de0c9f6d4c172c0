//! Delivery on another thread: what Qt calls queued connections and psygnal `emit_queued`.

use std::cell::RefCell;
use std::rc::Rc;

use smoke_signal::Queue;

use crate::common::Counter;

mod arities;
mod closures;
mod delivering;
mod full;
mod leaving;
mod panics;
mod reentrancy;
mod sources;
mod threads;
mod waking;

/// What closures have recorded, on one thread.
struct Seen<T>(Rc<RefCell<Vec<T>>>);

impl<T> Seen<T> {
    fn new() -> Self {
        Self(Rc::default())
    }

    fn add(&self, item: T) {
        self.0.borrow_mut().push(item);
    }

    /// A closure that records its argument.
    fn adding(&self) -> impl FnMut(T) + use<T> {
        let seen = self.clone();
        move |item| seen.add(item)
    }

    /// Returns what was recorded since the last `take`.
    fn take(&self) -> Vec<T> {
        self.0.take()
    }
}

impl<T> Clone for Seen<T> {
    fn clone(&self) -> Self {
        Self(Rc::clone(&self.0))
    }
}

/// Counts the calls of the queue's hook.
fn counting_wakes(queue: &Queue) -> Counter {
    let woken = Counter::default();
    let hook = woken.clone();
    queue.on_wake(move || hook.add());
    woken
}
