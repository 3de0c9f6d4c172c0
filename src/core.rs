//! The slots of one signal: the truth, which changes edit under a mutex, and the snapshot of it,
//! which emissions read without a lock.
//!
//! # How a change reaches emissions
//!
//! Every change locks the truth, edits it, and empties the snapshot cell before it unlocks. An
//! emission that finds the cell empty locks the truth, copies the slots in call order into a new
//! snapshot, and stores it before it unlocks. So all writes of the cell are ordered by the mutex,
//! and a snapshot in the cell is never older than the truth. An emission that starts after a change
//! has returned (after, in the happens-before order) reads the cell no earlier than the change
//! emptied it: it sees the change.
//!
//! # Why no foreign code runs under the mutex
//!
//! Foreign code is what a slot's closure does, an argument's `Clone`, and the `Drop` of captures,
//! arguments and results. Under the mutex no slot is called. A snapshot may be dropped there, but
//! each slot of a snapshot in the cell is owned by the truth too, or has just been moved out of it
//! into the hands of the caller, which drops it after unlocking.

use std::sync::{Arc, Weak};

use slotmap::SlotMap;
use smallvec::SmallVec;

use crate::args::Args;
use crate::slot::{Callable, Head, Order, Slot, SlotOf};
use crate::sync::{Loaded, Mutex, MutexGuard, SnapshotCell, loaded, lock};
use crate::{Connection, Returns};

/// A slot of a signal, shared by the truth and the snapshots.
pub(crate) type SharedSlot<A, R> = Arc<dyn Slot<A, R>>;

/// How a slot is to be connected.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Placement {
    pub(crate) group: i32,
    /// Before the slots that are in its group already, not after them.
    pub(crate) first: bool,
    pub(crate) max_calls: Option<u32>,
}

pub(crate) struct Core<A: Args, R: 'static> {
    truth: Mutex<Truth<A, R>>,
    /// Written under the lock of `truth` only; empty when a change has outdated it.
    snapshot: SnapshotCell<Snapshot<A, R>>,
}

struct Truth<A: Args, R: 'static> {
    /// `None`: a key that `connect_with_key` has promised to a closure still to be made.
    slots: SlotMap<Connection, Option<SharedSlot<A, R>>>,
    /// How many of `slots` are `None`.
    promised: usize,
    /// The sequence numbers of the next slot to go before, and after, all others of its group.
    next_first: i64,
    next_last: i64,
}

impl<A: Args, R> Truth<A, R> {
    fn order(&mut self, placement: Placement) -> Order {
        let sequence = if placement.first {
            self.next_first -= 1;
            self.next_first
        } else {
            self.next_last += 1;
            self.next_last
        };
        Order {
            group: placement.group,
            sequence,
        }
    }

    fn make<C: Callable<A, R>>(
        &mut self,
        key: Connection,
        placement: Placement,
        callable: C,
    ) -> SharedSlot<A, R> {
        Arc::new(SlotOf {
            head: Head::new(key, self.order(placement), placement.max_calls),
            callable,
        })
    }

    /// The connected slots with their keys, in no particular order.
    fn connected(&self) -> impl Iterator<Item = (Connection, &SharedSlot<A, R>)> {
        self.slots
            .iter()
            .filter_map(|(key, slot)| Some((key, slot.as_ref()?)))
    }

    fn len(&self) -> usize {
        self.slots.len() - self.promised
    }
}

impl<A: Args, R> Core<A, R> {
    pub(crate) fn new() -> Self {
        Self {
            truth: Mutex::new(Truth {
                slots: SlotMap::with_key(),
                promised: 0,
                next_first: 0,
                next_last: -1,
            }),
            snapshot: SnapshotCell::new(),
        }
    }

    /// Makes the next emission look at the truth; to be called before the truth is unlocked.
    fn outdate_snapshot(&self, _truth: &mut Truth<A, R>) {
        if self.snapshot.load().is_some() {
            self.snapshot.swap(None);
        }
    }

    pub(crate) fn connect<C: Callable<A, R>>(
        &self,
        placement: Placement,
        callable: C,
    ) -> Connection {
        let mut truth = lock(&self.truth);
        let key = truth.slots.insert(None);
        let slot = truth.make(key, placement, callable);
        truth.slots[key] = Some(slot);
        self.outdate_snapshot(&mut truth);
        key
    }

