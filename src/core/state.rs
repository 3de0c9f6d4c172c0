//! The state that the mutex of a signal guards, and how a change to it reaches emissions.

use std::mem;
use std::sync::{Arc, Weak};

use snapshot_cell::DirectArc;

use crate::args::Args;
use crate::core::closures::Tombstone;
use crate::core::list::{Checks, Disconnected, SlotList, Snapshot};
use crate::core::slot::{ListedSlot, SharedSlot, Slot};
use crate::core::slot_options::SlotOptions;
use crate::core::table::SlotTable;
use crate::keys::Connection;
use crate::order::{Compaction, remove_positions};
use crate::owner::Owner;
use crate::slot_info::SlotInfo;
use crate::sync::{CellArc, MutexGuard, SnapshotCell, loaded};
#[cfg(feature = "tracing")]
use crate::trace::Name;

/// The part of a signal that connecting, disconnecting and blocking modify.
#[allow(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(crate) struct State<A: Args, R: 'static> {
    pub(crate) table: SlotTable,
    pub(crate) list: CellArc<SlotList<A, R>>,
    /// Whether the snapshot cell holds a list.
    published: bool,
    /// Whether `list` has been edited since it was published.
    edited: bool,
    /// `true`: nobody else holds `list`. `false`: somebody may, and `make_exclusive` has to look.
    exclusive: bool,
    /// Whether a change had to copy the list because an emission was using it.
    contended: bool,
    /// Takes the place of slots that have left. `None` until one has.
    tombstone: Option<ListedSlot<A, R>>,
    /// The slots that the signal had when it was dropped, if an emission was in progress.
    orphans: Option<Box<Orphans<A, R>>>,
    #[cfg(feature = "tracing")]
    name: Name,
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
            list: CellArc::default(),
            published: false,
            edited: false,
            exclusive: true,
            contended: false,
            tombstone: None,
            orphans: None,
            #[cfg(feature = "tracing")]
            name: Name::Unnamed,
        }
    }

    #[cfg(feature = "tracing")]
    pub(crate) fn set_name(&mut self, name: &Name) {
        self.name = name.clone();
    }

    /// A slot that has been removed, for the caller to drop.
    #[inline]
    #[cfg_attr(not(feature = "tracing"), allow(clippy::unused_self))]
    fn disconnected(&self, slot: ListedSlot<A, R>) -> Disconnected<A, R> {
        #[cfg(feature = "tracing")]
        return Disconnected::observed(slot, &self.name);
        #[cfg(not(feature = "tracing"))]
        Disconnected::new(slot)
    }

    /// Sets the signal of the list, which has just been created.
    pub(crate) fn set_owner(&mut self, owner: Arc<dyn Owner<Connection>>) {
        self.exclusive_list().set_owner(owner);
    }

    /// The list, which nobody else holds.
    #[inline(never)] // for the size of a user's program
    fn exclusive_list(&mut self) -> &mut SlotList<A, R> {
        CellArc::get_mut(&mut self.list).expect("nobody else holds the list")
    }

    fn tombstone(&mut self) -> ListedSlot<A, R> {
        let tombstone = &mut self.tombstone;
        let new = || {
            let tombstone: SharedSlot<A, R> = Arc::new(Tombstone::new());
            tombstone.into()
        };
        tombstone.get_or_insert_with(new).clone()
    }
}

/// The state of a signal, locked, with the cell that emissions read the list from. Every write of the cell
/// goes through here.
pub(crate) struct Locked<'c, A: Args, R: 'static> {
    pub(crate) state: MutexGuard<'c, State<A, R>>,
    pub(crate) cell: &'c SnapshotCell<SlotList<A, R>>,
}

