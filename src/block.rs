//! The guard that blocks slots.

use std::fmt;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::Weak;

use crate::keys::Connection;
use crate::owner::Unblock;

/// A guard that blocks a slot, or every slot of a signal, until it is dropped. Created by
/// [`Signal::block`](crate::Signal::block) and [`Signal::block_all`](crate::Signal::block_all).
///
/// If several guards block a slot, it is called again when the last of them is dropped, at its old
/// place. A blocked slot stays connected, and its call budget is unchanged.
///
/// The guard has no lifetime and no type parameter, and is `Send` and `Sync`. It does not keep its
/// signal alive. If the slot has left, or the signal is gone and no emission of it is in progress, it does
/// nothing.
///
/// ```
/// use smoke_signal::Signal;
///
/// let value: Signal<(i32,), i32> = Signal::new();
/// let slot = value.connect(|v| v);
/// {
///     let _guard = value.block(slot);
///     assert!(value.emit(1).is_empty());
/// }
/// assert_eq!(value.emit(2), [2]);
/// ```
#[must_use = "dropping it ends the block at once; bind it to a name"]
pub struct BlockGuard {
    signal: Weak<dyn Unblock>,
    /// `None`: the whole signal.
    connection: Option<Connection>,
}

impl BlockGuard {
    pub(crate) fn new(signal: Weak<dyn Unblock>, connection: Option<Connection>) -> Self {
        Self { signal, connection }
    }
}

impl Drop for BlockGuard {
    fn drop(&mut self) {
        match (self.signal.upgrade(), self.connection) {
            (Some(signal), Some(connection)) => signal.unblock(connection),
            (Some(signal), None) => signal.unblock_all(),
            (None, _) => {}
        }
    }
}

impl fmt::Debug for BlockGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_tuple("BlockGuard");
        if let Some(connection) = &self.connection {
            debug.field(connection);
        }
        debug.finish_non_exhaustive()
    }
}

// As its signal.
impl UnwindSafe for BlockGuard {}
impl RefUnwindSafe for BlockGuard {}
