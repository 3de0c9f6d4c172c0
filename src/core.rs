//! What the handles of one signal share: the truth about its slots, which changes edit under a
//! mutex, and the snapshot of it, which emissions read without a lock.
//!
//! # How a change reaches emissions
//!
//! The list of slots is in one of two places. *Published*, it is in the snapshot cell: an emission
//! loads it from there, and goes through it. *Parked*, it is with the truth, and the cell is empty:
//! the emission that finds the cell empty locks the truth and publishes the list.
//!
//! Every change locks the truth and parks the list. Where no emission holds it, the change edits it
//! in place; where one does, it goes on with the old list, and the change edits a copy, which it
//! publishes at once. So a list that emissions can see never changes, all writes of the cell are
//! ordered by the mutex, and what is in the cell is never older than the truth. An emission that
//! starts after a change has returned (after, in the happens-before order) reads the cell no earlier
//! than the change emptied it: it sees the change.
//!
//! Leaving and blocking are also told to emissions under way: first the list that they go through
//! is marked, so that they ask each slot at its turn, then the slot.
//!
//! # Why no foreign code runs under the mutex
//!
//! Foreign code is what a slot's closure does, an argument's `Clone`, and the `Drop` of captures,
//! arguments and results. Under the mutex no slot is called. A list may be dropped there, but each
//! of its slots is also in the copy of it, or has just been moved out of it into the hands of the
//! caller, which drops it after unlocking.

use std::sync::Arc;
use std::time::Instant;

use crate::args::Args;
use crate::slot::Callable;
use crate::snapshot::{Snapshot, View};
use crate::sync::{CellArc, Mutex, SnapshotCell, loaded, lock};
pub(crate) use crate::truth::{Departed, Placement, Truth};
use crate::{Connection, Returns, SlotInfo, WaitError};

pub(crate) struct Core<A: Args, R: 'static> {
    truth: Mutex<Truth<A, R>>,
    /// Written under the lock of `truth` only.
    published: SnapshotCell<Snapshot<A, R>>,
}

/// A slot that has been connected.
pub(crate) struct Connected<A: Args, R: 'static> {
    pub(crate) key: Connection,
    /// What was found expired. The caller drops it without a lock.
    pub(crate) expired: Vec<Departed<A, R>>,
}

