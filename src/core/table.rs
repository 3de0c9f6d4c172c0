//! The bookkeeping of a signal's slots: their keys, order and positions, and what they ask before
//! they are called.
//!
//! It knows nothing about arguments, results or closures, so it is compiled once, in this crate, and not
//! for every type of signal. It does not hold the slots either: they are in the list that emissions
//! read. Methods that have to look at a slot take the list as a parameter.
//!
//! # Positions
//!
//! Every slot has a [`Rank`], and slots are called in ascending order of rank. `ranks` has the rank of
//! each position of the list, so a slot is found by a binary search for its rank. Usually even that is
//! unnecessary: slots move only when the list is compacted, and each entry remembers the position at
//! which its slot was put.
//!
//! Connecting appends to the list, wherever the slot belongs. Disconnecting leaves a tombstone. Before
//! the list is published or shown, it is compacted: the tombstones are removed, and if slots were
//! appended out of order, all are sorted.

use std::collections::BTreeSet;
use std::panic::Location;

use slotmap::SlotMap;
use smallvec::SmallVec;

use crate::core::completion::Completion;
use crate::core::list::AnyList;
use crate::core::slot::SlotView;
use crate::keys::Connection;
use crate::slot_info::SlotInfo;
use crate::sync::CellArc;

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

/// Where a slot belongs in the order of calls. No two slots of a signal have the same rank.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    group: i32,
    /// Counts the slots ever connected, downwards from zero for those connected with `first`. In two
    /// halves, so that a rank takes 12 bytes and not 16.
    turn: (i32, u32),
}

impl Rank {
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the two halves of a number"
    )]
    fn new(group: i32, turn: i64) -> Self {
        Self {
            group,
            turn: ((turn >> 32) as i32, turn as u32),
        }
    }
}

/// What is known about a connected slot.
struct Entry {
    rank: Rank,
    /// The position at which its slot was put. It may have moved towards the front since.
    hint: u32,
    location: &'static Location<'static>,
}

/// How to make a list compact.
pub(crate) enum Compaction {
    /// Remove the tombstones at these few positions, which are in ascending order.
    Remove(Positions),
    /// Keep the slots for which this says `true`. The others are tombstones.
    Retain(Vec<bool>),
    /// Swap these pairs of slots, one after the other. Then the first `length` are in call order, and the
    /// rest are tombstones.
    Reorder {
        swaps: Vec<(u32, u32)>,
        length: usize,
    },
}

/// As many tombstones are removed one by one, each by a move of everything behind it. With more, one pass
/// is faster.
const FEW: usize = 8;

/// Positions in a list, a few of them usually.
type Positions = SmallVec<[u32; FEW]>;

pub(crate) struct SlotTable {
    /// `None`: the key is reserved for a slot that is yet to be created.
    entries: SlotMap<Connection, Option<Entry>>,
    /// How many of `entries` are `None`.
    reserved: usize,
    /// The rank of the slot at each position of the list, including slots that have left.
    ranks: Vec<Rank>,
    /// How many of `ranks`, from the front, are in ascending order.
    sorted: usize,
    /// The positions of tombstones.
    tombstones: Positions,
    /// How many slots were ever connected.
    connected: i64,
    /// The slots that may expire.
    weak: BTreeSet<Connection>,
    /// How many slots are not [unconditional](SlotView::is_unconditional).
    conditional: usize,
    /// How many slots are blocked.
    blocked: usize,
    /// How many guards block the signal as a whole.
    blocks: usize,
    /// The waitable slots that have left and may still be running.
    leaving: Vec<(Connection, CellArc<Completion>)>,
}

fn narrow(position: usize) -> u32 {
    u32::try_from(position).expect("at most 2^31 slots are connected at a time")
}

