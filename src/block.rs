//! The guard that blocks slots.

use std::fmt;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::Weak;

use crate::Connection;
use crate::core::Guarded;

/// A guard that blocks a slot, or every slot of a signal, until it is dropped. Created by
/// [`Signal::block`](crate::Signal::block) and [`Signal::block_all`](crate::Signal::block_all).
///
/// If several guards block a slot, it is called again when the last of them is dropped, at its old
/// place. A blocked slot stays connected, and its call budget is unchanged.
///
/// The guard has no lifetime and no type parameter, and is `Send` and `Sync`. It does not keep its
/// signal alive. If the slot or the signal is gone, it does nothing.
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
    core: Weak<dyn Guarded>,
    /// `None`: the whole signal.
    connection: Option<Connection>,
}

impl BlockGuard {
    pub(crate) fn new(core: Weak<dyn Guarded>, connection: Option<Connection>) -> Self {
        Self { core, connection }
    }
}

impl Drop for BlockGuard {
    fn drop(&mut self) {
        match (self.core.upgrade(), self.connection) {
            (Some(core), Some(connection)) => core.unblock(connection),
            (Some(core), None) => core.unblock_all(),
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
