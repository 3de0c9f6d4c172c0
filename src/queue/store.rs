//! What a queue shares with its slots: which of them have stored calls, in which order these are delivered, and
//! the hook that tells of them.
//!
//! Each stored call has a number, from one counter. Its arguments are in the [`Buffer`] of its slot. The first
//! call of a buffer is stored under the lock of the state. With it the buffer is *announced*: the state knows the
//! number of its oldest call, and the hook has been called. From then on further calls need only the lock of the
//! buffer, until a `drain` begins or the last call is taken.
//!
//! While the state is locked, no buffer becomes announced, so the oldest call is the one with the least number in
//! `oldest`. When a `drain` begins, it locks the state, takes the announcement back from all buffers, and then
//! reads the counter. All calls below that number are stored, and will be delivered. Every later call is announced
//! again.
//!
//! Locks are taken in the order state, buffer. User code runs without them: hooks, and the drop of arguments.

use std::any::Any;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::mem;
use std::sync::Arc;

use slotmap::SlotMap;

use crate::queue::buffer::Buffer;
use crate::sync::{AtomicU64, Mutex, MutexGuard, Ordering, lock};

slotmap::new_key_type! {
    /// A slot of a queue.
    pub(super) struct SlotId;
}

/// What is called when calls are stored and nobody knows of them yet.
pub(super) type Hook = Arc<dyn Fn() + Send + Sync>;

/// The locks order the counters, except for [`len`](Self::len), which takes none. Elsewhere relaxed accesses
/// suffice.
pub(super) struct Store {
    capacity: u64,
    /// The number of the next call.
    next: AtomicU64,
    /// How many calls were stored and are not any more. Changed under the lock of the state.
    gone: AtomicU64,
    missed: AtomicU64,
    state: Mutex<State>,
}

pub(super) type Locked<'s> = MutexGuard<'s, State>;

pub(super) struct State {
    slots: SlotMap<SlotId, Entry>,
    /// The number of the oldest call of each slot that has any. Slots that have been removed may still be there.
    oldest: BinaryHeap<Reverse<(u64, SlotId)>>,
    /// The slots that were removed, and whose closures have not been dropped yet.
    removed: Vec<SlotId>,
    hook: Option<Hook>,
    /// The hook has been called since the queue was last empty, and since the last `drain` began.
    woken: bool,
}

struct Entry {
    buffer: Arc<dyn AnyBuffer>,
    /// The signal is gone: no call will be added.
    ended: bool,
}

/// A buffer, whatever the type of the arguments.
pub(super) trait AnyBuffer: Send + Sync {
    fn len(&self) -> usize;

    /// The next call has to be announced.
    fn unannounce(&self);

    /// Takes all calls. Returns how many they are, and their arguments for the caller to drop.
    fn take_all(&self) -> (usize, Box<dyn Any + Send>);

    /// Drops the oldest call of the slot. Unlocks the state, and calls the hook, before it drops the arguments.
    fn evict(&self, slot: SlotId, store: &Store, state: Locked<'_>, hook: Option<Hook>);
}

impl<A: Send + 'static> AnyBuffer for Buffer<A> {
    fn len(&self) -> usize {
        self.lock().len()
    }

    fn unannounce(&self) {
        self.lock().announced = false;
    }

    fn take_all(&self) -> (usize, Box<dyn Any + Send>) {
        let calls = self.take();
        (calls.len(), Box::new(calls))
    }

    fn evict(&self, slot: SlotId, store: &Store, state: Locked<'_>, hook: Option<Hook>) {
        let oldest = store.pop(slot, self, state, hook);
        drop(oldest);
    }
}

/// So many removed slots may be in `oldest`, however few others there are.
const FEW: usize = 16;

fn unlock_and_call(state: Locked<'_>, hook: Option<Hook>) {
    drop(state);
    if let Some(hook) = hook {
        hook();
    }
}

