//! How slots and handles refer to the signal or registry that they belong to: through traits that let
//! them leave it, without its types.

use std::sync::Arc;

use crate::keys::Connection;

/// A signal or registry, which can disconnect what a key of type `K` refers to.
pub(crate) trait Owner<K>: Send + Sync {
    /// Disconnects what `key` refers to, and drops it. This runs user code, so no lock may be held.
    /// Returns whether this call disconnected it.
    fn disconnect(&self, key: K) -> bool;
}

/// A signal or registry, as a scoped handle sees it. A trait of its own, so that only types of signals with
/// scoped slots have the code for it.
pub(crate) trait ScopedOwner<K>: Owner<K> {
    /// Whether what `key` refers to is connected. Or it was when the signal was dropped, and an emission in progress may
    /// still call it.
    fn can_leave(&self, key: K) -> bool;
}

/// The reference of a list of slots to its signal. `None` for a list that never has slots.
pub(crate) type SlotOwner = Option<Arc<dyn Owner<Connection>>>;

/// A signal, as the guards that block its slots see it when they are dropped.
pub(crate) trait Unblock: Send + Sync {
    /// Removes one block of a slot.
    fn unblock(&self, key: Connection);

    /// Removes one block of the whole signal.
    fn unblock_all(&self);
}