impl<A: Args, R> Core<A, R> {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new_cyclic(|core| Self {
            truth: Mutex::new(Truth::new(core.clone())),
            published: SnapshotCell::new(),
        })
    }

    /// Runs `look` under the lock. It must run no foreign code.
    fn look<T>(&self, look: impl FnOnce(&Truth<A, R>, &SnapshotCell<Snapshot<A, R>>) -> T) -> T {
        look(&lock(&self.truth), &self.published)
    }

    /// Runs `change` under the lock. It must run no foreign code: what it takes out goes to the
    /// caller.
    fn change<T>(
        &self,
        change: impl FnOnce(&mut Truth<A, R>, &SnapshotCell<Snapshot<A, R>>) -> T,
    ) -> T {
        let mut truth = lock(&self.truth);
        let result = change(&mut truth, &self.published);
        truth.settle(&self.published);
        result
    }

    pub(crate) fn connect<C: Callable<A, R>>(
        &self,
        placement: Placement,
        callable: C,
    ) -> Connected<A, R> {
        self.change(|truth, cell| Connected {
            expired: truth.sweep(cell),
            key: truth.connect(cell, placement, callable),
        })
    }

    /// Sets a key aside for a slot still to be made. Until then the key is not connected.
    pub(crate) fn promise(&self) -> Promise<'_, A, R> {
        Promise {
            core: self,
            key: lock(&self.truth).promise(),
        }
    }

    /// A key that was never connected and never will be.
    pub(crate) fn dead_key(&self) -> Connection {
        self.promise().key
    }

    /// Takes a slot out; nothing if it had left before. The caller drops it without a lock.
    pub(crate) fn disconnect(&self, key: Connection) -> Option<Departed<A, R>> {
        let departed = self.change(|truth, cell| truth.take(cell, key))?;
        (!departed.is_expired()).then_some(departed)
    }

    /// Takes all slots out. The caller drops them without a lock.
    pub(crate) fn disconnect_all(&self) -> Vec<Departed<A, R>> {
        self.change(Truth::take_all)
    }

    /// Disconnects a waitable slot, if it is still connected, and waits until it is over; tells
    /// whether this call disconnected it.
    pub(crate) fn disconnect_and_wait(
        &self,
        key: Connection,
        deadline: Option<Instant>,
    ) -> Result<bool, WaitError> {
        let (connected, departed, ending) = self.change(|truth, cell| {
            let waitable = truth.with_connected(cell, key, |slot| slot.ending().is_some());
            if waitable == Some(false) {
                return Err(WaitError::NotWaitable);
            }
            let departed = truth.take(cell, key);
            Ok((waitable.is_some(), departed, truth.ending(key)))
        })?;
        drop(departed);
        if let Some(ending) = ending {
            ending.wait(deadline)?;
        }
        Ok(connected)
    }

    /// Blocks a slot; to be followed by an [`unblock`](Guarded::unblock). Tells whether it is there.
    pub(crate) fn block(&self, key: Connection) -> bool {
        self.change(|truth, cell| truth.block(cell, key))
    }

    /// Blocks the whole signal, for emissions that start from now on; to be followed by an
    /// [`unblock_all`](Guarded::unblock_all).
    pub(crate) fn block_all(&self) {
        self.change(Truth::block_all);
    }

    pub(crate) fn is_blocked(&self, key: Connection) -> bool {
        self.look(|truth, cell| truth.is_blocked(cell, key))
    }

    pub(crate) fn contains(&self, key: Connection) -> bool {
        self.look(|truth, cell| truth.contains(cell, key))
    }

    pub(crate) fn len(&self) -> usize {
        self.look(Truth::len)
    }

    /// The keys of the slots in call order.
    pub(crate) fn connections(&self) -> Vec<Connection> {
        self.change(|truth, cell| truth.list(cell, |_, slot| Some(slot.head().key)))
    }

    /// The slots in call order.
    pub(crate) fn slots(&self) -> Vec<SlotInfo> {
        self.change(|truth, cell| truth.list(cell, Truth::info))
    }

    /// The slots in call order, unless another thread is looking or changing just now.
    pub(crate) fn try_slots(&self) -> Option<Vec<SlotInfo>> {
        let mut truth = self.truth.try_lock().ok()?;
        Some(truth.list(&self.published, Truth::info))
    }

    /// Calls every slot in order.
    #[inline]
    pub(crate) fn emit(&self, args: A::In<'_>) -> Returns<R> {
        let view = self.view();
        let returns = match view.as_deref() {
            Some(snapshot) => snapshot.emit(args),
            None => Returns::new(),
        };
        // By hand: this may be foreign code, and what a function returns is leaked where one of its
        // locals panics as it goes (Rust's issue 47949).
        drop(view);
        returns
    }

    /// The slots as an emission that starts now sees them.
    #[inline]
    pub(crate) fn view(&self) -> View<A, R> {
        let published = self.published.load();
        if published.is_some() {
            published
        } else {
            loaded(self.publish())
        }
    }

    #[cold]
    fn publish(&self) -> Option<CellArc<Snapshot<A, R>>> {
        let (view, expired) = self.change(|truth, cell| {
            let expired = truth.sweep(cell);
            (truth.view(cell), expired)
        });
        drop(expired);
        view
    }

    #[cfg(test)]
    pub(crate) fn lock_as_a_change_does(&self) -> impl Sized {
        lock(&self.truth)
    }

    /// Lets go of all slots, as the signal is dropped. They have not left: an emission under way
    /// goes on to its end.
    pub(crate) fn abandon(&self) {
        let abandoned = lock(&self.truth).abandon(&self.published);
        drop(abandoned);
    }
}

/// What guards do with a signal whose types they do not know.
pub(crate) trait Guarded: Send + Sync {
    fn disconnect(&self, key: Connection);
    fn unblock(&self, key: Connection);
    fn unblock_all(&self);
}

impl<A: Args, R> Guarded for Core<A, R> {
    fn disconnect(&self, key: Connection) {
        Core::disconnect(self, key);
    }

    fn unblock(&self, key: Connection) {
        self.change(|truth, cell| truth.unblock(cell, key));
    }

    fn unblock_all(&self) {
        self.change(Truth::unblock_all);
    }
}

/// A key set aside by [`Core::promise`]; dropped without a slot, it is dead.
pub(crate) struct Promise<'c, A: Args, R: 'static> {
    core: &'c Core<A, R>,
    pub(crate) key: Connection,
}

impl<A: Args, R> Promise<'_, A, R> {
    pub(crate) fn keep<C: Callable<A, R>>(self, placement: Placement, callable: C) -> Connection {
        let key = self.key;
        let expired = self.core.change(|truth, cell| {
            let expired = truth.sweep(cell);
            truth.keep(cell, key, placement, callable);
            expired
        });
        std::mem::forget(self); // kept: nothing to take back
        drop(expired);
        key
    }
}

impl<A: Args, R> Drop for Promise<'_, A, R> {
    fn drop(&mut self) {
        lock(&self.core.truth).take_back(self.key);
    }
}
