//! The state that the mutex of a signal guards, and how a change to it reaches emissions.

use std::mem;
use std::sync::Arc;

use crate::args::Args;
use crate::core::closures::Tombstone;
use crate::core::list::{Disconnected, SlotList, Snapshot};
use crate::core::order::{Compaction, remove_positions, retain_positions};
use crate::core::slot::SharedSlot;
use crate::core::table::{SlotOptions, SlotTable};
use crate::keys::Connection;
use crate::owner::SlotOwner;
use crate::slot_info::SlotInfo;
use crate::sync::{CellArc, MutexGuard, SnapshotCell, loaded};

/// The part of a signal that connecting, disconnecting and blocking modify.
pub(crate) struct State<A: Args, R: 'static> {
    pub(crate) table: SlotTable,
    pub(crate) list: CellArc<SlotList<A, R>>,
    /// Whether the snapshot cell holds a list.
    published: bool,
    /// `true`: nobody else holds `list`. `false`: somebody may, and `make_exclusive` has to look.
    exclusive: bool,
    /// Whether a change had to copy the list because an emission was using it.
    contended: bool,
    /// Takes the place of slots that have left.
    tombstone: SharedSlot<A, R>,
}

impl<A: Args, R> State<A, R> {
    pub(crate) fn new(owner: SlotOwner) -> Self {
        Self {
            table: SlotTable::new(),
            list: SlotList::new(owner, Vec::new()),
            published: false,
            exclusive: true,
            contended: false,
            tombstone: Arc::new(Tombstone::new()),
        }
    }
}

/// The state of a signal, locked, with the cell that emissions read the list from. Every write of the
/// cell goes through here.
pub(crate) struct Locked<'c, A: Args, R: 'static> {
    pub(crate) state: MutexGuard<'c, State<A, R>>,
    pub(crate) cell: &'c SnapshotCell<SlotList<A, R>>,
}

