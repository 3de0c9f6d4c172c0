//! The bookkeeping of a signal's slots: their keys, order and positions, and the
//! conditions that are checked before they are called.
//!
//! It knows nothing about arguments, results or closures, so it is compiled once, in this crate, and not
//! for every type of signal. It does not hold the slots either: they are in the list that emissions
//! read. Methods that have to look at a slot take the list as a parameter.

use std::mem;
use std::ops::Range;

use crate::core::census::{Census, Occupancy};
use crate::core::departed::Departed;
use crate::core::list::{AnyList, Checks, LeftAs};
use crate::core::locations::Locations;
use crate::core::slot::{Presence, SlotHooks, SlotView};
use crate::core::slot_options::SlotOptions;
use crate::core::wait::Completion;
use crate::key_map::KeyMap;
use crate::keys::Connection;
use crate::order::{Order, Serial};
use crate::slot_info::SlotInfo;
use crate::sync::CellArc;

/// What became of an attempt to block a slot once more.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Blocked {
    Once,
    NotConnected,
    /// As many guards block it as can be counted.
    TooOften,
}

/// How many slots a connect looks at to find those that have expired.
const LOOKED_AT: usize = 8;

/// What is known about a connected slot.
struct Entry {
    serial: Serial,
    group: i32,
    /// The number of the source line that connected it.
    location: u32,
}

pub(crate) struct SlotTable {
    /// `None`: the key is reserved for a slot that is yet to be created.
    entries: KeyMap<Connection, Option<Entry>>,
    /// How many of `entries` are `None`.
    reserved: usize,
    /// The position of each slot.
    order: Order,
    locations: Locations,
    /// How many slots may expire.
    weak: usize,
    /// Whether all weak slots are known to have expired.
    all_expired: bool,
    /// The position at which to look for expired slots next.
    sweep_from: usize,
    /// The position of the slot whose object was alive when that was asked last.
    object_at: usize,
    /// That slot, as long as threads look at its object without the lock.
    witness: Option<Connection>,
    /// What threads find in the census.
    published: Occupancy,
    /// How many slots must be [checked](SlotView::is_fast_path) before each call.
    off_fast_path: usize,
    /// How many slots are blocked.
    blocked_slots: usize,
    /// How many guards block the whole signal.
    signal_blocks: usize,
    departed: Departed,
}

/// A position behind the end is the first.
fn wrapped(position: usize, length: usize) -> usize {
    if position < length { position } else { 0 }
}

impl SlotTable {
    #[inline(never)] // or every type of signal would have a copy
    pub(crate) fn new() -> Self {
        Self {
            entries: KeyMap::new(),
            reserved: 0,
            order: Order::default(),
            locations: Locations::new(),
            weak: 0,
            all_expired: false,
            sweep_from: 0,
            object_at: 0,
            witness: None,
            published: Occupancy::Empty,
            off_fast_path: 0,
            blocked_slots: 0,
            signal_blocks: 0,
            departed: Departed::default(),
        }
    }

    /// Reserves a key. It is not connected yet.
    pub(crate) fn reserve(&mut self) -> Connection {
        self.reserved += 1;
        self.entries.insert(None)
    }

    /// Gives up a reserved key.
    pub(crate) fn cancel(&mut self, reserved: Connection) {
        self.entries.remove(reserved);
        self.reserved -= 1;
    }

    /// Enters a slot, which is about to be appended to the list.
    pub(crate) fn append(&mut self, options: SlotOptions, slot: SlotView<'_>) -> Connection {
        let entry = self.new_entry(options);
        let key = self.entries.insert(Some(entry));
        self.track(key, slot);
        key
    }

    /// Enters a slot, which is about to be appended to the list, under a reserved key.
    pub(crate) fn commit(&mut self, key: Connection, options: SlotOptions, slot: SlotView<'_>) {
        let entry = self.new_entry(options);
        self.entries[key] = Some(entry);
        self.reserved -= 1;
        self.track(key, slot);
    }

    /// Makes an entry for a slot at the next position.
    #[inline]
    fn new_entry(&mut self, options: SlotOptions) -> Entry {
        Entry {
            serial: self.order.push(options.group, options.first),
            group: options.group,
            location: self.locations.number(options.location),
        }
    }