    /// Sets a key aside for a slot still to be made. Until then the key is not connected.
    pub(crate) fn promise(&self) -> Promise<'_, A, R> {
        let mut truth = lock(&self.truth);
        truth.promised += 1;
        Promise {
            core: self,
            key: truth.slots.insert(None),
        }
    }

    /// A key that was never connected and never will be.
    pub(crate) fn dead_key(&self) -> Connection {
        self.promise().key
    }

    /// Takes a slot out. The caller drops it, and with it perhaps its captures.
    pub(crate) fn disconnect(&self, key: Connection) -> Option<SharedSlot<A, R>> {
        let mut truth = lock(&self.truth);
        let slot = truth.slots.get_mut(key)?.take()?;
        truth.slots.remove(key);
        slot.head().leave();
        self.outdate_snapshot(&mut truth);
        Some(slot)
    }

    /// Takes all slots out. The caller drops them.
    pub(crate) fn disconnect_all(&self) -> Vec<SharedSlot<A, R>> {
        let mut truth = lock(&self.truth);
        let mut removed = Vec::with_capacity(truth.len());
        truth.slots.retain(|_, slot| match slot.take() {
            Some(slot) => {
                slot.head().leave();
                removed.push(slot);
                false
            }
            None => true,
        });
        self.outdate_snapshot(&mut truth);
        removed
    }

    pub(crate) fn contains(&self, key: Connection) -> bool {
        matches!(lock(&self.truth).slots.get(key), Some(Some(_)))
    }

    pub(crate) fn len(&self) -> usize {
        lock(&self.truth).len()
    }

    /// How many slots there are, unless another thread is looking or changing just now.
    pub(crate) fn try_len(&self) -> Option<usize> {
        Some(self.truth.try_lock().ok()?.len())
    }

    /// The keys of the slots in call order.
    pub(crate) fn connections(&self) -> Vec<Connection> {
        let mut keys: Vec<_> = lock(&self.truth)
            .connected()
            .map(|(key, slot)| (slot.head().order, key))
            .collect();
        keys.sort_unstable();
        keys.into_iter().map(|(_, key)| key).collect()
    }

    /// The slots as an emission that starts now sees them.
    #[inline]
    pub(crate) fn view(self: &Arc<Self>) -> View<A, R> {
        let current = self.snapshot.load();
        if current.is_some() {
            current
        } else {
            loaded(Some(self.take_snapshot()))
        }
    }

    #[cold]
    fn take_snapshot(self: &Arc<Self>) -> Arc<Snapshot<A, R>> {
        let truth: MutexGuard<'_, Truth<A, R>> = lock(&self.truth);
        if let Some(current) = &*self.snapshot.load() {
            return Arc::clone(current); // another emission came first
        }
        let mut slots = SmallVec::with_capacity(truth.len());
        slots.extend(truth.connected().map(|(_, slot)| Arc::clone(slot)));
        slots.sort_unstable_by_key(|slot: &SharedSlot<A, R>| slot.head().order);
        let snapshot = Arc::new(Snapshot {
            core: Arc::downgrade(self),
            slots,
        });
        self.snapshot.swap(Some(Arc::clone(&snapshot)));
        snapshot
    }
}

/// A key set aside by [`Core::promise`]; dropped without a slot, it is dead.
pub(crate) struct Promise<'c, A: Args, R: 'static> {
    core: &'c Core<A, R>,
    pub(crate) key: Connection,
}

impl<A: Args, R> Promise<'_, A, R> {
    pub(crate) fn keep<C: Callable<A, R>>(self, placement: Placement, callable: C) -> Connection {
        let mut truth = lock(&self.core.truth);
        let slot = truth.make(self.key, placement, callable);
        truth.slots[self.key] = Some(slot);
        truth.promised -= 1;
        self.core.outdate_snapshot(&mut truth);
        drop(truth);
        let key = self.key;
        std::mem::forget(self); // kept: nothing to take back
        key
    }
}

impl<A: Args, R> Drop for Promise<'_, A, R> {
    fn drop(&mut self) {
        let mut truth = lock(&self.core.truth);
        truth.slots.remove(self.key);
        truth.promised -= 1;
    }
}

/// The slots as one emission sees them; `None` where nothing was ever connected.
pub(crate) type View<A, R> = Loaded<Snapshot<A, R>>;

/// The slots of a signal at one moment, in call order.
pub(crate) struct Snapshot<A: Args, R: 'static> {
    core: Weak<Core<A, R>>,
    pub(crate) slots: SmallVec<[SharedSlot<A, R>; 4]>,
}

impl<A: Args, R> Snapshot<A, R> {
    /// Calls every slot in order.
    #[inline]
    pub(crate) fn emit(&self, mut args: A::In<'_>) -> Returns<R> {
        let mut returns = Returns::new();
        if let Some((last, others)) = self.slots.split_last() {
            for slot in others {
                if let Some(result) = slot.turn(self, &mut args) {
                    returns.push(result);
                }
            }
            if let Some(result) = last.last_turn(self, args) {
                returns.push(result);
            }
        }
        returns
    }

    /// Disconnects a slot of this snapshot from the signal, if that still exists. The slot stays
    /// alive as long as the snapshot.
    pub(crate) fn disconnect(&self, key: Connection) {
        if let Some(core) = self.core.upgrade() {
            core.disconnect(key);
        }
    }
}
