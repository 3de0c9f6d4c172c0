//! The state that the mutex of a signal guards, and how a change to it reaches emissions.

use std::mem;
use std::sync::{Arc, Weak};

use snapshot_cell::DirectArc;

use crate::args::Args;
use crate::core::census::Census;
use crate::core::closures::Tombstone;
use crate::core::copies::{COPIED_SLOTS, Copies};
use crate::core::list::{Checks, Disconnected, LeftAs, SlotList, Snapshot};
use crate::core::slot::{ListedSlot, SharedSlot, Slot};
use crate::core::slot_options::SlotOptions;
use crate::core::table::{Blocked, SlotTable};
use crate::keys::Connection;
use crate::owner::Owner;
use crate::slot_info::SlotInfo;
use crate::sync::{CellArc, MutexGuard, SnapshotCell, loaded};
#[cfg(feature = "tracing")]
use crate::trace::Name;

/// The part of a signal that connecting, disconnecting and blocking modify.
pub(crate) struct State<A: Args, R: 'static> {
    pub(crate) table: SlotTable,
    /// The list that emissions read, may still hold, or will read. Without slots, and held by nobody else, while they are
    /// edited.
    pub(crate) list: CellArc<SlotList<A, R>>,
    /// The list that a copy has taken the place of, until it is taken off the fast path. All of its slots are connected.
    pub(crate) replaced: Option<CellArc<SlotList<A, R>>>,
    /// The slots while they are edited: from a change until an emission needs them. Empty otherwise.
    edited: Vec<ListedSlot<A, R>>,
    is_editing: bool,
    /// Whether the snapshot cell holds a list.
    published: bool,
    /// Whether a change has copied the list, and the copy is to be published as soon as the state is unlocked. Until
    /// then, the cell may still hold the old list.
    is_copied: bool,
    pub(crate) copies: Copies,
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

/// Where the slots are. A function of three fields, so that others can be changed meanwhile.
#[inline]
fn current<'s, A: Args, R>(
    is_editing: bool,
    edited: &'s Vec<ListedSlot<A, R>>,
    list: &'s SlotList<A, R>,
) -> &'s Vec<ListedSlot<A, R>> {
    if is_editing { edited } else { list.slots() }
}

/// Takes a list that was replaced off the fast path. It may be dropped here, but its slots are not: each is also among
/// those of the signal, or has just been taken out of them.
#[inline(never)] // for the size of a user's program
fn let_go<A: Args, R>(replaced: &mut Option<CellArc<SlotList<A, R>>>) {
    if let Some(list) = replaced.take() {
        list.set_checks(Checks::All);
    }
}

