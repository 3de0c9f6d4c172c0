//! The bookkeeping of a signal's slots: their keys, order and positions, and the conditions that are
//! checked before they are called.
//!
//! It knows nothing about arguments, results or closures, so it is compiled once, in this crate. It does not
//! hold the slots either. Methods that have to look at one take the slots as a parameter.

use alloc::vec::Vec;
use core::mem;
use core::ops::Range;
use core::panic::Location;

use crate::key_map::KeyMap;
use crate::keys::Connection;
use crate::local::engine::list::Checks;
use crate::local::engine::slot::{AnySlots, Presence, SlotView};
use crate::order::{Order, Rearrange, Serial};
use crate::slot_info::SlotInfo;

/// How a slot is connected.
#[derive(Clone, Copy)]
pub(crate) struct SlotOptions {
    pub(crate) group: i32,
    /// Whether the slot goes before those that are already in its group, not after them.
    pub(crate) first: bool,
    /// The source line that connects it.
    pub(crate) location: &'static Location<'static>,
}

impl SlotOptions {
    pub(crate) fn new(location: &'static Location<'static>) -> Self {
        Self {
            group: 0,
            first: false,
            location,
        }
    }
}

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
    /// The source line that connected it.
    location: &'static Location<'static>,
}

pub(crate) struct SlotTable {
    /// `None`: the key is reserved for a slot that is yet to be created.
    entries: KeyMap<Connection, Option<Entry>>,
    /// How many of `entries` are `None`.
    reserved: usize,
    /// The position of each slot.
    order: Order,
    /// How many slots may expire.
    weak: usize,
    /// Whether all weak slots are known to have expired.
    all_expired: bool,
    /// The position at which to look for expired slots next.
    sweep_from: usize,
    /// The position of the slot whose object was alive when that was asked last.
    object_at: usize,
    /// How many slots must be [checked](SlotView::is_fast_path) before each call.
    off_fast_path: usize,
    /// How many slots are blocked by guards.
    blocked_slots: usize,
    /// How many guards block the whole signal.
    signal_blocks: usize,
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
            weak: 0,
            all_expired: false,
            sweep_from: 0,
            object_at: 0,
            off_fast_path: 0,
            blocked_slots: 0,
            signal_blocks: 0,
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

    /// Enters a slot, which is about to be appended to the list: under a reserved key, or under a new one.
    #[inline]
    pub(crate) fn append(
        &mut self,
        reserved: Option<Connection>,
        options: SlotOptions,
    ) -> Connection {
        let entry = Some(Entry {
            serial: self.order.push(options.group, options.first),
            group: options.group,
            location: options.location,
        });
        if let Some(key) = reserved {
            self.entries[key] = entry;
            self.reserved -= 1;
            key
        } else {
            self.entries.insert(entry)
        }
    }

    /// Counts a slot that has just been entered.
    #[inline]
    pub(crate) fn count(&mut self, slot: SlotView<'_>) {
        self.off_fast_path += usize::from(!slot.is_fast_path());
        if slot.is_weak() {
            self.weak += 1;
            self.all_expired = false;
        }
    }

    /// The position of a connected slot, expired or not.
    pub(crate) fn find(&self, key: Connection) -> Option<usize> {
        let entry = self.entries.get(key)?.as_ref()?;
        Some(self.order.find(entry.serial))
    }

    /// The position of a slot that is connected and whose object exists.
    fn find_alive(&self, key: Connection, slots: &dyn AnySlots) -> Option<usize> {
        let at = self.find(key)?;
        slots.slot(at).is_present().then_some(at)
    }

