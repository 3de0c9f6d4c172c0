//! Which changes replace the list of slots by a copy, so that emissions do not have to wait for them.

use crate::core::table::SlotTable;

/// How many changes copy the list after an emission has had to wait.
pub(crate) const COPIES: u8 = 100;

/// How many slots such a list has at most. Copies of longer ones would make changes slow.
pub(crate) const COPIED_SLOTS: usize = 64;

/// How many more changes copy the list.
pub(crate) struct Copies(pub(crate) u8);

impl Copies {
    /// An emission has had to wait for the lock: more emissions are likely, and more changes.
    pub(crate) fn expect_more(&mut self) {
        self.0 = COPIES;
    }

    /// Whether a change leaves the list in the cell until a copy takes its place. If so, it counts.
    ///
    /// The table is already as the change leaves it, or still has slots that it removes. The signal must have slots
    /// before the change and after it, for whether it is empty is known before the copy is published: with two, it has.
    /// Nor may slots be weak: the emission that finds the cell empty looks for those that have expired.
    #[inline(never)] // for the size of a user's program
    pub(crate) fn take_one(&mut self, table: &SlotTable) -> bool {
        let copies = self.0 > 0
            && (2..=COPIED_SLOTS).contains(&table.connected())
            && !table.has_weak()
            && !table.is_blocked_as_a_whole();
        self.0 -= u8::from(copies);
        copies
    }
}
