//! The state that a signal shares with its handles: bookkeeping that connecting, disconnecting and blocking
//! modify, and the list of slots that emissions read.
//!
//! # How a change reaches emissions
//!
//! The state has the list of slots. While the list is *current*, a cell holds a second reference to it. An emission
//! takes that out of the cell and puts it back when it ends, which is cheaper than counting references. A nested
//! emission finds the cell empty and gets a reference from the state. An emission that ends after the list was
//! changed drops its reference.
//!
//! To connect or disconnect a slot, the cell is emptied. If no emission holds the list, the slots are moved out of it
//! and edited. Otherwise those emissions continue with the old list, and the change edits a copy of the slots, which gets
//! a list at once. So a list that emissions can see never changes. The next emission moves slots that were edited back
//! into the list, which is current then.
//!
//! Disconnecting and blocking also reach emissions in progress. First the list that they read is taken off the fast
//! path, so that they check each slot's state before they call it. Then the slot is marked. To block a slot, that is
//! all: the list stays as it is.
//!
//! # Why user code finds nothing borrowed
//!
//! User code is the body of a slot's closure, an argument's `Clone`, and the `Drop` of captured values, arguments and
//! results. While the state is borrowed, no slot is called or dropped: a slot that leaves is moved to the caller, which
//! drops it afterwards. Emissions own what they read.

mod closures;
mod list;
#[cfg(feature = "tracing")]
pub(crate) mod observed;
mod slot;
mod slots;
mod state;
mod table;

use alloc::rc::Rc;
use alloc::vec::Vec;
use core::cell::{Cell, RefCell, RefMut};
use core::mem;

pub(crate) use self::closures::{ClosureSlot, MutSlot, OnceSlot, WeakSlot};
use self::list::{Checks, SlotList};
use self::slot::AnySlots;
#[cfg(feature = "testing")]
pub(crate) use self::slot::{Arguments, Head, Slot, SlotHooks};
pub(crate) use self::slot::{ListedSlot, SharedSlot};
use self::slots::Ready;
pub(crate) use self::slots::Snapshot;
use self::state::State;
use self::table::SlotTable;
pub(crate) use self::table::{Blocked, SlotOptions};

use crate::args::Args;
use crate::keys::Connection;
use crate::local::owner::{Owner, ScopedOwner, Unblock};
use crate::returns::Returns;
use crate::slot_info::SlotInfo;
#[cfg(feature = "tracing")]
use crate::trace::Subject;

/// Lists expired slots.
type ListExpired = fn(&mut SlotTable, &dyn AnySlots) -> Vec<Connection>;

pub(crate) struct Core<A: Args, R: 'static> {
    ready: Ready<A, R>,
    state: RefCell<State<A, R>>,
    #[cfg(feature = "tracing")]
    pub(crate) subject: Subject,
}

impl<A: Args, R> Core<A, R> {
    pub(crate) fn new(#[cfg(feature = "tracing")] subject: Subject) -> Rc<Self> {
        let core = Rc::new(Self {
            ready: Cell::new(None),
            state: RefCell::new(State::new()),
            #[cfg(feature = "tracing")]
            subject,
        });
        let owner: Rc<dyn Owner> = core.clone();
        core.state.borrow_mut().slots.set_owner(owner);
        core
    }

    /// Connects a slot: under a reserved key, or under a new one.
    #[inline]
    pub(crate) fn connect(
        &self,
        reserved: Option<Connection>,
        options: SlotOptions,
        slot: ListedSlot<A, R>,
    ) -> Connection {
        #[cfg(feature = "tracing")]
        slot.head().connected_at.set(Some(options.location));
        let mut state = self.borrow_swept();
        let (table, slots) = state.prepare_append(&self.ready);
        let key = table.append(reserved, options);
        let view = slot.view();
        view.head.assign(key);
        table.count(view);
        slots.push(slot);
        state.publish_if_contended(&self.ready);
        drop(state);
        #[cfg(feature = "tracing")]
        self.tell_connected(key, options.location);
        key
    }