    /// Counts a slot that has an entry now.
    #[inline]
    fn track(&mut self, key: Connection, slot: SlotView<'_>) {
        slot.head.assign(key);
        self.off_fast_path += usize::from(!slot.is_fast_path());
        if let Some(hooks) = slot.hooks {
            hooks.assign(key);
            if hooks.is_weak() {
                self.weak += 1;
                self.all_expired = false;
            }
        }
    }

    /// The position of a connected slot, expired or not.
    pub(crate) fn find(&self, key: Connection) -> Option<usize> {
        let entry = self.entries.get(key)?.as_ref()?;
        Some(self.order.find(entry.serial))
    }

    /// The position of a slot that is connected and whose object exists.
    fn find_alive(&self, key: Connection, list: &dyn AnyList) -> Option<usize> {
        let at = self.find(key)?;
        list.slot(at).is_present().then_some(at)
    }

    /// Removes the entry of a slot and returns the slot's position. The list must get a tombstone there, or,
    /// if the slot is the last, end there. If no slot is left, the list must be emptied.
    pub(crate) fn remove(&mut self, key: Connection) -> Option<usize> {
        self.entries.get(key)?.as_ref()?; // or it is only reserved
        let entry = self.entries.remove(key)??;
        let at = self.order.find(entry.serial);
        self.order.remove(at);
        if self.is_empty() {
            self.order.clear();
        }
        Some(at)
    }

    /// No slot is connected, not even an expired one.
    pub(crate) fn is_empty(&self) -> bool {
        self.connected() == 0
    }

    /// Removes the entries of all slots.
    pub(crate) fn remove_all(&mut self) {
        self.entries.retain(Option::is_none);
        self.order.clear();
    }

    /// Takes the entries of all slots out, because the signal is dropped. Guards may still block the signal as
    /// a whole, and unblock it when they are dropped.
    pub(crate) fn close(&mut self) -> Self {
        let mut closed = Self::new();
        closed.signal_blocks = self.signal_blocks;
        closed.published = self.published;
        mem::swap(self, &mut closed);
        closed
    }

    /// Forgets a slot whose entry has been removed, and marks it for emissions in progress. The caller will
    /// [release](SlotView::release) it.
    #[inline]
    pub(crate) fn forget(&mut self, slot: SlotView<'_>, census: &Census) -> LeftAs {
        if self.checks() == Checks::None {
            slot.head.mark_disconnected(false);
            return LeftAs::Closure;
        }
        self.forget_checked(slot, census)
    }

    #[inline(never)] // for the size of a user's program
    fn forget_checked(&mut self, slot: SlotView<'_>, census: &Census) -> LeftAs {
        let key = slot.head.key();
        self.off_fast_path -= usize::from(!slot.is_fast_path());
        self.blocked_slots -= usize::from(slot.head.is_blocked());
        slot.head.mark_disconnected(slot.hooks.is_some());
        if self.witness == Some(key) {
            self.witness = None;
            census.set_witness(None);
        }
        let Some(hooks) = slot.hooks else {
            return LeftAs::Closure;
        };
        self.weak -= usize::from(hooks.is_weak());
        if let Some(completion) = hooks.completion() {
            self.departed.insert(key, completion);
            completion.begin_release();
        }
        // Asked under the lock: if the object is dropped later, this change has still disconnected the slot.
        if slot.is_present() {
            LeftAs::Connected
        } else {
            LeftAs::Absent
        }
    }

    /// Whether the list is in call order, without tombstones.
    pub(crate) fn is_compact(&self) -> bool {
        self.order.is_compact()
    }

    /// Whether the list has to be compacted before another slot is appended.
    pub(crate) fn needs_compaction(&self) -> bool {
        self.order.needs_compaction()
    }

    /// Brings the list into call order and removes its tombstones.
    pub(crate) fn compact(&mut self, list: &mut dyn AnyList) {
        let entries = &self.entries;
        let compaction = self.order.compact(|at| {
            let entry = entries[list.slot(at).head.key()].as_ref();
            entry.map_or(0, |entry| entry.group)
        });
        if compaction.apply(list) {
            self.renumber(list);
        }
    }

