//! The state of a signal, and how a change to it reaches emissions.

use alloc::boxed::Box;
use alloc::rc::{Rc, Weak};
use alloc::vec::Vec;
use core::cell::{Cell, RefMut};
use core::mem;

use snapshot_cell::DirectRc;

use crate::args::Args;
use crate::keys::Connection;
use crate::local::engine::closures::Tombstone;
use crate::local::engine::list::{Checks, SlotList};
use crate::local::engine::slot::{ListedSlot, SharedSlot, Slot};
use crate::local::engine::table::{SlotOptions, SlotTable};
use crate::local::owner::Owner;
use crate::order::{Compaction, remove_positions};
use crate::slot_info::SlotInfo;

/// The list that an emission reads, or `None` if there is nothing to call.
pub(crate) type Snapshot<A, R> = Option<Rc<SlotList<A, R>>>;

/// Where emissions find the list. Empty while the list has to be looked for in the state.
pub(crate) type Ready<A, R> = Cell<Snapshot<A, R>>;

/// The part of a signal that connecting, disconnecting and blocking modify.
pub(crate) struct State<A: Args, R: 'static> {
    pub(crate) table: SlotTable,
    pub(crate) list: Rc<SlotList<A, R>>,
    /// Whether `list` has been edited since it was current.
    edited: bool,
    /// Whether a change had to copy the list because an emission was using it.
    contended: bool,
    /// Takes the place of slots that have left. `None` until one has.
    tombstone: Option<ListedSlot<A, R>>,
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
            list: SlotList::new(None, Vec::new()),
            edited: false,
            contended: false,
            tombstone: None,
            orphans: None,
        }
    }

    /// Sets the signal of the list, which has just been created.
    pub(crate) fn set_owner(&mut self, owner: Rc<dyn Owner>) {
        if let Some(list) = Rc::get_mut(&mut self.list) {
            list.set_owner(owner);
        }
    }

    fn tombstone(&mut self) -> ListedSlot<A, R> {
        let tombstone = &mut self.tombstone;
        let new = || {
            let tombstone: SharedSlot<A, R> = Rc::new(Tombstone::new());
            tombstone.into()
        };
        tombstone.get_or_insert_with(new).clone()
    }
}

/// The state of a signal, borrowed, with where emissions find the list. No user code runs while it exists: slots
/// that are removed are returned and dropped later.
pub(crate) struct Borrowed<'c, A: Args, R: 'static> {
    pub(crate) state: RefMut<'c, State<A, R>>,
    pub(crate) ready: &'c Ready<A, R>,
}

impl<A: Args, R> Borrowed<'_, A, R> {
    /// Makes emissions that start from now on look at the state. This drops no slot, since the state has the list.
    pub(crate) fn retire(&self) {
        self.state.list.set_current(false);
        self.ready.set(None);
    }

    /// Returns the list for an emission that has not found it.
    pub(crate) fn snapshot(&mut self) -> Snapshot<A, R> {
        if self.state.table.is_blocked_as_a_whole() {
            return None;
        }
        if !self.state.list.is_current() {
            self.publish();
        }
        Some(Rc::clone(&self.state.list))
    }

    /// Makes emissions that start from now on read the list.
    #[inline(never)] // for the size of a user's program
    fn publish(&mut self) {
        self.compact();
        let state = &mut *self.state;
        if mem::take(&mut state.edited) {
            let list = Rc::get_mut(&mut state.list).expect("nobody else holds an edited list");
            let checked = state.table.checked_positions(list);
            list.set_checked(checked);
        }
        state.list.set_checks(state.table.checks());
        state.list.set_current(true);
        self.ready.set(Some(Rc::clone(&state.list)));
    }

    /// The slots, to be changed.
    #[inline]
    fn edit(&mut self) -> &mut Vec<ListedSlot<A, R>> {
        if !self.state.edited {
            self.make_exclusive();
        }
        let list = Rc::get_mut(&mut self.state.list);
        list.expect("nobody else holds an edited list").slots_mut()
    }

    /// Makes sure that nobody else holds the list.
    #[inline(never)] // for the size of a user's program
    fn make_exclusive(&mut self) {
        self.retire();
        let state = &mut *self.state;
        if Rc::get_mut(&mut state.list).is_none() {
            // Emissions in progress continue with the list that they have.
            state.list.set_checks(Checks::All);
            state.list = state.list.with_slots(state.list.slots().to_vec());
            state.contended = true;
        }
        state.edited = true;
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
        slot.view().head.connected_at.set(Some(options.location));
        let key = self.state.table.append(reserved, options, slot.view());
        self.edit().push(slot.into());
        key
    }

    /// Removes a slot, expired or not, and returns whether it counted as connected.
    pub(crate) fn remove(&mut self, key: Connection) -> Option<(ListedSlot<A, R>, bool)> {
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
        let view = slot.view();
        self.state.table.forget(view);
        let was_connected = view.is_present();
        Some((slot, was_connected))
    }

    /// Removes all slots.
    pub(crate) fn remove_all(&mut self) -> Vec<ListedSlot<A, R>> {
        self.compact();
        self.state.table.remove_all();
        let slots = mem::take(self.edit());
        for slot in &slots {
            self.state.table.forget(slot.view());
        }
        slots
    }

    #[cold]
    fn remove_orphan(&mut self, key: Connection) -> Option<(ListedSlot<A, R>, bool)> {
        let Orphans { table, slots } = &mut **self.state.orphans.as_mut()?;
        let at = table.remove(key)?;
        let slot = slots[at].upgrade()?;
        table.forget(slot.view());
        let was_connected = slot.view().is_present();
        Some((slot.into(), was_connected))
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

    /// A slot that the signal had when it was dropped, if it has not left and an emission still holds it.
    pub(crate) fn orphan(&self, key: Connection) -> Option<SharedSlot<A, R>> {
        let Orphans { table, slots } = &**self.state.orphans.as_ref()?;
        slots[table.find(key)?].upgrade()
    }

    /// Takes the list out, for the caller to drop, and leaves an empty one.
    ///
    /// The slots do not count as disconnected: an emission in progress runs to its end. Until then, each of
    /// them can still leave.
    pub(crate) fn close(&mut self) -> impl Sized + use<A, R> {
        self.retire();
        let state = &mut *self.state;
        state.edited = false;
        let mut list = mem::replace(&mut state.list, SlotList::new(None, Vec::new()));
        let table = state.table.close();
        // Emissions may hold the list, or an older one that has some of its slots.
        let in_use = match Rc::get_mut(&mut list) {
            Some(list) => list
                .slots()
                .iter()
                .any(|slot| DirectRc::strong_count(slot) > 1),
            None => true,
        };
        if in_use {
            list.set_checks(Checks::All);
            let slots = list.slots().iter().map(DirectRc::downgrade).collect();
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

impl<A: Args, R> Drop for Borrowed<'_, A, R> {
    /// If an emission in progress forced a copy of the list, more emissions are likely: makes the list ready at once.
    #[inline]
    fn drop(&mut self) {
        if self.state.contended {
            self.state.contended = false;
            if !self.state.table.is_blocked_as_a_whole() {
                self.publish();
            }
        }
    }
}
