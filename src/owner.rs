//! What slots and handles know of the signal or registry that they belong to: enough to leave it,
//! and nothing of its types.

use std::sync::Weak;

use crate::keys::Connection;

/// Whatever can disconnect what it handed out the key `K` for.
pub(crate) trait Owner<K>: Send + Sync {
    /// Disconnects what `key` refers to and drops it. Runs user code, so no lock may be held.
    /// Returns whether this call disconnected it.
    fn disconnect(&self, key: K) -> bool;
}

/// What a slot knows of its signal.
pub(crate) type SlotOwner = Weak<dyn Owner<Connection>>;

/// What a guard that blocks slots does to their signal when it is dropped.
pub(crate) trait Unblock: Send + Sync {
    /// Takes back one block of a slot.
    fn unblock(&self, key: Connection);

    /// Takes back one block of the whole signal.
    fn unblock_all(&self);
}
