//! The order of a signal's slots, and which of them is at which position of the list.
//!
//! Every slot has a [`Serial`]. The serials ascend along the list, so a slot is found by a binary search.
//! Usually even that is unnecessary: unless a slot between the first one and it has been removed, it is
//! as far from the first one as their serials are apart.
//!
//! Connecting appends to the list, wherever the slot belongs. Disconnecting leaves a tombstone. Before
//! the list is published or shown, it is compacted: the tombstones are removed, and if slots were
//! appended out of order, all are sorted and get new serials.

use alloc::vec;
use alloc::vec::Vec;
use core::num::NonZeroU32;

use smallvec::SmallVec;

/// Numbers the slots of a list in ascending order.
pub(crate) type Serial = NonZeroU32;

/// A list whose items can be moved, whatever they are. In terms that take little code for each type of item.
pub(crate) trait Rearrange {
    /// Removes the items at these few positions, which are in ascending order.
    fn remove_each(&mut self, positions: &[u32]);

    /// Swaps the items at these pairs of positions, one pair after the other.
    fn swap_each(&mut self, swaps: &[(u32, u32)]);

    /// Removes all items but the first `length`.
    fn truncate(&mut self, length: usize);
}

impl<T> Rearrange for Vec<T> {
    fn remove_each(&mut self, positions: &[u32]) {
        for &at in positions.iter().rev() {
            self.remove(at as usize);
        }
    }

    fn swap_each(&mut self, swaps: &[(u32, u32)]) {
        for &(one, other) in swaps {
            self.swap(one as usize, other as usize);
        }
    }

    fn truncate(&mut self, length: usize) {
        self.truncate(length);
    }
}

/// How to make a list compact.
pub(crate) enum Compaction {
    /// Remove the tombstones at these few positions, which are in ascending order.
    Remove(Positions),
    /// Swap these pairs of slots, one after the other. Then the first `length` are in call order, and the
    /// rest are tombstones.
    Swap {
        swaps: Vec<(u32, u32)>,
        length: usize,
        /// Whether the slots then have to be [numbered](Order::renumber) anew.
        renumber: bool,
    },
}

impl Compaction {
    /// Makes the list compact. Returns whether the slots then have to be [numbered](Order::renumber) anew.
    pub(crate) fn apply(&self, list: &mut (impl Rearrange + ?Sized)) -> bool {
        match self {
            Self::Remove(tombstones) => {
                list.remove_each(tombstones);
                false
            }
            Self::Swap {
                swaps,
                length,
                renumber,
            } => {
                list.swap_each(swaps);
                list.truncate(*length);
                *renumber
            }
        }
    }
}

/// Up to this many tombstones are removed one at a time, each shifting everything behind it. With more, one
/// pass is faster.
const FEW: usize = 8;

/// Positions in a list, a few of them usually.
type Positions = SmallVec<[u32; FEW]>;

#[derive(Default)]
pub(crate) struct Order {
    /// The serial of the slot at each position of the list, including slots that have left.
    serials: Vec<Serial>,
    /// The last serial that was given to a slot.
    last: u32,
    /// The length of the prefix of the list that is in call order.
    sorted: usize,
    /// The serials, ascending, of the slots at positions `sorted..` that were connected with `first`.
    firsts: Vec<Serial>,
    /// No slot is in a higher group.
    highest_group: i32,
    /// The positions of tombstones.
    tombstones: Vec<u32>,
}

#[inline]
fn narrow(position: usize) -> u32 {
    u32::try_from(position).expect("at most 2^31 slots are connected at a time")
}

impl Order {
    /// The number of positions, tombstones included.
    pub(crate) fn len(&self) -> usize {
        self.serials.len()
    }

    /// Appends a slot of a group. It goes after those that are in the group or, if it is to be `first`,
    /// before them.
    #[inline]
    pub(crate) fn push(&mut self, group: i32, first: bool) -> Serial {
        self.last += 1;
        let serial = Serial::new(self.last).expect("serials begin with 1");
        let length = self.serials.len();
        if length == 0 || (self.sorted == length && !first && group >= self.highest_group) {
            self.sorted += 1;
            self.highest_group = group;
        } else {
            self.highest_group = self.highest_group.max(group);
            if first {
                self.firsts.push(serial);
            }
        }
        self.serials.push(serial);
        serial
    }

    /// The position of a slot that has not left.
    #[inline]
    pub(crate) fn find(&self, serial: Serial) -> usize {
        let distance = (serial.get() - self.serials[0].get()) as usize;
        if self.serials.get(distance) == Some(&serial) {
            return distance;
        }
        self.serials
            .binary_search(&serial)
            .expect("the slot has not left")
    }

    /// Makes a position a tombstone or, if it is the last, removes it.
    #[inline]
    pub(crate) fn remove(&mut self, at: usize) {
        if at + 1 < self.serials.len() {
            self.tombstones.push(narrow(at));
            return;
        }
        // The slots connected last are often the first to leave. Their serials are given again, so that
        // serials stay as close together as positions.
        let serial = self.serials.pop();
        self.last = serial.map_or(0, |serial| serial.get() - 1);
        self.sorted = self.sorted.min(at);
        if self.firsts.last().copied() == serial {
            self.firsts.pop();
        }
    }

