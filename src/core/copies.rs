//! Which changes copy the list of slots although no emission holds it.

use crate::core::table::SlotTable;

/// How many changes do so after an emission has had to wait for one.
pub(crate) const COPIES: u8 = 100;

/// How many slots a list has at most for that. Copies of longer ones would make changes slow.
pub(crate) const COPIED_SLOTS: usize = 64;

/// How many more changes copy the list.
pub(crate) struct Copies(pub(crate) u8);

impl Copies {
    /// An emission has had to wait for a change: more of both are likely.
    pub(crate) fn expect_more(&mut self) {
        self.0 = COPIES;
    }

    /// Whether a change that has begun leaves the list in the cell until a copy takes its place.
    ///
    /// Not if the signal is, or was, without slots: whether it is empty is known before the copy is published. Nor if
    /// slots are weak: the emission that finds the cell empty looks for those that have expired.
    #[inline(never)] // for the size of a user's program
    pub(crate) fn take(&mut self, table: &SlotTable) -> bool {
        let copies = self.0 > 0
            && (2..=COPIED_SLOTS).contains(&table.connected())
            && !table.has_weak()
            && !table.is_blocked_as_a_whole();
        self.0 -= u8::from(copies);
        copies
    }
}
