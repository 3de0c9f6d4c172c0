//! The arguments of the calls of one slot that have been stored and not delivered yet.

use std::any::Any;
use std::collections::VecDeque;
use std::mem;
use std::sync::Arc;

use crate::queue::store::{Hook, Locked, SlotId, Store};
use crate::sync::{Mutex, MutexGuard, lock};

/// Shared by the slot, the closure and the [`Store`]. Its type is that of the arguments, so storing them needs no
/// allocation for each call.
pub(super) struct Buffer<A>(Mutex<Calls<A>>);

pub(super) struct Calls<A> {
    /// The calls with their numbers, which ascend.
    stored: VecDeque<(u64, A)>,
    /// A further call can be added without telling the store: it knows that calls are here, and the hook has been called
    /// for them.
    pub(super) announced: bool,
}

impl<A> Calls<A> {
    #[inline]
    pub(super) fn push(&mut self, number: u64, arguments: A) {
        self.stored.push_back((number, arguments));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.stored.is_empty()
    }
}

impl<A> Buffer<A> {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self(Mutex::new(Calls {
            stored: VecDeque::new(),
            announced: false,
        })))
    }

    #[inline]
    pub(super) fn lock(&self) -> MutexGuard<'_, Calls<A>> {
        lock(&self.0)
    }

    /// Takes the oldest call. Returns its arguments, and the number of the next.
    pub(super) fn pop(&self) -> (A, Option<u64>) {
        let mut calls = self.lock();
        let (_, arguments) = calls.stored.pop_front().expect("a call is stored");
        let next = calls.stored.front().map(|&(number, _)| number);
        calls.announced &= next.is_some();
        (arguments, next)
    }
}

/// A buffer, whatever the type of the arguments.
pub(super) trait AnyBuffer: Send + Sync {
    fn len(&self) -> usize;

    /// The next call has to be announced.
    fn unannounce(&self);

    /// Takes all calls. Returns how many they are, and their arguments for the caller to drop.
    fn take(&self) -> (usize, Box<dyn Any + Send>);

    /// Drops the oldest call of the slot. Unlocks the state, and calls the hook, before it drops the arguments.
    fn evict(&self, slot: SlotId, store: &Store, state: Locked<'_>, hook: Option<Hook>);
}

impl<A: Send + 'static> AnyBuffer for Buffer<A> {
    fn len(&self) -> usize {
        self.lock().stored.len()
    }

    fn unannounce(&self) {
        self.lock().announced = false;
    }

    fn take(&self) -> (usize, Box<dyn Any + Send>) {
        let mut calls = self.lock();
        calls.announced = false;
        let stored = mem::take(&mut calls.stored);
        (stored.len(), Box::new(stored))
    }

    fn evict(&self, slot: SlotId, store: &Store, state: Locked<'_>, hook: Option<Hook>) {
        let oldest = store.pop(slot, self, state, hook);
        drop(oldest);
    }
}