    #[cfg(test)]
    pub(crate) fn exhaust(&mut self, left: u32) {
        self.order.exhaust(left);
    }

    fn renumber(&mut self, list: &dyn AnyList) {
        for (at, serial) in self.order.renumber().iter().enumerate() {
            if let Some(entry) = &mut self.entries[list.slot(at).head.key()] {
                entry.serial = *serial;
            }
        }
    }

    /// Which slots must be checked before they are called.
    pub(crate) fn checks(&self) -> Checks {
        match self.off_fast_path {
            _ if self.blocked_slots > 0 => Checks::All,
            0 => Checks::None,
            checked if checked == self.connected() => Checks::All,
            _ => Checks::Some,
        }
    }

    /// The positions of the slots that must be checked although none is blocked, if these are not all.
    pub(crate) fn checked_positions(&self, list: &dyn AnyList) -> Vec<u32> {
        if self.off_fast_path == 0 || self.off_fast_path == self.connected() {
            return Vec::new();
        }
        let positions = 0..u32::try_from(self.order.len()).expect("positions have 32 bits");
        let checked = positions.filter(|&at| !list.slot(at as usize).is_fast_path());
        checked.collect()
    }

    pub(crate) fn has_weak(&self) -> bool {
        self.weak > 0
    }

    /// Tells threads whether slots are connected.
    #[inline]
    pub(crate) fn publish_occupancy(&mut self, census: &Census) {
        let occupancy = self.occupancy();
        if occupancy != self.published {
            self.published = occupancy;
            census.set_occupancy(occupancy);
        }
    }

    /// Tells whether slots are connected, as far as that is known without a look at their objects.
    #[inline]
    fn occupancy(&self) -> Occupancy {
        match self.connected() {
            0 => Occupancy::Empty,
            slots if slots > self.weak => Occupancy::Occupied,
            _ if self.all_expired => Occupancy::Empty,
            _ => Occupancy::OnlyWeak,
        }
    }

    /// The number of slots that have an entry, expired or not.
    #[inline]
    pub(crate) fn connected(&self) -> usize {
        self.entries.len() - self.reserved
    }

    /// All positions, if some slots are weak: tombstones count as slots that need no object.
    fn positions_to_look_at(&self) -> Range<usize> {
        0..if self.has_weak() { self.order.len() } else { 0 }
    }

    /// The slots that have expired and still have an entry. Only [some](Self::list_some_expired) if the signal is
    /// blocked: then every emission asks.
    pub(crate) fn list_expired(&mut self, list: &dyn AnyList) -> Vec<Connection> {
        if self.is_blocked_as_a_whole() {
            return self.list_some_expired(list);
        }
        let slots = self.positions_to_look_at().map(|at| list.slot(at));
        let expired = slots.filter(SlotView::is_expired);
        expired.map(|slot| slot.head.key()).collect()
    }

    /// Looks for expired slots in a part of the list. The next time, it goes on from there, so that the work is
    /// a constant for each connect, and all slots are looked at sooner or later. All of a few are looked at
    /// each time. As long as expired slots are found, it goes on: removing them was paid for when they were
    /// connected.
    pub(crate) fn list_some_expired(&mut self, list: &dyn AnyList) -> Vec<Connection> {
        let mut found = Vec::new();
        let (mut left, mut more) = (self.order.len(), LOOKED_AT);
        while left > 0 && more > 0 {
            self.sweep_from = wrapped(self.sweep_from, self.order.len());
            let slot = list.slot(self.sweep_from);
            self.sweep_from += 1;
            left -= 1;
            more -= 1;
            if slot.is_expired() {
                found.push(slot.head.key());
                more = LOOKED_AT;
            }
        }
        found
    }