impl<A: Args, R> State<A, R> {
    pub(crate) fn new() -> Self {
        Self {
            table: SlotTable::new(),
            list: CellArc::default(),
            replaced: None,
            edited: Vec::new(),
            is_editing: false,
            published: false,
            is_copied: false,
            copies: Copies(0),
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

    /// A slot that has left, for the caller to drop.
    #[inline]
    #[cfg_attr(not(feature = "tracing"), allow(clippy::unused_self))]
    fn disconnected(&self, slot: ListedSlot<A, R>, left_as: LeftAs) -> Disconnected<A, R> {
        #[cfg(feature = "tracing")]
        return Disconnected::observed(slot, left_as, &self.name);
        #[cfg(not(feature = "tracing"))]
        Disconnected::new(slot, left_as)
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

    /// The slots, those without an entry in the table among them.
    #[inline]
    pub(crate) fn slots(&self) -> &Vec<ListedSlot<A, R>> {
        current(self.is_editing, &self.edited, &self.list)
    }

    /// The table, to be changed, and the slots that it is about.
    #[inline]
    pub(crate) fn table_and_slots(&mut self) -> (&mut SlotTable, &Vec<ListedSlot<A, R>>) {
        let slots = current(self.is_editing, &self.edited, &self.list);
        (&mut self.table, slots)
    }

    /// Blocks a slot. The lists that emissions may hold are taken off the fast path before the slot is marked.
    pub(crate) fn block(&mut self, key: Connection) -> Blocked {
        let slots = current(self.is_editing, &self.edited, &self.list);
        let leave_fast_path = || {
            self.list.set_checks(Checks::All);
            let_go(&mut self.replaced);
        };
        self.table.block(key, slots, leave_fast_path)
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
    pub(crate) census: &'c Census,
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
        let nothing = self.state.list.without_slots();
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
        if mem::take(&mut state.is_editing) {
            let checked = state.table.checked_positions(&state.edited);
            let list = CellArc::get_mut(&mut state.list).expect("nobody else holds the list");
            list.swap_slots(&mut state.edited);
            list.set_checked(checked);
        }
        state.list.set_checks(state.table.checks());
        state.published = true;
        let list = CellArc::clone(&state.list);
        self.put(Some(list));
    }

    /// The slots, to be changed.
    #[inline]
    fn edit(&mut self) -> &mut Vec<ListedSlot<A, R>> {
        if self.state.published || !self.state.is_editing {
            self.prepare_edit();
        }
        &mut self.state.edited
    }

    /// Takes the list out of the cell, unless a copy is going to take its place.
    fn unpublish_unless_copied(&mut self) {
        let state = &mut *self.state;
        if state.published && !state.is_copied && !state.copies.take_one(&state.table) {
            self.unpublish();
        }
    }

    #[inline(never)] // for the size of a user's program
    fn prepare_edit(&mut self) {
        self.unpublish_unless_copied();
        let state = &mut *self.state;
        if mem::replace(&mut state.is_editing, true) {
            return; // the slots of a blocked signal, which publishes an empty list, or of a copy
        }
        let_go(&mut state.replaced);
        if let Some(list) = CellArc::get_mut(&mut state.list) {
            list.swap_slots(&mut state.edited);
            if state.edited.capacity() == 0 {
                state.edited.reserve_exact(1); // many signals have one slot
            }
        } else {
            // Emissions in progress continue with the list that they have.
            state.edited.extend_from_slice(state.list.slots());
            let new = state.list.without_slots();
            state.replaced = Some(mem::replace(&mut state.list, new));
            if state.edited.len() > COPIED_SLOTS {
                let_go(&mut state.replaced); // or it would take memory until the next change
            }
            state.is_copied = true;
        }
    }

    /// Brings the list into call order and removes its tombstones.
    pub(crate) fn compact(&mut self) {
        if !self.state.table.is_compact() {
            self.edit();
            let state = &mut *self.state;
            state.table.compact(&mut state.edited);
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
        let slots = self.edit();
        let slot = if at + 1 == slots.len() {
            slots.pop().expect("the list has the slot")
        } else {
            let tombstone = self.state.tombstone();
            mem::replace(&mut self.state.edited[at], tombstone)
        };
        if self.state.table.is_empty() {
            self.state.edited.clear(); // tombstones
        }
        Some(self.forget(slot))
    }

    /// Forgets a slot that has been taken out of the slots, for the caller to drop.
    #[inline]
    fn forget(&mut self, slot: ListedSlot<A, R>) -> Disconnected<A, R> {
        let State {
            table, replaced, ..
        } = &mut *self.state;
        if replaced.is_some() {
            let_go(replaced);
        }
        let left_as = table.forget(slot.view(), self.census);
        self.state.disconnected(slot, left_as)
    }

    /// Removes all slots.
    pub(crate) fn remove_all(&mut self) -> Vec<Disconnected<A, R>> {
        self.compact();
        self.state.table.remove_all();
        let slots = mem::take(self.edit()).into_iter();
        slots.map(|slot| self.forget(slot)).collect()
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
        let left_as = table.forget(slot.view(), self.census);
        Some(self.state.disconnected(slot.into(), left_as))
    }

    /// Removes one block of a slot. Returns a slot for the caller to drop.
    pub(crate) fn unblock(&mut self, key: Connection) -> impl Sized + use<A, R> {
        let (table, slots) = self.state.table_and_slots();
        table.unblock(key, slots);
        let checks = table.checks();
        self.state.list.set_checks(checks);
        let orphan = self.orphan(key)?;
        orphan.view().head.unblock();
        Some(orphan)
    }

    /// Takes the slots out, with the list's reference to this state, for the caller to drop.
    ///
    /// The slots do not count as disconnected: an emission in progress runs to its end. Until then, each of
    /// them can still leave.
    pub(crate) fn close(&mut self) -> impl Sized + use<A, R> {
        self.unpublish(); // no copy is needed
        let slots = mem::take(self.edit());
        let state = &mut *self.state;
        let_go(&mut state.replaced);
        let owner = state.exclusive_list().take_owner();
        let table = state.table.close();
        // Emissions may hold the list, or an older one that has some of its slots.
        if slots.iter().any(|slot| DirectArc::strong_count(slot) > 1) {
            let slots = slots.iter().map(DirectArc::downgrade).collect();
            state.orphans = Some(Box::new(Orphans { table, slots }));
        }
        (slots, owner)
    }

    /// Describes each slot, in call order.
    pub(crate) fn slots(&mut self) -> Vec<SlotInfo> {
        self.compact();
        self.state.table.slots(self.state.slots())
    }
}

impl<A: Args, R> Drop for Locked<'_, A, R> {
    /// Publishes the occupancy, and a copy of the list at once, so that emissions do not queue at the mutex.
    #[inline(never)] // for the size of a user's program
    fn drop(&mut self) {
        self.state.table.publish_occupancy(self.census);
        if self.state.is_copied {
            if !self.state.table.is_blocked_as_a_whole() {
                self.publish();
            }
            self.state.is_copied = false;
        }
    }
}
