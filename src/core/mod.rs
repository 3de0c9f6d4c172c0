//! The state that a signal shares with its handles: bookkeeping that connecting, disconnecting and
//! blocking modify under a mutex, and the list of slots that emissions read without a lock.
//!
//! # How a change reaches emissions
//!
//! The list of slots is either *published* in the snapshot cell, or the cell is empty. An emission reads
//! the list from the cell. If it finds the cell empty, it locks the state and publishes the list.
//!
//! To connect or disconnect a slot, the list is usually taken out of the cell under the mutex. If no emission holds
//! it, its slots are taken out of it and edited, until an emission needs them. Otherwise those emissions continue
//! with the old list, and the change edits a copy of the slots, which it publishes at once in another list. So
//! a list that emissions can see never changes, all writes of the cell are ordered by the mutex, and whenever that is
//! unlocked, what is in the cell is no older than the state. An emission that starts after a change has returned (after,
//! in the happens-before order) reads the cell no earlier than the change emptied it, or replaced what was in it: it
//! sees the change.
//!
//! If an emission has had to wait for the mutex, the next changes of a short list do not empty the cell: they edit a
//! copy, which takes the place of the list. Emissions that start meanwhile read the old list, and do not wait.
//!
//! Disconnecting and blocking also reach emissions in progress. First the lists that they read are taken off
//! the fast path, so that they check each slot's state before they call it: the current list, and the one that it has
//! replaced. Older ones are off it already. Then the slot is marked. To block a slot, that is all: the list stays as it
//! is.
//!
//! # Why no user code runs under the mutex
//!
//! User code is the body of a slot's closure, an argument's `Clone`, and the `Drop` of captured values,
//! arguments and results. No slot is called under the mutex. A list may be dropped there, a replaced one too, but each
//! of its slots is also in the copy of the list, or has just been moved to the caller, which drops it after unlocking.

mod census;
mod closures;
mod copies;
mod departed;
#[cfg(feature = "tracing")]
mod history;
mod list;
mod locations;
#[cfg(feature = "tracing")]
pub(crate) mod observed;
mod slot;
mod slot_options;
mod state;
mod table;
#[cfg(all(test, not(smoke_signal_loom)))]
mod tests;
mod wait;
mod waitable;

use std::sync::Arc;
use std::time::Instant;

use self::census::Census;
pub(crate) use self::closures::{ClosureSlot, OnceSlot, WeakSlot};
use self::list::AnyList;
pub(crate) use self::list::{Count, Disconnected, SlotList, Snapshot, StableList};
pub(crate) use self::slot::{Arguments, Head, SharedSlot, Slot, SlotHooks, SlotView};
pub(crate) use self::slot_options::SlotOptions;
use self::state::{Locked, State};
pub(crate) use self::table::Blocked;
use self::table::SlotTable;
pub use self::wait::WaitError;
pub(crate) use self::waitable::WaitableSlot;

use crate::args::Args;
use crate::keys::Connection;
use crate::owner::{Owner, ScopedOwner, Unblock};
use crate::returns::Returns;
use crate::slot_info::SlotInfo;
use crate::sync::{Mutex, MutexGuard, SnapshotCell, lock, try_lock};
#[cfg(feature = "tracing")]
use crate::trace::Subject;

/// Lists expired slots.
type ListExpired = fn(&mut SlotTable, &dyn AnyList) -> Vec<Connection>;

pub(crate) struct Core<A: Args, R: 'static> {
    state: Mutex<State<A, R>>,
    /// Written only under the lock of `state`.
    cell: SnapshotCell<SlotList<A, R>>,
    census: Census,
    #[cfg(feature = "tracing")]
    pub(crate) subject: Subject,
}