impl<A: Args, R> Locked<'_, A, R> {
    /// Takes the list out of the cell. Emissions that start from now on lock the mutex.
    pub(crate) fn unpublish(&mut self) {
        if self.state.published {
            self.state.published = false;
            drop(self.cell.swap(None));
        }
    }

    /// Returns the list for an emission that has found the cell empty.
    pub(crate) fn snapshot(&mut self) -> Snapshot<A, R> {
        if self.state.published {
            return self.cell.load(); // another emission came first
        }
        if !self.state.table.is_blocked_as_a_whole() {
            self.publish();
            return loaded(Some(CellArc::clone(&self.state.list)));
        }
        let nothing = self.state.list.with_slots(Vec::new());
        // A blocked signal calls no slots, so they cannot find out that they have expired. Instead, every
        // emission must come here and look.
        if !self.state.table.has_weak() {
            self.cell.swap(Some(CellArc::clone(&nothing)));
            self.state.published = true;
        }
        loaded(Some(nothing))
    }

    /// Puts the list into the cell.
    fn publish(&mut self) {
        self.compact();
        let State { table, list, .. } = &*self.state;
        list.set_fast_path(table.is_fast_path());
        self.cell.swap(Some(CellArc::clone(list)));
        self.state.published = true;
        self.state.exclusive = false;
    }

    /// Makes sure that nobody else holds `list`.
    fn make_exclusive(&mut self) {
        let state = &mut *self.state;
        if CellArc::get_mut(&mut state.list).is_none() {
            // Emissions in progress continue with the list that they have. It may be dropped here, but its
            // slots are not: each is also in the copy.
            state.list.set_fast_path(false);
            state.list = state.list.with_slots(state.list.slots().to_vec());
            state.contended = true;
        }
        state.exclusive = true;
    }

    /// The slots, to be changed.
    fn edit(&mut self) -> &mut Vec<SharedSlot<A, R>> {
        self.unpublish();
        if !self.state.exclusive {
            self.make_exclusive();
        }
        let list = CellArc::get_mut(&mut self.state.list);
        list.expect("nobody else holds the list").slots_mut()
    }

    /// Brings the list into call order and removes its tombstones.
    pub(crate) fn compact(&mut self) {
        let State { table, list, .. } = &mut *self.state;
        if table.is_compact() {
            return;
        }
        let compaction = table.compact(&**list);
        let slots = self.edit();
        match compaction {
            Compaction::Remove(tombstones) => remove_positions(slots, &tombstones),
            Compaction::Retain(kept) => retain_positions(slots, &kept),
            Compaction::Reorder { swaps, length } => {
                for (one, other) in swaps {
                    slots.swap(one as usize, other as usize);
                }
                slots.truncate(length);
                let State { table, list, .. } = &mut *self.state;
                table.renumber(&**list);
            }
        }
    }

    /// Connects a slot: under a reserved key, or under a new one.
    #[inline]
    pub(crate) fn connect(
        &mut self,
        reserved: Option<Connection>,
        options: SlotOptions,
        slot: SharedSlot<A, R>,
    ) -> Connection {
        if self.state.table.needs_compaction() {
            self.compact();
        }
        let table = &mut self.state.table;
        let key = match reserved {
            Some(key) => {
                table.commit(key, options, slot.view());
                key
            }
            None => table.append(options, slot.view()),
        };
        self.edit().push(slot);
        key
    }

    /// Removes a slot, expired or not.
    pub(crate) fn remove(&mut self, key: Connection) -> Option<Disconnected<A, R>> {
        let at = self.state.table.remove(key)?;
        let is_last = at + 1 == self.state.list.slots().len();
        let is_only = self.state.table.is_empty();
        let tombstone = (!is_last).then(|| Arc::clone(&self.state.tombstone));
        let slots = self.edit();
        let slot = match tombstone {
            Some(tombstone) => mem::replace(&mut slots[at], tombstone),
            None => slots.pop().expect("the list has the slot"),
        };
        if is_only {
            slots.clear(); // tombstones
        }
        self.state.table.forget(slot.view());
        Some(Disconnected::new(slot))
    }

    /// Removes all slots.
    pub(crate) fn remove_all(&mut self) -> Vec<Disconnected<A, R>> {
        self.compact();
        self.state.table.remove_all();
        let slots = mem::take(self.edit());
        for slot in &slots {
            self.state.table.forget(slot.view());
        }
        slots.into_iter().map(Disconnected::new).collect()
    }

    /// Takes the list out, for the caller to drop, and leaves an empty one.
    pub(crate) fn close(&mut self) -> impl Sized + use<A, R> {
        self.unpublish();
        self.state.table.close();
        let empty = self.state.list.with_slots(Vec::new());
        self.state.exclusive = true;
        mem::replace(&mut self.state.list, empty)
    }

    /// Describes each slot, in call order.
    pub(crate) fn slots(&mut self) -> Vec<SlotInfo> {
        self.compact();
        let State { table, list, .. } = &*self.state;
        table.slots(&**list)
    }

    /// Removes the slots that have expired.
    #[inline]
    pub(crate) fn sweep(&mut self) -> Vec<Disconnected<A, R>> {
        if self.state.table.has_weak() {
            self.remove_expired()
        } else {
            Vec::new()
        }
    }

    #[cold]
    fn remove_expired(&mut self) -> Vec<Disconnected<A, R>> {
        let State { table, list, .. } = &*self.state;
        let expired = table.list_expired(&**list);
        let mut removed = Vec::new();
        for key in expired {
            if let Some(slot) = self.remove(key) {
                removed.push(slot);
            }
        }
        removed
    }
}

impl<A: Args, R> Drop for Locked<'_, A, R> {
    /// If an emission in progress forced a copy of the list, more emissions are likely: publishes the list at
    /// once, so that they do not queue at the mutex.
    fn drop(&mut self) {
        if mem::take(&mut self.state.contended) && !self.state.table.is_blocked_as_a_whole() {
            self.publish();
        }
    }
}