impl SlotTable {
    #[inline(never)] // or every type of signal would have a copy
    pub(crate) fn new() -> Self {
        Self {
            entries: SlotMap::with_key(),
            reserved: 0,
            ranks: Vec::new(),
            sorted: 0,
            tombstones: Positions::new(),
            connected: 0,
            weak: BTreeSet::new(),
            conditional: 0,
            blocked: 0,
            blocks: 0,
            leaving: Vec::new(),
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
        let entry = self.entry(options);
        let key = self.entries.insert(Some(entry));
        self.appended(key, slot);
        key
    }

    /// Enters a slot, which is about to be appended to the list, under a reserved key.
    pub(crate) fn commit(&mut self, key: Connection, options: SlotOptions, slot: SlotView<'_>) {
        let entry = self.entry(options);
        self.entries[key] = Some(entry);
        self.reserved -= 1;
        self.appended(key, slot);
    }

    /// Takes the next position.
    #[inline]
    fn entry(&mut self, options: SlotOptions) -> Entry {
        self.connected += 1;
        let turn = if options.first {
            -self.connected
        } else {
            self.connected
        };
        let rank = Rank::new(options.group, turn);
        let position = self.ranks.len();
        if self.sorted == position && self.ranks.last().is_none_or(|last| *last < rank) {
            self.sorted += 1;
        }
        self.ranks.push(rank);
        Entry {
            rank,
            hint: narrow(position),
            location: options.location,
        }
    }

    #[inline]
    fn appended(&mut self, key: Connection, slot: SlotView<'_>) {
        slot.head.assign(key);
        self.conditional += usize::from(!slot.is_unconditional());
        if let Some(conditions) = slot.conditions {
            conditions.assign(key);
            if conditions.is_weak() {
                self.weak.insert(key);
            }
        }
    }

    fn position(&self, entry: &Entry) -> usize {
        let hint = entry.hint as usize;
        if self.ranks.get(hint) == Some(&entry.rank) {
            return hint;
        }
        self.ranks[..self.sorted]
            .binary_search(&entry.rank)
            .expect("slots that have moved are sorted")
    }

    /// The position of a connected slot, expired or not.
    fn find(&self, key: Connection) -> Option<usize> {
        let entry = self.entries.get(key)?.as_ref()?;
        Some(self.position(entry))
    }

    /// The position of a slot that is connected and has not expired.
    fn find_alive(&self, key: Connection, list: &dyn AnyList) -> Option<usize> {
        let at = self.find(key)?;
        let expired = self.weak.contains(&key) && list.slot(at).is_expired();
        (!expired).then_some(at)
    }

    /// Removes the entry of a slot and returns the slot's position. The list must get a tombstone there, or,
    /// if the slot is the last, end there. If no slot is left, the list must be emptied.
    pub(crate) fn remove(&mut self, key: Connection) -> Option<usize> {
        let entry = self.entries.get_mut(key)?.take()?;
        self.entries.remove(key);
        let at = self.position(&entry);
        if at + 1 == self.ranks.len() {
            // The slots connected last are often the first to leave.
            self.ranks.pop();
            self.sorted = self.sorted.min(at);
        } else {
            self.tombstones.push(narrow(at));
        }
        if self.is_empty() {
            self.clear_positions();
        }
        Some(at)
    }

    /// No slot is connected, not even an expired one.
    pub(crate) fn is_empty(&self) -> bool {
        self.entries.len() == self.reserved
    }

    fn clear_positions(&mut self) {
        self.ranks.clear();
        self.sorted = 0;
        self.tombstones.clear();
    }

    /// Removes the entries of all slots.
    pub(crate) fn remove_all(&mut self) {
        self.entries.retain(|_, entry| entry.is_none());
        self.clear_positions();
    }

    /// Removes the entries of all slots because the signal is dropped. They do not count as disconnected.
    /// Guards may still block the signal as a whole, and unblock it when they are dropped.
    pub(crate) fn close(&mut self) {
        self.remove_all();
        self.weak.clear();
        self.conditional = 0;
        self.blocked = 0;
    }

    /// Forgets a slot whose entry has been removed, and marks it for emissions in progress.
    pub(crate) fn disconnected(&mut self, slot: SlotView<'_>) {
        let key = slot.head.key();
        self.conditional -= usize::from(!slot.is_unconditional());
        self.blocked -= usize::from(slot.head.is_blocked());
        slot.head.mark_disconnected();
        if let Some(conditions) = slot.conditions {
            if conditions.is_weak() {
                self.weak.remove(&key);
            }
            if let Some(completion) = conditions.completion() {
                self.leaving
                    .retain(|(_, completion)| !completion.is_complete());
                self.leaving.push((key, CellArc::clone(completion)));
            }
        }
    }

    /// Whether the list is in call order, without tombstones.
    pub(crate) fn is_compact(&self) -> bool {
        self.tombstones.is_empty() && self.sorted == self.ranks.len()
    }

    /// Updates the positions to those of a compact list, and returns how to make the list compact.
    pub(crate) fn compact(&mut self) -> Compaction {
        let is_sorted = self.sorted == self.ranks.len();
        self.sorted = self.ranks.len() - self.tombstones.len();
        if is_sorted && self.tombstones.len() <= FEW {
            let mut tombstones: Positions = self.tombstones.drain(..).collect();
            tombstones.sort_unstable();
            remove_positions(&mut self.ranks, &tombstones);
            return Compaction::Remove(tombstones);
        }
        let mut kept = vec![true; self.ranks.len()];
        for at in self.tombstones.drain(..) {
            kept[at as usize] = false;
        }
        if is_sorted {
            retain_positions(&mut self.ranks, &kept);
            return Compaction::Retain(kept);
        }
        let mut order: Vec<u32> = (0..narrow(self.ranks.len())).collect();
        order.sort_by_key(|&at| (!kept[at as usize], self.ranks[at as usize]));
        let length = self.sorted;
        self.ranks = order[..length]
            .iter()
            .map(|&at| self.ranks[at as usize])
            .collect();
        Compaction::Reorder {
            swaps: swaps(order),
            length,
        }
    }

    /// Whether more than half of the positions are tombstones.
    pub(crate) fn is_sparse(&self) -> bool {
        self.tombstones.len() > self.ranks.len() / 2
    }

    /// Whether every slot may be called without asking it.
    pub(crate) fn is_fast_path(&self) -> bool {
        self.conditional == 0 && self.blocked == 0
    }

    pub(crate) fn has_weak(&self) -> bool {
        !self.weak.is_empty()
    }

    fn expired(&self, list: &dyn AnyList) -> impl Iterator<Item = Connection> {
        self.weak
            .iter()
            .copied()
            .filter(|&key| self.find(key).is_some_and(|at| list.slot(at).is_expired()))
    }

    /// The slots that have expired and still have an entry.
    pub(crate) fn list_expired(&self, list: &dyn AnyList) -> Vec<Connection> {
        self.expired(list).collect()
    }

    pub(crate) fn contains(&self, key: Connection, list: &dyn AnyList) -> bool {
        self.find_alive(key, list).is_some()
    }

    pub(crate) fn len(&self, list: &dyn AnyList) -> usize {
        self.entries.len() - self.reserved - self.expired(list).count()
    }

    /// Whether the slot, if it is connected, can be waited for.
    pub(crate) fn is_waitable(&self, key: Connection, list: &dyn AnyList) -> Option<bool> {
        let slot = list.slot(self.find_alive(key, list)?);
        Some(slot.conditions.is_some_and(|c| c.completion().is_some()))
    }

    /// The completion of a waitable slot that has left.
    pub(crate) fn completion(&self, key: Connection) -> Option<CellArc<Completion>> {
        let mut leaving = self.leaving.iter();
        let (_, completion) = leaving.find(|(left, _)| *left == key)?;
        Some(CellArc::clone(completion))
    }

    /// Blocks a slot once more. Calls `leave_fast_path` before the slot is marked, because an emission that
    /// has found it blocked must not call it afterwards without asking it. Returns whether it is connected.
    pub(crate) fn block(
        &mut self,
        key: Connection,
        list: &dyn AnyList,
        leave_fast_path: impl FnOnce(),
    ) -> bool {
        let Some(at) = self.find_alive(key, list) else {
            return false;
        };
        let head = list.slot(at).head;
        self.blocked += usize::from(!head.is_blocked());
        leave_fast_path();
        head.block();
        true
    }

    pub(crate) fn unblock(&mut self, key: Connection, list: &dyn AnyList) {
        // Expired or not: no block may stay behind on a slot that is still called.
        let Some(at) = self.find(key) else { return };
        let head = list.slot(at).head;
        head.unblock();
        self.blocked -= usize::from(!head.is_blocked());
    }

    /// Blocks the whole signal once more.
    pub(crate) fn block_all(&mut self) {
        self.blocks += 1;
    }

    pub(crate) fn unblock_all(&mut self) {
        self.blocks -= 1;
    }

    pub(crate) fn is_blocked_as_a_whole(&self) -> bool {
        self.blocks > 0
    }

    pub(crate) fn is_blocked(&self, key: Connection, list: &dyn AnyList) -> bool {
        self.find_alive(key, list)
            .is_some_and(|at| self.is_passed_over(list.slot(at)))
    }

    fn is_passed_over(&self, slot: SlotView<'_>) -> bool {
        self.blocks > 0 || slot.head.is_blocked()
    }

    /// The keys of the slots, in call order if the table is compact.
    pub(crate) fn connections(&self, list: &dyn AnyList) -> Vec<Connection> {
        let slots = self.slots(list);
        slots.into_iter().map(|slot| slot.connection).collect()
    }

    /// Describes each slot, in call order if the table is compact.
    pub(crate) fn slots(&self, list: &dyn AnyList) -> Vec<SlotInfo> {
        (0..self.ranks.len())
            .filter_map(|at| self.info(list.slot(at)))
            .collect()
    }

    fn info(&self, slot: SlotView<'_>) -> Option<SlotInfo> {
        let connection = slot.head.key();
        let entry = self.entries.get(connection)?.as_ref()?;
        (!slot.is_expired()).then(|| SlotInfo {
            connection,
            group: entry.rank.group,
            calls_left: slot.calls_left(),
            blocked: self.is_passed_over(slot),
            weak: slot.is_weak(),
            location: entry.location,
        })
    }
}

/// The swaps that bring a list into an order, given as the old positions of its items.
fn swaps(mut order: Vec<u32>) -> Vec<(u32, u32)> {
    let mut swaps = Vec::new();
    for start in 0..order.len() {
        // Each round of the inner loop puts one item where it belongs.
        let mut at = start;
        loop {
            let from = order[at] as usize;
            order[at] = narrow(at);
            if from == start {
                break;
            }
            swaps.push((narrow(at), narrow(from)));
            at = from;
        }
    }
    swaps
}

/// Removes the items at these few positions, which are in ascending order.
pub(crate) fn remove_positions<T>(items: &mut Vec<T>, positions: &[u32]) {
    for &at in positions.iter().rev() {
        items.remove(at as usize);
    }
}

/// Removes the items that are not kept.
pub(crate) fn retain_positions<T>(items: &mut Vec<T>, kept: &[bool]) {
    let mut kept = kept.iter();
    items.retain(|_| kept.next() == Some(&true));
}

#[cfg(all(test, not(smoke_signal_loom)))]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::{remove_positions, retain_positions, swaps};