impl<A: Args, R> Core<A, R> {
    pub(crate) fn new(#[cfg(feature = "tracing")] subject: Subject) -> Arc<Self> {
        let core = Arc::new(Self {
            state: Mutex::new(State::new()),
            cell: SnapshotCell::new(),
            census: Census::new(),
            #[cfg(feature = "tracing")]
            subject,
        });
        let owner: Arc<dyn Owner<Connection>> = core.clone();
        lock(&core.state).set_owner(owner);
        #[cfg(feature = "tracing")]
        lock(&core.state).set_name(&core.subject.name);
        core
    }

    /// Locks the state. No user code may run until it is unlocked: slots that are removed from the list are
    /// returned and dropped later.
    #[inline(never)] // for the size of a user's program
    fn lock(&self) -> Locked<'_, A, R> {
        self.locked(lock(&self.state))
    }

    fn locked<'c>(&'c self, state: MutexGuard<'c, State<A, R>>) -> Locked<'c, A, R> {
        Locked {
            state,
            cell: &self.cell,
            census: &self.census,
        }
    }

    pub(crate) fn connect(&self, options: SlotOptions, slot: SharedSlot<A, R>) -> Connection {
        let key = self.lock_swept().connect(None, options, slot);
        #[cfg(feature = "tracing")]
        self.tell_connected(key, options.location);
        key
    }

    /// Locks the state for a change, after some of the slots that have expired were dropped. If one panics in its drop,
    /// nothing has been changed yet that the caller would have to know of.
    fn lock_swept(&self) -> Locked<'_, A, R> {
        let mut locked = self.locked(lock(&self.state));
        if locked.state.table.has_weak() {
            locked = self.sweep_by(SlotTable::list_some_expired, locked);
        }
        locked
    }

    /// Drops the expired slots that `list_expired` finds, without the lock.
    #[inline(never)] // for the size of a user's program
    fn sweep_by<'c>(
        &'c self,
        list_expired: ListExpired,
        mut locked: Locked<'c, A, R>,
    ) -> Locked<'c, A, R> {
        let (table, slots) = locked.state.table_and_slots();
        let expired = list_expired(table, slots);
        if !expired.is_empty() {
            // All of them are removed before the first is dropped, so whoever gets here from a drop finds none.
            let removed = locked.remove_each(&expired);
            drop(locked);
            drop(removed);
            locked = self.lock();
        }
        locked
    }

    /// Connects a slot while the caller holds another lock, so no expired slots are dropped and no subscriber is told.
    pub(crate) fn connect_unswept(
        &self,
        options: SlotOptions,
        slot: SharedSlot<A, R>,
    ) -> Connection {
        self.lock().connect(None, options, slot)
    }

    /// Drops some of the slots that have expired.
    pub(crate) fn sweep(&self) {
        drop(self.lock_swept());
    }

    /// Reserves a key for a slot that is yet to be created. The key is not connected until that slot is.
    pub(crate) fn reserve(&self) -> Reservation<'_, A, R> {
        Reservation {
            core: self,
            key: self.lock().state.table.reserve(),
        }
    }

    /// A key that was never connected and never will be.
    pub(crate) fn dead_key(&self) -> Connection {
        self.reserve().key
    }

    /// Removes a slot, or returns `None` if it had already left. The caller must drop it without holding a
    /// lock.
    pub(crate) fn remove(&self, key: Connection) -> Option<Disconnected<A, R>> {
        self.locked(lock(&self.state)).remove(key) // `lock` is not called, for speed
    }

    /// Removes a slot and drops it. Returns whether this call disconnected it.
    pub(crate) fn disconnect(&self, key: Connection) -> bool {
        self.remove(key).is_some_and(|slot| slot.was_connected())
    }

    /// Removes all slots. The caller must drop them without holding a lock.
    pub(crate) fn disconnect_all(&self) -> Vec<Disconnected<A, R>> {
        self.lock().remove_all()
    }

    /// Disconnects a waitable slot, if it is still connected, and waits until it has completed. Returns
    /// whether this call disconnected it.
    pub(crate) fn disconnect_and_wait(
        &self,
        key: Connection,
        deadline: Option<Instant>,
    ) -> Result<bool, WaitError> {
        let mut locked = self.lock();
        let waitable = locked.state.table.is_waitable(key, locked.state.slots());
        if waitable == Some(false) {
            return Err(WaitError::NotWaitable);
        }
        let disconnected = locked.remove(key);
        let completion = locked.state.table.completion(key);
        drop(locked);
        drop(disconnected);
        if let Some(completion) = completion {
            completion.wait(deadline)?;
        }
        Ok(waitable.is_some())
    }

    /// Blocks a slot, until a matching [`unblock`](Unblock::unblock). Returns whether it is connected.
    pub(crate) fn block(&self, key: Connection) -> Blocked {
        self.lock().state.block(key)
    }

    /// Blocks the whole signal for emissions that start from now on, until a matching
    /// [`unblock_all`](Unblock::unblock_all).
    pub(crate) fn block_all(&self) {
        let mut locked = self.lock();
        locked.unpublish();
        locked.state.table.block_all();
    }

    pub(crate) fn is_blocked(&self, key: Connection) -> bool {
        let locked = self.lock();
        locked.state.table.is_blocked(key, locked.state.slots())
    }

    pub(crate) fn contains(&self, key: Connection) -> bool {
        let locked = self.lock();
        locked.state.table.contains(key, locked.state.slots())
    }

    /// Whether a slot can still leave: it is connected, or was when the signal was dropped and an emission in
    /// progress may still call it.
    pub(crate) fn can_leave(&self, key: Connection) -> bool {
        let locked = self.lock();
        let is_connected = locked.state.table.contains(key, locked.state.slots());
        let orphan = locked.orphan(key);
        drop(locked);
        is_connected || orphan.is_some_and(|slot| slot.view().is_present())
    }

    pub(crate) fn len(&self) -> usize {
        let locked = self.lock();
        locked.state.table.len(locked.state.slots())
    }

    /// Whether no slot is connected. Takes the lock only if all slots are weak, and no object is known to be alive.
    pub(crate) fn is_empty(&self) -> bool {
        self.census.is_empty().unwrap_or_else(|| self.is_vacant())
    }

    fn is_vacant(&self) -> bool {
        let mut locked = self.lock();
        let (table, slots) = locked.state.table_and_slots();
        table.is_vacant(slots, &self.census)
    }

    /// The keys of the slots in call order.
    pub(crate) fn connections(&self) -> Vec<Connection> {
        let mut locked = self.lock();
        locked.compact();
        locked.state.table.connections(locked.state.slots())
    }

    /// The slots in call order.
    pub(crate) fn slots(&self) -> Vec<SlotInfo> {
        self.lock().slots()
    }

    /// The slots in call order, unless another thread holds the lock.
    pub(crate) fn try_slots(&self) -> Option<Vec<SlotInfo>> {
        Some(self.locked(try_lock(&self.state)?).slots())
    }

    /// Calls every slot in order.
    ///
    /// Here is only the usual case: the list has not changed for a while, and this is not inside another emission. It is
    /// small enough to be a part of every caller.
    #[allow(
        clippy::inline_always,
        reason = "a call of this would take longer than that of a slot"
    )]
    #[inline(always)]
    pub(crate) fn emit(&self, args: A::In<'_>) -> Returns<R> {
        let Some(list) = self.stable_list() else {
            return self.emit_slowly(args);
        };
        let mut returns = Returns::new();
        // Results without a size are a number, which stays in a register. Others are collected where they are
        // returned: if they were moved there, memory that had just been written in parts would be read as
        // a whole, which takes as long as a call.
        if const { size_of::<R>() == 0 } {
            returns = list.emit(args, returns);
        } else {
            list.emit(args, &mut returns);
        }
        // Dropped explicitly: this may be user code, and a panicking drop of a local leaks the return value (Rust's
        // issue 47949).
        drop(list);
        returns
    }

    #[inline(never)]
    fn emit_slowly(&self, args: A::In<'_>) -> Returns<R> {
        let mut returns = Returns::new();
        let snapshot = self.snapshot();
        if let Some(list) = snapshot.as_deref() {
            list.emit(args, &mut returns);
        }
        drop(snapshot); // explicitly, as above
        returns
    }

    /// The list, if it has not changed for a while, and this is not inside another emission. Otherwise
    /// [`snapshot`](Self::snapshot) finds it.
    #[inline]
    pub(crate) fn stable_list(&self) -> Option<StableList<A, R>> {
        self.cell.load_promoted()
    }

    /// The slots as an emission that starts now sees them.
    #[inline(never)] // for the size of a user's program
    pub(crate) fn snapshot(&self) -> Snapshot<A, R> {
        let published = self.cell.load();
        if published.is_some() {
            return published;
        }
        self.publish()
    }

    /// The slots as an emission sees them that has found the cell empty. Drops all slots that have expired.
    #[inline(never)]
    fn publish(&self) -> Snapshot<A, R> {
        let at_once = try_lock(&self.state);
        let has_waited = at_once.is_none();
        let mut locked = self.locked(at_once.unwrap_or_else(|| lock(&self.state)));
        if has_waited {
            locked.state.copies.expect_more();
        }
        if locked.state.table.has_weak() {
            locked = self.sweep_by(SlotTable::list_expired, locked);
        }
        locked.snapshot()
    }

    #[cfg(smoke_signal_loom)]
    pub(crate) fn copy_next(&self) {
        self.lock().state.copies.expect_more();
    }

    #[cfg(test)]
    pub(crate) fn lock_as_a_change_does(&self) -> impl Sized {
        lock(&self.state)
    }

    /// Drops all slots, because the signal is dropped.
    pub(crate) fn close(&self) {
        let mut locked = self.lock();
        #[cfg(feature = "tracing")]
        let slots = locked.state.table.connected();
        let closed = locked.close();
        drop(locked);
        #[cfg(feature = "tracing")]
        self.subject.dropped(slots);
        drop(closed);
    }
}

