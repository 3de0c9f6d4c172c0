//! How slots and handles refer to the signal that they belong to: through traits that let them leave it,
//! without its types.

use alloc::rc::Rc;

use crate::keys::Connection;

/// A signal, as its slots see it.
pub(crate) trait Owner {
    /// Disconnects a slot, and drops it. This runs user code, so nothing may be borrowed. Returns whether this
    /// call disconnected it.
    fn disconnect(&self, key: Connection) -> bool;
}

/// A signal, as a scoped handle sees it. A trait of its own, so that only types of signals with scoped slots have
/// the code for it.
pub(crate) trait ScopedOwner: Owner {
    /// Whether the slot is connected. Or it was when the signal was dropped, and an emission in progress may
    /// still call it.
    fn can_leave(&self, key: Connection) -> bool;
}

/// The reference of a list of slots to its signal. `None` for a list that never has slots.
pub(crate) type SlotOwner = Option<Rc<dyn Owner>>;

/// A signal, as the guards that block its slots see it when they are dropped.
pub(crate) trait Unblock {
    /// Removes one block of a slot.
    fn unblock(&self, key: Connection);

    /// Removes one block of the whole signal.
    fn unblock_all(&self);
}
