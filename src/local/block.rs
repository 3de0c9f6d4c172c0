//! The guard that blocks slots.

use alloc::rc::Weak;
use core::fmt;
use core::panic::{RefUnwindSafe, UnwindSafe};

use crate::keys::Connection;
use crate::local::owner::Unblock;

/// A guard that blocks a slot, or every slot of a signal, until it is dropped. Created by
/// [`LocalSignal::block`](crate::LocalSignal::block) and
/// [`LocalSignal::block_all`](crate::LocalSignal::block_all).
///
/// If several guards block a slot, it is called again when the last of them is dropped, at its old
/// place. A blocked slot stays connected, and its call budget is unchanged.
///
/// The guard has no lifetime and no type parameter. It does not keep its signal alive. If the slot has left, or the
/// signal is gone and no emission of it is in progress, it does nothing.
///
/// ```
/// use smoke_signal::LocalSignal;
///
/// let value: LocalSignal<(i32,), i32> = LocalSignal::new();
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
