//! The guard that keeps slots from being called.

use std::fmt;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::Weak;

use crate::keys::Connection;
use crate::owner::Unblock;

/// While it lives, a slot, or every slot of a signal, is passed over.
/// Made by [`Signal::block`](crate::Signal::block) and [`Signal::block_all`](crate::Signal::block_all).
///
/// Guards are counted: a slot is called again when the last of them has been dropped, in its old
/// place. A slot that is passed over stays connected, and its call budget is untouched.
///
/// The guard has no lifetime and no type parameter, and is `Send` and `Sync`. It holds its signal
/// weakly: where the slot or the signal has gone, it does nothing.
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