    /// Whether no slot is connected that needs no object, or whose object is alive. If all slots are weak, threads
    /// look at the object that has been found alive from then on, until its slot leaves.
    ///
    /// The search begins at the slot that answered the last time. So it passes a slot that has expired once,
    /// more or less, and not each time.
    pub(crate) fn is_vacant(&mut self, list: &dyn AnyList, census: &Census) -> bool {
        match self.occupancy() {
            Occupancy::Empty => return true,
            Occupancy::Occupied => return false,
            Occupancy::OnlyWeak => {}
        }
        let mut all_expired = true;
        for _ in 0..self.order.len() {
            self.object_at = wrapped(self.object_at, self.order.len());
            let slot = list.slot(self.object_at);
            match slot.presence() {
                // Not a tombstone.
                Presence::Present if slot.is_weak() => {
                    self.witness = Some(slot.head.key());
                    let witness = slot.hooks.and_then(SlotHooks::witness);
                    census.set_witness(witness);
                    return false;
                }
                Presence::Awaited => all_expired = false,
                _ => {}
            }
            self.object_at += 1;
        }
        self.all_expired = all_expired;
        true
    }

    pub(crate) fn contains(&self, key: Connection, list: &dyn AnyList) -> bool {
        self.find_alive(key, list).is_some()
    }

    pub(crate) fn len(&self, list: &dyn AnyList) -> usize {
        let slots = self.positions_to_look_at().map(|at| list.slot(at));
        self.connected() - slots.filter(|slot| !slot.is_present()).count()
    }

    /// Whether the slot, if it is connected, can be waited for.
    pub(crate) fn is_waitable(&self, key: Connection, list: &dyn AnyList) -> Option<bool> {
        let slot = list.slot(self.find_alive(key, list)?);
        Some(slot.hooks.is_some_and(|c| c.completion().is_some()))
    }

    /// The completion of a waitable slot that has left.
    pub(crate) fn completion(&self, key: Connection) -> Option<CellArc<Completion>> {
        self.departed.completion(key)
    }

    /// Blocks a slot once more. Before the slot is marked, `leave_fast_path` is called: an emission that
    /// has found it blocked must not call it afterwards without a check.
    pub(crate) fn block(
        &mut self,
        key: Connection,
        list: &dyn AnyList,
        leave_fast_path: impl FnOnce(),
    ) -> Blocked {
        let Some(at) = self.find_alive(key, list) else {
            return Blocked::NotConnected;
        };
        let head = list.slot(at).head;
        let was_blocked = head.is_blocked();
        leave_fast_path();
        if !head.block() {
            return Blocked::TooOften;
        }
        self.blocked_slots += usize::from(!was_blocked);
        Blocked::Once
    }

    pub(crate) fn unblock(&mut self, key: Connection, list: &dyn AnyList) {
        // Expired or not: no block may stay behind on a slot that is still called.
        let Some(at) = self.find(key) else { return };
        let head = list.slot(at).head;
        head.unblock();
        self.blocked_slots -= usize::from(!head.is_blocked());
    }

    /// Blocks the whole signal once more.
    pub(crate) fn block_all(&mut self) {
        self.signal_blocks += 1;
    }

    pub(crate) fn unblock_all(&mut self) {
        self.signal_blocks -= 1;
    }

    pub(crate) fn is_blocked_as_a_whole(&self) -> bool {
        self.signal_blocks > 0
    }

    pub(crate) fn is_blocked(&self, key: Connection, list: &dyn AnyList) -> bool {
        self.find_alive(key, list)
            .is_some_and(|at| self.is_passed_over(list.slot(at)))
    }

    fn is_passed_over(&self, slot: SlotView<'_>) -> bool {
        self.signal_blocks > 0 || slot.head.is_blocked()
    }

    /// The keys of the slots, in call order if the table is compact.
    pub(crate) fn connections(&self, list: &dyn AnyList) -> Vec<Connection> {
        let slots = self.slots(list);
        slots.into_iter().map(|slot| slot.connection).collect()
    }

    /// Describes each slot, in call order if the table is compact.
    pub(crate) fn slots(&self, list: &dyn AnyList) -> Vec<SlotInfo> {
        (0..self.order.len())
            .filter_map(|at| self.info(list.slot(at)))
            .collect()
    }

    fn info(&self, slot: SlotView<'_>) -> Option<SlotInfo> {
        let connection = slot.head.key();
        let entry = self.entries.get(connection)?.as_ref()?;
        slot.is_present().then(|| SlotInfo {
            connection,
            group: entry.group,
            calls_left: slot.calls_left(),
            blocked: self.is_passed_over(slot),
            weak: slot.is_weak(),
            missed: 0,
            location: self.locations.get(entry.location),
        })
    }
}
