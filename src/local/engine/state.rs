//! The state of a signal, and how a change to it reaches emissions. No user code runs while it is borrowed: slots that
//! are removed are returned and dropped later.

use alloc::boxed::Box;
use alloc::rc::{Rc, Weak};
use alloc::vec::Vec;
use core::mem;

use snapshot_cell::DirectRc;

use crate::args::Args;
use crate::keys::Connection;
use crate::local::engine::closures::Tombstone;
use crate::local::engine::list::Checks;
use crate::local::engine::slot::{ListedSlot, SharedSlot, Slot};
use crate::local::engine::slots::{Ready, Slots, Snapshot};
use crate::local::engine::table::SlotTable;
use crate::slot_info::SlotInfo;

/// The part of a signal that connecting, disconnecting and blocking modify.
pub(crate) struct State<A: Args, R: 'static> {
    pub(crate) table: SlotTable,
    pub(crate) slots: Slots<A, R>,
    /// Takes the place of slots that have left. `None` until one has.
    tombstone: Option<Rc<Tombstone>>,
    /// The slots that the signal had when it was dropped, if an emission was in progress.
    orphans: Option<Box<Orphans<A, R>>>,
}

/// The slots of a signal that has been dropped, while emissions in progress go on. They can still leave.
struct Orphans<A: Args, R: 'static> {
    table: SlotTable,
    /// The slots by position. Weak, because the emissions keep the state of the signal alive.
    slots: Vec<Weak<dyn Slot<A, R>>>,
}

impl<A: Args, R> State<A, R> {
    pub(crate) fn new() -> Self {
        Self {
            table: SlotTable::new(),
            slots: Slots::new(),
            tombstone: None,
            orphans: None,
        }
    }

    /// Makes emissions that start from now on read the slots.
    #[inline(never)] // for the size of a user's program
    fn publish(&mut self, ready: &Ready<A, R>) {
        self.compact(ready);
        self.slots.publish(&self.table, ready);
    }

    /// Brings the slots into call order and removes the tombstones.
    fn compact(&mut self, ready: &Ready<A, R>) {
        if !self.table.is_compact() {
            self.table.compact(self.slots.edit(ready));
        }
    }

    /// Forgets a slot whose entry has been removed. Returns whether it counted as connected.
    #[inline]
    fn forget(&mut self, slot: &ListedSlot<A, R>) -> bool {
        if self.table.checks() == Checks::None {
            slot.head().mark_disconnected();
            return true;
        }
        self.table.forget(slot.view());
        slot.view().is_present()
    }

    #[cold]
    fn remove_orphan(&mut self, key: Connection) -> Option<(ListedSlot<A, R>, bool)> {
        let Orphans { table, slots } = &mut **self.orphans.as_mut()?;
        let at = table.remove(key)?;
        let slot = slots[at].upgrade()?;
        table.forget(slot.view());
        let was_connected = slot.view().is_present();
        Some((slot.into(), was_connected))
    }

    /// Returns the list for an emission that has not found it.
    pub(crate) fn snapshot(&mut self, ready: &Ready<A, R>) -> Snapshot<A, R> {
        if self.table.is_blocked_as_a_whole() {
            return None;
        }
        if !self.slots.list().is_current() {
            self.publish(ready);
        }
        Some(Rc::clone(self.slots.list()))
    }

    /// The table and the slots, for another slot to be appended to both.
    #[inline]
    pub(crate) fn prepare_append(
        &mut self,
        ready: &Ready<A, R>,
    ) -> (&mut SlotTable, &mut Vec<ListedSlot<A, R>>) {
        if self.table.needs_compaction() {
            self.compact(ready);
        }
        (&mut self.table, self.slots.edit(ready))
    }

    /// Removes a slot, expired or not, and returns whether it counted as connected.
    #[allow(clippy::inline_always, reason = "as for `Core::remove`")]
    #[inline(always)]
    pub(crate) fn remove(
        &mut self,
        key: Connection,
        ready: &Ready<A, R>,
    ) -> Option<(ListedSlot<A, R>, bool)> {
        let Some(at) = self.table.remove(key) else {
            return self.remove_orphan(key);
        };
        let slots = self.slots.edit(ready);
        let slot = if at + 1 == slots.len() {
            slots.pop().expect("the list has the slot")
        } else {
            let tombstone = self.tombstone.get_or_insert_with(Tombstone::new);
            let tombstone: SharedSlot<A, R> = tombstone.clone();
            mem::replace(&mut slots[at], tombstone.into())
        };
        if self.table.is_empty() {
            slots.clear(); // tombstones
        }
        let was_connected = self.forget(&slot);
        self.publish_if_contended(ready);
        Some((slot, was_connected))
    }

    /// Removes all slots.
    pub(crate) fn remove_all(&mut self, ready: &Ready<A, R>) -> Vec<ListedSlot<A, R>> {
        self.compact(ready);
        self.table.remove_all();
        let slots = mem::take(self.slots.edit(ready));
        for slot in &slots {
            self.forget(slot);
        }
        self.publish_if_contended(ready);
        slots
    }

    /// If an emission in progress forced a copy of the slots, more emissions are likely: makes the list ready at once.
    #[inline]
    pub(crate) fn publish_if_contended(&mut self, ready: &Ready<A, R>) {
        if self.slots.take_contended() && !self.table.is_blocked_as_a_whole() {
            self.publish(ready);
        }
    }

    /// Removes one block of a slot. Returns a slot for the caller to drop.
    pub(crate) fn unblock(&mut self, key: Connection) -> impl Sized + use<A, R> {
        let Self { table, slots, .. } = self;
        table.unblock(key, slots);
        slots.list().set_checks(table.checks());
        let orphan = self.orphan(key)?;
        orphan.view().head.unblock();
        Some(orphan)
    }

    /// A slot that the signal had when it was dropped, if it has not left and an emission still holds it.
    pub(crate) fn orphan(&self, key: Connection) -> Option<SharedSlot<A, R>> {
        let Orphans { table, slots } = &**self.orphans.as_ref()?;
        slots[table.find(key)?].upgrade()
    }

    /// Takes the slots out, for the caller to drop, and leaves none.
    ///
    /// The slots do not count as disconnected: an emission in progress runs to its end. Until then, each of
    /// them can still leave.
    pub(crate) fn close(&mut self, ready: &Ready<A, R>) -> impl Sized + use<A, R> {
        self.slots.retire(ready);
        let slots = mem::replace(&mut self.slots, Slots::new());
        let table = self.table.close();
        if slots.are_in_use() {
            slots.list().set_checks(Checks::All);
            let slots = slots.as_slice().iter().map(DirectRc::downgrade).collect();
            self.orphans = Some(Box::new(Orphans { table, slots }));
        }
        slots
    }

    /// Describes each slot, in call order.
    pub(crate) fn slots(&mut self, ready: &Ready<A, R>) -> Vec<SlotInfo> {
        self.compact(ready);
        self.publish_if_contended(ready);
        self.table.slots(&self.slots)
    }
}