    /// Removes all positions.
    pub(crate) fn clear(&mut self) {
        self.serials.clear();
        self.last = 0;
        self.sorted = 0;
        self.firsts.clear();
        self.tombstones.clear();
    }

    /// Whether the list has to be compacted before another slot is appended: more than half of the
    /// positions are tombstones, or all serials have been used.
    #[inline]
    pub(crate) fn needs_compaction(&self) -> bool {
        self.tombstones.len() > self.serials.len() / 2 || self.last == u32::MAX
    }

    /// Whether the list is in call order, without tombstones.
    #[inline]
    pub(crate) fn is_compact(&self) -> bool {
        self.tombstones.is_empty() && self.is_sorted()
    }

    /// Whether the slots are in call order, and serials are left for more.
    fn is_sorted(&self) -> bool {
        self.sorted == self.serials.len() && self.last != u32::MAX
    }

    /// Updates the positions to those of a compact list, and returns how to make the list compact.
    /// `group` returns the group of the slot at a position.
    pub(crate) fn compact(&mut self, group: impl Fn(usize) -> i32) -> Compaction {
        let is_sorted = self.is_sorted();
        self.sorted = self.serials.len() - self.tombstones.len();
        if is_sorted && self.tombstones.len() <= FEW {
            let mut tombstones: Positions = self.tombstones.drain(..).collect();
            tombstones.sort_unstable();
            self.serials.remove_each(&tombstones);
            return Compaction::Remove(tombstones);
        }
        let mut kept = vec![true; self.serials.len()];
        for at in self.tombstones.drain(..) {
            kept[at as usize] = false;
        }
        if is_sorted {
            let mut next = kept.iter();
            self.serials.retain(|_| next.next() == Some(&true));
            return Compaction::Swap {
                swaps: to_the_front(&kept),
                length: self.sorted,
                renumber: false,
            };
        }
        let mut order: Vec<u32> = (0..narrow(kept.len())).collect();
        order.sort_by_cached_key(|&at| {
            let at = at as usize;
            let serial = self.serials[at];
            // The latest of those that go first comes before the others.
            let is_first = self.firsts.binary_search(&serial).is_ok();
            let turn = i64::from(serial.get());
            let turn = if is_first { -turn } else { turn };
            // `Err` sorts last: tombstones go to the end.
            kept[at].then(|| (group(at), turn)).ok_or("a tombstone")
        });
        let last = order[..self.sorted].last();
        self.highest_group = last.map_or(i32::MIN, |&at| group(at as usize));
        self.firsts.clear();
        self.serials.truncate(self.sorted);
        Compaction::Swap {
            length: self.sorted,
            swaps: swaps(order),
            renumber: true,
        }
    }

    /// Numbers the slots anew, once they have been [rearranged](Compaction::apply).
    pub(crate) fn renumber(&mut self) -> &[Serial] {
        self.last = 0;
        for serial in &mut self.serials {
            self.last += 1;
            *serial = Serial::new(self.last).expect("serials begin with 1");
        }
        &self.serials
    }

    /// Uses up all serials but `left`.
    #[cfg(test)]
    pub(crate) fn exhaust(&mut self, left: u32) {
        self.last = u32::MAX - left;
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

/// The swaps that bring the items that are kept to the front, in order.
fn to_the_front(kept: &[bool]) -> Vec<(u32, u32)> {
    let mut swaps = Vec::with_capacity(kept.len());
    let kept = (0..narrow(kept.len())).filter(|&at| kept[at as usize]);
    swaps.extend((0..).zip(kept).filter(|(to, from)| to < from));
    swaps
}

#[cfg(all(test, feature = "std", not(smoke_signal_loom)))]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::{Rearrange, swaps, to_the_front};

    fn permutations() -> impl Strategy<Value = Vec<u32>> {
        (0..40_u32).prop_flat_map(|length| Just(Vec::from_iter(0..length)).prop_shuffle())
    }

    proptest! {
        #[test]
        fn swaps_bring_a_list_into_any_order(order in permutations()) {
            let mut items = Vec::from_iter(0..order.len());
            items.swap_each(&swaps(order.clone()));
            let expected: Vec<_> = order.iter().map(|&at| at as usize).collect();
            prop_assert_eq!(items, expected);
        }

        #[test]
        fn one_by_one_or_in_one_pass_the_same_is_removed(kept in vec(any::<bool>(), 0..60)) {
            let positions = (0..).zip(&kept).filter(|(_, kept)| !**kept);
            let positions: Vec<u32> = positions.map(|(at, _)| at).collect();
            let mut removed = Vec::from_iter(0..kept.len());
            removed.remove_each(&positions);
            let mut swapped = Vec::from_iter(0..kept.len());
            swapped.swap_each(&to_the_front(&kept));
            let expected: Vec<_> = (0..kept.len()).filter(|&at| kept[at]).collect();
            swapped.truncate(expected.len());
            prop_assert_eq!(removed, expected.clone());
            prop_assert_eq!(swapped, expected);
        }
    }
}