impl<A: Args, R> Locked<'_, A, R> {
    /// Takes the list out of the cell. Emissions that start from now on lock the mutex.
    pub(crate) fn unpublish(&mut self) {
        if self.state.published {
            self.state.published = false;
            self.put(None);
        }
    }

    /// Replaces what is in the cell.
    #[inline(never)] // for the size of a user's program
    fn put(&self, list: Option<CellArc<SlotList<A, R>>>) {
        self.cell.store(list);
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
            self.put(Some(CellArc::clone(&nothing)));
            self.state.published = true;
        }
        loaded(Some(nothing))
    }

    /// Puts the list into the cell.
    #[inline(never)] // for the size of a user's program
    fn publish(&mut self) {
        self.compact();
        let state = &mut *self.state;
        if mem::take(&mut state.edited) {
            let checked = state.table.checked_positions(&*state.list);
            state.exclusive_list().set_checked(checked);
        }
        state.list.set_checks(state.table.checks());
        state.published = true;
        state.exclusive = false;
        let list = CellArc::clone(&state.list);
        self.put(Some(list));
    }

    /// Makes sure that nobody else holds `list`.
    fn make_exclusive(&mut self) {
        let state = &mut *self.state;
        if CellArc::get_mut(&mut state.list).is_none() {
            // Emissions in progress continue with the list that they have. It may be dropped here, but its
            // slots are not: each is also in the copy.
            state.list.set_checks(Checks::All);
            state.list = state.list.with_slots(state.list.slots().to_vec());
            state.contended = true;
        }
        state.exclusive = true;
    }

    /// The slots, to be changed.
    fn edit(&mut self) -> &mut Vec<ListedSlot<A, R>> {
        self.unpublish();
        if !self.state.exclusive {
            self.make_exclusive();
        }
        self.state.edited = true;
        self.state.exclusive_list().slots_mut()
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
            Compaction::Swap {
                swaps,
                length,
                renumber,
            } => {
                for (one, other) in swaps {
                    slots.swap(one as usize, other as usize);
                }
                slots.truncate(length);
                if renumber {
                    let State { table, list, .. } = &mut *self.state;
                    table.renumber(&**list);
                }
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
        #[cfg(feature = "tracing")]
        slot.view().head.history.set_connected_at(options.location);
        let table = &mut self.state.table;
        let key = match reserved {
            Some(key) => {
                table.commit(key, options, slot.view());
                key
            }
            None => table.append(options, slot.view()),
        };
        self.edit().push(slot.into());
        key
    }

    /// Removes a slot, expired or not.
    pub(crate) fn remove(&mut self, key: Connection) -> Option<Disconnected<A, R>> {
        let Some(at) = self.state.table.remove(key) else {
            return self.remove_orphan(key);
        };
        let is_last = at + 1 == self.state.list.slots().len();
        let is_only = self.state.table.is_empty();
        let tombstone = (!is_last).then(|| self.state.tombstone());
        let slots = self.edit();
        let slot = match tombstone {
            Some(tombstone) => mem::replace(&mut slots[at], tombstone),
            None => slots.pop().expect("the list has the slot"),
        };
        if is_only {
            slots.clear(); // tombstones
        }
        self.state.table.forget(slot.view());
        Some(self.state.disconnected(slot))
    }

    /// Removes all slots.
    pub(crate) fn remove_all(&mut self) -> Vec<Disconnected<A, R>> {
        self.compact();
        self.state.table.remove_all();
        let slots = mem::take(self.edit());
        for slot in &slots {
            self.state.table.forget(slot.view());
        }
        let slots = slots.into_iter();
        slots.map(|slot| self.state.disconnected(slot)).collect()
    }

    /// Removes slots, expired or not.
    pub(crate) fn remove_each(&mut self, keys: &[Connection]) -> Vec<Disconnected<A, R>> {
        let mut removed = Vec::new();
        for key in keys {
            if let Some(slot) = self.remove(*key) {
                removed.push(slot);
            }
        }
        removed
    }

    /// A slot that the signal had when it was dropped, if it has not left and an emission still holds it.
    pub(crate) fn orphan(&self, key: Connection) -> Option<SharedSlot<A, R>> {
        let Orphans { table, slots } = &**self.state.orphans.as_ref()?;
        slots[table.find(key)?].upgrade()
    }

    #[cold]
    fn remove_orphan(&mut self, key: Connection) -> Option<Disconnected<A, R>> {
        let Orphans { table, slots } = &mut **self.state.orphans.as_mut()?;
        let at = table.remove(key)?;
        let slot = slots[at].upgrade()?;
        table.forget(slot.view());
        Some(self.state.disconnected(slot.into()))
    }

    /// Removes one block of a slot. Returns a slot for the caller to drop.
    pub(crate) fn unblock(&mut self, key: Connection) -> impl Sized + use<A, R> {
        let State { table, list, .. } = &mut *self.state;
        table.unblock(key, &**list);
        list.set_checks(table.checks());
        let orphan = self.orphan(key)?;
        orphan.view().head.unblock();
        Some(orphan)
    }

    /// Takes the list out, for the caller to drop, and leaves an empty one.
    ///
    /// The slots do not count as disconnected: an emission in progress runs to its end. Until then, each of
    /// them can still leave.
    pub(crate) fn close(&mut self) -> impl Sized + use<A, R> {
        self.unpublish();
        let state = &mut *self.state;
        let mut list = mem::take(&mut state.list);
        state.exclusive = true;
        let table = state.table.close();
        // Emissions may hold the list, or an older one that has some of its slots.
        let in_use = match CellArc::get_mut(&mut list) {
            Some(list) => list
                .slots()
                .iter()
                .any(|slot| DirectArc::strong_count(slot) > 1),
            None => true,
        };
        if in_use {
            list.set_checks(Checks::All);
            let slots = list.slots().iter().map(DirectArc::downgrade).collect();
            state.orphans = Some(Box::new(Orphans { table, slots }));
        }
        list
    }

    /// Describes each slot, in call order.
    pub(crate) fn slots(&mut self) -> Vec<SlotInfo> {
        self.compact();
        let State { table, list, .. } = &*self.state;
        table.slots(&**list)
    }
}

impl<A: Args, R> Drop for Locked<'_, A, R> {
    /// Publishes the occupancy. If an emission in progress forced a copy of the list, more emissions are likely:
    /// publishes the list at once too, so that they do not queue at the mutex.
    #[inline(never)] // for the size of a user's program
    fn drop(&mut self) {
        self.state.table.publish_occupancy();
        if mem::take(&mut self.state.contended) && !self.state.table.is_blocked_as_a_whole() {
            self.publish();
        }
    }
}
