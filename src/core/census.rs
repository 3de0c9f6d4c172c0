//! What threads learn about a signal without its lock: whether a slot is connected.

use crate::core::slot::Witness;
use crate::sync::{AtomicU32, CellArc, Ordering, SnapshotCell};

/// Whether slots are connected, as far as that is known without a look at the objects of weak slots.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Occupancy {
    Empty,
    /// All slots are weak, and may have expired.
    OnlyWeak,
    Occupied,
}

/// Written under the lock of the signal's state, and read without it.
pub(crate) struct Census {
    /// An [`Occupancy`].
    occupancy: AtomicU32,
    /// The object of a connected slot. `None` if none is known.
    witness: SnapshotCell<Witness>,
}

impl Census {
    pub(crate) fn new() -> Self {
        Self {
            occupancy: AtomicU32::new(Occupancy::Empty as u32),
            witness: SnapshotCell::new(),
        }
    }

    /// Whether no slot is connected, or `None` if all slots are weak and no object is known to be alive.
    ///
    /// Acquire pairs with the release in [`set_occupancy`](Self::set_occupancy): whoever learns of a change
    /// this way sees what the other thread did before it. A witness is connected when it is loaded. If its object
    /// is alive after that, it was alive then.
    pub(crate) fn is_empty(&self) -> Option<bool> {
        const EMPTY: u32 = Occupancy::Empty as u32;
        const OCCUPIED: u32 = Occupancy::Occupied as u32;
        match self.occupancy.load(Ordering::Acquire) {
            EMPTY => Some(true),
            OCCUPIED => Some(false),
            _ => {
                let witness = self.witness.load();
                let witness = witness.as_deref();
                let is_alive = witness.is_some_and(|witness| witness.0.is_owned());
                is_alive.then_some(false)
            }
        }
    }

    pub(crate) fn set_occupancy(&self, occupancy: Occupancy) {
        self.occupancy.store(occupancy as u32, Ordering::Release);
    }

    #[inline(never)] // for the size of a user's program
    pub(crate) fn set_witness(&self, witness: Option<Witness>) {
        self.witness.store(witness.map(CellArc::new));
    }
}