impl Store {
    pub(super) fn new(capacity: usize) -> Arc<Self> {
        Arc::new(Self {
            capacity: u64::try_from(capacity).unwrap_or(u64::MAX),
            next: AtomicU64::new(0),
            gone: AtomicU64::new(0),
            missed: AtomicU64::new(0),
            state: Mutex::new(State {
                slots: SlotMap::with_key(),
                oldest: BinaryHeap::new(),
                removed: Vec::new(),
                hook: None,
                woken: false,
            }),
        })
    }

    fn lock(&self) -> Locked<'_> {
        lock(&self.state)
    }

    pub(super) fn capacity(&self) -> u64 {
        self.capacity
    }

    pub(super) fn missed(&self) -> u64 {
        self.missed.load(Ordering::Relaxed)
    }

    /// How many calls are stored.
    ///
    /// Acquire pairs with the release in [`subtract`](Self::subtract): whoever sees that a call is gone sees that
    /// it was stored, and what was stored before it went. So this is not negative, nor 0 if the hook has been
    /// called for something that is still there.
    pub(super) fn len(&self) -> u64 {
        let gone = self.gone.load(Ordering::Acquire);
        self.next.load(Ordering::Relaxed) - gone
    }

    /// Adds a slot. Returns `None` if closures of removed slots are still to be dropped: the slot might take the
    /// place of one of them.
    pub(super) fn add(&self, buffer: Arc<dyn AnyBuffer>) -> Option<SlotId> {
        let mut state = self.lock();
        let entry = Entry {
            buffer,
            ended: false,
        };
        state.removed.is_empty().then(|| state.slots.insert(entry))
    }

    /// Stores a call, unless the slot has been removed. If there is no room for it, drops the oldest. If nobody
    /// knows yet that calls are stored, calls the hook.
    #[inline]
    pub(super) fn store<A>(&self, slot: SlotId, buffer: &Buffer<A>, arguments: A) {
        let mut calls = buffer.lock();
        if !calls.announced {
            drop(calls);
            return self.store_first(slot, buffer, arguments);
        }
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        calls.push(number, arguments);
        drop(calls);
        // Later calls count too: the emission of one may have dropped the call that this one had to make room for.
        if self.len() > self.capacity {
            self.make_room(self.lock(), None);
        }
    }

    #[inline(never)]
    fn store_first<A>(&self, slot: SlotId, buffer: &Buffer<A>, arguments: A) {
        let mut state = self.lock();
        if !state.slots.contains_key(slot) {
            drop(state); // before the arguments
            return;
        }
        if self.capacity == 0 {
            self.missed.fetch_add(1, Ordering::Relaxed);
            drop(state); // before the arguments
            return;
        }
        let mut calls = buffer.lock();
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        if calls.len() == 0 {
            state.oldest.push(Reverse((number, slot)));
        }
        calls.push(number, arguments);
        calls.announced = true;
        drop(calls);
        let hook = state.wake();
        self.make_room(state, hook);
    }

    /// Drops the oldest call if there are too many. Unlocks the state and calls the hook before that.
    #[inline(never)]
    fn make_room(&self, mut state: Locked<'_>, hook: Option<Hook>) {
        if self.len() <= self.capacity {
            return unlock_and_call(state, hook);
        }
        self.missed.fetch_add(1, Ordering::Relaxed);
        let slot = state.take_oldest(u64::MAX).expect("calls are stored");
        let buffer = Arc::clone(&state.slots[slot].buffer);
        buffer.evict(slot, self, state, hook);
    }

    /// Takes the oldest call of a slot, which has been taken out of `oldest`. Unlocks the state and calls the
    /// hook. Returns the arguments.
    pub(super) fn pop<A>(
        &self,
        slot: SlotId,
        buffer: &Buffer<A>,
        mut state: Locked<'_>,
        hook: Option<Hook>,
    ) -> A {
        let (arguments, next) = buffer.pop();
        match next {
            Some(number) => state.oldest.push(Reverse((number, slot))),
            None if state.slots[slot].ended => state.remove(slot),
            None => {}
        }
        self.subtract(&mut state, 1);
        unlock_and_call(state, hook);
        arguments
    }

    fn subtract(&self, state: &mut State, calls: usize) {
        self.gone.fetch_add(calls as u64, Ordering::Release);
        if self.len() == 0 {
            state.woken = false;
        }
    }

    /// Removes a slot, because it was disconnected. Returns its calls, for the caller to drop.
    pub(super) fn remove(&self, slot: SlotId) -> Option<Box<dyn Any + Send>> {
        let mut state = self.lock();
        let buffer = Arc::clone(&state.slots.get(slot)?.buffer);
        state.remove(slot);
        let (calls, arguments) = buffer.take_all();
        self.subtract(&mut state, calls);
        Some(arguments)
    }

    /// No call will be added, because the signal is gone. The slot is removed once its calls have been delivered.
    pub(super) fn end(&self, slot: SlotId) {
        let mut state = self.lock();
        if let Some(entry) = state.slots.get_mut(slot) {
            entry.ended = true;
            if entry.buffer.len() == 0 {
                state.remove(slot);
            }
        }
    }

    /// The slots that were removed since the last time, and whose closures are to be dropped.
    pub(super) fn take_removed(&self) -> Vec<SlotId> {
        mem::take(&mut self.lock().removed)
    }

    /// Sets the hook, and calls it if calls are stored.
    pub(super) fn set_hook(&self, hook: Hook) {
        let mut state = self.lock();
        let former = state.hook.replace(hook);
        state.woken = false;
        self.call_hook(state);
        drop(former);
    }

    /// Calls the hook if calls are stored, and it has not been called since the last `drain` began.
    pub(super) fn call_hook_again(&self) {
        self.call_hook(self.lock());
    }

    fn call_hook(&self, mut state: Locked<'_>) {
        let hook = if self.len() > 0 { state.wake() } else { None };
        unlock_and_call(state, hook);
    }

    /// Begins to deliver what is stored now. Returns a number above all of that, and not above what will be
    /// stored.
    pub(super) fn begin_drain(&self) -> u64 {
        let mut state = self.lock();
        state.woken = false;
        for Reverse((_, slot)) in &state.oldest {
            if let Some(entry) = state.slots.get(*slot) {
                entry.buffer.unannounce();
            }
        }
        self.next.load(Ordering::Relaxed)
    }

    /// Takes the oldest call out of `oldest` if its number is below `end`. Returns its slot, for the caller to
    /// [pop](Self::pop) it.
    pub(super) fn next_call(&self, end: u64) -> Option<(SlotId, Locked<'_>)> {
        let mut state = self.lock();
        let slot = state.take_oldest(end)?;
        Some((slot, state))
    }

    /// Removes all slots. Returns their calls and the hook, for the caller to drop.
    pub(super) fn close(&self) -> impl Sized + use<> {
        let mut state = self.lock();
        let mut discarded = Vec::new();
        for (_, entry) in state.slots.drain() {
            let (calls, arguments) = entry.buffer.take_all();
            self.gone.fetch_add(calls as u64, Ordering::Release);
            discarded.push(arguments);
        }
        (discarded, state.hook.take())
    }
}

impl State {
    /// Returns the hook, if it has to be called.
    fn wake(&mut self) -> Option<Hook> {
        if mem::replace(&mut self.woken, true) {
            return None;
        }
        self.hook.clone()
    }

    fn take_oldest(&mut self, end: u64) -> Option<SlotId> {
        loop {
            let &Reverse((number, slot)) = self.oldest.peek()?;
            if number >= end {
                return None;
            }
            self.oldest.pop();
            if self.slots.contains_key(slot) {
                return Some(slot);
            }
        }
    }

    fn remove(&mut self, slot: SlotId) {
        self.slots.remove(slot);
        self.removed.push(slot);
        if self.oldest.len() > 2 * self.slots.len() + FEW {
            // More than half of them have been removed. So, however many are, each is looked at twice on average.
            let slots = &self.slots;
            self.oldest
                .retain(|Reverse((_, slot))| slots.contains_key(*slot));
        }
    }
}