    fn permutations() -> impl Strategy<Value = Vec<u32>> {
        (0..40_u32).prop_flat_map(|length| Just(Vec::from_iter(0..length)).prop_shuffle())
    }

    proptest! {
        #[test]
        fn swaps_bring_a_list_into_any_order(order in permutations()) {
            let mut items = Vec::from_iter(0..order.len());
            for (one, other) in swaps(order.clone()) {
                items.swap(one as usize, other as usize);
            }
            let expected: Vec<_> = order.iter().map(|&at| at as usize).collect();
            prop_assert_eq!(items, expected);
        }

        #[test]
        fn one_by_one_or_in_one_pass_the_same_is_removed(kept in vec(any::<bool>(), 0..60)) {
            let positions = (0..).zip(&kept).filter(|(_, kept)| !**kept);
            let positions: Vec<u32> = positions.map(|(at, _)| at).collect();
            let mut removed = Vec::from_iter(0..kept.len());
            remove_positions(&mut removed, &positions);
            let mut retained = Vec::from_iter(0..kept.len());
            retain_positions(&mut retained, &kept);
            let expected: Vec<_> = (0..kept.len()).filter(|&at| kept[at]).collect();
            prop_assert_eq!(removed, expected.clone());
            prop_assert_eq!(retained, expected);
        }
    }
}