    /// Borrows the state after some of the slots that have expired were dropped. If one panics in its drop,
    /// nothing has been changed yet that the caller would have to know of.
    #[inline]
    fn borrow_swept(&self) -> RefMut<'_, State<A, R>> {
        let state = self.state.borrow_mut();
        if !state.table.has_weak() {
            return state;
        }
        drop(state);
        self.sweep(SlotTable::list_some_expired);
        self.state.borrow_mut()
    }

    /// Drops the expired slots that `list_expired` finds.
    #[inline(never)] // for the size of a user's program
    fn sweep(&self, list_expired: ListExpired) {
        let mut state = self.state.borrow_mut();
        let State { table, slots, .. } = &mut *state;
        let expired = list_expired(table, slots);
        drop(state);
        // All of them are removed before the first is dropped, so whoever gets here from a drop finds none.
        let removed = expired.into_iter().filter_map(|key| self.remove(key));
        let removed: Vec<_> = removed.collect();
        #[cfg(feature = "tracing")]
        self.tell_disconnected(removed.iter().map(|(slot, _)| slot));
        drop(removed);
    }

    /// Reserves a key for a slot that is yet to be created. The key is not connected until that slot is.
    pub(crate) fn reserve(&self) -> Reservation<'_, A, R> {
        Reservation {
            core: self,
            key: self.state.borrow_mut().table.reserve(),
        }
    }

    /// A key that was never connected and never will be.
    pub(crate) fn dead_key(&self) -> Connection {
        self.reserve().key
    }

    /// Removes a slot and drops it. Returns whether it was connected until now.
    #[inline(never)] // for the size of a user's program
    pub(crate) fn disconnect(&self, key: Connection) -> bool {
        let Some((removed, was_connected)) = self.remove(key) else {
            return false;
        };
        #[cfg(feature = "tracing")]
        self.tell_disconnected([&removed]);
        drop(removed);
        was_connected
    }

    /// Removes a slot, and returns it with whether it counted as connected. The caller must drop it while nothing is
    /// borrowed.
    #[allow(
        clippy::inline_always,
        reason = "returned by a call, the slot would be copied through memory"
    )]
    #[inline(always)]
    fn remove(&self, key: Connection) -> Option<(ListedSlot<A, R>, bool)> {
        self.state.borrow_mut().remove(key, &self.ready)
    }

    /// Removes all slots. The caller must drop them while nothing is borrowed.
    pub(crate) fn disconnect_all(&self) -> Vec<ListedSlot<A, R>> {
        let removed = self.state.borrow_mut().remove_all(&self.ready);
        #[cfg(feature = "tracing")]
        self.tell_disconnected(&removed);
        removed
    }

    /// Blocks a slot, until a matching [`unblock`](Unblock::unblock). Returns whether it is connected.
    pub(crate) fn block(&self, key: Connection) -> Blocked {
        let State { table, slots, .. } = &mut *self.state.borrow_mut();
        let blocked = table.block(key, slots);
        if blocked == Blocked::Once {
            slots.list().set_checks(Checks::All);
        }
        blocked
    }

    /// Blocks the whole signal for emissions that start from now on, until a matching
    /// [`unblock_all`](Unblock::unblock_all).
    pub(crate) fn block_all(&self) {
        let State { table, slots, .. } = &mut *self.state.borrow_mut();
        slots.retire(&self.ready);
        table.block_all();
    }

    pub(crate) fn is_blocked(&self, key: Connection) -> bool {
        let State { table, slots, .. } = &*self.state.borrow();
        table.is_blocked(key, slots)
    }

    pub(crate) fn contains(&self, key: Connection) -> bool {
        let State { table, slots, .. } = &*self.state.borrow();
        table.contains(key, slots)
    }

    pub(crate) fn len(&self) -> usize {
        let State { table, slots, .. } = &*self.state.borrow();
        table.len(slots)
    }

    /// Whether no slot is connected.
    pub(crate) fn is_empty(&self) -> bool {
        let State { table, slots, .. } = &mut *self.state.borrow_mut();
        table.known_to_be_empty().unwrap_or_else(|| {
            let first = slots.list().slots().first().map(|slot| slot.view());
            let is_first = first.is_some_and(|slot| slot.head.is_connected() && slot.is_present());
            !is_first && !table.find_object(slots)
        })
    }

    /// The keys of the slots in call order.
    pub(crate) fn connections(&self) -> Vec<Connection> {
        let slots = self.slots().into_iter();
        slots.map(|slot| slot.connection).collect()
    }

    /// The slots in call order.
    pub(crate) fn slots(&self) -> Vec<SlotInfo> {
        self.state.borrow_mut().slots(&self.ready)
    }

    /// Calls every slot in order and puts what they return into `results`.
    ///
    /// The caller owns the results: returned from here, they would be copied, which takes longer than a call. It also
    /// drops them if this ends in a panic, in the drop of a captured value for example.
    ///
    /// Here is only what a signal with one slot needs, which is small enough to be a part of every caller.
    #[inline]
    pub(crate) fn emit(&self, args: A::In<'_>, results: &mut Returns<R>) {
        match self.ready.take() {
            Some(list) if list.is_single_unchecked() => {
                self.emission(list, |list| list.emit_single(args, results));
            }
            list => self.emit_each(list, args, results),
        }
    }

    #[inline(never)] // for the size of a user's program
    fn emit_each(&self, list: Snapshot<A, R>, args: A::In<'_>, results: &mut Returns<R>) {
        if let Some(list) = list.or_else(|| self.snapshot_slow()) {
            self.emission(list, |list| list.emit(args, results));
        }
    }

    /// Lets `emit` call the slots of the list, and puts that back, or drops it if it has been changed, which may be user
    /// code. After a panic, the next emission finds the list in the state.
    #[inline]
    fn emission(&self, list: Rc<SlotList<A, R>>, emit: impl FnOnce(&SlotList<A, R>)) {
        emit(&list);
        if !list.is_current() {
            release(list);
        } else if let Some(same) = self.ready.replace(Some(list)) {
            release(same);
        }
    }

    /// The slots as an emission that starts now sees them.
    pub(crate) fn snapshot(&self) -> Snapshot<A, R> {
        match self.ready.take() {
            Some(list) => {
                self.ready.set(Some(Rc::clone(&list)));
                Some(list)
            }
            None => self.snapshot_slow(),
        }
    }

    /// The slots, if the cell is empty: the list has been changed, or another emission has taken it.
    #[cold]
    fn snapshot_slow(&self) -> Snapshot<A, R> {
        let state = self.state.borrow();
        let list = state.slots.list();
        if list.is_current() {
            return Some(Rc::clone(list));
        }
        let has_weak = state.table.has_weak();
        drop(state);
        if has_weak {
            self.sweep(SlotTable::list_expired);
        }
        self.state.borrow_mut().snapshot(&self.ready)
    }

    /// Drops all slots, because the signal is dropped.
    pub(crate) fn close(&self) {
        #[cfg(feature = "tracing")]
        let slots = self.state.borrow().table.connected();
        let closed = self.state.borrow_mut().close(&self.ready);
        #[cfg(feature = "tracing")]
        self.subject.dropped(slots);
        drop(closed);
    }
}