    /// Removes the entry of a slot and returns the slot's position. The list must get a tombstone there, or,
    /// if the slot is the last, end there. If no slot is left, the list must be emptied.
    #[allow(
        clippy::inline_always,
        reason = "a call, and the registers that it saves, would be a tenth of a disconnect"
    )]
    #[inline(always)]
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
    #[inline]
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
        mem::swap(self, &mut closed);
        closed
    }

    /// Forgets a slot whose entry has been removed, and marks it for emissions in progress.
    #[inline]
    pub(crate) fn forget(&mut self, slot: SlotView<'_>) {
        self.off_fast_path -= usize::from(!slot.is_fast_path());
        self.blocked_slots -= usize::from(slot.head.is_blocked());
        self.weak -= usize::from(slot.is_weak());
        slot.head.mark_disconnected();
    }

    /// Whether the list is in call order, without tombstones.
    #[inline]
    pub(crate) fn is_compact(&self) -> bool {
        self.order.is_compact()
    }

    /// Whether the list has to be compacted before another slot is appended.
    #[inline]
    pub(crate) fn needs_compaction(&self) -> bool {
        self.order.needs_compaction()
    }

    /// Brings the slots into call order and removes the tombstones.
    pub(crate) fn compact(&mut self, slots: &mut (impl AnySlots + Rearrange)) {
        let entries = &self.entries;
        let compaction = self.order.compact(|at| {
            let entry = entries[slots.slot(at).head.key()].as_ref();
            entry.map_or(0, |entry| entry.group)
        });
        if compaction.apply(slots) {
            self.renumber(slots);
        }
    }

    fn renumber(&mut self, slots: &dyn AnySlots) {
        for (at, serial) in self.order.renumber().iter().enumerate() {
            if let Some(entry) = &mut self.entries[slots.slot(at).head.key()] {
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
    pub(crate) fn checked_positions(&self, slots: &dyn AnySlots) -> Vec<u32> {
        if self.off_fast_path == 0 || self.off_fast_path == self.connected() {
            return Vec::new();
        }
        let positions = 0..u32::try_from(self.order.len()).expect("positions have 32 bits");
        let checked = positions.filter(|&at| !slots.slot(at as usize).is_fast_path());
        checked.collect()
    }

    #[inline]
    pub(crate) fn has_weak(&self) -> bool {
        self.weak > 0
    }

    /// Whether no slot is connected, or `None` if only a look at the objects can tell, because all slots are weak.
    pub(crate) fn known_to_be_empty(&self) -> Option<bool> {
        match self.connected() {
            0 => Some(true),
            slots if slots > self.weak => Some(false),
            _ => self.all_expired.then_some(true),
        }
    }

    /// The number of slots that have an entry, expired or not.
    pub(crate) fn connected(&self) -> usize {
        self.entries.len() - self.reserved
    }

    /// All positions, if some slots are weak: tombstones count as slots that need no object.
    fn positions_to_look_at(&self) -> Range<usize> {
        0..if self.has_weak() { self.order.len() } else { 0 }
    }

    /// The slots that have expired and still have an entry. Only [some](Self::list_some_expired) if the signal is
    /// blocked: then every emission asks.
    pub(crate) fn list_expired(&mut self, slots: &dyn AnySlots) -> Vec<Connection> {
        if self.is_blocked_as_a_whole() {
            return self.list_some_expired(slots);
        }
        let slots = self.positions_to_look_at().map(|at| slots.slot(at));
        let expired = slots.filter(SlotView::is_expired);
        expired.map(|slot| slot.head.key()).collect()
    }

    /// Looks for expired slots in a part of the list. The next time, it goes on from there, so that the work is
    /// a constant for each connect, and all slots are looked at sooner or later. All of a few are looked at
    /// each time. As long as expired slots are found, it goes on: removing them was paid for when they were
    /// connected.
    pub(crate) fn list_some_expired(&mut self, slots: &dyn AnySlots) -> Vec<Connection> {
        let mut found = Vec::new();
        let (mut left, mut more) = (self.order.len(), LOOKED_AT);
        while left > 0 && more > 0 {
            self.sweep_from = wrapped(self.sweep_from, self.order.len());
            let slot = slots.slot(self.sweep_from);
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

    /// Whether a slot is connected whose object is alive, if all slots are weak.
    ///
    /// The search begins at the slot that answered the last time. So it passes a slot that has expired once,
    /// more or less, and not each time.
    pub(crate) fn find_object(&mut self, slots: &dyn AnySlots) -> bool {
        let mut all_expired = true;
        for _ in 0..self.order.len() {
            self.object_at = wrapped(self.object_at, self.order.len());
            let slot = slots.slot(self.object_at);
            match slot.presence() {
                Presence::Present if slot.is_weak() => return true,
                Presence::Awaited => all_expired = false,
                _ => {}
            }
            self.object_at += 1;
        }
        self.all_expired = all_expired;
        false
    }

    pub(crate) fn contains(&self, key: Connection, slots: &dyn AnySlots) -> bool {
        self.find_alive(key, slots).is_some()
    }

    pub(crate) fn len(&self, slots: &dyn AnySlots) -> usize {
        let slots = self.positions_to_look_at().map(|at| slots.slot(at));
        self.connected() - slots.filter(|slot| !slot.is_present()).count()
    }

    /// Blocks a slot once more.
    pub(crate) fn block(&mut self, key: Connection, slots: &dyn AnySlots) -> Blocked {
        let Some(at) = self.find_alive(key, slots) else {
            return Blocked::NotConnected;
        };
        let head = slots.slot(at).head;
        let was_blocked = head.is_blocked();
        if !head.block() {
            return Blocked::TooOften;
        }
        self.blocked_slots += usize::from(!was_blocked);
        Blocked::Once
    }

    pub(crate) fn unblock(&mut self, key: Connection, slots: &dyn AnySlots) {
        // Expired or not: no block may stay behind on a slot that is still called.
        let Some(at) = self.find(key) else { return };
        let head = slots.slot(at).head;
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

    #[inline]
    pub(crate) fn is_blocked_as_a_whole(&self) -> bool {
        self.signal_blocks > 0
    }

    pub(crate) fn is_blocked(&self, key: Connection, slots: &dyn AnySlots) -> bool {
        self.find_alive(key, slots)
            .is_some_and(|at| self.is_passed_over(slots.slot(at)))
    }

    fn is_passed_over(&self, slot: SlotView<'_>) -> bool {
        self.signal_blocks > 0 || slot.is_blocked()
    }

    /// Describes each slot, in call order if the table is compact.
    pub(crate) fn slots(&self, slots: &dyn AnySlots) -> Vec<SlotInfo> {
        (0..self.order.len())
            .filter_map(|at| self.info(slots.slot(at)))
            .collect()
    }

    fn info(&self, slot: SlotView<'_>) -> Option<SlotInfo> {
        let connection = slot.head.key();
        let entry = self.entries.get(connection)?.as_ref()?;
        slot.is_present().then(|| SlotInfo {
            connection,
            group: entry.group,
            calls_left: slot.head.calls_left(),
            blocked: self.is_passed_over(slot),
            weak: slot.is_weak(),
            missed: slot.missed(),
            location: entry.location,
        })
    }
}
