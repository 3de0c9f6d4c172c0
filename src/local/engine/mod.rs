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
//! To connect or disconnect a slot, the cell is emptied. If no emission holds the list, it is edited in place.
//! Otherwise those emissions continue with the old list, and the change edits a copy, which is current at once. So a
//! list that emissions can see never changes. The next emission makes a list that was edited in place current.
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
mod state;
mod table;

use alloc::rc::Rc;
use alloc::vec::Vec;
use core::cell::{Cell, RefCell};
use core::mem;

pub(crate) use self::closures::{ClosureSlot, MutSlot, OnceSlot, WeakSlot};
use self::list::{AnyList, Checks, SlotList};
#[cfg(feature = "testing")]
pub(crate) use self::slot::{Arguments, Head, Slot, SlotHooks, SlotView};
pub(crate) use self::slot::{ListedSlot, SharedSlot};
pub(crate) use self::state::Snapshot;
use self::state::{Borrowed, Ready, State};
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
type ListExpired = fn(&mut SlotTable, &dyn AnyList) -> Vec<Connection>;

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
        core.state.borrow_mut().set_owner(owner);
        core
    }

    fn borrow(&self) -> Borrowed<'_, A, R> {
        Borrowed {
            state: self.state.borrow_mut(),
            ready: &self.ready,
        }
    }

    #[inline]
    pub(crate) fn connect(&self, options: SlotOptions, slot: SharedSlot<A, R>) -> Connection {
        let key = self.borrow_swept().connect(None, options, slot);
        #[cfg(feature = "tracing")]
        self.tell_connected(key, options.location);
        key
    }

    /// Borrows the state after some of the slots that have expired were dropped. If one panics in its drop,
    /// nothing has been changed yet that the caller would have to know of.
    fn borrow_swept(&self) -> Borrowed<'_, A, R> {
        self.borrow_swept_by(SlotTable::list_some_expired)
    }

    /// Borrows the state after the expired slots that `list_expired` finds were dropped.
    #[inline]
    fn borrow_swept_by(&self, list_expired: ListExpired) -> Borrowed<'_, A, R> {
        let borrowed = self.borrow();
        if !borrowed.state.table.has_weak() {
            return borrowed;
        }
        drop(borrowed);
        self.sweep(list_expired);
        self.borrow()
    }

    /// Drops the expired slots that `list_expired` finds.
    #[inline(never)] // for the size of a user's program
    fn sweep(&self, list_expired: ListExpired) {
        let mut borrowed = self.borrow();
        let State { table, list, .. } = &mut *borrowed.state;
        let expired = list_expired(table, &**list);
        // All of them are removed before the first is dropped, so whoever gets here from a drop finds none.
        let mut removed = Vec::new();
        for key in expired {
            removed.extend(borrowed.remove(key));
        }
        drop(borrowed);
        #[cfg(feature = "tracing")]
        self.tell_disconnected(removed.iter().map(|(slot, _)| slot));
        drop(removed);
    }

    /// Reserves a key for a slot that is yet to be created. The key is not connected until that slot is.
    pub(crate) fn reserve(&self) -> Reservation<'_, A, R> {
        Reservation {
            core: self,
            key: self.borrow().state.table.reserve(),
        }
    }

    /// A key that was never connected and never will be.
    pub(crate) fn dead_key(&self) -> Connection {
        self.reserve().key
    }

    /// Removes a slot, or returns `None` if it had already left. The caller must drop it while nothing is borrowed.
    pub(crate) fn disconnect(&self, key: Connection) -> Option<ListedSlot<A, R>> {
        let (removed, was_connected) = self.borrow().remove(key)?;
        #[cfg(feature = "tracing")]
        self.tell_disconnected([&removed]);
        was_connected.then_some(removed)
    }

    /// Removes all slots. The caller must drop them while nothing is borrowed.
    pub(crate) fn disconnect_all(&self) -> Vec<ListedSlot<A, R>> {
        let removed = self.borrow().remove_all();
        #[cfg(feature = "tracing")]
        self.tell_disconnected(&removed);
        removed
    }

    /// Blocks a slot, until a matching [`unblock`](Unblock::unblock). Returns whether it is connected.
    pub(crate) fn block(&self, key: Connection) -> Blocked {
        let mut borrowed = self.borrow();
        let State { table, list, .. } = &mut *borrowed.state;
        let blocked = table.block(key, &**list);
        if blocked == Blocked::Once {
            list.set_checks(Checks::All);
        }
        blocked
    }

    /// Blocks the whole signal for emissions that start from now on, until a matching
    /// [`unblock_all`](Unblock::unblock_all).
    pub(crate) fn block_all(&self) {
        let mut borrowed = self.borrow();
        borrowed.retire();
        borrowed.state.table.block_all();
    }

    pub(crate) fn is_blocked(&self, key: Connection) -> bool {
        let State { table, list, .. } = &*self.state.borrow();
        table.is_blocked(key, &**list)
    }

    pub(crate) fn contains(&self, key: Connection) -> bool {
        let State { table, list, .. } = &*self.state.borrow();
        table.contains(key, &**list)
    }

    pub(crate) fn len(&self) -> usize {
        let State { table, list, .. } = &*self.state.borrow();
        table.len(&**list)
    }

    /// Whether no slot is connected.
    pub(crate) fn is_empty(&self) -> bool {
        let State { table, list, .. } = &mut *self.state.borrow_mut();
        table.known_to_be_empty().unwrap_or_else(|| {
            let first = list.slots().first().filter(|_| list.is_current());
            let first = first.map(|slot| slot.view());
            let is_first = first.is_some_and(|slot| slot.head.is_connected() && slot.is_present());
            !is_first && !table.find_object(&**list)
        })
    }

    /// The keys of the slots in call order.
    pub(crate) fn connections(&self) -> Vec<Connection> {
        let slots = self.slots().into_iter();
        slots.map(|slot| slot.connection).collect()
    }

    /// The slots in call order.
    pub(crate) fn slots(&self) -> Vec<SlotInfo> {
        self.borrow().slots()
    }

    /// Calls every slot in order and puts what they return into `results`.
    ///
    /// The caller owns the results: returned from here, they would be copied, which takes longer than a call. It also
    /// drops them if this ends in a panic, in the drop of a captured value for example.
    #[inline(never)] // for the size of a user's program
    pub(crate) fn emit(&self, args: A::In<'_>, results: &mut Returns<R>) {
        let Some(list) = self.ready.take().or_else(|| self.snapshot_slow()) else {
            return;
        };
        let mut emission = Emission {
            core: self,
            list: Some(list),
        };
        if let Some(list) = emission.list.as_deref() {
            list.emit(args, results);
        }
        self.put_back(emission.list.take());
        mem::forget(emission); // it has ended
    }

    /// Ends an emission that has panicked.
    #[cold]
    #[inline(never)]
    fn abandon(&self, list: Snapshot<A, R>) {
        self.put_back(list);
    }

    /// Ends an emission: puts its list back, or drops it if the list has been changed, which may be user code.
    #[inline]
    fn put_back(&self, list: Snapshot<A, R>) {
        if list.as_ref().is_some_and(|list| list.is_current()) {
            if let Some(same) = self.ready.replace(list) {
                release(same);
            }
        } else if let Some(list) = list {
            release(list);
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
        if state.list.is_current() {
            return Some(Rc::clone(&state.list));
        }
        drop(state);
        self.borrow_swept_by(SlotTable::list_expired).snapshot()
    }

    /// Drops all slots, because the signal is dropped.
    pub(crate) fn close(&self) {
        #[cfg(feature = "tracing")]
        let slots = self.borrow().state.table.connected();
        let closed = self.borrow().close();
        #[cfg(feature = "tracing")]
        self.subject.dropped(slots);
        drop(closed);
    }
}

