//! The order of a signal's slots, and which of them is at which position of the list.
//!
//! Every slot has a [`Rank`], and slots are called in ascending order of rank. The order knows the rank at
//! each position of the list, so a slot is found by a binary search for its rank. Usually even that is
//! unnecessary: slots move only when the list is compacted, and until then each is at the position at
//! which it was put.
//!
//! Connecting appends to the list, wherever the slot belongs. Disconnecting leaves a tombstone. Before
//! the list is published or shown, it is compacted: the tombstones are removed, and if slots were
//! appended out of order, all are sorted.

use smallvec::SmallVec;

/// Where a slot belongs in the order of calls. No two slots of a signal have the same rank.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Rank {
    pub(crate) group: i32,
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

#[derive(Default)]
pub(crate) struct Order {
    /// The rank of the slot at each position of the list, including slots that have left.
    ranks: Vec<Rank>,
    /// How many of `ranks`, from the front, are in ascending order.
    sorted: usize,
    /// The positions of tombstones.
    tombstones: Positions,
    /// How many slots were ever connected.
    connected: i64,
}

fn narrow(position: usize) -> u32 {
    u32::try_from(position).expect("at most 2^31 slots are connected at a time")
}

impl Order {
    /// The number of positions, tombstones included.
    pub(crate) fn len(&self) -> usize {
        self.ranks.len()
    }

    /// Appends a slot of a group, after those that are in the group or, if it is to be `first`, before
    /// them. Returns its rank and its position.
    #[inline]
    pub(crate) fn push(&mut self, group: i32, first: bool) -> (Rank, u32) {
        self.connected += 1;
        let turn = if first {
            -self.connected
        } else {
            self.connected
        };
        let rank = Rank::new(group, turn);
        let position = self.ranks.len();
        if self.sorted == position && self.ranks.last().is_none_or(|last| *last < rank) {
            self.sorted += 1;
        }
        self.ranks.push(rank);
        (rank, narrow(position))
    }

    /// The position of the slot with this rank, which has not left. `put` is where it was put.
    pub(crate) fn find(&self, rank: Rank, put: u32) -> usize {
        let put = put as usize;
        if self.ranks.get(put) == Some(&rank) {
            return put;
        }
        self.ranks[..self.sorted]
            .binary_search(&rank)
            .expect("slots that have moved are sorted")
    }

    /// Makes a position a tombstone or, if it is the last, removes it.
    pub(crate) fn remove(&mut self, at: usize) {
        if at + 1 == self.ranks.len() {
            // Those connected last are often the first to leave.
            self.ranks.pop();
            self.sorted = self.sorted.min(at);
        } else {
            self.tombstones.push(narrow(at));
        }
    }

    /// Removes all positions.
    pub(crate) fn clear(&mut self) {
        self.ranks.clear();
        self.sorted = 0;
        self.tombstones.clear();
    }

    /// Whether more than half of the positions are tombstones.
    pub(crate) fn is_sparse(&self) -> bool {
        self.tombstones.len() > self.ranks.len() / 2
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