/// Drops a reference to a list. A function, for the size of what calls it.
#[cold]
#[inline(never)]
fn release<A: Args, R>(list: Rc<SlotList<A, R>>) {
    drop(list);
}

impl<A: Args, R> Owner for Core<A, R> {
    fn disconnect(&self, key: Connection) -> bool {
        Core::disconnect(self, key)
    }
}

impl<A: Args, R> ScopedOwner for Core<A, R> {
    fn can_leave(&self, key: Connection) -> bool {
        let orphan = self.state.borrow().orphan(key);
        self.contains(key) || orphan.is_some_and(|slot| slot.view().is_present())
    }
}

impl<A: Args, R> Unblock for Core<A, R> {
    fn unblock(&self, key: Connection) {
        let orphan = self.state.borrow_mut().unblock(key);
        drop(orphan);
    }

    fn unblock_all(&self) {
        self.state.borrow_mut().table.unblock_all();
    }
}

/// A key reserved by [`Core::reserve`]. If it is dropped without a slot, the key is dead.
pub(crate) struct Reservation<'c, A: Args, R: 'static> {
    core: &'c Core<A, R>,
    pub(crate) key: Connection,
}

impl<A: Args, R> Reservation<'_, A, R> {
    /// Connects the slot that the key was reserved for.
    pub(crate) fn commit(self, options: SlotOptions, slot: ListedSlot<A, R>) -> Connection {
        let key = self.core.connect(Some(self.key), options, slot);
        mem::forget(self); // nothing to cancel
        key
    }
}

impl<A: Args, R> Drop for Reservation<'_, A, R> {
    fn drop(&mut self) {
        self.core.state.borrow_mut().table.cancel(self.key);
    }
}

#[cfg(all(test, feature = "std", not(smoke_signal_loom)))]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    #[cfg(feature = "testing")]
    use crate::local::engine::list::Checks;
    use crate::local::engine::slot::AnySlots;
    use crate::local::signal::LocalSignal;

    #[test]
    fn a_block_too_many_changes_nothing() {
        let signal = LocalSignal::<()>::new();
        let slot = signal.connect(|| ());
        let guard = signal.block(slot);
        let state = signal.core().state.borrow();
        state.slots.slot(0).head.block_as_often_as_possible();
        drop(state);
        let blocked = catch_unwind(AssertUnwindSafe(|| signal.block(slot)));
        let message = blocked.unwrap_err().downcast::<&str>();
        assert_eq!(
            *message.unwrap(),
            "a slot is blocked by 2^29 - 1 guards at most"
        );
        assert_eq!(signal.len(), 1);
        drop(guard);
        assert!(signal.block(slot).is_some());
    }

    #[test]
    #[cfg(feature = "testing")]
    fn a_spy_leaves_other_slots_unchecked() {
        let signal = LocalSignal::<()>::new();
        let slots = [signal.connect(|| ()), signal.connect(|| ())];
        let spy = crate::testing::Spy::on(&signal);
        let checks = || signal.core().state.borrow().table.checks();
        assert!(checks() == Checks::Some);
        drop(spy);
        assert!(checks() == Checks::None && slots.iter().all(|&slot| signal.contains(slot)));
    }
}