impl<A: Args, R> Owner<Connection> for Core<A, R> {
    fn disconnect(&self, key: Connection) -> bool {
        Core::disconnect(self, key)
    }
}

impl<A: Args, R> ScopedOwner<Connection> for Core<A, R> {
    fn can_leave(&self, key: Connection) -> bool {
        Core::can_leave(self, key)
    }
}

impl<A: Args, R> Unblock for Core<A, R> {
    fn unblock(&self, key: Connection) {
        let mut locked = self.lock();
        let orphan = locked.unblock(key);
        drop(locked);
        drop(orphan);
    }

    fn unblock_all(&self) {
        let mut locked = self.lock();
        locked.state.table.unblock_all();
        locked.unpublish(); // the empty list
    }
}

/// A key reserved by [`Core::reserve`]. If it is dropped without a slot, the key is dead.
pub(crate) struct Reservation<'c, A: Args, R: 'static> {
    core: &'c Core<A, R>,
    pub(crate) key: Connection,
}

impl<A: Args, R> Reservation<'_, A, R> {
    /// Connects the slot that the key was reserved for.
    pub(crate) fn commit(self, options: SlotOptions, slot: SharedSlot<A, R>) -> Connection {
        let mut locked = self.core.lock_swept();
        let key = locked.connect(Some(self.key), options, slot);
        drop(locked);
        #[cfg(feature = "tracing")]
        self.core.tell_connected(key, options.location);
        std::mem::forget(self); // nothing to cancel
        key
    }
}

impl<A: Args, R> Drop for Reservation<'_, A, R> {
    fn drop(&mut self) {
        self.core.lock().state.table.cancel(self.key);
    }
}