/// An emission in progress, for when it ends in a panic.
struct Emission<'c, A: Args, R: 'static> {
    core: &'c Core<A, R>,
    /// Taken when it ends.
    list: Snapshot<A, R>,
}

impl<A: Args, R> Drop for Emission<'_, A, R> {
    #[inline]
    fn drop(&mut self) {
        self.core.abandon(self.list.take());
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
        Core::disconnect(self, key).is_some()
    }
}

impl<A: Args, R> ScopedOwner for Core<A, R> {
    fn can_leave(&self, key: Connection) -> bool {
        let orphan = self.borrow().orphan(key);
        self.contains(key) || orphan.is_some_and(|slot| slot.view().is_present())
    }
}

impl<A: Args, R> Unblock for Core<A, R> {
    fn unblock(&self, key: Connection) {
        let orphan = self.borrow().unblock(key);
        drop(orphan);
    }

    fn unblock_all(&self) {
        self.borrow().state.table.unblock_all();
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
        let mut borrowed = self.core.borrow_swept();
        let key = borrowed.connect(Some(self.key), options, slot);
        drop(borrowed);
        #[cfg(feature = "tracing")]
        self.core.tell_connected(key, options.location);
        mem::forget(self); // nothing to cancel
        key
    }
}

impl<A: Args, R> Drop for Reservation<'_, A, R> {
    fn drop(&mut self) {
        self.core.borrow().state.table.cancel(self.key);
    }
}

#[cfg(all(test, feature = "std", not(smoke_signal_loom)))]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use crate::local::engine::list::AnyList;
    #[cfg(feature = "testing")]
    use crate::local::engine::list::Checks;
    use crate::local::signal::LocalSignal;

    #[test]
    fn a_block_too_many_changes_nothing() {
        let signal = LocalSignal::<()>::new();
        let slot = signal.connect(|| ());
        let guard = signal.block(slot);
        let list = signal.core().state.borrow().list.clone();
        list.slot(0).head.block_as_often_as_possible();
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
